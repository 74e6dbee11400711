// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Encodes sort columns as bytes whose order is the rows' order.
//!
//! ```text
//! row      = field…                       a later field counts where the earlier are equal
//! field    = null byte, value             the null byte only where NULLs may occur
//! word     = 8 bytes, big endian          the sign bit flipped if signed
//! double   = 8 bytes                      the sign bit flipped, or all bits if negative
//! decimal  = head, (word + 1)…, 0         head: sign and place of the first word of nine digits;
//!                                         words of 4 bytes; all inverted if negative
//! text     = sort key, 00 as 00 FF, end 00 00
//! ```
//!
//! DESC inverts a value's bytes. The form of a value depends on its type alone, so keys of different
//! batches compare. No field's bytes are a prefix of another's, so a prefix never decides by accident.

use arrow_buffer::NullBuffer;
use tiforth_types::{EvalType, InternalError, Result, SqlType, TypeKind};

use super::part::{Part, PartValues};
use crate::column::{Column, DecodeContext};

/// Says how one sort column orders rows.
#[derive(Clone, PartialEq, Debug)]
pub struct OrderField {
    /// The type.
    pub sql_type: SqlType,
    /// Whether NULLs may occur.
    pub nullable: bool,
    /// Whether greater values come first.
    pub is_descending: bool,
    /// Whether NULLs come before all values. MySQL's ascending order has them first, the
    /// descending one last.
    pub nulls_first: bool,
}

impl OrderField {
    /// Builds a field with NULLs where MySQL has them.
    pub fn new(sql_type: SqlType, nullable: bool, is_descending: bool) -> Self {
        OrderField { sql_type, nullable, is_descending, nulls_first: !is_descending }
    }
}

/// Encodes the sort columns of batches.
#[derive(Clone, PartialEq, Debug)]
pub struct OrderEncoder {
    fields: Vec<OrderField>,
}

/// Holds the order keys of rows end to end.
#[derive(Clone, Debug, Default)]
pub struct OrderKeys {
    offsets: Vec<usize>,
    bytes: Vec<u8>,
}

impl OrderKeys {
    /// Returns a row's key.
    ///
    /// # Panics
    /// When `row` is not below the length.
    #[inline]
    pub fn get(&self, row: usize) -> &[u8] {
        &self.bytes[self.offsets[row]..self.offsets[row + 1]]
    }

    /// Returns the number of rows.
    pub fn len(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// Tells whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the keys end to end; each has as many bytes as [`OrderEncoder::width`] says, if it
    /// does.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns where each key starts, and where the last ends.
    pub fn offsets(&self) -> &[usize] {
        &self.offsets
    }

    /// Returns the bytes held, capacity counted.
    pub fn byte_size(&self) -> usize {
        self.bytes.capacity() + self.offsets.capacity() * size_of::<usize>()
    }
}

impl OrderEncoder {
    /// Builds an encoder; the first field counts most.
    pub fn new(fields: Vec<OrderField>) -> Self {
        OrderEncoder { fields }
    }

    /// Returns the sort columns.
    pub fn fields(&self) -> &[OrderField] {
        &self.fields
    }

    /// Returns the bytes of every key, if all have as many.
    pub fn width(&self) -> Option<usize> {
        let is_word = |f: &OrderField| {
            f.sql_type.kind.has_elements()
                || !matches!(
                    f.sql_type.eval_type(),
                    EvalType::Decimal | EvalType::Bytes | EvalType::Json | EvalType::Vector
                )
        };
        // A NULL is as long as a value, that all keys be.
        self.fields
            .iter()
            .map(|f| is_word(f).then(|| 8 + usize::from(f.nullable)))
            .sum::<Option<usize>>()
    }

