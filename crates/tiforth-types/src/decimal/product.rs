// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Multiplies decimals word by word.
//!
//! A product keeps all its fraction words while they fit, but calls only 31 digits its own; the
//! digits behind stay in the buffer and count in later steps. Where the words do not fit, fraction
//! words of the factors (even an integer word of one without fraction) are left out.
//! Source: `DecimalMul` in `pkg/types/mydecimal.go`.

use super::lanes::{POW10_I64, POW10_I128};
use super::plain::Plain;
use super::words::{
    PRODUCT_SCALE_MAX, WORD_BASE, WORD_DIGITS, WORDS, Words, limit_words, words_for,
};
use super::{Computed, Outcome, SCALE_MAX};

/// Says what of two factors counts, and how their product is laid out.
struct Layout {
    value: Words,
    /// The words of the product.
    len: usize,
    /// The fraction words kept of each factor; below zero, integer words are left out too.
    kept: [isize; 2],
    outcome: Outcome,
}

impl Layout {
    /// Lays the product of factors of so many integer digits and such scales out.
    fn new(int_digits: [u8; 2], scales: [u8; 2], printed: [u8; 2], negative: bool) -> Self {
        let [mut frac_a, mut frac_b] = scales.map(|scale| words_for(scale.into()) as isize);
        let wanted_frac = (frac_a + frac_b) as usize;
        let wanted_int = words_for(usize::from(int_digits[0]) + usize::from(int_digits[1]));
        let (int, frac, outcome) = limit_words(wanted_int, wanted_frac);
        let mut value = Words {
            int_digits: (int * WORD_DIGITS) as u8,
            scale: scales[0].saturating_add(scales[1]).min(PRODUCT_SCALE_MAX),
            printed: printed[0].saturating_add(printed[1]).min(SCALE_MAX),
            negative,
            ..Words::ZERO
        };
        if outcome == Outcome::Truncated {
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
        Layout { value, len: int + frac, kept: [frac_a, frac_b], outcome }
    }

    /// Returns the product, after its words are there.
    fn finished(self) -> Computed<Words> {
        let Layout { mut value, len, outcome, .. } = self;
        if value.negative && value.buf[..len].iter().all(|&word| word == 0) {
            value = Words::zero_with_scale(value.printed);
        }
        drop_leading_words(&mut value);
        Computed { value, outcome }
    }

    /// Returns what there is of a product that is too great.
    fn overflowed(self) -> Computed<Words> {
        Computed { value: self.value, outcome: Outcome::Overflow }
    }
}

/// Multiplies two decimals.
pub(super) fn mul(a: &Words, b: &Words) -> Computed<Words> {
    let (int_digits, scales) = ([a.int_digits, b.int_digits], [a.scale, b.scale]);
    let is_negative = a.negative != b.negative;
    let mut layout = Layout::new(int_digits, scales, [a.printed, b.printed], is_negative);
    let ([kept_a, kept_b], len) = (layout.kept, layout.len);
    if layout.outcome == Outcome::Overflow
        || !multiply_into(&mut layout.value.buf, a, -kept_a, b, -kept_b, len)
    {
        return layout.overflowed();
    }
    layout.finished()
}

/// Multiplies two decimals that are one whole number each, as [`mul`] multiplies their words.
pub(super) fn mul_plain(a: Plain, b: Plain) -> Computed<Words> {
    let (int_digits, scales) = ([a.int_digits, b.int_digits], [a.scale, b.scale]);
    let is_negative = (a.mantissa < 0) != (b.mantissa < 0);
    let mut layout = Layout::new(int_digits, scales, [a.printed, b.printed], is_negative);
    if layout.outcome == Outcome::Overflow {
        return layout.overflowed();
    }
    let (a, b) = (digits_of(a, layout.kept[0]), digits_of(b, layout.kept[1]));
    if !write_words(&product_of(a, b), &mut layout.value.buf[..layout.len]) {
        return layout.overflowed();
    }
    layout.finished()
}

/// Is the base that pairs of words are digits to.
const PAIR_BASE: u64 = WORD_BASE as u64 * WORD_BASE as u64;
const PAIR_DIGITS: usize = 2 * WORD_DIGITS;

/// Divides two limbs by a number of 64 bits that stays, without the instruction for it (Möller and
/// Granlund, "Improved division by invariant integers", 2011).
#[derive(Clone, Copy)]
struct Divisor {
    /// Moved up until its first bit is set.
    moved: u64,
    shift: u32,
    /// Is 2^128 / `moved` without its first bit.
    reciprocal: u64,
}

impl Divisor {
    const fn new(number: u64) -> Self {
        let shift = number.leading_zeros();
        let moved = number << shift;
        Divisor { moved, shift, reciprocal: (u128::MAX / moved as u128) as u64 }
    }

