// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Writes dates, datetimes, timestamps and times.

use arrow_array::ArrayRef;
use arrow_array::types::{
    Date32Type, DurationMicrosecondType, DurationMillisecondType, DurationNanosecondType,
    DurationSecondType, Int64Type, Time32MillisecondType, Time32SecondType, Time64MicrosecondType,
    Time64NanosecondType, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType, UInt64Type,
};
use arrow_buffer::ScalarBuffer;
use arrow_schema::{DataType, TimeUnit};
use tiforth_types::temporal::Zone;
use tiforth_types::{Result, Time, TypeKind};

use super::Writer;
use crate::column::civil::{pack_micros, unpack_day, unpack_micros};

const DAY_NANOS: i64 = 86_400_000_000_000;

/// Writes packed dates and times, a timestamp as UTC.
pub(super) fn times(w: &Writer<'_>, values: &ScalarBuffer<u64>, zone: &Zone) -> Result<ArrayRef> {
    let is_timestamp = w.output.ty.kind == TypeKind::Timestamp;
    let moves = is_timestamp && zone.fixed_offset() != Some(0);
    let utc_of = |v: u64| {
        if moves { zone.to_utc(Time(v)).ok() } else { unpack_micros(v) }
    };
    match w.data_type {
        DataType::UInt64 if !moves => w.array::<UInt64Type>(values.clone()),
        DataType::UInt64 => w.array::<UInt64Type>(converted(w, values, |v| match v {
            0 => Some(0),
            v => utc_of(v).map(pack_micros),
        })?),
        DataType::Date32 if w.output.ty.kind == TypeKind::Date => {
            w.array::<Date32Type>(converted(w, values, unpack_day)?)
        }
        DataType::Timestamp(unit, tz) if is_timestamp || tz.is_none() => {
            let exact = |micros: i64, step: i64| (micros % step == 0).then(|| micros / step);
            let written = |step: i64| converted(w, values, |v| exact(utc_of(v)?, step));
            match unit {
                TimeUnit::Second => w.array::<TimestampSecondType>(written(1_000_000)?),
                TimeUnit::Millisecond => w.array::<TimestampMillisecondType>(written(1_000)?),
                TimeUnit::Microsecond => w.array::<TimestampMicrosecondType>(written(1)?),
                TimeUnit::Nanosecond => {
                    let nanos = converted(w, values, |v| utc_of(v)?.checked_mul(1_000))?;
                    w.array::<TimestampNanosecondType>(nanos)
                }
            }
        }
        _ => w.mismatch(),
    }
}

/// Converts value by value; what has no counterpart is an error unless it lies under a NULL.
fn converted<T: Default>(
    w: &Writer<'_>,
    values: &[u64],
    convert: impl Fn(u64) -> Option<T>,
) -> Result<Vec<T>> {
    let mut out = Vec::with_capacity(values.len());
    for (row, &value) in values.iter().enumerate() {
        out.push(match convert(value) {
            Some(converted) => converted,
            None if w.nulls.as_ref().is_some_and(|n| n.is_null(row)) => T::default(),
            None => return Err(w.incorrect("datetime", packed_text(value), row)),
        });
    }
    Ok(out)
}

fn packed_text(value: u64) -> String {
    let mut text = Vec::new();
    Time(value).write_datetime(6, &mut text);
    String::from_utf8_lossy(&text).into_owned()
}

/// Writes spans of time; as a time of the day those within one.
pub(super) fn durations(w: &Writer<'_>, values: &ScalarBuffer<i64>) -> Result<ArrayRef> {
    let in_units = |step: i64, range: std::ops::Range<i64>| -> Result<ScalarBuffer<i64>> {
        let is_bad = |v: i64| v % step != 0 || !range.contains(&v);
        if values.iter().fold(false, |any, &v| any | is_bad(v))
            && let Some(row) = w.first_where(values.len(), |row| is_bad(values[row]))
        {
            let text = format!("{} ns", values[row]);
            return Err(w.incorrect("time", text, row));
        }
        Ok(if step == 1 { values.clone() } else { values.iter().map(|v| v / step).collect() })
    };
    let any = i64::MIN..i64::MAX;
    let day = 0..DAY_NANOS;
    let short = |values: ScalarBuffer<i64>| -> ScalarBuffer<i32> {
        // Under a NULL anything may stand.
        values.iter().map(|&v| i32::try_from(v).unwrap_or(0)).collect()
    };
    match w.data_type {
        DataType::Int64 => w.array::<Int64Type>(values.clone()),
        DataType::Duration(TimeUnit::Second) => {
            w.array::<DurationSecondType>(in_units(1_000_000_000, any)?)
        }
        DataType::Duration(TimeUnit::Millisecond) => {
            w.array::<DurationMillisecondType>(in_units(1_000_000, any)?)
        }
        DataType::Duration(TimeUnit::Microsecond) => {
            w.array::<DurationMicrosecondType>(in_units(1_000, any)?)
        }
        DataType::Duration(TimeUnit::Nanosecond) => {
            w.array::<DurationNanosecondType>(values.clone())
        }
        DataType::Time32(TimeUnit::Second) => {
            w.array::<Time32SecondType>(short(in_units(1_000_000_000, day)?))
        }
        DataType::Time32(_) => w.array::<Time32MillisecondType>(short(in_units(1_000_000, day)?)),
        DataType::Time64(TimeUnit::Microsecond) => {
            w.array::<Time64MicrosecondType>(in_units(1_000, day)?)
        }
        DataType::Time64(_) => w.array::<Time64NanosecondType>(in_units(1, day)?),
        _ => w.mismatch(),
    }
}
