// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

use std::cmp::Ordering;

use tiforth_data::Column;
use tiforth_types::{Collation, Datum, Decimal, Duration, SqlType, Time, TypeKind};

use crate::trial::{TestTable, Trial, check, check_refusals};

fn int(v: i64) -> Datum {
    Datum::Int(v)
}

fn text(v: &str) -> Datum {
    Datum::Bytes(v.as_bytes().into())
}

fn decimal(v: &str) -> Datum {
    Datum::Decimal(Decimal::parse(v.as_bytes()).value)
}

fn plan(keys: &str) -> String {
    format!(
        r#"{{"operator": "sort", "keys": [{keys}],
            "input": {{"operator": "table", "table": "t"}}}}"#
    )
}

fn ci() -> SqlType {
    SqlType::varchar(20, Collation::from_name("utf8mb4_general_ci").unwrap())
}

fn small() -> TestTable {
    TestTable::new(&[("s", ci()), ("v", SqlType::bigint(20))])
        .with_rows(&[
            vec![text("b"), int(1)],
            vec![text("A"), int(-2)],
            vec![Datum::Null, int(3)],
            vec![text("a "), int(4)],
        ])
        .with_rows(&[vec![text("B"), Datum::Null], vec![text(""), int(6)], vec![text("a"), int(7)]])
}

