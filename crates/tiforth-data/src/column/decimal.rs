// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Holds a column of decimals in the narrowest lane that fits.

mod layout;
mod width;

use std::sync::Arc;

use arrow_buffer::ScalarBuffer;
use tiforth_types::Decimal;

use crate::simd;
pub use layout::{IntLayout, LANE_WORDS, int_digits_of_bits};
use width::bits_of_i128;
pub(crate) use width::{bits_of, narrow, rounded_off, rounded_off_i64, widen, widen_i256};

/// Holds decimals: mantissas at one scale in 64 or 128 bits, or each value whole where scales vary,
/// digits are many, or the integer part has more words than 38 digits need.
#[derive(Clone, Debug)]
pub enum DecimalColumn {
    /// Mantissas of 64 bits, all at `scale`.
    Lane64 {
        /// The mantissas.
        values: ScalarBuffer<i64>,
        /// The fraction digits stored.
        scale: u8,
        /// The fraction digits printed.
        printed_scale: u8,
        /// A bound of the values: no magnitude needs more bits than this, NULL slots included.
        bits: u8,
        /// How the integer parts are laid out.
        layout: IntLayout,
    },
    /// Mantissas of 128 bits, all at `scale`.
    Lane128 {
        /// The mantissas.
        values: ScalarBuffer<i128>,
        /// The fraction digits stored.
        scale: u8,
        /// The fraction digits printed.
        printed_scale: u8,
        /// How the integer parts are laid out.
        layout: IntLayout,
    },
    /// Whole values, each with scales of its own.
    Wide(Arc<[Decimal]>),
}

impl DecimalColumn {
    /// Returns the number of rows.
    pub fn len(&self) -> usize {
        match self {
            DecimalColumn::Lane64 { values, .. } => values.len(),
            DecimalColumn::Lane128 { values, .. } => values.len(),
            DecimalColumn::Wide(values) => values.len(),
        }
    }

    /// Tells whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the bytes this column keeps alive.
    pub fn byte_size(&self) -> usize {
        match self {
            DecimalColumn::Lane64 { values, .. } => values.inner().capacity(),
            DecimalColumn::Lane128 { values, .. } => values.inner().capacity(),
            DecimalColumn::Wide(values) => size_of_val(&values[..]),
        }
    }
}

impl DecimalColumn {
    /// Builds a column of mantissas of 64 bits; their bound is found by looking at all.
    pub fn lane64(values: impl Into<ScalarBuffer<i64>>, scale: u8, printed_scale: u8) -> Self {
        let values = values.into();
        let bits = simd::dispatch(
            #[inline(always)]
            || bits_of(&values),
        );
        let layout = IntLayout::of_bits(bits.into(), scale);
        DecimalColumn::Lane64 { values, scale, printed_scale, bits, layout }
    }

    /// Builds a column from whole values, in the narrowest lane that holds them if all have one
    /// scale, print one, and are nothing but a number: no zero with a sign, no digits below the scale.
    pub fn from_decimals(values: Vec<Decimal>) -> Self {
        let Some(first) = values.first() else { return Self::lane64(Vec::new(), 0, 0) };
        let (scale, printed_scale) = (first.scale(), first.printed_scale());
        let mut words = 0;
        let mantissas: Option<Vec<i128>> = values
            .iter()
            .map(|v| {
                words = v.int_words().max(words);
                let is_alike = v.scale() == scale && v.printed_scale() == printed_scale;
                (is_alike && words <= LANE_WORDS).then(|| v.plain_mantissa()).flatten()
            })
            .collect();
        match mantissas {
            Some(mantissas) => Self::from_mantissas(mantissas, scale, printed_scale)
                .with_layout(IntLayout::Computed(words)),
            None => DecimalColumn::Wide(values.into()),
        }
    }

    /// Builds a column from mantissas at one scale, in 64 bits if all fit.
    pub fn from_mantissas(
        values: impl Into<ScalarBuffer<i128>>,
        scale: u8,
        printed_scale: u8,
    ) -> Self {
        let values = values.into();
        match narrow(&values) {
            Some((values, bits)) => {
                let (values, layout) = (values.into(), IntLayout::of_bits(bits.into(), scale));
                DecimalColumn::Lane64 { values, scale, printed_scale, bits, layout }
            }
            None => {
                let layout = IntLayout::of_bits(i128::BITS - 1, scale);
                DecimalColumn::Lane128 { values, scale, printed_scale, layout }
            }
        }
    }

