// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Splits the text of a date and time into its parts, its fraction and its zone.
//!
//! The rules look back from the end: first for a zone suffix, then for the last punctuation, which
//! starts a fraction if it is a point; what is left is cut at separators. Whether fraction and zone
//! really are that, or two more parts (`2020.01.02`), depends on how many parts there are, so the
//! reader may take them back. Source: TiDB `splitDateTime`, `GetTimezone`, `ParseDateFormat`.

use super::scan::{is_punctuation, take_digits, trim};

/// Is the zone suffix of a text, as far as it has parts.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct ZoneSuffix<'a> {
    /// Where it starts; nothing if there is none.
    pub(super) start: Option<usize>,
    /// `+` or `-`; nothing for `Z`.
    pub(super) sign: Option<u8>,
    pub(super) hour: Option<&'a [u8]>,
    pub(super) minute: Option<&'a [u8]>,
    /// Tells whether a colon stands before the minute.
    pub(super) has_colon: bool,
}

/// Finds a zone suffix: `Z`, `+hh`, `+hhmm` or `+hh:mm`.
pub(super) fn zone_suffix(text: &[u8]) -> ZoneSuffix<'_> {
    let none = ZoneSuffix::default();
    let length = text.len();
    let mut zulu = None;
    let mut sign_at = None;
    let mut colon_at = None;
    for (i, byte) in text.iter().enumerate().rev() {
        match byte {
            b'Z' => {
                zulu = Some(i);
                break;
            }
            b'+' | b'-' if sign_at.is_none() => sign_at = Some(i),
            b':' if colon_at.is_none() => colon_at = Some(i),
            _ => {}
        }
    }
    let from_end = |at: Option<usize>| at.map(|i| length - i);
    // TiDB's look-up by positions misses a `Z` after one, three or four bytes.
    let ends_in_zulu = from_end(zulu) == Some(1) && !matches!(length, 2 | 4 | 5);
    let has_colon = from_end(colon_at) == Some(3);
    let (hour_back, minute_back) = match (ends_in_zulu, from_end(sign_at), has_colon) {
        (true, None, false) => (None, None),
        (false, Some(3), false) => (Some(2), None),
        (false, Some(5), false) => (Some(4), Some(2)),
        (false, Some(6), true) => (Some(5), Some(2)),
        _ => return none,
    };
    let two_digits = |back: Option<usize>| -> Result<Option<&[u8]>, ()> {
        let Some(back) = back else { return Ok(None) };
        let at = length - back;
        let digits = text.get(at..at + 2).ok_or(())?;
        if digits.iter().all(u8::is_ascii_digit) { Ok(Some(digits)) } else { Err(()) }
    };
    let (Ok(hour), Ok(minute)) = (two_digits(hour_back), two_digits(minute_back)) else {
        return none;
    };
    ZoneSuffix {
        start: zulu.or(sign_at),
        sign: sign_at.and_then(|i| text.get(i)).copied(),
        hour,
        minute,
        has_colon,
    }
}

/// Finds the point before a fraction: the last punctuation before a zone suffix, signs aside.
pub(super) fn fraction_point(text: &[u8]) -> Option<usize> {
    let end = zone_suffix(text).start.unwrap_or(text.len());
    let is_mark = |b: &u8| is_punctuation(*b) && !matches!(b, b'+' | b'-');
    let at = text.get(..end)?.iter().rposition(is_mark)?;
    (text.get(at) == Some(&b'.')).then_some(at)
}

/// Holds the parts between separators; from the seventh on only their number matters.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Parts<'a> {
    items: [&'a [u8]; 8],
    len: usize,
}

impl<'a> Parts<'a> {
    pub(super) fn push(&mut self, part: &'a [u8]) {
        if let Some(slot) = self.items.get_mut(self.len) {
            *slot = part;
            self.len += 1;
        }
    }

    pub(super) fn as_slice(&self) -> &[&'a [u8]] {
        self.items.get(..self.len).unwrap_or_default()
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }
}

/// Tells whether a byte separates parts, `before` parts standing before it: punctuation always,
/// a space or `T` between date and time, anything but a digit after the fifth part.
fn is_separator(byte: u8, before: usize) -> bool {
    is_punctuation(byte)
        || (before == 2 && matches!(byte, b'T' | b' ' | b'\t'..=b'\r'))
        || (before > 4 && !byte.is_ascii_digit())
}

/// Cuts a text at its separators; no parts if it does not start with a digit or holds what is
/// neither digit nor separator. The last byte is not looked at.
pub(super) fn split_parts(text: &[u8]) -> Parts<'_> {
    let text = trim(text);
    let mut parts = Parts::default();
    if !text.first().is_some_and(u8::is_ascii_digit) {
        return parts;
    }
    let byte = |i: usize| text.get(i).copied();
    let mut start = 0;
    let mut i = 1;
    while i + 1 < text.len() {
        let Some(b) = byte(i) else { break };
        if is_separator(b, parts.len()) {
            let before = parts.len();
            parts.push(text.get(start..i).unwrap_or_default());
            i += 1;
            while byte(i).is_some_and(|b| is_separator(b, before)) {
                i += 1;
            }
            start = i;
            continue;
        }
        if !b.is_ascii_digit() {
            return Parts::default();
        }
        i += 1;
    }
    parts.push(text.get(start..).unwrap_or_default());
    parts
}

/// Is a text taken apart.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Split<'a> {
    pub(super) parts: Parts<'a>,
    pub(super) fraction: &'a [u8],
    pub(super) zone: Option<ZoneSuffix<'a>>,
    /// Tells whether something other than digits follows the fraction.
    pub(super) has_rest: bool,
}

/// Takes a text apart.
pub(super) fn split(text: &[u8]) -> Split<'_> {
    let mut split = Split::default();
    let mut rest = text;
    let suffix = zone_suffix(text);
    if let Some(start) = suffix.start.filter(|s| *s > 0) {
        split.zone = Some(suffix);
        rest = without_last_marks(text.get(..start).unwrap_or_default());
    }
    if let Some(point) = fraction_point(rest).filter(|p| *p > 0) {
        let (digits, after) = take_digits(rest.get(point + 1..).unwrap_or_default());
        split.fraction = digits;
        split.has_rest = !after.is_empty();
        rest = without_last_marks(rest.get(..point).unwrap_or_default());
    }
    split.parts = split_parts(rest);
    split
}

fn without_last_marks(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|b| !is_punctuation(*b)).map_or(0, |i| i + 1);
    text.get(..end).unwrap_or_default()
}
