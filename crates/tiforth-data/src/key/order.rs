// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Writes the keys of rows as bytes that compare as SQL orders the values.
//!
//! Each value follows a byte that puts NULLs first or last. Numbers are big endian, their sign bit
//! turned; texts are their collation's sort keys, 0 escaped and 0 0 at the end; descending values are
//! inverted.

use tiforth_types::{Collation, Decimal, EvalType, InternalError, Result, SqlType, TypeKind};

use crate::batch::Rows;
use crate::column::{BytesColumn, Column, ColumnData, DecimalColumn};

/// Says how one column orders rows.
#[derive(Clone, PartialEq, Debug)]
pub struct KeyOrder {
    /// The type.
    pub sql_type: SqlType,
    /// Whether greater values come first.
    pub is_descending: bool,
    /// Whether NULLs come before all values.
    pub has_nulls_first: bool,
}

/// Says how a type's values become bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Signed,
    Unsigned,
    Real,
    Decimal,
    Text(Collation),
}

/// Is the bytes of a number with the byte before it.
const NUMBER_BYTES: usize = 9;

/// Writes the keys of batches of one schema.
#[derive(Clone, Debug)]
pub struct OrderEncoder {
    keys: Vec<(KeyOrder, Kind)>,
}

impl OrderEncoder {
    /// Prepares for keys ordered as said; the first counts most.
    pub fn new(orders: &[KeyOrder]) -> Self {
        OrderEncoder { keys: orders.iter().map(|o| (o.clone(), kind_of(&o.sql_type))).collect() }
    }

    /// Returns the most bytes a key has, if all columns are numbers or times.
    pub fn length_max(&self) -> Option<usize> {
        let is_number = |kind: &Kind| !matches!(kind, Kind::Decimal | Kind::Text(_));
        let is_bounded = self.keys.iter().all(|(_, kind)| is_number(kind));
        is_bounded.then_some(self.keys.len() * NUMBER_BYTES)
    }

    /// Bounds the bytes of the keys of `columns`.
    pub fn bound(&self, columns: &[Column], rows: usize) -> usize {
        let mut bytes = 0;
        for (column, (order, kind)) in columns.iter().zip(&self.keys) {
            bytes += match (kind, column.data()) {
                // A weight takes up to four bytes a byte of text, and an escape as much again.
                (Kind::Text(c), ColumnData::Bytes(v)) if c.compares_bytes() => {
                    v.value_bytes() * 2 + rows * 3
                }
                (Kind::Text(_), ColumnData::Bytes(v)) => v.value_bytes() * 8 + rows * 3,
                (Kind::Text(_), _) => rows * (order.sql_type.length.clamp(0, 255) as usize + 3),
                (Kind::Decimal, _) => rows * 52,
                _ => rows * NUMBER_BYTES,
            };
        }
        bytes
    }

    /// Calls `each` with the key of every row that counts; `columns` are decoded. Rows whose keys are
    /// beyond `limit` may be left out.
    ///
    /// # Errors
    /// Those of `each`, and a bug's report where a column is not of its type's form.
    pub fn encode(
        &self,
        columns: &[Column],
        rows: Rows<'_>,
        limit: Option<&[u8]>,
        mut each: impl FnMut(usize, &[u8]),
    ) -> Result<()> {
        let expanded: Vec<Column> =
            columns.iter().zip(&self.keys).map(|(c, (o, _))| c.expanded(&o.sql_type)).collect();
        let mut cells = Vec::with_capacity(expanded.len());
        for (column, (order, kind)) in expanded.iter().zip(&self.keys) {
            cells.push(Cells { values: Values::open(column, *kind)?, column, order });
        }
        let (mut key, mut scratch) = (Vec::new(), Vec::new());
        rows.for_each(|row| {
            key.clear();
            for cell in &cells {
                cell.write(row, &mut scratch, &mut key);
                if limit.is_some_and(|limit| is_beyond(&key, limit)) {
                    return;
                }
            }
            each(row, &key);
        });
        Ok(())
    }
}

