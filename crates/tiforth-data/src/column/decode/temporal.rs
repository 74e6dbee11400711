// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Reads dates, datetimes, timestamps and times.
//!
//! Days become civil dates by Neri and Schneider, "Euclidean affine functions and their application to
//! calendar algorithms" (2022): multiplications only, so the loops vectorise.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Date64Type, DurationMicrosecondType, DurationMillisecondType,
    DurationNanosecondType, DurationSecondType, Int64Type, Time32MillisecondType, Time32SecondType,
    Time64MicrosecondType, Time64NanosecondType, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt64Type,
};
use arrow_array::{Array, ArrayRef};
use arrow_buffer::ScalarBuffer;
use arrow_schema::{DataType, TimeUnit};
use tiforth_types::{Result, TypeKind};

use super::{Reader, nulls_of, rows_where};
use crate::column::Column;
use crate::column::civil::{
    DATE_DAYS, DATETIME_MICROS, is_packed, pack_day, pack_micros, unpack_micros,
};
use crate::simd;

const DAY_MICROS: i64 = 86_400_000_000;
const DAY_MILLIS: i64 = 86_400_000;
/// Is 838:59:59 in nanoseconds.
const DURATION_NANOS_MAX: i64 = (838 * 3600 + 59 * 60 + 59) * 1_000_000_000;

/// Reads packed dates and times, Arrow's dates and Arrow's timestamps.
pub(super) fn time(r: &Reader<'_>, array: &ArrayRef) -> Result<Column> {
    let is_date = r.ty.kind == TypeKind::Date;
    let is_timestamp = r.ty.kind == TypeKind::Timestamp;
    match array.data_type() {
        DataType::UInt64 => packed(r, array),
        DataType::Date32 if !is_timestamp => {
            dates(r, array, array.as_primitive::<Date32Type>().values())
        }
        DataType::Date64 if !is_timestamp => {
            let millis = array.as_primitive::<Date64Type>().values();
            let days =
                millis.iter().map(|m| i32::try_from(m.div_euclid(DAY_MILLIS)).unwrap_or(i32::MAX));
            dates(r, array, &days.collect::<Vec<_>>())
        }
        DataType::Timestamp(unit, tz) if !is_date && (is_timestamp || tz.is_none()) => {
            let (values, per_second) = match unit {
                TimeUnit::Second => (array.as_primitive::<TimestampSecondType>().values(), 1),
                TimeUnit::Millisecond => {
                    (array.as_primitive::<TimestampMillisecondType>().values(), 1_000)
                }
                TimeUnit::Microsecond => {
                    (array.as_primitive::<TimestampMicrosecondType>().values(), 1_000_000)
                }
                TimeUnit::Nanosecond => {
                    (array.as_primitive::<TimestampNanosecondType>().values(), 1_000_000_000)
                }
            };
            timestamps(r, array, values, per_second)
        }
        _ => r.mismatch(array),
    }
}

