// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Adds up decimals exactly, for SUM and AVG.
//!
//! Mantissas of one scale are summed in 64 bits while a bound says that no sum can leave them, then in
//! 128, which no feasible number of rows of 64-bit lanes overflows. Whatever does not fit a lane is
//! added as a whole decimal beside.

use std::any::Any;

use arrow_buffer::NullBuffer;
use tiforth_data::{Column, ColumnData, DecimalColumn, simd};
use tiforth_expr::kernel::{Arg, Dec};
use tiforth_expr::{Accumulator, BoundAggregate, FewGroups, GroupedRows, NO_GROUP};
use tiforth_types::{Decimal, Result, SqlError};

use super::{nulls_of, rounded_to, same};

/// Names the state.
pub(super) const STATE: &str = "sum of decimals";

/// Holds the sums and the number of values of all groups.
#[derive(Default)]
pub(super) struct DecimalSum {
    lanes: Lanes,
    scale: u8,
    printed_scale: u8,
    is_started: bool,
    /// What did not fit the lanes: added to them at the end.
    whole: Vec<Whole>,
    pub(super) counts: Vec<i64>,
    /// The groups of a batch's rows, without those that are NULL.
    ids: Vec<u8>,
}

/// Is the sum of those of a group's values that did not fit the lanes.
#[derive(Clone, Copy)]
struct Whole {
    sum: Decimal,
    rows: i64,
}

/// Holds sums of mantissas.
enum Lanes {
    /// Sums of which none is beyond `most` in magnitude.
    Narrow { sums: Vec<i64>, most: u64 },
    /// Sums of any magnitude.
    Wide(Vec<i128>),
}

impl Default for Lanes {
    fn default() -> Self {
        Lanes::Narrow { sums: Vec::new(), most: 0 }
    }
}

impl Lanes {
    fn resize(&mut self, groups: usize) {
        match self {
            Lanes::Narrow { sums, .. } => sums.resize(groups, 0),
            Lanes::Wide(sums) => sums.resize(groups, 0),
        }
    }

    fn get(&self, group: usize) -> i128 {
        match self {
            Lanes::Narrow { sums, .. } => sums.get(group).map_or(0, |&sum| sum.into()),
            Lanes::Wide(sums) => sums.get(group).copied().unwrap_or(0),
        }
    }

    fn capacity_bytes(&self) -> usize {
        match self {
            Lanes::Narrow { sums, .. } => sums.capacity() * size_of::<i64>(),
            Lanes::Wide(sums) => sums.capacity() * size_of::<i128>(),
        }
    }

    /// Makes sure that sums may grow by `most` in magnitude without leaving their lanes.
    fn make_room(&mut self, more: u128) {
        let Lanes::Narrow { sums, most } = self else { return };
        match u64::try_from(more).ok().and_then(|more| most.checked_add(more)) {
            Some(total) if total <= i64::MAX as u64 => *most = total,
            _ => *self = Lanes::Wide(sums.iter().map(|&sum| sum.into()).collect()),
        }
    }

    /// Adds to a group's sum; false where it does not fit.
    fn add(&mut self, group: usize, more: i128) -> bool {
        self.make_room(more.unsigned_abs());
        match self {
            Lanes::Narrow { sums, .. } => {
                if let Some(sum) = sums.get_mut(group) {
                    *sum += more as i64;
                }
                true
            }
            Lanes::Wide(sums) => {
                let Some(sum) = sums.get_mut(group) else { return true };
                let total = sum.checked_add(more);
                *sum = total.unwrap_or(*sum);
                total.is_some()
            }
        }
    }
}

impl DecimalSum {
    fn overflow() -> SqlError {
        SqlError::out_of_range("DECIMAL", "sum")
    }

    /// Brings the sums to a lane's scale; false where the lane's must go the long way.
    fn meet(&mut self, scale: u8, printed_scale: u8) -> bool {
        if !self.is_started {
            (self.scale, self.printed_scale, self.is_started) = (scale, printed_scale, true);
        }
        self.scale == scale && self.printed_scale == printed_scale
    }

    fn add_whole(&mut self, group: usize, value: &Decimal, rows: i64) -> Result<()> {
        if self.whole.len() < self.counts.len() {
            self.whole.resize(self.counts.len(), Whole { sum: Decimal::ZERO, rows: 0 });
        }
        let Some(whole) = self.whole.get_mut(group) else { return Ok(()) };
        let added = whole.sum.add(value);
        if added.is_overflow() {
            return Err(Self::overflow().into());
        }
        *whole = Whole { sum: added.value, rows: whole.rows + rows };
        Ok(())
    }

