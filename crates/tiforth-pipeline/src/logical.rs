// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Describes a pipeline before it is compiled: channels of operators into one sink.

use std::fmt;
use std::sync::Arc;

use crate::op::Pipe;
use crate::op::Sink;
use crate::op::Source;

/// Is a source and the pipes its batches pass, in order.
#[derive(Clone)]
pub struct Channel {
    /// Where batches come from.
    pub source: Arc<dyn Source>,
    /// What they pass.
    pub pipes: Vec<Arc<dyn Pipe>>,
    /// Which input of the plan this is; the channel's number where absent.
    pub input_id: Option<usize>,
}

impl Channel {
    /// Makes a channel.
    pub fn new(source: Arc<dyn Source>, pipes: Vec<Arc<dyn Pipe>>) -> Self {
        Channel { source, pipes, input_id: None }
    }

    /// Returns the channel with `input_id`.
    pub fn with_input_id(self, input_id: usize) -> Self {
        Channel { input_id: Some(input_id), ..self }
    }
}

/// Is any number of channels into one sink.
#[derive(Clone)]
pub struct LogicalPipeline {
    /// Names the pipeline in plans and messages.
    pub name: String,
    /// The channels.
    pub channels: Vec<Channel>,
    /// Where all batches end.
    pub sink: Arc<dyn Sink>,
}

impl LogicalPipeline {
    /// Makes a pipeline.
    pub fn new(name: impl Into<String>, channels: Vec<Channel>, sink: Arc<dyn Sink>) -> Self {
        LogicalPipeline { name: name.into(), channels, sink }
    }
}

impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.source.name())?;
        self.pipes.iter().try_for_each(|pipe| write!(f, " -> {}", pipe.name()))
    }
}

impl fmt::Debug for LogicalPipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{:?} -> {}", self.name, self.channels, self.sink.name())
    }
}
