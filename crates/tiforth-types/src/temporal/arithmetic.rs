// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Rounds dates and times, moves them, and measures between them.
//!
//! Source: MySQL manual, DATE_ADD, ADDTIME, TIMEDIFF; TiDB `Time.RoundFrac`, `AddDate`,
//! `mixDateAndDuration` in `pkg/types`, `addDate` in `pkg/expression/builtin_time.go`.

use super::calendar::{civil_of_unix_day, last_day_of_month, micros_between, unix_day};
use super::check::DateMode;
use super::duration::Duration;
use super::error::TemporalError;
use super::time::{Fields, Time, TimeKind};
use super::zone::Zone;

/// Is an amount of time as INTERVAL gives it; the parts have one sign or are zero.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Interval {
    /// Years.
    pub years: i64,
    /// Months.
    pub months: i64,
    /// Days.
    pub days: i64,
    /// Nanoseconds.
    pub nanos: i64,
    /// The fraction digits the text has.
    pub fsp: u8,
}

impl Interval {
    /// Turns the sign round.
    #[must_use]
    pub fn negated(self) -> Interval {
        Interval {
            years: self.years.wrapping_neg(),
            months: self.months.wrapping_neg(),
            days: self.days.wrapping_neg(),
            nanos: self.nanos.wrapping_neg(),
            fsp: self.fsp,
        }
    }
}

/// Is the greatest number of years, months or days that may be added.
const AMOUNT_MAX: u64 = 10_000 * 365;
const MICROS_PER_DAY: i64 = 86_400_000_000;

impl Time {
    /// Rounds to `fsp` fraction digits, a half up, carrying into the date; a date's days follow the
    /// zone's clocks. The zero date stays, and a DATE has nothing to round. The result may lie in the
    /// year 10000, as TiDB's does.
    ///
    /// # Errors
    /// [`TemporalError::NotRoundable`] where a day the calendar does not have would have to carry.
    pub fn round(self, fsp: u8, zone: &Zone) -> Result<Time, TemporalError> {
        let unit = 10u32.pow(6 - u32::from(fsp.min(6)));
        let f = self.fields();
        let below = f.micro % unit;
        let cut = Time(self.0 - u64::from(below));
        if below * 2 < unit || unit == 1 {
            return Ok(cut);
        }
        if f.micro - below + unit < 1_000_000 {
            return Ok(Time(cut.0 + u64::from(unit)));
        }
        let failed = TemporalError::NotRoundable(self, 6);
        let second = Fields { micro: 0, ..f };
        match zone.fields_to_utc(second) {
            Ok(utc) => Ok(zone.to_civil_wrapping(utc + 1_000_000)),
            Err(_) => second.next_second_of_day().ok_or(failed),
        }
    }

    /// Adds an interval: the nanoseconds first, then years and months (the day clipped to the month's
    /// last), then days. A result in the year 0 keeps only its time of day, as TiDB's does.
    ///
    /// # Errors
    /// [`TemporalError::OutOfRange`] for a date the calendar does not have (zero parts too),
    /// [`TemporalError::DatetimeOverflow`] for a result beyond the years 0 to 9999.
    pub fn add_interval(self, interval: Interval) -> Result<Time, TemporalError> {
        let f = self.fields();
        if !f.is_calendar_day() {
            return Err(TemporalError::OutOfRange(f));
        }
        let overflow = TemporalError::DatetimeOverflow;
        let is_small = |v: i64| v.unsigned_abs() <= AMOUNT_MAX;
        if !(is_small(interval.years) && is_small(interval.months) && is_small(interval.days)) {
            return Err(overflow);
        }
        let clock = |time: Time| time.0 & ((1 << 41) - 1);
        let ((year, month, day), clock) = if interval.nanos == 0 {
            ((f.year.into(), f.month, f.day), clock(self))
        } else {
            // Go's sum of a time and a duration keeps nanoseconds; they round to microseconds at the end.
            let nanos = interval.nanos;
            let rounded = nanos.div_euclid(1000) + i64::from(nanos.rem_euclid(1000) >= 500);
            let micros = f.civil_micros() + rounded;
            let of_day = Fields::from_civil_micros(micros.rem_euclid(MICROS_PER_DAY));
            (civil_of_unix_day(micros.div_euclid(MICROS_PER_DAY)), clock(of_day.pack_fitting()))
        };
        let months = year * 12 + i64::from(month) - 1 + interval.years * 12 + interval.months;
        let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
        let last = last_day_of_month(year, u8::try_from(month).unwrap_or(0));
        // Days come with months only where TiDB's clipping does not apply: they then carry.
        let (year, month, day) = if interval.days == 0 {
            (year, u8::try_from(month).unwrap_or(0), day.min(last))
        } else {
            civil_of_unix_day(unix_day(year, month, i64::from(day) + interval.days))
        };
        match u16::try_from(year) {
            Ok(0) => Ok(Time(clock)),
            Ok(year @ ..=9999) => Ok(Time(Fields::date(year, month, day).pack_fitting().0 | clock)),
            _ => Err(overflow),
        }
    }

    /// Adds a TIME by day numbers, as ADDTIME does; a result before 0001-01-01 is the zero date.
    ///
    /// # Errors
    /// As [`Fields::check`], for a result beyond the kind's range.
    pub fn add_duration(
        self,
        duration: Duration,
        kind: TimeKind,
        mode: DateMode,
        zone: &Zone,
    ) -> Result<Time, TemporalError> {
        let moved = self.moved_by(duration);
        let moved = if kind == TimeKind::Date { moved.date() } else { moved };
        moved.fields().check(kind, mode, zone)
    }

    fn moved_by(self, duration: Duration) -> Time {
        let f = self.fields();
        let micros = (f.day_number() * 86_400 + f.second_of_day()) * 1_000_000
            + i64::from(f.micro)
            + duration.0 / 1000;
        // TiDB forgets the sign of the sum.
        let micros = micros.abs();
        let date = Time::from_day_number(micros / MICROS_PER_DAY);
        let clock = Fields::from_civil_micros(micros % MICROS_PER_DAY);
        Time(date.0 | clock.pack_fitting().0 & ((1 << 41) - 1))
    }

    /// Returns the time from `other` to this value by day numbers, unclipped, as TIMEDIFF does: what
    /// 64 bits of nanoseconds do not hold wraps.
    pub fn since(self, other: Time) -> Duration {
        Duration(micros_between(self.fields(), other.fields()).wrapping_mul(1000))
    }

    /// Returns the date with a TIME as its time of day; a negative one, or one of more than a day,
    /// moves the date. It is how a TIME becomes a DATETIME of today.
    pub fn at(self, duration: Duration) -> Time {
        match duration.time_of_day() {
            Some(clock) => Time(self.date().0 | clock.pack_fitting().0),
            None => self.date().moved_by(duration),
        }
    }
}

impl Fields {
    fn next_second_of_day(self) -> Option<Time> {
        let next = self.second_of_day() + 1;
        let part = |v: i64| u8::try_from(v).ok();
        let fields = Fields {
            hour: part(next / 3600)?,
            minute: part(next / 60 % 60)?,
            second: part(next % 60)?,
            ..self
        };
        fields.pack()
    }
}
