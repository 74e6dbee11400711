// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `a % b`, `a MOD b`, `MOD(a, b)`.
//!
//! Source: MySQL manual, "Arithmetic Operators"; TiDB `pkg/expression/builtin_arithmetic.go`.

use tiforth_data::Column;
use tiforth_data::simd::{self, Level};
use tiforth_expr::kernel::{Args, Dec, Kernel, Real, RowValue, Rows, Scalar2, guarded_pair};
use tiforth_expr::{ArgKind, Binder, CallContext, CallSite, Doc, Function, Overload, TypedExpr};
use tiforth_types::{DatumRef, Decimal, Result, SqlError, SqlType};

use super::integers::{Integers, Wanted};
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
    Overload::strict("ModInt", &Integers::new(Wanted::Remainder, remainder_int)).taking_nulls();
const REAL: Overload = Overload::strict("ModReal", &Remainders).taking_nulls();
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

/// Computes remainders of doubles over whole columns. Of a quotient below 2^53 the whole part is found
/// by dividing, and is right or one too many; the remainder by it is a double, which one multiplication
/// and addition without rounding between them gives. Greater quotients are left to the body.
struct Remainders;

/// Is the least quotient that may have lost its unit.
const WHOLE_BOUND: f64 = (1u64 << 53) as f64;

#[inline(always)]
fn quick_remainder(a: f64, b: f64) -> (f64, bool) {
    let quotient = (a / b).trunc();
    let rest = (-quotient).mul_add(b, a);
    // A rest of the other sign than the dividend's is of a quotient one too many.
    let is_past = (rest < 0.0) != (a < 0.0);
    let rest = if is_past & (rest != 0.0) { rest + b.abs().copysign(a) } else { rest };
    (rest.copysign(a), rest.is_nan() | (quotient.abs() >= WHOLE_BOUND))
}

impl Kernel for Remainders {
    fn batch(&self, args: &Args<'_>, rows: Rows<'_>, ctx: &mut CallContext<'_>) -> Result<Column> {
        let (a, b) = (args.decoded(0)?, args.decoded(1)?);
        let columns = [a.as_ref(), b.as_ref()];
        if simd::level() == Level::Baseline {
            // The processor may have no such multiplication.
            let quick = |a: f64, b: f64| (a % b, b == 0.0);
            return guarded_pair::<Real, Real, Real>(columns, rows, ctx, quick, remainder_real);
        }
        guarded_pair::<Real, Real, Real>(columns, rows, ctx, quick_remainder, remainder_real)
    }

    fn row(
        &self,
        args: &[DatumRef<'_>],
        _: &mut Vec<u8>,
        ctx: &mut CallContext<'_>,
    ) -> Result<RowValue, SqlError> {
        let [DatumRef::Real(a), DatumRef::Real(b)] = args else { return Ok(RowValue::Null) };
        Ok(remainder_real(ctx, *a, *b)?.map_or(RowValue::Null, RowValue::Real))
    }
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
