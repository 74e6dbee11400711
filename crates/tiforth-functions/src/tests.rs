// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

mod folded;
mod over_rows;
mod writing;

use tiforth_data::Field;
use tiforth_expr::kernel::{RowEvaluator, Rows};
use tiforth_expr::tree::{CastTarget, IntervalUnit, Literal, call, case, col, interval, lit, null};
use tiforth_expr::{Binder, Diagnostics, Evaluator, Expr, RowWalker, RunValues};
use tiforth_types::{
    Coercibility, Collation, Datum, Session, SqlType, StatementKind, Time, TypeKind,
};

#[test]
fn adds() {
    let registry = super::registry().unwrap();
    let session = Session::default();
    let schema = [Field { name: "a".into(), sql_type: SqlType::bigint(20), nullable: true }];
    let mut binder = Binder::new(&registry, &session, &schema);
    let tree = call("plus", [col("a"), lit(1)]);
    let typed = binder.bind(&tree).unwrap();
    let columns = [tiforth_data::Column::ints(vec![1, i64::MAX], None)];
    let run = RunValues::default();
    let mut diagnostics = Diagnostics::new(64);
    let mut evaluator = Evaluator::new(&columns, &session, &run, &mut diagnostics);
    let out = evaluator.evaluate(&typed, Rows::all(2)).unwrap();
    let value = evaluator.datum(&out, &typed, 0).unwrap();
    assert!(matches!(value, Datum::Int(2)));
    let (_, errors) = diagnostics.finish();
    assert_eq!(errors[0].0, 1);
    assert_eq!(errors[0].1.message(), "BIGINT value is out of range in '(a + 1)'");
}

/// Binds an expression of constants and compares its type, value and the texts of its warnings.
fn check(tree: &Expr, ty: &str, value: &str, warnings: &[&str]) {
    let registry = super::registry().unwrap();
    let session = Session::default();
    let mut binder = Binder::new(&registry, &session, &[]);
    let typed = binder.bind(tree).unwrap();
    let found = match typed.as_constant().unwrap() {
        Datum::Null => "NULL".to_owned(),
        Datum::Int(v) => v.to_string(),
        Datum::Decimal(v) => v.to_string(),
        Datum::Bytes(v) => String::from_utf8_lossy(v).into_owned(),
        other => format!("{other:?}"),
    };
    let warned: Vec<String> =
        binder.into_warnings().iter().map(|w| w.error.message().to_owned()).collect();
    assert_eq!((found.as_str(), typed.ty.to_string().as_str()), (value, ty), "{tree:?}");
    assert_eq!(warned, warnings, "{tree:?}");
}

fn number(text: &str) -> Expr {
    Expr::Literal(Literal::number(text).unwrap())
}

#[test]
fn a_null_among_compared_values_has_no_type_of_its_own() {
    check(&null().in_list([lit(1), lit(2)]), "tinyint(1)", "NULL", &[]);
    check(&null().in_list([lit("a"), lit(1)]), "tinyint(1)", "NULL", &[]);
    let one = ["Truncated incorrect DOUBLE value: 'abc'"];
    check(&lit("abc").in_list([null(), lit(1)]), "bigint(1)", "NULL", &one);
    check(&lit(1).in_list([null(), lit(1)]), "bigint(1)", "1", &[]);
    check(&lit(1).in_list([null(), null()]), "bigint(1)", "NULL", &[]);
    check(&lit(1).between(null(), lit(0)), "bigint(1)", "0", &[]);
    check(&number("1.5").between(null(), lit(2)), "bigint(1)", "NULL", &[]);
}

#[test]
fn an_operand_is_compared_with_every_when_at_once() {
    let branches = case(Some(lit("abc"))).when(lit("abc"), lit(1)).when(lit(2), lit(3)).end();
    let warning = ["Truncated incorrect DOUBLE value: 'abc'"];
    check(&branches, "bigint(1)", "1", &warning);
}

