// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Chooses among decimals, changes their signs and rounds them, over whole columns of mantissas at one
//! scale.
//!
//! What is chosen has the digits it had, so nothing is lost and nothing fails; its integer part is laid
//! out in as many words as that of any argument at most.

use arrow_buffer::{NullBuffer, ScalarBuffer};
use tiforth_data::column::LANE_WORDS;
use tiforth_data::{Column, ColumnData, DecimalColumn, IntLayout, simd};
use tiforth_expr::kernel::Args;
use tiforth_types::Result;
use tiforth_types::decimal::lanes::pow10_i64;

use crate::mantissas::{LONG_BITS, Mantissas, SHORT_BITS, WORDS_MAX, long, short, sum_layout};

/// Changes the signs of a column's decimals; nothing where values are whole.
pub(crate) fn negatives(column: &Column) -> Option<Column> {
    let ColumnData::Decimal(lanes) = column.data() else { return None };
    let layout = lanes.layout()?;
    mapped(column, lanes, layout, i64::wrapping_neg, i128::wrapping_neg)
}

/// Drops the signs of a column's decimals by subtracting from zero, which lays the digits out in whole
/// words; nothing where values are whole, or the words might have no room.
pub(crate) fn magnitudes(column: &Column) -> Option<Column> {
    let ColumnData::Decimal(lanes) = column.data() else { return None };
    let all = Mantissas::of_lanes(lanes)?;
    let layout = sum_layout(all.int_words, all.bits, all.scale)?;
    mapped(column, lanes, layout, i64::wrapping_abs, i128::wrapping_abs)
}

/// Maps mantissas to others of no greater magnitude.
fn mapped(
    column: &Column,
    lanes: &DecimalColumn,
    layout: IntLayout,
    map_short: impl Fn(i64) -> i64,
    map_long: impl Fn(i128) -> i128,
) -> Option<Column> {
    let mapped = match lanes {
        DecimalColumn::Lane64 { values, scale, printed_scale, bits, .. } => {
            if u32::from(*bits) > SHORT_BITS {
                return None;
            }
            let values = simd::mapped(values, map_short).into();
            let (scale, printed_scale, bits) = (*scale, *printed_scale, *bits);
            DecimalColumn::Lane64 { values, scale, printed_scale, bits, layout }
        }
        DecimalColumn::Lane128 { values, scale, printed_scale, .. } => {
            if lanes.bits()? > LONG_BITS {
                return None;
            }
            let values = simd::mapped(values, map_long).into();
            let (scale, printed_scale) = (*scale, *printed_scale);
            DecimalColumn::Lane128 { values, scale, printed_scale, layout }
        }
        DecimalColumn::Wide(_) => return None,
    };
    Some(Column::decimals(mapped, column.nulls().cloned()))
}

/// Takes digits off a column's short mantissas: `divide` gives a mantissa's quotient by a power of ten,
/// rounded in its own way. Nothing where digits would be added, or the words might have no room: what is
/// rounded lies in whole words, and may have grown by one.
pub(crate) fn at_scale(
    column: &Column,
    scale: i64,
    divide: impl Fn(i64, i64) -> i64,
) -> Option<Column> {
    let ColumnData::Decimal(lanes) = column.data() else { return None };
    let scale = u8::try_from(scale).ok()?;
    let (values, int_words) = divided(lanes, scale, divide)?;
    let words = int_words + 1;
    if words > LANE_WORDS || words + scale.div_ceil(9) > WORDS_MAX {
        return None;
    }
    let lane = DecimalColumn::lane64(values, scale, scale);
    let lane = lane.with_layout(IntLayout::Computed(words));
    Some(Column::decimals(lane, column.nulls().cloned()))
}

/// Makes integers of a column's short mantissas as [`at_scale`] does.
pub(crate) fn integers(column: &Column, divide: impl Fn(i64, i64) -> i64) -> Option<Column> {
    let ColumnData::Decimal(lanes) = column.data() else { return None };
    let (values, _) = divided(lanes, 0, divide)?;
    Some(Column::ints(values, column.nulls().cloned()))
}

/// Divides short mantissas, and bounds the words their integer parts lay in.
fn divided(
    lanes: &DecimalColumn,
    scale: u8,
    divide: impl Fn(i64, i64) -> i64,
) -> Option<(ScalarBuffer<i64>, u8)> {
    let all = Mantissas::of_lanes(lanes)?;
    let unit = pow10_i64(all.scale.checked_sub(scale)?)?;
    let DecimalColumn::Lane64 { values, .. } = lanes else { return None };
    if all.bits > SHORT_BITS {
        return None;
    }
    let divided = match unit {
        1 => values.clone(),
        _ => simd::mapped(values, move |value| divide(value, unit)).into(),
    };
    Some((divided, all.int_words))
}

/// Chooses one of the mantissas of all arguments, two by two; nothing where their scales differ or a
/// value is whole.
pub(crate) fn chosen(
    args: &Args<'_>,
    choose_short: impl Fn(i64, i64) -> i64 + Copy,
    choose_long: impl Fn(i128, i128) -> i128 + Copy,
) -> Result<Option<Column>> {
    let columns = (0..args.len()).map(|index| args.decoded(index)).collect::<Result<Vec<_>>>()?;
    let mut parts = columns.iter().map(|column| Mantissas::open(column));
    let Some(Some(first)) = parts.next() else { return Ok(None) };
    let mut held: Option<DecimalColumn> = None;
    for part in parts {
        let so_far = held.as_ref().map_or(Some(first), Mantissas::of_lanes);
        let (Some(so_far), Some(part)) = (so_far, part) else { return Ok(None) };
        held = chosen_of(&so_far, &part, choose_short, choose_long);
        if held.is_none() {
            return Ok(None);
        }
    }
    let nulls = columns.iter().fold(None, |all, c| NullBuffer::union(all.as_ref(), c.nulls()));
    Ok(held.map(|lanes| Column::decimals(lanes, nulls)))
}

fn chosen_of(
    a: &Mantissas<'_>,
    b: &Mantissas<'_>,
    choose_short: impl Fn(i64, i64) -> i64,
    choose_long: impl Fn(i128, i128) -> i128,
) -> Option<DecimalColumn> {
    let (scale, printed_scale) = (a.scale, a.printed_scale);
    if (scale, printed_scale) != (b.scale, b.printed_scale) {
        return None;
    }
    let (bits, layout) = (a.bits.max(b.bits), IntLayout::Computed(a.int_words.max(b.int_words)));
    if bits <= SHORT_BITS
        && let Some(values) = short(a, b, choose_short)
    {
        let (values, bits) = (values.into(), u8::try_from(bits).ok()?);
        return Some(DecimalColumn::Lane64 { values, scale, printed_scale, bits, layout });
    }
    let values = long(a, b, |_, a, b| choose_long(a, b))?;
    Some(DecimalColumn::from_mantissas(values, scale, printed_scale).with_layout(layout))
}
