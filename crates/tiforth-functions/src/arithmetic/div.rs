// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `a / b`.
//!
//! Source: MySQL manual, "Arithmetic Operators"; TiDB `pkg/expression/builtin_arithmetic.go`.

use tiforth_expr::kernel::{Dec, Guarded2, Real, Scalar2};
use tiforth_expr::{ArgKind, Binder, CallContext, CallSite, Doc, Function, Overload, TypedExpr};
use tiforth_types::decimal::{Outcome, Rounding};
use tiforth_types::sql_type::UNSPECIFIED;
use tiforth_types::{Decimal, Result, SqlError};

use super::operands::{
    Class, common_class, decimal_overflow, division_by_zero, double_overflow, quotient_type,
};
use super::quotients;
use crate::cast::loss;
use crate::columns_first::ColumnsFirst;

/// Defines the function.
pub(crate) const DIV: Function = Function {
    aliases: &["divide", "tidbdivide"],
    ..Function::new(
        "div",
        "arithmetic",
        (2, 2),
        bind,
        Doc {
            usage: "a / b",
            summary: "Divides the first number by the second.",
            result: "DOUBLE if either counts as one; else DECIMAL of the first operand's scale and \
                 div_precision_increment digits more, 30 at most.",
            null: "NULL if either argument is, or the divisor is 0.",
            errors: "1690 when the quotient is beyond its type.",
            warnings: "1365 when the divisor is 0; 1292 when a text is no number.",
            example: ("1 / 3", "0.3333"),
            sources: "MySQL manual, Arithmetic Operators; TiDB builtin_arithmetic.go",
        },
    )
};

const REAL: Overload = Overload::strict(
    "DivideReal",
    &Guarded2::<Real, Real, Real, _, _>::new(
        |a: f64, b: f64| (a / b, !(a / b).is_finite()),
        divide_real,
    ),
);
const DECIMAL: Overload = Overload::strict(
    "DivideDecimal",
    &ColumnsFirst::new(quotients::columns, Scalar2::<Dec, Dec, Dec, _>::new(divide_decimal)),
);

fn divide_real(ctx: &mut CallContext<'_>, a: f64, b: f64) -> Result<Option<f64>, SqlError> {
    if b == 0.0 {
        return division_by_zero(ctx);
    }
    let quotient = a / b;
    if !quotient.is_finite() {
        return Err(double_overflow(ctx, "/"));
    }
    Ok(Some(quotient))
}

fn divide_decimal(
    ctx: &mut CallContext<'_>,
    a: Decimal,
    b: Decimal,
) -> Result<Option<Decimal>, SqlError> {
    match a.div(&b, ctx.session.div_precision_increment) {
        None => division_by_zero(ctx),
        Some(quotient) if quotient.is_overflow() => Err(decimal_overflow(ctx, "/")),
        Some(quotient) if quotient.outcome == Outcome::Truncated => {
            loss::report(ctx, || {
                loss::truncated("DECIMAL", quotient.value.to_string().as_bytes())
            })?;
            Ok(Some(quotient.value))
        }
        // Where the type was widened after the call was built, the digits kept show.
        Some(quotient) if i32::from(quotient.value.scale()) < ctx.call.ty.decimals => {
            let rounded = quotient.value.round(ctx.call.ty.decimals, Rounding::HalfUp);
            Ok(Some(rounded.value))
        }
        Some(quotient) => Ok(Some(quotient.value)),
    }
}

fn bind(binder: &mut Binder<'_>, site: &CallSite, args: Vec<TypedExpr>) -> Result<TypedExpr> {
    if common_class(&args) == Class::Real {
        let typed = binder.signature(site, REAL, args, &[ArgKind::Real], ArgKind::Real)?;
        let mut ty = typed.ty.clone();
        (ty.length, ty.decimals) = (23, UNSPECIFIED);
        return Ok(typed.with_type(ty));
    }
    let increment = binder.session().div_precision_increment;
    let typed = binder.signature(site, DECIMAL, args, &[ArgKind::Decimal], ArgKind::Decimal)?;
    let ty = match typed.as_call() {
        Some(call) => quotient_type(&call.args, increment),
        None => return Ok(typed),
    };
    Ok(typed.with_type(ty))
}
