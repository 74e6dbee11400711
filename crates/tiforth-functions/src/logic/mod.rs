// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Logic of three values.
//!
//! | file | holds |
//! |---|---|
//! | `connective` | AND and OR, which evaluate their second operand only where it matters |
//! | `xor`, `not` | XOR and NOT |
//! | `truth` | IS TRUE, IS FALSE, and what makes a condition of any value |

family! {
    Function;
    connective: AND, OR;
    xor: XOR;
    not: NOT;
    truth: ISTRUE, ISTRUE_WITH_NULL, ISFALSE;
}

pub(crate) use truth::{condition, split};
