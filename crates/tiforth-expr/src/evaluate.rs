// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Evaluates bound expressions over the columns of a batch.

use std::collections::BTreeSet;
use std::sync::Arc;

use tiforth_data::column::DecodeContext;
use tiforth_data::{Column, ColumnData};
use tiforth_types::{Datum, InternalError, Result, Session};

use crate::context::{CallContext, Diagnostics, RunValues};
use crate::function::{Body, ForgiveFn};
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
    /// Whether nothing is computed for rows that may not need it: something was reported for such rows.
    is_frugal: bool,
    /// Whether constants are folded.
    folds: bool,
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
        Evaluator {
            columns,
            session,
            run,
            decode,
            diagnostics,
            shared: Vec::new(),
            is_frugal: false,
            folds: false,
        }
    }

    /// Folds constants: kernels are told.
    pub(crate) fn folding(mut self) -> Self {
        self.folds = true;
        self
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
            Node::Constant(constant) => Ok(match constant.value_as(&expr.ty) {
                Ok(value) => Column::constant(value, rows.len),
                Err(error) => {
                    rows.for_each(|row| self.diagnostics.fail(row as u32, error.clone()));
                    Column::all_null(rows.len)
                }
            }),
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

    /// Tells whether a call is computed once for all who hold it.
    pub(crate) fn is_shared(&self, call: &Arc<Call>) -> bool {
        self.shared.iter().any(|(shared, _)| Arc::ptr_eq(shared, call))
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
                if let Some(column) = self.fused(call, rows) {
                    return Ok(column);
                }
                let columns = match call.overload.forgives {
                    None => self.arguments(call, rows)?,
                    Some(forgives) => self.forgiven_arguments(call, rows, forgives)?,
                };
                let args = Args::new(&columns, call, self.columns, &self.decode);
                let mut ctx = CallContext::new(self.session, self.run, call, self.diagnostics);
                ctx.is_folded = self.folds;
                kernel.batch(&args, rows, &mut ctx)
            }
        }
    }

    /// Evaluates each argument for the rows in which no NULL before it ends the evaluation.
    fn arguments(&mut self, call: &Call, rows: Rows<'_>) -> Result<Vec<Column>> {
        let mut columns: Vec<Column> = Vec::with_capacity(call.args.len());
        let stops_within = call.overload.stops_within.min(call.args.len().saturating_sub(1));
        let mut has_null = false;
        for (place, arg) in call.args.iter().enumerate() {
            let may_report = || match &arg.node {
                Node::Field { .. } => false,
                Node::Constant(constant) => constant.value_as(&arg.ty).is_err(),
                Node::Call(_) => true,
            };
            let column = if has_null && may_report() {
                let goes_on = |row| columns.iter().take(stops_within).all(|c| !c.is_null(row));
                self.evaluate_among(arg, rows, true, goes_on)?
            } else {
                self.evaluate(arg, rows)?
            };
            if place < stops_within {
                has_null |= column.null_buffer().is_some_and(|n| n.null_count() > 0);
            }
            columns.push(column);
        }
        Ok(columns)
    }

    /// Evaluates each argument; where one fails, it is what `forgives` gives for the error.
    fn forgiven_arguments(
        &mut self,
        call: &Call,
        rows: Rows<'_>,
        forgives: ForgiveFn,
    ) -> Result<Vec<Column>> {
        let forgiven = |arg| self.forgiven(arg, rows, forgives);
        call.args.iter().map(forgiven).collect()
    }

    /// Computes `expr` for `rows`. A row that fails is computed again by itself, because nothing that
    /// comes after its failure is heard of.
    fn forgiven(
        &mut self,
        expr: &TypedExpr,
        rows: Rows<'_>,
        forgives: ForgiveFn,
    ) -> Result<Column> {
        let apart = self.diagnostics.apart();
        let (column, reported) = self.evaluate_apart(self.columns, expr, rows, apart)?;
        if !reported.has_errors() {
            self.diagnostics.join(reported);
            return Ok(column);
        }
        let failed: BTreeSet<u32> = reported.failed_rows().collect();
        let mut sound = Vec::with_capacity(rows.count());
        rows.for_each(|row| sound.extend(u32::try_from(row).ok().filter(|r| !failed.contains(r))));
        let apart = self.diagnostics.apart();
        let (column, reported) =
            self.evaluate_apart(self.columns, expr, Rows::selected(rows.len, &sound), apart)?;
        self.diagnostics.join(reported);
        let mut pieces = vec![column];
        let mut places: Vec<u32> = (0..).take(rows.len).collect();
        for row in failed {
            let apart = self.diagnostics.apart().ending_at_error();
            let alone: Vec<Column> =
                self.columns.iter().map(|column| column.slice(row as usize, 1)).collect();
            let (_, reported) = self.evaluate_apart(&alone, expr, Rows::all(1), apart)?;
            let error = self.diagnostics.join(reported.of_row(row)).into_iter().next();
            let value = error.map_or(Datum::Null, |(_, error)| forgives(&error));
            if let Some(place) = places.get_mut(row as usize) {
                *place = (rows.len + pieces.len() - 1) as u32;
            }
            pieces.push(Column::constant(value, 1));
        }
        let pieces: Vec<&Column> = pieces.iter().collect();
        Column::concat(&pieces, &expr.ty, &self.decode)?.take(&places)
    }

    /// Computes `expr` over `columns` with diagnostics of its own, and without what is shared: another use of
    /// that may not forgive.
    fn evaluate_apart(
        &self,
        columns: &[Column],
        expr: &TypedExpr,
        rows: Rows<'_>,
        mut apart: Diagnostics,
    ) -> Result<(Column, Diagnostics)> {
        let mut evaluator = Evaluator {
            is_frugal: self.is_frugal,
            folds: self.folds,
            ..Evaluator::new(columns, self.session, self.run, &mut apart)
        };
        let column = evaluator.evaluate_decoded(expr, rows)?;
        Ok((column, apart))
    }

    /// Computes `expr` for those of `rows` that are `open`, in the form kernels read. Where most are,
    /// it is computed for all of them at first, because that is the faster way; only if that reported
    /// anything, it is computed anew, then for none but the open rows.
    ///
    /// # Errors
    /// Those of [`evaluate_decoded`](Self::evaluate_decoded).
    pub fn evaluate_among(
        &mut self,
        expr: &TypedExpr,
        rows: Rows<'_>,
        are_most_open: bool,
        open: impl Fn(usize) -> bool,
    ) -> Result<Column> {
        if are_most_open && !self.is_frugal {
            let mark = self.diagnostics.mark();
            let shared = self.shared.clone();
            let column = self.evaluate_decoded(expr, rows)?;
            if !self.diagnostics.has_reported_since(mark) {
                return Ok(column);
            }
            self.diagnostics.rewind(mark);
            self.shared = shared;
        }
        let mut kept = Vec::with_capacity(rows.count());
        rows.for_each(|row| {
            if open(row) {
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "batches have fewer rows than 2^32"
                )]
                kept.push(row as u32);
            }
        });
        let was_frugal = self.is_frugal;
        self.is_frugal |= are_most_open;
        let column = self.evaluate_decoded(expr, Rows::selected(rows.len, &kept));
        self.is_frugal = was_frugal;
        column
    }

    /// Runs `body` with the context of `call`, for kernels that evaluate their own arguments.
    pub fn with_context<R>(
        &mut self,
        call: &Call,
        body: impl FnOnce(&mut CallContext<'_>) -> R,
    ) -> R {
        let mut ctx = CallContext::new(self.session, self.run, call, self.diagnostics);
        ctx.is_folded = self.folds;
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
