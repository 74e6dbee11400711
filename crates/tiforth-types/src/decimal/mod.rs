// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Computes with decimals of up to 81 digits as TiDB does, hidden digits included.
//!
//! A decimal keeps more digits than it prints: a quotient fills whole words of nine digits, so
//! `(1/3)*3` prints 1.0000 and is not equal to 1. `scale` counts the digits that are kept,
//! `printed_scale` those that are shown. Up to 38 digits a decimal is one whole number and a
//! scale; beyond, and where MySQL's words hold something that form cannot say, it is those nine
//! words, and all rules about what is lost follow from them.
//! Source: `pkg/types/mydecimal.go`; MySQL manual, "Precision Math".

mod binary;
pub mod lanes;
mod number;
mod plain;
mod product;
mod quotient;
mod rounding;
mod sum;
mod text;
mod words;

#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use plain::Plain;
use rounding::Layout;
use words::Words;

pub use number::SHORT_DIGITS;
pub use quotient::quotient_scale;
pub use text::{ParseOutcome, Parsed, text_to_lane, write_lane};

/// Bounds the digits of a DECIMAL type.
pub const PRECISION_MAX: u8 = 65;
/// Bounds the fraction digits of a DECIMAL type, and the digits a result prints.
pub const SCALE_MAX: u8 = 30;

/// Says how digits are dropped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rounding {
    /// To the nearest, halves away from zero.
    HalfUp,
    /// Towards zero.
    Truncate,
    /// Away from zero, as TiDB does it: right at scales that are multiples of nine (CEILING uses
    /// scale 0), elsewhere by the first dropped digit alone.
    Ceiling,
}

/// Says what became of a computed value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// It is exact, but for the rounding that was asked for.
    Exact,
    /// Digits were lost that the operation should have kept (TiDB's ErrTruncated).
    Truncated,
    /// It is too great (TiDB's ErrOverflow).
    Overflow,
}

/// Is a value and what became of it. After an overflow the value is TiDB's where callers use it
/// (sums: 81 nines; integers: the bound), else without meaning.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Computed<T> {
    /// The value.
    pub value: T,
    /// What became of it.
    pub outcome: Outcome,
}

impl<T> Computed<T> {
    /// Wraps a value that nothing was lost of.
    pub fn exact(value: T) -> Self {
        Computed { value, outcome: Outcome::Exact }
    }

    /// Tells whether the value is too great.
    pub fn is_overflow(&self) -> bool {
        self.outcome == Outcome::Overflow
    }

    fn map<U>(self, convert: impl FnOnce(T) -> U) -> Computed<U> {
        Computed { value: convert(self.value), outcome: self.outcome }
    }
}

/// Is a value brought into a DECIMAL(precision, scale).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fitted {
    /// The value; the type's bound where it overflowed.
    pub value: Decimal,
    /// Whether the value is beyond the type.
    pub is_overflow: bool,
    /// Whether rounding changed the value.
    pub is_truncated: bool,
}

/// Is a decimal number. Two are equal when their values are: 1.0 is 1.00, and zero has no sign; a
/// product that is too small for its digits keeps its sign and is not zero.
#[derive(Clone, Copy)]
pub struct Decimal(Form);

#[derive(Clone, Copy)]
enum Form {
    Plain(Plain),
    Words(Words),
}

const _: () = assert!(size_of::<Decimal>() <= 48);

impl From<Plain> for Decimal {
    #[inline]
    fn from(plain: Plain) -> Self {
        Decimal(Form::Plain(plain))
    }
}

impl From<Words> for Decimal {
    fn from(words: Words) -> Self {
        Plain::from_words(&words).map_or(Decimal(Form::Words(words)), Decimal::from)
    }
}

impl Decimal {
    /// Is zero without fraction digits.
    pub const ZERO: Decimal =
        Decimal(Form::Plain(Plain { mantissa: 0, int_digits: 0, scale: 0, printed: 0 }));

    fn words(&self) -> Words {
        match self.0 {
            Form::Plain(plain) => plain.to_words(),
            Form::Words(words) => words,
        }
    }

    /// Computes over the plain forms where both operands have one and the result too, else over
    /// the words.
    #[inline]
    fn combine(
        &self,
        rhs: &Decimal,
        plain: impl FnOnce(Plain, Plain) -> Option<Plain>,
        words: impl FnOnce(&Words, &Words) -> Computed<Words>,
    ) -> Computed<Decimal> {
        if let (Form::Plain(a), Form::Plain(b)) = (self.0, rhs.0)
            && let Some(value) = plain(a, b)
        {
            return Computed::exact(value.into());
        }
        words(&self.words(), &rhs.words()).map(Decimal::from)
    }

    /// Counts the fraction digits that are kept.
    #[inline]
    pub fn scale(&self) -> u8 {
        match &self.0 {
            Form::Plain(plain) => plain.scale,
            Form::Words(words) => words.scale,
        }
    }

