// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Names charsets and collations, and compares, matches and maps text as they say.
//!
//! A collation is one line of the list in `list.rs`: its names, and the order it compares
//! by, which is bytes or a weight table made from TiDB's answers by `examples/collation_tables.rs`.
//! All text is held as UTF-8, of whatever charset it is, as TiDB does.
//!
//! Source: TiDB `pkg/util/collate`, `pkg/expression/collation.go`; MySQL manual, "Character Sets,
//! Collations, Unicode".

mod case_mapping;
mod charset;
pub mod derive;
mod encoding;
mod like;
mod list;
mod order;
mod utf8;
mod weights;

use std::cmp::Ordering;
use std::fmt;

pub use charset::Charset;
pub use like::{LikePattern, Pieces, Search};

use list::{ALL, Entry};
use order::Order;
pub use order::upper_eight;

#[cfg(test)]
mod tests;

/// Names a collation by MySQL's id; the charset follows from it. Only known collations exist.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Collation(u16);

impl Collation {
    /// Is `binary`: bytes compared as bytes, nothing padded.
    pub const BINARY: Collation = Collation(63);
    /// Is `utf8mb4_bin`, TiDB's default: code points, trailing spaces ignored.
    pub const UTF8MB4_BIN: Collation = Collation(46);
    /// Is `utf8mb4_general_ci`: one weight a character, trailing spaces ignored.
    pub const UTF8MB4_GENERAL_CI: Collation = Collation(45);
    /// Is `utf8mb4_unicode_ci`: the weights of UCA 4.0.0, trailing spaces ignored.
    pub const UTF8MB4_UNICODE_CI: Collation = Collation(224);
    /// Is `utf8mb4_0900_ai_ci`: the weights of UCA 9.0.0, trailing spaces significant.
    pub const UTF8MB4_0900_AI_CI: Collation = Collation(255);
    /// Is `utf8mb4_0900_bin`: code points, trailing spaces significant.
    pub const UTF8MB4_0900_BIN: Collation = Collation(309);
    /// Is `utf8_bin`.
    pub const UTF8_BIN: Collation = Collation(83);
    /// Is `latin1_bin`.
    pub const LATIN1_BIN: Collation = Collation(47);
    /// Is `ascii_bin`.
    pub const ASCII_BIN: Collation = Collation(65);
    /// Is `gbk_bin`: the codes of GBK.
    pub const GBK_BIN: Collation = Collation(87);
    /// Is `gbk_chinese_ci`: one weight a character of GBK.
    pub const GBK_CHINESE_CI: Collation = Collation(28);

    /// Finds a collation by MySQL's id.
    pub fn from_id(id: u16) -> Option<Self> {
        ALL.iter().find(|entry| entry.id == id).map(|entry| Collation(entry.id))
    }

    /// Finds a collation by its name, in any case. `utf8mb3_` is read as `utf8_`.
    pub fn from_name(name: &str) -> Option<Self> {
        let alias = name.get(..8).is_some_and(|head| head.eq_ignore_ascii_case("utf8mb3_"));
        let tail = if alias { name.get(8..).unwrap_or_default() } else { name };
        let matches = |entry: &&Entry| match entry.name.strip_prefix("utf8_") {
            Some(known) if alias => known.eq_ignore_ascii_case(tail),
            _ => !alias && entry.name.eq_ignore_ascii_case(name),
        };
        ALL.iter().find(matches).map(|entry| Collation(entry.id))
    }

    /// Returns every collation, in the order of their ids.
    pub fn all() -> impl Iterator<Item = Self> {
        ALL.iter().map(|entry| Collation(entry.id))
    }

    /// Returns MySQL's id.
    pub fn id(self) -> u16 {
        self.0
    }

