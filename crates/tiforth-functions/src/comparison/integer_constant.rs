// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Converts constants to integers as a column of integers takes them, with the warnings that gives.
//!
//! Source: TiDB `pkg/types/datum_convert.go` (`convertToInt`, `convertToUint`, `convertToMysqlYear`),
//! `pkg/types/datum_compare.go`.

use std::cmp::Ordering;

use tiforth_expr::tree::LiteralKind;
use tiforth_expr::{ArgKind, Binder, Node, TypedExpr};
use tiforth_types::decimal::Rounding;
use tiforth_types::number::{self, Parsed, TextUse};
use tiforth_types::{Datum, Decimal, EvalType, Result, SqlError, SqlType, TypeKind};

/// Is what became of a constant.
pub(super) enum Converted {
    /// It is NULL.
    Null,
    /// The integer's 64 bits.
    Exact(i64),
    /// It is beyond the type, whose bound this is.
    Beyond(i64),
    /// It is no integer at all.
    Failed,
}

impl Converted {
    fn within(value: i64, overflows: bool) -> Converted {
        if overflows { Converted::Beyond(value) } else { Converted::Exact(value) }
    }
}

/// Returns the least and the greatest value of a signed type, and the greatest of an unsigned one.
fn bounds(kind: TypeKind) -> (i64, i64, u64) {
    let bits = match kind {
        TypeKind::TinyInt => 8,
        TypeKind::SmallInt => 16,
        TypeKind::MediumInt => 24,
        TypeKind::Int => 32,
        _ => 64,
    };
    (i64::MIN >> (64 - bits), i64::MAX >> (64 - bits), u64::MAX >> (64 - bits))
}

/// Warns of what a text is not, as often as it is read; false where that fails the
/// statement: the text is compared as the double it fails to be then.
fn takes<T>(binder: &mut Binder<'_>, read: &Parsed<'_, T>) -> bool {
    let Some(shown) = read.truncated else { return true };
    if binder.session().is_strict_write() {
        return false;
    }
    warn_of(binder, shown);
    true
}

fn warn_of(binder: &mut Binder<'_>, shown: &[u8]) {
    binder.warn(SqlError::truncated_wrong_value("DOUBLE", &String::from_utf8_lossy(shown)));
}

/// Reads a hex or bit literal as a number; none beyond 64 bits.
fn binary_literal(con: &TypedExpr) -> Option<Option<u64>> {
    let Node::Constant(c) = &con.node else { return None };
    let Datum::Bytes(bytes) = &c.value else { return None };
    if !matches!(c.literal, Some(LiteralKind::Hex | LiteralKind::Bit)) {
        return None;
    }
    let start = bytes.iter().position(|&b| b != 0).unwrap_or(bytes.len());
    let digits = bytes.get(start..).unwrap_or_default();
    Some((digits.len() <= 8).then(|| digits.iter().fold(0, |n, &b| n << 8 | u64::from(b))))
}

/// Converts a constant to an integer type.
///
/// # Errors
/// Only a bug of ours.
pub(super) fn convert(binder: &mut Binder<'_>, con: &TypedExpr, ty: &SqlType) -> Result<Converted> {
    if ty.kind == TypeKind::Year {
        return year(binder, con);
    }
    let (lower, upper, top) = bounds(ty.kind);
    if let Some(literal) = binary_literal(con) {
        return Ok(match literal {
            None => Converted::Failed,
            Some(v) if ty.unsigned => Converted::within(v.min(top).cast_signed(), v > top),
            Some(v) => {
                let clipped = number::u64_to_i64(v, upper);
                Converted::within(clipped.value, clipped.overflows)
            }
        });
    }
    let Some(value) = con.as_constant() else { return Ok(Converted::Failed) };
    Ok(match value {
        Datum::Null => Converted::Null,
        Datum::Int(v) => {
            let exact =
                if con.ty.unsigned { i128::from(v.cast_unsigned()) } else { i128::from(*v) };
            clip(exact, ty.unsigned, lower, upper, top)
        }
        Datum::Real(v) if ty.unsigned => {
            let clipped = number::f64_to_u64(*v, top, false);
            Converted::within(clipped.value.cast_signed(), clipped.overflows)
        }
        Datum::Real(v) => {
            let clipped = number::f64_to_i64(*v, lower, upper);
            Converted::within(clipped.value, clipped.overflows)
        }
        Datum::Decimal(v) => decimal(v, ty.unsigned, lower, upper, top),
        Datum::Bytes(text) => {
            let (exact, overflows) = if ty.unsigned {
                let read = number::column_text_to_u64(text, binder.session().is_strict_write());
                if !takes(binder, &read) {
                    return Ok(Converted::Failed);
                }
                (i128::from(read.value), read.out_of_range.is_some())
            } else {
                let read = number::column_text_to_i64(text, binder.session().is_strict_write());
                if !takes(binder, &read) {
                    return Ok(Converted::Failed);
                }
                (i128::from(read.value), read.out_of_range.is_some())
            };
            match clip(exact, ty.unsigned, lower, upper, top) {
                Converted::Exact(value) => Converted::within(value, overflows),
                other => other,
            }
        }
        Datum::Time(_) | Datum::Duration(_) => {
            let number = binder.wrap(con.clone(), ArgKind::Decimal)?;
            match number.as_constant() {
                Some(Datum::Decimal(v)) => decimal(v, ty.unsigned, lower, upper, top),
                _ => Converted::Failed,
            }
        }
    })
}

