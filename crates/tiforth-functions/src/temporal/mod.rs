// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Dates and times: arithmetic, parts, formats, zones and the present moment.
//!
//! A function that reads a date takes it as a DATETIME, whatever it was given; what that conversion
//! loses is the conversion's affair. Here a date with a zero month or day is either taken as it is
//! (YEAR) or refused with a warning and NULL (WEEK), as each function does in TiDB.
//! Source: MySQL manual, "Date and Time Functions"; TiDB `pkg/expression/builtin_time.go`,
//! `builtin_time_vec.go`.

mod patterns;

family! {
    Function;
    date_add: DATE_ADD, DATE_SUB;
    parts: YEAR, MONTH, DAY, QUARTER, HOUR, MINUTE, SECOND, MICROSECOND, MONTHNAME, DAYNAME;
    weeks: WEEK, YEARWEEK, WEEKOFYEAR, WEEKDAY, DAYOFWEEK;
    days: DAYOFYEAR, TO_DAYS, TO_SECONDS, FROM_DAYS, LAST_DAY, DATEDIFF, MAKEDATE, DATE;
    literals: DATE_LITERAL, TIME_LITERAL, TIMESTAMP_LITERAL;
    extract: EXTRACT;
    formats: DATE_FORMAT, TIME_FORMAT, GET_FORMAT;
    str_to_date: STR_TO_DATE;
    clock: TIME, TIME_TO_SEC, SEC_TO_TIME, MAKETIME;
    periods: PERIOD_ADD, PERIOD_DIFF;
    now: NOW, SYSDATE, CURDATE, CURTIME, UTC_TIMESTAMP, UTC_DATE, UTC_TIME;
    unix: UNIX_TIMESTAMP, FROM_UNIXTIME;
    convert_tz: CONVERT_TZ;
    timestamps: TIMESTAMP, TIMESTAMPADD, TIMESTAMPDIFF;
    timediff: TIMEDIFF;
    addtime: ADDTIME, SUBTIME;
}

use std::sync::Arc;

use tiforth_expr::function::BindFn;
use tiforth_expr::tree::CallOptions;
use tiforth_expr::typed::PreparedState;
use tiforth_expr::{ArgKind, Binder, Call, CallContext, Doc, Function, TypedExpr};
use tiforth_types::sql_type::FSP_MAX;
use tiforth_types::temporal::{IntervalUnit, TimeKind, Zone, text_fsp};
use tiforth_types::{Datum, Result, Session, SqlError, Time};

use crate::cast::loss;

const SOURCES: &str = "MySQL manual, Date and Time Functions; TiDB builtin_time.go";

/// Defines a function of the family whose value depends on its arguments alone.
const fn define(name: &'static str, arity: (usize, usize), bind: BindFn, doc: Doc) -> Function {
    Function::new(name, "temporal", arity, bind, doc)
}

/// Returns the unit a call names.
fn unit(options: &CallOptions) -> Result<IntervalUnit, SqlError> {
    match options {
        CallOptions::Unit(unit) => Ok(*unit),
        _ => Err(SqlError::other("the call names no unit")),
    }
}

/// Returns the text of a constant, or NULL.
fn constant_text(binder: &mut Binder<'_>, constant: &TypedExpr) -> Result<Datum> {
    let text = binder.wrap(constant.clone(), ArgKind::String)?;
    Ok(text.as_constant().cloned().unwrap_or_default())
}

/// Counts what stands after the last point of a text, digits or not (TiDB's `DateFSP`).
fn digits_after_point(text: &[u8]) -> i32 {
    let point = text.iter().rposition(|b| *b == b'.');
    point.map_or(0, |p| i32::try_from(text.len() - p - 1).unwrap_or(FSP_MAX))
}

/// Returns the fraction digits an argument gives a result: those of a constant's text, those an
/// expression has as a DATETIME.
fn expression_fsp(binder: &mut Binder<'_>, arg: &TypedExpr) -> Result<i32> {
    if !arg.is_constant() {
        let datetime = binder.wrap(arg.clone(), ArgKind::Datetime)?;
        return Ok(datetime.ty.decimals.clamp(0, FSP_MAX));
    }
    Ok(match constant_text(binder, arg)? {
        Datum::Bytes(text) => text_fsp(&text).into(),
        _ => 0,
    })
}

/// Prepares the session's zone.
fn prepare_zone(_: &Call, session: &Session) -> Result<Option<PreparedState>, SqlError> {
    Ok(Some(Arc::new(Zone::new(session.time_zone))))
}

/// Returns the zone that was prepared.
fn zone<'a>(ctx: &CallContext<'a>) -> Result<&'a Zone, SqlError> {
    ctx.state().ok_or_else(|| SqlError::other("a function was run without its zone"))
}

/// Returns the kind and the fraction digits an argument's value prints with.
#[cold]
fn form(ctx: &CallContext<'_>, index: usize, time: Time) -> (TimeKind, u8) {
    let of_type = || {
        let arg = ctx.call.args.get(index);
        arg.map_or((TimeKind::Datetime, 0), |arg| (arg.ty.time_kind(), arg.ty.fsp()))
    };
    time.form().unwrap_or_else(of_type)
}

/// Prints an argument's value as TiDB does in messages.
#[cold]
fn printed(ctx: &CallContext<'_>, index: usize, time: Time) -> String {
    let (kind, fsp) = form(ctx, index, time);
    let mut text = Vec::new();
    time.write(kind, fsp, &mut text);
    String::from_utf8_lossy(&text).into_owned()
}

/// Tells whether days are not counted from a date: the zero date, and where constants are folded any with a
/// zero month or day.
fn is_uncounted(ctx: &CallContext<'_>, time: Time) -> bool {
    time.is_zero() || (ctx.is_folded && time.has_zero_part())
}

/// Refuses an argument's value: NULL and a warning, or an error as sql_mode and statement say.
#[cold]
fn refuse<T>(ctx: &mut CallContext<'_>, index: usize, time: Time) -> Result<Option<T>, SqlError> {
    let text = printed(ctx, index, time);
    loss::report(ctx, || SqlError::incorrect_value("datetime", &text))?;
    Ok(None)
}
