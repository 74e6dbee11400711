// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Writes the keys of rows, such that two are the same exactly where SQL holds the values equal.
//!
//! Not every key is as long as another, so that most fit a slot of a hash table:
//!
//! ```text
//! one column of 64 bits      word                           short
//! two columns of 64 bits     word word                      short
//! one text                   sort key                       short to 15 bytes, its length the 16th
//! anything else              [1 value | 0 if NULL]…         likewise; texts after their lengths
//! ```
//!
//! Where words hold a NULL the row is written as the last form says, and long.

use std::ops::Range;

use arrow_buffer::NullBuffer;
use tiforth_types::{Collation, Decimal, EvalType, InternalError, Result, SqlType, TypeKind};

use crate::batch::Rows;
use crate::column::{BytesColumn, Column, ColumnData, DecimalColumn};

/// Is the most bytes of a key that lies in a table's slot; the slot's last byte holds their number.
const INLINE_MAX: usize = 15;
/// Is the inline key of a text that is NULL: no length is as great as its last byte.
const NULL_TEXT: u128 = u128::MAX;

/// Says how a type's values are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    /// 64 bits: integers, doubles, dates, times, members of ENUM and SET.
    Word,
    Decimal,
    Text(Collation),
}

/// Says how the keys of a row lie together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Layout {
    /// One column of 64 bits.
    Word,
    /// Two columns of 64 bits.
    Pair,
    /// One text: its own bytes.
    Text,
    /// Anything else, each value after a byte that says whether it is NULL.
    Row,
}

/// Holds the keys of a batch's rows, one each row that counts.
///
/// A key is *short* or *long*, and which of the two depends on the values alone: no short key equals a
/// long one.
#[derive(Debug, Default)]
pub struct Keys {
    words: Vec<u64>,
    pairs: Vec<u128>,
    long: Vec<(u32, Range<usize>)>,
    bytes: Vec<u8>,
}

/// Is one row's key.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Key<'a> {
    /// A short key of 64 bits.
    Word(u64),
    /// A short key of 128 bits.
    Pair(u128),
    /// A long key.
    Long(&'a [u8]),
}

impl Keys {
    /// Returns the short keys of an encoder whose [`KeyEncoder::is_word`] holds, one a row that counts;
    /// that of a row whose key is long means nothing.
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    /// Returns the short keys of any other encoder in the same way.
    pub fn pairs(&self) -> &[u128] {
        &self.pairs
    }

    /// Returns the rows whose keys are long, ascending, by their place among those that count, and where
    /// their bytes are.
    pub fn long(&self) -> &[(u32, Range<usize>)] {
        &self.long
    }

    /// Returns the bytes of a long key.
    pub fn long_bytes(&self, range: &Range<usize>) -> &[u8] {
        self.bytes.get(range.clone()).unwrap_or_default()
    }

    /// Returns the keys in turn.
    pub fn iter(&self) -> impl Iterator<Item = Key<'_>> {
        let words = self.words.iter().map(|&word| Key::Word(word));
        let pairs = self.pairs.iter().map(|&pair| Key::Pair(pair));
        let mut long = self.long.iter().peekable();
        words.chain(pairs).enumerate().map(move |(row, short)| {
            match long.next_if(|(at, _)| *at as usize == row) {
                Some((_, range)) => Key::Long(self.long_bytes(range)),
                None => short,
            }
        })
    }

    fn byte_size(&self) -> usize {
        self.words.capacity() * 8
            + self.pairs.capacity() * 16
            + self.long.capacity() * size_of::<(u32, Range<usize>)>()
            + self.bytes.capacity()
    }
}

/// Writes the keys of batches of one schema.
#[derive(Debug)]
pub struct KeyEncoder {
    kinds: Vec<Kind>,
    types: Vec<SqlType>,
    layout: Layout,
    keys: Keys,
    scratch: Vec<u8>,
}

