// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `SUM(a)`, and the sums AVG divides.
//!
//! Integers and decimals are summed exactly: mantissas of one scale in 128 bits, which no feasible
//! number of rows of 64-bit lanes overflows; whatever does not fit goes on as whole decimals.
//!
//! Source: MySQL manual, "Aggregate Function Descriptions"; TiDB `pkg/executor/aggfuncs/func_sum.go`,
//! `pkg/expression/aggregation/base_func.go` (`typeInfer4Sum`).

use std::any::Any;

use arrow_buffer::{BooleanBufferBuilder, NullBuffer};
use tiforth_data::{Column, ColumnData, DecimalColumn};
use tiforth_expr::kernel::{Arg, Dec, Real};
use tiforth_expr::{
    Accumulator, AggregateFunction, ArgKind, Binder, BoundAggregate, Doc, GroupedRows, TypedExpr,
};
use tiforth_types::sql_type::{DECIMAL_PRECISION_MAX, UNSPECIFIED};
use tiforth_types::{Decimal, EvalType, Result, SqlError, SqlType};

use super::same;

/// Defines the function.
pub(crate) const SUM: AggregateFunction = AggregateFunction {
    name: "sum",
    aliases: &[],
    arity: (1, 1),
    bind,
    doc: Doc {
        usage: "SUM([DISTINCT] a)",
        summary: "Adds up the values that are not NULL.",
        result: "DECIMAL of 22 digits more for a DECIMAL, DECIMAL without fraction for integers, else \
                 DOUBLE.",
        null: "NULL where no value is not NULL.",
        errors: "1690 when the sum is beyond its type.",
        warnings: "1292 when a text is no number.",
        example: ("SUM(d5_2)", "a DECIMAL(27,2)"),
        sources: "MySQL manual, Aggregate Function Descriptions; TiDB func_sum.go, base_func.go",
    },
};

/// Tells whether a sum is computed with decimals: of integers and decimals it is.
pub(super) fn is_exact(arg: &TypedExpr) -> bool {
    matches!(arg.eval_type(), EvalType::Int | EvalType::Decimal)
}

fn bind(binder: &mut Binder<'_>, mut args: Vec<TypedExpr>) -> Result<BoundAggregate> {
    let Some(arg) = args.pop() else { return Err(SqlError::wrong_argument_count("sum").into()) };
    let most = i64::from(DECIMAL_PRECISION_MAX);
    if !is_exact(&arg) {
        let ty = SqlType { length: 23, decimals: UNSPECIFIED, ..SqlType::double() };
        let arg = binder.wrap(arg, ArgKind::Real)?;
        return Ok(BoundAggregate {
            name: SUM.name,
            args: vec![arg],
            ty,
            nullable: true,
            accumulator: |_, _| Box::new(RealSum::default()),
        });
    }
    let source = arg.ty.clone();
    let ty = if source.eval_type() == EvalType::Int {
        let length = if source.length < 0 { most } else { (source.length + 21).min(most) };
        SqlType { length, ..SqlType::decimal(0, 0) }
    } else {
        let length = if source.length < 0 { most } else { (source.length + 22).min(most) };
        SqlType { length, ..SqlType::decimal(0, source.decimals) }
    };
    let arg = binder.wrap(arg, ArgKind::Decimal)?;
    Ok(BoundAggregate {
        name: SUM.name,
        args: vec![arg],
        ty,
        nullable: true,
        accumulator: |_, _| Box::new(DecimalSum::default()),
    })
}

/// Marks the groups that have seen a value.
pub(super) fn nulls_of(seen: &[i64]) -> Option<NullBuffer> {
    let mut valid = BooleanBufferBuilder::new(seen.len());
    seen.iter().for_each(|&n| valid.append(n > 0));
    Some(NullBuffer::new(valid.finish())).filter(|n| n.null_count() > 0)
}

/// Adds up doubles. A sum beyond the range is infinite, as TiDB's is, not an error.
#[derive(Default)]
pub(super) struct RealSum {
    pub(super) sums: Vec<f64>,
    pub(super) counts: Vec<i64>,
}

impl Accumulator for RealSum {
    fn resize(&mut self, groups: usize) {
        self.sums.resize(groups, 0.0);
        self.counts.resize(groups, 0);
    }

