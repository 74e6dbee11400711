// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

use tiforth_data::{Column, Field};
use tiforth_expr::kernel::{RowEvaluator, Rows, datum_at};
use tiforth_expr::tree::{CastTarget, Literal, call, cast, col};
use tiforth_expr::{Binder, Diagnostics, Evaluator, Expr, RowWalker, RunValues, TypedExpr};
use tiforth_types::{
    Collation, Datum, Session, SqlError, SqlMode, SqlType, StatementKind, TypeKind,
};

const SIGNED: CastTarget = CastTarget::Signed;
const UNSIGNED: CastTarget = CastTarget::Unsigned;
const DOUBLE: CastTarget = CastTarget::Double;

fn decimal(precision: u32, scale: u32) -> CastTarget {
    CastTarget::Decimal { precision, scale }
}

fn char(length: u32) -> CastTarget {
    CastTarget::Char { length: Some(length), charset: None }
}

fn text(value: &str) -> Expr {
    Expr::Literal(Literal::string(value))
}

fn number(value: &str) -> Expr {
    Expr::Literal(Literal::number(value).unwrap())
}

fn hex(digits: &str) -> Expr {
    Expr::Literal(Literal::hex(digits).unwrap())
}

/// Prints a value as a message would.
fn shown(expr: &TypedExpr) -> String {
    match expr.as_constant().unwrap() {
        Datum::Null => "NULL".to_owned(),
        Datum::Int(v) if expr.ty.unsigned => v.cast_unsigned().to_string(),
        Datum::Int(v) => v.to_string(),
        Datum::Real(v) => v.to_string(),
        Datum::Decimal(v) => v.to_string(),
        Datum::Bytes(v) => String::from_utf8_lossy(v).into_owned(),
        Datum::Time(v) => printed(|out| v.write_datetime(expr.ty.fsp(), out)),
        Datum::Duration(v) => printed(|out| v.write(expr.ty.fsp(), out)),
    }
}

fn printed(write: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut out = Vec::new();
    write(&mut out);
    String::from_utf8(out).unwrap()
}

/// Casts a literal and compares the value and the codes of the warnings.
fn check(literal: Expr, target: CastTarget, value: &str, codes: &[u16]) {
    let registry = crate::registry().unwrap();
    let session = Session::default();
    let mut binder = Binder::new(&registry, &session, &[]);
    let tree = cast(literal, target);
    let typed = binder.bind(&tree).unwrap();
    assert_eq!(shown(&typed), value, "{tree}");
    let found: Vec<u16> = binder.into_warnings().iter().map(|w| w.error.code()).collect();
    assert_eq!(found, codes, "{tree}");
}

#[test]
fn a_product_too_small_for_its_digits_is_not_whole() {
    let small = |value| cast(text(value), decimal(40, 20));
    let product = call("mul", vec![small("-1e-20"), small("1e-20")]);
    check(call("floor", vec![product.clone()]), char(9), "-1", &[]);
    check(call("ceil", vec![product]), char(9), "0", &[]);
}

#[test]
fn a_constant_has_the_digits_of_its_type() {
    let third = || call("div", vec![number("1"), number("3")]);
    let longer = call("coalesce", vec![number("1"), number("2.50")]);
    check(longer, char(9), "1.00", &[]);
    check(third(), DOUBLE, "0.333333333", &[]);
    check(call("plus", vec![third(), number("0.0")]), DOUBLE, "0.333333333", &[]);
    check(third(), char(9), "0.3333333", &[1406]);
}

#[test]
fn casts_to_integers() {
    check(text("1.9"), SIGNED, "1", &[1292]);
    check(text("abc"), SIGNED, "0", &[1292]);
    check(text("-1"), UNSIGNED, "18446744073709551615", &[8031]);
    check(text("18446744073709551615"), SIGNED, "-1", &[8030]);
    check(text("99999999999999999999"), SIGNED, "-1", &[1292]);
    check(number("2.5e0"), SIGNED, "2", &[]);
    check(number("2.5"), SIGNED, "3", &[]);
    check(number("1e20"), SIGNED, "9223372036854775807", &[1690]);
    check(number("99999999999999999999"), SIGNED, "9223372036854775807", &[1292]);
    check(hex("41"), SIGNED, "65", &[]);
    check(hex("010000000000000000"), UNSIGNED, "18446744073709551615", &[1292]);
}

