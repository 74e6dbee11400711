// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Matches a column of texts against one pattern.
//!
//! The texts of a column lie end to end. A piece that each has to hold is searched for in all of them
//! at once: what does not hold it is passed at the speed of the search, and no row costs a call. Where
//! the collation takes letters of either case for equal, the upper case of a stretch of rows is searched,
//! as long as it is ASCII.

use arrow_buffer::{ArrowNativeType, BooleanBuffer, BooleanBufferBuilder};
use tiforth_data::column::Offsets;
use tiforth_data::{BytesColumn, simd};
use tiforth_expr::kernel::Rows;
use tiforth_types::LikePattern;
use tiforth_types::collation::{Pieces, Search};

/// Is the most that is put into upper case at a time.
const STRETCH_BYTES: usize = 16 << 10;

/// Tells for every row of `rows` whether its text matches.
pub(super) fn matching(
    texts: &BytesColumn,
    pattern: &LikePattern,
    rows: Rows<'_>,
) -> BooleanBuffer {
    let len = texts.len();
    if let Some(selection) = rows.selection {
        let mut bits = BooleanBufferBuilder::new(len);
        bits.append_n(len, false);
        for &row in selection {
            bits.set_bit(row as usize, pattern.matches(texts.get(row as usize)));
        }
        return bits.finish();
    }
    if let Some(Search::Bytes(pieces)) = pattern.search()
        && pieces.held().is_none()
    {
        let (first, last) = pieces.ends();
        return texts.matching(first, last, false, |text| pieces.matches(text));
    }
    match texts.end_to_end() {
        Some((bytes, Offsets::Small(offsets))) => Texts { bytes, offsets }.matching(pattern),
        Some((bytes, Offsets::Large(offsets))) => Texts { bytes, offsets }.matching(pattern),
        None => BooleanBuffer::collect_bool(len, |row| pattern.matches(texts.get(row))),
    }
}

/// Is texts that lie end to end.
struct Texts<'a, O> {
    bytes: &'a [u8],
    /// Where each text begins, and the last one ends.
    offsets: &'a [O],
}

impl<O: ArrowNativeType> Texts<'_, O> {
    fn len(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// Returns where a row begins, which is where the one before ends.
    #[inline]
    fn start(&self, row: usize) -> usize {
        self.offsets.get(row).map_or(self.bytes.len(), |offset| offset.as_usize())
    }

    #[inline]
    fn get(&self, row: usize) -> &[u8] {
        self.bytes.get(self.start(row)..self.start(row + 1)).unwrap_or_default()
    }

    fn matching(&self, pattern: &LikePattern) -> BooleanBuffer {
        let len = self.len();
        match pattern.search() {
            Some(Search::Bytes(pieces)) => {
                let mut bits = BooleanBufferBuilder::new(len);
                bits.append_n(len, false);
                let bytes = self.bytes.get(self.start(0)..self.start(len)).unwrap_or_default();
                self.mark(pieces, bytes, 0, &mut bits);
                bits.finish()
            }
            Some(Search::UpperCase(pieces)) => self.matching_upper(pieces, pattern),
            None => BooleanBuffer::collect_bool(len, |row| pattern.matches(self.get(row))),
        }
    }

    /// Sets the bits of the rows that match, whose texts from `row` on are `bytes`, by a search for a
    /// piece they have to hold.
    fn mark(&self, pieces: &Pieces, bytes: &[u8], mut row: usize, bits: &mut BooleanBufferBuilder) {
        let Some((piece, is_all)) = pieces.held() else { return };
        let (base, size) = (self.start(row), piece.needle().len());
        let mut from = 0;
        while let Some(found) = bytes.get(from..).and_then(|rest| piece.find(rest)) {
            let at = from + found;
            while self.start(row + 1) <= base + at {
                row += 1;
            }
            let end = self.start(row + 1) - base;
            if at + size > end {
                // It begins in this row and ends in another: no row holds it.
                from = at + 1;
                continue;
            }
            let text = bytes.get(self.start(row) - base..end).unwrap_or_default();
            if is_all || pieces.matches(text) {
                bits.set_bit(row, true);
            }
            from = end;
        }
    }

    /// Searches the upper case of as many rows at a time as fit into the stretch. What is longer, or is
    /// not ASCII, is matched as it is.
    fn matching_upper(&self, pieces: &Pieces, pattern: &LikePattern) -> BooleanBuffer {
        let len = self.len();
        let mut bits = BooleanBufferBuilder::new(len);
        bits.append_n(len, false);
        let mut scratch = vec![0; STRETCH_BYTES];
        let mut first = 0;
        while first < len {
            let start = self.start(first);
            let fitting = self.offsets.get(first + 1..).unwrap_or_default();
            let count = fitting.partition_point(|o| o.as_usize() - start <= STRETCH_BYTES).max(1);
            let last = first + count;
            let texts = self.bytes.get(start..self.start(last)).unwrap_or_default();
            match scratch.get_mut(..texts.len()).filter(|_| texts.is_ascii()) {
                Some(upper) => {
                    write_upper(texts, upper);
                    if pieces.held().is_some() {
                        self.mark(pieces, upper, first, &mut bits);
                    } else {
                        for row in first..last {
                            let text =
                                upper.get(self.start(row) - start..self.start(row + 1) - start);
                            bits.set_bit(row, pieces.matches(text.unwrap_or_default()));
                        }
                    }
                }
                None => {
                    (first..last).for_each(|row| bits.set_bit(row, pattern.matches(self.get(row))));
                }
            }
            first = last;
        }
        bits.finish()
    }
}