    /// Says how the integer parts of mantissas are laid out.
    pub fn with_layout(mut self, to: IntLayout) -> Self {
        match &mut self {
            DecimalColumn::Lane64 { layout, .. } | DecimalColumn::Lane128 { layout, .. } => {
                *layout = to;
            }
            DecimalColumn::Wide(_) => {}
        }
        self
    }

    /// Returns the scale of mantissas, and the scale they print.
    pub fn scales(&self) -> Option<(u8, u8)> {
        match self {
            DecimalColumn::Lane64 { scale, printed_scale, .. }
            | DecimalColumn::Lane128 { scale, printed_scale, .. } => Some((*scale, *printed_scale)),
            DecimalColumn::Wide(_) => None,
        }
    }

    /// Returns how the integer parts of mantissas are laid out.
    pub fn layout(&self) -> Option<IntLayout> {
        match self {
            DecimalColumn::Lane64 { layout, .. } | DecimalColumn::Lane128 { layout, .. } => {
                Some(*layout)
            }
            DecimalColumn::Wide(_) => None,
        }
    }

    /// Returns a row's value. Of lanes, its integer part is laid out in as many words as any of theirs
    /// may have.
    ///
    /// # Panics
    /// When `row` is not below the length.
    #[inline]
    pub fn get(&self, row: usize) -> Decimal {
        match self {
            DecimalColumn::Lane64 { values, scale, printed_scale, bits, layout } => {
                let int_digits = layout.digits_max((*bits).into(), *scale);
                Decimal::from_lane(values[row].into(), *scale, *printed_scale, int_digits)
            }
            DecimalColumn::Lane128 { values, scale, printed_scale, layout } => {
                let int_digits = layout.digits_max(i128::BITS - 1, *scale);
                Decimal::from_lane(values[row], *scale, *printed_scale, int_digits)
            }
            DecimalColumn::Wide(values) => values[row],
        }
    }

    /// Returns a row's value as storage lays it out; a computed one gets no more digits than it has.
    ///
    /// # Panics
    /// When `row` is not below the length.
    pub fn stored(&self, row: usize) -> Decimal {
        let (mantissa, scale, printed_scale, layout) = match self {
            DecimalColumn::Lane64 { values, scale, printed_scale, layout, .. } => {
                (values[row].into(), *scale, *printed_scale, *layout)
            }
            DecimalColumn::Lane128 { values, scale, printed_scale, layout } => {
                (values[row], *scale, *printed_scale, *layout)
            }
            DecimalColumn::Wide(values) => return values[row],
        };
        let value = Decimal::from_i128_scaled(mantissa, scale).with_printed_scale(printed_scale);
        match layout {
            IntLayout::Stored(digits) => value.with_column_digits(digits),
            IntLayout::Computed(_) => value,
        }
    }

    /// Returns the values as whole numbers, rounded half away from zero; nothing where values are whole
    /// already, or one may not fit.
    pub fn rounded(&self) -> Option<ScalarBuffer<i64>> {
        match self {
            DecimalColumn::Lane64 { values, scale: 0, .. } => Some(values.clone()),
            DecimalColumn::Lane64 { values, scale, .. } => {
                rounded_off_i64(values, *scale).map(|(rounded, _)| rounded.into())
            }
            DecimalColumn::Lane128 { values, scale, .. } => {
                rounded_off(values, *scale).map(|(rounded, _)| rounded.into())
            }
            DecimalColumn::Wide(_) => None,
        }
    }

    /// Bounds the bits of the magnitudes of mantissas, NULL slots included; none where values are
    /// whole. Mantissas of 128 bits are looked at for it.
    pub fn bits(&self) -> Option<u32> {
        match self {
            DecimalColumn::Lane64 { bits, .. } => Some((*bits).into()),
            DecimalColumn::Lane128 { values, .. } => Some(bits_of_i128(values)),
            DecimalColumn::Wide(_) => None,
        }
    }

    /// Returns the stored scale all rows share, unless each has its own.
    pub fn scale(&self) -> Option<u8> {
        match self {
            DecimalColumn::Lane64 { scale, .. } | DecimalColumn::Lane128 { scale, .. } => {
                Some(*scale)
            }
            DecimalColumn::Wide(_) => None,
        }
    }

    /// Tells whether lanes hold a zero that has other digits than are printed: computed by itself, a
    /// zero keeps the printed ones alone.
    pub fn has_long_zero(&self) -> bool {
        match self {
            DecimalColumn::Lane64 { values, scale, printed_scale, .. } => {
                scale != printed_scale && values.contains(&0)
            }
            DecimalColumn::Lane128 { values, scale, printed_scale, .. } => {
                scale != printed_scale && values.contains(&0)
            }
            DecimalColumn::Wide(_) => false,
        }
    }

