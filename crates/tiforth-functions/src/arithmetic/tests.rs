// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Decimal128Type;
use arrow_array::{Array, Decimal128Array, Decimal256Array, DictionaryArray, Int8Array};
use arrow_buffer::i256;
use tiforth_data::{Column, ColumnData, DecimalColumn, DecodeContext, Field};
use tiforth_expr::kernel::{RowEvaluator, Rows};
use tiforth_expr::tree::{CastTarget, Literal, call, case, cast, col, lit, null};
use tiforth_expr::{Binder, Diagnostics, Evaluator, Expr, RowWalker, RunValues};
use tiforth_types::{Datum, Decimal, Session, SqlType};

use crate::agreement::check_against_rows;

mod integers_and_doubles;

/// Draws numbers, the same ones in each run.
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(0x1405_7B7E_F767_814F);
        self.0 >> 11
    }

    /// Draws a mantissa of at most `digits` digits, often close to the most there is.
    fn mantissa(&mut self, digits: u32) -> i128 {
        let bound = 10i128.pow(digits);
        let value = match self.next() % 4 {
            0 => bound - 1 - i128::from(self.next() % 3),
            1 => i128::from(self.next() % 3),
            _ => (i128::from(self.next()) << 53 | i128::from(self.next())) % bound,
        };
        if self.next().is_multiple_of(2) { -value } else { value }
    }
}

fn column(draw: &mut Draw, digits: u32, scale: u8, has_nulls: bool) -> Column {
    let rows = 0..67;
    let values: Vec<Option<i128>> = rows
        .map(|_| (!has_nulls || !draw.next().is_multiple_of(7)).then(|| draw.mantissa(digits)))
        .collect();
    let array = Decimal128Array::from(values);
    Column::host(Arc::new(array.with_precision_and_scale(38, scale as i8).unwrap()))
}

#[test]
fn decimal_columns_agree_with_rows() {
    let mut draw = Draw(1);
    let shapes: [(u32, u8); 9] =
        [(1, 0), (4, 2), (9, 9), (15, 2), (18, 0), (18, 6), (20, 4), (28, 10), (38, 2)];
    for (digits_a, scale_a) in shapes {
        for (digits_b, scale_b) in shapes {
            let types =
                [&SqlType::decimal(38, scale_a.into()), &SqlType::decimal(38, scale_b.into())];
            let has_nulls = digits_a.is_multiple_of(2);
            let a = column(&mut draw, digits_a, scale_a, has_nulls);
            let b = column(&mut draw, digits_b, scale_b, !has_nulls);
            let one = Decimal::from_i128_scaled(draw.mantissa(digits_b), scale_b);
            let one = Column::constant(Datum::Decimal(one), a.len());
            for function in ["plus", "minus", "mul", "div"] {
                check_against_rows(function, &a, &b, types);
                check_against_rows(function, &a, &one, types);
                check_against_rows(function, &one, &a, [types[1], types[0]]);
            }
        }
    }
}

#[test]
fn sums_next_to_powers_of_two_agree_with_rows() {
    let edges = |bits: u32| [1 << bits, (1 << bits) - 1, 1, 0, -1, 1 - (1 << bits), -(1 << bits)];
    let ty = SqlType::decimal(38, 2);
    let host = |values: Vec<i128>| {
        let array = Decimal128Array::from(values).with_precision_and_scale(38, 2);
        Column::host(Arc::new(array.unwrap()))
    };
    let sizes = [3, 62, 63, 64, 65, 122, 123, 124, 125, 126];
    for size_a in sizes {
        for size_b in sizes {
            for signs in [1..2, -1..0, -1..2] {
                let of_sign = |v: &i128| *v == 0 || signs.contains(&v.signum());
                let of_size = |size| edges(size).into_iter().filter(of_sign);
                let pairs = of_size(size_a).flat_map(|a| of_size(size_b).map(move |b| (a, b)));
                let (a, b): (Vec<_>, Vec<_>) = pairs.unzip();
                let (a, b) = (host(a), host(b));
                for function in ["plus", "minus"] {
                    check_against_rows(function, &a, &b, [&ty, &ty]);
                }
            }
        }
    }
}

