// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Turns a host's array into the form kernels read, checking it against MySQL's domain.
//!
//! Every Arrow encoding the mapping accepts becomes one of the few forms of
//! [`ColumnData`](super::ColumnData); where layouts agree the buffers are shared. A value MySQL has no
//! name for (NaN, the year 10000, 839 hours) is refused with its column and row, or becomes NULL with
//! a warning if the host asked for that.
//!
//! A reader first runs a loop without branches over the whole slice, garbage under NULLs included,
//! and accumulates one flag; only if that is set does a cold pass look for the rows.

mod decimal;
mod number;
mod temporal;
mod text;

use std::borrow::Cow;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};
use arrow_buffer::{BooleanBufferBuilder, NullBuffer};
use arrow_schema::{ArrowError, DataType};
use tiforth_types::temporal::Zone;
use tiforth_types::{Datum, Error, EvalType, Result, SqlError, SqlType, TimeZone, TypeKind, code};

use super::{Column, ColumnData, HostArray};

/// Says what becomes of a host's value outside MySQL's domain.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum OutOfDomain {
    /// It is an error that names column and row.
    #[default]
    Error,
    /// It reads as NULL, with warning 1292.
    NullAndWarn,
}

/// Says how a host's values are read, and keeps the warnings of reading them. Clones share the
/// warnings.
#[derive(Clone, Debug)]
pub struct DecodeContext {
    /// The session's time zone: TIMESTAMP is UTC in Arrow and civil time here.
    pub zone: Zone,
    /// What becomes of a value outside MySQL's domain.
    pub out_of_domain: OutOfDomain,
    warnings: Arc<Mutex<Vec<(usize, SqlError)>>>,
}

impl DecodeContext {
    /// Builds a context that refuses values outside MySQL's domain.
    pub fn new(zone: TimeZone) -> Self {
        Self::with_zone(Zone::new(zone))
    }

    /// Builds a context for a zone that is prepared already.
    pub fn with_zone(zone: Zone) -> Self {
        DecodeContext { zone, out_of_domain: OutOfDomain::Error, warnings: Arc::default() }
    }

    /// Returns the context with another policy for values outside MySQL's domain.
    pub fn with_out_of_domain(mut self, policy: OutOfDomain) -> Self {
        self.out_of_domain = policy;
        self
    }

    /// Takes the warnings of what was decoded since the last call, each with its row.
    pub fn take_warnings(&self) -> Vec<(usize, SqlError)> {
        std::mem::take(&mut *self.warnings.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn warn(&self, warnings: Vec<(usize, SqlError)>) {
        if !warnings.is_empty() {
            self.warnings.lock().unwrap_or_else(PoisonError::into_inner).extend(warnings);
        }
    }
}

impl Column {
    /// Returns the column in the form kernels read: itself, or a host's array decoded. An array is
    /// decoded once, whoever asks, as the type and zone of the first who asked.
    ///
    /// # Errors
    /// 1105 where the array's type cannot hold values of `ty`; 1292 or 1264 for the first value
    /// outside MySQL's domain.
    pub fn decoded(&self, ty: &SqlType, how: &DecodeContext) -> Result<Cow<'_, Column>> {
        let ColumnData::Host(host) = self.data() else { return Ok(Cow::Borrowed(self)) };
        if let Some(decoded) = host.decoded.get() {
            return Ok(Cow::Borrowed(decoded));
        }
        let reader = Reader::new(ty, how, host.name());
        let column = reader.read(&host.array)?;
        let mut is_first = false;
        let decoded = host.decoded.get_or_init(|| {
            is_first = true;
            column
        });
        if is_first {
            how.warn(reader.warnings.into_inner().unwrap_or_else(PoisonError::into_inner));
        }
        Ok(Cow::Borrowed(decoded))
    }
}

impl HostArray {
    pub(crate) fn new(array: ArrayRef, name: Option<Arc<str>>) -> Self {
        HostArray { array, name, decoded: OnceLock::new() }
    }

    /// Returns the decoded column where values outside MySQL's domain became NULL in it: the array
    /// itself no longer says what the column holds.
    pub(super) fn repaired(&self) -> Option<&Column> {
        let nulls = |c: &Column| c.null_buffer().map_or(0, |n| n.null_count());
        self.decoded.get().filter(|c| nulls(c) != self.array.logical_null_count())
    }

    fn name(&self) -> &str {
        self.name.as_deref().unwrap_or("?")
    }
}

/// Reads one array as values of one type.
struct Reader<'a> {
    ty: &'a SqlType,
    how: &'a DecodeContext,
    name: &'a str,
    warnings: Mutex<Vec<(usize, SqlError)>>,
}

impl<'a> Reader<'a> {
    fn new(ty: &'a SqlType, how: &'a DecodeContext, name: &'a str) -> Self {
        Reader { ty, how, name, warnings: Mutex::default() }
    }

