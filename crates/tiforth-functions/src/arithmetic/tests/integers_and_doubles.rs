// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Integers and doubles: each function over columns against rows, and trees of doubles.

use std::sync::Arc;

use arrow_array::{Array, Float64Array, Int64Array, UInt64Array};
use tiforth_data::{Column, Field};
use tiforth_expr::kernel::Rows;
use tiforth_expr::tree::{call, col, lit};
use tiforth_expr::{Binder, Diagnostics, Evaluator, RunValues};
use tiforth_types::{Datum, Session, SqlType};

use super::Draw;
use crate::agreement::check_against_rows;

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
fn integers_of_every_size_divide_as_row_by_row() {
    let mut draw = Draw(4);
    let (signed, unsigned) = (SqlType::bigint(20), SqlType::bigint_unsigned(20));
    let word = |draw: &mut Draw, bits: u32| {
        let drawn = (draw.next() << 53 | draw.next()) & (u64::MAX >> (64 - bits));
        let value = if draw.next().is_multiple_of(4) { u64::MAX >> (64 - bits) } else { drawn };
        if draw.next().is_multiple_of(2) { value.wrapping_neg() } else { value }
    };
    for bits_a in [1, 31, 50, 51, 52, 53, 61, 62, 63, 64] {
        for bits_b in [1, 3, 26, 51, 52, 61, 62, 63, 64] {
            let valid = |draw: &mut Draw| !draw.next().is_multiple_of(9);
            let b: Vec<u64> = (0..90).map(|_| word(&mut draw, bits_b)).collect();
            // Dividends of all kinds, and those next to multiples of the divisor.
            let dividend = |(row, &b): (u64, &u64)| {
                let any = word(&mut draw, bits_a);
                match any.checked_div(b) {
                    Some(near) if row % 3 > 0 => (near * b).wrapping_add(row % 5).wrapping_sub(2),
                    _ => any,
                }
            };
            let a: Vec<u64> = (0..).zip(&b).map(dividend).collect();
            let mut host = |values: Vec<u64>, is_unsigned: bool| -> Column {
                let nulls = (0..values.len()).map(|_| valid(&mut draw)).collect::<Vec<_>>();
                let values = values.into_iter().zip(nulls);
                if is_unsigned {
                    let values = values.map(|(v, is_valid)| is_valid.then_some(v));
                    return Column::host(Arc::new(values.collect::<UInt64Array>()));
                }
                let values = values.map(|(v, is_valid)| is_valid.then_some(v.cast_signed()));
                Column::host(Arc::new(values.collect::<Int64Array>()))
            };
            for (is_unsigned_a, is_unsigned_b) in
                [(false, false), (false, true), (true, false), (true, true)]
            {
                let ty = |is_unsigned| if is_unsigned { &unsigned } else { &signed };
                let types = [ty(is_unsigned_a), ty(is_unsigned_b)];
                let one = Column::constant(Datum::Int(b[7].cast_signed()), a.len());
                let (a, b) = (host(a.clone(), is_unsigned_a), host(b.clone(), is_unsigned_b));
                for function in ["intdiv", "mod"] {
                    check_against_rows(function, &a, &b, types);
                    check_against_rows(function, &a, &one, types);
                    check_against_rows(function, &one, &b, types);
                }
            }
        }
    }
}

#[test]
fn doubles_of_every_size_agree_with_rows() {
    let mut draw = Draw(5);
    let edges = [0.0, 1.0, 0.1, 3.0, f64::MAX, f64::MIN_POSITIVE, f64::from_bits(1), 9e15, 1e16];
    let number = |draw: &mut Draw, spread: u64| {
        let exponent = 1_023 + draw.next() % spread - spread / 2;
        let fraction = if draw.next().is_multiple_of(2) { draw.next() >> 1 } else { 0 };
        let value = match draw.next() % 8 {
            0 => edges[draw.next() as usize % edges.len()],
            _ => f64::from_bits(exponent << 52 | fraction),
        };
        if draw.next().is_multiple_of(2) { -value } else { value }
    };
    for spread in [1, 4, 60, 120, 2_000] {
        for round in 0..40 {
            let b: Vec<f64> = (0..100).map(|_| number(&mut draw, spread)).collect();
            // Dividends of all kinds, multiples of the divisor, and what lies next to those.
            let dividend = |(row, &b): (u64, &f64)| {
                let near = b * (draw.next() >> (draw.next() % 53)) as f64;
                match row % 4 {
                    0 if near.is_finite() => near,
                    1 if near.is_finite() => f64::from_bits(near.to_bits() ^ 1),
                    _ => number(&mut draw, spread),
                }
            };
            let a: Vec<f64> = (0..).zip(&b).map(dividend).collect();
            let one = Column::constant(Datum::Real(b[0]), a.len());
            let mut host = |values: Vec<f64>| {
                let valid = |draw: &mut Draw| round % 2 == 0 || !draw.next().is_multiple_of(9);
                let values = values.into_iter().map(|v| valid(&mut draw).then_some(v));
                Column::host(Arc::new(values.collect::<Float64Array>()))
            };
            let (a, b) = (host(a), host(b));
            let ty = SqlType::double();
            for function in ["plus", "minus", "mul", "div", "mod"] {
                check_against_rows(function, &a, &b, [&ty; 2]);
                check_against_rows(function, &a, &one, [&ty; 2]);
                check_against_rows(function, &one, &b, [&ty; 2]);
            }
        }
    }
}

