// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Holds the settings an answer depends on: sql_mode, time zone, limits.
//!
//! `Session` is plain data, known when a plan is compiled and part of the compiled plan's identity;
//! `Now` is known only when a plan runs.

use crate::collation::Collation;
use crate::temporal::{DateMode, Time, TimeZone};

/// Is a set of MySQL's sql_mode flags.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct SqlMode(u32);

macro_rules! modes {
    ($($name:ident = $bit:literal;)*) => {
        impl SqlMode {
            $(#[doc = concat!("Is the flag ", stringify!($name), ".")]
            pub const $name: SqlMode = SqlMode(1 << $bit);)*
            const NAMES: &'static [(&'static str, SqlMode)] =
                &[$((stringify!($name), SqlMode::$name)),*];
        }
    };
}
modes! {
    REAL_AS_FLOAT = 0; PIPES_AS_CONCAT = 1; ANSI_QUOTES = 2; IGNORE_SPACE = 3; NOT_USED = 4;
    ONLY_FULL_GROUP_BY = 5; NO_UNSIGNED_SUBTRACTION = 6; NO_DIR_IN_CREATE = 7;
    NO_KEY_OPTIONS = 13; NO_TABLE_OPTIONS = 14; NO_FIELD_OPTIONS = 15;
    NO_AUTO_VALUE_ON_ZERO = 19; NO_BACKSLASH_ESCAPES = 20;
    STRICT_TRANS_TABLES = 21; STRICT_ALL_TABLES = 22; NO_ZERO_IN_DATE = 23; NO_ZERO_DATE = 24;
    ALLOW_INVALID_DATES = 25; ERROR_FOR_DIVISION_BY_ZERO = 26; NO_AUTO_CREATE_USER = 28;
    HIGH_NOT_PRECEDENCE = 29; NO_ENGINE_SUBSTITUTION = 30; PAD_CHAR_TO_FULL_LENGTH = 31;
}

impl SqlMode {
    /// Is the mode with no flag set.
    pub const EMPTY: SqlMode = SqlMode(0);

    /// Returns TiDB's default mode.
    pub fn tidb_default() -> Self {
        Self::ONLY_FULL_GROUP_BY
            | Self::STRICT_TRANS_TABLES
            | Self::NO_ZERO_IN_DATE
            | Self::NO_ZERO_DATE
            | Self::ERROR_FOR_DIVISION_BY_ZERO
            | Self::NO_ENGINE_SUBSTITUTION
    }

    /// Tells whether every flag of `other` is set.
    pub fn has(self, other: SqlMode) -> bool {
        self.0 & other.0 == other.0
    }

    /// Tells whether the mode refuses a date: the zero date, or one with a zero month or day.
    pub fn refuses(self, date: Time) -> bool {
        if date.is_zero() {
            self.has(Self::NO_ZERO_DATE)
        } else {
            date.has_zero_part() && self.has(Self::NO_ZERO_IN_DATE)
        }
    }

    /// Tells whether either STRICT flag is set.
    pub fn is_strict(self) -> bool {
        self.0 & (Self::STRICT_TRANS_TABLES.0 | Self::STRICT_ALL_TABLES.0) != 0
    }

    /// Reads the comma-separated names MySQL's `sql_mode` variable holds; `ANSI`, `TRADITIONAL`, `DEFAULT`
    /// and the names of other databases stand for their sets, as far as expressions mind them. Returns
    /// the first name it does not know as the error.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut mode = SqlMode::EMPTY;
        for name in text.split(',').map(str::trim).filter(|n| !n.is_empty()) {
            let upper = name.to_ascii_uppercase();
            mode = mode
                | match upper.as_str() {
                    "DEFAULT" => Self::tidb_default(),
                    "ANSI" => {
                        Self::REAL_AS_FLOAT
                            | Self::PIPES_AS_CONCAT
                            | Self::ANSI_QUOTES
                            | Self::IGNORE_SPACE
                            | Self::ONLY_FULL_GROUP_BY
                    }
                    "TRADITIONAL" => {
                        Self::STRICT_TRANS_TABLES
                            | Self::STRICT_ALL_TABLES
                            | Self::NO_ZERO_IN_DATE
                            | Self::NO_ZERO_DATE
                            | Self::ERROR_FOR_DIVISION_BY_ZERO
                            | Self::NO_ENGINE_SUBSTITUTION
                    }
                    "ORACLE" | "MSSQL" | "POSTGRESQL" | "DB2" | "MAXDB" => {
                        Self::PIPES_AS_CONCAT | Self::ANSI_QUOTES | Self::IGNORE_SPACE
                    }
                    "MYSQL323" | "MYSQL40" => Self::HIGH_NOT_PRECEDENCE,
                    "INVALID_DATES" => Self::ALLOW_INVALID_DATES,
                    other => Self::NAMES
                        .iter()
                        .find(|(n, _)| *n == other)
                        .map(|(_, m)| *m)
                        .ok_or_else(|| name.to_owned())?,
                };
        }
        Ok(mode)
    }
}

