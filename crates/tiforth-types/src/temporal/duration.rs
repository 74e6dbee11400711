// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Holds TIME values: signed spans within 838:59:59, though arithmetic may pass that limit as TiDB's
//! does. Source: MySQL manual, "The TIME Type"; TiDB `Duration` in `pkg/types/time.go`.

use super::digits::{push_fraction, push_padded};
use super::error::{Noun, TemporalError};
use super::time::{Fields, Time};

/// Is a signed span of time in nanoseconds, within 838:59:59.
///
/// Values are whole microseconds: the nanoseconds below one hold how many fraction digits a value
/// prints with that has digits of its own, see [`Duration::with_form`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
pub struct Duration(pub i64);

/// Holds the parts of a [`Duration`], the sign apart.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Clock {
    /// Tells whether the span is negative.
    pub is_negative: bool,
    /// Hours, up to 838 in a valid value.
    pub hour: u32,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 59.
    pub second: u8,
    /// 0 to 999999.
    pub micro: u32,
}

pub(super) const SECOND: i64 = 1_000_000_000;
pub(super) const DAY: i64 = 86_400 * SECOND;

impl Duration {
    /// Is no time at all.
    pub const ZERO: Duration = Duration(0);
    /// Is 838:59:59, the longest TIME.
    pub const MAX: Duration = Duration((838 * 3600 + 59 * 60 + 59) * SECOND);
    /// Is -838:59:59.
    pub const MIN: Duration = Duration(-Self::MAX.0);

    /// Builds a span from its parts; parts beyond their width carry, and what 64 bits do not hold
    /// saturates.
    pub fn from_clock(clock: Clock) -> Duration {
        let seconds =
            i64::from(clock.hour) * 3600 + i64::from(clock.minute) * 60 + i64::from(clock.second);
        let nanos = seconds.saturating_mul(SECOND).saturating_add(i64::from(clock.micro) * 1000);
        Duration(if clock.is_negative { -nanos } else { nanos })
    }

    /// Takes the value apart.
    #[inline]
    pub fn clock(self) -> Clock {
        let nanos = self.0.unsigned_abs();
        let seconds = nanos / 1_000_000_000;
        // Each part is reduced below its width: 2^63 ns are 2,562,047 hours.
        Clock {
            is_negative: self.0 < 0,
            hour: (seconds / 3600) as u32,
            minute: (seconds / 60 % 60) as u8,
            second: (seconds % 60) as u8,
            micro: (nanos % 1_000_000_000 / 1000) as u32,
        }
    }

    /// Returns the value with fraction digits of its own, which TiDB's constants carry where they were
    /// chosen among values of several types. It goes straight to what prints it, and compares with none.
    #[must_use]
    pub fn with_form(self, fsp: u8) -> Duration {
        Duration(self.plain().0 + i64::from(fsp.min(6)) + 1)
    }

    /// Returns the fraction digits of its own, if the value has them.
    pub fn form(self) -> Option<u8> {
        u8::try_from(self.0.rem_euclid(1000)).ok()?.checked_sub(1).filter(|fsp| *fsp <= 6)
    }

    /// Returns the value without fraction digits of its own.
    #[must_use]
    pub fn plain(self) -> Duration {
        Duration(self.0 - self.form().map_or(0, |fsp| i64::from(fsp) + 1))
    }

    /// Returns the time of day of a date and time; zero for the zero date.
    pub fn of_day(time: Time) -> Duration {
        let f = time.fields();
        Duration(f.second_of_day() * SECOND + i64::from(f.micro) * 1000)
    }

    /// Rounds to `fsp` fraction digits, a half toward the later time (-1.5 s becomes -1 s).
    #[inline]
    pub fn round(self, fsp: u8) -> Duration {
        let unit = 10i64.pow(9 - u32::from(fsp.min(6)));
        let below = self.0.rem_euclid(unit);
        let floor = self.0 - below;
        Duration(if below * 2 >= unit { floor.saturating_add(unit) } else { floor })
    }

    /// Tells whether the value lies within 838:59:59.
    #[inline]
    pub fn is_in_range(self) -> bool {
        Self::MIN <= self && self <= Self::MAX
    }

    /// Clips to 838:59:59; the second item tells whether that changed the value.
    #[inline]
    pub fn clip(self) -> (Duration, bool) {
        let clipped = self.clamp(Self::MIN, Self::MAX);
        (clipped, clipped != self)
    }

    /// Adds without clipping; nothing if 64 bits do not hold the sum.
    #[inline]
    pub fn checked_add(self, other: Duration) -> Option<Duration> {
        self.0.checked_add(other.0).map(Duration)
    }

    /// Subtracts without clipping; nothing if 64 bits do not hold the difference.
    #[inline]
    pub fn checked_sub(self, other: Duration) -> Option<Duration> {
        self.0.checked_sub(other.0).map(Duration)
    }

    /// Checks the sum of a computation against the range.
    ///
    /// # Errors
    /// [`TemporalError::Truncated`] where it lies beyond 838:59:59; the clipped value is
    /// [`Duration::clip`]'s.
    pub fn check(self) -> Result<Duration, TemporalError> {
        if self.is_in_range() { Ok(self) } else { Err(TemporalError::Truncated(Noun::Time)) }
    }

    /// Writes `[-]hh:mm:ss` and `fsp` fraction digits, cut, not rounded.
    pub fn write(self, fsp: u8, out: &mut Vec<u8>) {
        let c = self.clock();
        if c.is_negative {
            out.push(b'-');
        }
        push_padded(c.hour, 2, out);
        out.push(b':');
        push_padded(c.minute.into(), 2, out);
        out.push(b':');
        push_padded(c.second.into(), 2, out);
        push_fraction(c.micro, fsp, out);
    }

    /// Returns the value as a number, `hhmmss` with `fsp` fraction digits (cut), as mantissa and
    /// scale.
    pub fn to_number(self, fsp: u8) -> (i64, u8) {
        let c = self.clock();
        let fsp = fsp.min(6);
        let unit = 10i64.pow(u32::from(fsp));
        let whole = i64::from(c.hour) * 10_000 + i64::from(c.minute) * 100 + i64::from(c.second);
        let number = whole * unit + i64::from(c.micro) * unit / 1_000_000;
        (if c.is_negative { -number } else { number }, fsp)
    }

    /// Returns the whole seconds, toward zero, as TIME_TO_SEC does.
    pub fn seconds(self) -> i64 {
        self.0 / SECOND
    }

    /// Returns the time of day as parts of a date, if it is one: not negative and below 24 hours.
    pub(super) fn time_of_day(self) -> Option<Fields> {
        let c = self.clock();
        let hour = u8::try_from(c.hour).ok().filter(|h| *h < 24 && !c.is_negative)?;
        Some(Fields {
            hour,
            minute: c.minute,
            second: c.second,
            micro: c.micro,
            ..Fields::default()
        })
    }
}
