// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Packs columns into the bits of a key, each into a slot of its own.
//!
//! A slot holds the distance from a base, so that few bits do for values that lie close together, or
//! the bytes of a short text and their count.

use std::ops::{BitOrAssign, Shl};

use arrow_buffer::NullBuffer;
use tiforth_types::{Decimal, EvalType, SqlType, TypeKind};

use super::bytes;
use super::layout::KeyField;
use super::part::{Part, PartValues};
use crate::simd;

/// Says which bits of a packed key a column takes: a null bit if it is nullable, then the value.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Packed {
    pub(super) slots: Vec<Slot>,
    pub(super) is_wide: bool,
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Slot {
    shift: u32,
    nullable: bool,
    value: SlotValue,
}

/// Says what a slot holds.
#[derive(Clone, Copy, PartialEq, Debug)]
enum SlotValue {
    /// Nothing yet: only NULLs were seen.
    Nothing,
    /// The distance from `base`, in `bits` bits.
    Word { base: i64, bits: u32 },
    /// The same of a decimal's mantissa at a scale.
    Mantissa { base: i64, bits: u32, scale: u8 },
    /// Up to `len` bytes, the first lowest, and above them their count in 8 bits.
    Text { len: u32 },
}

impl SlotValue {
    fn bits(self) -> u32 {
        match self {
            SlotValue::Nothing => 0,
            SlotValue::Word { bits, .. } | SlotValue::Mantissa { bits, .. } => bits,
            SlotValue::Text { len } => 8 * len + 8,
        }
    }
}

/// Is a packed key.
pub(super) trait Word:
    Copy + Default + From<u64> + BitOrAssign + Shl<u32, Output = Self>
{
}
impl Word for u64 {}
impl Word for u128 {}

/// Is how far a range of words is widened on both sides when a layout grows: a quarter of it.
const ROOM_SHIFT: u32 = 2;
const TEXT_LEN_MAX: usize = 15;

impl Packed {
    pub(super) fn empty(fields: &[KeyField]) -> Self {
        let values = fields.iter().map(|_| SlotValue::Nothing).collect::<Vec<_>>();
        Packed::laid_out(&values, fields).unwrap_or(Packed { slots: Vec::new(), is_wide: false })
    }

    /// Lays slots out from the lowest bit up, if 128 bits do.
    fn laid_out(values: &[SlotValue], fields: &[KeyField]) -> Option<Self> {
        let mut shift = 0;
        let mut slots = Vec::with_capacity(values.len());
        for (value, field) in values.iter().zip(fields) {
            slots.push(Slot { shift, nullable: field.nullable, value: *value });
            shift += value.bits() + u32::from(field.nullable);
        }
        (shift <= u128::BITS).then_some(Packed { slots, is_wide: shift > u64::BITS })
    }

    pub(super) fn grown(&self, parts: &[Part], fields: &[KeyField]) -> Option<Self> {
        let slots = self.slots.iter().zip(parts).zip(fields);
        let values: Option<Vec<SlotValue>> =
            slots.map(|((slot, part), field)| grown_value(slot.value, part, field)).collect();
        let values = values?;
        // Whole type widths where they fit as well: nothing outgrows those.
        let whole: Vec<SlotValue> =
            values.iter().zip(fields).map(|(&v, f)| whole_value(v, &f.sql_type)).collect();
        match (Packed::laid_out(&whole, fields), Packed::laid_out(&values, fields)) {
            (Some(whole), Some(tight)) if whole.is_wide == tight.is_wide => Some(whole),
            (_, tight) => tight,
        }
    }

    pub(super) fn fill<W: Word>(&self, parts: &[Part], out: &mut Vec<W>) -> bool {
        let rows = parts.first().map_or(0, Part::len);
        out.clear();
        out.resize(rows, W::default());
        // Every part is filled in even where one does not fit: a probe goes on.
        self.slots.iter().zip(parts).fold(true, |all, (slot, part)| slot.fill(part, out) & all)
    }

