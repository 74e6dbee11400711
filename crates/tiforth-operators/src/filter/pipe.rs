// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Filters batches.

use std::sync::Arc;

use arrow_buffer::BooleanBuffer;
use tiforth_data::{Batch, BatchSchema, Column, ColumnData, bitmap};
use tiforth_expr::TypedExpr;
use tiforth_pipeline::{OpContext, OpOutput, Pipe, PipeLocal};
use tiforth_types::{Datum, InternalError, Result};

use crate::build::{CompiledOperator, PipelineBuilder, RunState, forward};
use crate::evaluation::evaluate;

/// Is a filter compiled for its input's schema.
pub(super) struct CompiledFilter {
    pub(super) schema: BatchSchema,
    pub(super) conditions: Vec<TypedExpr>,
}

impl CompiledOperator for CompiledFilter {
    fn schema(&self) -> &BatchSchema {
        &self.schema
    }

    fn build(&self, builder: &mut PipelineBuilder<'_>) -> Result<()> {
        let state = builder.state.clone();
        builder.pipe(Arc::new(FilterPipe { conditions: self.conditions.clone().into(), state }))
    }
}

struct FilterPipe {
    conditions: Arc<[TypedExpr]>,
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
        for condition in self.filter.conditions.iter() {
            let columns = evaluate(&self.filter.state, &batch, std::slice::from_ref(condition))?;
            let Some(column) = columns.first() else {
                return Err(InternalError::new("a condition gave no column").into());
            };
            batch = keep(batch, column)?;
            if batch.num_rows() == 0 {
                break;
            }
        }
        Ok(forward(batch))
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

/// Keeps the rows of `batch` that count and where `truth` is not 0 and not NULL.
fn keep(batch: Batch, truth: &Column) -> Result<Batch> {
    let selection = batch.selection().cloned();
    let rows = batch.physical_rows();
    let kept: Vec<u32> = match truth.data() {
        ColumnData::Constant(value) => match value.as_ref() {
            Datum::Int(v) if *v != 0 => return Ok(batch),
            _ => Vec::new(),
        },
        ColumnData::Bits(bits) => {
            let is_true = match truth.nulls() {
                Some(nulls) => bits & nulls.inner(),
                None => bits.clone(),
            };
            match &selection {
                None if is_true.count_set_bits() == rows => return Ok(batch),
                None => bitmap::set_rows(&is_true),
                Some(s) => narrowed(s, &is_true),
            }
        }
        ColumnData::Int(values) => {
            let nulls = truth.nulls();
            let is_true = |r: &u32| {
                let row = *r as usize;
                values.get(row).is_some_and(|v| *v != 0) && nulls.is_none_or(|n| n.is_valid(row))
            };
            match &selection {
                None => (0..rows as u32).filter(is_true).collect(),
                Some(s) => s.iter().copied().filter(is_true).collect(),
            }
        }
        _ => return Err(InternalError::new("a condition gave no truth values").into()),
    };
    Ok(batch.with_selection(Some(kept.into())))
}
