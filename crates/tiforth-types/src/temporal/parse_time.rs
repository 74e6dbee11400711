// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Reads dates and datetimes from text.
//!
//! `YYYY-MM-DD[ hh:mm:ss[.ffffff]]` goes a short way; everything else MySQL takes (other separators,
//! two-digit years, digits without separators, fractions that round and carry, zone suffixes, rests
//! that are cut off with a warning) goes the long one, and the tests hold both equal.
//! Source: MySQL manual, "Date and Time Literals"; TiDB `parseDatetime` in `pkg/types/time.go`.

use super::check::DateMode;
use super::error::{Noun, TemporalError};
use super::scan::{number, trim};
use super::split::{Parts, Split, ZoneSuffix, fraction_point, split, split_parts};
use super::time::{Fields, Time, TimeKind};
use super::zone::Zone;
use crate::digits::{four_pairs, zeros_below};

/// Is what a reader found: a value or the reason why there is none, and the number of warnings
/// `Truncated incorrect datetime value: '…'` (quoting the input) that come before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Parsed {
    /// The value; a DATE at midnight.
    pub value: Result<Time, TemporalError>,
    /// How often a rest was cut off with a warning, 0 to 2.
    pub truncations: u8,
}

impl Parsed {
    fn new(value: Result<Time, TemporalError>) -> Self {
        Parsed { value, truncations: 0 }
    }
}

/// Returns the fraction digits a text has, at most 6: the fsp of a literal.
pub fn text_fsp(text: &[u8]) -> u8 {
    let digits = fraction_point(text).map_or(0, |point| text.len() - point - 1);
    u8::try_from(digits).map_or(6, |d| d.min(6))
}

/// Tells whether a text has the form of a date without a time of day, as DATE_ADD asks to decide
/// between DATE and DATETIME.
pub fn is_date_text(text: &[u8]) -> bool {
    let text = trim(text);
    match split_parts(text).len() {
        1 => matches!(text.len(), 5 | 6 | 8),
        3 => true,
        _ => false,
    }
}

/// Reads a text as a value of this kind with `fsp` fraction digits (rounded, with carry).
///
/// The zone matters to a zone suffix in the text, and to a TIMESTAMP. The zero date is a value here.
pub fn parse_time(text: &[u8], kind: TimeKind, fsp: u8, mode: DateMode, zone: &Zone) -> Parsed {
    if kind != TimeKind::Timestamp
        && let Some(time) = parse_regular(text, fsp)
    {
        return Parsed::new(Ok(if kind == TimeKind::Date { time.date() } else { time }));
    }
    let mut reader = Reader { text, fsp: fsp.min(6), zone, truncations: 0 };
    let value = reader.read().and_then(|fields| fields.check(kind, mode, zone));
    let value = value.map(|time| if kind == TimeKind::Date { time.date() } else { time });
    Parsed { value, truncations: reader.truncations }
}

/// Reads `YYYY-MM-DD`, alone or with ` hh:mm:ss` and at most `fsp` fraction digits, if it is a valid
/// date with no zero part and a year beyond two digits; nothing otherwise.
#[inline]
pub fn parse_regular(text: &[u8], fsp: u8) -> Option<Time> {
    if let Ok(text) = <&[u8; 10]>::try_from(text) {
        return regular_date(text);
    }
    if !matches!(text.len(), 19 | 21..=26) {
        return None;
    }
    let (date, rest) = text.split_first_chunk::<10>()?;
    let (space, rest) = rest.split_first()?;
    let (clock, fraction) = rest.split_first_chunk::<8>()?;
    let mut micro = 0;
    if let Some((point, digits)) = fraction.split_first() {
        if *point != b'.' || digits.len() > usize::from(fsp) {
            return None;
        }
        micro = round_fraction(digits, 6)?.0;
    }
    let (date, clock) = (regular_date(date)?, regular_clock(*clock)?);
    (*space == b' ').then_some(Time(date.0 | clock | u64::from(micro)))
}

/// Reads `YYYY-MM-DD`, if the calendar has that day: the marks are looked at, and the digits moved
/// together. Nothing branches on a valid date.
#[inline]
fn regular_date(text: &[u8; 10]) -> Option<Time> {
    const MARKS: u64 = 0xff00_00ff_0000_0000;
    let [head @ .., tens, ones] = text;
    let (head, last) = (u64::from_le_bytes(*head), u64::from(u16::from_le_bytes([*tens, *ones])));
    if head & MARKS != 0x2d00_002d_0000_0000 {
        return None;
    }
    let pairs = four_pairs(head & 0xffff_ffff | (head >> 40 & 0xffff) << 32 | last << 48)?;
    let [century, year, month, day] = [0, 16, 32, 48].map(|place| pairs >> place & 0xff);
    let leap = u64::from((year & 3 == 0) & ((year != 0) | (century & 3 == 0)));
    // Odd months have 31 days to July, even ones from August on.
    let last = if month == 2 { 28 + leap } else { 30 + ((month ^ (month >> 3)) & 1) };
    // A zero less one is beyond any bound.
    let is_day = (month.wrapping_sub(1) < 12) & (day.wrapping_sub(1) < last);
    let months = (century * 100 + year) * 13 + month;
    is_day.then_some(Time(months << 46 | day << 41))
}

