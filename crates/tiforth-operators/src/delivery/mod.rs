// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Writes batches as Arrow, in the lane that made them.
//!
//! It stands at the end of a plan whose host has said in which Arrow types it wants the result: rows are
//! then picked and values converted by all lanes, while the data is in their caches, and whoever reads
//! the result only takes the arrays over.
//!
//! ```text
//!  piece, few rows ──▶ picked into one set of arrays ──▶ handed on when full, or when the next
//!                                                        piece does not follow or cannot be picked
//!  piece, all rows ──▶ handed on as it is
//! ```
//!
//! Holds at most [`ROWS_MAX`] rows a lane; where memory for them is refused, none: each piece is then
//! written by itself.

use std::sync::Arc;

use arrow_schema::SchemaRef;
use tiforth_data::{Batch, BatchSchema, Column, DecodeContext, PickedColumn, Reservation};
use tiforth_pipeline::{OpContext, OpOutput, Pipe, PipeLocal};
use tiforth_types::{Result, TimeZone};

use crate::build::forward;
use crate::table;

/// Is the greatest number of rows handed on at once of those picked.
pub const ROWS_MAX: usize = 4 * table::ROWS_MAX;

/// Writes batches in the Arrow types of a schema.
pub struct Delivery {
    target: SchemaRef,
    zone: TimeZone,
}

impl Delivery {
    /// Builds the pipe; `zone` is the session's.
    pub fn new(target: SchemaRef, zone: TimeZone) -> Self {
        Delivery { target, zone }
    }
}

impl Pipe for Delivery {
    fn name(&self) -> &str {
        "delivery"
    }

    fn local(self: Arc<Self>, ctx: &OpContext<'_>) -> Result<Box<dyn PipeLocal>> {
        let how = DecodeContext::new(self.zone);
        let claim = Reservation::new(Arc::clone(&ctx.run().memory), "delivery");
        let (lanes, picked, next) = (ctx.lanes(), None, None);
        Ok(Box::new(DeliveryLocal { delivery: self, how, claim, lanes, picked, next }))
    }
}

struct DeliveryLocal {
    delivery: Arc<Delivery>,
    how: DecodeContext,
    claim: Reservation,
    lanes: usize,
    picked: Option<Picked>,
    /// What is handed on after what was picked.
    next: Option<Batch>,
}

/// Is what was picked of pieces that follow one another.
struct Picked {
    schema: BatchSchema,
    columns: Vec<PickedColumn>,
    rows: usize,
    first: u64,
    last: u64,
}

impl PipeLocal for DeliveryLocal {
    fn pipe(&mut self, _: &OpContext<'_>, input: Option<Batch>) -> Result<OpOutput> {
        let Some(batch) = input else {
            return Ok(self.next.take().map_or(OpOutput::NeedsMore, OpOutput::Even));
        };
        if self.pick(&batch)? {
            let is_full = self.picked.as_ref().is_some_and(Picked::is_full);
            let full = if is_full { self.finish()? } else { None };
            return Ok(full.map_or(OpOutput::NeedsMore, OpOutput::Even));
        }
        let before = self.finish()?;
        // It may follow nothing but what was just finished.
        let written = if self.pick(&batch)? {
            None
        } else {
            Some(batch.written(&self.delivery.target, &self.how)?)
        };
        Ok(match (before, written) {
            (Some(before), Some(written)) => {
                self.next = Some(written);
                OpOutput::HasMore(before)
            }
            (Some(before), None) => OpOutput::Even(before),
            (None, Some(written)) => forward(written),
            (None, None) => OpOutput::NeedsMore,
        })
    }

    fn drain(&mut self, _: &OpContext<'_>) -> Result<OpOutput> {
        Ok(OpOutput::Finished(self.finish()?))
    }
}

impl DeliveryLocal {
    /// Picks the rows of `batch` that count, where some do not, it follows what was picked before,
    /// and all its columns can be picked from; tells whether it did.
    fn pick(&mut self, batch: &Batch) -> Result<bool> {
        let Some(rows) = batch.selection() else { return Ok(false) };
        if self.picked.is_none() {
            let Some(picked) = Picked::start(batch, &self.delivery.target) else {
                return Ok(false);
            };
            if self.claim.resize(picked.row_bytes().saturating_mul(ROWS_MAX)).is_err() {
                return Ok(false);
            }
            self.picked = Some(picked.with_room(self.expected(rows.len())));
        }
        let Some(picked) = self.picked.as_mut().filter(|p| p.can_pick(batch)) else {
            return Ok(false);
        };
        for (column, from) in picked.columns.iter_mut().zip(batch.columns()) {
            column.pick(from, rows);
        }
        picked.rows += rows.len();
        picked.last = batch.number();
        Ok(true)
    }

    /// Guesses how many rows will be picked together where the first piece leaves `rows`: of one
    /// lane all pieces follow one another, of several those of a stretch.
    fn expected(&self, rows: usize) -> usize {
        const PIECES: usize = table::STRETCH_ROWS_MAX / table::ROWS_MAX;
        let of_stretch = rows * PIECES * 9 / 8 + 64;
        if self.lanes == 1 { ROWS_MAX } else { of_stretch.min(ROWS_MAX) }
    }

    /// Returns the batch of what was picked, if anything was.
    fn finish(&mut self) -> Result<Option<Batch>> {
        let Some(picked) = self.picked.take() else { return Ok(None) };
        let columns = picked.columns.into_iter().map(|c| Ok(Column::host(c.finish()?)));
        let columns = columns.collect::<Result<Vec<Column>>>()?;
        self.claim.resize(0)?;
        let batch = Batch::new(picked.schema, columns, picked.rows).with_number(picked.first);
        Ok(Some(batch).filter(|b| b.num_rows() > 0))
    }
}

impl Picked {
    /// Prepares to pick from `batch` and what follows it, if that is possible.
    fn start(batch: &Batch, target: &SchemaRef) -> Option<Self> {
        let columns = target.fields().iter().map(|f| PickedColumn::new(f.data_type()));
        let columns = columns.collect::<Option<Vec<_>>>()?;
        let schema = Arc::clone(batch.schema());
        let number = batch.number();
        let picked = Picked { schema, columns, rows: 0, first: number, last: number };
        Some(picked).filter(|p| p.can_pick(batch))
    }

    fn row_bytes(&self) -> usize {
        self.columns.iter().map(PickedColumn::row_bytes).sum()
    }

    fn with_room(mut self, rows: usize) -> Self {
        self.columns.iter_mut().for_each(|c| c.reserve(rows));
        self
    }

    fn can_pick(&self, batch: &Batch) -> bool {
        let follows = self.rows == 0 || batch.number() == self.last + 1;
        follows
            && self.rows + batch.num_rows() <= ROWS_MAX
            && self.columns.iter().zip(batch.columns()).all(|(c, from)| c.can_pick(from))
    }

    /// Tells whether another piece might not fit.
    fn is_full(&self) -> bool {
        self.rows + table::ROWS_MAX > ROWS_MAX
    }
}

#[cfg(test)]
mod tests;
