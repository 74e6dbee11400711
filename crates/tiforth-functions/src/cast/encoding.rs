// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Brings bytes and texts of a call to one form: bytes are read as text where the call's collation is
//! one of text, and text of GBK or GB18030 becomes the bytes it has there where bytes are asked for.
//!
//! Source: TiDB `pkg/expression/builtin_convert_charset.go`.

use tiforth_expr::kernel::{BytesArg, Text1};
use tiforth_expr::tree::CallOptions;
use tiforth_expr::{Binder, CallContext, Overload, TypedExpr};
use tiforth_types::{Charset, Collation, Result, SqlError, SqlType, TypeKind};

const FROM_BINARY: Overload =
    Overload::strict("FromBinary", &Text1::<BytesArg, _>::new(from_binary));
const TO_BINARY: Overload = Overload::strict("ToBinary", &Text1::<BytesArg, _>::new(to_binary));

/// Takes `expr` in the form a call of `collation` needs.
pub(super) fn unify(
    binder: &mut Binder<'_>,
    expr: TypedExpr,
    collation: Collation,
) -> Result<TypedExpr> {
    if !expr.ty.kind.is_string() {
        return Ok(expr);
    }
    let is_bytes = expr.ty.collation == Collation::BINARY;
    match (is_bytes, collation == Collation::BINARY) {
        (true, false) => {
            let ty = SqlType { collation, ..expr.ty.clone() };
            convert(binder, "from_binary", FROM_BINARY, expr, ty)
        }
        (false, true) => encoded(binder, expr),
        _ => Ok(expr),
    }
}

/// Takes a text as the bytes it has in its own charset.
pub(crate) fn encoded(binder: &mut Binder<'_>, expr: TypedExpr) -> Result<TypedExpr> {
    if !expr.ty.kind.is_string() || expr.ty.collation.charset().is_held_as_encoded() {
        return Ok(expr);
    }
    let ty = SqlType { kind: TypeKind::VarString, collation: Collation::BINARY, ..expr.ty.clone() };
    convert(binder, "to_binary", TO_BINARY, expr, ty)
}

fn convert(
    binder: &mut Binder<'_>,
    name: &str,
    overload: Overload,
    expr: TypedExpr,
    ty: SqlType,
) -> Result<TypedExpr> {
    let (coercibility, repertoire, nullable) = (expr.coercibility, expr.repertoire, expr.nullable);
    let typed = binder.build(name, CallOptions::None, overload, vec![expr], ty)?;
    Ok(TypedExpr { coercibility, repertoire, nullable, ..typed })
}

fn from_binary(
    ctx: &mut CallContext<'_>,
    bytes: &[u8],
    out: &mut Vec<u8>,
) -> Result<bool, SqlError> {
    let charset = ctx.call.ty.collation.charset();
    if charset.decode(bytes, out) {
        return Ok(true);
    }
    Err(SqlError::cannot_convert_string(bytes, charset.name()))
}

fn to_binary(ctx: &mut CallContext<'_>, text: &[u8], out: &mut Vec<u8>) -> Result<bool, SqlError> {
    let charset = ctx.call.args.first().map_or(Charset::Binary, |a| a.ty.collation.charset());
    charset.encode(text, out);
    Ok(true)
}
