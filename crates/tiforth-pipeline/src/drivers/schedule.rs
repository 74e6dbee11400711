// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Decides what may run next; it runs nothing itself.
//!
//! Result of a run: its first error, else cancelled if anything was, else what the continuations
//! and tasks came to.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::vec;

use tiforth_types::error::Error;
use tiforth_types::error::InternalError;
use tiforth_types::error::Result;

use crate::task::GroupTask;
use crate::task::Outcome;
use crate::task::TaskContext;
use crate::task::TaskGroup;
use crate::task::TaskGroups;
use crate::task::TaskStatus;

/// Is one task that a driver owns and steps until it ends.
pub(crate) struct Job {
    task: Box<dyn GroupTask>,
    ctx: TaskContext,
    group: usize,
}

impl Job {
    /// Steps the task; a panic in it is an internal error.
    pub(crate) fn step(&mut self) -> Result<TaskStatus> {
        let Job { task, ctx, .. } = self;
        // The task is dropped after a panic, so nobody sees what it left half done.
        catch_unwind(AssertUnwindSafe(|| task.step(ctx)))
            .unwrap_or_else(|payload| Err(panicked(&*payload)))
    }

    /// Returns the number of the group among those started so far.
    pub(crate) fn group(&self) -> usize {
        self.group
    }

    /// Returns the number of the task within its group.
    pub(crate) fn task_id(&self) -> usize {
        self.ctx.task_id
    }
}

fn panicked(payload: &(dyn Any + Send)) -> Error {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    InternalError::new(format!("a task panicked: {}", text.unwrap_or("no message"))).into()
}

struct Group {
    number: usize,
    running: usize,
    continuation: Option<Box<dyn GroupTask>>,
    is_backend: bool,
}

/// Is how far a plan has come.
pub(crate) struct Schedule {
    pipelines: vec::IntoIter<TaskGroups>,
    groups: vec::IntoIter<TaskGroup>,
    live: Vec<Group>,
    started: usize,
    ctx: TaskContext,
    error: Option<Error>,
    is_cancelled: bool,
}

impl Schedule {
    /// Makes the schedule of `plan`; tasks are given `ctx` with their number.
    pub(crate) fn new(plan: Vec<TaskGroups>, ctx: TaskContext) -> Self {
        Schedule {
            pipelines: plan.into_iter(),
            groups: Vec::new().into_iter(),
            live: Vec::new(),
            started: 0,
            ctx,
            error: None,
            is_cancelled: false,
        }
    }

    /// Returns the jobs to run first.
    pub(crate) fn start(&mut self) -> Vec<Job> {
        self.advance()
    }

    /// Notes how a task of `group` ended; returns the jobs that may run now.
    ///
    /// Where this makes [`has_failed`](Self::has_failed) true, the driver ends every other job,
    /// blocked ones too, as cancelled.
    pub(crate) fn ended(&mut self, group: usize, end: Result<Outcome>) -> Vec<Job> {
        match end {
            Ok(Outcome::Finished) => {}
            Ok(Outcome::Cancelled) => self.is_cancelled = true,
            Err(error) => {
                self.error.get_or_insert(error);
            }
        }
        let Some(at) = self.live.iter().position(|live| live.number == group) else {
            return Vec::new();
        };
        let has_failed = self.has_failed();
        let Some(live) = self.live.get_mut(at) else { return Vec::new() };
        live.running = live.running.saturating_sub(1);
        if live.running > 0 {
            return Vec::new();
        }
        if !has_failed && let Some(task) = live.continuation.take() {
            live.running = 1;
            return vec![Job { task, ctx: self.ctx.for_task(0), group }];
        }
        self.live.swap_remove(at);
        self.advance()
    }

    /// Tells whether anything failed or was cancelled.
    pub(crate) fn has_failed(&self) -> bool {
        self.error.is_some() || self.is_cancelled
    }

    /// Returns the end of the run, once no job is left.
    pub(crate) fn outcome(&mut self) -> Option<Result<Outcome>> {
        if !self.live.is_empty() {
            return None;
        }
        Some(match self.error.take() {
            Some(error) => Err(error),
            None if self.is_cancelled => Ok(Outcome::Cancelled),
            None => Ok(Outcome::Finished),
        })
    }

    fn advance(&mut self) -> Vec<Job> {
        let mut jobs = Vec::new();
        while !self.has_failed() && self.live.iter().all(|live| live.is_backend) {
            if let Some(group) = self.groups.next() {
                self.open(group, false, &mut jobs);
            } else if !self.live.is_empty() {
                // Only the backends are left to join.
                break;
            } else if let Some(pipeline) = self.pipelines.next() {
                self.groups = pipeline.groups.into_iter();
                for backend in pipeline.backends {
                    self.open(backend, true, &mut jobs);
                }
            } else {
                break;
            }
        }
        jobs
    }

    fn open(&mut self, group: TaskGroup, is_backend: bool, jobs: &mut Vec<Job>) {
        let number = self.started;
        self.started += 1;
        let TaskGroup { mut tasks, mut continuation, .. } = group;
        if tasks.is_empty() {
            tasks.extend(continuation.take());
        }
        if tasks.is_empty() {
            return;
        }
        self.live.push(Group { number, running: tasks.len(), continuation, is_backend });
        jobs.extend(tasks.into_iter().enumerate().map(|(task_id, task)| Job {
            task,
            ctx: self.ctx.for_task(task_id),
            group: number,
        }));
    }
}
