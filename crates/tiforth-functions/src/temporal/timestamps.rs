// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! TIMESTAMP, TIMESTAMPADD, TIMESTAMPDIFF.
//!
//! Source: MySQL manual, "Date and Time Functions"; TiDB `pkg/expression/builtin_time.go`.

use std::sync::Arc;

use tiforth_expr::kernel::{BytesArg, Int, Moment, Real, Scalar1, Scalar2, Text2};
use tiforth_expr::typed::PreparedState;
use tiforth_expr::{
    ArgKind, Binder, Call, CallContext, CallSite, Doc, Function, Overload, TypedExpr,
};
use tiforth_types::temporal::{
    Interval, IntervalUnit, TemporalError, TimeKind, Zone, parse_duration, parse_time, text_fsp,
    time_from_number_text, timestamp_diff,
};
use tiforth_types::{Result, Session, SqlError, SqlType, Time, TypeKind};

use super::patterns::is_duration;
use super::{SOURCES, define, expression_fsp, refuse, unit};
use crate::cast::moment;

/// Defines the datetime of a value, moved by a time.
pub(crate) const TIMESTAMP: Function = define(
    "timestamp",
    (1, 2),
    bind_timestamp,
    Doc {
        usage: "TIMESTAMP(date[, time])",
        summary: "Returns a value as a DATETIME, a time added.",
        result: "DATETIME",
        null: "NULL if an argument is NULL, the first is no date or the second no time.",
        errors: "1292 when the sum is beyond year 9999.",
        warnings: "1292 when the argument is no date.",
        example: ("TIMESTAMP('2020-02-29', '12:00:00')", "2020-02-29 12:00:00"),
        sources: SOURCES,
    },
);

/// Defines a date moved by a number of units.
pub(crate) const TIMESTAMPADD: Function = define(
    "timestampadd",
    (2, 2),
    bind_add,
    Doc {
        usage: "TIMESTAMPADD(unit, number, date)",
        summary: "Adds units to a date.",
        result: "VARCHAR",
        null: "NULL if an argument is NULL or the result is beyond year 9999.",
        errors: "",
        warnings: "1292 when the argument is no date; 1441 when the result is beyond its range.",
        example: ("TIMESTAMPADD(DAY, 1, '2020-02-28')", "2020-02-29 00:00:00"),
        ..TIMESTAMP.doc
    },
);

/// Defines the units between two dates.
pub(crate) const TIMESTAMPDIFF: Function = define(
    "timestampdiff",
    (2, 2),
    bind_diff,
    Doc {
        usage: "TIMESTAMPDIFF(unit, a, b)",
        summary: "Returns the whole units from date a to date b.",
        result: "BIGINT",
        null: "NULL if an argument is NULL, or has a zero month or day.",
        errors: "",
        example: ("TIMESTAMPDIFF(MONTH, '2020-01-31', '2020-03-30')", "1"),
        ..TIMESTAMP.doc
    },
);

const OF_ONE: Overload =
    Overload::strict("Timestamp1Arg", &Scalar1::<BytesArg, Moment, _>::new(timestamp))
        .with_prepare(prepare_from_text);
const OF_TWO: Overload =
    Overload::strict("Timestamp2Args", &Scalar2::<BytesArg, BytesArg, Moment, _>::new(sum))
        .with_prepare(prepare_from_text);
const OF_ONE_NUMBER: Overload = OF_ONE.with_prepare(prepare_from_number);
const OF_TWO_NUMBER: Overload = OF_TWO.with_prepare(prepare_from_number);
const ADD: Overload =
    Overload::strict("TimestampAdd", &Text2::<Real, Moment, _>::new(timestamp_add))
        .with_prepare(prepare_unit);
const DIFF: Overload =
    Overload::strict("TimestampDiff", &Scalar2::<Moment, Moment, Int, _>::new(difference))
        .reading_forms()
        .with_prepare(prepare_unit);

/// Says how the first argument of TIMESTAMP is read, in which zone.
struct Reading {
    is_number: bool,
    zone: Zone,
}

fn prepare_from_text(_: &Call, session: &Session) -> Result<Option<PreparedState>, SqlError> {
    Ok(Some(Arc::new(Reading { is_number: false, zone: Zone::new(session.time_zone) })))
}

