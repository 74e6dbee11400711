// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Computes with dates, datetimes, times and time zones as TiDB does.
//!
//! A [`Time`] is a packed civil date and time without a zone, a [`Duration`] a signed number of
//! nanoseconds. Fraction digits (fsp), and whether a `Time` is a DATE, DATETIME or TIMESTAMP, belong
//! to the type and are arguments here. Nothing allocates but what builds a message.
//!
//! What goes wrong is a small [`TemporalError`], turned into TiDB's text only when somebody reads it:
//! `error.to_error(input)`. Some readers also note how many `Truncated incorrect datetime value`
//! warnings come first: see [`Parsed`].
//!
//! | to | use |
//! |---|---|
//! | build and take apart | [`Time::new`], [`Time::fields`], [`Fields`], [`Duration::from_clock`], [`Duration::clock`] |
//! | read text | [`parse_time`], [`parse_duration`], [`is_date_text`], [`text_fsp`] |
//! | read numbers | [`time_from_number`], [`time_from_number_text`], [`duration_from_number`] |
//! | check | [`Fields::check`], [`DateMode`] |
//! | print | [`Time::write_date`], [`Time::write_datetime`], [`Duration::write`], [`Time::to_number`], [`Duration::to_number`] |
//! | round | [`Time::round`], [`Duration::round`] |
//! | compute | [`Time::add_interval`], [`Time::add_duration`], [`Time::since`], [`Time::at`], [`timestamp_diff`], [`date_diff`] |
//! | ask the calendar | [`Time::week`], [`Time::year_week`], [`Time::day_of_year`], [`Time::weekday`], [`Time::last_day`], [`day_number`], [`Time::from_day_number`], [`period_add`], [`period_diff`] |
//! | exchange with Arrow | [`Time::to_date32`], [`Time::from_date32`], [`Time::to_micros`], [`Time::from_micros`] |
//! | read intervals | [`IntervalUnit`], [`parse_interval`], [`interval_duration`], [`extract_time`], [`extract_duration`] |
//! | format | [`date_format`], [`time_format`], [`get_format`], [`str_to_date`], [`format_parts`] |
//! | convert zones | [`TimeZone::parse`], [`Zone::new`], [`Zone::to_civil`], [`Zone::to_utc`], [`Zone::to_utc_adjusted`], [`Zone::to_civil_wrapping`] |
//!
//! Source: MySQL manual, "Date and Time Data Types" and "Date and Time Functions"; TiDB
//! `pkg/types/time.go`, `core_time.go`, `fsp.go`, `pkg/expression/builtin_time.go`.
//!
//! A module uses only modules listed above it.

mod error;
mod scan;

mod digits;

mod duration;
mod time;

mod calendar;
mod former_zones;
mod zone;

mod arithmetic;
mod check;

mod number;
mod parse_duration;
mod parse_time;
mod split;

mod interval;

mod format;
mod str_to_date;

#[cfg(test)]
mod tests;

pub use arithmetic::Interval;
pub use calendar::{
    date_diff, day_number, period_add, period_diff, period_is_valid, timestamp_diff,
};
pub use check::DateMode;
pub use duration::{Clock, Duration};
pub use error::{Noun, TemporalError};
pub use format::{FormatKind, date_format, get_format, time_format};
pub use interval::{
    IntervalUnit, decimal_interval_text, extract_duration, extract_time, integer_prefix,
    interval_duration, parse_interval,
};
pub use number::{duration_from_number, time_from_number, time_from_number_text};
pub use parse_duration::{ParsedDuration, parse_duration};
pub use parse_time::{Parsed, is_date_text, parse_regular, parse_time, text_fsp};
pub use str_to_date::{format_parts, str_to_date};
pub use time::{Fields, Time, TimeKind};
pub use zone::{Gap, TimeZone, Zone};

/// Is the greatest number of fraction digits of a second.
pub const FSP_MAX: u8 = 6;

/// Names the months, January first.
pub const MONTH_NAMES: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Names the weekdays, Monday first.
pub const WEEKDAY_NAMES: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
