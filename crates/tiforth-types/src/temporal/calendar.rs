// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Counts days, weeks and months as MySQL does.
//!
//! Day numbers count from the fictitious 0000-00-00; the year 0 counts as no leap year and anything
//! before 0001-01-01 has MySQL's own irregular rules, kept here as TiDB keeps them.
//! Source: MySQL manual, WEEK and PERIOD_ADD; TiDB `pkg/types/core_time.go`.

use super::interval::IntervalUnit;
use super::time::{Fields, Time};

const DAYS_IN_MONTH: [u8; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
/// Is the day number of 1970-01-01.
const EPOCH_DAY: i64 = 719_528;
const MICROS_PER_DAY: i64 = 86_400_000_000;
/// Is 0000-01-01 in microseconds since 1970-01-01.
const YEAR_0_MICROS: i64 = -719_528 * MICROS_PER_DAY;
/// Is 10000-01-01 in microseconds since 1970-01-01.
const YEAR_10000_MICROS: i64 = 2_932_897 * MICROS_PER_DAY;

/// Tells whether the year is a leap year of the Gregorian calendar; the year 0 is one here.
pub(super) fn is_leap_year(year: i64) -> bool {
    (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
}

/// Returns the number of days of a month, 0 for a month beyond 1 to 12.
pub(super) fn last_day_of_month(year: i64, month: u8) -> u8 {
    if month == 2 && is_leap_year(year) {
        return 29;
    }
    usize::from(month).checked_sub(1).and_then(|m| DAYS_IN_MONTH.get(m)).copied().unwrap_or(0)
}

/// Returns MySQL's day number of a date: TO_DAYS. 0 for year and month 0.
pub fn day_number(year: i64, month: i64, day: i64) -> i64 {
    if year == 0 && month == 0 {
        return 0;
    }
    let mut sum = 365 * year + 31 * (month - 1) + day;
    let leap_year = if month <= 2 {
        year - 1
    } else {
        sum -= (month * 4 + 23) / 10;
        year
    };
    sum + leap_year / 4 - (leap_year / 100 + 1) * 3 / 4
}

fn days_in_year(year: i64) -> i64 {
    let is_leap = year & 3 == 0 && (year % 100 != 0 || (year % 400 == 0 && year != 0));
    if is_leap { 366 } else { 365 }
}

/// Returns the day count of a proleptic Gregorian date since 1970-01-01; months and days beyond
/// their range carry, as in Go's `time.Date`.
pub(super) fn unix_day(year: i64, month: i64, day: i64) -> i64 {
    let year = year + (month - 1).div_euclid(12);
    let month = (month - 1).rem_euclid(12) + 1;
    // Years start in March, so that the leap day is the last.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468 + day - 1
}

/// Returns year, month and day of a day count since 1970-01-01.
pub(super) fn civil_of_unix_day(days: i64) -> (i64, u8, u8) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, u8::try_from(month).unwrap_or(0), u8::try_from(day).unwrap_or(0))
}

impl Fields {
    /// Returns MySQL's day number.
    pub(super) fn day_number(self) -> i64 {
        day_number(self.year.into(), self.month.into(), self.day.into())
    }

    /// Returns the microseconds since 1970-01-01 of the civil time; parts beyond their range carry.
    pub(super) fn civil_micros(self) -> i64 {
        unix_day(self.year.into(), self.month.into(), self.day.into()) * MICROS_PER_DAY
            + self.second_of_day() * 1_000_000
            + i64::from(self.micro)
    }

    /// Splits microseconds since 1970-01-01. A year beyond 0 to 16383 wraps, as the fourteen bits of
    /// TiDB's do.
    pub(super) fn from_civil_micros(micros: i64) -> Fields {
        let (year, month, day) = civil_of_unix_day(micros.div_euclid(MICROS_PER_DAY));
        let of_day = micros.rem_euclid(MICROS_PER_DAY);
        let seconds = of_day / 1_000_000;
        let parts = [
            year & 0x3fff,
            month.into(),
            day.into(),
            seconds / 3600,
            seconds / 60 % 60,
            seconds % 60,
            of_day % 1_000_000,
        ];
        Fields::from_wide(parts).unwrap_or_default()
    }

    /// Tells whether the calendar has this day: month 1 to 12, day within the month.
    pub(super) fn is_calendar_day(self) -> bool {
        // Every month has 28 days.
        (matches!(self.month, 1..=12) && matches!(self.day, 1..=28))
            || (self.day > 0 && self.day <= last_day_of_month(self.year.into(), self.month))
    }
}

