// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Reads decimals from text and prints them.
//!
//! Reading takes the longest prefix that is a number and says what it thought of the rest.
//! Source: `FromString`, `String`, `ToString` in `pkg/types/mydecimal.go`.

use std::fmt;

use super::lanes::{POW10_U32, pow10_i64};
use super::plain::{PLAIN_SCALE_MAX, Plain};
use super::rounding;
use super::words::{DIGITS_MAX, WORD_DIGITS, Words, limit_words, words_for};
use super::{Decimal, Form, Outcome, Rounding};
use crate::digits::{Pointed, SAFE_DIGITS, digit_run, eight, pointed_number, push_digits};

/// Says how a text was read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ParseOutcome {
    /// All of it is the number, spaces aside.
    Exact,
    /// Something behind the number or digits too many were left out (TiDB's ErrTruncated).
    Truncated,
    /// The number is too great (TiDB's ErrOverflow).
    Overflow,
    /// The exponent is too long to be a number (TiDB's ErrBadNumber).
    BadNumber,
    /// There is no number: no digits, or no text at all; the value is zero.
    NoDigits,
}

/// Is a number read from a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Parsed {
    /// The value as far as it could be read.
    pub value: Decimal,
    /// How it was read.
    pub outcome: ParseOutcome,
}

/// Bounds the magnitude of exponents that are looked at: half of `i32`'s range.
const EXPONENT_BOUND: i64 = (i32::MAX / 2) as i64;

/// Finds out how many digits a text starts with.
fn digit_prefix(text: &[u8]) -> usize {
    digit_run(text, 0).count
}

impl Decimal {
    /// Reads a decimal number: spaces and tabs, a sign, digits with a point, an exponent; white
    /// space may follow.
    pub fn parse(text: &[u8]) -> Parsed {
        if let Some(plain) = parse_short(text) {
            return Parsed { value: plain.into(), outcome: ParseOutcome::Exact };
        }
        // A text of nothing but spaces keeps them, and is as bad as none.
        let start = text.iter().position(|byte| !matches!(byte, b' ' | b'\t')).unwrap_or(0);
        let (negative, text) = match text[start..].split_first() {
            Some((b'-', rest)) => (true, rest),
            Some((b'+', rest)) => (false, rest),
            _ => (false, &text[start..]),
        };
        let (int, rest) = text.split_at(digit_prefix(text));
        let (frac, rest) = match rest.split_first() {
            Some((b'.', behind)) => behind.split_at(digit_prefix(behind)),
            _ => (&rest[..0], rest),
        };
        if int.is_empty() && frac.is_empty() {
            return Parsed { value: Decimal::ZERO, outcome: ParseOutcome::NoDigits };
        }
        if rest.is_empty()
            && let Some(plain) = parse_plain(negative, int, frac)
        {
            return Parsed { value: plain.into(), outcome: ParseOutcome::Exact };
        }
        parse_words(negative, int, frac, rest)
    }

    /// Prints the value with its printed scale, as a client sees it, rounded half away from zero.
    pub fn write_text(&self, out: &mut Vec<u8>) {
        let printed = self.printed_scale();
        if self.scale() == printed {
            return self.write_all_digits(out);
        }
        self.round(printed.into(), Rounding::HalfUp).value.write_all_digits(out);
    }

    /// Prints the value with every fraction digit it keeps.
    pub fn write_all_digits(&self, out: &mut Vec<u8>) {
        match &self.0 {
            Form::Plain(plain) => write_plain(plain, out),
            Form::Words(words) => write_words(words, out),
        }
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = Vec::with_capacity(DIGITS_MAX + 3);
        self.write_text(&mut text);
        f.pad(std::str::from_utf8(&text).unwrap_or_default())
    }
}

/// Reads a text that is a short number and nothing else, a minus before it or not.
fn parse_short(text: &[u8]) -> Option<Plain> {
    let (is_negative, number) = match text {
        [b'-', number @ ..] => (true, number),
        _ => (false, text),
    };
    let Pointed { value, int, frac } = pointed_number(number)?;
    let magnitude = i128::from(value);
    Some(Plain {
        mantissa: if is_negative { -magnitude } else { magnitude },
        int_digits: int,
        scale: frac,
        printed: frac,
    })
}

