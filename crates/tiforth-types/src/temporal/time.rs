// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Packs a date and time of day into one integer.
//!
//! ```text
//! 63 ........ 46 45..41 40..36 35..30 29..24 23..20 19 ....... 0
//! year*13+month    day   hour  minute second  form   microsecond
//! ```
//! The form is 0 but where a value goes straight to what prints it and does not print as its type
//! does; see [`Time::with_form`].
//!
//! Integer order is time order, and everything MySQL can store is representable: the zero date, dates
//! with a zero month or day, days a month does not have, and the years 0 to 16383 (rounding
//! 9999-12-31 23:59:59.9 gives the year 10000). Source: TiDB `Time.ToPackedUint`.

use super::digits::{four, push_fraction, two};

/// Is a packed date, datetime or timestamp; integer order is time order.
///
/// year·13+month in the bits above 46, day 5 bits at 41, hour 5 at 36, minute 6 at 30, second 6 at 24,
/// microsecond 24 at 0. The zero date and dates with zero parts are values. A value that has a form of
/// its own compares with none.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
pub struct Time(pub u64);

/// Says which of the three types a packed value has.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum TimeKind {
    /// DATE: no time of day.
    Date,
    /// DATETIME.
    Datetime,
    /// TIMESTAMP, as civil time of the session's zone.
    Timestamp,
}

/// Holds the parts of a date and time, valid or not.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
pub struct Fields {
    /// 0 to 16383.
    pub year: u16,
    /// 0 to 15; only 0 to 12 can be packed.
    pub month: u8,
    /// 0 to 31.
    pub day: u8,
    /// 0 to 31; 0 to 23 in a valid value.
    pub hour: u8,
    /// 0 to 63; 0 to 59 in a valid value.
    pub minute: u8,
    /// 0 to 63; 0 to 59 in a valid value.
    pub second: u8,
    /// 0 to 999999.
    pub micro: u32,
}

impl Fields {
    /// Builds the parts of a date, at midnight.
    pub const fn date(year: u16, month: u8, day: u8) -> Self {
        Fields { year, month, day, hour: 0, minute: 0, second: 0, micro: 0 }
    }

    /// Builds the parts from wide integers, or nothing if one does not fit its field.
    pub fn from_wide(parts: [i64; 7]) -> Option<Self> {
        let [year, month, day, hour, minute, second, micro] = parts;
        let fields = Fields {
            year: u16::try_from(year).ok().filter(|v| *v < 1 << 14)?,
            month: u8::try_from(month).ok().filter(|v| *v < 1 << 4)?,
            day: u8::try_from(day).ok().filter(|v| *v < 1 << 5)?,
            hour: u8::try_from(hour).ok().filter(|v| *v < 1 << 5)?,
            minute: u8::try_from(minute).ok().filter(|v| *v < 1 << 6)?,
            second: u8::try_from(second).ok().filter(|v| *v < 1 << 6)?,
            micro: u32::try_from(micro).ok().filter(|v| *v < 1 << 20)?,
        };
        Some(fields)
    }

    /// Packs the parts, or returns nothing if one is beyond what the packed form holds.
    #[inline]
    pub fn pack(self) -> Option<Time> {
        let fits = self.year < 1 << 14
            && self.month <= 12
            && self.day < 32
            && self.hour < 24
            && self.minute < 60
            && self.second < 60
            && self.micro < 1_000_000;
        fits.then(|| self.pack_fitting())
    }

    /// Packs parts known to fit.
    #[inline]
    pub(super) fn pack_fitting(self) -> Time {
        let month = u64::from(self.year) * 13 + u64::from(self.month);
        Time(
            month << 46
                | u64::from(self.day) << 41
                | u64::from(self.hour) << 36
                | u64::from(self.minute) << 30
                | u64::from(self.second) << 24
                | u64::from(self.micro),
        )
    }

    /// Tells whether the month or the day is zero.
    pub fn has_zero_part(self) -> bool {
        self.month == 0 || self.day == 0
    }

    /// Returns the seconds since midnight.
    pub fn second_of_day(self) -> i64 {
        i64::from(self.hour) * 3600 + i64::from(self.minute) * 60 + i64::from(self.second)
    }
}

impl Time {
    /// Is `0000-00-00 00:00:00`.
    pub const ZERO: Time = Time(0);

    const DATE_MASK: u64 = !((1 << 41) - 1);
    const FORM_SHIFT: u32 = 20;
    const FORM_MASK: u64 = 0xf << Self::FORM_SHIFT;
    const DATE_FORM: u64 = 8;

    /// Packs a date and time of day, or returns nothing if a part does not fit: years 0 to 16383,
    /// months 0 to 12, days 0 to 31, 24 hours. It does not ask whether the month has that day.
    pub fn new(
        (year, month, day): (u16, u8, u8),
        (hour, minute, second, micro): (u8, u8, u8, u32),
    ) -> Option<Time> {
        Fields { year, month, day, hour, minute, second, micro }.pack()
    }

    /// Packs a date, or returns nothing if a part does not fit.
    pub fn from_date(year: u16, month: u8, day: u8) -> Option<Time> {
        Fields::date(year, month, day).pack()
    }

