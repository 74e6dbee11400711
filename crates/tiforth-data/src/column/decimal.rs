// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Holds a column of decimals in the narrowest lane that fits.

use std::sync::Arc;

use arrow_buffer::{MutableBuffer, ScalarBuffer, i256};
use tiforth_types::Decimal;
use tiforth_types::decimal::lanes::pow10_i64;

use crate::simd;

/// Says in how many words of nine digits the integer parts of values in lanes are laid out. Of a
/// value it shows only where a product outgrows nine words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IntLayout {
    /// As a column's storage lays a value out that may have so many integer digits.
    Stored(u8),
    /// As what computed a value has left it; in so many words at most.
    Computed(u8),
}

impl IntLayout {
    /// Bounds the words of computed values that have no more than their magnitude needs, one at
    /// least.
    pub fn of_bits(bits: u32, scale: u8) -> Self {
        IntLayout::Computed(words_of_bits(bits, scale).max(1))
    }

    /// Bounds the words of values of no more than `bits` bits.
    pub fn words_max(self, bits: u32, scale: u8) -> u8 {
        match self {
            IntLayout::Stored(_) => words_of_bits(bits, scale),
            IntLayout::Computed(words) => words,
        }
    }

    /// Returns what holds for the values of both.
    fn both(self, other: Self) -> Self {
        match (self, other) {
            (IntLayout::Stored(_), IntLayout::Stored(_)) if self == other => self,
            _ => {
                let words = |layout: Self| layout.words_max(i128::BITS - 1, 0);
                IntLayout::Computed(words(self).max(words(other)))
            }
        }
    }
}

/// Bounds the integer digits of a mantissa of no more than `bits` bits.
pub fn int_digits_of_bits(bits: u32, scale: u8) -> u8 {
    // 1233/4096 is a little more than the decimal logarithm of 2.
    (((bits * 1_233) >> 12) + 1).saturating_sub(scale.into()) as u8
}

fn words_of_bits(bits: u32, scale: u8) -> u8 {
    int_digits_of_bits(bits, scale).div_ceil(WORD_DIGITS)
}

