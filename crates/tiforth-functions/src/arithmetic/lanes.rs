// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Adds, subtracts and multiplies decimals: over lanes of mantissas where bounds prove that nothing
//! overflows, else value by value.
//!
//! A column of mantissas brings a bound of its magnitudes. The result's bound follows from the
//! operands'; while it is within a lane of 64 bits no row needs a check and the loop vectorises, within
//! 128 bits no row needs a check. Beyond, each row is checked against 38 digits, and one that has more
//! leaves the whole batch to the kernel by values.

use arrow_buffer::NullBuffer;
use tiforth_data::{Column, DecimalColumn, IntLayout};
use tiforth_expr::CallContext;
use tiforth_expr::kernel::{Args, Kernel, RowValue, Rows};
use tiforth_types::decimal::{Computed, Outcome};
use tiforth_types::sql_type::DECIMAL_SCALE_MAX;
use tiforth_types::{DatumRef, Decimal, Result, SqlError, code};

use super::operands::decimal_overflow;
use super::value_by_value::value_by_value;
use super::wide_products;
use crate::mantissas::{self, LONG_BITS, Mantissas, SHORT_BITS, Values};

/// Names the operation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Operation {
    Add,
    Sub,
    Mul,
}

/// Computes one operation over decimals.
pub(super) struct Lanes(pub(super) Operation);

impl Operation {
    fn sign(self) -> &'static str {
        match self {
            Operation::Add => "+",
            Operation::Sub => "-",
            Operation::Mul => "*",
        }
    }

    pub(super) fn apply(self, a: &Decimal, b: &Decimal) -> Computed<Decimal> {
        match self {
            Operation::Add => a.add(b),
            Operation::Sub => a.sub(b),
            Operation::Mul => a.mul(b),
        }
    }

    /// Takes the value, or fails where that is what its loss means.
    pub(super) fn settle(
        self,
        ctx: &CallContext<'_>,
        computed: Computed<Decimal>,
    ) -> Result<Decimal, SqlError> {
        match computed.outcome {
            Outcome::Overflow => Err(decimal_overflow(ctx, self.sign())),
            // TiDB lets a product lose digits, but not a sum.
            Outcome::Truncated if self != Operation::Mul => {
                Err(SqlError::new(code::ER_WARN_DATA_TRUNCATED, "Data Truncated"))
            }
            Outcome::Truncated | Outcome::Exact => Ok(computed.value),
        }
    }
}

impl Kernel for Lanes {
    fn batch(&self, args: &Args<'_>, rows: Rows<'_>, ctx: &mut CallContext<'_>) -> Result<Column> {
        if let Some(column) = self.over_lanes(args, rows.len)? {
            return Ok(column);
        }
        value_by_value(self.0, args, rows, ctx)
    }

    fn row(
        &self,
        args: &[DatumRef<'_>],
        _: &mut Vec<u8>,
        ctx: &mut CallContext<'_>,
    ) -> Result<RowValue, SqlError> {
        let [DatumRef::Decimal(a), DatumRef::Decimal(b)] = args else { return Ok(RowValue::Null) };
        self.0.settle(ctx, self.0.apply(a, b)).map(RowValue::Decimal)
    }
}

impl Lanes {
    fn over_lanes(&self, args: &Args<'_>, len: usize) -> Result<Option<Column>> {
        let (a, b) = (args.decoded(0)?, args.decoded(1)?);
        let computed = match self.0 {
            Operation::Mul => multiply(&a, &b),
            Operation::Add => add(&a, &b, false),
            Operation::Sub => add(&a, &b, true),
        };
        Ok(computed
            .filter(|c| c.len() == len && !c.has_long_zero())
            .map(|values| Column::decimals(values, NullBuffer::union(a.nulls(), b.nulls()))))
    }
}

fn multiply(a: &Column, b: &Column) -> Option<DecimalColumn> {
    let (a, b) = (&Mantissas::open(a)?, &Mantissas::open(b)?);
    let bits = a.bits + b.bits;
    let scale = a.scale + b.scale;
    if i32::from(scale) > DECIMAL_SCALE_MAX || !a.has_room_for_product(b) {
        return None;
    }
    let layout = IntLayout::of_bits(bits.min(i128::BITS - 1), scale);
    let printed_scale = (a.printed_scale + b.printed_scale).min(DECIMAL_SCALE_MAX as u8);
    if bits <= SHORT_BITS
        && let Some(values) = mantissas::short(a, b, i64::wrapping_mul)
    {
        let (values, bits) = (values.into(), bits as u8);
        return Some(DecimalColumn::Lane64 { values, scale, printed_scale, bits, layout });
    }
    let values = match (a.values, b.values) {
        (Values::Long(a), Values::Short(b)) | (Values::Short(b), Values::Long(a)) => {
            wide_products::products(a, b)
        }
        _ if bits <= LONG_BITS => {
            mantissas::long(a, b, |_, a, b| a.wrapping_mul(b)).map(Into::into)
        }
        _ => {
            let checked = mantissas::long(a, b, |is_beyond, a, b| {
                let (product, is_over) = multiplied(a, b);
                *is_beyond |= is_over | mantissas::is_beyond(product);
                product
            });
            checked.map(Into::into)
        }
    };
    values.map(|values| DecimalColumn::Lane128 { values, scale, printed_scale, layout })
}

/// Multiplies, and tells whether that overflowed.
#[inline(always)]
fn multiplied(a: i128, b: i128) -> (i128, bool) {
    match (i64::try_from(a), i64::try_from(b)) {
        (Ok(a), Ok(b)) => (i128::from(a).wrapping_mul(b.into()), false),
        _ => a.overflowing_mul(b),
    }
}

fn add(a: &Column, b: &Column, is_difference: bool) -> Option<DecimalColumn> {
    let open = |bits| one_scale(a, b, bits);
    match open(i128::BITS) {
        Some(_) if is_difference => add_long(open, i128::wrapping_sub, i128::overflowing_sub),
        Some(_) => add_long(open, i128::wrapping_add, i128::overflowing_add),
        None => add_bounded(Mantissas::open(a)?, Mantissas::open(b)?, is_difference),
    }
}

/// Opens operands of which one at least is long, given a bound of the bits of those; nothing where one
/// is to be brought to the other's scale row by row.
fn one_scale<'a>(
    a: &'a Column,
    b: &'a Column,
    long_bits: u32,
) -> Option<(Mantissas<'a>, Mantissas<'a>)> {
    let (a, b) = (Mantissas::bounded(a, long_bits)?, Mantissas::bounded(b, long_bits)?);
    let scale = a.scale.max(b.scale);
    let ((a, raise_a), (b, raise_b)) = (a.at_scale(scale)?, b.at_scale(scale)?);
    ((a.is_long() || b.is_long()) && raise_a == 1 && raise_b == 1).then_some((a, b))
}

