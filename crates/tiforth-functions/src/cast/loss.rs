// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Reports what a conversion loses: a warning in a statement that reads, an error in one that writes
//! under a strict sql_mode.
//!
//! Source: TiDB `pkg/errctx/context.go`, `pkg/executor/select.go` (`ResetContextOfStmt`).

use tiforth_expr::CallContext;
use tiforth_types::{SqlError, StatementKind};

/// Reports a loss that a strict writing statement fails for.
///
/// # Errors
/// The loss itself, where it is not to be a warning.
#[cold]
pub(crate) fn report(
    ctx: &mut CallContext<'_>,
    error: impl FnOnce() -> SqlError,
) -> Result<(), SqlError> {
    if fails(ctx) {
        return Err(error());
    }
    ctx.warn(error);
    Ok(())
}

/// Reports a loss that fails a strict writing statement with another error than it warns of.
///
/// # Errors
/// `error`, where the loss is not to be a warning.
#[cold]
pub(super) fn report_as(
    ctx: &mut CallContext<'_>,
    error: impl FnOnce() -> SqlError,
    warning: impl FnOnce() -> SqlError,
) -> Result<(), SqlError> {
    if fails(ctx) {
        return Err(error());
    }
    ctx.warn(warning);
    Ok(())
}

/// Tells whether a loss fails the statement.
pub(super) fn fails(ctx: &CallContext<'_>) -> bool {
    ctx.session.is_strict_write()
}

/// Tells whether the statement writes rows.
pub(super) fn writes(ctx: &CallContext<'_>) -> bool {
    ctx.session.statement != StatementKind::Select
}

/// Builds `Truncated incorrect … value` from bytes.
#[cold]
pub(crate) fn truncated(kind: &str, value: &[u8]) -> SqlError {
    SqlError::truncated_wrong_value(kind, &String::from_utf8_lossy(value))
}
