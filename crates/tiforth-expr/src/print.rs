// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Prints bound expressions as TiDB prints them in messages: `if(istrue_with_null(a), 10, b)`.
//!
//! Source: TiDB `pkg/expression/explain.go`, `ScalarFunction.StringWithCtx`.

use std::fmt::{self, Display, Formatter};

use tiforth_types::{Collation, Datum, SqlType, TypeKind};

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
        for (i, arg) in self.args.iter().enumerate() {
            write!(f, "{}{arg}", if i > 0 { ", " } else { "" })?;
        }
        if self.name.as_ref() == "cast" {
            f.write_str(", ")?;
            write_type(f, &self.ty)?;
        }
        f.write_str(")")
    }
}

/// Prints the type of a cast as TiDB's `FieldType.String` does: `decimal(20,0) UNSIGNED BINARY`.
fn write_type(f: &mut Formatter<'_>, ty: &SqlType) -> fmt::Result {
    use TypeKind::*;
    let is_bytes = ty.kind.is_string() && ty.collation == Collation::BINARY;
    f.write_str(match ty.kind {
        Null => "null",
        TinyInt => "tinyint",
        SmallInt => "smallint",
        MediumInt => "mediumint",
        Int => "int",
        BigInt => "bigint",
        Year => "year",
        Bit => "bit",
        Float => "float",
        Double => "double",
        Decimal => "decimal",
        Date => "date",
        DateTime => "datetime",
        Timestamp => "timestamp",
        Time => "time",
        Char => {
            if is_bytes {
                "binary"
            } else {
                "char"
            }
        }
        VarChar => {
            if is_bytes {
                "varbinary"
            } else {
                "varchar"
            }
        }
        VarString => "var_string",
        TinyBlob => {
            if is_bytes {
                "tinyblob"
            } else {
                "tinytext"
            }
        }
        Blob => {
            if is_bytes {
                "blob"
            } else {
                "text"
            }
        }
        MediumBlob => {
            if is_bytes {
                "mediumblob"
            } else {
                "mediumtext"
            }
        }
        LongBlob => {
            if is_bytes {
                "longblob"
            } else {
                "longtext"
            }
        }
        Enum => "enum",
        Set => "set",
        Json => "json",
        Vector => "vector",
    })?;
    let (default_length, default_decimals) = ty.kind.default_length_and_decimals();
    let length = if ty.length < 0 { default_length } else { ty.length };
    let decimals = if ty.decimals < 0 { default_decimals } else { ty.decimals };
    match ty.kind {
        Decimal => write!(f, "({length},{decimals})")?,
        DateTime | Timestamp | Time if decimals > 0 => write!(f, "({decimals})")?,
        Year | Bit | Char | VarChar | VarString => write!(f, "({length})")?,
        _ => {}
    }
    if ty.unsigned {
        f.write_str(" UNSIGNED")?;
    }
    if ty.kind == VarString && !is_bytes {
        return Ok(());
    }
    if ty.kind.is_string() && !is_bytes {
        let (charset, collation) = (ty.collation.charset().name(), ty.collation.name());
        return write!(f, " CHARACTER SET {charset} COLLATE {collation}");
    }
    if ty.kind == Char { Ok(()) } else { f.write_str(" BINARY") }
}

/// Prints a value as it stands in a message.
fn write_datum(f: &mut Formatter<'_>, value: &Datum, ty: &SqlType) -> fmt::Result {
    match value {
        Datum::Null => f.write_str("NULL"),
        Datum::Int(v) if ty.unsigned => write!(f, "{}", *v as u64),
        Datum::Int(v) => write!(f, "{v}"),
        Datum::Real(v) => write!(f, "{v}"),
        Datum::Decimal(v) => write!(f, "{v}"),
        Datum::Bytes(v) => f.write_str(&String::from_utf8_lossy(v)),
        Datum::Time(v) => write!(f, "{v:?}"),
        Datum::Duration(v) => write!(f, "{v:?}"),
    }
}
