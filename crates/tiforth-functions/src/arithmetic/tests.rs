// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

use std::sync::Arc;

use arrow_array::Decimal128Array;
use tiforth_data::{Column, Field};
use tiforth_expr::kernel::Rows;
use tiforth_expr::tree::{Literal, call, col};
use tiforth_expr::{Binder, Diagnostics, Evaluator, Expr, RunValues};
use tiforth_types::{Datum, Decimal, Session, SqlType};

use crate::agreement::check_against_rows;

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
fn integer_columns_agree_with_rows() {
    let edges = [0, 1, -1, 2, -2, i64::MAX, i64::MIN, i64::MAX - 1, i64::MIN + 1, 1 << 32];
    let pairs = || edges.iter().flat_map(|&a| edges.iter().map(move |&b| (a, b)));
    let a = Column::ints(pairs().map(|p| p.0).collect::<Vec<_>>(), None);
    let b = Column::ints(pairs().map(|p| p.1).collect::<Vec<_>>(), None);
    let (signed, unsigned) = (SqlType::bigint(20), SqlType::bigint_unsigned(20));
    for types in [[&signed, &signed], [&signed, &unsigned], [&unsigned, &signed], [&unsigned; 2]] {
        for function in ["plus", "minus", "mul", "intdiv", "mod", "lt", "eq"] {
            check_against_rows(function, &a, &b, types);
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
