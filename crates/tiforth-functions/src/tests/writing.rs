// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! What a statement that writes rows under a strict sql_mode takes, and what it fails for.

use tiforth_data::{Column, Field};
use tiforth_expr::kernel::Rows;
use tiforth_expr::tree::{CastTarget, call, col, interval, lit};
use tiforth_expr::{Binder, Diagnostics, Evaluator, Expr, RunValues};
use tiforth_types::temporal::IntervalUnit;
use tiforth_types::{Collation, Datum, Session, SqlType, StatementKind, TypeKind};

/// Evaluates an expression of the text column `s`, written to a column of a kind where one is given, and
/// compares its value and the codes of its warnings, or the code of its error.
fn check(tree: &Expr, into: Option<TypeKind>, text: &str, expected: Result<(&str, &[u16]), u16>) {
    let registry = crate::registry().unwrap();
    let session = Session { statement: StatementKind::Insert, ..Session::default() };
    let sql_type = SqlType::varchar(64, Collation::UTF8MB4_BIN);
    let schema = [Field { name: "s".into(), sql_type, nullable: true }];
    let columns = [Column::constant(Datum::Bytes(text.as_bytes().into()), 1)];
    let mut binder = Binder::new(&registry, &session, &schema);
    let mut typed = binder.bind(tree).unwrap();
    if let Some(kind) = into {
        typed = binder.assign(typed, &SqlType { decimals: 0, ..SqlType::new(kind) }, "x").unwrap();
    }
    let run = RunValues::default();
    let mut diagnostics = Diagnostics::new(64);
    let mut evaluator = Evaluator::new(&columns, &session, &run, &mut diagnostics);
    let out = evaluator.evaluate(&typed, Rows::all(1)).unwrap();
    let mut text = Vec::new();
    let value = match evaluator.datum(&out, &typed, 0).unwrap() {
        Datum::Null => "NULL".to_owned(),
        Datum::Int(v) => v.to_string(),
        Datum::Time(v) => {
            v.write(typed.ty.time_kind(), 0, &mut text);
            String::from_utf8_lossy(&text).into_owned()
        }
        Datum::Duration(v) => {
            v.write(0, &mut text);
            String::from_utf8_lossy(&text).into_owned()
        }
        Datum::Bytes(v) => String::from_utf8_lossy(&v).into_owned(),
        other => format!("{other:?}"),
    };
    let (warnings, errors) = diagnostics.finish();
    let found = match errors.first() {
        Some((_, error)) => Err(error.code()),
        None => Ok((value, warnings.iter().map(|(_, w)| w.error.code()).collect::<Vec<_>>())),
    };
    let expected = expected.map(|(value, codes)| (value.to_owned(), codes.to_vec()));
    assert_eq!(found, expected, "{tree:?} of {text:?} into {into:?}");
}

/// A datetime with a rest that is cut off.
const LONG: &str = "2020-02-29 12:34:56 10";

#[test]
fn the_rest_of_a_datetime_is_cut_off_with_a_warning() {
    let date = "2020-02-29";
    let s = || col("s");
    let parsed = call("str_to_date", [s(), lit("%Y-%m-%d")]);
    check(&call("concat", [parsed]), None, LONG, Ok((date, &[1292])));
    let cast = |target| call("concat", [s().cast(target)]);
    check(&cast(CastTarget::Date), None, LONG, Ok((date, &[1292])));
    check(&cast(CastTarget::DateTime(0)), None, LONG, Ok(("2020-02-29 12:34:56", &[1292])));
    check(&cast(CastTarget::Time(0)), None, LONG, Ok(("12:34:56", &[1292])));
    let next = call("date_add", [s(), interval(1, IntervalUnit::Day)]);
    check(&next, None, LONG, Ok(("2020-03-01 12:34:56", &[1292])));
    for (kind, shown) in [
        (TypeKind::DateTime, "2020-02-29 12:34:56"),
        (TypeKind::Date, "2020-02-29"),
        (TypeKind::Time, "12:34:56"),
    ] {
        check(&s(), Some(kind), LONG, Ok((shown, &[1292])));
        check(&s(), Some(kind), "2020-02-30 1:1:1", Err(1292));
    }
    check(&cast(CastTarget::DateTime(0)), None, "2020-02-30", Err(1292));
}

