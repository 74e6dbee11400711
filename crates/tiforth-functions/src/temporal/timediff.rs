// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `TIMEDIFF(a, b)`.
//!
//! Both arguments must be of one sort, dates or times; a text is what it turns out to be.
//! Source: MySQL manual, TIMEDIFF; TiDB `pkg/expression/builtin_time.go` (`timeDiffFunctionClass`),
//! `pkg/types/time.go` (`StrToDuration`).

use std::fmt::Write;

use tiforth_expr::kernel::{RowValue, Variadic};
use tiforth_expr::{ArgKind, Binder, CallContext, CallSite, Doc, Function, Overload, TypedExpr};
use tiforth_types::number::trim_space;
use tiforth_types::temporal::{TimeKind, Zone, parse_duration, parse_time};
use tiforth_types::{DatumRef, Duration, EvalType, Result, SqlError, SqlType, Time, TypeKind};

use super::{SOURCES, define, expression_fsp, prepare_zone, zone};
use crate::cast::{loss, moment};

/// Defines the function.
pub(crate) const TIMEDIFF: Function = define(
    "timediff",
    (2, 2),
    bind,
    Doc {
        usage: "TIMEDIFF(a, b)",
        summary: "Returns the time from b to a.",
        result: "TIME",
        null: "NULL if an argument is, or one is a date and the other a time.",
        errors: "",
        warnings: "1292 when an argument is no time, or the difference is beyond 838:59:59.",
        example: ("TIMEDIFF('12:00:00', '10:30:00')", "01:30:00"),
        sources: SOURCES,
    },
);

fn arg_kind(arg: &TypedExpr) -> ArgKind {
    match arg.eval_type() {
        EvalType::Duration => ArgKind::Duration,
        EvalType::Time if arg.ty.kind == TypeKind::Timestamp => ArgKind::Timestamp,
        EvalType::Time => ArgKind::Datetime,
        _ => ArgKind::String,
    }
}

fn bind(binder: &mut Binder<'_>, site: &CallSite, args: Vec<TypedExpr>) -> Result<TypedExpr> {
    let mut fsp = 0;
    for arg in &args {
        fsp = expression_fsp(binder, arg)?.max(fsp);
    }
    let kinds: Vec<ArgKind> = args.iter().map(arg_kind).collect();
    let sort = |kind: ArgKind| match kind {
        ArgKind::Timestamp => ArgKind::Datetime,
        kind => kind,
    };
    use ArgKind::{Datetime, Duration, String};
    let name = match (kinds.first().map(|k| sort(*k)), kinds.get(1).map(|k| sort(*k))) {
        (Some(Duration), Some(Duration)) => "DurationDurationTimeDiff",
        (Some(Duration), Some(String)) => "DurationStringTimeDiff",
        (Some(Datetime), Some(Datetime)) => "TimeTimeTimeDiff",
        (Some(Datetime), Some(String)) => "TimeStringTimeDiff",
        (Some(String), Some(Duration)) => "StringDurationTimeDiff",
        (Some(String), Some(Datetime)) => "StringTimeTimeDiff",
        (Some(String), Some(String)) => "StringStringTimeDiff",
        _ => "NullTimeDiff",
    };
    const KERNEL: Variadic = Variadic::new(difference);
    let overload = Overload::strict(name, &KERNEL).with_prepare(prepare_zone);
    binder.signature_of_type(site, overload, args, &kinds, SqlType::time(fsp))
}

/// Is one side of the difference.
#[derive(Clone, Copy)]
enum Side {
    Time(Time),
    Duration(Duration),
}