    /// Returns the rows from `offset` on, `len` of them, sharing the buffers of lanes.
    pub fn slice(&self, offset: usize, len: usize) -> Self {
        match self {
            DecimalColumn::Lane64 { values, scale, printed_scale, bits, layout } => {
                let values = values.slice(offset, len);
                let (scale, printed_scale) = (*scale, *printed_scale);
                let (bits, layout) = (*bits, *layout);
                DecimalColumn::Lane64 { values, scale, printed_scale, bits, layout }
            }
            DecimalColumn::Lane128 { values, scale, printed_scale, layout } => {
                let values = values.slice(offset, len);
                let (scale, printed_scale, layout) = (*scale, *printed_scale, *layout);
                DecimalColumn::Lane128 { values, scale, printed_scale, layout }
            }
            DecimalColumn::Wide(values) => DecimalColumn::Wide(values[offset..offset + len].into()),
        }
    }

    /// Returns the rows `rows` lists.
    pub fn take(&self, rows: &[u32]) -> Self {
        match self {
            DecimalColumn::Lane64 { values, scale, printed_scale, bits, layout } => {
                let values = gather(values, rows).into();
                let (scale, printed_scale) = (*scale, *printed_scale);
                let (bits, layout) = (*bits, *layout);
                DecimalColumn::Lane64 { values, scale, printed_scale, bits, layout }
            }
            DecimalColumn::Lane128 { values, scale, printed_scale, layout } => {
                let values = gather(values, rows).into();
                let (scale, printed_scale, layout) = (*scale, *printed_scale, *layout);
                DecimalColumn::Lane128 { values, scale, printed_scale, layout }
            }
            DecimalColumn::Wide(values) => DecimalColumn::Wide(gather(values, rows).into()),
        }
    }

    /// Lays columns end to end, in the narrowest form that holds all.
    pub fn concat(columns: &[&DecimalColumn]) -> Self {
        let alike = |c: &DecimalColumn| match c {
            DecimalColumn::Lane64 { scale, printed_scale, .. }
            | DecimalColumn::Lane128 { scale, printed_scale, .. } => Some((*scale, *printed_scale)),
            DecimalColumn::Wide(_) => None,
        };
        // Empty columns say nothing about the scales of the others.
        let mut scales = columns.iter().filter(|c| !c.is_empty()).map(|c| alike(c));
        let Some(first) = scales.next() else { return Self::lane64(Vec::new(), 0, 0) };
        let rows = columns.iter().map(|c| c.len()).sum();
        let (Some((scale, printed_scale)), true) = (first, scales.all(|s| s == first)) else {
            let mut all = Vec::with_capacity(rows);
            for column in columns {
                let rows = 0..column.len();
                match column.layout() {
                    Some(IntLayout::Stored(_)) => all.extend(rows.map(|row| column.stored(row))),
                    _ => all.extend(rows.map(|row| column.get(row))),
                }
            }
            return DecimalColumn::Wide(all.into());
        };
        let layouts = columns.iter().filter(|c| !c.is_empty()).filter_map(|c| c.layout());
        let layout = layouts.reduce(IntLayout::both).unwrap_or(IntLayout::Computed(LANE_WORDS));
        if columns.iter().any(|c| matches!(c, DecimalColumn::Lane128 { .. })) {
            let mut all: Vec<i128> = Vec::with_capacity(rows);
            for column in columns {
                match column {
                    DecimalColumn::Lane64 { values, .. } => {
                        all.extend(values.iter().map(|&v| i128::from(v)));
                    }
                    DecimalColumn::Lane128 { values, .. } => all.extend_from_slice(values),
                    DecimalColumn::Wide(_) => {}
                }
            }
            return DecimalColumn::Lane128 { values: all.into(), scale, printed_scale, layout };
        }
        let mut all: Vec<i64> = Vec::with_capacity(rows);
        let mut most = 0;
        for column in columns {
            if let DecimalColumn::Lane64 { values, bits, .. } = column {
                all.extend_from_slice(values);
                most = most.max(*bits);
            }
        }
        DecimalColumn::Lane64 { values: all.into(), scale, printed_scale, bits: most, layout }
    }
}

/// Copies the rows `rows` lists.
pub(crate) fn gather<T: Copy>(values: &[T], rows: &[u32]) -> Vec<T> {
    rows.iter().map(|&row| values[row as usize]).collect()
}