#[test]
fn a_case_of_numbers_holds_to_its_collation_as_a_number() {
    let registry = super::registry().unwrap();
    let session = Session::default();
    let schema = [Field { name: "a".into(), sql_type: SqlType::bigint(20), nullable: true }];
    let mut binder = Binder::new(&registry, &session, &schema);
    let place = call("instr", [lit("ab"), lit("b")]);
    let of_numbers = case(None).when(col("a"), place).end();
    assert_eq!(binder.bind(&of_numbers).unwrap().coercibility, Coercibility::Numeric);
    let of_texts = case(None).when(col("a"), lit("ab")).end();
    assert_eq!(binder.bind(&of_texts).unwrap().coercibility, Coercibility::Coercible);
}

/// Describes a column `a` of texts that know no letter case.
fn ci_text_column() -> Field {
    let sql_type = SqlType::varchar(64, Collation::UTF8MB4_GENERAL_CI);
    Field { name: "a".into(), sql_type, nullable: true }
}

#[test]
fn ifnull_of_a_known_null_has_the_collation_of_the_second_value() {
    let registry = super::registry().unwrap();
    let session = Session::default();
    let schema = [ci_text_column()];
    let mut binder = Binder::new(&registry, &session, &schema);
    let nothing = || call("concat", [null()]);
    let mut collation = |tree: Expr| binder.bind(&tree).unwrap().ty.collation;
    assert_eq!(collation(nothing()), Collation::BINARY);
    let as_text = Collation::UTF8MB4_GENERAL_CI;
    assert_eq!(collation(call("ifnull", [nothing(), col("a")])), as_text);
    let nested = call("ifnull", [nothing(), call("ifnull", [nothing(), col("a")])]);
    assert_eq!(collation(nested), as_text);
    let of_literals = call("ifnull", [nothing(), lit("~")]);
    assert_eq!(collation(of_literals), Collation::UTF8MB4_BIN);
    assert_eq!(collation(call("coalesce", [nothing(), col("a")])), Collation::BINARY);
}

#[test]
fn bytes_padded_beyond_a_packet_fail_where_a_strict_statement_writes() {
    let registry = super::registry().unwrap();
    for (statement, is_error) in [(StatementKind::Select, false), (StatementKind::Insert, true)] {
        let session = Session { max_allowed_packet: 16, statement, ..Session::default() };
        let sql_type = SqlType::varchar(1, Collation::BINARY);
        let schema = [Field { name: "a".into(), sql_type, nullable: true }];
        let mut binder = Binder::new(&registry, &session, &schema);
        let typed = binder.bind(&col("a").cast(CastTarget::Binary(Some(17)))).unwrap();
        let columns = [tiforth_data::Column::constant(Datum::Bytes(b"x"[..].into()), 1)];
        let run = RunValues::default();
        let mut diagnostics = Diagnostics::new(64);
        let mut evaluator = Evaluator::new(&columns, &session, &run, &mut diagnostics);
        evaluator.evaluate(&typed, Rows::all(1)).unwrap();
        let (warnings, errors) = diagnostics.finish();
        assert_eq!((warnings.len(), errors.len()), (usize::from(!is_error), usize::from(is_error)));
    }
}

#[test]
fn what_looks_a_text_up_holds_to_its_collation_as_the_text() {
    let registry = super::registry().unwrap();
    let session = Session::default();
    let schema = [ci_text_column()];
    let mut binder = Binder::new(&registry, &session, &schema);
    let mut collation = |tree: Expr| {
        let typed = binder.bind(&call("concat", [tree, col("a")])).unwrap();
        (typed.ty.collation, typed.coercibility)
    };
    let as_bytes = (Collation::BINARY, Coercibility::Implicit);
    assert_eq!(collation(call("find_in_set", [lit("b"), col("a")])), as_bytes);
    assert_eq!(collation(col("a").in_list([lit("b"), lit("c")])), as_bytes);
    let as_text = (Collation::UTF8MB4_GENERAL_CI, Coercibility::Implicit);
    assert_eq!(collation(col("a").in_list([lit("b")])), as_text);
    assert_eq!(collation(col("a").in_list([lit("b"), lit(1)])), as_text);
    assert_eq!(collation(lit(1).in_list([lit(1), lit(2)])), as_text);
    assert_eq!(collation(call("strcmp", [lit("b"), col("a")])), as_text);
}

