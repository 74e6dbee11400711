// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Computes elementary functions to the last bit as Go's `math` package does on amd64, whatever the
//! machine: the answers print with all their digits, and a platform's own library rounds otherwise.
//!
//! The methods are published ones: FreeBSD's msun for the logarithm, Stephen Moshier's Cephes for sine,
//! cosine, tangent and arctangent, Payne and Hanek's reduction for great angles (K. C. Ng, "Argument
//! reduction for huge arguments"), Naoki Shibata's SLEEF for the exponential.

#![expect(
    clippy::excessive_precision,
    clippy::unreadable_literal,
    reason = "the constants are written as their sources give them"
)]

use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, PI};

/// Splits a positive finite number into a fraction of [0.5, 1) and a power of two.
fn split(x: f64) -> (f64, i32) {
    const FRACTION: u64 = (1 << 52) - 1;
    let (x, lifted) =
        if x.abs() < f64::MIN_POSITIVE { (x * 4503599627370496.0, 52) } else { (x, 0) };
    let bits = x.to_bits();
    let exponent = i32::try_from(bits >> 52 & 0x7ff).unwrap_or(0) - 1022;
    let fraction = f64::from_bits(bits & (1 << 63 | FRACTION) | 1022 << 52);
    (fraction, exponent - lifted)
}

/// Multiplies by a power of two, rounding once where the result is subnormal.
fn scale(x: f64, exponent: i32) -> f64 {
    if x == 0.0 || !x.is_finite() {
        return x;
    }
    let (fraction, own) = split(x.abs());
    let sum = i64::from(own) + i64::from(exponent);
    // The fraction stands for one of [1, 2) with an exponent less by one.
    let biased = sum - 1 + 1023;
    let size = match biased {
        2047.. => f64::INFINITY,
        1.. => f64::from_bits(fraction.to_bits() & ((1 << 52) - 1) | (biased as u64) << 52),
        -52.. => {
            let lifted =
                f64::from_bits(fraction.to_bits() & ((1 << 52) - 1) | ((biased + 53) as u64) << 52);
            lifted * f64::from_bits((1023 - 53) << 52)
        }
        _ => 0.0,
    };
    size.copysign(x)
}

/// Returns the natural logarithm of a positive number.
pub(super) fn ln(x: f64) -> f64 {
    const LN2_HIGH: f64 = 6.93147180369123816490e-01;
    const LN2_LOW: f64 = 1.90821492927058770002e-10;
    const ODD: [f64; 4] = [
        6.666666666666735130e-01,
        2.857142874366239149e-01,
        1.818357216161805012e-01,
        1.479819860511658591e-01,
    ];
    const EVEN: [f64; 3] =
        [3.999999999940941908e-01, 2.222219843214978396e-01, 1.531383769920937332e-01];
    if x <= 0.0 {
        return if x == 0.0 { f64::NEG_INFINITY } else { f64::NAN };
    }
    if !x.is_finite() {
        return x;
    }
    // A subnormal number is not brought to normal form first: that is how Go does it on amd64.
    let (mut fraction, mut exponent) = if x < f64::MIN_POSITIVE {
        (f64::from_bits(x.to_bits() | 1022 << 52), -1022)
    } else {
        split(x)
    };
    if fraction < std::f64::consts::FRAC_1_SQRT_2 {
        fraction *= 2.0;
        exponent -= 1;
    }
    let f = fraction - 1.0;
    let k = f64::from(exponent);
    let s = f / (2.0 + f);
    let s2 = s * s;
    let s4 = s2 * s2;
    let odd = s2 * (ODD[0] + s4 * (ODD[1] + s4 * (ODD[2] + s4 * ODD[3])));
    let even = s4 * (EVEN[0] + s4 * (EVEN[1] + s4 * EVEN[2]));
    let rest = odd + even;
    let half_square = 0.5 * f * f;
    k * LN2_HIGH - ((half_square - (s * (half_square + rest) + k * LN2_LOW)) - f)
}

