// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Compares texts and makes sort keys, one way for each kind of weights.

use std::cmp::Ordering;

use super::utf8::{Decoded, REPLACEMENT, decode};
use super::weights::{WeightTable, Weights};

/// Says what texts are compared by.
pub(super) enum Order {
    /// Bytes; of UTF-8 that is the order of code points.
    Bytes,
    /// One weight a character, two bytes each in the key; an ASCII character's is its upper case.
    Single(&'static WeightTable),
    /// One weight a character, in the key one byte where it fits and else two.
    Narrow(&'static WeightTable),
    /// Any number of weights a character, two bytes each in the key.
    Many(&'static WeightTable),
    /// The codes of another charset, in the key one or two bytes; what it lacks is `?`.
    Encoded(&'static WeightTable),
    /// Nothing known: bytes are compared, and the collation says that it is not comparable.
    Unknown,
}

impl Order {
    /// Compares two texts, padding already cut off.
    #[inline]
    pub(super) fn compare(&self, a: &[u8], b: &[u8]) -> Ordering {
        match self {
            Order::Bytes | Order::Unknown => compare_bytes(a, b),
            Order::Single(table) => compare_letters(table, a, b),
            Order::Narrow(table) => compare_single(table, skip_common_ascii(a, b)),
            Order::Many(table) => compare_many(table, a, b),
            Order::Encoded(table) => compare_encoded(table, a, b),
        }
    }

    /// Tells whether two texts are equal, padding already cut off.
    #[inline]
    pub(super) fn equals(&self, a: &[u8], b: &[u8]) -> bool {
        match self {
            Order::Bytes => same_bytes(a, b),
            // What is the same is found as soon as what differs in case alone.
            Order::Single(table) => compare_letters(table, a, b).is_eq(),
            other => same_bytes(a, b) || other.compare(a, b).is_eq(),
        }
    }

    /// Appends the sort key of a text, padding already cut off.
    pub(super) fn sort_key(&self, text: &[u8], out: &mut Vec<u8>) {
        match self {
            Order::Bytes | Order::Unknown => out.extend_from_slice(text),
            Order::Single(table) => key_single(table, text, out),
            Order::Narrow(table) => {
                out.reserve(text.len());
                for_valid(text, |code_point| push_narrow(table.single(code_point), out));
            }
            Order::Many(table) => key_many(table, text, out),
            Order::Encoded(table) => {
                out.reserve(text.len());
                let mut rest = text;
                while let Some(code_point) = take_encodable(&mut rest) {
                    push_narrow(table.single(code_point), out);
                }
            }
        }
    }
}

/// Compares bytes. The C library takes over 100 ns to compare no bytes at the address an empty `Box`
/// has (a masked load of a page that is not there), so it is not asked to.
#[inline]
fn compare_bytes(a: &[u8], b: &[u8]) -> Ordering {
    if a.is_empty() || b.is_empty() { a.len().cmp(&b.len()) } else { a.cmp(b) }
}

/// Tells whether bytes are the same; empty ones are not handed on, as in [`compare_bytes`].
#[inline]
pub(super) fn same_bytes(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && (a.is_empty() || a == b)
}

#[inline]
fn take(text: &mut &[u8]) -> Option<Decoded> {
    let decoded = decode(text)?;
    *text = text.get(decoded.width..).unwrap_or_default();
    Some(decoded)
}

/// Calls `each` for every character up to the first byte that is no UTF-8.
#[inline]
fn for_valid(mut text: &[u8], mut each: impl FnMut(u32)) {
    while let Some(decoded) = take(&mut text) {
        if decoded.is_invalid() {
            return;
        }
        each(decoded.code_point);
    }
}

/// Cuts the ASCII characters off that two texts begin with alike.
fn skip_common_ascii<'a>(a: &'a [u8], b: &'a [u8]) -> (&'a [u8], &'a [u8]) {
    const STRIDE: usize = 16;
    let strides = a.as_chunks::<STRIDE>().0.iter().zip(b.as_chunks::<STRIDE>().0);
    let whole = strides.take_while(|(a, b)| a == b && a.is_ascii()).count() * STRIDE;
    let (a, b) = (a.get(whole..).unwrap_or_default(), b.get(whole..).unwrap_or_default());
    let same = a.iter().zip(b).take_while(|(a, b)| a == b && a.is_ascii()).count();
    (a.get(same..).unwrap_or_default(), b.get(same..).unwrap_or_default())
}

/// Cuts the ASCII characters off that two texts begin with alike, letters in either case. Bytes are
/// looked at in strides, then in eights: ASCII is what has no high bit.
fn skip_common_letters<'a>(a: &'a [u8], b: &'a [u8]) -> (&'a [u8], &'a [u8]) {
    let strides = a.as_chunks::<STRIDE>().0.iter().zip(b.as_chunks::<STRIDE>().0);
    let strides = strides.take_while(|(a, b)| are_same_letters(a, b));
    // Most texts differ at once: those are not looked at in strides.
    let mut same = if begin_alike(a, b) { STRIDE * strides.count() } else { 0 };
    let (left, right) = (a.get(same..).unwrap_or_default(), b.get(same..).unwrap_or_default());
    for (left, right) in left.as_chunks::<8>().0.iter().zip(right.as_chunks::<8>().0) {
        let (left, right) = (u64::from_le_bytes(*left), u64::from_le_bytes(*right));
        if (left | right) & HIGH_BITS != 0 {
            break;
        }
        let differences = upper_eight(left) ^ upper_eight(right);
        same += differences.trailing_zeros() as usize / 8;
        if differences != 0 {
            break;
        }
    }
    // The last eight of the shorter text are looked at together: those before them are alike.
    let shorter = a.len().min(b.len());
    if same < shorter && same + 8 > shorter && shorter >= 8 {
        let last = |text: &[u8]| {
            text.get(..shorter)?.last_chunk::<8>().map(|chunk| u64::from_le_bytes(*chunk))
        };
        let (left, right) = (last(a).unwrap_or(0), last(b).unwrap_or(0));
        if (left | right) & HIGH_BITS == 0 {
            let differences = upper_eight(left) ^ upper_eight(right);
            same = shorter - 8 + differences.trailing_zeros() as usize / 8;
        }
    }
    let (a, b) = (a.get(same..).unwrap_or_default(), b.get(same..).unwrap_or_default());
    if same == shorter {
        return (a, b);
    }
    let is_same = |(a, b): &(&u8, &u8)| a.is_ascii() && a.eq_ignore_ascii_case(b);
    let same = a.iter().zip(b).take_while(is_same).count();
    (a.get(same..).unwrap_or_default(), b.get(same..).unwrap_or_default())
}

/// Tells whether two texts may have their first eight ASCII characters alike.
#[inline]
fn begin_alike(a: &[u8], b: &[u8]) -> bool {
    let upper =
        |text: &[u8]| text.first_chunk().map(|chunk| upper_eight(u64::from_le_bytes(*chunk)));
    upper(a) == upper(b)
}

/// Tells whether two stretches are ASCII and alike, letters in either case.
#[inline]
fn are_same_letters(a: &[u8; STRIDE], b: &[u8; STRIDE]) -> bool {
    let (mut all, mut differences) = (0, 0);
    for (a, b) in a.as_chunks::<8>().0.iter().zip(b.as_chunks::<8>().0) {
        let (a, b) = (u64::from_le_bytes(*a), u64::from_le_bytes(*b));
        all |= a | b;
        differences |= upper_eight(a) ^ upper_eight(b);
    }
    (all & HIGH_BITS) | differences == 0
}

const HIGH_BITS: u64 = 0x8080_8080_8080_8080;

/// Puts eight ASCII characters into upper case: `a` to `z` are those that adding carries over the high
/// bit and adding a little less does not. What is not ASCII comes out as no character in particular.
#[inline]
pub const fn upper_eight(characters: u64) -> u64 {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let from_a = characters.wrapping_add(EACH * (0x80 - b'a' as u64));
    let beyond_z = characters.wrapping_add(EACH * (0x7f - b'z' as u64));
    characters ^ ((from_a & !beyond_z & HIGH_BITS) >> 2)
}

/// Compares by one weight a character, which is an ASCII character's upper case.
fn compare_letters(table: &WeightTable, a: &[u8], b: &[u8]) -> Ordering {
    let (a, b) = skip_common_letters(a, b);
    match (a.first(), b.first()) {
        (Some(left), Some(right)) if (left | right).is_ascii() => {
            left.to_ascii_uppercase().cmp(&right.to_ascii_uppercase())
        }
        _ => compare_single(table, (a, b)),
    }
}

/// Compares by one weight a character.
fn compare_single(table: &WeightTable, (mut a, mut b): (&[u8], &[u8])) -> Ordering {
    loop {
        // Neither is taken from where one has ended: what is left of the other decides.
        if a.is_empty() || b.is_empty() {
            return a.len().cmp(&b.len());
        }
        let (Some(left), Some(right)) = (take(&mut a), take(&mut b)) else {
            return Ordering::Equal;
        };
        if left.is_invalid() || right.is_invalid() {
            return Ordering::Equal;
        }
        if left.code_point != right.code_point {
            let order = table.single(left.code_point).cmp(&table.single(right.code_point));
            if order.is_ne() {
                return order;
            }
        }
    }
}

/// Gives the weights of a text one by one.
struct Cursor<'a> {
    rest: &'a [u8],
    weights: Weights,
}

enum Step {
    Weight(u16),
    End,
    Invalid,
}

impl Cursor<'_> {
    #[inline]
    fn step(&mut self, table: &WeightTable) -> Step {
        loop {
            if let Some(weight) = self.weights.next() {
                return Step::Weight(weight);
            }
            match take(&mut self.rest) {
                None => return Step::End,
                Some(decoded) if decoded.is_invalid() => return Step::Invalid,
                Some(decoded) => self.weights = table.weights(decoded.code_point),
            }
        }
    }
}

