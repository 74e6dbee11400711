// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Makes bitmaps of truth values, and lists of rows of bitmaps.
//!
//! Truth values are first computed as bytes, 64 at a time, in a loop that vectorises, then packed
//! eight at a time by one multiplication. Rows are listed by a table of the places of the bits of a
//! byte, or by the instruction that compresses: eight or sixteen are written whatever the bits, and the
//! end moves by as many as are set, so that no branch depends on the data.

#![expect(unsafe_code, reason = "calls a function compiled for features checked at run time")]

use arrow_buffer::{BooleanBuffer, Buffer};

use crate::simd::{self, Level};

/// Is the number of rows whose truth values make a word.
const WORD_ROWS: usize = 64;

/// Computes the truth value of each of `values`. `is_true` must be small: the loop is compiled for the
/// processor at hand.
#[inline]
pub fn truths<T>(values: &[T], is_true: impl Fn(&T) -> bool) -> BooleanBuffer {
    let mut words = vec![0u64; values.len().div_ceil(WORD_ROWS)];
    simd::dispatch(
        #[inline(always)]
        || {
            let (blocks, rest) = values.as_chunks::<WORD_ROWS>();
            for (word, block) in words.iter_mut().zip(blocks) {
                *word = word_of(block, &is_true);
            }
            if let Some(word) = words.get_mut(blocks.len()) {
                *word = word_of(rest, &is_true);
            }
        },
    );
    BooleanBuffer::new(Buffer::from_vec(words), 0, values.len())
}

/// Computes truth values as [`truths`] does, unless one of `values` is bad: then nothing.
#[inline]
pub fn truths_unless<T>(
    values: &[T],
    is_bad: impl Fn(&T) -> bool,
    is_true: impl Fn(&T) -> bool,
) -> Option<BooleanBuffer> {
    let mut words = vec![0u64; values.len().div_ceil(WORD_ROWS)];
    let any_bad = simd::dispatch(
        #[inline(always)]
        || {
            let mut any_bad = false;
            let (blocks, rest) = values.as_chunks::<WORD_ROWS>();
            for (word, block) in words.iter_mut().zip(blocks) {
                any_bad |= block.iter().fold(false, |any, value| any | is_bad(value));
                *word = word_of(block, &is_true);
            }
            if let Some(word) = words.get_mut(blocks.len()) {
                any_bad |= rest.iter().fold(false, |any, value| any | is_bad(value));
                *word = word_of(rest, &is_true);
            }
            any_bad
        },
    );
    (!any_bad).then(|| BooleanBuffer::new(Buffer::from_vec(words), 0, values.len()))
}

/// Computes the truth value of each pair of `a` and `b`, as many as the shorter has.
#[inline]
pub fn truths_of_pairs<A, B>(a: &[A], b: &[B], is_true: impl Fn(&A, &B) -> bool) -> BooleanBuffer {
    truths_of_pairs_unless(a, b, |_, _| false, is_true)
        .unwrap_or_else(|| BooleanBuffer::new_unset(0))
}

/// Computes truth values as [`truths_of_pairs`] does, unless one of the pairs is bad: then nothing.
#[inline]
pub fn truths_of_pairs_unless<A, B>(
    a: &[A],
    b: &[B],
    is_bad: impl Fn(&A, &B) -> bool,
    is_true: impl Fn(&A, &B) -> bool,
) -> Option<BooleanBuffer> {
    let len = a.len().min(b.len());
    let mut words = vec![0u64; len.div_ceil(WORD_ROWS)];
    let any_bad = simd::dispatch(
        #[inline(always)]
        || {
            let mut any_bad = false;
            let (blocks, rest) = a[..len].as_chunks::<WORD_ROWS>();
            let (other_blocks, other_rest) = b[..len].as_chunks::<WORD_ROWS>();
            for ((word, block), other) in words.iter_mut().zip(blocks).zip(other_blocks) {
                any_bad |= block.iter().zip(other).fold(false, |any, (a, b)| any | is_bad(a, b));
                *word = word_of_pairs(block, other, &is_true);
            }
            if let Some(word) = words.get_mut(blocks.len()) {
                let pairs = rest.iter().zip(other_rest);
                any_bad |= pairs.fold(false, |any, (a, b)| any | is_bad(a, b));
                *word = word_of_pairs(rest, other_rest, &is_true);
            }
            any_bad
        },
    );
    (!any_bad).then(|| BooleanBuffer::new(Buffer::from_vec(words), 0, len))
}

/// Computes the truth values of at most a word's pairs.
#[inline(always)]
fn word_of_pairs<A, B>(a: &[A], b: &[B], is_true: &impl Fn(&A, &B) -> bool) -> u64 {
    let mut bytes = [0; WORD_ROWS];
    for ((byte, a), b) in bytes.iter_mut().zip(a).zip(b) {
        *byte = u8::from(is_true(a, b));
    }
    packed(&bytes)
}

/// Computes the truth values of at most a word's rows.
#[inline(always)]
fn word_of<T>(block: &[T], is_true: &impl Fn(&T) -> bool) -> u64 {
    let mut bytes = [0; WORD_ROWS];
    for (byte, value) in bytes.iter_mut().zip(block) {
        *byte = u8::from(is_true(value));
    }
    packed(&bytes)
}

