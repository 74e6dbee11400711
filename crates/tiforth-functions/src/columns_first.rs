// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Computes whole columns where none of their rows needs to be looked at by itself.

use tiforth_data::Column;
use tiforth_expr::kernel::{Args, Kernel, RowValue, Rows};
use tiforth_expr::{Call, CallContext};
use tiforth_types::{DatumRef, Result, SqlError};

/// Computes a call over the whole columns of its arguments.
pub(crate) trait Columns: Send + Sync {
    /// Gives nothing where rows need to be looked at one by one; `rows` are those that count.
    fn compute(&self, args: &Args<'_>, rows: Rows<'_>, call: &Call) -> Result<Option<Column>>;
}

impl<F> Columns for F
where
    F: Fn(&Args<'_>, &Call) -> Result<Option<Column>> + Send + Sync,
{
    fn compute(&self, args: &Args<'_>, _: Rows<'_>, call: &Call) -> Result<Option<Column>> {
        self(args, call)
    }
}

/// Tries `columns` first, and runs `rows` where that gives nothing.
pub(crate) struct ColumnsFirst<C, K> {
    columns: C,
    rows: K,
}

impl<C, K> ColumnsFirst<C, K> {
    /// Builds the kernel from what computes columns and the kernel by rows.
    pub(crate) const fn new(columns: C, rows: K) -> Self {
        ColumnsFirst { columns, rows }
    }
}

impl<C: Columns, K: Kernel> Kernel for ColumnsFirst<C, K> {
    fn batch(&self, args: &Args<'_>, rows: Rows<'_>, ctx: &mut CallContext<'_>) -> Result<Column> {
        match self.columns.compute(args, rows, ctx.call)? {
            Some(column) => Ok(column),
            None => self.rows.batch(args, rows, ctx),
        }
    }

    fn row(
        &self,
        args: &[DatumRef<'_>],
        out: &mut Vec<u8>,
        ctx: &mut CallContext<'_>,
    ) -> Result<RowValue, SqlError> {
        self.rows.row(args, out, ctx)
    }
}
