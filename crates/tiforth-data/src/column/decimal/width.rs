// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Changes the width of lanes of mantissas, and takes digits off them, over whole columns.

use arrow_buffer::{MutableBuffer, ScalarBuffer, i256};
use tiforth_types::decimal::lanes::pow10_i64;

use crate::simd;

/// Returns how many bits the greatest magnitude needs.
#[inline(always)]
pub(crate) fn bits_of(values: &[i64]) -> u8 {
    let (mut or, mut negative) = (0i64, 0i64);
    for &v in values {
        or |= v ^ (v >> 63);
        negative |= v;
    }
    bits_bound(or, negative < 0)
}

/// Bounds the bits of magnitudes from the OR of `v ^ (v >> 63)`, which is one less than the
/// magnitude of a negative value.
fn bits_bound(or: i64, has_negative: bool) -> u8 {
    let most = or.unsigned_abs() + u64::from(has_negative);
    (u64::BITS - most.leading_zeros()) as u8
}

/// Returns how many bits the greatest magnitude needs.
pub(super) fn bits_of_i128(values: &ScalarBuffer<i128>) -> u32 {
    let halves = ScalarBuffer::<i64>::new(values.inner().clone(), 0, values.len() * 2);
    let pairs = halves.as_chunks::<2>().0;
    let (low, high, negative) = simd::dispatch(
        #[inline(always)]
        || {
            let (mut low, mut high, mut negative) = (0i64, 0i64, 0i64);
            for pair in pairs {
                let sign = pair[1 - LOW] >> 63;
                low |= pair[LOW] ^ sign;
                high |= pair[1 - LOW] ^ sign;
                negative |= sign;
            }
            (low, high, negative)
        },
    );
    let most = (u128::from(high.cast_unsigned()) << 64 | u128::from(low.cast_unsigned()))
        .saturating_add(u128::from(negative < 0));
    u128::BITS - most.leading_zeros()
}

/// Is the number of values looked at before all are narrowed.
const PROBE_ROWS: usize = 1_024;
const LOW: usize = if cfg!(target_endian = "big") { 1 } else { 0 };

/// Narrows mantissas to 64 bits if all fit, and bounds their bits.
pub(crate) fn narrow(values: &ScalarBuffer<i128>) -> Option<(Vec<i64>, u8)> {
    let halves = ScalarBuffer::<i64>::new(values.inner().clone(), 0, values.len() * 2);
    let pairs = halves.as_chunks::<2>().0;
    if let Some(probe) = pairs.get(..PROBE_ROWS) {
        narrow_pairs(probe)?;
    }
    narrow_pairs(pairs)
}

fn narrow_pairs(pairs: &[[i64; 2]]) -> Option<(Vec<i64>, u8)> {
    let (narrow, (lost, or, negative)) =
        simd::scanned(pairs.iter(), (0i64, 0i64, 0i64), |(lost, or, negative), pair| {
            let (low, high) = (pair[LOW], pair[1 - LOW]);
            let sign = low >> 63;
            *lost |= high ^ sign;
            *or |= low ^ sign;
            *negative |= sign;
            low
        });
    (lost == 0).then(|| (narrow, bits_bound(or, negative < 0)))
}

/// Takes `digits` digits off mantissas of 128 bits, rounding halves away from zero, and bounds the bits
/// of what is left; nothing where some may have more than 48.
pub(crate) fn rounded_off(values: &ScalarBuffer<i128>, digits: u8) -> Option<(Vec<i64>, u8)> {
    let halves = ScalarBuffer::<i64>::new(values.inner().clone(), 0, values.len() * 2);
    let pairs = halves.as_chunks::<2>().0;
    let unit = pow10_i64(digits).filter(|&unit| unit > 1)?;
    if let Some(probe) = pairs.get(..PROBE_ROWS) {
        round_off(probe, |pair| (pair[1 - LOW], pair[LOW]), unit)?;
    }
    round_off(pairs, |pair| (pair[1 - LOW], pair[LOW]), unit)
}

/// Takes digits off mantissas of 64 bits as [`rounded_off`] does.
pub(crate) fn rounded_off_i64(values: &[i64], digits: u8) -> Option<(Vec<i64>, u8)> {
    let unit = pow10_i64(digits).filter(|&unit| unit > 1)?;
    round_off(values, |&value| (value >> 63, value), unit)
}

