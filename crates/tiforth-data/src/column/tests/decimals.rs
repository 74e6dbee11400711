// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

use std::sync::Arc;

use arrow_array::*;
use arrow_buffer::{NullBuffer, ScalarBuffer};
use arrow_schema::DataType;
use tiforth_types::{Decimal, SqlType};

use super::super::decimal::{narrow, widen};
use super::*;

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
            DecimalColumn::Lane64 { bits, scale: 2, printed_scale: 2, values: v, .. } => {
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

#[test]
fn hidden_digits_are_rounded_on_the_way_out() {
    let check = |mantissa: i128, expected: i128| {
        let lanes = [
            DecimalColumn::Lane128 {
                values: vec![mantissa].into(),
                scale: 4,
                printed_scale: 2,
                layout: IntLayout::Computed(5),
            },
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
