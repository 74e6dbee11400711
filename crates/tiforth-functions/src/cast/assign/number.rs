// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Fits values into number columns.

use tiforth_expr::CallContext;
use tiforth_expr::kernel::RowValue;
use tiforth_types::decimal::{ParseOutcome, Rounding};
use tiforth_types::number::{
    Clipped, Parsed, TextUse, column_text_to_i64, column_text_to_u64, f64_to_i64, f64_to_u64,
    fit_double, i64_to_u64, text_to_f64, u64_to_i64,
};
use tiforth_types::{DatumRef, Decimal, SqlError, TypeKind};

use super::{Loss, is_source_unsigned, lose, warn, zone};
use crate::cast::{moment, to_decimal};

type Done = Result<RowValue, SqlError>;

/// Returns the least value of a signed kind and the greatest of each sign.
fn bounds(kind: TypeKind) -> (i64, i64, u64) {
    let of =
        |bits: u32| (i64::MIN >> (64 - bits), i64::MAX >> (64 - bits), u64::MAX >> (64 - bits));
    match kind {
        TypeKind::TinyInt => of(8),
        TypeKind::SmallInt => of(16),
        TypeKind::MediumInt => of(24),
        TypeKind::Int => of(32),
        _ => of(64),
    }
}

/// Fits a value into an integer column.
pub(super) fn int(ctx: &mut CallContext<'_>, value: DatumRef<'_>) -> Done {
    let (lower, upper, unsigned_upper) = bounds(ctx.call.ty.kind);
    if ctx.call.ty.unsigned {
        let clipped = unsigned(ctx, value, unsigned_upper)?;
        return finish(ctx, value, clipped.value.cast_signed(), clipped.overflows);
    }
    let clipped = signed(ctx, value, lower, upper)?;
    finish(ctx, value, clipped.value, clipped.overflows)
}

fn finish(ctx: &mut CallContext<'_>, value: DatumRef<'_>, bits: i64, overflows: bool) -> Done {
    if overflows {
        lose(ctx, Loss::Range, value)?;
    }
    Ok(RowValue::Int(bits))
}

fn clip(value: i64, lower: i64, upper: i64) -> Clipped<i64> {
    let clipped = value.clamp(lower, upper);
    Clipped { value: clipped, overflows: clipped != value }
}

fn signed(
    ctx: &mut CallContext<'_>,
    value: DatumRef<'_>,
    lower: i64,
    upper: i64,
) -> Result<Clipped<i64>, SqlError> {
    Ok(match value {
        DatumRef::Int(v) if is_source_unsigned(ctx) => u64_to_i64(v.cast_unsigned(), upper),
        DatumRef::Int(v) => clip(v, lower, upper),
        DatumRef::Real(v) => f64_to_i64(v, lower, upper),
        DatumRef::Decimal(v) => {
            let rounded = v.to_i64_rounded();
            let clipped = clip(rounded.value, lower, upper);
            Clipped { overflows: clipped.overflows || rounded.is_overflow(), ..clipped }
        }
        DatumRef::Bytes(text) => {
            let read = column_text_to_i64(text, ctx.session.sql_mode.is_strict());
            if ctx.session.sql_mode.is_strict() && read.out_of_range.is_some() {
                return Ok(Clipped { value: 0, overflows: true });
            }
            truncated(ctx, value, &read)?;
            let clipped = clip(read.value, lower, upper);
            Clipped { overflows: clipped.overflows || read.out_of_range.is_some(), ..clipped }
        }
        _ => clip(moment_number(ctx, value)?, lower, upper),
    })
}

fn unsigned(
    ctx: &mut CallContext<'_>,
    value: DatumRef<'_>,
    upper: u64,
) -> Result<Clipped<u64>, SqlError> {
    let clip = |value: u64| Clipped { value: value.min(upper), overflows: value > upper };
    Ok(match value {
        DatumRef::Int(v) if is_source_unsigned(ctx) => clip(v.cast_unsigned()),
        DatumRef::Int(v) => i64_to_u64(v, upper),
        DatumRef::Real(v) => f64_to_u64(v, upper, false),
        DatumRef::Decimal(v) => round_unsigned(v, upper),
        DatumRef::Time(v) => round_unsigned(&whole(&to_decimal::of_time(ctx, v)), upper),
        DatumRef::Duration(v) => round_unsigned(&whole(&to_decimal::of_duration(ctx, v)), upper),
        DatumRef::Bytes(text) => {
            let read = column_text_to_u64(text, ctx.session.sql_mode.is_strict());
            let clipped = clip(read.value);
            let overflows = clipped.overflows || read.out_of_range.is_some();
            if !(overflows && ctx.session.sql_mode.is_strict()) {
                truncated(ctx, value, &read)?;
            }
            Clipped { overflows, ..clipped }
        }
        DatumRef::Null => clip(0),
    })
}

