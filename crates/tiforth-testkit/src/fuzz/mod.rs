// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Fuzzes the library: random cases from a seed, each within limits of time and memory.
//!
//! A target makes a case from a seed and says what it found; [`fuzz`] runs case after case. The same
//! seed makes the same case again, and each finding tells its own.

#[cfg(feature = "door")]
mod answers;
#[cfg(feature = "door")]
mod damage;
#[cfg(feature = "door")]
mod door;
mod grammar;
mod ground;
mod literal;
mod reduce;
mod signature;
#[cfg(feature = "door")]
mod token;
mod typed;
mod watch;

use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, Instant};

#[cfg(feature = "door")]
pub use answers::Answers;
#[cfg(feature = "door")]
pub use door::{Plans, Texts};
pub use grammar::{Grammar, NamedColumn};
pub use ground::{full_ground, random_ground, random_session};
pub use signature::{Callable, Kind, callables};
pub use typed::Typed;
pub use watch::{Limits, Watch};

use crate::generate::Rng;

/// Is what a case found.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The seed of the case.
    pub seed: u64,
    /// The case itself.
    pub told: String,
    /// What is wrong.
    pub text: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "case {}\n  {}\n  {}", self.seed, self.told, self.text)
    }
}

/// Makes and runs cases.
pub trait Target {
    /// Runs the case of `seed` under `watch`, and counts what became of it.
    fn run(
        &self,
        seed: u64,
        watch: &Watch,
        tally: &mut BTreeMap<&'static str, u64>,
    ) -> Vec<Finding>;
}

/// Says how long to go on.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// The seed all cases come from.
    pub seed: u64,
    /// The most cases.
    pub cases: u64,
    /// The time after which no case is started.
    pub time: Duration,
    /// The findings after which none is.
    pub findings_max: usize,
    /// What each case may take.
    pub limits: Limits,
}

/// Is what a run of cases came to.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// The cases run.
    pub cases: u64,
    /// What became of their parts, by name.
    pub counts: BTreeMap<&'static str, u64>,
    /// What was found.
    pub findings: Vec<Finding>,
}

/// Is the number of cases after which the process holds what it needs: from there on it may not grow.
const WARM_CASES: u64 = 1_000;

/// Runs cases until the settings say stop; `before` is told each case's seed.
pub fn fuzz(target: &dyn Target, settings: &Settings, mut before: impl FnMut(u64, u64)) -> Tally {
    let watch = Watch::new(settings.limits);
    let started = Instant::now();
    let mut seeds = Rng::new(settings.seed);
    let mut tally = Tally::default();
    let mut held_early = None;
    while tally.cases < settings.cases
        && started.elapsed() < settings.time
        && tally.findings.len() < settings.findings_max
    {
        let seed = seeds.bits();
        before(tally.cases, seed);
        tally.findings.extend(target.run(seed, &watch, &mut tally.counts));
        tally.cases += 1;
        if tally.cases == WARM_CASES {
            held_early = watch::resident_bytes();
        }
    }
    let grown =
        watch::resident_bytes().zip(held_early).map(|(now, early)| now.saturating_sub(early));
    if let Some(grown) = grown.filter(|grown| *grown > settings.limits.memory_bytes) {
        let text = format!("the process grew by {grown} bytes since case {WARM_CASES}");
        tally.findings.push(Finding { seed: settings.seed, told: "all cases".to_owned(), text });
    }
    tally
}

/// Runs the one case of a seed.
pub fn replay(target: &dyn Target, seed: u64, limits: Limits) -> Tally {
    let mut tally = Tally { cases: 1, ..Tally::default() };
    tally.findings = target.run(seed, &Watch::new(limits), &mut tally.counts);
    tally
}

/// Counts what became of a part of a case, or keeps what it found.
fn note(
    answered: Result<bool, String>,
    seed: u64,
    told: String,
    tally: &mut BTreeMap<&'static str, u64>,
    findings: &mut Vec<Finding>,
) {
    match answered {
        Ok(true) => *tally.entry("answered").or_default() += 1,
        Ok(false) => *tally.entry("refused").or_default() += 1,
        Err(text) => findings.push(Finding { seed, told, text }),
    }
}
