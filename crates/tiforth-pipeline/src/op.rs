// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Is the contract of operators: source, pipe, sink.
//!
//! Three things make an operator. Its *spec* is plain data in the plan. From it each run makes the
//! operator itself, an `Arc` of one of the traits here: immutable, shared by all lanes. Each lane
//! asks it for a *local* state ([`SourceLocal`], [`PipeLocal`], [`SinkLocal`]), which the lane owns
//! and alone calls: that is where work happens, without locks. What lanes leave for one another
//! passes through [`Gather`](crate::Gather), [`Handover`](crate::Handover) and
//! [`WorkQueue`](crate::WorkQueue) at the boundaries of task groups.
//!
//! A breaker (aggregation, sort, join build) is a [`Sink`]: lanes fill local states, [`SinkLocal::close`]
//! gives them away, [`Sink::frontend`] merges them in task groups of its own, and the source of
//! [`Sink::implicit_source`] feeds the next pipeline.

use std::sync::Arc;

use tiforth_types::error::Result;

use crate::Batch;
use crate::cancel::CancelToken;
use crate::output::OpOutput;
use crate::run::RunContext;
use crate::task::TaskContext;
use crate::task::TaskGroup;

/// Is what an operator is told at each call.
#[derive(Clone, Copy)]
pub struct OpContext<'a> {
    pub(crate) task: &'a TaskContext,
    pub(crate) cancel: &'a CancelToken,
    pub(crate) lane: usize,
    pub(crate) lanes: usize,
    pub(crate) channel: usize,
    pub(crate) input_id: usize,
}

impl OpContext<'_> {
    /// Returns what the host gave to the run.
    pub fn run(&self) -> &RunContext {
        &self.task.run
    }

    /// Returns the number of the lane, from 0.
    pub fn lane(&self) -> usize {
        self.lane
    }

    /// Returns the number of lanes.
    pub fn lanes(&self) -> usize {
        self.lanes
    }

    /// Returns the number of the channel within its stage, from 0.
    pub fn channel(&self) -> usize {
        self.channel
    }

    /// Returns which input of the plan the channel reads; the logical channel's number unless the
    /// plan says otherwise. Implicit sources carry on with that of their channel.
    pub fn input_id(&self) -> usize {
        self.input_id
    }

    /// Tells whether to give up; asked at least once in 65,536 rows. The answer is then
    /// [`OpOutput::Cancelled`].
    pub fn is_cancelled(&self) -> bool {
        self.cancel.is_cancelled() || self.task.is_cancelled()
    }
}

/// Is what an operator is told when its pipeline is compiled into task groups.
#[derive(Clone, Copy, Debug)]
pub struct CompileContext<'a> {
    /// What the host gave to the run.
    pub run: &'a RunContext,
    /// Number of lanes of the pipeline.
    pub lanes: usize,
}

/// Produces batches.
pub trait Source: Send + Sync {
    /// Returns the name used in plans, metrics and messages.
    fn name(&self) -> &str;

    /// Makes the state of one lane, at the first step of that lane: everything the task groups
    /// before it have handed over is there.
    fn local(self: Arc<Self>, ctx: &OpContext<'_>) -> Result<Box<dyn SourceLocal>>;

    /// Returns task groups to run just before the stage this source feeds.
    fn frontend(self: Arc<Self>, _ctx: &CompileContext<'_>) -> Result<Vec<TaskGroup>> {
        Ok(Vec::new())
    }

    /// Returns a task group to run beside the whole pipeline.
    fn backend(self: Arc<Self>, _ctx: &CompileContext<'_>) -> Result<Option<TaskGroup>> {
        Ok(None)
    }
}

/// Is a source's state in one lane and channel.
pub trait SourceLocal: Send {
    /// Returns has-more, finished, blocked, yield or yield-back; see [`OpOutput`].
    fn source(&mut self, ctx: &OpContext<'_>) -> Result<OpOutput>;
}

/// Turns batches into batches.
pub trait Pipe: Send + Sync {
    /// Returns the name used in plans, metrics and messages.
    fn name(&self) -> &str;

    /// Makes the state of one lane and channel, at the first step of that lane. A pipe that two
    /// channels share has a state in each.
    fn local(self: Arc<Self>, ctx: &OpContext<'_>) -> Result<Box<dyn PipeLocal>>;

    /// Returns the source that continues after everything has passed this pipe (the unmatched rows
    /// of a join), which cuts the pipeline into stages; asked once.
    fn implicit_source(
        self: Arc<Self>,
        _ctx: &CompileContext<'_>,
    ) -> Result<Option<Arc<dyn Source>>> {
        Ok(None)
    }
}

/// Is a pipe's state in one lane and channel.
pub trait PipeLocal: Send {
    /// Takes a batch, or goes on after blocked, has-more, yield or yield-back where `input` is
    /// absent. Empty batches are not handed on.
    fn pipe(&mut self, ctx: &OpContext<'_>, input: Option<Batch>) -> Result<OpOutput>;

    /// Hands out what is kept back, after the channel's source has finished; called until it
    /// answers finished.
    fn drain(&mut self, _ctx: &OpContext<'_>) -> Result<OpOutput> {
        Ok(OpOutput::Finished(None))
    }

    /// Hands over what later task groups need; called once, when the lane has finished.
    fn close(self: Box<Self>, _ctx: &OpContext<'_>) -> Result<()> {
        Ok(())
    }
}

/// Takes batches: the end of a pipeline.
pub trait Sink: Send + Sync {
    /// Returns the name used in plans, metrics and messages.
    fn name(&self) -> &str;

    /// Makes the state of one lane, which all channels of the lane share, at its first step.
    fn local(self: Arc<Self>, ctx: &OpContext<'_>) -> Result<Box<dyn SinkLocal>>;

    /// Returns task groups to run after the last stage: merges, sorts, whatever makes the result.
    fn frontend(self: Arc<Self>, _ctx: &CompileContext<'_>) -> Result<Vec<TaskGroup>> {
        Ok(Vec::new())
    }

    /// Returns a task group to run beside the whole pipeline.
    fn backend(self: Arc<Self>, _ctx: &CompileContext<'_>) -> Result<Option<TaskGroup>> {
        Ok(None)
    }

    /// Returns the source that feeds the next pipeline with what this sink has made.
    fn implicit_source(self: Arc<Self>) -> Option<Arc<dyn Source>> {
        None
    }

    /// Tells whether one channel may hand over a batch while the sink is blocked on another's.
    ///
    /// Such a sink keeps what is pending by [`OpContext::channel`]. For others, a blocked sink
    /// holds up all channels of its lane.
    fn blocks_by_channel(&self) -> bool {
        false
    }
}

/// Is a sink's state in one lane.
pub trait SinkLocal: Send {
    /// Takes a batch, or goes on after blocked, yield or yield-back where `input` is absent.
    fn sink(&mut self, ctx: &OpContext<'_>, input: Option<Batch>) -> Result<OpOutput>;

    /// Hands on what it gathers, if it does: the lane has nothing to do for now.
    fn pause(&mut self) {}

    /// Hands over what the frontend needs; called once, when every channel of the lane has
    /// finished.
    fn close(self: Box<Self>, _ctx: &OpContext<'_>) -> Result<()> {
        Ok(())
    }
}
