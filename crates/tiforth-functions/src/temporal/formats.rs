// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! DATE_FORMAT, TIME_FORMAT, GET_FORMAT.
//!
//! Source: MySQL manual, DATE_FORMAT; TiDB `pkg/expression/builtin_time.go`.

use tiforth_expr::kernel::{BytesArg, Dur, Moment, Text1, Text2};
use tiforth_expr::tree::{CallOptions, GetFormatKind};
use tiforth_expr::{ArgKind, Binder, CallContext, CallSite, Doc, Function, Overload, TypedExpr};
use tiforth_types::temporal::{self, FormatKind};
use tiforth_types::{Duration, Result, SqlError, SqlType, Time};

use super::{SOURCES, define, form, refuse};

/// Defines the function that prints a date.
pub(crate) const DATE_FORMAT: Function = define(
    "date_format",
    (2, 2),
    |binder, site, args| bind_format(binder, site, args, OF_DATE, ArgKind::Datetime),
    Doc {
        usage: "DATE_FORMAT(date, format)",
        summary: "Prints a date by a format of % codes.",
        result: "VARCHAR",
        null: "NULL if an argument is NULL, or the date has a zero month or day.",
        errors: "",
        warnings: "1292 when the argument is no date.",
        example: ("DATE_FORMAT('2020-02-29', '%W %M %e %Y')", "Saturday February 29 2020"),
        sources: SOURCES,
    },
);

/// Defines the function that prints a time.
pub(crate) const TIME_FORMAT: Function = define(
    "time_format",
    (2, 2),
    |binder, site, args| bind_format(binder, site, args, OF_TIME, ArgKind::Duration),
    Doc {
        usage: "TIME_FORMAT(time, format)",
        summary: "Prints a time by a format of % codes.",
        null: "NULL if an argument is NULL.",
        warnings: "1292 when the argument is no time.",
        example: ("TIME_FORMAT('100:00:00', '%H %h')", "100 04"),
        ..DATE_FORMAT.doc
    },
);

/// Defines the function that names formats.
pub(crate) const GET_FORMAT: Function = define(
    "get_format",
    (1, 1),
    bind_get_format,
    Doc {
        usage: "GET_FORMAT(DATE|TIME|DATETIME, place)",
        summary: "Returns the format that is usual at a place.",
        result: "VARCHAR(17)",
        null: "NULL if the argument is.",
        warnings: "",
        example: ("GET_FORMAT(DATE, 'USA')", "%m.%d.%Y"),
        ..DATE_FORMAT.doc
    },
);

const OF_DATE: Overload =
    Overload::strict("DateFormatSig", &Text2::<Moment, BytesArg, _>::new(date_format))
        .reading_forms();
const OF_TIME: Overload =
    Overload::strict("TimeFormat", &Text2::<Dur, BytesArg, _>::new(time_format));
const GET: Overload = Overload::strict("GetFormat", &Text1::<BytesArg, _>::new(get_format));

/// Types a call that prints by its second argument: each code takes eleven characters at most.
///
/// Lengths of calls within calls grow beyond 64 bits, where TiDB's integers begin again.
fn bind_format(
    binder: &mut Binder<'_>,
    site: &CallSite,
    args: Vec<TypedExpr>,
    overload: Overload,
    kind: ArgKind,
) -> Result<TypedExpr> {
    let kinds = &[kind, ArgKind::String];
    let format = args.get(1).map(|a| (a.coercibility, a.repertoire));
    let typed = binder.signature(site, overload, args, kinds, ArgKind::String)?;
    let length = typed.as_call().and_then(|c| c.args.get(1)).map_or(-1, |a| a.ty.length);
    let ty = SqlType { length: (length.wrapping_add(1) / 2).wrapping_mul(11), ..typed.ty.clone() };
    let mut typed = typed.with_type(ty);
    // The result is as strong as its format, in the connection's collation.
    if let Some((coercibility, repertoire)) = format {
        (typed.coercibility, typed.repertoire) = (coercibility, repertoire);
    }
    Ok(typed)
}

fn bind_get_format(
    binder: &mut Binder<'_>,
    site: &CallSite,
    args: Vec<TypedExpr>,
) -> Result<TypedExpr> {
    let ty = SqlType::varchar(17, binder.session().collation);
    binder.signature_of_type(site, GET, args, &[ArgKind::String], ty)
}

type Done = Result<bool, SqlError>;

fn date_format(ctx: &mut CallContext<'_>, time: Time, format: &[u8], out: &mut Vec<u8>) -> Done {
    if format == b"0" {
        out.push(b'0');
        return Ok(true);
    }
    if time.has_zero_part() {
        // The number 0 becomes NULL without a warning.
        if time.is_zero() && form(ctx, 0, time).1 == 0 {
            return Ok(false);
        }
        return Ok(refuse::<()>(ctx, 0, time)?.is_some());
    }
    temporal::date_format(time, format, out).map_err(|e| e.to_error(&[]))?;
    Ok(true)
}

fn time_format(
    _: &mut CallContext<'_>,
    duration: Duration,
    format: &[u8],
    out: &mut Vec<u8>,
) -> Done {
    temporal::time_format(duration, format, out);
    Ok(true)
}

/// Names the format; nothing for a place that is not known.
fn get_format(ctx: &mut CallContext<'_>, place: &[u8], out: &mut Vec<u8>) -> Done {
    let kind = match &ctx.call.options {
        CallOptions::GetFormat(GetFormatKind::Date) => FormatKind::Date,
        CallOptions::GetFormat(GetFormatKind::Time) => FormatKind::Time,
        _ => FormatKind::Datetime,
    };
    out.extend_from_slice(temporal::get_format(kind, place).unwrap_or_default().as_bytes());
    Ok(true)
}