/// Returns the logarithm of a positive number to base 2.
pub(super) fn log2(x: f64) -> f64 {
    let (fraction, exponent) = split(x);
    // Powers of two are exact.
    if fraction == 0.5 {
        return f64::from(exponent - 1);
    }
    ln(fraction) * std::f64::consts::LOG2_E + f64::from(exponent)
}

/// Returns the logarithm of a positive number to base 10.
pub(super) fn log10(x: f64) -> f64 {
    ln(x) * std::f64::consts::LOG10_E
}

/// Returns e to the power `x`; infinite where that is too great.
pub(super) fn exp(x: f64) -> f64 {
    const LN2_UPPER: f64 = 0.69314718055966295651160180568695068359375;
    const LN2_LOWER: f64 = 0.28235290563031577122588448175013436025525412068e-12;
    const SERIES: [f64; 7] = [
        1.9841269841269841270e-4,
        1.3888888888888888889e-3,
        8.3333333333333333333e-3,
        4.1666666666666666667e-2,
        1.6666666666666666667e-1,
        0.5,
        1.0,
    ];
    if x.is_nan() {
        return x;
    }
    if x > 7.09782712893384e+02 {
        return f64::INFINITY;
    }
    if x < -1000.0 {
        return 0.0;
    }
    let k = (x * std::f64::consts::LOG2_E).round_ties_even();
    let reduced = (-k).mul_add(LN2_LOWER, (-k).mul_add(LN2_UPPER, x)) * 0.0625;
    let sum = SERIES.iter().fold(2.4801587301587301587e-5, |sum, c| f64::mul_add(sum, reduced, *c));
    // e^r - 1, squared up four times: (1 + y)^2 - 1 is y (y + 2).
    let mut y = reduced * sum;
    for _ in 0..3 {
        y *= y + 2.0;
    }
    #[expect(clippy::cast_possible_truncation, reason = "it is below 1500")]
    scale(y.mul_add(y + 2.0, 1.0), k as i32)
}

/// Returns `x` to the power `y`, by squaring; infinite or no number where there is no answer.
pub(super) fn pow(x: f64, y: f64) -> f64 {
    const TWO_TO_63: f64 = 9223372036854775808.0;
    if y == 0.0 || x == 1.0 {
        return 1.0;
    }
    if x == 0.0 {
        return power_of_zero(x, y);
    }
    if y == 0.5 {
        return x.sqrt();
    }
    if y == -0.5 {
        return 1.0 / x.sqrt();
    }
    let (mut whole, mut part) = (y.abs().trunc(), y.abs().fract());
    if part != 0.0 && x < 0.0 {
        return f64::NAN;
    }
    if whole >= TWO_TO_63 {
        return match x {
            -1.0 => 1.0,
            _ if (x.abs() < 1.0) == (y > 0.0) => 0.0,
            _ => f64::INFINITY,
        };
    }
    let (mut result, mut exponent) = (1.0, 0i32);
    if part != 0.0 {
        if part > 0.5 {
            part -= 1.0;
            whole += 1.0;
        }
        result = exp(part * ln(x));
    }
    let (mut base, mut base_exponent) = split(x);
    #[expect(clippy::cast_possible_truncation, reason = "it is below 2^63, or just that")]
    let mut bits = whole as i64;
    while bits != 0 {
        if !(-4096..=4096).contains(&base_exponent) {
            exponent += base_exponent;
            break;
        }
        if bits & 1 == 1 {
            result *= base;
            exponent += base_exponent;
        }
        base *= base;
        base_exponent *= 2;
        if base < 0.5 {
            base += base;
            base_exponent -= 1;
        }
        bits >>= 1;
    }
    if y < 0.0 { scale(1.0 / result, -exponent) } else { scale(result, exponent) }
}