/// Holds an expression over columns against the same evaluated row by row.
fn check_tree(tree: &Expr, columns: &[Column], types: &[SqlType]) {
    check_rows(tree, columns, types, Rows::all(columns[0].len()));
}

/// Holds an expression over the rows of columns that count against the same evaluated row by row.
fn check_rows(tree: &Expr, columns: &[Column], types: &[SqlType], rows: Rows<'_>) {
    let registry = crate::registry().unwrap();
    let session = Session::default();
    let field = |(sql_type, name): (&SqlType, &str)| Field {
        name: name.into(),
        sql_type: sql_type.clone(),
        nullable: true,
    };
    let schema: Vec<Field> = types.iter().zip(["a", "b", "c"]).map(field).collect();
    let typed = Binder::new(&registry, &session, &schema).bind(tree).unwrap();
    let (run, how) = (RunValues::default(), DecodeContext::new(session.time_zone));
    let mut reported = Diagnostics::new(64).keep_all_errors();
    let mut evaluator = Evaluator::new(columns, &session, &run, &mut reported);
    let whole = evaluator.evaluate_decoded(&typed, rows).unwrap();
    let (_, errors) = reported.finish();
    rows.for_each(|row| {
        let values = columns.iter().zip(types).map(|(c, ty)| c.datum(row, ty, &how).unwrap());
        let values: Vec<Datum> = values.collect();
        let mut own = Diagnostics::new(64);
        let alone = RowWalker::new(&values, &session, &run, &mut own).evaluate(&typed);
        match errors.iter().find(|(r, _)| *r == row as u32) {
            Some((_, error)) => assert_eq!(Some(error), alone.as_ref().err(), "{tree:?}"),
            None => assert_eq!(
                format!("{:?}", whole.value(row)),
                format!("{:?}", alone.unwrap()),
                "{tree:?} of {values:?}"
            ),
        }
    });
}

#[test]
fn factors_lose_the_same_digits_in_columns_as_in_rows() {
    let mut draw = Draw(3);
    let shapes = [(38, 10), (38, 0), (37, 4), (19, 2), (30, 30)];
    for (p, s) in shapes {
        for (q, t) in shapes {
            let scales = [(p, s), (q, t), (38, 10)];
            let columns =
                scales.map(|(digits, scale)| column(&mut draw, digits, scale, scale == 10));
            let types = scales.map(|(digits, scale)| SqlType::decimal(digits as i32, scale.into()));
            let factors = [
                call("ifnull", [col("c"), col("a")]),
                call("minus", [col("a"), call("minus", [col("a"), col("b")])]),
                call("plus", [col("a"), col("b")]),
                call("div", [col("c"), col("b")]),
                call("greatest", [col("a"), col("b"), col("c")]),
                call("round", [col("a"), lit(3)]),
                call("unaryminus", [col("a")]),
                call("abs", [col("a")]),
                call("truncate", [col("b"), lit(2)]),
                call("if", [col("c"), col("a"), col("b")]),
                call(
                    "plus",
                    [call("mul", [col("a"), col("b")]), call("minus", [col("a"), col("a")])],
                ),
            ];
            for factor in &factors {
                for other in &factors {
                    let product = call("mul", [factor.clone(), other.clone()]);
                    check_tree(&product, &columns, &types);
                    check_tree(&call("mul", [col("c"), product]), &columns, &types);
                }
            }
        }
    }
}

/// Reads numbers into a column of a decimal type of 38 digits at most.
fn decimals(texts: &[&str], digits: i32, scale: u8) -> (Column, SqlType) {
    let value = |text: &&str| Decimal::parse(text.as_bytes()).value.to_i128_scaled(scale);
    let array = Decimal128Array::from(texts.iter().map(value).collect::<Vec<_>>());
    let array = array.with_precision_and_scale(38, scale as i8).unwrap();
    (Column::host(Arc::new(array)), SqlType::decimal(digits, scale.into()))
}

fn to(precision: u32, scale: u32) -> CastTarget {
    CastTarget::Decimal { precision, scale }
}

fn number(text: &str) -> Expr {
    Expr::Literal(Literal::number(text).unwrap())
}

