// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Asks whether parts make a legal value under the sql_mode.
//!
//! Source: MySQL manual, "Server SQL Modes"; TiDB `Time.Check` in `pkg/types/time.go`.

use super::calendar::last_day_of_month;
use super::error::TemporalError;
use super::time::{Fields, Time, TimeKind};
use super::zone::Zone;

/// Says which irregular dates are legal.
///
/// TiDB allows zero parts in every SELECT and in statements without strict NO_ZERO_IN_DATE; invalid
/// days under ALLOW_INVALID_DATES. NO_ZERO_DATE does not reach the readers: TiDB's casts and functions
/// reject the zero date afterwards.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct DateMode {
    /// Month or day may be zero.
    pub allow_zero_in_date: bool,
    /// A month may have 31 days always.
    pub allow_invalid_dates: bool,
}

impl DateMode {
    /// Is what a SELECT goes by without ALLOW_INVALID_DATES.
    pub const SELECT: DateMode = DateMode { allow_zero_in_date: true, allow_invalid_dates: false };
}

const TIMESTAMP_MIN: i64 = 1_000_000;
const TIMESTAMP_MAX: i64 = (i32::MAX as i64) * 1_000_000 + 999_999;

impl Fields {
    /// Packs the parts if they make a value of this kind. A DATE keeps its time of day.
    ///
    /// # Errors
    /// The reason, under the sql_mode's rules; for TIMESTAMP also what the zone's clocks skip.
    pub fn check(self, kind: TimeKind, mode: DateMode, zone: &Zone) -> Result<Time, TemporalError> {
        match kind {
            TimeKind::Timestamp => self.check_timestamp(zone),
            TimeKind::Date | TimeKind::Datetime => {
                self.check_date(mode)?;
                self.check_clock()
            }
        }
    }

    fn check_date(self, mode: DateMode) -> Result<(), TemporalError> {
        if self.year == 0 && self.month == 0 && self.day == 0 {
            return Ok(());
        }
        if !mode.allow_zero_in_date && self.has_zero_part() {
            return Err(TemporalError::ZeroInDate(self));
        }
        if self.year > 9999 {
            return Err(TemporalError::OutOfRange(self));
        }
        let last = if mode.allow_invalid_dates || self.month == 0 {
            31
        } else {
            last_day_of_month(self.year.into(), self.month)
        };
        if self.month > 12 || self.day > last {
            return Err(TemporalError::NoSuchDay(self));
        }
        Ok(())
    }

    fn check_clock(self) -> Result<Time, TemporalError> {
        if self.hour >= 24 {
            return Err(TemporalError::NoSuchClock(self.hour));
        }
        if self.minute >= 60 {
            return Err(TemporalError::NoSuchClock(self.minute));
        }
        if self.second >= 60 {
            return Err(TemporalError::NoSuchClock(self.second));
        }
        self.pack().ok_or(TemporalError::OutOfRange(self))
    }

    fn check_timestamp(self, zone: &Zone) -> Result<Time, TemporalError> {
        if self == Fields::default() {
            return Ok(Time::ZERO);
        }
        let out_of_range = TemporalError::OutOfRange(self);
        let utc = match zone.fields_to_utc(self) {
            Ok(utc) => utc,
            Err(gap) => {
                let adjusted = gap
                    .nearest_micros
                    .filter(|_| self.is_calendar_day())
                    .and_then(|utc| zone.to_civil(utc));
                let transition = adjusted.map(|adjusted| TemporalError::DstTransition { adjusted });
                return Err(transition.unwrap_or(out_of_range));
            }
        };
        if !(TIMESTAMP_MIN..=TIMESTAMP_MAX).contains(&utc) {
            return Err(out_of_range);
        }
        self.pack().ok_or(out_of_range)
    }
}

impl Time {
    /// Checks a value against its kind's rules and range; TiDB does so wherever it changes the kind.
    ///
    /// # Errors
    /// As [`Fields::check`].
    pub fn check(self, kind: TimeKind, mode: DateMode, zone: &Zone) -> Result<Time, TemporalError> {
        self.fields().check(kind, mode, zone)
    }
}