    /// Returns MySQL's name.
    pub fn name(self) -> &'static str {
        self.entry().name
    }

    /// Returns the charset.
    pub fn charset(self) -> Charset {
        self.entry().charset
    }

    /// Tells whether texts are compared at all; of a few collations only the names are known.
    pub fn is_comparable(self) -> bool {
        !matches!(self.entry().order, Order::Unknown)
    }

    /// Tells whether different texts are never equal, trailing spaces aside.
    pub fn is_bin(self) -> bool {
        self == Collation::BINARY || self.name().ends_with("_bin")
    }

    /// Tells whether letters are equal that differ in case.
    pub fn is_ci(self) -> bool {
        self.name().ends_with("_ci")
    }

    /// Tells whether trailing spaces are ignored when texts are compared.
    pub fn pads_spaces(self) -> bool {
        self.entry().pads
    }

    /// Tells whether texts are equal just when their bytes are, trailing spaces aside where they
    /// are ignored; the text itself is then its key.
    pub fn compares_bytes(self) -> bool {
        matches!(self.entry().order, Order::Bytes)
    }

    /// Tells whether ASCII texts are equal just when they are letter by letter in either case, trailing
    /// spaces aside where they are ignored.
    pub fn compares_letters(self) -> bool {
        matches!(self.entry().order, Order::Single(_))
    }

    /// Cuts the trailing spaces off that do not count in a comparison.
    #[inline]
    pub fn trim_padding(self, text: &[u8]) -> &[u8] {
        if !self.pads_spaces() {
            return text;
        }
        trim_spaces(text)
    }

    /// Compares two texts. Where a `_ci` collation meets bytes that are no UTF-8 it calls the texts
    /// equal, as TiDB does.
    pub fn compare(self, a: &[u8], b: &[u8]) -> Ordering {
        let entry = self.entry();
        match entry.pads {
            true => entry.order.compare(trim_spaces(a), trim_spaces(b)),
            false => entry.order.compare(a, b),
        }
    }

    /// Tells whether two texts are equal: what [`compare`](Self::compare) says, sooner.
    pub fn equals(self, a: &[u8], b: &[u8]) -> bool {
        let entry = self.entry();
        let (a, b) = match entry.pads {
            true => (trim_spaces(a), trim_spaces(b)),
            false => (a, b),
        };
        entry.order.equals(a, b)
    }

    /// Appends the sort key: bytes whose order is the order of the texts, and which are equal just
    /// when the texts are. It is cut where a `_ci` collation meets bytes that are no UTF-8.
    pub fn sort_key(self, text: &[u8], out: &mut Vec<u8>) {
        self.entry().order.sort_key(self.trim_padding(text), out);
    }

    /// Appends the sort key of all of a text, trailing spaces too: a text that holds another has a key
    /// that holds the other's.
    pub fn sort_key_unpadded(self, text: &[u8], out: &mut Vec<u8>) {
        self.entry().order.sort_key(text, out);
    }

    /// Returns the sort key without a copy where the text itself holds it; `scratch` is overwritten
    /// where it does not. It is what hashing and equality work on.
    pub fn key<'a>(self, text: &'a [u8], scratch: &'a mut Vec<u8>) -> &'a [u8] {
        if self.compares_bytes() {
            return self.trim_padding(text);
        }
        scratch.clear();
        self.sort_key(text, scratch);
        scratch
    }

    /// Appends the text in upper case: each character mapped by itself, ß stays ß. Bytes of a binary
    /// string are copied; a byte that is no UTF-8 becomes U+FFFD.
    pub fn write_upper(self, text: &[u8], out: &mut Vec<u8>) {
        case_mapping::UPPER.write(text, self.charset(), out);
    }

    /// Appends the text in lower case; see [`write_upper`](Self::write_upper).
    pub fn write_lower(self, text: &[u8], out: &mut Vec<u8>) {
        case_mapping::LOWER.write(text, self.charset(), out);
    }

    fn entry(self) -> &'static Entry {
        list::entry_of(self.0)
    }
}

/// Cuts trailing spaces off.
#[inline]
fn trim_spaces(text: &[u8]) -> &[u8] {
    match text {
        [.., b' '] => {
            let len = text.iter().rposition(|byte| *byte != b' ').map_or(0, |last| last + 1);
            text.get(..len).unwrap_or_default()
        }
        _ => text,
    }
}

impl fmt::Display for Collation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Debug for Collation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
