// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Takes hex and bit literals as numbers: `0x41 + 0` is 65.
//!
//! Source: MySQL manual, "Hexadecimal Literals"; TiDB `pkg/types/binary_literal.go` (`ToInt`).

use tiforth_expr::kernel::{BytesArg, Dec, Real, Scalar1, UInt};
use tiforth_expr::tree::LiteralKind;
use tiforth_expr::{CallContext, Constant, Node, Overload, TypedExpr};
use tiforth_types::{Decimal, EvalType, SqlError};

use super::{loss, to_decimal};

const AS_INT: Overload =
    Overload::strict("CastIntAsInt", &Scalar1::<BytesArg, UInt, _>::new(to_int));
const AS_REAL: Overload =
    Overload::strict("CastRealAsReal", &Scalar1::<BytesArg, Real, _>::new(to_real));
const AS_DECIMAL: Overload =
    Overload::strict("CastDecimalAsDecimal", &Scalar1::<BytesArg, Dec, _>::new(to_dec));

/// Tells whether an expression is a hex or bit literal.
pub(super) fn is_binary_literal(expr: &TypedExpr) -> bool {
    let kind = match &expr.node {
        Node::Constant(Constant { literal, .. }) => *literal,
        _ => None,
    };
    matches!(kind, Some(LiteralKind::Hex | LiteralKind::Bit))
}

/// Chooses the overload that makes a number of kind `to` from a literal.
pub(super) fn overload(to: EvalType) -> Option<Overload> {
    match to {
        EvalType::Int => Some(AS_INT),
        EvalType::Real => Some(AS_REAL),
        EvalType::Decimal => Some(AS_DECIMAL),
        _ => None,
    }
}

/// Reads the bytes as a number, most significant first; the greatest number for more than eight.
fn number(ctx: &mut CallContext<'_>, bytes: &[u8]) -> Result<u64, SqlError> {
    let zeros = bytes.iter().take_while(|b| **b == 0).count();
    let significant = bytes.get(zeros..).unwrap_or_default();
    if significant.len() > 8 {
        let digits: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
        loss::report(ctx, || SqlError::truncated_wrong_value("BINARY", &format!("0x{digits}")))?;
        return Ok(u64::MAX);
    }
    Ok(significant.iter().fold(0, |n, b| n << 8 | u64::from(*b)))
}

fn to_int(ctx: &mut CallContext<'_>, bytes: &[u8]) -> Result<Option<u64>, SqlError> {
    number(ctx, bytes).map(Some)
}

#[expect(clippy::cast_precision_loss, reason = "the conversion itself")]
fn to_real(ctx: &mut CallContext<'_>, bytes: &[u8]) -> Result<Option<f64>, SqlError> {
    Ok(Some(number(ctx, bytes)? as f64))
}

fn to_dec(ctx: &mut CallContext<'_>, bytes: &[u8]) -> Result<Option<Decimal>, SqlError> {
    let value = number(ctx, bytes)?;
    to_decimal::fit(ctx, Decimal::from_u64(value))
}
