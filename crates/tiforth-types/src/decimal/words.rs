// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Lays a decimal out in nine words of nine digits, as MySQL's and TiDB's decimals are.
//!
//! ```text
//!   12 345678901 . 230000000          int_digits 11, scale 2: two integer words, one fraction word
//!   buf[0] buf[1]  buf[2]
//! ```
//!
//! The layout decides what is lost where a result outgrows 81 digits, and how many digits a
//! quotient keeps; therefore it is kept for every value beyond 38 digits and for every value whose
//! digits the plain form cannot tell (a negative zero, digits below the scale).
//! Source: `pkg/types/mydecimal.go`.

use std::cmp::Ordering;

use super::Outcome;
use super::lanes::POW10_U32;

/// Counts the digits of a word.
pub(super) const WORD_DIGITS: usize = 9;
/// Counts the words of the buffer.
pub(super) const WORDS: usize = 9;
/// Is one more than the greatest word.
pub(super) const WORD_BASE: u32 = 1_000_000_000;
/// Bounds the digits of the buffer.
pub(super) const DIGITS_MAX: usize = WORDS * WORD_DIGITS;

/// Bounds the fraction digits a product calls its own.
pub(super) const PRODUCT_SCALE_MAX: u8 = 31;

/// Counts the words that `digits` digits take.
#[inline]
pub(super) const fn words_for(digits: usize) -> usize {
    digits.div_ceil(WORD_DIGITS)
}

/// Counts the decimal digits of a word; zero has none.
pub(super) fn digit_count(word: u32) -> usize {
    word.checked_ilog10().map_or(0, |log| log as usize + 1)
}

/// Fits counts of words into the buffer: the fraction gives way first.
pub(super) fn limit_words(int: usize, frac: usize) -> (usize, usize, Outcome) {
    if int + frac <= WORDS {
        (int, frac, Outcome::Exact)
    } else if int > WORDS {
        (WORDS, 0, Outcome::Overflow)
    } else {
        (int, WORDS - int, Outcome::Truncated)
    }
}

/// Is a decimal as nine words.
///
/// `int_digits` is nominal: there may be leading zeros among them. The last fraction word and the
/// words behind it may hold digits below `scale`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Words {
    pub(super) buf: [u32; WORDS],
    pub(super) int_digits: u8,
    pub(super) scale: u8,
    pub(super) printed: u8,
    pub(super) negative: bool,
}

impl Words {
    /// Is zero without any digit.
    pub(super) const ZERO: Words =
        Words { buf: [0; WORDS], int_digits: 0, scale: 0, printed: 0, negative: false };

    /// Is zero with a scale.
    pub(super) fn zero_with_scale(scale: u8) -> Words {
        Words { scale, printed: scale, ..Words::ZERO }
    }

    /// Is the greatest number of the buffer: 81 nines.
    pub(super) fn nines() -> Words {
        Words { buf: [WORD_BASE - 1; WORDS], int_digits: DIGITS_MAX as u8, ..Words::ZERO }
    }

    /// Lays the integer part out in `digits` digits, leading zeros included, if there are fewer and the words
    /// have room.
    pub(super) fn lay_out(&mut self, digits: u8) {
        let used = self.int_words() + self.frac_words();
        let more = words_for(digits.into()).saturating_sub(self.int_words());
        if digits > self.int_digits && used + more <= WORDS {
            self.buf.copy_within(..used, more);
            self.buf[..more].fill(0);
            self.int_digits = digits;
        }
    }

    /// Counts the integer words.
    pub(super) fn int_words(&self) -> usize {
        words_for(self.int_digits.into())
    }

    /// Counts the fraction words.
    pub(super) fn frac_words(&self) -> usize {
        words_for(self.scale.into())
    }

    /// Reads the words in use, the most significant first.
    pub(super) fn used(&self) -> &[u32] {
        &self.buf[..(self.int_words() + self.frac_words()).min(WORDS)]
    }

    /// Reads the word at a position: 0 is the last integer word, -1 the first fraction word.
    pub(super) fn at(&self, position: isize) -> u32 {
        let index = self.int_words() as isize - 1 - position;
        usize::try_from(index).ok().and_then(|i| self.used().get(i)).copied().unwrap_or(0)
    }

    /// Tells the position of the first word that is not zero.
    pub(super) fn top_position(&self) -> Option<isize> {
        let index = self.used().iter().position(|&word| word != 0)?;
        Some(self.int_words() as isize - 1 - index as isize)
    }

    /// Tells whether every word of the buffer is zero, those out of use too.
    pub(super) fn is_zero(&self) -> bool {
        self.buf.iter().all(|&word| word == 0)
    }

    /// Counts the integer digits without leading zeros.
    pub(super) fn significant_int_digits(&self) -> usize {
        match self.top_position() {
            Some(top) if top >= 0 => top as usize * WORD_DIGITS + digit_count(self.at(top)),
            _ => 0,
        }
    }

    /// Drops leading zero digits of the integer part.
    pub(super) fn strip_leading_zeros(&mut self) {
        let digits = self.significant_int_digits();
        let dropped = self.int_words() - words_for(digits);
        if dropped > 0 {
            self.buf.copy_within(dropped.., 0);
            self.buf[WORDS - dropped..].fill(0);
        }
        self.int_digits = digits as u8;
    }

    /// Orders two magnitudes by their words in use.
    pub(super) fn cmp_magnitude(&self, rhs: &Words) -> Ordering {
        let int = self.int_words().max(rhs.int_words()) as isize;
        let frac = self.frac_words().max(rhs.frac_words()) as isize;
        (-frac..int)
            .rev()
            .map(|p| self.at(p).cmp(&rhs.at(p)))
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }

    /// Lays out digits (ASCII), the integer part's and the fraction's, that fit the buffer.
    pub(super) fn from_digits(int: &[u8], frac: &[u8]) -> Words {
        let mut out = Words { int_digits: int.len() as u8, scale: frac.len() as u8, ..Words::ZERO };
        out.printed = out.scale;
        let fold = |digits: &[u8]| digits.iter().fold(0, |w, d| w * 10 + u32::from(d - b'0'));
        let int_words = out.int_words();
        for (word, digits) in out.buf[..int_words].iter_mut().rev().zip(int.rchunks(WORD_DIGITS)) {
            *word = fold(digits);
        }
        for (word, digits) in out.buf[int_words..].iter_mut().zip(frac.chunks(WORD_DIGITS)) {
            *word = fold(digits) * POW10_U32[WORD_DIGITS - digits.len()];
        }
        out
    }

    /// Writes the integer part's digits (all nominal ones) and the fraction's into `out`, ASCII;
    /// returns how many.
    pub(super) fn write_digits(&self, out: &mut [u8; DIGITS_MAX]) -> usize {
        let mut len = 0;
        let mut put = |word: u32, from: usize, to: usize| {
            for i in from..to {
                out[len] = b'0' + (word / POW10_U32[WORD_DIGITS - 1 - i] % 10) as u8;
                len += 1;
            }
        };
        let int_words = self.int_words();
        let lead = int_words * WORD_DIGITS - usize::from(self.int_digits);
        for (i, &word) in self.used().iter().enumerate() {
            let from = if i == 0 && int_words > 0 { lead } else { 0 };
            let rest = if i < int_words {
                WORD_DIGITS
            } else {
                usize::from(self.scale) - (i - int_words) * WORD_DIGITS
            };
            put(word, from, rest.min(WORD_DIGITS));
        }
        len
    }
}
