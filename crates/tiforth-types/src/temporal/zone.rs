// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Converts between UTC and the clocks of a time zone.
//!
//! [`TimeZone`] is the setting; [`Zone`] is made from it: a sorted list of the spans of one offset,
//! computed once a process, so that a row costs a short search and no allocation. The zone database is
//! the one `chrono-tz` embeds; it ends in 2099, so later years take the rules of an equal earlier year.
//!
//! TiDB's rules: a clock time that happens twice means what Go's `time.Date` finds first, the earlier
//! moment west of Greenwich and the later one east of it; one that is skipped is an error, or the
//! moment of the change where a function says so (CONVERT_TZ).
//! Source: TiDB 8.5 `CoreTime.GoTime` and `AdjustedGoTime` in `pkg/types/core_time.go`; Go `time.Date`.

use std::fmt;
use std::sync::{Arc, OnceLock};

use chrono::{DateTime, Offset, TimeZone as _};
use chrono_tz::{TZ_VARIANTS, Tz};

use super::calendar::{civil_of_unix_day, is_leap_year, unix_day};
use super::error::TemporalError;
use super::former_zones::former_zone;
use super::time::{Fields, Time};

/// Is a time zone: a fixed offset or a named zone.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum TimeZone {
    /// Seconds east of UTC.
    Offset(i32),
    /// A zone of the IANA database.
    Named(Tz),
}

impl TimeZone {
    /// Is UTC.
    pub const UTC: TimeZone = TimeZone::Offset(0);

    /// Reads MySQL's `time_zone`: `+08:00` and the like from -12:59 to +14:00, `SYSTEM` (taken for
    /// UTC, as the library has no system), or a name of the IANA database (case matters not).
    /// Returns nothing for anything else.
    pub fn parse(text: &str) -> Option<TimeZone> {
        if text.eq_ignore_ascii_case("SYSTEM") || text.eq_ignore_ascii_case("UTC") {
            return Some(TimeZone::UTC);
        }
        if text.starts_with(['+', '-']) {
            let offset = parse_offset(text, 2)?;
            return (-46_740..=50_400).contains(&offset).then_some(TimeZone::Offset(offset));
        }
        Self::parse_name(text)
    }

    /// Reads a zone of CONVERT_TZ: offsets from -13:59 to +14:00, where the minute may have one
    /// digit, else as [`TimeZone::parse`].
    pub fn parse_for_conversion(text: &str) -> Option<TimeZone> {
        if text.starts_with(['+', '-']) {
            let offset = parse_offset(text, 1)?;
            return (-50_340..=50_400).contains(&offset).then_some(TimeZone::Offset(offset));
        }
        Self::parse(text)
    }

    fn parse_name(text: &str) -> Option<TimeZone> {
        let exact = text.parse::<Tz>().ok();
        exact
            .or_else(|| TZ_VARIANTS.iter().find(|z| z.name().eq_ignore_ascii_case(text)).copied())
            .map(TimeZone::Named)
    }
}

/// Reads `[+-]h[h]:mm` as seconds; `minute_digits` is the least number of the minute's digits.
fn parse_offset(text: &str, minute_digits: usize) -> Option<i32> {
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hour, minute) = rest.split_once(':')?;
    let number = |digits: &str, least: usize| {
        let is_number =
            (least..=2).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        is_number.then(|| digits.parse::<i32>().ok()).flatten()
    };
    let (hour, minute) = (number(hour, 1)?, number(minute, minute_digits)?);
    (minute < 60).then_some(sign * (hour * 3600 + minute * 60))
}

impl fmt::Display for TimeZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TimeZone::Offset(0) => f.write_str("UTC"),
            TimeZone::Offset(s) => {
                let sign = if *s < 0 { '-' } else { '+' };
                write!(f, "{sign}{:02}:{:02}", s.abs() / 3600, s.abs() / 60 % 60)
            }
            TimeZone::Named(tz) => f.write_str(tz.name()),
        }
    }
}

/// Is one span of time with one offset, from `start` to the next span's start.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Span {
    /// UTC seconds; the first span starts at `i64::MIN`.
    start: i64,
    /// Seconds east of UTC.
    offset: i64,
}

/// Converts between UTC and the clocks of one time zone; clones share the table.
#[derive(Clone, Debug)]
pub struct Zone {
    time_zone: TimeZone,
    /// The offset if it is the only one.
    fixed: Option<i64>,
    spans: Arc<[Span]>,
}

