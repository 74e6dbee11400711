// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Reads integers and doubles from text.

use super::prefix::{float_prefix, int_prefix, trim_space};
use crate::digits::{Pointed, SAFE_DIGITS, digit_run, pointed_number, whole_number};

/// Says what a text is read for; an empty text is 0 in an expression and wrong in a column.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TextUse {
    /// A cast, explicit or implied, within an expression.
    Cast,
    /// A value written to a column.
    Column,
}

/// Holds the number read from a text, and what is to be said about it, in this order.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Parsed<'a, T> {
    /// The number; the nearest one where the text's is out of range.
    pub value: T,
    /// The text to show where not all of it is a number: `Truncated incorrect … value: '…'`.
    pub truncated: Option<&'a [u8]>,
    /// The text to show where the number is beyond the type.
    pub out_of_range: Option<&'a [u8]>,
}

/// Names the two ways in which a cast changes the sign of what a text says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SignChange {
    /// A number above 2^63 became negative (warning 8030).
    ToNegative,
    /// A negative number became unsigned (warning 8031).
    ToUnsigned,
}

/// Holds what CAST(text AS SIGNED | UNSIGNED) gives, and what is to be said about it, in this order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CastInt<'a> {
    /// The integer's 64 bits.
    pub bits: i64,
    /// The text to show in warning 1292 (INTEGER) where not all of it is an integer.
    pub truncated: Option<&'a [u8]>,
    /// The text to show in a further warning 1292 (INTEGER) where it is beyond 64 bits.
    pub out_of_range: Option<&'a [u8]>,
    /// The change of sign to warn of; never set where `out_of_range` is.
    pub sign_change: Option<SignChange>,
}

/// Reads the integer a text begins with, as CAST to SIGNED or UNSIGNED does: `'1.9'` is 1.
///
/// A text that begins with `-` is read as a signed integer, any other as an unsigned one, whatever
/// the target; the bits are then taken as the target's.
pub fn cast_text_to_int(text: &[u8], unsigned: bool) -> CastInt<'_> {
    let text = trim_space(text);
    if text.len() > 1 && text.first() == Some(&b'-') {
        let read = text_to_i64(text);
        let changes = unsigned && read.out_of_range.is_none();
        return CastInt {
            bits: read.value,
            truncated: read.truncated,
            out_of_range: read.out_of_range,
            sign_change: changes.then_some(SignChange::ToUnsigned),
        };
    }
    let read = text_to_u64(text);
    let bits = read.value.cast_signed();
    let changes = !unsigned && bits < 0 && read.out_of_range.is_none();
    CastInt {
        bits,
        truncated: read.truncated,
        out_of_range: read.out_of_range,
        sign_change: changes.then_some(SignChange::ToNegative),
    }
}

/// Reads a text that is an integer of at most 18 digits and nothing else, a minus before it or not;
/// what any of the readers would give, with nothing to be said about it.
#[inline]
pub fn whole_text_to_i64(text: &[u8]) -> Option<i64> {
    let (is_negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        _ => (false, text),
    };
    let magnitude = whole_number(digits)?.cast_signed();
    Some(if is_negative { -magnitude } else { magnitude })
}

/// Reads the integer a text begins with, clipped to 64 bits with sign.
pub fn text_to_i64(text: &[u8]) -> Parsed<'_, i64> {
    let text = trim_space(text);
    let (number, truncated) = int_digits(text);
    number.to_i64(text, truncated)
}

/// Reads the integer a text begins with, clipped to 64 bits without sign; a negative one is 0 and
/// out of range.
pub fn text_to_u64(text: &[u8]) -> Parsed<'_, u64> {
    let text = trim_space(text);
    let (number, truncated) = int_digits(text);
    number.to_u64(text, truncated)
}

/// Reads the number a text begins with and rounds it to an integer, half away from zero, as writing
/// to an integer column does: `'2.5'` is 3, `'1e2'` is 100. Digits are kept, no double is made.
///
/// `strict` says that the statement fails where the text is cut: the cut text is then not rounded,
/// and is out of range unless it is an integer as it stands.
pub fn column_text_to_i64(text: &[u8], strict: bool) -> Parsed<'_, i64> {
    let text = trim_space(text);
    let (number, truncated) = rounded_digits(text, strict);
    number.to_i64(text, truncated)
}

