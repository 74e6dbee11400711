// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Names the types CAST and CONVERT accept, and the SQL types TiDB makes of them.
//!
//! Source: MySQL manual, "Cast Functions"; TiDB `pkg/parser/parser.y` (CastType) and the checks of
//! `pkg/planner/core/preprocess.go`.

use serde::{Deserialize, Serialize};
use tiforth_types::sql_type::{DECIMAL_PRECISION_MAX, DECIMAL_SCALE_MAX, FSP_MAX, UNSPECIFIED};
use tiforth_types::{Charset, Collation, SqlError, SqlType, TypeKind, code};

use super::Expr;
use super::json::charset_option;

/// Names the type a CAST converts to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum CastTarget {
    /// `BINARY(n)`: bytes, cut or filled to n where it is given.
    Binary(Option<u32>),
    /// What the operator `BINARY a` converts to: bytes of any length, but of kind CHAR.
    BinaryOperator,
    /// `CHAR(n) CHARACTER SET charset`.
    Char {
        /// The greatest number of characters.
        length: Option<u32>,
        /// The charset, where one was named.
        #[serde(default, skip_serializing_if = "Option::is_none", with = "charset_option")]
        charset: Option<Charset>,
    },
    /// `DATE`.
    Date,
    /// `DATETIME(fsp)`.
    DateTime(u32),
    /// `TIME(fsp)`.
    Time(u32),
    /// `YEAR`.
    Year,
    /// `SIGNED`.
    Signed,
    /// `UNSIGNED`.
    Unsigned,
    /// `DECIMAL(precision, scale)`; (10, 0) where not given.
    Decimal {
        /// All digits.
        precision: u32,
        /// Digits after the point.
        scale: u32,
    },
    /// `FLOAT`, or `FLOAT(p)` with p below 25.
    Float,
    /// `DOUBLE`, or `FLOAT(p)` with p from 25 to 53.
    Double,
    /// `JSON`.
    Json,
    /// `VECTOR(n)`.
    Vector(Option<u32>),
}

impl CastTarget {
    /// Returns the SQL type TiDB's parser makes of the target, before the binder has filled in what
    /// depends on the argument. CHAR gets utf8mb4_bin; the binder decides by the charset and the
    /// connection.
    pub fn sql_type(self) -> SqlType {
        let length = |n: Option<u32>, default: i64| n.map_or(default, i64::from);
        let unspecified = i64::from(UNSPECIFIED);
        match self {
            CastTarget::Binary(n) => SqlType {
                kind: if n.is_some() { TypeKind::Char } else { TypeKind::VarString },
                ..SqlType::varchar(length(n, unspecified), Collation::BINARY)
            },
            CastTarget::BinaryOperator => {
                SqlType { kind: TypeKind::Char, ..SqlType::varchar(unspecified, Collation::BINARY) }
            }
            CastTarget::Char { length: n, .. } => {
                SqlType::varchar(length(n, unspecified), Collation::UTF8MB4_BIN)
            }
            CastTarget::Date => SqlType::date(),
            CastTarget::DateTime(fsp) => SqlType::datetime(small(fsp)),
            CastTarget::Time(fsp) => SqlType::time(small(fsp)),
            CastTarget::Year => {
                let (length, decimals) = TypeKind::Year.default_length_and_decimals_for_cast();
                SqlType { length, decimals, ..SqlType::new(TypeKind::Year) }
            }
            CastTarget::Signed => SqlType::bigint(22),
            CastTarget::Unsigned => SqlType::bigint_unsigned(22),
            CastTarget::Decimal { precision, scale } => {
                SqlType::decimal(small(precision), small(scale))
            }
            CastTarget::Float => SqlType::new(TypeKind::Float),
            CastTarget::Double => SqlType::double(),
            CastTarget::Json => {
                let (length, decimals) = TypeKind::Json.default_length_and_decimals_for_cast();
                SqlType { length, decimals, ..SqlType::new(TypeKind::Json) }
            }
            CastTarget::Vector(n) => {
                SqlType { length: length(n, unspecified), ..SqlType::new(TypeKind::Vector) }
            }
        }
    }

    /// Refuses a precision, scale or fsp beyond MySQL's limits, as TiDB does before it binds;
    /// `expr` is what is converted, named by the message.
    pub fn check(self, expr: &Expr) -> Result<(), SqlError> {
        let too_big = |given: u32, name: &str, max: i32| {
            SqlError::new(
                code::ER_TOO_BIG_PRECISION,
                format!("Too-big precision {given} specified for '{name}'. Maximum is {max}."),
            )
        };
        match self {
            CastTarget::Decimal { precision, scale } if precision < scale => Err(SqlError::new(
                code::ER_M_BIGGER_THAN_D,
                format!(
                    "For float(M,D), double(M,D) or decimal(M,D), M must be >= D (column '{expr}')."
                ),
            )),
            CastTarget::Decimal { precision, .. } if small(precision) > DECIMAL_PRECISION_MAX => {
                Err(too_big(precision, &expr.to_string(), DECIMAL_PRECISION_MAX))
            }
            CastTarget::Decimal { scale, .. } if small(scale) > DECIMAL_SCALE_MAX => {
                Err(SqlError::new(
                    code::ER_TOO_BIG_SCALE,
                    format!(
                        "Too big scale {scale} specified for column '{expr}'. Maximum is \
                         {DECIMAL_SCALE_MAX}."
                    ),
                ))
            }
            CastTarget::DateTime(fsp) | CastTarget::Time(fsp) if small(fsp) > FSP_MAX => {
                Err(too_big(fsp, "CAST", FSP_MAX))
            }
            _ => Ok(()),
        }
    }
}

fn small(value: u32) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

/// Prints the target as MySQL reads it after `CAST(… AS`; the operator's as `BINARY`.
impl std::fmt::Display for CastTarget {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sized = |f: &mut std::fmt::Formatter<'_>, name: &str, n: &Option<u32>| match n {
            Some(n) => write!(f, "{name}({n})"),
            None => f.write_str(name),
        };
        match self {
            CastTarget::Binary(n) => sized(f, "BINARY", n),
            CastTarget::BinaryOperator => f.write_str("BINARY"),
            CastTarget::Char { length, charset } => {
                sized(f, "CHAR", length)?;
                match charset {
                    Some(charset) => write!(f, " CHARSET {}", charset.name()),
                    None => Ok(()),
                }
            }
            CastTarget::Date => f.write_str("DATE"),
            CastTarget::DateTime(fsp) => sized(f, "DATETIME", &Some(*fsp).filter(|n| *n > 0)),
            CastTarget::Time(fsp) => sized(f, "TIME", &Some(*fsp).filter(|n| *n > 0)),
            CastTarget::Year => f.write_str("YEAR"),
            CastTarget::Signed => f.write_str("SIGNED"),
            CastTarget::Unsigned => f.write_str("UNSIGNED"),
            CastTarget::Decimal { precision, scale } => write!(f, "DECIMAL({precision}, {scale})"),
            CastTarget::Float => f.write_str("FLOAT"),
            CastTarget::Double => f.write_str("DOUBLE"),
            CastTarget::Json => f.write_str("JSON"),
            CastTarget::Vector(n) => sized(f, "VECTOR", n),
        }
    }
}
