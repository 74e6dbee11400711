// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Gives a host's texts back as views that share the bytes of the array they came in.
//!
//! ```text
//! view of at most 12 bytes   | length: 4 | the bytes, zeros after them: 12             |
//! view of more               | length: 4 | first bytes: 4 | buffer: 4 (0) | offset: 4 |
//! ```
//!
//! Both forms are computed from the 12 bytes at the row's start, and one is chosen without a branch.

#![expect(unsafe_code, reason = "views into a checked array need no second check of every row")]

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::ByteArrayType;
use arrow_array::{Array, ArrayRef, BinaryViewArray, GenericByteArray, StringViewArray};
use arrow_buffer::{Buffer, NullBuffer, ScalarBuffer};
use arrow_schema::DataType;
use tiforth_types::{InternalError, Result};

use super::picked::{PickedValues, fitted};
use super::rows::take_nulls;
use crate::simd;

/// Is the number of bytes a view holds itself.
const INLINE_BYTES: usize = 12;

/// Picks rows of an array of texts or bytes with 32-bit offsets as views of the kind `wanted`; nothing
/// where the array or the kind is another.
pub(super) fn picked(
    array: &ArrayRef,
    wanted: &DataType,
    rows: Option<&[u32]>,
) -> Result<Option<ArrayRef>> {
    let is_kind = matches!(wanted, DataType::Utf8View | DataType::BinaryView);
    let mut views = Box::new(PickedViews::new(wanted));
    if !is_kind || !views.is_of(array.data_type()) {
        return Ok(None);
    }
    let nulls = array.nulls();
    let nulls = match rows {
        Some(rows) => {
            views.pick(array, rows);
            nulls.and_then(|nulls| take_nulls(nulls, rows))
        }
        None => {
            let rows = 0..array.len() as u32;
            views.pick(array, &rows.collect::<Vec<_>>());
            nulls.cloned()
        }
    };
    views.finish(nulls).map(Some)
}

/// Collects the views of rows picked from several arrays of texts or bytes.
pub(super) struct PickedViews {
    views: Vec<u128>,
    buffers: Vec<Buffer>,
    is_text: bool,
}

impl PickedViews {
    /// Starts without rows; `wanted` is the kind of view.
    pub(super) fn new(wanted: &DataType) -> Self {
        let is_text = *wanted == DataType::Utf8View;
        PickedViews { views: Vec::new(), buffers: Vec::new(), is_text }
    }

    fn pick_of<T: ByteArrayType<Offset = i32>>(
        &mut self,
        array: &GenericByteArray<T>,
        rows: &[u32],
    ) {
        // Pieces of one array share its bytes.
        let place = self.buffers.iter().rposition(|b| b.ptr_eq(array.values()));
        let place = place.unwrap_or_else(|| {
            self.buffers.push(array.values().clone());
            self.buffers.len() - 1
        });
        let texts = Texts { bytes: array.value_data(), offsets: array.value_offsets(), place };
        // Of rows before `early`, as many bytes as a view holds can be read wherever the text ends.
        let len = texts.bytes.len();
        let early = texts.offsets.partition_point(|&start| start as usize + INLINE_BYTES <= len);
        let early = early.min(array.len());
        let (near, far) = rows.split_at(rows.partition_point(|&row| (row as usize) < early));
        if near.iter().fold(true, |all, &row| all & ((row as usize) < early)) {
            // SAFETY: the fold has seen that all these rows are before `early`.
            self.views.extend(near.iter().map(|&row| unsafe { texts.early_view(row as usize) }));
        } else {
            self.views.extend(near.iter().map(|&row| texts.view(row as usize)));
        }
        self.views.extend(far.iter().map(|&row| texts.view(row as usize)));
    }
}

impl PickedValues for PickedViews {
    fn is_of(&self, data_type: &DataType) -> bool {
        *data_type == if self.is_text { DataType::Utf8 } else { DataType::Binary }
    }

    fn pick(&mut self, array: &ArrayRef, rows: &[u32]) {
        match (array.data_type(), self.is_text) {
            (DataType::Utf8, true) => self.pick_of(array.as_string::<i32>(), rows),
            (DataType::Binary, false) => self.pick_of(array.as_binary::<i32>(), rows),
            _ => {}
        }
    }

    fn row_bytes(&self) -> usize {
        size_of::<u128>()
    }

    fn reserve(&mut self, rows: usize) {
        self.views.reserve(rows);
    }