    /// Takes the value apart.
    #[inline]
    pub fn fields(self) -> Fields {
        let month = self.0 >> 46;
        // Each part is masked to its width.
        Fields {
            year: (month / 13) as u16,
            month: (month % 13) as u8,
            day: (self.0 >> 41 & 31) as u8,
            hour: (self.0 >> 36 & 31) as u8,
            minute: (self.0 >> 30 & 63) as u8,
            second: (self.0 >> 24 & 63) as u8,
            micro: (self.0 & 0xf_ffff) as u32,
        }
    }

    /// Returns the year.
    #[inline]
    pub fn year(self) -> u16 {
        self.fields().year
    }

    /// Returns the month, 0 to 12.
    #[inline]
    pub fn month(self) -> u8 {
        self.fields().month
    }

    /// Returns the day of the month, 0 to 31.
    #[inline]
    pub fn day(self) -> u8 {
        self.fields().day
    }

    /// Returns the hour.
    #[inline]
    pub fn hour(self) -> u8 {
        self.fields().hour
    }

    /// Returns the minute.
    #[inline]
    pub fn minute(self) -> u8 {
        self.fields().minute
    }

    /// Returns the second.
    #[inline]
    pub fn second(self) -> u8 {
        self.fields().second
    }

    /// Returns the microsecond.
    #[inline]
    pub fn micro(self) -> u32 {
        self.fields().micro
    }

    /// Tells whether every part is zero.
    #[inline]
    pub fn is_zero(self) -> bool {
        self.0 & !Self::FORM_MASK == 0
    }

    /// Returns the value with a form of its own: the kind it prints as, and with how many fraction
    /// digits. TiDB's values carry both; here the type does, but for the zero date, which no conversion
    /// gives other digits, and for what is chosen among values of several types.
    pub fn with_form(self, kind: TimeKind, fsp: u8) -> Time {
        let form = match kind {
            TimeKind::Date => Self::DATE_FORM,
            TimeKind::Datetime | TimeKind::Timestamp => u64::from(fsp.min(6)) + 1,
        };
        Time(self.plain().0 | form << Self::FORM_SHIFT)
    }

    /// Returns the form of its own, if the value has one.
    pub fn form(self) -> Option<(TimeKind, u8)> {
        match (self.0 & Self::FORM_MASK) >> Self::FORM_SHIFT {
            0 => None,
            Self::DATE_FORM => Some((TimeKind::Date, 0)),
            form => Some((TimeKind::Datetime, (form - 1) as u8)),
        }
    }

    /// Returns the value without a form of its own.
    pub fn plain(self) -> Time {
        Time(self.0 & !Self::FORM_MASK)
    }

    /// Tells whether the month or the day is zero.
    #[inline]
    pub fn has_zero_part(self) -> bool {
        self.fields().has_zero_part()
    }

    /// Returns the value at midnight.
    #[inline]
    pub fn date(self) -> Time {
        Time(self.0 & Self::DATE_MASK)
    }

    /// Writes `YYYY-MM-DD`.
    pub fn write_date(self, out: &mut Vec<u8>) {
        push_date(self.fields(), out);
    }

    /// Writes `YYYY-MM-DD hh:mm:ss` and `fsp` fraction digits, cut, not rounded.
    pub fn write_datetime(self, fsp: u8, out: &mut Vec<u8>) {
        let f = self.fields();
        push_date(f, out);
        let ([h1, h2], [i1, i2], [s1, s2]) = (two(f.hour), two(f.minute), two(f.second));
        out.extend_from_slice(&[b' ', h1, h2, b':', i1, i2, b':', s1, s2]);
        push_fraction(f.micro, fsp, out);
    }

    /// Writes the text form of a value of this kind.
    pub fn write(self, kind: TimeKind, fsp: u8, out: &mut Vec<u8>) {
        match kind {
            TimeKind::Date => self.write_date(out),
            TimeKind::Datetime | TimeKind::Timestamp => self.write_datetime(fsp, out),
        }
    }

    /// Returns the value as a number: `YYYYMMDD` for a date, `YYYYMMDDhhmmss` with `fsp` fraction
    /// digits (cut) for the others, as mantissa and scale. The zero date is 0 at scale 0.
    pub fn to_number(self, kind: TimeKind, fsp: u8) -> (i128, u8) {
        if self.is_zero() {
            return (0, 0);
        }
        let f = self.fields();
        let date = i64::from(f.year) * 10_000 + i64::from(f.month) * 100 + i64::from(f.day);
        if kind == TimeKind::Date {
            return (date.into(), 0);
        }
        let clock = i64::from(f.hour) * 10_000 + i64::from(f.minute) * 100 + i64::from(f.second);
        let unit = 10i64.pow(u32::from(fsp.min(6)));
        let fraction = i64::from(f.micro) * unit / 1_000_000;
        let whole = i128::from(date * 1_000_000 + clock) * i128::from(unit) + i128::from(fraction);
        (whole, fsp.min(6))
    }
}

/// Writes `YYYY-MM-DD`; the year after 9999, to which rounding may lead, has five digits.
#[inline]
fn push_date(f: Fields, out: &mut Vec<u8>) {
    if f.year > 9999 {
        out.push(b'1');
    }
    let [y1, y2, y3, y4] = four(u32::from(f.year) % 10_000);
    let ([m1, m2], [d1, d2]) = (two(f.month), two(f.day));
    out.extend_from_slice(&[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2]);
}
