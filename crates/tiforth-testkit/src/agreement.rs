// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Holds the batch evaluator to the row walker: one expression, one table, every layout.
//!
//! Values are compared as the protocol prints them, with their warnings in order. Where a row fails
//! the statement does, so that of failing rows the errors alone are compared.

use std::collections::BTreeSet;
use std::fmt;

use tiforth_data::Field;
use tiforth_expr::{Node, RunValues, TypedExpr};
use tiforth_types::{Datum, Error, Session};

use crate::engine::RowAnswer;
use crate::input::{Presentation, Presented, present};
use crate::sides::{batch_answers, row_answers, schema_of, table_values};
use crate::vectors::Table;

/// Holds a table in several layouts, and the settings expressions are evaluated under.
#[derive(Clone, Debug)]
pub struct LaidOut {
    table: Table,
    session: Session,
    run: RunValues,
    schema: Vec<Field>,
    rows: Vec<Vec<Datum>>,
    layouts: Vec<(Presentation, Presented)>,
}

/// Is a row for which a layout gives another answer than the row walker, or a bug a layout reports.
#[derive(Clone, PartialEq, Debug)]
pub struct Disagreement {
    /// The layout.
    pub presentation: Presentation,
    /// What differs, for people.
    pub text: String,
}

impl fmt::Display for Disagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "layout {}: {}", self.presentation, self.text)
    }
}

impl LaidOut {
    /// Lays `table` out in each of `presentations`.
    ///
    /// # Errors
    /// Where a column's type or value cannot be laid out or read back.
    pub fn new(
        table: Table,
        presentations: &[Presentation],
        session: Session,
        run: RunValues,
    ) -> Result<LaidOut, String> {
        let plain = present(&table, Presentation::PLAIN)?;
        let schema = schema_of(&plain)?;
        let rows = table_values(&schema, &plain, &session).map_err(|e| e.to_string())?;
        let lay =
            |presentation: &Presentation| Ok((*presentation, present(&table, *presentation)?));
        let layouts = presentations.iter().map(lay).collect::<Result<_, String>>()?;
        Ok(LaidOut { table, session, run, schema, rows, layouts })
    }

    /// Returns the columns' names and types.
    pub fn schema(&self) -> &[Field] {
        &self.schema
    }

    /// Returns the settings.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Returns what is constant during the run.
    pub fn run(&self) -> &RunValues {
        &self.run
    }

    /// Returns the table.
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// Evaluates `expr` row by row and shows each answer: the value, then the warnings.
    pub fn shown_by_rows(&self, expr: &TypedExpr) -> Vec<String> {
        row_answers(expr, &self.rows, &self.session, &self.run).iter().map(shown).collect()
    }

    /// Evaluates `expr` row by row and in each layout.
    ///
    /// # Errors
    /// The first layout and row that answers otherwise than the row walker.
    pub fn check(&self, expr: &TypedExpr) -> Result<(), Box<Disagreement>> {
        let by_row = row_answers(expr, &self.rows, &self.session, &self.run);
        for (presentation, presented) in &self.layouts {
            let rows = self.table.rows;
            let by_batch =
                batch_answers(expr, &self.schema, presented, rows, &self.session, &self.run);
            let found = match by_batch {
                Ok(by_batch) => self.difference(expr, &by_row, &by_batch),
                Err(Error::Internal(bug)) => Some(format!("the batch fails: {bug}")),
                Err(Error::Sql(error)) => Some(format!("the batch fails: {error:?}")),
            };
            if let Some(text) = found {
                return Err(Box::new(Disagreement { presentation: *presentation, text }));
            }
        }
        Ok(())
    }

    fn difference(
        &self,
        expr: &TypedExpr,
        by_row: &[RowAnswer],
        by_batch: &[RowAnswer],
    ) -> Option<String> {
        let pairs = by_row.iter().zip(by_batch).enumerate();
        let (row, (one, other)) = pairs.into_iter().find(|(_, (a, b))| !agrees(a, b))?;
        let mut named = BTreeSet::new();
        expr.visit(&mut |node| {
            if let Node::Field { index, .. } = &node.node {
                named.insert(*index);
            }
        });
        let cells: Vec<String> = named
            .iter()
            .filter_map(|index| self.table.columns.get(*index))
            .map(|column| {
                let cell = column.cells.get(row).and_then(Option::as_deref);
                let value = cell.map_or("NULL".to_owned(), |v| format!("{}", v.escape_ascii()));
                format!("    {} {} = {value}", column.name, column.type_text)
            })
            .collect();
        Some(format!(
            "row {row}\n  by rows  {}\n  by batch {}\n  over\n{}",
            shown(one),
            shown(other),
            cells.join("\n")
        ))
    }
}

fn agrees(a: &RowAnswer, b: &RowAnswer) -> bool {
    match (&a.value, &b.value) {
        (Err(a), Err(b)) => a == b,
        (Ok(_), Ok(_)) => a == b,
        _ => false,
    }
}

fn shown(answer: &RowAnswer) -> String {
    let mut text = match &answer.value {
        Ok(None) => "NULL".to_owned(),
        Ok(Some(value)) => format!("'{}'", value.escape_ascii()),
        Err(error) => format!("{error:?}"),
    };
    for warning in &answer.warnings {
        text.push_str(&format!("; {} {}", warning.error.code(), warning.error.message()));
    }
    text
}

/// Names the overloads of the calls in an expression.
pub fn overloads_of(expr: &TypedExpr, names: &mut BTreeSet<&'static str>) {
    expr.visit(&mut |node| {
        if let Node::Call(call) = &node.node {
            names.insert(call.overload.name);
        }
    });
}
