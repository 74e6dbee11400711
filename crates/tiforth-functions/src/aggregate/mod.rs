// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Aggregate functions: COUNT, SUM, AVG, MIN, MAX.

mod decimal_sum;
mod exact_sum;
mod real_sum;

family! {
    AggregateFunction;
    count: COUNT;
    sum: SUM;
    average: AVG;
    extreme: MIN, MAX;
}

use std::any::Any;

use arrow_buffer::{BooleanBuffer, NullBuffer};
use tiforth_expr::Accumulator;
use tiforth_types::{InternalError, Result};

/// Returns the accumulator behind its trait.
fn same<A: Any>(accumulator: &dyn Accumulator) -> Result<&A> {
    let found = accumulator.as_any().downcast_ref::<A>();
    found.ok_or_else(|| InternalError::new("accumulators of two aggregates were mixed").into())
}

/// Marks the groups that have seen a value.
fn nulls_of(seen: &[i64]) -> Option<NullBuffer> {
    let valid = BooleanBuffer::collect_bool(seen.len(), |group| {
        seen.get(group).is_some_and(|&rows| rows > 0)
    });
    Some(NullBuffer::new(valid)).filter(|n| n.null_count() > 0)
}
