// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Builds the errors of reading: where the text stops being an expression.

use tiforth_types::{SqlError, code};

/// Is the number of bytes of the text that a message shows at most, as TiDB's does.
const NEAR_BYTES_MAX: usize = 2048;

/// Reports that `text` is no expression from the byte `offset` on.
#[cold]
pub(crate) fn syntax_error(text: &str, offset: usize) -> SqlError {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    let rest = text.get(offset..).unwrap_or("");
    let cut = rest.char_indices().map(|(at, _)| at).find(|at| *at > NEAR_BYTES_MAX);
    let near = cut.and_then(|at| rest.get(..at)).unwrap_or(rest);
    SqlError::new(
        code::ER_PARSE,
        format!(
            "You have an error in your SQL syntax; check the manual that corresponds to your TiDB \
             version for the right syntax to use line {line} column {column} near \"{near}\""
        ),
    )
}

/// Reports a charset MySQL has no such name for.
#[cold]
pub(crate) fn unknown_charset(name: &str) -> SqlError {
    const ER_UNKNOWN_CHARACTER_SET: u16 = 1115;
    SqlError::new(ER_UNKNOWN_CHARACTER_SET, format!("Unknown character set: '{name}'"))
}

/// Reports a float literal that no DOUBLE holds.
#[cold]
pub(crate) fn illegal_double(text: &str) -> SqlError {
    SqlError::new(
        code::ER_ILLEGAL_VALUE_FOR_TYPE,
        format!("Illegal double '{text}' value found during parsing"),
    )
}