impl KeyEncoder {
    /// Prepares for columns of `types`.
    pub fn new(types: Vec<SqlType>) -> Self {
        let kinds: Vec<Kind> = types.iter().map(kind_of).collect();
        let layout = match kinds[..] {
            [Kind::Word] => Layout::Word,
            [Kind::Word, Kind::Word] => Layout::Pair,
            [Kind::Text(_)] => Layout::Text,
            _ => Layout::Row,
        };
        KeyEncoder { kinds, types, layout, keys: Keys::default(), scratch: Vec::new() }
    }

    /// Tells whether short keys are single words.
    pub fn is_word(&self) -> bool {
        self.layout == Layout::Word
    }

    /// Returns the bytes held for the next batch.
    pub fn byte_size(&self) -> usize {
        self.keys.byte_size() + self.scratch.capacity()
    }

    /// Bounds the bytes that writing the keys of `columns` takes.
    pub fn bound(&self, columns: &[Column], rows: usize) -> usize {
        if self.layout == Layout::Word {
            return rows * 8;
        }
        let mut each = 16 + size_of::<(u32, Range<usize>)>();
        let mut texts = 0;
        for (column, kind) in columns.iter().zip(&self.kinds) {
            each += match kind {
                Kind::Word => 9,
                Kind::Decimal => 64,
                Kind::Text(_) => 6,
            };
            if let ColumnData::Bytes(v) = column.data() {
                texts += v.value_bytes();
            }
        }
        rows * each + texts
    }

    /// Writes the keys of the rows that count; `columns` are decoded.
    ///
    /// # Errors
    /// A bug's report where a column is not of its type's form.
    pub fn encode(&mut self, columns: &[Column], rows: Rows<'_>) -> Result<&Keys> {
        self.keys.words.clear();
        self.keys.pairs.clear();
        self.keys.long.clear();
        self.keys.bytes.clear();
        let expanded: Vec<Column> =
            columns.iter().zip(&self.types).map(|(c, ty)| c.expanded(ty)).collect();
        match (self.layout, &expanded[..]) {
            (Layout::Word, [column]) => self.encode_word(column, rows)?,
            (Layout::Pair, [first, second]) => self.encode_pair(first, second, rows)?,
            (Layout::Text, [column]) => self.encode_text(column, rows)?,
            _ => self.encode_rows(&expanded, rows)?,
        }
        Ok(&self.keys)
    }

    fn encode_word(&mut self, column: &Column, rows: Rows<'_>) -> Result<()> {
        write_words(column, rows, &mut self.keys.words)?;
        mark_nulls(&[column], rows, &mut self.keys);
        Ok(())
    }

    fn encode_pair(&mut self, first: &Column, second: &Column, rows: Rows<'_>) -> Result<()> {
        write_words(first, rows, &mut self.keys.words)?;
        self.keys.pairs.extend(self.keys.words.iter().map(|&w| u128::from(w)));
        self.keys.words.clear();
        write_words(second, rows, &mut self.keys.words)?;
        for (pair, &word) in self.keys.pairs.iter_mut().zip(&self.keys.words) {
            *pair |= u128::from(word) << 64;
        }
        self.keys.words.clear();
        mark_nulls(&[first, second], rows, &mut self.keys);
        Ok(())
    }

    fn encode_text(&mut self, column: &Column, rows: Rows<'_>) -> Result<()> {
        let (ColumnData::Bytes(values), Some(Kind::Text(collation))) =
            (column.data(), self.kinds.first())
        else {
            return Err(mismatch(column));
        };
        let (keys, scratch) = (&mut self.keys, &mut self.scratch);
        let nulls = column.nulls();
        rows.for_each(|row| {
            if nulls.is_some_and(|n| n.is_null(row)) {
                keys.pairs.push(NULL_TEXT);
                return;
            }
            let key = collation.key(values.get(row), scratch);
            match inline(key) {
                Some(pair) => keys.pairs.push(pair),
                None => {
                    let start = keys.bytes.len();
                    keys.bytes.extend_from_slice(key);
                    keys.long.push((keys.pairs.len() as u32, start..keys.bytes.len()));
                    keys.pairs.push(0);
                }
            }
        });
        Ok(())
    }

