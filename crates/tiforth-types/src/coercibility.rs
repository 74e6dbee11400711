// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Grades how strongly an expression's collation binds when it meets another.
//!
//! Source: MySQL manual, "Collation Coercibility in Expressions"; TiDB `pkg/expression/collation.go`.

use crate::collation::Collation;
pub use crate::collation::derive::{Coercibility, Repertoire};
use crate::sql_type::{EvalType, SqlType};

impl Coercibility {
    /// Returns the grade of a column of type `ty`.
    pub fn of_type(ty: &SqlType) -> Self {
        match ty.eval_type() {
            EvalType::Bytes | EvalType::Json => Coercibility::Implicit,
            _ => Coercibility::Numeric,
        }
    }

    /// Returns MySQL's number of the grade, as COERCIBILITY() gives it.
    pub fn number(self) -> u8 {
        self as u8
    }
}

impl Repertoire {
    /// Returns what can occur in a column of type `ty`.
    pub fn of_type(ty: &SqlType) -> Self {
        if ty.eval_type() == EvalType::Bytes && ty.collation != Collation::BINARY {
            Repertoire::Unicode
        } else {
            Repertoire::Ascii
        }
    }
}
