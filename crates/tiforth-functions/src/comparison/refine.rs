// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Turns a constant that meets a column of another type into a constant of the column's type.
//!
//! An integer expression is compared with an integer then, so that no digit is lost: `a < 1.5` is
//! `a < 2`. Where no integer can make the comparison true or false, it is decided at once.
//!
//! Source: TiDB `pkg/expression/builtin_compare.go` (`refineArgs`, `RefineComparedConstant`,
//! `refineArgsByUnsignedFlag`, `refineNumericConstantCmpDatetime`,
//! `handleDurationTypeComparisonForNullEq`).

use tiforth_expr::{ArgKind, Binder, TypedExpr};
use tiforth_types::temporal::{TimeKind, Zone, time_from_number, time_from_number_text};
use tiforth_types::{Datum, EvalType, Result, SqlType, TypeKind};

use super::integer_constant::{self, Converted};
use super::operator::Operator;

/// Returns the operands of a comparison, with what is constant brought to the other's type.
pub(super) fn arguments(
    binder: &mut Binder<'_>,
    operator: Operator,
    a: TypedExpr,
    b: TypedExpr,
) -> Result<(TypedExpr, TypedExpr)> {
    if b.is_constant() && !a.is_constant() {
        let (a, b) = beside(binder, operator, a, b)?;
        return Ok(by_sign(operator, a, b));
    }
    if a.is_constant() && !b.is_constant() {
        let (b, a) = beside(binder, operator.symmetric(), b, a)?;
        let (b, a) = by_sign(operator.symmetric(), b, a);
        return Ok((a, b));
    }
    Ok((a, b))
}

/// Returns an element of a list, brought to the type of the value it is compared with.
pub(super) fn element(
    binder: &mut Binder<'_>,
    value: &TypedExpr,
    element: TypedExpr,
) -> Result<TypedExpr> {
    if value.eval_type() != EvalType::Int || !element.is_constant() {
        return Ok(element);
    }
    Ok(match refined(binder, &value.ty, &element, Operator::Eq)? {
        Refined::Constant(constant) => constant,
        Refined::Bound { .. } | Refined::Never => element,
    })
}

/// Refines the constant `con` to the right of `expr`.
fn beside(
    binder: &mut Binder<'_>,
    operator: Operator,
    expr: TypedExpr,
    con: TypedExpr,
) -> Result<(TypedExpr, TypedExpr)> {
    let is_number = matches!(con.eval_type(), EvalType::Int | EvalType::Real | EvalType::Decimal);
    if matches!(expr.ty.kind, TypeKind::DateTime | TypeKind::Timestamp) && is_number {
        let con = as_datetime(binder, &con).unwrap_or(con);
        return Ok((expr, con));
    }
    if operator == Operator::NullEq && expr.ty.kind == TypeKind::Time {
        return if is_no_time(binder, &con)? { Ok((truth(0), truth(1))) } else { Ok((expr, con)) };
    }
    if expr.eval_type() != EvalType::Int {
        return Ok((expr, con));
    }
    if con.eval_type() == EvalType::Int {
        let con = if expr.ty.kind == TypeKind::Year { as_year(con) } else { con };
        return Ok((expr, con));
    }
    let is_equality = matches!(operator, Operator::Eq | Operator::NullEq);
    Ok(match refined(binder, &expr.ty, &con, operator)? {
        Refined::Constant(constant) => (expr, constant),
        // A NULL stays NULL whatever it is compared with.
        Refined::Bound { .. } | Refined::Never if expr.nullable => (expr, con),
        Refined::Bound { .. } | Refined::Never if is_equality => (truth(0), truth(1)),
        Refined::Bound { value } if value & 1 == 1 => (truth(0), truth(1)),
        Refined::Bound { .. } => (truth(1), truth(0)),
        Refined::Never => (expr, con),
    })
}

/// Tells whether a constant is not NULL but as a time is. Beside a time `<=>` would take it for one,
/// so it never holds. TiDB converts the constant here, and once more for the comparison.
fn is_no_time(binder: &mut Binder<'_>, con: &TypedExpr) -> Result<bool> {
    if con.as_constant().is_some_and(Datum::is_null) {
        return Ok(false);
    }
    let time = binder.wrap(con.clone(), ArgKind::Duration)?;
    Ok(time.as_constant().is_some_and(Datum::is_null))
}

fn truth(value: i64) -> TypedExpr {
    TypedExpr::constant(Datum::Int(value), SqlType { decimals: 0, ..SqlType::bigint(1) })
}

