// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Runs one channel of a stage in one lane.
//!
//! Order within a channel: a sink that is pending, then the deepest pipe that has more, then the
//! source, and after it the drains of the pipes, first to last. What comes out of any of them flows
//! through the pipes below it into the sink, and that ends the step.

use std::sync::Arc;

use tiforth_types::error::InternalError;
use tiforth_types::error::Result;

use crate::Batch;
use crate::metrics::Counters;
use crate::metrics::OperatorCounters;
use crate::metrics::Volume;
use crate::op::OpContext;
use crate::op::PipeLocal;
use crate::op::SinkLocal;
use crate::op::SourceLocal;
use crate::output::OpOutput;
use crate::resumer::Resumer;
use crate::stage::Stage;
use crate::transition::Call;
use crate::transition::Phase;
use crate::transition::next_phase;
use crate::transition::violation;

/// Is how far one step of a channel came.
pub(crate) enum Step {
    Moved,
    Blocked(Resumer),
    Yielded,
    Finished,
    Cancelled,
}

/// Stands before an operator: checks what it answers and counts what passes.
struct Port {
    operator: Arc<OperatorCounters>,
    counters: Arc<Counters>,
    phase: Phase,
    blocked_since: Option<u64>,
}

impl Port {
    fn new(operator: &Arc<OperatorCounters>, lane: usize) -> Self {
        Port {
            operator: Arc::clone(operator),
            counters: operator.lane(lane),
            phase: Phase::Ready,
            blocked_since: None,
        }
    }

    fn call(
        &mut self,
        call: Call,
        ctx: &OpContext<'_>,
        input: Option<Volume>,
        body: impl FnOnce() -> Result<OpOutput>,
    ) -> Result<OpOutput> {
        let start = ctx.task.nanos();
        if let Some(since) = self.blocked_since.take() {
            self.counters.add_blocked(start.saturating_sub(since));
        }
        self.counters.count_call(input);
        let output = body()?;
        let end = ctx.task.nanos();
        self.counters.add_busy(end.saturating_sub(start));
        let Some(phase) = next_phase(call, self.phase, &output) else {
            return Err(violation(self.operator.name(), call, self.phase, &output));
        };
        self.phase = phase;
        if matches!(output, OpOutput::Blocked(_)) {
            self.blocked_since = Some(end);
        }
        if let Some(batch) = output.batch() {
            self.counters.count_output(batch);
        }
        Ok(output)
    }
}

struct PipeSlot {
    port: Port,
    local: Box<dyn PipeLocal>,
}

/// Is the state of one channel in one lane.
pub(crate) struct ChannelRun {
    source_port: Port,
    /// Absent once the source has finished, so that what it holds is given back early.
    source: Option<Box<dyn SourceLocal>>,
    pipes: Vec<PipeSlot>,
    sink_port: Port,
    /// Pipes to call again before the source, deepest last.
    pending: Vec<usize>,
    is_sink_pending: bool,
    /// First pipe that has not been drained.
    drain_at: usize,
}

impl ChannelRun {
    /// Makes the local states of the channel `ctx` names.
    pub(crate) fn new(stage: &Stage, ctx: &OpContext<'_>) -> Result<Self> {
        let missing = || InternalError::new(format!("no channel {} in its stage", ctx.channel));
        let channel = stage.channels.get(ctx.channel).ok_or_else(missing)?;
        let source_counters = stage.counters.sources.get(ctx.channel).ok_or_else(missing)?;
        let pipe_counters = stage.counters.pipes.get(ctx.channel).ok_or_else(missing)?;
        let mut pipes = Vec::with_capacity(channel.pipes.len());
        for (pipe, counters) in channel.pipes.iter().zip(pipe_counters) {
            let local = Arc::clone(pipe).local(ctx)?;
            pipes.push(PipeSlot { port: Port::new(counters, ctx.lane), local });
        }
        Ok(ChannelRun {
            source_port: Port::new(source_counters, ctx.lane),
            source: Some(Arc::clone(&channel.source).local(ctx)?),
            pipes,
            sink_port: Port::new(&stage.counters.sink, ctx.lane),
            pending: Vec::new(),
            is_sink_pending: false,
            drain_at: 0,
        })
    }

    /// Tells whether the sink waits to be called again for this channel.
    pub(crate) fn is_sink_pending(&self) -> bool {
        self.is_sink_pending
    }

