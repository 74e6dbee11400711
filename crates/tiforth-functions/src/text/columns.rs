// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Works on whole columns of texts where one look at all their bytes says that a plain loop will do:
//! lengths are differences of offsets, ASCII letters change case in one sweep, parts of texts are
//! copied without a look at NULLs. What none of this covers is left to the kernel that sees each row.

use arrow_buffer::NullBuffer;
use tiforth_data::{BytesColumn, Column, ColumnData};
use tiforth_expr::kernel::Args;
use tiforth_types::{Datum, Result};

/// Is a column of texts end to end: each ends where the next begins.
pub(super) struct Texts<'a> {
    offsets: &'a [i32],
    bytes: &'a [u8],
    nulls: Option<&'a NullBuffer>,
}

impl<'a> Texts<'a> {
    /// Opens a decoded column whose texts lie end to end.
    pub(super) fn open(column: &'a Column) -> Option<Texts<'a>> {
        match column.data() {
            ColumnData::Bytes(BytesColumn::Small(array)) => Some(Texts {
                offsets: array.value_offsets(),
                bytes: array.value_data(),
                nulls: column.nulls(),
            }),
            _ => None,
        }
    }

    /// Returns the bytes of all texts.
    pub(super) fn all(&self) -> &'a [u8] {
        match (self.offsets.first(), self.offsets.last()) {
            (Some(first), Some(last)) => {
                self.bytes.get(*first as usize..*last as usize).unwrap_or_default()
            }
            _ => &[],
        }
    }

    /// Returns each text's length in bytes.
    pub(super) fn lengths(&self) -> impl Iterator<Item = i32> {
        let ends = self.offsets.get(1..).unwrap_or_default();
        self.offsets.iter().zip(ends).map(|(start, end)| end - start)
    }

    /// Returns each text.
    pub(super) fn texts(&self) -> impl Iterator<Item = &'a [u8]> {
        let bytes = self.bytes;
        let ends = self.offsets.get(1..).unwrap_or_default();
        self.offsets
            .iter()
            .zip(ends)
            .map(move |(start, end)| bytes.get(*start as usize..*end as usize).unwrap_or_default())
    }

    /// Returns the text of a row; an empty one beyond the last.
    #[inline]
    fn at(&self, row: usize) -> &'a [u8] {
        match self.offsets.get(row..).unwrap_or_default() {
            [start, end, ..] => self.bytes.get(*start as usize..*end as usize).unwrap_or_default(),
            _ => &[],
        }
    }

    /// Builds the column of the same texts with other bytes, as many as before.
    pub(super) fn with_bytes(&self, bytes: Vec<u8>) -> Column {
        let first = self.offsets.first().copied().unwrap_or(0);
        let offsets: Vec<i32> = self.offsets.iter().map(|offset| offset - first).collect();
        column(offsets, bytes, self.nulls.cloned())
    }

    /// Builds the column of a part of each text.
    #[inline]
    pub(super) fn parts(&self, part: impl Fn(&'a [u8]) -> &'a [u8]) -> Column {
        let mut bytes = Vec::with_capacity(self.all().len());
        let mut offsets = Vec::with_capacity(self.offsets.len());
        offsets.push(0);
        for text in self.texts() {
            bytes.extend_from_slice(part(text));
            offsets.push(bytes.len() as i32);
        }
        column(offsets, bytes, self.nulls.cloned())
    }

    /// Builds the column of a number for each text.
    pub(super) fn numbers(&self, numbers: impl Iterator<Item = i64>) -> Column {
        Column::ints(numbers.collect::<Vec<_>>(), self.nulls.cloned())
    }
}

fn column(offsets: Vec<i32>, bytes: Vec<u8>, nulls: Option<NullBuffer>) -> Column {
    Column::bytes(
        BytesColumn::from_end_to_end(offsets, bytes),
        nulls.filter(|n| n.null_count() > 0),
    )
}

/// Returns the integer an argument is in all rows.
pub(super) fn constant_int(args: &Args<'_>, index: usize) -> Result<Option<i64>> {
    Ok(match args.raw(index)?.as_constant() {
        Some(Datum::Int(value)) => Some(*value),
        _ => None,
    })
}

/// Is one argument of a concatenation.
enum Piece<'a> {
    Texts(Texts<'a>),
    Same(&'a [u8]),
}

/// Puts texts together, where each result is at most `bytes_max` bytes long.
pub(super) fn concatenated(args: &Args<'_>, len: usize, bytes_max: u64) -> Result<Option<Column>> {
    let columns = (0..args.len()).map(|i| args.decoded(i)).collect::<Result<Vec<_>>>()?;
    let mut pieces = Vec::with_capacity(columns.len());
    let mut nulls = None;
    for column in &columns {
        pieces.push(match column.as_constant() {
            Some(Datum::Bytes(text)) => Piece::Same(text),
            _ => match Texts::open(column) {
                Some(texts) => Piece::Texts(texts),
                None => return Ok(None),
            },
        });
        nulls = NullBuffer::union(nulls.as_ref(), column.nulls());
    }
    let mut lengths = vec![0u64; len];
    for piece in &pieces {
        match piece {
            Piece::Same(text) => lengths.iter_mut().for_each(|sum| *sum += text.len() as u64),
            Piece::Texts(texts) => {
                lengths.iter_mut().zip(texts.lengths()).for_each(|(sum, n)| *sum += n as u64);
            }
        }
    }
    let total: u64 = lengths.iter().sum();
    if i32::try_from(total).is_err() || lengths.iter().any(|n| *n > bytes_max) {
        return Ok(None);
    }
    let mut bytes = Vec::with_capacity(total as usize);
    let mut offsets = Vec::with_capacity(len + 1);
    offsets.push(0);
    for row in 0..len {
        for piece in &pieces {
            bytes.extend_from_slice(match piece {
                Piece::Same(text) => text,
                Piece::Texts(texts) => texts.at(row),
            });
        }
        offsets.push(bytes.len() as i32);
    }
    Ok(Some(column(offsets, bytes, nulls)))
}
