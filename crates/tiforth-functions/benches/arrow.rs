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

use arrow_array::{
    Array, ArrayRef, Datum, Decimal128Array, Float32Array, Float64Array, Int8Array, Int16Array,
    Int32Array, Int64Array, Scalar, UInt32Array, UInt64Array,
};
use arrow_schema::{ArrowError, DataType};
use tiforth_data::{Column, Field};
use tiforth_expr::kernel::Rows;
use tiforth_expr::tree::{Expr, Literal, call, col};
use tiforth_expr::{Binder, Diagnostics, Evaluator, Registry, RunValues, TypedExpr};
use tiforth_types::{Session, SqlType, TypeKind};

/// Is the number of rows a plan hands on at once.
const ROWS: usize = 16_384;
const ROUNDS: usize = 20;

type AnyError = Box<dyn std::error::Error>;
type Theirs = fn(&dyn Datum, &dyn Datum) -> Result<ArrayRef, ArrowError>;

/// Draws numbers of 53 bits, the same ones in each run.
struct Numbers {
    seed: u64,
    has_nulls: bool,
}

impl Numbers {
    fn draw(&mut self) -> u64 {
        self.seed =
            self.seed.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(0x1405_7B7E_F767_814F);
        self.seed >> 11
    }

    /// Draws what `value` makes of each number; every eighth is NULL where any is.
    fn column<T>(&mut self, value: impl Fn(u64) -> T) -> Vec<Option<T>> {
        let row = |_| {
            let drawn = value(self.draw());
            (!self.has_nulls || !self.draw().is_multiple_of(8)).then_some(drawn)
        };
        (0..ROWS).map(row).collect()
    }

    /// Draws integers from one on; none is zero, as a division by that warns.
    fn ints(&mut self, bits: u32) -> Vec<Option<i64>> {
        self.column(|drawn| (drawn >> (53 - bits)).max(1).cast_signed())
    }

    fn decimals(&mut self, digits: u8, scale: u8) -> Result<Operand, AnyError> {
        let bound = 10i128.pow(digits.into());
        let values = (0..ROWS).map(|_| {
            let wide = (i128::from(self.draw()) << 70) ^ (i128::from(self.draw()) << 35);
            let value = ((wide ^ i128::from(self.draw())) % bound).max(1);
            let value = if self.draw().is_multiple_of(2) { value } else { -value };
            (!self.has_nulls || !self.draw().is_multiple_of(8)).then_some(value)
        });
        let array = values.collect::<Decimal128Array>();
        let array = array.with_precision_and_scale(digits, scale.cast_signed())?;
        Ok(Operand::new(SqlType::decimal(digits.into(), scale.into()), Arc::new(array)))
    }
}

/// Is a column of a SQL type.
#[derive(Clone)]
struct Operand {
    sql_type: SqlType,
    array: ArrayRef,
}

impl Operand {
    fn new(sql_type: SqlType, array: ArrayRef) -> Self {
        Operand { sql_type, array }
    }

    fn bigint(values: Vec<Option<i64>>) -> Self {
        Operand::new(SqlType::bigint(20), Arc::new(Int64Array::from(values)))
    }
}

/// Is a pair of operands.
struct Operands {
    name: String,
    left: Operand,
    right: Operand,
    /// The second operand is this for all rows: as our literal, and as the number theirs takes.
    constant: Option<(Expr, ArrayRef)>,
    /// What theirs brings both to before it computes and before it compares, where it must.
    casts: [Option<DataType>; 2],
    operations: &'static [&'static str],
}

const OF_INTS: &[&str] = &["plus", "minus", "mul", "intdiv", "mod", "lt", "eq"];
const OF_DOUBLES: &[&str] = &["plus", "minus", "mul", "div", "mod", "lt", "eq"];
const OF_DECIMALS: &[&str] = &["plus", "minus", "mul", "div", "lt", "eq"];

impl Operands {
    fn new(name: &str, left: Operand, right: Operand, operations: &'static [&'static str]) -> Self {
        let casts = [const { None }; 2];
        Operands { name: name.into(), left, right, constant: None, casts, operations }
    }

    fn cast(self, computed: Option<DataType>, compared: Option<DataType>) -> Self {
        Operands { casts: [computed, compared], ..self }
    }

    /// Makes the second operand a number.
    fn with_constant(self, text: &str, array: ArrayRef) -> Result<Self, AnyError> {
        let literal = Literal::number(text).ok_or("no number")?;
        Ok(Operands { constant: Some((literal.into(), array)), ..self })
    }
}

fn operands(has_nulls: bool) -> Result<Vec<Operands>, AnyError> {
    let mut all = decimals(has_nulls)?;
    all.extend(integers(has_nulls)?);
    all.extend(doubles(has_nulls)?);
    Ok(all)
}