fn power_of_zero(zero: f64, y: f64) -> f64 {
    let is_odd = y.fract() == 0.0 && (y / 2.0).fract() != 0.0;
    match (y < 0.0, is_odd) {
        (true, true) => f64::INFINITY.copysign(zero),
        (true, false) => f64::INFINITY,
        (false, true) => zero,
        (false, false) => 0.0,
    }
}

/// Is a positive angle as an even number of eighths of a turn and what is left of it.
struct Angle {
    octant: u64,
    rest: f64,
}

/// Takes eighths of a turn off a positive angle.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "the numbers are below 2^30"
)]
fn reduce(x: f64) -> Angle {
    const PI4A: f64 = 7.85398125648498535156e-1;
    const PI4B: f64 = 3.77489470793079817668e-8;
    const PI4C: f64 = 2.69515142907905952645e-15;
    if x >= 536870912.0 {
        return reduce_great(x);
    }
    let mut octant = (x * 1.27323954473516268615) as u64;
    octant += octant & 1;
    let y = octant as f64;
    Angle { octant: octant & 7, rest: ((x - y * PI4A) - y * PI4B) - y * PI4C }
}

/// Does the same for an angle beyond what the number of a double's bits allows, with 192 bits of 4/π.
fn reduce_great(x: f64) -> Angle {
    const BIAS: u64 = 1023;
    let bits = x.to_bits();
    let exponent = (bits >> 52 & 0x7ff).saturating_sub(BIAS + 52 - 61);
    let mantissa = bits & ((1 << 52) - 1) | 1 << 52;
    let (digit, shift) = ((exponent / 64) as usize, exponent % 64);
    let word = |at: usize| FOUR_OVER_PI.get(digit + at).copied().unwrap_or(0);
    let window = |at: usize| {
        let low = if shift == 0 { 0 } else { word(at + 1) >> (64 - shift) };
        word(at) << shift | low
    };
    let wide = |digits: u64| u128::from(digits) * u128::from(mantissa);
    let middle = wide(window(1)).wrapping_add(wide(window(2)) >> 64);
    let product = middle.wrapping_add(u128::from(window(0).wrapping_mul(mantissa)) << 64);
    let mut octant = (product >> 125) as u64;
    let fraction = product << 3;
    let high = (fraction >> 64) as u64;
    // As it lies: TiDB fills the mantissa up without the three bits' shift.
    let low = product as u64;
    let zeros = high.leading_zeros() + 1;
    let shifted = if zeros >= 64 { low } else { high << zeros | low >> (64 - zeros) };
    let mut rest = f64::from_bits(shifted >> 12 | (BIAS - u64::from(zeros)) << 52);
    if octant & 1 == 1 {
        octant = (octant + 1) & 7;
        rest -= 1.0;
    }
    Angle { octant, rest: rest * FRAC_PI_4 }
}

/// Is 4/π in binary, the point behind the first word.
const FOUR_OVER_PI: [u64; 20] = [
    0x0000000000000001,
    0x45f306dc9c882a53,
    0xf84eafa3ea69bb81,
    0xb6c52b3278872083,
    0xfca2c757bd778ac3,
    0x6e48dc74849ba5c0,
    0x0c925dd413a32439,
    0xfc3bd63962534e7d,
    0xd1046bea5d768909,
    0xd338e04d68befc82,
    0x7323ac7306a673e9,
    0x3908bf177bf25076,
    0x3ff12fffbc0b301f,
    0xde5e2316b414da3e,
    0xda6cfd9e4f96136e,
    0x9e8c7ecd3cbfd45a,
    0xea4f758fd7cbe2f6,
    0x7a0e73ef14a525d4,
    0xd7f6bf623f1aba10,
    0xac06608df8f6d757,
];

