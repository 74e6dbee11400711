// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Comparisons.
//!
//! | file | holds |
//! |---|---|
//! | `compare` | `=` `<=>` `<>` `<` `<=` `>` `>=` |
//! | `columns`, `texts` | comparisons of whole columns at once |
//! | `class` | as what two expressions compare |
//! | `refine`, `integer_constant` | what becomes of a constant beside a column of another type |
//! | `operator` | the operators themselves, over any values that have an order |
//! | `between`, `in_list`, `isnull` | BETWEEN, IN, IS NULL |
//! | `extremes`, `interval`, `strcmp` | GREATEST, LEAST, INTERVAL, STRCMP |

mod between;
pub(crate) mod class;
mod columns;
mod compare;
mod extreme_moment;
mod extremes;
mod in_list;
mod integer_constant;
mod interval;
mod isnull;
pub(crate) mod operator;
mod refine;
mod strcmp;
mod texts;

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
    &between::BETWEEN,
    &between::NOT_BETWEEN,
    &in_list::IN,
    &interval::INTERVAL,
    &extremes::GREATEST,
    &extremes::LEAST,
    &strcmp::STRCMP,
];
