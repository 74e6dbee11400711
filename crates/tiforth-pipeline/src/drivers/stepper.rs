// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Runs a plan on the calling thread, one step at a time, for those who want to look in between.

use std::sync::Arc;
use std::sync::Mutex;

use tiforth_types::error::Result;

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

/// Is what one call of [`Stepper::step`] came to.
pub(crate) enum Progress {
    /// One task made one step.
    Stepped,
    /// Every task is blocked.
    Stalled,
    /// The run is over; said once.
    Ended(Result<Outcome>),
}

/// Holds the tasks of one run that are ready and those that are blocked.
pub(crate) struct Stepper {
    schedule: Schedule,
    ready: Vec<Job>,
    blocked: Vec<(Job, Awaiter)>,
    cancel: CancelToken,
    bell: Arc<Bell>,
}

/// Passes on that some blocked task can go on. Each task rings once, so nothing piles up however
/// often a stalled run is waited for.
#[derive(Default)]
struct Bell(Mutex<Resumer>);

impl Notify for Bell {
    fn notify(self: Arc<Self>) {
        let resumer = lock(&self.0).clone();
        resumer.resume();
    }
}

impl Stepper {
    /// Opens `plan` for a run.
    pub(crate) fn new(plan: Vec<TaskGroups>, run: &RunContext, clock: Arc<dyn Clock>) -> Self {
        let ctx = TaskContext::with_clock(run, clock);
        let cancel = ctx.cancel.clone();
        let mut schedule = Schedule::new(plan, ctx);
        let ready = schedule.start();
        let bell = Arc::new(Bell::default());
        cancel.subscribe(&bell);
        Stepper { schedule, ready, blocked: Vec::new(), cancel, bell }
    }

    /// Steps one task, chosen by `pick` out of the number of those that are ready; `note` hears
    /// which group and task it is.
    pub(crate) fn step(
        &mut self,
        pick: impl FnOnce(usize) -> usize,
        note: impl FnOnce(usize, usize),
    ) -> Progress {
        if self.cancel.is_cancelled() {
            self.cancel_all();
        }
        self.collect_ready();
        if self.ready.is_empty() {
            if !self.blocked.is_empty() {
                return Progress::Stalled;
            }
            return match self.schedule.outcome() {
                Some(outcome) => Progress::Ended(outcome),
                None => Progress::Stalled,
            };
        }
        let chosen = pick(self.ready.len()).min(self.ready.len() - 1);
        // Order is kept: it is what a seed chooses from.
        let mut job = self.ready.remove(chosen);
        note(job.group(), job.task_id());
        match job.step() {
            Ok(TaskStatus::Continue | TaskStatus::Yield) => self.ready.insert(chosen, job),
            Ok(TaskStatus::Blocked(awaiter)) => {
                let bell = Arc::downgrade(&self.bell);
                awaiter.on_ready(move || {
                    if let Some(bell) = bell.upgrade() {
                        bell.notify();
                    }
                });
                self.blocked.push((job, awaiter));
            }
            Ok(TaskStatus::Finished) => self.end(job, Ok(Outcome::Finished)),
            Ok(TaskStatus::Cancelled) => self.end(job, Ok(Outcome::Cancelled)),
            Err(error) => self.end(job, Err(error)),
        }
        Progress::Stepped
    }

    /// Returns the awaiters of blocked tasks.
    pub(crate) fn awaiters(&self) -> impl Iterator<Item = &Awaiter> {
        self.blocked.iter().map(|(_, awaiter)| awaiter)
    }

    /// Returns what to wait for after a stall: it is ready when some task is, or on cancelling.
    ///
    /// # Errors
    /// None but internal ones.
    pub(crate) fn awaiter(&self) -> Result<Awaiter> {
        let resumer = Resumer::new();
        *lock(&self.bell.0) = resumer.clone();
        // Whatever rang before the bell was renewed is seen here.
        if self.cancel.is_cancelled() || self.awaiters().any(Awaiter::is_ready) {
            resumer.resume();
        }
        Awaiter::any(vec![resumer])
    }

    fn collect_ready(&mut self) {
        let is_ready = |(_, awaiter): &mut (Job, Awaiter)| awaiter.is_ready();
        self.ready.extend(self.blocked.extract_if(.., is_ready).map(|(job, _)| job));
    }

    fn end(&mut self, job: Job, end: Result<Outcome>) {
        let group = job.group();
        drop(job);
        let jobs = self.schedule.ended(group, end);
        self.ready.extend(jobs);
        if self.schedule.has_failed() {
            self.cancel.cancel();
        }
    }

    fn cancel_all(&mut self) {
        let blocked = std::mem::take(&mut self.blocked).into_iter().map(|(job, _)| job);
        let jobs: Vec<Job> = std::mem::take(&mut self.ready).into_iter().chain(blocked).collect();
        for job in jobs {
            self.end(job, Ok(Outcome::Cancelled));
        }
    }
}
