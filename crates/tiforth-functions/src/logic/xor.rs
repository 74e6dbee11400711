// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `a XOR b`.
//!
//! Source: MySQL manual, "Logical Operators"; TiDB `pkg/expression/builtin_op.go`
//! (`logicXorFunctionClass`).

use tiforth_expr::kernel::{Int, PureBool2};
use tiforth_expr::{ArgKind, Binder, CallSite, Doc, Function, Overload, TypedExpr};
use tiforth_types::{Result, SqlType};

use super::truth::condition;

/// Defines the function.
pub(super) const XOR: Function = Function::new(
    "xor",
    "logic",
    (2, 2),
    bind,
    Doc {
        usage: "a XOR b",
        summary: "Tells whether exactly one of two values is true.",
        result: "BIGINT: 1 or 0.",
        null: "NULL if either value is.",
        errors: "",
        warnings: "1292 when a text is no number.",
        example: ("1 XOR 1", "0"),
        sources: "MySQL manual, Logical Operators; TiDB builtin_op.go",
    },
);

const OVERLOAD: Overload = Overload::strict(
    "LogicalXor",
    &PureBool2::<Int, Int, _>::new(|a: i64, b: i64| (a != 0) != (b != 0)),
);

fn bind(binder: &mut Binder<'_>, site: &CallSite, args: Vec<TypedExpr>) -> Result<TypedExpr> {
    let args = args.into_iter().map(|a| condition(binder, a)).collect::<Result<Vec<_>>>()?;
    let ty = SqlType { decimals: 0, ..SqlType::bigint(1) };
    Ok(binder.signature_of_type(site, OVERLOAD, args, &[ArgKind::Int], ty)?.as_boolean())
}
