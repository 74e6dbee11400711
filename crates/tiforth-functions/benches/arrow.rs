// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Measures arithmetic and comparison of numbers beside arrow-rs' checked kernels, over the same arrays
//! in one run: `cargo bench -p tiforth-functions --bench arrow [PART OF A ROW'S NAME]`.
//!
//! Our side begins with the host's arrays, undecoded, and ends with a column; theirs begins and ends with
//! arrays. Each row is the least of rounds that alternate between the two.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use arrow_array::{ArrayRef, Datum, Decimal128Array, Float64Array, Int64Array, UInt64Array};
use tiforth_data::{Column, Field};
use tiforth_expr::kernel::Rows;
use tiforth_expr::tree::{call, col};
use tiforth_expr::{Binder, Diagnostics, Evaluator, Registry, RunValues, TypedExpr};
use tiforth_types::{Session, SqlType};

/// Is the number of rows a plan hands on at once.
const ROWS: usize = 16_384;
const ROUNDS: usize = 30;

type AnyError = Box<dyn std::error::Error>;
type Theirs = fn(&dyn Datum, &dyn Datum) -> Result<ArrayRef, arrow_schema::ArrowError>;

/// Draws numbers, the same ones in each run.
fn draw(seed: &mut u64) -> u64 {
    *seed = seed.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(0x1405_7B7E_F767_814F);
    *seed >> 11
}

/// Is a pair of operands.
struct Operands {
    name: String,
    types: [SqlType; 2],
    arrays: [ArrayRef; 2],
}

fn decimals(seed: &mut u64, digits: u8, scale: u8, has_nulls: bool) -> Result<ArrayRef, AnyError> {
    let bound = 10i128.pow(digits.into());
    let values = (0..ROWS).map(|_| {
        let wide = (i128::from(draw(seed)) << 70) ^ (i128::from(draw(seed)) << 35);
        let value = (wide ^ i128::from(draw(seed))) % bound;
        // No zeros: a division by one is a warning.
        let value = if draw(seed).is_multiple_of(2) { value.max(1) } else { -value.max(1) };
        (!has_nulls || !draw(seed).is_multiple_of(8)).then_some(value)
    });
    let array = values.collect::<Decimal128Array>();
    Ok(Arc::new(array.with_precision_and_scale(digits, scale as i8)?))
}

fn operands(has_nulls: bool) -> Result<Vec<Operands>, AnyError> {
    let seed = &mut 1;
    let mut all = Vec::new();
    let nulls = if has_nulls { ", 1/8 NULL" } else { "" };
    for ((p, s), (q, t)) in [
        ((15, 2), (15, 2)),
        ((18, 4), (9, 2)),
        ((19, 2), (18, 2)),
        ((30, 6), (8, 2)),
        ((37, 4), (37, 4)),
    ] {
        let arrays = [decimals(seed, p, s, has_nulls)?, decimals(seed, q, t, false)?];
        let types = [SqlType::decimal(p.into(), s.into()), SqlType::decimal(q.into(), t.into())];
        all.push(Operands {
            name: format!("decimal({p},{s}) and ({q},{t}){nulls}"),
            types,
            arrays,
        });
    }
    let mut valid = || (!has_nulls || !draw(seed).is_multiple_of(8)).then_some(());
    let valid: Vec<Option<()>> = (0..ROWS).map(|_| valid()).collect();
    let seed = &mut 2;
    let mut small = || (draw(seed) >> 24) as i64;
    let mut ints = || valid.iter().map(|v| v.map(|()| small() + 1)).collect::<Vec<_>>();
    let arrays: [ArrayRef; 2] =
        [Arc::new(Int64Array::from(ints())), Arc::new(Int64Array::from(ints()))];
    let types = [SqlType::bigint(20), SqlType::bigint(20)];
    all.push(Operands { name: format!("bigint{nulls}"), types, arrays });
    let mut unsigned = || {
        let values = ints().into_iter().map(|v| v.map(|v| v.cast_unsigned() << 8));
        Arc::new(values.collect::<UInt64Array>()) as ArrayRef
    };
    let (greater, lesser) = (unsigned(), ints());
    let lesser = lesser.into_iter().map(|v| v.map(|v| v.cast_unsigned() >> 24));
    let arrays: [ArrayRef; 2] = [greater, Arc::new(lesser.collect::<UInt64Array>())];
    let types = [SqlType::bigint_unsigned(20), SqlType::bigint_unsigned(20)];
    all.push(Operands { name: format!("bigint unsigned{nulls}"), types, arrays });
    let mut reals = || {
        let values = ints().into_iter().map(|v| v.map(|v| v as f64 / 64.0));
        Arc::new(values.collect::<Float64Array>()) as ArrayRef
    };
    let arrays = [reals(), reals()];
    let types = [SqlType::double(), SqlType::double()];
    all.push(Operands { name: format!("double{nulls}"), types, arrays });
    Ok(all)
}

