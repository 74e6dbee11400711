// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Names charsets and collations, and compares text as they say.
//!
//! Source: TiDB `pkg/util/collate`; MySQL manual, "Character Sets, Collations, Unicode".

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
}

/// Names a collation by MySQL's id; the charset follows from it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct Collation(u16);

impl Collation {
    /// Is `binary`: bytes compared as bytes, nothing padded.
    pub const BINARY: Collation = Collation(63);
    /// Is `utf8mb4_bin`, TiDB's default: code points, trailing spaces ignored.
    pub const UTF8MB4_BIN: Collation = Collation(46);
    /// Is `utf8mb4_general_ci`: one weight a character, trailing spaces ignored.
    pub const UTF8MB4_GENERAL_CI: Collation = Collation(45);

    /// Returns MySQL's id.
    pub fn id(self) -> u16 {
        self.0
    }
}

impl Collation {
    /// Finds a collation by its name, in any case.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "binary" => Some(Self::BINARY),
            "utf8mb4_bin" => Some(Self::UTF8MB4_BIN),
            "utf8mb4_general_ci" => Some(Self::UTF8MB4_GENERAL_CI),
            _ => None,
        }
    }

    /// Returns the charset.
    pub fn charset(self) -> Charset {
        if self == Self::BINARY { Charset::Binary } else { Charset::Utf8mb4 }
    }
}

impl Charset {
    /// Returns the charset's default collation.
    pub fn default_collation(self) -> Collation {
        if self == Charset::Binary { Collation::BINARY } else { Collation::UTF8MB4_BIN }
    }

    /// Returns MySQL's name.
    pub fn name(self) -> &'static str {
        if self == Charset::Binary { "binary" } else { "utf8mb4" }
    }
}
