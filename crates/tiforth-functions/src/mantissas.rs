// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Shows decimal operands as mantissas at one scale, which kernels compute over
//! where no row needs to be looked at.
//!
//! An operand brings a bound of its magnitudes in bits. What follows from the operands' bounds for the
//! result's decides the width of a loop, and whether it checks its rows.

use std::borrow::Cow;

use tiforth_data::column::int_digits_of_bits;
use tiforth_data::{Column, ColumnData, DecimalColumn, IntLayout, simd};
use tiforth_types::Datum;
use tiforth_types::decimal::lanes::{POW10_I128, pow10_i128};

/// Bounds the bits of mantissas a lane of 64 bits holds.
pub(crate) const SHORT_BITS: u32 = 63;
/// Bounds the bits that no mantissa of 39 digits has.
pub(crate) const LONG_BITS: u32 = 126;
/// Is the least magnitude a decimal's mantissa does not have as one number: 39 digits.
const LONG_BOUND: i128 = POW10_I128[38];

/// Is the high half of that.
const LONG_HIGH: i64 = (LONG_BOUND >> 64) as i64;

/// Counts the words of nine digits a decimal has room for.
pub(crate) const WORDS_MAX: u8 = 9;

/// Is a decimal operand: mantissas of one scale.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mantissas<'a> {
    pub(crate) values: Values<'a>,
    pub(crate) scale: u8,
    pub(crate) printed_scale: u8,
    /// No magnitude needs more bits.
    pub(crate) bits: u32,
    /// No integer part is laid out in more words of nine digits.
    pub(crate) int_words: u8,
}

/// Holds a mantissa a row, or one for all.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Values<'a> {
    Short(&'a [i64]),
    Long(&'a [i128]),
    One(i128),
}

impl Values<'_> {
    /// Returns a row's mantissa.
    #[inline(always)]
    pub(crate) fn at(&self, row: usize) -> i128 {
        match self {
            Values::Short(values) => values[row].into(),
            Values::Long(values) => values[row],
            Values::One(value) => *value,
        }
    }
}

/// Returns how many bits a magnitude needs.
pub(crate) fn bits_of(value: i128) -> u32 {
    u128::BITS - value.unsigned_abs().leading_zeros()
}

impl<'a> Mantissas<'a> {
    /// Opens a decoded column; nothing where values are whole or NULL.
    pub(crate) fn open(column: &'a Column) -> Option<Self> {
        Self::open_as(column, DecimalColumn::bits)
    }

    /// Opens a decoded column whose mantissas have no more than `long_bits` bits, if it has long ones.
    pub(crate) fn bounded(column: &'a Column, long_bits: u32) -> Option<Self> {
        Self::open_as(column, |lanes| match lanes {
            DecimalColumn::Lane128 { .. } => Some(long_bits),
            _ => lanes.bits(),
        })
    }

    #[inline]
    fn open_as(
        column: &'a Column,
        bits: impl FnOnce(&DecimalColumn) -> Option<u32>,
    ) -> Option<Self> {
        match column.data() {
            ColumnData::Decimal(lanes) => Self::of_bounded_lanes(lanes, bits(lanes)?),
            ColumnData::Constant(value) => {
                let Datum::Decimal(value) = value.as_ref() else { return None };
                let mantissa = value.plain_mantissa()?;
                Some(Mantissas {
                    values: Values::One(mantissa),
                    scale: value.scale(),
                    printed_scale: value.printed_scale(),
                    bits: bits_of(mantissa),
                    int_words: value.int_words(),
                })
            }
            _ => None,
        }
    }

    /// Shows lanes; nothing where values are whole.
    pub(crate) fn of_lanes(lanes: &'a DecimalColumn) -> Option<Self> {
        Self::of_bounded_lanes(lanes, lanes.bits()?)
    }

    #[inline]
    fn of_bounded_lanes(lanes: &'a DecimalColumn, bits: u32) -> Option<Self> {
        let (values, scale, printed_scale, layout) = match lanes {
            DecimalColumn::Lane64 { values, scale, printed_scale, layout, .. } => {
                (Values::Short(values), *scale, *printed_scale, *layout)
            }
            DecimalColumn::Lane128 { values, scale, printed_scale, layout } => {
                (Values::Long(values), *scale, *printed_scale, *layout)
            }
            DecimalColumn::Wide(_) => return None,
        };
        let int_words = layout.words_max(bits, scale);
        Some(Mantissas { values, scale, printed_scale, bits, int_words })
    }

