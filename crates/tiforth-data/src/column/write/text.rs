// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Writes texts and bytes.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, BinaryArray, BinaryViewArray, FixedSizeBinaryArray, LargeBinaryArray,
    LargeStringArray, StringArray,
};
use arrow_buffer::{Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::DataType;
use tiforth_types::{Result, SqlError, code};

use super::Writer;
use crate::column::{BytesBuilder, BytesColumn};

/// Writes texts or bytes in any layout; text that is not UTF-8 only leaves as one of bytes.
pub(super) fn bytes(w: &Writer<'_>, values: &BytesColumn) -> Result<ArrayRef> {
    Ok(match w.data_type {
        DataType::Binary => Arc::new(small(w, values)?),
        DataType::LargeBinary => Arc::new(large(w, values)),
        DataType::BinaryView => Arc::new(view(w, values)),
        DataType::Utf8 => {
            let array = small(w, values)?;
            match utf8(&array) {
                Some(array) => Arc::new(array),
                None => Arc::new(repaired_utf8(w, values)?),
            }
        }
        DataType::LargeUtf8 => {
            let (offsets, bytes, nulls) = large(w, values).into_parts();
            match LargeStringArray::try_new(offsets, bytes, nulls) {
                Ok(array) => Arc::new(array),
                Err(_) => {
                    let (offsets, bytes, nulls) = repaired_utf8(w, values)?.into_parts();
                    let offsets = offsets.iter().map(|&o| i64::from(o)).collect::<Vec<_>>();
                    let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
                    Arc::new(LargeStringArray::new(offsets, bytes, nulls))
                }
            }
        }
        DataType::Utf8View => match view(w, values).to_string_view() {
            Ok(array) => Arc::new(array),
            Err(_) => Arc::new(arrow_array::StringViewArray::from(&repaired_utf8(w, values)?)),
        },
        DataType::FixedSizeBinary(width) => fixed(w, values, *width)?,
        _ => return w.mismatch(),
    })
}

fn utf8(array: &BinaryArray) -> Option<StringArray> {
    let (offsets, bytes, nulls) = array.clone().into_parts();
    StringArray::try_new(offsets, bytes, nulls).ok()
}

/// Writes texts whose buffer is not UTF-8 throughout: the rows must be, what lies under NULLs or
/// outside a slice need not.
#[cold]
fn repaired_utf8(w: &Writer<'_>, values: &BytesColumn) -> Result<StringArray> {
    let is_bad = |row: usize| std::str::from_utf8(values.get(row)).is_err();
    if let Some(row) = w.first_where(values.len(), is_bad) {
        let shown = String::from_utf8_lossy(values.get(row)).into_owned();
        let (name, row) = (w.output.name, row + 1);
        let text =
            format!("Invalid utf8mb4 character string: '{shown}' in column '{name}' at row {row}");
        return Err(SqlError::new(code::ER_INVALID_CHARACTER_STRING, text).into());
    }
    let mut builder = BytesBuilder::with_capacity(values.len(), values.value_bytes());
    for row in 0..values.len() {
        if w.nulls.as_ref().is_none_or(|n| n.is_valid(row)) {
            builder.push(values.get(row));
        } else {
            builder.end_row();
        }
    }
    utf8(&small(w, &builder.finish())?).map_or_else(|| w.mismatch(), Ok)
}

fn small(w: &Writer<'_>, values: &BytesColumn) -> Result<BinaryArray> {
    match values {
        BytesColumn::Small(a) => {
            let (offsets, bytes, _) = a.clone().into_parts();
            Ok(BinaryArray::new(offsets, bytes, w.nulls.clone()))
        }
        BytesColumn::Large(_) | BytesColumn::View(_) => match rebuilt(values) {
            BytesColumn::Small(a) => {
                let (offsets, bytes, _) = a.into_parts();
                Ok(BinaryArray::new(offsets, bytes, w.nulls.clone()))
            }
            _ => {
                let (name, bytes) = (w.output.name, values.value_bytes());
                let text = format!("Column '{name}': {bytes} bytes exceed 32-bit offsets");
                Err(SqlError::other(text).into())
            }
        },
    }
}

fn large(w: &Writer<'_>, values: &BytesColumn) -> LargeBinaryArray {
    let with = |offsets, bytes, nulls: &Option<NullBuffer>| {
        LargeBinaryArray::new(offsets, bytes, nulls.clone())
    };
    match values {
        BytesColumn::Large(a) => {
            let (offsets, bytes, _) = a.clone().into_parts();
            with(offsets, bytes, &w.nulls)
        }
        BytesColumn::Small(a) => {
            let offsets = a.offsets().iter().map(|&o| i64::from(o)).collect::<Vec<_>>();
            with(OffsetBuffer::new(ScalarBuffer::from(offsets)), a.values().clone(), &w.nulls)
        }
        BytesColumn::View(_) => large(w, &rebuilt(values)),
    }
}

fn view(w: &Writer<'_>, values: &BytesColumn) -> BinaryViewArray {
    let array = match values {
        BytesColumn::View(a) => a.clone(),
        BytesColumn::Small(a) => BinaryViewArray::from(a),
        BytesColumn::Large(a) => BinaryViewArray::from(a),
    };
    let (views, buffers, _) = array.into_parts();
    BinaryViewArray::new(views, buffers, w.nulls.clone())
}

/// Copies the rows into one buffer.
fn rebuilt(values: &BytesColumn) -> BytesColumn {
    let mut builder = BytesBuilder::with_capacity(values.len(), values.value_bytes());
    (0..values.len()).for_each(|row| builder.push(values.get(row)));
    builder.finish()
}

fn fixed(w: &Writer<'_>, values: &BytesColumn, width: i32) -> Result<ArrayRef> {
    let size = usize::try_from(width).unwrap_or(0);
    let mut bytes = Vec::with_capacity(size * values.len());
    for row in 0..values.len() {
        let value = values.get(row);
        if value.len() == size {
            bytes.extend_from_slice(value);
        } else if w.nulls.as_ref().is_some_and(|n| n.is_null(row)) {
            bytes.resize(bytes.len() + size, 0);
        } else {
            return Err(w.incorrect("binary", format_args!("{} bytes", value.len()), row));
        }
    }
    let array = FixedSizeBinaryArray::try_new_with_len(
        width,
        Buffer::from_vec(bytes),
        w.nulls.clone(),
        values.len(),
    );
    match array {
        Ok(array) => Ok(Arc::new(array)),
        Err(_) => w.mismatch(),
    }
}
