// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Comparisons.
//!
//! | file | holds |
//! |---|---|
//! | `compare` | `=` `<=>` `<>` `<` `<=` `>` `>=` |
//! | `class` | as what two expressions compare |
//! | `refine` | what becomes of a constant beside a column of another type |
//! | `operator` | the operators themselves, over any values that have an order |
//! | `isnull` | IS NULL |

pub(crate) mod class;
mod compare;
mod isnull;
pub(crate) mod operator;
mod refine;

use tiforth_expr::Function;

/// Lists the family's functions.
pub(crate) const FUNCTIONS: &[&Function] = &[
    &compare::EQ,
    &compare::NE,
    &compare::LT,
    &compare::LE,
    &compare::GT,
    &compare::GE,
    &compare::NULLEQ,
    &isnull::ISNULL,
];
