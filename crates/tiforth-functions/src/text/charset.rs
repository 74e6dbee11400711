// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `CHARSET`, `COLLATION`, `COERCIBILITY`, which look at types alone.
//!
//! Source: MySQL manual, "Information Functions"; TiDB `pkg/expression/builtin_info.go`.

use tiforth_data::Column;
use tiforth_expr::kernel::{LazyKernel, RowEvaluator, Rows};
use tiforth_expr::{
    ArgKind, Binder, Call, CallSite, Collate, Doc, Evaluator, Function, Overload, TypedExpr,
};
use tiforth_types::{Collation, Datum, EvalType, Result, SqlError};

use super::define;
use super::result::with_length;

/// Defines CHARSET.
pub(crate) const CHARSET: Function = define(
    "charset",
    &[],
    (1, 1),
    |binder, site, args| bind_text(binder, site, args, &NameOfCharset),
    Collate::Connection,
    Doc {
        usage: "CHARSET(value)",
        summary: "Names the charset of a value.",
        result: "VARCHAR(64)",
        null: "Never.",
        errors: "",
        warnings: "",
        example: ("CHARSET('abc')", "utf8mb4"),
        sources: "MySQL manual, Information Functions; TiDB builtin_info.go",
    },
);

/// Defines COLLATION.
pub(crate) const COLLATION: Function = define(
    "collation",
    &[],
    (1, 1),
    |binder, site, args| bind_text(binder, site, args, &NameOfCollation),
    Collate::Connection,
    Doc {
        usage: "COLLATION(value)",
        summary: "Names the collation of a value.",
        result: "VARCHAR(64)",
        null: "Never.",
        errors: "",
        warnings: "",
        example: ("COLLATION('abc')", "utf8mb4_bin"),
        sources: "MySQL manual, Information Functions; TiDB builtin_info.go",
    },
);

/// Defines COERCIBILITY.
pub(crate) const COERCIBILITY: Function = define(
    "coercibility",
    &[],
    (1, 1),
    |binder, site, args| binder.signature(site, STRENGTH, args, &[ArgKind::Any], ArgKind::Int),
    Collate::Connection,
    Doc {
        usage: "COERCIBILITY(value)",
        summary: "Ranks how strongly a value holds to its collation, from 0 to 6.",
        result: "BIGINT",
        null: "Never.",
        errors: "",
        warnings: "",
        example: ("COERCIBILITY('abc')", "4"),
        sources: "MySQL manual, Information Functions; TiDB builtin_info.go",
    },
);

/// Answers from the argument's type.
trait About: Send + Sync + 'static {
    fn answer(&self, arg: &TypedExpr) -> Datum;
}

struct NameOfCharset;
struct NameOfCollation;
struct Rank;

fn collation_of(arg: &TypedExpr) -> Collation {
    match arg.eval_type() {
        EvalType::Bytes => arg.ty.collation,
        EvalType::Json => Collation::UTF8MB4_BIN,
        _ => Collation::BINARY,
    }
}

impl About for NameOfCharset {
    fn answer(&self, arg: &TypedExpr) -> Datum {
        Datum::Bytes(collation_of(arg).charset().name().as_bytes().into())
    }
}

impl About for NameOfCollation {
    fn answer(&self, arg: &TypedExpr) -> Datum {
        Datum::Bytes(collation_of(arg).name().as_bytes().into())
    }
}

impl About for Rank {
    fn answer(&self, arg: &TypedExpr) -> Datum {
        Datum::Int(arg.coercibility as i64)
    }
}

/// Answers without computing the argument.
struct Told<A>(A);

impl<A: About> LazyKernel for Told<A> {
    fn batch(&self, call: &Call, rows: Rows<'_>, _: &mut Evaluator<'_>) -> Result<Column> {
        let answer = call.args.first().map_or(Datum::Null, |arg| self.0.answer(arg));
        Ok(Column::constant(answer, rows.len))
    }

    fn row(&self, call: &Call, _: &mut dyn RowEvaluator) -> Result<Datum, SqlError> {
        Ok(call.args.first().map_or(Datum::Null, |arg| self.0.answer(arg)))
    }
}

const CHARSET_NAME: Overload = Overload::lazy("Charset", &Told(NameOfCharset));
const COLLATION_NAME: Overload = Overload::lazy("Collation", &Told(NameOfCollation));
const STRENGTH: Overload = Overload::lazy("Coercibility", &Told(Rank));

fn bind_text<A: About>(
    binder: &mut Binder<'_>,
    site: &CallSite,
    args: Vec<TypedExpr>,
    _: &A,
) -> Result<TypedExpr> {
    let overload = if site.name.as_ref() == "charset" { CHARSET_NAME } else { COLLATION_NAME };
    let typed = binder.signature(site, overload, args, &[ArgKind::Any], ArgKind::String)?;
    Ok(with_length(typed, 64))
}
