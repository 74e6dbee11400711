// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Reads integers, floats, BIT, ENUM and SET.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef};
use arrow_buffer::{NullBuffer, ScalarBuffer};
use arrow_schema::DataType;
use tiforth_types::{Result, SqlType, TypeKind};

use super::{Reader, bits, nulls_of, rows_where, text};
use crate::column::Column;
use crate::simd;

/// Reads an array of any integer width, or of booleans.
pub(super) fn int(r: &Reader<'_>, array: &ArrayRef) -> Result<Column> {
    let (low, high) = int_range(r.ty);
    let (values, is_unsigned, source): (_, _, (i128, i128)) = match array.data_type() {
        DataType::Boolean if high >= 1 => return Ok(bits(array)),
        DataType::Int8 => (widen::<Int8Type>(array), false, (i8::MIN.into(), i8::MAX.into())),
        DataType::Int16 => (widen::<Int16Type>(array), false, (i16::MIN.into(), i16::MAX.into())),
        DataType::Int32 => (widen::<Int32Type>(array), false, (i32::MIN.into(), i32::MAX.into())),
        DataType::Int64 => {
            let values = array.as_primitive::<Int64Type>().values().clone();
            (values, false, (i64::MIN.into(), i64::MAX.into()))
        }
        DataType::UInt8 => (widen::<UInt8Type>(array), false, (0, u8::MAX.into())),
        DataType::UInt16 => (widen::<UInt16Type>(array), false, (0, u16::MAX.into())),
        DataType::UInt32 => (widen::<UInt32Type>(array), false, (0, u32::MAX.into())),
        DataType::UInt64 => {
            let values = array.as_primitive::<UInt64Type>().values();
            let values = ScalarBuffer::new(values.inner().clone(), 0, values.len());
            (values, true, (0, u64::MAX.into()))
        }
        _ => return r.mismatch(array),
    };
    let mut nulls = nulls_of(array);
    if source.0 < low || source.1 > high {
        // As i64 a UInt64 beyond 2^63 is negative, and none such is within bounds here: only
        // BIGINT UNSIGNED reaches that far, and it needs no check of a UInt64.
        let low = low.max(if is_unsigned { 0 } else { i64::MIN.into() }) as i64;
        let high = high.min(i64::MAX.into()) as i64;
        nulls = check_range(r, &values, nulls, low, high)?;
    }
    Ok(Column::ints(values, nulls))
}

fn check_range(
    r: &Reader<'_>,
    values: &[i64],
    nulls: Option<NullBuffer>,
    low: i64,
    high: i64,
) -> Result<Option<NullBuffer>> {
    let is_bad = |v: i64| (v < low) | (v > high);
    let any = simd::dispatch(
        #[inline(always)]
        || values.iter().fold(false, |any, &v| any | is_bad(v)),
    );
    if !any {
        return Ok(nulls);
    }
    let bad = rows_where(nulls.as_ref(), values.len(), |row| is_bad(values[row]));
    r.settle(nulls.as_ref(), values.len(), &bad, |r, row| r.out_of_range(row))
}

/// Returns the least and the greatest value of an integer type.
pub(crate) fn int_range(ty: &SqlType) -> (i128, i128) {
    let signed = |bits: u32| {
        if ty.unsigned { (0, (1 << bits) - 1) } else { (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) }
    };
    match ty.kind {
        TypeKind::TinyInt => signed(8),
        TypeKind::SmallInt => signed(16),
        TypeKind::MediumInt => signed(24),
        TypeKind::Int => signed(32),
        TypeKind::Year => (0, 2155),
        TypeKind::Bit => (0, (1 << ty.length.clamp(1, 64)) - 1),
        TypeKind::Enum => (0, ty.elements.as_ref().map_or(0, |e| e.len() as i128)),
        TypeKind::Set => (0, (1 << ty.elements.as_ref().map_or(0, |e| e.len().min(64) as u32)) - 1),
        _ => signed(64),
    }
}

