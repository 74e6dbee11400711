// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Filters batches.

use std::sync::Arc;

use arrow_buffer::BooleanBuffer;
use tiforth_data::{Batch, BatchSchema, Column, ColumnData, DecodeContext, bitmap};
use tiforth_expr::function::{Body, Volatility};
use tiforth_expr::{Call, Registry, TypedExpr};
use tiforth_pipeline::{OpContext, OpOutput, Pipe, PipeLocal};
use tiforth_types::{Datum, EvalType, InternalError, Result, TimeZone};

use crate::build::{CompiledOperator, PipelineBuilder, RunState, forward};
use crate::evaluation::{evaluate, evaluate_sharing};

/// Is a filter compiled for its input's schema.
pub(super) struct CompiledFilter {
    pub(super) schema: BatchSchema,
    pub(super) conditions: Arc<[Condition]>,
}

/// Is one conjunct of the predicate.
pub(super) struct Condition {
    expr: TypedExpr,
    /// Whether it is computed for whole columns whichever rows count.
    is_flat: bool,
}

impl Condition {
    /// Prepares a conjunct whose functions are those of `registry`.
    pub(super) fn new(expr: TypedExpr, registry: &Registry) -> Self {
        let is_flat = is_flat(&expr, registry);
        Condition { expr, is_flat }
    }

    /// Returns the rows for which the condition, computed as `column`, is not 0 and not NULL.
    fn truths(&self, column: &Column) -> Result<BooleanBuffer> {
        // A condition is an integer; no integer's reading depends on the zone.
        truths(column.decoded(&self.expr.ty, &DecodeContext::new(TimeZone::UTC))?.as_ref())
    }
}

/// Tells whether `expr` is one call on numbers and times that are columns or constants: a loop over
/// whole columns, and the same for any choice of rows.
fn is_flat(expr: &TypedExpr, registry: &Registry) -> bool {
    let is_operand = |arg: &TypedExpr| {
        let is_text =
            matches!(arg.eval_type(), EvalType::Bytes | EvalType::Json | EvalType::Vector);
        !is_text && arg.as_call().is_none()
    };
    let is_steady = |call: &Call| {
        let function = registry.get(&call.name);
        call.overload.volatility == Volatility::Immutable
            && function.is_some_and(|f| f.volatility == Volatility::Immutable)
    };
    expr.as_call().is_some_and(|call| {
        matches!(call.overload.body, Body::Strict(_))
            && expr.is_boolean
            && is_steady(call)
            && call.args.iter().all(is_operand)
    })
}

impl CompiledOperator for CompiledFilter {
    fn schema(&self) -> &BatchSchema {
        &self.schema
    }

    fn build(&self, builder: &mut PipelineBuilder<'_>) -> Result<()> {
        let state = builder.state.clone();
        builder.pipe(Arc::new(FilterPipe { conditions: Arc::clone(&self.conditions), state }))
    }
}

struct FilterPipe {
    conditions: Arc<[Condition]>,
    state: RunState,
}

impl Pipe for FilterPipe {
    fn name(&self) -> &str {
        "filter"
    }

    fn local(self: Arc<Self>, _: &OpContext<'_>) -> Result<Box<dyn PipeLocal>> {
        Ok(Box::new(FilterLocal { filter: self }))
    }
}

struct FilterLocal {
    filter: Arc<FilterPipe>,
}

impl PipeLocal for FilterLocal {
    fn pipe(&mut self, _: &OpContext<'_>, input: Option<Batch>) -> Result<OpOutput> {
        let Some(mut batch) = input else { return Ok(OpOutput::NeedsMore) };
        let state = &self.filter.state;
        // What the conjuncts since the last listing of rows are all true for.
        let mut open: Option<BooleanBuffer> = None;
        for condition in self.filter.conditions.iter() {
            if condition.is_flat
                && batch.selection().is_none()
                && let Some(columns) =
                    evaluate_sharing(state, &batch, std::iter::once(&condition.expr), &[])?
                && let Some(column) = columns.first()
            {
                let is_true = condition.truths(column)?;
                let both = match open {
                    Some(open) => &open & &is_true,
                    None => is_true,
                };
                if both.count_set_bits() == 0 {
                    return Ok(OpOutput::NeedsMore);
                }
                open = Some(both);
                continue;
            }
            batch = kept(batch, open.take());
            if batch.num_rows() == 0 {
                return Ok(OpOutput::NeedsMore);
            }
            let columns = evaluate(state, &batch, std::slice::from_ref(&condition.expr))?;
            let Some(column) = columns.first() else {
                return Err(InternalError::new("a condition gave no column").into());
            };
            open = Some(condition.truths(column)?);
        }
        Ok(forward(kept(batch, open)))
    }
}

/// Returns the rows of `selection` for which `is_true`. Each is written whether it stays or not and the
/// end moves if it does, so that no branch depends on the data.
fn narrowed(selection: &[u32], is_true: &BooleanBuffer) -> Vec<u32> {
    let mut kept = vec![0; selection.len()];
    let mut end = 0;
    for &row in selection {
        if let Some(slot) = kept.get_mut(end) {
            *slot = row;
        }
        end += usize::from(is_true.value(row as usize));
    }
    kept.truncate(end);
    kept
}

/// Returns the rows for which a decoded condition is not 0 and not NULL.
fn truths(column: &Column) -> Result<BooleanBuffer> {
    let is_true = match column.data() {
        ColumnData::Constant(value) => match value.as_ref() {
            Datum::Int(v) if *v != 0 => BooleanBuffer::new_set(column.len()),
            _ => BooleanBuffer::new_unset(column.len()),
        },
        ColumnData::Bits(bits) => bits.clone(),
        ColumnData::Int(values) => bitmap::truths(values, |&v| v != 0),
        _ => return Err(InternalError::new("a condition gave no truth values").into()),
    };
    Ok(match column.nulls() {
        Some(nulls) => &is_true & nulls.inner(),
        None => is_true,
    })
}

/// Keeps the rows of `batch` that count and that are `open`, or all.
fn kept(batch: Batch, open: Option<BooleanBuffer>) -> Batch {
    let Some(open) = open else { return batch };
    let rows = match batch.selection() {
        None if open.count_set_bits() == batch.physical_rows() => return batch,
        None => bitmap::set_rows(&open),
        Some(selection) => narrowed(selection, &open),
    };
    batch.with_selection(Some(rows.into()))
}
