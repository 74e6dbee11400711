// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Prints types and numbers as MySQL's wire protocol does.
//!
//! Sources: MySQL manual, "Protocol::ColumnDefinition"; TiDB `pkg/server/internal/column` and
//! `pkg/server/internal/dump`, whose habits the vectors record: a float with fixed decimals has them
//! all outside exponent form, and none of their zeros inside.

use tiforth_types::number::{Decimals, write_f64_protocol};
use tiforth_types::sql_type::{NOT_FIXED, UNSPECIFIED};
use tiforth_types::{Coercibility, Datum, SqlType, TypeKind};

/// Is a result's type as the protocol describes it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ProtocolType {
    /// MySQL's name of the protocol's type.
    pub name: String,
    /// The length in bytes.
    pub length: u64,
    /// The decimals; 31 where they are not fixed.
    pub decimals: u8,
    /// The flag UNSIGNED.
    pub unsigned: bool,
    /// The flag NOT NULL.
    pub not_null: bool,
    /// Whether it is a string of bytes.
    pub binary: bool,
    /// The collation of a string.
    pub collation: Option<String>,
    /// The coercibility of a string, where it was asked.
    pub coercibility: Option<u8>,
}

impl ProtocolType {
    /// Tells whether values are given as `0x…`.
    pub fn is_bytes(&self) -> bool {
        self.binary || self.name == "bit"
    }
}

impl std::fmt::Display for ProtocolType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} len {} dec {}", self.name, self.length, self.decimals)?;
        for (flag, word) in
            [(self.unsigned, "unsigned"), (self.not_null, "notnull"), (self.binary, "binary")]
        {
            if flag {
                write!(f, " {word}")?;
            }
        }
        if let Some(collation) = &self.collation {
            write!(f, " collate {collation}")?;
        }
        self.coercibility.map_or(Ok(()), |c| write!(f, " coercibility {c}"))
    }
}

/// Describes a SQL type as the protocol does; the coercibility is told for strings only.
pub fn describe_type(
    sql_type: &SqlType,
    not_null: bool,
    coercibility: Option<Coercibility>,
) -> ProtocolType {
    let kind = sql_type.kind;
    let has_collation =
        kind.is_string() || matches!(kind, TypeKind::Enum | TypeKind::Set | TypeKind::Vector);
    let is_bytes = sql_type.is_bytes();
    ProtocolType {
        name: protocol_name(kind).to_owned(),
        length: protocol_length(sql_type),
        decimals: protocol_decimals(sql_type),
        unsigned: sql_type.unsigned,
        not_null,
        binary: is_bytes,
        collation: has_collation.then(|| sql_type.collation.name().to_owned()),
        coercibility: coercibility.filter(|_| has_collation).map(|c| c as u8),
    }
}

/// Returns the protocol's name of a kind: VARCHAR and VAR_STRING are one, as are all BLOB kinds;
/// ENUM and SET are CHAR, a VECTOR is a LONGBLOB.
pub fn protocol_name(kind: TypeKind) -> &'static str {
    match kind {
        TypeKind::Char | TypeKind::Enum | TypeKind::Set => "char",
        TypeKind::VarChar | TypeKind::VarString => "varchar",
        TypeKind::TinyBlob | TypeKind::Blob | TypeKind::MediumBlob | TypeKind::LongBlob => "blob",
        TypeKind::Vector => "longblob",
        kind => kind.name(false),
    }
}

/// Counts a DECIMAL's sign and point, and a text's characters in bytes, wrapping at 32 bits as the
/// protocol's field does.
fn protocol_length(sql_type: &SqlType) -> u64 {
    let kind = sql_type.kind;
    if sql_type.length == i64::from(UNSPECIFIED) {
        return match kind {
            TypeKind::Vector => u64::from(u32::MAX),
            TypeKind::Double => 22,
            TypeKind::VarChar | TypeKind::VarString => 5,
            TypeKind::Char => 1,
            _ => 0,
        };
    }
    let mut length = sql_type.length.cast_unsigned();
    if kind == TypeKind::Decimal {
        length += 1 + u64::from(sql_type.decimals > 0);
    } else if kind.is_string() || matches!(kind, TypeKind::Enum | TypeKind::Set) {
        let bytes = u64::from(sql_type.collation.charset().max_bytes_per_char());
        length = length.wrapping_mul(bytes);
    }
    length & u64::from(u32::MAX)
}