fn widen<T>(array: &ArrayRef) -> ScalarBuffer<i64>
where
    T: ArrowPrimitiveType,
    i64: From<T::Native>,
{
    simd::mapped(array.as_primitive::<T>().values(), i64::from).into()
}

/// Reads ENUM as the member's number and SET as the mask of its members, from numbers or texts.
pub(super) fn member(r: &Reader<'_>, array: &ArrayRef) -> Result<Column> {
    if array.data_type().is_integer() {
        return int(r, array);
    }
    let texts = text::bytes_of(array);
    let Some(texts) = texts else { return r.mismatch(array) };
    let nulls = nulls_of(array);
    let elements: &[Box<str>] = r.ty.elements.as_deref().unwrap_or_default();
    let is_set = r.ty.kind == TypeKind::Set;
    let number_of = |text: &[u8]| elements.iter().position(|e| e.as_bytes() == text);
    let read = |text: &[u8]| -> Option<i64> {
        match text {
            b"" => Some(0),
            text if is_set => text.split(|b| *b == b',').try_fold(0i64, |mask, part| {
                let bit = u32::try_from(number_of(part)?).ok().filter(|b| *b < 64)?;
                Some(mask | 1i64.wrapping_shl(bit))
            }),
            text => i64::try_from(number_of(text)? + 1).ok(),
        }
    };
    let mut bad = Vec::new();
    let mut values = vec![0i64; array.len()];
    for (row, value) in values.iter_mut().enumerate() {
        if nulls.as_ref().is_some_and(|n| n.is_null(row)) {
            continue;
        }
        match read(texts.get(row)) {
            Some(v) => *value = v,
            None => bad.push(row),
        }
    }
    let kind = if is_set { "set" } else { "enum" };
    let nulls = r.settle(nulls.as_ref(), values.len(), &bad, |r, row| {
        r.incorrect(kind, String::from_utf8_lossy(texts.get(row)), row)
    })?;
    Ok(Column::ints(values, nulls))
}

/// Reads an array of any float width.
pub(super) fn real(r: &Reader<'_>, array: &ArrayRef) -> Result<Column> {
    let (values, all_finite): (ScalarBuffer<f64>, bool) = match array.data_type() {
        DataType::Float16 => {
            let values = array.as_primitive::<Float16Type>().values();
            let values: Vec<f64> = values.iter().map(|v| v.to_f64()).collect();
            let all_finite = values.iter().all(|v| v.is_finite());
            (values.into(), all_finite)
        }
        DataType::Float32 => finite(array.as_primitive::<Float32Type>().values(), f64::from),
        DataType::Float64 if r.ty.kind == TypeKind::Float => {
            finite(array.as_primitive::<Float64Type>().values(), |v| f64::from(v as f32))
        }
        DataType::Float64 => {
            let values = array.as_primitive::<Float64Type>().values();
            let all_finite = simd::dispatch(
                #[inline(always)]
                || values.iter().fold(true, |all, v| all & v.is_finite()),
            );
            (values.clone(), all_finite)
        }
        _ => return r.mismatch(array),
    };
    let mut nulls = nulls_of(array);
    if !all_finite {
        let bad = rows_where(nulls.as_ref(), values.len(), |row| !values[row].is_finite());
        nulls = r.settle(nulls.as_ref(), values.len(), &bad, |r, row| {
            r.incorrect("double", values[row], row)
        })?;
    }
    Ok(Column::reals(values, nulls))
}

/// Brings numbers to doubles, and tells whether all of those are finite.
#[inline]
fn finite<T: Copy>(values: &[T], double: impl Fn(T) -> f64) -> (ScalarBuffer<f64>, bool) {
    let (values, all_finite) = simd::scanned(values.iter(), true, move |all, &value| {
        let value = double(value);
        *all &= value.is_finite();
        value
    });
    (values.into(), all_finite)
}
