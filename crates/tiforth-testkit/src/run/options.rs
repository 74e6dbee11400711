// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Says what a run takes in: which cases, on which sides.

use regex::Regex;

use crate::engine::Side;
use crate::input::{Layout, Presentation};
use crate::vectors::{Subset, VectorDir};

/// Says what is run.
#[derive(Clone, Debug)]
pub struct Options {
    /// The folder of vectors.
    pub dir: VectorDir,
    /// Which cases count by subset.
    pub subset: Filter,
    /// Only the family of this name.
    pub file: Option<String>,
    /// Only cases whose text matches.
    pub grep: Option<Regex>,
    /// The sides each case is run on.
    pub sides: Sides,
    /// Only a part of the cases: a seed and a percentage.
    pub sample: Option<Sample>,
    /// How many differences are kept.
    pub show: usize,
    /// Whether cases whose lengths and the like differ count as failures to show.
    pub apart: bool,
    /// Whether failures are counted by the shape of their text.
    pub group: bool,
    /// The number of threads.
    pub threads: usize,
}

impl Options {
    /// Chooses every case of a folder, on the plain batch side and the row side.
    pub fn new(dir: VectorDir) -> Self {
        Options {
            dir,
            subset: Filter::All,
            file: None,
            grep: None,
            sides: Sides::One(Presentation::PLAIN),
            sample: None,
            show: 0,
            apart: false,
            group: false,
            threads: std::thread::available_parallelism().map_or(2, usize::from),
        }
    }
}

/// Names a subset of the cases.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Filter {
    /// All cases.
    #[default]
    All,
    /// The core.
    Core,
    /// The smaller basic subset.
    Basic,
}

impl Filter {
    pub(super) fn takes(self, subset: Subset) -> bool {
        match self {
            Filter::All => true,
            Filter::Core => subset.core,
            Filter::Basic => subset.basic,
        }
    }
}

/// Chooses a part of the cases by a seed.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Sample {
    /// The seed.
    pub seed: u64,
    /// How many of a hundred cases are taken.
    pub percent: f64,
}

impl Sample {
    /// Reads `SEED:PERCENT`.
    pub fn parse(text: &str) -> Result<Sample, String> {
        text.split_once(':')
            .and_then(|(seed, percent)| {
                let percent = percent.trim_end_matches('%').parse().ok()?;
                Some(Sample { seed: seed.parse().ok()?, percent })
            })
            .filter(|sample| (0.0..=100.0).contains(&sample.percent))
            .ok_or_else(|| format!("{text} is no SEED:PERCENT, such as 7:2.5"))
    }

    #[expect(clippy::cast_precision_loss, reason = "a million fits")]
    pub(super) fn takes(&self, number: u64) -> bool {
        let drawn = mix(number ^ mix(self.seed)) % 1_000_000;
        (drawn as f64) < self.percent * 10_000.0
    }
}

/// Says on which sides each case is run.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Sides {
    /// One presentation for the batch side, and the row side.
    One(Presentation),
    /// Every presentation, and the row side.
    Matrix,
    /// What the test suite runs: plain and row, one of sliced, dictionary, constant and batches of
    /// three, which one as the case's number says; and in a sample of the cases all others.
    Suite(Sample),
}

impl Sides {
    /// Is what the test suite runs.
    pub const SUITE: Sides = Sides::Suite(Sample { seed: 20_251_110, percent: 1.0 });

    pub(super) fn of(self, number: u64) -> Vec<Side> {
        let mut sides = match self {
            Sides::One(presentation) => vec![Side::Batch(presentation)],
            Sides::Matrix => Presentation::matrix().into_iter().map(Side::Batch).collect(),
            Sides::Suite(sample) if sample.takes(number) => Sides::Matrix.of(number),
            Sides::Suite(_) => {
                let hostile = match mix(number) % 4 {
                    0 => Presentation { layout: Layout::Sliced, batch_rows: None },
                    1 => Presentation { layout: Layout::Dictionary, batch_rows: None },
                    2 => Presentation { layout: Layout::Constant, batch_rows: None },
                    _ => Presentation { layout: Layout::Plain, batch_rows: Some(3) },
                };
                vec![Side::Batch(Presentation::PLAIN), Side::Batch(hostile)]
            }
        };
        if !sides.contains(&Side::Row) {
            sides.push(Side::Row);
        }
        sides
    }
}

/// Spreads a number's bits (the finaliser of SplitMix64).
pub(super) fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
