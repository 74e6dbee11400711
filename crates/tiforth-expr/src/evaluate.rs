// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Evaluates bound expressions over the columns of a batch.

use std::sync::Arc;

use tiforth_data::column::DecodeContext;
use tiforth_data::{Column, ColumnData};
use tiforth_types::{Datum, InternalError, Result, Session};

use crate::context::{CallContext, Diagnostics, RunValues};
use crate::function::Body;
use crate::kernel::{Args, Rows};
use crate::typed::{Call, Node, TypedExpr};

/// Evaluates expressions over one batch's columns.
pub struct Evaluator<'a> {
    columns: &'a [Column],
    session: &'a Session,
    run: &'a RunValues,
    decode: DecodeContext,
    diagnostics: &'a mut Diagnostics,
    shared: Vec<(Arc<Call>, Option<Column>)>,
}

impl<'a> Evaluator<'a> {
    /// Starts over `columns`, which fields of the expressions number.
    pub fn new(
        columns: &'a [Column],
        session: &'a Session,
        run: &'a RunValues,
        diagnostics: &'a mut Diagnostics,
    ) -> Self {
        let decode = DecodeContext::new(session.time_zone);
        Evaluator { columns, session, run, decode, diagnostics, shared: Vec::new() }
    }

    /// Computes each of `calls` once, though several expressions hold it. All of them are evaluated
    /// for the same rows, and hold the calls where every row reaches them. What a call reports is
    /// reported once.
    pub fn sharing(mut self, calls: &[Arc<Call>]) -> Self {
        self.shared = calls.iter().map(|call| (Arc::clone(call), None)).collect();
        self
    }

    /// Returns the settings.
    pub fn session(&self) -> &'a Session {
        self.session
    }

    /// Returns what is constant during the run.
    pub fn run(&self) -> &'a RunValues {
        self.run
    }

    /// Returns how a host's values are read.
    pub fn decode_context(&self) -> &DecodeContext {
        &self.decode
    }

    /// Returns where warnings and errors go.
    pub fn diagnostics(&mut self) -> &mut Diagnostics {
        self.diagnostics
    }

    /// Computes `expr` for `rows`. The result is as long as the columns; what it holds in rows that do
    /// not count is unspecified but initialised.
    ///
    /// # Errors
    /// What fails the batch as a whole; a row's error is reported, and its value NULL.
    pub fn evaluate(&mut self, expr: &TypedExpr, rows: Rows<'_>) -> Result<Column> {
        match &expr.node {
            Node::Field { index, name } => match self.columns.get(*index) {
                Some(column) if column.len() == rows.len => Ok(column.clone()),
                _ => Err(InternalError::new(format!("column {name} is not in the batch")).into()),
            },
            Node::Constant(c) => Ok(Column::constant(c.value.clone(), rows.len)),
            Node::Call(call) => match self.shared.iter().position(|(s, _)| Arc::ptr_eq(s, call)) {
                Some(place) => self.shared_call(place, call, rows),
                None => self.call(call, rows),
            },
        }
    }

    /// Computes `expr` and returns it in the form kernels read.
    ///
    /// # Errors
    /// Those of [`evaluate`](Self::evaluate), and host values that are no SQL values.
    pub fn evaluate_decoded(&mut self, expr: &TypedExpr, rows: Rows<'_>) -> Result<Column> {
        let column = self.evaluate(expr, rows)?;
        match column.data() {
            ColumnData::Host(_) => Ok(column.decoded(&expr.ty, &self.decode)?.into_owned()),
            _ => Ok(column),
        }
    }

    fn shared_call(&mut self, place: usize, call: &Call, rows: Rows<'_>) -> Result<Column> {
        if let Some((_, Some(column))) = self.shared.get(place) {
            return Ok(column.clone());
        }
        let column = self.call(call, rows)?;
        if let Some((_, computed)) = self.shared.get_mut(place) {
            *computed = Some(column.clone());
        }
        Ok(column)
    }

    fn call(&mut self, call: &Call, rows: Rows<'_>) -> Result<Column> {
        match call.overload.body {
            Body::Lazy(kernel) => kernel.batch(call, rows, self),
            Body::Strict(kernel) => {
                let mark = self.diagnostics.mark();
                let columns = if call.overload.stops_at_null {
                    self.until_null(call, rows)?
                } else {
                    let all = call.args.iter().map(|arg| self.evaluate(arg, rows));
                    all.collect::<Result<Vec<_>>>()?
                };
                if call.overload.forgives_errors {
                    self.diagnostics.forget_errors(mark);
                }
                let args = Args::new(&columns, call, &self.decode);
                let mut ctx = CallContext::new(self.session, self.run, call, self.diagnostics);
                kernel.batch(&args, rows, &mut ctx)
            }
        }
    }

    /// Evaluates each argument only for the rows in which none before it is NULL.
    fn until_null(&mut self, call: &Call, rows: Rows<'_>) -> Result<Vec<Column>> {
        let mut columns: Vec<Column> = Vec::with_capacity(call.args.len());
        let mut left: Option<Vec<u32>> = None;
        for arg in &call.args {
            let rows = match &left {
                Some(left) => Rows::selected(rows.len, left),
                None => rows,
            };
            let column = self.evaluate_decoded(arg, rows)?;
            if column.null_buffer().is_some_and(|n| n.null_count() > 0) {
                let mut kept = Vec::with_capacity(rows.count());
                rows.for_each(|row| {
                    if !column.is_null(row) {
                        kept.push(row as u32);
                    }
                });
                left = Some(kept);
            }
            columns.push(column);
        }
        Ok(columns)
    }

    /// Runs `body` with the context of `call`, for kernels that evaluate their own arguments.
    pub fn with_context<R>(
        &mut self,
        call: &Call,
        body: impl FnOnce(&mut CallContext<'_>) -> R,
    ) -> R {
        let mut ctx = CallContext::new(self.session, self.run, call, self.diagnostics);
        body(&mut ctx)
    }

    /// Copies one value out of a column of `expr`'s values.
    ///
    /// # Errors
    /// When a host's array holds what is no SQL value.
    pub fn datum(&self, column: &Column, expr: &TypedExpr, row: usize) -> Result<Datum> {
        let column = column.decoded(&expr.ty, &self.decode)?;
        crate::kernel::datum_at(&column, row)
    }
}
