// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Comparisons. What the functions of the family share:
//!
//! | file | holds |
//! |---|---|
//! | `columns`, `texts` | comparisons of whole columns at once |
//! | `class` | as what two expressions compare |
//! | `refine`, `integer_constant` | what becomes of a constant beside a column of another type |
//! | `operator` | the operators themselves, over any values that have an order |
//! | `extreme_moment` | which of dates and times is the greatest, the least |

pub(crate) mod class;
mod columns;
mod extreme_moment;
mod integer_constant;
pub(crate) mod operator;
mod refine;
mod texts;

family! {
    Function;
    compare: EQ, NE, LT, LE, GT, GE, NULLEQ;
    isnull: ISNULL;
    between: BETWEEN, NOT_BETWEEN;
    in_list: IN;
    interval: INTERVAL;
    extremes: GREATEST, LEAST;
    strcmp: STRCMP;
}