/// Computes `a * (1 - b) * (1 + c)` of doubles; gives the values, and the rows that failed with their
/// errors.
fn charges(columns: &[Column]) -> (Vec<Option<f64>>, Vec<(u32, String)>) {
    let registry = crate::registry().unwrap();
    let session = Session::default();
    let field =
        |name: &str| Field { name: name.into(), sql_type: SqlType::double(), nullable: true };
    let schema = ["a", "b", "c"].map(field);
    let mut binder = Binder::new(&registry, &session, &schema);
    let less = call("minus", [lit(1), col("b")]);
    let more = call("plus", [lit(1), col("c")]);
    let tree = call("mul", [call("mul", [col("a"), less]), more]);
    let typed = binder.bind(&tree).unwrap();
    let (run, len) = (RunValues::default(), columns[0].len());
    let mut diagnostics = Diagnostics::new(64);
    let mut evaluator = Evaluator::new(columns, &session, &run, &mut diagnostics);
    let out = match evaluator.evaluate(&typed, Rows::all(len)) {
        Ok(out) => out,
        Err(error) => return (Vec::new(), vec![(0, error.to_string())]),
    };
    let value = |row| match evaluator.datum(&out, &typed, row).unwrap() {
        Datum::Real(value) => Some(value),
        _ => None,
    };
    let values = (0..len).map(value).collect();
    let errors = diagnostics.finish().1;
    (values, errors.into_iter().map(|(row, e)| (row, e.message().to_owned())).collect())
}

#[test]
fn trees_of_doubles_give_what_their_calls_give() {
    let mut draw = Draw(3);
    for len in [0usize, 1, 2, 2_047, 2_048, 2_049, 5_000] {
        for has_nulls in [false, true] {
            let mut drawn = || -> Vec<Option<f64>> {
                let value = |draw: &mut Draw| draw.mantissa(12) as f64 / 100.0;
                let mut one = || {
                    let is_null = has_nulls && draw.next().is_multiple_of(5);
                    (!is_null).then(|| value(&mut draw))
                };
                (0..len).map(|_| one()).collect()
            };
            let inputs = [drawn(), drawn(), drawn()];
            let expected: Vec<Option<f64>> = (0..len)
                .map(|row| {
                    let [a, b, c] = [inputs[0][row]?, inputs[1][row]?, inputs[2][row]?];
                    Some(a * (1.0 - b) * (1.0 + c))
                })
                .collect();
            let host = |v: &Vec<Option<f64>>| {
                let array = Float64Array::from_iter(std::iter::once(&Some(9.0)).chain(v));
                Column::host(Arc::new(array.slice(1, len)))
            };
            let columns = inputs.each_ref().map(host);
            assert_eq!(charges(&columns), (expected.clone(), vec![]), "{len} rows");
            let decoded: Vec<Column> = inputs
                .iter()
                .map(|v| {
                    let array = Float64Array::from_iter(v);
                    Column::reals(array.values().clone(), array.nulls().cloned())
                })
                .collect();
            assert_eq!(charges(&decoded), (expected, vec![]), "{len} rows");
        }
    }
}

#[test]
fn a_tree_of_doubles_names_the_call_and_the_row_that_failed() {
    let host = |v: Vec<f64>| Column::host(Arc::new(Float64Array::from(v)));
    let rows = 3_000;
    let mut a = vec![2.0; rows];
    (a[7], a[2_500]) = (f64::MAX, -f64::MAX);
    let columns = [host(a.clone()), host(vec![-1.0; rows]), host(vec![0.5; rows])];
    let (values, errors) = charges(&columns);
    let text = "DOUBLE value is out of range in '(a * minus(1, b))'".to_owned();
    assert_eq!(errors.first(), Some(&(7, text)));
    assert!(values.iter().enumerate().all(|(row, v)| [7, 2_500].contains(&row) || *v == Some(6.0)));
    // An infinity times 0 is no number either.
    a[7] = f64::INFINITY;
    let columns = [host(a), host(vec![1.0; rows]), host(vec![0.5; rows])];
    let (_, errors) = charges(&columns);
    assert_eq!(
        errors,
        [(
            0,
            "ERROR 1292 (22007): Incorrect double value: 'inf' for column '?' at row 8".to_owned()
        )]
    );
}

#[test]
fn a_constant_is_taken_for_every_row_of_a_tree() {
    let values = vec![0.25; 2_100];
    let constant = |v: f64| Column::constant(Datum::Real(v), 2_100);
    let columns = [Column::reals(values, None), constant(0.5), constant(3.0)];
    assert_eq!(charges(&columns), (vec![Some(0.5); 2_100], vec![]));
    let columns = [constant(0.25), constant(0.5), constant(3.0)];
    assert_eq!(charges(&columns), (vec![Some(0.5); 2_100], vec![]));
    let columns = [constant(0.25), Column::all_null(2_100), constant(3.0)];
    assert_eq!(charges(&columns), (vec![None; 2_100], vec![]));
}