    fn finish(self: Box<Self>, nulls: Option<NullBuffer>) -> Result<ArrayRef> {
        let views = ScalarBuffer::from(fitted(self.views));
        if nulls.as_ref().is_some_and(|n| n.len() != views.len()) {
            return Err(InternalError::new("a validity is not as long as its views").into());
        }
        if self.is_text {
            // SAFETY: `Texts` makes views of a length and place within the buffer it names,
            // or of the bytes and zeros after them; they lie where the arrays'
            // offsets say, and arrays of texts hold valid UTF-8 there. The validity is as long.
            let array = unsafe { StringViewArray::new_unchecked(views, self.buffers, nulls) };
            return Ok(Arc::new(array));
        }
        // SAFETY: as above, and bytes need not be text.
        let array = unsafe { BinaryViewArray::new_unchecked(views, self.buffers, nulls) };
        Ok(Arc::new(array))
    }
}

/// Holds texts that views are made of, and the place of their bytes among the views' buffers.
struct Texts<'a> {
    bytes: &'a [u8],
    /// Is neither negative nor descending, as in any array.
    offsets: &'a [i32],
    place: usize,
}

impl Texts<'_> {
    /// Makes the view of a row.
    fn view(&self, row: usize) -> u128 {
        let start = self.offsets[row];
        let mut head = [0; INLINE_BYTES];
        let from = self.bytes.get(start as usize..).unwrap_or_default();
        for (to, from) in head.iter_mut().zip(from) {
            *to = *from;
        }
        let [a, b, c, d, high @ ..] = head;
        let low = u32::from_le_bytes([a, b, c, d]);
        self.view_of(start, self.offsets[row + 1], low, u64::from_le_bytes(high))
    }

    /// Makes the view of a row without looking at the ends of the slices.
    ///
    /// # Safety
    /// `row + 1` is a place in the offsets, and [`INLINE_BYTES`] bytes follow where the text starts.
    #[inline(always)]
    unsafe fn early_view(&self, row: usize) -> u128 {
        debug_assert!(row + 1 < self.offsets.len());
        // SAFETY: both places are in the offsets, as the caller has seen.
        let (start, end) =
            unsafe { (*self.offsets.get_unchecked(row), *self.offsets.get_unchecked(row + 1)) };
        debug_assert!(start as usize + INLINE_BYTES <= self.bytes.len());
        // SAFETY: four bytes and eight more follow, as the caller has seen; no alignment is needed.
        let (low, high) = unsafe {
            let text = self.bytes.as_ptr().add(start as usize);
            simd::prefetch(text.wrapping_add(simd::AHEAD_BYTES));
            (text.cast::<u32>().read_unaligned(), text.add(4).cast::<u64>().read_unaligned())
        };
        self.view_of(start, end, u32::from_le(low), u64::from_le(high))
    }

    /// Makes the view of `bytes[start..end]` from the first four bytes and the eight after them.
    #[inline(always)]
    fn view_of(&self, start: i32, end: i32, low: u32, high: u64) -> u128 {
        let len = end.wrapping_sub(start).cast_unsigned();
        let (low_mask, high_mask) = MASKS[(len as usize).min(INLINE_BYTES)];
        let outside = u64::from(start.cast_unsigned()) << 32 | self.place as u64;
        let second = if len as usize <= INLINE_BYTES { high & high_mask } else { outside };
        let first = u64::from(low & low_mask) << 32 | u64::from(len);
        u128::from(second) << 64 | u128::from(first)
    }
}

/// Masks the bytes of a text of so many in the first four and in the eight after them.
static MASKS: [(u32, u64); INLINE_BYTES + 1] = masks();

const fn masks() -> [(u32, u64); INLINE_BYTES + 1] {
    let mut masks = [(0, 0); INLINE_BYTES + 1];
    let mut len = 1;
    while len <= INLINE_BYTES {
        let mask = u128::MAX >> (128 - 8 * len);
        masks[len] = (mask as u32, (mask >> 32) as u64);
        len += 1;
    }
    masks
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
                let views = picked(&array, &DataType::Utf8View, picked_rows)
                    .expect("views")
                    .expect("texts");
                let byte_views = picked(&bytes, &DataType::BinaryView, picked_rows)
                    .expect("views")
                    .expect("bytes");
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
        assert!(picked(&whole, &DataType::LargeUtf8, None).expect("no bug").is_none());
    }
}