impl std::ops::BitOr for SqlMode {
    type Output = SqlMode;
    fn bitor(self, rhs: SqlMode) -> SqlMode {
        SqlMode(self.0 | rhs.0)
    }
}

impl std::fmt::Display for SqlMode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut first = true;
        for (name, flag) in Self::NAMES {
            if self.has(*flag) {
                write!(f, "{}{name}", if first { "" } else { "," })?;
                first = false;
            }
        }
        Ok(())
    }
}

/// Says what the statement does, on which leniency depends.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum StatementKind {
    /// Reads only: what does not fit is a warning.
    #[default]
    Select,
    /// Writes rows: what does not fit is an error in strict mode.
    Insert,
    /// Changes rows.
    Update,
    /// Removes rows.
    Delete,
}

/// Holds the settings known when an expression or plan is compiled.
#[derive(Clone, PartialEq, Debug)]
pub struct Session {
    /// The sql_mode.
    pub sql_mode: SqlMode,
    /// The time zone of TIMESTAMP values, NOW and UNIX_TIMESTAMP.
    pub time_zone: TimeZone,
    /// The collation of text literals and of numbers turned into text.
    pub collation: Collation,
    /// The fraction digits `/` and AVG add, 0 to 30.
    pub div_precision_increment: u8,
    /// The mode WEEK takes when called with one argument, 0 to 7.
    pub default_week_format: u8,
    /// The greatest length of a text result, in bytes.
    pub max_allowed_packet: u64,
    /// The greatest length of GROUP_CONCAT's result, in bytes.
    pub group_concat_max_len: u64,
    /// How many warnings are kept; all are counted.
    pub max_warnings: usize,
    /// What the statement does.
    pub statement: StatementKind,
}

impl Default for Session {
    fn default() -> Self {
        Session {
            sql_mode: SqlMode::tidb_default(),
            time_zone: TimeZone::UTC,
            collation: Collation::UTF8MB4_BIN,
            div_precision_increment: 4,
            default_week_format: 0,
            max_allowed_packet: 67_108_864,
            group_concat_max_len: 1024,
            max_warnings: 64,
            statement: StatementKind::Select,
        }
    }
}

impl Session {
    /// Tells whether the statement writes rows, under a sql_mode that fails it for what does not fit.
    pub fn is_strict_write(&self) -> bool {
        self.statement != StatementKind::Select && self.sql_mode.is_strict()
    }

    /// Returns which irregular dates are legal: a statement that reads takes more than one that writes
    /// (TiDB's `ResetContextOfStmt`).
    pub fn date_mode(&self) -> DateMode {
        let mode = self.sql_mode;
        let allow_invalid_dates = mode.has(SqlMode::ALLOW_INVALID_DATES);
        if self.statement == StatementKind::Select {
            return DateMode { allow_invalid_dates, ..DateMode::SELECT };
        }
        let allow_zero_in_date = !mode.is_strict()
            || !mode.has(SqlMode::NO_ZERO_DATE)
            || !mode.has(SqlMode::NO_ZERO_IN_DATE)
            || allow_invalid_dates;
        DateMode { allow_zero_in_date, allow_invalid_dates }
    }
}

/// Is the moment a statement started, in microseconds since 1970-01-01 00:00:00 UTC. Everything
/// like NOW() is a constant of the run computed from it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Now(pub i64);
