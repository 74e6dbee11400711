// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `DATE'…'`, `TIME'…'`, `TIMESTAMP'…'`: constants made of a text when the expression is bound.
//!
//! Source: MySQL manual, "Date and Time Literals"; TiDB `pkg/expression/builtin_time.go`
//! (`dateLiteralFunctionClass` and its kin).

use tiforth_expr::{Binder, CallSite, Doc, Function, TypedExpr};
use tiforth_types::temporal::{TimeKind, Zone, parse_duration, parse_time, text_fsp};
use tiforth_types::{Datum, Duration, Result, SqlError, SqlType, Time};

use super::patterns::{is_date, is_duration, is_timestamp};
use super::{SOURCES, define};

/// Defines what `DATE'…'` means.
pub(crate) const DATE_LITERAL: Function = define(
    "dateliteral",
    (1, 1),
    bind_date,
    Doc {
        usage: "DATE'text'",
        summary: "Writes a date.",
        result: "DATE",
        null: "Never.",
        errors: "1292 when the text is no date, or one the sql_mode forbids.",
        warnings: "",
        example: ("DATE'2020-02-29'", "2020-02-29"),
        sources: SOURCES,
    },
);

/// Defines what `TIME'…'` means.
pub(crate) const TIME_LITERAL: Function = define(
    "timeliteral",
    (1, 1),
    bind_time,
    Doc {
        usage: "TIME'text'",
        summary: "Writes a time.",
        result: "TIME, with the fraction digits of the text",
        errors: "1292 when the text is no time.",
        example: ("TIME'12:34:56.7'", "12:34:56.7"),
        ..DATE_LITERAL.doc
    },
);

/// Defines what `TIMESTAMP'…'` means.
pub(crate) const TIMESTAMP_LITERAL: Function = define(
    "timestampliteral",
    (1, 1),
    bind_timestamp,
    Doc {
        usage: "TIMESTAMP'text'",
        summary: "Writes a date and time of day.",
        result: "DATETIME, with the fraction digits of the text",
        errors: "1292 when the text is no datetime.",
        example: ("TIMESTAMP'2020-02-29 12:34:56'", "2020-02-29 12:34:56"),
        ..DATE_LITERAL.doc
    },
);

/// Returns the text of a literal, if it has the form `is_form` asks for.
fn text<'a>(
    site: &CallSite,
    args: &'a [TypedExpr],
    noun: &str,
    is_form: fn(&[u8]) -> bool,
) -> Result<&'a [u8], SqlError> {
    let Some(Some(Datum::Bytes(text))) = args.first().map(TypedExpr::as_constant) else {
        return Err(SqlError::wrong_arguments(&site.name));
    };
    if !is_form(text) {
        return Err(SqlError::incorrect_value(noun, &String::from_utf8_lossy(text)));
    }
    Ok(text)
}

fn moment(binder: &mut Binder<'_>, text: &[u8], kind: TimeKind, fsp: u8) -> Result<Time> {
    let session = binder.session();
    let zone = Zone::new(session.time_zone);
    let read = parse_time(text, kind, fsp, session.date_mode(), &zone);
    let shown = String::from_utf8_lossy(text);
    for _ in 0..read.truncations {
        binder.warn(SqlError::truncated_wrong_value("datetime", &shown));
    }
    read.value.map_err(|e| e.to_error(text).into())
}

fn bind_date(binder: &mut Binder<'_>, site: &CallSite, args: Vec<TypedExpr>) -> Result<TypedExpr> {
    let text = text(site, &args, "date", is_date)?;
    let date = moment(binder, text, TimeKind::Date, 0)?;
    if binder.session().sql_mode.refuses(date) {
        let mut shown = Vec::new();
        date.write_date(&mut shown);
        return Err(SqlError::incorrect_value("date", &String::from_utf8_lossy(&shown)).into());
    }
    Ok(TypedExpr::constant(Datum::Time(date), SqlType::date()))
}

fn bind_time(binder: &mut Binder<'_>, site: &CallSite, args: Vec<TypedExpr>) -> Result<TypedExpr> {
    let text = text(site, &args, "time", is_duration)?;
    let session = binder.session();
    let fsp = text_fsp(text);
    let zone = Zone::new(session.time_zone);
    let read = parse_duration(text, fsp, session.date_mode(), &zone);
    if let Some(error) = read.error {
        return Err(error.to_error(text).into());
    }
    let value: Duration = read.value.unwrap_or_default();
    Ok(TypedExpr::constant(Datum::Duration(value), SqlType::time(fsp.into())))
}

fn bind_timestamp(
    binder: &mut Binder<'_>,
    site: &CallSite,
    args: Vec<TypedExpr>,
) -> Result<TypedExpr> {
    let text = text(site, &args, "datetime", is_timestamp)?;
    let fsp = text_fsp(text);
    let time = moment(binder, text, TimeKind::Datetime, fsp)?;
    Ok(TypedExpr::constant(Datum::Time(time), SqlType::datetime(fsp.into())))
}
