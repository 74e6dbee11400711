// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Encodes key columns, batch by batch and column by column, into what grouping, joining and sorting
//! compare.
//!
//! Two encodings, because the two questions differ:
//!
//! ```text
//! equality   [null|value|null|value…]  packed into 8 or 16 bytes by a KeyLayout, or
//!            [flag value][flag len bytes]…  bytes with an offset a row, where it does not fit
//! order      [null byte][memcomparable bytes]…  inverted for DESC; compared as bytes
//! ```
//!
//! Equal values have equal keys and others have others: −0 is 0, 1.0 is 1.00, texts stand as the
//! sort keys of their collations. NULL equals NULL in a key; where it must not (joins),
//! [`EqualityKeys::nulls`] says which rows have one. Both sides of a join first take the common type.
//!
//! A packed layout is chosen from the values of the first batches. A later batch may outgrow it;
//! then [`KeyLayout::encode`] says so with the layout to go on with, and [`KeyLayout::convert`]
//! brings the keys made so far into it without the columns they came from.

mod bytes;
mod hash;
mod layout;
mod order;
mod part;
mod slot;

pub use hash::{HashColumn, KeyHasher};
pub use layout::{Encoded, KeyField, KeyLayout, KeyWidth};
pub use order::{OrderEncoder, OrderField, OrderKeys, order_words};

use arrow_buffer::NullBuffer;

/// Holds the equality keys of a batch's rows.
#[derive(Clone, Debug, Default)]
pub struct EqualityKeys {
    pub(crate) form: KeyForm,
    pub(crate) nulls: Option<NullBuffer>,
    pub(crate) misfits: Option<NullBuffer>,
}

/// Holds keys in one of their widths.
#[derive(Clone, Debug)]
pub enum KeyForm {
    /// Keys of 8 bytes.
    Fixed64(Vec<u64>),
    /// Keys of 16 bytes.
    Fixed128(Vec<u128>),
    /// Keys of any length.
    Bytes(KeyBytes),
}

impl Default for KeyForm {
    fn default() -> Self {
        KeyForm::Fixed64(Vec::new())
    }
}

/// Holds keys of any length end to end.
#[derive(Clone, Debug, Default)]
pub struct KeyBytes {
    pub(crate) offsets: Vec<usize>,
    pub(crate) bytes: Vec<u8>,
}

impl KeyBytes {
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

    /// Returns the keys in turn.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        self.offsets.windows(2).map(|w| &self.bytes[w[0]..w[1]])
    }
}

impl EqualityKeys {
    /// Returns the keys.
    pub fn form(&self) -> &KeyForm {
        &self.form
    }

    /// Returns which rows have no NULL among their keys, where any has one.
    pub fn nulls(&self) -> Option<&NullBuffer> {
        self.nulls.as_ref()
    }

    /// Returns which rows' values fit the layout, where any does not: their keys equal no key made by
    /// it, though they may seem to. Only [`KeyLayout::encode_probe`] leaves such rows.
    pub fn misfits(&self) -> Option<&NullBuffer> {
        self.misfits.as_ref()
    }

    /// Returns the number of rows.
    pub fn len(&self) -> usize {
        match &self.form {
            KeyForm::Fixed64(v) => v.len(),
            KeyForm::Fixed128(v) => v.len(),
            KeyForm::Bytes(v) => v.len(),
        }
    }

    /// Tells whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the bytes held, capacity counted.
    pub fn byte_size(&self) -> usize {
        match &self.form {
            KeyForm::Fixed64(v) => v.capacity() * size_of::<u64>(),
            KeyForm::Fixed128(v) => v.capacity() * size_of::<u128>(),
            KeyForm::Bytes(v) => v.bytes.capacity() + v.offsets.capacity() * size_of::<usize>(),
        }
    }
}

#[cfg(test)]
mod tests;
