// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Reduces one key column to words of 64 bits or to bytes, ready to be packed or laid end to end.

use arrow_buffer::{NullBuffer, ScalarBuffer};
use tiforth_types::{Collation, Decimal, InternalError, Result, SqlType};

use crate::column::{BytesColumn, Column, ColumnData, DecimalColumn, DecodeContext};

/// Holds the values of one key column of a batch: equal values are equal here.
pub(super) struct Part {
    pub(super) values: PartValues,
    pub(super) nulls: Option<NullBuffer>,
}

pub(super) enum PartValues {
    /// Integers, dates, times and doubles: their bits.
    Words(ScalarBuffer<i64>),
    /// Decimals at one scale.
    Mantissas(ScalarBuffer<i64>, u8),
    /// Decimals of several scales or beyond 64 bits.
    Decimals(DecimalColumn),
    /// Texts that are their own sort keys, padding aside.
    Texts(BytesColumn, Collation),
    /// Sort keys.
    Keys(BytesColumn),
}

impl Part {
    /// Reads a column.
    pub(super) fn read(column: &Column, ty: &SqlType, how: &DecodeContext) -> Result<Self> {
        let column = column.decoded(ty, how)?.expanded(ty);
        let nulls = column.nulls().cloned();
        let values = match column.data() {
            ColumnData::Int(v) | ColumnData::Duration(v) => PartValues::Words(v.clone()),
            ColumnData::Time(v) => {
                PartValues::Words(ScalarBuffer::new(v.inner().clone(), 0, v.len()))
            }
            ColumnData::Real(v) => {
                // Adding 0.0 turns -0.0 into 0.0 and leaves all else.
                let words = v.iter().map(|&v| (v + 0.0).to_bits().cast_signed());
                PartValues::Words(words.collect())
            }
            ColumnData::Decimal(DecimalColumn::Lane64 { values, scale, .. }) => {
                PartValues::Mantissas(values.clone(), *scale)
            }
            ColumnData::Decimal(v) => PartValues::Decimals(v.clone()),
            ColumnData::Bytes(v) if ty.collation.compares_bytes() => {
                PartValues::Texts(v.clone(), ty.collation)
            }
            ColumnData::Bytes(v) => PartValues::Keys(sort_keys(v, nulls.as_ref(), ty.collation)),
            ColumnData::Constant(_) | ColumnData::Bits(_) | ColumnData::Host(_) => {
                return Err(InternalError::new("a key column was not expanded").into());
            }
        };
        Ok(Part { values, nulls })
    }

    /// Returns the number of rows.
    pub(super) fn len(&self) -> usize {
        match &self.values {
            PartValues::Words(v) | PartValues::Mantissas(v, _) => v.len(),
            PartValues::Decimals(v) => v.len(),
            PartValues::Texts(v, _) | PartValues::Keys(v) => v.len(),
        }
    }

    /// Returns the bytes of a row that stand for it in a key, if they are bytes at all.
    #[inline]
    pub(super) fn text(&self, row: usize) -> &[u8] {
        match &self.values {
            PartValues::Texts(v, collation) => collation.trim_padding(v.get(row)),
            PartValues::Keys(v) => v.get(row),
            _ => &[],
        }
    }

    #[inline]
    pub(super) fn is_null(&self, row: usize) -> bool {
        self.nulls.as_ref().is_some_and(|n| n.is_null(row))
    }

    /// Returns the value of a row of decimals.
    pub(super) fn decimal(&self, row: usize) -> Decimal {
        match &self.values {
            PartValues::Mantissas(v, scale) => Decimal::from_i128_scaled(v[row].into(), *scale),
            PartValues::Decimals(v) => v.get(row),
            _ => Decimal::default(),
        }
    }
}

/// Computes the sort keys of a column of texts.
pub(super) fn sort_keys(
    texts: &BytesColumn,
    nulls: Option<&NullBuffer>,
    collation: Collation,
) -> BytesColumn {
    let mut builder =
        crate::column::BytesBuilder::with_capacity(texts.len(), texts.value_bytes() * 2);
    for row in 0..texts.len() {
        if nulls.is_none_or(|n| n.is_valid(row)) {
            collation.sort_key(texts.get(row), builder.row());
        }
        builder.end_row();
    }
    builder.finish()
}