    /// Adds 64-bit mantissas of at most `bits` bits; 2^63 of them fit.
    fn add_lane64(
        &mut self,
        (values, bits): (&[i64], u8),
        nulls: Option<&NullBuffer>,
        rows: GroupedRows<'_>,
    ) {
        self.lanes.make_room((rows.rows.count() as u128) << bits);
        if let Some(few) = rows.few {
            self.add_few((values, bits), nulls, few);
            return;
        }
        if let (None, None, None) = (nulls, rows.groups, rows.rows.selection) {
            if let Some(count) = self.counts.first_mut() {
                *count += values.len() as i64;
            }
            self.lanes.add(0, sum_slice(values, bits));
            return;
        }
        let counts = &mut self.counts[..];
        match &mut self.lanes {
            Lanes::Narrow { sums, .. } => add_rows(values, nulls, rows, sums, counts),
            Lanes::Wide(sums) => add_rows(values, nulls, rows, sums, counts),
        }
    }

    /// Adds values of few groups: the masked sum of each, which vectorises.
    fn add_few(
        &mut self,
        (values, bits): (&[i64], u8),
        nulls: Option<&NullBuffer>,
        few: FewGroups<'_>,
    ) {
        let groups = few.counts.len();
        let ids = match nulls {
            None => {
                self.counts.iter_mut().zip(few.counts).for_each(|(count, more)| *count += more);
                few.ids
            }
            Some(nulls) => {
                self.ids.clear();
                let valid = few.ids.iter().zip(nulls);
                self.ids.extend(valid.map(|(&id, valid)| if valid { id } else { NO_GROUP }));
                for &id in &self.ids {
                    if let Some(count) = self.counts.get_mut(usize::from(id)) {
                        *count += 1;
                    }
                }
                &self.ids[..]
            }
        };
        for first in (0..groups).step_by(AT_ONCE) {
            let parts = simd::dispatch(
                #[inline(always)]
                || masked_sums(values, bits, ids, first as u8),
            );
            match &mut self.lanes {
                Lanes::Narrow { sums, .. } => {
                    let sums = sums.iter_mut().skip(first);
                    sums.zip(parts).for_each(|(sum, part)| *sum += part as i64);
                }
                Lanes::Wide(sums) => {
                    let sums = sums.iter_mut().skip(first);
                    sums.zip(parts).for_each(|(sum, part)| *sum += part);
                }
            }
        }
    }

    /// Adds the sum of so many rows to a group's.
    fn add_value(&mut self, group: usize, value: &Decimal, rows: i64) -> Result<()> {
        if self.meet(value.scale(), value.printed_scale())
            && let Some(mantissa) = value.to_i128_scaled(self.scale)
            && self.lanes.add(group, mantissa)
        {
            return Ok(());
        }
        self.add_whole(group, value, rows)
    }

    /// Gives a group's sum.
    pub(super) fn value(&self, group: usize) -> Result<Decimal> {
        let sum = Decimal::from_i128_scaled(self.lanes.get(group), self.scale)
            .with_printed_scale(self.printed_scale);
        let Some(whole) = self.whole.get(group).filter(|whole| whole.rows > 0) else {
            return Ok(sum);
        };
        // A lane without a value of the group has nothing to say of its digits.
        if self.counts.get(group).is_some_and(|&rows| rows == whole.rows) {
            return Ok(whole.sum);
        }
        let total = sum.add(&whole.sum);
        if total.is_overflow() { Err(Self::overflow().into()) } else { Ok(total.value) }
    }

    /// Gives all sums a call gives.
    pub(super) fn column(&self, call: &BoundAggregate) -> Result<Column> {
        let nulls = nulls_of(&self.counts);
        let (scale, printed_scale) = (self.scale, self.printed_scale);
        let sums = match &self.lanes {
            _ if !self.whole.is_empty() => {
                let sums = (0..self.counts.len()).map(|group| self.value(group));
                DecimalColumn::from_decimals(sums.collect::<Result<Vec<Decimal>>>()?)
            }
            Lanes::Narrow { sums, .. } => DecimalColumn::lane64(sums.clone(), scale, printed_scale),
            Lanes::Wide(sums) => DecimalColumn::from_mantissas(sums.clone(), scale, printed_scale),
        };
        let sums = if call.distinct { sums } else { rounded_to(sums, &call.ty)? };
        Ok(Column::decimals(sums, nulls))
    }
}

impl Accumulator for DecimalSum {
    fn resize(&mut self, groups: usize) {
        self.lanes.resize(groups);
        self.counts.resize(groups, 0);
    }