    fn update(&mut self, args: &[Column], rows: GroupedRows<'_>) -> Result<()> {
        let Some(column) = args.first() else { return Ok(()) };
        let reader = Real::open(column)?;
        rows.for_each(|row, group| {
            if let Some(value) = Real::get(&reader, row)
                && let (Some(sum), Some(count)) =
                    (self.sums.get_mut(group), self.counts.get_mut(group))
            {
                *sum += value;
                *count += 1;
            }
        });
        Ok(())
    }

    fn merge(&mut self, other: Box<dyn Accumulator>, groups: &[u32]) -> Result<()> {
        let other = same::<RealSum>(other)?;
        for ((sum, count), &group) in other.sums.iter().zip(&other.counts).zip(groups) {
            if let (Some(to), Some(to_count)) =
                (self.sums.get_mut(group as usize), self.counts.get_mut(group as usize))
            {
                *to += sum;
                *to_count += count;
            }
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Column> {
        let nulls = nulls_of(&self.counts);
        Ok(Column::reals(self.sums, nulls))
    }

    fn byte_size(&self) -> usize {
        16 * self.sums.capacity()
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

/// Adds up decimals: mantissas at `scale` while they fit, whole decimals beside.
#[derive(Default)]
pub(super) struct DecimalSum {
    mantissas: Vec<i128>,
    scale: u8,
    printed_scale: u8,
    is_started: bool,
    /// What did not fit the lanes: added to the mantissas at the end.
    whole: Vec<Decimal>,
    pub(super) counts: Vec<i64>,
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

    fn add_whole(&mut self, group: usize, value: &Decimal) -> Result<()> {
        if self.whole.len() < self.counts.len() {
            self.whole.resize(self.counts.len(), Decimal::ZERO);
        }
        let Some(sum) = self.whole.get_mut(group) else { return Ok(()) };
        let added = sum.add(value);
        if added.is_overflow() {
            return Err(Self::overflow().into());
        }
        *sum = added.value;
        Ok(())
    }

    /// Adds 64-bit mantissas; 2^63 of them fit.
    fn add_lane64(&mut self, values: &[i64], nulls: Option<&NullBuffer>, rows: GroupedRows<'_>) {
        let (sums, counts) = (&mut self.mantissas[..], &mut self.counts[..]);
        match (nulls, rows.groups, rows.rows.selection) {
            (None, Some(groups), selection) if rows.group_count <= FEW_GROUPS => {
                add_few(values, selection, groups, sums, counts, rows.group_count);
            }
            (None, None, None) => {
                let total: i128 = sum_slice(values);
                if let (Some(sum), Some(count)) = (sums.first_mut(), counts.first_mut()) {
                    *sum += total;
                    *count += values.len() as i64;
                }
            }
            _ => rows.for_each(|row, group| {
                if nulls.is_none_or(|n| n.is_valid(row))
                    && let (Some(value), Some(sum), Some(count)) =
                        (values.get(row), sums.get_mut(group), counts.get_mut(group))
                {
                    *sum += i128::from(*value);
                    *count += 1;
                }
            }),
        }
    }

    /// Gives a group's sum.
    pub(super) fn value(&self, group: usize) -> Result<Decimal> {
        let mantissa = self.mantissas.get(group).copied().unwrap_or(0);
        let sum =
            Decimal::from_i128_scaled(mantissa, self.scale).with_printed_scale(self.printed_scale);
        match self.whole.get(group) {
            Some(whole) if self.is_started => {
                let total = sum.add(whole);
                if total.is_overflow() { Err(Self::overflow().into()) } else { Ok(total.value) }
            }
            Some(whole) => Ok(*whole),
            None => Ok(sum),
        }
    }
}

/// Is how many groups are still summed by masks.
const FEW_GROUPS: usize = 8;
/// Is how many rows are summed in 64 bits before the sums are widened; see [`add_few`].
const BLOCK: usize = 1024;

/// Adds up a slice: in 64 bits a block at a time where magnitudes allow.
fn sum_slice(values: &[i64]) -> i128 {
    values
        .chunks(BLOCK)
        .map(|block| {
            if fits_block(block) {
                i128::from(block.iter().copied().fold(0i64, i64::wrapping_add))
            } else {
                block.iter().map(|&v| i128::from(v)).sum()
            }
        })
        .sum()
}

/// Tells whether a block's sum fits 64 bits whatever its signs.
fn fits_block(block: &[i64]) -> bool {
    let magnitudes = block.iter().fold(0u64, |bits, &v| bits | (v ^ (v >> 63)) as u64);
    magnitudes < 1 << 52
}

/// Adds values of few groups: for each group the masked sum of a block, which vectorises.
fn add_few(
    values: &[i64],
    selection: Option<&[u32]>,
    groups: &[u32],
    sums: &mut [i128],
    counts: &mut [i64],
    group_count: usize,
) {
    let mut picked = [0i64; BLOCK];
    let mut start = 0;
    for ids in groups.chunks(BLOCK) {
        let block: &[i64] = match selection {
            None => values.get(start..start + ids.len()).unwrap_or_default(),
            Some(rows) => {
                let rows = rows.get(start..start + ids.len()).unwrap_or_default();
                for (slot, &row) in picked.iter_mut().zip(rows) {
                    *slot = values.get(row as usize).copied().unwrap_or(0);
                }
                picked.get(..rows.len()).unwrap_or_default()
            }
        };
        start += ids.len();
        let fits = fits_block(block);
        for group in 0..group_count as u32 {
            let (Some(sum), Some(count)) =
                (sums.get_mut(group as usize), counts.get_mut(group as usize))
            else {
                continue;
            };
            if fits {
                let (part, rows) = masked_sum(block, ids, group);
                *sum += i128::from(part);
                *count += rows;
            } else {
                for (&value, _) in block.iter().zip(ids).filter(|(_, id)| **id == group) {
                    *sum += i128::from(value);
                    *count += 1;
                }
            }
        }
    }
}

/// Sums the values of one group; the caller has seen that the sum fits.
#[inline]
fn masked_sum(values: &[i64], groups: &[u32], group: u32) -> (i64, i64) {
    let mut sum = 0i64;
    let mut rows = 0i64;
    for (&value, &id) in values.iter().zip(groups) {
        let mask = -i64::from(id == group);
        sum = sum.wrapping_add(value & mask);
        rows -= mask;
    }
    (sum, rows)
}

impl Accumulator for DecimalSum {
    fn resize(&mut self, groups: usize) {
        self.mantissas.resize(groups, 0);
        self.counts.resize(groups, 0);
    }

    fn update(&mut self, args: &[Column], rows: GroupedRows<'_>) -> Result<()> {
        let Some(column) = args.first() else { return Ok(()) };
        if let ColumnData::Decimal(DecimalColumn::Lane64 { values, scale, printed_scale, .. }) =
            column.data()
            && self.meet(*scale, *printed_scale)
        {
            self.add_lane64(values, column.nulls(), rows);
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
                result = self.add_value(group, &value);
            }
        });
        result
    }

    fn merge(&mut self, other: Box<dyn Accumulator>, groups: &[u32]) -> Result<()> {
        let other = same::<DecimalSum>(other)?;
        for (from, &group) in groups.iter().enumerate() {
            let to = group as usize;
            if other.counts.get(from).is_none_or(|n| *n == 0) {
                continue;
            }
            self.add_value(to, &other.value(from)?)?;
            if let (Some(count), Some(n)) = (self.counts.get_mut(to), other.counts.get(from)) {
                *count += n;
            }
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Column> {
        let nulls = nulls_of(&self.counts);
        let values =
            (0..self.counts.len()).map(|g| self.value(g)).collect::<Result<Vec<Decimal>>>()?;
        Ok(Column::decimals(DecimalColumn::from_decimals(values), nulls))
    }

    fn byte_size(&self) -> usize {
        24 * self.counts.capacity() + size_of::<Decimal>() * self.whole.capacity()
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

impl DecimalSum {
    /// Adds one value to a group's sum.
    fn add_value(&mut self, group: usize, value: &Decimal) -> Result<()> {
        if self.meet(value.scale(), value.printed_scale())
            && let Some(mantissa) = value.to_i128_scaled(self.scale)
            && let Some(sum) = self.mantissas.get_mut(group)
            && let Some(total) = sum.checked_add(mantissa)
        {
            *sum = total;
            return Ok(());
        }
        self.add_whole(group, value)
    }
}
