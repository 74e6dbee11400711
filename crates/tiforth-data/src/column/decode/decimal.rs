// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Reads decimals of every width into the narrowest lane the values allow.

use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type};
use arrow_array::{Array, ArrayRef};
use arrow_buffer::{NullBuffer, ScalarBuffer, i256};
use arrow_schema::DataType;
use tiforth_types::decimal::Rounding;
use tiforth_types::decimal::lanes::rescale_i128;
use tiforth_types::{Decimal, Result};

use super::{Reader, nulls_of};
use crate::column::decimal::{bits_of, narrow};
use crate::column::{Column, DecimalColumn, IntLayout};
use crate::simd;

const SCALE_MAX: i32 = tiforth_types::sql_type::DECIMAL_SCALE_MAX;
const PRECISION_MAX: u8 = tiforth_types::sql_type::DECIMAL_PRECISION_MAX as u8;

/// Says at which scales a column's values lie in Arrow and in the lanes.
#[derive(Clone, Copy)]
struct Scales {
    stored: i8,
    lane: u8,
    printed: u8,
    /// How many integer digits the type has.
    int_digits: u8,
}

impl Scales {
    fn layout(self) -> IntLayout {
        IntLayout::Stored(self.int_digits)
    }
}

/// Reads an array of decimals.
pub(super) fn decimal(r: &Reader<'_>, array: &ArrayRef) -> Result<Column> {
    let stored = match array.data_type() {
        DataType::Decimal32(_, s)
        | DataType::Decimal64(_, s)
        | DataType::Decimal128(_, s)
        | DataType::Decimal256(_, s) => *s,
        _ => return r.mismatch(array),
    };
    let printed = if (0..=SCALE_MAX).contains(&r.ty.decimals) {
        r.ty.decimals
    } else {
        i32::from(stored).clamp(0, SCALE_MAX)
    };
    let lane = i32::from(stored).clamp(printed, SCALE_MAX);
    let int_digits = u8::try_from(r.ty.length - i64::from(r.ty.decimals)).unwrap_or(0);
    let scales = Scales { stored, lane: lane as u8, printed: printed as u8, int_digits };
    let nulls = nulls_of(array);
    match array.data_type() {
        DataType::Decimal32(..) => {
            let values = array.as_primitive::<Decimal32Type>().values();
            let values = values.iter().map(|&v| i64::from(v)).collect::<Vec<_>>();
            from_i64(r, values.into(), scales, nulls)
        }
        DataType::Decimal64(..) => {
            from_i64(r, array.as_primitive::<Decimal64Type>().values().clone(), scales, nulls)
        }
        DataType::Decimal128(..) => {
            from_i128(r, array.as_primitive::<Decimal128Type>().values().clone(), scales, nulls)
        }
        _ => {
            let values = array.as_primitive::<Decimal256Type>().values();
            from_i256(r, values, scales, nulls)
        }
    }
}

fn from_i64(
    r: &Reader<'_>,
    values: ScalarBuffer<i64>,
    scales: Scales,
    nulls: Option<NullBuffer>,
) -> Result<Column> {
    if i32::from(scales.stored) != i32::from(scales.lane) {
        let wide = values.iter().map(|&v| i128::from(v)).collect::<Vec<_>>();
        return from_i128(r, wide.into(), scales, nulls);
    }
    let bits = simd::dispatch(
        #[inline(always)]
        || bits_of(&values),
    );
    let (scale, printed_scale, layout) = (scales.lane, scales.printed, scales.layout());
    let data = DecimalColumn::Lane64 { values, scale, printed_scale, bits, layout };
    Ok(Column::decimals(data, nulls))
}

fn from_i128(
    r: &Reader<'_>,
    values: ScalarBuffer<i128>,
    scales: Scales,
    nulls: Option<NullBuffer>,
) -> Result<Column> {
    if i32::from(scales.stored) != i32::from(scales.lane) {
        return rescaled(r, &values, scales, nulls);
    }
    let (scale, printed_scale, layout) = (scales.lane, scales.printed, scales.layout());
    let narrowed = narrow(&values).or_else(|| {
        // What lies under NULLs must not keep the column wide.
        let nulls = nulls.as_ref()?;
        let is_wide = |(&v, is_valid): (&i128, bool)| is_valid && i64::try_from(v).is_err();
        if values.iter().zip(nulls).any(is_wide) {
            return None;
        }
        let cleared = values.iter().zip(nulls).map(|(&v, valid)| if valid { v } else { 0 });
        narrow(&cleared.collect::<Vec<_>>().into())
    });
    let data = match narrowed {
        Some((values, bits)) => {
            DecimalColumn::Lane64 { values: values.into(), scale, printed_scale, bits, layout }
        }
        None => DecimalColumn::Lane128 { values, scale, printed_scale, layout },
    };
    Ok(Column::decimals(data, nulls))
}

