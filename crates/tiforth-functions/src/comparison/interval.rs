// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `INTERVAL(a, x, y, …)`: how many of the numbers x, y, … a has reached.
//!
//! TiDB searches by halves and evaluates only what it looks at; where the numbers are doubles and one
//! may be NULL it goes from left to right and stops at the first that is greater.
//!
//! Source: MySQL manual, "Comparison Functions and Operators"; TiDB
//! `pkg/expression/builtin_compare.go` (`intervalFunctionClass`).

use std::cmp::Ordering;

use tiforth_data::Column;
use tiforth_expr::kernel::{Arg, Int, LazyKernel, Real, RowEvaluator, Rows};
use tiforth_expr::{
    ArgKind, Binder, Call, CallSite, Doc, Evaluator, Function, Overload, TypedExpr,
};
use tiforth_types::{Datum, EvalType, InternalError, Result, SqlError};

use super::operator::order_ints;

/// Defines the function.
pub(super) const INTERVAL: Function = Function {
    is_conditional: true,
    ..Function::new(
        "interval",
        "comparison",
        (2, usize::MAX),
        bind,
        Doc {
            usage: "INTERVAL(a, x, y, …)",
            summary: "Counts the ascending numbers a value has reached.",
            result: "BIGINT: 0 to the number of numbers; -1 if the value is NULL.",
            null: "Never.",
            errors: "",
            warnings: "1292 when a text is no number.",
            example: ("INTERVAL(5, 1, 3, 9)", "2"),
            sources: "MySQL manual, Comparison Functions and Operators; TiDB builtin_compare.go",
        },
    )
};

fn bind(binder: &mut Binder<'_>, site: &CallSite, args: Vec<TypedExpr>) -> Result<TypedExpr> {
    let is_int = args.iter().all(|a| a.eval_type() == EvalType::Int);
    let may_be_null = args.iter().any(|a| a.nullable);
    // TiDB's copies of the call for integers, which all run but the folded ones, forget the NULLs.
    let is_folded = args.iter().all(TypedExpr::is_constant);
    let search: &'static dyn LazyKernel =
        if may_be_null && (is_folded || !is_int) { &Search::Linear } else { &Search::Binary };
    let (overload, kind) = if is_int {
        (Overload::lazy("IntervalInt", search), ArgKind::Int)
    } else {
        (Overload::lazy("IntervalReal", search), ArgKind::Real)
    };
    binder.signature(site, overload, args, &[kind], ArgKind::Int)
}

/// Says in which order the numbers are looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Search {
    Linear,
    Binary,
}

/// Is one row's search: the numbers before `low` are reached, those from `high` on are not.
#[derive(Clone, Copy)]
struct Range {
    low: usize,
    high: usize,
}

impl Search {
    /// Returns the place of the number to look at next.
    fn next(self, range: Range) -> Option<usize> {
        if range.low >= range.high {
            return None;
        }
        Some(match self {
            Search::Linear => range.low,
            Search::Binary => range.low + (range.high - range.low) / 2,
        })
    }
}

impl Range {
    /// Narrows the range by what was seen at `place`; a NULL counts as reached.
    fn narrow(&mut self, place: usize, is_reached: bool) {
        if is_reached {
            self.low = place + 1;
        } else {
            self.high = place;
        }
    }
}

/// Orders two values of the call's arguments; a NULL counts as the first value, with the second's sign.
fn order(a: &Datum, a_unsigned: bool, b: &Datum, b_unsigned: bool) -> Option<Ordering> {
    match (a, b) {
        (Datum::Int(a), Datum::Int(b)) => Some(order_ints(*a, a_unsigned, *b, b_unsigned)),
        (Datum::Int(a), Datum::Null) => Some(order_ints(*a, a_unsigned, *a, b_unsigned)),
        (Datum::Real(a), Datum::Real(b)) => a.partial_cmp(b),
        _ => None,
    }
}

fn value_at(column: &Column, row: usize, eval: EvalType) -> Result<Datum> {
    Ok(match eval {
        EvalType::Int => Int::get(&Int::open(column)?, row).map_or(Datum::Null, Datum::Int),
        _ => Real::get(&Real::open(column)?, row).map_or(Datum::Null, Datum::Real),
    })
}

impl LazyKernel for Search {
    fn batch(&self, call: &Call, rows: Rows<'_>, evaluator: &mut Evaluator<'_>) -> Result<Column> {
        let Some((value, numbers)) = call.args.split_first() else {
            return Err(InternalError::new("INTERVAL was run without arguments").into());
        };
        let eval = value.eval_type();
        let values = evaluator.evaluate_decoded(value, rows)?;
        let mut ranges = vec![Range { low: 0, high: numbers.len() }; rows.len];
        let mut out = vec![-1_i64; rows.len];
        let mut open: Vec<(u32, Datum)> = Vec::with_capacity(rows.count());
        let mut failure = None;
        rows.for_each(|row| match value_at(&values, row, eval) {
            Ok(Datum::Null) => {}
            #[expect(
                clippy::cast_possible_truncation,
                reason = "batches have fewer rows than 2^32"
            )]
            Ok(value) => open.push((row as u32, value)),
            Err(error) => failure = Some(error),
        });
        if let Some(error) = failure {
            return Err(error);
        }
        while !open.is_empty() {
            let mut looked_at: Vec<Vec<u32>> = vec![Vec::new(); numbers.len()];
            open.retain(|(row, _)| {
                let Some(range) = ranges.get(*row as usize) else { return false };
                match self.next(*range) {
                    Some(place) => {
                        if let Some(list) = looked_at.get_mut(place) {
                            list.push(*row);
                        }
                        true
                    }
                    None => {
                        if let Some(out) = out.get_mut(*row as usize) {
                            *out = range.low as i64;
                        }
                        false
                    }
                }
            });
            for (place, (number, list)) in numbers.iter().zip(&looked_at).enumerate() {
                if list.is_empty() {
                    continue;
                }
                let column = evaluator.evaluate_decoded(number, Rows::selected(rows.len, list))?;
                for &row in list {
                    let at = open.binary_search_by_key(&row, |(row, _)| *row);
                    let Some((_, value)) = at.ok().and_then(|at| open.get(at)) else { continue };
                    let number_value = value_at(&column, row as usize, eval)?;
                    let order =
                        order(value, call_unsigned(call, 0), &number_value, number.ty.unsigned);
                    if let Some(range) = ranges.get_mut(row as usize) {
                        range.narrow(place, order.is_none_or(Ordering::is_ge));
                    }
                }
            }
        }
        Ok(Column::ints(out, None))
    }

    fn row(&self, call: &Call, evaluator: &mut dyn RowEvaluator) -> Result<Datum, SqlError> {
        let Some((value, numbers)) = call.args.split_first() else { return Ok(Datum::Null) };
        let target = evaluator.evaluate(value)?;
        if target.is_null() {
            return Ok(Datum::Int(-1));
        }
        let mut range = Range { low: 0, high: numbers.len() };
        while let Some(place) = self.next(range) {
            let Some(number) = numbers.get(place) else { break };
            let at = evaluator.evaluate(number)?;
            let order = order(&target, value.ty.unsigned, &at, number.ty.unsigned);
            range.narrow(place, order.is_none_or(Ordering::is_ge));
        }
        Ok(Datum::Int(range.low as i64))
    }
}

fn call_unsigned(call: &Call, place: usize) -> bool {
    call.args.get(place).is_some_and(|a| a.ty.unsigned)
}
