// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Lays a table of texts out as Arrow batches, in the default encodings and in hostile ones.
//!
//! The arrays are made here with Arrow's own builders, not with the library's writers, so that
//! reading is tested against something else than itself. Fields carry `tiforth.sql_type`.

mod encode;
mod layout;
mod values;

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_schema::{Field, Schema, SchemaRef};

use crate::vectors::{Table, TableColumn};

pub use layout::{Layout, Presentation};

use encode::{Encoding, encode};
use values::Values;

/// Is the metadata key that holds a field's SQL type.
pub const SQL_TYPE_KEY: &str = "tiforth.sql_type";

/// Holds a table as batches.
#[derive(Clone, Debug)]
pub struct Presented {
    /// The batches' schema.
    pub schema: SchemaRef,
    /// The batches.
    pub batches: Vec<PresentedBatch>,
    /// Columns that could not be laid out, with the reason.
    pub left_out: Vec<(String, String)>,
}

/// Holds one batch and says which of its rows stand for which rows of the table.
#[derive(Clone, Debug)]
pub struct PresentedBatch {
    /// The columns.
    pub batch: RecordBatch,
    /// The rows that count, ascending; none where all do.
    pub selection: Option<Vec<u32>>,
    /// The table's row of each row that counts.
    pub table_rows: Vec<usize>,
    /// Which columns are to be given as constants: their rows are equal.
    pub constants: Vec<bool>,
}

/// Lays a table out.
pub fn present(table: &Table, presentation: Presentation) -> Result<Presented, String> {
    let mut columns = Vec::new();
    let mut left_out = Vec::new();
    for (position, column) in table.columns.iter().enumerate() {
        match Values::parse(column) {
            Ok(values) => {
                let layout = presentation.layout.of_column(position);
                let encoding = Encoding::choose(column.form, &values, layout, position);
                columns.push((column, values, encoding));
            }
            Err(reason) => left_out.push((column.name.clone(), reason)),
        }
    }
    let mut schema = None;
    let mut batches = Vec::new();
    for rows in chunks(table.rows, presentation) {
        let place = Place::of(&rows, table.rows, presentation.layout);
        let arrays: Vec<ArrayRef> = columns
            .iter()
            .map(|(column, values, encoding)| {
                encode(values, encoding, &place.taken)
                    .map(|array| array.slice(place.offset, place.length))
                    .map_err(|e| format!("column {}: {e}", column.name))
            })
            .collect::<Result<_, _>>()?;
        let schema = schema.get_or_insert_with(|| {
            let fields =
                columns.iter().zip(&arrays).map(|((column, ..), array)| field(column, array));
            Arc::new(Schema::new(fields.collect::<Vec<_>>()))
        });
        let are_equal = |column: &TableColumn| {
            let mut cells = place.taken.iter().map(|row| column.cells.get(*row));
            cells.next().is_none_or(|first| cells.all(|cell| cell == first))
        };
        let constants = columns
            .iter()
            .map(|(column, ..)| match presentation.layout {
                Layout::Constant => true,
                Layout::Mixed => are_equal(column),
                _ => false,
            })
            .collect();
        let options = RecordBatchOptions::new().with_row_count(Some(place.length));
        let batch = RecordBatch::try_new_with_options(Arc::clone(schema), arrays, &options)
            .map_err(|e| e.to_string())?;
        batches.push(PresentedBatch {
            batch,
            selection: place.selection,
            table_rows: rows,
            constants,
        });
    }
    let schema = schema.ok_or("the table has no rows")?;
    Ok(Presented { schema, batches, left_out })
}

/// Returns the type's text as field metadata holds it: the collation says the charset.
pub fn metadata_text(type_text: &str) -> String {
    match (type_text.find(" character set "), type_text.find(" collate ")) {
        (Some(charset), Some(collate)) if charset < collate => {
            format!("{}{}", &type_text[..charset], &type_text[collate..])
        }
        _ => type_text.to_owned(),
    }
}

fn field(column: &TableColumn, array: &ArrayRef) -> Field {
    let metadata = HashMap::from([(SQL_TYPE_KEY.to_owned(), metadata_text(&column.type_text))]);
    Field::new(&column.name, array.data_type().clone(), column.nullable).with_metadata(metadata)
}

/// Cuts the table's rows into batches.
fn chunks(rows: usize, presentation: Presentation) -> Vec<Vec<usize>> {
    let size = match presentation.layout {
        Layout::Constant => 1,
        _ => presentation.batch_rows.unwrap_or(rows).max(1),
    };
    let all: Vec<usize> = (0..rows).collect();
    all.chunks(size).map(<[usize]>::to_vec).collect()
}

/// Says which rows of the table a batch's arrays hold, and which part of them is the batch.
struct Place {
    taken: Vec<usize>,
    offset: usize,
    length: usize,
    selection: Option<Vec<u32>>,
}

impl Place {
    fn of(rows: &[usize], table_rows: usize, layout: Layout) -> Place {
        let other = |row: usize, step: usize| (row + step) % table_rows.max(1);
        let first = rows.first().copied().unwrap_or(0);
        match layout {
            Layout::Sliced => {
                let before = (0..5).map(|i| other(first, 11 + i));
                let behind = (0..3).map(|i| other(first, 23 + i));
                let taken: Vec<usize> = before.chain(rows.iter().copied()).chain(behind).collect();
                Place { taken, offset: 5, length: rows.len(), selection: None }
            }
            Layout::Selection | Layout::Mixed => {
                let mut taken = vec![other(first, 17)];
                let mut selection = Vec::with_capacity(rows.len());
                for row in rows {
                    selection.push(u32::try_from(taken.len()).unwrap_or(u32::MAX));
                    taken.push(*row);
                    // One or two rows between, so that the step is no constant.
                    taken.push(other(*row, 7));
                    if row % 3 == 0 {
                        taken.push(other(*row, 13));
                    }
                }
                Place { offset: 0, length: taken.len(), taken, selection: Some(selection) }
            }
            _ => Place { taken: rows.to_vec(), offset: 0, length: rows.len(), selection: None },
        }
    }
}

#[cfg(test)]
mod tests;
