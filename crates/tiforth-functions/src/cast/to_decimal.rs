// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Converts to DECIMAL and fits the value into the call's precision and scale.

use tiforth_expr::kernel::{BytesArg, Dec, Dur, Int, Moment, Real, Scalar1, UInt};
use tiforth_expr::{CallContext, Overload};
use tiforth_types::decimal::{ParseOutcome, text_to_lane};
use tiforth_types::number::trim_space;
use tiforth_types::{Decimal, Duration, SqlError, Time};

use super::lanes::{self, by_columns};
use super::sources::Sources;
use super::{loss, moment, plain};

/// Names the overloads by what they take.
pub(super) static FROM: Sources = Sources {
    int: Overload::strict(
        "CastIntAsDecimal",
        &by_columns(lanes::int_to_decimal, Scalar1::<Int, Dec, _>::new(from_int)),
    ),
    uint: Some(Overload::strict(
        "CastIntAsDecimal",
        &by_columns(lanes::uint_to_decimal, Scalar1::<UInt, Dec, _>::new(from_uint)),
    )),
    year: None,
    real: Overload::strict("CastRealAsDecimal", &Scalar1::<Real, Dec, _>::new(from_real)),
    decimal: Overload::strict(
        "CastDecimalAsDecimal",
        &by_columns(lanes::decimal_to_decimal, Scalar1::<Dec, Dec, _>::new(from_decimal)),
    ),
    text: Overload::strict(
        "CastStringAsDecimal",
        &by_columns(plain::text_to_decimal, Scalar1::<BytesArg, Dec, _>::new(from_text)),
    ),
    time: Overload::strict("CastTimeAsDecimal", &Scalar1::<Moment, Dec, _>::new(from_time))
        .reading_forms(),
    duration: Overload::strict(
        "CastDurationAsDecimal",
        &Scalar1::<Dur, Dec, _>::new(from_duration),
    ),
};

fn from_int(ctx: &mut CallContext<'_>, value: i64) -> Result<Option<Decimal>, SqlError> {
    fit(ctx, Decimal::from_i64(value))
}

fn from_uint(ctx: &mut CallContext<'_>, value: u64) -> Result<Option<Decimal>, SqlError> {
    fit(ctx, Decimal::from_u64(value))
}

/// Takes the double's shortest text.
fn from_real(ctx: &mut CallContext<'_>, value: f64) -> Result<Option<Decimal>, SqlError> {
    let read = Decimal::from_f64(value);
    if read.outcome == ParseOutcome::Overflow {
        let printed = ctx.call.args.first().map(ToString::to_string).unwrap_or_default();
        loss::report_as(ctx, SqlError::decimal_overflow, || {
            SqlError::truncated_wrong_value("DECIMAL", &printed)
        })?;
    }
    fit(ctx, read.value)
}

fn from_decimal(ctx: &mut CallContext<'_>, value: Decimal) -> Result<Option<Decimal>, SqlError> {
    fit(ctx, value)
}

/// Takes the number the text begins with.
#[inline(always)]
fn from_text(ctx: &mut CallContext<'_>, text: &[u8]) -> Result<Option<Decimal>, SqlError> {
    if let (Ok(precision), Ok(scale), false) =
        (u8::try_from(ctx.call.ty.length), u8::try_from(ctx.call.ty.decimals), ctx.call.ty.unsigned)
        && let Some(mantissa) = text_to_lane(text, precision, scale)
    {
        return Ok(Some(Decimal::from_i128_scaled(mantissa.into(), scale)));
    }
    from_any_text(ctx, text)
}

#[inline(never)]
fn from_any_text(ctx: &mut CallContext<'_>, text: &[u8]) -> Result<Option<Decimal>, SqlError> {
    let text = trim_space(text);
    let read = Decimal::parse(text);
    match read.outcome {
        ParseOutcome::Exact => {}
        ParseOutcome::Truncated if loss::writes(ctx) => {
            loss::report(ctx, SqlError::data_truncated)?
        }
        ParseOutcome::Truncated => loss::report(ctx, || loss::truncated("DECIMAL", text))?,
        ParseOutcome::NoDigits => {
            let unsigned = text.strip_prefix(b"-").or(text.strip_prefix(b"+")).unwrap_or(text);
            loss::report(ctx, || loss::truncated("DECIMAL", unsigned))?;
        }
        ParseOutcome::Overflow => loss::report(ctx, SqlError::decimal_overflow)?,
        ParseOutcome::BadNumber => loss::report(ctx, SqlError::bad_number)?,
    }
    fit(ctx, read.value)
}

/// Returns the number of a date or datetime, with the fraction digits of the call's argument.
pub(super) fn of_time(ctx: &CallContext<'_>, value: Time) -> Decimal {
    let (kind, fsp) = moment::form(ctx, value);
    let (mantissa, scale) = value.to_number(kind, fsp);
    Decimal::from_i128_scaled(mantissa, scale)
}

/// Returns the number of a time, with the fraction digits of the call's argument.
pub(super) fn of_duration(ctx: &CallContext<'_>, value: Duration) -> Decimal {
    let (mantissa, scale) = value.to_number(moment::source(ctx).1);
    Decimal::from_i128_scaled(mantissa.into(), scale)
}

fn from_time(ctx: &mut CallContext<'_>, value: Time) -> Result<Option<Decimal>, SqlError> {
    let number = of_time(ctx, value);
    fit(ctx, number)
}

fn from_duration(ctx: &mut CallContext<'_>, value: Duration) -> Result<Option<Decimal>, SqlError> {
    let number = of_duration(ctx, value);
    fit(ctx, number)
}

/// Rounds to the call's scale and takes the type's bound for what is beyond it.
pub(super) fn fit(ctx: &mut CallContext<'_>, value: Decimal) -> Result<Option<Decimal>, SqlError> {
    let ty = &ctx.call.ty;
    let (Ok(precision), Ok(scale)) = (u8::try_from(ty.length), u8::try_from(ty.decimals)) else {
        return Ok(Some(signed_as(ty.unsigned, value)));
    };
    if precision < scale {
        return Err(SqlError::precision_below_scale(""));
    }
    let fitted = value.fit(precision, scale);
    let unsigned = ty.unsigned;
    if fitted.is_overflow {
        let bounds = format!("({precision}, {scale})");
        loss::report(ctx, || SqlError::out_of_range("DECIMAL", &bounds))?;
    } else if fitted.is_truncated {
        ctx.warn(|| SqlError::truncated_wrong_value("DECIMAL", &value.to_string()));
    }
    Ok(Some(signed_as(unsigned, fitted.value)))
}

/// An unsigned DECIMAL holds nothing below zero.
fn signed_as(unsigned: bool, value: Decimal) -> Decimal {
    if unsigned && value.is_negative() { Decimal::ZERO } else { value }
}
