// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Multiplies decimals word by word.
//!
//! A product keeps all its fraction words while they fit, but calls only 31 digits its own; the
//! digits behind stay in the buffer and count in later steps. Where the words do not fit, fraction
//! words of the factors (even an integer word of one without fraction) are left out.
//! Source: `DecimalMul` in `pkg/types/mydecimal.go`.

use super::words::{WORD_BASE, WORD_DIGITS, WORDS, Words, limit_words, words_for};
use super::{Computed, Outcome, SCALE_MAX};

/// Bounds the digits a product calls its own.
pub(super) const PRODUCT_SCALE_MAX: u8 = 31;

/// Multiplies two decimals.
pub(super) fn mul(a: &Words, b: &Words) -> Computed<Words> {
    let (mut frac_a, mut frac_b) = (a.frac_words() as isize, b.frac_words() as isize);
    let wanted_frac = a.frac_words() + b.frac_words();
    let wanted_int = words_for(usize::from(a.int_digits) + usize::from(b.int_digits));
    let (int, frac, outcome) = limit_words(wanted_int, wanted_frac);
    let printed = a.printed.saturating_add(b.printed).min(SCALE_MAX);
    let mut value = Words {
        int_digits: (int * WORD_DIGITS) as u8,
        scale: a.scale.saturating_add(b.scale).min(PRODUCT_SCALE_MAX),
        printed,
        negative: a.negative != b.negative,
        ..Words::ZERO
    };
    match outcome {
        Outcome::Exact => {}
        Outcome::Overflow => return Computed { value, outcome },
        Outcome::Truncated => {
            value.scale = value.scale.min((frac * WORD_DIGITS) as u8);
            let dropped = (wanted_frac - frac) as isize;
            let (less, more) = (dropped / 2, dropped - dropped / 2);
            if frac_a <= frac_b {
                frac_a -= less;
                frac_b -= more;
            } else {
                frac_b -= less;
                frac_a -= more;
            }
        }
    }
    if !multiply_into(&mut value.buf, a, -frac_a, b, -frac_b, int + frac) {
        return Computed { value, outcome: Outcome::Overflow };
    }
    if value.negative && value.buf[..int + frac].iter().all(|&word| word == 0) {
        value = Words::zero_with_scale(printed);
    }
    drop_leading_words(&mut value);
    Computed { value, outcome }
}

/// Multiplies the words of `a` from position `low_a` and of `b` from `low_b` upwards; the lowest
/// product word goes to `buf[len - 1]`. Returns false where digits are left above `buf[0]`.
fn multiply_into(
    buf: &mut [u32; WORDS],
    a: &Words,
    low_a: isize,
    b: &Words,
    low_b: isize,
    len: usize,
) -> bool {
    let mut sums = [0u64; 2 * WORDS + 2];
    for (i, pa) in (low_a..a.int_words() as isize).enumerate() {
        let factor = u64::from(a.at(pa));
        if factor == 0 {
            continue;
        }
        let mut carry = 0;
        for (j, pb) in (low_b..b.int_words() as isize).enumerate() {
            let sum = sums[i + j] + factor * u64::from(b.at(pb)) + carry;
            sums[i + j] = sum % u64::from(WORD_BASE);
            carry = sum / u64::from(WORD_BASE);
        }
        let top = (b.int_words() as isize - low_b).max(0) as usize;
        for sum in &mut sums[i + top..] {
            if carry == 0 {
                break;
            }
            *sum += carry;
            carry = *sum / u64::from(WORD_BASE);
            *sum %= u64::from(WORD_BASE);
        }
    }
    for (word, &sum) in buf[..len].iter_mut().rev().zip(&sums) {
        *word = sum as u32;
    }
    sums[len..].iter().all(|&sum| sum == 0)
}

/// Drops leading zero words but the last integer word; words behind the scale stay where they are.
fn drop_leading_words(value: &mut Words) {
    let integer = value.int_words();
    let moved = integer + value.frac_words();
    let zeros = value.buf[..integer].iter().take_while(|&&word| word == 0).count();
    let dropped = zeros.min(integer.saturating_sub(1));
    if dropped > 0 {
        value.buf.copy_within(dropped..moved.min(WORDS), 0);
        value.int_digits -= (dropped * WORD_DIGITS) as u8;
    }
}
