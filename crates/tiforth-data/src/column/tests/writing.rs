// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

use std::sync::Arc;

use arrow_array::*;
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, TimeUnit};
use tiforth_types::{Datum, Decimal, Time};

use super::*;

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
            DecimalColumn::Lane128 {
                values: vec![1, big].into(),
                scale: 2,
                printed_scale: 2,
                layout: IntLayout::Computed(5),
            },
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
