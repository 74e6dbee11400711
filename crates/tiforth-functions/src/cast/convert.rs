// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `CONVERT(text USING charset)`.
//!
//! Source: MySQL manual, "Cast Functions and Operators"; TiDB `pkg/expression/builtin_string.go`
//! (`convertFunctionClass`).

use tiforth_expr::kernel::{BytesArg, Text1};
use tiforth_expr::tree::CallOptions;
use tiforth_expr::{ArgKind, Binder, CallContext, CallSite, Doc, Function, Overload, TypedExpr};
use tiforth_types::{Charset, Coercibility, Repertoire, Result, SqlError, SqlType, TypeKind};

/// Is TiDB's length of a text whose length nothing bounds.
const LENGTH: i64 = 16_777_216;

/// Defines the function.
pub(crate) const CONVERT: Function = Function::new(
    "convert",
    "cast",
    (1, 1),
    bind,
    Doc {
        usage: "CONVERT(text USING charset)",
        summary: "Converts a text to a charset; `?` stands for a character the charset lacks.",
        result: "TEXT of the charset's default collation, BLOB for `binary`.",
        null: "NULL if the argument is, or if it is bytes that are no text of the charset.",
        errors: "1115 for an unknown charset.",
        warnings: "",
        example: ("CONVERT('aé' USING ascii)", "a?"),
        sources: "MySQL manual, Cast Functions and Operators; TiDB builtin_string.go",
    },
);

const TRANSCODE: Overload = Overload::strict("Convert", &Text1::<BytesArg, _>::new(transcode));

fn bind(binder: &mut Binder<'_>, site: &CallSite, args: Vec<TypedExpr>) -> Result<TypedExpr> {
    let CallOptions::Charset(charset) = site.options else {
        return Err(SqlError::wrong_arguments("convert").into());
    };
    let typed = binder.signature(site, TRANSCODE, args, &[ArgKind::String], ArgKind::String)?;
    let ty = SqlType {
        kind: TypeKind::LongBlob,
        ..SqlType::varchar(LENGTH, charset.default_collation())
    };
    let repertoire =
        if charset == Charset::Ascii { Repertoire::Ascii } else { Repertoire::Unicode };
    Ok(TypedExpr { coercibility: Coercibility::Implicit, repertoire, ..typed.with_type(ty) })
}

fn transcode(ctx: &mut CallContext<'_>, text: &[u8], out: &mut Vec<u8>) -> Result<bool, SqlError> {
    let from = ctx.call.args.first().map_or(Charset::Binary, |a| a.ty.collation.charset());
    let to = ctx.call.ty.collation.charset();
    match (from, to) {
        (Charset::Binary, Charset::Binary) => out.extend_from_slice(text),
        (_, Charset::Binary) => from.encode(text, out),
        (Charset::Binary, _) => return Ok(to.decode(text, out)),
        _ => to.restrict(text, out),
    }
    Ok(true)
}
