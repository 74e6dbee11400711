// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Compares whole columns where a loop over plain integers gives the answer: decimals in lanes, and a
//! host's Decimal128 or Date32 with a constant, as they lie.
//!
//! Decimals at two scales compare as mantissas at the greater one, while a bound proves that bringing
//! one there does not overflow. A host's 128-bit mantissas compare with a constant by their low halves
//! while the high ones only repeat the sign, which one flag tells for all rows. Days since 1970 order
//! as the dates do. What none of this covers is left to the kernel that looks at each row.

use arrow_buffer::{BooleanBuffer, NullBuffer};
use tiforth_data::column::{HostMantissas, day_of};
use tiforth_data::{Column, ColumnData, DecimalColumn, bitmap};
use tiforth_expr::CallContext;
use tiforth_expr::kernel::{Args, Kernel, RowValue, Rows};
use tiforth_types::decimal::lanes::pow10_i64;
use tiforth_types::{Datum, DatumRef, Result, SqlError};

use super::operator::Operator;

/// Compares the two arguments' columns, or gives nothing where rows need to be looked at.
type Comparison = fn(Operator, &Args<'_>) -> Result<Option<Column>>;

/// Tries to compare whole columns first, and runs `rows` where that gives nothing.
pub(super) struct Columns<K> {
    operator: Operator,
    columns: Comparison,
    rows: K,
}

impl<K> Columns<K> {
    /// Builds the kernel of an operator from the one by rows and the comparison of columns.
    pub(super) const fn new(operator: Operator, columns: Comparison, rows: K) -> Self {
        Columns { operator, columns, rows }
    }
}

impl<K: Kernel> Kernel for Columns<K> {
    fn batch(&self, args: &Args<'_>, rows: Rows<'_>, ctx: &mut CallContext<'_>) -> Result<Column> {
        match (self.columns)(self.operator, args)? {
            Some(column) => Ok(column),
            None => self.rows.batch(args, rows, ctx),
        }
    }

    fn row(
        &self,
        args: &[DatumRef<'_>],
        out: &mut Vec<u8>,
        ctx: &mut CallContext<'_>,
    ) -> Result<RowValue, SqlError> {
        self.rows.row(args, out, ctx)
    }
}

/// Compares pairs of integers; `a` and `b` are read in a loop compiled for each operator.
#[inline(always)]
fn compared<T: Ord + Copy>(
    operator: Operator,
    len: usize,
    a: impl Fn(usize) -> T,
    b: impl Fn(usize) -> T,
) -> BooleanBuffer {
    match operator {
        Operator::Eq | Operator::NullEq => bitmap::truths(len, |i| a(i) == b(i)),
        Operator::Ne => bitmap::truths(len, |i| a(i) != b(i)),
        Operator::Lt => bitmap::truths(len, |i| a(i) < b(i)),
        Operator::Le => bitmap::truths(len, |i| a(i) <= b(i)),
        Operator::Gt => bitmap::truths(len, |i| a(i) > b(i)),
        Operator::Ge => bitmap::truths(len, |i| a(i) >= b(i)),
    }
}

fn finished(operator: Operator, bits: BooleanBuffer, nulls: Option<NullBuffer>) -> Option<Column> {
    let has_nulls = nulls.as_ref().is_some_and(|n| n.null_count() > 0);
    if has_nulls && operator == Operator::NullEq {
        return None;
    }
    Some(Column::bits(bits, nulls.filter(|_| has_nulls)))
}

/// Splits the arguments into a column and the constant it is compared with, the operator turned so
/// that the column stands first.
fn with_constant<'a>(
    operator: Operator,
    args: &Args<'a>,
) -> Result<Option<(Operator, &'a Column, &'a Datum)>> {
    let (a, b) = (args.raw(0)?, args.raw(1)?);
    Ok(match (a.as_constant(), b.as_constant()) {
        (None, Some(value)) => Some((operator, a, value)),
        (Some(value), None) => Some((operator.symmetric(), b, value)),
        _ => None,
    })
}

/// Compares decimals.
pub(super) fn decimals(operator: Operator, args: &Args<'_>) -> Result<Option<Column>> {
    if let Some((turned, column, Datum::Decimal(value))) = with_constant(operator, args)?
        && let Some(host) = column.host_mantissas()
        && host.scale >= value.scale()
        && let Some(mantissa) = value.to_i128_scaled(host.scale)
        && let Ok(constant) = i64::try_from(mantissa)
    {
        let pairs = host.pairs();
        let low = |i: usize| HostMantissas::low(&pairs[i]);
        let bits = compared(turned, pairs.len(), low, |_| constant);
        return Ok(finished(turned, bits, host.nulls.clone()));
    }
    let (a, b) = (args.decoded(0)?, args.decoded(1)?);
    let (Some(left), Some(right)) = (Lane::open(&a), Lane::open(&b)) else { return Ok(None) };
    let bits = match (left.values, right.values) {
        (Values::Slice(x), Values::Slice(y)) => {
            let len = x.len().min(y.len());
            let Some((raise_x, raise_y)) = raises(&left, &right) else { return Ok(None) };
            let (x, y) = (&x[..len], &y[..len]);
            compared(operator, len, |i| x[i].wrapping_mul(raise_x), |i| y[i].wrapping_mul(raise_y))
        }
        (Values::Slice(x), Values::One(y)) => {
            let Some((raise_x, raise_y)) = raises(&left, &right) else { return Ok(None) };
            let y = y.wrapping_mul(raise_y);
            compared(operator, x.len(), |i| x[i].wrapping_mul(raise_x), |_| y)
        }
        (Values::One(x), Values::Slice(y)) => {
            let Some((raise_x, raise_y)) = raises(&left, &right) else { return Ok(None) };
            let x = x.wrapping_mul(raise_x);
            compared(operator, y.len(), |_| x, |i| y[i].wrapping_mul(raise_y))
        }
        (Values::One(_), Values::One(_)) => return Ok(None),
    };
    Ok(finished(operator, bits, NullBuffer::union(a.nulls(), b.nulls())))
}

/// Is an operand in 64-bit lanes.
struct Lane<'a> {
    values: Values<'a>,
    scale: u8,
    bits: u32,
}

