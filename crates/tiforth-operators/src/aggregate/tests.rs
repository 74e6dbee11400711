// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

use std::collections::BTreeSet;

use tiforth_data::Column;
use tiforth_types::{
    Collation, Datum, Decimal, Duration, SqlType, Time, TypeKind, sql_type::DECIMAL_SCALE_MAX,
};

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

fn plan(keys: &str, aggregates: &str) -> String {
    format!(
        r#"{{"operator": "aggregate", "keys": [{keys}], "aggregates": [{aggregates}],
            "input": {{"operator": "table", "table": "t"}}}}"#
    )
}

fn key(name: &str) -> String {
    format!(r#"{{"name": "{name}", "expr": "{name}"}}"#)
}

fn call(function: &str, arg: &str, distinct: bool) -> String {
    format!(
        r#"{{"name": "{function}({arg})", "function": "{function}", "args": ["{arg}"],
            "distinct": {distinct}}}"#
    )
}

const COUNT: &str = r#"{"name": "n", "function": "count"}"#;

fn ci() -> SqlType {
    SqlType::varchar(20, Collation::from_name("utf8mb4_general_ci").unwrap())
}

fn small() -> TestTable {
    let fields = [("k", SqlType::varchar(1, Collation::UTF8MB4_BIN)), ("v", SqlType::bigint(20))];
    TestTable::new(&fields)
        .with_rows(&[
            vec![text("b"), int(1)],
            vec![text("a"), int(2)],
            vec![Datum::Null, int(3)],
            vec![text("b"), Datum::Null],
        ])
        .with_rows(&[vec![text("a"), int(2)], vec![text(""), int(7)], vec![Datum::Null, int(1)]])
}

#[test]
fn groups_come_in_the_order_of_their_first_rows() {
    let calls = [
        COUNT.to_owned(),
        call("count", "v", false),
        call("sum", "v", false),
        call("min", "v", false),
        call("max", "v", false),
        call("count", "v", true),
        call("sum", "v", true),
    ];
    check(
        &plan(&key("k"), &calls.join(", ")),
        &small(),
        &["b|2|1|1|1|1|1|1", "a|2|2|4|2|2|1|2", "NULL|2|2|4|1|3|2|4", "|1|1|7|7|7|1|7"],
    );
    check(&plan(&key("k"), ""), &small(), &["b", "a", "NULL", ""]);
}

#[test]
fn without_keys_there_is_one_row() {
    let calls = [COUNT.to_owned(), call("sum", "v", false), call("sum", "v", true)].join(", ");
    check(&plan("", &calls), &small(), &["7|16|13"]);
    let empty = TestTable { batches: Vec::new(), ..small() };
    check(&plan("", &calls), &empty, &["0|NULL|NULL"]);
    check(&plan(&key("k"), &calls), &empty, &[]);
    let distinct = call("count", "v", true);
    check(&plan("", &distinct), &empty, &["0"]);
    check(&plan("", &distinct), &small(), &["4"]);
}

#[test]
fn equal_values_are_one_group_and_the_first_is_shown() {
    let d = SqlType::decimal(40, DECIMAL_SCALE_MAX);
    let big = "123456789012345678901234567890123456789012345678901";
    let rows: Vec<Vec<Datum>> = [
        (0.0, "1.0", "Ab "),
        (-0.0, "1.00", "aB"),
        (1.5, "100", "ab  "),
        (1.5, "1e2", "b"),
        (0.0, big, "B"),
        (2.0, &format!("{big}.0"), "c"),
        (2.0, "1000000000.000000000000000000000000000000", ""),
        (2.0, "1000000000", "  "),
    ]
    .iter()
    .map(|(r, d, t)| vec![Datum::Real(*r), decimal(d), text(t)])
    .collect();
    let mut table = TestTable::new(&[("r", SqlType::double()), ("d", d), ("s", ci())]);
    for portion in rows.chunks(3) {
        table = table.with_rows(portion);
    }
    check(&plan(&key("r"), COUNT), &table, &["0.0|3", "1.5|2", "2.0|3"]);
    let big_row = format!("{big}|2");
    let wanted = ["1.0|2", "100|2", &big_row, "1000000000.000000000000000000000000000000|2"];
    check(&plan(&key("d"), COUNT), &table, &wanted);
    check(&plan(&key("s"), COUNT), &table, &["Ab |3", "b|2", "c|1", "|2"]);
    let distinct = [call("count", "d", true), call("count", "s", true), call("count", "r", true)];
    check(&plan("", &distinct.join(", ")), &table, &["4|4|3"]);
    // Counted together: no NULL, all of a row's values.
    let both = r#"{"name": "n", "function": "count", "args": ["r", "s"], "distinct": true}"#;
    check(&plan("", both), &table, &["6"]);
}