#[test]
fn equal_rows_keep_the_order_in_which_they_came() {
    let up = ["NULL|3", "|6", "A|-2", "a |4", "a|7", "b|1", "B|NULL"];
    let down = ["b|1", "B|NULL", "A|-2", "a |4", "a|7", "|6", "NULL|3"];
    check(&plan(r#"{"expr": "s"}"#), &small(), &up);
    check(&plan(r#"{"expr": "s", "descending": true}"#), &small(), &down);
    let last = ["|6", "A|-2", "a |4", "a|7", "b|1", "B|NULL", "NULL|3"];
    check(&plan(r#"{"expr": "s", "nulls": "last"}"#), &small(), &last);
    let first = ["NULL|3", "b|1", "B|NULL", "A|-2", "a |4", "a|7", "|6"];
    check(&plan(r#"{"expr": "s", "descending": true, "nulls": "first"}"#), &small(), &first);
    let both = ["NULL|3", "|6", "a|7", "a |4", "A|-2", "b|1", "B|NULL"];
    check(&plan(r#"{"expr": "s"}, {"expr": "v", "descending": true}"#), &small(), &both);
    let computed = ["B|NULL", "a|7", "|6", "a |4", "NULL|3", "b|1", "A|-2"];
    check(&plan(r#"{"expr": "0 - v"}"#), &small(), &computed);
}

#[test]
fn empty_and_constant_inputs() {
    let empty = TestTable { batches: Vec::new(), ..small() };
    check(&plan(r#"{"expr": "s"}"#), &empty, &[]);
    let table = small()
        .with_columns(vec![Column::constant(text("c"), 2), Column::constant(int(9), 2)], 2)
        .with_columns(vec![Column::all_null(1), Column::all_null(1)], 1);
    let wanted =
        ["NULL|3", "NULL|NULL", "|6", "A|-2", "a |4", "a|7", "b|1", "B|NULL", "c|9", "c|9"];
    check(&plan(r#"{"expr": "s"}"#), &table, &wanted);
}

#[test]
fn only_rows_that_count_are_sorted() {
    let plan = r#"{"operator": "sort", "keys": [{"expr": "v"}], "input": {"operator": "filter",
        "predicate": "v - 1", "input": {"operator": "table", "table": "t"}}}"#;
    check(plan, &small(), &["A|-2", "NULL|3", "a |4", "|6", "a|7"]);
    check(&plan.replace("v - 1", "v + 2"), &small(), &["b|1", "NULL|3", "a |4", "|6", "a|7"]);
}

fn compare(a: &Datum, b: &Datum, ty: &SqlType) -> Ordering {
    match (a, b) {
        (Datum::Null, _) | (_, Datum::Null) => b.is_null().cmp(&a.is_null()),
        (Datum::Int(a), Datum::Int(b)) if ty.unsigned => (*a as u64).cmp(&(*b as u64)),
        (Datum::Int(a), Datum::Int(b)) => a.cmp(b),
        (Datum::Real(a), Datum::Real(b)) => a.partial_cmp(b).unwrap(),
        (Datum::Decimal(a), Datum::Decimal(b)) => a.cmp(b),
        (Datum::Time(a), Datum::Time(b)) => a.cmp(b),
        (Datum::Duration(a), Datum::Duration(b)) => a.cmp(b),
        (Datum::Bytes(a), Datum::Bytes(b)) => ty.collation.compare(a, b),
        _ => panic!("{a:?} and {b:?}"),
    }
}

fn every_type() -> Vec<(SqlType, Vec<Datum>)> {
    let ints = [0, -1, i64::MAX, i64::MIN, 5, 1 << 40, -(1 << 40)].map(int).to_vec();
    let unsigned = SqlType { unsigned: true, ..SqlType::bigint(20) };
    let reals = [0.0, -0.0, 1.5, -1.5, f64::MAX, f64::MIN, 5e-324, -5e-324].map(Datum::Real);
    let nines = "9".repeat(65);
    let decimals = [
        "0",
        "-0.00",
        "1",
        "1.0",
        "1.000000001",
        "-1",
        "-1.000000001",
        "999999999",
        "1000000000",
        "1000000000.5",
        "0.000000001",
        "0.0000000001",
        "-0.0000000001",
        "-1000000000",
        &nines,
        "123456789012345678901234567890.12",
        "-123456789012345678901234567890.12",
        "100",
        "99.99",
    ];
    let texts = [
        "",
        "a",
        "A",
        "a ",
        "ab",
        "a\0",
        "a\0b",
        "ä",
        "b",
        "\u{10000}",
        "aaaaaaaaaaaaaaaaaaaa",
        "aaaaaaaaaaaaaaaaaaab",
        "Z",
        "z",
    ];
    let times = [0, 1, 1 << 40, 1 << 60, u64::MAX >> 1].map(|v| Datum::Time(Time(v)));
    let durations = [0, -1, 1, 3_600_000_000_000].map(|v| Datum::Duration(Duration(v)));
    let mut all = vec![
        (SqlType::bigint(20), ints.clone()),
        (unsigned, ints),
        (SqlType::double(), reals.to_vec()),
        (SqlType::decimal(65, 30), decimals.map(decimal).to_vec()),
        (SqlType::datetime(6), times.to_vec()),
        (SqlType::time(6), durations.to_vec()),
        (SqlType::new(TypeKind::Year), [1999, 0, 2155].map(int).to_vec()),
    ];
    for collation in Collation::all().filter(|c| c.is_comparable()) {
        all.push((SqlType::varchar(20, collation), texts.map(text).to_vec()));
    }
    all
}

#[test]
fn every_type_is_ordered_as_its_values_compare() {
    for (ty, mut values) in every_type() {
        values.push(Datum::Null);
        let mut table = TestTable::new(&[("k", ty.clone()), ("i", SqlType::bigint(20))]);
        let mut rows: Vec<Vec<Datum>> = Vec::new();
        for i in 0..3 * values.len() {
            rows.push(vec![values[i * 7 % values.len()].clone(), int(i as i64)]);
        }
        for portion in rows.chunks(5) {
            table = table.with_rows(portion);
        }
        for descending in [false, true] {
            let mut wanted = rows.clone();
            wanted.sort_by(|a, b| {
                let order = compare(&a[0], &b[0], &ty);
                if descending { order.reverse() } else { order }
            });
            let wanted: Vec<String> = wanted.iter().map(|r| crate::trial::show(&r[1])).collect();
            let plan = plan(&format!(r#"{{"expr": "k", "descending": {descending}}}"#));
            for trial in [Trial::seeded(1, 0), Trial::seeded(3, 1), Trial::threads(2)] {
                let rows = trial.rows(&plan, &[("t", &table)]).unwrap();
                let rows: Vec<&str> = rows.iter().map(|r| r.rsplit('|').next().unwrap()).collect();
                assert_eq!(rows, wanted, "{ty:?} descending {descending}");
            }
        }
    }
}

/// Makes rows with many equal keys.
pub(crate) fn large(rows: usize) -> TestTable {
    let fields = [
        ("k", SqlType::bigint(20)),
        ("s", SqlType::varchar(30, Collation::UTF8MB4_BIN)),
        ("i", SqlType::bigint(20)),
    ];
    let mut table = TestTable::new(&fields);
    let mut state = 3u64;
    let all: Vec<Vec<Datum>> = (0..rows)
        .map(|i| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(99);
            let k = (state >> 40) % 1_000;
            vec![int(k as i64), text(&format!("a common beginning {}", k / 7)), int(i as i64)]
        })
        .collect();
    for portion in all.chunks(900) {
        table = table.with_rows(portion);
    }
    table
}

#[test]
fn many_rows_are_the_same_in_any_number_of_lanes() {
    // More than one section of a merge.
    let table = large(300_000);
    for keys in [r#"{"expr": "k"}"#, r#"{"expr": "s", "descending": true}, {"expr": "k"}"#] {
        let plan = plan(keys);
        let wanted = Trial::seeded(1, 0).rows(&plan, &[("t", &table)]).unwrap();
        assert_eq!(wanted.len(), 300_000);
        for trial in [Trial::threads(2), Trial::threads(8), Trial::seeded(2, 1)] {
            assert!(trial.rows(&plan, &[("t", &table)]).unwrap() == wanted, "{keys}");
        }
        let number = |row: &String| row.split('|').next().unwrap().parse::<i64>().unwrap();
        let place = |row: &String| row.rsplit('|').next().unwrap().parse::<i64>().unwrap();
        if keys.contains("descending") {
            continue;
        }
        assert!(wanted.is_sorted_by_key(|row| (number(row), place(row))));
    }
}

#[test]
fn refused_memory_is_a_clean_error() {
    check_refusals(&plan(r#"{"expr": "k"}"#), &large(2_000));
    check_refusals(&plan(r#"{"expr": "s"}, {"expr": "k"}"#), &large(2_000));
}

#[test]
fn a_cancelled_run_ends() {
    let trial = Trial::threads(2);
    trial.run.cancel.cancel();
    let error = trial.rows(&plan(r#"{"expr": "s"}"#), &[("t", &small())]).unwrap_err();
    assert_eq!(error.code(), 1317);
}
