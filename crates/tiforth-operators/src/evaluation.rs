// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Evaluates expressions over batches within a run: reports warnings, raises the lowest row's error.

use std::sync::Arc;

use tiforth_data::{Batch, Column};
use tiforth_expr::kernel::Rows;
use tiforth_expr::{Call, Diagnostics, Evaluator, TypedExpr};
use tiforth_types::Result;

use crate::build::RunState;

/// Computes `exprs` for the rows of `batch` that count.
///
/// # Errors
/// The error of the lowest row that failed, and what fails the batch as a whole.
pub(crate) fn evaluate(
    state: &RunState,
    batch: &Batch,
    exprs: &[TypedExpr],
) -> Result<Vec<Column>> {
    Ok(evaluate_counted(state, batch, exprs)?.0)
}

/// Computes `exprs` as [`evaluate`] does; tells how many warnings that gave.
///
/// # Errors
/// Those of [`evaluate`].
pub(crate) fn evaluate_counted(
    state: &RunState,
    batch: &Batch,
    exprs: &[TypedExpr],
) -> Result<(Vec<Column>, u64)> {
    let rows = Rows { len: batch.physical_rows(), selection: batch.selection().map(|s| &s[..]) };
    let mut diagnostics = Diagnostics::new(state.session.max_warnings);
    let mut evaluator =
        Evaluator::new(batch.columns(), &state.session, &state.values, &mut diagnostics);
    let columns = exprs.iter().map(|e| evaluator.evaluate(e, rows)).collect::<Result<Vec<_>>>()?;
    let total = diagnostics.total();
    let (warnings, errors) = diagnostics.finish();
    if let Some((_, error)) = errors.into_iter().next() {
        return Err(error.into());
    }
    if total > 0 {
        state.warnings.add(batch.number(), warnings, total);
    }
    Ok((columns, total))
}

/// Computes `exprs`, and each of `calls` that several of them hold once; nothing where that reports a
/// warning or an error, which belongs to each of them.
///
/// # Errors
/// What fails the batch as a whole.
pub(crate) fn evaluate_sharing<'a>(
    state: &RunState,
    batch: &Batch,
    exprs: impl Iterator<Item = &'a TypedExpr>,
    calls: &[Arc<Call>],
) -> Result<Option<Vec<Column>>> {
    let rows = Rows { len: batch.physical_rows(), selection: batch.selection().map(|s| &s[..]) };
    let mut diagnostics = Diagnostics::new(0);
    let (columns, session) = (batch.columns(), &state.session);
    let mut evaluator =
        Evaluator::new(columns, session, &state.values, &mut diagnostics).sharing(calls);
    let columns = exprs.map(|e| evaluator.evaluate(e, rows)).collect::<Result<Vec<_>>>()?;
    Ok((diagnostics.total() == 0 && !diagnostics.has_errors()).then_some(columns))
}