#[test]
fn decimal_literals_beyond_their_type_keep_what_the_buffer_holds() {
    let thirty_one = "0.1234567890123456789012345678901";
    check(&number(thirty_one), "decimal(34,30)", thirty_one, &[]);
    let nines = "9".repeat(65);
    let warning = format!("Truncated incorrect DECIMAL value: '{}'", "1".repeat(81));
    check(&number(&"1".repeat(82)), "decimal(65,0)", &nines, &[&warning]);
    let fraction = format!("0.{}", "3".repeat(80));
    check(&number(&fraction), "decimal(65,30)", &fraction[..74], &[]);
}

#[test]
fn a_known_decimal_without_room_for_its_types_digits_fails_every_row() {
    let registry = super::registry().unwrap();
    let session = Session::default();
    let columns = [tiforth_data::Column::ints(vec![1, 2], None)];
    let run = RunValues::default();
    let both = || [number(&"9".repeat(60)), number(&format!("0.{}", "1".repeat(30)))];
    for tree in [call("coalesce", both()), call("concat", [call("greatest", both())])] {
        let typed = Binder::new(&registry, &session, &[]).bind(&tree).unwrap();
        let mut reported = Diagnostics::new(64).keep_all_errors();
        let mut evaluator = Evaluator::new(&columns, &session, &run, &mut reported);
        evaluator.evaluate(&typed, Rows::all(2)).unwrap();
        let errors = reported.finish().1;
        let found: Vec<_> = errors.iter().map(|(row, e)| (*row, e.code())).collect();
        assert_eq!(found, [(0, 1265), (1, 1265)], "{tree:?}");
        let mut own = Diagnostics::new(64);
        let alone = RowWalker::new(&[], &session, &run, &mut own).evaluate(&typed);
        assert_eq!(alone.unwrap_err().code(), 1265, "{tree:?}");
    }
}

#[test]
fn a_failing_constant_is_not_read_behind_a_null() {
    let registry = super::registry().unwrap();
    let session = Session::default();
    let schema = [Field { name: "a".into(), sql_type: SqlType::decimal(9, 2), nullable: true }];
    let failing =
        call("coalesce", [number(&"9".repeat(60)), number(&format!("0.{}", "1".repeat(30)))]);
    let mut binder = Binder::new(&registry, &session, &schema);
    let typed = binder.bind(&call("plus", [col("a"), failing.clone()])).unwrap();
    let values = tiforth_data::DecimalColumn::lane64(vec![1, 2], 2, 2);
    let nulls = arrow_buffer::NullBuffer::from(vec![false, true]);
    let columns = [tiforth_data::Column::decimals(values, Some(nulls))];
    let run = RunValues::default();
    let mut reported = Diagnostics::new(64).keep_all_errors();
    let mut evaluator = Evaluator::new(&columns, &session, &run, &mut reported);
    evaluator.evaluate(&typed, Rows::all(2)).unwrap();
    let errors = reported.finish().1;
    assert_eq!(errors.iter().map(|(row, e)| (*row, e.code())).collect::<Vec<_>>(), [(1, 1265)]);
    let listed = number("2.5").in_list([lit(1), failing]);
    assert!(binder.bind(&listed).unwrap_err().to_string().starts_with("ERROR 1265"));
}

#[test]
fn an_aggregate_is_no_scalar() {
    let registry = super::registry().unwrap();
    let session = Session::default();
    let mut binder = Binder::new(&registry, &session, &[]);
    let mut error = |name: &str| binder.bind(&call(name, [lit(1)])).unwrap_err().to_string();
    assert_eq!(error("sum"), "ERROR 1111 (HY000): Invalid use of group function");
    assert!(error("summ").starts_with("ERROR 1305"));
}

#[test]
fn an_untyped_column_has_no_say_in_a_collation() {
    let registry = super::registry().unwrap();
    let session = Session::default();
    let nothing = Field { name: "e".into(), sql_type: SqlType::null(), nullable: true };
    let schema = [ci_text_column(), nothing];
    let mut binder = Binder::new(&registry, &session, &schema);
    for tree in
        [call("coalesce", [col("a"), col("a"), col("e")]), call("concat", [col("a"), col("e")])]
    {
        let found = binder.bind(&tree).unwrap().ty.collation;
        assert_eq!(found, Collation::UTF8MB4_GENERAL_CI, "{tree:?}");
    }
}