    fn update(&mut self, args: &[Column], rows: GroupedRows<'_>) -> Result<()> {
        let Some(column) = args.first() else { return Ok(()) };
        if let ColumnData::Decimal(DecimalColumn::Lane64 {
            values, scale, printed_scale, bits, ..
        }) = column.data()
            && self.meet(*scale, *printed_scale)
        {
            self.add_lane64((values, *bits), column.nulls(), rows);
            return Ok(());
        }
        let reader = Dec::open(column)?;
        let mut result = Ok(());
        rows.for_each(|row, group| {
            if result.is_ok()
                && let Some(value) = Dec::get(&reader, row)
            {
                if let Some(count) = self.counts.get_mut(group) {
                    *count += 1;
                }
                result = self.add_value(group, &value, 1);
            }
        });
        result
    }

    fn merge(&mut self, other: &dyn Accumulator, from: &[u32], to: &[u32]) -> Result<()> {
        let other = same::<DecimalSum>(other)?;
        let is_alike = other.whole.is_empty()
            && other.is_started
            && self.meet(other.scale, other.printed_scale);
        for (&from, &to) in from.iter().zip(to) {
            let (from, to) = (from as usize, to as usize);
            let rows = other.counts.get(from).copied().unwrap_or(0);
            let Some(count) = self.counts.get_mut(to).filter(|_| rows > 0) else { continue };
            *count += rows;
            if !(is_alike && self.lanes.add(to, other.lanes.get(from))) {
                self.add_value(to, &other.value(from)?, rows)?;
            }
        }
        Ok(())
    }

    fn byte_size(&self) -> usize {
        self.lanes.capacity_bytes()
            + self.counts.capacity() * size_of::<i64>()
            + self.whole.capacity() * size_of::<Whole>()
            + self.ids.capacity()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// Adds each row's value to its group's sum.
#[inline]
fn add_rows<S: Copy + From<i64> + std::ops::AddAssign>(
    values: &[i64],
    nulls: Option<&NullBuffer>,
    rows: GroupedRows<'_>,
    sums: &mut [S],
    counts: &mut [i64],
) {
    rows.for_each(|row, group| {
        if nulls.is_none_or(|n| n.is_valid(row))
            && let (Some(&value), Some(sum), Some(count)) =
                (values.get(row), sums.get_mut(group), counts.get_mut(group))
        {
            *sum += S::from(value);
            *count += 1;
        }
    });
}

/// Is how many groups' sums are kept in registers at once.
const AT_ONCE: usize = 4;
/// Is how many rows are summed before the sums are widened.
const BLOCK: usize = 2_048;

/// Tells whether a block of values of at most `bits` bits has a sum of 64, whatever the signs.
fn fits_block(bits: u8) -> bool {
    u32::from(bits) + BLOCK.ilog2() < i64::BITS
}

/// Adds up a slice.
fn sum_slice(values: &[i64], bits: u8) -> i128 {
    if !fits_block(bits) {
        return values.iter().map(|&v| i128::from(v)).sum();
    }
    let sum_block = |block: &[i64]| {
        let sum = block.iter().fold(0i64, |sum, &v| sum.wrapping_add(v));
        i128::from(sum)
    };
    simd::dispatch(
        #[inline(always)]
        || values.chunks(BLOCK).map(sum_block).sum(),
    )
}

/// Adds up the values of the groups from `first` on.
#[inline(always)]
fn masked_sums(values: &[i64], bits: u8, ids: &[u8], first: u8) -> [i128; AT_ONCE] {
    let mut sums = [0i128; AT_ONCE];
    for (values, ids) in values.chunks(BLOCK).zip(ids.chunks(BLOCK)) {
        if fits_block(bits) {
            let parts = masked_block(values, ids, first, |v| v);
            sums.iter_mut().zip(parts).for_each(|(sum, part)| *sum += i128::from(part));
        } else {
            // The halves of the values: their sums fit.
            let high = masked_block(values, ids, first, |v| v >> 32);
            let low = masked_block(values, ids, first, |v| v & 0xffff_ffff);
            for ((sum, high), low) in sums.iter_mut().zip(high).zip(low) {
                *sum += (i128::from(high) << 32) + i128::from(low);
            }
        }
    }
    sums
}

/// Adds up what `of` makes of the values of each group; the caller has seen that the sums fit.
#[inline(always)]
fn masked_block(values: &[i64], ids: &[u8], first: u8, of: impl Fn(i64) -> i64) -> [i64; AT_ONCE] {
    let [mut a, mut b, mut c, mut d] = [0i64; AT_ONCE];
    for (&value, &id) in values.iter().zip(ids) {
        let (value, id) = (of(value), id.wrapping_sub(first));
        a = a.wrapping_add(if id == 0 { value } else { 0 });
        b = b.wrapping_add(if id == 1 { value } else { 0 });
        c = c.wrapping_add(if id == 2 { value } else { 0 });
        d = d.wrapping_add(if id == 3 { value } else { 0 });
    }
    [a, b, c, d]
}

#[cfg(test)]
mod tests;