/// Reads a text that is a short number and nothing else, a minus before it or not, as a mantissa of a
/// DECIMAL(precision, scale); none where it does not fit as it is, or is longer.
#[inline]
pub fn text_to_lane(text: &[u8], precision: u8, scale: u8) -> Option<i64> {
    let (is_negative, number) = match text {
        [b'-', number @ ..] => (true, number),
        _ => (false, text),
    };
    let Pointed { value, frac, .. } = pointed_number(number).filter(|_| scale <= precision)?;
    let raise = pow10_i64(scale.checked_sub(frac)?)?;
    let mantissa = i64::try_from(value).ok()?.checked_mul(raise)?;
    let fits = pow10_i64(precision).is_none_or(|bound| mantissa < bound);
    fits.then_some(if is_negative { -mantissa } else { mantissa })
}

/// Prints a mantissa with `scale` fraction digits.
#[inline]
pub fn write_lane(mantissa: i64, scale: u8, out: &mut Vec<u8>) {
    if mantissa < 0 {
        out.push(b'-');
    }
    let magnitude = mantissa.unsigned_abs();
    match scale {
        0..=8 => write_short(magnitude, scale.into(), out),
        _ => write_long(magnitude.into(), scale.into(), out),
    }
}

/// Reads digits that make a plain number.
fn parse_plain(negative: bool, int: &[u8], frac: &[u8]) -> Option<Plain> {
    let scale = u8::try_from(frac.len()).ok().filter(|&scale| scale <= PLAIN_SCALE_MAX)?;
    // 37 digits stay below the bound of a plain number whatever they are.
    if int.len() + frac.len() > 37 {
        return None;
    }
    let magnitude = if int.len() + frac.len() <= SAFE_DIGITS {
        digit_run(frac, digit_run(int, 0).value).value.into()
    } else {
        let digits = int.iter().chain(frac).map(|digit| digit - b'0');
        digits.fold(0i128, |number, digit| number * 10 + i128::from(digit))
    };
    Some(Plain {
        mantissa: if negative { -magnitude } else { magnitude },
        int_digits: int.len() as u8,
        scale,
        printed: scale,
    })
}

/// Reads any digits, and the exponent or what else follows them.
fn parse_words(negative: bool, int: &[u8], frac: &[u8], rest: &[u8]) -> Parsed {
    let (int_words, frac_words, fit) = limit_words(words_for(int.len()), words_for(frac.len()));
    let mut outcome = match fit {
        Outcome::Exact => ParseOutcome::Exact,
        Outcome::Truncated => ParseOutcome::Truncated,
        Outcome::Overflow => ParseOutcome::Overflow,
    };
    // Too many integer digits: the last ones are kept, as TiDB does.
    let int = &int[int.len().saturating_sub(int_words * WORD_DIGITS)..];
    let frac = &frac[..frac.len().min(frac_words * WORD_DIGITS)];
    let mut words = Words { negative, ..Words::from_digits(int, frac) };
    match rest.split_first() {
        Some((b'e' | b'E', exponent)) => {
            outcome = apply_exponent(&mut words, exponent, outcome);
        }
        _ if !is_white(rest) => outcome = ParseOutcome::Truncated,
        _ => {}
    }
    words.negative &= !words.is_zero();
    words.printed = words.scale;
    Parsed { value: words.into(), outcome }
}

/// Moves the point as the exponent's text says; `outcome` is what was to be said so far.
fn apply_exponent(words: &mut Words, text: &[u8], outcome: ParseOutcome) -> ParseOutcome {
    let (exponent, problem) = parse_exponent(text);
    let mut outcome = outcome;
    if problem != ParseOutcome::Exact {
        outcome = problem;
        if problem != ParseOutcome::Truncated {
            *words = Words::ZERO;
        }
    }
    if exponent > EXPONENT_BOUND {
        *words = Words { negative: words.negative, ..Words::nines() };
        return ParseOutcome::Overflow;
    }
    if outcome == ParseOutcome::Overflow {
        return outcome;
    }
    if exponent < -EXPONENT_BOUND {
        *words = Words::ZERO;
        return ParseOutcome::Truncated;
    }
    let places = i32::try_from(exponent).unwrap_or(0);
    let shifted = rounding::shift(words, places);
    match shifted.outcome {
        Outcome::Exact => {
            *words = shifted.value;
            outcome
        }
        Outcome::Truncated => {
            *words = shifted.value;
            ParseOutcome::Truncated
        }
        Outcome::Overflow => {
            *words = Words { negative: words.negative, ..Words::nines() };
            ParseOutcome::Overflow
        }
    }
}

