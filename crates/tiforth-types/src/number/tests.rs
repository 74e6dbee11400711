// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

use proptest::prelude::*;

use super::print::write_shortest;
use super::*;

fn printed(write: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut out = Vec::new();
    write(&mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn texts_become_doubles_by_prefix() {
    // text, value, truncated (the shown text), out of range
    let check = |text: &str, value: f64, truncated: Option<&str>, beyond: bool| {
        let read = text_to_f64(text.as_bytes(), TextUse::Cast);
        assert_eq!(read.value, value, "{text:?}");
        assert_eq!(read.truncated, truncated.map(str::as_bytes), "{text:?}");
        assert_eq!(read.out_of_range.is_some(), beyond, "{text:?}");
    };
    check("", 0.0, None, false);
    check(" \t ", 0.0, None, false);
    check("\u{a0}1\u{3000}", 1.0, None, false);
    check("5.", 5.0, None, false);
    check(".5", 0.5, None, false);
    check("+.e1", 0.0, Some("+.e1"), false);
    check("1e+1", 10.0, None, false);
    check("1e5e", 1e5, Some("1e5e"), false);
    check("1.5.5", 1.5, Some("1.5.5"), false);
    check("1e1.5", 10.0, Some("1e1.5"), false);
    check("1\0x", 1.0, None, false);
    check("\x001", 0.0, Some(""), false);
    check("1e999x", f64::MAX, Some("1e999x"), true);
    check("-1e999", -f64::MAX, None, true);
    check("1e-999", 0.0, None, false);
    assert_eq!(text_to_f64(b"", TextUse::Column).truncated, Some(&b""[..]));
    assert_eq!(text_to_f64(b"\xff 1", TextUse::Cast).truncated, Some(&b"\xff 1"[..]));
}

#[test]
fn columns_round_texts_half_away_from_zero() {
    let check = |text: &str, strict: bool, value: i64, truncated: bool, beyond: bool| {
        let read = column_text_to_i64(text.as_bytes(), strict);
        let got = (read.value, read.truncated.is_some(), read.out_of_range.is_some());
        assert_eq!(got, (value, truncated, beyond), "{text:?}");
    };
    check("2.5", true, 3, false, false);
    check("-2.5", true, -3, false, false);
    check("9.99e1", true, 100, false, false);
    check("99.5", true, 100, false, false);
    check("5e-1", true, 1, false, false);
    check("-5e-1", true, -1, false, false);
    check("5e-2", true, 0, false, false);
    check("1.25e1", true, 13, false, false);
    check("0.1e1x", true, 0, true, true);
    check("0.1e1x", false, 1, true, false);
    check("12x", true, 12, true, false);
    check("0e30", true, i64::MAX, false, true);
    check("-1e30", true, i64::MIN, false, true);
    check("1e-99999999999999999999", true, i64::MAX, false, true);
    check("9223372036854775807.4", true, i64::MAX, false, false);
    check("9223372036854775807.5", true, i64::MAX, false, true);
    check("-9223372036854775808", true, i64::MIN, false, false);
    check("1e18", true, 1_000_000_000_000_000_000, false, false);
    check("", false, 0, true, false);
    assert_eq!(column_text_to_u64(b"-0.4", true).out_of_range, None);
    assert!(column_text_to_u64(b"-0.5", true).out_of_range.is_some());
    assert_eq!(column_text_to_u64(b"18446744073709551615", true).value, u64::MAX);
    assert_eq!(column_text_to_u64(b"1e30", true).value, u64::MAX);
}

#[test]
fn doubles_print_plain_and_as_the_protocol_does() {
    let check = |number: f64, plain: &str, protocol: &str, general: &str| {
        assert_eq!(printed(|out| write_f64(number, out)), plain);
        assert_eq!(printed(|out| write_f64_protocol(number, Decimals::Shortest, out)), protocol);
        assert_eq!(printed(|out| write_f64_general(number, out)), general);
    };
    check(0.0, "0", "0", "0");
    check(-0.0, "-0", "-0", "-0");
    check(1.5, "1.5", "1.5", "1.5");
    check(-123.456, "-123.456", "-123.456", "-123.456");
    check(1e15, "1000000000000000", "1e15", "1e+15");
    check(1.5e20, "150000000000000000000", "1.5e20", "1.5e+20");
    check(999_999.0, "999999", "999999", "999999");
    check(1e6, "1000000", "1000000", "1e+06");
    check(1e-5, "0.00001", "0.00001", "1e-05");
    check(1.25e-7, "0.000000125", "0.000000125", "1.25e-07");
    check(-1.5e-16, "-0.00000000000000015", "-1.5e-16", "-1.5e-16");
    check(
        123_456_789_012_345_680.0,
        "123456789012345680",
        "1.2345678901234568e17",
        "1.2345678901234568e+17",
    );
    assert_eq!(printed(|out| write_f64_protocol(2.675, Decimals::Fixed(2), out)), "2.67");
    assert_eq!(printed(|out| write_f64_protocol(f64::NAN, Decimals::Fixed(2), out)), "0");
}

#[test]
fn printed_doubles_read_back_and_are_shortest() {
    // Between two shortest forms just as near, Go takes the even digit, the standard library the
    // upper one: lengths are compared, not digits.
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for _ in 0..200_000 {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let number = f64::from_bits(state ^ (state >> 29));
        if number.is_finite() {
            let text = printed(|out| write_f64(number, out));
            assert_eq!(text.parse::<f64>(), Ok(number));
            assert_eq!(text.len(), format!("{number}").len());
        }
        let small = f32::from_bits((state >> 32) as u32);
        if small.is_finite() {
            let text = printed(|out| write_f32(small, out));
            assert_eq!(text.parse::<f32>(), Ok(small));
            assert_eq!(text.len(), format!("{small}").len());
        }
        assert_eq!(printed(|out| write_u64(state, out)), format!("{state}"));
        assert_eq!(
            printed(|out| write_i64(state.cast_signed() >> 40, out)),
            format!("{}", state.cast_signed() >> 40)
        );
    }
    for number in [0, 9, 10, 99, 100, 101, 999, 1000, u64::MAX] {
        assert_eq!(printed(|out| write_u64(number, out)), format!("{number}"));
    }
    assert_eq!(printed(|out| write_i64(i64::MIN, out)), i64::MIN.to_string());
}

#[test]
fn floats_print_from_their_32_bits() {
    let check = |number: f32, plain: &str, protocol: &str| {
        assert_eq!(printed(|out| write_f32(number, out)), plain);
        assert_eq!(printed(|out| write_f32_protocol(number, Decimals::Shortest, out)), protocol);
    };
    check(0.1, "0.1", "0.1");
    check(99_999.99, "99999.99", "99999.99");
    check(f32::MAX, "340282350000000000000000000000000000000", "3.40282e38");
    check(1e20, "100000000000000000000", "1e20");
    check(1e-10, "0.0000000001", "0.0000000001");
    check(f32::from_bits(0x4a61_a631), "3697036.2", "3697036.2");
}

#[test]
fn doubles_clip_to_integers() {
    assert_eq!(f64_to_i64(2.5, i64::MIN, i64::MAX), Clipped { value: 2, overflows: false });
    assert_eq!(f64_to_i64(-3.5, i64::MIN, i64::MAX), Clipped { value: -4, overflows: false });
    assert_eq!(f64_to_i64(127.5, -128, 127), Clipped { value: 127, overflows: true });
    let greatest = 9_223_372_036_854_775_807_f64;
    assert_eq!(
        f64_to_i64(greatest, i64::MIN, i64::MAX),
        Clipped { value: i64::MAX, overflows: false }
    );
    assert_eq!(f64_to_u64(-1.0, u64::MAX, true), Clipped { value: u64::MAX, overflows: true });
    assert_eq!(f64_to_u64(-1.0, u64::MAX, false), Clipped { value: 0, overflows: true });
    assert_eq!(f64_to_u64(-0.4, u64::MAX, false), Clipped { value: 0, overflows: false });
    assert_eq!(
        f64_to_u64(1.8446744073709552e19, u64::MAX, true),
        Clipped { value: u64::MAX, overflows: true }
    );
    assert_eq!(f64_to_u64(300.0, 255, true), Clipped { value: 255, overflows: true });
    assert_eq!(constant_overflows(1e20, "bigint").message(), "constant 1e+20 overflows bigint");
}

#[test]
fn doubles_round_half_even_after_scaling() {
    assert_eq!(round_double(2.5, 0), 2.0);
    assert_eq!(round_double(1.15, 1), 1.2);
    assert_eq!(round_double(1e308, 1), 1e308);
    assert_eq!(round_double(5e-324, 400), 5e-324);
    assert_eq!(round_double(123.0, -400), 0.0);
    assert_eq!(round_double(150.0, -2), 200.0);
    assert_eq!(truncate_double(-1.99, 1), -1.9);
    assert_eq!(truncate_double(123.0, -400), 0.0);
    assert_eq!(truncate_double(199.0, -2), 100.0);
}

proptest! {
    #[test]
    fn whole_texts_are_the_doubles_next_to_them(
        number in "-?[0-9]{0,9}\\.?[0-9]{0,9}",
        odd in "[-+.0-9e]{0,10}",
    ) {
        for text in [number, odd] {
            let found = whole_text_to_f64(text.as_bytes()).map(f64::to_bits);
            let is_whole = text.ends_with(|c: char| c.is_ascii_digit());
            let expected = text.parse().ok().filter(|v: &f64| is_whole && v.is_finite());
            prop_assert_eq!(found, expected.map(f64::to_bits), "{}", text);
        }
    }

    #[test]
    fn few_decimals_are_the_shortest_digits(
        mantissa in -2_000_000_000_000_000i64..2_000_000_000_000_000,
        drop in 0u32..50,
        scale in 0usize..7,
        away in -1i64..=1,
    ) {
        let near = (mantissa >> drop) as f64 / [1.0, 10.0, 1e2, 1e3, 1e4, 1e5, 1e6][scale];
        let number = f64::from_bits(near.to_bits().wrapping_add_signed(away));
        let shortest = printed(|out| write_shortest(number, out));
        prop_assert_eq!(printed(|out| write_f64(number, out)), shortest, "{:e}", number);
    }
}
