// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! ADDTIME, SUBTIME.
//!
//! A datetime or a time stays one; a date and all else become a text. A datetime as the second
//! argument gives NULL.
//! Source: MySQL manual, ADDTIME; TiDB `pkg/expression/builtin_time.go` (`getBf4TimeAddSub`).

use tiforth_expr::kernel::{RowValue, Variadic};
use tiforth_expr::{ArgKind, Binder, CallContext, CallSite, Doc, Function, Overload, TypedExpr};
use tiforth_types::sql_type::UNSPECIFIED;
use tiforth_types::temporal::{
    ParsedDuration, TimeKind, Zone, parse_duration, parse_time, text_fsp,
};
use tiforth_types::{DatumRef, Duration, EvalType, Result, SqlError, SqlType, Time, TypeKind};

use super::patterns::is_duration;
use super::{SOURCES, define, expression_fsp, prepare_zone, zone};
use crate::cast::moment;

/// Defines the function that adds.
pub(crate) const ADDTIME: Function = define(
    "addtime",
    (2, 2),
    bind,
    Doc {
        usage: "ADDTIME(value, time)",
        summary: "Adds a time to a datetime or a time.",
        result: "DATETIME or TIME where the first argument is one, else a text.",
        null: "NULL if an argument is, the second is a datetime or no time, or the first is no date.",
        errors: "1292 when the sum is beyond its type.",
        warnings: "1292 when an argument is no time.",
        example: ("ADDTIME('10:00:00', '02:30:00')", "12:30:00"),
        sources: SOURCES,
    },
);

/// Defines the function that subtracts.
pub(crate) const SUBTIME: Function = define(
    "subtime",
    (2, 2),
    bind,
    Doc {
        usage: "SUBTIME(value, time)",
        summary: "Subtracts a time from a datetime or a time.",
        example: ("SUBTIME('10:00:00', '02:30:00')", "07:30:00"),
        ..ADDTIME.doc
    },
);

/// Is the sort of an argument, as the choice of signature sees it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    Datetime,
    Date,
    Duration,
    Text,
}

fn sort(ty: &SqlType) -> Sort {
    match ty.kind {
        TypeKind::DateTime | TypeKind::Timestamp => Sort::Datetime,
        TypeKind::Date => Sort::Date,
        TypeKind::Time => Sort::Duration,
        _ => Sort::Text,
    }
}

macro_rules! wire_names {
    ($verb:literal) => {
        [
            [
                concat!($verb, "DatetimeAndDuration"),
                concat!($verb, "DatetimeAndString"),
                concat!($verb, "TimeDateTimeNull"),
            ],
            [
                concat!($verb, "DateAndDuration"),
                concat!($verb, "DateAndString"),
                concat!($verb, "TimeStringNull"),
            ],
            [
                concat!($verb, "DurationAndDuration"),
                concat!($verb, "DurationAndString"),
                concat!($verb, "TimeDurationNull"),
            ],
            [
                concat!($verb, "StringAndDuration"),
                concat!($verb, "StringAndString"),
                concat!($verb, "TimeStringNull"),
            ],
        ]
    };
}

fn wire_name(subtracts: bool, first: Sort, second: Sort) -> &'static str {
    let [datetimes, dates, durations, texts] =
        if subtracts { wire_names!("Sub") } else { wire_names!("Add") };
    let [of_duration, of_text, null] = match first {
        Sort::Datetime => datetimes,
        Sort::Date => dates,
        Sort::Duration => durations,
        Sort::Text => texts,
    };
    match second {
        Sort::Duration => of_duration,
        Sort::Datetime => null,
        Sort::Date | Sort::Text => of_text,
    }
}