#[test]
fn parts_of_what_is_no_time_are_null() {
    for name in ["hour", "minute", "second", "microsecond"] {
        check(&call(name, [col("s")]), None, "abc", Ok(("NULL", &[])));
        check(&call(name, [col("s")]), None, "839:00:00", Ok(("NULL", &[])));
    }
    check(&call("hour", [col("s")]), None, "12:34:56", Ok(("12", &[])));
    check(&call("year", [col("s")]), None, "abc", Err(1292));
}

/// Evaluates a comparison of the column `i`, which holds 1, and compares as `check` does.
fn check_number(tree: &Expr, expected: Result<i64, u16>) {
    let registry = crate::registry().unwrap();
    let session = Session { statement: StatementKind::Insert, ..Session::default() };
    let schema = [Field { name: "i".into(), sql_type: SqlType::bigint(20), nullable: true }];
    let mut binder = Binder::new(&registry, &session, &schema);
    let typed = match binder.bind(tree) {
        Ok(typed) => typed,
        Err(tiforth_types::Error::Sql(error)) => {
            assert_eq!(Err(error.code()), expected, "{tree:?}");
            return;
        }
        Err(other) => panic!("{tree:?}: {other}"),
    };
    let run = RunValues::default();
    let mut diagnostics = Diagnostics::new(64);
    let columns = [Column::ints(vec![1], None)];
    let mut evaluator = Evaluator::new(&columns, &session, &run, &mut diagnostics);
    let out = evaluator.evaluate(&typed, Rows::all(1)).unwrap();
    let value = evaluator.datum(&out, &typed, 0).unwrap();
    let (warnings, errors) = diagnostics.finish();
    assert_eq!((warnings.len(), binder.into_warnings().len()), (0, 0), "{tree:?}");
    match (errors.first(), value) {
        (Some((_, error)), _) => assert_eq!(Err(error.code()), expected, "{tree:?}"),
        (None, Datum::Int(value)) => assert_eq!(Ok(value), expected, "{tree:?}"),
        (None, other) => panic!("{tree:?}: {other:?}"),
    }
}

#[test]
fn a_text_that_is_no_integer_fails_beside_one() {
    for operator in ["eq", "ne", "lt", "ge", "nulleq"] {
        check_number(&call(operator, [col("i"), lit("1a")]), Err(1292));
    }
    check_number(&call("eq", [col("i"), lit("1")]), Ok(1));
    check_number(&call("eq", [col("i"), lit("1.5")]), Ok(0));
    check_number(&call("eq", [col("i"), lit("")]), Ok(0));
    check_number(&col("i").in_list([lit(2), lit("x")]), Err(1292));
    check_number(&col("i").in_list([lit(1), lit("x")]), Ok(1));
}

#[test]
fn a_list_whose_constants_fail_is_refused() {
    let day = |text| lit(text).cast(CastTarget::Date);
    let of_dates = day("2020-01-01").in_list([day("a"), day("2020-01-01")]);
    check_number(&call("plus", [col("i"), of_dates]), Err(1292));
    let beyond = call("plus", [lit(i64::MAX), lit(1)]);
    check_number(&col("i").in_list([lit(1), beyond]), Err(1690));
}

#[test]
fn the_number_zero_is_the_zero_date() {
    check_number(&call("year", [call("minus", [col("i"), lit(1)])]), Ok(0));
    check_number(&call("month", [lit(0)]), Ok(0));
    check_number(&call("to_days", [call("minus", [col("i"), lit(1)])]), Err(1292));
}