fn clip(exact: i128, unsigned: bool, lower: i64, upper: i64, top: u64) -> Converted {
    if unsigned {
        let clipped = exact.clamp(0, i128::from(top));
        let bits = u64::try_from(clipped).unwrap_or(top).cast_signed();
        return Converted::within(bits, clipped != exact);
    }
    let clipped = exact.clamp(i128::from(lower), i128::from(upper));
    Converted::within(i64::try_from(clipped).unwrap_or(upper), clipped != exact)
}

fn decimal(value: &Decimal, unsigned: bool, lower: i64, upper: i64, top: u64) -> Converted {
    let rounded = value.round(0, Rounding::HalfUp).value;
    if unsigned {
        let read = value.to_u64_rounded();
        return Converted::within(
            read.value.min(top).cast_signed(),
            read.is_overflow() || read.value > top,
        );
    }
    let read = rounded.to_i64();
    Converted::within(
        read.value.clamp(lower, upper),
        read.is_overflow() || read.value < lower || read.value > upper,
    )
}

/// Completes a year of up to two digits (`adjusts_zero` says that 0 is 2000); none outside 1901 to
/// 2155.
pub(super) fn adjusted_year(year: i64, adjusts_zero: bool) -> Option<i64> {
    if year == 0 && !adjusts_zero {
        return Some(0);
    }
    let year = match year {
        0..=69 => year + 2000,
        70..=99 => year + 1900,
        year => year,
    };
    (1901..=2155).contains(&year).then_some(year)
}

fn year(binder: &mut Binder<'_>, con: &TypedExpr) -> Result<Converted> {
    let mut adjusts_zero = false;
    let value = match con.as_constant() {
        None => return Ok(Converted::Failed),
        Some(Datum::Null) => return Ok(Converted::Null),
        Some(Datum::Bytes(text)) if binary_literal(con).is_none() => {
            let read = number::column_text_to_i64(text, binder.session().is_strict_write());
            if !takes(binder, &read) || read.out_of_range.is_some() {
                return Ok(Converted::Failed);
            }
            let trimmed = text.trim_ascii();
            adjusts_zero = text.len() != 4 && read.value == 0 && trimmed.starts_with(b"0");
            read.value
        }
        Some(Datum::Time(time)) => i64::from(time.year()),
        Some(_) => match convert(binder, con, &SqlType::bigint(20))? {
            Converted::Exact(value) => value,
            _ => return Ok(Converted::Failed),
        },
    };
    Ok(adjusted_year(value, adjusts_zero).map_or(Converted::Failed, Converted::Exact))
}

