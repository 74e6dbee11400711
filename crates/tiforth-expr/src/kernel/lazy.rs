// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Names what evaluates its arguments itself: IF, CASE, COALESCE, AND, OR.

use tiforth_data::Column;
use tiforth_types::{Datum, Result, SqlError};

use super::Rows;
use crate::context::CallContext;
use crate::evaluate::Evaluator;
use crate::typed::{Call, TypedExpr};

/// Computes a call whose arguments are evaluated only for the rows that reach them.
pub trait LazyKernel: Send + Sync {
    /// Computes all rows of `rows`.
    ///
    /// # Errors
    /// What fails the batch as a whole.
    fn batch(&self, call: &Call, rows: Rows<'_>, evaluator: &mut Evaluator<'_>) -> Result<Column>;

    /// Computes one row.
    ///
    /// # Errors
    /// The row's error.
    fn row(&self, call: &Call, evaluator: &mut dyn RowEvaluator) -> Result<Datum, SqlError>;
}

/// Evaluates expressions for one row, for those that decide themselves what to evaluate.
pub trait RowEvaluator {
    /// Evaluates `expr` for the current row.
    ///
    /// # Errors
    /// The row's error.
    fn evaluate(&mut self, expr: &TypedExpr) -> Result<Datum, SqlError>;

    /// Runs `body` with the context of `call`, for warnings.
    fn with_context(&mut self, call: &Call, body: &mut dyn FnMut(&mut CallContext<'_>));
}
