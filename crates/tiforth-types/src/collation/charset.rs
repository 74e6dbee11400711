// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Names character sets.

use std::fmt;

use super::Collation;
use super::list::GBK_CODES;
use super::utf8::decode;

/// Names a character set.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[expect(missing_docs, reason = "the names are MySQL's own")]
pub enum Charset {
    Binary,
    Ascii,
    Latin1,
    Utf8,
    Utf8mb4,
    Gbk,
    Gb18030,
}

impl Charset {
    /// Is every charset.
    pub const ALL: [Charset; 7] = [
        Charset::Binary,
        Charset::Ascii,
        Charset::Latin1,
        Charset::Utf8,
        Charset::Utf8mb4,
        Charset::Gbk,
        Charset::Gb18030,
    ];

    /// Finds a charset by its name, in any case; `utf8mb3` is `utf8`.
    pub fn from_name(name: &str) -> Option<Self> {
        let known = Charset::ALL.into_iter().find(|c| c.name().eq_ignore_ascii_case(name));
        known.or_else(|| name.eq_ignore_ascii_case("utf8mb3").then_some(Charset::Utf8))
    }

    /// Returns MySQL's name.
    pub fn name(self) -> &'static str {
        match self {
            Charset::Binary => "binary",
            Charset::Ascii => "ascii",
            Charset::Latin1 => "latin1",
            Charset::Utf8 => "utf8",
            Charset::Utf8mb4 => "utf8mb4",
            Charset::Gbk => "gbk",
            Charset::Gb18030 => "gb18030",
        }
    }

    /// Returns the greatest number of bytes a character takes in this charset, by which the protocol
    /// counts the length of a text.
    pub fn max_bytes_per_char(self) -> u8 {
        match self {
            Charset::Binary | Charset::Ascii | Charset::Latin1 => 1,
            Charset::Gbk => 2,
            Charset::Utf8 => 3,
            Charset::Utf8mb4 | Charset::Gb18030 => 4,
        }
    }

    /// Returns the collation of a text that names the charset only, in TiDB.
    pub fn default_collation(self) -> Collation {
        match self {
            Charset::Binary => Collation::BINARY,
            Charset::Ascii => Collation::ASCII_BIN,
            Charset::Latin1 => Collation::LATIN1_BIN,
            Charset::Utf8 => Collation::UTF8_BIN,
            Charset::Utf8mb4 => Collation::UTF8MB4_BIN,
            Charset::Gbk => Collation::GBK_CHINESE_CI,
            Charset::Gb18030 => Collation(248),
        }
    }

    /// Returns the collation that compares characters by their codes.
    pub fn bin_collation(self) -> Collation {
        match self {
            Charset::Gbk => Collation::GBK_BIN,
            Charset::Gb18030 => Collation(249),
            other => other.default_collation(),
        }
    }

    /// Tells whether every character of a text, given in UTF-8, exists in this charset. TiDB looks at
    /// no byte of a `utf8` or `utf8mb4` text, and takes latin1 for bytes.
    pub fn holds(self, text: &[u8]) -> bool {
        match self {
            Charset::Binary | Charset::Latin1 | Charset::Utf8 | Charset::Utf8mb4 => true,
            Charset::Ascii => text.is_ascii(),
            Charset::Gbk => gbk_holds(text),
            // Every character has a code there.
            Charset::Gb18030 => std::str::from_utf8(text).is_ok(),
        }
    }

    /// Tells whether this charset holds all of Unicode, as TiDB counts: `utf8` and `utf8mb4`.
    pub fn is_unicode(self) -> bool {
        matches!(self, Charset::Utf8 | Charset::Utf8mb4)
    }
}

fn gbk_holds(mut text: &[u8]) -> bool {
    while let Some(decoded) = decode(text) {
        let code = GBK_CODES.single(decoded.code_point);
        if decoded.is_invalid() || (decoded.code_point != code.into() && code < 0x80) {
            return false;
        }
        text = text.get(decoded.width..).unwrap_or_default();
    }
    true
}

impl fmt::Display for Charset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
