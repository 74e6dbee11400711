// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Converts decimals from and to whole numbers at a scale, as Arrow stores them in 128 and 256
//! bits.

use super::lanes::{POW10_I128, POW10_U32, rescale_i128};
use super::plain::{PLAIN_BOUND, PLAIN_SCALE_MAX, Plain};
use super::words::{DIGITS_MAX, WORD_BASE, WORD_DIGITS, WORDS, Words, words_for};
use super::{Decimal, Form};
use crate::error::{SqlError, code};

/// Is a magnitude of 256 bits, the least significant limb first.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Wide([u64; 4]);

impl Wide {
    /// Multiplies by a factor and adds; None where it does not fit.
    fn multiply_add(mut self, factor: u32, addend: u32) -> Option<Wide> {
        let mut carry = u128::from(addend);
        for limb in &mut self.0 {
            let part = u128::from(*limb) * u128::from(factor) + carry;
            *limb = part as u64;
            carry = part >> 64;
        }
        (carry == 0).then_some(self)
    }

    /// Divides by a word; returns the remainder.
    fn divide(&mut self, by: u32) -> u32 {
        let mut rest = 0u128;
        for limb in self.0.iter_mut().rev() {
            let part = (rest << 64) | u128::from(*limb);
            *limb = (part / u128::from(by)) as u64;
            rest = part % u128::from(by);
        }
        rest as u32
    }

    fn is_zero(&self) -> bool {
        self.0.iter().all(|&limb| limb == 0)
    }

    /// Changes the sign in two's complement.
    fn negated(self) -> Wide {
        let mut carry = true;
        Wide(self.0.map(|limb| {
            let (limb, is_over) = (!limb).overflowing_add(carry.into());
            carry = is_over;
            limb
        }))
    }
}

impl Decimal {
    /// Builds mantissa · 10^-scale. Digits beyond scale 72 are dropped.
    #[inline]
    pub fn from_i128_scaled(mantissa: i128, scale: u8) -> Decimal {
        if scale <= PLAIN_SCALE_MAX && mantissa.unsigned_abs() < PLAIN_BOUND.unsigned_abs() {
            let mut plain = Plain { mantissa, int_digits: 0, scale, printed: scale };
            plain.int_digits = plain.significant_int_digits() as u8;
            return plain.into();
        }
        Self::from_long_i128(mantissa, scale)
    }

    /// Builds what has more digits, or smaller ones.
    #[cold]
    fn from_long_i128(mantissa: i128, scale: u8) -> Decimal {
        let (mantissa, scale) = if scale <= MANTISSA_SCALE_MAX {
            (mantissa, scale)
        } else {
            let unit = POW10_I128.get(usize::from(scale - MANTISSA_SCALE_MAX));
            (unit.map_or(0, |unit| mantissa / unit), MANTISSA_SCALE_MAX)
        };
        let magnitude = mantissa.unsigned_abs();
        let wide = Wide([magnitude as u64, (magnitude >> 64) as u64, 0, 0]);
        // 39 digits at a scale up to 72 take eight words at most.
        from_wide(mantissa < 0, wide, scale).unwrap_or_default()
    }

    /// Builds mantissa · 10^-scale with `int_digits` digits before the point, leading zeros included;
    /// no magnitude has more of them.
    #[inline]
    pub fn from_lane(mantissa: i128, scale: u8, printed: u8, int_digits: u8) -> Decimal {
        if scale <= PLAIN_SCALE_MAX && mantissa.unsigned_abs() < PLAIN_BOUND.unsigned_abs() {
            return Plain { mantissa, int_digits, scale, printed }.into();
        }
        let mut value = Decimal::from_i128_scaled(mantissa, scale).with_printed_scale(printed);
        if let Form::Words(words) = &mut value.0 {
            words.lay_out(int_digits);
        }
        value
    }

    /// Returns the value times 10^scale where [`from_lane`](Self::from_lane) gives all of it back.
    #[inline]
    pub fn plain_mantissa(&self) -> Option<i128> {
        match &self.0 {
            Form::Plain(plain) => Some(plain.mantissa),
            Form::Words(_) => None,
        }
    }

    /// Lays the integer part out as storage of `digits` integer digits does: all of them where the
    /// first word is not zero, else the whole words that are left. It matters only where results
    /// outgrow 81 digits.
    #[inline]
    pub fn with_column_digits(mut self, digits: u8) -> Decimal {
        let words = words_for(self.int_digits());
        let stored = ((words * WORD_DIGITS) as u8).min(digits).min(DIGITS_MAX as u8);
        match &mut self.0 {
            Form::Plain(plain) => plain.int_digits = plain.int_digits.max(stored),
            Form::Words(inner) if inner.int_words() == words => {
                inner.int_digits = inner.int_digits.max(stored);
            }
            Form::Words(_) => {}
        }
        self
    }

