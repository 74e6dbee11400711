// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Divides decimals word by word: quotients of whole words, and remainders.
//!
//! A quotient has the fraction words of both operands and as many more as the increment asks for
//! beyond the digits that filling those words up already added. It is cut there, not rounded.
//! Source: `doDivMod` in `pkg/types/mydecimal.go`; the division is Knuth's algorithm D (TAOCP 2,
//! 4.3.1).

use super::words::{WORD_BASE, WORD_DIGITS, WORDS, Words, digit_count, limit_words, words_for};
use super::{Computed, Outcome, SCALE_MAX};

/// Bounds the words of a dividend or divisor that is filled up with zeros.
const LONG: usize = 4 * WORDS;

/// Counts the fraction words of a quotient before it is fitted into the buffer.
pub(super) fn quotient_frac_words(scale_a: u8, scale_b: u8, increment: u8) -> usize {
    let padded_a = words_for(scale_a.into()) * WORD_DIGITS;
    let padded_b = words_for(scale_b.into()) * WORD_DIGITS;
    let added = padded_a - usize::from(scale_a) + padded_b - usize::from(scale_b);
    words_for(padded_a + padded_b + usize::from(increment).saturating_sub(added))
}

/// Counts the fraction digits a quotient keeps of numbers at two scales, while they fit: whole words.
pub fn quotient_scale(scale_a: u8, scale_b: u8, increment: u8) -> usize {
    quotient_frac_words(scale_a, scale_b, increment) * WORD_DIGITS
}

/// Divides `a` by `b`; None for a zero divisor.
pub(super) fn div(a: &Words, b: &Words, increment: u8) -> Option<Computed<Words>> {
    let top_b = b.top_position()?;
    let printed = a.printed.saturating_add(increment).min(SCALE_MAX);
    let Some(top_a) = a.top_position() else {
        return Some(Computed::exact(Words::zero_with_scale(printed)));
    };
    let int = quotient_int_words(a, top_a, b, top_b);
    let frac = quotient_frac_words(a.scale, b.scale, increment);
    let (int, frac, outcome) = limit_words(int, frac);
    let mut value = Words {
        int_digits: (int * WORD_DIGITS) as u8,
        scale: (frac * WORD_DIGITS) as u8,
        printed,
        negative: a.negative != b.negative,
        ..Words::ZERO
    };
    if outcome == Outcome::Overflow {
        return Some(Computed { value, outcome });
    }
    // The room that was left for the integer part bounds the operands' fractions, too: the
    // dividend never has to lose words.
    let raise = (frac + b.frac_words()).saturating_sub(a.frac_words());
    let mut dividend = Long::new(a, raise);
    let quotient = dividend.divide(&Long::new(b, 0));
    for (word, &digit) in
        value.buf[..int + frac].iter_mut().rev().zip(quotient.words().iter().rev())
    {
        *word = digit;
    }
    value.strip_leading_zeros();
    value.negative &= !value.is_zero();
    Some(Computed { value, outcome })
}

/// Computes the remainder of `a` divided by `b`, with the sign of `a`; None for a zero divisor.
pub(super) fn rem(a: &Words, b: &Words) -> Option<Computed<Words>> {
    let top_b = b.top_position()?;
    let printed = a.printed.max(b.printed);
    let Some(top_a) = a.top_position() else {
        return Some(Computed::exact(Words::zero_with_scale(printed)));
    };
    let frac = a.frac_words().max(b.frac_words());
    let mut remainder = Long::new(a, frac - a.frac_words());
    remainder.divide(&Long::new(b, frac - b.frac_words()));
    let at = |position: isize| {
        let from_end = usize::try_from(position + frac as isize).ok()?;
        remainder.words().iter().rev().nth(from_end).copied()
    };

    // The room set aside for the integer part follows the steps of the division, not the value.
    let is_less = a.at(top_a) < b.at(top_b);
    let steps = isize::from(is_less) + quotient_int_words(a, top_a, b, top_b) as isize;
    let is_rest_ahead = steps > 0 && at(top_a - steps + 1).is_some_and(|word| word != 0);
    let first = top_a - steps + isize::from(is_rest_ahead);
    let lead = digit_count(a.at(top_a)) as isize - WORD_DIGITS as isize;
    let int_digits = (first + 1) * WORD_DIGITS as isize + lead;
    let int = if int_digits > 0 { words_for(int_digits as usize) } else { 0 };
    if int_digits / WORD_DIGITS as isize == 0 && int == 0 && frac == 0 {
        return Some(Computed::exact(Words::ZERO));
    }
    if int_digits <= -(DIGITS_GONE) {
        return Some(Computed { value: Words::ZERO, outcome: Outcome::Truncated });
    }
    let (int, kept, outcome) = limit_words(int, frac);
    let mut value = Words {
        int_digits: (int * WORD_DIGITS) as u8,
        scale: a.scale.max(b.scale).min((kept * WORD_DIGITS) as u8),
        printed,
        negative: a.negative,
        ..Words::ZERO
    };
    for (i, word) in value.buf[..int + kept].iter_mut().enumerate() {
        *word = at(int as isize - 1 - i as isize).unwrap_or(0);
    }
    value.strip_leading_zeros();
    value.negative &= !value.is_zero();
    Some(Computed { value, outcome })
}

