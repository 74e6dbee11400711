// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Answers expression cases with a registry of functions and a parser: binds once, then runs the
//! batch evaluator over the laid-out table, or the row walker over its rows.

use std::collections::HashMap;
use std::sync::Arc;

use tiforth_data::column::DecodeContext;
use tiforth_data::{Column, Field};
use tiforth_expr::kernel::{RowEvaluator, Rows, datum_at};
use tiforth_expr::{Binder, Diagnostics, Evaluator, Expr, Registry, RunValues, TypedExpr};
use tiforth_types::{
    Datum, Error, Result, Session, SqlError, SqlMode, SqlType, TimeZone, Warning, code,
};

use crate::engine::{Answer, ExpressionAnswer, Input, RowAnswer, Side};
use crate::input::{Presented, PresentedBatch, SQL_TYPE_KEY, metadata_text};
use crate::protocol_text::{describe_type, value_text};
use crate::row_walker::RowWalker;
use crate::vectors::ExpressionCase;

/// Reads an expression's text under a sql_mode.
pub type ParseFn = fn(&str, SqlMode) -> Result<Expr, SqlError>;

/// Answers expression cases.
pub struct Expressions {
    registry: Registry,
    parse: ParseFn,
    /// The last case bound: its sides come one after the other.
    bound: Option<(BoundKey, Bound)>,
    /// The table's rows as values, by table and zone.
    rows: HashMap<RowsKey, Arc<Vec<Vec<Datum>>>>,
}

type BoundKey = (String, Session);
type RowsKey = (String, TimeZone);

/// Is a bound expression with what binding warned of, or why it is refused.
type Bound = std::result::Result<(Arc<TypedExpr>, Vec<Warning>), Refusal>;

/// Says why there is no bound expression.
#[derive(Clone)]
enum Refusal {
    Sql(SqlError),
    Unsupported(String),
    Internal(String),
}

impl<T> From<Refusal> for Answer<T> {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Sql(error) => Answer::Refused(error),
            Refusal::Unsupported(reason) => Answer::Unsupported(reason),
            Refusal::Internal(text) => Answer::Panicked(text),
        }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match error {
            Error::Sql(error) => Refusal::Sql(error),
            Error::Internal(error) => Refusal::Internal(error.to_string()),
        }
    }
}

impl Expressions {
    /// Builds an engine of these functions and this parser.
    pub fn new(registry: Registry, parse: ParseFn) -> Self {
        Expressions { registry, parse, bound: None, rows: HashMap::new() }
    }

    /// Runs an expression over every row of the input.
    pub fn run(
        &mut self,
        case: &ExpressionCase,
        input: &Input<'_>,
        side: Side,
    ) -> Answer<ExpressionAnswer> {
        let schema = match schema_of(input.presented) {
            Ok(schema) => schema,
            Err(reason) => return Answer::Unsupported(reason),
        };
        let (expr, bind_warnings) = match self.bind(case, input, &schema) {
            Ok(bound) => bound,
            Err(refusal) => return refusal.into(),
        };
        let run = RunValues { now: input.now, ..RunValues::default() };
        let rows = match side {
            Side::Batch(_) => batch_rows(&expr, &schema, input, &run),
            Side::Row => self.row_rows(&expr, &schema, input, &run),
        };
        match rows {
            Ok(rows) => Answer::Answered(ExpressionAnswer {
                result_type: Some(describe_type(&expr.ty, !expr.nullable, Some(expr.coercibility))),
                bind_warnings,
                rows,
            }),
            Err(error) => Refusal::from(error).into(),
        }
    }

    fn bind(&mut self, case: &ExpressionCase, input: &Input<'_>, schema: &[Field]) -> Bound {
        let text = match &case.into {
            Some(column) => format!("{} into {column}", case.text),
            None => case.text.clone(),
        };
        let key = (text, input.session.clone());
        if let Some((bound_key, bound)) = &self.bound
            && *bound_key == key
        {
            return bound.clone();
        }
        let bound = self.bind_anew(case, input, schema);
        self.bound = Some((key, bound.clone()));
        bound
    }

