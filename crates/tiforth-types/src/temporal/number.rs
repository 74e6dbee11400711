// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Reads dates and times from numbers: `YYYYMMDDhhmmss` and its shorter forms, `hhmmss`.
//!
//! Source: MySQL's `number_to_datetime`; TiDB `parseDateTimeFromNum`, `ParseTimeFromFloatString` and
//! `NumberToDuration` in `pkg/types`.

use super::check::DateMode;
use super::duration::{Clock, Duration};
use super::error::{Noun, TemporalError};
use super::parse_time::round_fraction;
use super::scan::number;
use super::split::split;
use super::time::{Fields, Time, TimeKind};
use super::zone::Zone;

/// Reads an integer as a value of this kind: `YYMMDD`, `YYYYMMDD`, `YYMMDDhhmmss` or
/// `YYYYMMDDhhmmss`. The second item tells whether it has the form of a datetime, which is how TiDB
/// chooses between DATE and DATETIME in DATE_ADD.
///
/// # Errors
/// [`TemporalError::IncorrectNumber`] for a number of no such form, else as [`Fields::check`].
pub fn time_from_number(
    value: i64,
    kind: TimeKind,
    mode: DateMode,
    zone: &Zone,
) -> Result<(Time, bool), TemporalError> {
    if value == 0 {
        return Ok((Time::ZERO, false));
    }
    let incorrect = TemporalError::IncorrectNumber(value);
    let (full, has_clock) = full_number(value).ok_or(incorrect)?;
    let (date, clock) = (full / 1_000_000, full % 1_000_000);
    let parts = [
        date / 10_000,
        date / 100 % 100,
        date % 100,
        clock / 10_000,
        clock / 100 % 100,
        clock % 100,
        0,
    ];
    let fields = Fields::from_wide(parts).ok_or(incorrect)?;
    // TiDB asks twice: first as the form the number has, then as the kind that is wanted.
    let form = if has_clock { TimeKind::Datetime } else { TimeKind::Date };
    fields.check(form, mode, zone)?;
    let time = fields.check(kind, mode, zone)?;
    Ok((if kind == TimeKind::Date { time.date() } else { time }, has_clock))
}

/// Completes a number to `YYYYMMDDhhmmss`; the second item tells whether it had a time of day.
fn full_number(value: i64) -> Option<(i64, bool)> {
    const DAY: i64 = 1_000_000;
    match value {
        10_000_101_000_000.. => Some((value, true)),
        101..=691_231 => Some(((value + 20_000_000) * DAY, false)),
        700_101..=991_231 => Some(((value + 19_000_000) * DAY, false)),
        991_232..=99_991_231 => Some((value * DAY, false)),
        101_000_000..=691_231_235_959 => Some((value + 20_000_000_000_000, true)),
        700_101_000_000..=991_231_235_959 => Some((value + 19_000_000_000_000, true)),
        991_231_235_960.. => Some((value, true)),
        _ => None,
    }
}

/// Reads the text of a DECIMAL or DOUBLE (plain digits, no exponent) as a value of this kind.
///
/// A fraction counts only after a time of day, and after the number 0.
///
/// # Errors
/// [`TemporalError::Incorrect`] for a number of no known form, else as [`Fields::check`].
pub fn time_from_number_text(
    text: &[u8],
    kind: TimeKind,
    fsp: u8,
    mode: DateMode,
    zone: &Zone,
) -> Result<Time, TemporalError> {
    if text.starts_with(b"0.0") {
        return Ok(Time::ZERO);
    }
    let incorrect = TemporalError::Incorrect(Noun::Datetime);
    let split = split(text);
    let &[digits] = split.parts.as_slice() else { return Err(incorrect) };
    let value = number(digits).ok_or(incorrect)?;
    let whole = time_from_number(value, TimeKind::Datetime, mode, zone).map_err(|_| incorrect)?.0;
    let mut fields = whole.fields();
    if digits == b"0" || (9..=14).contains(&digits.len()) {
        let (micro, carries) = round_fraction(split.fraction, fsp).ok_or(incorrect)?;
        fields.micro = micro;
        if carries {
            let utc = zone.require_utc(fields)? + 1_000_000;
            fields = zone.to_civil_wrapping(utc).fields();
        }
    }
    let time = fields.check(kind, mode, zone)?;
    Ok(if kind == TimeKind::Date { time.date() } else { time })
}

/// Reads an integer as a TIME: `hhmmss`, or a datetime's number, of which the time of day counts.
///
/// # Errors
/// [`TemporalError::DurationRange`] beyond 838:59:59 (the clipped value is [`Duration::MAX`] or
/// [`Duration::MIN`]), [`TemporalError::TruncatedNumber`] for minutes or seconds beyond 59.
pub fn duration_from_number(value: i64) -> Result<Duration, TemporalError> {
    const MAX: i64 = 8_385_959;
    if value > MAX {
        // The statement's mode is not asked: a date with zero parts is none.
        if value >= 10_000_000_000
            && let Ok((time, _)) =
                time_from_number(value, TimeKind::Datetime, DateMode::default(), &Zone::utc())
        {
            return Ok(Duration::of_day(time));
        }
        return Err(TemporalError::DurationRange(value));
    }
    if value < -MAX {
        return Err(TemporalError::DurationRange(value));
    }
    let digits = value.unsigned_abs();
    let part = |n: u64| u8::try_from(n % 100).unwrap_or(u8::MAX);
    let (minute, second) = (part(digits / 100), part(digits));
    if minute >= 60 || second >= 60 {
        return Err(TemporalError::TruncatedNumber(value.abs()));
    }
    let hour = u32::try_from(digits / 10_000).unwrap_or(u32::MAX);
    Ok(Duration::from_clock(Clock { is_negative: value < 0, hour, minute, second, micro: 0 }))
}
