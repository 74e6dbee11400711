// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `CASE WHEN condition THEN value … ELSE value END`.
//!
//! Source: MySQL manual, "Flow Control Functions"; TiDB `pkg/expression/builtin_control.go`
//! (`caseWhenFunctionClass`), `pkg/expression/constant_fold.go` (`caseWhenHandler`).

use tiforth_data::Column;
use tiforth_expr::kernel::{LazyKernel, RowEvaluator, Rows};
use tiforth_expr::{Binder, Call, CallSite, Doc, Evaluator, Function, Overload, TypedExpr};
use tiforth_types::{Coercibility, Datum, EvalType, Repertoire, Result, SqlError};

use super::branches::{Branches, left};
use super::unify::{self, Overloads, Rule, unified_type};
use crate::logic::{condition, split};

/// Defines the function: conditions and values in turn, the ELSE last.
pub(super) const CASE: Function = Function {
    fold: Some(fold),
    ..Function::new(
        "case",
        "control",
        (1, usize::MAX),
        bind,
        Doc {
            usage: "CASE [operand] WHEN a THEN value … [ELSE value] END",
            summary: "Returns the value of the first condition that holds, or of the first WHEN equal to \
                  the operand.",
            result: "The type the values have together.",
            null: "NULL if no condition holds and there is no ELSE.",
            errors: "",
            warnings: "",
            example: ("CASE WHEN 0 THEN 'a' ELSE 'b' END", "b"),
            sources: "MySQL manual, Flow Control Functions; TiDB builtin_control.go",
        },
    )
};

const OVERLOADS: Overloads = Overloads {
    int: Overload::lazy("CaseWhenInt", &Case),
    real: Overload::lazy("CaseWhenReal", &Case),
    decimal: Overload::lazy("CaseWhenDecimal", &Case),
    text: Overload::lazy("CaseWhenString", &Case),
    time: Overload::lazy("CaseWhenTime", &Case).having_forms(),
    duration: Overload::lazy("CaseWhenDuration", &Case),
    json: Overload::lazy("CaseWhenJson", &Case),
};

/// Tells whether the argument at `place` of `count` is a value, not a condition.
fn is_value(place: usize, count: usize) -> bool {
    place % 2 == 1 || place + 1 == count
}

fn bind(binder: &mut Binder<'_>, site: &CallSite, args: Vec<TypedExpr>) -> Result<TypedExpr> {
    let count = args.len();
    let values: Vec<&TypedExpr> =
        (0..count).filter(|&i| is_value(i, count)).filter_map(|i| args.get(i)).collect();
    let ty = unified_type(binder, &site.name, &values, Rule::Case)?;
    let mut conditioned = Vec::with_capacity(count);
    for (i, arg) in args.into_iter().enumerate() {
        conditioned.push(if is_value(i, count) { arg } else { condition(binder, arg)? });
    }
    let eval = ty.eval_type();
    let mut typed = unify::call(binder, site, &OVERLOADS, conditioned, |i| is_value(i, count), ty)?;
    // Only values that are texts say how the result holds to its collation.
    if !matches!(eval, EvalType::Bytes | EvalType::Json | EvalType::Vector) {
        (typed.coercibility, typed.repertoire) = (Coercibility::Numeric, Repertoire::Ascii);
    }
    Ok(typed.with_nullable(true))
}

/// Takes the branch that constant conditions choose, up to the first that is not constant.
fn fold(binder: &mut Binder<'_>, expr: &TypedExpr) -> Option<TypedExpr> {
    let call = expr.as_call()?;
    let mut args = call.args.chunks_exact(2);
    for pair in &mut args {
        let [when, then] = pair else { return None };
        let when = binder.fold_reached(when.clone()).ok()?;
        match when.as_constant() {
            None => return Some(expr.clone()),
            Some(Datum::Int(v)) if *v != 0 => return chosen(binder, then, expr),
            Some(_) => {}
        }
    }
    match args.remainder() {
        [otherwise] => chosen(binder, otherwise, expr),
        _ => Some(expr.clone()),
    }
}

fn chosen(binder: &mut Binder<'_>, branch: &TypedExpr, whole: &TypedExpr) -> Option<TypedExpr> {
    let branch = binder.fold_reached(branch.clone()).ok()?;
    let mut ty = branch.ty.clone();
    if branch.is_constant() {
        ty.decimals = whole.ty.decimals;
    }
    ty.collation = whole.ty.collation;
    Some(TypedExpr {
        coercibility: whole.coercibility,
        repertoire: whole.repertoire,
        ..branch.with_type(ty)
    })
}

/// Evaluates conditions until one holds.
struct Case;

impl LazyKernel for Case {
    fn batch(&self, call: &Call, rows: Rows<'_>, evaluator: &mut Evaluator<'_>) -> Result<Column> {
        let mut branches = Branches::new(rows.len);
        let mut open: Option<Vec<u32>> = None;
        let mut args = call.args.chunks_exact(2);
        for pair in &mut args {
            let [when, then] = pair else { continue };
            let Some(left) = left(rows, open.as_deref()) else { break };
            let condition = evaluator.evaluate_decoded(when, left)?;
            let (held, others) = split(&condition, left)?;
            branches.take(then, &held, evaluator)?;
            open = Some(others);
        }
        if let [otherwise] = args.remainder() {
            match &open {
                Some(open) => branches.take(otherwise, open, evaluator)?,
                None => return evaluator.evaluate(otherwise, rows),
            }
        }
        branches.finish(call.ty.eval_type(), rows)
    }

    fn row(&self, call: &Call, evaluator: &mut dyn RowEvaluator) -> Result<Datum, SqlError> {
        let mut args = call.args.chunks_exact(2);
        for pair in &mut args {
            let [when, then] = pair else { continue };
            if matches!(evaluator.evaluate(when)?, Datum::Int(v) if v != 0) {
                return evaluator.evaluate(then);
            }
        }
        match args.remainder() {
            [otherwise] => evaluator.evaluate(otherwise),
            _ => Ok(Datum::Null),
        }
    }
}