/// Tells whether a key that begins so is beyond `limit`.
#[inline]
fn is_beyond(beginning: &[u8], limit: &[u8]) -> bool {
    let len = beginning.len().min(limit.len());
    beginning.get(..len) > limit.get(..len)
}

fn kind_of(ty: &SqlType) -> Kind {
    if matches!(ty.kind, TypeKind::Enum | TypeKind::Set | TypeKind::Bit) {
        return Kind::Unsigned;
    }
    match ty.eval_type() {
        EvalType::Int if ty.unsigned => Kind::Unsigned,
        EvalType::Int | EvalType::Duration => Kind::Signed,
        EvalType::Time => Kind::Unsigned,
        EvalType::Real => Kind::Real,
        EvalType::Decimal => Kind::Decimal,
        EvalType::Bytes => Kind::Text(ty.collation),
        EvalType::Json | EvalType::Vector => Kind::Text(Collation::BINARY),
    }
}

/// Writes one column's values within keys.
struct Cells<'a> {
    values: Values<'a>,
    column: &'a Column,
    order: &'a KeyOrder,
}

enum Values<'a> {
    Signed(&'a [i64]),
    UnsignedInt(&'a [i64]),
    Unsigned(&'a [u64]),
    Real(&'a [f64]),
    Decimal(&'a DecimalColumn),
    Text(&'a BytesColumn, Collation),
}

const SIGN: u64 = 1 << 63;

/// Returns bits that compare as the doubles do; -0 is 0.
#[inline]
fn real_bits(value: f64) -> u64 {
    let bits = (value + 0.0).to_bits();
    if bits & SIGN == 0 { bits | SIGN } else { !bits }
}

impl<'a> Values<'a> {
    fn open(column: &'a Column, kind: Kind) -> Result<Self> {
        Ok(match (kind, column.data()) {
            (Kind::Signed, ColumnData::Int(v) | ColumnData::Duration(v)) => Values::Signed(v),
            (Kind::Unsigned, ColumnData::Int(v)) => Values::UnsignedInt(v),
            (Kind::Unsigned, ColumnData::Time(v)) => Values::Unsigned(v),
            (Kind::Real, ColumnData::Real(v)) => Values::Real(v),
            (Kind::Decimal, ColumnData::Decimal(v)) => Values::Decimal(v),
            (Kind::Text(collation), ColumnData::Bytes(v)) => Values::Text(v, collation),
            (_, data) => {
                let found: String = format!("{data:?}").chars().take(40).collect();
                let text = format!("a sort key is not of its type's form: {found}");
                return Err(InternalError::new(text).into());
            }
        })
    }
}

impl Cells<'_> {
    #[inline]
    fn write(&self, row: usize, scratch: &mut Vec<u8>, key: &mut Vec<u8>) {
        let is_null = self.column.nulls().is_some_and(|n| n.is_null(row));
        key.push(u8::from(is_null != self.order.has_nulls_first));
        if is_null {
            return;
        }
        let start = key.len();
        let mut number = |bits: u64| key.extend_from_slice(&bits.to_be_bytes());
        match &self.values {
            Values::Signed(v) => number(v.get(row).map_or(0, |&v| v as u64 ^ SIGN)),
            Values::UnsignedInt(v) => number(v.get(row).map_or(0, |&v| v as u64)),
            Values::Unsigned(v) => number(v.get(row).copied().unwrap_or(0)),
            Values::Real(v) => number(v.get(row).map_or(0, |&v| real_bits(v))),
            Values::Decimal(v) => write_decimal(v, row, scratch, key),
            Values::Text(v, collation) => {
                write_escaped(collation.key(v.get(row), scratch), key);
            }
        }
        if self.order.is_descending {
            key.iter_mut().skip(start).for_each(|byte| *byte = !*byte);
        }
    }
}

/// Writes bytes so that a prefix comes first, whatever follows it: 0 as 0 255, 0 0 at the end.
fn write_escaped(bytes: &[u8], key: &mut Vec<u8>) {
    let mut rest = bytes;
    while let Some(zero) = rest.iter().position(|&b| b == 0) {
        let (head, tail) = rest.split_at(zero);
        key.extend_from_slice(head);
        key.extend_from_slice(&[0, 255]);
        rest = tail.get(1..).unwrap_or_default();
    }
    key.extend_from_slice(rest);
    key.extend_from_slice(&[0, 0]);
}

/// Marks values below, at and above 0.
const BELOW: u8 = 1;
const ZERO: u8 = 2;
const ABOVE: u8 = 3;

/// Is the place of the word of units, in keys of equality; greater words have greater places.
const UNITS_PLACE: u8 = 9;
/// Is what a word of digits is below.
const WORD: u64 = 1_000_000_000;

/// Writes a decimal: sign, place of the first word, each word after a 1, a 0 at the end.
#[inline]
fn write_decimal(column: &DecimalColumn, row: usize, scratch: &mut Vec<u8>, key: &mut Vec<u8>) {
    if let DecimalColumn::Lane64 { values, scale, .. } = column
        && let Some(&value) = values.get(row)
        && let Some(&unit) = POWERS.get(usize::from(*scale))
    {
        write_short_decimal(value, unit, key);
    } else {
        write_long_decimal(&column.get(row), scratch, key);
    }
}

/// Holds the powers of ten that 64 bits of two words hold.
const POWERS: [u64; 19] = {
    let mut powers = [1u64; 19];
    let mut i = 1;
    while i < powers.len() {
        powers[i] = powers[i - 1] * 10;
        i += 1;
    }
    powers
};

/// Writes `value / unit`, where `unit` is at most 10^18.
#[inline]
fn write_short_decimal(value: i64, unit: u64, key: &mut Vec<u8>) {
    let magnitude = value.unsigned_abs();
    let (whole, part) = (magnitude / unit, (magnitude % unit) * (WORD * WORD / unit));
    let words =
        [whole / (WORD * WORD), whole / WORD % WORD, whole % WORD, part / WORD, part % WORD];
    let Some(first) = words.iter().position(|&word| word != 0) else {
        key.push(ZERO);
        return;
    };
    let last = words.iter().rposition(|&word| word != 0).unwrap_or(first);
    key.push(if value < 0 { BELOW } else { ABOVE });
    let start = key.len();
    key.push(UNITS_PLACE + 2 - first as u8);
    for &word in words.get(first..=last).unwrap_or_default() {
        key.push(1);
        key.extend_from_slice(&(word as u32).to_be_bytes());
    }
    key.push(0);
    if value < 0 {
        key.iter_mut().skip(start).for_each(|byte| *byte = !*byte);
    }
}

fn write_long_decimal(value: &Decimal, scratch: &mut Vec<u8>, key: &mut Vec<u8>) {
    scratch.clear();
    value.write_key(scratch);
    let &[sign, place, _, ref words @ ..] = &scratch[..] else {
        key.push(ZERO);
        return;
    };
    // The key of equality writes 1 for a negative value and 2 for a positive one.
    let is_negative = sign == 1;
    key.push(if is_negative { BELOW } else { ABOVE });
    let start = key.len();
    key.push(place);
    for word in words.as_chunks::<4>().0 {
        key.push(1);
        key.extend_from_slice(word);
    }
    key.push(0);
    if is_negative {
        key.iter_mut().skip(start).for_each(|byte| *byte = !*byte);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_decimals_are_written_as_long_ones_are() {
        let mut values = vec![0i64, i64::MAX, i64::MIN, i64::MIN + 1];
        for power in POWERS {
            let power = power as i64;
            for value in [power, power - 1, power + 1, power.wrapping_mul(7)] {
                values.extend([value, value.wrapping_neg()]);
            }
        }
        for scale in 0..19u8 {
            for &value in &values {
                let (mut short, mut long) = (Vec::new(), Vec::new());
                write_short_decimal(value, POWERS[usize::from(scale)], &mut short);
                let decimal = Decimal::from_i128_scaled(value.into(), scale);
                write_long_decimal(&decimal, &mut Vec::new(), &mut long);
                assert_eq!(short, long, "{value} scale {scale}");
            }
        }
    }
}
