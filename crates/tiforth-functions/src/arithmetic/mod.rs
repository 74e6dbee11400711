// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Arithmetic: `+`, `-`, `*`, `/`, `DIV`, `%`, unary minus.

mod integers;
mod lanes;
pub(crate) mod operands;
mod quotients;
mod value_by_value;
mod wide_products;

family! {
    Function;
    plus: PLUS;
    minus: MINUS;
    mul: MUL;
    div: DIV;
    intdiv: INTDIV;
    modulo: MOD;
    unaryminus: UNARYMINUS;
}

#[cfg(test)]
mod tests;