/// Returns the sine of a small angle.
fn small_sin(z: f64) -> f64 {
    const SERIES: [f64; 5] = [
        -2.50507477628578072866e-8,
        2.75573136213857245213e-6,
        -1.98412698295895385996e-4,
        8.33333333332211858878e-3,
        -1.66666666666666307295e-1,
    ];
    let zz = z * z;
    z + z * zz * SERIES.iter().fold(1.58962301576546568060e-10, |sum, c| sum * zz + c)
}

/// Returns the cosine of a small angle.
fn small_cos(z: f64) -> f64 {
    const SERIES: [f64; 5] = [
        2.08757008419747316778e-9,
        -2.75573141792967388112e-7,
        2.48015872888517045348e-5,
        -1.38888888888730564116e-3,
        4.16666666666665929218e-2,
    ];
    let zz = z * z;
    let sum = SERIES.iter().fold(-1.13585365213876817300e-11, |sum, c| sum * zz + c);
    1.0 - 0.5 * zz + zz * zz * sum
}

/// Returns the sine of an angle in radians.
pub(super) fn sin(x: f64) -> f64 {
    if x == 0.0 || !x.is_finite() {
        return if x == 0.0 { x } else { f64::NAN };
    }
    let Angle { octant, rest } = reduce(x.abs());
    let y = if matches!(octant & 3, 1 | 2) { small_cos(rest) } else { small_sin(rest) };
    if (octant > 3) == (x < 0.0) { y } else { -y }
}

/// Returns the cosine of an angle in radians.
pub(super) fn cos(x: f64) -> f64 {
    if !x.is_finite() {
        return f64::NAN;
    }
    let Angle { octant, rest } = reduce(x.abs());
    let quarter = octant & 3;
    let y = if matches!(quarter, 1 | 2) { small_sin(rest) } else { small_cos(rest) };
    if (octant > 3) == (quarter > 1) { y } else { -y }
}

/// Returns the tangent of an angle in radians.
pub(super) fn tan(x: f64) -> f64 {
    const P: [f64; 3] =
        [-1.30936939181383777646e4, 1.15351664838587416140e6, -1.79565251976484877988e7];
    const Q: [f64; 4] = [
        1.36812963470692954678e4,
        -1.32089234440210967447e6,
        2.50083801823357915839e7,
        -5.38695755929454629881e7,
    ];
    if x == 0.0 || !x.is_finite() {
        return if x == 0.0 { x } else { f64::NAN };
    }
    let Angle { octant, rest: z } = reduce(x.abs());
    let zz = z * z;
    let y = if zz > 1e-14 {
        let p = (P[0] * zz + P[1]) * zz + P[2];
        let q = (((zz + Q[0]) * zz + Q[1]) * zz + Q[2]) * zz + Q[3];
        z + z * (zz * p / q)
    } else {
        z
    };
    let y = if octant & 2 == 2 { -1.0 / y } else { y };
    if x < 0.0 { -y } else { y }
}

/// Returns the arctangent of a number of [0, 0.66].
fn small_atan(x: f64) -> f64 {
    const P: [f64; 5] = [
        -8.750608600031904122785e-01,
        -1.615753718733365076637e+01,
        -7.500855792314704667340e+01,
        -1.228866684490136173410e+02,
        -6.485021904942025371773e+01,
    ];
    const Q: [f64; 5] = [
        2.485846490142306297962e+01,
        1.650270098316988542046e+02,
        4.328810604912902668951e+02,
        4.853903996359136964868e+02,
        1.945506571482613964425e+02,
    ];
    let z = x * x;
    let p = (((P[0] * z + P[1]) * z + P[2]) * z + P[3]) * z + P[4];
    let q = ((((z + Q[0]) * z + Q[1]) * z + Q[2]) * z + Q[3]) * z + Q[4];
    let z = z * p / q;
    x * z + x
}