/// Reports a clock time that does not exist in the zone: it lies in a skipped span, or its day is
/// not in the calendar.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Gap {
    /// The nearest end of the skipped span, in UTC microseconds; nothing where none is within four
    /// hours.
    pub nearest_micros: Option<i64>,
}

const MICROS: i64 = 1_000_000;
const FOUR_HOURS: i64 = 4 * 3600;
/// Is the first year beyond the table, whose rules are those of an equal year before it.
const TABLE_END_YEAR: i64 = 2096;

impl Zone {
    /// Prepares the zone: a few milliseconds of work the first time a process asks for a named one,
    /// none after that.
    pub fn new(time_zone: TimeZone) -> Zone {
        let spans: Arc<[Span]> = match time_zone {
            TimeZone::Offset(s) => Arc::new([Span { start: i64::MIN, offset: s.into() }]),
            TimeZone::Named(tz) => match PREPARED.get(tz as usize) {
                Some(prepared) => Arc::clone(prepared.get_or_init(|| spans_of(tz).into())),
                None => spans_of(tz).into(),
            },
        };
        let fixed = match *spans {
            [only] => Some(only.offset),
            _ => None,
        };
        Zone { time_zone, fixed, spans }
    }

    /// Is UTC.
    pub fn utc() -> Zone {
        Zone::new(TimeZone::UTC)
    }

    /// Returns the setting it was made from.
    pub fn time_zone(&self) -> TimeZone {
        self.time_zone
    }

    /// Returns the offset if the zone never changes it, in seconds east of UTC.
    #[inline]
    pub fn fixed_offset(&self) -> Option<i64> {
        self.fixed
    }

    /// Converts UTC microseconds since 1970 to civil time; nothing outside the years 0 to 9999.
    #[inline]
    pub fn to_civil(&self, utc_micros: i64) -> Option<Time> {
        Time::from_micros(utc_micros.checked_add(self.offset_at(utc_micros) * MICROS)?)
    }

    /// Converts UTC microseconds since 1970 to civil time as CONVERT_TZ does, without a check: the
    /// years run to 16383, and one below 0 wraps to them.
    pub fn to_civil_wrapping(&self, utc_micros: i64) -> Time {
        let offset = self.offset_at(utc_micros) * MICROS;
        Fields::from_civil_micros(utc_micros.saturating_add(offset)).pack_fitting()
    }

    /// Returns the seconds east of UTC that hold at a UTC microsecond.
    #[inline]
    fn offset_at(&self, utc_micros: i64) -> i64 {
        match self.fixed {
            Some(offset) => offset,
            None => self.bounds(utc_micros.div_euclid(MICROS)).span.offset,
        }
    }

    /// Converts civil time to UTC microseconds since 1970.
    ///
    /// # Errors
    /// [`Gap`] where the zone's clocks skip that time or the calendar has no such day.
    #[inline]
    pub fn to_utc(&self, civil: Time) -> Result<i64, Gap> {
        self.fields_to_utc(civil.fields())
    }

    /// Converts civil time to UTC microseconds, a skipped time to the moment of the change, as
    /// CONVERT_TZ does. Nothing where the calendar has no such day.
    pub fn to_utc_adjusted(&self, civil: Time) -> Option<i64> {
        match self.to_utc(civil) {
            Ok(micros) => Some(micros),
            Err(gap) => gap.nearest_micros,
        }
    }

    /// Converts civil time to UTC microseconds, reporting a failure as TiDB does.
    pub(super) fn require_utc(&self, fields: Fields) -> Result<i64, TemporalError> {
        self.fields_to_utc(fields).map_err(|_| TemporalError::OutOfRange(fields))
    }

    pub(super) fn fields_to_utc(&self, fields: Fields) -> Result<i64, Gap> {
        let is_moment = fields.is_calendar_day()
            && fields.hour < 24
            && fields.minute < 60
            && fields.second < 60
            && fields.micro < 1_000_000;
        let civil = fields.civil_micros();
        match self.fixed {
            Some(offset) if is_moment => Ok(civil - offset * MICROS),
            _ => self.search_utc(civil, is_moment),
        }
    }

    /// Finds the UTC second of a clock's: the offset at that number, taken for UTC, or where it does
    /// not hold there, the offset where that leads.
    fn guess_utc(&self, civil: i64) -> i64 {
        let first = self.bounds(civil);
        let utc = civil - first.span.offset;
        if utc < first.start || utc >= first.end {
            return civil - self.bounds(utc).span.offset;
        }
        utc
    }

