// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `STRCMP(a, b)`.
//!
//! Source: MySQL manual, "String Comparison Functions and Operators"; TiDB
//! `pkg/expression/builtin_string.go` (`strcmpFunctionClass`).

use tiforth_expr::kernel::{BytesArg, Int, Scalar2};
use tiforth_expr::{
    ArgKind, Binder, CallContext, CallSite, Collate, Doc, Function, Overload, TypedExpr,
};
use tiforth_types::{Result, SqlError, SqlType};

/// Defines the function.
pub(super) const STRCMP: Function = Function {
    collate: Collate::Compare,
    ..Function::new(
        "strcmp",
        "comparison",
        (2, 2),
        bind,
        Doc {
            usage: "STRCMP(a, b)",
            summary: "Orders two texts: -1 if the first is less, 0 if they are equal, 1 if it is greater.",
            result: "BIGINT: -1, 0 or 1.",
            null: "NULL if either argument is.",
            errors: "1267 when the collations of the texts do not mix.",
            warnings: "",
            example: ("STRCMP('a', 'b')", "-1"),
            sources: "MySQL manual, String Comparison Functions and Operators; TiDB builtin_string.go",
        },
    )
};

const OVERLOAD: Overload =
    Overload::strict("Strcmp", &Scalar2::<BytesArg, BytesArg, Int, _>::new(order));

fn order(ctx: &mut CallContext<'_>, a: &[u8], b: &[u8]) -> Result<Option<i64>, SqlError> {
    Ok(Some(ctx.call.collation.compare(a, b) as i64))
}

fn bind(binder: &mut Binder<'_>, site: &CallSite, args: Vec<TypedExpr>) -> Result<TypedExpr> {
    binder.signature_of_type(site, OVERLOAD, args, &[ArgKind::String], SqlType::bigint(2))
}
