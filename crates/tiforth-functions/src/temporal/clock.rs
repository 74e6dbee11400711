// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! TIME, TIME_TO_SEC, SEC_TO_TIME, MAKETIME.
//!
//! Source: MySQL manual, "Date and Time Functions"; TiDB `pkg/expression/builtin_time.go`.

use std::io::Write;

use tiforth_expr::kernel::{BytesArg, Dur, Int, Pure1, Real, Scalar1, Scalar3};
use tiforth_expr::{ArgKind, Binder, CallContext, CallSite, Doc, Function, Overload, TypedExpr};
use tiforth_types::number::write_f64_general;
use tiforth_types::sql_type::FSP_MAX;
use tiforth_types::temporal::parse_duration;
use tiforth_types::{Duration, EvalType, Result, SqlError, SqlType};

use super::parts::bind_int;
use super::{SOURCES, define, expression_fsp, prepare_zone, zone};
use crate::cast::{loss, moment};

/// Defines the time of day of a value.
pub(crate) const TIME: Function = define(
    "time",
    (1, 1),
    bind_time,
    Doc {
        usage: "TIME(value)",
        summary: "Returns the time of day of a date, or reads a time.",
        result: "TIME",
        null: "NULL if the argument is.",
        errors: "",
        warnings: "1292 when the argument is no time.",
        example: ("TIME('2020-02-29 12:34:56')", "12:34:56"),
        sources: SOURCES,
    },
);

/// Defines the seconds of a time.
pub(crate) const TIME_TO_SEC: Function = define(
    "time_to_sec",
    (1, 1),
    |binder, site, args| bind_int(binder, site, args, TO_SECONDS, &[ArgKind::Duration], 10),
    Doc {
        usage: "TIME_TO_SEC(time)",
        summary: "Returns the whole seconds of a time.",
        result: "BIGINT",
        example: ("TIME_TO_SEC('01:01:01')", "3661"),
        ..TIME.doc
    },
);

/// Defines the time of a number of seconds.
pub(crate) const SEC_TO_TIME: Function = define(
    "sec_to_time",
    (1, 1),
    bind_sec_to_time,
    Doc {
        usage: "SEC_TO_TIME(seconds)",
        summary: "Returns the time that is so many seconds long.",
        warnings: "1292 when the time is beyond 838:59:59.",
        example: ("SEC_TO_TIME(3661)", "01:01:01"),
        ..TIME.doc
    },
);

/// Defines the time of hours, minutes and seconds.
pub(crate) const MAKETIME: Function = define(
    "maketime",
    (3, 3),
    bind_maketime,
    Doc {
        usage: "MAKETIME(hour, minute, second)",
        summary: "Returns the time of hours, minutes and seconds; beyond 838:59:59 it is clipped.",
        null: "NULL if an argument is, or minute or second is not within 0 to 59.",
        errors: "1292 when the second prints with an exponent.",
        warnings: "",
        example: ("MAKETIME(12, 34, 56.7)", "12:34:56.7"),
        ..TIME.doc
    },
);

const TIME_SIG: Overload =
    Overload::strict("Time", &Scalar1::<BytesArg, Dur, _>::new(time)).with_prepare(prepare_zone);
const TO_SECONDS: Overload =
    Overload::strict("TimeToSec", &Pure1::<Dur, Int, _>::new(|d: i64| Duration(d).seconds()));
const OF_SECONDS: Overload =
    Overload::strict("SecToTime", &Scalar1::<Real, Dur, _>::new(sec_to_time))
        .with_prepare(prepare_zone);
const MAKE: Overload =
    Overload::strict("MakeTime", &Scalar3::<Int, Int, Real, Dur, _>::new(maketime))
        .with_prepare(prepare_zone);

fn bind_time(binder: &mut Binder<'_>, site: &CallSite, args: Vec<TypedExpr>) -> Result<TypedExpr> {
    let fsp = match args.first() {
        Some(arg) => expression_fsp(binder, arg)?,
        None => 0,
    };
    binder.signature_of_type(site, TIME_SIG, args, &[ArgKind::String], SqlType::time(fsp))
}

