// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Converts values from one type to another: CAST, and the coercions the binder inserts.
//!
//! | file | converts to |
//! |---|---|
//! | `wrap` | the type an argument is taken as (TiDB's `WrapWithCastAs…`) |
//! | `to_int`, `to_real`, `to_decimal`, `to_text` | numbers and text |
//! | `to_time`, `to_duration` | dates and times; `moment` holds what they go by |
//! | `sources` | the overloads of one conversion, by what they take |
//! | `lanes` | whole columns at once, where no row can warn |
//! | `assign` | the type of the column a value is written to |
//! | `convert` | CONVERT … USING |
//! | `encoding` | text of bytes, and the bytes of text, where a call mixes the two |
//! | `literal` | what hex and bit literals are in a numeric context |
//! | `loss` | warnings and errors for what a conversion loses |
//!
//! Source: MySQL manual, "Cast Functions and Operators", "Type Conversion in Expression Evaluation";
//! TiDB `pkg/expression/builtin_cast.go`, `pkg/types/convert.go`.

mod assign;
pub(crate) mod encoding;
mod lanes;
mod literal;
pub(crate) mod loss;
pub(crate) mod moment;
mod plain;
mod sources;
mod to_decimal;
mod to_duration;
mod to_int;
pub(crate) mod to_real;
mod to_text;
mod to_time;
mod wrap;

family! {
    Function;
    convert: CONVERT;
}

use tiforth_expr::tree::CallOptions;
use tiforth_expr::{ArgKind, Binder, CastRules, Doc, Overload, TypedExpr};
use tiforth_types::{Coercibility, Collation, EvalType, Repertoire, Result, SqlError, SqlType};

/// Holds the rules of conversion.
pub(crate) struct Rules;

/// Is what the registry refers to.
pub(crate) static RULES: Rules = Rules;

impl CastRules for Rules {
    fn cast(
        &self,
        binder: &mut Binder<'_>,
        expr: TypedExpr,
        target: &SqlType,
        explicit: bool,
    ) -> Result<TypedExpr> {
        let mut typed = convert(binder, expr, target.clone())?;
        if explicit {
            typed.nullable = true;
            if target.kind.is_string() {
                typed.coercibility = Coercibility::Implicit;
                typed.repertoire = if target.collation == Collation::ASCII_BIN {
                    Repertoire::Ascii
                } else {
                    Repertoire::Unicode
                };
            } else {
                typed.coercibility = Coercibility::Numeric;
                typed.repertoire = Repertoire::Ascii;
            }
        }
        Ok(typed)
    }

    fn wrap(&self, binder: &mut Binder<'_>, expr: TypedExpr, kind: ArgKind) -> Result<TypedExpr> {
        wrap::wrap(binder, expr, kind)
    }

    fn assign(
        &self,
        binder: &mut Binder<'_>,
        expr: TypedExpr,
        target: &SqlType,
        column: &str,
    ) -> Result<TypedExpr> {
        assign::assign(binder, expr, target, column)
    }

    fn unify(
        &self,
        binder: &mut Binder<'_>,
        expr: TypedExpr,
        collation: Collation,
    ) -> Result<TypedExpr> {
        encoding::unify(binder, expr, collation)
    }

    fn doc(&self) -> Option<&'static Doc> {
        Some(&CAST)
    }
}

/// Documents CAST.
const CAST: Doc = Doc {
    usage: "CAST(a AS type)",
    summary: "Converts a value to a type; coercions and assignments convert by the same rules.",
    result: "The type: SIGNED, UNSIGNED, DOUBLE, FLOAT, DECIMAL, DATE, DATETIME, TIME, YEAR, CHAR, \
             BINARY.",
    null: "NULL if the argument is, or if it is no date where one is asked for.",
    errors: "1426, 1425 for a precision or scale beyond the type's, 1427 for a scale beyond the \
             precision; in a strict statement that writes, what is warned of otherwise.",
    warnings: "1292 when not all of a text is read or a value is cut, 1690 when a number is beyond the \
               type, 8030 and 8031 when the sign changes.",
    example: ("CAST('12' AS SIGNED)", "12"),
    sources: "MySQL manual, Cast Functions and Operators; TiDB builtin_cast.go, convert.go",
};

/// Builds the conversion of `expr` to `target`; what is known of the collation's strength and of NULL
/// stays the argument's.
fn convert(binder: &mut Binder<'_>, expr: TypedExpr, target: SqlType) -> Result<TypedExpr> {
    let expr = match target.eval_type() {
        EvalType::Real => {
            let ty = to_real::widened(&expr);
            as_number(binder.retype(expr, ty))
        }
        EvalType::Int => as_number(expr),
        _ => expr,
    };
    let (coercibility, repertoire, nullable) = (expr.coercibility, expr.repertoire, expr.nullable);
    let (overload, target) = if literal::is_binary_literal(&expr)
        && matches!(target.eval_type(), EvalType::Int | EvalType::Real | EvalType::Decimal)
    {
        (literal::overload(target.eval_type()), target)
    } else if target.kind.is_string() {
        let target = to_text::length_for(target, &expr.ty);
        (to_text::overload(&expr.ty, &target), target)
    } else {
        (overload(&expr.ty, &target), target)
    };
    let Some(overload) = overload else {
        return Err(unsupported(&expr.ty, &target).into());
    };
    let typed = binder.build("cast", CallOptions::None, overload, vec![expr], target)?;
    Ok(TypedExpr { coercibility, repertoire, nullable, ..typed })
}

/// Returns the integer a text stands for, where that is not the number it begins with.
fn as_number(expr: TypedExpr) -> TypedExpr {
    let Some(kernel) = expr.as_call().and_then(|call| call.overload.as_number) else { return expr };
    let (name, length) = (expr.as_call().map_or("", |call| call.overload.name), expr.ty.length);
    expr.with_overload(Overload::strict(name, kernel).reading_forms())
        .with_type(SqlType::bigint(length))
}

fn overload(from: &SqlType, to: &SqlType) -> Option<Overload> {
    let sources = match to.eval_type() {
        EvalType::Int => &to_int::FROM,
        EvalType::Real => &to_real::FROM,
        EvalType::Decimal => &to_decimal::FROM,
        EvalType::Time => &to_time::FROM,
        EvalType::Duration => &to_duration::FROM,
        EvalType::Bytes | EvalType::Json | EvalType::Vector => return None,
    };
    sources.of(from, from.unsigned || to.unsigned)
}

#[cold]
fn unsupported(from: &SqlType, to: &SqlType) -> SqlError {
    SqlError::other(format!("a cast from {:?} to {:?} is not supported yet", from.kind, to.kind))
}

#[cfg(test)]
mod tests;
