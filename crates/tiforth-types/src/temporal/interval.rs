// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Reads INTERVAL amounts and takes EXTRACT's parts.
//!
//! Source: MySQL manual, "Temporal Intervals" and EXTRACT; TiDB `ParseDurationValue`,
//! `ExtractDurationValue`, `ExtractDatetimeNum`, `ExtractDurationNum` in `pkg/types/time.go`, and the
//! interval readers of `pkg/expression/builtin_time.go`.

use std::fmt;

use super::arithmetic::Interval;
use super::duration::{DAY, Duration, SECOND};
use super::error::{Noun, TemporalError};
use super::scan::{take_digits, trim};
use super::time::Time;

macro_rules! units {
    ($($variant:ident $name:literal;)*) => {
        /// Is a unit of INTERVAL, EXTRACT, TIMESTAMPADD and TIMESTAMPDIFF.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum IntervalUnit {
            $(#[doc = concat!("Is `", $name, "`.")] $variant,)*
        }

        impl IntervalUnit {
            /// Lists all units.
            pub const ALL: &'static [IntervalUnit] = &[$(IntervalUnit::$variant),*];

            /// Returns the unit's name in capitals.
            pub fn name(self) -> &'static str {
                match self {
                    $(IntervalUnit::$variant => $name,)*
                }
            }
        }
    };
}
units! {
    Microsecond "MICROSECOND"; Second "SECOND"; Minute "MINUTE"; Hour "HOUR"; Day "DAY";
    Week "WEEK"; Month "MONTH"; Quarter "QUARTER"; Year "YEAR";
    SecondMicrosecond "SECOND_MICROSECOND"; MinuteMicrosecond "MINUTE_MICROSECOND";
    MinuteSecond "MINUTE_SECOND"; HourMicrosecond "HOUR_MICROSECOND"; HourSecond "HOUR_SECOND";
    HourMinute "HOUR_MINUTE"; DayMicrosecond "DAY_MICROSECOND"; DaySecond "DAY_SECOND";
    DayMinute "DAY_MINUTE"; DayHour "DAY_HOUR"; YearMonth "YEAR_MONTH";
}

impl fmt::Display for IntervalUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl IntervalUnit {
    /// Reads a unit's name, in any case.
    pub fn parse(name: &str) -> Option<IntervalUnit> {
        Self::ALL.iter().find(|u| u.name().eq_ignore_ascii_case(name)).copied()
    }

    /// Tells whether the unit is one field (DAY), not several (DAY_HOUR).
    pub fn is_simple(self) -> bool {
        self.composite().is_none()
    }

    /// Tells whether the unit has hours, minutes, seconds or microseconds.
    pub fn is_clock(self) -> bool {
        !matches!(
            self,
            Self::Day | Self::Week | Self::Month | Self::Quarter | Self::Year | Self::YearMonth
        )
    }

    /// Tells whether the unit has years, quarters, months, weeks or days.
    pub fn is_date(self) -> bool {
        matches!(
            self,
            Self::Day
                | Self::Week
                | Self::Month
                | Self::Quarter
                | Self::Year
                | Self::YearMonth
                | Self::DayMicrosecond
                | Self::DaySecond
                | Self::DayMinute
                | Self::DayHour
        )
    }

    /// Tells whether the unit has microseconds, which gives a result fsp 6.
    pub fn has_microseconds(self) -> bool {
        matches!(
            self,
            Self::Microsecond
                | Self::SecondMicrosecond
                | Self::MinuteMicrosecond
                | Self::HourMicrosecond
                | Self::DayMicrosecond
        )
    }

