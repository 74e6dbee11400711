// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Reads TIME values from text: `[-][D ]hh:mm[:ss][.ffffff]`, `[-]hhmmss[.ffffff]`, or a datetime,
//! of which the time of day counts. Source: MySQL manual, "The TIME Type"; TiDB `ParseDuration`.

use super::check::DateMode;
use super::duration::{Clock, Duration};
use super::error::{Noun, TemporalError};
use super::parse_time::{parse_time, round_fraction, text_fsp};
use super::scan::{is_punctuation_mark, is_space_byte, number, take_digits, take_while, trim};
use super::time::TimeKind;
use super::zone::Zone;

/// Is what a TIME's reader found. A value and an error at once means: the value was cut or clipped,
/// and TiDB says so.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ParsedDuration {
    /// The value, if anything could be read.
    pub value: Option<Duration>,
    /// What was wrong: always `Truncated incorrect time value`.
    pub error: Option<TemporalError>,
    /// How many warnings `Truncated incorrect datetime value` come first, quoting the trimmed text.
    pub truncations: u8,
}

impl ParsedDuration {
    fn new(value: Option<Duration>, error: Option<TemporalError>) -> Self {
        ParsedDuration { value, error, truncations: 0 }
    }
}

/// Reads a text as a TIME with `fsp` fraction digits (rounded, with carry). Mode and zone matter only
/// where the text is a datetime.
pub fn parse_duration(text: &[u8], fsp: u8, mode: DateMode, zone: &Zone) -> ParsedDuration {
    let failed = Some(TemporalError::Truncated(Noun::Time));
    let rest = trim(text);
    let matched = match_duration(rest, fsp.min(6));
    if let Matched { value: Some(value), is_exact: true } = matched {
        return ParsedDuration::new(Some(value), None);
    }
    if !is_datetime_text(rest) {
        return ParsedDuration::new(matched.value, failed);
    }
    let parsed = parse_time(rest, TimeKind::Datetime, text_fsp(rest), mode, zone);
    let (value, error) = match parsed.value {
        Ok(time) => (Some(Duration::of_day(time).round(fsp)), None),
        Err(_) => (None, failed),
    };
    ParsedDuration { value, error, truncations: parsed.truncations }
}

struct Matched {
    value: Option<Duration>,
    is_exact: bool,
}

const NO_MATCH: Matched = Matched { value: None, is_exact: false };

type HourMinuteSecond = [i64; 3];

fn match_duration(text: &[u8], fsp: u8) -> Matched {
    let (is_negative, body) = match text.split_first() {
        Some((b'-', body)) => (true, skip_spaces(body)),
        Some(_) => (false, skip_spaces(text)),
        None => return NO_MATCH,
    };
    let found = match_days(body).or_else(|| match_colons(body, true)).or_else(|| compact(body));
    let Some((mut parts, rest)) = found else { return NO_MATCH };
    let Some((micro, carries, rest)) = match_fraction(skip_spaces(rest), fsp) else {
        return NO_MATCH;
    };
    if !rest.is_empty() && body.len() >= 12 {
        return NO_MATCH;
    }
    if carries {
        carry_second(&mut parts);
    }
    let [hour, minute, second] = parts;
    let (Ok(minute), Ok(second)) = (u8::try_from(minute), u8::try_from(second)) else {
        return NO_MATCH;
    };
    if minute >= 60 || second >= 60 {
        return NO_MATCH;
    }
    if hour > 838 {
        let limit = if is_negative { Duration::MIN } else { Duration::MAX };
        return Matched { value: Some(limit), is_exact: false };
    }
    let hour = u32::try_from(hour).unwrap_or(0);
    let value = Duration::from_clock(Clock { is_negative, hour, minute, second, micro });
    let (value, is_clipped) = value.clip();
    Matched { value: Some(value), is_exact: !is_clipped && rest.is_empty() }
}

fn skip_spaces(text: &[u8]) -> &[u8] {
    take_while(text, is_space_byte).1
}

fn take_number(text: &[u8]) -> Option<(i64, &[u8])> {
    let (digits, rest) = take_digits(text);
    number(digits).map(|n| (n, rest))
}

/// Matches `D hh[:mm[:ss]]`.
fn match_days(text: &[u8]) -> Option<(HourMinuteSecond, &[u8])> {
    let (days, rest) = take_number(text)?;
    let after = skip_spaces(rest);
    if after.len() == rest.len() {
        return None;
    }
    let ([hour, minute, second], rest) = match_colons(after, false)?;
    // Sums beyond 64 bits are beyond 838 hours anyway.
    Some(([days.saturating_mul(24).saturating_add(hour), minute, second], rest))
}

/// Matches `hh[:mm[:ss]]`, with spaces around the colons.
fn match_colons(text: &[u8], requires_colon: bool) -> Option<(HourMinuteSecond, &[u8])> {
    let (hour, mut rest) = take_number(text)?;
    let mut parts = [hour, 0, 0];
    for (i, slot) in parts.iter_mut().enumerate().skip(1) {
        let Some(after) = skip_spaces(rest).strip_prefix(b":") else {
            if i == 1 && requires_colon {
                return None;
            }
            break;
        };
        (*slot, rest) = take_number(skip_spaces(after))?;
    }
    Some((parts, rest))
}

/// Matches `[[hh]mm]ss` without separators.
fn compact(text: &[u8]) -> Option<(HourMinuteSecond, &[u8])> {
    let (value, rest) = take_number(text)?;
    Some(([value / 10_000, value / 100 % 100, value % 100], rest))
}

/// Matches a fraction, if there is one; returns microseconds, whether a second carries, and the rest.
fn match_fraction(text: &[u8], fsp: u8) -> Option<(u32, bool, &[u8])> {
    let Some(after) = text.strip_prefix(b".") else { return Some((0, false, text)) };
    let (digits, rest) = take_digits(after);
    let (micro, carries) = round_fraction(digits, fsp)?;
    Some((micro, carries, rest))
}

fn carry_second([hour, minute, second]: &mut HourMinuteSecond) {
    *second += 1;
    if *second == 60 {
        *second = 0;
        *minute += 1;
        if *minute == 60 {
            *minute = 0;
            *hour = hour.saturating_add(1);
        }
    }
}

/// Tells whether a text that is no TIME may be a datetime: twelve or fourteen digits, or a date
/// followed by a space or `T`.
fn is_datetime_text(text: &[u8]) -> bool {
    let (digits, mut rest) = take_digits(text);
    if digits.is_empty() {
        return false;
    }
    if matches!(digits.len(), 12 | 14) {
        return true;
    }
    for _ in 0..2 {
        let Some((mark, after)) = rest.split_first() else { return false };
        if !is_punctuation_mark(*mark) {
            return false;
        }
        let (digits, after) = take_digits(after);
        if digits.is_empty() {
            return false;
        }
        rest = after;
    }
    matches!(rest.first(), Some(b' ' | b'T'))
}
