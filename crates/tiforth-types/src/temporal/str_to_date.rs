// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Reads dates and times by a format: STR_TO_DATE.
//!
//! TiDB knows the codes below; another one stands for itself. White space before a token is skipped
//! in text and format. Where the text ends early the rest of the format is ignored.
//! Source: MySQL manual, STR_TO_DATE; TiDB `Time.StrToDate` in `pkg/types/time.go`.

use super::MONTH_NAMES;
use super::check::DateMode;
use super::error::TemporalError;
use super::parse_time::full_year;
use super::scan::{is_punctuation_character, number, take_digits, trim_start};
use super::time::{Fields, Time, TimeKind};
use super::zone::Zone;

/// Reads a text by a format. `Ok` comes with `true` where text is left over, of which TiDB warns
/// `Truncated incorrect datetime value` quoting the whole text.
///
/// # Errors
/// [`TemporalError::IncorrectTime`]: of the zero date where the text does not match, of what was read
/// where that is not legal under the sql_mode.
pub fn str_to_date(
    text: &[u8],
    format: &[u8],
    mode: DateMode,
    zone: &Zone,
) -> Result<(Time, bool), TemporalError> {
    let incorrect = TemporalError::IncorrectTime(Time::ZERO);
    let mut reader = Reader { rest: text, ..Reader::default() };
    let has_rest = reader.read(format).ok_or(incorrect)?;
    let fields = reader.finish().ok_or(incorrect)?;
    match fields.check(TimeKind::Datetime, mode, zone) {
        Ok(time) => Ok((time, has_rest)),
        Err(_) => Err(fields.pack().map_or(incorrect, TemporalError::IncorrectTime)),
    }
}

/// Tells whether a STR_TO_DATE format has parts of the clock, and of the date: the type of the
/// result depends on it.
pub fn format_parts(format: &[u8]) -> (bool, bool) {
    let (mut has_clock, mut has_date) = (false, false);
    let mut rest = trim_start(format);
    while let Some((token, after)) = token(rest) {
        match token {
            [b'%', b'h' | b'H' | b'i' | b'I' | b's' | b'S' | b'k' | b'l' | b'f' | b'r' | b'T'] => {
                has_clock = true;
            }
            [b'%', b'y' | b'Y' | b'm' | b'M' | b'c' | b'b' | b'D' | b'd' | b'e'] => has_date = true,
            _ => {}
        }
        rest = after;
    }
    (has_clock, has_date)
}

