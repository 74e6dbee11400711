// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Gives columns back to hosts as Arrow arrays, in the default type of the mapping or in one the
//! host asked for. What does not fit is an error that names column and row.
//!
//! As in reading, a loop without branches computes the whole slice and one flag; a cold pass names the
//! row.

mod decimal;
mod number;
mod temporal;
mod text;

use std::fmt;
use std::sync::Arc;

use arrow_array::types::ArrowPrimitiveType;
use arrow_array::{ArrayRef, PrimitiveArray, new_null_array};
use arrow_buffer::{NullBuffer, ScalarBuffer};
use arrow_schema::DataType;
use tiforth_types::{Datum, Error, InternalError, Result, SqlError, SqlType, code};

use super::decode::arrow_bug;
use super::{Column, ColumnData, DecodeContext, view};
use crate::arrow_type::arrow_type;

/// Says as what a column leaves.
#[derive(Clone, Copy, Debug)]
pub struct Output<'a> {
    /// The SQL type of the values.
    pub ty: &'a SqlType,
    /// The Arrow type the host asked for; else a host's array keeps its own, and all else takes the
    /// mapping's default.
    pub data_type: Option<&'a DataType>,
    /// The column's name, for errors.
    pub name: &'a str,
}

impl Column {
    /// Writes the rows `selection` lists, or all, as an Arrow array.
    ///
    /// # Errors
    /// 1105 where the Arrow type cannot hold the SQL type; 1264, 1292 or 1300 for the first value
    /// that does not fit; those of [`decoded`](Self::decoded).
    pub fn to_arrow(
        &self,
        selection: Option<&[u32]>,
        output: &Output<'_>,
        how: &DecodeContext,
    ) -> Result<ArrayRef> {
        if let ColumnData::Host(host) = self.data()
            && output.data_type.is_none_or(|wanted| wanted == host.array.data_type())
            && host.repaired().is_none()
        {
            return match selection {
                None => Ok(host.array.clone()),
                Some(rows) => {
                    let rows = arrow_array::UInt32Array::from(rows.to_vec());
                    arrow_select::take::take(&host.array, &rows, None).map_err(arrow_bug)
                }
            };
        }
        if let (ColumnData::Host(host), Some(wanted)) = (self.data(), output.data_type)
            && host.repaired().is_none()
            && let Some(views) = view::picked(&host.array, wanted, selection)?
        {
            return Ok(views);
        }
        let default = match self.data() {
            ColumnData::Host(host) => host.array.data_type().clone(),
            _ => arrow_type(output.ty),
        };
        let data_type = output.data_type.unwrap_or(&default);
        let column = self.decoded(output.ty, how)?.compact(selection)?;
        if (matches!(column.as_constant(), Some(Datum::Null)) || *data_type == DataType::Null)
            && column.null_buffer().map_or(0, |n| n.null_count()) == column.len()
        {
            return Ok(new_null_array(data_type, column.len()));
        }
        let column = column.expanded(output.ty);
        let writer = Writer { output, data_type, nulls: column.nulls().cloned() };
        match column.data() {
            ColumnData::Int(v) if output.ty.kind.has_elements() => number::members(&writer, v),
            ColumnData::Int(v) => number::ints(&writer, v),
            ColumnData::Real(v) => number::reals(&writer, v),
            ColumnData::Decimal(v) => decimal::decimals(&writer, v),
            ColumnData::Time(v) => temporal::times(&writer, v, &how.zone),
            ColumnData::Duration(v) => temporal::durations(&writer, v),
            ColumnData::Bytes(v) => text::bytes(&writer, v),
            ColumnData::Constant(_) | ColumnData::Bits(_) | ColumnData::Host(_) => {
                Err(InternalError::new("a column was neither decoded nor expanded").into())
            }
        }
    }
}

/// Writes one column.
struct Writer<'a> {
    output: &'a Output<'a>,
    data_type: &'a DataType,
    nulls: Option<NullBuffer>,
}

impl Writer<'_> {
    /// Wraps values as an array of the wanted type, which must store them as `T` does.
    fn array<T: ArrowPrimitiveType>(
        &self,
        values: impl Into<ScalarBuffer<T::Native>>,
    ) -> Result<ArrayRef> {
        let array = PrimitiveArray::<T>::new(values.into(), self.nulls.clone());
        Ok(Arc::new(array.with_data_type(self.data_type.clone())))
    }

    /// Returns the first row that is not NULL and is bad.
    #[cold]
    fn first_where(&self, len: usize, is_bad: impl Fn(usize) -> bool) -> Option<usize> {
        let is_valid = |row: &usize| self.nulls.as_ref().is_none_or(|n| n.is_valid(*row));
        (0..len).filter(is_valid).find(|&row| is_bad(row))
    }

    /// Reports an Arrow type that cannot hold the SQL type.
    #[cold]
    fn mismatch<T>(&self) -> Result<T> {
        let (name, ty, data_type) = (self.output.name, self.output.ty, self.data_type);
        let text = format!("Column '{name}': {ty} cannot be written as Arrow {data_type}");
        Err(SqlError::other(text).into())
    }

    /// Reports a number that does not fit.
    #[cold]
    fn out_of_range(&self, row: usize) -> Error {
        let (name, row) = (self.output.name, row + 1);
        let text = format!("Out of range value for column '{name}' at row {row}");
        SqlError::new(code::ER_DATA_OUT_OF_RANGE_FOR_COLUMN, text).into()
    }

    /// Reports a value the Arrow type has no form for.
    #[cold]
    fn incorrect(&self, kind: &str, value: impl fmt::Display, row: usize) -> Error {
        let (name, row) = (self.output.name, row + 1);
        let text = format!("Incorrect {kind} value: '{value}' for column '{name}' at row {row}");
        SqlError::new(code::ER_TRUNCATED_WRONG_VALUE, text).into()
    }
}
