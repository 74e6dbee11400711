// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Is the contract with the host's scheduler: task groups, tasks, and what a step of one answers.

use std::fmt;
use std::sync::Arc;

use tiforth_types::error::Result;

use crate::awaiter::Awaiter;
use crate::cancel::CancelToken;
use crate::run::Clock;
use crate::run::RunContext;
use crate::run::StoppedClock;

/// Is what a step of a task answers.
#[derive(Clone, Debug)]
pub enum TaskStatus {
    /// Call the task again.
    Continue,
    /// Call the task again once the awaiter is ready.
    Blocked(Awaiter),
    /// Call the task again, on a thread meant for IO if there is one; what it answers then is
    /// continue, and it wants to go back.
    Yield,
    /// The task is done.
    Finished,
    /// The task gave up because the run is cancelled.
    Cancelled,
}

impl TaskStatus {
    /// Returns the name of the status, in capitals.
    pub fn name(&self) -> &'static str {
        match self {
            TaskStatus::Continue => "CONTINUE",
            TaskStatus::Blocked(_) => "BLOCKED",
            TaskStatus::Yield => "YIELD",
            TaskStatus::Finished => "FINISHED",
            TaskStatus::Cancelled => "CANCELLED",
        }
    }

    /// Tells whether the task must not be called again.
    pub fn is_final(&self) -> bool {
        matches!(self, TaskStatus::Finished | TaskStatus::Cancelled)
    }
}

/// Says what most of a group's work is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum TaskHint {
    /// Computing.
    #[default]
    Cpu,
    /// Waiting for disks or networks.
    Io,
}

/// Is what a task is told at each step; made by the driver.
#[derive(Clone)]
pub struct TaskContext {
    /// What the host gave to the run.
    pub run: RunContext,
    /// Ends the tasks the driver runs together; a child of the run's token.
    pub cancel: CancelToken,
    /// Number of the task within its group, from 0.
    pub task_id: usize,
    clock: Arc<dyn Clock>,
}

impl TaskContext {
    /// Makes the context of task 0 with no clock but the run's.
    pub fn new(run: &RunContext) -> Self {
        Self::with_clock(run, Arc::new(StoppedClock))
    }

    /// Makes the context of task 0; `clock` serves where the run brings none.
    pub fn with_clock(run: &RunContext, clock: Arc<dyn Clock>) -> Self {
        let clock = run.clock.clone().unwrap_or(clock);
        TaskContext { run: run.clone(), cancel: run.cancel.child(), task_id: 0, clock }
    }

    /// Returns the same context for another task of the group.
    pub fn for_task(&self, task_id: usize) -> Self {
        TaskContext { task_id, ..self.clone() }
    }

    /// Returns the time of the run's or the driver's clock, in nanoseconds.
    pub fn nanos(&self) -> u64 {
        self.clock.nanos()
    }

    /// Tells whether the run, or the part of it this task belongs to, is cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }
}

/// Is one schedulable task. It owns its state; one thread at a time steps it, any thread may.
///
/// Closures `FnMut(&TaskContext) -> Result<TaskStatus>` are tasks.
pub trait GroupTask: Send {
    /// Does a bounded piece of work: at most one output batch, or one fixed slice of rows.
    ///
    /// # Errors
    /// An error ends the group; the task is not called again, or answers cancelled if it is.
    fn step(&mut self, ctx: &TaskContext) -> Result<TaskStatus>;
}

impl<F: FnMut(&TaskContext) -> Result<TaskStatus> + Send> GroupTask for F {
    fn step(&mut self, ctx: &TaskContext) -> Result<TaskStatus> {
        self(ctx)
    }
}

/// Is a set of tasks that may run side by side, with an optional last task after them all.
pub struct TaskGroup {
    /// Names the group in plans and messages.
    pub name: String,
    /// Says what most of its work is.
    pub hint: TaskHint,
    /// The tasks; task `i` is given `task_id` `i`.
    pub tasks: Vec<Box<dyn GroupTask>>,
    /// Runs once, alone, after every task has finished; not if one failed or was cancelled.
    pub continuation: Option<Box<dyn GroupTask>>,
}

impl TaskGroup {
    /// Makes a group of CPU work.
    pub fn new(name: impl Into<String>, tasks: Vec<Box<dyn GroupTask>>) -> Self {
        TaskGroup { name: name.into(), hint: TaskHint::Cpu, tasks, continuation: None }
    }

    /// Makes a group of one task that calls `body` once: the barrier after parallel work.
    pub fn barrier<F>(name: impl Into<String>, body: F) -> Self
    where
        F: FnOnce(&TaskContext) -> Result<()> + Send + 'static,
    {
        let mut body = Some(body);
        let task = move |ctx: &TaskContext| {
            if let Some(body) = body.take() {
                body(ctx)?;
            }
            Ok(TaskStatus::Finished)
        };
        Self::new(name, vec![Box::new(task)])
    }

    /// Returns the group with `hint`.
    pub fn with_hint(self, hint: TaskHint) -> Self {
        TaskGroup { hint, ..self }
    }

    /// Returns the group with `task` as its continuation.
    pub fn with_continuation(self, task: impl GroupTask + 'static) -> Self {
        TaskGroup { continuation: Some(Box::new(task)), ..self }
    }
}

impl fmt::Debug for TaskGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskGroup")
            .field("name", &self.name)
            .field("hint", &self.hint)
            .field("tasks", &self.tasks.len())
            .field("has_continuation", &self.continuation.is_some())
            .finish()
    }
}

/// Is what a driver runs for one pipeline: backends start first and run beside the groups, which
/// run one after another; then the backends are joined. A plan is a list of these, run in order.
#[derive(Debug, Default)]
pub struct TaskGroups {
    /// Run beside `groups`.
    pub backends: Vec<TaskGroup>,
    /// Run in order.
    pub groups: Vec<TaskGroup>,
}

impl From<Vec<TaskGroup>> for TaskGroups {
    fn from(groups: Vec<TaskGroup>) -> Self {
        TaskGroups { backends: Vec::new(), groups }
    }
}

/// Is how a run ended that did not fail.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// Everything was done.
    Finished,
    /// The run was cancelled.
    Cancelled,
}