fn prepare_from_number(_: &Call, session: &Session) -> Result<Option<PreparedState>, SqlError> {
    Ok(Some(Arc::new(Reading { is_number: true, zone: Zone::new(session.time_zone) })))
}

/// Is the unit of a call, and the session's zone.
type Units = (IntervalUnit, Zone);

fn prepare_unit(call: &Call, session: &Session) -> Result<Option<PreparedState>, SqlError> {
    let units: Units = (unit(&call.options)?, Zone::new(session.time_zone));
    Ok(Some(Arc::new(units)))
}

fn bind_timestamp(
    binder: &mut Binder<'_>,
    site: &CallSite,
    args: Vec<TypedExpr>,
) -> Result<TypedExpr> {
    let mut fsp = 0;
    for arg in &args {
        fsp = expression_fsp(binder, arg)?.max(fsp);
    }
    let is_number = args.first().is_some_and(|a| {
        use TypeKind::{BigInt, Decimal, Double, Float};
        matches!(a.ty.kind, Float | Double | Decimal | BigInt)
    });
    let overload = match (args.len(), is_number) {
        (1, false) => OF_ONE,
        (1, true) => OF_ONE_NUMBER,
        (_, false) => OF_TWO,
        (_, true) => OF_TWO_NUMBER,
    };
    binder.signature_of_type(site, overload, args, &[ArgKind::String], SqlType::datetime(fsp))
}

fn bind_add(binder: &mut Binder<'_>, site: &CallSite, args: Vec<TypedExpr>) -> Result<TypedExpr> {
    let length = if unit(&site.options)? == IntervalUnit::Microsecond { 26 } else { 19 };
    let ty = SqlType::varchar(length, binder.session().collation);
    binder.signature_of_type(site, ADD, args, &[ArgKind::Real, ArgKind::Datetime], ty)
}

fn bind_diff(binder: &mut Binder<'_>, site: &CallSite, args: Vec<TypedExpr>) -> Result<TypedExpr> {
    let kinds = &[ArgKind::Datetime];
    binder.signature_of_type(site, DIFF, args, kinds, SqlType::bigint(20))
}

type Done = Result<Option<Time>, SqlError>;

fn timestamp(ctx: &mut CallContext<'_>, text: &[u8]) -> Done {
    let Some(Reading { is_number, zone }) = ctx.state::<Reading>() else {
        return Err(SqlError::other("TIMESTAMP was run without its zone"));
    };
    let (fsp, mode, kind) = (text_fsp(text), ctx.session.date_mode(), TimeKind::Datetime);
    let value = if *is_number {
        time_from_number_text(text, kind, fsp, mode, zone)
    } else {
        let read = parse_time(text, kind, fsp, mode, zone);
        moment::truncated(ctx, read.truncations, text);
        read.value
    };
    match value {
        Ok(time) => Ok(Some(time)),
        Err(error) => moment::failed(ctx, error, text),
    }
}

/// Adds a time to a date that has a year.
fn sum(ctx: &mut CallContext<'_>, date: &[u8], time: &[u8]) -> Done {
    let Some(moment) = timestamp(ctx, date)? else { return Ok(None) };
    let Some(Reading { zone, .. }) = ctx.state::<Reading>() else { return Ok(None) };
    if moment.year() == 0 || !is_duration(time) {
        return Ok(None);
    }
    let mode = ctx.session.date_mode();
    let read = parse_duration(time, text_fsp(time), mode, zone);
    moment::truncated(ctx, read.truncations, time.trim_ascii());
    if let Some(error) = read.error {
        return moment::failed(ctx, error, time);
    }
    let duration = read.value.unwrap_or_default();
    let sum = moment.add_duration(duration, TimeKind::Datetime, mode, zone);
    sum.map(Some).map_err(|e| e.to_error(&[]))
}

fn difference(ctx: &mut CallContext<'_>, from: Time, to: Time) -> Result<Option<i64>, SqlError> {
    let (is_bad_from, is_bad_to) = (from.has_zero_part(), to.has_zero_part());
    if is_bad_from {
        refuse::<i64>(ctx, 0, from)?;
    }
    if is_bad_to {
        refuse::<i64>(ctx, 1, to)?;
    }
    if is_bad_from || is_bad_to {
        return Ok(None);
    }
    Ok(ctx.state::<Units>().map(|(unit, _)| timestamp_diff(*unit, from, to)))
}