#[test]
fn what_computed_decimals_lose_hangs_on_their_words_in_columns_as_in_rows() {
    let nines = "0.999999999999999999999999999999";
    let check = |tree: Expr, columns: [(Column, SqlType); 3]| {
        let (columns, types): (Vec<_>, Vec<_>) = columns.into_iter().unzip();
        check_tree(&tree, &columns, &types);
    };
    let ints = |values: &[i64]| (Column::ints(values.to_vec(), None), SqlType::bigint(20));
    // A quotient of nine fraction words has no room for the integer word of a zero.
    let long = || call("div", [call("div", [col("a"), col("a")]), col("b")]);
    let columns = || [decimals(&[nines], 30, 30), ints(&[122]), ints(&[0])];
    check(call("plus", [long(), col("c")]), columns());
    let zero = cast(cast(col("c"), CastTarget::Double), to(35, 26));
    check(call("minus", [long(), zero]), columns());
    // A product behind the digits that are kept is a zero that has a sign, negated or not.
    let less = call("minus", [col("b"), col("a")]);
    let rest = call("unaryminus", [call("mod", [col("b"), col("a")])]);
    let columns = [decimals(&[&format!("-{nines}")], 30, 30), ints(&[-1]), ints(&[0])];
    check(call("mul", [less, rest]), columns);
    // A factor that is a small sum has the integer word of its summand.
    let sum = call("plus", [number("0.000000000000000000000000000001"), col("c")]);
    let one = cast(col("b"), to(41, 28));
    let columns = [decimals(&[nines], 30, 30), ints(&[1]), ints(&[0])];
    check(call("mul", [one, call("unaryminus", [sum])]), columns);
}

#[test]
fn any_computed_decimals_agree_with_rows() {
    let mut draw = Draw(4);
    let functions: [(&str, usize); 14] = [
        ("plus", 2),
        ("minus", 2),
        ("mul", 2),
        ("mul", 2),
        ("div", 2),
        ("mod", 2),
        ("intdiv", 2),
        ("unaryminus", 1),
        ("abs", 1),
        ("round", 1),
        ("truncate", 2),
        ("ifnull", 2),
        ("greatest", 2),
        ("if", 3),
    ];
    fn tree(draw: &mut Draw, functions: &[(&str, usize)], depth: u32) -> Expr {
        if depth == 0 || draw.next().is_multiple_of(6) {
            return match draw.next() % 9 {
                0 => number("0.000000000000000000000000000001"),
                1 => number("12345678901234567890.5"),
                2 => lit(draw.next() as i64 % 3),
                any => col(["a", "b", "c"][any as usize % 3]),
            };
        }
        if draw.next().is_multiple_of(9) {
            let target = [(65, 30), (41, 28), (20, 0), (10, 10)][draw.next() as usize % 4];
            return cast(tree(draw, functions, depth - 1), to(target.0, target.1));
        }
        let (name, count) = functions[draw.next() as usize % functions.len()];
        let args = (0..count).map(|_| tree(draw, functions, depth - 1));
        call(name, args.collect::<Vec<_>>())
    }
    let texts = [
        &["0.999999999999999999999999999999", "-0.000000000000000000000000000001", "0", "-0.5"][..],
        &["99999999999999999999999999999999999999", "-1000000000", "0", "1", "999999999"],
        &["999999999.9", "-0.1", "0", "1000000000", "123456789012345678.9"],
    ];
    for round in 0..1_500 {
        let columns = [(30, 30), (38, 0), (38, 10)].iter().zip(texts).map(|(&(p, s), texts)| {
            let picked: Vec<&str> =
                (0..7).map(|_| texts[draw.next() as usize % texts.len()]).collect();
            decimals(&picked, p, s)
        });
        let (columns, types): (Vec<_>, Vec<_>) = columns.collect::<Vec<_>>().into_iter().unzip();
        let tree = tree(&mut draw, &functions, 2 + round % 3);
        check_tree(&tree, &columns, &types);
    }
}

