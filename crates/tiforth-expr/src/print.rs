// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Prints bound expressions as TiDB prints them in messages: `if(istrue_with_null(a), 10, b)`.
//!
//! Source: TiDB `pkg/expression/explain.go`, `ScalarFunction.StringWithCtx`.

use std::fmt::{self, Display, Formatter};

use tiforth_types::{Datum, SqlType};

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
            write!(f, ", {:?}", self.ty.kind)?;
        }
        f.write_str(")")
    }
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
