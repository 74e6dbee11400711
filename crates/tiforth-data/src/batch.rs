// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Holds what operators hand to each other: columns of equal length, and which rows count.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_schema::{Fields, Schema, SchemaRef};
use tiforth_types::{Result, SqlError};

use crate::arrow_type::{can_hold, to_arrow_field_as};
use crate::column::{Column, DecodeContext, Output};
pub use crate::schema::{BatchSchema, Field};

/// Lists the rows that count, ascending and without repeats.
pub type Selection = Arc<[u32]>;

/// Says which rows of columns count.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    /// The length of the columns.
    pub len: usize,
    /// The rows that count, ascending; none where all do.
    pub selection: Option<&'a [u32]>,
}

impl<'a> Rows<'a> {
    /// Counts all of `len` rows.
    pub fn all(len: usize) -> Self {
        Rows { len, selection: None }
    }

    /// Counts only the rows of `selection`.
    pub fn selected(len: usize, selection: &'a [u32]) -> Self {
        Rows { len, selection: Some(selection) }
    }

    /// Returns the number of rows that count.
    pub fn count(&self) -> usize {
        self.selection.map_or(self.len, <[u32]>::len)
    }

    /// Calls `each` with every row that counts, in order.
    #[inline]
    pub fn for_each(&self, mut each: impl FnMut(usize)) {
        match self.selection {
            None => (0..self.len).for_each(each),
            Some(rows) => rows.iter().for_each(|&row| each(row as usize)),
        }
    }
}

/// Holds columns of equal length and which of their rows count.
#[derive(Clone, Debug)]
pub struct Batch {
    schema: BatchSchema,
    columns: Vec<Column>,
    rows: usize,
    selection: Option<Selection>,
    number: u64,
}

impl Batch {
    /// Builds a batch of `rows` rows, all of which count. The columns must have `rows` rows each and
    /// stand in the schema's order; the callers within this workspace see to it.
    pub fn new(schema: BatchSchema, columns: Vec<Column>, rows: usize) -> Self {
        debug_assert!(columns.iter().all(|c| c.len() == rows) && columns.len() == schema.len());
        Batch { schema, columns, rows, selection: None, number: 0 }
    }

    /// Returns the same batch with its place among its source's batches, by which warnings are
    /// ordered.
    pub fn with_number(mut self, number: u64) -> Self {
        self.number = number;
        self
    }

    /// Returns the same columns with only the rows of `selection` counting.
    pub fn with_selection(mut self, selection: Option<Selection>) -> Self {
        self.selection = selection;
        self
    }

    /// Returns the columns' names and types.
    pub fn schema(&self) -> &BatchSchema {
        &self.schema
    }

    /// Returns the columns.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Returns the length of the columns, whether their rows count or not.
    pub fn physical_rows(&self) -> usize {
        self.rows
    }

    /// Returns the number of rows that count.
    pub fn num_rows(&self) -> usize {
        self.selection.as_ref().map_or(self.rows, |s| s.len())
    }

    /// Returns the rows that count, or none where all do.
    pub fn selection(&self) -> Option<&Selection> {
        self.selection.as_ref()
    }

    /// Returns the batch's place among its source's batches.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Returns the bytes the batch keeps alive; shared buffers count in full.
    pub fn byte_size(&self) -> usize {
        self.columns.iter().map(Column::byte_size).sum()
    }

    /// Wraps a host's batch; its arrays are read when somebody asks for their values.
    ///
    /// # Errors
    /// 1105 where the columns are not as many as the schema's, or one cannot hold its type.
    pub fn from_record_batch(batch: &RecordBatch, schema: &BatchSchema) -> Result<Self> {
        if batch.num_columns() != schema.len() {
            let (found, expected) = (batch.num_columns(), schema.len());
            let text = format!("Schema differs: {expected} columns expected, {found} found");
            return Err(SqlError::other(text).into());
        }
        let column = |(field, array): (&Field, &ArrayRef)| {
            if !can_hold(&field.sql_type, array.data_type()) {
                let (name, ty, found) = (&field.name, &field.sql_type, array.data_type());
                let text = format!("Column '{name}': {ty} cannot be held by Arrow {found}");
                return Err(SqlError::other(text).into());
            }
            Ok(Column::host_named(array.clone(), Some(field.name.as_str().into())))
        };
        let columns = schema.iter().zip(batch.columns()).map(column).collect::<Result<_>>()?;
        Ok(Batch::new(schema.clone(), columns, batch.num_rows()))
    }

    /// Writes the rows that count as Arrow, in the types of `target`, or each column in the type it
    /// came in or its default. A column that came from a host in the wanted type leaves as the very
    /// same array where all rows count.
    ///
    /// # Errors
    /// What a column's values do not fit its Arrow type with; those of reading a host's array.
    pub fn to_record_batch(
        &self,
        target: Option<&SchemaRef>,
        how: &DecodeContext,
    ) -> Result<RecordBatch> {
        let arrays = self.to_arrays(target, how)?;
        let schema = match target {
            Some(schema) => schema.clone(),
            None => {
                let fields = self.schema.iter().zip(&arrays);
                let fields = fields.map(|(f, a)| to_arrow_field_as(f, a.data_type().clone()));
                Arc::new(Schema::new(fields.collect::<Fields>()))
            }
        };
        let options = RecordBatchOptions::new().with_row_count(Some(self.num_rows()));
        RecordBatch::try_new_with_options(schema, arrays, &options)
            .map_err(|e| SqlError::other(format!("Schema differs: {e}")).into())
    }

    /// Returns a batch of the rows that count, each column written as an Arrow array in the type of
    /// `target`, in which it leaves untouched.
    ///
    /// # Errors
    /// Those of [`to_record_batch`](Self::to_record_batch).
    pub fn written(&self, target: &SchemaRef, how: &DecodeContext) -> Result<Self> {
        let arrays = self.to_arrays(Some(target), how)?;
        let columns = arrays.into_iter().map(Column::host).collect();
        Ok(Batch::new(self.schema.clone(), columns, self.num_rows()).with_number(self.number))
    }

    fn to_arrays(&self, target: Option<&SchemaRef>, how: &DecodeContext) -> Result<Vec<ArrayRef>> {
        let selection = self.selection.as_deref();
        let array = |(at, (field, column)): (usize, (&Field, &Column))| {
            let data_type = target.and_then(|t| t.fields().get(at)).map(|f| f.data_type());
            let output = Output { ty: &field.sql_type, data_type, name: &field.name };
            column.to_arrow(selection, &output, how)
        };
        self.schema.iter().zip(&self.columns).enumerate().map(array).collect()
    }

    /// Returns a batch of only the rows that count.
    ///
    /// # Errors
    /// Those of [`Column::take`].
    pub fn compacted(&self) -> Result<Self> {
        let Some(selection) = &self.selection else { return Ok(self.clone()) };
        let columns = self.columns.iter().map(|c| c.take(selection)).collect::<Result<_>>()?;
        Ok(Batch::new(self.schema.clone(), columns, selection.len()).with_number(self.number))
    }
}

#[cfg(test)]
mod tests;
