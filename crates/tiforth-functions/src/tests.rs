// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

mod over_rows;

use tiforth_data::Field;
use tiforth_expr::tree::{Literal, call, case, col, lit, null};
use tiforth_expr::{Binder, Diagnostics, Evaluator, Expr, RunValues, kernel::Rows};
use tiforth_types::{Coercibility, Datum, Session, SqlType, TypeKind};

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
