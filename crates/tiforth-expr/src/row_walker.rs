// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Evaluates a bound expression for one row by walking its tree and calling the kernels' row entries.
//!
//! It is the plain second opinion every batch answer is held against, and what a kernel over columns
//! asks about the few rows whose answer hangs on more than columns keep; speed is no concern here.

use tiforth_data::Column;
use tiforth_types::{Datum, DatumRef, Result, Session, SqlError};

use crate::context::{CallContext, Diagnostics, RunValues};
use crate::function::Body;
use crate::kernel::{Args, RowEvaluator, datum_at};
use crate::typed::{Call, Node, TypedExpr};

/// Evaluates expressions for one row.
#[derive(Debug)]
pub struct RowWalker<'a> {
    row: &'a [Datum],
    session: &'a Session,
    run: &'a RunValues,
    diagnostics: &'a mut Diagnostics,
}

impl<'a> RowWalker<'a> {
    /// Starts over a row's values, which fields of the expressions number.
    pub fn new(
        row: &'a [Datum],
        session: &'a Session,
        run: &'a RunValues,
        diagnostics: &'a mut Diagnostics,
    ) -> Self {
        RowWalker { row, session, run, diagnostics }
    }

    fn call(&mut self, call: &Call) -> Result<Datum, SqlError> {
        let kernel = match call.overload.body {
            Body::Lazy(kernel) => return kernel.row(call, self),
            Body::Strict(kernel) => kernel,
        };
        let mut values: Vec<Datum> = Vec::with_capacity(call.args.len());
        for arg in &call.args {
            let goes_on = values.iter().take(call.overload.stops_within).all(|v| !v.is_null());
            values.push(match (goes_on.then(|| self.evaluate(arg)), call.overload.forgives) {
                (None, _) => Datum::Null,
                (Some(Err(error)), Some(forgives)) => forgives(&error),
                (Some(value), _) => value?,
            });
        }
        let args: Vec<DatumRef<'_>> = values.iter().map(Datum::as_ref).collect();
        let mut ctx = CallContext::new(self.session, self.run, call, self.diagnostics);
        let mut out = Vec::new();
        Ok(kernel.row(&args, &mut out, &mut ctx)?.into_datum(&out))
    }
}

impl RowEvaluator for RowWalker<'_> {
    fn evaluate(&mut self, expr: &TypedExpr) -> Result<Datum, SqlError> {
        match &expr.node {
            Node::Field { index, name } => self
                .row
                .get(*index)
                .cloned()
                .ok_or_else(|| SqlError::other(format!("column {name} is not in the row"))),
            Node::Constant(constant) => constant.value_as(&expr.ty),
            Node::Call(call) => self.call(call),
        }
    }

    fn with_context(&mut self, call: &Call, body: &mut dyn FnMut(&mut CallContext<'_>)) {
        let mut ctx = CallContext::new(self.session, self.run, call, self.diagnostics);
        body(&mut ctx);
    }
}

/// Computes one argument of a call anew, for single rows of a batch; what it reports is dropped.
pub struct RowReader<'a> {
    expr: &'a TypedExpr,
    session: &'a Session,
    run: &'a RunValues,
    /// The columns of the batch the argument reads, decoded, with their places.
    columns: Vec<(usize, Column)>,
    row: Vec<Datum>,
}

impl<'a> RowReader<'a> {
    /// Opens the columns that `expr`, one of the arguments `args` holds, reads.
    ///
    /// # Errors
    /// When a host's array holds what is no SQL value.
    pub fn new(
        expr: &'a TypedExpr,
        args: &Args<'_>,
        session: &'a Session,
        run: &'a RunValues,
    ) -> Result<Self> {
        let mut columns: Vec<(usize, Column)> = Vec::new();
        let mut open = vec![expr];
        while let Some(expr) = open.pop() {
            match &expr.node {
                Node::Field { index, .. } if columns.iter().all(|(i, _)| i != index) => {
                    columns.push((*index, args.field(*index, &expr.ty)?));
                }
                Node::Call(call) => open.extend(&call.args),
                Node::Field { .. } | Node::Constant(_) => {}
            }
        }
        let fields = columns.iter().map(|(index, _)| index + 1).max().unwrap_or(0);
        let row = vec![Datum::Null; fields];
        Ok(RowReader { expr, session, run, columns, row })
    }

    /// Computes a row; nothing where it fails.
    pub fn get(&mut self, row: usize) -> Option<Datum> {
        for (index, column) in &self.columns {
            *self.row.get_mut(*index)? = datum_at(column, row).ok()?;
        }
        let mut dropped = Diagnostics::new(0);
        RowWalker::new(&self.row, self.session, self.run, &mut dropped).evaluate(self.expr).ok()
    }
}
