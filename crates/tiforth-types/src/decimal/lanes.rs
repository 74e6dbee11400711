// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Computes with decimals as whole numbers at a scale the caller knows: 12.34 is 1234 at scale 2.
//!
//! Column kernels run these over lanes of `i64` or `i128`. Nothing here branches on a value but the
//! 128-bit multiplication: a kernel computes every lane, collects one flag, and only where the flag
//! is set looks for the rows that have to be computed with [`Decimal`](super::Decimal). What a lane
//! holds after its flag is set has no meaning.

/// Holds the powers of ten that fit a word.
pub(super) const POW10_U32: [u32; 10] =
    [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000];

/// Holds 10^0 to 10^18: the powers of ten that fit `i64`.
pub const POW10_I64: [i64; 19] = {
    let mut powers = [1; 19];
    let mut i = 1;
    while i < powers.len() {
        powers[i] = powers[i - 1] * 10;
        i += 1;
    }
    powers
};

/// Holds 10^0 to 10^38: the powers of ten that fit `i128`.
pub const POW10_I128: [i128; 39] = {
    let mut powers = [1; 39];
    let mut i = 1;
    while i < powers.len() {
        powers[i] = powers[i - 1] * 10;
        i += 1;
    }
    powers
};

/// Returns 10^exponent, or None where it does not fit.
#[inline]
pub fn pow10_i64(exponent: u8) -> Option<i64> {
    POW10_I64.get(usize::from(exponent)).copied()
}

/// Returns 10^exponent, or None where it does not fit.
#[inline]
pub fn pow10_i128(exponent: u8) -> Option<i128> {
    POW10_I128.get(usize::from(exponent)).copied()
}

/// Divides by a positive `unit`, rounding halves away from zero.
#[inline]
pub fn round_half_up_i64(mantissa: i64, unit: i64) -> i64 {
    let (quotient, rest) = (mantissa / unit, mantissa % unit);
    quotient
        + if rest.unsigned_abs() >= half_up(unit.unsigned_abs()) { mantissa.signum() } else { 0 }
}

/// Says from which remainder on a division by `unit` rounds up; for 1, none.
#[inline]
const fn half_up(unit: u64) -> u64 {
    unit - unit / 2
}

/// Divides by a positive `unit`, rounding halves away from zero.
#[inline]
pub fn round_half_up_i128(mantissa: i128, unit: i128) -> i128 {
    if let (Ok(mantissa), Ok(unit)) = (i64::try_from(mantissa), i64::try_from(unit)) {
        return round_half_up_i64(mantissa, unit).into();
    }
    // A remainder of its own would be a second division.
    let quotient = mantissa / unit;
    let rest = mantissa - quotient * unit;
    let is_up = rest.unsigned_abs() >= unit.unsigned_abs() - unit.unsigned_abs() / 2;
    quotient + if is_up { mantissa.signum() } else { 0 }
}