#[test]
fn casts_to_decimals_and_doubles() {
    check(text("1.005"), decimal(5, 2), "1.01", &[1292]);
    check(text("12abc"), decimal(5, 2), "12.00", &[1292]);
    check(number("1000"), decimal(5, 2), "999.99", &[1690]);
    check(number("0.1e0"), decimal(5, 2), "0.10", &[]);
    check(text("1e400"), DOUBLE, &f64::MAX.to_string(), &[1292]);
    check(text("1.5x"), DOUBLE, "1.5", &[1292]);
    check(hex("41"), DOUBLE, "65", &[]);
}

#[test]
fn casts_to_texts() {
    check(number("12345"), char(3), "123", &[1406]);
    check(text("日本語"), char(2), "日本", &[1406]);
    check(text("ab  "), char(2), "ab", &[]);
    check(text("ab"), CastTarget::Binary(Some(4)), "ab\0\0", &[]);
    check(
        number("1e20"),
        CastTarget::Char { length: None, charset: None },
        "100000000000000000000",
        &[],
    );
    check(hex("ff"), CastTarget::Char { length: None, charset: None }, "NULL", &[3854]);
}

#[test]
fn casts_to_dates_and_times() {
    check(text("2020-02-30"), CastTarget::Date, "NULL", &[1292]);
    check(text("2020-02-29 12:34:56.789"), CastTarget::DateTime(1), "2020-02-29 12:34:56.8", &[]);
    check(text("0000-00-00"), CastTarget::DateTime(0), "NULL", &[1292]);
    check(text("0000-00-00"), CastTarget::Date, "NULL", &[1292]);
    check(text("0000-00-00 02:00:00"), CastTarget::Date, "0000-00-00 00:00:00", &[]);
    check(number("20200229"), CastTarget::DateTime(0), "2020-02-29 00:00:00", &[]);
    check(number("1234567"), CastTarget::Time(0), "NULL", &[1292]);
    check(text("839:00:00"), CastTarget::Time(0), "838:59:59", &[1292]);
    check(number("123456.5"), CastTarget::Time(1), "12:34:56.5", &[]);
}

/// Evaluates a cast of a column by columns and by rows, and compares the two.
fn check_column(column: &Column, ty: SqlType, target: CastTarget) {
    let registry = crate::registry().unwrap();
    let session = Session::default();
    let schema = [Field { name: "a".into(), sql_type: ty.clone(), nullable: true }];
    let mut binder = Binder::new(&registry, &session, &schema);
    let typed = binder.bind(&cast(col("a"), target)).unwrap();
    let run = RunValues::default();
    let evaluate = |columns: &[Column], len: usize| {
        let mut diagnostics = Diagnostics::new(64);
        let mut evaluator = Evaluator::new(columns, &session, &run, &mut diagnostics);
        let out = evaluator.evaluate(&typed, Rows::all(len)).unwrap();
        (0..len).map(|row| datum_at(&out, row).unwrap()).collect::<Vec<_>>()
    };
    let whole = evaluate(std::slice::from_ref(column), column.len());
    for (row, value) in whole.iter().enumerate() {
        let one = Column::constant(datum_at(column, row).unwrap(), 1);
        let alone = evaluate(&[one], 1);
        assert_eq!(format!("{value:?}"), format!("{:?}", alone[0]), "row {row} as {target}");
    }
}

