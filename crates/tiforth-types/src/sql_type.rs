// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Describes the type of a SQL value, as far as the value depends on it.
//!
//! Source of the names and widths: MySQL manual, "Data Types"; TiDB `pkg/parser/types/field_type.go`
//! and `pkg/parser/mysql/util.go`.

use std::sync::Arc;

use crate::collation::Collation;
use crate::temporal::TimeKind;

mod text;

/// Is the length or number of decimals that is not said.
pub const UNSPECIFIED: i32 = -1;
/// Is the number of decimals of a value whose decimals vary from row to row, as DOUBLE's do.
pub const NOT_FIXED: i32 = 31;
/// Is the greatest number of digits of a DECIMAL.
pub const DECIMAL_PRECISION_MAX: i32 = 65;
/// Is the greatest number of fraction digits of a DECIMAL.
pub const DECIMAL_SCALE_MAX: i32 = 30;
/// Is the greatest number of fraction digits of a second.
pub const FSP_MAX: i32 = 6;
/// Is the number of characters of a printed DATE.
const DATE_LENGTH: i64 = 10;

/// Names MySQL's types. Text and bytes share their kinds; the collation tells them apart.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names are MySQL's own")]
pub enum TypeKind {
    Null,
    TinyInt,
    SmallInt,
    MediumInt,
    Int,
    BigInt,
    Year,
    Bit,
    Float,
    Double,
    Decimal,
    Date,
    DateTime,
    Timestamp,
    Time,
    /// CHAR, and BINARY when the collation is binary.
    Char,
    /// VARCHAR, and VARBINARY when the collation is binary.
    VarChar,
    /// What MySQL's protocol calls VAR_STRING: the type of computed texts.
    VarString,
    /// TINYTEXT or TINYBLOB.
    TinyBlob,
    /// TEXT or BLOB.
    Blob,
    /// MEDIUMTEXT or MEDIUMBLOB.
    MediumBlob,
    /// LONGTEXT or LONGBLOB.
    LongBlob,
    Enum,
    Set,
    Json,
    Vector,
}

/// Says how a value is evaluated: the eight ways TiDB's functions take and give values.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum EvalType {
    /// 64 bits, signed or not as the type says.
    Int,
    /// A double.
    Real,
    /// A decimal of up to 81 digits.
    Decimal,
    /// Bytes with a collation.
    Bytes,
    /// A packed date, datetime or timestamp.
    Time,
    /// Nanoseconds.
    Duration,
    /// A JSON value in TiDB's binary form.
    Json,
    /// A vector of 32-bit floats.
    Vector,
}

/// Describes the type of a SQL value. Nullability belongs to the expression, not to the type.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct SqlType {
    /// The kind.
    pub kind: TypeKind,
    /// Whether an integer, a decimal or a double was declared UNSIGNED.
    pub unsigned: bool,
    /// The length: characters of a text, bytes of a binary string, digits of a DECIMAL, bits of a
    /// BIT, display width of all else; or [`UNSPECIFIED`].
    pub length: i64,
    /// The digits after the point, or of a second; [`UNSPECIFIED`] or [`NOT_FIXED`] where not fixed.
    pub decimals: i32,
    /// The collation, which names the charset too; [`Collation::BINARY`] for all that is not text.
    pub collation: Collation,
    /// The members of an ENUM or SET.
    pub elements: Option<Arc<[Box<str>]>>,
}

impl TypeKind {
    /// Returns how values of this kind are evaluated. ENUM and SET count as strings here, BIT as an
    /// integer; what depends on the context is decided by the binder.
    pub fn eval_type(self) -> EvalType {
        use TypeKind::*;
        match self {
            TinyInt | SmallInt | MediumInt | Int | BigInt | Year | Bit => EvalType::Int,
            Float | Double => EvalType::Real,
            Decimal => EvalType::Decimal,
            Date | DateTime | Timestamp => EvalType::Time,
            Time => EvalType::Duration,
            Json => EvalType::Json,
            Vector => EvalType::Vector,
            Null | Char | VarChar | VarString | TinyBlob | Blob | MediumBlob | LongBlob | Enum
            | Set => EvalType::Bytes,
        }
    }

    /// Tells whether this is one of the five integer kinds or YEAR.
    pub fn is_integer(self) -> bool {
        use TypeKind::*;
        matches!(self, TinyInt | SmallInt | MediumInt | Int | BigInt | Year)
    }

    /// Tells whether this is DATE, DATETIME or TIMESTAMP.
    pub fn is_date_or_datetime(self) -> bool {
        matches!(self, TypeKind::Date | TypeKind::DateTime | TypeKind::Timestamp)
    }

    /// Tells whether this is a date, a datetime, a timestamp or a time.
    pub fn is_temporal(self) -> bool {
        self.is_date_or_datetime() || self == TypeKind::Time
    }

    /// Tells whether this is a kind of text or bytes, ENUM and SET aside.
    pub fn is_string(self) -> bool {
        use TypeKind::*;
        matches!(self, Char | VarChar | VarString | TinyBlob | Blob | MediumBlob | LongBlob)
    }

    /// Tells whether this is one of the TEXT and BLOB kinds.
    pub fn is_blob(self) -> bool {
        use TypeKind::*;
        matches!(self, TinyBlob | Blob | MediumBlob | LongBlob)
    }

    /// Tells whether this is an integer, FLOAT, DOUBLE or DECIMAL kind.
    pub fn is_numeric(self) -> bool {
        self.is_integer()
            || matches!(
                self,
                TypeKind::Bit | TypeKind::Float | TypeKind::Double | TypeKind::Decimal
            )
    }

