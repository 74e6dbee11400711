// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Picks, cuts and joins the rows of columns, and reads single values.

use arrow_array::cast::AsArray;
use arrow_array::{Array, UInt32Array};
use arrow_buffer::{BooleanBuffer, BooleanBufferBuilder, NullBuffer};
use tiforth_types::{Datum, Duration, EvalType, InternalError, Result, SqlType, Time};

use super::decimal::gather;
use super::decode::{arrow_bug, nulls_of};
use super::{BytesBuilder, BytesColumn, Column, ColumnData, DecimalColumn, DecodeContext};

impl Column {
    /// Tells whether a row is NULL. A host's value outside MySQL's domain counts once it was
    /// decoded.
    ///
    /// # Panics
    /// When `row` is not below the length.
    #[inline]
    pub fn is_null(&self, row: usize) -> bool {
        match &self.data {
            ColumnData::Constant(value) => value.is_null(),
            ColumnData::Host(host) => match host.decoded.get() {
                Some(decoded) => decoded.is_null(row),
                None => match host.array.as_any_dictionary_opt() {
                    Some(d) => {
                        d.is_null(row) || nulls_of(d).is_some_and(|nulls| nulls.is_null(row))
                    }
                    None => host.array.is_null(row) || host.array.data_type().is_null(),
                },
            },
            _ => self.nulls.as_ref().is_some_and(|n| n.is_null(row)),
        }
    }

    /// Returns which rows are not NULL, where any is, whatever the form of the column.
    pub fn null_buffer(&self) -> Option<NullBuffer> {
        match &self.data {
            ColumnData::Constant(value) => value.is_null().then(|| NullBuffer::new_null(self.len)),
            ColumnData::Host(host) => match host.decoded.get() {
                Some(decoded) => decoded.null_buffer(),
                None => nulls_of(&host.array),
            },
            _ => self.nulls.clone(),
        }
    }

    /// Returns a row's value, decoding a host's array first.
    ///
    /// # Errors
    /// Those of [`decoded`](Self::decoded).
    ///
    /// # Panics
    /// When `row` is not below the length.
    pub fn datum(&self, row: usize, ty: &SqlType, how: &DecodeContext) -> Result<Datum> {
        Ok(self.decoded(ty, how)?.value(row))
    }

    /// Returns a row's value. A host's array must have been decoded: of one that was not nobody
    /// knows how to read it, and all is NULL.
    ///
    /// # Panics
    /// When `row` is not below the length.
    pub fn value(&self, row: usize) -> Datum {
        if self.nulls.as_ref().is_some_and(|n| n.is_null(row)) {
            return Datum::Null;
        }
        match &self.data {
            ColumnData::Constant(value) => Datum::clone(value),
            ColumnData::Int(v) => Datum::Int(v[row]),
            ColumnData::Real(v) => Datum::Real(v[row]),
            ColumnData::Decimal(v) => Datum::Decimal(v.stored(row)),
            ColumnData::Time(v) => Datum::Time(Time(v[row])),
            ColumnData::Duration(v) => Datum::Duration(Duration(v[row])),
            ColumnData::Bytes(v) => Datum::Bytes(v.get(row).into()),
            ColumnData::Bits(v) => Datum::Int(v.value(row).into()),
            ColumnData::Host(host) => {
                let decoded = host.decoded.get();
                debug_assert!(decoded.is_some(), "a value of a column that was not decoded");
                decoded.map_or(Datum::Null, |d| d.value(row))
            }
        }
    }

    /// Returns the column with a value for each row: constants repeated as values of `ty`, bits as
    /// integers. A host's array is left as it is.
    pub fn expanded(&self, ty: &SqlType) -> Column {
        match &self.data {
            ColumnData::Constant(value) => repeat(value, ty, self.len),
            ColumnData::Bits(bits) => {
                let values: Vec<i64> = bits.iter().map(i64::from).collect();
                Column::ints(values, self.nulls.clone())
            }
            _ => self.clone(),
        }
    }

