// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Reads CSV files with a header line; the columns' types are inferred from the first rows.

use std::fs::File;
use std::io::{BufReader, Seek};
use std::path::Path;
use std::sync::Arc;

use arrow_csv::ReaderBuilder;
use arrow_csv::reader::Format;
use tiforth::TableInput;
use tiforth::arrow::array::RecordBatchReader;
use tiforth::arrow::schema::SchemaRef;

use super::unreadable;
use crate::failure::Failure;

/// Is how many rows the types are inferred from.
const ROWS_INFERRED: usize = 10_000;

fn format() -> Format {
    Format::default().with_header(true)
}

/// Infers the schema of a file.
pub(super) fn schema(path: &Path) -> Result<SchemaRef, Failure> {
    let file = File::open(path).map_err(|e| unreadable(path, &e))?;
    let (schema, _) = format()
        .infer_schema(BufReader::new(file), Some(ROWS_INFERRED))
        .map_err(|e| unreadable(path, &e))?;
    Ok(Arc::new(schema))
}

/// Opens a file.
pub(super) fn open(path: &Path) -> Result<(Option<u64>, TableInput), Failure> {
    let mut file = File::open(path).map_err(|e| unreadable(path, &e))?;
    let (schema, _) = format()
        .infer_schema(BufReader::new(&file), Some(ROWS_INFERRED))
        .map_err(|e| unreadable(path, &e))?;
    file.rewind().map_err(|e| unreadable(path, &e))?;
    let reader = ReaderBuilder::new(Arc::new(schema))
        .with_format(format())
        .with_batch_size(65_536)
        .build(file)
        .map_err(|e| unreadable(path, &e))?;
    let reader: Box<dyn RecordBatchReader + Send> = Box::new(reader);
    Ok((None, reader.into()))
}
