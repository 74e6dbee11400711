// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Turns a compiled plan into pipelines for one run.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use tiforth_data::{Batch, BatchSchema};
use tiforth_expr::RunValues;
use tiforth_pipeline::{Channel, LogicalPipeline, Pipe, RunContext, Sink, Source};
use tiforth_types::{InternalError, Result, Session, Warning};

use crate::plan::CompiledNode;
use crate::spec::BatchStream;

/// Is an operator compiled for its inputs' schemas: immutable, shared by all runs.
pub trait CompiledOperator: Send + Sync {
    /// Returns the schema of what it hands on.
    fn schema(&self) -> &BatchSchema;

    /// Adds what runs to the pipelines of one run: a pipe on top of the current channel, or a sink that
    /// ends it and a source that begins the next. Its inputs' parts are there already.
    ///
    /// # Errors
    /// What making the run's state fails with.
    fn build(&self, builder: &mut PipelineBuilder<'_>) -> Result<()>;
}

/// Is what a run reads: the tables' batches.
#[derive(Default)]
pub struct RunInputs {
    tables: BTreeMap<String, Box<dyn BatchStream>>,
}

impl RunInputs {
    /// Adds a table's batches.
    pub fn add(&mut self, table: impl Into<String>, stream: Box<dyn BatchStream>) {
        self.tables.insert(table.into(), stream);
    }

    /// Takes a table's batches; each can be read once in a run.
    pub(crate) fn take(&mut self, table: &str) -> Option<Box<dyn BatchStream>> {
        self.tables.remove(table)
    }
}

/// Collects the warnings of a run from all lanes, with the place by which they are ordered.
#[derive(Debug, Default)]
pub struct RunWarnings {
    kept: Mutex<Vec<(u64, u32, Warning)>>,
    total: std::sync::atomic::AtomicU64,
}

impl RunWarnings {
    /// Adds the warnings of one batch: (row, warning) in order, and how many there were in all.
    pub fn add(&self, batch: u64, warnings: Vec<(u32, Warning)>, total: u64) {
        self.total.fetch_add(total, std::sync::atomic::Ordering::Relaxed);
        if warnings.is_empty() {
            return;
        }
        let mut kept = self.kept.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        kept.extend(warnings.into_iter().map(|(row, w)| (batch, row, w)));
    }

    /// Returns the warnings in order, at most `most`, and how many there were in all.
    pub fn finish(&self, most: usize) -> (Vec<Warning>, u64) {
        let mut kept = self.kept.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        kept.sort_by_key(|(batch, row, _)| (*batch, *row));
        let first = kept.iter().take(most).map(|(_, _, w)| w.clone()).collect();
        (first, self.total.load(std::sync::atomic::Ordering::Relaxed))
    }
}

/// Is what every operator of a run shares.
#[derive(Clone)]
pub struct RunState {
    /// The settings.
    pub session: Arc<Session>,
    /// What is constant during the run.
    pub values: Arc<RunValues>,
    /// Where warnings go.
    pub warnings: Arc<RunWarnings>,
    /// The host's part.
    pub run: RunContext,
}

/// Is a channel that has no sink yet: its source and the pipes so far.
type OpenChannel = (Arc<dyn Source>, Vec<Arc<dyn Pipe>>);

/// Builds the pipelines of one run, from the plan's leaves up.
pub struct PipelineBuilder<'a> {
    /// What every operator of the run shares.
    pub state: RunState,
    /// Number of lanes.
    pub lanes: usize,
    inputs: &'a mut RunInputs,
    channels: Vec<OpenChannel>,
    finished: Vec<LogicalPipeline>,
}

impl<'a> PipelineBuilder<'a> {
    /// Builds the pipelines of `root` with one more pipe on top, if there is to be one, ending in
    /// `sink`.
    ///
    /// # Errors
    /// A table without batches, and what making the operators' states fails with.
    pub fn run(
        root: &CompiledNode,
        last: Option<Arc<dyn Pipe>>,
        state: RunState,
        lanes: usize,
        inputs: &'a mut RunInputs,
        sink: Arc<dyn Sink>,
    ) -> Result<Vec<LogicalPipeline>> {
        let mut builder =
            PipelineBuilder { state, lanes, inputs, channels: Vec::new(), finished: Vec::new() };
        builder.node(root)?;
        if let Some(last) = last {
            builder.pipe(last)?;
        }
        builder.end("result", sink)?;
        Ok(builder.finished)
    }

    fn node(&mut self, node: &CompiledNode) -> Result<()> {
        for input in &node.inputs {
            self.node(input)?;
        }
        node.operator.build(self)
    }

    /// Takes a table's batches.
    pub fn take_table(&mut self, table: &str) -> Option<Box<dyn BatchStream>> {
        self.inputs.take(table)
    }

    /// Begins a channel.
    pub fn begin(&mut self, source: Arc<dyn Source>) {
        self.channels.push((source, Vec::new()));
    }

    /// Adds a pipe to the current channel.
    ///
    /// # Errors
    /// An internal error when no channel was begun.
    pub fn pipe(&mut self, pipe: Arc<dyn Pipe>) -> Result<()> {
        match self.channels.last_mut() {
            Some((_, pipes)) => {
                pipes.push(pipe);
                Ok(())
            }
            None => Err(InternalError::new(format!("{} has no input", pipe.name())).into()),
        }
    }

    /// Ends the current channel with a sink; if the sink has an implicit source, that begins the next.
    ///
    /// # Errors
    /// An internal error when no channel was begun.
    pub fn end(&mut self, name: &str, sink: Arc<dyn Sink>) -> Result<()> {
        self.end_channels(name, 1, sink)
    }

    /// Ends the last `count` channels with one sink; if the sink has an implicit source, that begins
    /// the next.
    ///
    /// # Errors
    /// An internal error when fewer channels were begun.
    pub fn end_channels(&mut self, name: &str, count: usize, sink: Arc<dyn Sink>) -> Result<()> {
        let Some(first) = self.channels.len().checked_sub(count) else {
            return Err(InternalError::new(format!("{name} has no input")).into());
        };
        let channels = self.channels.split_off(first);
        let channels =
            channels.into_iter().map(|(source, pipes)| Channel::new(source, pipes)).collect();
        let next = Arc::clone(&sink).implicit_source();
        self.finished.push(LogicalPipeline::new(name, channels, sink));
        if let Some(source) = next {
            self.begin(source);
        }
        Ok(())
    }
}

/// Hands a batch on, or asks for more where it is empty.
pub fn forward(batch: Batch) -> tiforth_pipeline::OpOutput {
    if batch.num_rows() == 0 {
        tiforth_pipeline::OpOutput::NeedsMore
    } else {
        tiforth_pipeline::OpOutput::Even(batch)
    }
}
