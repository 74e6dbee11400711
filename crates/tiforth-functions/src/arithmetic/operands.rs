// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Says what an operand counts as in arithmetic, and what the result's type is.
//!
//! Source: TiDB `pkg/expression/builtin_arithmetic.go` (`numericContextResultType`,
//! `setFlenDecimal4RealOrDecimal`, `setType4DivDecimal`).

use tiforth_expr::tree::LiteralKind;
use tiforth_expr::{CallContext, Node, TypedExpr};
use tiforth_types::sql_type::{DECIMAL_PRECISION_MAX, DECIMAL_SCALE_MAX, UNSPECIFIED};
use tiforth_types::{EvalType, SqlError, SqlType, TypeKind};

/// Is what an operation computes with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Class {
    Int,
    Decimal,
    Real,
}

/// Returns what an operand counts as.
fn class(expr: &TypedExpr) -> Class {
    if let Node::Constant(c) = &expr.node
        && matches!(c.literal, Some(LiteralKind::Hex | LiteralKind::Bit))
    {
        return Class::Int;
    }
    if expr.ty.kind.is_temporal() {
        return if expr.ty.decimals > 0 { Class::Decimal } else { Class::Int };
    }
    match expr.eval_type() {
        EvalType::Int => Class::Int,
        EvalType::Decimal => Class::Decimal,
        _ => Class::Real,
    }
}

/// Returns what an operation over `args` computes with.
pub(super) fn common_class(args: &[TypedExpr]) -> Class {
    let mut common = Class::Int;
    for arg in args {
        match (common, class(arg)) {
            (_, Class::Real) => return Class::Real,
            (_, Class::Decimal) => common = Class::Decimal,
            _ => {}
        }
    }
    common
}

/// Tells whether any operand is unsigned.
pub(super) fn has_unsigned(args: &[TypedExpr]) -> bool {
    args.iter().any(|a| a.ty.unsigned)
}

/// Returns the type of a sum, a difference (`is_product` false) or a product of two operands, which
/// are converted already.
pub(super) fn combined_type(args: &[TypedExpr], mut ty: SqlType, is_product: bool) -> SqlType {
    let [a, b] = args else { return ty };
    let (a, b) = (&a.ty, &b.ty);
    let is_real = ty.kind == TypeKind::Double;
    let unspecified = i64::from(UNSPECIFIED);
    if a.decimals == UNSPECIFIED || b.decimals == UNSPECIFIED {
        (ty.length, ty.decimals) = if is_real {
            (unspecified, UNSPECIFIED)
        } else {
            (i64::from(DECIMAL_PRECISION_MAX), DECIMAL_SCALE_MAX)
        };
        return ty;
    }
    ty.decimals = if is_product { a.decimals + b.decimals } else { a.decimals.max(b.decimals) };
    if !is_real {
        ty.decimals = ty.decimals.min(DECIMAL_SCALE_MAX);
    }
    if a.length == unspecified || b.length == unspecified {
        ty.length = unspecified;
        return ty;
    }
    let int = |t: &SqlType| t.length - i64::from(t.decimals);
    let digits = if is_product { int(a) + int(b) } else { int(a).max(int(b)) + 1 };
    let most = if is_real { 23 } else { i64::from(DECIMAL_PRECISION_MAX) };
    ty.length = (digits + i64::from(ty.decimals)).min(most);
    ty
}

/// Returns the type of a remainder of operands that were of `types` before they were converted.
pub(super) fn remainder_type(types: &[SqlType], mut ty: SqlType) -> SqlType {
    let [a, b] = types else { return ty };
    let unspecified = i64::from(UNSPECIFIED);
    let is_real = ty.kind == TypeKind::Double;
    ty.decimals = if a.decimals == UNSPECIFIED || b.decimals == UNSPECIFIED {
        UNSPECIFIED
    } else {
        a.decimals.max(b.decimals)
    };
    ty.length = if a.length == unspecified || b.length == unspecified {
        unspecified
    } else {
        a.length.max(b.length)
    };
    if is_real {
        ty.length = ty.length.min(23);
    } else {
        ty.decimals = ty.decimals.min(DECIMAL_SCALE_MAX);
        ty.length = ty.length.min(i64::from(DECIMAL_PRECISION_MAX));
    }
    ty
}

/// Returns the type of a quotient of two operands, which are converted already.
pub(super) fn quotient_type(args: &[TypedExpr], increment: u8) -> SqlType {
    let mut ty = SqlType::new(TypeKind::Decimal);
    let [a, b] = args else { return ty };
    let increment = i32::from(increment);
    ty.decimals = (a.ty.decimals.max(0) + increment).min(DECIMAL_SCALE_MAX);
    if a.ty.length == i64::from(UNSPECIFIED) {
        ty.length = i64::from(DECIMAL_PRECISION_MAX);
        return ty;
    }
    let point = i64::from(a.ty.decimals > 0);
    let sign = i64::from(!a.ty.unsigned);
    let precision = (a.ty.length - point - sign).max(0);
    let digits = precision + i64::from(b.ty.decimals.max(0) + increment);
    let length = digits + i64::from(ty.decimals > 0) + sign;
    ty.length = length.min(i64::from(DECIMAL_PRECISION_MAX));
    ty
}

/// Prints the operation as TiDB does in messages.
pub(super) fn operation(ctx: &CallContext<'_>, sign: &str) -> String {
    match &ctx.call.args[..] {
        [a, b] => format!("({a} {sign} {b})"),
        _ => ctx.printed(),
    }
}

/// Reports a BIGINT result that does not fit.
pub(super) fn bigint_overflow(ctx: &CallContext<'_>, sign: &str) -> SqlError {
    let kind = if ctx.call.ty.unsigned { "BIGINT UNSIGNED" } else { "BIGINT" };
    SqlError::out_of_range(kind, &operation(ctx, sign))
}

/// Reports a DOUBLE result that is infinite.
pub(super) fn double_overflow(ctx: &CallContext<'_>, sign: &str) -> SqlError {
    SqlError::out_of_range("DOUBLE", &operation(ctx, sign))
}

/// Reports a DECIMAL result of more digits than fit.
pub(super) fn decimal_overflow(ctx: &CallContext<'_>, sign: &str) -> SqlError {
    SqlError::out_of_range("DECIMAL", &operation(ctx, sign))
}

/// Answers a division by zero: NULL, and a warning or an error as sql_mode and statement say.
///
/// Source: TiDB `pkg/expression/errors.go` (`handleDivisionByZeroError`).
#[cold]
pub(crate) fn division_by_zero<T>(ctx: &mut CallContext<'_>) -> Result<Option<T>, SqlError> {
    use tiforth_types::{SqlMode, StatementKind};
    let mode = ctx.session.sql_mode;
    if ctx.session.statement != StatementKind::Select {
        if !mode.has(SqlMode::ERROR_FOR_DIVISION_BY_ZERO) {
            return Ok(None);
        }
        if mode.is_strict() {
            return Err(SqlError::division_by_zero());
        }
    }
    ctx.warn(SqlError::division_by_zero);
    Ok(None)
}