    /// Does one step.
    pub(crate) fn step(&mut self, ctx: &OpContext<'_>, sink: &mut dyn SinkLocal) -> Result<Step> {
        if self.is_sink_pending {
            return self.call_sink(ctx, sink, None);
        }
        if let Some(pipe) = self.pending.pop() {
            return self.flow(ctx, sink, pipe, None);
        }
        if let Some(source) = &mut self.source {
            let output = self.source_port.call(Call::Source, ctx, None, || source.source(ctx))?;
            match output {
                OpOutput::HasMore(batch) => return self.flow(ctx, sink, 0, Some(batch)),
                OpOutput::Finished(last) => {
                    self.source = None;
                    if let Some(batch) = last {
                        return self.flow(ctx, sink, 0, Some(batch));
                    }
                }
                other => return Ok(Self::pause(other)),
            }
        }
        self.drain(ctx, sink)
    }

    fn drain(&mut self, ctx: &OpContext<'_>, sink: &mut dyn SinkLocal) -> Result<Step> {
        while let Some(PipeSlot { port, local }) = self.pipes.get_mut(self.drain_at) {
            let pipe = self.drain_at;
            match port.call(Call::Drain, ctx, None, || local.drain(ctx))? {
                OpOutput::HasMore(batch) => return self.flow(ctx, sink, pipe + 1, Some(batch)),
                OpOutput::Finished(last) => {
                    self.drain_at += 1;
                    if let Some(batch) = last {
                        return self.flow(ctx, sink, pipe + 1, Some(batch));
                    }
                }
                other => return Ok(Self::pause(other)),
            }
        }
        Ok(Step::Finished)
    }

    /// Sends `input`, or the call to go on, into `pipe` and what comes out through those below.
    fn flow(
        &mut self,
        ctx: &OpContext<'_>,
        sink: &mut dyn SinkLocal,
        mut pipe: usize,
        mut input: Option<Batch>,
    ) -> Result<Step> {
        while let Some(PipeSlot { port, local }) = self.pipes.get_mut(pipe) {
            if input.as_ref().is_some_and(|batch| batch.num_rows() == 0) {
                return Ok(Step::Moved);
            }
            let volume = input.as_ref().map(Volume::of);
            let batch = input.take();
            match port.call(Call::Pipe, ctx, volume, || local.pipe(ctx, batch))? {
                OpOutput::NeedsMore => return Ok(Step::Moved),
                OpOutput::Even(batch) => input = Some(batch),
                OpOutput::HasMore(batch) => {
                    self.pending.push(pipe);
                    input = Some(batch);
                }
                OpOutput::Finished(last) => {
                    self.end_above(pipe);
                    match last {
                        Some(batch) => input = Some(batch),
                        None => return Ok(Step::Moved),
                    }
                }
                other => {
                    self.pending.push(pipe);
                    return Ok(Self::pause(other));
                }
            }
            pipe += 1;
        }
        match input {
            Some(batch) if batch.num_rows() > 0 => self.call_sink(ctx, sink, Some(batch)),
            _ => Ok(Step::Moved),
        }
    }

    fn call_sink(
        &mut self,
        ctx: &OpContext<'_>,
        sink: &mut dyn SinkLocal,
        input: Option<Batch>,
    ) -> Result<Step> {
        let volume = input.as_ref().map(Volume::of);
        let output = self.sink_port.call(Call::Sink, ctx, volume, || sink.sink(ctx, input))?;
        self.is_sink_pending =
            matches!(output, OpOutput::Blocked(_) | OpOutput::Yield | OpOutput::YieldBack);
        match output {
            OpOutput::NeedsMore => Ok(Step::Moved),
            OpOutput::Finished(_) => {
                self.end_above(self.pipes.len());
                Ok(Step::Moved)
            }
            other => Ok(Self::pause(other)),
        }
    }

    /// Ends everything above the pipe numbered `taker`, which wants no more input, and itself.
    fn end_above(&mut self, taker: usize) {
        self.source = None;
        self.pending.retain(|pipe| *pipe > taker);
        self.drain_at = self.drain_at.max(taker + 1);
    }

    /// Says what an answer without a batch means for the step.
    fn pause(output: OpOutput) -> Step {
        match output {
            OpOutput::Blocked(resumer) => Step::Blocked(resumer),
            OpOutput::Yield => Step::Yielded,
            OpOutput::Cancelled => Step::Cancelled,
            // The table has let nothing else through to here.
            _ => Step::Moved,
        }
    }

    /// Lets the pipes hand over what later task groups need.
    pub(crate) fn close(self, ctx: &OpContext<'_>) -> Result<()> {
        self.pipes.into_iter().try_for_each(|slot| slot.local.close(ctx))
    }
}