/// Takes a token off a format: `%` and a byte, or one byte; nothing at the end or for a lone `%`.
fn token(format: &[u8]) -> Option<(&[u8], &[u8])> {
    match format {
        [] | [b'%'] => None,
        [b'%', ..] => format.split_at_checked(2),
        _ => format.split_at_checked(1),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Half {
    Am,
    Pm,
    /// The text ended before it.
    Missing,
}

#[derive(Default)]
struct Reader<'a> {
    rest: &'a [u8],
    fields: Fields,
    half: Option<Half>,
    /// `%H` or `%k` was read.
    has_hour24: bool,
    /// `%h`, `%I` or `%l` was read.
    has_hour12: bool,
}

impl Reader<'_> {
    /// Reads by the format; returns whether text is left over, or nothing where it does not match.
    fn read(&mut self, format: &[u8]) -> Option<bool> {
        let mut format = format;
        loop {
            self.rest = trim_start(self.rest);
            format = trim_start(format);
            let Some((token, after)) = token(format) else {
                let is_lone_percent = !format.is_empty();
                return (!is_lone_percent).then_some(!self.rest.is_empty());
            };
            if self.rest.is_empty() {
                self.miss(token);
                return Some(false);
            }
            self.read_token(token)?;
            format = after;
        }
    }

    /// Notes the token at which the text ended: it counts as read, with value 0.
    fn miss(&mut self, token: &[u8]) {
        match token {
            b"%H" => self.has_hour24 = true,
            b"%h" => self.has_hour12 = true,
            b"%p" => self.half = Some(Half::Missing),
            _ => {}
        }
    }

    fn read_token(&mut self, token: &[u8]) -> Option<()> {
        let &[b'%', code] = token else { return self.literal(token) };
        match code {
            b'b' => self.fields.month = self.month_name(true)?,
            b'M' => self.fields.month = self.month_name(false)?,
            b'c' | b'm' => self.fields.month = self.number(2, 0..=12)?,
            b'd' | b'e' => self.fields.day = self.number(2, 0..=31)?,
            b'i' => self.fields.minute = self.number(2, 0..=59)?,
            b's' | b'S' => self.fields.second = self.number(2, 0..=59)?,
            b'H' | b'k' => {
                self.fields.hour = self.number(2, 0..=23)?;
                self.has_hour24 = true;
            }
            b'h' | b'I' | b'l' => {
                self.fields.hour = self.number(2, 1..=12)?;
                self.has_hour12 = true;
            }
            b'f' => self.micro(),
            b'j' => {
                // TiDB reads the day of the year and forgets it.
                self.digits(3).filter(|(value, _)| *value > 0)?;
            }
            b'p' => self.half = Some(self.half_of_day()?),
            b'r' => self.clock(true)?,
            b'T' => self.clock(false)?,
            b'Y' => self.fields.year = self.year(4)?,
            b'y' => self.fields.year = self.year(2)?,
            b'#' => self.skip(char::is_numeric),
            b'.' => self.skip(is_punctuation_character),
            b'@' => self.skip(char::is_alphabetic),
            _ => return self.literal(token),
        }
        Some(())
    }

    fn literal(&mut self, token: &[u8]) -> Option<()> {
        self.rest = self.rest.strip_prefix(token)?;
        Some(())
    }

    /// Takes at most `limit` digits; nothing if there is none.
    fn digits(&mut self, limit: usize) -> Option<(u32, usize)> {
        let digits = take_digits(self.rest).0;
        let digits = digits.get(..limit).unwrap_or(digits);
        let value = number(digits)?;
        self.rest = self.rest.get(digits.len()..).unwrap_or_default();
        Some((u32::try_from(value).ok()?, digits.len()))
    }

    fn number(&mut self, limit: usize, range: std::ops::RangeInclusive<u8>) -> Option<u8> {
        let (value, _) = self.digits(limit)?;
        u8::try_from(value).ok().filter(|v| range.contains(v))
    }

    fn year(&mut self, limit: usize) -> Option<u16> {
        let (value, length) = self.digits(limit)?;
        let year = if length <= 2 { full_year(value.into()) } else { value.into() };
        u16::try_from(year).ok()
    }

    fn micro(&mut self) {
        let value = self.digits(6).map(|(value, length)| {
            value * 10u32.pow(6u32.saturating_sub(u32::try_from(length).unwrap_or(6)))
        });
        self.fields.micro = value.unwrap_or(0);
    }

    fn month_name(&mut self, is_short: bool) -> Option<u8> {
        let name = |full: &'static str| if is_short { full.get(..3).unwrap_or(full) } else { full };
        let at = MONTH_NAMES.iter().position(|m| self.starts_with(name(m)))?;
        let length = MONTH_NAMES.get(at).map_or(0, |m| name(m).len());
        self.rest = self.rest.get(length..).unwrap_or_default();
        u8::try_from(at + 1).ok()
    }

    fn starts_with(&self, prefix: &str) -> bool {
        let start = self.rest.get(..prefix.len());
        start.is_some_and(|s| s.eq_ignore_ascii_case(prefix.as_bytes()))
    }

    fn half_of_day(&mut self) -> Option<Half> {
        let half = if self.starts_with("AM") {
            Half::Am
        } else if self.starts_with("PM") {
            Half::Pm
        } else {
            return None;
        };
        self.rest = self.rest.get(2..).unwrap_or_default();
        Some(half)
    }

    /// Reads `hh:mm:ss`, and `AM` or `PM` after it for `%r`; the text may end after any part.
    fn clock(&mut self, has_half: bool) -> Option<()> {
        let hour = if has_half { self.number(2, 1..=12)? % 12 } else { self.number(2, 0..=23)? };
        self.fields.hour = hour;
        if !self.colon()? {
            return Some(());
        }
        self.fields.minute = self.number(2, 0..=59)?;
        if !self.colon()? {
            return Some(());
        }
        self.fields.second = self.number(2, 0..=59)?;
        if !has_half {
            return Some(());
        }
        self.rest = trim_start(self.rest);
        if self.rest.is_empty() {
            return Some(());
        }
        if self.half_of_day()? == Half::Pm {
            self.fields.hour = hour + 12;
        }
        Some(())
    }

    /// Takes a colon; `false` if the text ends before or after it, nothing if it has another byte.
    fn colon(&mut self) -> Option<bool> {
        self.rest = trim_start(self.rest);
        if self.rest.is_empty() {
            return Some(false);
        }
        self.rest = trim_start(self.rest.strip_prefix(b":")?);
        Some(!self.rest.is_empty())
    }

    /// Skips characters; like TiDB it counts a character of several bytes as one byte when it stops.
    fn skip(&mut self, accepts: impl Fn(char) -> bool) {
        let valid = self.rest.utf8_chunks().next().map_or("", |c| c.valid());
        let last = valid.char_indices().take_while(|(_, c)| accepts(*c)).last();
        self.rest = self.rest.get(last.map_or(0, |(at, _)| at + 1)..).unwrap_or_default();
    }

    /// Applies AM and PM, which need an hour of twelve.
    fn finish(mut self) -> Option<Fields> {
        let hour = self.fields.hour;
        match self.half {
            Some(_) if self.has_hour24 || hour == 0 => return None,
            Some(Half::Am) if hour == 12 => self.fields.hour = 0,
            // TiDB's hour has five bits.
            Some(Half::Pm) if hour != 12 => self.fields.hour = (hour + 12) & 31,
            Some(_) => {}
            None if self.has_hour12 && hour == 12 => self.fields.hour = 0,
            None => {}
        }
        Some(self.fields)
    }
}