#[test]
fn columns_and_rows_agree() {
    let ints = Column::ints(vec![0, 7, -8, 1_000_000, i64::MAX], None);
    let small = Column::ints(vec![0, 7, -8], None);
    for column in [&ints, &small] {
        check_column(column, SqlType::bigint(20), decimal(20, 0));
        check_column(column, SqlType::bigint(20), decimal(10, 2));
        check_column(column, SqlType::bigint_unsigned(20), decimal(25, 2));
        check_column(column, SqlType::bigint_unsigned(20), DOUBLE);
        check_column(column, SqlType::bigint(20), UNSIGNED);
    }
    for mantissas in [vec![0, 150, -255], vec![i128::from(i64::MAX), 1]] {
        let values = tiforth_data::DecimalColumn::from_mantissas(mantissas, 2, 2);
        let column = Column::decimals(values, None);
        check_column(&column, SqlType::decimal(20, 2), decimal(30, 4));
        check_column(&column, SqlType::decimal(20, 2), decimal(20, 2));
        check_column(&column, SqlType::decimal(20, 2), decimal(5, 1));
        check_column(&column, SqlType::decimal(20, 2), DOUBLE);
    }
    for scale in [0u8, 1, 2, 9, 18, 25] {
        let ones = 1_111_111_111_111_111_111_111_111i128;
        for mantissas in [vec![0, 149, 150, 9_949], vec![-150, 250, 51], vec![ones, 5], vec![-ones]]
        {
            let values = tiforth_data::DecimalColumn::from_mantissas(mantissas, scale, scale);
            let column = Column::decimals(values, None);
            let ty = SqlType::decimal(38, scale.into());
            check_column(&column, ty.clone(), CastTarget::Signed);
            check_column(&column, ty, UNSIGNED);
        }
    }
}

/// Assigns a literal to a column and gives what it then holds, with warnings, or the error.
fn assigned(literal: Expr, ty: SqlType, sql_mode: SqlMode) -> Result<(String, Vec<u16>), SqlError> {
    let registry = crate::registry().unwrap();
    let session = Session { sql_mode, statement: StatementKind::Insert, ..Session::default() };
    let mut binder = Binder::new(&registry, &session, &[]);
    let value = binder.bind(&literal).unwrap();
    let typed = binder.assign(value, &ty, "x").unwrap();
    let run = RunValues::default();
    let mut diagnostics = Diagnostics::new(64);
    let mut evaluator = Evaluator::new(&[], &session, &run, &mut diagnostics);
    let out = evaluator.evaluate(&typed, Rows::all(1)).unwrap();
    let held = TypedExpr::constant(datum_at(&out, 0).unwrap(), ty);
    let (warnings, errors) = diagnostics.finish();
    match errors.into_iter().next() {
        Some((_, error)) => Err(error),
        None => Ok((shown(&held), warnings.iter().map(|(_, w)| w.error.code()).collect())),
    }
}

