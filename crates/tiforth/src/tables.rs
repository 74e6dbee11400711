// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Names the tables a plan reads, and gives their batches to runs.

use std::collections::BTreeMap;

use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_schema::{Schema, SchemaRef};
use tiforth_data::arrow_type::{check_same_schema, schema_to_batch_schema};
use tiforth_data::{Batch, BatchSchema};
use tiforth_operators::spec::BatchStream;
use tiforth_types::{Error, SqlError};

/// Names the tables a plan reads and says their schemas.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    schemas: BTreeMap<String, SchemaRef>,
}

impl Tables {
    /// Starts with no tables.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a table.
    pub fn with(mut self, name: impl Into<String>, schema: SchemaRef) -> Self {
        self.schemas.insert(name.into(), schema);
        self
    }

    pub(crate) fn batch_schemas(&self) -> Result<BTreeMap<String, BatchSchema>, Error> {
        let to_batch = |(name, schema): (&String, &SchemaRef)| {
            schema_to_batch_schema(schema).map(|s| (name.clone(), s)).map_err(|e| match e {
                Error::Sql(e) => {
                    SqlError::new(e.code(), format!("table '{name}': {}", e.message())).into()
                }
                internal => internal,
            })
        };
        self.schemas.iter().map(to_batch).collect()
    }
}

/// Is what a run reads as one table: batches in memory, or a reader.
pub struct TableInput {
    batches: Box<dyn Iterator<Item = Result<RecordBatch, arrow_schema::ArrowError>> + Send>,
}

impl From<Vec<RecordBatch>> for TableInput {
    fn from(batches: Vec<RecordBatch>) -> Self {
        TableInput { batches: Box::new(batches.into_iter().map(Ok)) }
    }
}

impl From<Box<dyn RecordBatchReader + Send>> for TableInput {
    fn from(reader: Box<dyn RecordBatchReader + Send>) -> Self {
        TableInput { batches: Box::new(reader) }
    }
}

impl TableInput {
    /// Reads the batches as a stream of `schema`.
    pub(crate) fn into_stream(self, name: &str, schema: BatchSchema) -> Box<dyn BatchStream> {
        let expected = tiforth_data::arrow_type::batch_schema_to_schema(&schema);
        Box::new(InputStream {
            name: name.to_owned(),
            batches: self.batches,
            schema,
            expected,
            checked: None,
        })
    }
}

struct InputStream {
    name: String,
    batches: Box<dyn Iterator<Item = Result<RecordBatch, arrow_schema::ArrowError>> + Send>,
    schema: BatchSchema,
    expected: Schema,
    checked: Option<SchemaRef>,
}

impl InputStream {
    /// Refuses a batch of another schema than the table's; equal schemas are looked at once.
    fn check(&mut self, found: SchemaRef) -> Result<(), Error> {
        if self.checked.as_ref().is_some_and(|c| std::sync::Arc::ptr_eq(c, &found)) {
            return Ok(());
        }
        if schema_to_batch_schema(&found)? != self.schema {
            check_same_schema(&self.expected, &found)?;
        }
        self.checked = Some(found);
        Ok(())
    }
}

impl BatchStream for InputStream {
    fn next_batch(&mut self) -> Result<Option<Batch>, Error> {
        match self.batches.next() {
            None => Ok(None),
            Some(Err(e)) => {
                Err(SqlError::other(format!("reading table '{}' failed: {e}", self.name)).into())
            }
            Some(Ok(batch)) => {
                self.check(batch.schema())?;
                Batch::from_record_batch(&batch, &self.schema).map(Some)
            }
        }
    }
}