/// Reads mantissas whose scale in Arrow is not that of the lanes: negative, below the type's or
/// beyond MySQL's.
fn rescaled(
    r: &Reader<'_>,
    values: &[i128],
    scales: Scales,
    nulls: Option<NullBuffer>,
) -> Result<Column> {
    let unscaled = Scales { stored: scales.lane as i8, ..scales };
    let is_valid = |row: usize| nulls.as_ref().is_none_or(|n| n.is_valid(row));
    let moved: Option<Vec<i128>> = values
        .iter()
        .enumerate()
        .map(|(row, &v)| if is_valid(row) { moved_i128(v, scales) } else { Some(0) })
        .collect();
    if let Some(moved) = moved {
        return from_i128(r, moved.into(), unscaled, nulls);
    }
    let values: Vec<i256> = values.iter().map(|&v| i256::from_i128(v)).collect();
    from_wide(r, &values, scales, nulls)
}

fn moved_i128(value: i128, scales: Scales) -> Option<i128> {
    match u8::try_from(scales.stored) {
        Ok(from) => rescale_i128(value, from, scales.lane),
        Err(_) => rescale_i128(value, 0, scales.lane.checked_add(scales.stored.unsigned_abs())?),
    }
}

fn from_i256(
    r: &Reader<'_>,
    values: &[i256],
    scales: Scales,
    nulls: Option<NullBuffer>,
) -> Result<Column> {
    let is_valid = |row: usize| nulls.as_ref().is_none_or(|n| n.is_valid(row));
    let short: Option<Vec<i128>> = values
        .iter()
        .enumerate()
        .map(|(row, v)| if is_valid(row) { v.to_i128() } else { Some(0) })
        .collect();
    match short {
        Some(short) => from_i128(r, short.into(), scales, nulls),
        None => from_wide(r, values, scales, nulls),
    }
}

/// Reads values beyond 128 bits one by one; more than 65 digits are not MySQL's.
fn from_wide(
    r: &Reader<'_>,
    values: &[i256],
    scales: Scales,
    nulls: Option<NullBuffer>,
) -> Result<Column> {
    let mut bad = Vec::new();
    let mut wide = Vec::with_capacity(values.len());
    for (row, &value) in values.iter().enumerate() {
        let is_valid = nulls.as_ref().is_none_or(|n| n.is_valid(row));
        let decimal = if is_valid { wide_value(value, scales) } else { None };
        if is_valid && decimal.is_none() {
            bad.push(row);
        }
        wide.push(decimal.unwrap_or_default());
    }
    let nulls = r.settle(nulls.as_ref(), values.len(), &bad, |r, row| {
        let text = format!("{}e{}", values[row], -i32::from(scales.stored));
        r.incorrect("decimal", text, row)
    })?;
    Ok(Column::decimals(DecimalColumn::Wide(wide.into()), nulls))
}

fn wide_value(value: i256, scales: Scales) -> Option<Decimal> {
    let (value, stored) = match u8::try_from(scales.stored) {
        Ok(stored) => (value, stored),
        Err(_) => {
            let unit = i256::from_i128(10).checked_pow(scales.stored.unsigned_abs().into())?;
            (value.checked_mul(unit)?, 0)
        }
    };
    let decimal = Decimal::from_i256_scaled(value.to_le_bytes(), stored).ok()?;
    let decimal = if stored > scales.lane || stored < scales.printed {
        decimal.round(scales.lane.into(), Rounding::HalfUp).value
    } else {
        decimal
    };
    let decimal = decimal.with_column_digits(scales.int_digits);
    (decimal.precision_and_scale().0 <= PRECISION_MAX)
        .then(|| decimal.with_printed_scale(scales.printed))
}