fn bind(binder: &mut Binder<'_>, site: &CallSite, args: Vec<TypedExpr>) -> Result<TypedExpr> {
    let [first, second] = &args[..] else {
        return Err(SqlError::wrong_argument_count(&site.name).into());
    };
    let fsp = expression_fsp(binder, first)?.max(expression_fsp(binder, second)?);
    let (first_sort, second_sort) = (sort(&first.ty), sort(&second.ty));
    let first_kind = match first_sort {
        Sort::Datetime | Sort::Date => ArgKind::Datetime,
        Sort::Duration => ArgKind::Duration,
        Sort::Text => ArgKind::String,
    };
    let second_kind = match second.ty.kind {
        TypeKind::DateTime | TypeKind::Time => ArgKind::Duration,
        _ => ArgKind::String,
    };
    let ty = match first_sort {
        Sort::Datetime => SqlType::datetime(fsp),
        Sort::Duration => SqlType::time(fsp),
        Sort::Date | Sort::Text => SqlType {
            kind: TypeKind::Char,
            decimals: UNSPECIFIED,
            ..SqlType::varchar(26, binder.session().collation)
        },
    };
    const ADD: [Variadic; 2] = [Variadic::new(nothing), Variadic::new(add::<false>)];
    const SUBTRACT: [Variadic; 2] = [Variadic::new(nothing), Variadic::new(add::<true>)];
    let subtracts = &*site.name == "subtime";
    let [null, kernel]: &'static [Variadic; 2] = if subtracts { &SUBTRACT } else { &ADD };
    let kernel = if second_sort == Sort::Datetime { null } else { kernel };
    let name = wire_name(subtracts, first_sort, second_sort);
    let overload = Overload::strict(name, kernel).with_prepare(prepare_zone);
    binder.signature_of_type(site, overload, args, &[first_kind, second_kind], ty)
}

type Done = Result<RowValue, SqlError>;

fn nothing(_: &mut CallContext<'_>, _: &[DatumRef<'_>], _: &mut Vec<u8>) -> Done {
    Ok(RowValue::Null)
}

