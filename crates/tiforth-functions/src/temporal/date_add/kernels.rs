// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Computes `date ± INTERVAL` row by row.
//!
//! The date is read before the amount, which is not read where the date is none, so that their warnings
//! come in the order of TiDB's evaluation of rows. Only then a zero part of the date is minded; where
//! constants are folded, which TiDB does by another evaluator, before the amount.
//!
//! Source: TiDB `pkg/expression/builtin_time.go` (`builtinAddSubDate…Sig`).

use std::sync::Arc;

use tiforth_expr::kernel::RowValue;
use tiforth_expr::typed::PreparedState;
use tiforth_expr::{Call, CallContext};
use tiforth_types::decimal::Outcome;
use tiforth_types::temporal::{
    Interval, IntervalUnit, Noun, TemporalError, TimeKind, Zone, is_date_text, parse_time,
    time_from_number,
};
use tiforth_types::{DatumRef, Decimal, Duration, Session, SqlError, SqlMode, Time, code};

use super::amount::Amount;
use crate::cast::{loss, moment};

/// Is what a call knows before its first row.
pub(super) struct Prepared {
    zone: Zone,
    unit: IntervalUnit,
    amount: Option<Known>,
}

/// Is a constant amount, read once.
struct Known {
    amount: Amount,
    interval: (Interval, Option<TemporalError>),
    duration: Result<Duration, TemporalError>,
}

impl Known {
    fn new(amount: Amount, unit: IntervalUnit) -> Self {
        let interval = amount.interval(unit);
        let duration = amount.duration(unit);
        Known { amount, interval, duration }
    }
}

/// Prepares the session's zone, the unit, and the amount where it is constant.
pub(super) fn prepare(call: &Call, session: &Session) -> Result<Option<PreparedState>, SqlError> {
    let unit = super::super::unit(&call.options)?;
    let zone = Zone::new(session.time_zone);
    let amount = call.args.get(1).and_then(|arg| {
        let amount = Amount::read(unit, arg.constant_value()?.as_ref(), &arg.ty)?;
        Some(Known::new(amount, unit))
    });
    Ok(Some(Arc::new(Prepared { zone, unit, amount })))
}

type Done = Result<RowValue, SqlError>;

/// Is how many digits of a second a text's datetime has.
const FSP_MAX: u8 = 6;

/// Is what is added to.
struct Date {
    time: Time,
    /// Whether it was given with a time of day.
    has_clock: bool,
    /// How many digits of a second it has when it is shown.
    fsp: u8,
}

fn prepared<'a>(ctx: &CallContext<'a>) -> Result<&'a Prepared, SqlError> {
    ctx.state().ok_or_else(|| SqlError::other("date arithmetic was run without its unit"))
}

/// Reads the amount of a row, reports what it lost, and hands it to `then`; nothing where it is NULL.
fn with_amount<'a, R>(
    ctx: &mut CallContext<'a>,
    prepared: &'a Prepared,
    value: DatumRef<'_>,
    then: impl FnOnce(&mut CallContext<'a>, &Known) -> Result<Option<R>, SqlError>,
) -> Result<Option<R>, SqlError> {
    let read;
    let known = match &prepared.amount {
        Some(known) => known,
        None => {
            let Some(ty) = ctx.call.args.get(1).map(|a| &a.ty) else { return Ok(None) };
            match Amount::read(prepared.unit, value, ty) {
                Some(amount) => {
                    read = Known::new(amount, prepared.unit);
                    &read
                }
                None => return Ok(None),
            }
        }
    };
    if let Some(warning) = &known.amount.warning {
        loss::report(ctx, || warning.clone())?;
    }
    then(ctx, known)
}

