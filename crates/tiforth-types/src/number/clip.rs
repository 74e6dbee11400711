// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Fits doubles and integers into integer types.

use super::round::round_half_even;

/// Holds a number fitted into its type, and whether the number was beyond it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Clipped<T> {
    /// The number.
    pub value: T,
    /// Whether it is another than the (rounded) number.
    pub overflows: bool,
}

/// Rounds a double half to even and clips it to `lower..=upper`.
///
/// The bounds are compared as doubles: 9223372036854775807 given as a double is 2^63, and that
/// becomes the greatest BIGINT without a remark.
pub fn f64_to_i64(number: f64, lower: i64, upper: i64) -> Clipped<i64> {
    let rounded = round_half_even(number);
    if rounded < lower as f64 {
        Clipped { value: lower, overflows: true }
    } else if rounded >= upper as f64 {
        Clipped { value: upper, overflows: rounded != upper as f64 }
    } else {
        #[expect(clippy::cast_possible_truncation, reason = "integral and within the bounds")]
        Clipped { value: rounded as i64, overflows: false }
    }
}

/// Rounds a double half to even and clips it to `0..=upper`. A negative number overflows: it is 0,
/// or the bits of its signed value where `wraps` says so, as casts within expressions do.
pub fn f64_to_u64(number: f64, upper: u64, wraps: bool) -> Clipped<u64> {
    let rounded = round_half_even(number);
    if rounded < 0.0 {
        #[expect(clippy::cast_possible_truncation, reason = "saturates at the least BIGINT")]
        let value = if wraps { (rounded as i64).cast_unsigned() } else { 0 };
        return Clipped { value, overflows: true };
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "saturates; the bound is checked beside"
    )]
    let value = rounded as u64;
    if rounded >= 18_446_744_073_709_551_616.0 || value > upper {
        Clipped { value: upper, overflows: true }
    } else {
        Clipped { value, overflows: false }
    }
}

/// Clips a signed integer to `0..=upper`.
pub fn i64_to_u64(number: i64, upper: u64) -> Clipped<u64> {
    match u64::try_from(number) {
        Err(_) => Clipped { value: 0, overflows: true },
        Ok(value) => Clipped { value: value.min(upper), overflows: value > upper },
    }
}

/// Clips an unsigned integer to at most `upper`.
pub fn u64_to_i64(number: u64, upper: i64) -> Clipped<i64> {
    match i64::try_from(number) {
        Ok(value) if value <= upper => Clipped { value, overflows: false },
        _ => Clipped { value: upper, overflows: true },
    }
}