    /// Returns a row's mantissas in 128 bits, brought to a scale by `raise`; of one value none.
    pub(crate) fn raised(&self, raise: i128) -> Cow<'a, [i128]> {
        match self.values {
            Values::Long(values) if raise == 1 => Cow::Borrowed(values),
            Values::Long(values) => values.iter().map(|v| v.wrapping_mul(raise)).collect(),
            Values::Short(values) => {
                values.iter().map(|&v| i128::from(v).wrapping_mul(raise)).collect()
            }
            Values::One(_) => Cow::Borrowed(&[]),
        }
    }

    /// Tells whether all rows share one value.
    pub(crate) fn is_one(&self) -> bool {
        matches!(self.values, Values::One(_))
    }

    /// Tells whether the rows have mantissas of 128 bits.
    pub(crate) fn is_long(&self) -> bool {
        matches!(self.values, Values::Long(_))
    }

    /// Brings the operand to a scale not less than its own: returns it with the bound it then has,
    /// and what its mantissas are still to be multiplied by. Nothing where that is beyond 38 digits.
    pub(crate) fn at_scale(self, scale: u8) -> Option<(Self, i128)> {
        let raise = pow10_i128(scale.checked_sub(self.scale)?)?;
        if raise == 1 {
            return Some((self, raise));
        }
        if let Values::One(value) = self.values {
            let value = value.checked_mul(raise)?;
            return Some((
                Mantissas { values: Values::One(value), scale, bits: bits_of(value), ..self },
                1,
            ));
        }
        Some((Mantissas { scale, bits: self.bits + bits_of(raise), ..self }, raise))
    }

    /// Counts the words of nine digits behind the point.
    fn frac_words(&self) -> u8 {
        self.scale.div_ceil(9)
    }

    /// Tells whether the words of any product have room, so that none loses digits.
    pub(crate) fn has_room_for_product(&self, rhs: &Self) -> bool {
        let words = self.int_words + rhs.int_words + self.frac_words() + rhs.frac_words();
        words <= WORDS_MAX
    }
}

/// Bounds the integer words of sums of no more than `bits` bits, of operands of no more than `int_words`;
/// nothing where the words might have no room. Where the first words might carry, a sum has a word
/// more; then it has all the digits of the others, or they cannot.
pub(crate) fn sum_layout(int_words: u8, bits: u32, scale: u8) -> Option<IntLayout> {
    let digits = int_digits_of_bits(bits, scale) + 1;
    let words = int_words.max(digits.div_ceil(9));
    (words + scale.div_ceil(9) <= WORDS_MAX).then_some(IntLayout::Computed(words))
}

/// Computes over pairs of short mantissas; nothing where an operand has others, or both are one.
#[inline]
pub(crate) fn short(
    a: &Mantissas<'_>,
    b: &Mantissas<'_>,
    body: impl Fn(i64, i64) -> i64,
) -> Option<Vec<i64>> {
    Some(match (a.values, b.values) {
        (Values::Short(a), Values::Short(b)) => {
            simd::scanned(a.iter().zip(b), (), move |(), (&a, &b)| body(a, b)).0
        }
        (Values::Short(a), Values::One(b)) => {
            let b = i64::try_from(b).ok()?;
            simd::mapped(a, move |a| body(a, b))
        }
        (Values::One(a), Values::Short(b)) => {
            let a = i64::try_from(a).ok()?;
            simd::mapped(b, move |b| body(a, b))
        }
        _ => return None,
    })
}

