// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Multiplies mantissas of 128 bits by mantissas of 64.
//!
//! Processors multiply two numbers of 128 bits one pair after the other; of halves of 64 bits they
//! multiply many at once. So a product is put together as on paper, in digits to the base 2^32: its
//! magnitude, then its sign. A block of rows at a time, in a loop that vectorises.

use arrow_buffer::{MutableBuffer, ScalarBuffer};
use tiforth_data::column::MantissaPairs;
use tiforth_data::simd;

use crate::mantissas::may_be_beyond;

/// Is the number of rows multiplied before the products are laid down.
const BLOCK_ROWS: usize = 256;
const DIGIT: u64 = u32::MAX as u64;
/// Bounds the high half of a product, as it is estimated from the middle of what the factor's high half
/// stands for: the true one is at most twice that, and so not taken for a decimal's once it has overflowed.
const HIGH_BOUND: f64 = 6e18;

/// Multiplies row by row; nothing where a product may have more digits than a decimal as one number.
pub(super) fn products(long: &[i128], short: &[i64]) -> Option<ScalarBuffer<i128>> {
    let len = long.len().min(short.len());
    let mut out = MutableBuffer::with_capacity(len * size_of::<i128>());
    let mut block = [[0i64; 2]; BLOCK_ROWS];
    for (long, short) in long.chunks(BLOCK_ROWS).zip(short.chunks(BLOCK_ROWS)) {
        let is_beyond = simd::dispatch(
            #[inline(always)]
            || {
                let mut is_beyond = false;
                for ((pair, &long), &short) in block.iter_mut().zip(long).zip(short) {
                    let (long_high, long_low) = ((long >> 64) as i64, long as u64);
                    let (high, low) = product(long_high, long_low, short);
                    // What overflows in the high half differs by 2^64 from what is shown there.
                    let estimate = (long_high as f64 + 0.5) * short as f64;
                    is_beyond |= may_be_beyond(high) | (estimate.abs() > HIGH_BOUND);
                    *pair = MantissaPairs::pair(high, low.cast_signed());
                }
                is_beyond
            },
        );
        if is_beyond {
            return None;
        }
        out.extend_from_slice(block.get(..long.len().min(short.len()))?.as_flattened());
    }
    Some(ScalarBuffer::new(out.into(), 0, len))
}

/// Multiplies a number, given in halves, by a short one; gives the halves of the product.
#[inline(always)]
fn product(high: i64, low: u64, factor: i64) -> (i64, u64) {
    let sign = factor >> 63;
    let factor = (factor ^ sign).wrapping_sub(sign).cast_unsigned();
    let ((low_1, low_0), (factor_1, factor_0)) =
        ((low >> 32, low & DIGIT), (factor >> 32, factor & DIGIT));
    let first = low_0 * factor_0;
    let second = low_1 * factor_0 + (first >> 32);
    let third = low_0 * factor_1 + (second & DIGIT);
    let carry = low_1 * factor_1 + (second >> 32) + (third >> 32);
    let low = third << 32 | first & DIGIT;
    let high = high.wrapping_mul(factor.cast_signed()).wrapping_add(carry.cast_signed());
    let low = (low.cast_signed() ^ sign).wrapping_sub(sign);
    let high = (high ^ sign).wrapping_add(i64::from(low == 0) & sign.wrapping_neg());
    (high, low.cast_unsigned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_those_of_128_bits() {
        let edges =
            |bits: u32| [0i128, 1, (1 << bits) - 1, 1 << bits, -1, -(1 << bits), 1 - (1 << bits)];
        let mut seed = 1u64;
        let mut draw = || {
            seed = seed.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(0x1405_7B7E_F767_814F);
            i128::from(seed.cast_signed()) << 64 | i128::from(seed.rotate_left(29))
        };
        let (mut long, mut short) = (Vec::new(), Vec::new());
        for bits in [1, 31, 32, 33, 62, 63] {
            for other in [1, 31, 32, 33, 62] {
                let others = edges(other).into_iter().chain([draw() >> (127 - other)]);
                for a in others {
                    for b in edges(bits).into_iter().chain([draw() >> (127 - bits)]) {
                        let Ok(b) = i64::try_from(b) else { continue };
                        long.push(a);
                        short.push(b);
                    }
                }
            }
        }
        let expected: Vec<i128> =
            long.iter().zip(&short).map(|(a, &b)| a * i128::from(b)).collect();
        assert_eq!(products(&long, &short).map(|p| p.to_vec()), Some(expected));

        let most = 10i128.pow(38);
        let of = |long: i128, short| products(&[5, long], &[7, short]).map(|p| p[1]);
        for sign in [1, -1] {
            let near = most / 10 - (1 << 62);
            assert_eq!(of(near, sign * 10), Some(near * 10 * i128::from(sign)));
            assert_eq!(of(most / 10, sign * 10), None);
            assert_eq!(of(1 << 120, sign * 64), Some((1 << 126) * i128::from(sign)));
            for bits in 58..63 {
                assert_eq!(of(1 << 120, sign << bits), None);
                assert_eq!(of(-1 << 126, sign << bits), None);
                assert_eq!(of((3 << 64) - 1, sign * ((1 << bits) + 1)).is_some(), bits < 61);
            }
            assert_eq!(of(i128::MIN, i64::MIN), None);
            assert_eq!(of(i128::MAX, i64::MAX), None);
        }
    }
}