/// Lists a few values of every type, edges among them; no two of them are equal.
#[test]
fn what_equal_values_print_does_not_depend_on_lanes() {
    let fields = [("k", SqlType::bigint(20)), ("d", SqlType::decimal(9, 2)), ("s", ci())];
    let mut table = TestTable::new(&fields);
    // The last batch has one value in a lane of two digits and one of none.
    for rows in [
        [(1, "0.00", "b"), (2, "5", "X")],
        [(1, "0", "B"), (2, "5.0", "x")],
        [(1, "0.0", "b "), (2, "5.00", "x ")],
        [(3, "7.25", "z"), (4, "7", "Z")],
    ] {
        let row = |(k, d, s): (i64, &str, &str)| vec![int(k), decimal(d), text(s)];
        table = table.with_rows(&rows.map(row));
    }
    let calls = ["min", "max"].map(|f| [call(f, "d", false), call(f, "s", false)]).concat();
    let calls = calls.join(", ");
    let wanted = ["1|0.00|b|0.00|b", "2|5.00|X|5.00|X", "3|7.25|z|7.25|z", "4|7.00|Z|7.00|Z"];
    check(&plan(&key("k"), &calls), &table, &wanted);
    let sum = call("sum", "d", false);
    check(&plan(&key("k"), &sum), &table, &["1|0.00", "2|15.00", "3|7.25", "4|7.00"]);
}

#[test]
fn hidden_digits_count_until_a_value_is_given() {
    let fields = [("k", SqlType::bigint(20)), ("d", SqlType::decimal(9, 2))];
    let row = |(k, d): (i64, &str)| vec![int(k), decimal(d)];
    let rows = [(1, "0.3333"), (1, "0.3333"), (1, "0.3333"), (1, "0.3349"), (2, "-0.0050")];
    let table = TestTable::new(&fields).with_rows(&rows.map(row));
    let calls = [call("sum", "d", false), call("min", "d", false), call("max", "d", false)];
    let wanted = ["1|1.33|0.33|0.33", "2|-0.01|-0.01|-0.01"];
    check(&plan(&key("k"), &calls.join(", ")), &table, &wanted);
    // TiDB rounds no sum of distinct values.
    let distinct = call("sum", "d", true);
    check(&plan(&key("k"), &distinct), &table, &["1|0.6682", "2|-0.0050"]);
}

fn every_type() -> Vec<(SqlType, Vec<Datum>)> {
    let time = |v: u64| Datum::Time(Time(v));
    let ints = vec![int(0), int(-1), int(i64::MAX), int(i64::MIN), int(5)];
    let unsigned = SqlType { unsigned: true, ..SqlType::bigint(20) };
    let of = |kind| SqlType::new(kind);
    let members = SqlType {
        elements: Some([Box::from("x"), Box::from("y"), Box::from("z")].into()),
        ..of(TypeKind::Enum)
    };
    let long = "a text that does not fit a slot of the table";
    vec![
        (SqlType::bigint(20), ints.clone()),
        (unsigned, ints),
        (of(TypeKind::TinyInt), vec![int(1), int(-128)]),
        (of(TypeKind::Year), vec![int(0), int(1999)]),
        (of(TypeKind::Bit), vec![int(0), int(1)]),
        (of(TypeKind::Float), vec![Datum::Real(0.5), Datum::Real(-1e30)]),
        (SqlType::double(), vec![Datum::Real(f64::MAX), Datum::Real(0.0), Datum::Real(5e-324)]),
        (SqlType::decimal(10, 2), vec![decimal("1.50"), decimal("0.00"), decimal("-1.50")]),
        (SqlType::decimal(65, 0), vec![decimal(&"9".repeat(65)), decimal("7")]),
        (SqlType::date(), vec![time(0), time(1 << 60), time(1 << 61)]),
        (SqlType::datetime(6), vec![time(1 << 60), time((1 << 60) + 1)]),
        (SqlType::time(3), vec![Datum::Duration(Duration(-1)), Datum::Duration(Duration(1))]),
        (ci(), vec![text(""), text("a"), text("ä\u{308}x"), text(long)]),
        (
            SqlType::varchar(9, Collation::BINARY),
            vec![text("a"), text("a "), text("A"), text(long)],
        ),
        (of(TypeKind::Json), vec![text("\x01x"), text("\x02y")]),
        (members, vec![int(1), int(3), int(0)]),
    ]
}