/// Reads an exponent: Exact, Truncated (no digits, or something behind them) or BadNumber (beyond
/// 64 bits).
fn parse_exponent(text: &[u8]) -> (i64, ParseOutcome) {
    let text = trim_white(text);
    let (negative, digits) = match text.split_first() {
        Some((b'-', rest)) => (true, rest),
        Some((b'+', rest)) => (false, rest),
        _ => (false, text),
    };
    let len = digit_prefix(digits);
    let mut problem =
        if len < digits.len() || len == 0 { ParseOutcome::Truncated } else { ParseOutcome::Exact };
    let mut magnitude = 0u64;
    for digit in &digits[..len] {
        let next = magnitude.checked_mul(10).and_then(|m| m.checked_add((digit - b'0').into()));
        let Some(next) = next else {
            magnitude = 0;
            problem = ParseOutcome::BadNumber;
            break;
        };
        magnitude = next;
    }
    let signed = i128::from(magnitude) * if negative { -1 } else { 1 };
    match i64::try_from(signed) {
        Ok(exponent) => (exponent, problem),
        Err(_) if negative => (i64::MIN, ParseOutcome::BadNumber),
        Err(_) => (i64::MAX, ParseOutcome::BadNumber),
    }
}

/// Tells whether there is nothing but white space, Unicode's included.
fn is_white(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok_and(|text| text.trim().is_empty())
}

/// Drops white space at both ends, Unicode's too where the text is UTF-8.
fn trim_white(text: &[u8]) -> &[u8] {
    match std::str::from_utf8(text) {
        Ok(text) => text.trim().as_bytes(),
        Err(_) => text.trim_ascii(),
    }
}

/// Prints a plain number.
fn write_plain(plain: &Plain, out: &mut Vec<u8>) {
    if let Ok(mantissa) = i64::try_from(plain.mantissa) {
        return write_lane(mantissa, plain.scale, out);
    }
    if plain.mantissa < 0 {
        out.push(b'-');
    }
    write_long(plain.mantissa.unsigned_abs(), plain.scale.into(), out);
}

/// Prints a number of 64 bits with at most eight fraction digits.
fn write_short(magnitude: u64, scale: usize, out: &mut Vec<u8>) {
    if scale == 0 {
        return push_digits(magnitude, out);
    }
    let unit = u64::from(POW10_U32[scale]);
    push_digits(magnitude / unit, out);
    // The digits stand at the front, so that a copy of a fixed length takes them.
    let [a, b, c, d, e, f, g, h] = eight(magnitude % unit * u64::from(POW10_U32[8 - scale]));
    let end = out.len() + 1 + scale;
    out.extend_from_slice(&[b'.', a, b, c, d, e, f, g, h]);
    out.truncate(end);
}

/// Prints any plain number.
fn write_long(magnitude: u128, scale: usize, out: &mut Vec<u8>) {
    let mut digits = [b'0'; DIGITS_MAX];
    let mut at = DIGITS_MAX;
    let mut rest = magnitude;
    while rest > 0 {
        const TEN_16: u128 = 10_000_000_000_000_000;
        let part = (rest % TEN_16) as u64;
        rest /= TEN_16;
        digits[at - 8..at].copy_from_slice(&eight(part % 100_000_000));
        digits[at - 16..at - 8].copy_from_slice(&eight(part / 100_000_000));
        at -= 16;
    }
    // One digit stands before the point, zero or not.
    let point = DIGITS_MAX - scale;
    let zeros = digits[..point - 1].iter().skip(at).take_while(|digit| **digit == b'0').count();
    let start = at.min(point - 1) + zeros;
    let (int, frac) = digits[start..].split_at(point - start);
    write_parts(false, int, frac, out);
}

/// Prints words.
fn write_words(words: &Words, out: &mut Vec<u8>) {
    let mut digits = [b'0'; DIGITS_MAX];
    let len = words.write_digits(&mut digits);
    let (int, frac) = digits[..len].split_at(usize::from(words.int_digits).min(len));
    let lead = int.iter().take_while(|&&digit| digit == b'0').count();
    let int = &int[lead..];
    write_parts(words.negative, if int.is_empty() { b"0" } else { int }, frac, out);
}

/// Prints sign, integer digits, point and fraction digits.
fn write_parts(negative: bool, int: &[u8], frac: &[u8], out: &mut Vec<u8>) {
    if negative {
        out.push(b'-');
    }
    out.extend_from_slice(int);
    if !frac.is_empty() {
        out.push(b'.');
        out.extend_from_slice(frac);
    }
}
