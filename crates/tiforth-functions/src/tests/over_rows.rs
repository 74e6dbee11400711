// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! What nested expressions give for one row.

use tiforth_data::{Column, Field};
use tiforth_expr::tree::{CastTarget, call, case, col, interval, lit, null};
use tiforth_expr::{Binder, Diagnostics, Evaluator, Expr, RunValues, kernel::Rows};
use tiforth_types::temporal::IntervalUnit;
use tiforth_types::{Collation, Datum, Decimal, Session, SqlType, Time, TypeKind};

use super::number;

/// Evaluates an expression over one row and compares its text and the texts of all warnings.
fn check(tree: &Expr, expected: &str, warnings: &[&str]) {
    let decimal =
        |length, decimals| SqlType { length, decimals, ..SqlType::new(TypeKind::Decimal) };
    let value = |text: &str| Datum::Decimal(Decimal::parse(text.as_bytes()).value);
    let date = |time: Option<Time>| Datum::Time(time.unwrap());
    let digits = Datum::Bytes(format!("1{}", "0".repeat(308)).into_bytes().into());
    let row = [
        ("d5_2", decimal(5, 2), value("1.50")),
        ("d38_10", decimal(38, 10), value("-9999999999999999999999999999.9999999999")),
        ("dt", SqlType::date(), date(Time::from_date(2020, 2, 29))),
        ("dt0", SqlType::date(), date(Some(Time::ZERO))),
        ("dm6", SqlType::datetime(6), date(Time::new((2019, 1, 2), (3, 4, 5, 600_000)))),
        ("dm0", SqlType::datetime(6), date(Some(Time::ZERO))),
        ("dmn", SqlType::datetime(6), Datum::Null),
        ("f0", SqlType::double(), Datum::Real(0.0)),
        ("digits", SqlType::varchar(400, Collation::UTF8MB4_BIN), digits),
        ("s", SqlType::varchar(64, Collation::UTF8MB4_BIN), Datum::Bytes(b"a"[..].into())),
        ("one", SqlType::bigint(20), Datum::Int(1)),
    ];
    let registry = crate::registry().unwrap();
    let session = Session::default();
    let field = |(name, ty, _): &(&str, SqlType, Datum)| Field {
        name: (*name).into(),
        sql_type: ty.clone(),
        nullable: true,
    };
    let schema: Vec<Field> = row.iter().map(field).collect();
    let columns: Vec<Column> =
        row.iter().map(|(_, _, value)| Column::constant(value.clone(), 1)).collect();
    let mut binder = Binder::new(&registry, &session, &schema);
    let typed = binder.bind(tree).unwrap();
    let mut warned: Vec<String> =
        binder.into_warnings().iter().map(|w| w.error.message().to_owned()).collect();
    let run = RunValues::default();
    let mut diagnostics = Diagnostics::new(64);
    let mut evaluator = Evaluator::new(&columns, &session, &run, &mut diagnostics);
    let out = evaluator.evaluate(&typed, Rows::all(1)).unwrap();
    let found = match evaluator.datum(&out, &typed, 0).unwrap() {
        Datum::Null => "NULL".to_owned(),
        Datum::Int(v) => v.to_string(),
        Datum::Decimal(v) => v.to_string(),
        Datum::Real(v) => v.to_string(),
        Datum::Bytes(v) => String::from_utf8_lossy(&v).into_owned(),
        other => format!("{other:?}"),
    };
    let (warnings_of_row, errors) = diagnostics.finish();
    warned.extend(warnings_of_row.iter().map(|(_, w)| w.error.message().to_owned()));
    assert!(errors.is_empty(), "{tree:?}: {errors:?}");
    assert_eq!(
        (found.as_str(), warned),
        (expected, warnings.iter().map(|w| (*w).to_owned()).collect()),
        "{tree:?}"
    );
}

fn text(of: Expr) -> Expr {
    call("concat", [of, lit("")])
}

#[test]
fn a_branch_has_the_digits_of_the_result() {
    let longer = "1.5000000000";
    let branches = |c: Expr| [c, col("d5_2"), col("d38_10")];
    check(&text(call("if", branches(col("one")))), longer, &[]);
    check(&text(call("if", branches(lit(1)))), longer, &[]);
    check(&text(call("ifnull", [col("d5_2"), col("d38_10")])), longer, &[]);
    let cases = case(None).when(col("one"), col("d5_2")).otherwise(col("d38_10"));
    check(&text(cases), longer, &[]);
    check(&text(call("coalesce", [col("d5_2"), col("d38_10")])), "1.50", &[]);
}

#[test]
fn an_element_of_the_collation_compared_in_is_not_cut_to_its_length() {
    let long = call("if", [col("one"), col("d38_10"), lit("2020-02-29")]);
    let warning = "Truncated incorrect DOUBLE value: 'a'";
    check(&col("s").in_list([long, col("one")]), "0", &[warning]);
}