/// Is what becomes of a constant beside an integer.
enum Refined {
    /// This constant is to be compared with; it may be the one that was given.
    Constant(TypedExpr),
    /// It is beyond the integer's type, on the side of this bound.
    Bound { value: i64 },
    /// No integer equals it.
    Never,
}

fn refined(
    binder: &mut Binder<'_>,
    ty: &SqlType,
    con: &TypedExpr,
    operator: Operator,
) -> Result<Refined> {
    let kept = || Ok(Refined::Constant(con.clone()));
    let ty = &if ty.kind == TypeKind::Bit { SqlType::bigint(20) } else { ty.clone() };
    let value = match integer_constant::convert(binder, con, ty)? {
        Converted::Null => {
            return Ok(Refined::Constant(TypedExpr::constant(Datum::Null, ty.clone())));
        }
        Converted::Exact(value) => value,
        Converted::Beyond(value) => return Ok(Refined::Bound { value }),
        Converted::Failed => return kept(),
    };
    let integer = || TypedExpr::constant(Datum::Int(value), ty.clone());
    match integer_constant::equals(binder, value, ty.unsigned, con)? {
        None => return kept(),
        Some(true) => return Ok(Refined::Constant(integer())),
        Some(false) => {}
    }
    let rounded = match operator {
        Operator::Lt | Operator::Ge => integer_constant::ceiling(binder, con)?,
        Operator::Le | Operator::Gt => integer_constant::floor(binder, con)?,
        Operator::Eq | Operator::NullEq => {
            return match con.eval_type() {
                EvalType::Real | EvalType::Decimal => Ok(Refined::Never),
                EvalType::Bytes if integer_constant::has_fraction(binder, con) => {
                    Ok(Refined::Never)
                }
                EvalType::Bytes => Ok(Refined::Constant(integer())),
                _ => kept(),
            };
        }
        Operator::Ne => return kept(),
    };
    let Some(rounded) = rounded else { return kept() };
    if rounded.eval_type() == EvalType::Int {
        return Ok(Refined::Constant(rounded));
    }
    Ok(match integer_constant::convert(binder, &rounded, ty)? {
        Converted::Exact(value) => {
            Refined::Constant(TypedExpr::constant(Datum::Int(value), ty.clone()))
        }
        Converted::Beyond(value) => Refined::Bound { value },
        Converted::Null | Converted::Failed => Refined::Constant(rounded),
    })
}

/// Completes a year of one or two digits.
fn as_year(con: TypedExpr) -> TypedExpr {
    let year = match con.as_constant() {
        Some(Datum::Int(year)) => integer_constant::adjusted_year(*year, false),
        _ => None,
    };
    match year {
        Some(year) => TypedExpr::constant(Datum::Int(year), con.ty),
        None => con,
    }
}

/// Reads an integer or decimal as a datetime; none where it is none, without a warning. From a double TiDB
/// has no way to a date.
fn as_datetime(binder: &Binder<'_>, con: &TypedExpr) -> Option<TypedExpr> {
    let (mode, kind) = (binder.session().date_mode(), TimeKind::Datetime);
    let zone = Zone::new(binder.session().time_zone);
    let time = match con.as_constant()? {
        Datum::Int(v) if con.ty.unsigned && *v < 0 => None,
        Datum::Int(v) => time_from_number(*v, kind, mode, &zone).ok().map(|(time, _)| time),
        Datum::Decimal(v) => {
            let mut text = Vec::new();
            v.write_text(&mut text);
            time_from_number_text(&text, kind, 0, mode, &zone).ok()
        }
        _ => None,
    }?;
    Some(TypedExpr::constant(Datum::Time(time), SqlType::datetime(0)))
}

/// Decides what the signs decide: no unsigned column is below 0, no signed one at 2^63.
fn by_sign(operator: Operator, column: TypedExpr, con: TypedExpr) -> (TypedExpr, TypedExpr) {
    if !column.is_field() || column.eval_type() != EvalType::Int {
        return (column, con);
    }
    let Some(&Datum::Int(value)) = con.as_constant() else { return (column, con) };
    if con.eval_type() != EvalType::Int || value > 0 {
        return (column, con);
    }
    let is_equality = matches!(operator, Operator::Eq | Operator::NullEq);
    match (con.ty.unsigned, column.ty.unsigned) {
        (true, false) if is_equality && value < 0 && !column.nullable => (truth(1), truth(0)),
        (false, true) if !column.nullable => {
            let may_be_zero = !matches!(operator, Operator::Lt | Operator::Ge);
            if value == 0 && may_be_zero { (column, con) } else { (truth(1), truth(0)) }
        }
        _ => (column, con),
    }
}