#[test]
fn assigns_to_columns() {
    let text_column = |length| SqlType {
        kind: TypeKind::VarChar,
        ..SqlType::varchar(length, Collation::UTF8MB4_BIN)
    };
    for (literal, ty, message, value, code) in [
        (
            number("300"),
            SqlType::new(TypeKind::TinyInt),
            "Out of range value for column 'x' at row 1",
            "127",
            1264,
        ),
        (
            text("12abc"),
            SqlType::new(TypeKind::Int),
            "Incorrect int value: '12abc' for column 'x' at row 1",
            "12",
            1366,
        ),
        (
            number("1000"),
            SqlType::decimal(5, 2),
            "Out of range value for column 'x' at row 1",
            "999.99",
            1264,
        ),
        (
            number("999.995"),
            SqlType { length: 5, decimals: 2, ..SqlType::double() },
            "Out of range value for column 'x' at row 1",
            "999.99",
            1264,
        ),
        (
            text("-1000"),
            SqlType { length: 5, decimals: 2, ..SqlType::new(TypeKind::Float) },
            "Out of range value for column 'x' at row 1",
            "-999.989990234375",
            1264,
        ),
        (
            text("1e70"),
            SqlType { length: 60, decimals: 2, ..SqlType::new(TypeKind::Float) },
            "Out of range value for column 'x' at row 1",
            "340282346638528860000000000000000000000",
            1264,
        ),
        (text("abcd"), text_column(3), "Data too long for column 'x' at row 1", "abc", 1406),
        (
            text("2020-02-30"),
            SqlType::datetime(0),
            "Incorrect datetime value: '2020-02-30' for column 'x' at row 1",
            "0000-00-00 00:00:00",
            1292,
        ),
        (
            text("2020-01-01x"),
            SqlType::date(),
            "Incorrect date value: '2020-01-01x' for column 'x' at row 1",
            "0000-00-00 00:00:00",
            1292,
        ),
        (
            number("1234567"),
            SqlType::time(0),
            "Incorrect time value: '1234567' for column 'x' at row 1",
            "00:00:00",
            1292,
        ),
    ] {
        let refused = assigned(literal.clone(), ty.clone(), SqlMode::tidb_default());
        assert_eq!(refused.unwrap_err().message(), message);
        let lenient = assigned(literal.clone(), ty.clone(), SqlMode::NO_ZERO_DATE);
        assert_eq!(lenient.unwrap(), (value.to_owned(), vec![code]), "{message}");
        // What no reader takes is the zero date, which alone is not told of.
        let codes = if message.contains("2020-01-01x") { vec![] } else { vec![code] };
        let lenient = assigned(literal, ty, SqlMode::EMPTY);
        assert_eq!(lenient.unwrap(), (value.to_owned(), codes), "{message}");
    }
}

#[test]
fn white_space_beyond_a_text_column_is_no_loss() {
    let column = |kind| SqlType { kind, ..SqlType::varchar(3, Collation::UTF8MB4_BIN) };
    for (literal, kind, value, codes) in [
        ("abc  \t\r\n ", TypeKind::VarChar, "abc", vec![1265]),
        ("a     ", TypeKind::VarChar, "a  ", vec![1265]),
        ("a  ", TypeKind::VarChar, "a  ", vec![]),
        ("ab \t", TypeKind::Char, "ab", vec![]),
    ] {
        for mode in [SqlMode::tidb_default(), SqlMode::EMPTY] {
            let held = assigned(text(literal), column(kind), mode);
            assert_eq!(held.unwrap(), (value.to_owned(), codes.clone()), "{literal:?}");
        }
    }
    for kind in [TypeKind::VarChar, TypeKind::Char] {
        let refused = assigned(text("abc \x0b"), column(kind), SqlMode::tidb_default());
        assert_eq!(refused.unwrap_err().code(), 1406);
    }
    let blob = assigned(text("abc "), column(TypeKind::Blob), SqlMode::tidb_default());
    assert_eq!(blob.unwrap_err().code(), 1406);
}

#[test]
fn bytes_that_are_no_text_are_told_before_their_length() {
    let bytes = Expr::Literal(Literal::hex("61626364ff65").unwrap());
    let column = SqlType { kind: TypeKind::VarChar, ..SqlType::varchar(3, Collation::UTF8MB4_BIN) };
    let refused = assigned(bytes.clone(), column.clone(), SqlMode::tidb_default());
    let message = "Incorrect string value '\\xFF' for column 'x'";
    assert_eq!(refused.unwrap_err().message(), message);
    let held = assigned(bytes, column, SqlMode::EMPTY);
    assert_eq!(held.unwrap(), ("abcd".to_owned(), vec![1366]));
}

