// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Hands on at most so many rows, after leaving out so many.
//!
//! Lanes claim rows from one counter, so that together they hand on exactly the number asked for;
//! which rows these are without an order below is not defined, as in SQL. Once all are claimed, what
//! lies above in the channel is not called again. Holds no data.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};
use tiforth_data::{Batch, BatchSchema};
use tiforth_pipeline::{OpContext, OpOutput, Pipe, PipeLocal};
use tiforth_types::{Error, Result, SqlError};

use crate::build::{CompiledOperator, PipelineBuilder, forward};
use crate::spec::{CompileScope, Spec, only_input};

/// Says how many rows to hand on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitSpec {
    /// The most rows handed on.
    pub limit: u64,
    /// The rows left out first.
    #[serde(default)]
    pub offset: u64,
}

impl Spec for LimitSpec {
    const NAME: &'static str = "limit";
    const INPUTS: usize = 1;

    fn compile(
        &self,
        schemas: &[BatchSchema],
        _: &mut CompileScope<'_>,
    ) -> Result<Arc<dyn CompiledOperator>, Error> {
        let schema = only_input::<Self>(schemas)?;
        let Some(end) = self.offset.checked_add(self.limit) else {
            return Err(SqlError::other("limit and offset together are beyond 64 bits").into());
        };
        Ok(Arc::new(Limit { schema: Arc::clone(schema), offset: self.offset, end }))
    }

    fn explain(&self) -> String {
        format!("{} offset {}", self.limit, self.offset)
    }
}

struct Limit {
    schema: BatchSchema,
    offset: u64,
    end: u64,
}

impl CompiledOperator for Limit {
    fn schema(&self) -> &BatchSchema {
        &self.schema
    }

    fn build(&self, builder: &mut PipelineBuilder<'_>) -> Result<()> {
        let claimed = AtomicU64::new(0);
        builder.pipe(Arc::new(LimitPipe { offset: self.offset, end: self.end, claimed }))
    }
}

struct LimitPipe {
    offset: u64,
    end: u64,
    claimed: AtomicU64,
}

impl Pipe for LimitPipe {
    fn name(&self) -> &str {
        "limit"
    }

    fn local(self: Arc<Self>, _: &OpContext<'_>) -> Result<Box<dyn PipeLocal>> {
        Ok(Box::new(LimitLocal { limit: self }))
    }
}

struct LimitLocal {
    limit: Arc<LimitPipe>,
}

impl PipeLocal for LimitLocal {
    fn pipe(&mut self, _: &OpContext<'_>, input: Option<Batch>) -> Result<OpOutput> {
        let Some(batch) = input else { return Ok(OpOutput::NeedsMore) };
        let LimitPipe { offset, end, claimed } = &*self.limit;
        let rows = batch.num_rows() as u64;
        // A claim beyond the end adds at most what a run can read, so the counter does not wrap.
        let first = claimed.fetch_add(rows, Ordering::Relaxed);
        let from = offset.saturating_sub(first).min(rows);
        let to = end.saturating_sub(first).min(rows);
        let is_last = first.saturating_add(rows) >= *end;
        let kept = if from == 0 && to == rows { batch } else { section(batch, from, to) };
        if is_last {
            return Ok(OpOutput::Finished(Some(kept).filter(|b| b.num_rows() > 0)));
        }
        Ok(forward(kept))
    }
}

/// Keeps the rows from `from` to `to` among those that count.
fn section(batch: Batch, from: u64, to: u64) -> Batch {
    let (from, to) = (from as usize, to.max(from) as usize);
    let kept: Vec<u32> = match batch.selection() {
        Some(selection) => selection.get(from..to).unwrap_or_default().to_vec(),
        None => (from as u32..to as u32).collect(),
    };
    batch.with_selection(Some(kept.into()))
}
