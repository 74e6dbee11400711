// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Computes with dates, datetimes, times and time zones as TiDB does.

/// Is a packed date, datetime or timestamp; integer order is time order.
///
/// year·13+month in the bits above 46, day 5 bits at 41, hour 5 at 36, minute 6 at 30, second 6 at 24,
/// microsecond 24 at 0. The zero date and dates with zero parts are values.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
pub struct Time(pub u64);

/// Is a signed span of time in nanoseconds, within 838:59:59.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
pub struct Duration(pub i64);

/// Is a time zone: a fixed offset or a named zone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TimeZone {
    /// Seconds east of UTC.
    Offset(i32),
}

impl TimeZone {
    /// Is UTC.
    pub const UTC: TimeZone = TimeZone::Offset(0);
}