#[test]
fn assigns_what_fits() {
    let varchar = SqlType::varchar(30, Collation::UTF8MB4_BIN);
    let later = |target| {
        let (chosen, early, digits) = match target {
            CastTarget::Time(_) => ("12:00:00", "-1", CastTarget::Time(3)),
            _ => ("2020-02-29", "2019-01-02", CastTarget::DateTime(3)),
        };
        call("greatest", vec![cast(text(chosen), target), cast(text(early), digits)])
    };
    for (literal, ty, value) in [
        (text("1e2"), SqlType::bigint(20), "100"),
        (text("2.5"), SqlType::bigint(20), "3"),
        (number("123.456"), SqlType::decimal(6, 3), "123.456"),
        (number("123.456"), SqlType { length: 5, decimals: 2, ..SqlType::double() }, "123.46"),
        (number("123.456"), SqlType::double(), "123.456"),
        (text("20200229123456"), SqlType::datetime(0), "2020-02-29 12:34:56"),
        (number("70"), SqlType::new(TypeKind::Year), "1970"),
        (cast(text("-00:00:00.4"), CastTarget::Time(1)), SqlType::bigint_unsigned(20), "0"),
        (later(CastTarget::DateTime(0)), varchar.clone(), "2020-02-29 00:00:00"),
        (later(CastTarget::DateTime(0)), SqlType::datetime(3), "2020-02-29 00:00:00.000"),
        (later(CastTarget::Time(0)), varchar, "12:00:00.000"),
    ] {
        let held = assigned(literal, ty, SqlMode::tidb_default());
        assert_eq!(held.unwrap(), (value.to_owned(), Vec::new()));
    }
}

/// Computes the arc tangent of what `outer` makes of `a / b`, over columns and over each row by itself.
fn doubles_of_quotients(outer: &str, a: &[i64], b: &[i64]) -> [Vec<Option<f64>>; 2] {
    let registry = crate::registry().unwrap();
    let session = Session::default();
    let schema = ["a", "b"].map(|name| Field {
        name: name.into(),
        sql_type: SqlType::bigint(20),
        nullable: true,
    });
    let quotient = call("div", [col("a"), col("b")]);
    let tree = call("atan", [call(outer, [quotient])]);
    let typed = Binder::new(&registry, &session, &schema).bind(&tree).unwrap();
    let run = RunValues::default();
    let columns = [Column::ints(a.to_vec(), None), Column::ints(b.to_vec(), None)];
    let real = |value| match value {
        Datum::Real(value) => Some(value),
        _ => None,
    };
    let mut diagnostics = Diagnostics::new(64);
    let mut evaluator = Evaluator::new(&columns, &session, &run, &mut diagnostics);
    let out = evaluator.evaluate(&typed, Rows::all(a.len())).unwrap();
    let batch = (0..a.len()).map(|row| real(evaluator.datum(&out, &typed, row).unwrap())).collect();
    let by_rows = a.iter().zip(b).map(|(&a, &b)| {
        let row = [Datum::Int(a), Datum::Int(b)];
        let mut diagnostics = Diagnostics::new(64);
        real(RowWalker::new(&row, &session, &run, &mut diagnostics).evaluate(&typed).unwrap())
    });
    [batch, by_rows.collect()]
}

#[test]
fn quotients_become_the_doubles_of_their_own_layouts_in_columns_too() {
    // What rounds to zero on either side of it, halves, and quotients of other layouts among them.
    let a = [1, -1, 0, 1, -1, 3, 1_000_000_000_000, -7, 5, 1];
    let b = [32_767, 32_767, 5, 32, 32, -32, 32, -400_000_000, 0, 3];
    // A dividend of zero has the column computed row by row; great quotients widen the bound of its layout.
    for rows in [0..10, 0..1, 3..5, 3..8, 0..2] {
        let (a, b) = (&a[rows.clone()], &b[rows]);
        for outer in ["unaryminus", "coalesce"] {
            let [batch, by_rows] = doubles_of_quotients(outer, a, b);
            let bits = |values: &[Option<f64>]| -> Vec<_> {
                values.iter().map(|v| v.map(f64::to_bits)).collect()
            };
            assert_eq!(bits(&batch), bits(&by_rows), "{outer} {batch:?} {by_rows:?}");
        }
    }
    let [batch, _] = doubles_of_quotients("unaryminus", &a[..2], &b[..2]);
    assert_eq!(
        batch.iter().map(|v| v.map(f64::is_sign_negative)).collect::<Vec<_>>(),
        [Some(true), Some(false)]
    );
}
