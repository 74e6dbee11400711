// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

use super::*;

fn sum(values: &[f64]) -> f64 {
    let mut sums = ExactSums::default();
    sums.resize(1);
    values.iter().for_each(|&value| sums.add(0, value));
    sums.rounded_with(0, [0.0, 0.0])
}

#[test]
fn sums_are_rounded_once() {
    let least = f64::from_bits(1);
    let cases: &[(&[f64], f64)] = &[
        (&[], 0.0),
        (&[0.1; 10], 1.0),
        (&[1e308, 1e308, -1e308], 1e308),
        (&[1e308, 1e308], f64::INFINITY),
        (&[-1e308, -1e308], f64::NEG_INFINITY),
        (&[1e308, 1.0, -1e308], 1.0),
        (&[1e308, -1.5, least, -1e308, 1.5], least),
        (&[least, least], f64::from_bits(2)),
        (&[-least, f64::MIN_POSITIVE], f64::MIN_POSITIVE - least),
        (&[f64::MAX, least, -f64::MAX], least),
        // Halves go to the even one, what is above a half goes up.
        (&[9_007_199_254_740_992.0, 1.0], 9_007_199_254_740_992.0),
        (&[9_007_199_254_740_992.0, 1.0, 1e-300], 9_007_199_254_740_994.0),
        (&[9_007_199_254_740_994.0, 1.0], 9_007_199_254_740_996.0),
        (&[-9_007_199_254_740_994.0, -1.0], -9_007_199_254_740_996.0),
        (&[-9_007_199_254_740_992.0, -1.0, -1e-300], -9_007_199_254_740_994.0),
        (&[f64::INFINITY, 1.0], f64::INFINITY),
    ];
    for (values, wanted) in cases {
        assert_eq!(sum(values).to_bits(), wanted.to_bits(), "{values:?}: {}", sum(values));
    }
    assert!(sum(&[f64::INFINITY, f64::NEG_INFINITY]).is_nan());
}

/// Adds values of all magnitudes in several orders, in one sum and in two that are merged.
#[test]
fn the_order_does_not_matter() {
    let mut state = 11u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        state.rotate_left(17)
    };
    for round in 0..2_000 {
        let spread = [3, 40, 200, 2_000][round % 4];
        let mut values: Vec<f64> = (0..next() % 9 + 2)
            .map(|_| {
                let exponent = (1_023 + next() % spread).saturating_sub(spread / 2).min(2_040);
                f64::from_bits((next() & 0x800f_ffff_ffff_ffff) | (exponent << 52))
            })
            .collect();
        let wanted = sum(&values);
        values.sort_by(f64::total_cmp);
        assert_eq!(sum(&values).to_bits(), wanted.to_bits(), "{values:?}");
        values.reverse();
        let (a, b) = values.split_at(values.len() / 2);
        let mut sums = [ExactSums::default(), ExactSums::default()];
        sums.iter_mut().for_each(|sums| sums.resize(1));
        a.iter().for_each(|&value| sums[0].add(0, value));
        b.iter().for_each(|&value| sums[1].add(0, value));
        let [mut first, second] = sums;
        first.add_sum(0, &second, 0);
        assert_eq!(first.rounded_with(0, [0.0, 0.0]).to_bits(), wanted.to_bits(), "{values:?}");
    }
}
