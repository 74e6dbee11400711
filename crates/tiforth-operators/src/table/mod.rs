// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Reads a table of the host's.
//!
//! The host names its tables' schemas when a plan is compiled and gives their batches to each run.
//! Lanes take stretches of at most [`STRETCH_ROWS_MAX`] rows of a batch in turn, and each hands its
//! stretch on in pieces of [`ROWS_MAX`] rows, so that what is computed from one stays in the processor's
//! cache, and a lane's pieces follow one another. The first stretches are of one piece, so that a small
//! table is shared by all lanes. Holds one batch.

use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use tiforth_data::{Batch, BatchSchema};
use tiforth_pipeline::{OpContext, OpOutput, Source, SourceLocal};
use tiforth_types::{Error, Result, SqlError};

use crate::build::{CompiledOperator, PipelineBuilder};
use crate::spec::{BatchStream, CompileScope, Spec};

/// Is the greatest number of rows handed on at once.
pub const ROWS_MAX: usize = 16_384;

/// Is the greatest number of rows a lane takes at once.
pub const STRETCH_ROWS_MAX: usize = 4 * ROWS_MAX;

/// Says which table to read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableSpec {
    /// The table's name, as the host gives it.
    pub table: String,
    /// The columns to read, in this order; all where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<Vec<String>>,
}

impl TableSpec {
    /// Says to read all columns of `table`.
    pub fn new(table: impl Into<String>) -> Self {
        TableSpec { table: table.into(), columns: None }
    }
}

impl Spec for TableSpec {
    const NAME: &'static str = "table";
    const INPUTS: usize = 0;

    fn compile(
        &self,
        _: &[BatchSchema],
        scope: &mut CompileScope<'_>,
    ) -> Result<Arc<dyn CompiledOperator>, Error> {
        let Some(full) = (scope.tables)(&self.table) else {
            return Err(SqlError::new(1146, format!("Table '{}' doesn't exist", self.table)).into());
        };
        let Some(names) = &self.columns else {
            return Ok(Arc::new(Table { name: self.table.clone(), schema: full, places: None }));
        };
        let mut places = Vec::with_capacity(names.len());
        let mut fields = Vec::with_capacity(names.len());
        for name in names {
            let found = full.iter().enumerate().find(|(_, f)| f.name.eq_ignore_ascii_case(name));
            let Some((place, field)) = found else {
                return Err(SqlError::unknown_column(name, &self.table).into());
            };
            places.push(place);
            fields.push(field.clone());
        }
        let places = Some(places.into());
        Ok(Arc::new(Table { name: self.table.clone(), schema: fields.into(), places }))
    }

    fn explain(&self) -> String {
        match &self.columns {
            Some(columns) => format!("{} ({})", self.table, columns.join(", ")),
            None => self.table.clone(),
        }
    }
}

struct Table {
    name: String,
    schema: BatchSchema,
    places: Option<Arc<[usize]>>,
}

impl CompiledOperator for Table {
    fn schema(&self) -> &BatchSchema {
        &self.schema
    }

    fn build(&self, builder: &mut PipelineBuilder<'_>) -> Result<()> {
        let Some(stream) = builder.take_table(&self.name) else {
            let text = format!(
                "the run was given no batches for the table '{}', or the plan reads it twice",
                self.name
            );
            return Err(SqlError::other(text).into());
        };
        builder.begin(Arc::new(StreamSource::new(
            format!("table {}", self.name),
            stream,
            Arc::clone(&self.schema),
            self.places.clone(),
        )));
        Ok(())
    }
}

/// Hands out the batches of a stream to whichever lane asks next.
pub(crate) struct StreamSource {
    name: String,
    schema: BatchSchema,
    places: Option<Arc<[usize]>>,
    position: Mutex<Position>,
}

/// Is where the stream stands: the batch being cut up, and how much of it was handed out.
struct Position {
    stream: Box<dyn BatchStream>,
    batch: Option<Batch>,
    rows_done: usize,
    pieces: u64,
    /// The number of stretches taken.
    stretches: usize,
}

/// Is what a lane has taken and not yet handed on.
struct Stretch {
    batch: Batch,
    offset: usize,
    end: usize,
    number: u64,
}

impl StreamSource {
    pub(crate) fn new(
        name: String,
        stream: Box<dyn BatchStream>,
        schema: BatchSchema,
        places: Option<Arc<[usize]>>,
    ) -> Self {
        let position = Position { stream, batch: None, rows_done: 0, pieces: 0, stretches: 0 };
        StreamSource { name, schema, places, position: Mutex::new(position) }
    }

    /// Takes the next rows for one of `lanes`.
    fn next(&self, lanes: usize) -> Result<Option<Stretch>> {
        let mut position = self.position.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(batch) = &position.batch
                && position.rows_done < batch.physical_rows()
            {
                let offset = position.rows_done;
                let is_early = position.stretches < 2 * lanes;
                let rows = if is_early { ROWS_MAX } else { STRETCH_ROWS_MAX };
                let end = batch.physical_rows().min(offset + rows);
                let batch = batch.clone();
                let stretch = Stretch { batch, offset, end, number: position.pieces };
                position.rows_done = end;
                position.stretches += 1;
                position.pieces += (end - offset).div_ceil(ROWS_MAX) as u64;
                return Ok(Some(stretch));
            }
            position.rows_done = 0;
            position.batch = position.stream.next_batch()?;
            if position.batch.is_none() {
                return Ok(None);
            }
        }
    }

    /// Cuts the next piece off a stretch; none where it is used up.
    fn piece(&self, stretch: &mut Stretch) -> Option<Batch> {
        let (batch, offset) = (&stretch.batch, stretch.offset);
        let len = (stretch.end - offset).min(ROWS_MAX);
        if len == 0 {
            return None;
        }
        let is_whole = offset == 0 && len == batch.physical_rows();
        let cut =
            |c: &tiforth_data::Column| if is_whole { c.clone() } else { c.slice(offset, len) };
        let columns = match &self.places {
            None => batch.columns().iter().map(cut).collect(),
            Some(places) => {
                places.iter().filter_map(|&p| batch.columns().get(p)).map(cut).collect()
            }
        };
        let piece = Batch::new(Arc::clone(&self.schema), columns, len).with_number(stretch.number);
        stretch.offset += len;
        stretch.number += 1;
        Some(piece)
    }
}

impl Source for StreamSource {
    fn name(&self) -> &str {
        &self.name
    }

    fn local(self: Arc<Self>, _: &OpContext<'_>) -> Result<Box<dyn SourceLocal>> {
        Ok(Box::new(StreamLocal { source: self, stretch: None }))
    }
}

struct StreamLocal {
    source: Arc<StreamSource>,
    stretch: Option<Stretch>,
}

impl SourceLocal for StreamLocal {
    fn source(&mut self, ctx: &OpContext<'_>) -> Result<OpOutput> {
        if ctx.is_cancelled() {
            return Ok(OpOutput::Cancelled);
        }
        loop {
            if let Some(piece) = self.stretch.as_mut().and_then(|s| self.source.piece(s)) {
                return Ok(OpOutput::HasMore(piece));
            }
            self.stretch = self.source.next(ctx.lanes())?;
            if self.stretch.is_none() {
                return Ok(OpOutput::Finished(None));
            }
        }
    }
}