#[test]
fn digits_a_whole_quotient_has_no_room_for_are_warned_of() {
    let quotient = call("intdiv", [number("1e-40"), number("1e-41")]);
    let warning = format!("Truncated incorrect DECIMAL value: '10.{}'", "0".repeat(30));
    check(&quotient, "bigint", "10", &[&warning]);
}

#[test]
fn a_long_text_is_a_blob_whatever_returns_it() {
    let typed = |tree: Expr| {
        let registry = super::registry().unwrap();
        let session = Session::default();
        let schema = [Field { name: "a".into(), sql_type: SqlType::bigint(20), nullable: true }];
        let mut binder = Binder::new(&registry, &session, &schema);
        binder.bind(&tree).unwrap().ty.kind
    };
    let long = || call("lpad", [col("a"), col("a"), lit("x")]);
    let medium =
        || call("hex", [call("hex", [call("hex", [call("hex", [lit("x".repeat(64).as_str())])])])]);
    for name in ["greatest", "least", "concat", "coalesce"] {
        assert_eq!(typed(call(name, [long(), col("a")])), TypeKind::LongBlob, "{name}");
        assert_eq!(typed(call(name, [medium(), col("a")])), TypeKind::MediumBlob, "{name}");
    }
    assert_eq!(typed(call("date_format", [col("a"), medium()])), TypeKind::MediumBlob);
}

#[test]
fn numbers_that_may_be_null_are_searched_one_by_one_where_all_are_known() {
    check(&call("interval", [lit(3), lit(5), null(), lit(1)]), "bigint", "0", &[]);
    check(&call("interval", [lit(0), lit(1), null()]), "bigint", "0", &[]);
    check(&call("interval", [lit(3), lit(5), lit(2), lit(1)]), "bigint", "3", &[]);
}

/// Evaluates an expression of the DATE column `a`.
fn of_dates(tree: &Expr, dates: &[(u16, u8, u8)]) -> (Vec<String>, Vec<String>) {
    let registry = super::registry().unwrap();
    let session = Session::default();
    let schema = [Field { name: "a".into(), sql_type: SqlType::date(), nullable: true }];
    let mut binder = Binder::new(&registry, &session, &schema);
    let typed = binder.bind(tree).unwrap();
    let times: Vec<_> =
        dates.iter().map(|&(y, m, d)| Time::from_date(y, m, d).unwrap().0).collect();
    let columns = [tiforth_data::Column::times(times, None)];
    let run = RunValues::default();
    let mut diagnostics = Diagnostics::new(64);
    let mut evaluator = Evaluator::new(&columns, &session, &run, &mut diagnostics);
    let out = evaluator.evaluate(&typed, Rows::all(dates.len())).unwrap();
    let values = (0..dates.len())
        .map(|row| format!("{:?}", evaluator.datum(&out, &typed, row).unwrap()))
        .collect();
    let (warnings, _) = diagnostics.finish();
    (values, warnings.iter().map(|(_, w)| w.error.message().to_owned()).collect())
}

#[test]
fn a_day_name_taken_as_a_number_is_the_weekday() {
    let dates = [(2020, 1, 1), (2020, 1, 5), (2020, 0, 1)];
    let name = || call("dayname", [col("a")]);
    let zero = ["Incorrect datetime value: '2020-00-01'".to_owned()];
    let check = |tree: Expr, expected: [&str; 3]| {
        let (values, warnings) = of_dates(&tree, &dates);
        assert_eq!((values, warnings.as_slice()), (expected.map(str::to_owned).into(), &zero[..]));
    };
    check(call("plus", [name(), lit(1)]), ["Real(3.0)", "Real(7.0)", "Null"]);
    check(call("bitor", [name(), lit(0)]), ["Int(2)", "Int(6)", "Null"]);
    check(call("eq", [name(), lit(6)]), ["Int(0)", "Int(1)", "Null"]);
    check(call("and", [name(), lit(1)]), ["Int(1)", "Int(1)", "Null"]);
    check(call("length", [name()]), ["Int(9)", "Int(6)", "Null"]);
    // The name of a known date is not folded: it is a number as well.
    let known = call("plus", [call("dayname", [lit("1962-03-01")]), lit(0)]);
    assert_eq!(of_dates(&known, &[(2020, 1, 1)]), (vec!["Real(3.0)".to_owned()], Vec::new()));
}