    /// Takes a key of this layout apart and packs it by another grown from it.
    pub(super) fn repacked(&self, key: u128, to: &Packed) -> u128 {
        let mut out = 0u128;
        for (from, to) in self.slots.iter().zip(&to.slots) {
            if from.nullable && (key >> from.shift) & 1 == 1 {
                out |= u128::from(to.nullable) << to.shift;
                continue;
            }
            let value = from.value_of(key);
            let moved = match (from.value, to.value) {
                (SlotValue::Text { len }, SlotValue::Text { len: to_len }) => {
                    let bytes = value & ((1u128 << (8 * len)) - 1);
                    bytes | ((value >> (8 * len)) << (8 * to_len))
                }
                (
                    SlotValue::Word { base, .. } | SlotValue::Mantissa { base, .. },
                    SlotValue::Word { base: to_base, .. }
                    | SlotValue::Mantissa { base: to_base, .. },
                ) => {
                    let word = base.wrapping_add(value as u64 as i64);
                    u128::from(word.wrapping_sub(to_base) as u64)
                }
                _ => 0,
            };
            out |= moved << to.value_shift();
        }
        out
    }

    /// Takes a key of this layout apart and writes it as bytes.
    pub(super) fn write_bytes(&self, key: u128, out: &mut Vec<u8>) {
        for slot in &self.slots {
            if slot.nullable && (key >> slot.shift) & 1 == 1 {
                bytes::write_null(out);
                continue;
            }
            let value = slot.value_of(key);
            match slot.value {
                SlotValue::Nothing => bytes::write_null(out),
                SlotValue::Word { base, .. } => {
                    bytes::write_word(base.wrapping_add(value as u64 as i64), out);
                }
                SlotValue::Mantissa { base, scale, .. } => {
                    let mantissa = base.wrapping_add(value as u64 as i64);
                    bytes::write_decimal(&Decimal::from_i128_scaled(mantissa.into(), scale), out);
                }
                SlotValue::Text { len } => {
                    let count = (value >> (8 * len)) as usize;
                    let text = value.to_le_bytes();
                    bytes::write_text(text.get(..count).unwrap_or(&text), out);
                }
            }
        }
    }
}

/// Returns the slot that holds what `value` does and `part`; None where no packed slot can.
fn grown_value(value: SlotValue, part: &Part, field: &KeyField) -> Option<SlotValue> {
    let all_null = part.nulls.as_ref().is_some_and(|n| n.null_count() == n.len());
    if part.len() == 0 || all_null {
        return Some(value);
    }
    match &part.values {
        PartValues::Words(words) => {
            if field.sql_type.eval_type() == EvalType::Real {
                return Some(SlotValue::Word { base: 0, bits: 64 });
            }
            let old = match value {
                SlotValue::Word { base, bits } => Some((base, bits)),
                _ => None,
            };
            let (base, bits) = grown_range(old, words, part);
            Some(SlotValue::Word { base, bits })
        }
        PartValues::Mantissas(words, scale) => {
            let old = match value {
                SlotValue::Mantissa { base, bits, scale: old } if old == *scale => {
                    Some((base, bits))
                }
                SlotValue::Nothing => None,
                _ => return None,
            };
            let (base, bits) = grown_range(old, words, part);
            Some(SlotValue::Mantissa { base, bits, scale: *scale })
        }
        PartValues::Decimals(_) => None,
        PartValues::Texts(..) | PartValues::Keys(_) => {
            let valid = (0..part.len()).filter(|&row| !part.is_null(row));
            let most = valid.map(|row| part.text(row).len()).max().unwrap_or(0);
            let old = if let SlotValue::Text { len } = value { len } else { 0 };
            // With the count a quarter, half, three quarters or all of a key, the last with and
            // without room for a null bit.
            let len = [3u32, 7, 11, 14, 15].into_iter().find(|&l| most <= l as usize)?;
            (most <= TEXT_LEN_MAX).then_some(SlotValue::Text { len: len.max(old) })
        }
    }
}

