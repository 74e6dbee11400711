// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `a - b`.
//!
//! Source: MySQL manual, "Arithmetic Operators"; TiDB `pkg/expression/builtin_arithmetic.go`.

use tiforth_expr::kernel::{Checked2, Int, Propagating2};
use tiforth_expr::{Binder, CallContext, CallSite, Doc, Function, Overload, TypedExpr};
use tiforth_types::{Result, SqlError, SqlMode};

use super::lanes::{Lanes, Operation};
use super::operands::{bigint_overflow, double_overflow};
use super::plus::bind_combined;

/// Defines the function.
pub(crate) const MINUS: Function = Function {
    aliases: &["subtract"],
    ..Function::new(
        "minus",
        "arithmetic",
        (2, 2),
        bind,
        Doc {
            usage: "a - b",
            summary: "Subtracts the second number from the first.",
            result: "As that of a + b; a difference of BIGINTs is signed under NO_UNSIGNED_SUBTRACTION.",
            null: "NULL if either argument is.",
            errors: "1690 when the difference is beyond its type.",
            warnings: "1292 when a text is no number.",
            example: ("1 - 1.5", "-0.5"),
            sources: "MySQL manual, Arithmetic Operators; TiDB builtin_arithmetic.go",
        },
    )
};

/// Makes the overload of one pair of signs: computes in 128 bits, which all pairs fit, of which the
/// lower 64 and the next are looked at.
macro_rules! int_overload {
    ($name:ident, $wire:literal, $left:ident, $right:ident, $result:ident) => {
        const $name: Overload = Overload::strict(
            $wire,
            &Checked2::<Int, Int, Int, _>::new(
                |a: i64, b: i64| {
                    let borrow = i64::from(a.cast_unsigned() < b.cast_unsigned());
                    let high = $left(a).wrapping_sub($right(b)).wrapping_sub(borrow);
                    let low = a.wrapping_sub(b);
                    (low, high != $result(low))
                },
                overflow,
            ),
        );
    };
}

/// Returns what stands above the 64 bits of a signed number.
#[inline(always)]
fn signed(value: i64) -> i64 {
    value >> 63
}

/// Returns what stands above the 64 bits of an unsigned number.
#[inline(always)]
fn unsigned(_: i64) -> i64 {
    0
}

const INT: Overload = Overload::strict(
    "MinusInt",
    // TiDB's check misses 0 - (-2^63), and gives -2^63.
    &Checked2::<Int, Int, Int, _>::new(
        |a: i64, b: i64| {
            let difference = a.wrapping_sub(b);
            (difference, (((a ^ b) & (a ^ difference)) < 0) & (a != 0))
        },
        overflow,
    ),
);
int_overload!(UNSIGNED, "MinusIntUnsignedUnsigned", unsigned, unsigned, unsigned);
int_overload!(UNSIGNED_SIGNED, "MinusIntUnsignedSigned", unsigned, signed, unsigned);
int_overload!(SIGNED_UNSIGNED, "MinusIntSignedUnsigned", signed, unsigned, unsigned);
int_overload!(FORCED_UNSIGNED, "MinusIntForcedUnsignedUnsigned", unsigned, unsigned, signed);
int_overload!(FORCED_UNSIGNED_SIGNED, "MinusIntForcedUnsignedSigned", unsigned, signed, signed);
int_overload!(FORCED_SIGNED_UNSIGNED, "MinusIntForcedSignedUnsigned", signed, unsigned, signed);

const REAL: Overload = Overload::strict(
    "MinusReal",
    &Propagating2::new(|a: f64, b: f64| a - b, |ctx| double_overflow(ctx, "-")),
);
const DECIMAL: Overload = Overload::strict("MinusDecimal", &Lanes(Operation::Sub));

fn overflow(ctx: &CallContext<'_>) -> SqlError {
    bigint_overflow(ctx, "-")
}

fn bind(binder: &mut Binder<'_>, site: &CallSite, args: Vec<TypedExpr>) -> Result<TypedExpr> {
    bind_combined(binder, site, args, [REAL, DECIMAL], false, |session, unsigned| {
        let is_forced = session.sql_mode.has(SqlMode::NO_UNSIGNED_SUBTRACTION);
        let overload = match (unsigned, is_forced) {
            ([true, true], false) => UNSIGNED,
            ([true, false], false) => UNSIGNED_SIGNED,
            ([false, true], false) => SIGNED_UNSIGNED,
            ([true, true], true) => FORCED_UNSIGNED,
            ([true, false], true) => FORCED_UNSIGNED_SIGNED,
            ([false, true], true) => FORCED_SIGNED_UNSIGNED,
            _ => INT,
        };
        (overload, unsigned.contains(&true) && !is_forced)
    })
}