/// Counts the leading fraction zeros beyond which a remainder is nothing.
const DIGITS_GONE: isize = (WORDS * WORD_DIGITS) as isize;

/// Counts the integer words a quotient is given, from the positions and sizes of the first words.
fn quotient_int_words(a: &Words, top_a: isize, b: &Words, top_b: isize) -> usize {
    let last = top_a - top_b + isize::from(a.at(top_a) >= b.at(top_b));
    usize::try_from(last).unwrap_or(0)
}

/// Is a whole number of many words, the most significant first.
struct Long {
    buf: [u32; LONG],
    len: usize,
}

impl Long {
    /// Takes the words in use of a decimal without its leading zeros, and `zeros` zero words more.
    fn new(decimal: &Words, zeros: usize) -> Long {
        let used = decimal.used();
        let start = used.iter().position(|&word| word != 0).unwrap_or(used.len());
        let used = &used[start..];
        let mut buf = [0; LONG];
        buf[..used.len()].copy_from_slice(used);
        Long { buf, len: (used.len() + zeros).min(LONG) }
    }

    fn words(&self) -> &[u32] {
        &self.buf[..self.len]
    }

    /// Divides by a number that is not zero: returns the quotient, keeps the remainder.
    fn divide(&mut self, divisor: &Long) -> Long {
        let mut quotient = Long { buf: [0; LONG], len: 0 };
        if self.len < divisor.len || divisor.len == 0 {
            return quotient;
        }
        quotient.len = self.len - divisor.len + 1;
        if let [word] = divisor.words() {
            let rest = divide_by_word(self.words(), *word, &mut quotient.buf);
            self.buf[..self.len].fill(0);
            self.buf[self.len - 1] = rest;
            return quotient;
        }
        let base = u64::from(WORD_BASE);
        let factor = base / (u64::from(divisor.buf[0]) + 1);
        let mut rest = [0u32; LONG + 1];
        rest[0] = scale_words(self.words(), factor, &mut rest[1..]);
        let mut by = [0u32; LONG];
        scale_words(divisor.words(), factor, &mut by);
        let by = &by[..divisor.len];
        for (i, digit) in quotient.buf[..quotient.len].iter_mut().enumerate() {
            *digit = subtract_multiple(&mut rest[i..=i + by.len()], by);
        }
        divide_by_word(&rest[1..=self.len], factor as u32, &mut self.buf);
        quotient
    }
}

/// Divides words by one word into `out`; returns the remainder.
fn divide_by_word(words: &[u32], by: u32, out: &mut [u32]) -> u32 {
    let by = u64::from(by);
    let mut rest = 0;
    for (word, out) in words.iter().zip(out) {
        let part = rest * u64::from(WORD_BASE) + u64::from(*word);
        *out = (part / by) as u32;
        rest = part % by;
    }
    rest as u32
}

/// Multiplies words by a factor below the base into `out`; returns the carry.
fn scale_words(words: &[u32], factor: u64, out: &mut [u32]) -> u32 {
    let mut carry = 0;
    for (word, out) in words.iter().zip(out).rev() {
        let part = u64::from(*word) * factor + carry;
        *out = (part % u64::from(WORD_BASE)) as u32;
        carry = part / u64::from(WORD_BASE);
    }
    carry as u32
}

/// Subtracts the greatest multiple of `by` (normalised, two words or more) from `rest`, which is
/// one word longer; returns how many times.
fn subtract_multiple(rest: &mut [u32], by: &[u32]) -> u32 {
    let base = u64::from(WORD_BASE);
    let head = u64::from(rest[0]) * base + u64::from(rest[1]);
    let mut guess = head / u64::from(by[0]);
    let mut over = head % u64::from(by[0]);
    while guess >= base
        || (over < base && guess * u64::from(by[1]) > over * base + u64::from(rest[2]))
    {
        guess -= 1;
        over += u64::from(by[0]);
    }
    let mut borrow = 0;
    for (word, by) in rest[1..].iter_mut().zip(by).rev() {
        let taken = guess * u64::from(*by) + borrow;
        let low = (taken % base) as u32;
        borrow = taken / base + u64::from(*word < low);
        *word = if *word < low { *word + WORD_BASE - low } else { *word - low };
    }
    if u64::from(rest[0]) < borrow {
        guess -= 1;
        let mut carry = 0;
        for (word, by) in rest[1..].iter_mut().zip(by).rev() {
            let sum = *word + by + carry;
            carry = u32::from(sum >= WORD_BASE);
            *word = sum - carry * WORD_BASE;
        }
    }
    rest[0] = 0;
    guess as u32
}
