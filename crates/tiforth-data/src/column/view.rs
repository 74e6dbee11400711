// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Gives a host's texts back as views that share the bytes of the array they came in.
//!
//! ```text
//! view of at most 12 bytes   | length: 4 | the bytes, zeros after them: 12             |
//! view of more               | length: 4 | first bytes: 4 | buffer: 4 (0) | offset: 4 |
//! ```
//!
//! Both forms are computed from the 16 bytes at the row's start, and one is chosen without a branch.

#![expect(unsafe_code, reason = "views into a checked array need no second check of every row")]

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::ByteArrayType;
use arrow_array::{Array, ArrayRef, BinaryViewArray, GenericByteArray, StringViewArray};
use arrow_buffer::{Buffer, NullBuffer, ScalarBuffer};
use arrow_schema::DataType;

use super::rows::take_nulls;

const INLINE_BYTES: u32 = 12;

/// Picks rows of an array of texts or bytes with 32-bit offsets as views of the kind `wanted`; nothing
/// where the array or the kind is another.
pub(super) fn picked(
    array: &ArrayRef,
    wanted: &DataType,
    rows: Option<&[u32]>,
) -> Option<ArrayRef> {
    match (array.data_type(), wanted) {
        (DataType::Utf8, DataType::Utf8View) => {
            let (views, buffers, nulls) = parts(array.as_string::<i32>(), rows);
            // SAFETY: `view_of` makes views of a length and place within the buffer, or of the bytes
            // and zeros after them; they lie where the array's offsets say, and an array of texts
            // holds valid UTF-8 there. The validity is as long as the views: both are of `rows`.
            let array = unsafe { StringViewArray::new_unchecked(views, buffers, nulls) };
            Some(Arc::new(array))
        }
        (DataType::Binary, DataType::BinaryView) => {
            let (views, buffers, nulls) = parts(array.as_binary::<i32>(), rows);
            // SAFETY: as above, and bytes need not be text.
            let array = unsafe { BinaryViewArray::new_unchecked(views, buffers, nulls) };
            Some(Arc::new(array))
        }
        _ => None,
    }
}

type Parts = (ScalarBuffer<u128>, Vec<Buffer>, Option<NullBuffer>);

fn parts<T: ByteArrayType<Offset = i32>>(
    array: &GenericByteArray<T>,
    rows: Option<&[u32]>,
) -> Parts {
    let (offsets, bytes) = (array.value_offsets(), array.value_data());
    let view = |row: usize| view_of(bytes, offsets[row], offsets[row + 1]);
    let views: Vec<u128> = match rows {
        Some(rows) => rows.iter().map(|&row| view(row as usize)).collect(),
        None => (0..array.len()).map(view).collect(),
    };
    let nulls = array.nulls().and_then(|nulls| match rows {
        Some(rows) => take_nulls(nulls, rows),
        None => Some(nulls.clone()),
    });
    (views.into(), vec![array.values().clone()], nulls)
}

/// Makes the view of `bytes[start..end]`.
#[inline]
fn view_of(bytes: &[u8], start: i32, end: i32) -> u128 {
    // Offsets are neither negative nor descending.
    let (start, len) = (start.cast_unsigned(), end.wrapping_sub(start).cast_unsigned());
    let place = start as usize;
    let head = match bytes.get(place..place + 16) {
        Some(head) => u128::from_le_bytes(head.try_into().unwrap_or_default()),
        None => tail_head(bytes, place),
    };
    let unused = 128 - 8 * len.min(INLINE_BYTES);
    let inline = head.unbounded_shl(unused).unbounded_shr(unused) << 32;
    let outside = ((head & 0xffff_ffff) << 32) | (u128::from(start) << 96);
    u128::from(len) | if len <= INLINE_BYTES { inline } else { outside }
}

/// Reads what is left where fewer than 16 bytes are.
#[cold]
fn tail_head(bytes: &[u8], place: usize) -> u128 {
    let mut head = [0; 16];
    let tail = bytes.get(place..).unwrap_or_default();
    for (to, from) in head.iter_mut().zip(tail) {
        *to = *from;
    }
    u128::from_le_bytes(head)
}

#[cfg(test)]
mod tests {
    use arrow_array::{BinaryArray, StringArray};

    use super::*;

    #[test]
    fn views_read_as_what_was_picked() {
        let texts: Vec<Option<String>> = (0..64)
            .map(|i: usize| (i % 7 != 3).then(|| "äb€d".chars().cycle().take(i % 23).collect()))
            .collect();
        let whole: ArrayRef = Arc::new(StringArray::from(texts));
        for (offset, len) in [(0, 64), (5, 40), (60, 4), (10, 0)] {
            let array = whole.slice(offset, len);
            let bytes: ArrayRef = Arc::new(BinaryArray::from(array.as_string::<i32>().clone()));
            for step in [1, 2, 5] {
                let rows: Vec<u32> = (0..len as u32).step_by(step).collect();
                let picked_rows = (step > 1).then_some(&rows[..]);
                let views = picked(&array, &DataType::Utf8View, picked_rows).expect("texts");
                let byte_views = picked(&bytes, &DataType::BinaryView, picked_rows).expect("bytes");
                views.to_data().validate_full().expect("valid views");
                byte_views.to_data().validate_full().expect("valid views");
                let read: Vec<Option<&str>> = views.as_string_view().iter().collect();
                let wanted: Vec<Option<&str>> = rows
                    .iter()
                    .map(|&r| {
                        let texts = array.as_string::<i32>();
                        texts.is_valid(r as usize).then(|| texts.value(r as usize))
                    })
                    .collect();
                assert_eq!(read, wanted, "{offset} {len} {step}");
                let read: Vec<Option<&[u8]>> = byte_views.as_binary_view().iter().collect();
                let wanted: Vec<Option<&[u8]>> =
                    wanted.iter().map(|t| t.map(str::as_bytes)).collect();
                assert_eq!(read, wanted, "{offset} {len} {step}");
            }
        }
        assert!(picked(&whole, &DataType::LargeUtf8, None).is_none());
    }
}