    /// Returns MySQL's default (length, decimals) of the kind where a type or a literal names none
    /// (`GetDefaultFieldLengthAndDecimal` in TiDB).
    pub fn default_length_and_decimals(self) -> (i64, i32) {
        use TypeKind::*;
        match self {
            Null => (0, 0),
            TinyInt => (4, 0),
            SmallInt => (6, 0),
            MediumInt => (9, 0),
            Int => (11, 0),
            BigInt => (20, 0),
            Year => (4, 0),
            Bit => (1, 0),
            Float => (12, UNSPECIFIED),
            Double => (22, UNSPECIFIED),
            Decimal => (10, 0),
            Date => (10, 0),
            DateTime | Timestamp => (19, 0),
            Time => (10, 0),
            Char => (1, 0),
            VarChar | VarString => (5, 0),
            TinyBlob => (255, 0),
            Blob => (65_535, 0),
            MediumBlob => (16_777_215, 0),
            LongBlob | Json => (4_294_967_295, 0),
            Enum | Set => (UNSPECIFIED as i64, 0),
            Vector => (UNSPECIFIED as i64, 0),
        }
    }

    /// Returns the default (length, decimals) of a CAST target or a computed value of the kind
    /// (`GetDefaultFieldLengthAndDecimalForCast` in TiDB).
    pub fn default_length_and_decimals_for_cast(self) -> (i64, i32) {
        use TypeKind::*;
        match self {
            VarString | VarChar => (0, UNSPECIFIED),
            Null => (0, 0),
            Decimal => (10, 0),
            BigInt => (22, 0),
            Double => (22, UNSPECIFIED),
            Float => (12, UNSPECIFIED),
            Date => (10, 0),
            DateTime => (19, 0),
            Time => (10, 0),
            Json => (4_194_304, 0),
            _ => (UNSPECIFIED as i64, UNSPECIFIED),
        }
    }
}

impl SqlType {
    /// Builds a type of `kind` with the kind's default length and decimals and no collation of text.
    pub fn new(kind: TypeKind) -> Self {
        let (length, decimals) = kind.default_length_and_decimals();
        SqlType {
            kind,
            unsigned: false,
            length,
            decimals,
            collation: Collation::BINARY,
            elements: None,
        }
    }

    /// Builds the type of an untyped NULL.
    pub fn null() -> Self {
        Self::new(TypeKind::Null)
    }

    /// Builds BIGINT of display width `length`.
    pub fn bigint(length: i64) -> Self {
        SqlType { length, ..Self::new(TypeKind::BigInt) }
    }

    /// Builds BIGINT UNSIGNED of display width `length`.
    pub fn bigint_unsigned(length: i64) -> Self {
        SqlType { unsigned: true, ..Self::bigint(length) }
    }

    /// Builds DOUBLE with varying decimals.
    pub fn double() -> Self {
        Self::new(TypeKind::Double)
    }

    /// Builds DECIMAL(precision, scale); `length` counts the digits alone.
    pub fn decimal(precision: i32, scale: i32) -> Self {
        SqlType { length: i64::from(precision), decimals: scale, ..Self::new(TypeKind::Decimal) }
    }

    /// Builds VARCHAR(length) with `collation`.
    pub fn varchar(length: i64, collation: Collation) -> Self {
        SqlType { length, decimals: UNSPECIFIED, collation, ..Self::new(TypeKind::VarString) }
    }

    /// Builds DATE.
    pub fn date() -> Self {
        Self::new(TypeKind::Date)
    }

    /// Builds DATETIME(fsp).
    pub fn datetime(fsp: i32) -> Self {
        SqlType {
            length: 19 + if fsp > 0 { i64::from(fsp) + 1 } else { 0 },
            decimals: fsp,
            ..Self::new(TypeKind::DateTime)
        }
    }

    /// Builds TIME(fsp).
    pub fn time(fsp: i32) -> Self {
        SqlType {
            length: 10 + if fsp > 0 { i64::from(fsp) + 1 } else { 0 },
            decimals: fsp,
            ..Self::new(TypeKind::Time)
        }
    }

    /// Returns how values of this type are evaluated.
    pub fn eval_type(&self) -> EvalType {
        self.kind.eval_type()
    }

    /// Tells whether this is text, as against bytes or a type that has no collation.
    pub fn is_text(&self) -> bool {
        (self.kind.is_string() || matches!(self.kind, TypeKind::Enum | TypeKind::Set))
            && self.collation != Collation::BINARY
    }

    /// Tells whether this is a string of bytes: BINARY, VARBINARY or a BLOB.
    pub fn is_bytes(&self) -> bool {
        self.kind.is_string() && self.collation == Collation::BINARY
    }

    /// Returns what the values of a date's type print and count as. A DATETIME as long as a DATE holds
    /// dates: TiDB gives GREATEST and LEAST of dates that type.
    pub fn time_kind(&self) -> TimeKind {
        match self.kind {
            TypeKind::Date => TimeKind::Date,
            TypeKind::Timestamp => TimeKind::Timestamp,
            TypeKind::DateTime if self.length == DATE_LENGTH => TimeKind::Date,
            _ => TimeKind::Datetime,
        }
    }

    /// Returns the digits of a second this type holds, 0 where it says none.
    pub fn fsp(&self) -> u8 {
        self.decimals.clamp(0, FSP_MAX) as u8
    }
}
