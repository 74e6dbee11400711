// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Prints integers and doubles. Everything is appended to the caller's buffer.

use std::io::Write;

use crate::digits::{pair, push_digits};
use crate::error::{SqlError, code};

/// Says how many digits after the point the protocol prints.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Decimals {
    /// As many as tell the number from its neighbours.
    Shortest,
    /// Just so many.
    Fixed(u8),
}

/// Appends a signed integer.
#[inline]
pub fn write_i64(number: i64, out: &mut Vec<u8>) {
    if number < 0 {
        out.push(b'-');
    }
    write_u64(number.unsigned_abs(), out);
}

/// Appends an unsigned integer.
#[inline]
pub fn write_u64(number: u64, out: &mut Vec<u8>) {
    push_digits(number, out);
}

/// Appends a double as a cast to text does: the shortest digits that give it back, never an
/// exponent (1e20 is 100000000000000000000).
#[inline]
pub fn write_f64(number: f64, out: &mut Vec<u8>) {
    if !write_few_decimals(number, out) {
        write_shortest(number, out);
    }
}

/// Appends a number of at most four decimals and 15 digits in all; false for any other. No two of those
/// numbers are the same double, so that none has fewer digits than the one found.
#[inline]
fn write_few_decimals(number: f64, out: &mut Vec<u8>) -> bool {
    const UNIT: u64 = 10_000;
    const BOUND: f64 = 1e11;
    // Has no place left for a fraction: 2^52.
    const SHIFT: f64 = 4_503_599_627_370_496.0;
    let magnitude = number.abs();
    let scaled = (magnitude * UNIT as f64 + SHIFT) - SHIFT;
    if !(magnitude < BOUND && scaled / UNIT as f64 == magnitude) {
        return false;
    }
    if number.is_sign_negative() {
        out.push(b'-');
    }
    let scaled = scaled as u64;
    push_digits(scaled / UNIT, out);
    let fraction = scaled % UNIT;
    if fraction != 0 {
        let ([a, b], [c, d]) = (pair(fraction / 100), pair(fraction % 100));
        let zeros = (u32::from_le_bytes([a, b, c, d]) ^ 0x3030_3030).leading_zeros() / 8;
        let end = out.len() + 5 - zeros as usize;
        out.extend_from_slice(&[b'.', a, b, c, d]);
        out.truncate(end);
    }
    true
}

/// Appends any double.
pub(super) fn write_shortest(number: f64, out: &mut Vec<u8>) {
    let mut buffer = zmij::Buffer::new();
    let printed = buffer.format(number);
    if number == 0.0 || (1e-4..1e15).contains(&number.abs()) {
        // No exponent is printed here.
        return out.extend_from_slice(printed.strip_suffix(".0").unwrap_or(printed).as_bytes());
    }
    write_plain(printed, out);
}

/// Appends a FLOAT as a cast to text does: the shortest digits that give the 32-bit value back,
/// never an exponent.
pub fn write_f32(number: f32, out: &mut Vec<u8>) {
    let mut buffer = zmij::Buffer::new();
    write_plain(buffer.format(number), out);
}

const EXPONENT_FROM: f64 = 1e15;
const EXPONENT_BELOW: f64 = 1e-15;

/// Appends a double as the protocol sends it: with fixed decimals where the column has them, else
/// the shortest digits, with an exponent from 1e15 and below 1e-15. What is no number is 0.
pub fn write_f64_protocol(number: f64, decimals: Decimals, out: &mut Vec<u8>) {
    if !number.is_finite() {
        return out.push(b'0');
    }
    match decimals {
        Decimals::Fixed(digits) => write_fixed(number, digits, out),
        Decimals::Shortest if is_far(number.abs(), EXPONENT_FROM, EXPONENT_BELOW) => {
            let mut buffer = zmij::Buffer::new();
            Shortest::read(buffer.format(number)).write_exponent(false, out);
        }
        Decimals::Shortest => write_f64(number, out),
    }
}

/// Appends a FLOAT as the protocol sends it: as [`write_f64_protocol`], the exponent form rounded to
/// six digits.
pub fn write_f32_protocol(number: f32, decimals: Decimals, out: &mut Vec<u8>) {
    if !number.is_finite() {
        return out.push(b'0');
    }
    #[expect(clippy::cast_possible_truncation, reason = "TiDB compares 32-bit bounds")]
    let (from, below) = (EXPONENT_FROM as f32, EXPONENT_BELOW as f32);
    match decimals {
        Decimals::Fixed(digits) => write_fixed(f64::from(number), digits, out),
        Decimals::Shortest if is_far(number.abs(), from, below) => {
            let mut form = StackText::default();
            let written = write!(form, "{number:.5e}");
            debug_assert!(written.is_ok(), "12 bytes fit");
            Shortest::read(form.as_str()).write_exponent(false, out);
        }
        Decimals::Shortest => write_f32(number, out),
    }
}

/// Appends a double as Go's `%v` prints it, as some of TiDB's messages do: shortest digits, with an
/// exponent from 1e6 and below 1e-4.
pub fn write_f64_general(number: f64, out: &mut Vec<u8>) {
    let size = number.abs();
    if is_far(size, 1e6, 1e-4) {
        let mut buffer = zmij::Buffer::new();
        return Shortest::read(buffer.format(number)).write_exponent(true, out);
    }
    write_f64(number, out);
}

