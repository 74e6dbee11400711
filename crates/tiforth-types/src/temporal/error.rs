// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Says why no date or time came out, small enough to be made for every bad row.
//!
//! The text is TiDB's and built only on demand. It quotes the input, or the part that was wrong:
//! `Incorrect time value: '24'` for an hour, `Incorrect datetime value: '2020-2-30'` for a day.

use std::fmt::Write;

use super::time::{Fields, Time};
use crate::error::{SqlError, code};

/// Is the word a message has for the kind of value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Noun {
    /// `date`
    Date,
    /// `datetime`
    Datetime,
    /// `time`
    Time,
}

impl Noun {
    /// Returns the word.
    pub fn as_str(self) -> &'static str {
        match self {
            Noun::Date => "date",
            Noun::Datetime => "datetime",
            Noun::Time => "time",
        }
    }
}

/// Is the reason why no date or time came out, or why it had to be changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TemporalError {
    /// The input is no such value: `Incorrect datetime value: 'abc'`.
    Incorrect(Noun),
    /// The input is partly such a value: `Truncated incorrect time value: '12abc'`.
    Truncated(Noun),
    /// A number is no date: `Incorrect time value: '63'`.
    IncorrectNumber(i64),
    /// A number is no time: `Truncated incorrect time value: '62'`.
    TruncatedNumber(i64),
    /// A number is beyond TIME: `Duration value is out of range in '1000000007'` (1690).
    DurationRange(i64),
    /// A date has a zero month or day where the sql_mode forbids it.
    ZeroInDate(Fields),
    /// The month has no such day, or the year no such month.
    NoSuchDay(Fields),
    /// The clock has no such hour, minute or second.
    NoSuchClock(u8),
    /// The fields are no moment of their calendar or zone, or lie beyond the type's range.
    OutOfRange(Fields),
    /// Parts that were read make no legal value: `Incorrect datetime value: '2020-02-30 00:00:00'`.
    IncorrectTime(Time),
    /// A finished value cannot be rounded: its text is quoted, with that many fraction digits.
    NotRoundable(Time, u8),
    /// A computed datetime is beyond the years 0 to 9999 (1441).
    DatetimeOverflow,
    /// A computed time is beyond 838:59:59 (1441).
    TimeOverflow,
    /// A TIMESTAMP lies in the hour a zone skips; `adjusted` is the moment it does so (8179).
    DstTransition {
        /// The nearest end of the skipped span, as the clock shows it.
        adjusted: Time,
    },
    /// A part between separators is no number: TiDB fails with an error without a number (1105).
    Malformed,
}

impl TemporalError {
    /// Tells whether TiDB fails the statement, where it only warns for the others.
    pub fn is_fatal(self) -> bool {
        self == TemporalError::Malformed
    }

    /// Returns the error with TiDB's text; `input` is the text that was read (or the value printed
    /// as text).
    #[cold]
    pub fn to_error(self, input: &[u8]) -> SqlError {
        let incorrect = |noun: Noun, value: &str| SqlError::incorrect_value(noun.as_str(), value);
        match self {
            Self::Incorrect(noun) => incorrect(noun, &quoted(input)),
            Self::Truncated(noun) => SqlError::truncated_wrong_value(noun.as_str(), &quoted(input)),
            Self::IncorrectNumber(n) => incorrect(Noun::Time, &n.to_string()),
            Self::TruncatedNumber(n) => SqlError::truncated_wrong_value("time", &n.to_string()),
            Self::DurationRange(n) => SqlError::out_of_range("Duration", &n.to_string()),
            Self::ZeroInDate(f) => {
                incorrect(Noun::Datetime, &format!("{:04}-{:02}-{:02}", f.year, f.month, f.day))
            }
            Self::NoSuchDay(f) => {
                incorrect(Noun::Datetime, &format!("{}-{}-{}", f.year, f.month, f.day))
            }
            Self::NoSuchClock(n) => incorrect(Noun::Time, &n.to_string()),
            Self::OutOfRange(f) => incorrect(Noun::Time, &braced(f)),
            Self::IncorrectTime(time) => incorrect(Noun::Datetime, &text_of(time, 0)),
            Self::NotRoundable(time, fsp) => incorrect(Noun::Time, &text_of(time, fsp)),
            Self::DatetimeOverflow => overflow("datetime"),
            Self::TimeOverflow => overflow("time"),
            Self::DstTransition { .. } => SqlError::new(
                code::ER_TIMESTAMP_IN_DST_TRANSITION,
                format!(
                    "Timestamp is not valid, since it is in Daylight Saving Time transition '{}'",
                    quoted(input)
                ),
            ),
            Self::Malformed => SqlError::other(format!("invalid number in '{}'", quoted(input))),
        }
    }
}

fn overflow(what: &str) -> SqlError {
    SqlError::new(
        code::ER_DATETIME_FUNCTION_OVERFLOW,
        format!("Datetime function: {what} field overflow"),
    )
}

fn text_of(time: Time, fsp: u8) -> String {
    let mut text = Vec::new();
    time.write_datetime(fsp, &mut text);
    quoted(&text)
}

/// Returns the first 128 characters, as many as TiDB's messages quote.
fn quoted(input: &[u8]) -> String {
    String::from_utf8_lossy(input).chars().take(128).collect()
}

/// Prints the fields as TiDB's messages show a value it cannot print as a date.
fn braced(f: Fields) -> String {
    let mut text = String::new();
    let _ = write!(
        text,
        "{{{} {} {} {} {} {} {}}}",
        f.year, f.month, f.day, f.hour, f.minute, f.second, f.micro
    );
    text
}
