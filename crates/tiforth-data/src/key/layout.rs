// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Packs key columns into 8 or 16 bytes, each in as few bits as the values seen so far need.

use arrow_buffer::{BooleanBuffer, NullBuffer};
use tiforth_types::{Result, SqlType};

use super::bytes;
use super::part::Part;
use super::slot::Packed;
use super::{EqualityKeys, KeyBytes, KeyForm};
use crate::column::{Column, DecodeContext};

/// Says the type of one key column.
#[derive(Clone, PartialEq, Debug)]
pub struct KeyField {
    /// The type, the common one where two sides meet.
    pub sql_type: SqlType,
    /// Whether NULLs may occur on any side.
    pub nullable: bool,
}

/// Names how wide keys are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeyWidth {
    /// 8 bytes.
    Fixed64,
    /// 16 bytes.
    Fixed128,
    /// Any number of bytes.
    Bytes,
}

/// Says where in a key each column stands. Keys of one layout may be compared and hashed together.
#[derive(Clone, PartialEq, Debug)]
pub struct KeyLayout {
    fields: Vec<KeyField>,
    packed: Option<Packed>,
}

/// Says what became of an attempt to encode a batch.
#[derive(Clone, PartialEq, Debug)]
pub enum Encoded {
    /// The keys are made.
    Done,
    /// Some value does not fit; the keys so far are to be converted to this layout, and the batch
    /// encoded by it.
    Outgrown(KeyLayout),
}

impl KeyLayout {
    /// Builds a layout that suits the columns of a first batch, with some room to grow.
    ///
    /// # Errors
    /// Those of decoding the columns.
    pub fn suited_to(
        fields: Vec<KeyField>,
        columns: &[Column],
        how: &DecodeContext,
    ) -> Result<Self> {
        let empty = KeyLayout { packed: Some(Packed::empty(&fields)), fields };
        let parts = empty.read(columns, how)?;
        Ok(empty.grown(&parts))
    }

    /// Builds the layout that takes any value and never is outgrown.
    pub fn of_bytes(fields: Vec<KeyField>) -> Self {
        KeyLayout { fields, packed: None }
    }

    /// Returns the key columns' types.
    pub fn fields(&self) -> &[KeyField] {
        &self.fields
    }

    /// Returns how wide the keys are.
    pub fn width(&self) -> KeyWidth {
        match &self.packed {
            Some(packed) if packed.is_wide => KeyWidth::Fixed128,
            Some(_) => KeyWidth::Fixed64,
            None => KeyWidth::Bytes,
        }
    }

    /// Encodes all rows of `columns` into `keys`, whose buffers are used again.
    ///
    /// # Errors
    /// Those of decoding the columns.
    pub fn encode(
        &self,
        columns: &[Column],
        how: &DecodeContext,
        keys: &mut EqualityKeys,
    ) -> Result<Encoded> {
        let parts = self.read(columns, how)?;
        if self.fill(&parts, keys) {
            keys.misfits = None;
            return Ok(Encoded::Done);
        }
        Ok(Encoded::Outgrown(self.grown(&parts)))
    }

    /// Encodes all rows of `columns` to be looked up among keys of this layout. A value that does
    /// not fit equals none of them; its row is a misfit.
    ///
    /// # Errors
    /// Those of decoding the columns.
    pub fn encode_probe(
        &self,
        columns: &[Column],
        how: &DecodeContext,
        keys: &mut EqualityKeys,
    ) -> Result<()> {
        let parts = self.read(columns, how)?;
        keys.misfits = None;
        if !self.fill(&parts, keys)
            && let Some(packed) = &self.packed
        {
            let rows = keys.len();
            let fits = |row: usize| packed.slots.iter().zip(&parts).all(|(s, p)| s.fits(p, row));
            keys.misfits = Some(NullBuffer::new(BooleanBuffer::collect_bool(rows, fits)));
        }
        Ok(())
    }

    fn read(&self, columns: &[Column], how: &DecodeContext) -> Result<Vec<Part>> {
        self.fields.iter().zip(columns).map(|(f, c)| Part::read(c, &f.sql_type, how)).collect()
    }

    /// Encodes the parts; returns whether all fit.
    fn fill(&self, parts: &[Part], keys: &mut EqualityKeys) -> bool {
        keys.nulls =
            parts.iter().fold(None, |all, p| NullBuffer::union(all.as_ref(), p.nulls.as_ref()));
        match &self.packed {
            None => {
                let mut out = match std::mem::take(&mut keys.form) {
                    KeyForm::Bytes(bytes) => bytes,
                    _ => KeyBytes::default(),
                };
                bytes::encode(parts, &mut out);
                keys.form = KeyForm::Bytes(out);
                true
            }
            Some(packed) if packed.is_wide => {
                let mut out = match std::mem::take(&mut keys.form) {
                    KeyForm::Fixed128(words) => words,
                    _ => Vec::new(),
                };
                let fits = packed.fill(parts, &mut out);
                keys.form = KeyForm::Fixed128(out);
                fits
            }
            Some(packed) => {
                let mut out = match std::mem::take(&mut keys.form) {
                    KeyForm::Fixed64(words) => words,
                    _ => Vec::new(),
                };
                let fits = packed.fill(parts, &mut out);
                keys.form = KeyForm::Fixed64(out);
                fits
            }
        }
    }

    /// Returns a layout that holds what this one does and `parts`, bytes if 16 are too few.
    fn grown(&self, parts: &[Part]) -> KeyLayout {
        // A NULL where none was to be expected is taken all the same.
        let with_nulls = |(field, part): (&KeyField, &Part)| KeyField {
            nullable: field.nullable || part.nulls.is_some(),
            ..field.clone()
        };
        let fields: Vec<KeyField> = self.fields.iter().zip(parts).map(with_nulls).collect();
        let packed = self.packed.as_ref().and_then(|packed| packed.grown(parts, &fields));
        KeyLayout { fields, packed }
    }

    /// Converts keys made by this layout into keys of `to`, a layout grown from it. Keys of 8 bytes
    /// come in as 16.
    pub fn convert(&self, keys: &[u128], to: &KeyLayout) -> KeyForm {
        let Some(from) = &self.packed else { return KeyForm::Bytes(KeyBytes::default()) };
        match &to.packed {
            Some(packed) if packed.is_wide => {
                KeyForm::Fixed128(keys.iter().map(|&k| from.repacked(k, packed)).collect())
            }
            Some(packed) => {
                KeyForm::Fixed64(keys.iter().map(|&k| from.repacked(k, packed) as u64).collect())
            }
            None => {
                let mut out = KeyBytes { offsets: vec![0], bytes: Vec::new() };
                for &key in keys {
                    from.write_bytes(key, &mut out.bytes);
                    out.offsets.push(out.bytes.len());
                }
                KeyForm::Bytes(out)
            }
        }
    }
}
