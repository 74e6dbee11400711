// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `a + b`.
//!
//! Source: MySQL manual, "Arithmetic Operators"; TiDB `pkg/expression/builtin_arithmetic.go`.

use tiforth_expr::kernel::{Checked2, Int, Real, UInt};
use tiforth_expr::{
    ArgKind, Binder, CallContext, CallSite, Collate, Doc, Function, Overload, TypedExpr, Volatility,
};
use tiforth_types::{EvalType, Result, SqlError, SqlType};

/// Defines the function.
pub(crate) const PLUS: Function = Function {
    name: "plus",
    aliases: &["add"],
    family: "arithmetic",
    arity: (2, 2),
    bind,
    collate: Collate::Connection,
    volatility: Volatility::Immutable,
    fold: None,
    doc: Doc {
        usage: "a + b",
        summary: "Adds two numbers.",
        result: "DOUBLE if either is a DOUBLE, FLOAT or text; else DECIMAL if either is; else BIGINT, \
                 unsigned if either is.",
        null: "NULL if either argument is.",
        errors: "1690 when the sum is beyond its type.",
        warnings: "",
        example: ("1 + 1.5", "2.5"),
        sources: "MySQL manual, Arithmetic Operators; TiDB builtin_arithmetic.go",
    },
};

const PLUS_INT: Overload = Overload::strict(
    "PlusInt",
    &Checked2::<Int, Int, Int, _>::new(|a: i64, b: i64| a.overflowing_add(b), bigint_overflow),
);
const PLUS_UINT: Overload = Overload::strict(
    "PlusInt",
    &Checked2::<UInt, UInt, UInt, _>::new(
        |a: i64, b: i64| {
            let (sum, wrong) = (a as u64).overflowing_add(b as u64);
            (sum as i64, wrong)
        },
        bigint_overflow,
    ),
);
const PLUS_REAL: Overload = Overload::strict(
    "PlusReal",
    &Checked2::<Real, Real, Real, _>::new(
        |a: f64, b: f64| {
            let sum = a + b;
            (sum, !sum.is_finite())
        },
        |ctx| SqlError::out_of_range("DOUBLE", &operation(ctx)),
    ),
);

fn operation(ctx: &CallContext<'_>) -> String {
    match &ctx.call.args[..] {
        [a, b] => format!("({a} + {b})"),
        _ => ctx.printed(),
    }
}

fn bigint_overflow(ctx: &CallContext<'_>) -> SqlError {
    let kind = if ctx.call.ty.unsigned { "BIGINT UNSIGNED" } else { "BIGINT" };
    SqlError::out_of_range(kind, &operation(ctx))
}

fn bind(binder: &mut Binder<'_>, site: &CallSite, args: Vec<TypedExpr>) -> Result<TypedExpr> {
    let is_unsigned = args.iter().any(|a| a.ty.unsigned);
    if args.iter().all(|a| a.eval_type() == EvalType::Int) {
        let (overload, ty) = if is_unsigned {
            (PLUS_UINT, SqlType::bigint_unsigned(20))
        } else {
            (PLUS_INT, SqlType::bigint(20))
        };
        return binder.signature_of_type(site, overload, args, &[ArgKind::Int], ty);
    }
    binder.signature(site, PLUS_REAL, args, &[ArgKind::Real], ArgKind::Real)
}
