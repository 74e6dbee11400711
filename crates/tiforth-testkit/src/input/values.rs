// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Reads a column's texts into plain numbers and bytes, one form a SQL type.

use arrow_buffer::i256;

use crate::vectors::{ColumnForm, TableColumn};

/// Holds a column's values.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Values {
    /// Integers, YEARs.
    Int(Vec<Option<i64>>),
    /// Unsigned integers, BITs.
    UInt(Vec<Option<u64>>),
    /// DOUBLEs, and FLOATs as the doubles of their value.
    Real(Vec<Option<f64>>),
    /// DECIMALs, as mantissas at the column's scale.
    Decimal(Vec<Option<i256>>),
    /// Dates and datetimes.
    Civil(Vec<Option<Civil>>),
    /// TIMEs, in nanoseconds.
    Duration(Vec<Option<i64>>),
    /// Text and bytes.
    Bytes(Vec<Option<Box<[u8]>>>),
}

/// Is a date and a time of day, each part as written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Civil {
    pub(super) year: u32,
    pub(super) month: u32,
    pub(super) day: u32,
    pub(super) hour: u32,
    pub(super) minute: u32,
    pub(super) second: u32,
    pub(super) microsecond: u32,
}

impl Civil {
    /// Packs the parts so that integer order is time order.
    pub(super) fn packed(&self) -> u64 {
        let high = u64::from(self.year * 13 + self.month) << 46 | u64::from(self.day) << 41;
        let clock = u64::from(self.hour) << 36 | u64::from(self.minute) << 30;
        high | clock | u64::from(self.second) << 24 | u64::from(self.microsecond)
    }

    /// Counts the days since 1970-01-01, for dates the calendar has.
    pub(super) fn days(&self) -> Option<i32> {
        let leap = self.year.is_multiple_of(4)
            && (!self.year.is_multiple_of(100) || self.year.is_multiple_of(400));
        let lengths = [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let month = usize::try_from(self.month.checked_sub(1)?).ok()?;
        if self.day == 0 || self.day > *lengths.get(month)? || self.year == 0 {
            return None;
        }
        let before = self.year - 1;
        let whole = before * 365 + before / 4 - before / 100 + before / 400;
        let in_year: u32 = lengths.iter().take(month).sum();
        i32::try_from(whole + in_year + self.day - 1).ok().map(|days| days - 719_162)
    }

    /// Counts the microseconds since 1970-01-01 00:00:00, for dates the calendar has.
    pub(super) fn microseconds(&self) -> Option<i64> {
        let seconds = i64::from(self.hour * 3600 + self.minute * 60 + self.second);
        let whole = i64::from(self.days()?) * 86_400 + seconds;
        Some(whole * 1_000_000 + i64::from(self.microsecond))
    }
}

impl Values {
    /// Reads the cells of a column; the error says why it cannot be laid out.
    pub(super) fn parse(column: &TableColumn) -> Result<Values, String> {
        let name = &column.type_text;
        Ok(match column.form {
            ColumnForm::Integer { unsigned: true, .. } => Values::UInt(parse_each(column, number)?),
            ColumnForm::Integer { .. } | ColumnForm::Year => {
                Values::Int(parse_each(column, number)?)
            }
            ColumnForm::Bit => Values::UInt(cells(column, |bytes| {
                (bytes.len() <= 8)
                    .then(|| bytes.iter().fold(0, |bits, byte| bits << 8 | u64::from(*byte)))
                    .ok_or_else(|| "a BIT has more than 8 bytes".to_owned())
            })?),
            ColumnForm::Float | ColumnForm::Double => Values::Real(parse_each(column, number)?),
            ColumnForm::Decimal { scale, .. } => {
                Values::Decimal(parse_each(column, |text| mantissa(text, usize::from(scale)))?)
            }
            ColumnForm::Date | ColumnForm::DateTime { .. } | ColumnForm::Timestamp { .. } => {
                Values::Civil(parse_each(column, civil)?)
            }
            ColumnForm::Time { .. } => Values::Duration(parse_each(column, nanoseconds)?),
            ColumnForm::Text | ColumnForm::Bytes | ColumnForm::FixedBytes { .. } => {
                Values::Bytes(column.cells.clone())
            }
            ColumnForm::Enum | ColumnForm::Set | ColumnForm::Json | ColumnForm::Vector => {
                return Err(format!("no Arrow encoding of {name} is built here"));
            }
        })
    }
}

fn cells<T>(
    column: &TableColumn,
    parse: impl Fn(&[u8]) -> Result<T, String>,
) -> Result<Vec<Option<T>>, String> {
    column.cells.iter().map(|cell| cell.as_deref().map(&parse).transpose()).collect()
}

fn parse_each<T>(
    column: &TableColumn,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Vec<Option<T>>, String> {
    cells(column, |bytes| {
        let text = std::str::from_utf8(bytes).map_err(|e| e.to_string())?;
        parse(text).ok_or_else(|| format!("{text} is no value of {}", column.type_text))
    })
}

fn number<T: std::str::FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

/// Reads a decimal's digits as an integer; they stand at the column's scale.
fn mantissa(text: &str, scale: usize) -> Option<i256> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    (fraction.len() <= scale)
        .then(|| i256::from_string(&format!("{whole}{fraction:0<scale$}")))
        .flatten()
}

/// Reads `YYYY-MM-DD[ hh:mm:ss[.ffffff]]`.
fn civil(text: &str) -> Option<Civil> {
    let (date, clock) = text.split_once(' ').unwrap_or((text, "00:00:00"));
    let [year, month, day] = three(date, '-')?;
    let (clock, microsecond) = fraction(clock)?;
    let [hour, minute, second] = three(clock, ':')?;
    Some(Civil { year, month, day, hour, minute, second, microsecond })
}

/// Reads `[-]hhh:mm:ss[.ffffff]`.
fn nanoseconds(text: &str) -> Option<i64> {
    let (sign, clock) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (clock, microsecond) = fraction(clock)?;
    let [hour, minute, second] = three(clock, ':')?;
    let seconds = i64::from(hour * 3600 + minute * 60 + second);
    Some(sign * (seconds * 1_000_000_000 + i64::from(microsecond) * 1000))
}

fn three(text: &str, separator: char) -> Option<[u32; 3]> {
    let parts: Vec<u32> = text.split(separator).map(number).collect::<Option<_>>()?;
    parts.try_into().ok()
}

/// Cuts the fraction of a second off and reads it as microseconds.
fn fraction(clock: &str) -> Option<(&str, u32)> {
    match clock.split_once('.') {
        None => Some((clock, 0)),
        Some((clock, digits)) if digits.len() <= 6 => {
            Some((clock, number(&format!("{digits:0<6}"))?))
        }
        Some(_) => None,
    }
}
