// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Arithmetic: `+`, `-`, `*`, `/`, `DIV`, `%`, unary minus.

mod div;
mod intdiv;
mod lanes;
mod minus;
mod modulo;
mod mul;
pub(crate) mod operands;
mod plus;
mod quotients;
mod unaryminus;

use tiforth_expr::Function;

/// Lists the family.
pub(crate) const FUNCTIONS: &[&Function] = &[
    &plus::PLUS,
    &minus::MINUS,
    &mul::MUL,
    &div::DIV,
    &intdiv::INTDIV,
    &modulo::MOD,
    &unaryminus::UNARYMINUS,
];

#[cfg(test)]
mod tests;