/// Returns base and bits that hold an old range and the words of a part, with room around. Words are
/// compared as signed ones; unsigned ones beyond 2^63 make the range all 64 bits.
fn grown_range(old: Option<(i64, u32)>, words: &[i64], part: &Part) -> (i64, u32) {
    let (mut low, mut high) = (i64::MAX, i64::MIN);
    match &part.nulls {
        None => {
            for &v in words {
                low = low.min(v);
                high = high.max(v);
            }
        }
        Some(nulls) => {
            for row in nulls.valid_indices() {
                low = low.min(words[row]);
                high = high.max(words[row]);
            }
        }
    }
    if let Some((base, bits)) = old {
        if bits >= 64 {
            return (base, 64);
        }
        low = low.min(base);
        high = high.max(base.wrapping_add(((1u64 << bits) - 1) as i64));
    }
    let span = i128::from(high) - i128::from(low);
    let room = span >> ROOM_SHIFT;
    let base = (i128::from(low) - room).max(i64::MIN.into());
    let top = (i128::from(high) + room).min(i64::MAX.into());
    let bits = (u128::BITS - (top - base).unsigned_abs().leading_zeros()).max(1);
    if bits >= 64 { (0, 64) } else { (base as i64, bits) }
}

/// Returns the slot that holds every value of a type, if that is less than 64 bits' worth.
fn whole_value(value: SlotValue, ty: &SqlType) -> SlotValue {
    let bits = match (value, ty.kind) {
        (SlotValue::Word { .. }, TypeKind::TinyInt) => 8,
        (SlotValue::Word { .. }, TypeKind::SmallInt | TypeKind::Year) => 16,
        (SlotValue::Word { .. }, TypeKind::MediumInt) => 24,
        (SlotValue::Word { .. }, TypeKind::Int) => 32,
        (SlotValue::Word { .. }, _) => 64,
        (SlotValue::Mantissa { scale, .. }, _) => {
            return SlotValue::Mantissa { base: 0, bits: 64, scale };
        }
        _ => return value,
    };
    match bits {
        64 => SlotValue::Word { base: 0, bits },
        bits => {
            let base =
                if ty.unsigned || ty.kind == TypeKind::Year { 0 } else { -1i64 << (bits - 1) };
            // A computed value may lie outside its type; then the tight slot stands.
            match value {
                SlotValue::Word { base: seen, bits: seen_bits }
                    if seen_bits >= 64
                        || seen < base
                        || seen.wrapping_add((1i64 << seen_bits) - 1)
                            > base + (1i64 << bits) - 1 =>
                {
                    value
                }
                _ => SlotValue::Word { base, bits },
            }
        }
    }
}

impl Slot {
    fn value_shift(&self) -> u32 {
        self.shift + u32::from(self.nullable)
    }

    /// Returns the value's bits out of a key.
    fn value_of(&self, key: u128) -> u128 {
        let bits = self.value.bits();
        let mask = if bits >= u128::BITS { u128::MAX } else { (1u128 << bits) - 1 };
        key.checked_shr(self.value_shift()).unwrap_or(0) & mask
    }

