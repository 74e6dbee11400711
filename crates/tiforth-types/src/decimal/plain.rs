// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Computes with decimals that are one whole number below 10^38 at a scale up to 36.
//!
//! Every function gives up (None) where the words would truncate, overflow, keep digits below the
//! scale or give a zero a sign; the words then compute the same. That both agree where this one
//! answers, down to the nominal count of integer digits, is a property the tests check.

use std::cmp::Ordering;

use super::lanes::{POW10_I128, POW10_U32, pow10_i128, round_half_up_i128};
use super::quotient::quotient_frac_words;
use super::rounding::Layout;
use super::words::{PRODUCT_SCALE_MAX, WORD_BASE, WORD_DIGITS, WORDS, Words, words_for};
use super::{Rounding, SCALE_MAX};

/// Bounds the digits of a plain mantissa.
const PLAIN_DIGITS: usize = 38;
/// Bounds the scale of a plain decimal: four words.
pub(super) const PLAIN_SCALE_MAX: u8 = 36;
/// Is one more than the greatest plain mantissa.
pub(super) const PLAIN_BOUND: i128 = POW10_I128[PLAIN_DIGITS];

/// Is a decimal as one whole number. `int_digits` is nominal, as in [`Words`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Plain {
    pub(super) mantissa: i128,
    pub(super) int_digits: u8,
    pub(super) scale: u8,
    pub(super) printed: u8,
}

/// Counts the digits of a magnitude; zero has none.
#[inline]
pub(super) fn digits_of(magnitude: u128) -> usize {
    // 1233/4096 is the decimal logarithm of 2, as far as 128 bits tell: one digit too few at most.
    let digits = (((u128::BITS - magnitude.leading_zeros()) * 1_233) >> 12) as usize;
    digits + usize::from(POW10_I128.get(digits).is_some_and(|p| magnitude >= p.unsigned_abs()))
}

/// Lets a mantissa through that is plain.
fn bounded(mantissa: i128) -> Option<i128> {
    (mantissa.unsigned_abs() < PLAIN_BOUND.unsigned_abs()).then_some(mantissa)
}

impl Plain {
    /// Is zero with a scale.
    fn zero_with_scale(scale: u8) -> Option<Plain> {
        (scale <= PLAIN_SCALE_MAX).then_some(Plain {
            mantissa: 0,
            int_digits: 0,
            scale,
            printed: scale,
        })
    }

    /// Counts the integer digits without leading zeros.
    #[inline]
    pub(super) fn significant_int_digits(&self) -> usize {
        digits_of(self.mantissa.unsigned_abs()).saturating_sub(self.scale.into())
    }

    /// Counts the integer words without leading zero words.
    fn significant_int_words(&self) -> usize {
        words_for(self.significant_int_digits())
    }

    fn int_words(&self) -> usize {
        words_for(self.int_digits.into())
    }

    fn frac_words(&self) -> usize {
        words_for(self.scale.into())
    }

    fn is_negative(&self) -> bool {
        self.mantissa < 0
    }

    /// Lays the number out in words.
    pub(super) fn to_words(self) -> Words {
        let mut out = Words {
            int_digits: self.int_digits,
            scale: self.scale,
            printed: self.printed,
            negative: self.is_negative(),
            ..Words::ZERO
        };
        let (int_words, frac_words) = (self.int_words(), self.frac_words());
        let padding = frac_words * WORD_DIGITS - usize::from(self.scale);
        let magnitude = self.mantissa.unsigned_abs();
        let unit = POW10_I128[usize::from(self.scale)].unsigned_abs();
        let (mut int, frac) = if self.scale == 0 {
            (magnitude, 0)
        } else if let (Ok(short), Ok(unit)) = (u64::try_from(magnitude), u64::try_from(unit)) {
            (u128::from(short / unit), u128::from(short % unit))
        } else {
            (magnitude / unit, magnitude % unit)
        };
        let mut frac = frac * POW10_I128[padding].unsigned_abs();
        for word in out.buf[int_words..int_words + frac_words].iter_mut().rev() {
            *word = take_word(&mut frac);
        }
        for word in out.buf[..int_words].iter_mut().rev() {
            *word = take_word(&mut int);
        }
        out
    }

