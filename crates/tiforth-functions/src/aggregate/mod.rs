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
use tiforth_data::DecimalColumn;
use tiforth_expr::Accumulator;
use tiforth_types::decimal::{Outcome, Rounding};
use tiforth_types::sql_type::DECIMAL_SCALE_MAX;
use tiforth_types::{Decimal, InternalError, Result, SqlError, SqlType};

/// Returns the accumulator behind its trait.
fn same<A: Any>(accumulator: &dyn Accumulator) -> Result<&A> {
    let found = accumulator.as_any().downcast_ref::<A>();
    found.ok_or_else(|| InternalError::new("accumulators of two aggregates were mixed").into())
}

/// Rounds decimals to the digits of the type they are given as, half away from zero: hidden digits count no
/// further.
fn rounded_to(values: DecimalColumn, ty: &SqlType) -> Result<DecimalColumn> {
    let scale = if ty.decimals < 0 { DECIMAL_SCALE_MAX } else { ty.decimals };
    if values.scales().is_some_and(|(s, p)| i32::from(s) == scale && i32::from(p) == scale) {
        return Ok(values);
    }
    let rounded = (0..values.len()).map(|row| {
        let rounded = values.stored(row).round(scale, Rounding::HalfUp);
        match rounded.outcome {
            Outcome::Exact => Ok(rounded.value),
            _ => Err(SqlError::data_truncated().into()),
        }
    });
    Ok(DecimalColumn::from_decimals(rounded.collect::<Result<Vec<Decimal>>>()?))
}

/// Marks the groups that have seen a value.
fn nulls_of(seen: &[i64]) -> Option<NullBuffer> {
    let valid = BooleanBuffer::collect_bool(seen.len(), |group| {
        seen.get(group).is_some_and(|&rows| rows > 0)
    });
    Some(NullBuffer::new(valid)).filter(|n| n.null_count() > 0)
}