/// Divides mantissas, as `halves` gives their high and low halves, by a power of ten. The quotient's
/// estimate as a double is off by less than a fifth while it has 48 bits at most; the nearest whole
/// number is put right by the remainder, which fits 64 bits.
fn round_off<T>(
    values: &[T],
    halves: impl Fn(&T) -> (i64, i64),
    unit: i64,
) -> Option<(Vec<i64>, u8)> {
    const FAR: f64 = (1u64 << 48) as f64;
    const HIGH: f64 = 18_446_744_073_709_551_616.0;
    let (reciprocal, half) = (1.0 / unit as f64, unit / 2);
    let (rounded, (is_far, or, negative)) =
        simd::scanned(values.iter(), (false, 0i64, 0i64), move |(is_far, or, negative), value| {
            let (high, low) = halves(value);
            let sign = high >> 63;
            let low = (low ^ sign).wrapping_sub(sign);
            let high = (high ^ sign).wrapping_add(i64::from(low == 0) & sign.wrapping_neg());
            let estimate = (high as f64 * HIGH + low.cast_unsigned() as f64) * reciprocal;
            *is_far |= estimate.abs() >= FAR;
            let guess = simd::nearest(estimate);
            let left = low.wrapping_sub(guess.wrapping_mul(unit));
            let rounded =
                guess.wrapping_add(i64::from(left >= half)).wrapping_sub(i64::from(left < -half));
            let rounded = (rounded ^ sign).wrapping_sub(sign);
            *or |= rounded ^ (rounded >> 63);
            *negative |= rounded;
            rounded
        });
    (!is_far).then(|| (rounded, bits_bound(or, negative < 0)))
}

/// Is the number of values widened before they are laid down.
const BLOCK_ROWS: usize = 256;

/// Widens mantissas to 128 bits.
pub(crate) fn widen(values: &[i64]) -> ScalarBuffer<i128> {
    ScalarBuffer::new(extended::<2>(values).into(), 0, values.len())
}

/// Widens mantissas to 256 bits.
pub(crate) fn widen_i256(values: &[i64]) -> ScalarBuffer<i256> {
    ScalarBuffer::new(extended::<4>(values).into(), 0, values.len())
}

/// Extends mantissas by their signs to `WORDS` words of 64 bits each, pair by pair from the lowest.
fn extended<const WORDS: usize>(values: &[i64]) -> MutableBuffer {
    let mut buffer = MutableBuffer::with_capacity(size_of_val(values) * WORDS);
    simd::dispatch(
        #[inline(always)]
        || {
            let mut block = [[0i64; WORDS]; BLOCK_ROWS];
            for values in values.chunks(BLOCK_ROWS) {
                for (words, &v) in block.iter_mut().zip(values) {
                    *words = [v >> 63; WORDS];
                    words[LOW] = v;
                }
                if let Some(words) = block.as_flattened().get(..WORDS * values.len()) {
                    buffer.extend_from_slice(words);
                }
            }
        },
    );
    buffer
}

#[cfg(test)]
mod tests {
    use tiforth_types::decimal::lanes::rescale_i128;

    use super::*;

    #[test]
    fn digits_are_taken_off_as_one_by_one() {
        let mut seed = 1u64;
        let mut draw = || {
            seed = seed.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(0x1405_7B7E_F767_814F);
            i128::from(seed.cast_signed()) << 64 | i128::from(seed.rotate_left(29))
        };
        for digits in 1..=18u8 {
            let unit = 10i128.pow(digits.into());
            let mut values = Vec::new();
            for place in 0..4_000i128 {
                // Quotients of every size, and remainders around zero, one half and one.
                let quotient = draw() >> (80 + place % 48);
                let near = [0, 1, -1, unit / 2, unit / 2 - 1, unit / 2 + 1, unit - 1];
                let rest = near.get((place % 9) as usize).copied().unwrap_or(draw() % unit);
                values.push(quotient.wrapping_mul(unit) + rest);
                values.push(-values[values.len() - 1]);
            }
            let expected: Vec<i64> =
                values.iter().map(|&v| rescale_i128(v, digits, 0).unwrap() as i64).collect();
            let (rounded, bits) = rounded_off(&values.clone().into(), digits).unwrap();
            assert_eq!(rounded, expected, "{digits}");
            assert!(bits >= bits_of(&expected), "{digits}");
            let short: Vec<i64> = values.iter().filter_map(|&v| i64::try_from(v).ok()).collect();
            let expected: Vec<i64> =
                short.iter().map(|&v| rescale_i128(v.into(), digits, 0).unwrap() as i64).collect();
            if let Some((rounded, _)) = rounded_off_i64(&short, digits) {
                assert_eq!(rounded, expected, "{digits}");
            }
        }
        let far = |v: i128| rounded_off(&vec![v].into(), 1).is_none();
        assert!(far(10 << 48) && far(i128::MIN) && far(i128::MAX) && !far(9 << 48));
    }
}
