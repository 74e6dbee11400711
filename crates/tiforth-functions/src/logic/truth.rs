// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `a IS TRUE`, `a IS FALSE`, and the condition any value makes: whether it is other than zero.
//!
//! Source: MySQL manual, "Comparison Functions and Operators"; TiDB `pkg/expression/builtin_op.go`
//! (`isTrueOrFalseFunctionClass`), `wrapWithIsTrue`.

use std::marker::PhantomData;

use arrow_buffer::{BooleanBuffer, NullBuffer};
use tiforth_data::{Column, ColumnData, DecimalColumn, bitmap};
use tiforth_expr::kernel::{Arg, Args, Dec, Int, Kernel, Real, RowValue, Rows};
use tiforth_expr::{ArgKind, Binder, CallContext, CallSite, Doc, Function, Overload, TypedExpr};
use tiforth_types::{Datum, DatumRef, Decimal, EvalType, InternalError, Result, SqlError, SqlType};

use crate::comparison::operator::Truths;

/// Holds a column of truth values: where it is true, and where it is known at all.
pub(super) struct Truth {
    pub(super) is_true: BooleanBuffer,
    pub(super) nulls: Option<NullBuffer>,
}

impl Truth {
    /// Reads a column of integers, bits or decimals in lanes.
    ///
    /// # Errors
    /// A bug's report when the column holds something else.
    pub(super) fn read(column: &Column) -> Result<Truth> {
        let len = column.len();
        let is_true = match column.data() {
            ColumnData::Bits(bits) => bits.clone(),
            ColumnData::Int(values) => BooleanBuffer::collect_bool(len, |row| values[row] != 0),
            ColumnData::Decimal(DecimalColumn::Lane64 { values, .. }) => {
                bitmap::truths(values, |&v| v != 0)
            }
            ColumnData::Decimal(DecimalColumn::Lane128 { values, .. }) => {
                bitmap::truths(values, |&v| v != 0)
            }
            ColumnData::Constant(value) => match value.as_ref() {
                Datum::Null => {
                    let (is_true, nulls) =
                        (BooleanBuffer::new_unset(len), Some(NullBuffer::new_null(len)));
                    return Ok(Truth { is_true, nulls });
                }
                Datum::Int(0) => BooleanBuffer::new_unset(len),
                Datum::Int(_) => BooleanBuffer::new_set(len),
                _ => return Err(no_condition()),
            },
            _ => return Err(no_condition()),
        };
        Ok(Truth { is_true, nulls: column.nulls().cloned() })
    }

    /// Returns the rows that are known to be true.
    pub(super) fn known_true(&self) -> BooleanBuffer {
        match &self.nulls {
            Some(nulls) => &self.is_true & nulls.inner(),
            None => self.is_true.clone(),
        }
    }

    /// Returns the rows that are known to be false.
    pub(super) fn known_false(&self) -> BooleanBuffer {
        let is_false = !&self.is_true;
        match &self.nulls {
            Some(nulls) => &is_false & nulls.inner(),
            None => is_false,
        }
    }
}

#[cold]
fn no_condition() -> tiforth_types::Error {
    InternalError::new("a condition is no column of integers").into()
}

/// Tells whether [`Truth::read`] reads a column, which is no constant.
fn has_truths(column: &Column) -> bool {
    match column.data() {
        ColumnData::Bits(_) | ColumnData::Int(_) => true,
        ColumnData::Decimal(lanes) => !matches!(lanes, DecimalColumn::Wide(_)),
        _ => false,
    }
}

/// Splits the rows that count into those a condition holds for and the others, NULLs among them.
pub(crate) fn split(condition: &Column, rows: Rows<'_>) -> Result<(Vec<u32>, Vec<u32>)> {
    let is_true = Truth::read(condition)?.known_true();
    let (mut held, mut others) = (Vec::new(), Vec::new());
    rows.for_each(|row| {
        let list = if is_true.value(row) { &mut held } else { &mut others };
        #[expect(clippy::cast_possible_truncation, reason = "batches have fewer rows than 2^32")]
        list.push(row as u32);
    });
    Ok((held, others))
}

