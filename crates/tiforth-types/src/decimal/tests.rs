// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Shows what decimals keep and print, and proves that plain numbers and words agree.
//!
//! `tests/decimal.rs` compares with the answers of TiDB.

use std::hash::{DefaultHasher, Hash, Hasher};

use proptest::prelude::*;

use super::plain::PLAIN_SCALE_MAX;
use super::words::{WORDS, words_for};
use super::*;

fn decimal(text: &str) -> Decimal {
    let parsed = Decimal::parse(text.as_bytes());
    assert_eq!(parsed.outcome, ParseOutcome::Exact, "{text}");
    parsed.value
}

fn all_digits(value: &Decimal) -> String {
    let mut text = Vec::new();
    value.write_all_digits(&mut text);
    String::from_utf8(text).unwrap()
}

fn nines(count: usize) -> String {
    "9".repeat(count)
}

#[test]
fn parse_takes_the_longest_number() {
    fn check(text: &str, want: &str, outcome: ParseOutcome) {
        let got = Decimal::parse(text.as_bytes());
        assert_eq!((got.value.to_string().as_str(), got.outcome), (want, outcome), "{text:?}");
    }
    use ParseOutcome::*;
    check("12345", "12345", Exact);
    check(" \t+00012.50", "12.50", Exact);
    check("-.5", "-0.5", Exact);
    check("5.", "5", Exact);
    check("-0.00", "0.00", Exact);
    check("1.50 \n", "1.50", Exact);
    check("1.50x", "1.50", Truncated);
    check("1 2", "1", Truncated);
    check("", "0", NoDigits);
    check("  ", "0", NoDigits);
    check("-", "0", NoDigits);
    check(".", "0", NoDigits);
    check("\n1", "0", NoDigits);
    check("abc", "0", NoDigits);
    check("1.5e2", "150", Exact);
    check("1.50e1", "15", Exact);
    check("123.45e-1", "12.345", Exact);
    check("1e-5", "0.00001", Exact);
    check("-1.5E+3 ", "-1500", Exact);
    check("0.0e7", "0", Exact);
    check("1e", "1", Truncated);
    check("1e1x", "10", Truncated);
    check("1ex", "1", Truncated);
    check("1e18446744073709551620", "0", BadNumber);
    check("1e9223372036854775808", &nines(81), Overflow);
    check("-1e1073741824", &format!("-{}", nines(81)), Overflow);
    check("1e-9223372036854775807", "0", Truncated);
    check("1e-1073741825", "0", Truncated);
    check("1e80", &format!("1{}", "0".repeat(80)), Exact);
    check("1e81", &nines(81), Overflow);
    check("1e-81", &format!("0.{}1", "0".repeat(80)), Exact);
    check("1e-82", "0", Truncated);
    // 81 digits before the point: the last ones are kept.
    check(&format!("7{}", "1".repeat(81)), &"1".repeat(81), Overflow);
    // Nine words in all: the fraction is cut by whole words.
    check(&format!("{}.{}", nines(73), "1".repeat(9)), &nines(73), Truncated);
    check(
        &format!("{}.{}", nines(72), "1".repeat(10)),
        &format!("{}.111111111", nines(72)),
        Truncated,
    );
}

#[test]
fn quotients_keep_whole_words() {
    fn check(a: &str, b: &str, increment: u8, printed: &str, kept: &str) {
        let got = decimal(a).div(&decimal(b), increment).unwrap();
        assert_eq!(
            (got.value.to_string().as_str(), all_digits(&got.value).as_str()),
            (printed, kept)
        );
    }
    check("1", "3", 4, "0.3333", "0.333333333");
    check("1", "3", 10, "0.3333333333", "0.333333333333333333");
    check("1.0000", "3", 4, "0.33333333", "0.333333333");
    check("2", "3", 4, "0.6667", "0.666666666");
    check("10", "4", 4, "2.5000", "2.500000000");
    check("0", "7", 4, "0.0000", "0.0000");
    check("-1", "30000000000", 4, "0.0000", "0.000000000");
    assert!(decimal("1").div(&Decimal::ZERO, 4).is_none());
    assert!(decimal("1").rem(&decimal("0.000")).is_none());

    let third = decimal("1").div(&decimal("3"), 4).unwrap().value;
    let whole = third.mul(&decimal("3")).value;
    assert_eq!(whole.to_string(), "1.0000");
    assert_ne!(whole, decimal("1"));
}

