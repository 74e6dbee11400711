// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Holds what one run of a plan is given by its host.

use std::fmt;
use std::sync::Arc;

use tiforth_data::MemoryPool;
use tiforth_data::UnboundedPool;
use tiforth_types::session::Now;

use crate::cancel::CancelToken;

/// Tells the time to metrics; the library itself reads no clock.
pub trait Clock: Send + Sync {
    /// Returns nanoseconds since a fixed moment of the clock's own choice; never goes back.
    fn nanos(&self) -> u64;
}

/// Is the clock of a run that nobody times: it always says 0.
#[derive(Clone, Copy, Debug, Default)]
pub struct StoppedClock;

impl Clock for StoppedClock {
    fn nanos(&self) -> u64 {
        0
    }
}

/// Is what the host gives to one run: moment, cancel token, seed, clock, memory.
///
/// Cheap to clone; clones share the token and the pool.
#[derive(Clone)]
pub struct RunContext {
    /// The moment the statement started: what NOW() says throughout the run.
    pub now: Now,
    /// Ends the run early.
    pub cancel: CancelToken,
    /// Seeds whatever must be random in the run (hashes, samples), so that it can be repeated.
    pub seed: u64,
    /// Times operators; where it is absent the driver's clock does.
    pub clock: Option<Arc<dyn Clock>>,
    /// Is asked before memory is taken.
    pub memory: Arc<dyn MemoryPool>,
}

impl RunContext {
    /// Makes the context of a run that is not cancelled, with seed 0 and memory that
    /// never refuses.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Default for RunContext {
    fn default() -> Self {
        RunContext {
            now: Now::default(),
            cancel: CancelToken::new(),
            seed: 0,
            clock: None,
            memory: Arc::new(UnboundedPool::default()),
        }
    }
}

impl fmt::Debug for RunContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunContext")
            .field("now", &self.now)
            .field("cancel", &self.cancel)
            .field("seed", &self.seed)
            .field("has_clock", &self.clock.is_some())
            .field("memory", &self.memory)
            .finish()
    }
}
