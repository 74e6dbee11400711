// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `FIND_IN_SET(text, list)`: the place of a text in a list written with commas.
//!
//! Source: MySQL manual, "String Functions and Operators"; TiDB `pkg/expression/builtin_string.go`
//! (`findInSetFunctionClass`).

use tiforth_expr::kernel::{BytesArg, Int, Scalar2};
use tiforth_expr::{
    ArgKind, Binder, CallContext, CallSite, Collate, Doc, Function, Overload, TypedExpr,
};
use tiforth_types::{Result, SqlError};

use super::define;
use super::result::with_length;

/// Defines FIND_IN_SET.
pub(crate) const FIND_IN_SET: Function = define(
    "find_in_set",
    &[],
    (2, 2),
    bind,
    Collate::All,
    Doc {
        usage: "FIND_IN_SET(text, list)",
        summary: "Finds a text among those a list holds between commas; counts them from 1.",
        result: "BIGINT, 0 where the text is not found; one that holds a comma never is.",
        null: "NULL if either argument is.",
        errors: "1267 and its kin where collations do not mix.",
        warnings: "",
        example: ("FIND_IN_SET('b', 'a,b,c,d')", "2"),
        sources: "MySQL manual, String Functions; TiDB builtin_string.go",
    },
);

const PLACE: Overload =
    Overload::strict("FindInSet", &Scalar2::<BytesArg, BytesArg, Int, _>::new(place));

/// An empty list holds nothing, not an empty text.
fn place(ctx: &mut CallContext<'_>, text: &[u8], list: &[u8]) -> Result<Option<i64>, SqlError> {
    let collation = ctx.call.collation;
    let mut elements = list.split(|byte| *byte == b',');
    let found = elements.position(|element| collation.equals(text, element));
    let found = found.filter(|_| !list.is_empty());
    Ok(Some(found.map_or(0, |place| place as i64 + 1)))
}

fn bind(binder: &mut Binder<'_>, site: &CallSite, args: Vec<TypedExpr>) -> Result<TypedExpr> {
    let typed = binder.signature(site, PLACE, args, &[ArgKind::String], ArgKind::Int)?;
    Ok(with_length(typed, 3))
}