#[test]
fn remainders_have_the_sign_of_the_dividend() {
    fn check(a: &str, b: &str, want: &str) {
        assert_eq!(decimal(a).rem(&decimal(b)).unwrap().value.to_string(), want, "{a} % {b}");
    }
    check("234", "10", "4");
    check("-7.5", "2", "-1.5");
    check("7.5", "-2", "1.5");
    check("0.000000000000123", "0.3", "0.000000000000123");
    check("6", "3", "0");
    check("-6.0", "3", "0.0");
    check("99999999999999999999999999999999999999.3", "1", "0.3");
}

#[test]
fn rounding_reaches_both_sides_of_the_point() {
    fn check(value: &str, scale: i32, mode: Rounding, want: &str) {
        let got = decimal(value).round(scale, mode).value;
        assert_eq!(got.to_string(), want, "{value} to {scale} {mode:?}");
    }
    use Rounding::*;
    check("123456789.987654321", 1, HalfUp, "123456790.0");
    check("15.1", 0, HalfUp, "15");
    check("15.5", 0, HalfUp, "16");
    check("-15.5", 0, HalfUp, "-16");
    check("9999.5", 0, HalfUp, "10000");
    check("0.999", 0, HalfUp, "1");
    check("0.4", 0, HalfUp, "0");
    check("-0.4", 0, HalfUp, "0");
    check("-0.004", 2, HalfUp, "0.00");
    check("55", -1, HalfUp, "60");
    check("55", -2, HalfUp, "100");
    check("49", -2, HalfUp, "0");
    check("5", -3, HalfUp, "0");
    check("999999999", -9, HalfUp, "1000000000");
    check("15.17", 1, Truncate, "15.1");
    check("-15.99", 0, Truncate, "-15");
    check("155", -1, Truncate, "150");
    check("15.0001", 0, Ceiling, "16");
    check("15.0000", 0, Ceiling, "15");
    check("1.5", 4, HalfUp, "1.5000");
    let most_scale = decimal("0.1").div(&decimal("1e70"), 30).unwrap().value;
    let rounded = most_scale.round(75, HalfUp).value.round(74, HalfUp).value;
    assert!(rounded.words().used().len() <= WORDS);
}

#[test]
fn overflow_and_loss_are_told() {
    let most = decimal(&nines(81));
    let sum = most.add(&decimal("1"));
    assert_eq!((sum.outcome, sum.value.to_string()), (Outcome::Overflow, nines(81)));
    let product = decimal(&nines(45)).mul(&decimal(&nines(45)));
    assert_eq!(product.outcome, Outcome::Overflow);
    let sum = decimal(&nines(72)).add(&decimal("0.123456789012"));
    assert_eq!(sum.outcome, Outcome::Truncated);
    assert_eq!(sum.value.to_string(), nines(72));
    let small = decimal("0.000000000000000000000000000001");
    let product = small.mul(&small).value;
    assert_eq!(product.to_string(), format!("0.{}", "0".repeat(30)));
    assert!(!product.is_zero(), "digits below the scale stay");
    assert!(most.shift(1).is_overflow());
    assert_eq!(decimal("12.34").shift(1).value.to_string(), "123.4");
}