/// Is 0001-01-01 and 9999-12-31 23:59:59.999999 in nanoseconds and in months, as TiDB compares them.
const FIRST_NANOS: f64 = -62_135_596_800e9;
const LAST_NANOS: f64 = 253_402_300_799e9 + 999_999_000.0;
const FIRST_MONTH: f64 = 12.0;
const LAST_MONTH: f64 = (9999 * 12 + 11) as f64;

fn timestamp_add(
    ctx: &mut CallContext<'_>,
    number: f64,
    time: Time,
    out: &mut Vec<u8>,
) -> Result<bool, SqlError> {
    let Some((unit, zone)) = ctx.state::<Units>() else {
        return Err(SqlError::other("TIMESTAMPADD was run without its unit"));
    };
    let unit = *unit;
    let Some(micros) = time.to_micros() else {
        ctx.warn(|| TemporalError::OutOfRange(time.fields()).to_error(&[]));
        return Ok(false);
    };
    let kind = ctx.call.args.get(1).map_or(TimeKind::Datetime, |a| a.ty.time_kind());
    let kind = if kind == TimeKind::Date && unit.is_clock() { TimeKind::Datetime } else { kind };
    let sum = add_units(unit, time, micros, number)
        .and_then(|sum| sum.check(kind, ctx.session.date_mode(), zone));
    match sum {
        Ok(sum) => {
            sum.write(kind, if sum.micro() == 0 { 0 } else { 6 }, out);
            Ok(true)
        }
        Err(error @ TemporalError::DstTransition { .. }) => Err(error.to_error(&[])),
        Err(error) => Ok(moment::failed::<()>(ctx, error, &[])?.is_some()),
    }
}

/// Adds a rounded number of units.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "TiDB compares as doubles and adds 64-bit nanoseconds, which may wrap"
)]
fn add_units(
    unit: IntervalUnit,
    time: Time,
    micros: i64,
    number: f64,
) -> Result<Time, TemporalError> {
    use IntervalUnit as U;
    let whole = number.round();
    let (count, nanos_each): (f64, i64) = match unit {
        U::Microsecond => (whole, 1000),
        U::Second => ((number * 1e6).trunc(), 1000),
        U::Minute => (whole, 60_000_000_000),
        U::Hour => (whole, 3_600_000_000_000),
        U::Day => (whole, 86_400_000_000_000),
        U::Week => (whole, 604_800_000_000_000),
        U::Month => return add_months(time, whole, true),
        U::Quarter => return add_months(time, whole * 3.0, false),
        _ => return add_months(time, whole * 12.0, false),
    };
    let nanos =
        (micros.div_euclid(1_000_000) as f64) * 1e9 + (micros.rem_euclid(1_000_000) * 1000) as f64;
    if !(FIRST_NANOS..=LAST_NANOS).contains(&(count * nanos_each as f64 + nanos)) {
        return Err(TemporalError::DatetimeOverflow);
    }
    let added = if matches!(unit, U::Day | U::Week) {
        (count as i64).saturating_mul(nanos_each / 1000)
    } else {
        // What wrapped need not be whole microseconds.
        let nanos = (count as i64).wrapping_mul(nanos_each);
        nanos.div_euclid(1000) + i64::from(nanos.rem_euclid(1000) >= 500)
    };
    let sum = micros.checked_add(added).and_then(Time::from_micros);
    sum.ok_or(TemporalError::OutOfRange(time.fields()))
}

/// Adds months; the day is clipped to the month's last, or runs on into the next month.
#[expect(clippy::cast_possible_truncation, reason = "the sum of months was compared")]
fn add_months(time: Time, months: f64, clips: bool) -> Result<Time, TemporalError> {
    let sum = months + f64::from(time.year()) * 12.0 + f64::from(time.month()) - 1.0;
    if !(FIRST_MONTH..=LAST_MONTH).contains(&sum) {
        return Err(TemporalError::DatetimeOverflow);
    }
    let f = time.fields();
    let moved = Interval { months: months as i64, ..Interval::default() };
    if clips {
        return time.add_interval(moved);
    }
    // Days after the first of the month carry.
    let first = Time::new((f.year, f.month, 1), (f.hour, f.minute, f.second, f.micro));
    let first = first.ok_or(TemporalError::OutOfRange(f))?.add_interval(moved)?;
    let days = Interval { days: i64::from(f.day) - 1, ..Interval::default() };
    first.add_interval(days)
}
