// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Rounds a decimal of nine words to a scale, which may lie left of the point.
//!
//! Source: `Round` in `pkg/types/mydecimal.go`. What it does to zero, to the nominal count of
//! integer digits and where the buffer is too small is part of the contract, because the next step
//! of an expression sees it.

use super::lanes::POW10_U32;
use super::words::{DIGITS_MAX, WORD_BASE, WORD_DIGITS, WORDS, Words, words_for};
use super::{Computed, Outcome, Rounding};

/// Says how the integer part is laid out after rounding.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Layout {
    /// As it was; TiDB rounds a value in place so.
    Kept,
    /// In whole words; TiDB rounds into another value so.
    WholeWords,
}

/// Rounds to `scale` fraction digits.
pub(super) fn round(source: &Words, scale: i32, mode: Rounding, layout: Layout) -> Computed<Words> {
    let word_digits = WORD_DIGITS as i32;
    let int_words = source.int_words() as i32;
    let frac_words = source.frac_words() as i32;
    let mut scale = scale;
    let mut outcome = Outcome::Exact;
    let mut kept = if scale > 0 {
        scale.saturating_add(word_digits - 1) / word_digits
    } else {
        scale.saturating_add(1) / word_digits
    };
    if int_words + kept > WORDS as i32 {
        kept = WORDS as i32 - int_words;
        scale = kept * word_digits;
        outcome = Outcome::Truncated;
    }
    if scale.saturating_add(source.int_digits.into()) < 0 {
        return Computed::exact(Words::ZERO);
    }
    let mut value = *source;
    if layout == Layout::WholeWords {
        value.int_digits = (int_words.min(WORDS as i32) * word_digits) as u8;
    }
    if scale >= i32::from(source.scale) {
        // Digits below the old scale in its last word come to light; words behind it do not.
        let used = (int_words + frac_words) as usize;
        value.buf[used..(int_words + kept.max(frac_words)) as usize].fill(0);
        value.scale = scale as u8;
        value.printed = value.scale;
        return Computed { value, outcome };
    }

    let last = int_words + kept - 1;
    let Some(last) = cut(&mut value, last, scale, kept, mode) else {
        return Computed::exact(Words::ZERO);
    };
    if kept < frac_words {
        let from = if scale == 0 && int_words == 0 { 1 } else { (int_words + kept) as usize };
        value.buf[from..].fill(0);
    }
    let total = int_words + kept;
    let top = if value.buf[last] >= WORD_BASE {
        carry(&mut value, last, total, &mut scale, &mut outcome)
    } else {
        match value.buf[..=last].iter().rposition(|&word| word != 0) {
            Some(top) => top,
            None => {
                let scale = scale.max(0) as u8;
                // Zero has one integer digit where the buffer has room for it.
                let int_digits = u8::from(words_for(scale.into()) < WORDS);
                let zeros = usize::try_from(kept + 1).unwrap_or(0).min(WORDS);
                // Words out of use stay what they were.
                value.buf[..zeros].fill(0);
                let buf = value.buf;
                return Computed::exact(Words { int_digits, buf, ..Words::zero_with_scale(scale) });
            }
        }
    };
    let odd_digits = usize::from(value.int_digits) % WORD_DIGITS;
    if odd_digits > 0 && value.buf[top] >= POW10_U32[odd_digits] {
        value.int_digits += 1;
    }
    value.scale = scale.max(0) as u8;
    value.printed = value.scale;
    Computed { value, outcome }
}

/// Cuts the word at index `last` at the scale and raises it where the mode says so; returns the
/// index of the word that may have to carry, or None where nothing at all is left.
fn cut(value: &mut Words, last: i32, scale: i32, kept: i32, mode: Rounding) -> Option<usize> {
    let next = (last + 1) as usize;
    if scale != kept * WORD_DIGITS as i32 {
        let last = last as usize;
        let unit = POW10_U32[(kept * WORD_DIGITS as i32 - scale - 1) as usize];
        let digit = value.buf[last] / unit % 10;
        let is_raised = match mode {
            Rounding::HalfUp => digit >= 5,
            Rounding::Truncate => false,
            Rounding::Ceiling => digit > 0,
        };
        let digits = value.buf[last] / unit - digit + if is_raised { 10 } else { 0 };
        value.buf[last] = digits * unit;
        return Some(last);
    }
    let used = value.int_words() + value.frac_words();
    let is_raised = match mode {
        Rounding::HalfUp => value.buf[next] >= WORD_BASE / 2,
        Rounding::Truncate => false,
        Rounding::Ceiling => value.buf[next..used].iter().any(|&word| word != 0),
    };
    match usize::try_from(last) {
        Ok(last) => {
            value.buf[last] += u32::from(is_raised);
            Some(last)
        }
        Err(_) if is_raised => {
            value.buf[0] = WORD_BASE;
            Some(0)
        }
        Err(_) => None,
    }
}

