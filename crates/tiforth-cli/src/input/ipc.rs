// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Reads Arrow IPC files, in the file form or the stream form.

use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::Path;

use arrow_ipc::reader::{FileReader, StreamReader};
use tiforth::TableInput;
use tiforth::arrow::array::RecordBatchReader;
use tiforth::arrow::schema::SchemaRef;

use super::unreadable;
use crate::failure::Failure;

/// Begins every file in the file form.
const MAGIC: &[u8; 6] = b"ARROW1";

fn reader(path: &Path) -> Result<Box<dyn RecordBatchReader + Send>, Failure> {
    let mut file = File::open(path).map_err(|e| unreadable(path, &e))?;
    let mut head = Vec::new();
    file.by_ref()
        .take(MAGIC.len() as u64)
        .read_to_end(&mut head)
        .and_then(|_| file.rewind())
        .map_err(|e| unreadable(path, &e))?;
    let file = BufReader::new(file);
    if head == MAGIC {
        let reader = FileReader::try_new(file, None).map_err(|e| unreadable(path, &e))?;
        return Ok(Box::new(reader));
    }
    let reader = StreamReader::try_new(file, None).map_err(|e| unreadable(path, &e))?;
    Ok(Box::new(reader))
}

/// Returns the schema of a file.
pub(super) fn schema(path: &Path) -> Result<SchemaRef, Failure> {
    Ok(reader(path)?.schema())
}

/// Opens a file.
pub(super) fn open(path: &Path) -> Result<(Option<u64>, TableInput), Failure> {
    Ok((None, reader(path)?.into()))
}
