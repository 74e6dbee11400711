// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Prints dates and times by a format: DATE_FORMAT, TIME_FORMAT, GET_FORMAT.
//!
//! Source: MySQL manual, DATE_FORMAT; TiDB `Time.DateFormat` and `Duration.DurationFormat`.

use std::borrow::Cow;

use super::digits::{push_number, push_padded};
use super::duration::{Clock, Duration};
use super::error::TemporalError;
use super::time::{Fields, Time};
use super::{MONTH_NAMES, WEEKDAY_NAMES};

/// Prints a date and time by a DATE_FORMAT format. A format's last `%` alone prints nothing.
///
/// # Errors
/// [`TemporalError::IncorrectNumber`] where the name of month 0 is asked for; DATE_FORMAT then is
/// NULL with that warning.
pub fn date_format(time: Time, format: &[u8], out: &mut Vec<u8>) -> Result<(), TemporalError> {
    let fields = time.fields();
    each_code(format, out, |code, out| push_date_code(time, fields, code, out))
}

/// Prints a TIME by a TIME_FORMAT format; codes of the date print as themselves.
pub fn time_format(duration: Duration, format: &[u8], out: &mut Vec<u8>) {
    let clock = duration.clock();
    let done: Result<(), TemporalError> =
        each_code(format, out, |code, out| Ok(push_clock_code(clock, code, out)));
    debug_assert!(done.is_ok(), "clock codes never fail");
}

/// Writes a format with its codes replaced; `push` says whether it knew the code. A code it does not
/// know prints as the character after `%`.
fn each_code<E>(
    format: &[u8],
    out: &mut Vec<u8>,
    mut push: impl FnMut(u8, &mut Vec<u8>) -> Result<bool, E>,
) -> Result<(), E> {
    let characters = characters(format);
    let mut rest = &*characters;
    while let Some(at) = rest.iter().position(|b| *b == b'%') {
        let (plain, code) = rest.split_at_checked(at).unwrap_or((rest, &[]));
        out.extend_from_slice(plain);
        match code {
            [_, code, after @ ..] => {
                if !push(*code, out)? {
                    out.push(*code);
                }
                rest = after;
            }
            _ => return Ok(()),
        }
    }
    out.extend_from_slice(rest);
    Ok(())
}

/// Returns the characters of a format as TiDB goes through them: a byte that is none is U+FFFD.
fn characters(format: &[u8]) -> Cow<'_, [u8]> {
    if format.is_ascii() || std::str::from_utf8(format).is_ok() {
        return Cow::Borrowed(format);
    }
    let mut shown = Vec::with_capacity(format.len() + 2);
    for chunk in format.utf8_chunks() {
        shown.extend_from_slice(chunk.valid().as_bytes());
        for _ in chunk.invalid() {
            shown.extend_from_slice("\u{fffd}".as_bytes());
        }
    }
    Cow::Owned(shown)
}

fn push_date_code(
    time: Time,
    f: Fields,
    code: u8,
    out: &mut Vec<u8>,
) -> Result<bool, TemporalError> {
    let week = |week: i64, out: &mut Vec<u8>| {
        push_padded(u32::try_from(week).unwrap_or(0), 2, out);
    };
    let weekday = usize::from(time.weekday());
    let weekday_name = WEEKDAY_NAMES.get(weekday).copied().unwrap_or_default();
    // A year before 0 shows as TiDB's unsigned integer wraps.
    let week_year = |mode: u8, out: &mut Vec<u8>| {
        push_padded(u32::try_from(time.year_week(mode).0).unwrap_or(u32::MAX), 4, out);
    };
    match code {
        b'b' => out.extend_from_slice(month_name(f.month)?.get(..3).unwrap_or_default().as_bytes()),
        b'M' => out.extend_from_slice(month_name(f.month)?.as_bytes()),
        b'm' => push_padded(f.month.into(), 2, out),
        b'c' => push_number(f.month.into(), out),
        b'D' => {
            push_number(f.day.into(), out);
            out.extend_from_slice(ordinal_suffix(f.day));
        }
        b'd' => push_padded(f.day.into(), 2, out),
        b'e' => push_number(f.day.into(), out),
        b'j' => push_padded(u32::try_from(time.day_of_year()).unwrap_or(0), 3, out),
        b'U' => week(time.week(0), out),
        b'u' => week(time.week(1), out),
        b'V' => week(time.week(2), out),
        b'v' => week(time.year_week(3).1, out),
        b'a' => out.extend_from_slice(weekday_name.get(..3).unwrap_or_default().as_bytes()),
        b'W' => out.extend_from_slice(weekday_name.as_bytes()),
        b'w' => push_number((u32::from(time.weekday()) + 1) % 7, out),
        b'X' => week_year(2, out),
        b'x' => week_year(3, out),
        b'Y' => push_padded(f.year.into(), 4, out),
        b'y' => {
            let start = out.len();
            push_padded(f.year.into(), 4, out);
            out.drain(start..start + 2);
        }
        _ => {
            let (hour, minute, second) = (f.hour.into(), f.minute, f.second);
            let clock = Clock { is_negative: false, hour, minute, second, micro: f.micro };
            return Ok(push_clock_code(clock, code, out));
        }
    }
    Ok(true)
}