/// Rounds the seconds of a date or time as digits: 59.5 is 60.
fn whole(number: &Decimal) -> Decimal {
    number.round(0, Rounding::HalfUp).value
}

/// Rounds a number that anything negative is beyond, even what would round to zero.
fn round_unsigned(number: &Decimal, upper: u64) -> Clipped<u64> {
    if number.is_negative() && !number.is_zero() {
        return Clipped { value: 0, overflows: true };
    }
    let rounded = number.to_u64_rounded();
    let value = rounded.value.min(upper);
    Clipped { value, overflows: value != rounded.value || rounded.is_overflow() }
}

fn truncated<T>(
    ctx: &mut CallContext<'_>,
    value: DatumRef<'_>,
    read: &Parsed<'_, T>,
) -> Result<(), SqlError> {
    if read.truncated.is_some() { lose(ctx, Loss::Number, value) } else { Ok(()) }
}

/// Returns the number a date or time is, in whole seconds.
fn moment_number(ctx: &CallContext<'_>, value: DatumRef<'_>) -> Result<i64, SqlError> {
    match value {
        DatumRef::Time(v) => {
            let (kind, _) = moment::form(ctx, v);
            let rounded = v.plain().round(0, zone(ctx)?).map_err(|e| e.to_error(&[]))?;
            Ok(i64::try_from(rounded.to_number(kind, 0).0).unwrap_or(i64::MAX))
        }
        DatumRef::Duration(v) => Ok(v.round(0).to_number(0).0),
        _ => Err(SqlError::other("a value is not of its type")),
    }
}

/// Fits a value into a FLOAT or DOUBLE column.
pub(super) fn real(ctx: &mut CallContext<'_>, value: DatumRef<'_>) -> Done {
    #[expect(clippy::cast_precision_loss, reason = "the conversion itself")]
    let mut number = match value {
        DatumRef::Int(v) if is_source_unsigned(ctx) => v.cast_unsigned() as f64,
        DatumRef::Int(v) => v as f64,
        DatumRef::Real(v) => v,
        DatumRef::Decimal(v) => v.to_f64(),
        DatumRef::Time(v) => to_decimal::of_time(ctx, v).to_f64(),
        DatumRef::Duration(v) => to_decimal::of_duration(ctx, v).to_f64(),
        DatumRef::Bytes(text) => {
            let read = text_to_f64(text, TextUse::Column);
            truncated(ctx, value, &read)?;
            if read.out_of_range.is_some() {
                lose(ctx, Loss::Number, value)?;
            }
            read.value
        }
        DatumRef::Null => return Ok(RowValue::Null),
    };
    let ty = &ctx.call.ty;
    let is_float = ty.kind == TypeKind::Float;
    let mut overflows = false;
    if ty.length >= 0 && ty.decimals >= 0 {
        let fitted = fit_double(number, ty.length, ty.decimals.into());
        (number, overflows) = (fitted.value, fitted.overflows);
    }
    let most = if is_float { f64::from(f32::MAX) } else { f64::MAX };
    if ty.unsigned && number < 0.0 {
        lose(ctx, Loss::Range, value)?;
        number = 0.0;
    } else if overflows || number.abs() > most {
        lose(ctx, Loss::Range, value)?;
        number = number.clamp(-most, most);
    }
    #[expect(clippy::cast_possible_truncation, reason = "within the range of 32 bits")]
    let held = if is_float { f64::from(number as f32) } else { number };
    // What is stored has no zero with a sign.
    Ok(RowValue::Real(held + 0.0))
}