    /// Returns the last part of a composite unit and the number of its parts.
    fn composite(self) -> Option<(Part, usize)> {
        Some(match self {
            Self::SecondMicrosecond => (Part::Micro, 2),
            Self::MinuteMicrosecond => (Part::Micro, 3),
            Self::HourMicrosecond => (Part::Micro, 4),
            Self::DayMicrosecond => (Part::Micro, 5),
            Self::MinuteSecond => (Part::Second, 2),
            Self::HourSecond => (Part::Second, 3),
            Self::DaySecond => (Part::Second, 4),
            Self::HourMinute => (Part::Minute, 2),
            Self::DayMinute => (Part::Minute, 3),
            Self::DayHour => (Part::Hour, 2),
            Self::YearMonth => (Part::Month, 2),
            _ => return None,
        })
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Month = 1,
    Hour = 3,
    Minute,
    Second,
    Micro,
}

/// Reads an INTERVAL's amount. The amount counts even where there is an error beside it: TiDB warns
/// and goes on.
///
/// The text of a single unit is `A` or `A.B` as [`integer_prefix`] and the printed numbers give it;
/// composite units take any text.
pub fn parse_interval(unit: IntervalUnit, text: &[u8]) -> (Interval, Option<TemporalError>) {
    match unit.composite() {
        Some((last, count)) => composite(text, last, count),
        None => {
            let (amount, error) = Amount::read(unit, text);
            (amount.interval(unit), error)
        }
    }
}

/// Reads an INTERVAL's amount to be added to a TIME.
///
/// # Errors
/// What was wrong with the text, or [`TemporalError::TimeOverflow`].
pub fn interval_duration(unit: IntervalUnit, text: &[u8]) -> Result<(Duration, u8), TemporalError> {
    let overflow = TemporalError::TimeOverflow;
    let Some((last, count)) = unit.composite() else {
        let (amount, error) = Amount::read(unit, text);
        if amount.is_beyond_time(unit) {
            return Err(overflow);
        }
        if let Some(error) = error {
            return Err(error);
        }
        let i = amount.interval(unit);
        let days = i.months.wrapping_mul(30).wrapping_add(i.days);
        return Ok((Duration(days.wrapping_mul(DAY).wrapping_add(i.nanos)), i.fsp));
    };
    let (i, error) = composite(text, last, count);
    if let Some(error) = error {
        return Err(error);
    }
    if i.years != 0 || i.months != 0 || i.days.wrapping_abs() > 34 || last == Part::Month {
        return Err(overflow);
    }
    let sum = Duration((i.days * DAY).wrapping_add(i.nanos));
    if sum.is_in_range() { Ok((sum, i.fsp)) } else { Err(overflow) }
}

/// Is the number before a single unit.
struct Amount {
    /// The whole part, toward zero.
    whole: i64,
    /// The whole part rounded.
    rounded: i64,
    /// The fraction in microseconds, signed.
    micros: i64,
    fraction_length: u8,
}

impl Amount {
    fn read(unit: IntervalUnit, text: &[u8]) -> (Amount, Option<TemporalError>) {
        let point = text.iter().position(|b| *b == b'.').unwrap_or(text.len());
        let sign = if text.starts_with(b"-") { -1 } else { 1 };
        let (whole, is_number) = integer(text.get(..point).unwrap_or_default());
        let mut error = (!is_number).then_some(TemporalError::Incorrect(Noun::Datetime));
        let mut amount = Amount { whole, rounded: whole, micros: 0, fraction_length: 0 };
        let fraction = text.get(point + 1..).unwrap_or_default();
        if !fraction.is_empty() {
            let digits = take_digits(fraction).0;
            let digits = digits.get(..6).unwrap_or(digits);
            amount.fraction_length = u8::try_from(digits.len()).unwrap_or(6);
            let scale = 10i64.pow(6 - u32::from(amount.fraction_length));
            let micros = super::scan::number(digits).unwrap_or(0) * scale;
            if micros >= 500_000 {
                amount.rounded = whole.wrapping_add(sign);
            }
            amount.micros = micros * sign;
            if unit != IntervalUnit::Second {
                error = error.or(Some(TemporalError::Truncated(Noun::Datetime)));
            }
        }
        (amount, error)
    }

    fn interval(&self, unit: IntervalUnit) -> Interval {
        let none = Interval::default();
        let n = self.rounded;
        let of_days = |per_day: i64, nanos: i64| Interval {
            days: n / per_day,
            nanos: n % per_day * nanos,
            ..none
        };
        match unit {
            IntervalUnit::Microsecond => Interval { fsp: 6, ..of_days(DAY / 1000, 1000) },
            IntervalUnit::Second => Interval {
                days: self.whole / 86_400,
                nanos: self.whole % 86_400 * SECOND + self.micros * 1000,
                fsp: self.fraction_length,
                ..none
            },
            IntervalUnit::Minute => of_days(1440, 60 * SECOND),
            IntervalUnit::Hour => of_days(24, 3600 * SECOND),
            IntervalUnit::Week => Interval { days: n.wrapping_mul(7), ..none },
            IntervalUnit::Month => Interval { months: n, ..none },
            IntervalUnit::Quarter => Interval { months: n.wrapping_mul(3), ..none },
            IntervalUnit::Year => Interval { years: n, ..none },
            _ => Interval { days: n, ..none },
        }
    }

