// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Answers expression cases with a registry of functions and a parser: binds once, then runs the
//! batch evaluator over the laid-out table, or the row walker over its rows.

use std::collections::HashMap;
use std::sync::Arc;

use tiforth_data::Field;
use tiforth_expr::{Binder, Expr, Registry, RunValues, TypedExpr};
use tiforth_types::{
    Datum, Error, Result, Session, SqlError, SqlMode, SqlType, TimeZone, Warning, code,
};

use crate::engine::{Answer, ExpressionAnswer, Input, Side};
use crate::input::metadata_text;
use crate::protocol_text::describe_type;
use crate::sides::{batch_answers, row_answers, schema_of, table_values};
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
        let answers = match side {
            Side::Batch(_) => batch_answers(
                &expr,
                &schema,
                input.presented,
                input.table.rows,
                input.session,
                &run,
            ),
            Side::Row => self
                .table_rows(&schema, input)
                .map(|rows| row_answers(&expr, &rows, input.session, &run)),
        };
        match answers {
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

    /// Reads the plain table's values, once for each zone.
    fn table_rows(&mut self, schema: &[Field], input: &Input<'_>) -> Result<Arc<Vec<Vec<Datum>>>> {
        let key = (input.table.name.clone(), input.session.time_zone);
        if let Some(rows) = self.rows.get(&key) {
            return Ok(Arc::clone(rows));
        }
        let rows = Arc::new(table_values(schema, input.presented, input.session)?);
        self.rows.insert(key, Arc::clone(&rows));
        Ok(rows)
    }
}

/// Reads the type of the column a value is assigned to.
fn column_type(text: &str) -> Result<SqlType> {
    Ok(metadata_text(text).parse::<SqlType>()?)
}