#[test]
fn aggregates_of_doubles_show_their_decimals() {
    let check = |name: &str, tree: Expr, ty: &str, decimals: i32| {
        let registry = super::registry().unwrap();
        let session = Session::default();
        let field = |name: &str, sql_type| Field { name: name.into(), sql_type, nullable: true };
        let schema = [
            field("d", SqlType::double()),
            field("f", SqlType { length: 12, ..SqlType::new(TypeKind::Float) }),
            field("b", SqlType { length: 8, unsigned: true, ..SqlType::new(TypeKind::Bit) }),
        ];
        let mut binder = Binder::new(&registry, &session, &schema);
        let arg = binder.bind(&tree).unwrap();
        let bound = binder.aggregate(name, vec![arg]).unwrap();
        let found = (bound.ty.kind, bound.ty.length, bound.ty.decimals);
        assert_eq!((format!("{:?}", found.0).as_str(), found.1, found.2), (ty, 23, decimals));
    };
    for name in ["sum", "avg"] {
        check(name, call("greatest", [col("d"), col("d")]), "Double", 0);
        check(name, col("d"), "Double", -1);
        check(name, col("b"), "Double", -1);
        check(name, lit("a"), "Double", -1);
    }
    let computed = case(None).when(col("d"), col("f")).end();
    check("max", computed, "Double", -1);
}

#[test]
fn numbers_and_times_are_collated_as_binary() {
    let registry = super::registry().unwrap();
    let session = Session::default();
    let schema = [SqlType::bigint(20), SqlType::date()].map(|ty| Field {
        name: "a".into(),
        sql_type: ty,
        nullable: true,
    });
    for field in &schema {
        let mut binder = Binder::new(&registry, &session, std::slice::from_ref(field));
        let typed = binder.bind(&call("concat", [col("a").collate("binary")])).unwrap();
        assert_eq!(
            (typed.ty.collation, typed.coercibility),
            (Collation::BINARY, Coercibility::Explicit)
        );
        let error = binder.bind(&col("a").collate("utf8mb4_bin")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "ERROR 1253 (HY000): COLLATION 'utf8mb4_bin' is not valid for CHARACTER SET 'binary'"
        );
    }
}

#[test]
fn a_number_with_an_exponent_gives_a_date_its_fraction_rounded_to_microseconds() {
    let sum = |text: &str| call("date_add", [number(text), interval(0, IntervalUnit::Day)]);
    let check = |text: &str, value: &str, warnings: &[&str]| {
        check(&sum(text), "var_string(29) collate utf8mb4_bin decimals 0", value, warnings);
    };
    check("20000102030405.015625e0", "2000-01-02 03:04:05.015625", &[]);
    check("20000102030405.0078125e0", "2000-01-02 03:04:05.007813", &[]);
    check("121212131313.99998e0", "2012-12-12 13:13:13.999985", &[]);
    check("20000102.9e0", "2000-01-02", &[]);
    // A whole second is no fraction: it is carried, and warned of.
    let carried = ["Incorrect time value: '{2000 1 1 23 59 59 1000000}'"];
    check("101235959.9999997e0", "2000-01-02 00:00:00", &carried);
}

#[test]
fn the_moment_a_run_starts_is_never_null() {
    let registry = super::registry().unwrap();
    let session = Session::default();
    let mut binder = Binder::new(&registry, &session, &[]);
    let names = ["now", "sysdate", "curdate", "curtime", "utc_timestamp", "utc_date", "utc_time"];
    for name in names.into_iter().chain(["unix_timestamp"]) {
        assert!(!binder.bind(&call(name, [])).unwrap().nullable, "{name}");
    }
}
