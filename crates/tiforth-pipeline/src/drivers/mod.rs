// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Runs task groups: reference drivers for hosts, tests and the command line.
//!
//! The library needs none of them; a host with a scheduler of its own steps tasks itself. Both
//! drivers run the pipelines of a plan in order, each pipeline's groups in order with its backends
//! beside them, and neither polls: what is blocked costs nothing until it is resumed.

mod schedule;

mod stepper;

mod seeded;

mod thread_pool;

pub use seeded::Choice;
pub use seeded::SeededDriver;
#[cfg(test)]
pub(crate) use seeded::SplitMix;
pub(crate) use stepper::Progress;
pub(crate) use stepper::Stepper;
pub use thread_pool::MonotonicClock;
pub use thread_pool::RunHandle;
pub use thread_pool::ThreadPool;

use tiforth_types::error::Result;

use crate::run::RunContext;
use crate::task::Outcome;
use crate::task::TaskGroups;

/// Runs a plan to its end.
pub trait Driver: Send + Sync {
    /// Runs `plan`, whose pipelines follow one another, and waits for its end.
    ///
    /// # Errors
    /// The first error of a task; it cancels the rest of the run, not the host's token. A task that
    /// panics is an internal error.
    fn run(&self, plan: Vec<TaskGroups>, run: &RunContext) -> Result<Outcome>;
}