macro_rules! lanes {
    ($int:ident, $round_one:ident, $rescale_one:ident, $add:ident, $sub:ident, $mul:ident,
     $rescale:ident, $pow10:ident) => {
        /// Brings one mantissa from a scale to another, rounding halves away from zero where
        /// digits are lost; None where it does not fit.
        #[inline]
        pub fn $rescale_one(mantissa: $int, from: u8, to: u8) -> Option<$int> {
            if to >= from {
                if mantissa == 0 {
                    return Some(0);
                }
                mantissa.checked_mul($pow10(to - from)?)
            } else {
                // Beyond the table every mantissa is less than half a unit.
                Some($pow10(from - to).map_or(0, |unit| $round_one(mantissa, unit)))
            }
        }

        /// Adds lanes after multiplying them by `raise_a` and `raise_b`, positive powers of ten
        /// that bring both to the greater scale. Slices are of one length. Returns whether any
        /// lane overflowed.
        #[inline]
        pub fn $add(
            a: &[$int],
            raise_a: $int,
            b: &[$int],
            raise_b: $int,
            out: &mut [$int],
        ) -> bool {
            let (most_a, most_b) = ($int::MAX / raise_a, $int::MAX / raise_b);
            let mut has_overflowed = false;
            for ((out, &a), &b) in out.iter_mut().zip(a).zip(b) {
                let (x, y) = (a.wrapping_mul(raise_a), b.wrapping_mul(raise_b));
                let sum = x.wrapping_add(y);
                has_overflowed |= (a > most_a) | (a < -most_a) | (b > most_b) | (b < -most_b);
                has_overflowed |= ((x ^ sum) & (y ^ sum)) < 0;
                *out = sum;
            }
            has_overflowed
        }

        /// Subtracts lanes after multiplying them by `raise_a` and `raise_b`, positive powers of
        /// ten that bring both to the greater scale. Slices are of one length. Returns whether any
        /// lane overflowed.
        #[inline]
        pub fn $sub(
            a: &[$int],
            raise_a: $int,
            b: &[$int],
            raise_b: $int,
            out: &mut [$int],
        ) -> bool {
            let (most_a, most_b) = ($int::MAX / raise_a, $int::MAX / raise_b);
            let mut has_overflowed = false;
            for ((out, &a), &b) in out.iter_mut().zip(a).zip(b) {
                let (x, y) = (a.wrapping_mul(raise_a), b.wrapping_mul(raise_b));
                let difference = x.wrapping_sub(y);
                has_overflowed |= (a > most_a) | (a < -most_a) | (b > most_b) | (b < -most_b);
                has_overflowed |= ((x ^ y) & (x ^ difference)) < 0;
                *out = difference;
            }
            has_overflowed
        }

        /// Multiplies lanes; the product's scale is the sum of the scales. Slices are of one
        /// length. Returns whether any lane overflowed.
        #[inline]
        pub fn $mul(a: &[$int], b: &[$int], out: &mut [$int]) -> bool {
            let mut has_overflowed = false;
            for ((out, &a), &b) in out.iter_mut().zip(a).zip(b) {
                let (product, is_over) = a.overflowing_mul(b);
                has_overflowed |= is_over;
                *out = product;
            }
            has_overflowed
        }

        /// Brings lanes from a scale to another, rounding halves away from zero where digits are
        /// lost. Returns whether any lane overflowed.
        #[inline]
        pub fn $rescale(a: &[$int], from: u8, to: u8, out: &mut [$int]) -> bool {
            let mut has_overflowed = false;
            if to >= from {
                let Some(raise) = $pow10(to - from) else {
                    out.fill(0);
                    return a.iter().any(|&a| a != 0);
                };
                let most = $int::MAX / raise;
                for (out, &a) in out.iter_mut().zip(a) {
                    has_overflowed |= (a > most) | (a < -most);
                    *out = a.wrapping_mul(raise);
                }
            } else if let Some(unit) = $pow10(from - to) {
                for (out, &a) in out.iter_mut().zip(a) {
                    *out = $round_one(a, unit);
                }
            } else {
                out.fill(0);
            }
            has_overflowed
        }
    };
}

lanes!(
    i64,
    round_half_up_i64,
    rescale_i64,
    add_lanes_i64,
    sub_lanes_i64,
    mul_lanes_i64,
    rescale_lanes_i64,
    pow10_i64
);
lanes!(
    i128,
    round_half_up_i128,
    rescale_i128,
    add_lanes_i128,
    sub_lanes_i128,
    mul_lanes_i128,
    rescale_lanes_i128,
    pow10_i128
);

/// Multiplies lanes of `i64` into `i128`, which always has room.
#[inline]
pub fn mul_lanes_i64_i128(a: &[i64], b: &[i64], out: &mut [i128]) {
    for ((out, &a), &b) in out.iter_mut().zip(a).zip(b) {
        *out = i128::from(a) * i128::from(b);
    }
}

/// Widens lanes of `i64` into `i128`.
#[inline]
pub fn widen_lanes(a: &[i64], out: &mut [i128]) {
    for (out, &a) in out.iter_mut().zip(a) {
        *out = a.into();
    }
}
