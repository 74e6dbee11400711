// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Runs plans on threads of its own: any number of runs side by side on one pool.
//!
//! One queue of ready tasks, first in first out; a worker keeps a task for a few steps while others
//! wait, so that its data stays in the cache. Idle workers park on a condition variable; a blocked
//! task leaves the queue until its awaiter calls back.

use std::collections::HashMap;
use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::sync::Condvar;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::Weak;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::thread;
use std::thread::JoinHandle;
use std::time::Instant;

use tiforth_types::error::InternalError;
use tiforth_types::error::Result;
use tiforth_types::error::SqlError;

use super::Driver;
use super::schedule::Job;
use super::schedule::Schedule;
use crate::awaiter::Awaiter;
use crate::cancel::CancelToken;
use crate::resumer::Resumer;
use crate::run::Clock;
use crate::run::RunContext;
use crate::signal::Notify;
use crate::signal::lock;
use crate::task::Outcome;
use crate::task::TaskContext;
use crate::task::TaskGroups;
use crate::task::TaskStatus;

/// Steps a worker gives to one task while others wait.
const SLICE_STEPS: usize = 16;

/// Tells the time since it was made.
#[derive(Clone, Copy, Debug)]
pub struct MonotonicClock(Instant);

impl MonotonicClock {
    /// Starts a clock.
    pub fn start() -> Self {
        MonotonicClock(Instant::now())
    }
}

impl Clock for MonotonicClock {
    fn nanos(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }
}

/// Runs plans on a fixed number of threads. Dropping it cancels what still runs.
pub struct ThreadPool {
    queue: Arc<Queue>,
    threads: Vec<JoinHandle<()>>,
    clock: Arc<dyn Clock>,
}

impl ThreadPool {
    /// Starts `threads` threads.
    ///
    /// # Errors
    /// No threads asked for, or the system gives none.
    pub fn new(threads: usize) -> Result<Self> {
        if threads == 0 {
            return Err(SqlError::other("a thread pool needs at least one thread").into());
        }
        let clock = Arc::new(MonotonicClock::start());
        let mut pool = ThreadPool { queue: Arc::default(), threads: Vec::new(), clock };
        for number in 0..threads {
            let queue = Arc::clone(&pool.queue);
            let thread = thread::Builder::new()
                .name(format!("tiforth-{number}"))
                .spawn(move || queue.work())
                .map_err(|error| SqlError::other(format!("cannot start a thread: {error}")))?;
            pool.threads.push(thread);
        }
        Ok(pool)
    }

    /// Returns the number of threads.
    pub fn threads(&self) -> usize {
        self.threads.len()
    }

    /// Starts a run of `plan` and returns at once.
    pub fn start(&self, plan: Vec<TaskGroups>, run: &RunContext) -> RunHandle {
        let ctx = TaskContext::with_clock(run, Arc::clone(&self.clock));
        let cancel = ctx.cancel.clone();
        let mut schedule = Schedule::new(plan, ctx);
        let jobs = schedule.start();
        let outcome = if jobs.is_empty() { schedule.outcome() } else { None };
        let state = State { schedule, outcome, parked: HashMap::new(), parked_count: 0 };
        let run = Arc::new(Run {
            queue: Arc::downgrade(&self.queue),
            cancel,
            state: Mutex::new(state),
            ended: Condvar::new(),
            end: Resumer::new(),
        });
        if lock(&run.state).outcome.is_some() {
            run.end.resume();
        }
        run.cancel.subscribe(&run);
        self.queue.add(&run, jobs);
        RunHandle { run }
    }
}

impl Driver for ThreadPool {
    fn run(&self, plan: Vec<TaskGroups>, run: &RunContext) -> Result<Outcome> {
        self.start(plan, run).wait()
    }
}

impl Drop for ThreadPool {
    fn drop(&mut self) {
        let runs = {
            let mut ready = lock(&self.queue.ready);
            ready.is_closed = true;
            std::mem::take(&mut ready.runs)
        };
        for run in runs.iter().filter_map(Weak::upgrade) {
            run.cancel.cancel();
        }
        self.queue.wake.notify_all();
        for thread in self.threads.drain(..) {
            // A worker catches what tasks do; should it panic all the same, there is none to tell.
            let _ = thread.join();
        }
    }
}

impl fmt::Debug for ThreadPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThreadPool").field("threads", &self.threads.len()).finish()
    }
}

/// Is a run that was started.
pub struct RunHandle {
    run: Arc<Run>,
}

impl RunHandle {
    /// Ends the run early.
    pub fn cancel(&self) {
        self.run.cancel.cancel();
    }

    /// Tells whether the run is over.
    pub fn is_ended(&self) -> bool {
        lock(&self.run.state).outcome.is_some()
    }

    /// Returns what is resumed when the run is over.
    pub fn ended(&self) -> &Resumer {
        &self.run.end
    }

