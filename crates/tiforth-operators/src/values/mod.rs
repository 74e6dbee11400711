// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Gives rows of constant expressions, as VALUES does.
//!
//! Every row has as many expressions as there are columns; a column's type is that of UNION: the
//! merged type of its expressions. Holds the rows.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tiforth_data::{Batch, BatchSchema, Field};
use tiforth_expr::{Binder, TypedExpr};
use tiforth_types::{Error, Result, SqlError};

use crate::build::{CompiledOperator, PipelineBuilder, RunState};
use crate::evaluation::evaluate;
use crate::spec::{BatchStream, CompileScope, ExprText, Spec};
use crate::table::StreamSource;

/// Says the rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValuesSpec {
    /// The columns' names.
    pub names: Vec<String>,
    /// The rows, each of one expression a column.
    pub rows: Vec<Vec<ExprText>>,
}

impl Spec for ValuesSpec {
    const NAME: &'static str = "values";
    const INPUTS: usize = 0;

    fn compile(
        &self,
        _: &[BatchSchema],
        scope: &mut CompileScope<'_>,
    ) -> Result<Arc<dyn CompiledOperator>, Error> {
        if self.names.is_empty() || self.rows.is_empty() {
            return Err(SqlError::other("values need at least one column and one row").into());
        }
        let mut columns: Vec<Vec<TypedExpr>> = vec![Vec::new(); self.names.len()];
        for (i, row) in self.rows.iter().enumerate() {
            if row.len() != self.names.len() {
                let text = format!("Column count doesn't match value count at row {}", i + 1);
                return Err(SqlError::new(1136, text).into());
            }
            for (column, expr) in columns.iter_mut().zip(row) {
                column.push(scope.bind(expr, &[])?);
            }
        }
        let mut fields = Vec::with_capacity(columns.len());
        let mut rows = vec![Vec::with_capacity(columns.len()); self.rows.len()];
        for (name, column) in self.names.iter().zip(columns) {
            let nullable = column.iter().any(|e| e.nullable);
            let ty = merged_type(scope, &column)?;
            for (row, expr) in rows.iter_mut().zip(column) {
                let mut binder = Binder::new(scope.registry, scope.session, &[]);
                let typed = if expr.ty == ty { expr } else { binder.cast(expr, &ty, false)? };
                scope.warnings.extend(binder.into_warnings());
                row.push(typed);
            }
            fields.push(Field { name: name.clone(), sql_type: ty, nullable });
        }
        Ok(Arc::new(Values { schema: fields.into(), rows: rows.into() }))
    }

    fn explain(&self) -> String {
        format!("{} rows of ({})", self.rows.len(), self.names.join(", "))
    }
}

/// Returns the type all expressions of a column are converted to: COALESCE's.
fn merged_type(
    scope: &mut CompileScope<'_>,
    column: &[TypedExpr],
) -> Result<tiforth_types::SqlType> {
    let fields: Vec<Field> = column
        .iter()
        .enumerate()
        .map(|(i, e)| Field { name: format!("v{i}"), sql_type: e.ty.clone(), nullable: true })
        .collect();
    if let [only] = &fields[..] {
        return Ok(only.sql_type.clone());
    }
    let mut binder = Binder::new(scope.registry, scope.session, &fields);
    let args = fields
        .iter()
        .enumerate()
        .map(|(i, f)| TypedExpr::field(i, &f.name, f.sql_type.clone(), true))
        .collect();
    Ok(binder.call("coalesce", args)?.ty)
}

struct Values {
    schema: BatchSchema,
    rows: Arc<[Vec<TypedExpr>]>,
}

impl CompiledOperator for Values {
    fn schema(&self) -> &BatchSchema {
        &self.schema
    }

    fn build(&self, builder: &mut PipelineBuilder<'_>) -> Result<()> {
        let stream = ValuesStream {
            schema: Arc::clone(&self.schema),
            rows: Arc::clone(&self.rows),
            next: 0,
            state: builder.state.clone(),
        };
        let schema = Arc::clone(&self.schema);
        let source = StreamSource::new("values".to_owned(), Box::new(stream), schema, None);
        builder.begin(Arc::new(source));
        Ok(())
    }
}

struct ValuesStream {
    schema: BatchSchema,
    rows: Arc<[Vec<TypedExpr>]>,
    next: usize,
    state: RunState,
}

impl BatchStream for ValuesStream {
    fn next_batch(&mut self) -> Result<Option<Batch>, Error> {
        let Some(row) = self.rows.get(self.next) else { return Ok(None) };
        let one: BatchSchema = Arc::from([]);
        let input = Batch::new(one, Vec::new(), 1).with_number(self.next as u64);
        self.next += 1;
        let columns = evaluate(&self.state, &input, row)?;
        Ok(Some(Batch::new(Arc::clone(&self.schema), columns, 1)))
    }
}