    /// Takes words that are plain: of 38 digits at most, nothing below the scale, no negative zero.
    pub(super) fn from_words(words: &Words) -> Option<Plain> {
        if words.scale > PLAIN_SCALE_MAX {
            return None;
        }
        let int_words = words.int_words();
        let used = words.used();
        let leading = used.iter().take_while(|&&word| word == 0).count();
        let below = (int_words * WORD_DIGITS).saturating_sub((leading + 1) * WORD_DIGITS);
        if leading < int_words && below + usize::from(words.scale) >= PLAIN_DIGITS {
            return None;
        }
        let mut mantissa = 0u128;
        let mut is_long = false;
        for (i, &word) in used.iter().enumerate() {
            let kept = (usize::from(words.scale) + int_words * WORD_DIGITS)
                .saturating_sub(i * WORD_DIGITS)
                .min(WORD_DIGITS);
            let unit = POW10_U32[WORD_DIGITS - kept];
            if word % unit != 0 {
                return None;
            }
            if mantissa == 0 {
                mantissa = (word / unit).into();
                continue;
            }
            let (raised, is_over) = mantissa.overflowing_mul(POW10_U32[kept].into());
            is_long |= is_over || raised >= PLAIN_BOUND.unsigned_abs();
            if is_long {
                return None;
            }
            mantissa = raised + u128::from(word / unit);
        }
        if mantissa >= PLAIN_BOUND.unsigned_abs()
            || (mantissa == 0 && (words.negative || !words.is_zero()))
        {
            return None;
        }
        let mantissa = i128::try_from(mantissa).ok()?;
        Some(Plain {
            mantissa: if words.negative { -mantissa } else { mantissa },
            int_digits: words.int_digits,
            scale: words.scale,
            printed: words.printed,
        })
    }

    /// Brings both numbers to the greater scale.
    fn aligned(self, rhs: Plain) -> Option<(i128, i128, u8)> {
        let scale = self.scale.max(rhs.scale);
        let raise = |side: Plain| match scale - side.scale {
            0 => Some(side.mantissa),
            places => side.mantissa.checked_mul(POW10_I128[usize::from(places)]),
        };
        Some((raise(self)?, raise(rhs)?, scale))
    }

    /// Orders two numbers.
    pub(super) fn cmp(self, rhs: Plain) -> Option<Ordering> {
        let (a, b, _) = self.aligned(rhs)?;
        Some(a.cmp(&b))
    }

    /// Adds two numbers.
    pub(super) fn add(self, rhs: Plain) -> Option<Plain> {
        self.combine(rhs, rhs.mantissa, rhs.is_negative())
    }

    /// Subtracts `rhs`.
    pub(super) fn sub(self, rhs: Plain) -> Option<Plain> {
        // A zero subtrahend counts as positive, so its sign after negation is negative.
        self.combine(rhs, -rhs.mantissa, !rhs.is_negative())
    }

    /// Adds `addend`, which is `rhs` or its negation.
    fn combine(self, rhs: Plain, addend: i128, is_negative: bool) -> Option<Plain> {
        let (a, b, scale) = self.aligned(Plain { mantissa: addend, ..rhs })?;
        let mantissa = bounded(a.checked_add(b)?)?;
        let printed = self.printed.max(rhs.printed);
        let int = if self.is_negative() == is_negative {
            let int = self.int_words().max(rhs.int_words());
            if may_carry(mantissa, scale, int) {
                return None;
            }
            int
        } else if mantissa == 0 {
            return Plain::zero_with_scale(printed);
        } else {
            let greater = if a.unsigned_abs() > b.unsigned_abs() { a } else { b };
            let digits = digits_of(greater.unsigned_abs()).saturating_sub(scale.into());
            words_for(digits)
        };
        let fits = int + words_for(scale.into()) <= WORDS;
        fits.then_some(Plain { mantissa, int_digits: (int * WORD_DIGITS) as u8, scale, printed })
    }

    /// Multiplies two numbers.
    pub(super) fn mul(self, rhs: Plain) -> Option<Plain> {
        let scale = self.scale + rhs.scale;
        let int = words_for(usize::from(self.int_digits) + usize::from(rhs.int_digits));
        let frac = self.frac_words() + rhs.frac_words();
        if scale > PRODUCT_SCALE_MAX || int + frac > WORDS {
            return None;
        }
        let mantissa = bounded(self.mantissa.checked_mul(rhs.mantissa)?)?;
        let printed = self.printed.saturating_add(rhs.printed).min(SCALE_MAX);
        if mantissa == 0 && self.is_negative() != rhs.is_negative() {
            return Plain::zero_with_scale(printed);
        }
        let mut product = Plain { mantissa, int_digits: 0, scale, printed };
        let int = product.significant_int_words().max(int.min(1));
        product.int_digits = (int * WORD_DIGITS) as u8;
        Some(product)
    }

    /// Divides by `rhs`, which is not zero.
    pub(super) fn div(self, rhs: Plain, increment: u8) -> Option<Plain> {
        let printed = self.printed.saturating_add(increment).min(SCALE_MAX);
        if self.mantissa == 0 {
            return Plain::zero_with_scale(printed);
        }
        let frac = quotient_frac_words(self.scale, rhs.scale, increment);
        let scale = u8::try_from(frac * WORD_DIGITS).ok().filter(|&s| s <= PLAIN_SCALE_MAX)?;
        let raise = pow10_i128(scale - self.scale + rhs.scale)?;
        let dividend = self.mantissa.checked_mul(raise)?;
        let mantissa = match (i64::try_from(dividend), i64::try_from(rhs.mantissa)) {
            (Ok(dividend), Ok(divisor)) => i128::from(dividend.checked_div(divisor)?),
            _ => dividend.checked_div(rhs.mantissa)?,
        };
        let mut quotient = Plain { mantissa: bounded(mantissa)?, int_digits: 0, scale, printed };
        quotient.int_digits = quotient.significant_int_digits() as u8;
        Some(quotient)
    }

