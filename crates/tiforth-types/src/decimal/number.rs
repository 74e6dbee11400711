// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Converts decimals from and to machine integers and doubles.
//!
//! Source: `FromInt`, `FromUint`, `ToInt`, `ToUint`, `FromFloat64`, `ToFloat64` in
//! `pkg/types/mydecimal.go`.

use super::lanes::POW10_I128;
use super::plain::{Plain, digits_of};
use super::text::Parsed;
use super::words::{WORD_BASE, WORD_DIGITS, words_for};
use super::{Computed, Decimal, Form, Outcome, Rounding};

/// Bounds the digits that `to_f64` adds up word by word; longer numbers go through their text.
const SHORT_DIGITS: u8 = 12;

impl Decimal {
    /// Converts an integer.
    pub fn from_i64(value: i64) -> Decimal {
        from_integer(value.into())
    }

    /// Converts an unsigned integer.
    pub fn from_u64(value: u64) -> Decimal {
        from_integer(value.into())
    }

    /// Converts a double through its shortest text, as TiDB does; infinities and NaN are no
    /// numbers.
    pub fn from_f64(value: f64) -> Parsed {
        let mut text = format!("{value:e}");
        // TiDB reads what Go prints: with an exponent below -4 and from 6 on.
        if let Some((_, exponent)) = text.rsplit_once('e')
            && exponent.parse().is_ok_and(|exponent: i32| (-4..6).contains(&exponent))
        {
            text = format!("{value}");
        }
        Decimal::parse(text.as_bytes())
    }

    /// Converts to a double. Up to twelve digits TiDB adds the words up and rounds the sum in
    /// binary; longer numbers are read back from their printed text.
    pub fn to_f64(&self) -> f64 {
        if let Form::Plain(plain) = &self.0
            && plain.scale == plain.printed
            && plain.scale <= 22
            && plain.mantissa.unsigned_abs() < 1 << 53
        {
            // Both are exact, so the quotient is rounded once.
            return plain.mantissa as f64 / POW10_I128[usize::from(plain.scale)] as f64;
        }
        let words = self.words();
        if words.int_digits.saturating_add(words.scale) > SHORT_DIGITS {
            return self.to_string().parse().unwrap_or(0.0);
        }
        let mut sum = 0.0;
        let int_words = words.int_words();
        for (i, &word) in words.used().iter().enumerate() {
            let exponent = (int_words as i32 - 1 - i as i32) * WORD_DIGITS as i32;
            sum += f64::from(word) * power_of_ten(exponent);
        }
        let unit = power_of_ten(words.printed.into());
        let value = (sum * unit).round() / unit;
        if words.negative { -value } else { value }
    }

    /// Converts to an integer, dropping the fraction (Truncated where it is not zero); beyond the
    /// range to its bound.
    pub fn to_i64(&self) -> Computed<i64> {
        let (magnitude, outcome) = self.integer_part();
        let signed = i128::try_from(magnitude).unwrap_or(i128::MAX);
        let signed = if self.is_negative() { -signed } else { signed };
        match i64::try_from(signed) {
            Ok(value) => Computed { value, outcome },
            Err(_) => {
                let value = if signed < 0 { i64::MIN } else { i64::MAX };
                Computed { value, outcome: Outcome::Overflow }
            }
        }
    }

    /// Converts to an unsigned integer, dropping the fraction (Truncated where it is not zero);
    /// beyond the range to its bound. Anything negative is beyond the range, even -0.1.
    pub fn to_u64(&self) -> Computed<u64> {
        if self.is_negative() {
            return Computed { value: 0, outcome: Outcome::Overflow };
        }
        let (magnitude, outcome) = self.integer_part();
        match u64::try_from(magnitude) {
            Ok(value) => Computed { value, outcome },
            Err(_) => Computed { value: u64::MAX, outcome: Outcome::Overflow },
        }
    }

    /// Converts to an integer, rounding halves away from zero; beyond the range to its bound.
    pub fn to_i64_rounded(&self) -> Computed<i64> {
        self.round(0, Rounding::HalfUp).value.to_i64()
    }

    /// Converts to an unsigned integer, rounding halves away from zero; beyond the range to its
    /// bound. What rounds to zero is zero, whatever its sign.
    pub fn to_u64_rounded(&self) -> Computed<u64> {
        self.round(0, Rounding::HalfUp).value.to_u64()
    }

    /// Returns the integer part's magnitude, the greatest where it does not fit, and whether there
    /// is a fraction.
    fn integer_part(&self) -> (u128, Outcome) {
        let lost = |is_lost| if is_lost { Outcome::Truncated } else { Outcome::Exact };
        match &self.0 {
            Form::Plain(plain) => {
                let unit = POW10_I128[usize::from(plain.scale)];
                let (int, frac) = (plain.mantissa / unit, plain.mantissa % unit);
                (int.unsigned_abs(), lost(frac != 0))
            }
            Form::Words(words) => {
                let (int, frac) = words.used().split_at(words.int_words());
                let magnitude = int.iter().try_fold(0u128, |number, &word| {
                    number.checked_mul(WORD_BASE.into())?.checked_add(word.into())
                });
                (magnitude.unwrap_or(u128::MAX), lost(frac.iter().any(|&word| word != 0)))
            }
        }
    }
}

/// Converts a machine integer; it has whole words of digits, one at least.
fn from_integer(value: i128) -> Decimal {
    let words = words_for(digits_of(value.unsigned_abs())).max(1);
    let int_digits = (words * WORD_DIGITS) as u8;
    Plain { mantissa: value, int_digits, scale: 0, printed: 0 }.into()
}

/// Returns the double nearest to 10^exponent, for exponents between -81 and 81.
fn power_of_ten(exponent: i32) -> f64 {
    const POSITIVE: [f64; 23] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
        1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ];
    match usize::try_from(exponent) {
        Ok(index) if index < POSITIVE.len() => POSITIVE[index],
        Ok(_) => format!("1e{exponent}").parse().unwrap_or(f64::MAX),
        // The inverse of an exact power is rounded once.
        Err(_) => match POSITIVE.get(exponent.unsigned_abs() as usize) {
            Some(power) => 1.0 / power,
            None => format!("1e{exponent}").parse().unwrap_or(0.0),
        },
    }
}