/// Does what [`column_text_to_i64`] does for an unsigned column; a negative number is 0 and out of
/// range.
pub fn column_text_to_u64(text: &[u8], strict: bool) -> Parsed<'_, u64> {
    let text = trim_space(text);
    let (number, truncated) = rounded_digits(text, strict);
    number.to_u64(text, truncated)
}

/// Reads the double a text begins with; beyond the range it is the greatest double of its sign.
pub fn text_to_f64(text: &[u8], purpose: TextUse) -> Parsed<'_, f64> {
    let text = trim_space(text);
    if let Some(value) = whole_text_to_f64(text) {
        return Parsed { value, truncated: None, out_of_range: None };
    }
    if text.is_empty() && purpose == TextUse::Cast {
        return Parsed { value: 0.0, truncated: None, out_of_range: None };
    }
    let prefix = float_prefix(text);
    let truncated = prefix.is_truncated().then(|| text.get(..prefix.shown).unwrap_or_default());
    let digits = text.get(..prefix.valid).unwrap_or_default();
    let value = std::str::from_utf8(digits).ok().and_then(|d| d.parse().ok()).unwrap_or(0.0);
    if f64::is_infinite(value) {
        let value = f64::MAX.copysign(value);
        return Parsed { value, truncated, out_of_range: Some(text) };
    }
    Parsed { value, truncated, out_of_range: None }
}

/// Reads a text that is a number within the range and nothing else. A digit ends it: then it is none of the
/// names that are taken for numbers elsewhere.
#[inline(always)]
pub fn whole_text_to_f64(text: &[u8]) -> Option<f64> {
    text.last().filter(|b| b.is_ascii_digit())?;
    short_text_to_f64(text).or_else(|| long_text_to_f64(text))
}

/// Holds powers of ten that are exact doubles.
const UNITS: [f64; 17] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16];

/// Reads a short number without an exponent, a minus before it or not. Its digits and its power of ten
/// are both exact doubles, so that the quotient is rounded once (Clinger 1990).
#[inline(always)]
fn short_text_to_f64(text: &[u8]) -> Option<f64> {
    let (is_negative, number) = match text {
        [b'-', number @ ..] => (true, number),
        _ => (false, text),
    };
    // A longer one has too many digits but for zeros.
    let number = Some(number).filter(|n| n.len() < UNITS.len())?;
    let Pointed { value, frac, .. } = pointed_number(number)?;
    if value >> f64::MANTISSA_DIGITS != 0 {
        return None;
    }
    let magnitude = value as f64 / UNITS.get(usize::from(frac))?;
    Some(if is_negative { -magnitude } else { magnitude })
}

#[inline]
fn long_text_to_f64(text: &[u8]) -> Option<f64> {
    let value: f64 = fast_float2::parse(text).ok()?;
    value.is_finite().then_some(value)
}

/// Is an integer as a text says it, before it is fitted into a type.
struct SaidInt {
    negative: bool,
    /// The magnitude, or nothing where it is beyond 64 bits.
    magnitude: Option<u64>,
    /// Whether the text is no integer at all.
    malformed: bool,
}

impl SaidInt {
    fn to_i64<'a>(&self, text: &'a [u8], truncated: Option<&'a [u8]>) -> Parsed<'a, i64> {
        let fitted = self.magnitude.and_then(|m| match self.negative {
            true => 0_i64.checked_sub_unsigned(m),
            false => i64::try_from(m).ok(),
        });
        let clipped = if self.negative { i64::MIN } else { i64::MAX };
        let out_of_range = (self.malformed || fitted.is_none()).then_some(text);
        let value = if self.malformed { 0 } else { fitted.unwrap_or(clipped) };
        Parsed { value, truncated, out_of_range }
    }

