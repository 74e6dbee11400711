// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Counts and cuts the characters of text that may be no UTF-8: a byte that begins no character is
//! one by itself, and becomes U+FFFD where a text is taken apart, as in Go.

/// Says what a function counts in: bytes of a binary string, characters of a text.
pub(super) trait Unit: Send + Sync {
    /// Counts the units of a text.
    fn count(text: &[u8]) -> usize;
    /// Returns how many bytes the first `units` take, all where there are no more.
    fn offset(text: &[u8], units: usize) -> usize;
    /// Appends a part of a text.
    fn append(part: &[u8], out: &mut Vec<u8>);
}

/// Counts in bytes.
pub(super) struct Bytes;

/// Counts in characters.
pub(super) struct Characters;

impl Unit for Bytes {
    #[inline]
    fn count(text: &[u8]) -> usize {
        text.len()
    }

    #[inline]
    fn offset(text: &[u8], units: usize) -> usize {
        units.min(text.len())
    }

    #[inline]
    fn append(part: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(part);
    }
}

impl Unit for Characters {
    #[inline]
    fn count(text: &[u8]) -> usize {
        if text.is_ascii() {
            return text.len();
        }
        match std::str::from_utf8(text) {
            Ok(text) => text.chars().count(),
            Err(_) => widths(text).count(),
        }
    }

    #[inline]
    fn offset(text: &[u8], units: usize) -> usize {
        match text.get(..units) {
            // There are no more characters than bytes.
            None => text.len(),
            Some(head) if head.is_ascii() => units,
            Some(_) => widths(text).take(units).sum(),
        }
    }

    #[inline]
    fn append(part: &[u8], out: &mut Vec<u8>) {
        if part.is_ascii() {
            return out.extend_from_slice(part);
        }
        for chunk in part.utf8_chunks() {
            out.extend_from_slice(chunk.valid().as_bytes());
            for _ in chunk.invalid() {
                out.extend_from_slice("\u{fffd}".as_bytes());
            }
        }
    }
}

/// Returns the first character of a text, as bytes; none where the text is empty.
pub(super) fn first(text: &[u8]) -> &[u8] {
    text.get(..Characters::offset(text, 1)).unwrap_or_default()
}

/// Calls `each` with every character, as bytes, in order.
pub(super) fn for_each(text: &[u8], mut each: impl FnMut(&[u8])) {
    let mut rest = text;
    for width in widths(text) {
        let Some((character, tail)) = rest.split_at_checked(width) else { return };
        each(character);
        rest = tail;
    }
}

/// Returns the widths of the characters of a text, in bytes.
fn widths(text: &[u8]) -> impl Iterator<Item = usize> + '_ {
    text.utf8_chunks().flat_map(|chunk| {
        let good = chunk.valid().chars().map(char::len_utf8);
        good.chain(std::iter::repeat_n(1, chunk.invalid().len()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_counted_and_cut() {
        let check = |text: &[u8], count: usize, offsets: &[usize], appended: &[u8]| {
            assert_eq!(Characters::count(text), count, "{text:x?}");
            let found: Vec<_> = (0..=count + 1).map(|n| Characters::offset(text, n)).collect();
            assert_eq!(found, offsets, "{text:x?}");
            let mut out = Vec::new();
            Characters::append(text, &mut out);
            assert_eq!(out, appended, "{text:x?}");
        };
        check(b"", 0, &[0, 0], b"");
        check(b"ab", 2, &[0, 1, 2, 2], b"ab");
        check("a日b".as_bytes(), 3, &[0, 1, 4, 5, 5], "a日b".as_bytes());
        check(b"\xe6\x97", 2, &[0, 1, 2, 2], "\u{fffd}\u{fffd}".as_bytes());
        check(b"a\xffb", 3, &[0, 1, 2, 3, 3], "a\u{fffd}b".as_bytes());
    }
}