fn protocol_decimals(sql_type: &SqlType) -> u8 {
    let decimals = match sql_type.decimals {
        UNSPECIFIED if sql_type.kind == TypeKind::Time => 0,
        UNSPECIFIED => NOT_FIXED,
        decimals => decimals,
    };
    u8::try_from(decimals).unwrap_or(31)
}

/// Prints a value of a type; none for NULL.
pub fn value_text(value: &Datum, sql_type: &SqlType) -> Option<Box<[u8]>> {
    let mut out = Vec::new();
    match value {
        Datum::Null => return None,
        Datum::Int(bits) => return Some(integer_text(*bits, sql_type)),
        #[expect(clippy::cast_possible_truncation, reason = "a FLOAT's values are floats")]
        Datum::Real(value) if sql_type.kind == TypeKind::Float => {
            out.extend(float_text(*value as f32, sql_type.decimals).bytes());
        }
        Datum::Real(value) => out.extend(double_text(*value, sql_type.decimals).bytes()),
        Datum::Decimal(value) => value.write_text(&mut out),
        Datum::Time(value) => value.write(sql_type.time_kind(), sql_type.fsp(), &mut out),
        Datum::Duration(value) => value.write(sql_type.fsp(), &mut out),
        Datum::Bytes(bytes) => return Some(bytes.clone()),
    }
    Some(out.into())
}

/// Prints an integer as its sign says, the YEAR 0 in four digits, a BIT as its bytes.
fn integer_text(bits: i64, sql_type: &SqlType) -> Box<[u8]> {
    match sql_type.kind {
        TypeKind::Bit => {
            let length = usize::try_from(sql_type.length).unwrap_or(64).clamp(1, 64).div_ceil(8);
            let bytes = bits.to_be_bytes();
            bytes.get(bytes.len() - length..).unwrap_or(&bytes).into()
        }
        TypeKind::Year if bits == 0 => b"0000".as_slice().into(),
        _ if sql_type.unsigned => bits.cast_unsigned().to_string().into_bytes().into(),
        _ => bits.to_string().into_bytes().into(),
    }
}

/// Is the magnitude from which floats print in exponent form.
const EXPONENT_FROM: f64 = 1e15;
/// Is the magnitude below which floats print in exponent form.
const EXPONENT_BELOW: f64 = 1e-15;

/// Prints a DOUBLE: shortest round trip where its decimals are 0 or not fixed, else that many
/// digits. NaN and infinities print as 0.
pub fn double_text(value: f64, decimals: i32) -> String {
    let digits = usize::try_from(decimals).ok().filter(|d| *d > 0 && *d < NOT_FIXED as usize);
    if !value.is_finite() {
        return "0".to_owned();
    }
    let magnitude = value.abs();
    if magnitude >= EXPONENT_FROM || magnitude != 0.0 && magnitude < EXPONENT_BELOW {
        return match digits {
            Some(digits) => trim_exponent_form(&format!("{value:.digits$e}")),
            None => shortest(value),
        };
    }
    match digits {
        Some(digits) => format!("{value:.digits$}"),
        None => shortest(value),
    }
}

/// Prints the shortest digits that give a double back; of two that are as near, the even one, which
/// the standard library does not.
fn shortest(value: f64) -> String {
    let mut out = Vec::new();
    write_f64_protocol(value, Decimals::Shortest, &mut out);
    String::from_utf8(out).unwrap_or_default()
}

/// Prints a FLOAT: as a DOUBLE, but with six digits in exponent form.
pub fn float_text(value: f32, decimals: i32) -> String {
    let digits = usize::try_from(decimals).ok().filter(|d| *d > 0 && *d < NOT_FIXED as usize);
    if !value.is_finite() {
        return "0".to_owned();
    }
    // The bounds are the floats nearest to them.
    let magnitude = value.abs();
    if magnitude >= 1e15 || magnitude != 0.0 && magnitude < 1e-15 {
        return trim_exponent_form(&format!("{value:.5e}"));
    }
    match digits {
        Some(digits) => format!("{value:.digits$}"),
        None => format!("{value}"),
    }
}