    /// Tells whether the amount is beyond what TiDB adds to a TIME; for microseconds its limit is a
    /// thousandth of what it should be.
    fn is_beyond_time(&self, unit: IntervalUnit) -> bool {
        const SECONDS: i64 = Duration::MAX.0 / SECOND;
        let n = self.rounded.wrapping_abs();
        match unit {
            IntervalUnit::Microsecond => n > SECONDS * 1000,
            IntervalUnit::Second => self.whole.wrapping_abs() > SECONDS,
            IntervalUnit::Minute => n > SECONDS / 60,
            IntervalUnit::Hour => n > 838,
            IntervalUnit::Day => n > 34,
            IntervalUnit::Week => n.wrapping_mul(7) > 34,
            IntervalUnit::Month => n > 1,
            _ => true,
        }
    }
}

/// Reads a signed integer as Go's `ParseInt`: what is too large becomes the limit, anything else 0;
/// the second item tells whether it was right.
fn integer(text: &[u8]) -> (i64, bool) {
    let (is_negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return (0, false);
    }
    let mut value = 0i64;
    for byte in digits {
        let digit = i64::from(byte - b'0');
        let digit = if is_negative { -digit } else { digit };
        match value.checked_mul(10).and_then(|v| v.checked_add(digit)) {
            Some(next) => value = next,
            None => return (if is_negative { i64::MIN } else { i64::MAX }, false),
        }
    }
    (value, true)
}

/// Reads up to `count` numbers between anything else; the last one is `last`.
fn composite(text: &[u8], last: Part, count: usize) -> (Interval, Option<TemporalError>) {
    let incorrect = Some(TemporalError::Incorrect(Noun::Datetime));
    let trimmed = trim(text);
    let (is_negative, mut rest) = match trimmed.strip_prefix(b"-") {
        Some(rest) => (true, rest),
        None => (false, trimmed),
    };
    // The numbers of the text, the last at the end.
    let mut runs: [&[u8]; 5] = [&[]; 5];
    let mut found = 0;
    while let Some(at) = rest.iter().position(u8::is_ascii_digit) {
        let (digits, after) = take_digits(rest.get(at..).unwrap_or_default());
        rest = after;
        found += 1;
        if found > count {
            return (Interval::default(), incorrect);
        }
        runs.rotate_left(1);
        runs[4] = digits;
    }
    let mut parts = [0i64; 7];
    let mut is_right = true;
    for (back, digits) in runs.iter().rev().take(found).enumerate() {
        let Some(at) = (last as usize).checked_sub(back) else { break };
        let (value, ok) = integer(digits);
        is_right &= ok;
        if let Some(slot) = parts.get_mut(at) {
            // A number beyond 64 bits becomes the limit of its sign.
            *slot = match (is_negative, ok) {
                (false, _) => value,
                (true, true) => -value,
                (true, false) => i64::MIN,
            };
        }
    }
    let [years, months, days, hours, minutes, seconds, mut micros] = parts;
    if last == Part::Micro
        && let Some(missing) = 6usize.checked_sub(runs[4].len())
        && found > 0
    {
        micros *= 10i64.pow(u32::try_from(missing).unwrap_or(0));
    }
    let seconds =
        hours.wrapping_mul(3600).wrapping_add(minutes.wrapping_mul(60)).wrapping_add(seconds);
    let interval = Interval {
        years,
        months,
        days: days.wrapping_add(seconds / 86_400),
        nanos: (seconds % 86_400 * SECOND).wrapping_add(micros.wrapping_mul(1000)),
        fsp: if last == Part::Micro { 6 } else { 0 },
    };
    (interval, incorrect.filter(|_| !is_right))
}

/// Returns the integer a text starts with, spaces around it aside, as TiDB reads the amount of every
/// single unit but SECOND; `0` where there is none. The second item tells whether nothing else
/// follows; where it does, TiDB warns `Truncated incorrect DECIMAL value`, quoting the trimmed text.
pub fn integer_prefix(text: &[u8]) -> (&[u8], bool) {
    let text = trim(text);
    let unsigned = match text {
        [b'+' | b'-', rest @ ..] => rest,
        _ => text,
    };
    let digits = take_digits(unsigned).0.len();
    if digits == 0 {
        return (b"0", text == b"0");
    }
    let end = text.len() - unsigned.len() + digits;
    (text.get(..end).unwrap_or_default(), end == text.len())
}

/// Writes the text TiDB makes of a DECIMAL amount of a composite unit: the point becomes the unit's
/// separator, and missing parts go before (`1.5` MINUTE_SECOND is `1:5`). `decimal` is the printed
/// number. Other units keep it.
pub fn decimal_interval_text(unit: IntervalUnit, decimal: &str, out: &mut String) {
    use IntervalUnit as U;
    let (sign, digits) = match decimal.strip_prefix('-') {
        Some(digits) if unit.composite().is_some() => ("-", digits),
        _ => ("", decimal),
    };
    let (prefix, separator) = match unit {
        U::HourMinute | U::MinuteSecond => ("", ':'),
        U::YearMonth => ("", '-'),
        U::DayHour => ("", ' '),
        U::DayMinute => ("0 ", ':'),
        U::DaySecond => ("0 00:", ':'),
        U::DayMicrosecond => ("0 00:00:", '.'),
        U::HourMicrosecond => ("00:00:", '.'),
        U::HourSecond => ("00:", ':'),
        U::MinuteMicrosecond => ("00:", '.'),
        _ => ("", '.'),
    };
    out.push_str(sign);
    out.push_str(prefix);
    out.extend(digits.chars().map(|c| if c == '.' { separator } else { c }));
}

/// Returns EXTRACT's number of a date and time. Units of the clock alone come from its time of day.
pub fn extract_time(unit: IntervalUnit, time: Time) -> i64 {
    let f = time.fields();
    let day = i64::from(f.day);
    let clock = i64::from(f.hour) * 10_000 + i64::from(f.minute) * 100 + i64::from(f.second);
    match unit {
        IntervalUnit::Day => day,
        IntervalUnit::Week => time.week(0),
        IntervalUnit::Month => f.month.into(),
        IntervalUnit::Quarter => time.quarter().into(),
        IntervalUnit::Year => f.year.into(),
        IntervalUnit::YearMonth => i64::from(f.year) * 100 + i64::from(f.month),
        IntervalUnit::DayMicrosecond => (day * 1_000_000 + clock) * 1_000_000 + i64::from(f.micro),
        IntervalUnit::DaySecond => day * 1_000_000 + clock,
        IntervalUnit::DayMinute => day * 10_000 + clock / 100,
        IntervalUnit::DayHour => day * 100 + clock / 10_000,
        _ => extract_duration(unit, Duration::of_day(time)),
    }
}

/// Returns EXTRACT's number of a TIME, with its sign; the day of DAY_HOUR and its like is 0, and a
/// unit without a clock gives 0.
pub fn extract_duration(unit: IntervalUnit, duration: Duration) -> i64 {
    let c = duration.clock();
    let (hour, minute, second) = (i64::from(c.hour), i64::from(c.minute), i64::from(c.second));
    let micro = i64::from(c.micro);
    let value = match unit {
        IntervalUnit::Microsecond => micro,
        IntervalUnit::Second => second,
        IntervalUnit::Minute => minute,
        IntervalUnit::Hour | IntervalUnit::DayHour => hour,
        IntervalUnit::SecondMicrosecond => second * 1_000_000 + micro,
        IntervalUnit::MinuteMicrosecond => (minute * 100 + second) * 1_000_000 + micro,
        IntervalUnit::MinuteSecond => minute * 100 + second,
        IntervalUnit::HourMicrosecond | IntervalUnit::DayMicrosecond => {
            (hour * 10_000 + minute * 100 + second) * 1_000_000 + micro
        }
        IntervalUnit::HourSecond | IntervalUnit::DaySecond => hour * 10_000 + minute * 100 + second,
        IntervalUnit::HourMinute | IntervalUnit::DayMinute => hour * 100 + minute,
        _ => 0,
    };
    if c.is_negative { -value } else { value }
}