/// Counts the digits of a word.
const WORD_DIGITS: u8 = 9;
/// Bounds the words of lanes: what 38 digits need.
const LANE_WORDS: u8 = 5;

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
    /// scale and print one.
    pub fn from_decimals(values: Vec<Decimal>) -> Self {
        let Some(first) = values.first() else { return Self::lane64(Vec::new(), 0, 0) };
        let (scale, printed_scale) = (first.scale(), first.printed_scale());
        let mut words = 0;
        let mantissas: Option<Vec<i128>> = values
            .iter()
            .map(|v| {
                words = v.int_words().max(words);
                let is_alike = v.scale() == scale && v.printed_scale() == printed_scale;
                (is_alike && words <= LANE_WORDS).then(|| v.to_i128_scaled(scale)).flatten()
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

    /// Returns how the integer parts of mantissas are laid out.
    pub fn layout(&self) -> Option<IntLayout> {
        match self {
            DecimalColumn::Lane64 { layout, .. } | DecimalColumn::Lane128 { layout, .. } => {
                Some(*layout)
            }
            DecimalColumn::Wide(_) => None,
        }
    }

    /// Returns a row's value.
    ///
    /// # Panics
    /// When `row` is not below the length.
    #[inline]
    pub fn get(&self, row: usize) -> Decimal {
        match self {
            DecimalColumn::Lane64 { values, scale, printed_scale, layout, .. } => {
                laid_out(values[row].into(), *scale, *layout).with_printed_scale(*printed_scale)
            }
            DecimalColumn::Lane128 { values, scale, printed_scale, layout } => {
                laid_out(values[row], *scale, *layout).with_printed_scale(*printed_scale)
            }
            DecimalColumn::Wide(values) => values[row],
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
            columns.iter().for_each(|c| all.extend((0..c.len()).map(|row| c.get(row))));
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

/// Builds a value of a lane. One that was computed gets no more digits than it has.
#[inline]
fn laid_out(mantissa: i128, scale: u8, layout: IntLayout) -> Decimal {
    let value = Decimal::from_i128_scaled(mantissa, scale);
    match layout {
        IntLayout::Stored(digits) => value.with_column_digits(digits),
        IntLayout::Computed(_) => value,
    }
}

/// Copies the rows `rows` lists.
pub(crate) fn gather<T: Copy>(values: &[T], rows: &[u32]) -> Vec<T> {
    rows.iter().map(|&row| values[row as usize]).collect()
}

/// Returns how many bits the greatest magnitude needs.
#[inline(always)]
pub(crate) fn bits_of(values: &[i64]) -> u8 {
    let (mut or, mut negative) = (0i64, 0i64);
    for &v in values {
        or |= v ^ (v >> 63);
        negative |= v;
    }
    bits_bound(or, negative < 0)
}

/// Bounds the bits of magnitudes from the OR of `v ^ (v >> 63)`, which is one less than the
/// magnitude of a negative value.
fn bits_bound(or: i64, has_negative: bool) -> u8 {
    let most = or.unsigned_abs() + u64::from(has_negative);
    (u64::BITS - most.leading_zeros()) as u8
}

/// Returns how many bits the greatest magnitude needs.
fn bits_of_i128(values: &ScalarBuffer<i128>) -> u32 {
    let halves = ScalarBuffer::<i64>::new(values.inner().clone(), 0, values.len() * 2);
    let pairs = halves.as_chunks::<2>().0;
    let (low, high, negative) = simd::dispatch(
        #[inline(always)]
        || {
            let (mut low, mut high, mut negative) = (0i64, 0i64, 0i64);
            for pair in pairs {
                let sign = pair[1 - LOW] >> 63;
                low |= pair[LOW] ^ sign;
                high |= pair[1 - LOW] ^ sign;
                negative |= sign;
            }
            (low, high, negative)
        },
    );
    let most = (u128::from(high.cast_unsigned()) << 64 | u128::from(low.cast_unsigned()))
        .saturating_add(u128::from(negative < 0));
    u128::BITS - most.leading_zeros()
}

/// Is the number of values looked at before all are narrowed.
const PROBE_ROWS: usize = 1_024;
const LOW: usize = if cfg!(target_endian = "big") { 1 } else { 0 };

/// Narrows mantissas to 64 bits if all fit, and bounds their bits.
pub(crate) fn narrow(values: &ScalarBuffer<i128>) -> Option<(Vec<i64>, u8)> {
    let halves = ScalarBuffer::<i64>::new(values.inner().clone(), 0, values.len() * 2);
    let pairs = halves.as_chunks::<2>().0;
    if let Some(probe) = pairs.get(..PROBE_ROWS) {
        narrow_pairs(probe)?;
    }
    narrow_pairs(pairs)
}

fn narrow_pairs(pairs: &[[i64; 2]]) -> Option<(Vec<i64>, u8)> {
    let (narrow, (lost, or, negative)) =
        simd::scanned(pairs.iter(), (0i64, 0i64, 0i64), |(lost, or, negative), pair| {
            let (low, high) = (pair[LOW], pair[1 - LOW]);
            let sign = low >> 63;
            *lost |= high ^ sign;
            *or |= low ^ sign;
            *negative |= sign;
            low
        });
    (lost == 0).then(|| (narrow, bits_bound(or, negative < 0)))
}

/// Takes `digits` digits off mantissas of 128 bits, rounding halves away from zero, and bounds the bits
/// of what is left; nothing where some may have more than 48.
pub(crate) fn rounded_off(values: &ScalarBuffer<i128>, digits: u8) -> Option<(Vec<i64>, u8)> {
    let halves = ScalarBuffer::<i64>::new(values.inner().clone(), 0, values.len() * 2);
    let pairs = halves.as_chunks::<2>().0;
    let unit = pow10_i64(digits).filter(|&unit| unit > 1)?;
    if let Some(probe) = pairs.get(..PROBE_ROWS) {
        round_off(probe, |pair| (pair[1 - LOW], pair[LOW]), unit)?;
    }
    round_off(pairs, |pair| (pair[1 - LOW], pair[LOW]), unit)
}

/// Takes digits off mantissas of 64 bits as [`rounded_off`] does.
pub(crate) fn rounded_off_i64(values: &[i64], digits: u8) -> Option<(Vec<i64>, u8)> {
    let unit = pow10_i64(digits).filter(|&unit| unit > 1)?;
    round_off(values, |&value| (value >> 63, value), unit)
}

/// Divides mantissas, as `halves` gives their high and low halves, by a power of ten. The quotient's
/// estimate as a double is off by less than a fifth while it has 48 bits at most; the nearest whole
/// number is put right by the remainder, which fits 64 bits.
fn round_off<T>(
    values: &[T],
    halves: impl Fn(&T) -> (i64, i64),
    unit: i64,
) -> Option<(Vec<i64>, u8)> {
    const FAR: f64 = (1u64 << 48) as f64;
    const HIGH: f64 = 18_446_744_073_709_551_616.0;
    let (reciprocal, half) = (1.0 / unit as f64, unit / 2);
    let (rounded, (is_far, or, negative)) =
        simd::scanned(values.iter(), (false, 0i64, 0i64), move |(is_far, or, negative), value| {
            let (high, low) = halves(value);
            let sign = high >> 63;
            let low = (low ^ sign).wrapping_sub(sign);
            let high = (high ^ sign).wrapping_add(i64::from(low == 0) & sign.wrapping_neg());
            let estimate = (high as f64 * HIGH + low.cast_unsigned() as f64) * reciprocal;
            *is_far |= estimate.abs() >= FAR;
            let guess = simd::nearest(estimate);
            let left = low.wrapping_sub(guess.wrapping_mul(unit));
            let rounded =
                guess.wrapping_add(i64::from(left >= half)).wrapping_sub(i64::from(left < -half));
            let rounded = (rounded ^ sign).wrapping_sub(sign);
            *or |= rounded ^ (rounded >> 63);
            *negative |= rounded;
            rounded
        });
    (!is_far).then(|| (rounded, bits_bound(or, negative < 0)))
}

/// Is the number of values widened before they are laid down.
const BLOCK_ROWS: usize = 256;

/// Widens mantissas to 128 bits.
pub(crate) fn widen(values: &[i64]) -> ScalarBuffer<i128> {
    ScalarBuffer::new(extended::<2>(values).into(), 0, values.len())
}

/// Widens mantissas to 256 bits.
pub(crate) fn widen_i256(values: &[i64]) -> ScalarBuffer<i256> {
    ScalarBuffer::new(extended::<4>(values).into(), 0, values.len())
}

/// Extends mantissas by their signs to `WORDS` words of 64 bits each, pair by pair from the lowest.
fn extended<const WORDS: usize>(values: &[i64]) -> MutableBuffer {
    let mut buffer = MutableBuffer::with_capacity(size_of_val(values) * WORDS);
    simd::dispatch(
        #[inline(always)]
        || {
            let mut block = [[0i64; WORDS]; BLOCK_ROWS];
            for values in values.chunks(BLOCK_ROWS) {
                for (words, &v) in block.iter_mut().zip(values) {
                    *words = [v >> 63; WORDS];
                    words[LOW] = v;
                }
                if let Some(words) = block.as_flattened().get(..WORDS * values.len()) {
                    buffer.extend_from_slice(words);
                }
            }
        },
    );
    buffer
}

#[cfg(test)]
mod tests {
    use tiforth_types::decimal::lanes::rescale_i128;

    use super::*;

    #[test]
    fn digits_are_taken_off_as_one_by_one() {
        let mut seed = 1u64;
        let mut draw = || {
            seed = seed.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(0x1405_7B7E_F767_814F);
            i128::from(seed.cast_signed()) << 64 | i128::from(seed.rotate_left(29))
        };
        for digits in 1..=18u8 {
            let unit = 10i128.pow(digits.into());
            let mut values = Vec::new();
            for place in 0..4_000i128 {
                // Quotients of every size, and remainders around zero, one half and one.
                let quotient = draw() >> (80 + place % 48);
                let near = [0, 1, -1, unit / 2, unit / 2 - 1, unit / 2 + 1, unit - 1];
                let rest = near.get((place % 9) as usize).copied().unwrap_or(draw() % unit);
                values.push(quotient.wrapping_mul(unit) + rest);
                values.push(-values[values.len() - 1]);
            }
            let expected: Vec<i64> =
                values.iter().map(|&v| rescale_i128(v, digits, 0).unwrap() as i64).collect();
            let (rounded, bits) = rounded_off(&values.clone().into(), digits).unwrap();
            assert_eq!(rounded, expected, "{digits}");
            assert!(bits >= bits_of(&expected), "{digits}");
            let short: Vec<i64> = values.iter().filter_map(|&v| i64::try_from(v).ok()).collect();
            let expected: Vec<i64> =
                short.iter().map(|&v| rescale_i128(v.into(), digits, 0).unwrap() as i64).collect();
            if let Some((rounded, _)) = rounded_off_i64(&short, digits) {
                assert_eq!(rounded, expected, "{digits}");
            }
        }
        let far = |v: i128| rounded_off(&vec![v].into(), 1).is_none();
        assert!(far(10 << 48) && far(i128::MIN) && far(i128::MAX) && !far(9 << 48));
    }
}
