// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Aggregate functions: COUNT, SUM, AVG, MIN, MAX.

mod average;
mod count;
mod extreme;
mod sum;

use std::any::Any;

use tiforth_expr::{Accumulator, AggregateFunction};
use tiforth_types::{InternalError, Result};

/// Lists the family.
pub(crate) const AGGREGATES: &[&AggregateFunction] =
    &[&count::COUNT, &sum::SUM, &average::AVG, &extreme::MIN, &extreme::MAX];

/// Takes the other side of a merge apart.
fn same<A: Any>(other: Box<dyn Accumulator>) -> Result<Box<A>> {
    other
        .into_any()
        .downcast::<A>()
        .map_err(|_| InternalError::new("accumulators of two aggregates were merged").into())
}