    fn encode_rows(&mut self, columns: &[Column], rows: Rows<'_>) -> Result<()> {
        let mut cells = Vec::with_capacity(columns.len());
        for (column, kind) in columns.iter().zip(&self.kinds) {
            cells.push((Cells::open(column, *kind)?, column.nulls()));
        }
        let (keys, scratch) = (&mut self.keys, &mut self.scratch);
        rows.for_each(|row| {
            let start = keys.bytes.len();
            for (cells, nulls) in &cells {
                if nulls.is_some_and(|n: &NullBuffer| n.is_null(row)) {
                    keys.bytes.push(0);
                } else {
                    keys.bytes.push(1);
                    cells.write(row, scratch, &mut keys.bytes);
                }
            }
            match inline(keys.bytes.get(start..).unwrap_or_default()) {
                Some(pair) => {
                    keys.bytes.truncate(start);
                    keys.pairs.push(pair);
                }
                None => {
                    keys.long.push((keys.pairs.len() as u32, start..keys.bytes.len()));
                    keys.pairs.push(0);
                }
            }
        });
        Ok(())
    }
}

fn kind_of(ty: &SqlType) -> Kind {
    if matches!(ty.kind, TypeKind::Enum | TypeKind::Set) {
        return Kind::Word;
    }
    match ty.eval_type() {
        EvalType::Int | EvalType::Real | EvalType::Time | EvalType::Duration => Kind::Word,
        EvalType::Decimal => Kind::Decimal,
        EvalType::Bytes => Kind::Text(ty.collation),
        EvalType::Json | EvalType::Vector => Kind::Text(Collation::BINARY),
    }
}

/// Packs a short key with its length.
#[inline]
fn inline(key: &[u8]) -> Option<u128> {
    if key.len() > INLINE_MAX {
        return None;
    }
    let mut bytes = [0u8; 16];
    bytes.get_mut(..key.len())?.copy_from_slice(key);
    bytes[INLINE_MAX] = key.len() as u8;
    Some(u128::from_le_bytes(bytes))
}

/// Lists rows with a NULL as long keys: which columns are NULL, and the words of those that are not.
fn mark_nulls(columns: &[&Column], rows: Rows<'_>, keys: &mut Keys) {
    if columns.iter().all(|c| c.nulls().is_none()) {
        return;
    }
    let is_null = |c: &Column, row: usize| c.nulls().is_some_and(|n| n.is_null(row));
    let mut place = 0u32;
    rows.for_each(|row| {
        if columns.iter().any(|c| is_null(c, row)) {
            let start = keys.bytes.len();
            for column in columns {
                if is_null(column, row) {
                    keys.bytes.push(0);
                } else {
                    keys.bytes.push(1);
                    keys.bytes.extend_from_slice(&word_at(column, row).to_le_bytes());
                }
            }
            keys.long.push((place, start..keys.bytes.len()));
        }
        place += 1;
    });
}

/// Returns the bits that equal doubles share.
#[inline]
fn real_bits(value: f64) -> u64 {
    // Adding 0 turns -0 into 0.
    (value + 0.0).to_bits()
}

fn word_at(column: &Column, row: usize) -> u64 {
    match column.data() {
        ColumnData::Int(v) | ColumnData::Duration(v) => v.get(row).map_or(0, |&v| v as u64),
        ColumnData::Real(v) => v.get(row).map_or(0, |&v| real_bits(v)),
        ColumnData::Time(v) => v.get(row).copied().unwrap_or(0),
        _ => 0,
    }
}

fn write_words(column: &Column, rows: Rows<'_>, out: &mut Vec<u64>) -> Result<()> {
    fn write<T: Copy>(values: &[T], rows: Rows<'_>, out: &mut Vec<u64>, of: impl Fn(T) -> u64) {
        match rows.selection {
            None => out.extend(values.iter().map(|&v| of(v))),
            Some(s) => {
                out.extend(s.iter().map(|&row| values.get(row as usize).map_or(0, |&v| of(v))));
            }
        }
    }
    match column.data() {
        ColumnData::Int(v) | ColumnData::Duration(v) => write(v, rows, out, |v| v as u64),
        ColumnData::Real(v) => write(v, rows, out, real_bits),
        ColumnData::Time(v) => write(v, rows, out, |v| v),
        _ => return Err(mismatch(column)),
    }
    Ok(())
}

