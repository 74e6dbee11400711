// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `a % b`, `a MOD b`, `MOD(a, b)`.
//!
//! Source: MySQL manual, "Arithmetic Operators"; TiDB `pkg/expression/builtin_arithmetic.go`.

use tiforth_expr::kernel::{Dec, Int, Real, Scalar2};
use tiforth_expr::{ArgKind, Binder, CallContext, CallSite, Doc, Function, Overload, TypedExpr};
use tiforth_types::{Decimal, Result, SqlError, SqlType};

use super::operands::{Class, common_class, decimal_overflow, division_by_zero, remainder_type};
use crate::cast::to_real::widened;

/// Defines the function.
pub(crate) const MOD: Function = Function {
    aliases: &["modulo"],
    ..Function::new(
        "mod",
        "arithmetic",
        (2, 2),
        bind,
        Doc {
            usage: "a % b, a MOD b, MOD(a, b)",
            summary: "Gives the remainder of a division, with the sign of the dividend.",
            result: "As that of a + b, with the greater scale; unsigned if the dividend is.",
            null: "NULL if either argument is, or the divisor is 0.",
            errors: "",
            warnings: "1365 when the divisor is 0; 1292 when a text is no number.",
            example: ("-7 % 3", "-1"),
            sources: "MySQL manual, Arithmetic Operators; TiDB builtin_arithmetic.go",
        },
    )
};

const INT: Overload =
    Overload::strict("ModInt", &Scalar2::<Int, Int, Int, _>::new(remainder_int)).taking_nulls();
const REAL: Overload =
    Overload::strict("ModReal", &Scalar2::<Real, Real, Real, _>::new(remainder_real))
        .taking_nulls();
const DECIMAL: Overload =
    Overload::strict("ModDecimal", &Scalar2::<Dec, Dec, Dec, _>::new(remainder_decimal));

fn remainder_int(ctx: &mut CallContext<'_>, a: i64, b: i64) -> Result<Option<i64>, SqlError> {
    if b == 0 {
        return division_by_zero(ctx);
    }
    let is_unsigned = |i: usize| ctx.call.args.get(i).is_some_and(|arg| arg.ty.unsigned);
    let widen = |value: i64, is_unsigned: bool| {
        if is_unsigned { i128::from(value as u64) } else { i128::from(value) }
    };
    let remainder = widen(a, is_unsigned(0)) % widen(b, is_unsigned(1));
    // It is no farther from 0 than the dividend, so it fits the dividend's type.
    Ok(Some(remainder as i64))
}

fn remainder_real(ctx: &mut CallContext<'_>, a: f64, b: f64) -> Result<Option<f64>, SqlError> {
    if b == 0.0 {
        return division_by_zero(ctx);
    }
    Ok(Some(a % b))
}

fn remainder_decimal(
    ctx: &mut CallContext<'_>,
    a: Decimal,
    b: Decimal,
) -> Result<Option<Decimal>, SqlError> {
    match a.rem(&b) {
        None => division_by_zero(ctx),
        Some(remainder) if remainder.is_overflow() => Err(decimal_overflow(ctx, "%")),
        Some(remainder) => Ok(Some(remainder.value)),
    }
}

fn bind(binder: &mut Binder<'_>, site: &CallSite, args: Vec<TypedExpr>) -> Result<TypedExpr> {
    let unsigned = args.first().is_some_and(|a| a.ty.unsigned);
    let class = common_class(&args);
    let types: Vec<SqlType> =
        args.iter().map(|a| if class == Class::Real { widened(a) } else { a.ty.clone() }).collect();
    let typed = match class {
        Class::Int => {
            let ty = SqlType { unsigned, ..SqlType::bigint(20) };
            return binder.signature_of_type(site, INT, args, &[ArgKind::Int], ty);
        }
        Class::Real => binder.signature(site, REAL, args, &[ArgKind::Real], ArgKind::Real)?,
        Class::Decimal => {
            binder.signature(site, DECIMAL, args, &[ArgKind::Decimal], ArgKind::Decimal)?
        }
    };
    let ty = SqlType { unsigned, ..remainder_type(&types, typed.ty.clone()) };
    Ok(typed.with_type(ty))
}