    /// Counts the fraction digits that are printed.
    pub fn printed_scale(&self) -> u8 {
        match &self.0 {
            Form::Plain(plain) => plain.printed,
            Form::Words(words) => words.printed,
        }
    }

    /// Prints another number of fraction digits; the value stays.
    #[inline]
    pub fn with_printed_scale(mut self, scale: u8) -> Decimal {
        match &mut self.0 {
            Form::Plain(plain) => plain.printed = scale,
            Form::Words(words) => words.printed = scale,
        }
        self
    }

    /// Counts the digits, leading zeros left out (one at least), and the fraction digits among
    /// them.
    pub fn precision_and_scale(&self) -> (u8, u8) {
        let scale = self.scale();
        ((self.int_digits() as u8).saturating_add(scale).max(1), scale)
    }

    /// Tells whether the value is zero; digits too small to be counted make it something else.
    pub fn is_zero(&self) -> bool {
        match &self.0 {
            Form::Plain(plain) => plain.mantissa == 0,
            Form::Words(words) => words.is_zero(),
        }
    }

    /// Tells whether the value has a minus sign.
    pub fn is_negative(&self) -> bool {
        match &self.0 {
            Form::Plain(plain) => plain.mantissa < 0,
            Form::Words(words) => words.negative,
        }
    }

    /// Changes the sign; zero stays as it is.
    pub fn negate(&self) -> Decimal {
        match self.0 {
            Form::Plain(plain) => Plain { mantissa: -plain.mantissa, ..plain }.into(),
            Form::Words(words) if words.is_zero() => *self,
            Form::Words(words) => Words { negative: !words.negative, ..words }.into(),
        }
    }

    /// Drops the sign.
    pub fn abs(&self) -> Decimal {
        match self.0 {
            Form::Plain(plain) => Plain { mantissa: plain.mantissa.abs(), ..plain }.into(),
            Form::Words(words) => Words { negative: false, ..words }.into(),
        }
    }

    /// Adds `rhs`; the result prints the greater scale.
    #[inline]
    pub fn add(&self, rhs: &Decimal) -> Computed<Decimal> {
        self.combine(rhs, Plain::add, sum::add)
    }

    /// Subtracts `rhs`; the result prints the greater scale.
    #[inline]
    pub fn sub(&self, rhs: &Decimal) -> Computed<Decimal> {
        self.combine(rhs, Plain::sub, sum::sub)
    }

    /// Multiplies by `rhs`; the result prints the sum of the scales, 30 at most.
    #[inline]
    pub fn mul(&self, rhs: &Decimal) -> Computed<Decimal> {
        if let (Form::Plain(a), Form::Plain(b)) = (self.0, rhs.0) {
            return match a.mul(b) {
                Some(product) => Computed::exact(product.into()),
                None => product::mul_plain(a, b).map(Decimal::from),
            };
        }
        product::mul(&self.words(), &rhs.words()).map(Decimal::from)
    }

    /// Divides by `rhs`; None where that is zero. The result prints `increment` digits more than
    /// `self`, 30 at most, and keeps whole words of nine.
    pub fn div(&self, rhs: &Decimal, increment: u8) -> Option<Computed<Decimal>> {
        if let (Form::Plain(a), Form::Plain(b)) = (self.0, rhs.0) {
            if b.mantissa == 0 {
                return None;
            }
            if let Some(value) = a.div(b, increment) {
                return Some(Computed::exact(value.into()));
            }
        }
        Some(quotient::div(&self.words(), &rhs.words(), increment)?.map(Decimal::from))
    }

    /// Computes the remainder of the division by `rhs`, with the sign of `self`; None where `rhs`
    /// is zero. The result prints the greater scale.
    pub fn rem(&self, rhs: &Decimal) -> Option<Computed<Decimal>> {
        if let (Form::Plain(a), Form::Plain(b)) = (self.0, rhs.0) {
            if b.mantissa == 0 {
                return None;
            }
            if let Some(value) = a.rem(b) {
                return Some(Computed::exact(value.into()));
            }
        }
        Some(quotient::rem(&self.words(), &rhs.words())?.map(Decimal::from))
    }

    /// Rounds to `scale` fraction digits, or to tens and more where it is negative. The result
    /// keeps and prints `scale` digits.
    pub fn round(&self, scale: i32, mode: Rounding) -> Computed<Decimal> {
        self.round_as(scale, mode, Layout::WholeWords)
    }

    /// Rounds in place, as TiDB does where a value becomes that of a wider type: the integer part stays laid
    /// out as it is.
    pub fn round_in_place(&self, scale: i32) -> Computed<Decimal> {
        self.round_as(scale, Rounding::HalfUp, Layout::Kept)
    }

    fn round_as(&self, scale: i32, mode: Rounding, layout: Layout) -> Computed<Decimal> {
        if let Form::Plain(plain) = self.0
            && let Some(value) = plain.round(scale, mode, layout)
        {
            return Computed::exact(value.into());
        }
        rounding::round(&self.words(), scale, mode, layout).map(Decimal::from)
    }

