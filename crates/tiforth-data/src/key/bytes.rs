// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Lays equality keys end to end as bytes, for keys that do not fit 16.
//!
//! ```text
//! NULL 00 · word 01 + 8 bytes · decimal 01 + its key · text 01 + length (4 bytes) + bytes
//! ```

use tiforth_types::Decimal;

use super::KeyBytes;
use super::part::{Part, PartValues};

const NULL: u8 = 0;
const VALUE: u8 = 1;

pub(super) fn write_null(out: &mut Vec<u8>) {
    out.push(NULL);
}

pub(super) fn write_word(word: i64, out: &mut Vec<u8>) {
    out.push(VALUE);
    out.extend_from_slice(&word.to_le_bytes());
}

pub(super) fn write_decimal(value: &Decimal, out: &mut Vec<u8>) {
    out.push(VALUE);
    value.write_key(out);
}

pub(super) fn write_text(text: &[u8], out: &mut Vec<u8>) {
    out.push(VALUE);
    out.extend_from_slice(&(text.len() as u32).to_le_bytes());
    out.extend_from_slice(text);
}

/// Encodes the rows of all parts: first the lengths, then column by column into place.
pub(super) fn encode(parts: &[Part], out: &mut KeyBytes) {
    let rows = parts.first().map_or(0, Part::len);
    // Decimals are written beforehand, as their lengths show only then.
    let decimals: Vec<Option<KeyBytes>> = parts.iter().map(|p| decimal_keys(p, rows)).collect();
    out.offsets.clear();
    out.offsets.resize(rows + 1, 0);
    for (part, decimals) in parts.iter().zip(&decimals) {
        add_lengths(part, decimals.as_ref(), &mut out.offsets[..rows]);
    }
    let mut total = 0;
    for offset in &mut out.offsets {
        (*offset, total) = (total, total + *offset);
    }
    out.bytes.clear();
    out.bytes.resize(total, 0);
    let mut cursors = out.offsets[..rows].to_vec();
    for (part, decimals) in parts.iter().zip(&decimals) {
        place(part, decimals.as_ref(), &mut cursors, &mut out.bytes);
    }
}

fn decimal_keys(part: &Part, rows: usize) -> Option<KeyBytes> {
    if !matches!(part.values, PartValues::Mantissas(..) | PartValues::Decimals(_)) {
        return None;
    }
    let mut keys = KeyBytes { offsets: Vec::with_capacity(rows + 1), bytes: Vec::new() };
    keys.offsets.push(0);
    for row in 0..rows {
        if !part.is_null(row) {
            part.decimal(row).write_key(&mut keys.bytes);
        }
        keys.offsets.push(keys.bytes.len());
    }
    Some(keys)
}

fn add_lengths(part: &Part, decimals: Option<&KeyBytes>, lengths: &mut [usize]) {
    for (row, length) in lengths.iter_mut().enumerate() {
        *length += match (&part.values, decimals) {
            _ if part.is_null(row) => 1,
            (PartValues::Words(_), _) => 9,
            (_, Some(decimals)) => 1 + decimals.get(row).len(),
            _ => 5 + part.text(row).len(),
        };
    }
}

fn place(part: &Part, decimals: Option<&KeyBytes>, cursors: &mut [usize], bytes: &mut [u8]) {
    let mut put = |cursor: &mut usize, piece: &[u8]| {
        bytes[*cursor..*cursor + piece.len()].copy_from_slice(piece);
        *cursor += piece.len();
    };
    for (row, cursor) in cursors.iter_mut().enumerate() {
        if part.is_null(row) {
            put(cursor, &[NULL]);
            continue;
        }
        put(cursor, &[VALUE]);
        match (&part.values, decimals) {
            (PartValues::Words(v), _) => put(cursor, &v[row].to_le_bytes()),
            (_, Some(decimals)) => put(cursor, decimals.get(row)),
            _ => {
                let text = part.text(row);
                put(cursor, &(text.len() as u32).to_le_bytes());
                put(cursor, text);
            }
        }
    }
}
