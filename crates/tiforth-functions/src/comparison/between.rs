// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `a BETWEEN x AND y`: two comparisons, once the three operands have one class and one collation.
//!
//! Source: MySQL manual, "Comparison Functions and Operators"; TiDB
//! `pkg/planner/core/expression_rewriter.go` (`betweenToExpression`, `wrapExpWithCast`),
//! `pkg/expression/builtin_compare.go` (`ResolveType4Between`).

use tiforth_expr::tree::LiteralKind;
use tiforth_expr::{ArgKind, Binder, CallSite, Doc, Function, Node, TypedExpr};
use tiforth_types::collation::derive::Purpose;
use tiforth_types::{Collation, EvalType, Result, SqlError, SqlType, TypeKind};

use super::class::{Class, base_class, is_string_kind};

const fn function(name: &'static str, bind: tiforth_expr::BindFn, doc: Doc) -> Function {
    Function {
        fold: Some(|_, expr| Some(expr.clone())),
        // TiDB rewrites it into other comparisons first.
        keeps_untyped_nulls: true,
        ..Function::new(name, "comparison", (3, 3), bind, doc)
    }
}

const fn doc(
    usage: &'static str,
    summary: &'static str,
    example: (&'static str, &'static str),
) -> Doc {
    Doc {
        usage,
        summary,
        result: "BIGINT: 1 or 0.",
        null: "NULL if a comparison that matters is.",
        errors: "1270 when the collations of the texts do not mix.",
        warnings: "1292 when a text is not what it is compared as.",
        example,
        sources: "MySQL manual, Comparison Functions and Operators; TiDB expression_rewriter.go",
    }
}

/// Defines BETWEEN.
pub(super) const BETWEEN: Function = function(
    "between",
    bind,
    doc(
        "a BETWEEN low AND high",
        "Tells whether a value is at least one and at most another.",
        ("2 BETWEEN 1 AND 3", "1"),
    ),
);

/// Defines NOT BETWEEN.
pub(super) const NOT_BETWEEN: Function = function(
    "not_between",
    |binder, site, args| {
        let between = bind(binder, site, args)?;
        binder.call("not", vec![between])
    },
    doc(
        "a NOT BETWEEN low AND high",
        "Tells whether a value is below one or above another.",
        ("2 NOT BETWEEN 1 AND 3", "0"),
    ),
);

fn bind(binder: &mut Binder<'_>, site: &CallSite, args: Vec<TypedExpr>) -> Result<TypedExpr> {
    let Ok([value, low, high]) = <[TypedExpr; 3]>::try_from(args) else {
        return Err(SqlError::wrong_argument_count(&site.name).into());
    };
    let collation =
        binder.derive_from("BETWEEN", &[&value, &low, &high], Purpose::Comparison)?.collation;
    let kind = kind(&[&value, &low, &high]);
    let mut convert = |arg: TypedExpr| -> Result<TypedExpr> {
        let is_text = is_string_kind(arg.eval_type());
        let arg = match kind {
            ArgKind::String if is_text => arg,
            kind => binder.wrap(arg, kind)?,
        };
        with_collation(binder, arg, collation)
    };
    let (value, low, high) = (convert(value)?, convert(low)?, convert(high)?);
    let above = binder.call("ge", vec![value.clone(), low])?;
    let below = binder.call("le", vec![value, high])?;
    binder.call("and", vec![above, below])
}

/// Gives a text the collation the three are compared with.
fn with_collation(
    binder: &mut Binder<'_>,
    arg: TypedExpr,
    collation: Collation,
) -> Result<TypedExpr> {
    if arg.eval_type() != EvalType::Bytes || arg.ty.collation == collation {
        return Ok(arg);
    }
    if arg.ty.kind == TypeKind::Null {
        return Ok(arg);
    }
    let ty = SqlType { collation, ..arg.ty.clone() };
    binder.cast(arg, &ty, false)
}

/// Returns what the three operands are converted to.
fn kind(args: &[&TypedExpr; 3]) -> ArgKind {
    let [value, ..] = args;
    if args.iter().all(|a| a.eval_type() == EvalType::Int || is_binary_literal(a)) {
        return ArgKind::Int;
    }
    let mut common = value.eval_type();
    for arg in args.iter().skip(1) {
        common = match base_class(common, arg.eval_type()) {
            Class::Int => EvalType::Int,
            Class::Decimal => EvalType::Decimal,
            Class::Text => EvalType::Bytes,
            _ => EvalType::Real,
        };
    }
    match common {
        EvalType::Int => ArgKind::Int,
        EvalType::Decimal => ArgKind::Decimal,
        EvalType::Real => ArgKind::Real,
        _ if value.ty.kind == TypeKind::Time => ArgKind::Duration,
        _ if args.iter().any(|a| a.ty.kind.is_temporal()) => ArgKind::Datetime,
        _ => ArgKind::String,
    }
}

fn is_binary_literal(arg: &TypedExpr) -> bool {
    matches!(&arg.node, Node::Constant(c)
        if matches!(c.literal, Some(LiteralKind::Hex | LiteralKind::Bit)))
}
