// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Prints values as MySQL's text protocol does.
//!
//! Source: MySQL manual, "Text Resultset"; TiDB `pkg/server/internal/column/column.go`
//! (`DumpTextRow`).

use crate::datum::DatumRef;
use crate::decimal::Rounding;
use crate::number::{Decimals, write_f32_protocol, write_f64_protocol, write_i64, write_u64};
use crate::sql_type::{NOT_FIXED, SqlType, TypeKind};

/// Appends `value`, of type `ty`, as the text protocol prints it; false for NULL, for which nothing is
/// appended. A year is of four digits; a decimal is rounded to the type's scale; a double of no decimals
/// prints as one whose decimals are not fixed.
pub fn write_text(value: DatumRef<'_>, ty: &SqlType, out: &mut Vec<u8>) -> bool {
    match value {
        DatumRef::Null => return false,
        DatumRef::Int(v) if ty.kind == TypeKind::Year => {
            out.extend_from_slice(format!("{v:04}").as_bytes());
        }
        DatumRef::Int(v) if ty.unsigned => write_u64(v.cast_unsigned(), out),
        DatumRef::Int(v) => write_i64(v, out),
        DatumRef::Real(v) => {
            let decimals = match u8::try_from(ty.decimals) {
                Ok(fixed) if fixed > 0 && ty.decimals < NOT_FIXED => Decimals::Fixed(fixed),
                _ => Decimals::Shortest,
            };
            if ty.kind == TypeKind::Float {
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "a FLOAT's value is one of 32 bits"
                )]
                write_f32_protocol(v as f32, decimals, out);
            } else {
                write_f64_protocol(v, decimals, out);
            }
        }
        DatumRef::Decimal(v) => {
            if ty.decimals >= 0 {
                v.round(ty.decimals, Rounding::HalfUp).value.write_text(out);
            } else {
                v.write_text(out);
            }
        }
        DatumRef::Time(v) => v.write(ty.time_kind(), ty.fsp(), out),
        DatumRef::Duration(v) => v.write(ty.fsp(), out),
        DatumRef::Bytes(v) => out.extend_from_slice(v),
    }
    true
}

#[cfg(test)]
mod tests {
    use super::write_text;
    use crate::{Datum, Decimal, SqlType};

    fn check(value: Datum, ty: &str, expected: Option<&str>) {
        let mut out = Vec::new();
        let is_value = write_text(value.as_ref(), &ty.parse::<SqlType>().unwrap(), &mut out);
        let text = String::from_utf8(out).unwrap();
        assert_eq!(is_value.then_some(text.as_str()), expected, "{value:?} as {ty}");
    }

    #[test]
    fn prints_by_the_type() {
        check(Datum::Null, "int", None);
        check(Datum::Int(-1), "bigint", Some("-1"));
        check(Datum::Int(-1), "bigint unsigned", Some("18446744073709551615"));
        check(Datum::Int(0), "year", Some("0000"));
        check(Datum::Real(1e15), "double", Some("1e15"));
        check(Datum::Decimal(Decimal::from_i128_scaled(12345, 3)), "decimal(5,2)", Some("12.35"));
        check(Datum::Bytes(b"a".as_slice().into()), "varchar(1)", Some("a"));
    }
}