    fn search_utc(&self, civil_micros: i64, is_moment: bool) -> Result<i64, Gap> {
        let civil = civil_micros.div_euclid(MICROS);
        let micros = civil_micros.rem_euclid(MICROS);
        let utc = self.guess_utc(civil);
        let at = self.bounds(utc);
        if !is_moment || utc + at.span.offset != civil {
            return Err(Gap { nearest_micros: at.nearest(utc, micros) });
        }
        Ok(utc * MICROS + micros)
    }

    /// Returns the span that holds a UTC second, and where it starts and ends.
    fn bounds(&self, utc: i64) -> Bounds {
        let shift = if utc >= table_end() { shift_into_table(utc) } else { 0 };
        let inner = utc - shift;
        let next = self.spans.partition_point(|s| s.start <= inner);
        let span = next.checked_sub(1).and_then(|i| self.spans.get(i)).copied();
        let span = span.unwrap_or(Span { start: i64::MIN, offset: 0 });
        let start = if span.start == i64::MIN { i64::MIN } else { span.start + shift };
        let end = self.spans.get(next).map_or(i64::MAX, |s| s.start + shift);
        Bounds { span, start, end }
    }
}

#[derive(Clone, Copy)]
struct Bounds {
    span: Span,
    start: i64,
    end: i64,
}

impl Bounds {
    /// Returns the nearer end of the span, if one is within four hours.
    fn nearest(self, utc: i64, micros: i64) -> Option<i64> {
        let to_start = utc.checked_sub(self.start).and_then(|s| s.checked_mul(MICROS));
        let to_start = to_start.map_or(i64::MAX, |s| s + micros);
        let to_end = self.end.checked_sub(utc).and_then(|s| s.checked_mul(MICROS));
        let to_end = to_end.map_or(i64::MAX, |s| s - micros);
        if to_start.min(to_end) > FOUR_HOURS * MICROS {
            return None;
        }
        Some(if to_start <= to_end { self.start } else { self.end } * MICROS)
    }
}

/// Is the first UTC second beyond the table.
fn table_end() -> i64 {
    unix_day(TABLE_END_YEAR, 1, 1) * 86_400
}

/// Returns the seconds from the year of `utc` to an equal year inside the table: one that starts on
/// the same weekday and is as long. Any 28 years from 2068 on hold all fourteen kinds.
fn shift_into_table(utc: i64) -> i64 {
    let (year, _, _) = civil_of_unix_day(utc.div_euclid(86_400));
    let kind = |y: i64| (unix_day(y, 1, 1).rem_euclid(7), is_leap_year(y));
    let equal = (TABLE_END_YEAR - 28..TABLE_END_YEAR).find(|y| kind(*y) == kind(year));
    (unix_day(year, 1, 1) - unix_day(equal.unwrap_or(TABLE_END_YEAR - 1), 1, 1)) * 86_400
}

/// Holds the spans of each zone of the database once it was asked for: constants, computed late.
static PREPARED: [OnceLock<Arc<[Span]>>; TZ_VARIANTS.len()] =
    [const { OnceLock::new() }; TZ_VARIANTS.len()];

/// Lists the spans of a named zone.
fn spans_of(tz: Tz) -> Vec<Span> {
    let Some(former) = former_zone(tz) else { return listed_spans(tz) };
    let early = former.changes().map(|(start, offset)| Span { start, offset });
    let since = former.since();
    let later = former.city.map(|(city, shift)| {
        let spans = listed_spans(city).into_iter().filter(move |s| s.start >= since);
        spans.map(move |s| Span { start: s.start, offset: s.offset + shift })
    });
    early.chain(later.into_iter().flatten()).collect()
}

/// Lists the spans the database has for a zone, by asking for its offset every day and halving
/// where it changed.
fn listed_spans(tz: Tz) -> Vec<Span> {
    let ask = |utc: i64| {
        let when = DateTime::from_timestamp(utc, 0).unwrap_or_default().naive_utc();
        let offset = tz.offset_from_utc_datetime(&when);
        i64::from(offset.fix().local_minus_utc())
    };
    const DAY: i64 = 86_400;
    let mut at = unix_day(1840, 1, 1) * DAY;
    let mut known = ask(at);
    let mut spans = vec![Span { start: i64::MIN, offset: known }];
    while at < table_end() + DAY {
        let next = ask(at + DAY);
        if next != known {
            let (mut low, mut high) = (at, at + DAY);
            while high - low > 1 {
                let middle = low + (high - low) / 2;
                if ask(middle) == known { low = middle } else { high = middle }
            }
            known = ask(high);
            spans.push(Span { start: high, offset: known });
            at = high;
        } else {
            at += DAY;
        }
    }
    spans
}