    /// Ors a part's values into the keys; returns whether all fit.
    pub(super) fn fill<W: Word>(&self, part: &Part, out: &mut [W]) -> bool {
        let fits = match (&part.values, self.value) {
            (PartValues::Words(words), SlotValue::Word { base, bits }) => {
                fill_words(words, part.nulls.as_ref(), base, bits, self.value_shift(), out)
            }
            (PartValues::Mantissas(words, from), SlotValue::Mantissa { base, bits, scale })
                if *from == scale =>
            {
                fill_words(words, part.nulls.as_ref(), base, bits, self.value_shift(), out)
            }
            (
                PartValues::Mantissas(..) | PartValues::Decimals(_),
                SlotValue::Mantissa { base, bits, scale },
            ) => {
                let mut all = true;
                for (row, out) in out.iter_mut().enumerate().filter(|(row, _)| !part.is_null(*row))
                {
                    match mantissa_in(part, row, base, bits, scale) {
                        Some(distance) => *out |= W::from(distance) << self.value_shift(),
                        None => all = false,
                    }
                }
                all
            }
            (PartValues::Texts(..) | PartValues::Keys(_), SlotValue::Text { len }) => {
                self.fill_texts(part, len, out)
            }
            _ => (0..out.len()).all(|row| part.is_null(row)),
        };
        match &part.nulls {
            Some(nulls) if self.nullable => {
                for (out, is_valid) in out.iter_mut().zip(nulls.iter()) {
                    *out |= W::from(u64::from(!is_valid)) << self.shift;
                }
                fits
            }
            Some(nulls) => fits && nulls.null_count() == 0,
            None => fits,
        }
    }

    fn fill_texts<W: Word>(&self, part: &Part, len: u32, out: &mut [W]) -> bool {
        let mut all = true;
        for (row, out) in out.iter_mut().enumerate() {
            if part.is_null(row) {
                continue;
            }
            let text = part.text(row);
            if text.len() > len as usize {
                all = false;
                continue;
            }
            let mut padded = [0u8; 16];
            padded[..text.len()].copy_from_slice(text);
            let padded = u128::from_le_bytes(padded);
            let value = padded | ((text.len() as u128) << (8 * len));
            *out |= W::from(value as u64) << self.value_shift();
            if len > 7 {
                // Such a slot only exists in keys of 16 bytes; the shift is parted as it may be one of
                // 64 bits.
                *out |= (W::from((value >> 64) as u64) << 32) << (32 + self.value_shift());
            }
        }
        all
    }

    /// Tells whether a row's value fits the slot.
    pub(super) fn fits(&self, part: &Part, row: usize) -> bool {
        if part.is_null(row) {
            return self.nullable;
        }
        match (&part.values, self.value) {
            (PartValues::Words(words), SlotValue::Word { base, bits }) => {
                bits >= 64 || (words[row].wrapping_sub(base) as u64) >> bits == 0
            }
            (
                PartValues::Mantissas(..) | PartValues::Decimals(_),
                SlotValue::Mantissa { base, bits, scale },
            ) => mantissa_in(part, row, base, bits, scale).is_some(),
            (PartValues::Texts(..) | PartValues::Keys(_), SlotValue::Text { len }) => {
                part.text(row).len() <= len as usize
            }
            _ => false,
        }
    }
}

/// Returns a decimal's distance from the base at the slot's scale, if it has one.
fn mantissa_in(part: &Part, row: usize, base: i64, bits: u32, scale: u8) -> Option<u64> {
    let mantissa = i64::try_from(part.decimal(row).to_i128_scaled(scale)?).ok()?;
    let distance = mantissa.wrapping_sub(base) as u64;
    (bits >= 64 || distance >> bits == 0).then_some(distance)
}

fn fill_words<W: Word>(
    words: &[i64],
    nulls: Option<&NullBuffer>,
    base: i64,
    bits: u32,
    shift: u32,
    out: &mut [W],
) -> bool {
    let beyond = if bits >= 64 { 0 } else { u64::MAX << bits };
    let or = match nulls {
        None => simd::dispatch(
            #[inline(always)]
            || {
                let mut or = 0u64;
                for (out, &v) in out.iter_mut().zip(words) {
                    let distance = v.wrapping_sub(base) as u64;
                    or |= distance;
                    *out |= W::from(distance & !beyond) << shift;
                }
                or
            },
        ),
        Some(nulls) => {
            let mut or = 0u64;
            for ((out, &v), is_valid) in out.iter_mut().zip(words).zip(nulls.iter()) {
                let distance = if is_valid { v.wrapping_sub(base) as u64 } else { 0 };
                or |= distance;
                *out |= W::from(distance & !beyond) << shift;
            }
            or
        }
    };
    or & beyond == 0
}
