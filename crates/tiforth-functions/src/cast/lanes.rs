// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Converts whole columns at once where no row can warn or fail: integers and decimals in lanes, texts
//! that fit as they are.
//!
//! A column that may hold a value that does not fit is left to the body that looks at each row.

use arrow_buffer::ScalarBuffer;
use tiforth_data::{Column, ColumnData, DecimalColumn, simd};
use tiforth_expr::kernel::{Args, Rows};
use tiforth_expr::{Call, CallContext};
use tiforth_types::decimal::lanes::{pow10_i64, rescale_lanes_i64};
use tiforth_types::{Result, TypeKind};

use crate::columns_first::{Columns, ColumnsFirst, IfMany};

/// Converts a whole column, or gives nothing where a row needs to be looked at.
pub(super) struct Conversion(fn(&Column, &Call) -> Option<Column>);

impl Columns for Conversion {
    fn compute(
        &self,
        args: &Args<'_>,
        _: Rows<'_>,
        ctx: &mut CallContext<'_>,
    ) -> Result<Option<Column>> {
        Ok((self.0)(&*args.numbers(0)?, ctx.call))
    }
}

/// Builds the kernel from the conversion of columns and the one by rows.
pub(super) const fn by_columns<K>(
    columns: fn(&Column, &Call) -> Option<Column>,
    rows: K,
) -> ColumnsFirst<IfMany<Conversion>, K> {
    ColumnsFirst { columns: IfMany(Conversion(columns)), rows }
}

/// Hands the column on: the conversion changes what its bits are called, not the bits.
pub(super) fn keep(column: &Column, _: &Call) -> Option<Column> {
    Some(column.clone())
}

/// Makes decimals of signed integers.
pub(super) fn int_to_decimal(column: &Column, call: &Call) -> Option<Column> {
    if call.ty.unsigned { None } else { small_int_to_decimal(column, call) }
}

/// Makes decimals of unsigned integers, all below 2^63.
pub(super) fn uint_to_decimal(column: &Column, call: &Call) -> Option<Column> {
    let ColumnData::Int(values) = column.data() else { return None };
    let is_small = simd::dispatch(
        #[inline(always)]
        || values.iter().fold(0, |all, v| all | v) >= 0,
    );
    if is_small { small_int_to_decimal(column, call) } else { None }
}

fn small_int_to_decimal(column: &Column, call: &Call) -> Option<Column> {
    let ColumnData::Int(values) = column.data() else { return None };
    let (precision, scale) = precision_and_scale(call)?;
    lane(values, 0, precision, scale).map(|v| Column::decimals(v, column.nulls().cloned()))
}

/// Brings decimals to the same or a greater scale. Those that keep as many digits as they should stay
/// as they are, and print what they printed: that is the rows' matter where it is fewer.
pub(super) fn decimal_to_decimal(column: &Column, call: &Call) -> Option<Column> {
    let ColumnData::Decimal(DecimalColumn::Lane64 {
        values,
        scale: from,
        printed_scale,
        layout,
        ..
    }) = column.data()
    else {
        return None;
    };
    let (precision, scale) = precision_and_scale(call)?;
    if scale < *from || (scale == *from && scale != *printed_scale) || call.ty.unsigned {
        return None;
    }
    let lanes = lane(values, *from, precision, scale)?.with_layout(*layout);
    Some(Column::decimals(lanes, column.nulls().cloned()))
}

/// Rounds decimals to integers that fit, none of them negative where the target has no sign.
pub(super) fn decimal_to_int(column: &Column, call: &Call) -> Option<Column> {
    let ColumnData::Decimal(lanes) = column.data() else { return None };
    let values = lanes.rounded()?;
    let has_negative = || {
        simd::dispatch(
            #[inline(always)]
            || values.iter().fold(0, |any, v| any | v) < 0,
        )
    };
    if call.ty.unsigned && has_negative() {
        return None;
    }
    Some(Column::ints(values, column.nulls().cloned()))
}

/// Makes doubles of decimals whose mantissas a double holds, so that the quotient is rounded once.
#[expect(clippy::cast_precision_loss, reason = "both are exact, by the bounds asked for")]
pub(super) fn decimal_to_real(column: &Column, _: &Call) -> Option<Column> {
    let ColumnData::Decimal(DecimalColumn::Lane64 { values, scale, printed_scale, bits, .. }) =
        column.data()
    else {
        return None;
    };
    if scale != printed_scale || *bits > f64::MANTISSA_DIGITS as u8 {
        return None;
    }
    let unit = pow10_i64(*scale)? as f64;
    let reals = simd::mapped(values, move |v| v as f64 / unit);
    Some(Column::reals(reals, column.nulls().cloned()))
}

/// Hands texts on that are within the target's length in bytes, and so in characters.
pub(super) fn text_to_text(column: &Column, call: &Call) -> Option<Column> {
    let ColumnData::Bytes(texts) = column.data() else { return None };
    if call.ty.is_bytes() && call.ty.kind == TypeKind::Char && call.ty.length >= 0 {
        return None;
    }
    let limit = usize::try_from(call.ty.length).unwrap_or(usize::MAX);
    let fits = (0..texts.len()).all(|row| texts.get(row).len() <= limit);
    fits.then(|| column.clone())
}

/// Returns the target's precision and scale.
pub(super) fn precision_and_scale(call: &Call) -> Option<(u8, u8)> {
    let precision = u8::try_from(call.ty.length).ok()?;
    let scale = u8::try_from(call.ty.decimals).ok()?;
    (scale <= precision).then_some((precision, scale))
}

/// Brings mantissas to a greater scale, if all are below 10^precision then.
fn lane(values: &ScalarBuffer<i64>, from: u8, precision: u8, scale: u8) -> Option<DecimalColumn> {
    let values = if scale == from {
        values.clone()
    } else {
        let mut raised = vec![0; values.len()];
        let has_overflowed = simd::dispatch(
            #[inline(always)]
            || rescale_lanes_i64(values, from, scale, &mut raised),
        );
        if has_overflowed {
            return None;
        }
        raised.into()
    };
    let Some(bound) = pow10_i64(precision) else {
        return Some(DecimalColumn::lane64(values, scale, scale));
    };
    let fits = simd::dispatch(
        #[inline(always)]
        || values.iter().fold(true, |all, &v| all & (v < bound) & (v > -bound)),
    );
    fits.then(|| DecimalColumn::lane64(values, scale, scale))
}
