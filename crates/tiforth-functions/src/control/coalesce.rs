// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `COALESCE(a, …)`.
//!
//! Source: MySQL manual, "Comparison Functions and Operators"; TiDB
//! `pkg/expression/builtin_compare.go` (`coalesceFunctionClass`).

use tiforth_data::{Column, ColumnData};
use tiforth_expr::kernel::{LazyKernel, RowEvaluator, Rows};
use tiforth_expr::{Binder, Call, CallSite, Doc, Evaluator, Function, Overload, TypedExpr};
use tiforth_types::temporal::TimeKind;
use tiforth_types::{Datum, Result, SqlError, Time};

use super::branches::{Branches, left, split_nulls};
use super::unify::{self, Overloads, Rule, unified_type};

/// Defines the function.
pub(super) const COALESCE: Function = Function {
    is_conditional: true,
    ..Function::new(
        "coalesce",
        "control",
        (1, usize::MAX),
        bind,
        Doc {
            usage: "COALESCE(a, …)",
            summary: "Returns the first value that is not NULL.",
            result: "The type the values have together.",
            null: "NULL if all values are.",
            errors: "",
            warnings: "",
            example: ("COALESCE(NULL, 2, 3)", "2"),
            sources: "MySQL manual, Comparison Functions and Operators; TiDB builtin_compare.go",
        },
    )
};

const OVERLOADS: Overloads = Overloads {
    int: Overload::lazy("CoalesceInt", &Coalesce),
    real: Overload::lazy("CoalesceReal", &Coalesce),
    decimal: Overload::lazy("CoalesceDecimal", &Coalesce),
    text: Overload::lazy("CoalesceString", &Coalesce),
    time: Overload::lazy("CoalesceTime", &Coalesce).having_forms(),
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

/// Gives dates the form TiDB gives them: a DATE stays one beside datetimes, all others have the
/// result's digits, the zero date too.
fn formed(column: Column, call: &Call, arg: &TypedExpr) -> Column {
    match column.data() {
        ColumnData::Time(values) => {
            let formed = values.iter().map(|value| form(Time(*value), call, arg).0);
            Column::times(formed.collect::<Vec<_>>(), column.nulls().cloned())
        }
        ColumnData::Constant(value) => match value.as_ref() {
            Datum::Time(time) => {
                Column::constant(Datum::Time(form(*time, call, arg)), column.len())
            }
            _ => column,
        },
        _ => column,
    }
}

fn form(time: Time, call: &Call, arg: &TypedExpr) -> Time {
    let kind = time.form().map_or_else(|| arg.ty.time_kind(), |(kind, _)| kind);
    let is_date = kind == TimeKind::Date && call.ty.time_kind() != TimeKind::Date;
    if is_date { time.with_form(kind, 0) } else { time.plain() }
}

/// Evaluates values until one is not NULL.
struct Coalesce;

impl LazyKernel for Coalesce {
    fn batch(&self, call: &Call, rows: Rows<'_>, evaluator: &mut Evaluator<'_>) -> Result<Column> {
        let mut branches = Branches::new(rows.len);
        let mut open: Option<Vec<u32>> = None;
        for arg in &call.args {
            let Some(left) = left(rows, open.as_deref()) else { break };
            let column = evaluator.evaluate_decoded(arg, left)?;
            let column = if call.tells_forms { formed(column, call, arg) } else { column };
            let (null, others) = split_nulls(&column, left);
            branches.serve(column, &others);
            open = Some(null);
        }
        branches.finish(call.ty.eval_type(), rows)
    }

    fn row(&self, call: &Call, evaluator: &mut dyn RowEvaluator) -> Result<Datum, SqlError> {
        for arg in &call.args {
            match evaluator.evaluate(arg)? {
                Datum::Null => {}
                Datum::Time(time) if call.tells_forms => {
                    return Ok(Datum::Time(form(time, call, arg)));
                }
                value => return Ok(value),
            }
        }
        Ok(Datum::Null)
    }
}