/// Tells whether an integer equals a constant; a text is read once more for it. Nothing where the
/// statement does not take the text.
///
/// # Errors
/// Only a bug of ours.
pub(super) fn equals(
    binder: &mut Binder<'_>,
    value: i64,
    unsigned: bool,
    con: &TypedExpr,
) -> Result<Option<bool>> {
    let exact = if unsigned { i128::from(value.cast_unsigned()) } else { i128::from(value) };
    let as_double = if unsigned { value.cast_unsigned() as f64 } else { value as f64 };
    if let Some(literal) = binary_literal(con) {
        return Ok(Some(literal.is_some_and(|v| i128::from(v) == exact)));
    }
    Ok(Some(match con.as_constant() {
        Some(Datum::Int(v)) if con.ty.unsigned => i128::from(v.cast_unsigned()) == exact,
        Some(Datum::Int(v)) => i128::from(*v) == exact,
        Some(Datum::Real(v)) => *v == as_double,
        Some(Datum::Decimal(v)) => {
            let integer = if unsigned {
                Decimal::from_u64(value.cast_unsigned())
            } else {
                Decimal::from_i64(value)
            };
            v.cmp(&integer) == Ordering::Equal
        }
        Some(Datum::Bytes(_)) => match read_double(binder, con) {
            Some(value) => value == as_double,
            None => return Ok(None),
        },
        Some(Datum::Time(_) | Datum::Duration(_)) => {
            let number = binder.wrap(con.clone(), ArgKind::Real)?;
            matches!(number.as_constant(), Some(Datum::Real(v)) if *v == as_double)
        }
        Some(Datum::Null) | None => false,
    }))
}

/// Reads a text as a column of doubles does, which warns of an empty one too; none where the statement does
/// not take it.
fn read_double(binder: &mut Binder<'_>, con: &TypedExpr) -> Option<f64> {
    let Some(Datum::Bytes(text)) = con.as_constant() else { return Some(0.0) };
    let read = number::text_to_f64(text, TextUse::Column);
    if !takes(binder, &read) || (read.out_of_range.is_some() && binder.session().is_strict_write())
    {
        return None;
    }
    if let Some(shown) = read.out_of_range {
        warn_of(binder, shown);
    }
    Some(read.value)
}

/// Tells whether a text says a number that is no integer.
pub(super) fn has_fraction(binder: &mut Binder<'_>, con: &TypedExpr) -> bool {
    read_double(binder, con).is_some_and(|value| value != value.trunc())
}

/// Returns the least integer that is not less than a constant, as CEIL types it.
///
/// # Errors
/// Only a bug of ours.
pub(super) fn ceiling(binder: &mut Binder<'_>, con: &TypedExpr) -> Result<Option<TypedExpr>> {
    let decimal = |v: &Decimal| if v.is_negative() { toward_zero(v) } else { away_from_zero(v) };
    rounded(binder, con, f64::ceil, decimal)
}

/// Returns the greatest integer that is not greater than a constant, as FLOOR types it.
///
/// # Errors
/// Only a bug of ours.
pub(super) fn floor(binder: &mut Binder<'_>, con: &TypedExpr) -> Result<Option<TypedExpr>> {
    let decimal = |v: &Decimal| if v.is_negative() { away_from_zero(v) } else { toward_zero(v) };
    rounded(binder, con, f64::floor, decimal)
}

fn toward_zero(value: &Decimal) -> Decimal {
    value.round(0, Rounding::Truncate).value
}

fn away_from_zero(value: &Decimal) -> Decimal {
    value.round(0, Rounding::Ceiling).value
}

fn rounded(
    binder: &mut Binder<'_>,
    con: &TypedExpr,
    real: fn(f64) -> f64,
    decimal: fn(&Decimal) -> Decimal,
) -> Result<Option<TypedExpr>> {
    if let Some(Datum::Decimal(v)) = con.as_constant() {
        let value = decimal(v);
        let fits = con.ty.length - i64::from(con.ty.decimals) <= 18;
        return Ok(Some(if fits {
            TypedExpr::constant(Datum::Int(value.to_i64().value), SqlType::bigint(20))
        } else {
            TypedExpr::constant(Datum::Decimal(value), SqlType { decimals: 0, ..con.ty.clone() })
        }));
    }
    let number = binder.wrap(con.clone(), ArgKind::Real)?;
    Ok(match number.as_constant() {
        Some(Datum::Real(v)) if number.eval_type() == EvalType::Real => {
            Some(TypedExpr::constant(Datum::Real(real(*v)), SqlType::double()))
        }
        _ => None,
    })
}