#[test]
fn a_zero_date_keeps_its_digits_through_conversions() {
    let datetime = |fsp, of: Expr| of.cast(CastTarget::DateTime(fsp));
    let zero = |fraction: &str| format!("0000-00-00 00:00:00{fraction}");
    check(&text(datetime(6, col("dt0"))), &zero(""), &[]);
    check(&text(datetime(6, col("f0"))), &zero(""), &[]);
    let cut = "Data Too Long, field len 19, data len 26";
    check(&text(datetime(0, col("dm0"))), &zero(""), &[cut]);
    check(&text(call("ifnull", [col("dt0"), col("dm6")])), &zero(""), &[]);
    check(&text(call("ifnull", [col("dm0"), col("dt0")])), &zero(".000000"), &[]);
    check(&text(call("coalesce", [datetime(0, col("dm0")), col("dm6")])), &zero(".000000"), &[]);
    let incorrect = |fraction: &str| format!("Incorrect datetime value: '{}'", zero(fraction));
    check(&call("date", [number("0.001")]), "NULL", &[&incorrect("")]);
    check(&call("date", [datetime(0, col("dm0"))]), "NULL", &[&incorrect(".000000")]);
    let beyond = col("digits").cast(CastTarget::Decimal { precision: 20, scale: 4 });
    check(
        &call("date", [beyond]),
        "NULL",
        &["DECIMAL value is out of range in ''", &incorrect(".0000")],
    );
}

#[test]
fn dates_chosen_among_others_print_as_they_were() {
    check(&text(call("greatest", [col("dt"), col("dm6")])), "2020-02-29 00:00:00", &[]);
    check(&text(call("least", [col("dt"), col("dm6")])), "2019-01-02 03:04:05.600000", &[]);
    check(&text(call("coalesce", [col("dmn"), col("dt")])), "2020-02-29", &[]);
    check(
        &call("plus", [call("coalesce", [col("dmn"), col("dt")]), lit(0)]),
        "20200229.000000",
        &[],
    );
    check(
        &text(call("if", [col("one"), col("dt"), col("dm6")])),
        "2020-02-29 00:00:00.000000",
        &[],
    );
    let nested = call("ifnull", [call("coalesce", [col("dmn"), col("dt")]), col("dm6")]);
    check(&text(nested), "2020-02-29", &[]);
    check(&call("eq", [call("greatest", [col("dt"), col("dm6")]), col("dt")]), "1", &[]);
    check(&text(call("nullif", [col("dt"), null()])), "2020-02-29", &[]);
}

#[test]
fn a_constant_time_chosen_among_others_prints_as_it_was() {
    let time = |fsp, of: &str| lit(of).cast(CastTarget::Time(fsp));
    let (early, late) = (|| time(0, "10:00:00"), || time(3, "-11:00:00.25"));
    check(&text(call("greatest", [early(), late()])), "10:00:00", &[]);
    check(&text(call("least", [early(), late()])), "-11:00:00.250", &[]);
    let nested = call("greatest", [call("greatest", [early(), late()]), time(6, "-1")]);
    check(&text(nested), "10:00:00", &[]);
    let chosen = call("greatest", [early(), late()]);
    check(&call("eq", [chosen.clone(), early()]), "1", &[]);
    check(&call("plus", [chosen.clone(), lit(0)]), "100000.000", &[]);
    check(&text(call("least", [chosen, time(6, "12:00:00")])), "10:00:00", &[]);
}

#[test]
fn a_datetime_that_only_holds_dates_is_added_to_as_one() {
    // GREATEST of dates is a DATETIME as long as a DATE; its sum has a time of day.
    let greatest = call("greatest", [col("dt"), col("dt")]);
    let sum = call("addtime", [greatest, lit("10:00:00")]);
    check(&text(sum), "2020-02-29 10:00:00", &[]);
}

#[test]
fn a_length_beyond_64_bits_is_no_panic() {
    let nested = (0..40).fold(lit("x"), |format, _| call("date_format", [col("dt"), format]));
    check(&nested, "x", &[]);
}

#[test]
fn a_constant_brought_to_its_types_digits_stays_laid_out_in_its_integer_digits() {
    // In whole words its product would outgrow nine, and lose the last digits.
    let decimal =
        |value: &str, precision| number(value).cast(CastTarget::Decimal { precision, scale: 30 });
    let chosen = call("coalesce", [number("2.5"), decimal("1", 40)]);
    let other = decimal("12345.000000000000000000000000000001", 35);
    check(&call("mul", [chosen, other]), "30862.500000000000000000000000000003", &[]);
}

#[test]
fn a_constant_amount_has_the_digits_of_its_type() {
    let amount = call("greatest", [number("1.5"), number("1.00")]);
    let sum = |amount| {
        let start = lit("2020-01-01 00:00:00").cast(CastTarget::DateTime(0));
        text(call("date_add", [start, interval(amount, IntervalUnit::MinuteSecond)]))
    };
    check(&sum(amount), "2020-01-01 00:01:50", &[]);
    check(&sum(number("1.5")), "2020-01-01 00:01:05", &[]);
}

#[test]
fn nothing_is_heard_of_a_row_after_an_error_that_is_forgiven() {
    // The inner UNIX_TIMESTAMP stands behind what fails: its warning is never reached.
    let fails = call("period_diff", [col("one"), call("minus", [col("one"), lit(15)])]);
    for behind in [col("d38_10"), col("s")] {
        let behind = call("unix_timestamp", [behind]);
        let chosen = call("if", [fails.clone(), col("d5_2"), behind]);
        check(&call("unix_timestamp", [chosen]), "NULL", &[]);
    }
}
