// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Mathematics.
//!
//! | file | functions |
//! |---|---|
//! | `real` | SQRT, EXP, LN, LOG2, LOG10, SIN, COS, TAN, COT, ASIN, ACOS, DEGREES, RADIANS |
//! | `power` | POW, LOG, ATAN, ATAN2, PI, SIGN |
//! | `rounding` | ROUND, TRUNCATE, CEILING, FLOOR, ABS |
//! | `radix` | CONV, CRC32 |
//!
//! `elementary` computes the functions of doubles.

mod elementary;
mod power;
mod radix;
mod real;
mod rounding;

use tiforth_expr::{BindFn, Collate, Doc, Function, Volatility};

/// Lists the family.
pub(crate) const FUNCTIONS: &[&Function] = &[
    &rounding::ROUND,
    &rounding::TRUNCATE,
    &rounding::CEIL,
    &rounding::FLOOR,
    &rounding::ABS,
    &real::SQRT,
    &real::EXP,
    &real::LN,
    &real::LOG2,
    &real::LOG10,
    &real::SIN,
    &real::COS,
    &real::TAN,
    &real::COT,
    &real::ASIN,
    &real::ACOS,
    &real::DEGREES,
    &real::RADIANS,
    &power::POW,
    &power::LOG,
    &power::ATAN,
    &power::PI,
    &power::SIGN,
    &radix::CONV,
    &radix::CRC32,
];

/// Defines a function of this family, whose value depends on its arguments alone.
const fn define(
    name: &'static str,
    aliases: &'static [&'static str],
    arity: (usize, usize),
    bind: BindFn,
    collate: Collate,
    doc: Doc,
) -> Function {
    Function {
        name,
        aliases,
        family: "math",
        arity,
        bind,
        collate,
        volatility: Volatility::Immutable,
        fold: None,
        doc,
    }
}
