// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Hands out what a breaker has made: whole columns, cut into batches.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tiforth_data::{Batch, BatchSchema, Column, Reservation};
use tiforth_pipeline::{Handover, OpContext, OpOutput, Source, SourceLocal};
use tiforth_types::Result;

/// Is the greatest number of rows of a batch.
pub(crate) const ROWS_MAX: usize = 16_384;

/// Holds the rows a breaker has made, and the claims on memory they stand on.
#[derive(Debug)]
pub(crate) struct FinishedRows {
    /// The columns.
    pub(crate) columns: Vec<Column>,
    /// The number of rows.
    pub(crate) rows: usize,
    /// Given back when the rows are.
    pub(crate) _claims: Vec<Reservation>,
}

/// Says which lanes hand out batches.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum HandedBy {
    /// Any, whichever asks next; the batches' numbers tell their order.
    AnyLane,
    /// The first, one batch after the other.
    FirstLane,
}

/// Is where a breaker publishes its rows, and the source that hands them out.
pub(crate) struct FinishedSource {
    name: String,
    schema: BatchSchema,
    by: HandedBy,
    next: AtomicUsize,
    rows: Handover<FinishedRows>,
}

impl FinishedSource {
    /// Makes the source of rows that come later.
    pub(crate) fn new(name: impl Into<String>, schema: BatchSchema, by: HandedBy) -> Arc<Self> {
        let (next, rows) = (AtomicUsize::new(0), Handover::new());
        Arc::new(FinishedSource { name: name.into(), schema, by, next, rows })
    }

    /// Publishes the rows.
    ///
    /// # Errors
    /// A bug's report where it was done before.
    pub(crate) fn publish(&self, rows: FinishedRows) -> Result<()> {
        self.rows.publish(rows)
    }
}

impl Source for FinishedSource {
    fn name(&self) -> &str {
        &self.name
    }

    fn local(self: Arc<Self>, _: &OpContext<'_>) -> Result<Box<dyn SourceLocal>> {
        Ok(Box::new(FinishedLocal { source: self }))
    }
}

struct FinishedLocal {
    source: Arc<FinishedSource>,
}

impl SourceLocal for FinishedLocal {
    fn source(&mut self, ctx: &OpContext<'_>) -> Result<OpOutput> {
        if ctx.is_cancelled() {
            return Ok(OpOutput::Cancelled);
        }
        let source = &*self.source;
        if source.by == HandedBy::FirstLane && ctx.lane() != 0 {
            return Ok(OpOutput::Finished(None));
        }
        let FinishedRows { columns, rows, .. } = source.rows.get()?;
        let number = source.next.fetch_add(1, Ordering::Relaxed);
        let start = number.saturating_mul(ROWS_MAX);
        if start >= *rows {
            return Ok(OpOutput::Finished(None));
        }
        let len = (*rows - start).min(ROWS_MAX);
        let columns = if len == *rows {
            columns.clone()
        } else {
            columns.iter().map(|c| c.slice(start, len)).collect()
        };
        let batch = Batch::new(Arc::clone(&source.schema), columns, len);
        Ok(OpOutput::HasMore(batch.with_number(number as u64)))
    }
}