/// Reads `hh:mm:ss` as it is packed.
#[inline]
fn regular_clock(text: [u8; 8]) -> Option<u64> {
    const MARKS: u64 = 0x0000_ff00_00ff_0000;
    let clock = u64::from_le_bytes(text);
    if clock & MARKS != 0x0000_3a00_003a_0000 {
        return None;
    }
    let digits = clock & 0xffff | (clock >> 24 & 0xffff) << 16 | (clock >> 48) << 32;
    let pairs = four_pairs(zeros_below(digits << 16, 16))?;
    let [hour, minute, second] = [16, 32, 48].map(|place| pairs >> place & 0xff);
    let is_clock = (hour < 24) & (minute < 60) & (second < 60);
    is_clock.then_some(hour << 36 | minute << 30 | second << 24)
}

/// Rounds fraction digits to `fsp` of them and returns microseconds; `true` if a second carries.
pub(super) fn round_fraction(digits: &[u8], fsp: u8) -> Option<(u32, bool)> {
    if digits.is_empty() {
        return Some((0, false));
    }
    let fsp = usize::from(fsp.min(6));
    let scale = |length: usize| 10u32.pow(6 - u32::try_from(length.min(6)).unwrap_or(6));
    if fsp >= digits.len() {
        let value = u32::try_from(number(digits)?).ok()?;
        return Some((value * scale(digits.len()), false));
    }
    let value = u32::try_from(number(digits.get(..=fsp)?)?).ok()?;
    let micro = (value + 5) / 10 * scale(fsp);
    Some(if micro >= 1_000_000 { (0, true) } else { (micro, false) })
}

/// Turns a two-digit year into a full one; other years stay.
pub(super) fn full_year(year: i64) -> i64 {
    match year {
        0..=69 => year + 2000,
        70..=99 => year + 1900,
        _ => year,
    }
}

struct Reader<'a> {
    text: &'a [u8],
    fsp: u8,
    zone: &'a Zone,
    truncations: u8,
}

/// Is what the parts say, before the fraction and the zone.
#[derive(Default)]
struct Read {
    /// Year, month, day, hour, minute, second.
    values: [i64; 6],
    /// Tells whether the second was given, without which fraction and zone say nothing.
    has_second: bool,
}

