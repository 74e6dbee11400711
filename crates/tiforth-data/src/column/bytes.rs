// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Holds a column of texts or bytes, and builds one.

use arrow_array::cast::AsArray;
use arrow_array::{Array, BinaryArray, BinaryViewArray, LargeBinaryArray, UInt32Array};
use arrow_buffer::{BooleanBuffer, Buffer, OffsetBuffer, ScalarBuffer};
use tiforth_types::Result;
use tiforth_types::collation::upper_eight;

use super::decode::arrow_bug;

/// Holds texts or bytes in any of Arrow's three layouts; NULLs stand in the column, not here.
#[derive(Clone, Debug)]
pub enum BytesColumn {
    /// Offsets of 32 bits.
    Small(BinaryArray),
    /// Offsets of 64 bits.
    Large(LargeBinaryArray),
    /// Views.
    View(BinaryViewArray),
}

/// Is where texts that lie end to end begin, and where the last one ends.
#[derive(Clone, Copy, Debug)]
pub enum Offsets<'a> {
    /// In 32 bits.
    Small(&'a [i32]),
    /// In 64 bits.
    Large(&'a [i64]),
}

impl BytesColumn {
    /// Builds a column of texts that lie end to end in `bytes`: each begins at its offset and ends at
    /// the next one.
    ///
    /// # Panics
    /// When the offsets are none, descend, or lead beyond the bytes.
    pub fn from_end_to_end(offsets: Vec<i32>, bytes: Vec<u8>) -> Self {
        let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
        BytesColumn::Small(BinaryArray::new(offsets, Buffer::from_vec(bytes), None))
    }

    /// Returns the number of rows.
    pub fn len(&self) -> usize {
        match self {
            BytesColumn::Small(a) => a.len(),
            BytesColumn::Large(a) => a.len(),
            BytesColumn::View(a) => a.len(),
        }
    }

    /// Tells whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the bytes of a row.
    ///
    /// # Panics
    /// When `row` is not below the length.
    #[inline]
    pub fn get(&self, row: usize) -> &[u8] {
        match self {
            BytesColumn::Small(a) => a.value(row),
            BytesColumn::Large(a) => a.value(row),
            BytesColumn::View(a) => a.value(row),
        }
    }

    /// Returns the bytes the rows lie in, end to end, and where each begins and the last one ends; none
    /// of views, which lie anywhere.
    pub fn end_to_end(&self) -> Option<(&[u8], Offsets<'_>)> {
        match self {
            BytesColumn::Small(a) => Some((a.value_data(), Offsets::Small(a.value_offsets()))),
            BytesColumn::Large(a) => Some((a.value_data(), Offsets::Large(a.value_offsets()))),
            BytesColumn::View(_) => None,
        }
    }

    /// Tells of every row whether `check` holds of its text, asking only where the text may begin with
    /// `first` and end with `last`: eight bytes of each are compared as one word. Where `letters` is
    /// told, letters count in either case, and what is not ASCII may be anything.
    pub fn matching(
        &self,
        first: &[u8],
        last: &[u8],
        letters: bool,
        check: impl Fn(&[u8]) -> bool,
    ) -> BooleanBuffer {
        let len = self.len();
        let (first, last) = (Word::first_of(first, letters), Word::last_of(last, letters));
        match self {
            BytesColumn::Small(a) => {
                let (bytes, offsets) = (a.value_data(), a.value_offsets());
                BooleanBuffer::collect_bool(len, |row| {
                    let ends = (offsets[row] as usize, offsets[row + 1] as usize);
                    may_match(bytes, ends, first, last) && check(a.value(row))
                })
            }
            BytesColumn::Large(a) => {
                let (bytes, offsets) = (a.value_data(), a.value_offsets());
                BooleanBuffer::collect_bool(len, |row| {
                    let ends = (offsets[row] as usize, offsets[row + 1] as usize);
                    may_match(bytes, ends, first, last) && check(a.value(row))
                })
            }
            BytesColumn::View(a) => BooleanBuffer::collect_bool(len, |row| check(a.value(row))),
        }
    }

    /// Returns `len` rows from `offset` on, sharing the buffers.
    pub fn slice(&self, offset: usize, len: usize) -> Self {
        match self {
            BytesColumn::Small(a) => BytesColumn::Small(a.slice(offset, len)),
            BytesColumn::Large(a) => BytesColumn::Large(a.slice(offset, len)),
            BytesColumn::View(a) => BytesColumn::View(a.slice(offset, len)),
        }
    }

    /// Returns the rows `rows` lists; views share their buffers.
    ///
    /// # Errors
    /// A bug's report where the views cannot be taken.
    pub fn take(&self, rows: &[u32]) -> Result<Self> {
        if let BytesColumn::View(views) = self {
            let rows = UInt32Array::from(rows.to_vec());
            let taken = arrow_select::take::take(views, &rows, None).map_err(arrow_bug)?;
            return Ok(BytesColumn::View(taken.as_binary_view().clone()));
        }
        let bytes = rows.iter().map(|&row| self.get(row as usize).len()).sum();
        let mut builder = BytesBuilder::with_capacity(rows.len(), bytes);
        match self {
            BytesColumn::Small(a) => rows.iter().for_each(|&r| builder.push(a.value(r as usize))),
            BytesColumn::Large(a) => rows.iter().for_each(|&r| builder.push(a.value(r as usize))),
            BytesColumn::View(_) => {}
        }
        Ok(builder.finish())
    }

    /// Lays columns end to end.
    pub fn concat(columns: &[&BytesColumn]) -> Self {
        let rows = columns.iter().map(|c| c.len()).sum();
        let bytes = columns.iter().map(|c| c.value_bytes()).sum();
        let mut builder = BytesBuilder::with_capacity(rows, bytes);
        for column in columns {
            (0..column.len()).for_each(|row| builder.push(column.get(row)));
        }
        builder.finish()
    }

    /// Returns the bytes of all rows together.
    pub fn value_bytes(&self) -> usize {
        match self {
            BytesColumn::Small(a) => {
                let offsets = a.value_offsets();
                (offsets[offsets.len() - 1] - offsets[0]) as usize
            }
            BytesColumn::Large(a) => {
                let offsets = a.value_offsets();
                (offsets[offsets.len() - 1] - offsets[0]) as usize
            }
            BytesColumn::View(a) => a.views().iter().map(|&v| v as u32 as usize).sum(),
        }
    }

    /// Returns the bytes this column keeps alive.
    pub fn byte_size(&self) -> usize {
        match self {
            BytesColumn::Small(a) => a.get_buffer_memory_size(),
            BytesColumn::Large(a) => a.get_buffer_memory_size(),
            BytesColumn::View(a) => a.get_buffer_memory_size(),
        }
    }
}

/// Is at most eight bytes to be compared at once.
#[derive(Clone, Copy)]
struct Word {
    bytes: u64,
    mask: u64,
    /// Whether letters count in either case.
    letters: bool,
}

impl Word {
    fn first_of(text: &[u8], letters: bool) -> Word {
        // What is not ASCII may be equal to other characters.
        let known = if letters { text.iter().take_while(|b| b.is_ascii()).count() } else { 8 };
        let mut bytes = [0; 8];
        let mut mask = [0; 8];
        for ((byte, mask), from) in bytes.iter_mut().zip(&mut mask).zip(text.iter().take(known)) {
            *byte = if letters { from.to_ascii_uppercase() } else { *from };
            *mask = 0xff;
        }
        Word { bytes: u64::from_le_bytes(bytes), mask: u64::from_le_bytes(mask), letters }
    }

    fn last_of(text: &[u8], letters: bool) -> Word {
        let reversed: Vec<u8> = text.iter().rev().take(8).copied().collect();
        let word = Self::first_of(&reversed, letters);
        Word { bytes: word.bytes.swap_bytes(), mask: word.mask.swap_bytes(), letters }
    }

    #[inline]
    fn differs(self, chunk: &[u8; 8]) -> bool {
        const HIGH_BITS: u64 = 0x8080_8080_8080_8080;
        if !self.letters {
            return (u64::from_le_bytes(*chunk) ^ self.bytes) & self.mask != 0;
        }
        let characters = u64::from_le_bytes(*chunk);
        let is_ascii = characters & self.mask & HIGH_BITS == 0;
        is_ascii && (upper_eight(characters & !HIGH_BITS) ^ self.bytes) & self.mask != 0
    }
}

/// Tells whether the text between two places may begin and end with these words. Where a text is shorter
/// than a word its neighbours are compared too, which hides no match: a shorter text is none.
#[inline]
fn may_match(bytes: &[u8], (start, end): (usize, usize), first: Word, last: Word) -> bool {
    let head = bytes.get(start..).and_then(|rest| rest.first_chunk::<8>());
    let tail = bytes.get(..end).and_then(|rest| rest.last_chunk::<8>());
    !head.is_some_and(|chunk| first.differs(chunk))
        && (last.mask == 0 || !tail.is_some_and(|chunk| last.differs(chunk)))
}

/// Builds a column of texts or bytes row by row, appending to one buffer.
#[derive(Debug)]
pub struct BytesBuilder {
    values: Vec<u8>,
    offsets: Vec<i64>,
}

impl Default for BytesBuilder {
    fn default() -> Self {
        BytesBuilder::with_capacity(0, 0)
    }
}

impl BytesBuilder {
    /// Builds an empty column with room for `rows` rows of `bytes` bytes in all.
    pub fn with_capacity(rows: usize, bytes: usize) -> Self {
        let mut offsets = Vec::with_capacity(rows + 1);
        offsets.push(0);
        BytesBuilder { values: Vec::with_capacity(bytes), offsets }
    }

    /// Returns the buffer the current row is appended to; what was appended since the last
    /// [`end_row`](Self::end_row) is the row.
    #[inline]
    pub fn row(&mut self) -> &mut Vec<u8> {
        &mut self.values
    }

    /// Ends the current row.
    #[inline]
    pub fn end_row(&mut self) {
        self.offsets.push(self.values.len() as i64);
    }

    /// Drops what was appended to the current row.
    #[inline]
    pub fn clear_row(&mut self) {
        let start = self.offsets.last().copied().unwrap_or(0);
        self.values.truncate(start as usize);
    }

    /// Appends a whole row.
    #[inline]
    pub fn push(&mut self, bytes: &[u8]) {
        self.values.extend_from_slice(bytes);
        self.end_row();
    }

    /// Returns the number of rows ended so far.
    pub fn len(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// Tells whether no row was ended yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the column built.
    pub fn finish(self) -> BytesColumn {
        if i32::try_from(self.values.len()).is_ok() {
            let offsets = self.offsets.iter().map(|&o| o as i32).collect();
            BytesColumn::from_end_to_end(offsets, self.values)
        } else {
            let offsets = OffsetBuffer::new(ScalarBuffer::from(self.offsets));
            BytesColumn::Large(LargeBinaryArray::new(offsets, Buffer::from_vec(self.values), None))
        }
    }
}
