// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Logic of three values.
//!
//! | file | holds |
//! |---|---|
//! | `connective` | AND and OR, which evaluate their second operand only where it matters |
//! | `xor`, `not` | XOR and NOT |
//! | `truth` | IS TRUE, IS FALSE, and what makes a condition of any value |

mod connective;
mod not;
mod truth;
mod xor;

use tiforth_expr::Function;

pub(crate) use truth::{condition, split};

/// Lists the family's functions.
pub(crate) const FUNCTIONS: &[&Function] = &[
    &connective::AND,
    &connective::OR,
    &xor::XOR,
    &not::NOT,
    &truth::ISTRUE,
    &truth::ISTRUE_WITH_NULL,
    &truth::ISFALSE,
];
