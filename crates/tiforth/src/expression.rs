// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Evaluates one expression over record batches.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::SchemaRef;
use tiforth_data::arrow_type::{check_same_schema, schema_to_batch_schema};
use tiforth_data::column::DecodeContext;
use tiforth_data::{Batch, BatchSchema, Column, Field};
use tiforth_expr::kernel::Rows;
use tiforth_expr::{Diagnostics, Evaluator, RunValues, TypedExpr};
use tiforth_pipeline::RunContext;
use tiforth_types::{Datum, Error, Session, SqlError, SqlType, Warning};

/// Is an expression typed over a schema; it runs over any number of batches with that schema.
#[derive(Clone)]
pub struct BoundExpr {
    typed: TypedExpr,
    warnings: Vec<Warning>,
    schema: BatchSchema,
    session: Arc<Session>,
}

/// Is what an expression gave for the rows of a batch.
pub struct Answer {
    /// The values, as the result type lies in Arrow.
    pub values: ArrayRef,
    /// The warnings with their rows, in order; at most `max_warnings`.
    pub warnings: Vec<(u32, Warning)>,
    /// The number of warnings there were in all.
    pub warnings_total: u64,
    texts: Vec<Option<String>>,
}

/// Is what an expression printed for the rows of a batch.
pub struct Printed {
    /// Each row's value as MySQL prints it, none for NULL.
    pub texts: Vec<Option<String>>,
    /// The warnings with their rows, in order; at most `max_warnings`.
    pub warnings: Vec<(u32, Warning)>,
    /// The number of warnings there were in all.
    pub warnings_total: u64,
}

impl BoundExpr {
    pub(crate) fn new(
        typed: TypedExpr,
        warnings: Vec<Warning>,
        schema: BatchSchema,
        session: Arc<Session>,
    ) -> Self {
        BoundExpr { typed, warnings, schema, session }
    }

    /// Returns the typed tree.
    pub fn typed(&self) -> &TypedExpr {
        &self.typed
    }

    /// Returns the type of the values.
    pub fn result_type(&self) -> &SqlType {
        &self.typed.ty
    }

    /// Returns the warnings of binding: constants were folded.
    pub fn bind_warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// Computes the expression for every row of `batch`.
    ///
    /// # Errors
    /// The error of the lowest row that failed; a schema that is not the one the expression was bound
    /// over; host values that are no SQL values.
    pub fn evaluate(&self, batch: &RecordBatch, run: &RunContext) -> Result<Answer, Error> {
        let (column, printed) = self.compute(batch, run)?;
        let values = self.write(column, batch.num_rows())?;
        let Printed { texts, warnings, warnings_total } = printed;
        Ok(Answer { values, warnings, warnings_total, texts })
    }

    /// Computes the expression for every row of `batch` and prints the values alone: those of a DECIMAL
    /// too that has more digits than its type says and any Arrow type holds, as a long literal may.
    ///
    /// # Errors
    /// Those of [`evaluate`](Self::evaluate), but for values that Arrow does not hold.
    pub fn print(&self, batch: &RecordBatch, run: &RunContext) -> Result<Printed, Error> {
        Ok(self.compute(batch, run)?.1)
    }

    fn compute(&self, batch: &RecordBatch, run: &RunContext) -> Result<(Column, Printed), Error> {
        self.check_schema(&batch.schema())?;
        let columns = Batch::from_record_batch(batch, &self.schema)?;
        let values = RunValues { now: run.now, seed: run.seed };
        let mut diagnostics = Diagnostics::new(self.session.max_warnings);
        let mut evaluator =
            Evaluator::new(columns.columns(), &self.session, &values, &mut diagnostics);
        let rows = Rows::all(batch.num_rows());
        let column = evaluator.evaluate_decoded(&self.typed, rows)?;
        let warnings_total = diagnostics.total();
        let (mut warnings, errors) = diagnostics.finish();
        if let Some((_, error)) = errors.into_iter().next() {
            return Err(error.into());
        }
        warnings.truncate(self.session.max_warnings);
        let texts =
            (0..batch.num_rows()).map(|row| text(&column.value(row), &self.typed.ty)).collect();
        Ok((column, Printed { texts, warnings, warnings_total }))
    }

    fn check_schema(&self, found: &SchemaRef) -> Result<(), Error> {
        let found_fields = schema_to_batch_schema(found)?;
        if found_fields == self.schema {
            return Ok(());
        }
        let expected = tiforth_data::arrow_type::batch_schema_to_schema(&self.schema);
        check_same_schema(&expected, found)?;
        Err(SqlError::other("the batch's schema is not the one the expression was bound over")
            .into())
    }

    fn write(&self, column: Column, rows: usize) -> Result<ArrayRef, Error> {
        let field =
            Field { name: "value".to_owned(), sql_type: self.typed.ty.clone(), nullable: true };
        let batch = Batch::new(Arc::from([field]), vec![column], rows);
        let written = batch.to_record_batch(None, &DecodeContext::new(self.session.time_zone))?;
        written
            .columns()
            .first()
            .cloned()
            .ok_or_else(|| tiforth_types::InternalError::new("a column was not written").into())
    }
}

impl Answer {
    /// Returns a row's value as MySQL prints it, or none for NULL.
    pub fn text(&self, row: usize) -> Option<String> {
        self.texts.get(row).cloned().flatten()
    }
}

/// Prints a value as MySQL's text protocol does.
pub(crate) fn text(value: &Datum, ty: &SqlType) -> Option<String> {
    let mut out = Vec::new();
    tiforth_types::text::write_text(value.as_ref(), ty, &mut out).then(|| {
        String::from_utf8(out).unwrap_or_else(|e| {
            let hex: String = e.as_bytes().iter().map(|b| format!("{b:02X}")).collect();
            format!("0x{hex}")
        })
    })
}

#[cfg(test)]
mod tests {
    use arrow_array::RecordBatchOptions;
    use arrow_schema::Schema;

    use super::*;
    use crate::Engine;

    #[test]
    fn what_arrow_does_not_hold_is_printed() {
        let schema = Arc::new(Schema::empty());
        let literal = "1".repeat(70);
        let bound = Engine::new().bind(literal.as_str(), &schema, &Session::default()).unwrap();
        let options = RecordBatchOptions::new().with_row_count(Some(1));
        let batch = RecordBatch::try_new_with_options(schema, Vec::new(), &options).unwrap();
        let run = RunContext::default();
        assert_eq!(bound.evaluate(&batch, &run).err().map(|e| e.code()), Some(1264));
        assert_eq!(bound.print(&batch, &run).unwrap().texts, [Some(literal)]);
    }
}
