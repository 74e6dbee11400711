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
use tiforth_data::{Column, ColumnData, DecimalColumn};
use tiforth_expr::kernel::{Args, Dec, Kernel, RowValue, Rows, Scalar2};
use tiforth_expr::{CallContext, TypedExpr};
use tiforth_types::decimal::Outcome;
use tiforth_types::sql_type::DECIMAL_SCALE_MAX;
use tiforth_types::{DatumRef, Decimal, EvalType, Result, SqlError, code};

use super::operands::decimal_overflow;
use crate::mantissas::{self, LONG_BITS, Mantissas, SHORT_BITS};

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

    fn compute(
        self,
        ctx: &mut CallContext<'_>,
        a: Decimal,
        b: Decimal,
    ) -> Result<Option<Decimal>, SqlError> {
        let result = match self {
            Operation::Add => a.add(&b),
            Operation::Sub => a.sub(&b),
            Operation::Mul => a.mul(&b),
        };
        match result.outcome {
            Outcome::Overflow => return Err(decimal_overflow(ctx, self.sign())),
            // TiDB lets a product lose digits, but not a sum.
            Outcome::Truncated if self != Operation::Mul => {
                return Err(SqlError::new(code::ER_WARN_DATA_TRUNCATED, "Data Truncated"));
            }
            Outcome::Truncated | Outcome::Exact => {}
        }
        Ok(Some(result.value))
    }
}

impl Kernel for Lanes {
    fn batch(&self, args: &Args<'_>, rows: Rows<'_>, ctx: &mut CallContext<'_>) -> Result<Column> {
        if let Some(column) = self.over_lanes(args, rows.len)? {
            return Ok(column);
        }
        let operation = self.0;
        let (left, right) = (lane_digits(args, 0)?, lane_digits(args, 1)?);
        let body = move |ctx: &mut CallContext<'_>, a: Decimal, b: Decimal| {
            operation.compute(ctx, a.with_column_digits(left), b.with_column_digits(right))
        };
        Scalar2::<Dec, Dec, Dec, _>::new(body).batch(args, rows, ctx)
    }

    fn row(
        &self,
        args: &[DatumRef<'_>],
        _: &mut Vec<u8>,
        ctx: &mut CallContext<'_>,
    ) -> Result<RowValue, SqlError> {
        let [DatumRef::Decimal(a), DatumRef::Decimal(b)] = args else { return Ok(RowValue::Null) };
        let digits = |i: usize| ctx.call.args.get(i).map_or(0, field_digits);
        let (left, right) = (digits(0), digits(1));
        let a = a.with_column_digits(left);
        let value = self.0.compute(ctx, a, b.with_column_digits(right))?;
        Ok(value.map_or(RowValue::Null, RowValue::Decimal))
    }
}

/// Returns how many integer digits storage keeps of a column's values; 0 for what is no column.
fn field_digits(arg: &TypedExpr) -> u8 {
    if !arg.is_field() {
        return 0;
    }
    u8::try_from(arg.ty.length - i64::from(arg.ty.decimals)).unwrap_or(0)
}

/// Returns how many integer digits the values of an operand are laid out with, where they do not say
/// themselves: those of a column as its type says, those in lanes as what computed them lays them out.
/// Products of more than 81 digits are cut by it.
fn lane_digits(args: &Args<'_>, index: usize) -> Result<u8> {
    let Some(arg) = args.expr(index) else { return Ok(0) };
    if arg.is_field() {
        return Ok(field_digits(arg));
    }
    let column = args.decoded(index)?;
    let is_lane = matches!(
        column.data(),
        ColumnData::Decimal(DecimalColumn::Lane64 { .. } | DecimalColumn::Lane128 { .. })
    );
    Ok(if is_lane && has_whole_words(arg) { u8::MAX } else { 0 })
}

/// Tells whether an operand's values come from integers, sums, products or rounding: all of these give
/// whole words.
fn has_whole_words(arg: &TypedExpr) -> bool {
    arg.as_call().is_some_and(|call| match call.name.as_ref() {
        "plus" | "minus" | "mul" | "round" | "truncate" => true,
        name => call.args.iter().any(|a| match a.eval_type() {
            EvalType::Int => name == "cast",
            EvalType::Decimal => has_whole_words(a),
            _ => false,
        }),
    })
}

impl Lanes {
    fn over_lanes(&self, args: &Args<'_>, len: usize) -> Result<Option<Column>> {
        let (a, b) = (args.decoded(0)?, args.decoded(1)?);
        let (Some(left), Some(right)) = (Mantissas::open(&a), Mantissas::open(&b)) else {
            return Ok(None);
        };
        let computed = match self.0 {
            Operation::Mul => multiply(&left, &right),
            Operation::Add => add(left, right, false),
            Operation::Sub => add(left, right, true),
        };
        Ok(computed
            .filter(|c| c.len() == len && !c.has_long_zero())
            .map(|values| Column::decimals(values, NullBuffer::union(a.nulls(), b.nulls()))))
    }
}

/// Counts the words of nine digits a decimal has room for.
const WORDS: u32 = 9;

fn multiply(a: &Mantissas<'_>, b: &Mantissas<'_>) -> Option<DecimalColumn> {
    let bits = a.bits + b.bits;
    let scale = a.scale + b.scale;
    if i32::from(scale) > DECIMAL_SCALE_MAX {
        return None;
    }
    let printed_scale = (a.printed_scale + b.printed_scale).min(DECIMAL_SCALE_MAX as u8);
    if bits <= SHORT_BITS
        && let Some(values) = mantissas::short(a, b, i64::wrapping_mul)
    {
        let (values, bits) = (values.into(), bits as u8);
        return Some(DecimalColumn::Lane64 { values, scale, printed_scale, bits });
    }
    // Where the words might not fit, digits are cut off the factors.
    if a.int_words() + b.int_words() + a.frac_words() + b.frac_words() > WORDS {
        return None;
    }
    let values = if bits <= LONG_BITS {
        mantissas::long(a, b, |_, a, b| a.wrapping_mul(b))
    } else {
        mantissas::long(a, b, |is_beyond, a, b| {
            let (product, is_over) = multiplied(a, b);
            *is_beyond |= is_over | mantissas::is_beyond(product);
            product
        })
    };
    values.map(|v| DecimalColumn::Lane128 { values: v.into(), scale, printed_scale })
}

/// Multiplies, and tells whether that overflowed.
#[inline(always)]
fn multiplied(a: i128, b: i128) -> (i128, bool) {
    match (i64::try_from(a), i64::try_from(b)) {
        (Ok(a), Ok(b)) => (i128::from(a).wrapping_mul(b.into()), false),
        _ => a.overflowing_mul(b),
    }
}

fn add(a: Mantissas<'_>, b: Mantissas<'_>, is_difference: bool) -> Option<DecimalColumn> {
    let scale = a.scale.max(b.scale);
    let printed_scale = a.printed_scale.max(b.printed_scale);
    let ((a, raise_a), (b, raise_b)) = (a.at_scale(scale)?, b.at_scale(scale)?);
    let bits = a.bits.max(b.bits) + 1;
    if bits <= SHORT_BITS
        && let Some(values) = add_short(&a, raise_a as i64, &b, raise_b as i64, is_difference)
    {
        let (values, bits) = (values.into(), bits as u8);
        return Some(DecimalColumn::Lane64 { values, scale, printed_scale, bits });
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
    values.map(|v| DecimalColumn::Lane128 { values: v.into(), scale, printed_scale })
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
