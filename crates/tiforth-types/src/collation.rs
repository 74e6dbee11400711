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
