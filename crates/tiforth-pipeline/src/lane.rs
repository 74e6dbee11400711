// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Runs all channels of a stage in one lane: the task a driver steps.
//!
//! A step tries channels in turn until one moves. The turn starts behind the channel that moved
//! last, so that in N steps each of N channels that can move does. A channel that yielded is the
//! exception: the next step, perhaps on an IO thread, is its own.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use tiforth_types::error::Result;

use crate::awaiter::Awaiter;
use crate::channel::ChannelRun;
use crate::channel::Step;
use crate::op::OpContext;
use crate::op::SinkLocal;
use crate::resumer::Resumer;
use crate::stage::Stage;
use crate::task::GroupTask;
use crate::task::TaskContext;
use crate::task::TaskStatus;

/// Is one lane of a stage.
pub(crate) struct PipelineTask {
    stage: Arc<Stage>,
    lane: usize,
    state: State,
}

enum State {
    Unopened,
    Open(Lane),
    Finished,
    Cancelled,
}

/// Holds the local states of one lane; made in its first step, dropped in its last.
struct Lane {
    channels: Vec<Place>,
    sink: Box<dyn SinkLocal>,
    does_sink_block_by_channel: bool,
    start: usize,
    awaiter: Option<Awaiter>,
}

struct Place {
    run: ChannelRun,
    blocked: Option<Resumer>,
    is_finished: bool,
}

impl PipelineTask {
    /// Makes the task of `lane`; local states are made by its first step.
    pub(crate) fn new(stage: Arc<Stage>, lane: usize) -> Self {
        PipelineTask { stage, lane, state: State::Unopened }
    }
}

impl GroupTask for PipelineTask {
    fn step(&mut self, ctx: &TaskContext) -> Result<TaskStatus> {
        let PipelineTask { stage, lane, state } = self;
        let at = At { stage, task: ctx, lane: *lane };
        if matches!(state, State::Finished) {
            return Ok(TaskStatus::Finished);
        }
        if stage.cancel.is_cancelled() || ctx.is_cancelled() {
            *state = State::Cancelled;
        }
        // Taken out, so that an error or a panic on the way leaves a cancelled task behind.
        let lane = match std::mem::replace(state, State::Cancelled) {
            State::Unopened => Lane::new(&at),
            State::Open(lane) => Ok(lane),
            State::Finished | State::Cancelled => return Ok(TaskStatus::Cancelled),
        };
        let stepped = lane.and_then(|mut lane| Ok((lane.step(&at)?, lane)));
        match stepped {
            Ok((TaskStatus::Finished, lane)) => {
                if let Err(error) = lane.close(&at) {
                    stage.cancel.cancel();
                    return Err(error);
                }
                *state = State::Finished;
                stage.counters.lanes_finished.fetch_add(1, Relaxed);
                Ok(TaskStatus::Finished)
            }
            Ok((TaskStatus::Cancelled, _)) => {
                stage.cancel.cancel();
                Ok(TaskStatus::Cancelled)
            }
            Ok((status, lane)) => {
                *state = State::Open(lane);
                Ok(status)
            }
            Err(error) => {
                // The other lanes see this at their next step.
                stage.cancel.cancel();
                Err(error)
            }
        }
    }
}

/// Says where a step happens.
struct At<'a> {
    stage: &'a Stage,
    task: &'a TaskContext,
    lane: usize,
}

impl<'a> At<'a> {
    fn channel(&self, channel: usize) -> OpContext<'a> {
        OpContext {
            task: self.task,
            cancel: &self.stage.cancel,
            lane: self.lane,
            lanes: self.stage.lanes,
            channel,
            input_id: self.stage.channels.get(channel).map_or(channel, |c| c.input_id),
        }
    }
}

impl Lane {
    fn new(at: &At<'_>) -> Result<Self> {
        let channels = (0..at.stage.channels.len())
            .map(|channel| {
                let run = ChannelRun::new(at.stage, &at.channel(channel))?;
                Ok(Place { run, blocked: None, is_finished: false })
            })
            .collect::<Result<Vec<_>>>()?;
        Ok(Lane {
            channels,
            sink: Arc::clone(&at.stage.sink).local(&at.channel(0))?,
            does_sink_block_by_channel: at.stage.sink.blocks_by_channel(),
            start: 0,
            awaiter: None,
        })
    }

    fn step(&mut self, at: &At<'_>) -> Result<TaskStatus> {
        let count = self.channels.len();
        let (first, tries) = match self.channel_in_sink() {
            Some(channel) => (channel, 1),
            None => (self.start, count),
        };
        let mut resumers = Vec::new();
        for channel in (0..tries).map(|i| (first + i) % count) {
            match self.step_channel(at, channel)? {
                None => {}
                Some(Step::Blocked(resumer)) if self.channel_in_sink().is_some() => {
                    resumers = vec![resumer];
                    break;
                }
                Some(Step::Blocked(resumer)) => resumers.push(resumer),
                Some(Step::Moved) => {
                    self.start = (channel + 1) % count;
                    return Ok(TaskStatus::Continue);
                }
                Some(Step::Yielded) => {
                    self.start = channel;
                    self.sink.pause();
                    return Ok(TaskStatus::Yield);
                }
                Some(Step::Cancelled) => return Ok(TaskStatus::Cancelled),
                Some(Step::Finished) => {
                    self.start = (channel + 1) % count;
                    let all = self.channels.iter().all(|place| place.is_finished);
                    self.sink.pause();
                    return Ok(if all { TaskStatus::Finished } else { TaskStatus::Continue });
                }
            }
        }
        self.sink.pause();
        if resumers.is_empty() {
            return Ok(TaskStatus::Finished);
        }
        Ok(TaskStatus::Blocked(self.await_any(resumers)?))
    }

    /// Returns the channel on whose batch the sink is busy, if that holds up the others.
    fn channel_in_sink(&self) -> Option<usize> {
        if self.does_sink_block_by_channel {
            return None;
        }
        self.channels.iter().position(|place| place.run.is_sink_pending())
    }

    /// Steps one channel, unless it has finished.
    fn step_channel(&mut self, at: &At<'_>, channel: usize) -> Result<Option<Step>> {
        let Some(place) = self.channels.get_mut(channel) else { return Ok(None) };
        if place.is_finished {
            return Ok(None);
        }
        if let Some(resumer) = place.blocked.as_ref().filter(|resumer| !resumer.is_resumed()) {
            return Ok(Some(Step::Blocked(resumer.clone())));
        }
        let step = place.run.step(&at.channel(channel), &mut *self.sink)?;
        place.blocked = match &step {
            Step::Blocked(resumer) => Some(resumer.clone()),
            _ => None,
        };
        place.is_finished = matches!(step, Step::Finished);
        Ok(Some(step))
    }

    /// Returns the awaiter of the last step where it waits for the same resumers.
    fn await_any(&mut self, resumers: Vec<Resumer>) -> Result<Awaiter> {
        if let Some(awaiter) = &self.awaiter {
            let held = awaiter.resumers();
            let is_same = held.len() == resumers.len()
                && held.iter().zip(&resumers).all(|(a, b)| a.is_same(b));
            if is_same {
                return Ok(awaiter.clone());
            }
        }
        let awaiter = Awaiter::any(resumers)?;
        self.awaiter = Some(awaiter.clone());
        Ok(awaiter)
    }

    fn close(self, at: &At<'_>) -> Result<()> {
        for (channel, place) in self.channels.into_iter().enumerate() {
            place.run.close(&at.channel(channel))?;
        }
        self.sink.close(&at.channel(0))
    }
}
