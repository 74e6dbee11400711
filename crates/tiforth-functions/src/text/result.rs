// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Gives text results their types, and refuses results beyond max_allowed_packet.
//!
//! Source: TiDB `pkg/expression/builtin.go` (`getRetTp`), `pkg/expression/builtin_string.go`
//! (`SetBinFlagOrBinStr`, `handleAllowedPacketOverflowed`).

use tiforth_expr::{CallContext, TypedExpr};
use tiforth_types::{Collation, SqlError, SqlType, StatementKind};

/// Is the length TiDB gives to texts it knows no bound of.
pub(super) const LENGTH_MAX: i64 = 16_777_216;

/// Returns the type of the argument at `index`, as the call takes it.
pub(super) fn argument(typed: &TypedExpr, index: usize) -> SqlType {
    let arg = typed.as_call().and_then(|call| call.args.get(index));
    arg.map_or_else(SqlType::null, |arg| arg.ty.clone())
}

/// Tells whether the argument at `index` is a string of bytes, as the call takes it.
pub(super) fn is_bytes(typed: &TypedExpr, index: usize) -> bool {
    argument(typed, index).is_bytes()
}

/// Gives a result its length.
pub(super) fn with_length(typed: TypedExpr, length: i64) -> TypedExpr {
    let ty = SqlType { length, ..typed.ty.clone() };
    typed.with_type(ty)
}

/// Makes the result bytes where the argument at `index` is.
pub(super) fn as_bytes_like(typed: TypedExpr, index: usize) -> TypedExpr {
    if is_bytes(&typed, index) { as_bytes(typed) } else { typed }
}

/// Makes the result bytes.
pub(super) fn as_bytes(typed: TypedExpr) -> TypedExpr {
    let ty = SqlType { collation: Collation::BINARY, ..typed.ty.clone() };
    typed.with_type(ty)
}

/// Gives a result the type of its first argument: length, and bytes where that is.
pub(super) fn like_first(typed: TypedExpr) -> TypedExpr {
    let length = argument(&typed, 0).length;
    as_bytes_like(with_length(typed, length), 0)
}

/// Answers a result longer than max_allowed_packet: NULL and a warning, or an error where a strict
/// statement writes.
#[cold]
pub(super) fn packet_overflowed<T>(
    ctx: &mut CallContext<'_>,
    function: &str,
) -> Result<Option<T>, SqlError> {
    let packet = ctx.session.max_allowed_packet;
    let writes = ctx.session.statement != StatementKind::Select;
    if writes && ctx.session.sql_mode.is_strict() {
        return Err(SqlError::packet_overflowed(function, packet));
    }
    ctx.warn(|| SqlError::packet_overflowed(function, packet));
    Ok(None)
}

/// Tells whether `bytes` bytes are within max_allowed_packet; reports where they are not.
pub(super) fn fits_packet(
    ctx: &mut CallContext<'_>,
    function: &str,
    bytes: u64,
) -> Result<bool, SqlError> {
    if bytes <= ctx.session.max_allowed_packet {
        return Ok(true);
    }
    packet_overflowed::<()>(ctx, function).map(|_| false)
}
