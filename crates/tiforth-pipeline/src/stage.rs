// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Is what a pipeline is cut into: channels that run together, in every lane.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use crate::cancel::CancelToken;
use crate::metrics::OperatorCounters;
use crate::op::Pipe;
use crate::op::Sink;
use crate::op::Source;

/// Is one channel of a stage.
#[derive(Clone)]
pub struct StageChannel {
    /// Where batches come from.
    pub source: Arc<dyn Source>,
    /// What they pass.
    pub pipes: Vec<Arc<dyn Pipe>>,
    /// Which input of the plan this is.
    pub input_id: usize,
    /// Whether the source is the implicit source of a pipe in an earlier stage.
    pub is_implicit: bool,
}

/// Is a part of a pipeline whose channels run together, in every lane.
pub struct Stage {
    pub(crate) name: String,
    pub(crate) channels: Vec<StageChannel>,
    pub(crate) sink: Arc<dyn Sink>,
    pub(crate) counters: StageCounters,
    pub(crate) cancel: CancelToken,
    pub(crate) lanes: usize,
}

/// Holds the counters of a stage's operators, laid out as its channels are.
pub(crate) struct StageCounters {
    pub(crate) sources: Vec<Arc<OperatorCounters>>,
    pub(crate) pipes: Vec<Vec<Arc<OperatorCounters>>>,
    pub(crate) sink: Arc<OperatorCounters>,
    pub(crate) lanes_finished: Arc<AtomicU64>,
}

impl Stage {
    /// Returns the stage's name: `stage0(scan)`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the channels.
    pub fn channels(&self) -> &[StageChannel] {
        &self.channels
    }

    /// Returns how many of the sources are implicit.
    pub fn implicit_source_count(&self) -> usize {
        self.channels.iter().filter(|channel| channel.is_implicit).count()
    }
}

impl fmt::Debug for StageChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.source.name())?;
        self.pipes.iter().try_for_each(|pipe| write!(f, " -> {}", pipe.name()))
    }
}

impl fmt::Debug for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{:?} -> {}", self.name, self.channels, self.sink.name())
    }
}