fn add<const SUBTRACTS: bool>(
    ctx: &mut CallContext<'_>,
    args: &[DatumRef<'_>],
    out: &mut Vec<u8>,
) -> Done {
    let &[value, by] = args else { return Ok(RowValue::Null) };
    let is_missing = matches!(value, DatumRef::Null) || matches!(by, DatumRef::Null);
    if is_missing || matches!(value, DatumRef::Time(time) if time.is_zero()) {
        return Ok(RowValue::Null);
    }
    let zone = zone(ctx)?;
    let Some((by, by_fsp)) = amount(ctx, zone, value, by)? else { return Ok(RowValue::Null) };
    let by = if SUBTRACTS { Duration(-by.0) } else { by };
    match value {
        DatumRef::Time(time) => to_time(ctx, zone, time, by, by_fsp, out),
        DatumRef::Duration(duration) => Ok(RowValue::Duration(plus(ctx, duration, by)?)),
        DatumRef::Bytes(text) => to_text(ctx, zone, text, by, out),
        _ => Ok(RowValue::Null),
    }
}

/// Reads the time to be added, and its fraction digits; nothing where it is none.
fn amount(
    ctx: &mut CallContext<'_>,
    zone: &Zone,
    value: DatumRef<'_>,
    by: DatumRef<'_>,
) -> Result<Option<(Duration, u8)>, SqlError> {
    let of_arg = |index: usize| ctx.call.args.get(index).map(|a| &a.ty);
    let text = match by {
        DatumRef::Duration(by) => return Ok(Some((by, of_arg(1).map_or(0, SqlType::fsp)))),
        DatumRef::Bytes(text) => text,
        _ => return Ok(None),
    };
    let (is_text, is_date) =
        (matches!(value, DatumRef::Bytes(_)), of_arg(0).is_some_and(|t| sort(t) == Sort::Date));
    if is_text && of_arg(1).is_some_and(SqlType::is_bytes) || !is_text && !is_duration(text) {
        return Ok(None);
    }
    let is_sum = &*ctx.call.name == "addtime";
    let fsp = if is_text || is_date { coarse_fsp(text) } else { text_fsp(text) };
    let read = parse_duration(text, fsp, ctx.session.date_mode(), zone);
    let by = checked(ctx, read, text)?.filter(|_| !(is_text && is_sum && is_year_and_more(text)));
    Ok(by.map(|by| (by, fsp)))
}

/// Tells whether a text goes on after a number and a minus, as a date does; ADDTIME then gives NULL.
fn is_year_and_more(text: &[u8]) -> bool {
    let text = text.trim_ascii_start();
    let digits = text.iter().take_while(|b| b.is_ascii_digit()).count();
    let rest = text.get(digits..).and_then(|rest| rest.strip_prefix(b"-"));
    digits > 0 && rest.is_some_and(|rest| !rest.is_empty())
}

/// Returns six fraction digits where a text has any that is not zero, else none.
fn coarse_fsp(text: &[u8]) -> u8 {
    let Some(point) = text.iter().position(|b| *b == b'.') else { return 0 };
    let digits = text.get(point + 1..).unwrap_or_default();
    if digits.iter().all(|b| *b == b'0') { 0 } else { 6 }
}

/// Takes a time that was read whole; anything else is NULL and a warning, whatever the sql_mode.
fn checked(
    ctx: &mut CallContext<'_>,
    read: ParsedDuration,
    text: &[u8],
) -> Result<Option<Duration>, SqlError> {
    moment::truncated(ctx, read.truncations, text.trim_ascii());
    if let Some(error) = read.error {
        ctx.warn(|| error.to_error(text));
        return Ok(None);
    }
    Ok(Some(read.value.unwrap_or_default()))
}

fn plus(ctx: &CallContext<'_>, a: Duration, b: Duration) -> Result<Duration, SqlError> {
    a.checked_add(b).ok_or_else(|| SqlError::out_of_range("BIGINT", &ctx.printed()))
}

/// Adds to a datetime; to a date too, whose sum is a datetime: a text of one where the first
/// argument's type is DATE, a value where it is DATETIME and only holds dates, as GREATEST of dates.
fn to_time(
    ctx: &mut CallContext<'_>,
    zone: &Zone,
    time: Time,
    by: Duration,
    by_fsp: u8,
    out: &mut Vec<u8>,
) -> Done {
    let ty = ctx.call.args.first().map(|a| &a.ty);
    let (kind, fsp) = ty.map_or((TimeKind::Datetime, 0), |t| (t.time_kind(), t.fsp()));
    let is_date = kind == TimeKind::Date;
    let kind = if is_date { TimeKind::Datetime } else { kind };
    let sum =
        time.add_duration(by, kind, ctx.session.date_mode(), zone).map_err(|e| e.to_error(&[]))?;
    if ctx.call.ty.eval_type() == EvalType::Bytes {
        sum.write_datetime(fsp.max(by_fsp), out);
        return Ok(RowValue::Bytes);
    }
    Ok(RowValue::Time(sum))
}

/// Adds to a text that is a time or a datetime.
fn to_text(
    ctx: &mut CallContext<'_>,
    zone: &Zone,
    text: &[u8],
    by: Duration,
    out: &mut Vec<u8>,
) -> Done {
    let mode = ctx.session.date_mode();
    if is_duration(text) {
        let read = parse_duration(text, 6, mode, zone);
        let Some(duration) = checked(ctx, read, text)? else { return Ok(RowValue::Null) };
        let sum = plus(ctx, duration, by)?;
        sum.write(if sum.clock().micro == 0 { 0 } else { 6 }, out);
        return Ok(RowValue::Bytes);
    }
    let read = parse_time(text, TimeKind::Datetime, 6, mode, zone);
    moment::truncated(ctx, read.truncations, text);
    let time = match read.value {
        Ok(time) => time,
        Err(error) => {
            ctx.warn(|| error.to_error(text));
            return Ok(RowValue::Null);
        }
    };
    let sum = time.add_duration(by, TimeKind::Datetime, mode, zone).map_err(|e| e.to_error(&[]))?;
    sum.write_datetime(if sum.micro() == 0 { 0 } else { 6 }, out);
    Ok(RowValue::Bytes)
}
