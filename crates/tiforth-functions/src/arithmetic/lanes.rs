// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Adds, subtracts and multiplies decimals: over lanes of mantissas where bounds prove that nothing
//! overflows, else value by value.
//!
//! A column of mantissas brings a bound of its magnitudes. The result's bound follows from the
//! operands'; while it is within the lane no row needs a check, and the loop vectorises.

use std::borrow::Cow;

use arrow_buffer::NullBuffer;
use tiforth_data::{Column, ColumnData, DecimalColumn};
use tiforth_expr::kernel::{Args, Dec, Kernel, RowValue, Rows, Scalar2};
use tiforth_expr::{CallContext, TypedExpr};
use tiforth_types::decimal::Outcome;
use tiforth_types::decimal::lanes::pow10_i64;
use tiforth_types::sql_type::DECIMAL_SCALE_MAX;
use tiforth_types::{Datum, DatumRef, Decimal, EvalType, Result, SqlError, code};

use super::operands::decimal_overflow;

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

/// Is an operand in 64-bit lanes: one value a row, or one for all.
struct Lane<'a> {
    values: Cow<'a, [i64]>,
    is_constant: bool,
    scale: u8,
    printed_scale: u8,
    bits: u32,
}

fn bits_of(value: i64) -> u32 {
    64 - value.unsigned_abs().leading_zeros()
}

impl<'a> Lane<'a> {
    fn open(column: &'a Column) -> Option<Lane<'a>> {
        match column.data() {
            ColumnData::Decimal(DecimalColumn::Lane64 { values, scale, printed_scale, bits }) => {
                Some(Lane {
                    values: Cow::Borrowed(values),
                    is_constant: false,
                    scale: *scale,
                    printed_scale: *printed_scale,
                    bits: u32::from(*bits),
                })
            }
            ColumnData::Constant(value) => {
                let Datum::Decimal(value) = value.as_ref() else { return None };
                let scale = value.scale();
                let mantissa = i64::try_from(value.to_i128_scaled(scale)?).ok()?;
                Some(Lane {
                    values: Cow::Owned(vec![mantissa]),
                    is_constant: true,
                    scale,
                    printed_scale: value.printed_scale(),
                    bits: bits_of(mantissa),
                })
            }
            _ => None,
        }
    }

    /// Calls `body` with this operand's and `other`'s values of each row.
    #[inline(always)]
    fn zip(&self, other: &Lane<'_>, body: impl Fn(i64, i64) -> i64) -> Vec<i64> {
        let constant = |lane: &Lane<'_>| lane.values.first().copied().unwrap_or(0);
        match (self.is_constant, other.is_constant) {
            (false, false) => {
                self.values.iter().zip(other.values.iter()).map(|(&a, &b)| body(a, b)).collect()
            }
            (false, true) => {
                let b = constant(other);
                self.values.iter().map(|&a| body(a, b)).collect()
            }
            (true, _) => {
                let a = constant(self);
                other.values.iter().map(|&b| body(a, b)).collect()
            }
        }
    }
}

impl Lanes {
    fn over_lanes(&self, args: &Args<'_>, len: usize) -> Result<Option<Column>> {
        let (a, b) = (args.decoded(0)?, args.decoded(1)?);
        let (Some(left), Some(right)) = (Lane::open(&a), Lane::open(&b)) else { return Ok(None) };
        if left.is_constant && right.is_constant {
            return Ok(None);
        }
        let computed = match self.0 {
            Operation::Mul => multiply(&left, &right),
            Operation::Add => add(&left, &right, false),
            Operation::Sub => add(&left, &right, true),
        };
        Ok(computed
            .filter(|c| c.len() == len && !c.has_long_zero())
            .map(|values| Column::decimals(values, NullBuffer::union(a.nulls(), b.nulls()))))
    }
}

fn multiply(a: &Lane<'_>, b: &Lane<'_>) -> Option<DecimalColumn> {
    let bits = a.bits + b.bits;
    let scale = a.scale + b.scale;
    if bits > 63 || i32::from(scale) > DECIMAL_SCALE_MAX {
        return None;
    }
    let printed_scale = (a.printed_scale + b.printed_scale).min(DECIMAL_SCALE_MAX as u8);
    let values = a.zip(b, |a, b| a.wrapping_mul(b));
    Some(DecimalColumn::Lane64 { values: values.into(), scale, printed_scale, bits: bits as u8 })
}

fn add(a: &Lane<'_>, b: &Lane<'_>, is_difference: bool) -> Option<DecimalColumn> {
    let scale = a.scale.max(b.scale);
    let (raise_a, raise_b) = (pow10_i64(scale - a.scale)?, pow10_i64(scale - b.scale)?);
    let raised =
        |lane: &Lane<'_>, raise: i64| lane.bits + if raise == 1 { 0 } else { bits_of(raise) };
    let bits = raised(a, raise_a).max(raised(b, raise_b)) + 1;
    if bits > 63 {
        return None;
    }
    let values = match (raise_a == 1 && raise_b == 1, is_difference) {
        (true, false) => a.zip(b, |a, b| a.wrapping_add(b)),
        (true, true) => a.zip(b, |a, b| a.wrapping_sub(b)),
        (false, false) => {
            a.zip(b, |a, b| a.wrapping_mul(raise_a).wrapping_add(b.wrapping_mul(raise_b)))
        }
        (false, true) => {
            a.zip(b, |a, b| a.wrapping_mul(raise_a).wrapping_sub(b.wrapping_mul(raise_b)))
        }
    };
    let printed_scale = a.printed_scale.max(b.printed_scale);
    Some(DecimalColumn::Lane64 { values: values.into(), scale, printed_scale, bits: bits as u8 })
}
