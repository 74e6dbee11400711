// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

use std::cmp::Ordering;

use arrow_buffer::NullBuffer;
use proptest::prelude::*;
use tiforth_types::{Datum, Decimal, SqlType};

use super::*;
use crate::batch::Rows;
use crate::column::{BytesBuilder, Column, DecimalColumn};

/// Compares two values as SQL does, NULLs first and alike.
fn compare(a: &Datum, b: &Datum, ty: &SqlType) -> Ordering {
    match (a, b) {
        (Datum::Null, Datum::Null) => Ordering::Equal,
        (Datum::Null, _) => Ordering::Less,
        (_, Datum::Null) => Ordering::Greater,
        (Datum::Int(a), Datum::Int(b)) if ty.unsigned => (*a as u64).cmp(&(*b as u64)),
        (Datum::Int(a), Datum::Int(b)) => a.cmp(b),
        (Datum::Real(a), Datum::Real(b)) => a.partial_cmp(b).unwrap(),
        (Datum::Decimal(a), Datum::Decimal(b)) => a.cmp(b),
        (Datum::Time(a), Datum::Time(b)) => a.cmp(b),
        (Datum::Duration(a), Datum::Duration(b)) => a.cmp(b),
        (Datum::Bytes(a), Datum::Bytes(b)) => ty.collation.compare(a, b),
        (a, b) => panic!("{a:?} {b:?}"),
    }
}

/// Generates a type and columns of it in every form, of `rows` rows each.
fn typed_columns(rows: usize, batches: usize) -> impl Strategy<Value = (SqlType, Vec<Column>)> {
    fn cells<T: Clone + std::fmt::Debug>(
        value: impl Strategy<Value = T>,
        rows: usize,
        batches: usize,
    ) -> impl Strategy<Value = Vec<Vec<Option<T>>>> {
        let cell = prop_oneof![1 => Just(None), 6 => value.prop_map(Some)];
        prop::collection::vec(prop::collection::vec(cell, rows), batches)
    }
    fn split<T: Default>(cells: Vec<Option<T>>) -> (Vec<T>, Option<NullBuffer>) {
        let nulls: NullBuffer = cells.iter().map(Option::is_some).collect::<Vec<_>>().into();
        let values = cells.into_iter().map(Option::unwrap_or_default).collect();
        (values, (nulls.null_count() > 0).then_some(nulls))
    }
    let words = || prop_oneof![-3i64..4, -300i64..300, any::<i64>()];
    let small = || -3i64..4;
    let ints = |text: &'static str, values: BoxedStrategy<i64>| {
        cells(values, rows, batches).prop_map(move |batches| {
            let columns = batches.into_iter().map(|cells| {
                let (values, nulls) = split(cells);
                Column::ints(values, nulls)
            });
            (text.parse::<SqlType>().unwrap(), columns.collect::<Vec<_>>())
        })
    };
    let reals = prop_oneof![
        Just(0.0),
        Just(-0.0),
        Just(1.5),
        Just(-1.5),
        any::<f64>().prop_filter("finite", |v| v.is_finite())
    ];
    let reals = cells(reals, rows, batches).prop_map(|batches| {
        let columns = batches.into_iter().map(|cells| {
            let (values, nulls) = split(cells);
            Column::reals(values, nulls)
        });
        (SqlType::double(), columns.collect::<Vec<_>>())
    });
    let times = cells(prop_oneof![0u64..4, any::<u64>().prop_map(|v| v >> 1)], rows, batches)
        .prop_map(|batches| {
            let columns = batches.into_iter().map(|cells| {
                let (values, nulls) = split(cells);
                Column::times(values, nulls)
            });
            (SqlType::datetime(6), columns.collect::<Vec<_>>())
        });
    let spans = cells(words(), rows, batches).prop_map(|batches| {
        let columns = batches.into_iter().map(|cells| {
            let (values, nulls) = split(cells);
            Column::durations(values, nulls)
        });
        (SqlType::time(6), columns.collect::<Vec<_>>())
    });
    let mantissa = prop_oneof![
        -20i128..21,
        (-20i128..21).prop_map(|v| v * 1_000),
        any::<i64>().prop_map(i128::from),
        any::<i128>().prop_map(|v| v >> 8)
    ];
    let decimals = (cells((mantissa, 0u8..4), rows, batches), 0u8..12, any::<bool>()).prop_map(
        |(batches, scale, is_mixed)| {
            let columns = batches.into_iter().map(|cells| {
                let (values, nulls) = split(cells);
                if is_mixed {
                    let all =
                        values.iter().map(|&(m, s)| Decimal::from_i128_scaled(m, s)).collect();
                    return Column::decimals(DecimalColumn::from_decimals(all), nulls);
                }
                let all = values.iter().map(|&(m, _)| m).collect::<Vec<_>>();
                Column::decimals(DecimalColumn::from_mantissas(all, scale, scale), nulls)
            });
            (SqlType::decimal(60, 10), columns.collect::<Vec<_>>())
        },
    );
    let collation = prop_oneof![
        Just("binary"),
        Just("utf8mb4_bin"),
        Just("utf8mb4_0900_bin"),
        Just("utf8mb4_general_ci"),
        Just("utf8mb4_unicode_ci"),
        Just("utf8mb4_0900_ai_ci"),
        Just("gbk_chinese_ci"),
    ];
    let text =
        prop_oneof!["[aAáb\0 \u{1}]{0,3}", "[a ]{0,16}", "[\\x00-\\x7f]{0,20}", "[a-zß世界 ]{0,9}"];
    let texts = (cells(text, rows, batches), collation).prop_map(|(batches, collation)| {
        let columns = batches.into_iter().map(|cells| {
            let (values, nulls) = split(cells);
            let mut builder = BytesBuilder::with_capacity(values.len(), 0);
            values.iter().for_each(|v: &String| builder.push(v.as_bytes()));
            Column::bytes(builder.finish(), nulls)
        });
        let collation = tiforth_types::Collation::from_name(collation).unwrap();
        (SqlType::varchar(64, collation), columns.collect::<Vec<_>>())
    });
    prop_oneof![
        ints("bigint", words().boxed()),
        ints("bigint unsigned", words().boxed()),
        ints("tinyint", small().boxed()),
        ints("int", (-300i64..300).boxed()),
        reals,
        times,
        spans,
        decimals,
        texts,
    ]
}

