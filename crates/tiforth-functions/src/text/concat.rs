// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `CONCAT` and `CONCAT_WS`.
//!
//! Source: MySQL manual, "String Functions and Operators"; TiDB `pkg/expression/builtin_string.go`.

use tiforth_expr::TypedExpr;
use tiforth_expr::kernel::{RowValue, Variadic};
use tiforth_expr::{ArgKind, Binder, CallContext, CallSite, Collate, Doc, Function, Overload};
use tiforth_types::{DatumRef, Result, SqlError};

use super::columns::concatenated;
use super::define;
use super::result::{LENGTH_MAX, fits_packet, with_length};
use crate::columns_first::ColumnsFirst;

/// Defines CONCAT.
pub(crate) const CONCAT: Function = define(
    "concat",
    &[],
    (1, usize::MAX),
    bind_concat,
    Collate::All,
    Doc {
        usage: "CONCAT(text, …)",
        summary: "Puts texts together.",
        result: "VARCHAR as long as all arguments together; bytes where the arguments' collation is.",
        null: "NULL if any argument is.",
        errors: "1267 and its kin where collations do not mix.",
        warnings: "1301 where the result is beyond max_allowed_packet; it is NULL.",
        example: ("CONCAT('a', 1, 2.50)", "a12.50"),
        sources: "MySQL manual, String Functions; TiDB builtin_string.go",
    },
);

/// Defines CONCAT_WS.
pub(crate) const CONCAT_WS: Function = define(
    "concat_ws",
    &[],
    (2, usize::MAX),
    bind_concat_ws,
    Collate::All,
    Doc {
        usage: "CONCAT_WS(separator, text, …)",
        summary: "Puts texts together with a separator between them; NULLs are left out.",
        result: "VARCHAR as long as all arguments together.",
        null: "NULL if the separator is.",
        errors: "1267 and its kin where collations do not mix.",
        warnings: "1301 where the result is beyond max_allowed_packet; it is NULL.",
        example: ("CONCAT_WS(',', 'a', NULL, 'b')", "a,b"),
        sources: "MySQL manual, String Functions; TiDB builtin_string.go",
    },
);

const TOGETHER: Overload = Overload::strict(
    "Concat",
    &ColumnsFirst::if_many(
        |args, rows, ctx| concatenated(args, rows.len, ctx.session.max_allowed_packet),
        Variadic::new(concat),
    ),
);
const SEPARATED: Overload =
    Overload::strict("ConcatWS", &Variadic::new(concat_ws)).stopping_within(1);

type Row = Result<RowValue, SqlError>;

fn concat(ctx: &mut CallContext<'_>, args: &[DatumRef<'_>], out: &mut Vec<u8>) -> Row {
    let start = out.len();
    for arg in args {
        let DatumRef::Bytes(text) = arg else { return Ok(RowValue::Null) };
        if !fits_packet(ctx, "concat", (out.len() - start + text.len()) as u64)? {
            return Ok(RowValue::Null);
        }
        out.extend_from_slice(text);
    }
    Ok(RowValue::Bytes)
}

fn concat_ws(ctx: &mut CallContext<'_>, args: &[DatumRef<'_>], out: &mut Vec<u8>) -> Row {
    let Some((DatumRef::Bytes(separator), texts)) = args.split_first() else {
        return Ok(RowValue::Null);
    };
    // What is held against the limit has a separator in front of every text but the first
    // argument, be that NULL or not.
    let mut counted = 0;
    let mut is_first = true;
    for (i, arg) in texts.iter().enumerate() {
        let DatumRef::Bytes(text) = arg else { continue };
        counted += text.len() + if i > 0 { separator.len() } else { 0 };
        if !fits_packet(ctx, "concat_ws", counted as u64)? {
            return Ok(RowValue::Null);
        }
        if !is_first {
            out.extend_from_slice(separator);
        }
        is_first = false;
        out.extend_from_slice(text);
    }
    Ok(RowValue::Bytes)
}

fn bind_concat(
    binder: &mut Binder<'_>,
    site: &CallSite,
    args: Vec<TypedExpr>,
) -> Result<TypedExpr> {
    let typed = binder.signature(site, TOGETHER, args, &[ArgKind::String], ArgKind::String)?;
    let length = total_length(&typed, 0);
    Ok(with_length(typed, length.min(LENGTH_MAX)))
}

fn bind_concat_ws(
    binder: &mut Binder<'_>,
    site: &CallSite,
    args: Vec<TypedExpr>,
) -> Result<TypedExpr> {
    let typed = binder.signature(site, SEPARATED, args, &[ArgKind::String], ArgKind::String)?;
    let separators = typed.as_call().map_or(0, |call| {
        let separator = call.args.first().map_or(0, |arg| arg.ty.length);
        separator.saturating_mul(call.args.len() as i64 - 2)
    });
    let length = total_length(&typed, 1).saturating_add(separators);
    Ok(with_length(typed, length.min(LENGTH_MAX)))
}

/// Adds up the lengths of the arguments from `first` on, as TiDB does: one without a length counts
/// as the longest, less one.
fn total_length(typed: &TypedExpr, first: usize) -> i64 {
    let Some(call) = typed.as_call() else { return 0 };
    call.args.iter().skip(first).fold(0, |sum: i64, arg| {
        let sum = if arg.ty.length < 0 { LENGTH_MAX } else { sum };
        sum.saturating_add(arg.ty.length)
    })
}