fn difference(
    ctx: &mut CallContext<'_>,
    args: &[DatumRef<'_>],
    _: &mut Vec<u8>,
) -> Result<RowValue, SqlError> {
    let &[a, b] = args else { return Ok(RowValue::Null) };
    let is_mixed = matches!(
        (a, b),
        (DatumRef::Time(_), DatumRef::Duration(_)) | (DatumRef::Duration(_), DatumRef::Time(_))
    );
    if is_mixed || matches!(a, DatumRef::Null) || matches!(b, DatumRef::Null) {
        return Ok(RowValue::Null);
    }
    let zone = zone(ctx)?;
    let (Some(a), Some(b)) = (side(ctx, zone, a)?, side(ctx, zone, b)?) else {
        return Ok(RowValue::Null);
    };
    let difference = match (a, b) {
        (Side::Duration(a), Side::Duration(b)) => a.checked_sub(b),
        (Side::Time(a), Side::Time(b)) if are_timestamps(ctx) => between(zone, a, b),
        (Side::Time(a), Side::Time(b)) => Some(a.since(b)),
        _ => return Ok(RowValue::Null),
    };
    let Some(difference) = difference else { return Ok(RowValue::Null) };
    let (clipped, is_clipped) = difference.clip();
    if is_clipped {
        loss::report(ctx, || SqlError::truncated_wrong_value("time", &printed(difference)))?;
    }
    Ok(RowValue::Duration(clipped))
}

fn are_timestamps(ctx: &CallContext<'_>) -> bool {
    ctx.call.args.iter().all(|a| a.ty.kind == TypeKind::Timestamp)
}

/// Measures between two moments of the zone; beyond 64 bits of nanoseconds it saturates. The zero date lies
/// before all others, farther than that.
fn between(zone: &Zone, a: Time, b: Time) -> Option<Duration> {
    match (a.is_zero(), b.is_zero()) {
        (false, false) => {}
        (true, true) => return Some(Duration::ZERO),
        (true, false) => return Some(Duration(i64::MIN)),
        (false, true) => return Some(Duration(i64::MAX)),
    }
    let micros = zone.to_utc(a).ok()?.checked_sub(zone.to_utc(b).ok()?)?;
    Some(Duration(micros.saturating_mul(1000)))
}

/// Reads one side: a text of twelve digits or more is a date if it can be.
fn side(
    ctx: &mut CallContext<'_>,
    zone: &Zone,
    value: DatumRef<'_>,
) -> Result<Option<Side>, SqlError> {
    let text = match value {
        DatumRef::Time(time) => return Ok(Some(Side::Time(time))),
        DatumRef::Duration(duration) => return Ok(Some(Side::Duration(duration))),
        DatumRef::Bytes(text) => text,
        _ => return Ok(None),
    };
    let mut fsp = ctx.call.ty.fsp();
    if let Some(point) = text.iter().position(|b| *b == b'.')
        && let Ok(digits @ 0..=6) = u8::try_from(text.len() - point - 1)
    {
        fsp = fsp.max(digits);
    }
    let text = trim_space(text);
    let mode = ctx.session.date_mode();
    let whole = text.split(|b| *b == b'.').next().unwrap_or_default();
    if whole.len() - usize::from(text.starts_with(b"-")) >= 12 {
        let read = parse_time(text, TimeKind::Datetime, fsp, mode, zone);
        moment::truncated(ctx, read.truncations, text);
        if let Ok(time) = read.value {
            return Ok(Some(Side::Time(time)));
        }
    }
    let read = parse_duration(text, fsp, mode, zone);
    moment::truncated(ctx, read.truncations, text);
    if let Some(error) = read.error {
        moment::failed::<Duration>(ctx, error, text)?;
    }
    Ok(Some(Side::Duration(read.value.unwrap_or_default())))
}

/// Prints nanoseconds as Go does, in TiDB's messages: `1h2m3.5s`.
#[cold]
fn printed(duration: Duration) -> String {
    let mut text = String::new();
    let nanos = duration.0.unsigned_abs();
    let (seconds, fraction) = (nanos / 1_000_000_000, nanos % 1_000_000_000);
    let sign = if duration.0 < 0 { "-" } else { "" };
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    // Writing to a string does not fail.
    let _ = write!(text, "{sign}{hour}h{minute}m{second}");
    if fraction > 0 {
        let digits = format!(".{fraction:09}");
        text.push_str(digits.trim_end_matches('0'));
    }
    text.push('s');
    text
}