/// Adds what has one scale without a check. The bounds found on the way prove the sums right, or they
/// are computed anew with one.
#[inline]
fn add_long<'a>(
    open: impl Fn(u32) -> Option<(Mantissas<'a>, Mantissas<'a>)>,
    sum: impl Fn(i128, i128) -> i128,
    checked: impl Fn(i128, i128) -> (i128, bool),
) -> Option<DecimalColumn> {
    let (a, b) = open(i128::BITS)?;
    let (mut values, long_bits) = mantissas::long_bounded(&a, &b, sum)?;
    let (a, b) = open(long_bits)?;
    let bits = a.bits.max(b.bits) + 1;
    if bits > LONG_BITS {
        values = mantissas::long(&a, &b, |is_beyond, a, b| {
            let (sum, is_over) = checked(a, b);
            *is_beyond |= is_over | mantissas::is_beyond(sum);
            sum
        })?;
    }
    let (scale, printed_scale) = (a.scale, a.printed_scale.max(b.printed_scale));
    let layout =
        mantissas::sum_layout(a.int_words.max(b.int_words), bits.min(i128::BITS - 1), scale)?;
    Some(DecimalColumn::Lane128 { values: values.into(), scale, printed_scale, layout })
}

fn add_bounded(a: Mantissas<'_>, b: Mantissas<'_>, is_difference: bool) -> Option<DecimalColumn> {
    let scale = a.scale.max(b.scale);
    let printed_scale = a.printed_scale.max(b.printed_scale);
    let ((a, raise_a), (b, raise_b)) = (a.at_scale(scale)?, b.at_scale(scale)?);
    let bits = a.bits.max(b.bits) + 1;
    let layout =
        mantissas::sum_layout(a.int_words.max(b.int_words), bits.min(i128::BITS - 1), scale)?;
    if bits <= SHORT_BITS
        && let Some(values) = add_short(&a, raise_a as i64, &b, raise_b as i64, is_difference)
    {
        let (values, bits) = (values.into(), bits as u8);
        return Some(DecimalColumn::Lane64 { values, scale, printed_scale, bits, layout });
    }
    let values = if bits <= LONG_BITS {
        let sum =
            |a: i128, b: i128| if is_difference { a.wrapping_sub(b) } else { a.wrapping_add(b) };
        if raise_a == 1 && raise_b == 1 {
            mantissas::long(&a, &b, |_, a, b| sum(a, b))
        } else {
            mantissas::long(&a, &b, |_, a, b| sum(a.wrapping_mul(raise_a), b.wrapping_mul(raise_b)))
        }
    } else {
        mantissas::long(&a, &b, |is_beyond, a, b| {
            let ((a, over_a), (b, over_b)) = (multiplied(a, raise_a), multiplied(b, raise_b));
            let (sum, is_over) =
                if is_difference { a.overflowing_sub(b) } else { a.overflowing_add(b) };
            *is_beyond |= over_a | over_b | is_over | mantissas::is_beyond(sum);
            sum
        })
    };
    values.map(|v| DecimalColumn::Lane128 { values: v.into(), scale, printed_scale, layout })
}

fn add_short(
    a: &Mantissas<'_>,
    raise_a: i64,
    b: &Mantissas<'_>,
    raise_b: i64,
    is_difference: bool,
) -> Option<Vec<i64>> {
    match (raise_a, raise_b, is_difference) {
        (1, 1, false) => mantissas::short(a, b, i64::wrapping_add),
        (1, 1, true) => mantissas::short(a, b, i64::wrapping_sub),
        (_, _, false) => mantissas::short(a, b, move |a, b| {
            a.wrapping_mul(raise_a).wrapping_add(b.wrapping_mul(raise_b))
        }),
        (_, _, true) => mantissas::short(a, b, move |a, b| {
            a.wrapping_mul(raise_a).wrapping_sub(b.wrapping_mul(raise_b))
        }),
    }
}