    fn to_u64<'a>(&self, text: &'a [u8], truncated: Option<&'a [u8]>) -> Parsed<'a, u64> {
        if self.malformed || (self.negative && self.magnitude != Some(0)) {
            return Parsed { value: 0, truncated, out_of_range: Some(text) };
        }
        let out_of_range = self.magnitude.is_none().then_some(text);
        Parsed { value: self.magnitude.unwrap_or(u64::MAX), truncated, out_of_range }
    }
}

fn split_sign(text: &[u8]) -> (bool, &[u8]) {
    match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    }
}

fn append_digit(value: u64, digit: u8) -> Option<u64> {
    value.checked_mul(10)?.checked_add(u64::from(digit.wrapping_sub(b'0')))
}

fn int_digits(text: &[u8]) -> (SaidInt, Option<&[u8]>) {
    let (negative, digits) = split_sign(text);
    let run = digit_run(digits, 0);
    if run.count == digits.len() && (1..=SAFE_DIGITS).contains(&run.count) {
        return (SaidInt { negative, magnitude: Some(run.value), malformed: false }, None);
    }
    let valid = int_prefix(text);
    let (negative, digits) = split_sign(text.get(..valid).unwrap_or_default());
    let magnitude = digits.iter().try_fold(0, |value, digit| append_digit(value, *digit));
    let truncated = (valid == 0 || valid != text.len()).then_some(text);
    (SaidInt { negative, magnitude, malformed: false }, truncated)
}

fn rounded_digits(text: &[u8], strict: bool) -> (SaidInt, Option<&[u8]>) {
    let prefix = float_prefix(text);
    let truncated = prefix.is_truncated().then(|| text.get(..prefix.shown).unwrap_or_default());
    let number = text.get(..prefix.valid).unwrap_or_default();
    if strict && truncated.is_some() && int_prefix(number) != number.len() {
        return (SaidInt { negative: false, magnitude: None, malformed: true }, truncated);
    }
    let (negative, unsigned_part) = split_sign(number);
    let sign_len = number.len() - unsigned_part.len();
    (
        SaidInt { negative, magnitude: round_decimal(unsigned_part, sign_len), malformed: false },
        truncated,
    )
}

/// Rounds digits with an optional point and exponent to an integer, half up. Returns nothing beyond
/// 64 bits, and for the exponents TiDB refuses to look at: those that are no 64-bit integer, and
/// those that make more than 21 digits, the sign and leading zeros counted.
fn round_decimal(number: &[u8], sign_len: usize) -> Option<u64> {
    let exponent_at = number.iter().position(|b| matches!(b, b'e' | b'E'));
    let (mantissa, exponent) = match exponent_at.and_then(|at| number.split_at_checked(at)) {
        None => (number, None),
        Some((mantissa, tail)) => {
            let (negative, digits) = split_sign(tail.get(1..).unwrap_or_default());
            let size = digits.iter().try_fold(0, |value, digit| append_digit(value, *digit))?;
            let size = i64::try_from(size).ok()?;
            (mantissa, Some(if negative { -size } else { size }))
        }
    };
    let point = mantissa.iter().position(|b| *b == b'.').unwrap_or(mantissa.len());
    let int_len = i64::try_from(point).ok()?.checked_add(exponent.unwrap_or(0))?;
    let sign_len = i64::try_from(sign_len).ok()?;
    if exponent.is_some_and(|e| e >= 0) && int_len.saturating_add(sign_len) > 21 {
        return None;
    }
    let mut digits = mantissa.iter().filter(|b| **b != b'.');
    let Ok(int_len) = u64::try_from(int_len) else { return Some(0) };
    let mut value = 0_u64;
    for taken in 0..int_len {
        match digits.next() {
            Some(digit) => value = append_digit(value, *digit)?,
            // The rest is zeros; more than 20 of them never fit.
            None if value == 0 => return Some(0),
            None => {
                let zeros = u32::try_from(int_len - taken).ok()?;
                return value.checked_mul(10_u64.checked_pow(zeros)?);
            }
        }
    }
    match digits.next() {
        Some(b'5'..=b'9') => value.checked_add(1),
        _ => Some(value),
    }
}