/// Adds to a text or a number; the result is a text.
pub(super) fn to_text<const SUBTRACTS: bool>(
    ctx: &mut CallContext<'_>,
    args: &[DatumRef<'_>],
    out: &mut Vec<u8>,
) -> Done {
    let &[date, amount] = args else { return Ok(RowValue::Null) };
    let prepared = prepared(ctx)?;
    let Some(date) = read_date(ctx, prepared, date)? else { return Ok(RowValue::Null) };
    let is_date = !date.has_clock && !prepared.unit.is_clock();
    let refuse = |ctx: &mut CallContext<'_>| {
        loss::report(ctx, || {
            let mut shown = Vec::new();
            write_date_or_datetime(date.time, is_date, date.fsp, &mut shown);
            SqlError::incorrect_value("datetime", &String::from_utf8_lossy(&shown))
        })
    };
    if date.time.has_zero_part() && ctx.is_folded {
        refuse(ctx)?;
        return Ok(RowValue::Null);
    }
    let sum = with_amount(ctx, prepared, amount, |ctx, known| {
        if !date.time.has_zero_part() {
            return add::<SUBTRACTS>(ctx, known, date.time);
        }
        refuse(ctx)?;
        Ok(None)
    })?;
    let Some(time) = sum else { return Ok(RowValue::Null) };
    write_date_or_datetime(time, is_date, if time.micro() == 0 { 0 } else { FSP_MAX }, out);
    Ok(RowValue::Bytes)
}

fn write_date_or_datetime(time: Time, is_date: bool, fsp: u8, out: &mut Vec<u8>) {
    if is_date {
        time.write_date(out);
    } else {
        time.write_datetime(fsp, out);
    }
}

