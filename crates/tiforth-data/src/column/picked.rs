// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Picks rows of a host's arrays, piece after piece, into one array of the type wanted.
//!
//! A selective filter leaves few rows of each piece; written one by one they would be many small
//! arrays. What is picked from is only what lies as it leaves: numbers, decimals and times in their own
//! Arrow type, and texts with 32-bit offsets that leave as views.

use arrow_array::{Array, ArrayRef, make_array};
use arrow_buffer::{ArrowNativeType, BooleanBufferBuilder, Buffer, NullBuffer, ScalarBuffer};
use arrow_data::ArrayDataBuilder;
use arrow_schema::DataType;
use tiforth_types::Result;

use super::decode::arrow_bug;
use super::view::PickedViews;
use super::{Column, ColumnData};
use crate::simd;

/// Collects the rows picked for one column.
pub struct PickedColumn {
    values: Box<dyn PickedValues>,
    rows: usize,
    /// Which rows are not NULL, once one was.
    valid: Option<BooleanBufferBuilder>,
}

/// Collects values picked from arrays of one form.
pub(super) trait PickedValues: Send {
    /// Tells whether values can be picked from an array of this type.
    fn is_of(&self, data_type: &DataType) -> bool;

    /// Adds the values of the rows `rows` lists; what is not of the form is left out.
    fn pick(&mut self, array: &ArrayRef, rows: &[u32]);

    /// Returns the bytes of a row.
    fn row_bytes(&self) -> usize;

    /// Makes room for `rows` more.
    fn reserve(&mut self, rows: usize);

    /// Returns the array of all that was picked; `nulls` is as long.
    fn finish(self: Box<Self>, nulls: Option<NullBuffer>) -> Result<ArrayRef>;
}

impl PickedColumn {
    /// Starts a column without rows that leaves as `data_type`; nothing where that type is not
    /// picked.
    pub fn new(data_type: &DataType) -> Option<Self> {
        let values: Box<dyn PickedValues> = match data_type {
            DataType::Utf8View | DataType::BinaryView => Box::new(PickedViews::new(data_type)),
            DataType::Interval(_) => return None,
            other => match other.primitive_width()? {
                1 => Box::new(Plain::<u8>::new(other)),
                2 => Box::new(Plain::<u16>::new(other)),
                4 => Box::new(Plain::<u32>::new(other)),
                8 => Box::new(Plain::<u64>::new(other)),
                16 => Box::new(Plain::<i128>::new(other)),
                _ => return None,
            },
        };
        Some(PickedColumn { values, rows: 0, valid: None })
    }

    /// Tells whether rows of `column` can be picked: it is a host's array that means what it says,
    /// and lies as it leaves.
    pub fn can_pick(&self, column: &Column) -> bool {
        match column.data() {
            ColumnData::Host(host) => {
                self.values.is_of(host.array.data_type()) && host.repaired().is_none()
            }
            _ => false,
        }
    }

    /// Adds the rows `rows` lists of a column that [`can_pick`](Self::can_pick) allows.
    ///
    /// # Panics
    /// When a row is not below the column's length.
    pub fn pick(&mut self, column: &Column, rows: &[u32]) {
        let ColumnData::Host(host) = column.data() else { return };
        self.values.pick(&host.array, rows);
        self.pick_nulls(host.array.nulls().filter(|n| n.null_count() > 0), rows);
        self.rows += rows.len();
    }

    fn pick_nulls(&mut self, nulls: Option<&NullBuffer>, rows: &[u32]) {
        if nulls.is_some() && self.valid.is_none() {
            let mut valid = BooleanBufferBuilder::new(self.rows + rows.len());
            valid.append_n(self.rows, true);
            self.valid = Some(valid);
        }
        match (&mut self.valid, nulls) {
            (None, _) => {}
            (Some(valid), None) => valid.append_n(rows.len(), true),
            (Some(valid), Some(nulls)) => {
                rows.iter().for_each(|&row| valid.append(nulls.is_valid(row as usize)));
            }
        }
    }

    /// Returns the bytes of a row, its validity aside.
    pub fn row_bytes(&self) -> usize {
        self.values.row_bytes()
    }

    /// Makes room for `rows` more.
    pub fn reserve(&mut self, rows: usize) {
        self.values.reserve(rows);
    }

    /// Returns the array of all rows picked.
    ///
    /// # Errors
    /// A bug's report where the parts make no array.
    pub fn finish(self) -> Result<ArrayRef> {
        let nulls = self.valid.map(|mut valid| NullBuffer::new(valid.finish()));
        self.values.finish(nulls.filter(|n| n.null_count() > 0))
    }
}

/// Collects values of one width.
struct Plain<T> {
    data_type: DataType,
    values: Vec<T>,
}

impl<T> Plain<T> {
    fn new(data_type: &DataType) -> Self {
        Plain { data_type: data_type.clone(), values: Vec::new() }
    }
}

impl<T: ArrowNativeType> PickedValues for Plain<T> {
    fn is_of(&self, data_type: &DataType) -> bool {
        *data_type == self.data_type
    }