#[test]
fn every_type_is_a_key() {
    for (ty, values) in every_type() {
        let mut values = values;
        values.push(Datum::Null);
        let count = values.len();
        // Each value twice a batch, beside an integer; three batches.
        let mut table = TestTable::new(&[("k", ty.clone()), ("v", SqlType::bigint(20))]);
        for batch in 0..3 {
            let rows: Vec<Vec<Datum>> = (0..2 * count)
                .map(|i| vec![values[(i + batch) % count].clone(), int((i % 2) as i64)])
                .collect();
            table = table.with_rows(&rows);
        }
        let wanted: Vec<String> =
            values.iter().map(|v| format!("{}|6", crate::trial::show(v))).collect();
        let wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
        check(&plan(&key("k"), COUNT), &table, &wanted);
        let nothing = plan("", &call("count", "k", true));
        check(&nothing, &table, &[&(count - 1).to_string()]);
        // Beside another key, a row's key is longer.
        let pair = plan(&format!("{}, {}", key("k"), key("v")), COUNT);
        let first = Trial::seeded(1, 0).rows(&pair, &[("t", &table)]).unwrap();
        let differ: BTreeSet<&String> = first.iter().collect();
        assert_eq!(differ.len(), first.len(), "{ty:?}");
        assert!(first.len() >= count, "{ty:?}: {first:?}");
        let first: Vec<&str> = first.iter().map(String::as_str).collect();
        check(&pair, &table, &first);
    }
}

#[test]
fn only_rows_that_count_are_aggregated() {
    let filtered = |predicate: &str| {
        plan(&key("k"), &[COUNT.to_owned(), call("sum", "v", true)].join(", ")).replace(
            r#"{"operator": "table", "table": "t"}"#,
            &format!(
                r#"{{"operator": "filter", "predicate": "{predicate}",
                    "input": {{"operator": "table", "table": "t"}}}}"#
            ),
        )
    };
    check(&filtered("v % 2"), &small(), &["b|1|1", "NULL|2|4", "|1|7"]);
    check(&filtered("v - 2"), &small(), &["b|1|1", "NULL|2|4", "|1|7"]);
}

#[test]
fn constant_columns_are_keys_and_arguments() {
    let table = small()
        .with_columns(vec![Column::constant(text("a"), 3), Column::constant(int(9), 3)], 3)
        .with_columns(vec![Column::all_null(2), Column::all_null(2)], 2);
    let calls = [COUNT.to_owned(), call("sum", "v", false), call("count", "v", true)].join(", ");
    let wanted = ["b|2|1|1", "a|5|31|2", "NULL|4|4|2", "|1|7|1"];
    check(&plan(&key("k"), &calls), &table, &wanted);
    let constant = r#"{"name": "one", "expr": "1"}"#;
    check(&plan(constant, COUNT), &table, &["1|12"]);
}

/// Makes rows of many groups: integers, texts short and long, pairs.
fn large(rows: usize) -> TestTable {
    let mut table = TestTable::new(&[
        ("i", SqlType::bigint(20)),
        ("j", SqlType::bigint(20)),
        ("s", SqlType::varchar(40, Collation::UTF8MB4_BIN)),
        ("d", SqlType::decimal(12, 2)),
    ]);
    let mut state = 7u64;
    let mut next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    };
    let mut rows_left = rows;
    while rows_left > 0 {
        let len = rows_left.min(1_000);
        rows_left -= len;
        let batch: Vec<Vec<Datum>> = (0..len)
            .map(|_| {
                let i = next() % 20_000;
                let s = "x".repeat((i % 30) as usize) + &(i / 3).to_string();
                let cents = Decimal::from_i128_scaled(i128::from(next() % 1_000), 2);
                vec![
                    if i == 13 { Datum::Null } else { int(i as i64) },
                    int((next() % 3) as i64),
                    text(&s),
                    Datum::Decimal(cents),
                ]
            })
            .collect();
        table = table.with_rows(&batch);
    }
    table
}

