// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

use std::cmp::Ordering;

use arrow_buffer::NullBuffer;
use proptest::prelude::*;
use tiforth_types::{Datum, Decimal, SqlType, TimeZone};

use super::*;
use crate::column::{BytesBuilder, Column, DecimalColumn, DecodeContext};

fn how() -> DecodeContext {
    DecodeContext::new(TimeZone::UTC)
}

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

fn fields(table: &Table, nullable: bool) -> Vec<KeyField> {
    table.iter().map(|(ty, _)| KeyField { sql_type: ty.clone(), nullable }).collect()
}

/// Returns a row's key and its hash, comparable whatever the form.
fn key_bytes(form: &KeyForm, row: usize) -> Vec<u8> {
    match form {
        KeyForm::Fixed64(v) => v[row].to_le_bytes().to_vec(),
        KeyForm::Fixed128(v) => v[row].to_le_bytes().to_vec(),
        KeyForm::Bytes(v) => v.get(row).to_vec(),
    }
}

fn widened(form: &KeyForm) -> Vec<u128> {
    match form {
        KeyForm::Fixed64(v) => v.iter().map(|&k| k.into()).collect(),
        KeyForm::Fixed128(v) => v.clone(),
        KeyForm::Bytes(_) => Vec::new(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..Default::default() })]

    #[test]
    fn keys_are_equal_where_values_are(table in table(), nullable in any::<bool>()) {
        let how = how();
        let (first, second) = (batch(&table, 0), batch(&table, 1));
        let mut layout = KeyLayout::suited_to(fields(&table, nullable), &first, &how).unwrap();
        let mut keys = EqualityKeys::default();
        prop_assert_eq!(layout.encode(&first, &how, &mut keys).unwrap(), Encoded::Done);
        let mut first_form = keys.form().clone();
        // A probe knows what it cannot find.
        let mut probe = EqualityKeys::default();
        layout.encode_probe(&second, &how, &mut probe).unwrap();
        for a in 0..ROWS {
            for b in 0..ROWS {
                let fits = probe.misfits().is_none_or(|m| m.is_valid(b));
                let found = fits && key_bytes(&first_form, a) == key_bytes(probe.form(), b);
                prop_assert_eq!(found, same(&table, (0, a), (1, b)), "probe {} {}", a, b);
            }
        }
        // A table takes all in, and changes what it holds where that must be.
        let mut second_keys = EqualityKeys::default();
        if let Encoded::Outgrown(grown) = layout.encode(&second, &how, &mut second_keys).unwrap() {
            prop_assert_eq!(grown.encode(&second, &how, &mut second_keys).unwrap(), Encoded::Done);
            first_form = layout.convert(&widened(&first_form), &grown);
            layout = grown;
        }
        let hasher = KeyHasher::new(42);
        let mut hashes = [HashColumn::new(), HashColumn::new()];
        hasher.hash(&EqualityKeys { form: first_form.clone(), ..Default::default() }, &mut hashes[0]);
        hasher.hash(&second_keys, &mut hashes[1]);
        let forms = [&first_form, second_keys.form()];
        for (a, b) in (0..2 * ROWS).flat_map(|a| (0..2 * ROWS).map(move |b| (a, b))) {
            let (at, bt) = ((a / ROWS, a % ROWS), (b / ROWS, b % ROWS));
            let equal = key_bytes(forms[at.0], at.1) == key_bytes(forms[bt.0], bt.1);
            prop_assert_eq!(equal, same(&table, at, bt), "{:?} {:?} {:?}", at, bt, layout);
            if equal {
                prop_assert_eq!(hashes[at.0][at.1], hashes[bt.0][bt.1]);
            }
        }
        for row in 0..ROWS {
            let any_null = first.iter().any(|c| c.is_null(row));
            prop_assert_eq!(keys.nulls().is_some_and(|n| n.is_null(row)), any_null);
        }
    }

    #[test]
    fn order_keys_order_as_values_do(
        table in table(),
        directions in prop::collection::vec((any::<bool>(), any::<bool>()), 3),
    ) {
        let how = how();
        let fields: Vec<OrderField> = table.iter().zip(&directions).map(|((ty, _), (desc, first))| {
            OrderField { sql_type: ty.clone(), nullable: true, is_descending: *desc, nulls_first: *first }
        }).collect();
        let encoder = OrderEncoder::new(fields.clone());
        let mut keys = [OrderKeys::default(), OrderKeys::default()];
        for (number, keys) in keys.iter_mut().enumerate() {
            encoder.encode(&batch(&table, number), &how, keys).unwrap();
            if let Some(width) = encoder.width() {
                prop_assert!((0..ROWS).all(|row| keys.get(row).len() == width));
            }
        }
        for (a, b) in (0..2 * ROWS).flat_map(|a| (0..2 * ROWS).map(move |b| (a, b))) {
            let (at, bt) = ((a / ROWS, a % ROWS), (b / ROWS, b % ROWS));
            let mut expected = Ordering::Equal;
            for ((ty, columns), field) in table.iter().zip(&fields) {
                let (x, y) = (columns[at.0].value(at.1), columns[bt.0].value(bt.1));
                let order = compare(&x, &y, ty);
                let order = match (x.is_null() || y.is_null(), field) {
                    (true, f) => if f.nulls_first { order } else { order.reverse() },
                    (false, f) => if f.is_descending { order.reverse() } else { order },
                };
                expected = expected.then(order);
            }
            let found = keys[at.0].get(at.1).cmp(keys[bt.0].get(bt.1));
            prop_assert_eq!(found, expected, "{:?} {:?}", at, bt);
        }
    }

    #[test]
    fn words_order_as_values_do(column in typed_columns(ROWS, 1), is_descending in any::<bool>()) {
        let (ty, columns) = column;
        let field = OrderField::new(ty.clone(), true, is_descending);
        let Some((words, _)) = order_words(&columns[0], &field, &how()).unwrap() else {
            return Ok(());
        };
        for (a, b) in (0..ROWS).flat_map(|a| (0..ROWS).map(move |b| (a, b))) {
            let (x, y) = (columns[0].value(a), columns[0].value(b));
            if !x.is_null() && !y.is_null() {
                let order = compare(&x, &y, &ty);
                let order = if is_descending { order.reverse() } else { order };
                prop_assert_eq!(words[a].cmp(&words[b]), order);
            }
        }
    }
}

