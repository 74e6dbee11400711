// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Writes decimals at the scale of their type, hidden digits rounded half away from zero.

use arrow_array::ArrayRef;
use arrow_array::types::{Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type};
use arrow_buffer::{ScalarBuffer, i256};
use arrow_schema::DataType;
use tiforth_types::decimal::Rounding;
use tiforth_types::decimal::lanes::{POW10_I128, rescale_i64, rescale_i128};
use tiforth_types::{Decimal, Result};

use super::Writer;
use crate::column::DecimalColumn;
use crate::column::decimal::{bits_of, rounded_off, rounded_off_i64, widen, widen_i256};
use crate::simd;

/// Writes decimals in any width they fit.
pub(super) fn decimals(w: &Writer<'_>, values: &DecimalColumn) -> Result<ArrayRef> {
    let (precision, scale) = match w.data_type {
        DataType::Decimal32(p, s)
        | DataType::Decimal64(p, s)
        | DataType::Decimal128(p, s)
        | DataType::Decimal256(p, s) => (*p, *s),
        _ => return w.mismatch(),
    };
    let Ok(scale) = u8::try_from(scale) else { return w.mismatch() };
    match values {
        DecimalColumn::Lane64 { values, scale: from, bits, .. } => {
            if let Some(digits) = from.checked_sub(scale)
                && let Some((rounded, bits)) = rounded_off_i64(values, digits)
            {
                return narrow_out(w, &rounded.into(), bits, precision);
            }
            match rescaled64(values, *from, scale) {
                Some(None) => narrow_out(w, values, *bits, precision),
                Some(Some(moved)) => {
                    let bits = bits_of(&moved);
                    narrow_out(w, &moved.into(), bits, precision)
                }
                None => wide_out(w, &widen(values), *from, scale, precision),
            }
        }
        DecimalColumn::Lane128 { values, scale: from, .. } => {
            if let Some(digits) = from.checked_sub(scale)
                && let Some((rounded, bits)) = rounded_off(values, digits)
            {
                return narrow_out(w, &rounded.into(), bits, precision);
            }
            wide_out(w, values, *from, scale, precision)
        }
        DecimalColumn::Wide(values) => whole_out(w, values, scale, precision),
    }
}

/// Brings mantissas to a scale: Some(None) where they are there, None where one does not fit.
#[expect(clippy::option_option, reason = "three outcomes, used once")]
fn rescaled64(values: &[i64], from: u8, to: u8) -> Option<Option<Vec<i64>>> {
    if from == to {
        return Some(None);
    }
    values.iter().map(|&v| rescale_i64(v, from, to)).collect::<Option<Vec<i64>>>().map(Some)
}

/// Writes mantissas of 64 bits at the right scale.
fn narrow_out(
    w: &Writer<'_>,
    values: &ScalarBuffer<i64>,
    bits: u8,
    precision: u8,
) -> Result<ArrayRef> {
    if let Some(&bound) = POW10_I128.get(usize::from(precision))
        && (1i128 << bits) > bound
        && let Ok(bound) = i64::try_from(bound)
    {
        let is_bad = |v: i64| (v >= bound) | (v <= -bound);
        let any = simd::dispatch(
            #[inline(always)]
            || values.iter().fold(false, |any, &v| any | is_bad(v)),
        );
        if any && let Some(row) = w.first_where(values.len(), |row| is_bad(values[row])) {
            return Err(w.out_of_range(row));
        }
    }
    match w.data_type {
        DataType::Decimal32(..) => {
            w.array::<Decimal32Type>(values.iter().map(|&v| v as i32).collect::<Vec<_>>())
        }
        DataType::Decimal64(..) => w.array::<Decimal64Type>(values.clone()),
        DataType::Decimal128(..) => w.array::<Decimal128Type>(widen(values)),
        _ => w.array::<Decimal256Type>(widen_i256(values)),
    }
}

/// Writes mantissas of 128 bits.
fn wide_out(
    w: &Writer<'_>,
    values: &ScalarBuffer<i128>,
    from: u8,
    scale: u8,
    precision: u8,
) -> Result<ArrayRef> {
    let moved: ScalarBuffer<i128> = if from == scale {
        values.clone()
    } else {
        let moved: Option<Vec<i128>> =
            values.iter().map(|&v| rescale_i128(v, from, scale)).collect();
        match moved {
            Some(moved) => moved.into(),
            None => {
                let whole = values.iter().map(|&v| Decimal::from_i128_scaled(v, from));
                return whole_out(w, &whole.collect::<Vec<_>>(), scale, precision);
            }
        }
    };
    if let Some(&bound) = POW10_I128.get(usize::from(precision)) {
        let is_bad = |v: i128| (v >= bound) | (v <= -bound);
        if moved.iter().fold(false, |any, &v| any | is_bad(v))
            && let Some(row) = w.first_where(moved.len(), |row| is_bad(moved[row]))
        {
            return Err(w.out_of_range(row));
        }
    }
    match w.data_type {
        DataType::Decimal32(..) => {
            w.array::<Decimal32Type>(moved.iter().map(|&v| v as i32).collect::<Vec<_>>())
        }
        DataType::Decimal64(..) => {
            w.array::<Decimal64Type>(moved.iter().map(|&v| v as i64).collect::<Vec<_>>())
        }
        DataType::Decimal128(..) => w.array::<Decimal128Type>(moved),
        _ => {
            let wide = moved.iter().map(|&v| i256::from_i128(v));
            w.array::<Decimal256Type>(wide.collect::<Vec<_>>())
        }
    }
}

/// Writes whole values one by one.
fn whole_out(w: &Writer<'_>, values: &[Decimal], scale: u8, precision: u8) -> Result<ArrayRef> {
    let mut wide = Vec::with_capacity(values.len());
    for (row, value) in values.iter().enumerate() {
        let is_valid = w.nulls.as_ref().is_none_or(|n| n.is_valid(row));
        let mantissa = || {
            let rounded = value.round(scale.into(), Rounding::HalfUp);
            if rounded.is_overflow() {
                return None;
            }
            let (digits, fraction) = rounded.value.precision_and_scale();
            let digits = digits.saturating_sub(fraction) + scale;
            let bytes = rounded.value.to_le_bytes_i256(scale)?;
            let fits = rounded.value.is_zero() || digits <= precision;
            fits.then(|| i256::from_le_bytes(bytes))
        };
        wide.push(match is_valid.then(mantissa) {
            None => i256::ZERO,
            Some(Some(mantissa)) => mantissa,
            Some(None) => return Err(w.out_of_range(row)),
        });
    }
    if let DataType::Decimal256(..) = w.data_type {
        return w.array::<Decimal256Type>(wide);
    }
    let short: Vec<i128> = wide.iter().map(|v| v.to_i128().unwrap_or(0)).collect();
    wide_out(w, &short.into(), scale, scale, precision)
}