fn compare_many(table: &WeightTable, a: &[u8], b: &[u8]) -> Ordering {
    let (a, b) = skip_common_ascii(a, b);
    let mut a = Cursor { rest: a, weights: Weights::default() };
    let mut b = Cursor { rest: b, weights: Weights::default() };
    loop {
        let order = match (a.step(table), b.step(table)) {
            (Step::Invalid, _) | (_, Step::Invalid) | (Step::End, Step::End) => {
                return Ordering::Equal;
            }
            (Step::End, Step::Weight(_)) => return Ordering::Less,
            (Step::Weight(_), Step::End) => return Ordering::Greater,
            (Step::Weight(a), Step::Weight(b)) => a.cmp(&b),
        };
        if order.is_ne() {
            return order;
        }
    }
}

/// Takes a character as TiDB's GBK does: as long as its first byte says, which is no character where
/// the bytes are none.
fn take_encodable(text: &mut &[u8]) -> Option<u32> {
    let width = match text.first()? {
        ..0x80 => 1,
        0x80..0xe0 => 2,
        0xe0..0xf0 => 3,
        0xf0.. => 4,
    };
    let (bytes, rest) = text.split_at_checked(width).unwrap_or((text, &[]));
    *text = rest;
    let whole = decode(bytes).filter(|decoded| decoded.width == bytes.len());
    Some(whole.map_or(REPLACEMENT, |decoded| decoded.code_point))
}

