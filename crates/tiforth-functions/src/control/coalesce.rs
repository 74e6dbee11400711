// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `COALESCE(a, …)`.
//!
//! Source: MySQL manual, "Comparison Functions and Operators"; TiDB
//! `pkg/expression/builtin_compare.go` (`coalesceFunctionClass`).

use tiforth_data::Column;
use tiforth_expr::kernel::{LazyKernel, RowEvaluator, Rows};
use tiforth_expr::{
    Binder, Call, CallSite, Collate, Doc, Evaluator, Function, Overload, TypedExpr, Volatility,
};
use tiforth_types::{Datum, Result, SqlError};

use super::branches::{Branches, split_nulls};
use super::unify::{self, Overloads, Rule, unified_type};

/// Defines the function.
pub(super) const COALESCE: Function = Function {
    name: "coalesce",
    aliases: &[],
    family: "control",
    arity: (1, usize::MAX),
    bind,
    collate: Collate::Connection,
    volatility: Volatility::Immutable,
    fold: None,
    doc: Doc {
        usage: "COALESCE(a, …)",
        summary: "Returns the first value that is not NULL.",
        result: "The type the values have together.",
        null: "NULL if all values are.",
        errors: "",
        warnings: "",
        example: ("COALESCE(NULL, 2, 3)", "2"),
        sources: "MySQL manual, Comparison Functions and Operators; TiDB builtin_compare.go",
    },
};

const OVERLOADS: Overloads = Overloads {
    int: Overload::lazy("CoalesceInt", &Coalesce),
    real: Overload::lazy("CoalesceReal", &Coalesce),
    decimal: Overload::lazy("CoalesceDecimal", &Coalesce),
    text: Overload::lazy("CoalesceString", &Coalesce),
    time: Overload::lazy("CoalesceTime", &Coalesce),
    duration: Overload::lazy("CoalesceDuration", &Coalesce),
    json: Overload::lazy("CoalesceJson", &Coalesce),
};

fn bind(binder: &mut Binder<'_>, site: &CallSite, args: Vec<TypedExpr>) -> Result<TypedExpr> {
    let values: Vec<&TypedExpr> = args.iter().collect();
    let ty = unified_type(binder, &site.name, &values, Rule::Choice)?;
    let nullable = args.iter().all(|a| a.nullable);
    let typed = unify::call(binder, site, &OVERLOADS, args, |_| true, ty)?;
    Ok(typed.with_nullable(nullable))
}

/// Evaluates values until one is not NULL.
struct Coalesce;

impl LazyKernel for Coalesce {
    fn batch(&self, call: &Call, rows: Rows<'_>, evaluator: &mut Evaluator<'_>) -> Result<Column> {
        let mut branches = Branches::new(rows.len);
        let mut open: Option<Vec<u32>> = None;
        for arg in &call.args {
            let left = match &open {
                Some(open) if open.is_empty() => break,
                Some(open) => Rows::selected(rows.len, open),
                None => rows,
            };
            let column = evaluator.evaluate_decoded(arg, left)?;
            let (null, others) = split_nulls(&column, left);
            branches.serve(column, &others);
            open = Some(null);
        }
        branches.finish(call.ty.eval_type(), rows)
    }

    fn row(&self, call: &Call, evaluator: &mut dyn RowEvaluator) -> Result<Datum, SqlError> {
        for arg in &call.args {
            let value = evaluator.evaluate(arg)?;
            if !value.is_null() {
                return Ok(value);
            }
        }
        Ok(Datum::Null)
    }
}