    fn pick(&mut self, array: &ArrayRef, rows: &[u32]) {
        let data = array.to_data();
        let Some(buffer) = data.buffers().first() else { return };
        let values = ScalarBuffer::<T>::new(buffer.clone(), data.offset(), data.len());
        let values = &values[..];
        let ahead = values.as_ptr().wrapping_byte_add(simd::AHEAD_BYTES);
        self.values.extend(rows.iter().map(|&row| {
            simd::prefetch(ahead.wrapping_add(row as usize));
            values[row as usize]
        }));
    }

    fn row_bytes(&self) -> usize {
        size_of::<T>()
    }

    fn reserve(&mut self, rows: usize) {
        self.values.reserve(rows);
    }

    fn finish(self: Box<Self>, nulls: Option<NullBuffer>) -> Result<ArrayRef> {
        let len = self.values.len();
        let data = ArrayDataBuilder::new(self.data_type)
            .len(len)
            .add_buffer(Buffer::from_vec(fitted(self.values)))
            .nulls(nulls);
        Ok(make_array(data.build().map_err(arrow_bug)?))
    }
}

/// Gives room back where most of it was not needed.
pub(super) fn fitted<T>(mut values: Vec<T>) -> Vec<T> {
    if values.len() < values.capacity() / 2 {
        values.shrink_to_fit();
    }
    values
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{
        BinaryArray, Date32Array, Decimal128Array, Float64Array, Int8Array, StringArray,
    };
    use tiforth_types::{Collation, SqlType};

    use super::*;
    use crate::{DecodeContext, Output};

    /// Picks by several pieces and compares with writing each piece, laid end to end.
    fn check(array: &ArrayRef, ty: &SqlType, data_type: &DataType) {
        let how = DecodeContext::new(tiforth_types::TimeZone::UTC);
        for step in [1, 2, 3, 7] {
            let mut picked = PickedColumn::new(data_type).unwrap();
            let mut wanted = Vec::new();
            for (offset, len) in [(0, 40), (40, 0), (40, 25), (65, 35), (3, 90)] {
                let column = Column::host(array.slice(offset, len));
                assert!(picked.can_pick(&column));
                let rows: Vec<u32> = (0..len as u32).step_by(step).collect();
                picked.pick(&column, &rows);
                let output = Output { ty, data_type: Some(data_type), name: "c" };
                wanted.push(column.to_arrow(Some(&rows), &output, &how).unwrap());
            }
            let wanted: Vec<&dyn Array> = wanted.iter().map(|a| a.as_ref()).collect();
            let wanted = arrow_select::concat::concat(&wanted).unwrap();
            let found = picked.finish().unwrap();
            found.to_data().validate_full().unwrap();
            assert_eq!(&found, &wanted, "{data_type} {step}");
        }
    }

    #[test]
    fn what_is_picked_is_what_is_written() {
        let is_null = |i: usize| i % 11 == 5;
        let some = |i: usize, has_nulls: bool| !(has_nulls && is_null(i));
        for has_nulls in [false, true] {
            let of = |i: usize| some(i, has_nulls).then_some(i);
            let all = 0..100;
            let tiny: Int8Array = all.clone().map(|i| of(i).map(|i| i as i8)).collect();
            check(&(Arc::new(tiny) as ArrayRef), &SqlType::bigint(20), &DataType::Int8);
            let days: Date32Array = all.clone().map(|i| of(i).map(|i| i as i32)).collect();
            check(&(Arc::new(days) as ArrayRef), &SqlType::date(), &DataType::Date32);
            let reals: Float64Array = all.clone().map(|i| of(i).map(|i| i as f64)).collect();
            check(&(Arc::new(reals) as ArrayRef), &SqlType::double(), &DataType::Float64);
            let decimals: Decimal128Array = all.clone().map(|i| of(i).map(|i| i as i128)).collect();
            let decimals = decimals.with_precision_and_scale(15, 2).unwrap();
            let data_type = decimals.data_type().clone();
            check(&(Arc::new(decimals) as ArrayRef), &SqlType::decimal(15, 2), &data_type);
            let text = |i: usize| of(i).map(|i| "abcdefghij".repeat(3)[..i % 30].to_owned());
            let texts: StringArray = all.clone().map(text).collect();
            let bytes = BinaryArray::from(texts.clone());
            check(
                &(Arc::new(texts) as ArrayRef),
                &SqlType::varchar(40, Collation::UTF8MB4_BIN),
                &DataType::Utf8View,
            );
            check(
                &(Arc::new(bytes) as ArrayRef),
                &SqlType::varchar(40, Collation::BINARY),
                &DataType::BinaryView,
            );
        }
    }

    #[test]
    fn other_forms_are_not_picked() {
        let texts: ArrayRef = Arc::new(StringArray::from(vec!["a"]));
        let picked = PickedColumn::new(&DataType::BinaryView).unwrap();
        assert!(!picked.can_pick(&Column::host(texts.clone())));
        let picked = PickedColumn::new(&DataType::Int64).unwrap();
        assert!(!picked.can_pick(&Column::host(texts)));
        assert!(!picked.can_pick(&Column::ints(vec![1], None)));
        assert!(PickedColumn::new(&DataType::Utf8).is_none());
        assert!(PickedColumn::new(&DataType::Boolean).is_none());
    }
}
