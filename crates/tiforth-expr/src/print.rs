// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Prints bound expressions as TiDB prints them in messages: `if(istrue_with_null(a), 10, b)`.
//!
//! Source: TiDB `pkg/expression/explain.go`, `ScalarFunction.StringWithCtx`,
//! `pkg/parser/types/field_type.go` (`FieldType.String`).

use std::fmt::{self, Display, Formatter};

use tiforth_types::sql_type::UNSPECIFIED;
use tiforth_types::{Charset, Collation, Datum, SqlType, TypeKind, number};

use crate::tree::CallOptions;
use crate::typed::{Call, Node, TypedExpr};

impl Display for TypedExpr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.node {
            Node::Field { name, .. } => f.write_str(name),
            Node::Constant(c) => write_datum(f, &c.value, &self.ty),
            Node::Call(call) => call.fmt(f),
        }
    }
}

impl Display for Call {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}(", self.name)?;
        let mut separator = "";
        // TiDB takes a unit as an argument: the first one, or the last one of date arithmetic.
        let unit = match &self.options {
            CallOptions::Unit(unit) => Some(unit),
            _ => None,
        };
        let is_date_arithmetic = DATE_ARITHMETIC.contains(&self.name.as_ref());
        if let Some(unit) = unit
            && !is_date_arithmetic
        {
            f.write_str(unit.name())?;
            separator = ", ";
        }
        for arg in &self.args {
            write!(f, "{separator}{arg}")?;
            separator = ", ";
        }
        if let Some(unit) = unit
            && is_date_arithmetic
        {
            write!(f, "{separator}{}", unit.name())?;
        }
        if self.name.as_ref() == "cast" {
            f.write_str(separator)?;
            write_type(f, &self.ty)?;
        }
        f.write_str(")")
    }
}

const DATE_ARITHMETIC: [&str; 4] = ["date_add", "date_sub", "adddate", "subdate"];

/// Prints a value as it stands in a message.
fn write_datum(f: &mut Formatter<'_>, value: &Datum, ty: &SqlType) -> fmt::Result {
    let mut text = Vec::new();
    match value {
        Datum::Null => return f.write_str("<nil>"),
        Datum::Int(v) if ty.unsigned => return write!(f, "{}", v.cast_unsigned()),
        Datum::Int(v) => return write!(f, "{v}"),
        Datum::Decimal(v) => return write!(f, "{v}"),
        Datum::Real(v) => number::write_f64_general(*v, &mut text),
        Datum::Bytes(v) => text.extend_from_slice(v),
        Datum::Time(v) => v.write(ty.time_kind(), ty.fsp(), &mut text),
        Datum::Duration(v) => v.write(ty.fsp(), &mut text),
    }
    f.write_str(&String::from_utf8_lossy(&text))
}

/// Prints a type as it stands in a message: `decimal(20,4) BINARY`.
fn write_type(f: &mut Formatter<'_>, ty: &SqlType) -> fmt::Result {
    let is_bytes = ty.collation == Collation::BINARY;
    f.write_str(ty.kind.name(is_bytes))?;
    let (length, decimals) = ty.kind.default_length_and_decimals();
    match ty.kind {
        TypeKind::DateTime | TypeKind::Timestamp | TypeKind::Time if ty.decimals > 0 => {
            write!(f, "({})", ty.decimals)?;
        }
        TypeKind::Float | TypeKind::Double
            if ty.length != length && ty.decimals != decimals && ty.decimals >= 0 =>
        {
            write!(f, "({},{})", ty.length, ty.decimals)?;
        }
        TypeKind::Decimal => write!(f, "({},{})", ty.length, ty.decimals.max(0))?,
        kind if (kind.is_string() || matches!(kind, TypeKind::Bit | TypeKind::Year))
            && ty.length != i64::from(UNSPECIFIED) =>
        {
            write!(f, "({})", ty.length)?;
        }
        _ => {}
    }
    if ty.unsigned {
        f.write_str(" UNSIGNED")?;
    }
    if is_bytes && ty.kind != TypeKind::Char {
        f.write_str(" BINARY")?;
    }
    let shows_charset = matches!(ty.kind, TypeKind::Char | TypeKind::VarChar) || ty.kind.is_blob();
    if shows_charset && ty.collation.charset() != Charset::Binary {
        write!(f, " CHARACTER SET {}", ty.collation.charset().name())?;
        write!(f, " COLLATE {}", ty.collation.name())?;
    }
    Ok(())
}