/// Says of which values a number is true.
pub(super) trait Truthful: Arg {
    fn is_true(value: &Self::Value<'_>) -> bool;
}
impl Truthful for Int {
    fn is_true(value: &i64) -> bool {
        *value != 0
    }
}
impl Truthful for Real {
    fn is_true(value: &f64) -> bool {
        *value != 0.0
    }
}
impl Truthful for Dec {
    fn is_true(value: &Decimal) -> bool {
        !value.is_zero()
    }
}

/// Tells whether a number is true (`wanted`) or false; a NULL is neither, or stays NULL.
pub(super) struct Is<A> {
    wanted: bool,
    keeps_null: bool,
    arg: PhantomData<fn() -> A>,
}

impl<A> Is<A> {
    pub(super) const fn new(wanted: bool, keeps_null: bool) -> Self {
        Is { wanted, keeps_null, arg: PhantomData }
    }
}

impl<A: Truthful> Is<A> {
    fn tell(&self, value: Option<A::Value<'_>>) -> Option<bool> {
        match value {
            Some(value) => Some(A::is_true(&value) == self.wanted),
            None if self.keeps_null => None,
            None => Some(false),
        }
    }
}

impl<A: Truthful> Kernel for Is<A> {
    fn batch(&self, args: &Args<'_>, rows: Rows<'_>, _: &mut CallContext<'_>) -> Result<Column> {
        let column = args.decoded(0)?;
        if has_truths(&column) {
            let truth = Truth::read(&column)?;
            return Ok(match (self.keeps_null, self.wanted) {
                (true, true) => Column::bits(truth.is_true, truth.nulls),
                (true, false) => Column::bits(!&truth.is_true, truth.nulls),
                (false, true) => Column::bits(truth.known_true(), None),
                (false, false) => Column::bits(truth.known_false(), None),
            });
        }
        let reader = A::open(&column)?;
        let mut truths = Truths::new(rows.len);
        rows.for_each(|row| truths.set(row, self.tell(A::get(&reader, row))));
        Ok(truths.finish())
    }