/// Returns trees that choose among the columns `a`, `b` and `c`, change their signs or round them.
fn choices() -> Vec<Expr> {
    let (a, b, c) = (|| col("a"), || col("b"), || col("c"));
    vec![
        call("abs", [a()]),
        call("unaryminus", [a()]),
        call("unaryminus", [call("abs", [call("unaryminus", [b()])])]),
        call("round", [a()]),
        call("round", [b(), lit(1)]),
        call("round", [a(), lit(5)]),
        call("truncate", [a(), lit(1)]),
        call("ceil", [a()]),
        call("floor", [call("round", [b(), lit(1)])]),
        call("greatest", [a(), b(), c()]),
        call("least", [b(), number("1.50"), a()]),
        call("greatest", [number("1.50"), number("2.50"), c()]),
        call("greatest", [a(), call("plus", [a(), null()])]),
        call("if", [c(), a(), b()]),
        call("if", [c(), number("1.50"), b()]),
        call("ifnull", [a(), b()]),
        call("coalesce", [a(), b(), number("2.50")]),
        case(None).when(call("lt", [a(), lit(0)]), b()).end(),
        case(None).when(c(), null()).when(a(), b()).otherwise(lit(3)),
        case(None).when(c(), null()).when(a(), b()).otherwise(null()),
    ]
}

#[test]
fn decimals_chosen_among_columns_agree_with_rows() {
    let mut draw = Draw(5);
    let digits = [[9, 9, 9], [19, 19, 19], [20, 9, 38], [38, 38, 38], [3, 19, 38]];
    for digits in digits {
        for scales in [[2, 2, 2], [2, 2, 0], [2, 1, 4]] {
            let mut columns = Vec::new();
            for (digits, scale) in digits.into_iter().zip(scales) {
                columns.push(column(&mut draw, digits, scale, !scale.is_multiple_of(4)));
            }
            let types = scales.map(|scale| SqlType::decimal(38, scale.into()));
            for tree in &choices() {
                check_tree(tree, &columns, &types);
            }
        }
    }
}

/// Lays a host's decimals out in another way.
fn laid_out(column: &Column, form: usize) -> Column {
    let ColumnData::Host(host) = column.data() else { panic!("{column:?}") };
    let array = host.array.as_primitive::<Decimal128Type>();
    let (precision, scale) = (array.precision(), array.scale());
    match form {
        0 => Column::host(host.array.clone()),
        1 => {
            let wide: Decimal256Array = array.iter().map(|v| v.map(i256::from_i128)).collect();
            Column::host(Arc::new(wide.with_precision_and_scale(precision, scale).unwrap()))
        }
        2 => {
            let keys: Int8Array = (0..array.len() as i8).rev().map(Some).collect();
            Column::host(Arc::new(DictionaryArray::new(keys, host.array.clone())))
        }
        _ => {
            let value = array.is_valid(form).then(|| array.value(form));
            let value = value.map(|v| Decimal::from_i128_scaled(v, scale as u8));
            Column::constant(value.map_or(Datum::Null, Datum::Decimal), array.len())
        }
    }
}

#[test]
fn decimals_of_any_layout_are_chosen_as_in_rows() {
    let mut draw = Draw(6);
    let types = [2, 2, 2].map(|scale| SqlType::decimal(38, scale));
    for digits in [9, 20, 38] {
        let drawn = [(); 3].map(|()| column(&mut draw, digits, 2, true));
        for forms in 0..5usize.pow(3) {
            let forms = [forms % 5, forms / 5 % 5, forms / 25];
            let columns: Vec<Column> =
                drawn.iter().zip(forms).map(|(c, form)| laid_out(c, form)).collect();
            let sliced: Vec<Column> = columns.iter().map(|c| c.slice(5, 40)).collect();
            let tree = &choices()[draw.next() as usize % choices().len()];
            check_tree(tree, &columns, &types);
            check_tree(tree, &sliced, &types);
            for selection in [&[3u32, 4, 30][..], &[], &[39]] {
                check_rows(tree, &sliced, &types, Rows::selected(40, selection));
            }
        }
    }
}

