// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `a * b`.
//!
//! Source: MySQL manual, "Arithmetic Operators"; TiDB `pkg/expression/builtin_arithmetic.go`.

use tiforth_expr::kernel::{Checked2, Int, Propagating2, UInt};
use tiforth_expr::{Binder, CallSite, Doc, Function, Overload, TypedExpr};
use tiforth_types::Result;

use super::lanes::{Lanes, Operation};
use super::operands::{bigint_overflow, double_overflow};
use super::plus::bind_combined;

/// Defines the function.
pub(crate) const MUL: Function = Function {
    aliases: &["multiply"],
    ..Function::new(
        "mul",
        "arithmetic",
        (2, 2),
        bind,
        Doc {
            usage: "a * b",
            summary: "Multiplies two numbers.",
            result: "As that of a + b; the scale of a DECIMAL is the sum of the scales, 30 at most.",
            null: "NULL if either argument is.",
            errors: "1690 when the product is beyond its type.",
            warnings: "1292 when a text is no number.",
            example: ("1.5 * 2.5", "3.75"),
            sources: "MySQL manual, Arithmetic Operators; TiDB builtin_arithmetic.go",
        },
    )
};

const INT: Overload = Overload::strict(
    "MultiplyInt",
    &Checked2::<Int, Int, Int, _>::new(i64::overflowing_mul, |ctx| bigint_overflow(ctx, "*")),
);
/// Multiplies the bits as unsigned whatever the operands' own signs, as TiDB does.
const UINT: Overload = Overload::strict(
    "MultiplyIntUnsigned",
    &Checked2::<UInt, UInt, UInt, _>::new(
        |a: i64, b: i64| {
            let (product, wrong) = (a as u64).overflowing_mul(b as u64);
            (product as i64, wrong)
        },
        |ctx| bigint_overflow(ctx, "*"),
    ),
);
const REAL: Overload = Overload::strict(
    "MultiplyReal",
    &Propagating2::new(|a: f64, b: f64| a * b, |ctx| double_overflow(ctx, "*")),
);
const DECIMAL: Overload = Overload::strict("MultiplyDecimal", &Lanes(Operation::Mul));

fn bind(binder: &mut Binder<'_>, site: &CallSite, args: Vec<TypedExpr>) -> Result<TypedExpr> {
    bind_combined(binder, site, args, [REAL, DECIMAL], true, |_, unsigned| {
        let is_unsigned = unsigned.contains(&true);
        (if is_unsigned { UINT } else { INT }, is_unsigned)
    })
}