    /// Builds mantissa · 10^-scale from 256 bits in two's complement, little endian.
    ///
    /// # Errors
    /// 1690 where the number needs more than nine words of nine digits.
    pub fn from_i256_scaled(bytes: [u8; 32], scale: u8) -> Result<Decimal, SqlError> {
        let mut limbs = [0; 4];
        for (limb, part) in limbs.iter_mut().zip(bytes.as_chunks::<8>().0) {
            *limb = u64::from_le_bytes(*part);
        }
        let wide = Wide(limbs);
        let negative = limbs[3] >> 63 == 1;
        let wide = if negative { wide.negated() } else { wide };
        if wide.0[2] == 0
            && wide.0[3] == 0
            && let Ok(short) = i128::try_from(u128::from(wide.0[0]) | (u128::from(wide.0[1]) << 64))
            && scale <= MANTISSA_SCALE_MAX
        {
            return Ok(Decimal::from_i128_scaled(if negative { -short } else { short }, scale));
        }
        from_wide(negative, wide, scale).ok_or_else(|| {
            SqlError::new(code::ER_DATA_OUT_OF_RANGE, "DECIMAL value is out of range")
        })
    }

    /// Builds a value read from a DECIMAL(precision, scale) column of 256 bits, laid out as
    /// [`Decimal::with_column_digits`] says.
    ///
    /// # Errors
    /// 1690 where the number needs more than nine words of nine digits.
    pub fn from_column_i256(
        bytes: [u8; 32],
        precision: u8,
        scale: u8,
    ) -> Result<Decimal, SqlError> {
        let value = Decimal::from_i256_scaled(bytes, scale)?;
        Ok(value.with_column_digits(precision.saturating_sub(scale)))
    }

    /// Returns the value times 10^scale where it is whole and fits; none at scales from which
    /// [`from_i128_scaled`](Self::from_i128_scaled) does not give it back.
    pub fn to_i128_scaled(&self, scale: u8) -> Option<i128> {
        if scale > MANTISSA_SCALE_MAX {
            return None;
        }
        if let Form::Plain(plain) = &self.0 {
            if scale >= plain.scale {
                return rescale_i128(plain.mantissa, plain.scale, scale);
            }
            let unit = POW10_I128[usize::from(plain.scale - scale)];
            return (plain.mantissa % unit == 0).then(|| plain.mantissa / unit);
        }
        let (negative, Wide([low, high, 0, 0])) = self.to_wide(scale)? else {
            return None;
        };
        let magnitude = u128::from(low) | (u128::from(high) << 64);
        if negative { 0i128.checked_sub_unsigned(magnitude) } else { magnitude.try_into().ok() }
    }

    /// Returns the value times 10^scale, where it is whole and fits, as 256 bits in two's
    /// complement, little endian.
    pub fn to_le_bytes_i256(&self, scale: u8) -> Option<[u8; 32]> {
        let (negative, wide) = match self.to_i128_scaled(scale) {
            Some(short) => {
                let magnitude = short.unsigned_abs();
                (short < 0, Wide([magnitude as u64, (magnitude >> 64) as u64, 0, 0]))
            }
            None => self.to_wide(scale)?,
        };
        if wide.0[3] >> 63 == 1 {
            return None;
        }
        let wide = if negative { wide.negated() } else { wide };
        let mut bytes = [0; 32];
        for (part, limb) in bytes.as_chunks_mut::<8>().0.iter_mut().zip(wide.0) {
            *part = limb.to_le_bytes();
        }
        Some(bytes)
    }

    /// Returns sign and magnitude of the value times 10^scale where it is whole and fits.
    fn to_wide(self, scale: u8) -> Option<(bool, Wide)> {
        let words = self.words();
        let int_words = words.int_words();
        let mut wide = Wide([0; 4]);
        let mut left = usize::from(scale);
        for (i, &word) in words.used().iter().enumerate() {
            let kept = if i < int_words { WORD_DIGITS } else { left.min(WORD_DIGITS) };
            let unit = POW10_U32[WORD_DIGITS - kept];
            if word % unit != 0 {
                return None;
            }
            wide = wide.multiply_add(POW10_U32[kept], word / unit)?;
            left -= if i < int_words { 0 } else { kept };
        }
        while left > 0 && !wide.is_zero() {
            let places = left.min(WORD_DIGITS);
            wide = wide.multiply_add(POW10_U32[places], 0)?;
            left -= places;
        }
        Some((words.negative, wide))
    }
}

/// Bounds the scale at which 39 digits always fit the words.
const MANTISSA_SCALE_MAX: u8 = 72;

/// Lays a magnitude at a scale out in words; None where it does not fit.
fn from_wide(negative: bool, mut wide: Wide, scale: u8) -> Option<Decimal> {
    let frac_words = words_for(scale.into());
    let mut little = [0u32; 2 * WORDS + 2];
    if frac_words > WORDS {
        return None;
    }
    let partial = usize::from(scale) % WORD_DIGITS;
    let mut len = 0;
    while !wide.is_zero() || len < frac_words {
        little[len] = if len == 0 && partial > 0 {
            wide.divide(POW10_U32[partial]) * POW10_U32[WORD_DIGITS - partial]
        } else {
            wide.divide(WORD_BASE)
        };
        len += 1;
    }
    if len > WORDS {
        return None;
    }
    let mut words = Words {
        int_digits: ((len - frac_words) * WORD_DIGITS) as u8,
        scale,
        printed: scale,
        ..Words::ZERO
    };
    for (word, part) in words.buf.iter_mut().zip(little[..len].iter().rev()) {
        *word = *part;
    }
    words.negative = negative && !words.is_zero();
    words.int_digits = words.significant_int_digits() as u8;
    Some(words.into())
}
