// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Converts an argument to the type it is taken as, and says which exact type that is.
//!
//! Source: TiDB `WrapWithCastAsInt` and its kin (`pkg/expression/builtin_cast.go`).

use tiforth_expr::{ArgKind, Binder, TypedExpr};
use tiforth_types::sql_type::{DECIMAL_PRECISION_MAX, DECIMAL_SCALE_MAX, FSP_MAX, UNSPECIFIED};
use tiforth_types::{Coercibility, Collation, Datum, EvalType, Result, SqlType, TypeKind};

use super::convert;

/// Converts to what an argument of `kind` must be, leaving alone what is that already.
pub(super) fn wrap(binder: &mut Binder<'_>, expr: TypedExpr, kind: ArgKind) -> Result<TypedExpr> {
    let from = expr.eval_type();
    match kind {
        ArgKind::Any => Ok(expr),
        ArgKind::Int if from == EvalType::Int => Ok(expr),
        ArgKind::Real if from == EvalType::Real => Ok(expr),
        ArgKind::Decimal if from == EvalType::Decimal => Ok(expr),
        ArgKind::String if from == EvalType::Bytes => Ok(expr),
        ArgKind::Json if expr.ty.kind == TypeKind::Json => Ok(expr),
        ArgKind::Vector if expr.ty.kind == TypeKind::Vector => Ok(expr),
        ArgKind::Duration if expr.ty.kind == TypeKind::Time => Ok(expr),
        ArgKind::Int => {
            let ty = SqlType { unsigned: expr.ty.unsigned, ..SqlType::bigint(expr.ty.length) };
            convert(binder, expr, ty)
        }
        ArgKind::Real => {
            let ty = SqlType { length: 23, unsigned: expr.ty.unsigned, ..SqlType::double() };
            convert(binder, expr, ty)
        }
        ArgKind::Decimal => as_decimal(binder, expr),
        ArgKind::String => as_string(binder, expr),
        ArgKind::Datetime => as_time(binder, expr, TypeKind::DateTime),
        ArgKind::Timestamp => as_time(binder, expr, TypeKind::Timestamp),
        ArgKind::Duration => {
            let decimals =
                if expr.ty.kind.is_date_or_datetime() { expr.ty.decimals } else { FSP_MAX };
            may_be_null(convert(binder, expr, SqlType::time(decimals))?)
        }
        ArgKind::Json => {
            let ty = SqlType { length: 12_582_912, ..SqlType::new(TypeKind::Json) };
            may_be_null(convert(binder, expr, ty)?)
        }
        ArgKind::Vector => may_be_null(convert(binder, expr, SqlType::new(TypeKind::Vector))?),
    }
}

fn may_be_null(expr: TypedExpr) -> Result<TypedExpr> {
    Ok(expr.with_nullable(true))
}

/// An integer becomes a DECIMAL that holds its kind; a constant one that fits just its value.
fn as_decimal(binder: &mut Binder<'_>, expr: TypedExpr) -> Result<TypedExpr> {
    let max = i64::from(DECIMAL_PRECISION_MAX);
    let (length, decimals) = match expr.ty.kind {
        TypeKind::TinyInt => (3, 0),
        TypeKind::SmallInt => (5, 0),
        TypeKind::MediumInt => (8, 0),
        TypeKind::Int => (10, 0),
        TypeKind::Year => (4, 0),
        TypeKind::BigInt | TypeKind::Bit => (20, 0),
        _ => (expr.ty.length.min(max), expr.ty.decimals.min(DECIMAL_SCALE_MAX)),
    };
    let length = if length == i64::from(UNSPECIFIED) { max } else { length };
    let ty =
        SqlType { length, decimals, unsigned: expr.ty.unsigned, ..SqlType::new(TypeKind::Decimal) };
    let typed = convert(binder, expr, ty)?;
    let typed = binder.fold_constant(typed)?;
    let Some(Datum::Decimal(value)) = typed.as_constant() else { return Ok(typed) };
    let (precision, scale) = value.precision_and_scale();
    let ty = SqlType {
        length: i64::from(precision).min(max),
        decimals: i32::from(scale).min(DECIMAL_SCALE_MAX),
        ..typed.ty.clone()
    };
    Ok(typed.with_type(ty))
}

/// A number's or a time's text has the connection's collation, unless COLLATE named one.
fn as_string(binder: &mut Binder<'_>, expr: TypedExpr) -> Result<TypedExpr> {
    let from = &expr.ty;
    let length = match from.eval_type() {
        EvalType::Int if from.kind == TypeKind::Bit => (from.length + 7) / 8,
        EvalType::Int => 20,
        EvalType::Real => i64::from(UNSPECIFIED),
        EvalType::Decimal if from.length != i64::from(UNSPECIFIED) => from.length + 3,
        _ => from.length,
    };
    let collation = if expr.coercibility == Coercibility::Explicit {
        from.collation
    } else if from.kind == TypeKind::Bit {
        Collation::BINARY
    } else {
        binder.session().collation
    };
    may_be_null(convert(binder, expr, SqlType::varchar(length, collation))?)
}

/// Where a DATETIME is wanted, a DATE and a TIMESTAMP will do.
fn as_time(binder: &mut Binder<'_>, expr: TypedExpr, kind: TypeKind) -> Result<TypedExpr> {
    let from = expr.ty.kind;
    let is_kin = matches!(from, TypeKind::Date | TypeKind::Timestamp);
    if from == kind || (kind == TypeKind::DateTime && is_kin) {
        return Ok(expr);
    }
    let decimals = match expr.eval_type() {
        EvalType::Int => 0,
        EvalType::Bytes | EvalType::Real | EvalType::Json | EvalType::Vector => FSP_MAX,
        EvalType::Time | EvalType::Duration => expr.ty.decimals,
        EvalType::Decimal => expr.ty.decimals.min(FSP_MAX),
    };
    let ty = SqlType { kind, ..SqlType::datetime(decimals) };
    may_be_null(convert(binder, expr, ty)?)
}