    fn bind_anew(&self, case: &ExpressionCase, input: &Input<'_>, schema: &[Field]) -> Bound {
        let parsed = (self.parse)(&case.text, input.session.sql_mode).map_err(Refusal::Sql)?;
        let mut binder = Binder::new(&self.registry, input.session, schema);
        let bound = binder.bind(&parsed).and_then(|expr| match &case.into {
            Some(column) => binder.assign(expr, &column_type(column)?, "x"),
            None => Ok(expr),
        });
        match bound {
            Ok(expr) => Ok((Arc::new(expr), binder.into_warnings())),
            Err(Error::Sql(error)) if error.code() == code::ER_BAD_FIELD => {
                let lacks = |(name, _): &&(String, String)| {
                    error.message().starts_with(&format!("Unknown column '{name}' "))
                };
                match input.presented.left_out.iter().find(lacks) {
                    Some((name, reason)) => {
                        Err(Refusal::Unsupported(format!("column {name}: {reason}")))
                    }
                    None => Err(Refusal::Sql(error)),
                }
            }
            Err(error) => Err(error.into()),
        }
    }

    fn row_rows(
        &mut self,
        expr: &TypedExpr,
        schema: &[Field],
        input: &Input<'_>,
        run: &RunValues,
    ) -> Result<Vec<RowAnswer>> {
        let rows = self.table_rows(schema, input)?;
        rows.iter()
            .map(|row| {
                let mut diagnostics = Diagnostics::new(usize::MAX);
                let value =
                    RowWalker::new(row, input.session, run, &mut diagnostics).evaluate(expr);
                let (warnings, errors) = diagnostics.finish();
                let value = match (value, errors.into_iter().next()) {
                    (Ok(value), None) => Ok(value_text(&value, &expr.ty)),
                    (Err(error), None) | (_, Some((_, error))) => Err(error),
                };
                let warnings = warnings.into_iter().map(|(_, warning)| warning).collect();
                Ok(RowAnswer { value, warnings })
            })
            .collect()
    }

    /// Reads the plain table's values, once for each zone.
    fn table_rows(&mut self, schema: &[Field], input: &Input<'_>) -> Result<Arc<Vec<Vec<Datum>>>> {
        let key = (input.table.name.clone(), input.session.time_zone);
        if let Some(rows) = self.rows.get(&key) {
            return Ok(Arc::clone(rows));
        }
        let mut rows = Vec::with_capacity(input.table.rows);
        for batch in &input.presented.batches {
            let columns = host_columns(batch);
            for row in 0..batch.batch.num_rows() {
                rows.push(row_values(&columns, schema, row, input.session)?);
            }
        }
        let rows = Arc::new(rows);
        self.rows.insert(key, Arc::clone(&rows));
        Ok(rows)
    }
}

/// Reads the type of the column a value is assigned to.
fn column_type(text: &str) -> Result<SqlType> {
    Ok(metadata_text(text).parse::<SqlType>()?)
}

/// Reads the fields' types from their metadata.
fn schema_of(presented: &Presented) -> std::result::Result<Vec<Field>, String> {
    let field = |field: &Arc<arrow_schema::Field>| {
        let text = field.metadata().get(SQL_TYPE_KEY).map_or("", String::as_str);
        let sql_type: SqlType =
            text.parse().map_err(|e: SqlError| format!("column {}: {e}", field.name()))?;
        Ok(Field { name: field.name().clone(), sql_type, nullable: field.is_nullable() })
    };
    presented.schema.fields().iter().map(field).collect()
}

/// Evaluates over each batch and puts the answers in the table's order.
fn batch_rows(
    expr: &TypedExpr,
    schema: &[Field],
    input: &Input<'_>,
    run: &RunValues,
) -> Result<Vec<RowAnswer>> {
    let nothing = RowAnswer { value: Ok(None), warnings: Vec::new() };
    let mut answers = vec![nothing; input.table.rows];
    for batch in &input.presented.batches {
        let mut columns = host_columns(batch);
        if batch.is_constant {
            let values = row_values(&columns, schema, 0, input.session)?;
            columns = values.into_iter().map(|value| Column::constant(value, 1)).collect();
        }
        evaluate_batch(expr, &columns, batch, input, run, &mut answers)?;
    }
    Ok(answers)
}

fn evaluate_batch(
    expr: &TypedExpr,
    columns: &[Column],
    batch: &PresentedBatch,
    input: &Input<'_>,
    run: &RunValues,
    answers: &mut [RowAnswer],
) -> Result<()> {
    let length = batch.batch.num_rows();
    let rows = match &batch.selection {
        Some(selection) => Rows::selected(length, selection),
        None => Rows::all(length),
    };
    let mut diagnostics = Diagnostics::new(usize::MAX).keep_all_errors();
    let mut evaluator = Evaluator::new(columns, input.session, run, &mut diagnostics);
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