#[test]
fn fit_rounds_and_clips() {
    fn check(
        value: &str,
        precision: u8,
        scale: u8,
        want: &str,
        is_overflow: bool,
        is_truncated: bool,
    ) {
        let got = decimal(value).fit(precision, scale);
        let got = (got.value.to_string(), got.is_overflow, got.is_truncated);
        assert_eq!(got, (want.to_owned(), is_overflow, is_truncated), "{value}");
    }
    check("1.005", 5, 2, "1.01", false, true);
    check("1.100", 5, 2, "1.10", false, false);
    check("1", 5, 2, "1.00", false, false);
    check("99.9999", 5, 3, "99.999", true, false);
    check("-1000", 5, 2, "-999.99", true, false);
    check("0.5", 2, 2, "0.50", false, false);
    check("1", 2, 2, "0.99", true, false);
    check("0", 2, 2, "0.00", false, false);
    check("123", 3, 0, "123", false, false);
    assert_eq!(Decimal::max_for(65, 30).to_string(), format!("{}.{}", nines(35), nines(30)));
    assert_eq!(Decimal::max_for(65, 0).to_string(), nines(65));
}

#[test]
fn integers_convert() {
    fn signed(text: &str, want: i64, outcome: Outcome) {
        assert_eq!(decimal(text).to_i64(), Computed { value: want, outcome }, "{text}");
    }
    fn unsigned(text: &str, want: u64, outcome: Outcome) {
        assert_eq!(decimal(text).to_u64(), Computed { value: want, outcome }, "{text}");
    }
    use Outcome::*;
    signed("-9223372036854775808", i64::MIN, Exact);
    signed("-9223372036854775809", i64::MIN, Overflow);
    signed("9223372036854775807.9", i64::MAX, Truncated);
    signed("9223372036854775808", i64::MAX, Overflow);
    signed(&nines(60), i64::MAX, Overflow);
    signed("-1.9", -1, Truncated);
    unsigned("18446744073709551615", u64::MAX, Exact);
    unsigned("18446744073709551616", u64::MAX, Overflow);
    unsigned("-0.1", 0, Overflow);
    unsigned("1.000", 1, Exact);
    assert_eq!(decimal("-1.5").to_i64_rounded().value, -2);
    assert_eq!(decimal("-0.4").to_u64_rounded(), Computed::exact(0));
    for value in [0, 1, -1, i64::MAX, i64::MIN] {
        assert_eq!(Decimal::from_i64(value).to_i64(), Computed::exact(value));
        assert_eq!(Decimal::from_i64(value).to_string(), value.to_string());
    }
    assert_eq!(Decimal::from_u64(u64::MAX).to_string(), u64::MAX.to_string());
}

#[test]
fn doubles_convert_through_their_shortest_text() {
    fn check(value: f64, want: &str) {
        assert_eq!(Decimal::from_f64(value).value.to_string(), want);
    }
    check(0.1, "0.1");
    check(1e20, "100000000000000000000");
    check(-1.5e-7, "-0.00000015");
    check(123456.5, "123456.5");
    check(1234567.5, "1234567.5");
    check(0.0001, "0.0001");
    check(-0.0, "0");
    assert_eq!(Decimal::from_f64(f64::MAX).outcome, ParseOutcome::Overflow);
    assert_eq!(Decimal::from_f64(f64::NAN).outcome, ParseOutcome::NoDigits);
    assert_eq!(decimal("12345678901234567890.5").to_f64(), 12345678901234567890.5);
    assert_eq!(decimal("-0.000000000000000000000000000001").to_f64(), -1e-30);
}