    /// Computes the remainder of the division by `rhs`, which is not zero.
    pub(super) fn rem(self, rhs: Plain) -> Option<Plain> {
        let printed = self.printed.max(rhs.printed);
        if self.mantissa == 0 {
            return Plain::zero_with_scale(printed);
        }
        let (a, b, scale) = self.aligned(rhs)?;
        if scale == 0 && printed != 0 {
            return None;
        }
        let mut rest =
            Plain { mantissa: bounded(a.checked_rem(b)?)?, int_digits: 0, scale, printed };
        rest.int_digits = rest.significant_int_digits() as u8;
        Some(rest)
    }

    /// Rounds to a scale.
    pub(super) fn round(self, scale: i32, mode: Rounding, layout: Layout) -> Option<Plain> {
        let target = u8::try_from(scale).ok().filter(|&s| s <= PLAIN_SCALE_MAX)?;
        let int = self.int_words();
        if int + words_for(target.into()) > WORDS {
            return None;
        }
        let whole = (int * WORD_DIGITS) as u8;
        if target >= self.scale {
            let raise = POW10_I128[usize::from(target - self.scale)];
            let mantissa = bounded(self.mantissa.checked_mul(raise)?)?;
            let int_digits = if layout == Layout::Kept { self.int_digits } else { whole };
            return Some(Plain { mantissa, int_digits, scale: target, printed: target });
        }
        let unit = POW10_I128[usize::from(self.scale - target)];
        let mantissa = match mode {
            Rounding::HalfUp => round_half_up_i128(self.mantissa, unit),
            Rounding::Truncate => self.mantissa / unit,
            Rounding::Ceiling => return None,
        };
        let int_digits = if mantissa == 0 {
            u8::from(int > 0 || target > 0)
        } else if layout == Layout::Kept && self.int_digits != whole {
            // TiDB looks for a new digit in the last word that is not zero, whichever that is.
            let odd_digits = usize::from(self.int_digits) % WORD_DIGITS;
            let has_grown = last_word(mantissa.unsigned_abs(), target) >= POW10_U32[odd_digits];
            self.int_digits + u8::from(has_grown)
        } else {
            let bound = pow10_i128(whole.saturating_add(target));
            whole + u8::from(bound.is_some_and(|b| mantissa.unsigned_abs() >= b.unsigned_abs()))
        };
        let has_room = words_for(int_digits.into()) + words_for(target.into()) <= WORDS;
        has_room.then_some(Plain { mantissa, int_digits, scale: target, printed: target })
    }
}

/// Tells whether the first words of two operands, `int` integer words long at most, may add up to
/// a carry, so that the words set one more integer word aside.
fn may_carry(sum: i128, scale: u8, int: usize) -> bool {
    let sum = sum.unsigned_abs();
    let head = u128::from(WORD_BASE - 1);
    // The unit of the first word, counted in units of the last digit.
    let places = usize::from(scale) + int * WORD_DIGITS;
    match places.checked_sub(WORD_DIGITS) {
        Some(places) => POW10_I128
            .get(places)
            .and_then(|unit| head.checked_mul(unit.unsigned_abs()))
            .is_some_and(|bound| sum >= bound),
        None => sum.saturating_mul(POW10_U32[WORD_DIGITS - places].into()) >= head,
    }
}

/// Returns the last word that is not zero of a number that is not.
fn last_word(magnitude: u128, scale: u8) -> u32 {
    let mut rest = magnitude;
    let partial = usize::from(scale) % WORD_DIGITS;
    if partial > 0 {
        let unit = u128::from(POW10_U32[partial]);
        let digits = (rest % unit) as u32;
        if digits != 0 {
            return digits * POW10_U32[WORD_DIGITS - partial];
        }
        rest /= unit;
    }
    loop {
        let word = take_word(&mut rest);
        if word != 0 || rest == 0 {
            return word;
        }
    }
}

/// Splits the last nine digits off.
fn take_word(number: &mut u128) -> u32 {
    if let Ok(short) = u64::try_from(*number) {
        *number = (short / u64::from(WORD_BASE)).into();
        return (short % u64::from(WORD_BASE)) as u32;
    }
    let word = *number % u128::from(WORD_BASE);
    *number /= u128::from(WORD_BASE);
    word as u32
}