impl Time {
    /// Returns the days since 1970-01-01, or nothing for a date the calendar does not have.
    #[inline]
    pub fn to_date32(self) -> Option<i32> {
        let f = self.fields();
        let days = || unix_day(f.year.into(), f.month.into(), f.day.into());
        f.is_calendar_day().then(days).and_then(|d| i32::try_from(d).ok())
    }

    /// Returns the date so many days after 1970-01-01, or nothing outside the years 0 to 9999.
    #[inline]
    pub fn from_date32(days: i32) -> Option<Time> {
        let (year, month, day) = civil_of_unix_day(days.into());
        let year = u16::try_from(year).ok().filter(|y| *y <= 9999)?;
        Time::from_date(year, month, day)
    }

    /// Returns the microseconds since 1970-01-01 00:00:00 of the civil time, or nothing for a date
    /// the calendar does not have.
    #[inline]
    pub fn to_micros(self) -> Option<i64> {
        let f = self.fields();
        f.is_calendar_day().then(|| f.civil_micros())
    }

    /// Returns the civil time so many microseconds after 1970-01-01, or nothing outside the years 0
    /// to 9999.
    #[inline]
    pub fn from_micros(micros: i64) -> Option<Time> {
        let is_known = (YEAR_0_MICROS..YEAR_10000_MICROS).contains(&micros);
        is_known.then(|| Fields::from_civil_micros(micros).pack_fitting())
    }

    /// Returns MySQL's day number of the date, as TO_DAYS does.
    pub fn day_number(self) -> i64 {
        self.fields().day_number()
    }

    /// Returns the date of a day number, as FROM_DAYS does; the zero date for numbers up to 365 and
    /// from 3652500 on.
    pub fn from_day_number(number: i64) -> Time {
        if !(366..3_652_500).contains(&number) {
            return Time::ZERO;
        }
        let (year, month, day) = civil_of_unix_day(number - EPOCH_DAY);
        u16::try_from(year).ok().and_then(|y| Time::from_date(y, month, day)).unwrap_or(Time::ZERO)
    }

    /// Returns the weekday, Monday 0 to Sunday 6; zero months and days carry into the month before.
    pub fn weekday(self) -> u8 {
        let f = self.fields();
        let day = unix_day(f.year.into(), f.month.into(), f.day.into());
        u8::try_from((day + 3).rem_euclid(7)).unwrap_or(0)
    }

    /// Returns the day of the year, 1 to 366; 0 for a zero month or day.
    pub fn day_of_year(self) -> i64 {
        let f = self.fields();
        if f.has_zero_part() {
            return 0;
        }
        f.day_number() - day_number(f.year.into(), 1, 1) + 1
    }

    /// Returns the week under a WEEK mode (its low three bits count); 0 for a zero month or day.
    pub fn week(self, mode: u8) -> i64 {
        if self.has_zero_part() { 0 } else { self.week_and_year(WeekRule::of_mode(mode)).1 }
    }

    /// Returns year and week, the week 1 to 53, as YEARWEEK does; the year is -1 where the week
    /// belongs to the year before 0.
    pub fn year_week(self, mode: u8) -> (i64, i64) {
        let rule = WeekRule { counts_from_one: true, ..WeekRule::of_mode(mode) };
        self.week_and_year(rule)
    }

    /// Returns YEARWEEK's number, `YYYYWW`; before the year 0 it is 2^32 - 1, as TiDB's wraps.
    pub fn year_week_number(self, mode: u8) -> i64 {
        let (year, week) = self.year_week(mode);
        if year < 0 { u32::MAX.into() } else { year * 100 + week }
    }

    fn week_and_year(self, rule: WeekRule) -> (i64, i64) {
        let f = self.fields();
        let number = f.day_number();
        let mut year = i64::from(f.year);
        let mut first_day = day_number(year, 1, 1);
        let mut weekday = (first_day + if rule.is_monday_first { 5 } else { 6 }) % 7;
        let mut counts_from_one = rule.counts_from_one;
        let is_partial = |weekday: i64| {
            if rule.starts_with_first_weekday { weekday != 0 } else { weekday >= 4 }
        };

        if f.month == 1 && i64::from(f.day) <= 7 - weekday {
            if !counts_from_one && is_partial(weekday) {
                return (year, 0);
            }
            counts_from_one = true;
            year -= 1;
            let days = days_in_year(year);
            first_day -= days;
            weekday = (weekday + 53 * 7 - days) % 7;
        }

        let week_start =
            if is_partial(weekday) { first_day + 7 - weekday } else { first_day - weekday };
        let days = number - week_start;
        if counts_from_one && days >= 52 * 7 {
            let next = (weekday + days_in_year(year)) % 7;
            if !is_partial(next) {
                return (year + 1, 1);
            }
        }
        (year, days / 7 + 1)
    }

