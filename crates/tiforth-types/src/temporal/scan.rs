// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Cuts bytes the way TiDB's readers do: digits, spaces, punctuation.

/// Tells whether the byte is ASCII punctuation, which separates the parts of a date.
#[inline]
pub(super) fn is_punctuation(byte: u8) -> bool {
    byte.is_ascii_punctuation()
}

/// Tells whether the byte, taken for a Latin-1 character, is a space. TiDB reads TIME texts bytewise.
#[inline]
pub(super) fn is_space_byte(byte: u8) -> bool {
    matches!(byte, b'\t'..=b'\r' | b' ' | 0x85 | 0xa0)
}

/// Tells whether the byte, taken for a Latin-1 character, is punctuation and no symbol.
#[inline]
pub(super) fn is_punctuation_mark(byte: u8) -> bool {
    match byte {
        b'$' | b'+' | b'<' | b'=' | b'>' | b'^' | b'`' | b'|' | b'~' => false,
        0xa1 | 0xa7 | 0xab | 0xb6 | 0xb7 | 0xbb | 0xbf => true,
        _ => byte.is_ascii_punctuation(),
    }
}

/// Tells whether the character is punctuation and no symbol (Unicode's categories P, as far as the
/// blocks below 3040 and the full-width forms go).
pub(super) fn is_punctuation_character(c: char) -> bool {
    match u32::from(c) {
        code @ 0..=0xff => u8::try_from(code).is_ok_and(is_punctuation_mark),
        0x2010..=0x2027 | 0x2030..=0x2043 | 0x2045..=0x2051 | 0x2053..=0x205e => true,
        0x3001..=0x3003 | 0x3008..=0x3011 | 0x3014..=0x301f | 0x3030 | 0x303d => true,
        0xff01..=0xff0f => !matches!(code_offset(c), 0x04 | 0x0b),
        0xff1a | 0xff1b | 0xff1f | 0xff20 | 0xff3b..=0xff3d | 0xff3f | 0xff5b | 0xff5d => true,
        0xff5f..=0xff65 => true,
        _ => false,
    }
}

/// Returns the ASCII column of a full-width form.
fn code_offset(c: char) -> u32 {
    u32::from(c) & 0x1f
}

/// Splits after the leading bytes that satisfy `accepts`.
#[inline]
pub(super) fn take_while(text: &[u8], accepts: impl Fn(u8) -> bool) -> (&[u8], &[u8]) {
    let end = text.iter().position(|b| !accepts(*b)).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, &[]))
}

/// Splits after the leading digits.
#[inline]
pub(super) fn take_digits(text: &[u8]) -> (&[u8], &[u8]) {
    take_while(text, |b| b.is_ascii_digit())
}

/// Returns the number that the digits make; nothing if there is none, another byte, or 64 bits do
/// not hold it.
#[inline]
pub(super) fn number(digits: &[u8]) -> Option<i64> {
    if digits.is_empty() {
        return None;
    }
    let mut value = 0i64;
    for byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value.checked_mul(10)?.checked_add(i64::from(digit))?;
    }
    Some(value)
}

/// Removes white space, Unicode's included, from both ends.
#[inline]
pub(super) fn trim(text: &[u8]) -> &[u8] {
    trim_end(trim_start(text))
}

/// Removes white space, Unicode's included, from the start.
#[inline]
pub(super) fn trim_start(text: &[u8]) -> &[u8] {
    match text.first() {
        Some(b) if *b > b' ' && *b < 0x80 => text,
        None => text,
        Some(_) => {
            let valid = text.utf8_chunks().next().map_or("", |c| c.valid());
            text.get(valid.len() - valid.trim_start().len()..).unwrap_or_default()
        }
    }
}

fn trim_end(text: &[u8]) -> &[u8] {
    match text.last() {
        Some(b) if *b > b' ' && *b < 0x80 => text,
        None => text,
        Some(_) => {
            let valid = match text.utf8_chunks().last() {
                Some(chunk) if chunk.invalid().is_empty() => chunk.valid(),
                _ => "",
            };
            let cut = valid.len() - valid.trim_end().len();
            text.get(..text.len() - cut).unwrap_or_default()
        }
    }
}
