// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Holds one SQL value: owned as a constant, or borrowed while it is computed with.

use crate::decimal::Decimal;
use crate::temporal::{Duration, Time};

/// Owns one SQL value. What the bits mean beyond this (signedness, fsp, collation) is said by the
/// [`SqlType`](crate::SqlType) beside it.
#[derive(Clone, Debug, Default)]
pub enum Datum {
    /// SQL NULL.
    #[default]
    Null,
    /// An integer's 64 bits, to be read as unsigned where the type says so.
    Int(i64),
    /// A FLOAT or DOUBLE.
    Real(f64),
    /// A DECIMAL.
    Decimal(Decimal),
    /// A DATE, DATETIME or TIMESTAMP (in the session's zone).
    Time(Time),
    /// A TIME.
    Duration(Duration),
    /// Text or bytes; also an ENUM's or SET's text.
    Bytes(Box<[u8]>),
}

/// Borrows one SQL value, as kernels take it.
#[derive(Clone, Copy, Debug, Default)]
pub enum DatumRef<'a> {
    /// SQL NULL.
    #[default]
    Null,
    /// An integer's 64 bits, to be read as unsigned where the type says so.
    Int(i64),
    /// A FLOAT or DOUBLE.
    Real(f64),
    /// A DECIMAL.
    Decimal(&'a Decimal),
    /// A DATE, DATETIME or TIMESTAMP (in the session's zone).
    Time(Time),
    /// A TIME.
    Duration(Duration),
    /// Text or bytes; also an ENUM's or SET's text.
    Bytes(&'a [u8]),
}

impl Datum {
    /// Borrows the value.
    pub fn as_ref(&self) -> DatumRef<'_> {
        match self {
            Datum::Null => DatumRef::Null,
            Datum::Int(v) => DatumRef::Int(*v),
            Datum::Real(v) => DatumRef::Real(*v),
            Datum::Decimal(v) => DatumRef::Decimal(v),
            Datum::Time(v) => DatumRef::Time(*v),
            Datum::Duration(v) => DatumRef::Duration(*v),
            Datum::Bytes(v) => DatumRef::Bytes(v),
        }
    }

    /// Tells whether this is SQL NULL.
    pub fn is_null(&self) -> bool {
        matches!(self, Datum::Null)
    }
}

impl DatumRef<'_> {
    /// Copies the value.
    pub fn to_owned(self) -> Datum {
        match self {
            DatumRef::Null => Datum::Null,
            DatumRef::Int(v) => Datum::Int(v),
            DatumRef::Real(v) => Datum::Real(v),
            DatumRef::Decimal(v) => Datum::Decimal(*v),
            DatumRef::Time(v) => Datum::Time(v),
            DatumRef::Duration(v) => Datum::Duration(v),
            DatumRef::Bytes(v) => Datum::Bytes(v.into()),
        }
    }
}