#[test]
fn a_double_is_what_is_printed() {
    fn check(value: Decimal, want: f64) {
        assert_eq!(value.to_f64(), want, "{value:?}");
    }
    let third = decimal("1").div(&decimal("3"), 4).unwrap().value;
    check(third, 0.3333);
    check(third.round(9, Rounding::HalfUp).value, 0.333333333);
    check(third.mul(&decimal("3")).value, 1.0);
    check(third.add(&decimal("0.00000")).value, 0.33333);
    check(decimal("-20000000000000.0").div(&decimal("3"), 0).unwrap().value, -6666666666666.7);
    // Half of the last digit, and as a double a little less.
    let half = decimal("674.573319615").with_printed_scale(8);
    assert_eq!(half.to_string(), "674.57331962");
    check(half, 674.57331961);
    let tiny = decimal("-1").div(&decimal("700000"), 4).unwrap().value;
    check(tiny, 0.0);
    assert!(tiny.to_f64().is_sign_negative());
    assert!(tiny.mul(&decimal("1.0")).value.to_f64().is_sign_positive());
}

#[test]
fn a_product_too_small_for_its_digits_keeps_its_sign() {
    let small = decimal("0.00000000000000000001");
    let product = small.negate().mul(&small).value;
    assert_eq!(product.to_string(), format!("0.{}", "0".repeat(30)));
    assert!(product < Decimal::ZERO && product < small.mul(&small).value);
    assert_eq!(product, product.add(&product).value);
    assert_ne!(key(&product), key(&Decimal::ZERO));
    assert!(product.fit(30, 4).is_truncated);
}

#[test]
fn zero_has_no_sign_and_no_scale() {
    let zeros = [decimal("0"), decimal("-0.00"), decimal("1").sub(&decimal("1.0")).value];
    for zero in zeros {
        assert!(zero.is_zero() && !zero.is_negative());
        assert_eq!(zero, Decimal::ZERO);
        assert_eq!(key(&zero), key(&Decimal::ZERO));
        assert_eq!(zero.negate().to_string(), zero.to_string());
    }
    assert_eq!(decimal("0.000").precision_and_scale(), (3, 3));
    assert_eq!(decimal("00").precision_and_scale(), (1, 0));
    assert_eq!(decimal("012.50").precision_and_scale(), (4, 2));
}

fn key(value: &Decimal) -> (Vec<u8>, u64) {
    let mut bytes = Vec::new();
    value.write_key(&mut bytes);
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    (bytes, hasher.finish())
}

/// Makes mantissas of every length, with runs of nines and zeros.
fn mantissas() -> impl Strategy<Value = i128> {
    let digit = prop_oneof![Just(0u8), Just(9), 0..10u8];
    let runs = prop::collection::vec((digit, 1..12usize), 0..6);
    (runs, any::<bool>()).prop_map(|(runs, negative)| {
        let digits = runs.into_iter().flat_map(|(digit, count)| std::iter::repeat_n(digit, count));
        let value = digits.take(38).fold(0i128, |value, digit| value * 10 + i128::from(digit));
        if negative { -value } else { value }
    })
}

fn plains() -> impl Strategy<Value = Plain> {
    let scale = prop_oneof![0..=10u8, 0..=PLAIN_SCALE_MAX];
    (mantissas(), scale, 0..30u8, 0..=30u8, any::<bool>()).prop_map(
        |(mantissa, scale, more, printed, is_computed)| {
            let mut plain = Plain { mantissa, int_digits: 0, scale, printed: scale };
            let digits = plain.significant_int_digits() as u8;
            let room = ((WORDS - words_for(scale.into())) * 9) as u8;
            plain.int_digits = digits.max((digits + more).min(room));
            if is_computed {
                plain.printed = printed;
            }
            plain
        },
    )
}

fn agree(plain: Option<Plain>, words: Computed<Words>) -> Result<(), TestCaseError> {
    if let Some(plain) = plain {
        prop_assert_eq!(words.outcome, Outcome::Exact);
        prop_assert_eq!(Some(plain), Plain::from_words(&words.value));
    }
    Ok(())
}