fn layout_of(types: &[&str], columns: &[Column]) -> KeyLayout {
    let field = |text: &&str| KeyField { sql_type: text.parse().unwrap(), nullable: false };
    KeyLayout::suited_to(types.iter().map(field).collect(), columns, &how()).unwrap()
}

#[test]
fn keys_are_as_narrow_as_the_values_allow() {
    let check = |types: &[&str], columns: &[Column], expected: KeyWidth| {
        let layout = layout_of(types, columns);
        assert_eq!(layout.width(), expected, "{types:?}");
    };
    let ids = Column::ints(vec![1, 1_500_000], None);
    let far = Column::ints(vec![i64::MIN, i64::MAX], None);
    let text = |s: &str| {
        let mut builder = BytesBuilder::with_capacity(2, 32);
        builder.push(s.as_bytes());
        builder.push(b"");
        Column::bytes(builder.finish(), None)
    };
    let varchar = "varchar(64) collate utf8mb4_bin";
    check(&["bigint"], std::slice::from_ref(&far), KeyWidth::Fixed64);
    check(&["bigint", "bigint"], &[ids.clone(), ids.clone()], KeyWidth::Fixed64);
    check(&["bigint", "bigint"], &[far.clone(), ids.clone()], KeyWidth::Fixed128);
    check(&["bigint", "bigint", "bigint"], &[far.clone(), far.clone(), far], KeyWidth::Bytes);
    check(&[varchar, varchar], &[text("A"), text("F")], KeyWidth::Fixed64);
    check(&[varchar], &[text("fifteen bytes !")], KeyWidth::Fixed128);
    check(&[varchar], &[text("sixteen bytes !!")], KeyWidth::Bytes);
    check(&["binary(4)", "bigint"], &[text("abc"), ids], KeyWidth::Fixed64);
}

#[test]
fn hashes_spread_over_high_and_low_bits() {
    let hasher = KeyHasher::new(7);
    for take in [|h: u64| h >> 56, |h: u64| h & 0xff] {
        let mut counts = [0u32; 256];
        for key in 0..256_000u64 {
            counts[take(hasher.hash_u64(key << 20)) as usize] += 1;
            counts[take(hasher.hash_u128(u128::from(key) << 64)) as usize] += 1;
            counts[take(hasher.hash_bytes(&key.to_le_bytes())) as usize] += 1;
        }
        assert!(counts.iter().all(|&c| (2_500..3_500).contains(&c)), "{counts:?}");
    }
    assert_ne!(hasher.hash_u64(1), KeyHasher::new(8).hash_u64(1));
}
