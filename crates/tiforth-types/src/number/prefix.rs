// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Finds the part of a text that is read as a number.

/// Removes white space from both ends, by Unicode's rule; a byte that is no UTF-8 ends the search.
pub fn trim_space(text: &[u8]) -> &[u8] {
    let is_plain = |b: Option<&u8>| b.is_none_or(|b| *b > b' ' && *b < 0x80);
    if is_plain(text.first()) && is_plain(text.last()) {
        return text;
    }
    let is_ascii_space = |b: &u8| matches!(b, b' ' | b'\t' | b'\n' | 0x0b | 0x0c | b'\r');
    let start = text.iter().position(|b| !is_ascii_space(b)).unwrap_or(text.len());
    let text = text.get(start..).unwrap_or_default();
    let end = text.iter().rposition(|b| !is_ascii_space(b)).map_or(0, |i| i + 1);
    let text = text.get(..end).unwrap_or_default();
    if is_plain(text.first()) && is_plain(text.last()) { text } else { trim_unicode(text) }
}

#[cold]
fn trim_unicode(text: &[u8]) -> &[u8] {
    let head = match std::str::from_utf8(text) {
        Ok(all) => return all.trim().as_bytes(),
        Err(e) => text.get(..e.valid_up_to()).unwrap_or_default(),
    };
    let kept = std::str::from_utf8(head).map_or(0, |s| s.trim_start().len());
    let text = text.get(head.len() - kept..).unwrap_or_default();
    // The last four bytes hold the whole last character, if they hold one.
    let mut end = text.len();
    while let Some(width) = last_space_width(text.get(..end).unwrap_or_default()) {
        end -= width;
    }
    text.get(..end).unwrap_or_default()
}

fn last_space_width(text: &[u8]) -> Option<usize> {
    (1..=text.len().min(4)).find(|width| {
        let tail = text.get(text.len() - width..).unwrap_or_default();
        std::str::from_utf8(tail).is_ok_and(|s| s.chars().all(char::is_whitespace))
    })
}

/// Returns how many bytes of `text` are an integer: an optional sign and digits. A sign alone
/// counts as nothing.
pub fn int_prefix(text: &[u8]) -> usize {
    let sign = usize::from(matches!(text.first(), Some(b'+' | b'-')));
    let digits =
        text.get(sign..).unwrap_or_default().iter().take_while(|b| b.is_ascii_digit()).count();
    if digits == 0 { 0 } else { sign + digits }
}

/// Says how much of a text is a decimal number, with point and exponent.
pub(super) struct FloatPrefix {
    /// The bytes that are a number; 0 if there is none.
    pub(super) valid: usize,
    /// The bytes of the text that are looked at: a zero byte cuts the text at the number's end.
    pub(super) shown: usize,
}

impl FloatPrefix {
    /// Tells whether something that is no number was left out, or everything was.
    pub(super) fn is_truncated(&self) -> bool {
        self.valid == 0 || self.valid != self.shown
    }
}

/// Finds the longest prefix that is a number: sign, digits, one point, one exponent with digits.
pub(super) fn float_prefix(text: &[u8]) -> FloatPrefix {
    let mut valid = 0;
    let (mut saw_dot, mut saw_digit) = (false, false);
    let mut exponent = None;
    for (i, &byte) in text.iter().enumerate() {
        match byte {
            b'0'..=b'9' => {
                saw_digit = true;
                valid = i + 1;
            }
            b'+' | b'-' if i == 0 || exponent.is_some_and(|e: usize| i == e + 1) => {}
            b'.' if !saw_dot && exponent.is_none() => {
                saw_dot = true;
                if saw_digit {
                    valid = i + 1;
                }
            }
            b'e' | b'E' if saw_digit && exponent.is_none() => exponent = Some(i),
            0 => return FloatPrefix { valid, shown: valid },
            _ => break,
        }
    }
    FloatPrefix { valid, shown: text.len() }
}