fn decimals(has_nulls: bool) -> Result<Vec<Operands>, AnyError> {
    let numbers = &mut Numbers { seed: 1, has_nulls };
    let mut all = Vec::new();
    for ((p, s), (q, t)) in [
        ((15, 2), (15, 2)),
        ((18, 4), (9, 2)),
        ((19, 2), (18, 2)),
        ((30, 6), (8, 2)),
        ((18, 6), (18, 6)),
        ((30, 4), (30, 4)),
        ((37, 4), (37, 4)),
    ] {
        let (left, right) = (numbers.decimals(p, s)?, numbers.decimals(q, t)?);
        let name = format!("decimal({p},{s}) and ({q},{t})");
        let common = ((p, s) != (q, t)).then(|| DataType::Decimal128(38, s.max(t).cast_signed()));
        all.push(Operands::new(&name, left, right, OF_DECIMALS).cast(None, common));
    }
    for ((p, s), text, mantissa) in [((15, 2), "1.50", 150), ((30, 6), "12.500000", 12_500_000)] {
        let column = numbers.decimals(p, s)?;
        let digits = if p > 18 { 8 } else { 3 };
        let one =
            Decimal128Array::from(vec![mantissa]).with_precision_and_scale(digits, s as i8)?;
        let name = format!("decimal({p},{s}) and {text}");
        let common = Some(DataType::Decimal128(p, s as i8));
        let pair = Operands::new(&name, column.clone(), column, OF_DECIMALS).cast(None, common);
        all.push(pair.with_constant(text, Arc::new(one))?);
    }
    Ok(all)
}

fn integers(has_nulls: bool) -> Result<Vec<Operands>, AnyError> {
    let numbers = &mut Numbers { seed: 2, has_nulls };
    let bigint = |numbers: &mut Numbers| Operand::bigint(numbers.ints(29));
    let unsigned = |numbers: &mut Numbers, bits| {
        let values = numbers.ints(bits).into_iter().map(|v| v.map(i64::cast_unsigned));
        Operand::new(SqlType::bigint_unsigned(20), Arc::new(values.collect::<UInt64Array>()))
    };
    let narrow = |kind, array| Operand::new(SqlType::new(kind), array);
    let int = |numbers: &mut Numbers| {
        let values = numbers.ints(29).into_iter().map(|v| v.map(|v| v as i32));
        narrow(TypeKind::Int, Arc::new(values.collect::<Int32Array>()))
    };
    let smallint = |numbers: &mut Numbers| {
        let values = numbers.ints(14).into_iter().map(|v| v.map(|v| v as i16));
        narrow(TypeKind::SmallInt, Arc::new(values.collect::<Int16Array>()))
    };
    let tinyint = |numbers: &mut Numbers| {
        let values = numbers.ints(6).into_iter().map(|v| v.map(|v| v as i8));
        narrow(TypeKind::TinyInt, Arc::new(values.collect::<Int8Array>()))
    };
    let int_unsigned = |numbers: &mut Numbers, bits| {
        let values = numbers.ints(bits).into_iter().map(|v| v.map(|v| v as u32));
        let ty = SqlType { unsigned: true, ..SqlType::new(TypeKind::Int) };
        Operand::new(ty, Arc::new(values.collect::<UInt32Array>()))
    };
    let wide = Some(DataType::Int64);
    let wide_unsigned = Some(DataType::UInt64);
    let pair = |name, left, right| Operands::new(name, left, right, OF_INTS);
    let seven: ArrayRef = Arc::new(Int64Array::from(vec![7]));
    let seven_unsigned: ArrayRef = Arc::new(UInt64Array::from(vec![7]));
    Ok(vec![
        pair("bigint", bigint(numbers), bigint(numbers)),
        pair("bigint unsigned", unsigned(numbers, 40), unsigned(numbers, 20)),
        pair(
            "bigint unsigned and bigint",
            unsigned(numbers, 40),
            Operand::bigint(numbers.ints(20)),
        )
        .cast(wide.clone(), wide.clone()),
        pair("bigint and int", bigint(numbers), int(numbers)).cast(wide.clone(), wide.clone()),
        pair("int", int(numbers), int(numbers)).cast(wide.clone(), None),
        pair("int unsigned", int_unsigned(numbers, 32), int_unsigned(numbers, 16))
            .cast(wide_unsigned, None),
        pair("smallint", smallint(numbers), smallint(numbers)).cast(wide.clone(), None),
        pair("tinyint", tinyint(numbers), tinyint(numbers)).cast(wide.clone(), None),
        pair("bigint and 7", bigint(numbers), bigint(numbers)).with_constant("7", seven.clone())?,
        pair("bigint unsigned and 7", unsigned(numbers, 40), bigint(numbers))
            .with_constant("7", seven_unsigned)?,
        pair("int and 7", int(numbers), int(numbers)).cast(wide, None).with_constant("7", seven)?,
    ])
}

