// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Writes integers, floats, BIT, ENUM and SET.

use std::sync::Arc;

use arrow_array::types::{
    ArrowPrimitiveType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{ArrayRef, BooleanArray};
use arrow_buffer::{BooleanBuffer, ScalarBuffer};
use arrow_schema::DataType;
use tiforth_types::{Result, TypeKind};

use super::{Writer, text};
use crate::column::BytesBuilder;
use crate::simd;

/// Writes integers in any width they fit.
pub(super) fn ints(w: &Writer<'_>, values: &ScalarBuffer<i64>) -> Result<ArrayRef> {
    let is_unsigned =
        w.output.ty.unsigned || matches!(w.output.ty.kind, TypeKind::Bit | TypeKind::Set);
    match w.data_type {
        DataType::Int64 => {
            check_sign(w, values, is_unsigned)?;
            w.array::<Int64Type>(values.clone())
        }
        DataType::UInt64 => {
            check_sign(w, values, !is_unsigned)?;
            w.array::<UInt64Type>(ScalarBuffer::new(values.inner().clone(), 0, values.len()))
        }
        DataType::Int8 => narrow::<Int8Type>(w, values, is_unsigned, |v| v as i8, |t| t.into()),
        DataType::Int16 => narrow::<Int16Type>(w, values, is_unsigned, |v| v as i16, |t| t.into()),
        DataType::Int32 => narrow::<Int32Type>(w, values, is_unsigned, |v| v as i32, |t| t.into()),
        DataType::UInt8 => narrow::<UInt8Type>(w, values, false, |v| v as u8, |t| t.into()),
        DataType::UInt16 => narrow::<UInt16Type>(w, values, false, |v| v as u16, |t| t.into()),
        DataType::UInt32 => narrow::<UInt32Type>(w, values, false, |v| v as u32, |t| t.into()),
        DataType::Boolean => {
            let bits = BooleanBuffer::collect_bool(values.len(), |row| values[row] != 0);
            Ok(Arc::new(BooleanArray::new(bits, w.nulls.clone())))
        }
        _ => w.mismatch(),
    }
}

/// Refuses bits that change their value with the sign: beyond 2^63 where one side is unsigned.
fn check_sign(w: &Writer<'_>, values: &[i64], changes: bool) -> Result<()> {
    if !changes {
        return Ok(());
    }
    let or = simd::dispatch(
        #[inline(always)]
        || values.iter().fold(0, |or, &v| or | v),
    );
    if or >= 0 {
        return Ok(());
    }
    match w.first_where(values.len(), |row| values[row] < 0) {
        Some(row) => Err(w.out_of_range(row)),
        None => Ok(()),
    }
}

/// Writes a narrower width; what does not come back as it was does not fit. Unsigned values beyond
/// 2^63 are negative here and never come back from a signed width as values that count.
fn narrow<T: ArrowPrimitiveType>(
    w: &Writer<'_>,
    values: &[i64],
    refuses_negative: bool,
    cut: impl Fn(i64) -> T::Native + Copy,
    back: impl Fn(T::Native) -> i64 + Copy,
) -> Result<ArrayRef>
where
    T::Native: Copy,
{
    let is_bad = |v: i64| (back(cut(v)) != v) | (refuses_negative & (v < 0));
    let any = simd::dispatch(
        #[inline(always)]
        || values.iter().fold(false, |any, &v| any | is_bad(v)),
    );
    let narrowed = simd::mapped(values, cut);
    if any && let Some(row) = w.first_where(values.len(), |row| is_bad(values[row])) {
        return Err(w.out_of_range(row));
    }
    w.array::<T>(narrowed)
}

/// Writes ENUM and SET as numbers, or as the texts of their members.
pub(super) fn members(w: &Writer<'_>, values: &ScalarBuffer<i64>) -> Result<ArrayRef> {
    if w.data_type.is_integer() {
        return ints(w, values);
    }
    let elements: &[Box<str>] = w.output.ty.elements.as_deref().unwrap_or_default();
    let is_set = w.output.ty.kind == TypeKind::Set;
    let mut builder = BytesBuilder::with_capacity(values.len(), values.len() * 8);
    for (row, &value) in values.iter().enumerate() {
        if w.nulls.as_ref().is_none_or(|n| n.is_valid(row)) {
            let out = builder.row();
            if is_set {
                let start = out.len();
                for (_, e) in
                    elements.iter().take(64).enumerate().filter(|(i, _)| value >> i & 1 == 1)
                {
                    if out.len() > start {
                        out.push(b',');
                    }
                    out.extend_from_slice(e.as_bytes());
                }
            } else if value != 0 {
                let index = usize::try_from(value).ok().and_then(|v| v.checked_sub(1));
                match index.and_then(|i| elements.get(i)) {
                    Some(element) => out.extend_from_slice(element.as_bytes()),
                    None => return Err(w.out_of_range(row)),
                }
            }
        }
        builder.end_row();
    }
    text::bytes(w, &builder.finish())
}

/// Writes doubles, as FLOAT where asked for.
pub(super) fn reals(w: &Writer<'_>, values: &ScalarBuffer<f64>) -> Result<ArrayRef> {
    match w.data_type {
        DataType::Float64 => w.array::<Float64Type>(values.clone()),
        DataType::Float32 => {
            let narrowed: Vec<f32> = simd::mapped(values, |v| v as f32);
            let is_bad = |row: usize| narrowed[row].is_infinite() && values[row].is_finite();
            if !narrowed.iter().fold(true, |all, v| all & v.is_finite())
                && let Some(row) = w.first_where(values.len(), is_bad)
            {
                return Err(w.out_of_range(row));
            }
            w.array::<Float32Type>(narrowed)
        }
        _ => w.mismatch(),
    }
}
