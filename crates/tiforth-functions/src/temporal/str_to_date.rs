// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `STR_TO_DATE(text, format)`.
//!
//! A constant format says whether a date, a time or both come out; any other format gives a DATETIME.
//! Source: MySQL manual, STR_TO_DATE; TiDB `pkg/expression/builtin_time.go`
//! (`strToDateFunctionClass`).

use tiforth_expr::kernel::{BytesArg, Dur, Moment, Scalar2};
use tiforth_expr::{ArgKind, Binder, CallContext, CallSite, Doc, Function, Overload, TypedExpr};
use tiforth_types::sql_type::FSP_MAX;
use tiforth_types::temporal::{TimeKind, format_parts, str_to_date};
use tiforth_types::{Datum, Duration, Result, SqlError, SqlMode, SqlType, Time, code};

use super::{SOURCES, constant_text, define, prepare_zone, zone};
use crate::cast::{loss, moment};

/// Defines the function.
pub(crate) const STR_TO_DATE: Function = define(
    "str_to_date",
    (2, 2),
    bind,
    Doc {
        usage: "STR_TO_DATE(text, format)",
        summary: "Reads a date or a time by a format of % codes.",
        result: "DATE or TIME where a constant format has only such codes, else DATETIME.",
        null: "NULL if an argument is NULL, or the text does not fit the format.",
        errors: "",
        warnings: "1292 when the text does not fit, or goes on after the format; 1411 for zero parts.",
        example: ("STR_TO_DATE('May 1, 2013', '%M %d,%Y')", "2013-05-01"),
        sources: SOURCES,
    },
);

const TO_DATE: Overload =
    Overload::strict("StrToDateDate", &Scalar2::<BytesArg, BytesArg, Moment, _>::new(to_date))
        .with_prepare(prepare_zone);
const TO_DATETIME: Overload = Overload::strict(
    "StrToDateDatetime",
    &Scalar2::<BytesArg, BytesArg, Moment, _>::new(to_datetime),
)
.with_prepare(prepare_zone);
const TO_DURATION: Overload =
    Overload::strict("StrToDateDuration", &Scalar2::<BytesArg, BytesArg, Dur, _>::new(to_duration))
        .with_prepare(prepare_zone);

fn bind(binder: &mut Binder<'_>, site: &CallSite, args: Vec<TypedExpr>) -> Result<TypedExpr> {
    let (overload, ty) = match args.get(1) {
        Some(format) if format.is_constant() => by_format(constant_text(binder, format)?),
        _ => (TO_DATETIME, SqlType::datetime(FSP_MAX)),
    };
    binder.signature_of_type(site, overload, args, &[ArgKind::String], ty)
}

fn by_format(format: Datum) -> (Overload, SqlType) {
    let Datum::Bytes(format) = format else { return (TO_DATETIME, SqlType::datetime(0)) };
    let has_fraction = format.windows(2).any(|pair| pair == b"%f");
    let fsp = if has_fraction { FSP_MAX } else { 0 };
    match format_parts(&format) {
        (true, false) => (TO_DURATION, SqlType::time(fsp)),
        (false, true) => (TO_DATE, SqlType::date()),
        _ => (TO_DATETIME, SqlType::datetime(fsp)),
    }
}

fn read(ctx: &mut CallContext<'_>, text: &[u8], format: &[u8]) -> Result<Option<Time>, SqlError> {
    match str_to_date(text, format, ctx.session.date_mode(), zone(ctx)?) {
        Ok((time, has_rest)) => {
            if has_rest {
                ctx.warn(|| loss::truncated("datetime", text));
            }
            Ok(Some(time))
        }
        Err(error) => moment::failed(ctx, error, text),
    }
}

fn is_forbidden(ctx: &CallContext<'_>, time: Time) -> bool {
    let has_zero = time.year() == 0 || time.has_zero_part();
    has_zero && ctx.session.sql_mode.has(SqlMode::NO_ZERO_DATE)
}

fn to_date(
    ctx: &mut CallContext<'_>,
    text: &[u8],
    format: &[u8],
) -> Result<Option<Time>, SqlError> {
    let Some(time) = read(ctx, text, format)? else { return Ok(None) };
    if is_forbidden(ctx, time) {
        loss::report(ctx, || {
            let text = String::from_utf8_lossy(text);
            SqlError::new(
                code::ER_WRONG_VALUE_FOR_TYPE,
                format!("Incorrect datetime value: '{text}' for function str_to_date"),
            )
        })?;
        return Ok(None);
    }
    Ok(Some(time.date()))
}

fn to_datetime(
    ctx: &mut CallContext<'_>,
    text: &[u8],
    format: &[u8],
) -> Result<Option<Time>, SqlError> {
    let Some(time) = read(ctx, text, format)? else { return Ok(None) };
    if is_forbidden(ctx, time) {
        let mut shown = Vec::new();
        time.write(TimeKind::Datetime, 0, &mut shown);
        let shown = String::from_utf8_lossy(&shown).into_owned();
        loss::report(ctx, || SqlError::incorrect_value("datetime", &shown))?;
        return Ok(None);
    }
    Ok(Some(time))
}

fn to_duration(
    ctx: &mut CallContext<'_>,
    text: &[u8],
    format: &[u8],
) -> Result<Option<Duration>, SqlError> {
    Ok(read(ctx, text, format)?.map(Duration::of_day))
}
