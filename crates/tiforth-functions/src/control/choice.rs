// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! IF, IFNULL, NULLIF.
//!
//! Source: MySQL manual, "Flow Control Functions"; TiDB `pkg/expression/builtin_control.go`,
//! `pkg/expression/constant_fold.go` (`ifFoldHandler`, `ifNullFoldHandler`),
//! `pkg/planner/core/expression_rewriter.go` (NULLIF).

use tiforth_data::Column;
use tiforth_expr::kernel::{LazyKernel, RowEvaluator, Rows};
use tiforth_expr::{Binder, Call, CallSite, Doc, Evaluator, Function, Overload, TypedExpr};
use tiforth_types::{Collation, Datum, InternalError, Result, SqlError, SqlType};

use super::branches::{Branches, split_nulls};
use super::unify::{self, Overloads, Rule, unified_type};
use crate::logic::{condition, split};

/// Defines IF.
pub(super) const IF: Function = Function {
    fold: Some(fold_if),
    is_conditional: true,
    keeps_untyped_nulls: true,
    ..Function::new(
        "if",
        "control",
        (3, 3),
        bind_if,
        Doc {
            usage: "IF(condition, a, b)",
            summary: "Returns the first value if the condition holds, else the second.",
            result: "The type the two values have together.",
            null: "NULL if the value returned is.",
            errors: "",
            warnings: "",
            example: ("IF(NULL, 'a', 'b')", "b"),
            sources: "MySQL manual, Flow Control Functions; TiDB builtin_control.go",
        },
    )
};

/// Defines IFNULL.
pub(super) const IFNULL: Function = Function {
    fold: Some(fold_ifnull),
    is_conditional: true,
    keeps_untyped_nulls: true,
    ..Function::new(
        "ifnull",
        "control",
        (2, 2),
        bind_ifnull,
        Doc {
            usage: "IFNULL(a, b)",
            summary: "Returns the first value, or the second where the first is NULL.",
            result: "The type the two values have together.",
            null: "NULL if both values are.",
            errors: "",
            warnings: "",
            example: ("IFNULL(NULL, 'b')", "b"),
            sources: "MySQL manual, Flow Control Functions; TiDB builtin_control.go",
        },
    )
};

/// Defines NULLIF, which is `IF(a = b, NULL, a)`.
pub(super) const NULLIF: Function = Function {
    fold: Some(|_, expr| Some(expr.clone())),
    keeps_untyped_nulls: true,
    ..Function::new(
        "nullif",
        "control",
        (2, 2),
        |binder, site, args| {
            let Ok([mut a, b]) = <[TypedExpr; 2]>::try_from(args) else {
                return Err(SqlError::wrong_argument_count(&site.name).into());
            };
            let equal = binder.call_sharing("eq", &mut a, b)?;
            binder.call("if", vec![equal, TypedExpr::null(), a])
        },
        Doc {
            usage: "NULLIF(a, b)",
            summary: "Returns the first value unless it equals the second.",
            result: "The type of the first value.",
            null: "NULL if the two are equal or the first is NULL.",
            errors: "",
            warnings: "",
            example: ("NULLIF(1, 1)", "NULL"),
            sources: "MySQL manual, Flow Control Functions; TiDB expression_rewriter.go",
        },
    )
};

macro_rules! overloads {
    ($wire:literal, $kernel:ident) => {
        Overloads {
            int: Overload::lazy(concat!($wire, "Int"), &$kernel),
            real: Overload::lazy(concat!($wire, "Real"), &$kernel),
            decimal: Overload::lazy(concat!($wire, "Decimal"), &$kernel),
            text: Overload::lazy(concat!($wire, "String"), &$kernel),
            time: Overload::lazy(concat!($wire, "Time"), &$kernel).having_forms(),
            duration: Overload::lazy(concat!($wire, "Duration"), &$kernel),
            json: Overload::lazy(concat!($wire, "Json"), &$kernel),
        }
    };
}
const IF_OVERLOADS: Overloads = overloads!("If", If);
const IFNULL_OVERLOADS: Overloads = overloads!("IfNull", IfNull);

fn bind_if(binder: &mut Binder<'_>, site: &CallSite, args: Vec<TypedExpr>) -> Result<TypedExpr> {
    let Ok([when, a, b]) = <[TypedExpr; 3]>::try_from(args) else {
        return Err(SqlError::wrong_argument_count(&site.name).into());
    };
    let ty = unified_type(binder, &site.name, &[&a, &b], Rule::Choice)?;
    let when = condition(binder, when)?;
    let typed = unify::call(binder, site, &IF_OVERLOADS, vec![when, a, b], |i| i > 0, ty)?;
    Ok(typed.with_nullable(true))
}

