// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Evaluates a bound expression over a table on both sides: by batches as they are laid out, and row
//! by row.

use std::sync::Arc;

use tiforth_data::column::DecodeContext;
use tiforth_data::{Column, Field};
use tiforth_expr::kernel::{RowEvaluator, Rows, datum_at};
use tiforth_expr::{Diagnostics, Evaluator, RowWalker, RunValues, TypedExpr};
use tiforth_types::{Datum, Result, Session, SqlError, SqlType};

use crate::engine::RowAnswer;
use crate::input::{Presented, PresentedBatch, SQL_TYPE_KEY};
use crate::protocol_text::value_text;

/// Reads the fields' types from their metadata.
///
/// # Errors
/// The name of the column whose type cannot be read, and why.
pub fn schema_of(presented: &Presented) -> std::result::Result<Vec<Field>, String> {
    let field = |field: &Arc<arrow_schema::Field>| {
        let text = field.metadata().get(SQL_TYPE_KEY).map_or("", String::as_str);
        let sql_type: SqlType =
            text.parse().map_err(|e: SqlError| format!("column {}: {e}", field.name()))?;
        Ok(Field { name: field.name().clone(), sql_type, nullable: field.is_nullable() })
    };
    presented.schema.fields().iter().map(field).collect()
}

/// Evaluates for each of the rows by itself.
pub fn row_answers(
    expr: &TypedExpr,
    rows: &[Vec<Datum>],
    session: &Session,
    run: &RunValues,
) -> Vec<RowAnswer> {
    let answer = |row: &Vec<Datum>| {
        let mut diagnostics = Diagnostics::new(usize::MAX);
        let value = RowWalker::new(row, session, run, &mut diagnostics).evaluate(expr);
        let (warnings, errors) = diagnostics.finish();
        let value = match (value, errors.into_iter().next()) {
            (Ok(value), None) => Ok(value_text(&value, &expr.ty)),
            (Err(error), None) | (_, Some((_, error))) => Err(error),
        };
        let warnings = warnings.into_iter().map(|(_, warning)| warning).collect();
        RowAnswer { value, warnings }
    };
    rows.iter().map(answer).collect()
}

/// Reads the values of a table laid out plainly, row by row.
///
/// # Errors
/// Where the host's arrays hold what is no SQL value.
pub fn table_values(
    schema: &[Field],
    presented: &Presented,
    session: &Session,
) -> Result<Vec<Vec<Datum>>> {
    let mut rows = Vec::new();
    for batch in &presented.batches {
        let columns = host_columns(batch);
        for row in 0..batch.batch.num_rows() {
            rows.push(row_values(&columns, schema, row, session)?);
        }
    }
    Ok(rows)
}

/// Evaluates over each batch and puts the answers in the order of the table's `rows` rows.
///
/// # Errors
/// What fails a batch as a whole.
pub fn batch_answers(
    expr: &TypedExpr,
    schema: &[Field],
    presented: &Presented,
    rows: usize,
    session: &Session,
    run: &RunValues,
) -> Result<Vec<RowAnswer>> {
    let nothing = RowAnswer { value: Ok(None), warnings: Vec::new() };
    let mut answers = vec![nothing; rows];
    for batch in &presented.batches {
        let mut columns = host_columns(batch);
        if batch.constants.contains(&true) {
            let values = row_values(&columns, schema, 0, session)?;
            let shared = columns.iter_mut().zip(values).zip(&batch.constants);
            for ((column, value), _) in shared.filter(|(_, is_constant)| **is_constant) {
                *column = Column::constant(value, column.len());
            }
        }
        evaluate_batch(expr, &columns, batch, session, run, &mut answers)?;
    }
    Ok(answers)
}

fn evaluate_batch(
    expr: &TypedExpr,
    columns: &[Column],
    batch: &PresentedBatch,
    session: &Session,
    run: &RunValues,
    answers: &mut [RowAnswer],
) -> Result<()> {
    let length = batch.batch.num_rows();
    let rows = match &batch.selection {
        Some(selection) => Rows::selected(length, selection),
        None => Rows::all(length),
    };
    let mut diagnostics = Diagnostics::new(usize::MAX).keep_all_errors();
    let mut evaluator = Evaluator::new(columns, session, run, &mut diagnostics);
    let result = evaluator.evaluate_decoded(expr, rows)?;
    let (warnings, errors) = diagnostics.finish();
    for (position, table_row) in batch.table_rows.iter().enumerate() {
        let row = batch.selection.as_ref().and_then(|s| s.get(position).copied());
        let row = row.map_or(position, |row| row as usize);
        let of_row = |r: u32| r as usize == row;
        let value = match errors.iter().find(|(r, _)| of_row(*r)) {
            Some((_, error)) => Err(error.clone()),
            None => Ok(value_text(&datum_at(&result, row)?, &expr.ty)),
        };
        let own = warnings.iter().filter(|(r, _)| of_row(*r)).map(|(_, w)| w.clone());
        if let Some(answer) = answers.get_mut(*table_row) {
            *answer = RowAnswer { value, warnings: own.collect() };
        }
    }
    Ok(())
}

fn host_columns(batch: &PresentedBatch) -> Vec<Column> {
    batch.batch.columns().iter().map(|array| Column::host(Arc::clone(array))).collect()
}

fn row_values(
    columns: &[Column],
    schema: &[Field],
    row: usize,
    session: &Session,
) -> Result<Vec<Datum>> {
    let how = DecodeContext::new(session.time_zone);
    columns
        .iter()
        .zip(schema)
        .map(|(column, field)| datum_at(&*column.decoded(&field.sql_type, &how)?, row))
        .collect()
}