/// Returns the fraction digits a number of seconds gives: six where its type does not say.
fn fsp_of_seconds(arg: Option<&TypedExpr>) -> i32 {
    match arg.map(|a| (a.eval_type(), a.ty.decimals)) {
        Some((EvalType::Bytes, _)) | None => FSP_MAX,
        Some((_, decimals)) if decimals < 0 => FSP_MAX,
        Some((_, decimals)) => decimals.min(FSP_MAX),
    }
}

fn bind_sec_to_time(
    binder: &mut Binder<'_>,
    site: &CallSite,
    args: Vec<TypedExpr>,
) -> Result<TypedExpr> {
    let ty = SqlType::time(fsp_of_seconds(args.first()));
    binder.signature_of_type(site, OF_SECONDS, args, &[ArgKind::Real], ty)
}

fn bind_maketime(
    binder: &mut Binder<'_>,
    site: &CallSite,
    args: Vec<TypedExpr>,
) -> Result<TypedExpr> {
    let fsp = match args.get(2).map(TypedExpr::eval_type) {
        Some(EvalType::Int) => 0,
        Some(EvalType::Real | EvalType::Decimal) => fsp_of_seconds(args.get(2)),
        _ => FSP_MAX,
    };
    let kinds = &[ArgKind::Int, ArgKind::Int, ArgKind::Real];
    binder.signature_of_type(site, MAKE, args, kinds, SqlType::time(fsp))
}

type Done = Result<Option<Duration>, SqlError>;

/// Reads a time; a rest that is no part of it is lost with a warning.
fn time(ctx: &mut CallContext<'_>, text: &[u8]) -> Done {
    let fsp = match text.iter().position(|b| *b == b'.') {
        Some(point) => u8::try_from(text.len() - point - 1).map_or(6, |digits| digits.min(6)),
        None => 0,
    };
    let read = parse_duration(text, fsp, ctx.session.date_mode(), zone(ctx)?);
    moment::truncated(ctx, read.truncations, text.trim_ascii());
    if let Some(error) = read.error {
        moment::failed::<Duration>(ctx, error, text)?;
    }
    Ok(Some(read.value.unwrap_or_default()))
}

/// Reads a time made here, in the fraction digits of the result.
fn read_made(ctx: &mut CallContext<'_>, text: &[u8]) -> Done {
    let read = parse_duration(text, ctx.call.ty.fsp(), ctx.session.date_mode(), zone(ctx)?);
    match read.error {
        Some(error) => Err(error.to_error(text)),
        None => Ok(read.value),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "whole seconds; what is beyond an hour's range is clipped next"
)]
fn sec_to_time(ctx: &mut CallContext<'_>, value: f64) -> Done {
    let size = value.abs();
    let seconds = size as u64;
    let fraction = size - seconds as f64;
    let (hour, minute, second) = if seconds / 3600 > 838 {
        loss::report(ctx, || SqlError::truncated_wrong_value("time", &cut(size)))?;
        (838, 59, 59.0)
    } else {
        (seconds / 3600, seconds % 3600 / 60, (seconds % 60) as f64 + fraction)
    };
    let sign = if value < 0.0 { "-" } else { "" };
    let mut text = Vec::with_capacity(32);
    // Writing to a vector does not fail.
    let _ = write!(text, "{sign}{hour:02}:{minute:02}:{second}");
    read_made(ctx, &text)
}

/// Prints a number with as much of it as fits TiDB's messages.
#[cold]
fn cut(number: f64) -> String {
    number.to_string().chars().take(128).collect()
}

fn maketime(ctx: &mut CallContext<'_>, hour: i64, minute: i64, second: f64) -> Done {
    if !(0..60).contains(&minute) || !(0.0..60.0).contains(&second) {
        return Ok(None);
    }
    let is_unsigned = ctx.call.args.first().is_some_and(|a| a.ty.unsigned);
    let hour = if is_unsigned && hour < 0 { i64::MAX } else { hour };
    let clipped = hour.clamp(-838, 838);
    let is_last_minute = clipped.abs() == 838 && minute == 59;
    let is_beyond = clipped != hour || (is_last_minute && second > 59.0);
    let (minute, second) = if is_beyond { (59, 59.0) } else { (minute, second) };
    let mut text = Vec::with_capacity(32);
    let _ = write!(text, "{clipped:02}:{minute:02}:");
    write_f64_general(second, &mut text);
    read_made(ctx, &text)
}