fn compare_encoded(table: &WeightTable, mut a: &[u8], mut b: &[u8]) -> Ordering {
    loop {
        if a.is_empty() || b.is_empty() {
            return a.len().cmp(&b.len());
        }
        let left = take_encodable(&mut a).map(|c| table.single(c));
        let order = left.cmp(&take_encodable(&mut b).map(|c| table.single(c)));
        if order.is_ne() {
            return order;
        }
    }
}

#[inline]
fn push_narrow(weight: u16, out: &mut Vec<u8>) {
    match weight.to_be_bytes() {
        [0, low] => out.push(low),
        both => out.extend_from_slice(&both),
    }
}

/// Is how many bytes of ASCII a long key is made from at once.
const STRIDE: usize = 32;
/// Is how many bytes of ASCII a short key, or the end of one, is made from at once.
const STEP: usize = 8;

/// Makes the key of one weight a character. ASCII goes without the table, in strides the compiler makes
/// vector code of; the last step may overlap what was written before, and writes the same.
fn key_single(table: &WeightTable, text: &[u8], out: &mut Vec<u8>) {
    out.reserve(text.len() * 2);
    let mut rest = text;
    loop {
        rest = key_ascii::<STEP>(key_ascii::<STRIDE>(rest, out), out);
        if (1..STEP).contains(&rest.len())
            && let Some(last) = text.last_chunk::<STEP>().filter(|last| last.is_ascii())
        {
            out.truncate(out.len() - 2 * (STEP - rest.len()));
            return out.extend_from_slice(upper_weights(last).as_flattened());
        }
        // What is left is short, or has something else in its next step.
        let end = rest.len().min(STEP);
        let Some(mut near) = rest.get(..end).filter(|near| !near.is_empty()) else { return };
        while let Some(byte) = near.split_off_first() {
            if *byte < 0x80 {
                out.extend_from_slice(&[0, byte.to_ascii_uppercase()]);
                rest = rest.get(1..).unwrap_or_default();
                continue;
            }
            match take(&mut rest) {
                Some(decoded) if !decoded.is_invalid() => {
                    let weight = table.single(decoded.code_point);
                    out.extend_from_slice(&weight.to_be_bytes());
                    near = near.get(decoded.width - 1..).unwrap_or_default();
                }
                _ => return,
            }
        }
    }
}

/// Appends the weights of as many strides of ASCII as a text begins with, and returns what is left.
#[inline]
fn key_ascii<'a, const N: usize>(mut text: &'a [u8], out: &mut Vec<u8>) -> &'a [u8] {
    while let Some((stride, rest)) = text.split_first_chunk::<N>() {
        if !stride.is_ascii() {
            break;
        }
        out.extend_from_slice(upper_weights(stride).as_flattened());
        text = rest;
    }
    text
}

#[inline]
fn upper_weights<const N: usize>(text: &[u8; N]) -> [[u8; 2]; N] {
    let mut weights = [[0; 2]; N];
    for (weight, byte) in weights.iter_mut().zip(text) {
        weight[1] = byte.to_ascii_uppercase();
    }
    weights
}

fn key_many(table: &WeightTable, text: &[u8], out: &mut Vec<u8>) {
    out.reserve(text.len() * 2);
    for_valid(text, |code_point| {
        for weight in table.weights(code_point) {
            out.extend_from_slice(&weight.to_be_bytes());
        }
    });
}
