// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Evaluates a bound expression for one row by walking its tree and calling the kernels' row entries.
//!
//! It is the plain second opinion every batch answer is held against; speed is no concern here.

use tiforth_expr::function::Body;
use tiforth_expr::kernel::RowEvaluator;
use tiforth_expr::{Call, CallContext, Diagnostics, Node, RunValues, TypedExpr};
use tiforth_types::{Datum, DatumRef, Session, SqlError};

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
            Node::Constant(constant) => Ok(constant.value.clone()),
            Node::Call(call) => self.call(call),
        }
    }

    fn with_context(&mut self, call: &Call, body: &mut dyn FnMut(&mut CallContext<'_>)) {
        let mut ctx = CallContext::new(self.session, self.run, call, self.diagnostics);
        body(&mut ctx);
    }
}