    /// Divides a number whose quotient fits 64 bits; gives quotient and remainder.
    #[inline(always)]
    fn divide(self, number: u128) -> (u64, u64) {
        let (quotient, rest) = self.step(number << self.shift);
        (quotient, rest >> self.shift)
    }

    /// Divides any number.
    #[inline(always)]
    fn divide_long(self, number: u128) -> (u128, u64) {
        let above = if self.shift == 0 { 0 } else { (number >> 64) as u64 >> (64 - self.shift) };
        let number = number << self.shift;
        let (high, rest) = self.step(u128::from(above) << 64 | number >> 64);
        let (low, rest) = self.step(u128::from(rest) << 64 | u128::from(number as u64));
        (u128::from(high) << 64 | u128::from(low), rest >> self.shift)
    }

    /// Divides what was moved, of which the upper limb is less than the divisor.
    #[inline(always)]
    fn step(self, number: u128) -> (u64, u64) {
        let estimate = u128::from(self.reciprocal) * (number >> 64) + number;
        let quotient = ((estimate >> 64) as u64).wrapping_add(1);
        let rest = (number as u64).wrapping_sub(quotient.wrapping_mul(self.moved));
        let is_much = rest > estimate as u64;
        let quotient = quotient.wrapping_sub(is_much.into());
        let rest = if is_much { rest.wrapping_add(self.moved) } else { rest };
        if rest >= self.moved { (quotient + 1, rest - self.moved) } else { (quotient, rest) }
    }
}

const PAIR: Divisor = Divisor::new(PAIR_BASE);

/// Holds the divisors 10^0 to 10^18.
static TENS: [Divisor; PAIR_DIGITS + 1] = {
    let mut tens = [Divisor::new(1); PAIR_DIGITS + 1];
    let mut i = 0;
    while i < tens.len() {
        tens[i] = Divisor::new(POW10_I64[i] as u64);
        i += 1;
    }
    tens
};

/// Returns what is kept of a factor's magnitude, in units of its last kept word, as digits to the base of
/// pairs, the least significant first.
#[inline(always)]
fn digits_of(factor: Plain, words: isize) -> [u64; 3] {
    let magnitude = factor.mantissa.unsigned_abs();
    let places = words * WORD_DIGITS as isize - isize::from(factor.scale);
    let (rest, last) = match usize::try_from(places) {
        // The last digit is completed by zeros.
        Ok(places) => {
            let (rest, last) = TENS[PAIR_DIGITS - places].divide_long(magnitude);
            (rest, last * POW10_I64[places].unsigned_abs())
        }
        Err(_) => {
            let dropped = places.unsigned_abs();
            let kept = match (TENS.get(dropped), POW10_I128.get(dropped)) {
                (Some(unit), _) => unit.divide_long(magnitude).0,
                (None, Some(unit)) => magnitude / unit.unsigned_abs(),
                (None, None) => 0,
            };
            PAIR.divide_long(kept)
        }
    };
    let (upper, middle) = PAIR.divide(rest);
    [last, middle, upper]
}

/// Multiplies digits to the base of pairs.
#[inline(always)]
fn product_of(a: [u64; 3], b: [u64; 3]) -> [u64; 6] {
    let product = |i: usize, j: usize| u128::from(a[i]) * u128::from(b[j]);
    let (carry_0, digit_0) = PAIR.divide(product(0, 0));
    let (carry_1, digit_1) = PAIR.divide(product(0, 1) + product(1, 0));
    let (carry_2, digit_2) = PAIR.divide(product(0, 2) + product(1, 1) + product(2, 0));
    let (carry_3, digit_3) = PAIR.divide(product(1, 2) + product(2, 1));
    let (carry_4, digit_4) = PAIR.divide(product(2, 2));
    // Each sum is a few times the base at most.
    let split = |sum: u64| (sum / PAIR_BASE, sum % PAIR_BASE);
    let (carry, digit_1) = split(digit_1 + carry_0);
    let (carry, digit_2) = split(digit_2 + carry_1 + carry);
    let (carry, digit_3) = split(digit_3 + carry_2 + carry);
    let (carry, digit_4) = split(digit_4 + carry_3 + carry);
    [digit_0, digit_1, digit_2, digit_3, digit_4, carry_4 + carry]
}

/// Writes digits to the base of pairs in words, the last one last; false where they are too few.
#[inline(always)]
fn write_words(digits: &[u64; 6], words: &mut [u32]) -> bool {
    let mut all = [0u32; 12];
    for (pair, digit) in all.as_chunks_mut::<2>().0.iter_mut().rev().zip(digits) {
        *pair = [(digit / u64::from(WORD_BASE)) as u32, (digit % u64::from(WORD_BASE)) as u32];
    }
    let (above, kept) = all.split_at(all.len() - words.len());
    words.copy_from_slice(kept);
    above.iter().all(|&word| word == 0)
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
