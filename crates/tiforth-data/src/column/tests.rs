// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

use std::sync::Arc;

use arrow_array::*;
use arrow_buffer::{NullBuffer, ScalarBuffer, i256};
use arrow_schema::{DataType, TimeUnit};
use half::f16;
use tiforth_types::{Datum, Decimal, Result, SqlType, Time, TimeZone, TypeKind};

use super::decimal::{narrow, widen};
use super::*;
use crate::arrow_type::natural_sql_type;

fn utc() -> DecodeContext {
    DecodeContext::new(TimeZone::UTC)
}

fn ty(text: &str) -> SqlType {
    text.parse().unwrap()
}

fn shown(datum: &Datum, ty: &SqlType) -> String {
    let mut out = Vec::new();
    match datum {
        Datum::Null => return "NULL".into(),
        Datum::Int(v) if ty.unsigned => return (*v as u64).to_string(),
        Datum::Int(v) => return v.to_string(),
        Datum::Real(v) => return v.to_string(),
        Datum::Decimal(v) => return v.to_string(),
        Datum::Time(v) if ty.kind == TypeKind::Date => v.write_date(&mut out),
        Datum::Time(v) => v.write_datetime(ty.fsp(), &mut out),
        Datum::Duration(v) => v.write(ty.fsp(), &mut out),
        Datum::Bytes(v) => out.extend_from_slice(v),
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn read(array: &ArrayRef, ty: &SqlType) -> Vec<String> {
    let column = Column::host(array.clone());
    let decoded = column.decoded(ty, &utc()).unwrap_or_else(|e| panic!("{ty}: {e}"));
    (0..column.len()).map(|row| shown(&decoded.value(row), ty)).collect()
}

/// Returns four rows of every encoding, none NULL, and what they read as.
fn encodings() -> Vec<(ArrayRef, [&'static str; 4])> {
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

fn with_nulls(array: &ArrayRef, valid: [bool; 4]) -> ArrayRef {
    let data = array.to_data().into_builder();
    let nulls = NullBuffer::from(valid.to_vec());
    make_array(data.nulls(Some(nulls)).build().unwrap())
}

const PATTERNS: [[bool; 4]; 5] = [
    [true; 4],
    [false, true, true, true],
    [true, true, true, false],
    [false, true, false, true],
    [false; 4],
];

#[test]
fn every_encoding_reads_and_comes_back() {
    for (array, expected) in encodings() {
        let ty = natural_sql_type(array.data_type()).unwrap();
        for valid in PATTERNS {
            let array = with_nulls(&array, valid);
            for (offset, len) in [(0, 4), (1, 3), (1, 2), (3, 1), (2, 0)] {
                let array = array.slice(offset, len);
                let rows = offset..offset + len;
                let expected: Vec<&str> =
                    rows.map(|r| if valid[r] { expected[r] } else { "NULL" }).collect();
                assert_eq!(read(&array, &ty), expected, "{ty} {valid:?} {offset}");
                comes_back(&array, &ty);
            }
        }
    }
}

/// Checks that what was decoded is written as it was, and that a column nobody read is the same.
fn comes_back(array: &ArrayRef, ty: &SqlType) {
    let data_type = array.data_type();
    let column = Column::host(array.clone());
    let output = Output { ty, data_type: Some(data_type), name: "c" };
    let untouched = column.to_arrow(None, &output, &utc()).unwrap();
    assert!(Arc::ptr_eq(&untouched, array));
    let decoded = column.decoded(ty, &utc()).unwrap().into_owned();
    if let DataType::Float16 | DataType::Dictionary(..) = data_type {
        return;
    }
    let written = decoded.to_arrow(None, &output, &utc()).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(&written, array, "{data_type}");
    let all: Vec<u32> = (0..array.len() as u32).rev().collect();
    let backwards = decoded.to_arrow(Some(&all), &output, &utc()).unwrap();
    for row in 0..array.len() {
        let other = backwards.slice(array.len() - 1 - row, 1);
        assert_eq!(other.to_data(), array.slice(row, 1).to_data(), "{data_type}");
    }
}

#[test]
fn dictionaries_read_as_their_values() {
    for (values, expected) in encodings() {
        let ty = natural_sql_type(values.data_type()).unwrap();
        let values = with_nulls(&values, [true, true, false, true]);
        let keys8 = Int8Array::from(vec![Some(3), None, Some(2), Some(0), Some(3)]);
        let keys32 = UInt32Array::from(vec![Some(3), None, Some(2), Some(0), Some(3)]);
        let expected = [expected[3], "NULL", "NULL", expected[0], expected[3]];
        let arrays: [ArrayRef; 2] = [
            Arc::new(DictionaryArray::new(keys8, values.clone())),
            Arc::new(DictionaryArray::new(keys32, values)),
        ];
        for array in arrays {
            assert_eq!(read(&array, &ty), expected, "{ty}");
            assert_eq!(read(&array.slice(2, 3), &ty), expected[2..], "{ty}");
            let column = Column::host(array.slice(1, 3));
            let nulls: Vec<bool> = (0..3).map(|r| column.is_null(r)).collect();
            assert_eq!(nulls, [true, true, false]);
            assert_eq!(column.null_buffer().unwrap().null_count(), 2);
        }
    }
}

#[test]
fn nulls_of_no_type_read_as_any() {
    for text in ["int", "decimal(10,2)", "datetime", "varchar(3) collate utf8mb4_bin", "null"] {
        let array: ArrayRef = Arc::new(NullArray::new(3));
        assert_eq!(read(&array, &ty(text)), ["NULL"; 3]);
    }
}

#[test]
fn buffers_are_shared_where_layouts_agree() {
    let array = Int64Array::from(vec![1, 2, 3]);
    let column = Column::host(Arc::new(array.clone()));
    let decoded = column.decoded(&ty("bigint"), &utc()).unwrap();
    let ColumnData::Int(values) = decoded.data() else { panic!() };
    assert!(values.ptr_eq(array.values()));
    let text = StringArray::from(vec!["a", "b"]);
    let column = Column::host(Arc::new(text.clone()));
    let text_type = ty("varchar(9) collate utf8mb4_bin");
    let decoded = column.decoded(&text_type, &utc()).unwrap();
    let ColumnData::Bytes(BytesColumn::Small(values)) = decoded.data() else { panic!() };
    assert_eq!(values.value_data().as_ptr(), text.value_data().as_ptr());
    let again = column.decoded(&text_type, &utc()).unwrap();
    assert!(std::ptr::eq(&*decoded, &*again));
}

fn error(array: impl Array + 'static, ty: &SqlType) -> String {
    let column = Column::host_named(Arc::new(array), Some("c".into()));
    match column.decoded(ty, &utc()) {
        Ok(column) => panic!("{ty}: {:?}", column.data()),
        Err(e) => e.to_string(),
    }
}

#[test]
fn what_mysql_has_no_name_for_is_refused() {
    let check = |array: ArrayRef, text: &str, row: usize| {
        let ty = ty(text);
        let message = error(array.clone(), &ty);
        let place = format!("for column 'c' at row {row}");
        assert!(message.ends_with(&place), "{message}");
        let how = utc().with_out_of_domain(OutOfDomain::NullAndWarn);
        let column = Column::host_named(array.clone(), Some("c".into()));
        let decoded = column.decoded(&ty, &how).unwrap().into_owned();
        assert!(decoded.is_null(row - 1) && column.is_null(row - 1), "{text}");
        let warnings = how.take_warnings();
        assert_eq!(warnings.len(), 1, "{text}");
        assert_eq!((warnings[0].0, warnings[0].1.code()), (row - 1, 1292));
        // The same under a NULL is nobody's business.
        let mut valid = [true; 4];
        valid[row - 1] = false;
        if array.len() == 4 {
            read(&with_nulls(&array, valid), &ty);
        }
    };
    let f = |v: [f64; 4]| -> ArrayRef { Arc::new(Float64Array::from(v.to_vec())) };
    check(f([0.0, f64::NAN, 0.0, 0.0]), "double", 2);
    check(f([0.0, 1.0, f64::INFINITY, 0.0]), "double", 3);
    check(Arc::new(Float32Array::from(vec![f32::NEG_INFINITY, 0.0, 0.0, 0.0])), "float", 1);
    check(Arc::new(Date32Array::from(vec![0, 0, 0, 2_932_897])), "date", 4);
    check(Arc::new(Date32Array::from(vec![0, i32::MIN, 0, 0])), "date", 2);
    let s = |v: [i64; 4]| -> ArrayRef { Arc::new(TimestampSecondArray::from(v.to_vec())) };
    check(s([0, 253_402_300_800, 0, 0]), "datetime", 2);
    check(s([0, i64::MAX, 0, 0]), "datetime", 2);
    check(s([0, 0, i64::MIN, 0]), "datetime", 3);
    let d = |v: [i64; 4]| -> ArrayRef { Arc::new(DurationSecondArray::from(v.to_vec())) };
    check(d([0, 0, 0, 3_020_400]), "time", 4);
    check(d([i64::MIN, 0, 0, 0]), "time", 1);
    let packed = |v: [u64; 4]| -> ArrayRef { Arc::new(UInt64Array::from(v.to_vec())) };
    check(packed([0, u64::MAX, 0, 0]), "datetime", 2);
    check(packed([0, 0, 1, 0]), "date", 3);
    check(packed([0, 0, 24 << 36, 0]), "datetime", 3);
    check(Arc::new(Int64Array::from(vec![0, 128, 0, 0])), "tinyint", 2);
    check(Arc::new(Int64Array::from(vec![0, 0, -1, 0])), "bigint unsigned", 3);
    check(Arc::new(UInt64Array::from(vec![0, 0, 0, 1 << 63])), "bigint", 4);
    check(Arc::new(UInt32Array::from(vec![1 << 24, 0, 0, 0])), "mediumint unsigned", 1);
    let ten = i256::from_i128(10).wrapping_pow(65);
    let wide = Decimal256Array::from(vec![i256::ONE, ten, i256::ONE, i256::ONE]);
    check(Arc::new(wide.with_precision_and_scale(76, 0).unwrap()), "decimal(65,0)", 2);
}

#[test]
fn types_that_do_not_meet_are_refused() {
    let message = error(StringArray::from(vec!["1"]), &ty("int"));
    assert!(message.contains("cannot be read from Arrow Utf8"), "{message}");
    assert!(error(Int64Array::from(vec![1]), &ty("json")).contains("not supported yet"));
}

#[test]
fn nanoseconds_round_to_microseconds() {
    let check = |nanos: i64, text: &str, expected: &str| {
        let array: ArrayRef = Arc::new(TimestampNanosecondArray::from(vec![nanos]));
        assert_eq!(read(&array, &ty(text)), [expected], "{nanos} {text}");
    };
    check(1_499, "datetime(6)", "1970-01-01 00:00:00.000001");
    check(1_500, "datetime(6)", "1970-01-01 00:00:00.000002");
    check(-1_500, "datetime(6)", "1969-12-31 23:59:59.999999");
    check(499_999_999, "datetime", "1970-01-01 00:00:00");
    check(500_000_000, "datetime", "1970-01-01 00:00:01");
    let spans: ArrayRef = Arc::new(Int64Array::from(vec![1_499, -1_500, 2_000]));
    let expected = ["00:00:00.000001", "-00:00:00.000002", "00:00:00.000002"];
    assert_eq!(read(&spans, &ty("time(6)")), expected);
}

#[test]
fn timestamps_are_utc_outside_and_civil_inside() {
    let new_york = DecodeContext::new(TimeZone::parse("America/New_York").unwrap());
    let east = DecodeContext::new(TimeZone::parse("+05:30").unwrap());
    let micros = vec![Some(1_720_000_000_123_456), None, Some(1_700_000_000_000_000)];
    let plain: ArrayRef = Arc::new(TimestampMicrosecondArray::from(micros));
    let timestamp = ty("timestamp(6)");
    let decoded = Column::host(plain.clone()).decoded(&timestamp, &utc()).unwrap().into_owned();
    let output = Output { ty: &timestamp, data_type: Some(&DataType::UInt64), name: "c" };
    let packed = decoded.to_arrow(None, &output, &utc()).unwrap();
    let check = |how: &DecodeContext, expected: [&str; 3]| {
        for array in [&plain, &packed] {
            let column = Column::host(array.clone());
            let decoded = column.decoded(&timestamp, how).unwrap().into_owned();
            let texts: Vec<_> = (0..3).map(|r| shown(&decoded.value(r), &timestamp)).collect();
            assert_eq!(texts, expected);
            let output = Output { ty: &timestamp, data_type: Some(array.data_type()), name: "c" };
            assert_eq!(&decoded.to_arrow(None, &output, how).unwrap(), array);
        }
    };
    check(&utc(), ["2024-07-03 09:46:40.123456", "NULL", "2023-11-14 22:13:20.000000"]);
    check(&new_york, ["2024-07-03 05:46:40.123456", "NULL", "2023-11-14 17:13:20.000000"]);
    check(&east, ["2024-07-03 15:16:40.123456", "NULL", "2023-11-15 03:43:20.000000"]);
}

#[test]
fn civil_days_agree_with_the_calendar() {
    for days in (-719_528..=2_932_896).step_by(31).chain([2_932_896]) {
        let packed = civil::pack_day(days);
        assert_eq!(Some(Time(packed)), Time::from_date32(days));
        assert_eq!(civil::unpack_day(packed), Some(days));
        let micros = i64::from(days) * 86_400_000_000 + 12_345_678_901;
        assert_eq!(Some(Time(civil::pack_micros(micros))), Time::from_micros(micros));
        assert_eq!(civil::unpack_micros(civil::pack_micros(micros)), Some(micros));
    }
    for (year, month, day) in [(2023, 2, 29), (2024, 0, 1), (2024, 1, 0), (1900, 2, 29)] {
        assert_eq!(civil::unpack_day(((year * 13 + month) << 46) | (day << 41)), None);
    }
}

#[test]
fn members_read_by_number_and_by_text() {
    let letters = ty("enum('a','b') collate utf8mb4_bin");
    let texts: ArrayRef = Arc::new(StringArray::from(vec![Some("b"), None, Some(""), Some("a")]));
    assert_eq!(read(&texts, &letters), ["2", "NULL", "0", "1"]);
    comes_back(&texts, &letters);
    let numbers: ArrayRef = Arc::new(UInt16Array::from(vec![2, 1, 0]));
    assert_eq!(read(&numbers, &letters), ["2", "1", "0"]);
    comes_back(&numbers, &letters);
    assert!(error(StringArray::from(vec!["c"]), &letters).contains("Incorrect enum value: 'c'"));
    let set = ty("set('x','y','z') collate utf8mb4_bin");
    let texts: ArrayRef = Arc::new(StringArray::from(vec!["x,z", "", "y"]));
    assert_eq!(read(&texts, &set), ["5", "0", "2"]);
    comes_back(&texts, &set);
}

#[test]
fn decimals_lie_in_the_narrowest_lane() {
    let lane = |values: Vec<i128>, scale: i8, ty: &str| {
        let array = Decimal128Array::from(values).with_precision_and_scale(38, scale).unwrap();
        let column = Column::host(Arc::new(array));
        let decoded = column.decoded(&ty.parse().unwrap(), &utc()).unwrap().into_owned();
        match decoded.data() {
            ColumnData::Decimal(d) => d.clone(),
            other => panic!("{other:?}"),
        }
    };
    let check =
        |values: Vec<i128>, expected_bits: u8| match lane(values.clone(), 2, "decimal(38,2)") {
            DecimalColumn::Lane64 { bits, scale: 2, printed_scale: 2, values: v } => {
                assert_eq!(bits, expected_bits);
                assert!(v.iter().map(|&v| i128::from(v)).eq(values));
            }
            other => panic!("{other:?}"),
        };
    check(vec![], 0);
    check(vec![0, 0], 0);
    check(vec![1, 255], 8);
    check(vec![-256], 9);
    check(vec![-255], 8);
    check(vec![i64::MAX.into()], 63);
    check(vec![i64::MIN.into()], 64);
    for wide in [i128::from(i64::MAX) + 1, i128::from(i64::MIN) - 1, i128::MAX / 10, -(1 << 90)] {
        let mut values = vec![7; 3000];
        values[2500] = wide;
        let column = lane(values, 2, "decimal(38,2)");
        assert!(matches!(column, DecimalColumn::Lane128 { .. }));
        assert_eq!(column.get(2500), Decimal::from_i128_scaled(wide, 2));
    }
    // Another scale in Arrow than in SQL.
    for (value, scale, ty, expected) in [
        (15, 1, "decimal(10,3)", "1.500"),
        (15, 3, "decimal(10,1)", "0.015"),
        (15, -2, "decimal(10,0)", "1500"),
    ] {
        let value = lane(vec![value], scale, ty).get(0);
        assert_eq!(value, Decimal::parse(expected.as_bytes()).value, "{expected}");
        let s: SqlType = ty.parse().unwrap();
        assert_eq!(i32::from(value.printed_scale()), s.decimals);
    }
}

#[test]
fn narrowing_ignores_what_lies_under_nulls() {
    let array = Decimal128Array::new(
        ScalarBuffer::from(vec![5, i128::MAX]),
        Some(NullBuffer::from(vec![true, false])),
    );
    let array = array.with_precision_and_scale(38, 0).unwrap();
    let column = Column::host(Arc::new(array));
    let decoded = column.decoded(&ty("decimal(10,0)"), &utc()).unwrap();
    assert!(matches!(decoded.data(), ColumnData::Decimal(DecimalColumn::Lane64 { bits: 3, .. })));
}

#[test]
fn widening_undoes_narrowing() {
    let values: Vec<i128> =
        (0..5_000i128).map(|i| i * 1_234_567_891_011 - 3_000_000_000_000_000).collect();
    let (narrowed, _) = narrow(&values.clone().into()).unwrap();
    assert_eq!(&widen(&narrowed)[..], &values);
}

fn write(column: &Column, ty: &str, data_type: &DataType) -> Result<ArrayRef> {
    let ty = ty.parse().unwrap();
    let output = Output { ty: &ty, data_type: Some(data_type), name: "c" };
    column.to_arrow(None, &output, &utc())
}

#[test]
fn hidden_digits_are_rounded_on_the_way_out() {
    let check = |mantissa: i128, expected: i128| {
        let lanes = [
            DecimalColumn::Lane128 { values: vec![mantissa].into(), scale: 4, printed_scale: 2 },
            DecimalColumn::from_mantissas(vec![mantissa], 4, 2),
            DecimalColumn::Wide([Decimal::from_i128_scaled(mantissa, 4)].into()),
        ];
        for lane in lanes {
            let column = Column::decimals(lane, None);
            let data_types = [
                DataType::Decimal32(9, 2),
                DataType::Decimal64(18, 2),
                DataType::Decimal128(20, 2),
                DataType::Decimal256(40, 2),
            ];
            for data_type in data_types {
                let array = write(&column, "decimal(20,2)", &data_type).unwrap();
                let back = read(&array, &ty("decimal(20,2)"));
                assert_eq!(back, [Decimal::from_i128_scaled(expected, 2).to_string()]);
            }
        }
    };
    for (mantissa, expected) in [(0, 0), (149, 1), (150, 2), (-150, -2), (-149, -1), (9_999, 100)] {
        check(mantissa, expected);
    }
}

#[test]
fn what_does_not_fit_is_an_error_with_its_row() {
    let check = |column: Column, ty: &str, data_type: DataType| {
        let message = write(&column, ty, &data_type).unwrap_err().to_string();
        assert!(message.ends_with("'c' at row 2"), "{message}");
        // Nobody asks what lies under a NULL.
        let nulls = NullBuffer::from(vec![true, false]);
        write(&column.with_nulls(Some(nulls)), ty, &data_type).unwrap();
    };
    check(Column::ints(vec![1, 128], None), "bigint", DataType::Int8);
    check(Column::ints(vec![1, -1], None), "bigint", DataType::UInt8);
    check(Column::ints(vec![1, -1], None), "bigint", DataType::UInt64);
    check(Column::ints(vec![1, -1], None), "bigint unsigned", DataType::Int64);
    check(Column::ints(vec![1, -1], None), "bigint unsigned", DataType::Int32);
    check(Column::reals(vec![1.0, 1e300], None), "double", DataType::Float32);
    for big in [100_000i128, -100_000, 1 << 70] {
        for lane in [
            DecimalColumn::from_mantissas(vec![1, big], 2, 2),
            DecimalColumn::Lane128 { values: vec![1, big].into(), scale: 2, printed_scale: 2 },
            DecimalColumn::Wide([1, big].map(|v| Decimal::from_i128_scaled(v, 2)).into()),
        ] {
            check(Column::decimals(lane.clone(), None), "decimal(5,2)", DataType::Decimal128(5, 2));
            check(Column::decimals(lane, None), "decimal(5,2)", DataType::Decimal32(5, 2));
        }
    }
    check(
        Column::times(vec![Time::from_date(2024, 1, 1).unwrap().0, 0], None),
        "date",
        DataType::Date32,
    );
    let micro = DataType::Timestamp(TimeUnit::Microsecond, None);
    check(Column::times(vec![Time::from_date(2024, 1, 1).unwrap().0, 0], None), "datetime", micro);
    check(Column::durations(vec![0, -1], None), "time(6)", DataType::Time64(TimeUnit::Nanosecond));
    let bytes = BytesColumn::Small(BinaryArray::from(vec![b"a".as_slice(), b"\xff"]));
    check(Column::bytes(bytes, None), "varchar(9) collate utf8mb4_bin", DataType::Utf8);
    let bytes = BytesColumn::View(BinaryViewArray::from(vec![b"a".as_slice(), b"\xff"]));
    check(Column::bytes(bytes, None), "varchar(9) collate utf8mb4_bin", DataType::Utf8View);
}

#[test]
fn constants_and_bits_are_written_out() {
    let int = write(&Column::constant(Datum::Int(7), 3), "int", &DataType::Int32).unwrap();
    assert_eq!(int.as_ref(), &Int32Array::from(vec![7; 3]) as &dyn Array);
    let bits = Column::bits([true, false].into_iter().collect(), None);
    let array = write(&bits, "bigint", &DataType::Int64).unwrap();
    assert_eq!(array.as_ref(), &Int64Array::from(vec![1, 0]) as &dyn Array);
    let null = write(&Column::all_null(2), "decimal(5,2)", &DataType::Decimal128(5, 2)).unwrap();
    assert_eq!(null.null_count(), 2);
}

#[test]
fn rows_are_picked_cut_and_joined() {
    for (array, _) in encodings() {
        let ty = natural_sql_type(array.data_type()).unwrap();
        let array = with_nulls(&array, [true, false, true, true]);
        let host = Column::host(array.clone());
        let decoded = Column::host(array).decoded(&ty, &utc()).unwrap().into_owned();
        let values = |c: &Column| -> Vec<String> {
            let c = c.decoded(&ty, &utc()).unwrap();
            (0..c.len()).map(|r| shown(&c.value(r), &ty)).collect()
        };
        let all = values(&decoded);
        for column in [&host, &decoded, &decoded.expanded(&ty)] {
            let taken = values(&column.take(&[3, 1, 1, 0]).unwrap());
            assert_eq!(taken, [3, 1, 1, 0].map(|r: usize| all[r].clone()), "{ty}");
            assert_eq!(values(&column.slice(1, 2)), all[1..3], "{ty}");
            for other in [&host, &decoded] {
                let null = Column::all_null(1);
                let joined = Column::concat(&[column, &null, other], &ty, &utc()).unwrap();
                let expected = [all.clone(), vec!["NULL".into()], all.clone()].concat();
                assert_eq!(values(&joined), expected, "{ty}");
            }
        }
    }
}

#[test]
fn joined_decimals_keep_each_value() {
    let a = DecimalColumn::from_mantissas(vec![15, 25], 1, 1);
    let b = DecimalColumn::from_mantissas(vec![1 << 90], 1, 1);
    let c = DecimalColumn::from_mantissas(vec![125], 2, 2);
    let joined = DecimalColumn::concat(&[&a, &b]);
    assert!(matches!(joined, DecimalColumn::Lane128 { .. }));
    let joined = DecimalColumn::concat(&[&a, &b, &c]);
    let texts: Vec<String> = (0..4).map(|r| joined.get(r).to_string()).collect();
    assert_eq!(texts, ["1.5", "2.5", "123794003928538027489912422.4", "1.25"]);
}

#[test]
fn a_column_keeps_the_type_it_came_in() {
    let array: ArrayRef = Arc::new(Date32Array::from(vec![0, 1, 2]));
    let column = Column::host(array);
    column.decoded(&SqlType::date(), &utc()).unwrap();
    let output = Output { ty: &SqlType::date(), data_type: None, name: "c" };
    for column in [&column, &column.slice(0, 2), &column.take(&[2, 0]).unwrap()] {
        let out = column.to_arrow(None, &output, &utc()).unwrap();
        assert_eq!(out.data_type(), &DataType::Date32);
    }
    // What became NULL in reading stays so.
    let how = utc().with_out_of_domain(OutOfDomain::NullAndWarn);
    let array: ArrayRef = Arc::new(Float64Array::from(vec![f64::NAN, 1.0]));
    let column = Column::host(array);
    column.decoded(&SqlType::double(), &how).unwrap();
    let output = Output { ty: &SqlType::double(), data_type: None, name: "c" };
    let taken = column.take(&[0, 1]).unwrap();
    let joined = Column::concat(&[&column, &column], &SqlType::double(), &how).unwrap();
    for column in [&column, &taken, &joined] {
        assert!(column.is_null(0) && !column.is_null(1));
        assert!(column.to_arrow(None, &output, &how).unwrap().is_null(0));
    }
    assert_eq!(how.take_warnings().len(), 1);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig {
        failure_persistence: None,
        ..Default::default()
    })]

    #[test]
    fn any_values_come_back(
        words in proptest::collection::vec(proptest::option::of(proptest::prelude::any::<i64>()), 0..40),
        offset in 0usize..9,
    ) {
        let cut = |array: ArrayRef| array.slice(offset.min(array.len()), array.len() - offset.min(array.len()));
        let of = |range: i64| words.iter().map(move |w| w.map(|w| w % range)).collect::<Vec<_>>();
        let wide = words.iter().map(|w| w.map(|w| i128::from(w) * 1_000_003 % 10i128.pow(18)));
        let decimal = Decimal128Array::from(wide.collect::<Vec<_>>());
        let texts = words.iter().map(|w| w.map(|w| format!("{w:x}ß")));
        let texts: Vec<Option<String>> = texts.collect();
        let days = of(700_000).into_iter().map(|w| w.map(|w| w as i32)).collect::<Vec<_>>();
        let arrays: [ArrayRef; 9] = [
            Arc::new(Int64Array::from(words.clone())),
            Arc::new(UInt64Array::from(words.iter().map(|w| w.map(|w| w as u64)).collect::<Vec<_>>())),
            Arc::new(Int16Array::from(words.iter().map(|w| w.map(|w| w as i16)).collect::<Vec<_>>())),
            Arc::new(decimal.with_precision_and_scale(25, 3).unwrap()),
            Arc::new(Date32Array::from(days)),
            Arc::new(TimestampMicrosecondArray::from(of(60_000_000_000_000_000))),
            Arc::new(TimestampMillisecondArray::from(of(60_000_000_000_000))),
            Arc::new(DurationNanosecondArray::from(of(3_020_399_000).iter().map(|w| w.map(|w| w * 1_000)).collect::<Vec<_>>())),
            Arc::new(StringViewArray::from(texts)),
        ];
        for array in arrays {
            let array = cut(array);
            comes_back(&array, &natural_sql_type(array.data_type()).unwrap());
        }
    }
}