#[test]
fn zeros_with_signs_are_chosen_as_in_rows() {
    // The only digit of the product is behind its scale.
    let tiny = Decimal::from_i128_scaled(1, 30);
    let zero = tiny.mul(&tiny.negate()).value;
    assert!(format!("{zero:?}").contains("-0.0") && zero.plain_mantissa().is_none(), "{zero:?}");
    let plain = |mantissa| {
        Decimal::from_i128_scaled(mantissa, zero.scale()).with_printed_scale(zero.printed_scale())
    };
    let values =
        |values: &[Decimal]| Column::decimals(DecimalColumn::from_decimals(values.to_vec()), None);
    let columns = [
        values(&[zero, zero, plain(1), plain(-1)]),
        values(&[plain(0), plain(1), plain(0), plain(-1)]),
        Column::constant(Datum::Decimal(zero), 4),
    ];
    let types = [30, 30, 30].map(|scale| SqlType::decimal(35, scale));
    for order in [[0, 1, 2], [1, 0, 2], [2, 1, 0], [1, 2, 0], [1, 2, 1]] {
        let columns = order.map(|place| columns[place].clone());
        for tree in &choices() {
            check_tree(tree, &columns, &types);
        }
    }
}

#[test]
fn quotients_agree_with_rows() {
    let mut draw = Draw(2);
    let not_zero = |v: i128| if v == 0 { 7 } else { v };
    for digits_a in [1, 5, 9, 15, 18] {
        for digits_b in [1, 2, 8, 9, 10, 15, 18] {
            for (scale_a, scale_b) in [(0, 0), (2, 2), (2, 0), (0, 6), (6, 2), (9, 9)] {
                let rows = 300i128;
                let b = (0..rows).map(|_| not_zero(draw.mantissa(digits_b))).collect::<Vec<_>>();
                let bound = 10i128.pow(digits_a);
                // Dividends of all kinds, and those next to multiples of the divisor.
                let dividend = |(row, &b): (i128, &i128)| {
                    let any = draw.mantissa(digits_a);
                    let near = any / b * b + row % 5 - 2;
                    not_zero(if row % 3 > 0 && near.abs() < bound { near } else { any })
                };
                let a = (0..rows).zip(&b).map(dividend).collect::<Vec<_>>();
                let host = |values: Vec<i128>, scale| {
                    let array = Decimal128Array::from(values).with_precision_and_scale(38, scale);
                    Column::host(Arc::new(array.unwrap()))
                };
                let types = [SqlType::decimal(38, scale_a), SqlType::decimal(38, scale_b)];
                let (a, b) = (host(a, scale_a as i8), host(b, scale_b as i8));
                check_against_rows("div", &a, &b, [&types[0], &types[1]]);
                let one = Decimal::from_i128_scaled(not_zero(draw.mantissa(digits_b)), 3);
                let one = Column::constant(Datum::Decimal(one), a.len());
                check_against_rows("div", &a, &one, [&types[0], &SqlType::decimal(38, 3)]);
                check_against_rows("div", &one, &b, [&SqlType::decimal(38, 3), &types[1]]);
            }
        }
    }
}

#[test]
fn a_quotient_shows_as_many_digits_as_its_type_was_widened_to() {
    let registry = crate::registry().unwrap();
    let session = Session::default();
    let schema = [Field { name: "a".into(), sql_type: SqlType::bigint(20), nullable: true }];
    let mut binder = Binder::new(&registry, &session, &schema);
    let divisor = Expr::Literal(Literal::number("123456.789012").unwrap());
    let typed = binder.bind(&call("div", [col("a"), divisor])).unwrap();
    let columns = [Column::ints(vec![1], None)];
    let run = RunValues::default();
    let quotient = |decimals: i32| {
        let mut ty = typed.ty.clone();
        ty.decimals = decimals;
        let typed = typed.clone().with_type(ty);
        let mut diagnostics = Diagnostics::new(64);
        let mut evaluator = Evaluator::new(&columns, &session, &run, &mut diagnostics);
        let out = evaluator.evaluate(&typed, Rows::all(1)).unwrap();
        match evaluator.datum(&out, &typed, 0).unwrap() {
            Datum::Decimal(value) => value.to_string(),
            other => format!("{other:?}"),
        }
    };
    assert_eq!(quotient(4), "0.0000");
    assert_eq!(quotient(30), "0.000008100000072922000000000000");
}
