// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Reads Parquet files: only the row groups whose statistics can hold rows a plan keeps.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ParquetRecordBatchReaderBuilder, statistics::StatisticsConverter,
};
use tiforth::TableInput;
use tiforth::arrow::array::{
    Array, ArrayRef, Date32Array, Decimal128Array, Int32Array, Int64Array,
};
use tiforth::arrow::array::{RecordBatch, RecordBatchReader};
use tiforth::arrow::schema::{ArrowError, DataType, SchemaRef};

use super::{Wanted, unreadable};
use crate::failure::Failure;
use crate::run::Bound;

/// Is how many rows are decoded at once.
const BATCH_ROWS: usize = 65_536;

fn builder(path: &Path) -> Result<ParquetRecordBatchReaderBuilder<File>, Failure> {
    let file = File::open(path).map_err(|e| unreadable(path, &e))?;
    ParquetRecordBatchReaderBuilder::try_new(file).map_err(|e| unreadable(path, &e))
}

/// Returns the schema of a file.
pub(super) fn schema(path: &Path) -> Result<SchemaRef, Failure> {
    Ok(Arc::clone(builder(path)?.schema()))
}

/// Opens a file; columns nobody wants are not decoded but read as NULLs in their place.
pub(super) fn open(path: &Path, wanted: &Wanted) -> Result<(Option<u64>, TableInput), Failure> {
    let builder = builder(path)?.with_batch_size(BATCH_ROWS);
    let full = Arc::clone(builder.schema());
    let groups = kept_groups(&builder, &wanted.bounds);
    let rows: i64 = groups.iter().map(|&g| builder.metadata().row_group(g).num_rows()).sum();
    let is_wanted = |name: &str| {
        wanted.columns.as_ref().is_none_or(|w| w.iter().any(|n| n.eq_ignore_ascii_case(name)))
    };
    let places: Vec<usize> = full
        .fields()
        .iter()
        .enumerate()
        .filter(|(_, f)| is_wanted(f.name()))
        .map(|(i, _)| i)
        .collect();
    let mask = ProjectionMask::roots(builder.parquet_schema(), places.iter().copied());
    let reader = builder
        .with_row_groups(groups)
        .with_projection(mask)
        .build()
        .map_err(|e| unreadable(path, &e))?;
    let projected = ProjectedReader { reader: Box::new(reader), full, places };
    let reader: Box<dyn RecordBatchReader + Send> = Box::new(projected);
    Ok((u64::try_from(rows).ok(), reader.into()))
}

/// Lists the row groups that can hold rows within the bounds.
fn kept_groups(builder: &ParquetRecordBatchReaderBuilder<File>, bounds: &[Bound]) -> Vec<usize> {
    let metadata = builder.metadata();
    let mut kept: Vec<bool> = vec![true; metadata.num_row_groups()];
    for bound in bounds {
        let Ok(converter) =
            StatisticsConverter::try_new(&bound.column, builder.schema(), builder.parquet_schema())
        else {
            continue;
        };
        let (Ok(least), Ok(greatest)) = (
            converter.row_group_mins(metadata.row_groups()),
            converter.row_group_maxes(metadata.row_groups()),
        ) else {
            continue;
        };
        for (group, keep) in kept.iter_mut().enumerate() {
            let values = (value(&least, group), value(&greatest, group));
            if let (Some(least), Some(greatest)) = values {
                *keep &= bound.may_hold(least, greatest);
            }
        }
    }
    kept.iter().enumerate().filter(|(_, keep)| **keep).map(|(i, _)| i).collect()
}

/// Reads a statistic as a number that orders as the column does.
fn value(values: &ArrayRef, row: usize) -> Option<f64> {
    if row >= values.len() || values.is_null(row) {
        return None;
    }
    let any = values.as_any();
    if let Some(a) = any.downcast_ref::<Int32Array>() {
        return Some(f64::from(a.value(row)));
    }
    if let Some(a) = any.downcast_ref::<Int64Array>() {
        return Some(a.value(row) as f64);
    }
    if let Some(a) = any.downcast_ref::<Date32Array>() {
        return Some(f64::from(a.value(row)));
    }
    if let (Some(a), DataType::Decimal128(_, scale)) =
        (any.downcast_ref::<Decimal128Array>(), values.data_type())
    {
        return Some(a.value(row) as f64 / 10f64.powi(i32::from(*scale)));
    }
    None
}

/// Puts the columns read into their places in the full schema.
struct ProjectedReader {
    reader: Box<dyn RecordBatchReader + Send>,
    full: SchemaRef,
    places: Vec<usize>,
}

impl Iterator for ProjectedReader {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = match self.reader.next()? {
            Ok(batch) => batch,
            Err(e) => return Some(Err(e)),
        };
        if self.places.len() == self.full.fields().len() {
            return Some(Ok(batch));
        }
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(self.full.fields().len());
        for (i, field) in self.full.fields().iter().enumerate() {
            let read =
                self.places.iter().position(|&p| p == i).and_then(|p| batch.columns().get(p));
            columns.push(match read {
                Some(column) => Arc::clone(column),
                None => unread(field.data_type(), batch.num_rows()),
            });
        }
        Some(RecordBatch::try_new(Arc::clone(&self.full), columns))
    }
}

/// Fills the place of a column no operator looks at; it has no NULLs, so that it passes as any column.
fn unread(data_type: &DataType, rows: usize) -> ArrayRef {
    let data = tiforth::arrow::array::new_null_array(data_type, rows).to_data();
    let dense = data.into_builder().nulls(None).null_count(0).build();
    match dense {
        Ok(data) => tiforth::arrow::array::make_array(data),
        Err(_) => tiforth::arrow::array::new_null_array(data_type, rows),
    }
}

impl RecordBatchReader for ProjectedReader {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.full)
    }
}