    /// Returns the rows `rows` lists, in that order; repeats are allowed.
    ///
    /// # Errors
    /// A bug's report where a host's array cannot be taken from.
    ///
    /// # Panics
    /// When a row is not below the length.
    pub fn take(&self, rows: &[u32]) -> Result<Column> {
        let nulls = || self.nulls.as_ref().and_then(|nulls| take_nulls(nulls, rows));
        Ok(match &self.data {
            ColumnData::Constant(_) => Column { len: rows.len(), ..self.clone() },
            ColumnData::Int(v) => Column::ints(gather(v, rows), nulls()),
            ColumnData::Real(v) => Column::reals(gather(v, rows), nulls()),
            ColumnData::Decimal(v) => Column::decimals(v.take(rows), nulls()),
            ColumnData::Time(v) => Column::times(gather(v, rows), nulls()),
            ColumnData::Duration(v) => Column::durations(gather(v, rows), nulls()),
            ColumnData::Bytes(v) => Column::bytes(v.take(rows)?, nulls()),
            ColumnData::Bits(v) => {
                let bits = BooleanBuffer::collect_bool(rows.len(), |i| v.value(rows[i] as usize));
                Column::bits(bits, nulls())
            }
            ColumnData::Host(host) => match host.repaired() {
                Some(decoded) => decoded.take(rows)?,
                // It stays a host's, so that it can leave in the type it came in; decoding again is
                // cheaper than gathering twice.
                None => {
                    let rows = UInt32Array::from(rows.to_vec());
                    let taken = arrow_select::take::take(&host.array, &rows, None);
                    Column::host_named(taken.map_err(arrow_bug)?, host.name.clone())
                }
            },
        })
    }

    /// Returns the rows that `selection` lists, or the column itself where none is given.
    ///
    /// # Errors
    /// Those of [`take`](Self::take).
    pub fn compact(&self, selection: Option<&[u32]>) -> Result<Column> {
        match selection {
            Some(rows) => self.take(rows),
            None => Ok(self.clone()),
        }
    }

    /// Returns `len` rows from `offset` on, sharing the buffers.
    ///
    /// # Panics
    /// When the rows are not all within the column.
    pub fn slice(&self, offset: usize, len: usize) -> Column {
        let data = match &self.data {
            ColumnData::Constant(value) => ColumnData::Constant(value.clone()),
            ColumnData::Int(v) => ColumnData::Int(v.slice(offset, len)),
            ColumnData::Real(v) => ColumnData::Real(v.slice(offset, len)),
            ColumnData::Decimal(v) => ColumnData::Decimal(v.slice(offset, len)),
            ColumnData::Time(v) => ColumnData::Time(v.slice(offset, len)),
            ColumnData::Duration(v) => ColumnData::Duration(v.slice(offset, len)),
            ColumnData::Bytes(v) => ColumnData::Bytes(v.slice(offset, len)),
            ColumnData::Bits(v) => ColumnData::Bits(v.slice(offset, len)),
            ColumnData::Host(host) => {
                let column = Column::host_named(host.array.slice(offset, len), host.name.clone());
                if let (Some(decoded), ColumnData::Host(sliced)) =
                    (host.decoded.get(), &column.data)
                {
                    let _ = sliced.decoded.set(decoded.slice(offset, len));
                }
                return column;
            }
        };
        let nulls = self.nulls.as_ref().map(|n| n.slice(offset, len));
        Column { data, nulls: nulls.filter(|n| n.null_count() > 0), len }
    }

    /// Lays columns of one SQL type end to end. Host arrays of one Arrow type stay such; else all
    /// are decoded.
    ///
    /// # Errors
    /// Those of [`decoded`](Self::decoded).
    pub fn concat(columns: &[&Column], ty: &SqlType, how: &DecodeContext) -> Result<Column> {
        if let [only] = columns {
            return Ok(Column::clone(only));
        }
        let rows = columns.iter().map(|c| c.len).sum();
        if columns.iter().all(|c| matches!(c.as_constant(), Some(Datum::Null))) {
            return Ok(Column::all_null(rows));
        }
        if let Some(column) = concat_hosts(columns)? {
            return Ok(column);
        }
        let columns: Vec<Column> =
            columns.iter().map(|c| Ok(c.decoded(ty, how)?.expanded(ty))).collect::<Result<_>>()?;
        let nulls = concat_nulls(&columns, rows);
        concat_values(&columns, ty, rows).map(|c| c.with_nulls(nulls))
    }
}

/// Joins host arrays of one type.
fn concat_hosts(columns: &[&Column]) -> Result<Option<Column>> {
    let mut arrays: Vec<&dyn Array> = Vec::with_capacity(columns.len());
    let mut name = None;
    for column in columns {
        match &column.data {
            ColumnData::Host(host) if host.repaired().is_none() => {
                if arrays.first().is_some_and(|a| a.data_type() != host.array.data_type()) {
                    return Ok(None);
                }
                arrays.push(&host.array);
                name = host.name.clone();
            }
            _ => return Ok(None),
        }
    }
    if arrays.is_empty() {
        return Ok(None);
    }
    // What fails here (32-bit offsets that overflow) is joined after decoding.
    Ok(arrow_select::concat::concat(&arrays).ok().map(|a| Column::host_named(a, name)))
}