    /// Returns the last day of the month at midnight, or nothing for month 0.
    pub fn last_day(self) -> Option<Time> {
        let f = self.fields();
        let day = last_day_of_month(f.year.into(), f.month);
        Time::from_date(f.year, f.month, day).filter(|_| day > 0)
    }

    /// Returns the quarter, 0 for month 0.
    pub fn quarter(self) -> u8 {
        self.month().div_ceil(3)
    }

    /// Returns the seconds since 0000-00-00, as TO_SECONDS does.
    pub fn to_seconds(self) -> i64 {
        let f = self.fields();
        f.day_number() * 86_400 + f.second_of_day()
    }
}

/// Is a WEEK mode taken apart.
#[derive(Clone, Copy)]
struct WeekRule {
    is_monday_first: bool,
    /// Weeks are 1 to 53, those before the first belonging to the year before; else 0 to 53.
    counts_from_one: bool,
    /// Week 1 is the first that holds the first weekday; else the first with four days.
    starts_with_first_weekday: bool,
}

impl WeekRule {
    fn of_mode(mode: u8) -> Self {
        let is_monday_first = mode & 1 != 0;
        WeekRule {
            is_monday_first,
            counts_from_one: mode & 2 != 0,
            starts_with_first_weekday: (mode & 4 != 0) == is_monday_first,
        }
    }
}

/// Returns the days from `b` to `a`, as DATEDIFF does.
pub fn date_diff(a: Time, b: Time) -> i64 {
    a.day_number() - b.day_number()
}

/// Returns the microseconds from `b` to `a` by day numbers.
pub(super) fn micros_between(a: Fields, b: Fields) -> i64 {
    let seconds =
        (a.day_number() - b.day_number()) * 86_400 + a.second_of_day() - b.second_of_day();
    seconds * 1_000_000 + i64::from(a.micro) - i64::from(b.micro)
}

/// Returns the whole units from `from` to `to`, toward zero, as TIMESTAMPDIFF does; 0 for a
/// composite unit.
pub fn timestamp_diff(unit: IntervalUnit, from: Time, to: Time) -> i64 {
    let micros = micros_between(to.fields(), from.fields());
    let months = || {
        let (early, late) = if micros < 0 { (to, from) } else { (from, to) };
        let count = whole_months(early.fields(), late.fields());
        if micros < 0 { -count } else { count }
    };
    let seconds = micros / 1_000_000;
    match unit {
        IntervalUnit::Year => months() / 12,
        IntervalUnit::Quarter => months() / 3,
        IntervalUnit::Month => months(),
        IntervalUnit::Week => seconds / (7 * 86_400),
        IntervalUnit::Day => seconds / 86_400,
        IntervalUnit::Hour => seconds / 3600,
        IntervalUnit::Minute => seconds / 60,
        IntervalUnit::Second => seconds,
        IntervalUnit::Microsecond => micros,
        _ => 0,
    }
}

fn whole_months(early: Fields, late: Fields) -> i64 {
    let index = |f: Fields| i64::from(f.year) * 12 + i64::from(f.month);
    let rest = |f: Fields| (f.day, f.hour, f.minute, f.second, f.micro);
    index(late) - index(early) - i64::from(rest(late) < rest(early))
}

/// Tells whether the number is a period: `YYMM` or `YYYYMM` with a month 1 to 12, not negative.
pub fn period_is_valid(period: i64) -> bool {
    period >= 0 && (1..=12).contains(&(period % 100))
}

fn full_year(year: u64) -> u64 {
    match year {
        0..=69 => year + 2000,
        70..=99 => year + 1900,
        _ => year,
    }
}

fn months_of_period(period: i64) -> u64 {
    let period = period.unsigned_abs();
    if period == 0 {
        return 0;
    }
    full_year(period / 100).wrapping_mul(12).wrapping_add((period % 100).wrapping_sub(1))
}

/// Adds months to a valid period, as PERIOD_ADD does; it wraps where TiDB's integers wrap.
pub fn period_add(period: i64, months: i64) -> i64 {
    let sum = months_of_period(period).wrapping_add_signed(months);
    if sum == 0 {
        return 0;
    }
    full_year(sum / 12).wrapping_mul(100).wrapping_add(sum % 12 + 1).cast_signed()
}

/// Returns the months between two valid periods, as PERIOD_DIFF does.
pub fn period_diff(a: i64, b: i64) -> i64 {
    months_of_period(a).wrapping_sub(months_of_period(b)).cast_signed()
}
