// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Converts to DATE, DATETIME and TIMESTAMP.
//!
//! Source: TiDB `pkg/expression/builtin_cast.go`, `pkg/types/time.go`; MySQL manual, "Conversion
//! Between Date and Time Types".

use tiforth_expr::kernel::{BytesArg, Dec, Dur, Int, Moment, Real, Scalar1};
use tiforth_expr::{CallContext, Overload, Volatility};
use tiforth_types::number::write_f64;
use tiforth_types::temporal::{
    Noun, TemporalError, TimeKind, parse_regular, parse_time, time_from_number,
    time_from_number_text,
};
use tiforth_types::{Decimal, Duration, SqlError, SqlMode, Time};

use super::lanes::by_columns;
use super::moment::{self, failed, rules};
use super::plain;
use super::sources::Sources;

/// Names the overloads by what they take.
pub(super) static FROM: Sources = Sources {
    int: Overload::strict("CastIntAsTime", &Scalar1::<Int, Moment, _>::new(from_int))
        .with_prepare(moment::prepare)
        .having_forms(),
    uint: None,
    year: Some(
        Overload::strict("CastIntAsTime", &Scalar1::<Int, Moment, _>::new(from_year))
            .having_forms(),
    ),
    real: Overload::strict("CastRealAsTime", &Scalar1::<Real, Moment, _>::new(from_real))
        .with_prepare(moment::prepare)
        .having_forms(),
    decimal: Overload::strict("CastDecimalAsTime", &Scalar1::<Dec, Moment, _>::new(from_decimal))
        .with_prepare(moment::prepare)
        .having_forms(),
    text: Overload::strict(
        "CastStringAsTime",
        &by_columns(plain::text_to_time, Scalar1::<BytesArg, Moment, _>::new(from_text)),
    )
    .with_prepare(moment::prepare),
    time: Overload::strict("CastTimeAsTime", &Scalar1::<Moment, Moment, _>::new(from_time))
        .with_prepare(moment::prepare)
        .having_forms(),
    duration: Overload::strict(
        "CastDurationAsTime",
        &Scalar1::<Dur, Moment, _>::new(from_duration),
    )
    .with_prepare(moment::prepare)
    .with_volatility(Volatility::Run),
};

type Done = Result<Option<Time>, SqlError>;

fn from_int(ctx: &mut CallContext<'_>, value: i64) -> Done {
    let rules = rules(ctx)?;
    match time_from_number(value, rules.kind, rules.mode, rules.zone) {
        Ok((time, _)) if time.is_zero() => Ok(Some(moment::zero(ctx, rules.kind, 0))),
        Ok((time, _)) => Ok(Some(time)),
        Err(error) => failed(ctx, error, value.to_string().as_bytes()),
    }
}

/// A YEAR becomes that year's day zero of month zero.
fn from_year(ctx: &mut CallContext<'_>, value: i64) -> Done {
    let year = u16::try_from(value).unwrap_or(0);
    if year == 0 {
        return Ok(Some(moment::zero(ctx, TimeKind::Date, 0)));
    }
    Ok(Some(Time::from_date(year, 0, 0).unwrap_or_default()))
}

fn from_real(ctx: &mut CallContext<'_>, value: f64) -> Done {
    let mut text = Vec::with_capacity(24);
    write_f64(value, &mut text);
    if text == b"0" {
        return Ok(Some(moment::zero(ctx, TimeKind::Datetime, 0)));
    }
    from_number_text(ctx, &text)
}

fn from_decimal(ctx: &mut CallContext<'_>, value: Decimal) -> Done {
    let mut text = Vec::with_capacity(24);
    value.write_all_digits(&mut text);
    from_number_text(ctx, &text)
}

/// Zero has no digits where it is written with any (TiDB's `ParseTimeFromFloatString`).
fn from_number_text(ctx: &mut CallContext<'_>, text: &[u8]) -> Done {
    let rules = rules(ctx)?;
    match time_from_number_text(text, rules.kind, rules.fsp, rules.mode, rules.zone) {
        Ok(time) if text.starts_with(b"0.0") && time.is_zero() => {
            Ok(Some(moment::zero(ctx, rules.kind, 0)))
        }
        Ok(time) => Ok(Some(time)),
        Err(error) => failed(ctx, error, text),
    }
}

/// The zero date is refused under NO_ZERO_DATE, in a SELECT too; a DATE read with a time of day is
/// not it.
#[inline(always)]
fn from_text(ctx: &mut CallContext<'_>, text: &[u8]) -> Done {
    let ty = &ctx.call.ty;
    match (ty.time_kind(), parse_regular(text, ty.fsp())) {
        (TimeKind::Date, Some(time)) => Ok(Some(time.date())),
        (TimeKind::Datetime, Some(time)) => Ok(Some(time)),
        _ => from_any_text(ctx, text),
    }
}

#[inline(never)]
fn from_any_text(ctx: &mut CallContext<'_>, text: &[u8]) -> Done {
    let rules = rules(ctx)?;
    let kind = match rules.kind {
        TimeKind::Date => TimeKind::Datetime,
        kind => kind,
    };
    let read = parse_time(text, kind, rules.fsp, rules.mode, rules.zone);
    moment::truncated(ctx, read.truncations, text);
    match read.value {
        Ok(time) if time.is_zero() && ctx.session.sql_mode.has(SqlMode::NO_ZERO_DATE) => {
            let mut printed = Vec::new();
            time.write(rules.kind, rules.fsp, &mut printed);
            failed(ctx, TemporalError::Incorrect(Noun::Datetime), &printed)
        }
        Ok(time) if rules.kind == TimeKind::Date => Ok(Some(time.date())),
        Ok(time) => Ok(Some(time)),
        Err(error) => failed(ctx, error, text),
    }
}

/// Checks the value where its kind changes, and rounds it; a DATE loses its time of day unrounded. The
/// zero date keeps its digits.
fn from_time(ctx: &mut CallContext<'_>, value: Time) -> Done {
    let rules = rules(ctx)?;
    let (from, fsp) = moment::form(ctx, value);
    if value.is_zero() {
        return Ok(Some(moment::zero(ctx, rules.kind, fsp)));
    }
    let value = value.plain();
    if from != rules.kind
        && let Err(error) = value.check(rules.kind, rules.mode, rules.zone)
    {
        let mut printed = Vec::new();
        value.write(from, fsp, &mut printed);
        return failed(ctx, error, &printed);
    }
    if rules.kind == TimeKind::Date {
        return Ok(Some(value.date()));
    }
    if from == TimeKind::Date || fsp <= rules.fsp {
        return Ok(Some(value));
    }
    value.round(rules.fsp, rules.zone).map(Some).map_err(|e| e.to_error(&[]))
}

/// A TIME becomes that time of the statement's day.
fn from_duration(ctx: &mut CallContext<'_>, value: Duration) -> Done {
    let rules = rules(ctx)?;
    let Some(now) = rules.zone.to_civil(ctx.run.now.0) else { return Ok(None) };
    let time = now.at(value);
    if let Err(error) = time.check(rules.kind, rules.mode, rules.zone) {
        let mut printed = Vec::new();
        time.write_datetime(6, &mut printed);
        return failed(ctx, error, &printed);
    }
    if rules.kind == TimeKind::Date {
        return Ok(Some(time.date()));
    }
    time.round(rules.fsp, rules.zone).map(Some).map_err(|e| e.to_error(&[]))
}