/// Carries from the word at index `last` upwards; returns the index of the word where it ended.
/// `total` is the count of words before.
fn carry(
    value: &mut Words,
    last: usize,
    total: i32,
    scale: &mut i32,
    outcome: &mut Outcome,
) -> usize {
    let int_words = value.int_words() as i32;
    value.buf[last] -= WORD_BASE;
    for index in (0..last).rev() {
        value.buf[index] += 1;
        if value.buf[index] < WORD_BASE {
            return index;
        }
        value.buf[index] = 0;
    }
    let mut kept = total - int_words;
    if total >= WORDS as i32 {
        kept -= 1;
        *scale = kept * WORD_DIGITS as i32;
        *outcome = Outcome::Truncated;
    }
    let end = (int_words + kept.max(0)) as usize;
    if end >= WORDS {
        *outcome = Outcome::Overflow;
    }
    value.buf.copy_within(0..end.min(WORDS - 1), 1);
    value.buf[0] = 1;
    if usize::from(value.int_digits) < DIGITS_MAX {
        value.int_digits += 1;
    } else {
        *outcome = Outcome::Overflow;
    }
    0
}

/// Moves the point by `places` digits to the right (left where negative), rounding half up where
/// the buffer is too small; the result prints what it keeps. On overflow the number is untouched.
///
/// Source: `Shift` in `pkg/types/mydecimal.go`.
pub(super) fn shift(source: &Words, places: i32) -> Computed<Words> {
    if places == 0 {
        return Computed::exact(*source);
    }
    // A spare zero in front takes the carry of rounding.
    let mut digits = [b'0'; DIGITS_MAX + 1];
    let mut plain = [b'0'; DIGITS_MAX];
    let len = source.write_digits(&mut plain) + 1;
    digits[1..].copy_from_slice(&plain);
    let Some(begin) = digits[..len].iter().position(|&digit| digit != b'0') else {
        return Computed::exact(Words::ZERO);
    };
    let end = digits[..len].iter().rposition(|&digit| digit != b'0').map_or(len, |i| i + 1);
    let point = i64::from(source.int_digits) + 1 + i64::from(places);
    let int = (point - begin as i64).max(0) as usize;
    let frac = (end as i64 - point).max(0) as usize;
    let (int_words, mut frac_words) = (words_for(int), words_for(frac));
    let Some(lack) = (int_words + frac_words).checked_sub(WORDS).filter(|&lack| lack > 0) else {
        let value = place(&digits[begin..end], point - begin as i64, frac);
        return Computed::exact(Words { negative: source.negative, ..value });
    };
    if frac_words < lack {
        return Computed { value: *source, outcome: Outcome::Overflow };
    }
    frac_words -= lack;
    let dropped = frac - frac_words * WORD_DIGITS;
    let outcome = Outcome::Truncated;
    if end <= begin + dropped {
        return Computed { value: Words::ZERO, outcome };
    }
    let (start, stop) = round_digits(&mut digits, begin, end - dropped);
    let int = point - start as i64;
    if words_for(int.max(0) as usize) + frac_words > WORDS {
        let Some(fewer) = frac_words.checked_sub(1) else {
            return Computed { value: *source, outcome: Outcome::Overflow };
        };
        frac_words = fewer;
    }
    let value = place(&digits[start..stop], int, frac_words * WORD_DIGITS);
    Computed { value: Words { negative: source.negative, ..value }, outcome }
}

/// Rounds digits `begin..end` by the digit at `end`; returns the bounds after it, which lie one
/// digit further left where the carry made a new one. `begin` is not 0.
fn round_digits(digits: &mut [u8], begin: usize, end: usize) -> (usize, usize) {
    if digits[end] < b'5' {
        return (begin, end);
    }
    for index in (begin - 1..end).rev() {
        if digits[index] < b'9' {
            digits[index] += 1;
            return (begin.min(index), end);
        }
        digits[index] = b'0';
    }
    (begin, end)
}

/// Lays digits out with `int` of them before the point (which may lie outside) and `frac` behind;
/// both parts fit the buffer.
fn place(digits: &[u8], int: i64, frac: usize) -> Words {
    let mut wide = [b'0'; 2 * DIGITS_MAX];
    let before = int.max(0) as usize;
    let lead = (-int).max(0) as usize;
    for (slot, digit) in wide[..before + frac].iter_mut().skip(lead).zip(digits) {
        *slot = *digit;
    }
    Words::from_digits(&wide[..before], &wide[before..before + frac])
}