#[cold]
fn mismatch(column: &Column) -> tiforth_types::Error {
    let found: String = format!("{:?}", column.data()).chars().take(40).collect();
    InternalError::new(format!("a key column is not of its type's form: {found}")).into()
}

/// Writes one column's values within rows.
enum Cells<'a> {
    Word(&'a Column),
    Decimal(&'a DecimalColumn),
    Text(&'a BytesColumn, Collation),
}

impl<'a> Cells<'a> {
    fn open(column: &'a Column, kind: Kind) -> Result<Self> {
        match (kind, column.data()) {
            (
                Kind::Word,
                ColumnData::Int(_)
                | ColumnData::Real(_)
                | ColumnData::Time(_)
                | ColumnData::Duration(_),
            ) => Ok(Cells::Word(column)),
            (Kind::Decimal, ColumnData::Decimal(v)) => Ok(Cells::Decimal(v)),
            (Kind::Text(collation), ColumnData::Bytes(v)) => Ok(Cells::Text(v, collation)),
            _ => Err(mismatch(column)),
        }
    }

    #[inline]
    fn write(&self, row: usize, scratch: &mut Vec<u8>, out: &mut Vec<u8>) {
        match self {
            Cells::Word(column) => out.extend_from_slice(&word_at(column, row).to_le_bytes()),
            Cells::Decimal(column) => write_decimal(column, row, out),
            Cells::Text(column, collation) => {
                let key = collation.key(column.get(row), scratch);
                write_length(key.len(), out);
                out.extend_from_slice(key);
            }
        }
    }
}

/// Writes a length: seven bits a byte, the last without the high bit.
fn write_length(mut length: usize, out: &mut Vec<u8>) {
    while length >= 0x80 {
        out.push(length as u8 | 0x80);
        length >>= 7;
    }
    out.push(length as u8);
}

/// Marks a decimal whose digits do not fit 64 bits.
const WIDE: u8 = 0xff;

fn write_decimal(column: &DecimalColumn, row: usize, out: &mut Vec<u8>) {
    let lane = match column {
        DecimalColumn::Lane64 { values, scale, .. } => {
            values.get(row).map(|&v| (i128::from(v), *scale))
        }
        DecimalColumn::Lane128 { values, scale, .. } => values.get(row).map(|&v| (v, *scale)),
        DecimalColumn::Wide(values) => values.get(row).and_then(|v| {
            (0..=v.scale()).find_map(|scale| Some((v.to_i128_scaled(scale)?, scale)))
        }),
    };
    if let Some((mantissa, scale)) = lane {
        let (mantissa, scale) = without_zeros(mantissa, scale);
        if let Ok(short) = i64::try_from(mantissa) {
            out.push(scale);
            out.extend_from_slice(&short.to_le_bytes());
            return;
        }
    }
    // Equal values have equal digits: whether they fit does not depend on the form they came in.
    let value: Decimal = column.get(row);
    out.push(WIDE);
    value.write_key(out);
}

/// Drops the zeros at the end of a fraction.
fn without_zeros(mantissa: i128, scale: u8) -> (i128, u8) {
    if mantissa == 0 {
        return (0, 0);
    }
    if let Ok(mut short) = i64::try_from(mantissa) {
        let mut scale = scale;
        while scale > 0 && short % 10 == 0 {
            short /= 10;
            scale -= 1;
        }
        return (short.into(), scale);
    }
    let (mut mantissa, mut scale) = (mantissa, scale);
    while scale > 0 && mantissa % 10 == 0 {
        mantissa /= 10;
        scale -= 1;
    }
    (mantissa, scale)
}
