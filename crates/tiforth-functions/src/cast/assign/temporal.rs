// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Fits values into date and time columns.

use tiforth_expr::CallContext;
use tiforth_expr::kernel::RowValue;
use tiforth_types::number::f64_to_i64;
use tiforth_types::temporal::{
    TemporalError, TimeKind, parse_duration, parse_time, time_from_number, time_from_number_text,
};
use tiforth_types::{DatumRef, Duration, EvalType, SqlError, Time, TypeKind};

use super::{Loss, is_source_unsigned, kind_name, lose, print, source, warn, zone};
use crate::cast::moment;

type Done = Result<RowValue, SqlError>;

/// Fits a value into a DATE, DATETIME or TIMESTAMP column. What is no date is the zero date.
pub(super) fn time(ctx: &mut CallContext<'_>, value: DatumRef<'_>) -> Done {
    let is_timestamp = ctx.call.ty.kind == TypeKind::Timestamp;
    let converted = match value {
        DatumRef::Real(_) => return Err(inconvertible(ctx)),
        DatumRef::Int(_) if is_timestamp && is_source_unsigned(ctx) => {
            return Err(inconvertible(ctx));
        }
        DatumRef::Bytes(text) => parse(ctx, text)?,
        value => convert(ctx, value)?,
    };
    let time = match converted {
        Ok(time) => time,
        // Under NO_ZERO_DATE alone it is reported, as the zero date it becomes.
        Err(TemporalError::Malformed) => Time::default(),
        Err(TemporalError::DstTransition { adjusted }) => {
            lose(ctx, Loss::Moment, value)?;
            return Ok(RowValue::Time(adjusted));
        }
        Err(_) => {
            lose(ctx, Loss::Moment, value)?;
            return Ok(RowValue::Time(Time::default()));
        }
    };
    if ctx.session.sql_mode.refuses(time) {
        lose(ctx, Loss::Moment, value)?;
        return Ok(RowValue::Time(Time::default()));
    }
    Ok(RowValue::Time(time))
}

/// TiDB has no way from a double to a date, nor from an unsigned integer to a TIMESTAMP.
#[cold]
fn inconvertible(ctx: &CallContext<'_>) -> SqlError {
    let from = match source(ctx) {
        Some(ty) if ty.eval_type() == EvalType::Int => "unsigned bigint",
        Some(ty) => kind_name(ty.kind),
        None => "null",
    };
    let to = kind_name(ctx.call.ty.kind);
    SqlError::other(format!("cannot convert datum from {from} to type {to}"))
}

fn parse(ctx: &mut CallContext<'_>, text: &[u8]) -> Result<Converted, SqlError> {
    let (kind, fsp) = (ctx.call.ty.time_kind(), ctx.call.ty.fsp());
    let read = parse_time(text, kind, fsp, ctx.session.date_mode(), zone(ctx)?);
    truncated(ctx, read.truncations, text);
    Ok(read.value)
}

/// Warns that a rest of the text was cut off; that alone fails no statement.
fn truncated(ctx: &mut CallContext<'_>, truncations: u8, text: &[u8]) {
    for _ in 0..truncations {
        warn(ctx, Loss::Moment, DatumRef::Bytes(text));
    }
}

type Converted = Result<Time, TemporalError>;

fn convert(ctx: &CallContext<'_>, value: DatumRef<'_>) -> Result<Converted, SqlError> {
    let (kind, fsp) = (ctx.call.ty.time_kind(), ctx.call.ty.fsp());
    let (mode, zone) = (ctx.session.date_mode(), zone(ctx)?);
    Ok(match value {
        DatumRef::Int(v) => time_from_number(v, kind, mode, zone).map(|(time, _)| time),
        DatumRef::Decimal(v) => {
            let mut text = Vec::new();
            v.write_all_digits(&mut text);
            time_from_number_text(&text, kind, fsp, mode, zone)
        }
        DatumRef::Time(v) => {
            let (from, _) = moment::form(ctx, v);
            let v = v.plain();
            let checked =
                if v.is_zero() || from == kind { Ok(v) } else { v.check(kind, mode, zone) };
            match checked {
                Ok(v) if kind == TimeKind::Date => Ok(v.date()),
                Ok(v) => v.round(fsp, zone),
                Err(error) => Err(error),
            }
        }
        DatumRef::Duration(v) => match zone.to_civil(ctx.run.now.0) {
            Some(now) => {
                let time = now.at(v).check(kind, mode, zone);
                match time {
                    Ok(v) if kind == TimeKind::Date => Ok(v.date()),
                    Ok(v) => v.round(fsp, zone),
                    Err(error) => Err(error),
                }
            }
            None => Err(TemporalError::DatetimeOverflow),
        },
        DatumRef::Null | DatumRef::Real(_) | DatumRef::Bytes(_) => Ok(Time::default()),
    })
}

/// Fits a value into a TIME column: a number is read as its text.
pub(super) fn duration(ctx: &mut CallContext<'_>, value: DatumRef<'_>) -> Done {
    let fsp = ctx.call.ty.fsp();
    let mut printed = Vec::new();
    let text = match value {
        DatumRef::Time(v) => return Ok(RowValue::Duration(Duration::of_day(v).round(fsp))),
        DatumRef::Duration(v) => return Ok(RowValue::Duration(v.round(fsp))),
        DatumRef::Bytes(text) => text,
        value => {
            if let Some(clipped) = clip_number(ctx, value)? {
                return Ok(clipped);
            }
            print(ctx, value, &mut printed);
            &printed
        }
    };
    let read = parse_duration(text, fsp, ctx.session.date_mode(), zone(ctx)?);
    truncated(ctx, read.truncations, text);
    if read.error.is_some() {
        lose(ctx, Loss::Moment, value)?;
    }
    Ok(RowValue::Duration(read.value.unwrap_or(Duration::ZERO)))
}

/// Finds the numbers that are no TIME: those beyond 838:59:59 that are no datetime either, and those
/// beyond 64 bits.
fn clip_number(
    ctx: &mut CallContext<'_>,
    value: DatumRef<'_>,
) -> Result<Option<RowValue>, SqlError> {
    const MAX: i64 = 8_385_959;
    const DATETIME_MIN: i64 = 10_000_000_000;
    let number = match value {
        DatumRef::Int(v) if is_source_unsigned(ctx) => u64::try_from(v).ok().map(|_| v),
        DatumRef::Int(v) => Some(v),
        DatumRef::Real(v) => {
            let clipped = f64_to_i64(v, i64::MIN, i64::MAX);
            (!clipped.overflows).then_some(clipped.value)
        }
        DatumRef::Decimal(v) => {
            let rounded = v.to_i64_rounded();
            (!rounded.is_overflow()).then_some(rounded.value)
        }
        _ => return Ok(None),
    };
    let Some(number) = number else {
        lose(ctx, Loss::Range, value)?;
        return Ok(Some(RowValue::Null));
    };
    if number > MAX && number < DATETIME_MIN {
        lose(ctx, Loss::Moment, value)?;
        return Ok(Some(RowValue::Duration(Duration::MAX)));
    }
    if number < -MAX {
        lose(ctx, Loss::Moment, value)?;
        return Ok(Some(RowValue::Null));
    }
    Ok(None)
}
