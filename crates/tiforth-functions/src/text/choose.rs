// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `ELT` and `FIELD`: a value by its place, and the place of a value.
//!
//! Source: MySQL manual, "String Functions and Operators"; TiDB `pkg/expression/builtin_string.go`.

use tiforth_data::Column;
use tiforth_expr::kernel::{Arg, Int, LazyKernel, RowEvaluator, Rows, datum_at};
use tiforth_expr::{
    ArgKind, Binder, Call, CallSite, Collate, Doc, Evaluator, Function, Overload, TypedExpr,
};
use tiforth_types::{Datum, EvalType, Result, SqlError};

use super::define;
use super::result::{as_bytes, with_length};
use crate::control::branches::Branches;

/// Defines ELT.
pub(crate) const ELT: Function = define(
    "elt",
    &[],
    (2, usize::MAX),
    bind_elt,
    Collate::From(1),
    Doc {
        usage: "ELT(place, text, …)",
        summary: "Gives the text at a place, counted from 1.",
        result: "VARCHAR of the longest text's length; bytes where any text is.",
        null: "NULL if the place is, or if there is no such text.",
        errors: "1267 and its kin where collations do not mix.",
        warnings: "",
        example: ("ELT(2, 'Aa', 'Bb')", "Bb"),
        sources: "MySQL manual, String Functions; TiDB builtin_string.go",
    },
);

/// Defines FIELD.
pub(crate) const FIELD: Function = define(
    "field",
    &[],
    (2, usize::MAX),
    bind_field,
    Collate::AllTexts,
    Doc {
        usage: "FIELD(value, candidate, …)",
        summary: "Finds a value among others: compared as texts, integers or doubles, by what all are.",
        result: "BIGINT: the place counted from 1, 0 where it is not found or the value is NULL.",
        null: "Never.",
        errors: "1267 and its kin where collations do not mix.",
        warnings: "1292 when a text is no number.",
        example: ("FIELD('Bb', 'Aa', 'Bb')", "2"),
        sources: "MySQL manual, String Functions; TiDB builtin_string.go",
    },
);

const AT: Overload = Overload::lazy("Elt", &Elt);
const TEXTS: Overload = Overload::lazy("FieldString", &Field);
const INTS: Overload = Overload { name: "FieldInt", ..TEXTS };
const REALS: Overload = Overload { name: "FieldReal", ..TEXTS };

/// Evaluates the place, then the text there.
struct Elt;

/// Returns the argument a place names.
fn chosen(call: &Call, place: i64) -> Option<usize> {
    usize::try_from(place).ok().filter(|place| (1..call.args.len()).contains(place))
}

impl LazyKernel for Elt {
    fn batch(&self, call: &Call, rows: Rows<'_>, evaluator: &mut Evaluator<'_>) -> Result<Column> {
        let Some(first) = call.args.first() else { return Ok(Column::all_null(rows.len)) };
        let places = evaluator.evaluate_decoded(first, rows)?;
        let places = Int::open(&places)?;
        let mut takers: Vec<Vec<u32>> = vec![Vec::new(); call.args.len()];
        rows.for_each(|row| {
            let place = Int::get(&places, row).and_then(|place| chosen(call, place));
            if let Some(takers) = place.and_then(|place| takers.get_mut(place)) {
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "batches have fewer rows than 2^32"
                )]
                takers.push(row as u32);
            }
        });
        let mut branches = Branches::new(rows.len);
        for (text, takers) in call.args.iter().zip(&takers) {
            branches.take(text, takers, evaluator)?;
        }
        branches.finish(EvalType::Bytes, rows)
    }

    fn row(&self, call: &Call, evaluator: &mut dyn RowEvaluator) -> Result<Datum, SqlError> {
        let Some(first) = call.args.first() else { return Ok(Datum::Null) };
        let Datum::Int(place) = evaluator.evaluate(first)? else { return Ok(Datum::Null) };
        match chosen(call, place).and_then(|place| call.args.get(place)) {
            Some(text) => evaluator.evaluate(text),
            None => Ok(Datum::Null),
        }
    }
}

/// Evaluates candidates until one equals the value.
struct Field;

fn is_equal(call: &Call, value: &Datum, candidate: &Datum) -> bool {
    match (value, candidate) {
        (Datum::Int(a), Datum::Int(b)) => a == b,
        (Datum::Real(a), Datum::Real(b)) => a == b,
        (Datum::Bytes(a), Datum::Bytes(b)) => call.collation.equals(a, b),
        _ => false,
    }
}

impl LazyKernel for Field {
    fn batch(&self, call: &Call, rows: Rows<'_>, evaluator: &mut Evaluator<'_>) -> Result<Column> {
        let Some((first, candidates)) = call.args.split_first() else {
            return Ok(Column::all_null(rows.len));
        };
        let value = evaluator.evaluate_decoded(first, rows)?;
        let mut open = vec![false; rows.len];
        rows.for_each(|row| {
            if let Some(open) = open.get_mut(row) {
                *open = !value.is_null(row);
            }
        });
        let mut places = vec![0_i64; rows.len];
        for (candidate, place) in candidates.iter().zip(1..) {
            let column = evaluator
                .evaluate_among(candidate, rows, true, |row| open.get(row) == Some(&true))?;
            let found = open.iter_mut().zip(&mut places).enumerate();
            for (row, (is_open, found)) in found.filter(|(_, (is_open, _))| **is_open) {
                if is_equal(call, &datum_at(&value, row)?, &datum_at(&column, row)?) {
                    *is_open = false;
                    *found = place;
                }
            }
        }
        Ok(Column::ints(places, None))
    }

    fn row(&self, call: &Call, evaluator: &mut dyn RowEvaluator) -> Result<Datum, SqlError> {
        let Some((first, candidates)) = call.args.split_first() else { return Ok(Datum::Null) };
        let value = evaluator.evaluate(first)?;
        if value.is_null() {
            return Ok(Datum::Int(0));
        }
        for (candidate, place) in candidates.iter().zip(1..) {
            if is_equal(call, &value, &evaluator.evaluate(candidate)?) {
                return Ok(Datum::Int(place));
            }
        }
        Ok(Datum::Int(0))
    }
}

fn bind_elt(binder: &mut Binder<'_>, site: &CallSite, args: Vec<TypedExpr>) -> Result<TypedExpr> {
    let kinds = &[ArgKind::Int, ArgKind::String];
    let typed = binder.signature(site, AT, args, kinds, ArgKind::String)?;
    let Some(call) = typed.as_call() else { return Ok(typed) };
    let texts = || call.args.iter().skip(1);
    let length = texts().fold(typed.ty.length, |length, text| {
        if text.ty.length < 0 { text.ty.length } else { length.max(text.ty.length) }
    });
    let is_bytes = texts().any(|text| text.ty.is_bytes());
    let typed = with_length(typed, length);
    Ok(if is_bytes { as_bytes(typed) } else { typed })
}

fn bind_field(binder: &mut Binder<'_>, site: &CallSite, args: Vec<TypedExpr>) -> Result<TypedExpr> {
    let all = |kind| args.iter().all(|arg| arg.eval_type() == kind);
    let (overload, kind) = if all(EvalType::Bytes) {
        (TEXTS, ArgKind::String)
    } else if all(EvalType::Int) {
        (INTS, ArgKind::Int)
    } else {
        (REALS, ArgKind::Real)
    };
    binder.signature(site, overload, args, &[kind], ArgKind::Int)
}