/// Fits a value into a DECIMAL column. A fraction that does not fit is a warning in every sql_mode.
pub(super) fn decimal(ctx: &mut CallContext<'_>, value: DatumRef<'_>) -> Done {
    let mut is_reported = false;
    let number = match value {
        DatumRef::Int(v) if is_source_unsigned(ctx) => Decimal::from_u64(v.cast_unsigned()),
        DatumRef::Int(v) => Decimal::from_i64(v),
        DatumRef::Decimal(v) => *v,
        DatumRef::Time(v) => to_decimal::of_time(ctx, v),
        DatumRef::Duration(v) => to_decimal::of_duration(ctx, v),
        DatumRef::Real(_) | DatumRef::Bytes(_) => {
            let read = match value {
                DatumRef::Bytes(text) => Decimal::parse(text),
                DatumRef::Real(v) => Decimal::from_f64(v),
                _ => return Ok(RowValue::Null),
            };
            match read.outcome {
                ParseOutcome::Exact => {}
                ParseOutcome::Overflow => {
                    return overflown(ctx, value, read.value.is_negative());
                }
                _ => {
                    lose(ctx, Loss::Number, value)?;
                    is_reported = true;
                }
            }
            read.value
        }
        DatumRef::Null => return Ok(RowValue::Null),
    };
    let ty = &ctx.call.ty;
    let (precision, scale) = precision_and_scale(ctx);
    let fitted = number.fit(precision, scale);
    let mut number = fitted.value;
    if fitted.is_overflow {
        if !is_reported {
            lose(ctx, Loss::Range, value)?;
        }
    } else if fitted.is_truncated {
        warn(ctx, Loss::Number, value);
    }
    if ty.unsigned && number.is_negative() {
        if !number.is_zero() && !fitted.is_overflow {
            lose(ctx, Loss::Range, value)?;
        }
        number = zero(scale);
    }
    Ok(RowValue::Decimal(number))
}

fn zero(scale: u8) -> Decimal {
    Decimal::ZERO.round(scale.into(), Rounding::HalfUp).value
}

fn precision_and_scale(ctx: &CallContext<'_>) -> (u8, u8) {
    let ty = &ctx.call.ty;
    (u8::try_from(ty.length).unwrap_or(10), u8::try_from(ty.decimals).unwrap_or(0))
}

/// Takes the column's bound for a number beyond every DECIMAL.
fn overflown(ctx: &mut CallContext<'_>, value: DatumRef<'_>, is_negative: bool) -> Done {
    lose(ctx, Loss::Range, value)?;
    let (precision, scale) = precision_and_scale(ctx);
    let bound = Decimal::max_for(precision, scale);
    if is_negative && ctx.call.ty.unsigned {
        return Ok(RowValue::Decimal(zero(scale)));
    }
    Ok(RowValue::Decimal(if is_negative { bound.negate() } else { bound }))
}

/// Fits a value into a YEAR column: 1 to 69 are years from 2001, 70 to 99 from 1970.
pub(super) fn year(ctx: &mut CallContext<'_>, value: DatumRef<'_>) -> Done {
    let number = match value {
        DatumRef::Time(v) => i64::from(v.year()),
        value => signed(ctx, value, i64::MIN, i64::MAX)?.value,
    };
    // A text is a year as people write it: '0' is 2000.
    let is_text = matches!(value, DatumRef::Bytes(text) if text.len() < 4);
    let year = match number {
        0 if is_text => 2000,
        0 => 0,
        1..=69 => number + 2000,
        70..=99 => number + 1900,
        1901..=2155 => number,
        _ => {
            lose(ctx, Loss::Range, value)?;
            0
        }
    };
    Ok(RowValue::Int(year))
}

/// Fits a value into a BIT column: a text is its bytes.
pub(super) fn bit(ctx: &mut CallContext<'_>, value: DatumRef<'_>) -> Done {
    let width = u32::try_from(ctx.call.ty.length).unwrap_or(64).clamp(1, 64);
    let upper = u64::MAX >> (64 - width);
    let (number, is_too_long) = match value {
        DatumRef::Bytes(bytes) => {
            let zeros = bytes.iter().take_while(|b| **b == 0).count();
            let significant = bytes.get(zeros..).unwrap_or_default();
            let number = significant.iter().fold(0u64, |n, b| n << 8 | u64::from(*b));
            (number, significant.len() > 8)
        }
        DatumRef::Int(v) => (v.cast_unsigned(), false),
        value => {
            let clipped = unsigned(ctx, value, u64::MAX)?;
            (clipped.value, clipped.overflows)
        }
    };
    if is_too_long || number > upper {
        lose(ctx, Loss::Length, value)?;
        return Ok(RowValue::Int(upper.cast_signed()));
    }
    Ok(RowValue::Int(number.cast_signed()))
}
