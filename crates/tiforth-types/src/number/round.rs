// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Rounds doubles, by way of powers of ten as Go makes them.

use super::clip::Clipped;

/// Rounds a double to an integer, half to even.
#[inline]
pub fn round_half_even(number: f64) -> f64 {
    number.round_ties_even()
}

/// Rounds a double to `decimals` digits after the point (before it, if negative), half to even, as
/// ROUND does. The scaling is done in doubles; where it overflows the number is kept.
pub fn round_double(number: f64, decimals: i64) -> f64 {
    let shift = power_of_ten(decimals);
    let scaled = number * shift;
    if scaled.is_infinite() {
        return number;
    }
    let rounded = round_half_even(scaled) / shift;
    if rounded.is_nan() { 0.0 } else { rounded }
}

/// Fits a double into a FLOAT or DOUBLE of `length` digits, `decimals` of them after the point: rounds it,
/// and clips it to what so many nines are (TiDB's `TruncateFloat`).
pub fn fit_double(number: f64, length: i64, decimals: i64) -> Clipped<f64> {
    let most = power_of_ten(length - decimals) - power_of_ten(-decimals);
    let rounded = round_double(number, decimals);
    Clipped { value: rounded.clamp(-most, most), overflows: rounded.abs() > most }
}

/// Cuts a double after `decimals` digits behind the point, as TRUNCATE does.
pub fn truncate_double(number: f64, decimals: i64) -> f64 {
    let shift = power_of_ten(decimals);
    let scaled = number * shift;
    if scaled.is_infinite() {
        return number;
    }
    if shift == 0.0 {
        return if number.is_nan() { number } else { 0.0 };
    }
    scaled.trunc() / shift
}

/// Returns 10^exponent as Go's `math.Pow10` does: 0 below -323, infinite above 308, else the product
/// or quotient of two table entries, which is not always the nearest double.
fn power_of_ten(exponent: i64) -> f64 {
    const SMALL: [f64; 32] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
        1e17, 1e18, 1e19, 1e20, 1e21, 1e22, 1e23, 1e24, 1e25, 1e26, 1e27, 1e28, 1e29, 1e30, 1e31,
    ];
    const LARGE: [f64; 10] = [1e0, 1e32, 1e64, 1e96, 1e128, 1e160, 1e192, 1e224, 1e256, 1e288];
    const TINY: [f64; 11] =
        [1e0, 1e-32, 1e-64, 1e-96, 1e-128, 1e-160, 1e-192, 1e-224, 1e-256, 1e-288, 1e-320];
    let table = |table: &[f64], at: u64| {
        usize::try_from(at).ok().and_then(|at| table.get(at)).copied().unwrap_or(f64::NAN)
    };
    let size = exponent.unsigned_abs();
    match exponent {
        0..=308 => table(&LARGE, size / 32) * table(&SMALL, size % 32),
        -323..0 => table(&TINY, size / 32) / table(&SMALL, size % 32),
        309.. => f64::INFINITY,
        _ => 0.0,
    }
}