    /// Encodes all rows of `columns` into `keys`, whose buffers are used again.
    ///
    /// # Errors
    /// Those of decoding the columns.
    pub fn encode(
        &self,
        columns: &[Column],
        how: &DecodeContext,
        keys: &mut OrderKeys,
    ) -> Result<()> {
        let rows = columns.first().map_or(0, Column::len);
        let fields = self.fields.iter().zip(columns);
        let pieces: Vec<Piece> =
            fields.map(|(f, c)| Piece::read(f, c, how)).collect::<Result<_>>()?;
        keys.offsets.clear();
        keys.offsets.resize(rows + 1, 0);
        for piece in &pieces {
            piece.add_lengths(&mut keys.offsets[..rows]);
        }
        let mut total = 0;
        for offset in &mut keys.offsets {
            (*offset, total) = (total, total + *offset);
        }
        keys.bytes.clear();
        keys.bytes.resize(total, 0);
        let mut cursors = keys.offsets[..rows].to_vec();
        for piece in &pieces {
            piece.place(&mut cursors, &mut keys.bytes);
        }
        Ok(())
    }
}

/// Maps the values of a column to words in whose unsigned order they stand, inverted for DESC, if one
/// word holds a value: all but texts, wide decimals. A decimal's words compare only among columns of
/// the scale returned. Words of NULLs are 0; sorts on packed keys use this.
///
/// # Errors
/// Those of decoding the column.
pub fn order_words(
    column: &Column,
    field: &OrderField,
    how: &DecodeContext,
) -> Result<Option<(Vec<u64>, Option<u8>)>> {
    let part = Part::read(column, &field.sql_type, how)?;
    let (words, scale) = match &part.values {
        PartValues::Words(words) => (words, None),
        PartValues::Mantissas(words, scale) => (words, Some(*scale)),
        _ => return Ok(None),
    };
    let to_word = WordOrder::of(&field.sql_type);
    let invert = if field.is_descending { u64::MAX } else { 0 };
    let mut out: Vec<u64> = words.iter().map(|&v| to_word.map(v) ^ invert).collect();
    if let Some(nulls) = &part.nulls {
        for (out, is_valid) in out.iter_mut().zip(nulls.iter()) {
            *out = if is_valid { *out } else { 0 };
        }
    }
    Ok(Some((out, scale)))
}

/// Says how the bits of a word order its values.
#[derive(Clone, Copy)]
enum WordOrder {
    Signed,
    Unsigned,
    Double,
}

impl WordOrder {
    fn of(ty: &SqlType) -> Self {
        match ty.eval_type() {
            EvalType::Real => WordOrder::Double,
            EvalType::Time => WordOrder::Unsigned,
            EvalType::Decimal | EvalType::Duration => WordOrder::Signed,
            _ if ty.unsigned || ty.kind.has_elements() || ty.kind == TypeKind::Bit => {
                WordOrder::Unsigned
            }
            _ => WordOrder::Signed,
        }
    }

    #[inline]
    fn map(self, word: i64) -> u64 {
        const SIGN: u64 = 1 << 63;
        match self {
            WordOrder::Signed => word as u64 ^ SIGN,
            WordOrder::Unsigned => word as u64,
            WordOrder::Double => word as u64 ^ ((word >> 63) as u64 | SIGN),
        }
    }
}

/// Holds one sort column of a batch, ready to be placed.
struct Piece {
    values: PieceValues,
    nulls: Option<NullBuffer>,
    nullable: bool,
    null_byte: u8,
    invert: u8,
}

enum PieceValues {
    Words(Vec<u64>),
    /// Finished bytes of each row.
    Bytes {
        offsets: Vec<usize>,
        bytes: Vec<u8>,
    },
}

impl Piece {
    fn read(field: &OrderField, column: &Column, how: &DecodeContext) -> Result<Self> {
        let part = Part::read(column, &field.sql_type, how)?;
        if part.nulls.is_some() && !field.nullable {
            // Keys with and without a null byte would not compare.
            return Err(InternalError::new("NULL in a sort column that has none").into());
        }
        let rows = column.len();
        let values = match &part.values {
            PartValues::Words(words) => {
                let to_word = WordOrder::of(&field.sql_type);
                PieceValues::Words(words.iter().map(|&v| to_word.map(v)).collect())
            }
            PartValues::Mantissas(..) | PartValues::Decimals(_) => {
                bytes_of(rows, &part, rows * 16, |row, out| write_decimal(&part, row, out))
            }
            PartValues::Texts(v, _) | PartValues::Keys(v) => {
                bytes_of(rows, &part, v.value_bytes() + 2 * rows, |row, out| {
                    write_text(part.text(row), out);
                })
            }
        };
        Ok(Piece {
            values,
            nullable: field.nullable,
            nulls: part.nulls,
            null_byte: u8::from(!field.nulls_first),
            invert: if field.is_descending { 0xff } else { 0 },
        })
    }