/// Packs bytes of 0 and 1, the first into the lowest bit.
#[inline(always)]
fn packed(bytes: &[u8; 64]) -> u64 {
    // Eight bytes of 0 and 1 times this have byte i's bit at place 56 + i, and no two meet.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let mut word = 0;
    for (i, eight) in bytes.as_chunks::<8>().0.iter().enumerate() {
        word |= (u64::from_le_bytes(*eight).wrapping_mul(GATHER) >> 56) << (8 * i);
    }
    word.to_le()
}

/// Lists the places of the bits that are set, per byte; what stands after them is not looked at.
static PLACES: [[u32; 8]; 256] = places();

const fn places() -> [[u32; 8]; 256] {
    let mut table = [[0; 8]; 256];
    let mut byte = 0;
    while byte < 256 {
        let (mut bit, mut count) = (0, 0);
        while bit < 8 {
            if byte >> bit & 1 == 1 {
                table[byte][count] = bit;
                count += 1;
            }
            bit += 1;
        }
        byte += 1;
    }
    table
}

/// Lists the rows whose bits are set, ascending.
pub fn set_rows(bits: &BooleanBuffer) -> Vec<u32> {
    set_rows_at(simd::level(), bits)
}

/// Lists them as a processor of `level` does, or one below it.
fn set_rows_at(level: Level, bits: &BooleanBuffer) -> Vec<u32> {
    let count = bits.count_set_bits();
    // The last ones written may reach beyond the last row.
    let mut rows = vec![0u32; count + LISTED_MAX];
    let words = bits.bit_chunks();
    match level {
        #[cfg(target_arch = "x86_64")]
        Level::Avx512 if simd::level() == Level::Avx512 => {
            // SAFETY: the processor has what the function is compiled for.
            unsafe { list_by_compression(words.iter_padded(), &mut rows) }
        }
        _ => list_by_table(words.iter_padded(), &mut rows),
    }
    rows.truncate(count);
    rows
}

/// Is the greatest number of rows written at once.
const LISTED_MAX: usize = 16;

/// Lists the rows of `words` eight at a time.
fn list_by_table(words: impl Iterator<Item = u64>, rows: &mut [u32]) {
    let (mut end, mut first) = (0, 0u32);
    for word in words {
        if word != 0 {
            for (byte, start) in word.to_le_bytes().into_iter().zip((first..).step_by(8)) {
                if let (Some(out), Some(places)) =
                    (rows.get_mut(end..end + 8), PLACES.get(usize::from(byte)))
                {
                    for (out, place) in out.iter_mut().zip(places) {
                        *out = start + place;
                    }
                }
                end += byte.count_ones() as usize;
            }
        }
        first += 64;
    }
}

/// Lists the rows of `words` sixteen at a time.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,popcnt")]
fn list_by_compression(words: impl Iterator<Item = u64>, rows: &mut [u32]) {
    use std::arch::x86_64::{
        _mm512_add_epi32, _mm512_maskz_compress_epi32, _mm512_set1_epi32, _mm512_setr_epi32,
        _mm512_storeu_si512,
    };
    let mut places = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    let step = _mm512_set1_epi32(16);
    let mut end = 0;
    for word in words {
        for part in [word, word >> 16, word >> 32, word >> 48] {
            let part = part as u16;
            if let Some(out) = rows.get_mut(end..end + LISTED_MAX) {
                let listed = _mm512_maskz_compress_epi32(part, places);
                // SAFETY: `out` has room for sixteen rows; no alignment is needed.
                unsafe { _mm512_storeu_si512(out.as_mut_ptr().cast(), listed) };
            }
            end += part.count_ones() as usize;
            places = _mm512_add_epi32(places, step);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_those_whose_bits_are_set() {
        for len in [0usize, 1, 7, 8, 63, 64, 65, 130, 1_000] {
            for step in [1usize, 2, 3, 7, 64, 2_000] {
                let is_true = |row: usize| row % step == step / 2;
                let values: Vec<usize> = (0..len).collect();
                let bits = truths(&values, |&row| is_true(row));
                assert_eq!(bits, BooleanBuffer::collect_bool(len, is_true), "{len} {step}");
                let pairs = truths_of_pairs(&values, &values, |&a, &b| a == b && is_true(a));
                assert_eq!(pairs, bits, "{len} {step}");
                for bad in [0, len / 2, len.saturating_sub(1), len] {
                    let found = truths_unless(&values, |&row| row == bad, |&row| is_true(row));
                    assert_eq!(found, (bad >= len).then(|| bits.clone()), "{len} {step} {bad}");
                    let is_bad = |&row: &usize, _: &usize| row == bad;
                    let found =
                        truths_of_pairs_unless(&values, &values, is_bad, |&row, _| is_true(row));
                    assert_eq!(found, (bad >= len).then(|| bits.clone()), "{len} {step} {bad}");
                }
                for offset in [0, 1, 9, 64] {
                    if offset > len {
                        continue;
                    }
                    let sliced = bits.slice(offset, len - offset);
                    let rows: Vec<u32> = sliced.set_indices_u32().collect();
                    for level in [Level::Baseline, Level::Avx2, Level::Avx512] {
                        assert_eq!(set_rows_at(level, &sliced), rows, "{len} {step} {offset}");
                    }
                }
            }
        }
    }
}