fn i256(value: i128) -> [u8; 32] {
    let mut bytes = [if value < 0 { 255 } else { 0 }; 32];
    bytes[..16].copy_from_slice(&value.to_le_bytes());
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn plain_numbers_and_words_agree(a in plains(), b in plains(), increment in 0..=30u8, scale in -12..=40i32) {
        let (x, y) = (a.to_words(), b.to_words());
        prop_assert_eq!(Plain::from_words(&x), Some(a));
        agree(a.add(b), sum::add(&x, &y))?;
        agree(a.sub(b), sum::sub(&x, &y))?;
        agree(a.mul(b), product::mul(&x, &y))?;
        prop_assert_eq!(product::mul_plain(a, b), product::mul(&x, &y));
        if b.mantissa != 0 {
            agree(a.div(b, increment), quotient::div(&x, &y, increment).unwrap())?;
            agree(a.rem(b), quotient::rem(&x, &y).unwrap())?;
        }
        for mode in [Rounding::HalfUp, Rounding::Truncate, Rounding::Ceiling] {
            for layout in [Layout::Kept, Layout::WholeWords] {
                agree(a.round(scale, mode, layout), rounding::round(&x, scale, mode, layout))?;
            }
        }
        let words = if x.negative != y.negative {
            y.negative.cmp(&x.negative)
        } else if x.negative {
            y.cmp_magnitude(&x)
        } else {
            x.cmp_magnitude(&y)
        };
        prop_assert!(a.cmp(b).is_none_or(|order| order == words));
    }

    #[test]
    fn division_undoes_multiplication(q in mantissas(), b in mantissas(), r in mantissas()) {
        let (q, b) = (q.abs(), b.abs().max(1));
        let r = r.abs() % b;
        let of = |value| Decimal::from_i128_scaled(value, 0);
        let a = of(q).mul(&of(b)).value.add(&of(r)).value;
        let quotient = a.div(&of(b), 0).unwrap();
        prop_assert_eq!(quotient.outcome, Outcome::Exact);
        prop_assert_eq!(quotient.value, of(q));
        prop_assert_eq!(a.rem(&of(b)).unwrap().value, of(r));
    }

    #[test]
    fn text_and_binary_come_back(mantissa in mantissas(), scale in 0..=72u8, more in 0..20u8) {
        let value = Decimal::from_i128_scaled(mantissa, scale);
        let text = value.to_string();
        prop_assert_eq!(all_digits(&decimal(&text)), text.clone());
        prop_assert_eq!(decimal(&text), value);
        prop_assert_eq!(key(&decimal(&text)), key(&value));
        prop_assert_eq!(value.to_i128_scaled(scale), Some(mantissa));
        prop_assert_eq!(value.to_le_bytes_i256(scale), Some(i256(mantissa)));
        let wide = Decimal::from_i256_scaled(i256(mantissa), scale).unwrap();
        prop_assert_eq!(all_digits(&wide), text);
        let raised = value.round(i32::from(scale.saturating_add(more)), Rounding::HalfUp).value;
        prop_assert_eq!(raised, value);
        prop_assert_eq!(key(&raised), key(&value));
        if let Some(bytes) = value.to_le_bytes_i256(scale + more)
            && let Ok(wide) = Decimal::from_i256_scaled(bytes, scale + more)
        {
            prop_assert_eq!(wide, value);
        }
    }

    #[test]
    fn shifts_are_rounded_powers(mantissa in mantissas(), scale in 0..=30u8, places in -80..80i32) {
        let value = Decimal::from_i128_scaled(mantissa, scale);
        let shifted = value.shift(places);
        if shifted.outcome == Outcome::Exact {
            let back = shifted.value.shift(-places);
            prop_assert_eq!(back.value, value);
        }
        let text = format!("{value}e{places}");
        let parsed = Decimal::parse(text.as_bytes());
        if parsed.outcome != ParseOutcome::Overflow {
            prop_assert_eq!(parsed.value, shifted.value);
        }
    }

    #[test]
    fn chains_of_any_decimals_end_well(
        texts in prop::collection::vec("-?[09]{0,45}[0-9]{1,36}(\\.[0-9]{0,40}[09]{0,40})?(e-?[0-9]{1,2})?", 3),
        steps in prop::collection::vec((0..3usize, 0..7u8, -81..81i32), 1..8),
    ) {
        let values: Vec<_> = texts.iter().map(|text| Decimal::parse(text.as_bytes()).value).collect();
        let mut value = values[0];
        for (other, step, places) in steps {
            let other = &values[other];
            let next = match step {
                0 => Some(value.add(other)),
                1 => Some(value.sub(other)),
                2 => Some(value.mul(other)),
                3 => value.div(other, 4),
                4 => value.rem(other),
                5 => Some(value.shift(places)),
                _ => Some(value.round(places, Rounding::HalfUp)),
            };
            let Some(next) = next.filter(|next| !next.is_overflow()) else { break };
            value = next.value;
            let text = all_digits(&value);
            prop_assert!(text.len() <= 84, "{}", text);
            prop_assert!(value.cmp(other) == other.cmp(&value).reverse());
            prop_assert!(all_digits(&value.fit(65, 30).value).len() <= 67);
            prop_assert!(value.to_f64().is_finite() && !value.to_string().is_empty());
        }
    }

    #[test]
    fn doubles_come_back(value in any::<f64>()) {
        let parsed = Decimal::from_f64(value);
        if parsed.outcome == ParseOutcome::Exact {
            prop_assert_eq!(parsed.value.to_f64(), value);
        }
    }

    #[test]
    fn lanes_agree_with_decimals(
        a in prop::collection::vec(any::<i64>(), 8),
        b in prop::collection::vec(any::<i64>(), 8),
        raise in 0..6u8,
    ) {
        let mut out = [0i64; 8];
        let of = |value, scale| Decimal::from_i128_scaled(i128::from(value), scale);
        let checks = |has_overflowed: bool, out: &[i64], want: &dyn Fn(usize) -> Decimal, scale| {
            let fits = (0..8).all(|i| {
                want(i).to_i128_scaled(scale).is_some_and(|v| i64::try_from(v).is_ok())
            });
            let equal = (0..8).all(|i| of(out[i], scale) == want(i));
            has_overflowed || (fits && equal)
        };
        let unit = lanes::POW10_I64[usize::from(raise)];
        let over = lanes::add_lanes_i64(&a, unit, &b, 1, &mut out);
        prop_assert!(checks(over, &out, &|i| of(a[i], 0).add(&of(b[i], raise)).value, raise));
        let over = lanes::sub_lanes_i64(&a, unit, &b, 1, &mut out);
        prop_assert!(checks(over, &out, &|i| of(a[i], 0).sub(&of(b[i], raise)).value, raise));
        let small: Vec<i64> = b.iter().map(|b| b % 1000).collect();
        let over = lanes::mul_lanes_i64(&a, &small, &mut out);
        prop_assert!(checks(over, &out, &|i| of(a[i], 0).mul(&of(small[i], 0)).value, 0));
        let over = lanes::rescale_lanes_i64(&a, raise, 0, &mut out);
        prop_assert!(!over);
        let rounded = |i: usize| of(a[i], raise).round(0, Rounding::HalfUp).value;
        prop_assert!(checks(over, &out, &rounded, 0));
    }
}

#[test]
fn a_lane_beyond_one_number_is_laid_out_too() {
    let nines = 150_000_000_000_000_000_000_000_000_000_000_000_000_i128;
    for (scale, digits, words) in [(0, 45, 5), (5, 45, 5), (5, 34, 4), (0, 39, 5), (30, 27, 3)] {
        let value = Decimal::from_lane(nines, scale, scale, digits);
        assert_eq!(value, Decimal::from_i128_scaled(nines, scale));
        assert_eq!(value.to_string(), Decimal::from_i128_scaled(nines, scale).to_string());
        assert_eq!(value.int_words(), words, "{scale} {digits}");
    }
    let value = Decimal::from_lane(nines, 0, 0, 45);
    assert!(value.mul(&value).is_overflow());
}