/// Returns the arctangent of a number that is not negative.
fn positive_atan(x: f64) -> f64 {
    const MORE_BITS: f64 = 6.123233995736765886130e-17;
    const TAN_3_PI_8: f64 = 2.41421356237309504880;
    if x <= 0.66 {
        return small_atan(x);
    }
    if x > TAN_3_PI_8 {
        return FRAC_PI_2 - small_atan(1.0 / x) + MORE_BITS;
    }
    FRAC_PI_4 + small_atan((x - 1.0) / (x + 1.0)) + 0.5 * MORE_BITS
}

/// Returns the arctangent, in radians.
pub(super) fn atan(x: f64) -> f64 {
    if x == 0.0 {
        return x;
    }
    positive_atan(x.abs()).copysign(x)
}

/// Returns the angle of the point (x, y), in radians.
pub(super) fn atan2(y: f64, x: f64) -> f64 {
    if y == 0.0 {
        let angle = if x.is_sign_negative() { PI } else { 0.0 };
        return angle.copysign(y);
    }
    if x == 0.0 {
        return FRAC_PI_2.copysign(y);
    }
    let angle = atan(y / x);
    match x < 0.0 {
        true if angle <= 0.0 => angle + PI,
        true => angle - PI,
        false => angle,
    }
}

/// Returns the arcsine of a number of [-1, 1].
pub(super) fn asin(x: f64) -> f64 {
    if x == 0.0 {
        return x;
    }
    let size = x.abs();
    let other = (1.0 - size * size).sqrt();
    let angle = if size > 0.7 {
        FRAC_PI_2 - positive_atan(other / size)
    } else {
        positive_atan(size / other)
    };
    angle.copysign(x)
}

/// Returns the arccosine of a number of [-1, 1].
pub(super) fn acos(x: f64) -> f64 {
    FRAC_PI_2 - asin(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// TiDB's answers, where the platform's own library may give others.
    #[test]
    fn answers_are_those_of_tidb() {
        let check = |found: f64, expected: f64| assert_eq!(found, expected);
        check(exp(-1.0), 0.36787944117144233);
        check(exp(127.0), 1.4302079958348105e55);
        check(exp(-128.0), 2.572209372642415e-56);
        check(atan2(1.0, 1e16), 1e-16);
        check(log10(5e-324), -307.9536855642528);
        check(pow(12.0, 3.0), 1728.0);
        check(sin(2_128_040_392.088_036_8), -0.000_164_181_902_374_780_62);
        check(tan(6.443_505_047_469_405e29), -272_229.233_787_049_2);
        assert!(pow(-1.5, 2.5).is_nan() && pow(0.0, -1.0).is_infinite());
    }

    #[test]
    fn identities_hold_to_the_last_bits() {
        let is_near = |a: f64, b: f64| (a - b).abs() <= 4.0 * f64::EPSILON * b.abs().max(1e-300);
        let mut x = 1.0e-3;
        while x < 1.0e15 {
            assert!(is_near(ln(x), x.ln()), "ln {x}");
            assert!(is_near(atan(x), x.atan()), "atan {x}");
            assert!((sin(x) - x.sin()).abs() <= 4.0 * f64::EPSILON, "sin {x}");
            assert!((cos(x) - x.cos()).abs() <= 4.0 * f64::EPSILON, "cos {x}");
            x *= 1.618_033_988_749;
        }
        for x in [1e300, 5e200, 1.7976931348623157e308] {
            assert!((sin(x) - x.sin()).abs() <= 4.0 * f64::EPSILON, "sin {x}");
        }
        for k in -700..700 {
            let x = f64::from(k) * 1.013;
            assert!(is_near(exp(x), x.exp()), "exp {x}");
        }
    }

    #[test]
    fn scaling_goes_down_to_the_smallest_number() {
        let check = |x: f64, exponent: i32, expected: f64| assert_eq!(scale(x, exponent), expected);
        check(1.0, 0, 1.0);
        check(-1.5, 4, -24.0);
        check(1.0, -1074, 5e-324);
        check(1.0, -1076, 0.0);
        check(1.0, 1024, f64::INFINITY);
        check(5e-324, 1074, 1.0);
    }
}
