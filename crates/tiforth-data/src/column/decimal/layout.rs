// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Says in how many words of nine digits the integer parts of decimals in lanes are laid out.
//!
//! TiDB's decimals have a layout besides their value: 5 computed from 2000000000 has two integer words.
//! It shows where a result outgrows nine words, by what is lost or that it fails. A lane has no room for
//! it, so a column of lanes bounds it: what loses nothing with the most words loses nothing with fewer.
//! A column read from storage knows the words of each value, for storage lays them out by their digits.

/// Says in how many words of nine digits the integer parts of values in lanes are laid out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IntLayout {
    /// As a column's storage lays a value out that may have so many integer digits; with none, in the
    /// digits it has and no more.
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

    /// Bounds the digits that values of no more than `bits` bits are laid out in.
    #[inline]
    pub(super) fn digits_max(self, bits: u32, scale: u8) -> u8 {
        match self {
            IntLayout::Stored(digits) => {
                let most = int_digits_of_bits(bits, scale);
                (most.div_ceil(WORD_DIGITS) * WORD_DIGITS).min(digits).max(most)
            }
            IntLayout::Computed(words) => words * WORD_DIGITS,
        }
    }

    /// Returns what holds for the values of both.
    pub(super) fn both(self, other: Self) -> Self {
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
#[inline]
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
pub const LANE_WORDS: u8 = 5;