#[derive(Clone, Copy)]
enum Values<'a> {
    Slice(&'a [i64]),
    One(i64),
}

impl<'a> Lane<'a> {
    fn open(column: &'a Column) -> Option<Lane<'a>> {
        match column.data() {
            ColumnData::Decimal(DecimalColumn::Lane64 { values, scale, bits, .. }) => {
                Some(Lane { values: Values::Slice(values), scale: *scale, bits: (*bits).into() })
            }
            ColumnData::Constant(value) => {
                let Datum::Decimal(value) = value.as_ref() else { return None };
                let mantissa = i64::try_from(value.to_i128_scaled(value.scale())?).ok()?;
                let bits = 64 - mantissa.unsigned_abs().leading_zeros();
                Some(Lane { values: Values::One(mantissa), scale: value.scale(), bits })
            }
            _ => None,
        }
    }
}

/// Returns what brings two operands to one scale, if neither overflows.
fn raises(a: &Lane<'_>, b: &Lane<'_>) -> Option<(i64, i64)> {
    let scale = a.scale.max(b.scale);
    let raise = |lane: &Lane<'_>| {
        let raise = pow10_i64(scale - lane.scale)?;
        let bits = if raise == 1 { 0 } else { 64 - raise.leading_zeros() };
        (lane.bits + bits <= 63).then_some(raise)
    };
    Some((raise(a)?, raise(b)?))
}

/// Compares a host's days with a date.
pub(super) fn dates(operator: Operator, args: &Args<'_>) -> Result<Option<Column>> {
    if let Some((operator, column, Datum::Time(value))) = with_constant(operator, args)?
        && let Some(day) = day_of(*value)
        && let Some(host) = column.host_days()
    {
        let days = &host.values[..];
        let bits = compared(operator, days.len(), |i| days[i], |_| day);
        return Ok(finished(operator, bits, host.nulls.clone()));
    }
    Ok(None)
}
