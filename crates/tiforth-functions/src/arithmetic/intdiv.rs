// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `a DIV b`.
//!
//! Source: MySQL manual, "Arithmetic Operators"; TiDB `pkg/expression/builtin_arithmetic.go`.

use tiforth_expr::kernel::{Dec, Int, Scalar2};
use tiforth_expr::{ArgKind, Binder, CallContext, CallSite, Doc, Function, Overload, TypedExpr};
use tiforth_types::decimal::Outcome;
use tiforth_types::{Decimal, Result, SqlError, SqlType};

use super::integers::{Integers, Wanted};
use super::operands::{Class, common_class, division_by_zero, has_unsigned};
use crate::cast::loss;

/// Defines the function.
pub(crate) const INTDIV: Function = Function::new(
    "intdiv",
    "arithmetic",
    (2, 2),
    bind,
    Doc {
        usage: "a DIV b",
        summary: "Divides the first number by the second and drops the fraction.",
        result: "BIGINT, unsigned if either operand is.",
        null: "NULL if either argument is, or the divisor is 0.",
        errors: "1690 when the quotient is beyond BIGINT.",
        warnings: "1365 when the divisor is 0; 1292 when a text is no number, or the quotient's digits are too many.",
        example: ("7 DIV -2", "-3"),
        sources: "MySQL manual, Arithmetic Operators; TiDB builtin_arithmetic.go",
    },
);

const INT: Overload =
    Overload::strict("IntDivideInt", &Integers::new(Wanted::Quotient, divide_int));
const DECIMAL: Overload =
    Overload::strict("IntDivideDecimal", &Scalar2::<Dec, Dec, Int, _>::new(divide_decimal));

/// Widens an operand by its own sign.
fn widened(ctx: &CallContext<'_>, index: usize, value: i64) -> i128 {
    match ctx.call.args.get(index) {
        Some(arg) if arg.ty.unsigned => i128::from(value as u64),
        _ => i128::from(value),
    }
}

/// Reports a quotient that does not fit; TiDB shows the operands' values here.
#[cold]
fn overflow(ctx: &CallContext<'_>, shown: &str) -> SqlError {
    let kind = if ctx.call.ty.unsigned { "BIGINT UNSIGNED" } else { "BIGINT" };
    SqlError::out_of_range(kind, shown)
}

fn divide_int(ctx: &mut CallContext<'_>, a: i64, b: i64) -> Result<Option<i64>, SqlError> {
    if b == 0 {
        return division_by_zero(ctx);
    }
    let quotient = widened(ctx, 0, a) / widened(ctx, 1, b);
    let narrow = if ctx.call.ty.unsigned {
        u64::try_from(quotient).ok().map(|q| q as i64)
    } else {
        i64::try_from(quotient).ok()
    };
    narrow
        .map(Some)
        .ok_or_else(|| overflow(ctx, &format!("({}, {})", widened(ctx, 0, a), widened(ctx, 1, b))))
}

fn divide_decimal(
    ctx: &mut CallContext<'_>,
    a: Decimal,
    b: Decimal,
) -> Result<Option<i64>, SqlError> {
    let Some(quotient) = a.div(&b, ctx.session.div_precision_increment) else {
        return division_by_zero(ctx);
    };
    if quotient.is_overflow() {
        return Err(overflow(ctx, &format!("({a} DIV {b})")));
    }
    if quotient.outcome == Outcome::Truncated {
        loss::report(ctx, || loss::truncated("DECIMAL", quotient.value.to_string().as_bytes()))?;
    }
    let quotient = quotient.value;
    let whole = quotient.to_i64();
    if !ctx.call.ty.unsigned {
        return if whole.is_overflow() {
            Err(overflow(ctx, &format!("({a} DIV {b})")))
        } else {
            Ok(Some(whole.value))
        };
    }
    let unsigned = quotient.to_u64();
    if !unsigned.is_overflow() {
        return Ok(Some(unsigned.value as i64));
    }
    // A quotient in (-1, 0] is 0, not an error.
    if !whole.is_overflow() && whole.value == 0 {
        return Ok(Some(0));
    }
    Err(overflow(ctx, &format!("({a} DIV {b})")))
}

fn bind(binder: &mut Binder<'_>, site: &CallSite, args: Vec<TypedExpr>) -> Result<TypedExpr> {
    let ty = SqlType { unsigned: has_unsigned(&args), ..SqlType::bigint(20) };
    let (overload, kind) = match common_class(&args) {
        Class::Int => (INT, ArgKind::Int),
        _ => (DECIMAL, ArgKind::Decimal),
    };
    binder.signature_of_type(site, overload, args, &[kind], ty)
}
