// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

use std::sync::Arc;

use arrow_array::*;
use arrow_buffer::i256;
use arrow_schema::DataType;
use tiforth_types::{SqlType, Time, TimeZone};

use super::*;

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