/// Drops the zeros before the `e`, and the point if nothing is left behind it.
fn trim_exponent_form(text: &str) -> String {
    match text.split_once('e') {
        Some((mantissa, exponent)) if mantissa.contains('.') => {
            let mantissa = mantissa.trim_end_matches('0').trim_end_matches('.');
            format!("{mantissa}e{exponent}")
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn double_prints_as_the_protocol_does() {
        fn check(value: f64, decimals: i32, expected: &str) {
            assert_eq!(double_text(value, decimals), expected);
        }
        check(0.0, 31, "0");
        check(-0.0, 31, "-0");
        check(1.5, 31, "1.5");
        check(1e15, 31, "1e15");
        check(999_999_999_999_999.9, 31, "999999999999999.9");
        check(1e-15, 31, "0.000000000000001");
        check(9.9e-16, 31, "9.9e-16");
        check(f64::MAX, 31, "1.7976931348623157e308");
        check(5e-324, 0, "5e-324");
        check(0.3, 0, "0.3");
        check(-0.5, 4, "-0.5000");
        check(-0.0, 4, "-0.0000");
        check(7.589_4e-19, 4, "7.5894e-19");
        check(-9_223_372_036_854_775_808.0, 10, "-9.2233720369e18");
        check(1e20, 4, "1e20");
        check(f64::NAN, 31, "0");
    }

    #[test]
    fn float_prints_as_the_protocol_does() {
        fn check(value: f32, expected: &str) {
            assert_eq!(float_text(value, 31), expected);
        }
        check(3.402_823_5e38, "3.40282e38");
        check(1e15, "1e15");
        check(9.007_199e15, "9.0072e15");
        check(0.333_333_34, "0.33333334");
        check(99_999.99, "99999.99");
        check(20_200_131_000_000.0, "20200130000000");
        check(-0.0001, "-0.0001");
    }

    #[test]
    fn values_print_as_the_protocol_does() {
        fn check(value: Datum, sql_type: &str, expected: Option<&[u8]>) {
            let sql_type: SqlType = sql_type.parse().unwrap();
            assert_eq!(value_text(&value, &sql_type).as_deref(), expected, "{value:?} {sql_type}");
        }
        check(Datum::Null, "int", None);
        check(Datum::Int(-1), "bigint", Some(b"-1"));
        check(Datum::Int(-1), "bigint unsigned", Some(b"18446744073709551615"));
        check(Datum::Int(0), "year", Some(b"0000"));
        check(Datum::Int(7), "year", Some(b"7"));
        check(Datum::Int(0x141), "bit(9)", Some(b"\x01\x41"));
        check(Datum::Int(1), "bit(1)", Some(b"\x01"));
        check(Datum::Real(0.1), "double", Some(b"0.1"));
        check(Datum::Real(f64::from(0.1_f32)), "float", Some(b"0.1"));
        check(Datum::Time(tiforth_types::Time(0)), "date", Some(b"0000-00-00"));
        check(Datum::Time(tiforth_types::Time(0)), "datetime(2)", Some(b"0000-00-00 00:00:00.00"));
        check(
            Datum::Duration(tiforth_types::Duration(-1_500_000_000)),
            "time(1)",
            Some(b"-00:00:01.5"),
        );
        check(Datum::Bytes(b"a\xff".as_slice().into()), "varbinary(2)", Some(b"a\xff"));
    }

    #[test]
    fn types_are_described_as_the_protocol_does() {
        fn check(sql_type: SqlType, expected: &str) {
            let described = describe_type(&sql_type, false, None);
            assert_eq!(described.to_string(), expected);
        }
        let text = tiforth_types::Collation::UTF8MB4_BIN;
        check(SqlType::bigint(20), "bigint len 20 dec 0");
        check(SqlType::decimal(30, 10), "decimal len 32 dec 10");
        check(SqlType::decimal(10, 0), "decimal len 11 dec 0");
        check(SqlType::varchar(64, text), "varchar len 256 dec 31 collate utf8mb4_bin");
        check(SqlType::double(), "double len 22 dec 31");
        check(SqlType::datetime(6), "datetime len 26 dec 6");
        let long = SqlType { length: 4_294_967_295, ..SqlType::new(TypeKind::LongBlob) };
        let long = SqlType { collation: text, ..long };
        check(long, "blob len 4294967292 dec 0 collate utf8mb4_bin");
    }
}