    /// Parks the calling thread until the run is over.
    ///
    /// # Errors
    /// The first error of the run.
    pub fn wait(self) -> Result<Outcome> {
        let mut state = lock(&self.run.state);
        loop {
            if let Some(outcome) = state.outcome.take() {
                return outcome;
            }
            state = self.run.ended.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl fmt::Debug for RunHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunHandle").field("is_ended", &self.is_ended()).finish()
    }
}

/// Is what the workers share.
#[derive(Default)]
struct Queue {
    ready: Mutex<Ready>,
    wake: Condvar,
    /// Number of jobs in the queue, read without the lock.
    waiting: AtomicUsize,
}

#[derive(Default)]
struct Ready {
    jobs: VecDeque<(Arc<Run>, Job)>,
    /// Runs to cancel when the pool goes.
    runs: Vec<Weak<Run>>,
    is_closed: bool,
}

impl Queue {
    /// Takes in a run that starts.
    fn add(&self, run: &Arc<Run>, jobs: Vec<Job>) {
        let mut ready = lock(&self.ready);
        ready.runs.retain(|run| run.strong_count() > 0);
        ready.runs.push(Arc::downgrade(run));
        drop(ready);
        self.push(run, jobs);
    }

    fn push(&self, run: &Arc<Run>, jobs: Vec<Job>) {
        let count = jobs.len();
        let mut ready = lock(&self.ready);
        ready.jobs.extend(jobs.into_iter().map(|job| (Arc::clone(run), job)));
        self.waiting.store(ready.jobs.len(), Relaxed);
        drop(ready);
        (0..count).for_each(|_| self.wake.notify_one());
    }

    fn pop(&self) -> Option<(Arc<Run>, Job)> {
        let mut ready = lock(&self.ready);
        loop {
            if let Some(job) = ready.jobs.pop_front() {
                self.waiting.store(ready.jobs.len(), Relaxed);
                return Some(job);
            }
            if ready.is_closed {
                return None;
            }
            ready = self.wake.wait(ready).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn work(&self) {
        while let Some((run, job)) = self.pop() {
            self.step(&run, job);
        }
    }

    /// Steps a task until it ends, blocks, or has had its slice.
    fn step(&self, run: &Arc<Run>, mut job: Job) {
        let mut steps = 0;
        loop {
            if run.cancel.is_cancelled() {
                return run.finish(job, Ok(Outcome::Cancelled));
            }
            match job.step() {
                Ok(TaskStatus::Continue) => steps += 1,
                Ok(TaskStatus::Yield) => steps = SLICE_STEPS,
                Ok(TaskStatus::Blocked(awaiter)) => return run.park(job, awaiter),
                Ok(TaskStatus::Finished) => return run.finish(job, Ok(Outcome::Finished)),
                Ok(TaskStatus::Cancelled) => return run.finish(job, Ok(Outcome::Cancelled)),
                Err(error) => return run.finish(job, Err(error)),
            }
            if steps >= SLICE_STEPS && self.waiting.load(Relaxed) > 0 {
                return self.push(run, vec![job]);
            }
        }
    }
}

/// Is one run of a plan.
struct Run {
    queue: Weak<Queue>,
    cancel: CancelToken,
    state: Mutex<State>,
    ended: Condvar,
    end: Resumer,
}

struct State {
    schedule: Schedule,
    outcome: Option<Result<Outcome>>,
    /// Blocked tasks; their awaiters are kept alive here.
    parked: HashMap<u64, (Job, Awaiter)>,
    parked_count: u64,
}

impl Run {
    fn finish(self: &Arc<Self>, job: Job, end: Result<Outcome>) {
        let group = job.group();
        // What the task holds is given back before anybody hears that it has ended.
        drop(job);
        let (jobs, has_failed, is_over) = {
            let mut state = lock(&self.state);
            let jobs = state.schedule.ended(group, end);
            if jobs.is_empty() && state.outcome.is_none() {
                state.outcome = state.schedule.outcome();
                if state.outcome.is_some() {
                    self.ended.notify_all();
                }
            }
            (jobs, state.schedule.has_failed(), state.outcome.is_some())
        };
        if is_over {
            self.end.resume();
        }
        if has_failed {
            self.cancel.cancel();
        }
        self.push(jobs);
    }

    fn push(self: &Arc<Self>, jobs: Vec<Job>) {
        if jobs.is_empty() {
            return;
        }
        match self.queue.upgrade() {
            Some(queue) => queue.push(self, jobs),
            None => {
                let error = InternalError::new("the thread pool of a run is gone");
                for job in jobs {
                    self.finish(job, Err(error.clone().into()));
                }
            }
        }
    }

    fn park(self: &Arc<Self>, job: Job, awaiter: Awaiter) {
        let id = {
            let mut state = lock(&self.state);
            state.parked_count += 1;
            let id = state.parked_count;
            state.parked.insert(id, (job, awaiter.clone()));
            id
        };
        let run = Arc::downgrade(self);
        awaiter.on_ready(move || {
            if let Some(run) = run.upgrade() {
                run.unpark(id);
            }
        });
        // Cancelling may have looked at what is parked just before.
        if self.cancel.is_cancelled() {
            self.end_parked();
        }
    }

    fn unpark(self: &Arc<Self>, id: u64) {
        let parked = lock(&self.state).parked.remove(&id);
        if let Some((job, _)) = parked {
            self.push(vec![job]);
        }
    }

    fn end_parked(self: &Arc<Self>) {
        let parked = std::mem::take(&mut lock(&self.state).parked);
        for (job, _) in parked.into_values() {
            self.finish(job, Ok(Outcome::Cancelled));
        }
    }
}

impl Notify for Run {
    fn notify(self: Arc<Self>) {
        self.end_parked();
    }
}
