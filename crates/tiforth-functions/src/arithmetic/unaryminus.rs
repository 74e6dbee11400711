// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `-a`.
//!
//! Source: MySQL manual, "Arithmetic Operators"; TiDB `pkg/expression/builtin_op.go`
//! (`unaryMinusFunctionClass`).

use tiforth_expr::kernel::{Checked1, Dec, Int, Pure1, Real, Scalar1};
use tiforth_expr::{ArgKind, Binder, CallContext, CallSite, Doc, Function, Overload, TypedExpr};
use tiforth_types::sql_type::DECIMAL_PRECISION_MAX;
use tiforth_types::{Datum, Decimal, EvalType, Result, SqlError, SqlType};

use crate::by_mantissas::negatives;
use crate::columns_first::ColumnsFirst;

/// Defines the function.
pub(crate) const UNARYMINUS: Function = Function {
    aliases: &["negate"],
    ..Function::new(
        "unaryminus",
        "arithmetic",
        (1, 1),
        bind,
        Doc {
            usage: "-a",
            summary: "Changes the sign of a number.",
            result: "BIGINT of an integer (DECIMAL of a constant too great for it), DECIMAL of a DECIMAL or \
                 a date or time, else DOUBLE.",
            null: "NULL if the argument is.",
            errors: "1690 when an integer's negative is beyond BIGINT.",
            warnings: "1292 when a text is no number.",
            example: ("-(1.5)", "-1.5"),
            sources: "MySQL manual, Arithmetic Operators; TiDB builtin_op.go",
        },
    )
};

const INT: Overload = Overload::strict(
    "UnaryMinusInt",
    &Checked1::<Int, Int, _>::new(i64::overflowing_neg, overflow),
);
const UINT: Overload =
    Overload::strict("UnaryMinusIntUnsigned", &Scalar1::<Int, Int, _>::new(negate_unsigned));
const REAL: Overload =
    Overload::strict("UnaryMinusReal", &Pure1::<Real, Real, _>::new(|a: f64| -a));
const DECIMAL: Overload = Overload::strict(
    "UnaryMinusDecimal",
    &ColumnsFirst::new(
        |args, _, _| Ok(negatives(&*args.decoded(0)?)),
        Scalar1::<Dec, Dec, _>::new(negate_decimal),
    ),
);

/// Only the least BIGINT has no negative.
fn overflow(_: &CallContext<'_>) -> SqlError {
    SqlError::out_of_range("BIGINT", &format!("-{}", i64::MIN))
}

fn negate_unsigned(_: &mut CallContext<'_>, a: i64) -> Result<Option<i64>, SqlError> {
    let value = -i128::from(a as u64);
    i64::try_from(value)
        .map(Some)
        .map_err(|_| SqlError::out_of_range("BIGINT", &format!("-{}", a as u64)))
}

fn negate_decimal(_: &mut CallContext<'_>, a: Decimal) -> Result<Option<Decimal>, SqlError> {
    Ok(Some(a.negate()))
}

/// Tells whether a constant's negative is beyond BIGINT: it becomes a DECIMAL.
fn is_overflowing_constant(arg: &TypedExpr) -> bool {
    match arg.as_constant() {
        Some(Datum::Int(v)) if arg.ty.unsigned => *v as u64 > i64::MIN.unsigned_abs(),
        Some(Datum::Int(v)) => *v == i64::MIN,
        _ => false,
    }
}

fn bind(binder: &mut Binder<'_>, site: &CallSite, args: Vec<TypedExpr>) -> Result<TypedExpr> {
    let Some(arg) = args.first() else { return Err(SqlError::wrong_argument_count("-").into()) };
    let source = arg.ty.clone();
    let length = source.length.wrapping_add(1);
    let is_decimal = match source.eval_type() {
        EvalType::Int => is_overflowing_constant(arg),
        EvalType::Decimal => true,
        _ => source.kind.is_temporal(),
    };
    if is_decimal {
        let typed = binder.signature(site, DECIMAL, args, &[ArgKind::Decimal], ArgKind::Decimal)?;
        let decimals = typed.as_call().and_then(|c| c.args.first()).map_or(0, |a| a.ty.decimals);
        let length = length.min(i64::from(DECIMAL_PRECISION_MAX));
        let ty = SqlType { length, decimals, ..typed.ty.clone() };
        return Ok(typed.with_type(ty));
    }
    if source.eval_type() == EvalType::Int {
        let overload = if source.unsigned { UINT } else { INT };
        let ty = SqlType { decimals: 0, ..SqlType::bigint(length) };
        return binder.signature_of_type(site, overload, args, &[ArgKind::Int], ty);
    }
    let typed = binder.signature(site, REAL, args, &[ArgKind::Real], ArgKind::Real)?;
    let ty = SqlType { length, ..typed.ty.clone() };
    Ok(typed.with_type(ty))
}
