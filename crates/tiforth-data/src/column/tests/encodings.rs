// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Lists arrays of every encoding.

use std::sync::Arc;

use arrow_array::*;
use arrow_buffer::i256;
use half::f16;

/// Returns four rows of every encoding, none NULL, and what they read as.
pub(super) fn encodings() -> Vec<(ArrayRef, [&'static str; 4])> {
    let mut all: Vec<(ArrayRef, [&'static str; 4])> = Vec::new();
    let mut add = |array: ArrayRef, expected| all.push((array, expected));
    let small = ["0", "1", "-128", "127"];
    add(Arc::new(Int8Array::from(vec![0, 1, -128, 127])), small);
    add(Arc::new(Int16Array::from(vec![0, 1, -128, 127])), small);
    add(Arc::new(Int32Array::from(vec![0, 1, -128, 127])), small);
    let most = ["0", "1", "-9223372036854775808", "9223372036854775807"];
    add(Arc::new(Int64Array::from(vec![0, 1, i64::MIN, i64::MAX])), most);
    add(Arc::new(UInt8Array::from(vec![0, 1, 2, 255])), ["0", "1", "2", "255"]);
    add(Arc::new(UInt16Array::from(vec![0, 1, 2, 65_535])), ["0", "1", "2", "65535"]);
    add(Arc::new(UInt32Array::from(vec![0, 1, 2, u32::MAX])), ["0", "1", "2", "4294967295"]);
    let most = ["0", "1", "2", "18446744073709551615"];
    add(Arc::new(UInt64Array::from(vec![0, 1, 2, u64::MAX])), most);
    add(Arc::new(BooleanArray::from(vec![true, false, true, true])), ["1", "0", "1", "1"]);
    let reals = ["0.5", "-2", "0", "1024"];
    let halves = [0.5, -2.0, 0.0, 1024.0].map(f16::from_f32);
    add(Arc::new(Float16Array::from(halves.to_vec())), reals);
    add(Arc::new(Float32Array::from(vec![0.5, -2.0, 0.0, 1024.0])), reals);
    add(Arc::new(Float64Array::from(vec![0.5, -2.0, 0.0, 1024.0])), reals);

    let money = ["0.00", "1.00", "-12.34", "99999.99"];
    let cents = [0, 100, -1234, 9_999_999];
    let d32 = Decimal32Array::from(cents.to_vec()).with_precision_and_scale(9, 2).unwrap();
    add(Arc::new(d32), money);
    let d64 = Decimal64Array::from(cents.map(i64::from).to_vec());
    add(Arc::new(d64.with_precision_and_scale(18, 2).unwrap()), money);
    let d128 = Decimal128Array::from(cents.map(i128::from).to_vec());
    add(Arc::new(d128.with_precision_and_scale(38, 2).unwrap()), money);
    let d256 = Decimal256Array::from(cents.map(|c| i256::from_i128(c.into())).to_vec());
    add(Arc::new(d256.with_precision_and_scale(65, 2).unwrap()), money);
    let wide = [1, -1, 10i128.pow(37), -(10i128.pow(37))];
    let d128 = Decimal128Array::from(wide.to_vec()).with_precision_and_scale(38, 0).unwrap();
    let text = "10000000000000000000000000000000000000";
    add(Arc::new(d128), ["1", "-1", text, "-10000000000000000000000000000000000000"]);
    let ten = i256::from_i128(10);
    let wide = [i256::ONE, ten.wrapping_pow(60), ten.wrapping_pow(64), i256::MINUS_ONE];
    let d256 = Decimal256Array::from(wide.to_vec()).with_precision_and_scale(65, 30).unwrap();
    add(
        Arc::new(d256),
        [
            "0.000000000000000000000000000001",
            "1000000000000000000000000000000.000000000000000000000000000000",
            "10000000000000000000000000000000000.000000000000000000000000000000",
            "-0.000000000000000000000000000001",
        ],
    );

    let dates = ["1970-01-01", "0000-01-01", "9999-12-31", "2024-02-29"];
    add(Arc::new(Date32Array::from(vec![0, -719_528, 2_932_896, 19_782])), dates);
    let s = |v: [i64; 4]| v.to_vec();
    let at = [
        "1970-01-01 00:00:00",
        "1969-12-31 23:59:59",
        "9999-12-31 23:59:59",
        "2024-02-29 12:34:56",
    ];
    let seconds = [0, -1, 253_402_300_799, 1_709_210_096];
    add(Arc::new(TimestampSecondArray::from(s(seconds))), at);
    add(Arc::new(TimestampSecondArray::from(s(seconds)).with_timezone("UTC")), at);
    add(
        Arc::new(TimestampMillisecondArray::from(s([
            0,
            -1,
            253_402_300_799_999,
            1_709_210_096_789,
        ]))),
        [
            "1970-01-01 00:00:00.000",
            "1969-12-31 23:59:59.999",
            "9999-12-31 23:59:59.999",
            "2024-02-29 12:34:56.789",
        ],
    );
    add(
        Arc::new(TimestampMicrosecondArray::from(s([
            0,
            -1,
            -62_167_219_200_000_000,
            1_709_210_096_789_012,
        ]))),
        [
            "1970-01-01 00:00:00.000000",
            "1969-12-31 23:59:59.999999",
            "0000-01-01 00:00:00.000000",
            "2024-02-29 12:34:56.789012",
        ],
    );
    add(
        Arc::new(TimestampNanosecondArray::from(s([0, -1_000, 1_709_210_096_789_012_000, 1_000]))),
        [
            "1970-01-01 00:00:00.000000",
            "1969-12-31 23:59:59.999999",
            "2024-02-29 12:34:56.789012",
            "1970-01-01 00:00:00.000001",
        ],
    );
    let spans = ["00:00:00", "00:00:01", "23:59:59", "12:34:56"];
    add(Arc::new(Time32SecondArray::from(vec![0, 1, 86_399, 45_296])), spans);
    add(
        Arc::new(Time32MillisecondArray::from(vec![0, 1, 86_399_999, 45_296_500])),
        ["00:00:00.000", "00:00:00.001", "23:59:59.999", "12:34:56.500"],
    );
    let micros = ["00:00:00.000000", "00:00:00.000001", "23:59:59.999999", "12:34:56.500000"];
    let v = [0, 1, 86_399_999_999, 45_296_500_000];
    add(Arc::new(Time64MicrosecondArray::from(s(v))), micros);
    add(Arc::new(Time64NanosecondArray::from(s(v.map(|m| m * 1_000)))), micros);
    let spans = ["00:00:00", "-00:00:01", "838:59:59", "-838:59:59"];
    add(Arc::new(DurationSecondArray::from(s([0, -1, 3_020_399, -3_020_399]))), spans);
    add(
        Arc::new(DurationMillisecondArray::from(s([0, -1, 3_020_399_000, 5]))),
        ["00:00:00.000", "-00:00:00.001", "838:59:59.000", "00:00:00.005"],
    );
    let micros = ["00:00:00.000000", "-00:00:00.000001", "838:59:59.000000", "00:00:00.000005"];
    let v = [0, -1, 3_020_399_000_000, 5];
    add(Arc::new(DurationMicrosecondArray::from(s(v))), micros);
    add(Arc::new(DurationNanosecondArray::from(s(v.map(|m| m * 1_000)))), micros);

    let texts = ["", "a", "Grüße, 世界", "a text longer than a view holds"];
    let bytes = texts.map(str::as_bytes).to_vec();
    add(Arc::new(StringArray::from(texts.to_vec())), texts);
    add(Arc::new(LargeStringArray::from(texts.to_vec())), texts);
    add(Arc::new(StringViewArray::from(texts.to_vec())), texts);
    add(Arc::new(BinaryArray::from(bytes.clone())), texts);
    add(Arc::new(LargeBinaryArray::from(bytes.clone())), texts);
    add(Arc::new(BinaryViewArray::from(bytes)), texts);
    let fixed = FixedSizeBinaryArray::try_from_iter(["abc", "def", "\0\0\0", "xyz"].iter());
    add(Arc::new(fixed.unwrap()), ["abc", "def", "\0\0\0", "xyz"]);
    all
}
