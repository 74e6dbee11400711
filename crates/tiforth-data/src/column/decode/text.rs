// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Reads texts and bytes, and lays dictionaries flat.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, BinaryArray, BinaryViewArray, LargeBinaryArray, StringArray};
use arrow_buffer::{OffsetBuffer, ScalarBuffer};
use arrow_schema::DataType;
use tiforth_types::{InternalError, Result};

use super::{Reader, arrow_bug, nulls_of};
use crate::column::{BytesColumn, Column};

/// Reads an array of texts or bytes, sharing its buffers.
pub(super) fn bytes(r: &Reader<'_>, array: &ArrayRef) -> Result<Column> {
    match bytes_of(array) {
        Some(values) => Ok(Column::bytes(values, nulls_of(array))),
        None => r.mismatch(array),
    }
}

/// Returns an array's texts or bytes, if it holds such.
pub(crate) fn bytes_of(array: &dyn Array) -> Option<BytesColumn> {
    Some(match array.data_type() {
        DataType::Utf8 => BytesColumn::Small(array.as_string::<i32>().clone().into()),
        DataType::LargeUtf8 => BytesColumn::Large(array.as_string::<i64>().clone().into()),
        DataType::Utf8View => BytesColumn::View(array.as_string_view().clone().to_binary_view()),
        DataType::Binary => BytesColumn::Small(array.as_binary::<i32>().clone()),
        DataType::LargeBinary => BytesColumn::Large(array.as_binary::<i64>().clone()),
        DataType::BinaryView => BytesColumn::View(array.as_binary_view().clone()),
        DataType::FixedSizeBinary(width) => {
            let fixed = array.as_fixed_size_binary();
            let (rows, values) = (fixed.len(), fixed.values().clone());
            match i32::try_from(rows as i64 * i64::from(*width)) {
                Ok(_) => {
                    let offsets = (0..=rows as i32).map(|i| i * width).collect::<Vec<_>>();
                    let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
                    BytesColumn::Small(BinaryArray::new(offsets, values, None))
                }
                Err(_) => {
                    let width = i64::from(*width);
                    let offsets = (0..=rows as i64).map(|i| i * width).collect::<Vec<_>>();
                    let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
                    BytesColumn::Large(LargeBinaryArray::new(offsets, values, None))
                }
            }
        }
        _ => return None,
    })
}

/// Lays a dictionary's values out row by row. Texts become views that share the dictionary's bytes.
pub(super) fn flatten_dictionary(array: &ArrayRef) -> Result<ArrayRef> {
    let dictionary = array
        .as_any_dictionary_opt()
        .ok_or_else(|| InternalError::new("an array of type Dictionary is none"))?;
    let values: ArrayRef = match dictionary.values().data_type() {
        DataType::Utf8 => {
            let values: &StringArray = dictionary.values().as_string();
            Arc::new(BinaryViewArray::from(&BinaryArray::from(values.clone())))
        }
        DataType::Binary => Arc::new(BinaryViewArray::from(dictionary.values().as_binary::<i32>())),
        _ => dictionary.values().clone(),
    };
    if values.is_empty() {
        return Ok(arrow_array::new_null_array(values.data_type(), array.len()));
    }
    arrow_select::take::take(&values, dictionary.keys(), None).map_err(arrow_bug)
}