const ROWS: usize = 12;

type Table = Vec<(SqlType, Vec<Column>)>;

/// Generates one to three columns of two batches each.
fn table() -> impl Strategy<Value = Table> {
    prop::collection::vec(typed_columns(ROWS, 2), 1..4)
}

fn batch(table: &Table, number: usize) -> Vec<Column> {
    table.iter().map(|(_, columns)| columns[number].clone()).collect()
}

fn same(table: &Table, (batch_a, a): (usize, usize), (batch_b, b): (usize, usize)) -> bool {
    table.iter().all(|(ty, columns)| {
        compare(&columns[batch_a].value(a), &columns[batch_b].value(b), ty).is_eq()
    })
}

fn types(table: &Table) -> Vec<SqlType> {
    table.iter().map(|(ty, _)| ty.clone()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..Default::default() })]

    #[test]
    fn keys_are_equal_where_values_are(table in table()) {
        let mut encoders = [(); 2].map(|()| KeyEncoder::new(types(&table)));
        let mut keys = Vec::new();
        for (number, encoder) in encoders.iter_mut().enumerate() {
            let columns = batch(&table, number);
            let bound = encoder.bound(&columns, ROWS);
            let encoded = encoder.encode(&columns, Rows::all(ROWS)).unwrap();
            prop_assert!(encoded.long().iter().map(|(_, range)| range.len()).sum::<usize>() <= bound);
            keys.extend(encoded.iter());
        }
        prop_assert_eq!(keys.len(), 2 * ROWS);
        for (a, b) in (0..2 * ROWS).flat_map(|a| (0..2 * ROWS).map(move |b| (a, b))) {
            let (at, bt) = ((a / ROWS, a % ROWS), (b / ROWS, b % ROWS));
            prop_assert_eq!(keys[a] == keys[b], same(&table, at, bt), "{:?} {:?}", at, bt);
        }
    }

    #[test]
    fn only_rows_that_count_have_keys(table in table()) {
        let columns = batch(&table, 0);
        let (mut all, mut some) = (KeyEncoder::new(types(&table)), KeyEncoder::new(types(&table)));
        let all: Vec<Key<'_>> = all.encode(&columns, Rows::all(ROWS)).unwrap().iter().collect();
        let rows = [1, 4, 5, 11];
        let some = some.encode(&columns, Rows::selected(ROWS, &rows)).unwrap();
        let expected: Vec<Key<'_>> = rows.iter().map(|&row| all[row as usize]).collect();
        prop_assert_eq!(some.iter().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn order_keys_order_as_values_do(
        table in table(),
        directions in prop::collection::vec((any::<bool>(), any::<bool>()), 3),
    ) {
        let orders: Vec<KeyOrder> = table.iter().zip(&directions).map(|((ty, _), (desc, first))| {
            KeyOrder { sql_type: ty.clone(), is_descending: *desc, has_nulls_first: *first }
        }).collect();
        let encoder = OrderEncoder::new(&orders);
        let mut keys = [Vec::new(), Vec::new()];
        for (number, keys) in keys.iter_mut().enumerate() {
            let columns = batch(&table, number);
            let all = Rows::all(ROWS);
            encoder.encode(&columns, all, None, |_, key| keys.push(key.to_vec())).unwrap();
            let bytes: usize = keys.iter().map(Vec::len).sum();
            prop_assert!(bytes <= encoder.bound(&columns, ROWS));
            let most = encoder.length_max().unwrap_or(usize::MAX);
            prop_assert!(keys.iter().all(|key| key.len() <= most));
        }
        for (a, b) in (0..2 * ROWS).flat_map(|a| (0..2 * ROWS).map(move |b| (a, b))) {
            let (at, bt) = ((a / ROWS, a % ROWS), (b / ROWS, b % ROWS));
            let mut expected = Ordering::Equal;
            for ((ty, columns), order_by) in table.iter().zip(&orders) {
                let (x, y) = (columns[at.0].value(at.1), columns[bt.0].value(bt.1));
                let order = compare(&x, &y, ty);
                let is_upright = if x.is_null() || y.is_null() {
                    order_by.has_nulls_first
                } else {
                    !order_by.is_descending
                };
                let order = if is_upright { order } else { order.reverse() };
                expected = expected.then(order);
            }
            let found = keys[at.0][at.1].cmp(&keys[bt.0][bt.1]);
            prop_assert_eq!(found, expected, "{:?} {:?}", at, bt);
        }
    }
}