const OPERATIONS: [(&str, Theirs); 5] = [
    ("plus", |a, b| arrow_arith::numeric::add(a, b)),
    ("minus", |a, b| arrow_arith::numeric::sub(a, b)),
    ("mul", |a, b| arrow_arith::numeric::mul(a, b)),
    ("lt", |a, b| Ok(Arc::new(arrow_ord::cmp::lt(a, b)?))),
    ("eq", |a, b| Ok(Arc::new(arrow_ord::cmp::eq(a, b)?))),
];

/// Evaluates over the arrays as a host gives them; false where a row failed.
fn ours(typed: &TypedExpr, session: &Session, arrays: &[ArrayRef; 2]) -> bool {
    let columns = arrays.clone().map(Column::host);
    let (run, mut diagnostics) = (RunValues::default(), Diagnostics::new(64));
    let mut evaluator = Evaluator::new(&columns, session, &run, &mut diagnostics);
    let column = evaluator.evaluate(typed, Rows::all(ROWS));
    black_box(column).is_ok() && !diagnostics.has_errors()
}

fn nanoseconds(mut body: impl FnMut()) -> f64 {
    const REPEATS: usize = 8;
    let started = Instant::now();
    (0..REPEATS).for_each(|_| body());
    started.elapsed().as_secs_f64() * 1e9 / (REPEATS * ROWS) as f64
}

fn measure(operands: &Operands, registry: &Registry, wanted: &str) -> Result<(), AnyError> {
    let session = Session::default();
    let field = |name: &str, ty: &SqlType| Field {
        name: name.into(),
        sql_type: ty.clone(),
        nullable: true,
    };
    let schema = [field("a", &operands.types[0]), field("b", &operands.types[1])];
    for (function, theirs) in OPERATIONS {
        let name = format!("{function} {}", operands.name);
        if !name.contains(wanted) {
            continue;
        }
        let mut binder = Binder::new(registry, &session, &schema);
        let typed = binder.bind(&call(function, [col("a"), col("b")]))?;
        let [a, b] = &operands.arrays;
        let pair = (&a.as_ref() as &dyn Datum, &b.as_ref() as &dyn Datum);
        let theirs_works = theirs(pair.0, pair.1).is_ok();
        let ours_works = ours(&typed, &session, &operands.arrays);
        let (mut mine, mut other) = (f64::MAX, f64::MAX);
        for _ in 0..ROUNDS {
            mine = mine.min(nanoseconds(|| {
                black_box(ours(&typed, &session, &operands.arrays));
            }));
            other = other.min(nanoseconds(|| {
                drop(black_box(theirs(pair.0, pair.1)));
            }));
        }
        let note = match (ours_works, theirs_works) {
            (true, true) => format!("{:.2}", mine / other),
            (mine, other) => format!("finished: ours {mine}, theirs {other}"),
        };
        println!("| {name:<45} | {mine:>8.2} | {other:>8.2} | {note} |");
    }
    Ok(())
}

fn main() -> Result<(), AnyError> {
    let wanted = std::env::args().skip(1).find(|a| !a.starts_with('-')).unwrap_or_default();
    let registry = tiforth_functions::registry()?;
    println!("| {:<45} | ns a row | arrow-rs | ratio |\n|---|---|---|---|", "operation");
    for has_nulls in [false, true] {
        for operands in operands(has_nulls)? {
            measure(&operands, &registry, &wanted)?;
        }
    }
    Ok(())
}