impl Reader<'_> {
    fn read(&mut self) -> Result<Fields, TemporalError> {
        let incorrect = TemporalError::Incorrect(Noun::Datetime);
        let mut split = split(self.text);
        if split.has_rest {
            self.truncations += 1;
        }
        give_back(&mut split);
        let read = match split.parts.as_slice() {
            [] | [_, _] => return Err(incorrect),
            [digits] => self.read_compact(digits, split.fraction, split.has_rest)?,
            parts => self.read_parts(parts)?,
        };
        let [mut year, month, day, hour, minute, second] = read.values;
        let is_short = split.parts.as_slice().first().is_some_and(|p| p.len() <= 2);
        if is_short && !(read.values == [0; 6] && split.fraction.is_empty()) {
            year = full_year(year);
        }
        let (micro, carries) = if read.has_second {
            round_fraction(split.fraction, self.fsp).ok_or(TemporalError::Malformed)?
        } else {
            (0, false)
        };
        let parts = [year, month, day, hour, minute, second, micro.into()];
        let mut fields = Fields::from_wide(parts).ok_or(incorrect)?;
        if carries {
            let utc = self.zone.require_utc(fields)?;
            fields = self.zone.to_civil_wrapping(utc + 1_000_000).fields();
        }
        match split.zone {
            Some(suffix) if read.has_second => self.converted(fields, suffix),
            Some(_) => Err(incorrect),
            None => Ok(fields),
        }
    }

    fn read_parts(&mut self, parts: &[&[u8]]) -> Result<Read, TemporalError> {
        let mut read = Read { has_second: parts.len() >= 6, ..Read::default() };
        if parts.len() > 6 {
            self.truncations += 1;
        }
        for (slot, part) in read.values.iter_mut().zip(parts) {
            *slot = number(part).ok_or(TemporalError::Malformed)?;
        }
        Ok(read)
    }

    /// Reads digits without separators; their number says what they are.
    fn read_compact(
        &mut self,
        digits: &[u8],
        fraction: &[u8],
        mut has_rest: bool,
    ) -> Result<Read, TemporalError> {
        let length = digits.len();
        let widths: &[usize] = match length {
            14 => &[4, 2, 2, 2, 2, 2],
            12 => &[2, 2, 2, 2, 2, 2],
            11 => &[2, 2, 2, 2, 2, 1],
            10 => &[2, 2, 2, 2, 2],
            9 => &[2, 2, 2, 2, 1],
            8 => &[4, 2, 2],
            7 => &[2, 2, 2, 1],
            6 => &[2, 2, 2],
            5 => &[2, 2, 1],
            _ => return Err(TemporalError::Incorrect(Noun::Time)),
        };
        let mut read = Read { has_second: length >= 11, ..Read::default() };
        let mut is_malformed = !scan_widths(digits, widths, &mut read.values);
        if widths.first() == Some(&2)
            && let Some(year) = read.values.first_mut()
        {
            *year = full_year(*year);
        }
        // After a date alone, the digits after a point are a time of day; after a minute, seconds.
        if matches!(length, 5 | 6 | 8) {
            let clock = read.values.get_mut(3..).unwrap_or_default();
            is_malformed &= fraction.is_empty();
            let widths: &[usize] = match fraction.len() {
                0 => &[],
                1 | 2 => &[2],
                3 | 4 => &[2, 2],
                _ => &[2, 2, 2],
            };
            scan_widths(fraction, widths, clock);
            has_rest = is_malformed || fraction.len() > 6;
        } else if matches!(length, 9 | 10) {
            is_malformed &= fraction.is_empty();
            scan_widths(fraction, &[2], read.values.get_mut(5..).unwrap_or_default());
            has_rest = is_malformed || fraction.len() > 2;
        } else if is_malformed && !has_rest {
            // Behind a sign the text ends too early, which is another fault than a byte out of place.
            let ends_early = matches!(digits.last(), Some(b'+' | b'-'));
            let incorrect = TemporalError::Incorrect(Noun::Datetime);
            return Err(if ends_early { incorrect } else { TemporalError::Malformed });
        }
        if has_rest {
            self.truncations += 1;
        }
        Ok(read)
    }

    /// Converts a clock time of the suffix's zone to the session's.
    fn converted(&self, fields: Fields, suffix: ZoneSuffix<'_>) -> Result<Fields, TemporalError> {
        let incorrect = TemporalError::Incorrect(Noun::Datetime);
        let hour = suffix.hour.and_then(number).unwrap_or(0);
        let minute = suffix.minute.and_then(number).unwrap_or(0);
        let is_negative = suffix.sign == Some(b'-');
        let is_beyond = hour > 14 || minute > 59 || (hour == 14 && minute != 0);
        if is_beyond || (is_negative && hour == 0 && minute == 0) {
            return Err(incorrect);
        }
        let offset = (hour * 3600 + minute * 60) * if is_negative { -1 } else { 1 };
        let civil = Zone::utc().require_utc(fields)?;
        Ok(self.zone.to_civil_wrapping(civil - offset * 1_000_000).fields())
    }
}

/// Takes fraction and zone back for two more parts where the text has too few for them.
fn give_back<'a>(split: &mut Split<'a>) {
    let is_complete = |parts: &Parts<'_>| match parts.as_slice() {
        [only] => only.len() > 4,
        parts => parts.len() > 5,
    };
    if !split.fraction.is_empty() && !is_complete(&split.parts) {
        split.parts.push(split.fraction);
        split.fraction = &[];
    }
    let Some(suffix) = split.zone.filter(|z| z.sign.is_some()) else { return };
    let is_undivided = suffix.minute.is_some() && !suffix.has_colon;
    if !is_complete(&split.parts) && !is_undivided {
        for part in [suffix.hour, suffix.minute].into_iter().flatten() {
            split.parts.push(part);
        }
        split.zone = None;
    }
}

/// Reads numbers of fixed widths; the last byte of the text may be no digit, which ends its number.
/// Returns `false` if a number has no digit.
fn scan_widths(text: &[u8], widths: &[usize], values: &mut [i64]) -> bool {
    let mut rest = text;
    for (width, slot) in widths.iter().zip(values) {
        let (field, after) = rest.split_at_checked(*width).unwrap_or((rest, &[]));
        let digits = super::scan::take_digits(field).0;
        match number(digits) {
            Some(value) => *slot = value,
            None => return false,
        }
        rest = after;
    }
    true
}
