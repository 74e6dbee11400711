// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Converts decimals from and to machine integers and doubles.
//!
//! Source: `FromInt`, `FromUint`, `ToInt`, `ToUint`, `FromFloat64`, `ToFloat64` in
//! `pkg/types/mydecimal.go`.

use super::lanes::{POW10_I128, pow10_i64, round_half_up_i64};
use super::plain::{Plain, digits_of};
use super::text::Parsed;
use super::words::{WORD_BASE, WORD_DIGITS, Words, words_for};
use super::{Computed, Decimal, Form, Outcome, Rounding};

/// Bounds the digits of a number that [`Decimal::to_f64`] rounds as a double: those laid out, integer and
/// fraction.
pub const SHORT_DIGITS: u8 = 12;

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
        // TiDB reads what Go prints: with an exponent below -4 and from 6 on.
        if value == 0.0 || (1e-4..1e6).contains(&value.abs()) {
            let mut buffer = zmij::Buffer::new();
            let printed = buffer.format(value);
            return Decimal::parse(printed.strip_suffix(".0").unwrap_or(printed).as_bytes());
        }
        let text = format!("{value:e}");
        Decimal::parse(text.as_bytes())
    }

    /// Converts to the nearest double of what is printed; the digits a quotient or product keeps
    /// beyond are rounded away: those of up to twelve digits in all as doubles, as TiDB does it, by which
    /// a half may fall either way and what rounds to zero keeps its sign.
    pub fn to_f64(&self) -> f64 {
        let printed = self.printed_scale();
        if self.scale() != printed {
            if self.nominal_int_digits() + self.scale() <= SHORT_DIGITS
                && let Some(unit) = POW10_I128.get(usize::from(printed))
            {
                return short_to_f64(&self.words(), *unit as f64);
            }
            return self.round(printed.into(), Rounding::HalfUp).value.to_f64();
        }
        if let Form::Plain(plain) = &self.0
            && plain.scale <= 22
            && plain.mantissa.unsigned_abs() < 1 << 53
        {
            // Both are exact, so the quotient is rounded once.
            return plain.mantissa as f64 / POW10_I128[usize::from(plain.scale)] as f64;
        }
        let mut text = Vec::new();
        self.write_all_digits(&mut text);
        std::str::from_utf8(&text).ok().and_then(|t| t.parse().ok()).unwrap_or(0.0)
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
        if let Form::Plain(plain) = &self.0
            && let (Ok(mantissa), Some(unit)) =
                (i64::try_from(plain.mantissa), pow10_i64(plain.scale))
        {
            return Computed::exact(round_half_up_i64(mantissa, unit));
        }
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

/// Adds the words up as doubles and rounds the sum to whole 1 / `unit`.
fn short_to_f64(words: &Words, unit: f64) -> f64 {
    let (int, frac) = words.used().split_at(words.int_words());
    let whole = int.iter().rev().zip([1.0, 1e9]).rev().map(|(&word, unit)| f64::from(word) * unit);
    let parts = frac.iter().zip([1e-9, 1e-18]).map(|(&word, unit)| f64::from(word) * unit);
    let sum = whole.chain(parts).fold(0.0, |sum, part| sum + part);
    let magnitude = (sum * unit).round() / unit;
    if words.negative { -magnitude } else { magnitude }
}

/// Converts a machine integer; it has whole words of digits, one at least.
fn from_integer(value: i128) -> Decimal {
    let words = words_for(digits_of(value.unsigned_abs())).max(1);
    let int_digits = (words * WORD_DIGITS) as u8;
    Plain { mantissa: value, int_digits, scale: 0, printed: 0 }.into()
}
