// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Runs a plan on the calling thread in an order chosen by a seed, to find and to repeat
//! interleavings.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use tiforth_types::error::Result;

use super::Driver;
use super::Progress;
use super::Stepper;
use crate::resumer::Resumer;
use crate::run::Clock;
use crate::run::RunContext;
use crate::task::Outcome;
use crate::task::TaskGroups;

/// Is one decision of a seeded run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Choice {
    /// A task was stepped.
    Step {
        /// Number of the group among those started.
        group: usize,
        /// Number of the task within it.
        task_id: usize,
    },
    /// One resumer of a blocked task was resumed by the driver.
    Resume {
        /// Number of the resumer among those that wait.
        waiting: usize,
    },
}

/// Steps one runnable task after another, chosen by a seed: the same seed, the same interleaving.
#[derive(Clone, Copy, Debug)]
pub struct SeededDriver {
    seed: u64,
    does_resume: bool,
}

impl SeededDriver {
    /// Makes a driver that parks when every task is blocked, until somebody resumes one.
    pub fn new(seed: u64) -> Self {
        SeededDriver { seed, does_resume: false }
    }

    /// Returns a driver that resumes blocked tasks itself, when the seed says so: for plans whose
    /// operators block with nobody else to resume them, and to resume at unlikely moments.
    pub fn resuming(self) -> Self {
        SeededDriver { does_resume: true, ..self }
    }

    /// Runs `plan` as [`Driver::run`] does; returns every decision beside its outcome.
    pub fn run_recorded(
        &self,
        plan: Vec<TaskGroups>,
        run: &RunContext,
    ) -> (Result<Outcome>, Vec<Choice>) {
        let mut choices = Vec::new();
        let outcome = self.drive(plan, run, |choice| choices.push(choice));
        (outcome, choices)
    }

    fn drive(
        &self,
        plan: Vec<TaskGroups>,
        run: &RunContext,
        mut note: impl FnMut(Choice),
    ) -> Result<Outcome> {
        let mut random = SplitMix(self.seed);
        let mut stepper = Stepper::new(plan, run, Arc::new(StepClock::default()));
        loop {
            if self.does_resume && random.below(4) == 0 {
                resume_one(&stepper, &mut random, &mut note);
            }
            let pick = |count| random.below(count);
            match stepper.step(pick, |group, task_id| note(Choice::Step { group, task_id })) {
                Progress::Stepped => {}
                Progress::Ended(outcome) => return outcome,
                Progress::Stalled if self.does_resume => {
                    resume_one(&stepper, &mut random, &mut note);
                }
                Progress::Stalled => stepper.awaiter()?.wait(),
            }
        }
    }
}

impl Driver for SeededDriver {
    fn run(&self, plan: Vec<TaskGroups>, run: &RunContext) -> Result<Outcome> {
        self.drive(plan, run, |_| {})
    }
}

fn resume_one(stepper: &Stepper, random: &mut SplitMix, note: &mut impl FnMut(Choice)) {
    let waiting: Vec<&Resumer> = stepper
        .awaiters()
        .flat_map(|awaiter| awaiter.resumers())
        .filter(|resumer| !resumer.is_resumed())
        .collect();
    let chosen = random.below(waiting.len());
    if let Some(resumer) = waiting.get(chosen) {
        note(Choice::Resume { waiting: chosen });
        resumer.resume();
    }
}

/// Goes on by one each time it is asked, so that times repeat with the seed.
#[derive(Default)]
struct StepClock(AtomicU64);

impl Clock for StepClock {
    fn nanos(&self) -> u64 {
        self.0.fetch_add(1, Relaxed)
    }
}

/// Is the generator of Steele, Lea and Flood, "Fast splittable pseudorandom number generators".
pub(crate) struct SplitMix(pub(crate) u64);

impl SplitMix {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Returns a number below `count`; 0 if that is 0.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        match count as u64 {
            0 => 0,
            count => usize::try_from(self.next() % count).unwrap_or(0),
        }
    }
}
