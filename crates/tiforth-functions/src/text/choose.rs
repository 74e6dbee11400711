// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `ELT` and `FIELD`: a value by its place, and the place of a value.
//!
//! Source: MySQL manual, "String Functions and Operators"; TiDB `pkg/expression/builtin_string.go`.

use tiforth_expr::kernel::{RowValue, Variadic};
use tiforth_expr::{
    ArgKind, Binder, CallContext, CallSite, Collate, Doc, Function, Overload, TypedExpr,
};
use tiforth_types::{DatumRef, EvalType, Result, SqlError};

use super::define;
use super::result::{as_bytes, with_length};

/// Defines ELT.
pub(crate) const ELT: Function = define(
    "elt",
    &[],
    (2, usize::MAX),
    bind_elt,
    Collate::From(1),
    Doc {
        usage: "ELT(place, text, …)",
        summary: "Gives the text at a place, counted from 1.",
        result: "VARCHAR of the longest text's length; bytes where any text is.",
        null: "NULL if the place is, or if there is no such text.",
        errors: "1267 and its kin where collations do not mix.",
        warnings: "",
        example: ("ELT(2, 'Aa', 'Bb')", "Bb"),
        sources: "MySQL manual, String Functions; TiDB builtin_string.go",
    },
);

/// Defines FIELD.
pub(crate) const FIELD: Function = define(
    "field",
    &[],
    (2, usize::MAX),
    bind_field,
    Collate::All,
    Doc {
        usage: "FIELD(value, candidate, …)",
        summary: "Finds a value among others: compared as texts, integers or doubles, by what all are.",
        result: "BIGINT: the place counted from 1, 0 where it is not found or the value is NULL.",
        null: "Never.",
        errors: "1267 and its kin where collations do not mix.",
        warnings: "1292 when a text is no number.",
        example: ("FIELD('Bb', 'Aa', 'Bb')", "2"),
        sources: "MySQL manual, String Functions; TiDB builtin_string.go",
    },
);

const AT: Overload = Overload::strict("Elt", &Variadic::new(elt));
const TEXTS: Overload = Overload::strict("FieldString", &Variadic::new(field));
const INTS: Overload = Overload { name: "FieldInt", ..TEXTS };
const REALS: Overload = Overload { name: "FieldReal", ..TEXTS };

type Row = Result<RowValue, SqlError>;

fn elt(_: &mut CallContext<'_>, args: &[DatumRef<'_>], out: &mut Vec<u8>) -> Row {
    let Some(DatumRef::Int(place)) = args.first() else { return Ok(RowValue::Null) };
    let chosen = usize::try_from(*place).ok().filter(|place| *place > 0);
    match chosen.and_then(|place| args.get(place)) {
        Some(DatumRef::Bytes(text)) => {
            out.extend_from_slice(text);
            Ok(RowValue::Bytes)
        }
        _ => Ok(RowValue::Null),
    }
}

fn field(ctx: &mut CallContext<'_>, args: &[DatumRef<'_>], _: &mut Vec<u8>) -> Row {
    let Some((value, candidates)) = args.split_first() else { return Ok(RowValue::Int(0)) };
    let collation = ctx.call.collation;
    let place = candidates.iter().position(|candidate| match (value, candidate) {
        (DatumRef::Int(a), DatumRef::Int(b)) => a == b,
        (DatumRef::Real(a), DatumRef::Real(b)) => a == b,
        (DatumRef::Bytes(a), DatumRef::Bytes(b)) => collation.equals(a, b),
        _ => false,
    });
    Ok(RowValue::Int(place.map_or(0, |place| place as i64 + 1)))
}

fn bind_elt(binder: &mut Binder<'_>, site: &CallSite, args: Vec<TypedExpr>) -> Result<TypedExpr> {
    let kinds = &[ArgKind::Int, ArgKind::String];
    let typed = binder.signature(site, AT, args, kinds, ArgKind::String)?;
    let Some(call) = typed.as_call() else { return Ok(typed) };
    let texts = || call.args.iter().skip(1);
    let length = texts().fold(typed.ty.length, |length, text| {
        if text.ty.length < 0 { text.ty.length } else { length.max(text.ty.length) }
    });
    let is_bytes = texts().any(|text| text.ty.is_bytes());
    let typed = with_length(typed, length);
    Ok(if is_bytes { as_bytes(typed) } else { typed })
}

fn bind_field(binder: &mut Binder<'_>, site: &CallSite, args: Vec<TypedExpr>) -> Result<TypedExpr> {
    let all = |kind| args.iter().all(|arg| arg.eval_type() == kind);
    let (overload, kind) = if all(EvalType::Bytes) {
        (TEXTS, ArgKind::String)
    } else if all(EvalType::Int) {
        (INTS, ArgKind::Int)
    } else {
        (REALS, ArgKind::Real)
    };
    binder.signature(site, overload, args, &[kind], ArgKind::Int)
}
