// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Converts to BIGINT, signed or not as the call's type says.

use tiforth_expr::kernel::{BytesArg, Dec, Dur, Int, Moment, Pure1, Real, Scalar1};
use tiforth_expr::{CallContext, Overload};
use tiforth_types::decimal::Computed;
use tiforth_types::number::{
    SignChange, cast_text_to_int, constant_overflows, f64_to_i64, f64_to_u64, int_prefix,
    round_half_even, whole_text_to_i64,
};
use tiforth_types::{Decimal, Duration, SqlError, Time};

use super::lanes::{self, by_columns};
use super::sources::Sources;
use super::{loss, moment, plain};

/// Names the overloads by what they take.
pub(super) static FROM: Sources = Sources {
    int: Overload::strict(
        "CastIntAsInt",
        &by_columns(lanes::keep, Pure1::<Int, Int, _>::new(|v: i64| v)),
    ),
    uint: None,
    year: None,
    real: Overload::strict("CastRealAsInt", &Scalar1::<Real, Int, _>::new(from_real)),
    decimal: Overload::strict(
        "CastDecimalAsInt",
        &by_columns(lanes::decimal_to_int, Scalar1::<Dec, Int, _>::new(from_decimal)),
    ),
    text: Overload::strict(
        "CastStringAsInt",
        &by_columns(plain::text_to_int, Scalar1::<BytesArg, Int, _>::new(from_text)),
    ),
    time: Overload::strict("CastTimeAsInt", &Scalar1::<Moment, Int, _>::new(from_time))
        .with_prepare(moment::prepare)
        .reading_forms(),
    duration: Overload::strict("CastDurationAsInt", &Scalar1::<Dur, Int, _>::new(from_duration)),
};

/// Rounds half to even; a negative double keeps its bits as BIGINT UNSIGNED, with a warning.
fn from_real(ctx: &mut CallContext<'_>, value: f64) -> Result<Option<i64>, SqlError> {
    let (bits, overflows) = if ctx.call.ty.unsigned {
        let clipped = f64_to_u64(value, u64::MAX, true);
        (clipped.value.cast_signed(), clipped.overflows)
    } else {
        let clipped = f64_to_i64(value, i64::MIN, i64::MAX);
        (clipped.value, clipped.overflows)
    };
    if overflows {
        loss::report(ctx, || constant_overflows(round_half_even(value), "bigint"))?;
    }
    Ok(Some(bits))
}

/// Rounds half away from zero and clips.
fn from_decimal(ctx: &mut CallContext<'_>, value: Decimal) -> Result<Option<i64>, SqlError> {
    let rounded: Computed<i64> = if ctx.call.ty.unsigned {
        let rounded = value.to_u64_rounded();
        Computed { value: rounded.value.cast_signed(), outcome: rounded.outcome }
    } else {
        value.to_i64_rounded()
    };
    if rounded.is_overflow() {
        loss::report_as(
            ctx,
            || SqlError::out_of_range("BIGINT", &value.to_string()),
            || SqlError::truncated_wrong_value("DECIMAL", &value.to_string()),
        )?;
    }
    Ok(Some(rounded.value))
}

/// Takes the integer the text begins with.
#[inline(always)]
fn from_text(ctx: &mut CallContext<'_>, text: &[u8]) -> Result<Option<i64>, SqlError> {
    match whole_text_to_i64(text) {
        Some(value) if !ctx.call.ty.unsigned || text.first() != Some(&b'-') => Ok(Some(value)),
        _ => from_any_text(ctx, text),
    }
}

#[inline(never)]
fn from_any_text(ctx: &mut CallContext<'_>, text: &[u8]) -> Result<Option<i64>, SqlError> {
    let read = cast_text_to_int(text, ctx.call.ty.unsigned);
    if let (Some(shown), true) = (read.out_of_range, loss::fails(ctx)) {
        // Only a text with a minus is read as a signed integer.
        let kind = if shown.first() == Some(&b'-') { "BIGINT" } else { "BIGINT UNSIGNED" };
        let digits = shown.get(..int_prefix(shown)).unwrap_or(shown);
        return Err(SqlError::out_of_range(kind, &String::from_utf8_lossy(digits)));
    }
    for shown in [read.truncated, read.out_of_range].into_iter().flatten() {
        loss::report(ctx, || loss::truncated("INTEGER", shown))?;
    }
    match read.sign_change {
        Some(SignChange::ToNegative) => ctx.warn(SqlError::cast_to_negative),
        Some(SignChange::ToUnsigned) => ctx.warn(SqlError::cast_to_unsigned),
        None => {}
    }
    Ok(Some(read.bits))
}

/// Rounds to whole seconds: `YYYYMMDDhhmmss`, or `YYYYMMDD` for a DATE.
fn from_time(ctx: &mut CallContext<'_>, value: Time) -> Result<Option<i64>, SqlError> {
    let zone = moment::rules(ctx)?.zone;
    let (kind, _) = moment::form(ctx, value);
    let rounded = value.round(0, zone).map_err(|e| e.to_error(&[]))?;
    Ok(i64::try_from(rounded.to_number(kind, 0).0).ok())
}

/// Rounds to whole seconds: `hhmmss`.
fn from_duration(_: &mut CallContext<'_>, value: Duration) -> Result<Option<i64>, SqlError> {
    Ok(Some(value.round(0).to_number(0).0))
}