    fn row(
        &self,
        args: &[DatumRef<'_>],
        _: &mut Vec<u8>,
        _: &mut CallContext<'_>,
    ) -> Result<RowValue, SqlError> {
        let told = self.tell(args.first().and_then(|a| A::from_datum(*a)));
        Ok(told.map_or(RowValue::Null, |is| RowValue::Int(i64::from(is))))
    }
}

const fn doc(
    usage: &'static str,
    summary: &'static str,
    null: &'static str,
    example: (&'static str, &'static str),
) -> Doc {
    Doc {
        usage,
        summary,
        result: "BIGINT: 1 or 0.",
        null,
        errors: "",
        warnings: "1292 when a text is no number.",
        example,
        sources: "MySQL manual, Comparison Functions and Operators; TiDB builtin_op.go",
    }
}

macro_rules! truth_function {
    ($function:ident, $name:literal, $wanted:literal, $keeps_null:literal, $wire:literal,
     $doc:expr) => {
        #[doc = concat!("Defines `", $name, "`.")]
        pub(super) const $function: Function = Function::new(
            $name,
            "logic",
            (1, 1),
            |binder, site, args| {
                const OVERLOADS: [Overload; 3] = [
                    Overload::strict(concat!("Int", $wire), &Is::<Int>::new($wanted, $keeps_null)),
                    Overload::strict(
                        concat!("Real", $wire),
                        &Is::<Real>::new($wanted, $keeps_null),
                    ),
                    Overload::strict(
                        concat!("Decimal", $wire),
                        &Is::<Dec>::new($wanted, $keeps_null),
                    ),
                ];
                bind(binder, site, args, OVERLOADS, Moments::AsDoubles)
            },
            $doc,
        );
    };
}
truth_function!(
    ISTRUE,
    "istrue",
    true,
    false,
    "IsTrue",
    doc(
        "a IS TRUE",
        "Tells whether a value is other than 0 and NULL.",
        "Never.",
        ("0.4 IS TRUE", "1"),
    )
);
truth_function!(
    ISTRUE_WITH_NULL,
    "istrue_with_null",
    true,
    true,
    "IsTrueWithNull",
    doc(
        "istrue_with_null(a)",
        "Tells whether a value is other than 0.",
        "NULL if the value is.",
        ("istrue_with_null(0.4)", "1"),
    )
);
truth_function!(
    ISFALSE,
    "isfalse",
    false,
    false,
    "IsFalse",
    doc("a IS FALSE", "Tells whether a value is 0.", "Never.", ("0 IS FALSE", "1"))
);

/// Says as which numbers dates and times count; the fraction of a second is lost in an integer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Moments {
    AsIntegers,
    AsDoubles,
}

/// Binds a function of one truth value; text counts as a double.
pub(super) fn bind(
    binder: &mut Binder<'_>,
    site: &CallSite,
    args: Vec<TypedExpr>,
    [int, real, decimal]: [Overload; 3],
    moments: Moments,
) -> Result<TypedExpr> {
    let Some(arg) = args.first() else {
        return Err(SqlError::wrong_argument_count(&site.name).into());
    };
    let (overload, kind) = match arg.eval_type() {
        EvalType::Int => (int, ArgKind::Int),
        EvalType::Time | EvalType::Duration if moments == Moments::AsIntegers => {
            (int, ArgKind::Int)
        }
        EvalType::Time | EvalType::Duration => (real, ArgKind::Real),
        EvalType::Decimal => (decimal, ArgKind::Decimal),
        EvalType::Real | EvalType::Bytes => (real, ArgKind::Real),
        EvalType::Json | EvalType::Vector => {
            return Err(SqlError::other("JSON and vectors are no conditions yet").into());
        }
    };
    let ty = SqlType { decimals: 0, ..SqlType::bigint(1) };
    Ok(binder.signature_of_type(site, overload, args, &[kind], ty)?.as_boolean())
}

/// Makes a condition of a value: an integer is one as it is.
pub(crate) fn condition(binder: &mut Binder<'_>, expr: TypedExpr) -> Result<TypedExpr> {
    if expr.eval_type() == EvalType::Int {
        return Ok(expr);
    }
    let site = CallSite { name: ISTRUE_WITH_NULL.name.into(), options: Default::default() };
    let typed = (ISTRUE_WITH_NULL.bind)(binder, &site, vec![expr])?;
    binder.fold_constant(typed)
}

#[cfg(test)]
mod tests {
    use tiforth_data::Field;
    use tiforth_expr::tree::{call, col};
    use tiforth_expr::{Diagnostics, Evaluator, RunValues};
    use tiforth_types::Session;

    use super::*;

    #[test]
    fn decimals_are_true_but_zero() {
        let registry = crate::registry().unwrap();
        let (session, run) = (Session::default(), RunValues::default());
        let ty = SqlType::decimal(38, 4);
        let schema = [Field { name: "a".into(), sql_type: ty, nullable: true }];
        let nulls = || Some(NullBuffer::from(vec![true, false, true, true]));
        let zero = Decimal::from_i128_scaled(0, 4);
        let column = |mantissas: Vec<i128>| DecimalColumn::from_mantissas(mantissas, 4, 0);
        for lanes in [
            column(vec![0, 0, 1, -10_000]),
            column(vec![0, 5, 1, 1 << 90]),
            DecimalColumn::Wide([zero, zero, Decimal::from_i64(1), Decimal::from_i64(-2)].into()),
        ] {
            let columns = [Column::decimals(lanes, nulls())];
            for (name, expected) in [
                ("istrue", [Some(0), Some(0), Some(1), Some(1)]),
                ("istrue_with_null", [Some(0), None, Some(1), Some(1)]),
                ("isfalse", [Some(1), Some(0), Some(0), Some(0)]),
            ] {
                let tree = call(name, [col("a")]);
                let typed = Binder::new(&registry, &session, &schema).bind(&tree).unwrap();
                let mut diagnostics = Diagnostics::new(64);
                let mut evaluator = Evaluator::new(&columns, &session, &run, &mut diagnostics);
                let told = evaluator.evaluate_decoded(&typed, Rows::all(4)).unwrap();
                let told: Vec<Datum> = (0..4).map(|row| told.value(row)).collect();
                let expected = expected.map(|v| v.map_or(Datum::Null, Datum::Int));
                assert_eq!(format!("{told:?}"), format!("{expected:?}"), "{name}");
            }
        }
    }
}