    fn read(&self, array: &ArrayRef) -> Result<Column> {
        match array.data_type() {
            DataType::Null => return Ok(Column::all_null(array.len())),
            DataType::Dictionary(..) => return self.read(&text::flatten_dictionary(array)?),
            _ => {}
        }
        match self.ty.kind {
            TypeKind::Enum | TypeKind::Set => return number::member(self, array),
            TypeKind::Null => return self.read_untyped(array),
            _ => {}
        }
        match self.ty.eval_type() {
            EvalType::Int => number::int(self, array),
            EvalType::Real => number::real(self, array),
            EvalType::Decimal => decimal::decimal(self, array),
            EvalType::Time => temporal::time(self, array),
            EvalType::Duration => temporal::duration(self, array),
            EvalType::Bytes => text::bytes(self, array),
            EvalType::Json => Err(SqlError::other("JSON columns are not supported yet").into()),
            EvalType::Vector => Err(SqlError::other("VECTOR columns are not supported yet").into()),
        }
    }

    /// Reads an array whose SQL type is that of NULL: only NULLs will do.
    fn read_untyped(&self, array: &ArrayRef) -> Result<Column> {
        if array.logical_null_count() == array.len() {
            return Ok(Column::constant(Datum::Null, array.len()));
        }
        self.mismatch(array)
    }

    /// Reports an array that cannot hold values of the type.
    #[cold]
    fn mismatch<T>(&self, array: &ArrayRef) -> Result<T> {
        Err(SqlError::other(format!(
            "Column '{}' is {:?} in SQL and cannot be read from Arrow {}",
            self.name,
            self.ty.kind,
            array.data_type()
        ))
        .into())
    }

    /// Settles what becomes of the rows `bad` lists, ascending and none of them NULL: an error for
    /// the first, or NULLs and warnings for all. Returns which rows are not NULL then.
    #[cold]
    fn settle(
        &self,
        nulls: Option<&NullBuffer>,
        len: usize,
        bad: &[usize],
        error: impl Fn(&Self, usize) -> SqlError,
    ) -> Result<Option<NullBuffer>> {
        let Some(&first) = bad.first() else { return Ok(nulls.cloned()) };
        if self.how.out_of_domain == OutOfDomain::Error {
            return Err(error(self, first).into());
        }
        let mut valid = BooleanBufferBuilder::new(len);
        match nulls {
            Some(nulls) => valid.append_buffer(nulls.inner()),
            None => valid.append_n(len, true),
        }
        for &row in bad {
            valid.set_bit(row, false);
        }
        let mut warnings = self.warnings.lock().unwrap_or_else(PoisonError::into_inner);
        warnings.extend(bad.iter().map(|&row| {
            let e = error(self, row);
            (row, SqlError::new(code::ER_TRUNCATED_WRONG_VALUE, e.message()))
        }));
        Ok(Some(NullBuffer::new(valid.finish())))
    }

    /// Words a value that is none of its type: `Incorrect double value: 'NaN' for column 'c' at row 3`.
    #[cold]
    fn incorrect(&self, kind: &str, value: impl std::fmt::Display, row: usize) -> SqlError {
        let (name, row) = (self.name, row + 1);
        SqlError::new(
            code::ER_TRUNCATED_WRONG_VALUE,
            format!("Incorrect {kind} value: '{value}' for column '{name}' at row {row}"),
        )
    }

    /// Words a number beyond its type: `Out of range value for column 'c' at row 3`.
    #[cold]
    fn out_of_range(&self, row: usize) -> SqlError {
        SqlError::new(
            code::ER_DATA_OUT_OF_RANGE_FOR_COLUMN,
            format!("Out of range value for column '{}' at row {}", self.name, row + 1),
        )
    }
}

/// Lists the rows that are not NULL and fail `is_good`.
#[cold]
fn rows_where(
    nulls: Option<&NullBuffer>,
    len: usize,
    is_bad: impl Fn(usize) -> bool,
) -> Vec<usize> {
    (0..len).filter(|&row| nulls.is_none_or(|n| n.is_valid(row)) && is_bad(row)).collect()
}

/// Returns which rows of an array are not NULL, if any is.
pub(crate) fn nulls_of(array: &dyn Array) -> Option<NullBuffer> {
    array.logical_nulls().filter(|n| n.null_count() > 0)
}

/// Turns an error of the Arrow library on valid input into a report of a bug.
pub(crate) fn arrow_bug(e: ArrowError) -> Error {
    tiforth_types::InternalError::new(format!("arrow: {e}")).into()
}

/// Reads a BooleanArray's bits.
fn bits(array: &ArrayRef) -> Column {
    Column::bits(array.as_boolean().values().clone(), nulls_of(array))
}
