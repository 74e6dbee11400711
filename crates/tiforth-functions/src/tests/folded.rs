// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! What calls of constants give, where TiDB's evaluator of rows says otherwise than that of batches.

use tiforth_data::{Column, Field};
use tiforth_expr::kernel::Rows;
use tiforth_expr::tree::{Literal, call, col, interval, lit, null};
use tiforth_expr::{Binder, Diagnostics, Evaluator, Expr, RunValues};
use tiforth_types::temporal::IntervalUnit;
use tiforth_types::{Datum, Now, Session, SqlType, Time, TypeKind};

use super::{check, number};

const REFUSED: &str = "Incorrect datetime value: '2020-00-01 00:00:00.000000'";

#[test]
fn days_are_not_counted_from_a_constant_with_a_zero_month() {
    let day = || lit("2020-00-01");
    for (tree, ty) in [
        (call("week", [day()]), "bigint(2)"),
        (call("week", [day(), lit(3)]), "bigint(2)"),
        (call("weekday", [day()]), "bigint(1)"),
        (call("weekofyear", [day()]), "bigint(2)"),
        (call("yearweek", [day(), lit(1)]), "bigint(6)"),
        (call("to_days", [day()]), "bigint"),
        (call("to_seconds", [day()]), "bigint"),
        (call("convert_tz", [day(), lit("+00:00"), lit("+01:00")]), "datetime"),
    ] {
        check(&tree, ty, "NULL", &[REFUSED]);
    }
    check(&call("week", [lit("2020-02-29")]), "bigint(2)", "8", &[]);
    let nowhere = call("convert_tz", [day(), null(), lit("+01:00")]);
    check(&nowhere, "datetime", "NULL", &[REFUSED]);
}

#[test]
fn what_is_not_folded_counts_days_from_a_zero_month() {
    // A fold that warns is taken back below IF, whose condition is not known.
    let week = call("if", [col("a"), call("week", [lit("2020-00-01")]), lit(1)]);
    let value = of_column(&week, &SqlType::bigint(20), &Datum::Int(1));
    assert!(matches!(value, Datum::Int(0)), "{value:?}");
}

#[test]
fn days_are_counted_from_a_column_with_a_zero_month() {
    let date = Datum::Time(Time::from_date(2020, 0, 1).unwrap());
    for name in ["week", "weekday", "to_days"] {
        let value = of_column(&call(name, [col("a")]), &SqlType::date(), &date);
        assert!(matches!(value, Datum::Int(_)), "{name}: {value:?}");
    }
}

/// Evaluates an expression of the column `a`, which holds one value.
fn of_column(tree: &Expr, ty: &SqlType, value: &Datum) -> Datum {
    let registry = crate::registry().unwrap();
    let session = Session::default();
    let schema = [Field { name: "a".into(), sql_type: ty.clone(), nullable: true }];
    let typed = Binder::new(&registry, &session, &schema).bind(tree).unwrap();
    let columns = [Column::constant(value.clone(), 1)];
    let run = RunValues::default();
    let mut diagnostics = Diagnostics::new(64);
    let mut evaluator = Evaluator::new(&columns, &session, &run, &mut diagnostics);
    let out = evaluator.evaluate(&typed, Rows::all(1)).unwrap();
    evaluator.datum(&out, &typed, 0).unwrap()
}

#[test]
fn a_constant_date_is_refused_before_its_interval_is_read() {
    let sum = call("date_add", [lit(0), interval(lit("x"), IntervalUnit::Day)]);
    let zero = ["Incorrect datetime value: '0000-00-00'"];
    check(&sum, "var_string(29) collate utf8mb4_bin decimals 0", "NULL", &zero);
}

#[test]
fn parts_of_what_fails_are_null() {
    let beyond = || call("pow", [col("a"), lit(400)]);
    for name in ["hour", "minute", "second", "microsecond"] {
        let value = of_column(&call(name, [beyond()]), &SqlType::bigint(20), &Datum::Int(10));
        assert!(value.is_null(), "{name}: {value:?}");
        let value = of_column(&call(name, [beyond()]), &SqlType::bigint(20), &Datum::Int(0));
        assert!(matches!(value, Datum::Int(0)), "{name}: {value:?}");
    }
}