/// Adds to a date, datetime or timestamp.
pub(super) fn to_datetime<const SUBTRACTS: bool>(
    ctx: &mut CallContext<'_>,
    args: &[DatumRef<'_>],
    _: &mut Vec<u8>,
) -> Done {
    let &[DatumRef::Time(time), amount] = args else { return Ok(RowValue::Null) };
    let prepared = prepared(ctx)?;
    let done = with_amount(ctx, prepared, amount, |ctx, known| add::<SUBTRACTS>(ctx, known, time))?;
    Ok(done.map_or(RowValue::Null, RowValue::Time))
}

/// Adds days and more to a time: it is a time of today.
pub(super) fn time_to_datetime<const SUBTRACTS: bool>(
    ctx: &mut CallContext<'_>,
    args: &[DatumRef<'_>],
    _: &mut Vec<u8>,
) -> Done {
    let &[DatumRef::Duration(duration), amount] = args else { return Ok(RowValue::Null) };
    let prepared = prepared(ctx)?;
    let done = with_amount(ctx, prepared, amount, |ctx, known| {
        let Some(now) = prepared.zone.to_civil(ctx.run.now.0) else { return Ok(None) };
        add::<SUBTRACTS>(ctx, known, now.at(duration))
    })?;
    Ok(done.map_or(RowValue::Null, RowValue::Time))
}

/// Adds a time of day to a time.
pub(super) fn to_duration<const SUBTRACTS: bool>(
    ctx: &mut CallContext<'_>,
    args: &[DatumRef<'_>],
    _: &mut Vec<u8>,
) -> Done {
    let &[DatumRef::Duration(duration), amount] = args else { return Ok(RowValue::Null) };
    let prepared = prepared(ctx)?;
    let done = with_amount(ctx, prepared, amount, |ctx, known| {
        let by = match known.duration {
            Ok(by) => by,
            Err(error) => return moment::failed(ctx, error, &known.amount.text),
        };
        let sum = if SUBTRACTS { duration.checked_sub(by) } else { duration.checked_add(by) };
        sum.map(Some).ok_or_else(|| SqlError::out_of_range("BIGINT", &ctx.printed()))
    })?;
    Ok(done.map_or(RowValue::Null, RowValue::Duration))
}

/// Adds to a moment, reporting what is wrong with the amount first.
fn add<const SUBTRACTS: bool>(
    ctx: &mut CallContext<'_>,
    known: &Known,
    time: Time,
) -> Result<Option<Time>, SqlError> {
    let (interval, error) = known.interval;
    if let Some(error) = error {
        moment::failed::<Time>(ctx, error, &known.amount.text)?;
    }
    match time.add_interval(if SUBTRACTS { interval.negated() } else { interval }) {
        Ok(time) => Ok(Some(time)),
        Err(error) => moment::failed(ctx, error, &[]),
    }
}

/// Reads the date to be added to: a text may be a date or a datetime, and so may a number.
fn read_date(
    ctx: &mut CallContext<'_>,
    prepared: &Prepared,
    value: DatumRef<'_>,
) -> Result<Option<Date>, SqlError> {
    match value {
        DatumRef::Bytes(text) => from_text(ctx, prepared, text),
        DatumRef::Int(value) => from_int(ctx, prepared, value),
        DatumRef::Real(value) => {
            let whole = whole_part(value);
            let Some(date) = from_int(ctx, prepared, whole)? else { return Ok(None) };
            if !date.has_clock {
                return Ok(Some(date));
            }
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                clippy::cast_precision_loss,
                reason = "microseconds of a date's number, which has at most 15 digits"
            )]
            let micro = ((value - whole as f64) * 1_000_000.0).round() as u32;
            Ok(Some(Date { time: with_micro(ctx, date.time, micro)?, ..date }))
        }
        DatumRef::Decimal(value) => {
            let whole = value.to_i64();
            if whole.outcome == Outcome::Overflow {
                return Err(SqlError::new(
                    code::ER_DATA_OUT_OF_RANGE,
                    format!("BIGINT value is out of range in '{value}'"),
                ));
            }
            let Some(date) = from_int(ctx, prepared, whole.value)? else { return Ok(None) };
            if !date.has_clock {
                return Ok(Some(date));
            }
            let fraction = value.sub(&Decimal::from_i64(whole.value)).value;
            let micro = u32::try_from(fraction.shift(6).value.to_i64().value).unwrap_or(0);
            Ok(Some(Date { time: with_micro(ctx, date.time, micro)?, ..date }))
        }
        DatumRef::Time(time) => Ok(Some(Date { time, has_clock: true, fsp: FSP_MAX })),
        DatumRef::Null | DatumRef::Duration(_) => Ok(None),
    }
}

/// Gives a moment its microseconds. A million of them, which a fraction may round to, is no fraction
/// of a second: it is warned of and carried.
fn with_micro(ctx: &mut CallContext<'_>, time: Time, micro: u32) -> Result<Time, SqlError> {
    let f = time.fields();
    let (date, clock) = ((f.year, f.month, f.day), (f.hour, f.minute, f.second, micro));
    if let Some(time) = Time::new(date, clock) {
        return Ok(time);
    }
    let second = Interval { nanos: 1_000_000_000, ..Interval::default() };
    let Ok(carried) = time.add_interval(second) else { return Ok(time) };
    loss::report(ctx, || {
        let (year, month, day) = date;
        let (hour, minute, second, micro) = clock;
        let parts = format!("{{{year} {month} {day} {hour} {minute} {second} {micro}}}");
        SqlError::incorrect_value("time", &parts)
    })?;
    Ok(carried)
}

/// Drops the fraction; what 64 bits do not hold becomes the least integer, as on the machines TiDB
/// runs on.
fn whole_part(value: f64) -> i64 {
    if value >= 9_223_372_036_854_775_808.0 {
        return i64::MIN;
    }
    #[expect(clippy::cast_possible_truncation, reason = "the fraction is dropped")]
    {
        value as i64
    }
}

fn from_int(
    ctx: &mut CallContext<'_>,
    prepared: &Prepared,
    value: i64,
) -> Result<Option<Date>, SqlError> {
    let mode = ctx.session.date_mode();
    match time_from_number(value, TimeKind::Datetime, mode, &prepared.zone) {
        Ok((time, has_clock)) => Ok(Some(Date { time, has_clock, fsp: 0 })),
        Err(error) => moment::failed(ctx, error, value.to_string().as_bytes()),
    }
}

fn from_text(
    ctx: &mut CallContext<'_>,
    prepared: &Prepared,
    text: &[u8],
) -> Result<Option<Date>, SqlError> {
    let is_date = is_date_text(text) && !prepared.unit.is_clock();
    let kind = if is_date { TimeKind::Date } else { TimeKind::Datetime };
    let read = parse_time(text, kind, 6, ctx.session.date_mode(), &prepared.zone);
    moment::truncated(ctx, read.truncations, text);
    match read.value {
        Ok(time)
            if ctx.session.sql_mode.has(SqlMode::NO_ZERO_DATE)
                && (time.year() == 0 || time.has_zero_part()) =>
        {
            moment::failed(ctx, TemporalError::Incorrect(Noun::Datetime), text)
        }
        Ok(time) => Ok(Some(Date { time, has_clock: !is_date, fsp: FSP_MAX })),
        Err(error) => moment::failed(ctx, error, text),
    }
}
