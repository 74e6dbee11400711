// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Says which type two branches have together.
//!
//! The rules are MySQL's, and they are not symmetric: BIGINT with MEDIUMINT is INT, MEDIUMINT with
//! BIGINT is BIGINT; FLOAT with BIGINT is FLOAT, BIGINT with FLOAT is DOUBLE.
//!
//! Source: MySQL `sql/field.cc` (`field_types_merge_rules`); TiDB
//! `pkg/types/field_type_merge_rules.go`, `AggFieldType`.

use tiforth_types::{SqlType, TypeKind};

/// Returns the kind of two branches, the first before the second.
fn merged_kind(a: TypeKind, b: TypeKind) -> TypeKind {
    use TypeKind::*;
    if a == Null {
        return b;
    }
    if b == Null {
        return a;
    }
    if a.is_blob() || b.is_blob() {
        return merged_blob(a, b);
    }
    if matches!(a, Enum | Set) || matches!(b, Enum | Set) {
        return VarChar;
    }
    if a == b {
        return a;
    }
    if a == VarChar || b == VarChar || a == VarString || b == VarString {
        return VarChar;
    }
    if a == Char || b == Char {
        return if matches!(a, Vector) || matches!(b, Vector) { VarChar } else { Char };
    }
    if matches!(a, Json | Vector) || matches!(b, Json | Vector) {
        return VarChar;
    }
    match (a.is_temporal(), b.is_temporal()) {
        (true, true) => DateTime,
        (false, false) => merged_number(a, b),
        _ => VarChar,
    }
}

/// The larger of two kinds of BLOB wins, and any of them over all else.
fn merged_blob(a: TypeKind, b: TypeKind) -> TypeKind {
    use TypeKind::*;
    let rank = |kind| match kind {
        TinyBlob => 1,
        Blob => 2,
        MediumBlob => 3,
        LongBlob | Json | Vector => 4,
        _ => 0,
    };
    match rank(a).max(rank(b)) {
        1 => TinyBlob,
        2 => Blob,
        3 => MediumBlob,
        _ => LongBlob,
    }
}

/// Merges two kinds of number that differ.
fn merged_number(a: TypeKind, b: TypeKind) -> TypeKind {
    use TypeKind::*;
    if a == Double || b == Double {
        return Double;
    }
    match (a, b) {
        (Float, Decimal | Int | Bit) | (Decimal | Int | Bit | BigInt, Float) => Double,
        (Float, _) | (_, Float) => Float,
        (Decimal, _) | (_, Decimal) => Decimal,
        (Bit, _) | (_, Bit) => BigInt,
        (Year, other) | (other, Year) => other,
        (BigInt, MediumInt) => Int,
        _ => {
            let width = |kind| match kind {
                TinyInt => 1,
                SmallInt => 2,
                MediumInt => 3,
                Int => 4,
                _ => 8,
            };
            if width(a) >= width(b) { a } else { b }
        }
    }
}

/// Returns the next greater kind of integer, which holds both signs of `kind`'s width.
fn widened(kind: TypeKind) -> TypeKind {
    use TypeKind::*;
    match kind {
        TinyInt => SmallInt,
        SmallInt => MediumInt,
        MediumInt => Int,
        Int => BigInt,
        BigInt => Decimal,
        other => other,
    }
}

/// Merges the types of branches from left to right: the kind, and the sign if all have one. All else
/// is the first one's.
pub(crate) fn merged_type(types: &[&SqlType]) -> SqlType {
    let Some((first, rest)) = types.split_first() else { return SqlType::null() };
    let mut merged = (*first).clone();
    let mut is_mixed = false;
    for ty in rest {
        is_mixed |= merged.unsigned != ty.unsigned;
        merged.kind = merged_kind(merged.kind, ty.kind);
        merged.unsigned &= ty.unsigned;
    }
    let reaches =
        |ty: &&SqlType| ty.unsigned && (ty.kind == merged.kind || ty.kind == TypeKind::Bit);
    if is_mixed && merged.kind.is_integer() && types.iter().any(reaches) {
        merged.kind = widened(merged.kind);
    }
    merged
}