    fn is_null(&self, row: usize) -> bool {
        self.nulls.as_ref().is_some_and(|n| n.is_null(row))
    }

    fn add_lengths(&self, lengths: &mut [usize]) {
        let flag = usize::from(self.nullable);
        match &self.values {
            PieceValues::Words(_) => lengths.iter_mut().for_each(|l| *l += 8 + flag),
            PieceValues::Bytes { offsets, .. } => {
                for (length, ends) in lengths.iter_mut().zip(offsets.windows(2)) {
                    *length += ends[1] - ends[0] + flag;
                }
            }
        }
    }

    fn place(&self, cursors: &mut [usize], bytes: &mut [u8]) {
        for (row, cursor) in cursors.iter_mut().enumerate() {
            let is_null = self.is_null(row);
            if self.nullable {
                bytes[*cursor] = if is_null { self.null_byte } else { 1 - self.null_byte };
                *cursor += 1;
            }
            match &self.values {
                PieceValues::Words(words) => {
                    let invert = u64::from_ne_bytes([self.invert; 8]);
                    let word = if is_null { 0 } else { words[row] ^ invert };
                    bytes[*cursor..*cursor + 8].copy_from_slice(&word.to_be_bytes());
                    *cursor += 8;
                }
                PieceValues::Bytes { offsets, bytes: from } => {
                    let from = &from[offsets[row]..offsets[row + 1]];
                    let to = &mut bytes[*cursor..*cursor + from.len()];
                    to.copy_from_slice(from);
                    if self.invert != 0 {
                        to.iter_mut().for_each(|b| *b ^= 0xff);
                    }
                    *cursor += from.len();
                }
            }
        }
    }
}

/// Writes each row's bytes; those of a NULL are none.
fn bytes_of(
    rows: usize,
    part: &Part,
    capacity: usize,
    write: impl Fn(usize, &mut Vec<u8>),
) -> PieceValues {
    let mut offsets = Vec::with_capacity(rows + 1);
    let mut bytes = Vec::with_capacity(capacity);
    offsets.push(0);
    for row in 0..rows {
        if !part.is_null(row) {
            write(row, &mut bytes);
        }
        offsets.push(bytes.len());
    }
    PieceValues::Bytes { offsets, bytes }
}

fn write_text(text: &[u8], out: &mut Vec<u8>) {
    for run in text.split_inclusive(|&b| b == 0) {
        out.extend_from_slice(run);
        if run.last() == Some(&0) {
            out.push(0xff);
        }
    }
    out.extend_from_slice(&[0, 0]);
}

const ZERO: u8 = 0x80;

/// Writes a decimal from its equality key: sign, place of the first word, count, words.
fn write_decimal(part: &Part, row: usize, out: &mut Vec<u8>) {
    let start = out.len();
    part.decimal(row).write_key(out);
    let Some(&[sign, place, _count]) = out.get(start..start + 3) else {
        out.truncate(start);
        out.push(ZERO);
        return;
    };
    // Heads of positive values are above that of zero, those of negative ones below.
    let head = ZERO + 1 + place;
    let words = out.len() - (start + 3);
    out.copy_within(start + 3.., start + 1);
    out.truncate(start + 1 + words);
    out[start] = head;
    for word in out[start + 1..].as_chunks_mut::<4>().0 {
        *word = (u32::from_be_bytes(*word) + 1).to_be_bytes();
    }
    out.extend_from_slice(&[0; 4]);
    if sign == 1 {
        out[start..].iter_mut().for_each(|b| *b ^= 0xff);
    }
}