/// Reports a double that a cast to an integer clips: `constant 1e+20 overflows bigint`. The number
/// is the rounded one.
#[cold]
pub fn constant_overflows(rounded: f64, kind: &str) -> SqlError {
    let mut text = Vec::new();
    write_f64_general(rounded, &mut text);
    let text = String::from_utf8_lossy(&text);
    SqlError::new(code::ER_DATA_OUT_OF_RANGE, format!("constant {text} overflows {kind}"))
}

fn is_far<T: PartialOrd + Default>(size: T, from: T, below: T) -> bool {
    size >= from || (size != T::default() && size < below)
}

fn write_fixed(number: f64, decimals: u8, out: &mut Vec<u8>) {
    let written = write!(out, "{number:.*}", usize::from(decimals));
    debug_assert!(written.is_ok(), "a vector takes everything");
}

/// Appends a number printed with or without an exponent in plain form.
fn write_plain(printed: &str, out: &mut Vec<u8>) {
    match printed.bytes().find(|b| matches!(b, b'e' | b'i' | b'N')) {
        None => out.extend_from_slice(printed.strip_suffix(".0").unwrap_or(printed).as_bytes()),
        Some(b'e') => Shortest::read(printed).write_plain(out),
        // An infinity or no number at all; no SQL value is one.
        Some(_) => out.extend_from_slice(printed.as_bytes()),
    }
}

/// Is a number's sign, digits without zeros at either end, and the exponent of the first digit.
struct Shortest {
    negative: bool,
    digits: [u8; 20],
    count: usize,
    exponent: i32,
}

impl Shortest {
    /// Reads `-1.25e-7`, `0.00125` or `1250.0`.
    fn read(printed: &str) -> Shortest {
        let (negative, rest) = match printed.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, printed),
        };
        let (mantissa, exponent) = rest.split_once('e').unwrap_or((rest, "0"));
        let mut this = Shortest {
            negative,
            digits: [0; 20],
            count: 0,
            exponent: exponent.parse().unwrap_or(0),
        };
        let mut place = -1;
        let mut before_point = true;
        for byte in mantissa.bytes() {
            if byte == b'.' {
                before_point = false;
                continue;
            }
            let leading_zero = this.count == 0 && byte == b'0';
            place += i32::from(before_point && (this.count > 0 || !leading_zero));
            if leading_zero {
                place -= i32::from(!before_point);
                continue;
            }
            if let Some(digit) = this.digits.get_mut(this.count) {
                *digit = byte;
                this.count += 1;
            }
        }
        this.exponent += place;
        while this.count > 1 && this.digits.get(this.count - 1) == Some(&b'0') {
            this.count -= 1;
        }
        this
    }

    fn digits(&self) -> &[u8] {
        self.digits.get(..self.count).unwrap_or_default()
    }

    fn write_plain(&self, out: &mut Vec<u8>) {
        if self.negative {
            out.push(b'-');
        }
        let digits = self.digits();
        match usize::try_from(self.exponent) {
            Err(_) => {
                out.extend_from_slice(b"0.");
                let zeros = usize::try_from(-1 - self.exponent).unwrap_or(0);
                out.resize(out.len() + zeros, b'0');
                out.extend_from_slice(digits);
            }
            Ok(exponent) => match digits.split_at_checked(exponent + 1) {
                Some((int, [])) => out.extend_from_slice(int),
                Some((int, fraction)) => {
                    out.extend_from_slice(int);
                    out.push(b'.');
                    out.extend_from_slice(fraction);
                }
                None => {
                    out.extend_from_slice(digits);
                    out.resize(out.len() + exponent + 1 - digits.len(), b'0');
                }
            },
        }
    }

    /// Appends `1.5e20` or, as Go does, `1.5e+20`; the exponent has two digits at least.
    fn write_exponent(&self, plus: bool, out: &mut Vec<u8>) {
        if self.negative {
            out.push(b'-');
        }
        if let Some((first, rest)) = self.digits().split_first() {
            out.push(*first);
            if !rest.is_empty() {
                out.push(b'.');
                out.extend_from_slice(rest);
            }
        }
        out.push(b'e');
        if self.exponent < 0 {
            out.push(b'-');
        } else if plus {
            out.push(b'+');
        }
        let size = u64::from(self.exponent.unsigned_abs());
        if size < 10 {
            out.push(b'0');
        }
        write_u64(size, out);
    }
}

/// Collects a short printed number without an allocation.
#[derive(Default)]
struct StackText {
    bytes: [u8; 24],
    len: usize,
}

impl StackText {
    fn as_str(&self) -> &str {
        std::str::from_utf8(self.bytes.get(..self.len).unwrap_or_default()).unwrap_or_default()
    }
}

impl Write for StackText {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let room = self.bytes.get_mut(self.len..).unwrap_or_default();
        let taken = bytes.len().min(room.len());
        if let (Some(to), Some(from)) = (room.get_mut(..taken), bytes.get(..taken)) {
            to.copy_from_slice(from);
        }
        self.len += taken;
        Ok(taken)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
