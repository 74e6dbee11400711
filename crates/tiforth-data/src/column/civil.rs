// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Converts between counts from 1970 and packed dates and times, a column at a time.
//!
//! Days become civil dates by Neri and Schneider, "Euclidean affine functions and their application to
//! calendar algorithms" (2022): multiplications only, so the loops vectorise.

use std::ops::RangeInclusive;

/// Bounds the days since 1970 of MySQL's dates: 0000-01-01 to 9999-12-31.
pub(crate) const DATE_DAYS: RangeInclusive<i32> = -719_528..=2_932_896;
/// Bounds the microseconds since 1970 of MySQL's datetimes.
pub(crate) const DATETIME_MICROS: RangeInclusive<i64> =
    -719_528 * DAY_MICROS..=2_932_897 * DAY_MICROS - 1;

const DAY_MICROS: i64 = 86_400_000_000;
const MONTHS_SHIFT: u32 = 46;
const DAY_SHIFT: u32 = 41;

/// Packs the date so many days after 1970-01-01; one out of [`DATE_DAYS`] gives no date.
#[inline(always)]
pub(crate) fn pack_day(days: i32) -> u64 {
    // Days since 0400-03-01 BC, so that all of MySQL's dates are positive.
    let day = (days as u32).wrapping_add(719_468 + 146_097);
    let n1 = day.wrapping_mul(4).wrapping_add(3);
    let (century, of_century) = (n1 / 146_097, n1 % 146_097 / 4);
    let p2 = 2_939_745 * u64::from(4 * of_century + 3);
    let (year, of_year) = ((p2 >> 32) as u32, (p2 as u32) / 2_939_745 / 4);
    let n3 = 2_141 * of_year + 197_913;
    let (month, day) = (n3 >> 16, (n3 & 0xffff) / 2_141 + 1);
    let is_next_year = u32::from(of_year >= 306);
    let year = (100 * century + year + is_next_year).wrapping_sub(400);
    let month = month - 12 * is_next_year;
    (u64::from(year.wrapping_mul(13).wrapping_add(month)) << MONTHS_SHIFT)
        | (u64::from(day) << DAY_SHIFT)
}

/// Packs the civil time so many microseconds after 1970; it must lie in [`DATETIME_MICROS`].
#[inline]
pub(crate) fn pack_micros(micros: i64) -> u64 {
    let (day, of_day) = (micros.div_euclid(DAY_MICROS), micros.rem_euclid(DAY_MICROS) as u64);
    let (seconds, micro) = ((of_day / 1_000_000) as u32, of_day % 1_000_000);
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    pack_day(day as i32)
        | (u64::from(hour) << 36)
        | (u64::from(minute) << 30)
        | (u64::from(second) << 24)
        | micro
}

/// Tells whether the bits are a packed date or time; zero parts are allowed.
#[inline(always)]
pub(crate) fn is_packed(v: u64, is_date: bool) -> bool {
    let time_bits = if is_date { (1 << DAY_SHIFT) - 1 } else { 0 };
    (v >> MONTHS_SHIFT < 130_000)
        & ((v >> 36) & 31 < 24)
        & ((v >> 30) & 63 < 60)
        & ((v >> 24) & 63 < 60)
        & (v & 0xff_ffff < 1_000_000)
        & (v & time_bits == 0)
}

/// Returns the days after 1970-01-01 of a packed date, or nothing for one no calendar has.
#[inline]
pub(crate) fn unpack_day(v: u64) -> Option<i32> {
    let (months, day) = ((v >> MONTHS_SHIFT) as i64, (v >> DAY_SHIFT) as i64 & 31);
    let (year, month) = (months / 13, months % 13);
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        2 => 28 + i64::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    if month == 0 || day == 0 || day > last || year > 9999 {
        return None;
    }
    // Years from March, counted from 400 BC.
    let year = year - i64::from(month <= 2) + 400;
    let of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    let day = year * 365 + year / 4 - year / 100 + year / 400 + of_year;
    i32::try_from(day - 719_468 - 146_097).ok()
}

/// Returns the microseconds after 1970 of a packed civil time, or nothing for one no calendar has.
#[inline]
pub(crate) fn unpack_micros(v: u64) -> Option<i64> {
    let day = unpack_day(v)?;
    let (hour, minute, second) = ((v >> 36) & 31, (v >> 30) & 63, (v >> 24) & 63);
    let seconds = (hour * 3_600 + minute * 60 + second) as i64;
    Some(i64::from(day) * DAY_MICROS + seconds * 1_000_000 + (v & 0xff_ffff) as i64)
}