fn write_upper(texts: &[u8], upper: &mut [u8]) {
    simd::dispatch(
        #[inline(always)]
        || {
            for (upper, byte) in upper.iter_mut().zip(texts) {
                *upper = byte.to_ascii_uppercase();
            }
        },
    );
}

#[cfg(test)]
mod tests {
    use tiforth_data::BytesBuilder;
    use tiforth_types::Collation;

    use super::*;

    #[test]
    fn columns_match_as_rows_do() {
        let texts = [
            "",
            "ab",
            "a",
            "b",
            "xaby",
            "AB",
            "aB%",
            "ababab",
            "é ab",
            "ÉAB",
            "a\u{0}b",
            "aab",
            "ba",
            "b a",
            "the lazy dog",
            "ß",
            "ab ",
            "zzzab",
            "abzzz",
        ];
        let patterns = [
            "", "%", "a", "ab", "ab%", "%ab", "%ab%", "%a%b%", "a%b", "a%b%", "%b%a", "_b", "%é%",
            "%_ab%", "é%", "%aba%", "%A%", "\\a%", "%\\%%",
        ];
        let mut builder = BytesBuilder::default();
        for _ in 0..1_500 {
            texts.iter().for_each(|text| builder.push(text.as_bytes()));
        }
        let long = "x".repeat(STRETCH_BYTES) + "ab";
        builder.push(long.as_bytes());
        texts.iter().for_each(|text| builder.push(text.as_bytes()));
        let whole = builder.finish();
        let selection: Vec<u32> = (0..whole.len() as u32).filter(|row| row % 3 > 0).collect();
        let collations = [Collation::BINARY, Collation::UTF8MB4_BIN, Collation::UTF8MB4_GENERAL_CI];
        for (pattern, collation) in
            patterns.iter().flat_map(|p| collations.iter().map(move |c| (p, *c)))
        {
            let like = LikePattern::new(pattern.as_bytes(), Some(b'\\'), collation);
            for column in [&whole, &whole.slice(7, whole.len() - 9)] {
                let found = matching(column, &like, Rows::all(column.len()));
                for row in 0..column.len() {
                    let text = column.get(row);
                    assert_eq!(found.value(row), like.matches(text), "{text:?} {pattern}");
                }
            }
            let found = matching(&whole, &like, Rows::selected(whole.len(), &selection));
            for &row in &selection {
                let row = row as usize;
                assert_eq!(found.value(row), like.matches(whole.get(row)), "{row} {pattern}");
            }
        }
    }
}
