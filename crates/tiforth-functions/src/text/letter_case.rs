// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `UPPER` and `LOWER`.
//!
//! Source: MySQL manual, "String Functions and Operators"; TiDB `pkg/expression/builtin_string.go`.

use tiforth_data::Column;
use tiforth_expr::kernel::{Args, BytesArg, Text1};
use tiforth_expr::{
    ArgKind, Binder, CallContext, CallSite, Collate, Doc, Function, Overload, TypedExpr,
};
use tiforth_types::{Collation, Result, SqlError};

use super::columns::Texts;
use super::define;
use super::result::like_first;
use crate::columns_first::ColumnsFirst;

/// Defines UPPER.
pub(crate) const UPPER: Function = define(
    "upper",
    &["ucase"],
    (1, 1),
    |binder, site, args| bind(binder, site, args, TO_UPPER),
    Collate::All,
    Doc {
        usage: "UPPER(text)",
        summary: "Gives a text in upper case, each letter by itself; bytes stay as they are.",
        result: "VARCHAR of the text's length; bytes where the text is.",
        null: "NULL if the argument is.",
        errors: "",
        warnings: "",
        example: ("UPPER('straße')", "STRAßE"),
        sources: "MySQL manual, String Functions; TiDB builtin_string.go",
    },
);

/// Defines LOWER.
pub(crate) const LOWER: Function = define(
    "lower",
    &["lcase"],
    (1, 1),
    |binder, site, args| bind(binder, site, args, TO_LOWER),
    Collate::All,
    Doc {
        usage: "LOWER(text)",
        summary: "Gives a text in lower case, each letter by itself; bytes stay as they are.",
        result: "VARCHAR of the text's length; bytes where the text is.",
        null: "NULL if the argument is.",
        errors: "",
        warnings: "",
        example: ("LOWER('QUADRATICALLY')", "quadratically"),
        sources: "MySQL manual, String Functions; TiDB builtin_string.go",
    },
);

const TO_UPPER: Overload = Overload::strict(
    "UpperUTF8",
    &ColumnsFirst::if_many(
        |args, _, ctx| in_case(args, ctx, <[u8]>::to_ascii_uppercase),
        Text1::<BytesArg, _>::new(upper),
    ),
);
const TO_LOWER: Overload = Overload::strict(
    "LowerUTF8",
    &ColumnsFirst::if_many(
        |args, _, ctx| in_case(args, ctx, <[u8]>::to_ascii_lowercase),
        Text1::<BytesArg, _>::new(lower),
    ),
);

/// Changes the case of texts that are all ASCII in one sweep.
fn in_case(
    args: &Args<'_>,
    ctx: &CallContext<'_>,
    to_case: fn(&[u8]) -> Vec<u8>,
) -> Result<Option<Column>> {
    let column = args.decoded(0)?;
    let texts = Texts::open(&column).filter(|texts| texts.all().is_ascii());
    let is_text = collation(ctx) != Collation::BINARY;
    Ok(texts.filter(|_| is_text).map(|texts| texts.with_bytes(to_case(texts.all()))))
}

fn collation(ctx: &CallContext<'_>) -> Collation {
    ctx.call.args.first().map_or(Collation::BINARY, |arg| arg.ty.collation)
}

fn upper(ctx: &mut CallContext<'_>, text: &[u8], out: &mut Vec<u8>) -> Result<bool, SqlError> {
    collation(ctx).write_upper(text, out);
    Ok(true)
}

fn lower(ctx: &mut CallContext<'_>, text: &[u8], out: &mut Vec<u8>) -> Result<bool, SqlError> {
    collation(ctx).write_lower(text, out);
    Ok(true)
}

fn bind(
    binder: &mut Binder<'_>,
    site: &CallSite,
    args: Vec<TypedExpr>,
    overload: Overload,
) -> Result<TypedExpr> {
    let typed = binder.signature(site, overload, args, &[ArgKind::String], ArgKind::String)?;
    Ok(like_first(typed))
}
