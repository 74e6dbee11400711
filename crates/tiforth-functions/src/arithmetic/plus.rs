// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `a + b`.
//!
//! Source: MySQL manual, "Arithmetic Operators"; TiDB `pkg/expression/builtin_arithmetic.go`.

use tiforth_expr::kernel::{Checked2, Int, Propagating2, UInt};
use tiforth_expr::{ArgKind, Binder, CallSite, Doc, Function, Overload, TypedExpr};
use tiforth_types::{Result, Session, SqlType};

use super::lanes::{Lanes, Operation};
use super::operands::{Class, bigint_overflow, combined_type, common_class, double_overflow};

/// Defines the function.
pub(crate) const PLUS: Function = Function {
    aliases: &["add"],
    ..Function::new(
        "plus",
        "arithmetic",
        (2, 2),
        bind,
        Doc {
            usage: "a + b",
            summary: "Adds two numbers.",
            result: "DOUBLE if either counts as one (FLOAT, text, JSON too); else DECIMAL of the greater \
                 scale if either is a DECIMAL; else BIGINT, unsigned if either is.",
            null: "NULL if either argument is.",
            errors: "1690 when the sum is beyond its type.",
            warnings: "1292 when a text is no number.",
            example: ("1 + 1.5", "2.5"),
            sources: "MySQL manual, Arithmetic Operators; TiDB builtin_arithmetic.go",
        },
    )
};

const INT: Overload = Overload::strict(
    "PlusInt",
    &Checked2::<Int, Int, Int, _>::new(
        |a: i64, b: i64| {
            let sum = a.wrapping_add(b);
            (sum, ((a ^ sum) & (b ^ sum)) < 0)
        },
        |ctx| bigint_overflow(ctx, "+"),
    ),
);
/// Adds where either operand is unsigned; the operands' own signs are told by their types.
const UINT: Overload = Overload::strict(
    "PlusIntUnsigned",
    &Checked2::<UInt, UInt, UInt, _>::new(
        |a: i64, b: i64| {
            let sum = a.wrapping_add(b);
            (sum, sum.cast_unsigned() < a.cast_unsigned())
        },
        |ctx| bigint_overflow(ctx, "+"),
    ),
);
const UINT_INT: Overload = Overload::strict(
    "PlusIntUnsignedSigned",
    &Checked2::<UInt, Int, UInt, _>::new(add_signed, |ctx| bigint_overflow(ctx, "+")),
);
const INT_UINT: Overload = Overload::strict(
    "PlusIntSignedUnsigned",
    &Checked2::<Int, UInt, UInt, _>::new(
        |a: i64, b: i64| add_signed(b, a),
        |ctx| bigint_overflow(ctx, "+"),
    ),
);
const REAL: Overload = Overload::strict(
    "PlusReal",
    &Propagating2::new(|a: f64, b: f64| a + b, |ctx| double_overflow(ctx, "+")),
)
.taking_nulls();
const DECIMAL: Overload = Overload::strict("PlusDecimal", &Lanes(Operation::Add));

/// Adds a signed number to an unsigned one. Written out, as `overflowing_add_signed` is not vectorised.
fn add_signed(unsigned: i64, signed: i64) -> (i64, bool) {
    let sum = unsigned.wrapping_add(signed);
    (sum, (sum.cast_unsigned() < unsigned.cast_unsigned()) != (signed < 0))
}

fn bind(binder: &mut Binder<'_>, site: &CallSite, args: Vec<TypedExpr>) -> Result<TypedExpr> {
    bind_combined(binder, site, args, [REAL, DECIMAL], false, |_, unsigned| match unsigned {
        [true, true] => (UINT, true),
        [true, false] => (UINT_INT, true),
        [false, true] => (INT_UINT, true),
        _ => (INT, false),
    })
}

/// Binds a sum, a difference or a product: of doubles or of decimals by `overloads`; of integers by what
/// `of_ints` says of which are unsigned, the result last.
pub(super) fn bind_combined(
    binder: &mut Binder<'_>,
    site: &CallSite,
    args: Vec<TypedExpr>,
    overloads: [Overload; 2],
    is_product: bool,
    of_ints: impl FnOnce(&Session, &[bool]) -> (Overload, bool),
) -> Result<TypedExpr> {
    let [real, decimal] = overloads;
    let (overload, kind) = match common_class(&args) {
        Class::Real => (real, ArgKind::Real),
        Class::Decimal => (decimal, ArgKind::Decimal),
        Class::Int => {
            let unsigned: Vec<bool> = args.iter().map(|arg| arg.ty.unsigned).collect();
            let (overload, unsigned) = of_ints(binder.session(), &unsigned);
            let ty = SqlType { unsigned, ..SqlType::bigint(20) };
            return binder.signature_of_type(site, overload, args, &[ArgKind::Int], ty);
        }
    };
    let typed = binder.signature(site, overload, args, &[kind], kind)?;
    Ok(retype(typed, is_product))
}

/// Gives a sum, a difference or a product of reals or decimals its length and scale.
fn retype(typed: TypedExpr, is_product: bool) -> TypedExpr {
    let ty = match typed.as_call() {
        Some(call) => combined_type(&call.args, typed.ty.clone(), is_product),
        None => return typed,
    };
    typed.with_type(ty)
}
