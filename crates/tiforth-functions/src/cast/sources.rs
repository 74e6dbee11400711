// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! The overloads of one conversion, by what they take.

use tiforth_expr::Overload;
use tiforth_types::{EvalType, SqlType, TypeKind};

/// Names the overloads of the conversions to one type.
pub(super) struct Sources {
    pub(super) int: Overload,
    /// Where it differs from `int`.
    pub(super) uint: Option<Overload>,
    /// Where it differs from `int`.
    pub(super) year: Option<Overload>,
    pub(super) real: Overload,
    pub(super) decimal: Overload,
    pub(super) text: Overload,
    pub(super) time: Overload,
    pub(super) duration: Overload,
}

impl Sources {
    /// Chooses the overload that takes values of `from`; integers count as unsigned if `unsigned`.
    pub(super) fn of(&self, from: &SqlType, unsigned: bool) -> Option<Overload> {
        Some(match from.eval_type() {
            EvalType::Int if from.kind == TypeKind::Year => self.year.unwrap_or(self.int),
            EvalType::Int if unsigned => self.uint.unwrap_or(self.int),
            EvalType::Int => self.int,
            EvalType::Real => self.real,
            EvalType::Decimal => self.decimal,
            EvalType::Bytes => self.text,
            EvalType::Time => self.time,
            EvalType::Duration => self.duration,
            EvalType::Json | EvalType::Vector => return None,
        })
    }
}
