// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `SUM(a)`.
//!
//! Integers and decimals are summed exactly, as decimals, hidden digits too; the sum is rounded to the
//! result's digits, but not that of DISTINCT values.
//!
//! Source: MySQL manual, "Aggregate Function Descriptions"; TiDB `pkg/executor/aggfuncs/func_sum.go`,
//! `pkg/expression/aggregation/base_func.go` (`typeInfer4Sum`).

use tiforth_expr::{AggregateFunction, ArgKind, Binder, BoundAggregate, Doc, TypedExpr};
use tiforth_types::sql_type::{DECIMAL_PRECISION_MAX, UNSPECIFIED};
use tiforth_types::{EvalType, Result, SqlError, SqlType, TypeKind};

use super::decimal_sum::{self, DecimalSum};
use super::real_sum::{self, RealSum};
use super::same;

/// Defines the function.
pub(crate) const SUM: AggregateFunction = AggregateFunction {
    name: "sum",
    aliases: &[],
    arity: (1, 1),
    bind,
    doc: Doc {
        usage: "SUM([DISTINCT] a)",
        summary: "Adds up the values that are not NULL.",
        result: "DECIMAL of 22 digits more for a DECIMAL, DECIMAL without fraction for integers, else \
                 DOUBLE.",
        null: "NULL if every value is NULL, or there is none.",
        errors: "1690 when the sum is beyond its type; 1265 when it has no room for the type's digits.",
        warnings: "1292 when a text is no number.",
        example: ("SUM(d5_2)", "a DECIMAL(27,2)"),
        sources: "MySQL manual, Aggregate Function Descriptions; TiDB func_sum.go, base_func.go",
    },
};

/// Tells whether a sum is computed with decimals: of integers and decimals it is.
pub(super) fn is_exact(arg: &TypedExpr) -> bool {
    matches!(arg.eval_type(), EvalType::Int | EvalType::Decimal) && arg.ty.kind != TypeKind::Bit
}

/// Returns the DOUBLE a sum of values of type `source` is: it shows as many decimals as a DOUBLE or
/// FLOAT does that is added up.
pub(super) fn real_sum_type(source: &SqlType) -> SqlType {
    let decimals = if source.eval_type() == EvalType::Real { source.decimals } else { UNSPECIFIED };
    SqlType { length: 23, decimals, ..SqlType::double() }
}

fn bind(binder: &mut Binder<'_>, mut args: Vec<TypedExpr>) -> Result<BoundAggregate> {
    let Some(arg) = args.pop() else { return Err(SqlError::wrong_argument_count("sum").into()) };
    let most = i64::from(DECIMAL_PRECISION_MAX);
    if !is_exact(&arg) {
        let ty = real_sum_type(&arg.ty);
        let arg = binder.wrap(arg, ArgKind::Real)?;
        return Ok(BoundAggregate {
            name: SUM.name,
            args: vec![arg],
            ty,
            nullable: true,
            distinct: false,
            state: real_sum::STATE,
            accumulator: |_, _| Box::new(RealSum::default()),
            finish: |sums, _, _| Ok(same::<RealSum>(sums)?.column()),
        });
    }
    let source = arg.ty.clone();
    let ty = if source.eval_type() == EvalType::Int {
        let length = if source.length < 0 { most } else { (source.length + 21).min(most) };
        SqlType { length, ..SqlType::decimal(0, 0) }
    } else {
        let length = if source.length < 0 { most } else { (source.length + 22).min(most) };
        SqlType { length, ..SqlType::decimal(0, source.decimals) }
    };
    let arg = binder.wrap(arg, ArgKind::Decimal)?;
    Ok(BoundAggregate {
        name: SUM.name,
        args: vec![arg],
        ty,
        nullable: true,
        distinct: false,
        state: decimal_sum::STATE,
        accumulator: |_, _| Box::new(DecimalSum::default()),
        finish: |sums, call, _| same::<DecimalSum>(sums)?.column(call),
    })
}
