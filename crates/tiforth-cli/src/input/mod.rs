// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Opens the files tables are read from: Parquet, CSV, Arrow IPC, by their ending.

mod csv;
mod ipc;
mod parquet;

use std::path::{Path, PathBuf};

use tiforth::arrow::schema::SchemaRef;
use tiforth::{TableInput, Tables};

use crate::failure::Failure;

/// Names a table and its file.
#[derive(Clone, Debug)]
pub(crate) struct TableFile {
    /// The table's name in plans.
    pub(crate) name: String,
    /// The file.
    pub(crate) path: PathBuf,
}

/// Reads `NAME=PATH`.
///
/// # Errors
/// When there is no `=`, or nothing on one side of it.
pub(crate) fn parse_table(text: &str) -> Result<TableFile, String> {
    match text.split_once('=') {
        Some((name, path)) if !name.is_empty() && !path.is_empty() => {
            Ok(TableFile { name: name.to_owned(), path: path.into() })
        }
        _ => Err("a table is given as NAME=PATH".to_owned()),
    }
}

/// Says what a file is.
enum Format {
    Parquet,
    Csv,
    Ipc,
}

fn format(path: &Path) -> Result<Format, Failure> {
    let ending = path.extension().and_then(|e| e.to_str()).unwrap_or("").to_ascii_lowercase();
    match ending.as_str() {
        "parquet" => Ok(Format::Parquet),
        "csv" => Ok(Format::Csv),
        "arrow" | "ipc" | "feather" => Ok(Format::Ipc),
        _ => Err(Failure::Usage(format!(
            "{}: the ending says neither .parquet nor .csv nor .arrow",
            path.display()
        ))),
    }
}

/// Reports a file that cannot be read.
fn unreadable(path: &Path, error: &dyn std::fmt::Display) -> Failure {
    Failure::File(format!("cannot read {}: {error}", path.display()))
}

/// Returns the schema of a table's file.
fn schema(path: &Path) -> Result<SchemaRef, Failure> {
    match format(path)? {
        Format::Parquet => parquet::schema(path),
        Format::Csv => csv::schema(path),
        Format::Ipc => ipc::schema(path),
    }
}

/// Names the tables of a plan with their schemas.
///
/// # Errors
/// A file that cannot be read; a name given twice.
pub(crate) fn tables(files: &[TableFile]) -> Result<Tables, Failure> {
    let mut tables = Tables::new();
    for (i, file) in files.iter().enumerate() {
        if files.iter().take(i).any(|f| f.name == file.name) {
            return Err(Failure::Usage(format!("the table '{}' is given twice", file.name)));
        }
        tables = tables.with(file.name.clone(), schema(&file.path)?);
    }
    Ok(tables)
}

/// Is what is read of a table: the columns wanted and what rows must satisfy, so far as files can
/// leave out the rest.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    /// The columns a plan looks at; all where it is none.
    pub(crate) columns: Option<Vec<String>>,
    /// Bounds of columns from the plan's filters.
    pub(crate) bounds: Vec<crate::run::Bound>,
}

/// Opens a table's file and returns its rows' count where the file tells, and its batches.
///
/// # Errors
/// A file that cannot be read.
pub(crate) fn open(path: &Path, wanted: &Wanted) -> Result<(Option<u64>, TableInput), Failure> {
    match format(path)? {
        Format::Parquet => parquet::open(path, wanted),
        Format::Csv => csv::open(path),
        Format::Ipc => ipc::open(path),
    }
}
