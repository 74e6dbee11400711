// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Makes bitmaps of truth values, and lists of rows of bitmaps.
//!
//! Truth values are first computed as bytes, 64 at a time, in a loop that vectorises, then packed
//! eight at a time by one multiplication. Rows are listed by a table of the places of the bits of a
//! byte: eight are written whatever the byte holds, and the end moves by as many as it has, so that no
//! branch depends on the data.

use arrow_buffer::{BooleanBuffer, Buffer};

use crate::simd;

/// Computes one truth value a row. `is_true` is called for every row, in order, and must be small:
/// the loop is compiled for the processor at hand.
#[inline]
pub fn truths(len: usize, is_true: impl Fn(usize) -> bool) -> BooleanBuffer {
    let words = simd::dispatch(
        #[inline(always)]
        || {
            let mut words = vec![0u64; len.div_ceil(64)];
            let mut bytes = [0u8; 64];
            let (whole, rest) = (len / 64, len % 64);
            for (at, word) in words.iter_mut().enumerate().take(whole) {
                for (i, byte) in bytes.iter_mut().enumerate() {
                    *byte = u8::from(is_true(at * 64 + i));
                }
                *word = packed(&bytes);
            }
            if let Some(word) = words.get_mut(whole) {
                bytes = [0; 64];
                for (i, byte) in bytes.iter_mut().enumerate().take(rest) {
                    *byte = u8::from(is_true(whole * 64 + i));
                }
                *word = packed(&bytes);
            }
            words
        },
    );
    BooleanBuffer::new(Buffer::from_vec(words), 0, len)
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
    let count = bits.count_set_bits();
    // The last eight written may reach beyond the last row.
    let mut rows = vec![0u32; count + 8];
    let (mut end, mut first) = (0, 0u32);
    for word in bits.bit_chunks().iter_padded() {
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
    rows.truncate(count);
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_those_whose_bits_are_set() {
        for len in [0usize, 1, 7, 8, 63, 64, 65, 130, 1_000] {
            for step in [1usize, 2, 3, 7, 64, 2_000] {
                let is_true = |row: usize| row % step == step / 2;
                let bits = truths(len, is_true);
                assert_eq!(bits, BooleanBuffer::collect_bool(len, is_true), "{len} {step}");
                for offset in [0, 1, 9, 64] {
                    if offset > len {
                        continue;
                    }
                    let sliced = bits.slice(offset, len - offset);
                    let rows: Vec<u32> = sliced.set_indices_u32().collect();
                    assert_eq!(set_rows(&sliced), rows, "{len} {step} {offset}");
                }
            }
        }
    }
}
