// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Holds what operators hand to each other: columns of equal length, and which rows count.

use std::sync::Arc;

use tiforth_types::SqlType;

use crate::column::Column;

/// Names one column of a batch and says its type.
#[derive(Clone, PartialEq, Debug)]
pub struct Field {
    /// The name.
    pub name: String,
    /// The SQL type.
    pub sql_type: SqlType,
    /// Whether NULLs may occur.
    pub nullable: bool,
}

/// Says the columns of every batch of a stream.
pub type BatchSchema = Arc<[Field]>;

/// Lists the rows that count, ascending and without repeats.
pub type Selection = Arc<[u32]>;

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
}
