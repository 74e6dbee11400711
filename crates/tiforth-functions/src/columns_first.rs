// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Computes whole columns where none of their rows needs to be looked at by itself.

use tiforth_data::Column;
use tiforth_expr::CallContext;
use tiforth_expr::kernel::{Args, Kernel, RowValue, Rows};
use tiforth_types::{DatumRef, Result, SqlError};

/// Computes a call over the whole columns of its arguments.
pub(crate) trait Columns: Send + Sync {
    /// Gives nothing where rows need to be looked at one by one; `rows` are those that count.
    fn compute(
        &self,
        args: &Args<'_>,
        rows: Rows<'_>,
        ctx: &mut CallContext<'_>,
    ) -> Result<Option<Column>>;
}

impl<F> Columns for F
where
    F: Fn(&Args<'_>, Rows<'_>, &mut CallContext<'_>) -> Result<Option<Column>> + Send + Sync,
{
    fn compute(
        &self,
        args: &Args<'_>,
        rows: Rows<'_>,
        ctx: &mut CallContext<'_>,
    ) -> Result<Option<Column>> {
        self(args, rows, ctx)
    }
}

/// Computes whole columns where most rows count: all rows cost more than few.
pub(crate) struct IfMany<C>(pub(crate) C);

impl<C: Columns> Columns for IfMany<C> {
    fn compute(
        &self,
        args: &Args<'_>,
        rows: Rows<'_>,
        ctx: &mut CallContext<'_>,
    ) -> Result<Option<Column>> {
        if 2 * rows.count() >= rows.len { self.0.compute(args, rows, ctx) } else { Ok(None) }
    }
}

/// Tries `columns` first, and runs `rows` where that gives nothing.
pub(crate) struct ColumnsFirst<C, K> {
    pub(crate) columns: C,
    pub(crate) rows: K,
}

impl<F, K> ColumnsFirst<F, K>
where
    F: Fn(&Args<'_>, Rows<'_>, &mut CallContext<'_>) -> Result<Option<Column>>,
{
    /// Builds the kernel from what computes columns and the kernel by rows.
    pub(crate) const fn new(columns: F, rows: K) -> Self {
        ColumnsFirst { columns, rows }
    }
}

impl<F, K> ColumnsFirst<IfMany<F>, K>
where
    F: Fn(&Args<'_>, Rows<'_>, &mut CallContext<'_>) -> Result<Option<Column>>,
{
    /// Builds the kernel from what computes columns where most rows count, and the kernel by rows.
    pub(crate) const fn if_many(columns: F, rows: K) -> Self {
        ColumnsFirst { columns: IfMany(columns), rows }
    }
}

impl<C: Columns, K: Kernel> Kernel for ColumnsFirst<C, K> {
    fn batch(&self, args: &Args<'_>, rows: Rows<'_>, ctx: &mut CallContext<'_>) -> Result<Column> {
        match self.columns.compute(args, rows, ctx)? {
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