#[test]
fn many_groups_are_the_same_in_any_number_of_lanes() {
    let table = large(30_000);
    let calls = [
        COUNT.to_owned(),
        call("sum", "d", false),
        call("avg", "d", false),
        call("min", "s", false),
        call("max", "s", false),
        call("sum", "d", true),
        call("count", "s", true),
    ]
    .join(", ");
    for keys in [vec!["i"], vec!["i", "j"], vec!["s"], vec!["s", "d"], vec!["d", "j", "i"], vec![]]
    {
        let keys: Vec<String> = keys.into_iter().map(key).collect();
        let plan = plan(&keys.join(", "), &calls);
        let wanted = Trial::seeded(1, 0).rows(&plan, &[("t", &table)]).unwrap();
        for trial in
            [Trial::threads(2), Trial::threads(8), Trial::seeded(2, 1), Trial::seeded(8, 2)]
        {
            let rows = trial.rows(&plan, &[("t", &table)]).unwrap();
            assert!(rows == wanted, "{keys:?} in {} lanes", trial.lanes);
        }
    }
    // Beyond a number of groups rows are kept apart, unless there is a DISTINCT.
    let calls = [COUNT.to_owned(), call("sum", "d", false), call("max", "s", false)].join(", ");
    for keys in [vec!["i"], vec!["i", "j"], vec!["s", "d"]] {
        let keys = keys.into_iter().map(key).collect::<Vec<_>>().join(", ");
        // With one all groups are aggregated directly.
        let direct = plan(&keys, &[&calls, &call("count", "i", true)[..]].join(", "));
        let wanted = Trial::seeded(1, 0).rows(&direct, &[("t", &table)]).unwrap();
        let wanted: Vec<&str> =
            wanted.iter().filter_map(|row| Some(row.rsplit_once('|')?.0)).collect();
        let plan = plan(&keys, &calls);
        for trial in [Trial::seeded(1, 0), Trial::threads(2), Trial::seeded(8, 2)] {
            let rows = trial.rows(&plan, &[("t", &table)]).unwrap();
            assert!(rows == wanted, "{keys:?} in {} lanes", trial.lanes);
        }
    }
    // The counts of groups are those of sets.
    let wanted: BTreeSet<String> = Trial::seeded(1, 0)
        .rows(r#"{"operator": "projection", "columns": [{"name": "i", "expr": "i"}, {"name": "j", "expr": "j"}], "input": {"operator": "table", "table": "t"}}"#, &[("t", &table)])
        .unwrap()
        .into_iter()
        .collect();
    let pairs = plan(&[key("i"), key("j")].join(", "), "");
    let rows = Trial::threads(2).rows(&pairs, &[("t", &table)]).unwrap();
    assert_eq!(rows.len(), wanted.len());
    assert_eq!(rows.into_iter().collect::<BTreeSet<_>>(), wanted);
}

#[test]
fn sums_of_doubles_do_not_depend_on_lanes() {
    let fields = [("k", SqlType::bigint(20)), ("r", SqlType::double())];
    let mut state = 5u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 33) as i64
    };
    for groups in [3, 900] {
        let mut table = TestTable::new(&fields);
        for _ in 0..40 {
            let row =
                |_| vec![int(next() % groups), Datum::Real((next() - (1 << 30)) as f64 * 0.1)];
            table = table.with_rows(&(0..200).map(row).collect::<Vec<_>>());
        }
        let calls = [call("sum", "r", false), call("avg", "r", false)].join(", ");
        let plan = plan(&key("k"), &calls);
        let wanted = Trial::seeded(1, 0).rows(&plan, &[("t", &table)]).unwrap();
        for trial in [Trial::seeded(2, 1), Trial::seeded(7, 2), Trial::threads(3)] {
            assert_eq!(trial.rows(&plan, &[("t", &table)]).unwrap(), wanted);
        }
    }
    // Short inputs are added in their order, wherever batches end.
    for batch_rows in [1, 3, 10] {
        let mut table = TestTable::new(&fields);
        for _ in 0..30 / batch_rows {
            table = table.with_rows(&vec![vec![int(1), Datum::Real(0.1)]; batch_rows]);
        }
        let sum = (0..30).fold(0.0, |sum, _| sum + 0.1);
        check(&plan("", &call("sum", "r", false)), &table, &[&format!("{sum:?}")]);
    }
}

#[test]
fn refused_memory_is_a_clean_error() {
    let calls = [
        COUNT.to_owned(),
        call("avg", "d", false),
        call("max", "s", false),
        call("count", "s", true),
    ]
    .join(", ");
    let table = large(1_500);
    check_refusals(&plan(&key("i"), &calls), &table);
    let calls = [COUNT.to_owned(), call("max", "s", false)].join(", ");
    check_refusals(&plan(&key("i"), &calls), &large(2_000));
    check_refusals(&plan(&[key("s"), key("d")].join(", "), &calls), &table);
    check_refusals(&plan("", &calls), &table);
}

#[test]
fn a_cancelled_run_ends() {
    let trial = Trial::threads(2);
    trial.run.cancel.cancel();
    assert_eq!(trial.rows(&plan(&key("k"), COUNT), &[("t", &small())]).unwrap_err().code(), 1317);
}

#[test]
fn what_is_wrong_with_a_spec_is_said() {
    let error = |keys: &str, calls: &str| {
        Trial::seeded(1, 0).rows(&plan(keys, calls), &[("t", &small())]).unwrap_err().to_string()
    };
    assert!(error("", "").contains("an aggregation needs keys or aggregates"));
    assert!(error("", &call("summ", "v", false)).contains("summ"));
    assert!(error(&key("zzz"), "").contains("zzz"));
    let two = r#"{"name": "n", "function": "count", "args": ["k", "v"]}"#;
    assert!(error("", two).contains("ERROR 1064"));
}
