// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Says as what two expressions are compared.
//!
//! Source: TiDB `pkg/expression/builtin_compare.go` (`getBaseCmpType`, `GetAccurateCmpType`,
//! `ResolveType4Between`).

use tiforth_expr::{ArgKind, TypedExpr};
use tiforth_types::{EvalType, SqlType, TypeKind};

/// Is what values are compared as.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Class {
    Int,
    Real,
    Decimal,
    Text,
    Time,
    Duration,
    Json,
    Vector,
}

impl Class {
    /// Returns the class values of this kind compare in among themselves.
    pub(crate) fn of(eval: EvalType) -> Class {
        match eval {
            EvalType::Int => Class::Int,
            EvalType::Real => Class::Real,
            EvalType::Decimal => Class::Decimal,
            EvalType::Bytes => Class::Text,
            EvalType::Time => Class::Time,
            EvalType::Duration => Class::Duration,
            EvalType::Json => Class::Json,
            EvalType::Vector => Class::Vector,
        }
    }

    /// Returns how an argument is taken.
    pub(crate) fn kind(self) -> ArgKind {
        match self {
            Class::Int => ArgKind::Int,
            Class::Real => ArgKind::Real,
            Class::Decimal => ArgKind::Decimal,
            Class::Text => ArgKind::String,
            Class::Time => ArgKind::Datetime,
            Class::Duration => ArgKind::Duration,
            Class::Json => ArgKind::Json,
            Class::Vector => ArgKind::Vector,
        }
    }
}

/// Tells whether a kind counts among the strings: all but numbers.
pub(crate) fn is_string_kind(eval: EvalType) -> bool {
    !matches!(eval, EvalType::Int | EvalType::Real | EvalType::Decimal)
}

/// Tells whether values of the type are numbers and texts at once.
fn is_hybrid(ty: &SqlType) -> bool {
    matches!(ty.kind, TypeKind::Enum | TypeKind::Set | TypeKind::Bit)
}

/// Returns the class two kinds of value compare in where no more is known.
pub(crate) fn base_class(a: EvalType, b: EvalType) -> Class {
    if is_string_kind(a) && is_string_kind(b) {
        return Class::Text;
    }
    match (a, b) {
        (EvalType::Int, EvalType::Int) => Class::Int,
        (EvalType::Int | EvalType::Decimal, EvalType::Int | EvalType::Decimal) => Class::Decimal,
        _ => Class::Real,
    }
}

/// Returns the class the values of two types compare in, whatever the expressions are.
fn typed_class(a: &SqlType, b: &SqlType) -> Class {
    let (x, y) = (a.eval_type(), b.eval_type());
    if is_string_kind(x) && is_string_kind(y) {
        return Class::Text;
    }
    let counts_as_int = |ty: &SqlType, eval| eval == EvalType::Int || is_hybrid(ty);
    let (is_int, is_decimal) = (
        (counts_as_int(a, x), counts_as_int(b, y)),
        (x == EvalType::Decimal, y == EvalType::Decimal),
    );
    if is_int == (true, true) {
        return Class::Int;
    }
    if (is_decimal.0 && y == EvalType::Bytes) || (x == EvalType::Bytes && is_decimal.1) {
        return Class::Real;
    }
    if (is_int.0 || is_decimal.0) && (is_int.1 || is_decimal.1) {
        return Class::Decimal;
    }
    let is_year = |ty: &SqlType| ty.kind == TypeKind::Year;
    if (a.kind.is_date_or_datetime() && is_year(b)) || (is_year(a) && b.kind.is_date_or_datetime())
    {
        return Class::Time;
    }
    Class::Real
}

/// Returns the class two expressions compare in.
pub(crate) fn comparison_class(a: &TypedExpr, b: &TypedExpr) -> Class {
    let base = typed_class(&a.ty, &b.ty);
    let (x, y) = (a.eval_type(), b.eval_type());
    if x == EvalType::Vector || y == EvalType::Vector {
        return Class::Vector;
    }
    if x == EvalType::Json || y == EvalType::Json {
        return Class::Json;
    }
    let is_time = |e: &TypedExpr| e.ty.kind.is_date_or_datetime();
    if base == Class::Text && (is_time(a) || is_time(b)) {
        return Class::Time;
    }
    if x == EvalType::Duration && y == EvalType::Duration {
        return Class::Duration;
    }
    if !matches!(base, Class::Real | Class::Text) {
        return base;
    }
    let is_decimal_and_text = |a: &TypedExpr, b: &TypedExpr| {
        a.eval_type() == EvalType::Decimal
            && !a.is_constant()
            && is_string_kind(b.eval_type())
            && b.is_constant()
    };
    if is_decimal_and_text(a, b) || is_decimal_and_text(b, a) {
        return Class::Decimal;
    }
    let is_column_and_constant = |a: &TypedExpr, b: &TypedExpr| {
        a.is_field() && a.ty.kind == TypeKind::Time && b.is_constant()
    };
    if is_column_and_constant(a, b) || is_column_and_constant(b, a) {
        return Class::Duration;
    }
    base
}