fn concat_nulls(columns: &[Column], rows: usize) -> Option<NullBuffer> {
    if columns.iter().all(|c| c.nulls.is_none()) {
        return None;
    }
    let mut valid = BooleanBufferBuilder::new(rows);
    for column in columns {
        match &column.nulls {
            Some(nulls) => valid.append_buffer(nulls.inner()),
            None => valid.append_n(column.len, true),
        }
    }
    Some(NullBuffer::new(valid.finish()))
}

fn concat_values(columns: &[Column], ty: &SqlType, rows: usize) -> Result<Column> {
    macro_rules! joined {
        ($variant:ident, $build:ident) => {{
            let mut all = Vec::with_capacity(rows);
            for column in columns {
                match &column.data {
                    ColumnData::$variant(v) => all.extend_from_slice(v),
                    _ => return Err(mixed(ty)),
                }
            }
            Ok(Column::$build(all, None))
        }};
    }
    match columns.first().map(|c| &c.data) {
        Some(ColumnData::Int(_)) => joined!(Int, ints),
        Some(ColumnData::Real(_)) => joined!(Real, reals),
        Some(ColumnData::Time(_)) => joined!(Time, times),
        Some(ColumnData::Duration(_)) => joined!(Duration, durations),
        Some(ColumnData::Decimal(_)) => {
            let parts: Option<Vec<&DecimalColumn>> = columns
                .iter()
                .map(|c| if let ColumnData::Decimal(v) = &c.data { Some(v) } else { None })
                .collect();
            let parts = parts.ok_or_else(|| mixed(ty))?;
            Ok(Column::decimals(DecimalColumn::concat(&parts), None))
        }
        Some(ColumnData::Bytes(_)) => {
            let parts: Option<Vec<&BytesColumn>> = columns
                .iter()
                .map(|c| if let ColumnData::Bytes(v) = &c.data { Some(v) } else { None })
                .collect();
            let parts = parts.ok_or_else(|| mixed(ty))?;
            Ok(Column::bytes(BytesColumn::concat(&parts), None))
        }
        Some(_) => Err(mixed(ty)),
        None => Ok(repeat(&Datum::Null, ty, 0)),
    }
}

#[cold]
fn mixed(ty: &SqlType) -> tiforth_types::Error {
    InternalError::new(format!("columns of one type {:?} differ in form", ty.kind)).into()
}

pub(super) fn take_nulls(nulls: &NullBuffer, rows: &[u32]) -> Option<NullBuffer> {
    let valid = BooleanBuffer::collect_bool(rows.len(), |i| nulls.is_valid(rows[i] as usize));
    Some(NullBuffer::new(valid)).filter(|n| n.null_count() > 0)
}

/// Repeats one value; NULL as a column of the type's form.
fn repeat(value: &Datum, ty: &SqlType, len: usize) -> Column {
    match value {
        Datum::Null => {
            let zeros = repeat(&zero_of(ty), ty, len);
            zeros.with_nulls(Some(NullBuffer::new_null(len)))
        }
        Datum::Int(v) => Column::ints(vec![*v; len], None),
        Datum::Real(v) => Column::reals(vec![*v; len], None),
        Datum::Decimal(v) => Column::decimals(DecimalColumn::from_decimals(vec![*v; len]), None),
        Datum::Time(v) => Column::times(vec![v.0; len], None),
        Datum::Duration(v) => Column::durations(vec![v.0; len], None),
        Datum::Bytes(v) => {
            let mut builder = BytesBuilder::with_capacity(len, v.len() * len);
            (0..len).for_each(|_| builder.push(v));
            Column::bytes(builder.finish(), None)
        }
    }
}

fn zero_of(ty: &SqlType) -> Datum {
    use tiforth_types::TypeKind::{Enum, Set};
    if matches!(ty.kind, Enum | Set) {
        return Datum::Int(0);
    }
    match ty.eval_type() {
        EvalType::Int => Datum::Int(0),
        EvalType::Real => Datum::Real(0.0),
        EvalType::Decimal => {
            let scale = ty.decimals.clamp(0, 30) as u8;
            Datum::Decimal(tiforth_types::Decimal::from_i128_scaled(0, scale))
        }
        EvalType::Time => Datum::Time(Time(0)),
        EvalType::Duration => Datum::Duration(Duration(0)),
        EvalType::Bytes | EvalType::Json | EvalType::Vector => Datum::Bytes(Box::default()),
    }
}
