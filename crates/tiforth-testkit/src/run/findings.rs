// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Holds what a run found.

use std::collections::{BTreeMap, HashMap};

use super::show::Difference;
use crate::judge::{Apart, Outcome, Verdict};

/// Counts what happened to a set of results.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// Cases run.
    pub cases: usize,
    /// Results judged.
    pub results: usize,
    /// Results by outcome, as [`Outcome`] orders them.
    pub outcomes: [usize; 7],
    /// What is counted apart.
    pub apart: Apart,
}

impl Tally {
    /// Adds one case's judgement.
    pub fn add(&mut self, verdict: &Verdict) {
        self.cases += 1;
        self.results += verdict.outcomes.len();
        for outcome in &verdict.outcomes {
            if let Some(count) = self.outcomes.get_mut(*outcome as usize) {
                *count += 1;
            }
        }
        self.add_apart(&verdict.apart);
    }

    /// Adds another tally.
    pub fn merge(&mut self, other: &Tally) {
        self.cases += other.cases;
        self.results += other.results;
        for (mine, theirs) in self.outcomes.iter_mut().zip(other.outcomes) {
            *mine += theirs;
        }
        self.add_apart(&other.apart);
    }

    /// Returns how many results had that outcome.
    pub fn of(&self, outcome: Outcome) -> usize {
        self.outcomes.get(outcome as usize).copied().unwrap_or(0)
    }

    fn add_apart(&mut self, apart: &Apart) {
        self.apart.length += apart.length;
        self.apart.not_null += apart.not_null;
        self.apart.coercibility += apart.coercibility;
        self.apart.error_text += apart.error_text;
    }
}

/// Is what a run found.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// The tally of each file.
    pub files: BTreeMap<String, Tally>,
    /// The failing results of each file's cases: the case's number and its outcomes.
    pub failures: BTreeMap<String, BTreeMap<usize, Vec<Outcome>>>,
    /// How many cases each file holds, run or not.
    pub case_counts: BTreeMap<String, usize>,
    /// The first differences.
    pub differences: Vec<Difference>,
    /// Failures by the shape of their text.
    pub groups: HashMap<String, Group>,
}

/// Counts the failures of one shape.
#[derive(Clone, Debug, Default)]
pub struct Group {
    /// What failed.
    pub tally: Tally,
    /// One such text.
    pub example: String,
    /// Why the engine does not support it, where it said so.
    pub reason: Option<String>,
}

impl Findings {
    /// Returns the tally of all files.
    pub fn total(&self) -> Tally {
        let mut total = Tally::default();
        for tally in self.files.values() {
            total.merge(tally);
        }
        total
    }
}
