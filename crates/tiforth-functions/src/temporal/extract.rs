// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `EXTRACT(unit FROM value)`.
//!
//! A unit of days alone reads a date, a unit of a clock alone a time; one of both reads what the value
//! is, and decides for a text by what it turns out to be.
//! Source: MySQL manual, EXTRACT; TiDB `pkg/expression/builtin_time.go` (`extractFunctionClass`).

use std::sync::Arc;

use tiforth_expr::kernel::{BytesArg, Dur, Int, Moment, Scalar1};
use tiforth_expr::typed::PreparedState;
use tiforth_expr::{
    ArgKind, Binder, Call, CallContext, CallSite, Doc, Function, Overload, TypedExpr,
};
use tiforth_types::temporal::{
    IntervalUnit, TimeKind, Zone, extract_duration, extract_time, parse_duration, parse_time,
    text_fsp,
};
use tiforth_types::{Duration, EvalType, Result, Session, SqlError, SqlType, Time};

use super::{SOURCES, define, unit};
use crate::cast::moment;

/// Defines the function.
pub(crate) const EXTRACT: Function = define(
    "extract",
    (1, 1),
    bind,
    Doc {
        usage: "EXTRACT(unit FROM value)",
        summary: "Returns parts of a date or a time as one number.",
        result: "BIGINT",
        null: "NULL if the value is NULL or no date or time.",
        errors: "1292 when a text is no time and the unit has days and hours.",
        warnings: "1292 when the value is no date or time.",
        example: ("EXTRACT(YEAR_MONTH FROM '2020-02-29')", "202002"),
        sources: SOURCES,
    },
);

const OF_DATETIME: Overload =
    Overload::strict("ExtractDatetime", &Scalar1::<Moment, Int, _>::new(of_datetime))
        .with_prepare(prepare);
const OF_DURATION: Overload =
    Overload::strict("ExtractDuration", &Scalar1::<Dur, Int, _>::new(of_duration))
        .with_prepare(prepare);
const OF_TEXT: Overload =
    Overload::strict("ExtractDatetimeFromString", &Scalar1::<BytesArg, Int, _>::new(of_text))
        .with_prepare(prepare);

/// Is the unit, and the zone a text is read in.
type Prepared = (IntervalUnit, Zone);

fn prepare(call: &Call, session: &Session) -> Result<Option<PreparedState>, SqlError> {
    let prepared: Prepared = (unit(&call.options)?, Zone::new(session.time_zone));
    Ok(Some(Arc::new(prepared)))
}

fn prepared<'a>(ctx: &CallContext<'a>) -> Result<&'a Prepared, SqlError> {
    ctx.state().ok_or_else(|| SqlError::other("EXTRACT was run without its unit"))
}

fn bind(binder: &mut Binder<'_>, site: &CallSite, args: Vec<TypedExpr>) -> Result<TypedExpr> {
    let unit = unit(&site.options)?;
    let class = args.first().map_or(EvalType::Bytes, TypedExpr::eval_type);
    let (overload, kind) = match (unit.is_clock(), unit.is_date(), class) {
        (true, true, EvalType::Time) | (false, _, _) => (OF_DATETIME, ArgKind::Datetime),
        (true, true, EvalType::Duration) | (true, false, _) => (OF_DURATION, ArgKind::Duration),
        (true, true, _) => (OF_TEXT, ArgKind::String),
    };
    binder.signature_of_type(site, overload, args, &[kind], SqlType::bigint(20))
}

type Done = Result<Option<i64>, SqlError>;

fn of_datetime(ctx: &mut CallContext<'_>, time: Time) -> Done {
    Ok(Some(extract_time(prepared(ctx)?.0, time)))
}

fn of_duration(ctx: &mut CallContext<'_>, duration: Duration) -> Done {
    Ok(Some(extract_duration(prepared(ctx)?.0, duration)))
}

/// Reads a text as a time, then as a datetime: the datetime counts if both have the same clock.
fn of_text(ctx: &mut CallContext<'_>, text: &[u8]) -> Done {
    let (unit, zone) = prepared(ctx)?;
    let mode = ctx.session.date_mode();
    let fsp = text_fsp(text);
    let read = parse_duration(text, fsp, mode, zone);
    moment::truncated(ctx, read.truncations, text.trim_ascii());
    if let Some(error) = read.error {
        return Err(error.to_error(text));
    }
    let duration = read.value.unwrap_or_default();
    let read = parse_time(text, TimeKind::Datetime, fsp, mode, zone);
    moment::truncated(ctx, read.truncations, text);
    let of_time = extract_duration(*unit, duration);
    let Ok(time) = read.value else { return Ok(Some(of_time)) };
    let (clock, f) = (duration.clock(), time.fields());
    let is_same = (clock.hour, clock.minute, clock.second) == (f.hour.into(), f.minute, f.second);
    Ok(Some(if is_same && f.year > 0 { extract_time(*unit, time) } else { of_time }))
}