fn doubles(has_nulls: bool) -> Result<Vec<Operands>, AnyError> {
    let numbers = &mut Numbers { seed: 3, has_nulls };
    let double = |numbers: &mut Numbers| {
        let values = numbers.ints(29).into_iter().map(|v| v.map(|v| v as f64 / 64.0));
        Operand::new(SqlType::double(), Arc::new(values.collect::<Float64Array>()))
    };
    let float = |numbers: &mut Numbers| {
        let values = numbers.ints(20).into_iter().map(|v| v.map(|v| v as f32 / 64.0));
        let ty = SqlType::new(TypeKind::Float);
        Operand::new(ty, Arc::new(values.collect::<Float32Array>()))
    };
    let common = Some(DataType::Float64);
    let pair = |name, left, right| Operands::new(name, left, right, OF_DOUBLES);
    let literal: ArrayRef = Arc::new(Float64Array::from(vec![2.5]));
    let bigint = Operand::bigint(numbers.ints(29));
    Ok(vec![
        pair("double", double(numbers), double(numbers)),
        pair("double and 2.5e0", double(numbers), double(numbers))
            .with_constant("2.5e0", literal)?,
        pair("bigint and double", bigint, double(numbers)).cast(common.clone(), common.clone()),
        pair("float and double", float(numbers), double(numbers)).cast(common.clone(), common),
        pair("float", float(numbers), float(numbers)).cast(Some(DataType::Float64), None),
    ])
}

const OPERATIONS: [(&str, Theirs); 8] = [
    ("plus", |a, b| arrow_arith::numeric::add(a, b)),
    ("minus", |a, b| arrow_arith::numeric::sub(a, b)),
    ("mul", |a, b| arrow_arith::numeric::mul(a, b)),
    ("div", |a, b| arrow_arith::numeric::div(a, b)),
    ("intdiv", |a, b| arrow_arith::numeric::div(a, b)),
    ("mod", |a, b| arrow_arith::numeric::rem(a, b)),
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

/// Computes what theirs computes, over one type.
fn theirs(operands: &Operands, function: &str, kernel: Theirs) -> Result<ArrayRef, ArrowError> {
    let [computed, compared] = &operands.casts;
    let wanted = if matches!(function, "lt" | "eq") { compared } else { computed };
    let brought = |array: &ArrayRef| {
        let wanted = wanted.as_ref().unwrap_or(operands.left.array.data_type());
        let is_decimal = wanted.is_decimal() && !matches!(function, "lt" | "eq");
        if wanted == array.data_type() || is_decimal {
            return Ok(Arc::clone(array));
        }
        let options = arrow_cast::CastOptions { safe: false, ..Default::default() };
        arrow_cast::cast_with_options(array, wanted, &options)
    };
    let left = brought(&operands.left.array)?;
    match &operands.constant {
        Some((_, number)) => kernel(&left, &Scalar::new(brought(number)?)),
        None => kernel(&left, &brought(&operands.right.array)?),
    }
}

fn nanoseconds(mut body: impl FnMut()) -> f64 {
    const REPEATS: usize = 8;
    let started = Instant::now();
    (0..REPEATS).for_each(|_| body());
    started.elapsed().as_secs_f64() * 1e9 / (REPEATS * ROWS) as f64
}

fn measure(
    operands: &Operands,
    nulls: &str,
    registry: &Registry,
    wanted: &str,
) -> Result<(), AnyError> {
    let session = Session::default();
    let field = |name: &str, operand: &Operand| Field {
        name: name.into(),
        sql_type: operand.sql_type.clone(),
        nullable: true,
    };
    let schema = [field("a", &operands.left), field("b", &operands.right)];
    let arrays = [&operands.left, &operands.right].map(|operand| Arc::clone(&operand.array));
    let of_these = |(name, _): &&(&str, Theirs)| operands.operations.contains(name);
    for &(function, kernel) in OPERATIONS.iter().filter(of_these) {
        let name = format!("{function} {}{nulls}", operands.name);
        if !name.contains(wanted) {
            continue;
        }
        let mut binder = Binder::new(registry, &session, &schema);
        let right = operands.constant.as_ref().map_or(col("b"), |(literal, _)| literal.clone());
        let typed = binder.bind(&call(function, [col("a"), right]))?;
        let theirs_works = theirs(operands, function, kernel).is_ok();
        let ours_works = ours(&typed, &session, &arrays);
        let (mut mine, mut other) = (f64::MAX, f64::MAX);
        for _ in 0..ROUNDS {
            mine = mine.min(nanoseconds(|| {
                black_box(ours(&typed, &session, &arrays));
            }));
            other = other.min(nanoseconds(|| {
                drop(black_box(theirs(operands, function, kernel)));
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
    for (has_nulls, nulls) in [(false, ""), (true, ", 1/8 NULL")] {
        for operands in operands(has_nulls)? {
            measure(&operands, nulls, &registry, &wanted)?;
        }
    }
    Ok(())
}
