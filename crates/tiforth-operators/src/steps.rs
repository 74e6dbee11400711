// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! The task groups that follow a sink: steps over what all its lanes left.

use std::sync::Arc;

use tiforth_pipeline::{GroupTask, TaskContext, TaskGroup, TaskStatus};
use tiforth_types::Result;

/// Makes the steps of one sink.
pub(crate) struct Steps<'a, S> {
    /// The operator's name.
    pub(crate) name: &'a str,
    /// What the steps work on.
    pub(crate) sink: &'a Arc<S>,
    /// How many tasks a parallel step has.
    pub(crate) lanes: usize,
}

impl<S: Send + Sync + 'static> Steps<'_, S> {
    /// Makes a step that is taken once.
    pub(crate) fn once(&self, step: &str, body: fn(&S) -> Result<()>) -> TaskGroup {
        let sink = Arc::clone(self.sink);
        TaskGroup::barrier(format!("{}: {step}", self.name), move |_| body(&sink))
    }

    /// Makes a step that every lane repeats until `body` finds nothing left to do.
    pub(crate) fn in_lanes(&self, step: &str, body: fn(&S) -> Result<bool>) -> TaskGroup {
        let tasks = (0..self.lanes).map(|_| {
            let sink = Arc::clone(self.sink);
            let task = move |ctx: &TaskContext| {
                if ctx.is_cancelled() {
                    return Ok(TaskStatus::Cancelled);
                }
                Ok(if body(&sink)? { TaskStatus::Continue } else { TaskStatus::Finished })
            };
            Box::new(task) as Box<dyn GroupTask>
        });
        TaskGroup::new(format!("{}: {step}", self.name), tasks.collect())
    }
}