/// Computes over pairs of mantissas; `body` sets the flag where a result does not count, and nothing
/// is returned then, or where both operands are one.
#[inline]
pub(crate) fn long(
    a: &Mantissas<'_>,
    b: &Mantissas<'_>,
    body: impl Fn(&mut bool, i128, i128) -> i128,
) -> Option<Vec<i128>> {
    let mut is_wrong = false;
    let flag = &mut is_wrong;
    // Nothing here is vectorised, so the loops are not compiled for each processor.
    let values = match (a.values, b.values) {
        (Values::Short(a), Values::Short(b)) => {
            a.iter().zip(b).map(|(&a, &b)| body(flag, a.into(), b.into())).collect()
        }
        (Values::Short(a), Values::Long(b)) => {
            a.iter().zip(b).map(|(&a, &b)| body(flag, a.into(), b)).collect()
        }
        (Values::Long(a), Values::Short(b)) => {
            a.iter().zip(b).map(|(&a, &b)| body(flag, a, b.into())).collect()
        }
        (Values::Long(a), Values::Long(b)) => {
            a.iter().zip(b).map(|(&a, &b)| body(flag, a, b)).collect()
        }
        (Values::Short(a), Values::One(b)) => a.iter().map(|&a| body(flag, a.into(), b)).collect(),
        (Values::Long(a), Values::One(b)) => a.iter().map(|&a| body(flag, a, b)).collect(),
        (Values::One(a), Values::Short(b)) => b.iter().map(|&b| body(flag, a, b.into())).collect(),
        (Values::One(a), Values::Long(b)) => b.iter().map(|&b| body(flag, a, b)).collect(),
        (Values::One(_), Values::One(_)) => return None,
    };
    (!is_wrong).then_some(values)
}

/// Computes over pairs of mantissas of which some are long, and bounds the bits of the long ones in the
/// same pass; nothing where no operand is long.
#[inline]
pub(crate) fn long_bounded(
    a: &Mantissas<'_>,
    b: &Mantissas<'_>,
    body: impl Fn(i128, i128) -> i128,
) -> Option<(Vec<i128>, u32)> {
    let (values, or) = match (a.values, b.values) {
        (Values::Long(a), Values::Long(b)) => {
            simd::scanned(a.iter().zip(b), 0, move |or, (&a, &b)| {
                *or |= high_bits(a) | high_bits(b);
                body(a, b)
            })
        }
        (Values::Long(a), Values::Short(b)) => {
            simd::scanned(a.iter().zip(b), 0, move |or, (&a, &b)| {
                *or |= high_bits(a);
                body(a, b.into())
            })
        }
        (Values::Short(a), Values::Long(b)) => {
            simd::scanned(a.iter().zip(b), 0, move |or, (&a, &b)| {
                *or |= high_bits(b);
                body(a.into(), b)
            })
        }
        (Values::Long(a), Values::One(b)) => simd::scanned(a.iter(), 0, move |or, &a| {
            *or |= high_bits(a);
            body(a, b)
        }),
        (Values::One(a), Values::Long(b)) => simd::scanned(b.iter(), 0, move |or, &b| {
            *or |= high_bits(b);
            body(a, b)
        }),
        _ => return None,
    };
    Some((values, i128::BITS - u64::leading_zeros(or)))
}

/// Returns a number of as many bits as a magnitude has above its lower 64, or one more: in two's
/// complement all bits above those are the sign's, so each is as the one below it.
#[inline(always)]
fn high_bits(mantissa: i128) -> u64 {
    let high = (mantissa >> 64) as u64;
    high ^ (high << 1)
}

/// Tells whether a mantissa has more digits than a decimal as one number.
#[inline(always)]
pub(crate) fn is_beyond(mantissa: i128) -> bool {
    (mantissa >= LONG_BOUND) | (mantissa <= -LONG_BOUND)
}

/// Tells from the high half of a mantissa whether it may be so; of a few that have no more digits it says
/// so too.
#[inline(always)]
pub(crate) fn may_be_beyond(high: i64) -> bool {
    !(-LONG_HIGH..LONG_HIGH).contains(&high)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bound(a: Values<'_>, b: Values<'_>) -> u32 {
        let operand = [a, b].map(|values| Mantissas {
            values,
            scale: 0,
            printed_scale: 0,
            bits: 1,
            int_words: 1,
        });
        long_bounded(&operand[0], &operand[1], i128::wrapping_add).unwrap().1
    }

    #[test]
    fn long_mantissas_are_bounded_closely() {
        let powers = (0..127).map(|bits| 1i128 << bits);
        for value in powers.flat_map(|p| [p, p - 1, p + 1, -p, 1 - p, -1 - p]).chain([i128::MIN]) {
            let (values, zeros, bits) = ([value, 0], [0i64, 0], bits_of(value).max(64));
            let (long, short) = (Values::Long(&values), Values::Short(&zeros));
            let bounds = [
                bound(long, long),
                bound(long, short),
                bound(short, long),
                bound(long, Values::One(0)),
                bound(Values::One(0), long),
            ];
            assert!(bounds.iter().all(|b| (bits..=bits + 1).contains(b)), "{value}: {bounds:?}");
        }
    }
}
