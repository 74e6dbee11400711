// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Adds and subtracts decimals word by word.
//!
//! The result has an integer word more than its operands as soon as their first words might carry,
//! whether they do or not; where that leaves no room, the fraction loses its last word.
//! Source: `doAdd`, `doSub` in `pkg/types/mydecimal.go`.

use std::cmp::Ordering;

use super::words::{WORD_BASE, WORD_DIGITS, Words, limit_words};
use super::{Computed, Outcome};

/// Adds two decimals.
pub(super) fn add(a: &Words, b: &Words) -> Computed<Words> {
    if a.negative == b.negative { add_magnitudes(a, b) } else { subtract_magnitudes(a, b) }
}

/// Subtracts `b` from `a`.
pub(super) fn sub(a: &Words, b: &Words) -> Computed<Words> {
    if a.negative == b.negative { subtract_magnitudes(a, b) } else { add_magnitudes(a, b) }
}

/// Adds the magnitudes and takes the sign of `a`.
fn add_magnitudes(a: &Words, b: &Words) -> Computed<Words> {
    let printed = a.printed.max(b.printed);
    let head = match a.int_words().cmp(&b.int_words()) {
        Ordering::Greater => a.buf[0],
        Ordering::Less => b.buf[0],
        Ordering::Equal => a.buf[0] + b.buf[0],
    };
    let int = a.int_words().max(b.int_words()) + usize::from(head >= WORD_BASE - 1);
    let (int, frac, outcome) = limit_words(int, a.frac_words().max(b.frac_words()));
    if outcome == Outcome::Overflow {
        return Computed { value: Words { printed, ..Words::nines() }, outcome };
    }
    let mut value = Words {
        int_digits: (int * WORD_DIGITS) as u8,
        scale: a.scale.max(b.scale).min((frac * WORD_DIGITS) as u8),
        printed,
        negative: a.negative,
        ..Words::ZERO
    };
    let mut carry = 0;
    for (i, word) in value.buf[..int + frac].iter_mut().enumerate().rev() {
        let position = int as isize - 1 - i as isize;
        let sum = a.at(position) + b.at(position) + carry;
        carry = u32::from(sum >= WORD_BASE);
        *word = if carry > 0 { sum - WORD_BASE } else { sum };
    }
    Computed { value, outcome }
}

/// Subtracts the smaller magnitude from the greater; the sign says which of them `a` was.
fn subtract_magnitudes(a: &Words, b: &Words) -> Computed<Words> {
    let printed = a.printed.max(b.printed);
    let (greater, smaller, negative) = match a.cmp_magnitude(b) {
        Ordering::Equal => return Computed::exact(Words::zero_with_scale(printed)),
        Ordering::Greater => (a, b, a.negative),
        Ordering::Less => (b, a, !a.negative),
    };
    let int = greater.top_position().map_or(0, |top| (top + 1).max(0) as usize);
    let (int, frac, outcome) = limit_words(int, a.frac_words().max(b.frac_words()));
    let mut value = Words {
        int_digits: (int * WORD_DIGITS) as u8,
        scale: a.scale.max(b.scale).min((frac * WORD_DIGITS) as u8),
        printed,
        negative,
        ..Words::ZERO
    };
    let mut borrow = 0;
    for (i, word) in value.buf[..int + frac].iter_mut().enumerate().rev() {
        let position = int as isize - 1 - i as isize;
        let taken = smaller.at(position) + borrow;
        let from = greater.at(position);
        borrow = u32::from(from < taken);
        *word = from + borrow * WORD_BASE - taken;
    }
    Computed { value, outcome }
}