#[test]
fn a_timestamp_literal_may_be_zero() {
    let literal = |text: &str| Expr::Literal(Literal::timestamp(text));
    let shown = |text| call("concat", [literal(text)]);
    let ty = "var_string(19) collate utf8mb4_bin";
    check(&shown("0000-00-00 00:00:00"), ty, "0000-00-00 00:00:00", &[]);
    check(&shown("2020-00-01 00:00:00"), ty, "2020-00-01 00:00:00", &[]);
    let warning = ["Truncated incorrect datetime value: '2020-01-01 1:1:1.5 '"];
    let ty = "var_string(22) collate utf8mb4_bin";
    check(&shown("2020-01-01 1:1:1.5 "), ty, "2020-01-01 01:01:01.50", &warning);
}

#[test]
fn convert_tz_takes_what_follows_the_last_point_for_digits() {
    let moved = call("convert_tz", [lit("2020.01.02 10:11:12"), lit("+00:00"), lit("+08:00")]);
    let ty = "var_string(26) collate utf8mb4_bin";
    check(&call("concat", [moved]), ty, "2020-01-02 18:11:12.000000", &[]);
}

#[test]
fn a_double_is_no_date_beside_a_datetime() {
    let moment = Datum::Time(Time::new((2020, 2, 29), (12, 34, 57, 0)).unwrap());
    let less = |text: &str| {
        of_column(&call("lt", [col("a"), number(text)]), &SqlType::datetime(0), &moment)
    };
    assert!(matches!(less("20201231"), Datum::Int(1)));
    assert!(matches!(less("20201231.0"), Datum::Int(1)));
    assert!(matches!(less("20201231e0"), Datum::Int(0)));
}

#[test]
fn times_since_the_zero_timestamp_are_clipped() {
    let ty = SqlType { decimals: 0, ..SqlType::new(TypeKind::Timestamp) };
    let (zero, later) = (Time::ZERO, Time::new((2020, 2, 29), (12, 34, 57, 0)).unwrap());
    for (a, b, hours) in [(zero, zero, 0), (zero, later, -838), (later, zero, 838)] {
        let registry = crate::registry().unwrap();
        let session = Session::default();
        let field = |name: &str| Field { name: name.into(), sql_type: ty.clone(), nullable: true };
        let schema = ["a", "b"].map(field);
        let tree = call("timediff", [col("a"), col("b")]);
        let typed = Binder::new(&registry, &session, &schema).bind(&tree).unwrap();
        let columns = [a, b].map(|time| Column::constant(Datum::Time(time), 1));
        let run = RunValues::default();
        let mut diagnostics = Diagnostics::new(64);
        let mut evaluator = Evaluator::new(&columns, &session, &run, &mut diagnostics);
        let out = evaluator.evaluate(&typed, Rows::all(1)).unwrap();
        let value = evaluator.datum(&out, &typed, 0).unwrap();
        let Datum::Duration(found) = value else { panic!("{value:?}") };
        assert_eq!(found.0 / 3_600_000_000_000, hours);
        let warned = diagnostics.finish().0.len();
        assert_eq!(warned, usize::from(hours != 0), "{hours}");
    }
}

#[test]
fn a_time_of_day_is_rounded_where_its_digits_are_asked_for() {
    let registry = crate::registry().unwrap();
    let session = Session::default();
    // 12:34:56.789012 of a day.
    let run = RunValues { now: Now(45_296_789_012), ..RunValues::default() };
    let shown = |tree: Expr| {
        let typed = Binder::new(&registry, &session, &[]).bind(&call("concat", [tree])).unwrap();
        let mut diagnostics = Diagnostics::new(64);
        let mut evaluator = Evaluator::new(&[], &session, &run, &mut diagnostics);
        let out = evaluator.evaluate(&typed, Rows::all(1)).unwrap();
        match evaluator.datum(&out, &typed, 0).unwrap() {
            Datum::Bytes(text) => String::from_utf8_lossy(&text).into_owned(),
            other => format!("{other:?}"),
        }
    };
    for name in ["curtime", "utc_time"] {
        assert_eq!(shown(call(name, [])), "12:34:56");
        assert_eq!(shown(call(name, [lit(0)])), "12:34:57");
        assert_eq!(shown(call(name, [lit(3)])), "12:34:56.789");
    }
    for digits in [lit("3"), null(), number("3.5")] {
        let error = Binder::new(&registry, &session, &[]).bind(&call("now", [digits]));
        assert_eq!(error.unwrap_err().to_string().get(..10), Some("ERROR 1064"));
    }
}
