// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Holds one column of values, in the form kernels compute on or still as the host gave it.
//!
//! ```text
//!            Constant     one value for all rows
//!  Column ── Host         the host's Arrow array, decoded at first use, handed on untouched
//!            Bits         a predicate's result, one bit a row
//!            Int Real Time Duration Bytes Decimal     what kernels read and write
//! ```
//!
//! `decode` reads what hosts give, `rows` picks, cuts and joins rows, `write` gives
//! columns back to hosts, and `picked` collects rows of a host's arrays on the way back.
//!
//! A column's SQL type stands beside it, in the batch's schema or the expression's node: the same
//! bits are a signed or an unsigned integer, a date or a timestamp, as that type says.

mod bytes;
mod civil;
mod decimal;
mod decode;
mod host;
mod picked;
mod rows;
mod view;
mod write;

use std::sync::{Arc, OnceLock};

use arrow_array::{Array, ArrayRef};
use arrow_buffer::{BooleanBuffer, NullBuffer, ScalarBuffer};
use tiforth_types::Datum;

pub use bytes::{BytesBuilder, BytesColumn, Offsets};
pub use decimal::{DecimalColumn, IntLayout, LANE_WORDS, int_digits_of_bits};
pub use decode::{DecodeContext, OutOfDomain};
pub use host::{HostDays, MantissaPairs, day_of};
pub use picked::PickedColumn;
pub use write::Output;

/// Holds one column of values: data, and which rows are NULL.
#[derive(Clone, Debug)]
pub struct Column {
    data: ColumnData,
    nulls: Option<NullBuffer>,
    len: usize,
}

/// Holds a column's values; under a NULL they are unspecified but initialised.
#[derive(Clone, Debug)]
pub enum ColumnData {
    /// One value for all rows; NULL too.
    Constant(Arc<Datum>),
    /// 64-bit integers of either sign, as the SQL type says.
    Int(ScalarBuffer<i64>),
    /// Doubles; FLOAT values too.
    Real(ScalarBuffer<f64>),
    /// Decimals.
    Decimal(DecimalColumn),
    /// Packed dates and datetimes ([`tiforth_types::Time`]).
    Time(ScalarBuffer<u64>),
    /// Nanoseconds ([`tiforth_types::Duration`]).
    Duration(ScalarBuffer<i64>),
    /// Text or bytes.
    Bytes(BytesColumn),
    /// 0 or 1 of a predicate, one bit a row; an integer to all who read it.
    Bits(BooleanBuffer),
    /// What the host gave, not read yet.
    Host(Arc<HostArray>),
}

/// Holds a host's array and, once somebody asked, the column it decodes to.
#[derive(Debug)]
pub struct HostArray {
    /// The array as it came.
    pub array: ArrayRef,
    name: Option<Arc<str>>,
    pub(crate) decoded: OnceLock<Column>,
}

impl Column {
    /// Builds a column of `len` rows of one value.
    pub fn constant(value: Datum, len: usize) -> Self {
        Column { data: ColumnData::Constant(Arc::new(value)), nulls: None, len }
    }

    /// Builds a column of `len` NULLs.
    pub fn all_null(len: usize) -> Self {
        Self::constant(Datum::Null, len)
    }

    /// Builds a column around a host's array.
    pub fn host(array: ArrayRef) -> Self {
        Self::host_named(array, None)
    }

    /// Builds a column around a host's array; errors of reading it say `name`.
    pub fn host_named(array: ArrayRef, name: Option<Arc<str>>) -> Self {
        let len = array.len();
        let host = HostArray::new(array, name);
        Column { data: ColumnData::Host(Arc::new(host)), nulls: None, len }
    }

    /// Builds a column of integers.
    pub fn ints(values: impl Into<ScalarBuffer<i64>>, nulls: Option<NullBuffer>) -> Self {
        let values = values.into();
        Column { len: values.len(), data: ColumnData::Int(values), nulls }
    }

    /// Builds a column of doubles.
    pub fn reals(values: impl Into<ScalarBuffer<f64>>, nulls: Option<NullBuffer>) -> Self {
        let values = values.into();
        Column { len: values.len(), data: ColumnData::Real(values), nulls }
    }

    /// Builds a column of packed dates and times.
    pub fn times(values: impl Into<ScalarBuffer<u64>>, nulls: Option<NullBuffer>) -> Self {
        let values = values.into();
        Column { len: values.len(), data: ColumnData::Time(values), nulls }
    }

    /// Builds a column of spans of nanoseconds.
    pub fn durations(values: impl Into<ScalarBuffer<i64>>, nulls: Option<NullBuffer>) -> Self {
        let values = values.into();
        Column { len: values.len(), data: ColumnData::Duration(values), nulls }
    }

    /// Builds a column of texts or bytes.
    pub fn bytes(values: BytesColumn, nulls: Option<NullBuffer>) -> Self {
        Column { len: values.len(), data: ColumnData::Bytes(values), nulls }
    }

    /// Builds a column of decimals.
    pub fn decimals(values: DecimalColumn, nulls: Option<NullBuffer>) -> Self {
        Column { len: values.len(), data: ColumnData::Decimal(values), nulls }
    }

    /// Builds a predicate's result.
    pub fn bits(values: BooleanBuffer, nulls: Option<NullBuffer>) -> Self {
        Column { len: values.len(), data: ColumnData::Bits(values), nulls }
    }

    /// Returns the number of rows.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Tells whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Returns the values.
    pub fn data(&self) -> &ColumnData {
        &self.data
    }

    /// Returns which rows are not NULL, where any is; a constant's and an undecoded host array's are
    /// not told here.
    pub fn nulls(&self) -> Option<&NullBuffer> {
        self.nulls.as_ref()
    }

    /// Returns the value all rows share, if the column is a constant.
    pub fn as_constant(&self) -> Option<&Datum> {
        match &self.data {
            ColumnData::Constant(value) => Some(value),
            _ => None,
        }
    }

    /// Returns the same column with `nulls` in place of its own.
    pub fn with_nulls(mut self, nulls: Option<NullBuffer>) -> Self {
        self.nulls = nulls.filter(|n| n.null_count() > 0);
        self
    }

    /// Returns the bytes this column keeps alive; shared buffers count in full.
    pub fn byte_size(&self) -> usize {
        let data = match &self.data {
            ColumnData::Constant(_) => 64,
            ColumnData::Int(v) => v.inner().capacity(),
            ColumnData::Real(v) => v.inner().capacity(),
            ColumnData::Decimal(v) => v.byte_size(),
            ColumnData::Time(v) => v.inner().capacity(),
            ColumnData::Duration(v) => v.inner().capacity(),
            ColumnData::Bytes(v) => v.byte_size(),
            ColumnData::Bits(v) => v.inner().capacity(),
            ColumnData::Host(h) => h.array.get_array_memory_size(),
        };
        data + self.nulls.as_ref().map_or(0, |n| n.buffer().capacity())
    }
}

#[cfg(test)]
mod tests;