    /// Moves the point `places` digits to the right, or to the left where negative. Zero becomes
    /// plain zero; on overflow the value is the old one.
    pub fn shift(&self, places: i32) -> Computed<Decimal> {
        rounding::shift(&self.words(), places).map(Decimal::from)
    }

    /// Builds the greatest value of DECIMAL(precision, scale): 99…9.99.
    pub fn max_for(precision: u8, scale: u8) -> Decimal {
        let nines = [b'9'; words::DIGITS_MAX];
        let int = usize::from(precision.saturating_sub(scale)).min(words::DIGITS_MAX);
        let frac = usize::from(scale).min(words::DIGITS_MAX);
        let (int_words, frac_words, _) =
            words::limit_words(words::words_for(int), words::words_for(frac));
        let int = int.min(int_words * words::WORD_DIGITS);
        let frac = frac.min(frac_words * words::WORD_DIGITS);
        Words::from_digits(&nines[..int], &nines[..frac]).into()
    }

    /// Brings the value into DECIMAL(precision, scale): rounds half away from zero, and takes the
    /// type's bound for a value beyond it (TiDB's `ProduceDecWithSpecifiedTp`).
    pub fn fit(&self, precision: u8, scale: u8) -> Fitted {
        let value = if self.scale() == scale {
            *self
        } else {
            self.round_as(scale.into(), Rounding::HalfUp, Layout::Kept).value
        };
        if value.int_digits() > usize::from(precision.saturating_sub(scale)) {
            let bound = Decimal::max_for(precision, scale);
            let value = if value.is_negative() { bound.negate() } else { bound };
            return Fitted { value, is_overflow: true, is_truncated: false };
        }
        let is_truncated = self.scale() > scale && value != *self;
        Fitted { value, is_overflow: false, is_truncated }
    }

    /// Counts the words of nine digits the integer part is laid out in, leading zeros included:
    /// where a product outgrows nine words, it decides what is lost.
    #[inline]
    pub fn int_words(&self) -> u8 {
        words::words_for(self.nominal_int_digits().into()) as u8
    }

    /// Counts the integer digits that are laid out, leading zeros included.
    fn nominal_int_digits(&self) -> u8 {
        match &self.0 {
            Form::Plain(plain) => plain.int_digits,
            Form::Words(words) => words.int_digits,
        }
    }

    /// Counts the integer digits without leading zeros.
    #[inline]
    fn int_digits(&self) -> usize {
        match &self.0 {
            Form::Plain(plain) => plain.significant_int_digits(),
            Form::Words(words) => words.significant_int_digits(),
        }
    }

    /// Writes a key that equal values share and others do not: sign, place of the first word,
    /// count of words, words (big endian).
    pub fn write_key(&self, out: &mut Vec<u8>) {
        let words = self.words();
        let Some(top) = words.top_position() else {
            out.push(if words.negative { 3 } else { 0 });
            return;
        };
        let significant = significant(&words);
        out.push(if words.negative { 1 } else { 2 });
        out.push((top + words::WORDS as isize) as u8);
        out.push(significant.len() as u8);
        for word in significant {
            out.extend_from_slice(&word.to_be_bytes());
        }
    }
}

/// Reads the words from the first that is not zero to the last.
fn significant(words: &Words) -> &[u32] {
    let used = words.used();
    let start = used.iter().position(|&word| word != 0).unwrap_or(0);
    let end = used.iter().rposition(|&word| word != 0).map_or(start, |last| last + 1);
    &used[start..end]
}

impl Ord for Decimal {
    fn cmp(&self, rhs: &Self) -> Ordering {
        if let (Form::Plain(a), Form::Plain(b)) = (self.0, rhs.0)
            && let Some(order) = a.cmp(b)
        {
            return order;
        }
        let (a, b) = (self.words(), rhs.words());
        // A product too small for its digits is zero but for its sign, and that decides.
        match (a.negative, b.negative) {
            (false, false) => a.cmp_magnitude(&b),
            (true, true) => b.cmp_magnitude(&a),
            (a_is_negative, _) => {
                if a_is_negative {
                    Ordering::Less
                } else {
                    Ordering::Greater
                }
            }
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, rhs: &Self) -> Option<Ordering> {
        Some(self.cmp(rhs))
    }
}

impl PartialEq for Decimal {
    fn eq(&self, rhs: &Self) -> bool {
        self.cmp(rhs).is_eq()
    }
}

impl Eq for Decimal {}

impl Hash for Decimal {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let words = self.words();
        words.top_position().hash(state);
        words.negative.hash(state);
        significant(&words).hash(state);
    }
}

impl Default for Decimal {
    fn default() -> Self {
        Decimal::ZERO
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = Vec::new();
        self.write_all_digits(&mut text);
        let text = String::from_utf8_lossy(&text);
        write!(f, "Decimal({text}, printed scale {})", self.printed_scale())
    }
}