/// Writes a code of the clock; `false` if it is none.
fn push_clock_code(c: Clock, code: u8, out: &mut Vec<u8>) -> bool {
    let hour12 = match c.hour % 12 {
        0 => 12,
        hour => hour,
    };
    let half = if c.hour % 24 < 12 { b"AM" } else { b"PM" };
    let minute_second = |out: &mut Vec<u8>| {
        out.push(b':');
        push_padded(c.minute.into(), 2, out);
        out.push(b':');
        push_padded(c.second.into(), 2, out);
    };
    match code {
        b'H' => push_padded(c.hour, 2, out),
        b'k' => push_number(c.hour, out),
        b'h' | b'I' => push_padded(hour12, 2, out),
        b'l' => push_number(hour12, out),
        b'i' => push_padded(c.minute.into(), 2, out),
        b'p' => out.extend_from_slice(half),
        b'r' => {
            push_padded(hour12, 2, out);
            minute_second(out);
            out.push(b' ');
            out.extend_from_slice(half);
        }
        b'T' => {
            push_padded(c.hour, 2, out);
            minute_second(out);
        }
        b'S' | b's' => push_padded(c.second.into(), 2, out),
        b'f' => push_padded(c.micro, 6, out),
        _ => return false,
    }
    true
}

fn month_name(month: u8) -> Result<&'static str, TemporalError> {
    let name = usize::from(month).checked_sub(1).and_then(|m| MONTH_NAMES.get(m));
    name.copied().ok_or(TemporalError::IncorrectNumber(month.into()))
}

fn ordinal_suffix(day: u8) -> &'static [u8] {
    match day {
        1 | 21 | 31 => b"st",
        2 | 22 => b"nd",
        3 | 23 => b"rd",
        _ => b"th",
    }
}

/// Says what GET_FORMAT's format is for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum FormatKind {
    /// DATE.
    Date,
    /// DATETIME or TIMESTAMP.
    Datetime,
    /// TIME.
    Time,
}

/// Returns GET_FORMAT's format for a place (`USA`, `JIS`, `ISO`, `EUR`, `INTERNAL`, in any case), or
/// nothing for another place: GET_FORMAT then is the empty text.
pub fn get_format(kind: FormatKind, place: &[u8]) -> Option<&'static str> {
    let places: [(&[u8], [&'static str; 3]); 5] = [
        (b"USA", ["%m.%d.%Y", "%Y-%m-%d %H.%i.%s", "%h:%i:%s %p"]),
        (b"JIS", ["%Y-%m-%d", "%Y-%m-%d %H:%i:%s", "%H:%i:%s"]),
        (b"ISO", ["%Y-%m-%d", "%Y-%m-%d %H:%i:%s", "%H:%i:%s"]),
        (b"EUR", ["%d.%m.%Y", "%Y-%m-%d %H.%i.%s", "%H.%i.%s"]),
        (b"INTERNAL", ["%Y%m%d", "%Y%m%d%H%i%s", "%H%i%s"]),
    ];
    let (_, [date, datetime, time]) =
        places.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(place))?;
    Some(match kind {
        FormatKind::Date => date,
        FormatKind::Datetime => datetime,
        FormatKind::Time => time,
    })
}