fn bind_ifnull(
    binder: &mut Binder<'_>,
    site: &CallSite,
    args: Vec<TypedExpr>,
) -> Result<TypedExpr> {
    let [a, b] = &args[..] else {
        return Err(SqlError::wrong_argument_count(&site.name).into());
    };
    let ty = unified_type(binder, &site.name, &[a, b], Rule::Choice)?;
    let nullable = a.nullable && b.nullable;
    let typed = unify::call(binder, site, &IFNULL_OVERLOADS, args, |_| true, ty)?;
    Ok(typed.with_nullable(nullable))
}

/// Takes a branch in place of the whole call, whose collation it keeps.
fn branch(binder: &mut Binder<'_>, branch: &TypedExpr, whole: &TypedExpr) -> Option<TypedExpr> {
    collated(binder, branch, whole, whole.ty.collation)
}

/// Takes a branch in place of the whole call; what it yields has `collation`.
fn collated(
    binder: &mut Binder<'_>,
    branch: &TypedExpr,
    whole: &TypedExpr,
    collation: Collation,
) -> Option<TypedExpr> {
    let branch = binder.fold_reached(branch.clone()).ok()?;
    let ty = SqlType { collation, ..branch.ty.clone() };
    Some(TypedExpr {
        coercibility: whole.coercibility,
        repertoire: whole.repertoire,
        ..branch.with_type(ty)
    })
}

fn fold_if(binder: &mut Binder<'_>, expr: &TypedExpr) -> Option<TypedExpr> {
    let [when, a, b] = &expr.as_call()?.args[..] else { return None };
    let when = binder.fold_reached(when.clone()).ok()?;
    match when.as_constant() {
        None => Some(expr.clone()),
        Some(Datum::Int(v)) if *v != 0 => branch(binder, a, expr),
        Some(_) => branch(binder, b, expr),
    }
}

fn fold_ifnull(binder: &mut Binder<'_>, expr: &TypedExpr) -> Option<TypedExpr> {
    let [a, b] = &expr.as_call()?.args[..] else { return None };
    let a = binder.fold_reached(a.clone()).ok()?;
    match a.as_constant() {
        None => Some(expr.clone()),
        // The collation of a NULL that is left out counts no more.
        Some(Datum::Null) => collated(binder, b, expr, b.ty.collation),
        Some(_) => branch(binder, &a, expr),
    }
}

#[cold]
fn wrong_count(call: &Call) -> InternalError {
    InternalError::new(format!("{} was run with a wrong number of arguments", call.name))
}

/// Evaluates the condition, then the branch it chooses.
struct If;

impl LazyKernel for If {
    fn batch(&self, call: &Call, rows: Rows<'_>, evaluator: &mut Evaluator<'_>) -> Result<Column> {
        let [when, a, b] = &call.args[..] else { return Err(wrong_count(call).into()) };
        let condition = evaluator.evaluate_decoded(when, rows)?;
        let (held, others) = split(&condition, rows)?;
        let mut branches = Branches::new(rows.len);
        branches.take(a, &held, evaluator)?;
        branches.take(b, &others, evaluator)?;
        branches.finish(call.ty.eval_type(), rows)
    }

    fn row(&self, call: &Call, evaluator: &mut dyn RowEvaluator) -> Result<Datum, SqlError> {
        let [when, a, b] = &call.args[..] else { return Ok(Datum::Null) };
        let holds = matches!(evaluator.evaluate(when)?, Datum::Int(v) if v != 0);
        evaluator.evaluate(if holds { a } else { b })
    }
}

/// Evaluates the second value only where the first is NULL.
struct IfNull;

impl LazyKernel for IfNull {
    fn batch(&self, call: &Call, rows: Rows<'_>, evaluator: &mut Evaluator<'_>) -> Result<Column> {
        let [a, b] = &call.args[..] else { return Err(wrong_count(call).into()) };
        let first = evaluator.evaluate_decoded(a, rows)?;
        let (null, others) = split_nulls(&first, rows);
        if null.is_empty() {
            return Ok(first);
        }
        let mut branches = Branches::new(rows.len);
        branches.serve(first, &others);
        branches.take(b, &null, evaluator)?;
        branches.finish(call.ty.eval_type(), rows)
    }

    fn row(&self, call: &Call, evaluator: &mut dyn RowEvaluator) -> Result<Datum, SqlError> {
        let [a, b] = &call.args[..] else { return Ok(Datum::Null) };
        match evaluator.evaluate(a)? {
            Datum::Null => evaluator.evaluate(b),
            value => Ok(value),
        }
    }
}
