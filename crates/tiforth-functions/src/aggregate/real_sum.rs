// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Adds up doubles, for SUM and AVG, with the same result whatever the lanes.
//!
//! A group's values within a batch are added one after another. What the batches give is added without
//! rounding, in any order, and rounded once. The first rows of the first batches, [`EARLY`] in all,
//! are added one after another too, so that short inputs give TiDB's digits however they are cut.
//!
//! A sum beyond the range is infinite, as TiDB's is, not an error.

use std::any::Any;

use tiforth_data::Column;
use tiforth_expr::kernel::{Arg, Real};
use tiforth_expr::{Accumulator, GroupedRows, Places};
use tiforth_types::Result;

use super::exact_sum::ExactSums;
use super::{nulls_of, same};

/// Names the state.
pub(super) const STATE: &str = "sum of doubles";

/// Is how many rows of the first batch are early. The number of those of a later batch is so much less
/// that of so many rows all are early, wherever batches end.
const EARLY: u64 = 1_024;

/// Holds the sums and the number of values of all groups.
#[derive(Default)]
pub(super) struct RealSum {
    /// The sums of the last batch that had values of a group.
    partial: Vec<Partial>,
    /// Those of the batches before.
    exact: ExactSums,
    /// The values of early rows, with their places and groups.
    early: Vec<(u64, u32, f64)>,
    pub(super) counts: Vec<i64>,
}

/// Is the sum of a group's values in one batch.
#[derive(Clone, Copy, Default)]
struct Partial {
    sum: f64,
    /// The batch, as places have it.
    batch: u32,
}

/// Returns how many of a batch's rows are early.
fn early_rows(batch: u32) -> u64 {
    EARLY / (u64::from(batch) + 1)
}

/// Borrows the sums for a batch, so that loops keep their places in registers.
struct Adding<'a> {
    partial: &'a mut [Partial],
    counts: &'a mut [i64],
    exact: &'a mut ExactSums,
    early: &'a mut Vec<(u64, u32, f64)>,
}

impl Adding<'_> {
    #[inline(always)]
    fn add(&mut self, group: usize, place: u64, early_rows: u64, value: f64) {
        let (Some(count), Some(partial)) =
            (self.counts.get_mut(group), self.partial.get_mut(group))
        else {
            return;
        };
        *count += 1;
        if place & 0xffff_ffff < early_rows {
            self.early.push((place, group as u32, value));
            return;
        }
        let batch = (place >> 32) as u32;
        if partial.batch == batch {
            partial.sum += value;
            return;
        }
        if partial.sum != 0.0 {
            self.exact.add(group, partial.sum);
        }
        // From 0 on, as a sum of -0 is 0.
        *partial = Partial { sum: 0.0 + value, batch };
    }
}

impl RealSum {
    /// Gives all sums.
    pub(super) fn values(&self) -> Vec<f64> {
        let mut early = self.early.clone();
        early.sort_unstable_by_key(|(place, _, _)| *place);
        let mut values = vec![0.0; self.counts.len()];
        for (_, group, value) in early {
            if let Some(sum) = values.get_mut(group as usize) {
                *sum += value;
            }
        }
        for (group, (value, partial)) in values.iter_mut().zip(&self.partial).enumerate() {
            if partial.sum == 0.0 && self.exact.is_zero(group) {
                continue;
            }
            *value = if *value == 0.0 && self.exact.is_zero(group) {
                partial.sum
            } else {
                self.exact.rounded_with(group, [*value, partial.sum])
            };
        }
        values
    }

    /// Gives all sums, NULL where there are no values.
    pub(super) fn column(&self) -> Column {
        Column::reals(self.values(), nulls_of(&self.counts))
    }
}

impl Accumulator for RealSum {
    fn resize(&mut self, groups: usize) {
        self.partial.resize(groups, Partial::default());
        self.exact.resize(groups);
        self.counts.resize(groups, 0);
    }

    fn update(&mut self, args: &[Column], rows: GroupedRows<'_>) -> Result<()> {
        let Some(column) = args.first() else { return Ok(()) };
        let reader = Real::open(column)?;
        let batch_of = |place: u64| (place >> 32) as u32;
        let RealSum { partial, exact, early, counts } = self;
        let mut adding = Adding { partial, counts, exact, early };
        match rows.places {
            Places::Batch(_) => {
                let first = rows.places.of(0);
                let early = early_rows(batch_of(first));
                rows.for_each(|row, group| {
                    if let Some(value) = Real::get(&reader, row) {
                        adding.add(group, first | row as u64, early, value);
                    }
                });
            }
            Places::Each(places) => rows.for_each(|row, group| {
                if let (Some(value), Some(&place)) = (Real::get(&reader, row), places.get(row)) {
                    adding.add(group, place, early_rows(batch_of(place)), value);
                }
            }),
        }
        Ok(())
    }

    fn merge(&mut self, other: &dyn Accumulator, from: &[u32], to: &[u32]) -> Result<()> {
        let other = same::<RealSum>(other)?;
        let mut moved = vec![u32::MAX; if other.early.is_empty() { 0 } else { other.counts.len() }];
        for (&from, &to) in from.iter().zip(to) {
            if let Some(slot) = moved.get_mut(from as usize) {
                *slot = to;
            }
            let (from, to) = (from as usize, to as usize);
            if let (Some(count), Some(rows), Some(partial)) =
                (self.counts.get_mut(to), other.counts.get(from), other.partial.get(from))
            {
                *count += rows;
                self.exact.add_sum(to, &other.exact, from);
                if partial.sum != 0.0 {
                    self.exact.add(to, partial.sum);
                }
            }
        }
        let early = other.early.iter().filter_map(|&(place, group, value)| {
            let to = moved.get(group as usize).copied().filter(|&to| to != u32::MAX)?;
            Some((place, to, value))
        });
        self.early.extend(early);
        Ok(())
    }

    fn byte_size(&self) -> usize {
        self.partial.capacity() * size_of::<Partial>()
            + self.counts.capacity() * size_of::<i64>()
            + self.early.capacity() * size_of::<(u64, u32, f64)>()
            + self.exact.byte_size()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