fn kind_name(r: &Reader<'_>) -> &'static str {
    match r.ty.kind {
        TypeKind::Date => "date",
        TypeKind::Timestamp => "timestamp",
        TypeKind::Time => "time",
        _ => "datetime",
    }
}

fn dates(r: &Reader<'_>, array: &ArrayRef, days: &[i32]) -> Result<Column> {
    let is_bad = |day: i32| (day < *DATE_DAYS.start()) | (day > *DATE_DAYS.end());
    let any = simd::dispatch(
        #[inline(always)]
        || days.iter().fold(false, |any, &day| any | is_bad(day)),
    );
    let values = simd::mapped(days, pack_day);
    let mut nulls = nulls_of(array);
    if any {
        let bad = rows_where(nulls.as_ref(), days.len(), |row| is_bad(days[row]));
        nulls = r.settle(nulls.as_ref(), days.len(), &bad, |r, row| {
            r.incorrect(kind_name(r), format_args!("{} days after 1970-01-01", days[row]), row)
        })?;
    }
    Ok(Column::times(values, nulls))
}

/// Reads dates and times in the packed form; a timestamp moves from UTC to the session's zone.
fn packed(r: &Reader<'_>, array: &ArrayRef) -> Result<Column> {
    let values = array.as_primitive::<UInt64Type>().values();
    let is_date = r.ty.kind == TypeKind::Date;
    let any = simd::dispatch(
        #[inline(always)]
        || values.iter().fold(false, |any, &v| any | !is_packed(v, is_date)),
    );
    let nulls = nulls_of(array);
    let zone = &r.how.zone;
    let moves = r.ty.kind == TypeKind::Timestamp && zone.fixed_offset() != Some(0);
    let moved = |v: u64| match v {
        0 => Some(0),
        v => unpack_micros(v).and_then(|utc| zone.to_civil(utc)).map(|civil| civil.0),
    };
    let is_bad = |v: u64| !is_packed(v, is_date) || (moves && moved(v).is_none());
    if !any && !moves {
        return Ok(Column::times(values.clone(), nulls));
    }
    let bad = rows_where(nulls.as_ref(), values.len(), |row| is_bad(values[row]));
    let nulls = r.settle(nulls.as_ref(), values.len(), &bad, |r, row| {
        r.incorrect(kind_name(r), format_args!("{:#x} packed", values[row]), row)
    })?;
    if !moves {
        return Ok(Column::times(values.clone(), nulls));
    }
    let values: Vec<u64> = values.iter().map(|&v| moved(v).unwrap_or(0)).collect();
    Ok(Column::times(values, nulls))
}

/// Reads moments counted from 1970 in units of which a second has `per_second`.
fn timestamps(
    r: &Reader<'_>,
    array: &ArrayRef,
    values: &ScalarBuffer<i64>,
    per_second: i64,
) -> Result<Column> {
    // Units finer than the type's digits are rounded to those, halves up, in one step.
    let step = per_second / 10i64.pow(r.ty.fsp().into());
    let micros_a_unit =
        if step > 1 { 1_000_000 / (per_second / step) } else { 1_000_000 / per_second };
    let (low, high) = (*DATETIME_MICROS.start(), *DATETIME_MICROS.end());
    let low_unit = (i128::from(low) * i128::from(per_second) / 1_000_000).max(i64::MIN.into());
    let high_unit = (i128::from(high) * i128::from(per_second) / 1_000_000).min(i64::MAX.into());
    let (low_unit, high_unit) = (low_unit as i64, high_unit as i64);
    let micros_of = |v: i64| -> i64 {
        let units = if step > 1 {
            v.div_euclid(step) + i64::from(v.rem_euclid(step) >= step / 2)
        } else {
            v
        };
        units.wrapping_mul(micros_a_unit)
    };
    let zone = &r.how.zone;
    let moves = r.ty.kind == TypeKind::Timestamp && zone.fixed_offset() != Some(0);
    let packed_of = |v: i64| -> Option<u64> {
        let micros = micros_of(v);
        let is_bad = (v < low_unit) | (v > high_unit) | (micros < low) | (micros > high);
        match (is_bad, moves) {
            (true, _) => None,
            (false, true) => zone.to_civil(micros).map(|civil| civil.0),
            (false, false) => Some(pack_micros(micros)),
        }
    };
    let mut any = false;
    let packed = values.iter().map(|&v| {
        let packed = packed_of(v);
        any |= packed.is_none();
        packed.unwrap_or(0)
    });
    let packed: Vec<u64> = packed.collect();
    let mut nulls = nulls_of(array);
    if any {
        let bad = rows_where(nulls.as_ref(), values.len(), |row| packed_of(values[row]).is_none());
        nulls = r.settle(nulls.as_ref(), values.len(), &bad, |r, row| {
            let (seconds, rest) =
                (values[row].div_euclid(per_second), values[row].rem_euclid(per_second));
            let text = format!("{seconds} s + {rest}/{per_second} after 1970-01-01");
            r.incorrect(kind_name(r), text, row)
        })?;
    }
    Ok(Column::times(packed, nulls))
}

/// Reads spans of time, and times of the day as such.
pub(super) fn duration(r: &Reader<'_>, array: &ArrayRef) -> Result<Column> {
    let wide = |values: &ScalarBuffer<i32>| values.iter().map(|&v| i64::from(v)).collect();
    let (values, nanos): (ScalarBuffer<i64>, i64) = match array.data_type() {
        DataType::Int64 => (array.as_primitive::<Int64Type>().values().clone(), 1),
        DataType::Duration(TimeUnit::Nanosecond) => {
            (array.as_primitive::<DurationNanosecondType>().values().clone(), 1)
        }
        DataType::Duration(TimeUnit::Microsecond) => {
            (array.as_primitive::<DurationMicrosecondType>().values().clone(), 1_000)
        }
        DataType::Duration(TimeUnit::Millisecond) => {
            (array.as_primitive::<DurationMillisecondType>().values().clone(), 1_000_000)
        }
        DataType::Duration(TimeUnit::Second) => {
            (array.as_primitive::<DurationSecondType>().values().clone(), 1_000_000_000)
        }
        DataType::Time32(TimeUnit::Second) => {
            (wide(array.as_primitive::<Time32SecondType>().values()), 1_000_000_000)
        }
        DataType::Time32(_) => {
            (wide(array.as_primitive::<Time32MillisecondType>().values()), 1_000_000)
        }
        DataType::Time64(TimeUnit::Microsecond) => {
            (array.as_primitive::<Time64MicrosecondType>().values().clone(), 1_000)
        }
        DataType::Time64(_) => (array.as_primitive::<Time64NanosecondType>().values().clone(), 1),
        _ => return r.mismatch(array),
    };
    let step = 10i64.pow(9 - u32::from(r.ty.fsp()));
    let rounded = |v: i64| round_half_away(v.wrapping_mul(nanos), step);
    // Compared before rounding: 838:59:59.4 is beyond TIME, as in TiDB.
    let high = DURATION_NANOS_MAX / nanos;
    let is_bad = |v: i64| (v > high) | (v < -high);
    let (mut any, mut is_exact) = (false, nanos == 1);
    for &v in values.iter() {
        any |= is_bad(v);
        is_exact &= v % step == 0;
    }
    let mut nulls = nulls_of(array);
    if any {
        let bad = rows_where(nulls.as_ref(), values.len(), |row| is_bad(values[row]));
        nulls = r.settle(nulls.as_ref(), values.len(), &bad, |r, row| {
            let text = format!("{} s", i128::from(values[row]) * i128::from(nanos) / 1_000_000_000);
            r.incorrect("time", text, row)
        })?;
    }
    if is_exact {
        return Ok(Column::durations(values, nulls));
    }
    let values: Vec<i64> = values.iter().map(|&v| if is_bad(v) { 0 } else { rounded(v) }).collect();
    Ok(Column::durations(values, nulls))
}

fn round_half_away(value: i64, step: i64) -> i64 {
    let rest = value % step;
    let up = if rest.abs() >= step - step / 2 { value.signum() * step } else { 0 };
    value - rest + up
}

const _: () = assert!(DAY_MICROS == DAY_MILLIS * 1_000);
