// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Keeps rows of batches beyond their batch: what a breaker holds until its input ends.
//!
//! Rows are copied out, so that a few rows do not keep a host's buffers alive; each copy is claimed
//! before it is made.

use tiforth_data::{BytesBuilder, BytesColumn, Column, ColumnData, DecodeContext, Reservation};
use tiforth_types::{Result, SqlType};

use crate::growth::settle;

/// Holds rows in the order in which they were kept.
#[derive(Debug)]
pub(crate) struct KeptRows {
    types: Vec<SqlType>,
    columns: Vec<KeptColumn>,
    rows: usize,
}

/// Is one column of kept rows: its portions, and the claim they stand on.
#[derive(Debug)]
pub(crate) struct KeptColumn {
    pub(crate) portions: Vec<Column>,
    pub(crate) claim: Reservation,
}

impl KeptRows {
    /// Prepares for columns of `types`.
    pub(crate) fn new(types: Vec<SqlType>, claim: impl Fn() -> Reservation) -> Self {
        let column = |_| KeptColumn { portions: Vec::new(), claim: claim() };
        let columns = types.iter().map(column).collect();
        KeptRows { types, columns, rows: 0 }
    }

    /// Returns the number of rows kept.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Keeps the rows `rows` lists.
    ///
    /// # Errors
    /// Memory that is refused.
    pub(crate) fn keep(&mut self, columns: &[Column], rows: &[u32]) -> Result<()> {
        for (column, KeptColumn { portions, claim }) in columns.iter().zip(&mut self.columns) {
            portions.push(take_owned(column, rows, claim)?);
        }
        self.rows += rows.len();
        Ok(())
    }

    /// Returns the portions of a column, in order.
    pub(crate) fn portions(&self, column: usize) -> &[Column] {
        self.columns.get(column).map_or(&[], |c| &c.portions[..])
    }

    /// Forgets all rows.
    ///
    /// # Errors
    /// None: claims only shrink.
    pub(crate) fn clear(&mut self) -> Result<()> {
        self.rows = 0;
        for KeptColumn { portions, claim } in &mut self.columns {
            portions.clear();
            claim.resize(0)?;
        }
        Ok(())
    }

    /// Takes the columns apart.
    pub(crate) fn into_columns(self) -> Vec<KeptColumn> {
        self.columns
    }

    /// Returns the columns' types.
    pub(crate) fn types(&self) -> &[SqlType] {
        &self.types
    }
}

/// Lays portions end to end, claiming the result first.
///
/// # Errors
/// Memory that is refused.
pub(crate) fn join(
    portions: &[&Column],
    ty: &SqlType,
    how: &DecodeContext,
    claim: &mut Reservation,
) -> Result<Column> {
    let mut booked = 0;
    settle(claim, &mut booked, portions.iter().map(|p| p.byte_size()).sum())?;
    let column = match portions {
        [] => Column::constant(tiforth_types::Datum::Null, 0).expanded(ty),
        _ => Column::concat(portions, ty, how)?,
    };
    settle(claim, &mut booked, column.byte_size())?;
    Ok(column)
}

/// Copies the rows `rows` lists, claiming the copy first. No buffer is shared with `column`.
///
/// # Errors
/// Memory that is refused.
pub(crate) fn take_owned(column: &Column, rows: &[u32], claim: &mut Reservation) -> Result<Column> {
    let mut booked = 0;
    settle(claim, &mut booked, taken_bytes(column, rows))?;
    let taken = match column.data() {
        ColumnData::Bytes(views @ BytesColumn::View(_)) => {
            let bytes = rows.iter().map(|&row| views.get(row as usize).len()).sum();
            let mut builder = BytesBuilder::with_capacity(rows.len(), bytes);
            rows.iter().for_each(|&row| builder.push(views.get(row as usize)));
            let nulls = column.nulls().map(|nulls| {
                rows.iter().map(|&row| nulls.is_valid(row as usize)).collect::<Vec<bool>>().into()
            });
            Column::bytes(builder.finish(), None).with_nulls(nulls)
        }
        _ => column.take(rows)?,
    };
    settle(claim, &mut booked, taken.byte_size())?;
    Ok(taken)
}

/// Estimates the bytes of the rows `rows` lists.
fn taken_bytes(column: &Column, rows: &[u32]) -> usize {
    let each = match column.data() {
        ColumnData::Constant(_) => return 64,
        ColumnData::Bytes(values) => {
            let bytes: usize = rows.iter().map(|&row| values.get(row as usize).len()).sum();
            return bytes + rows.len() * 13;
        }
        ColumnData::Decimal(values) if values.is_empty() => 8,
        ColumnData::Decimal(values) => values.byte_size().div_ceil(values.len()).min(48),
        _ => 8,
    };
    rows.len() * each + rows.len() / 8 + 64
}
