// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `text LIKE pattern ESCAPE 'c'`, and ILIKE.
//!
//! A constant pattern is compiled once, when the call is bound; any other one whenever it changes.
//! ILIKE puts the ASCII letters of both into lower case and compares code points.
//!
//! Source: MySQL manual, "String Comparison Functions and Operators"; TiDB
//! `pkg/expression/builtin_like.go`, `builtin_ilike.go`.

use std::sync::Arc;

use tiforth_data::{Column, ColumnData};
use tiforth_expr::kernel::{Args, BytesArg, Int, Rows, Scalar2};
use tiforth_expr::tree::CallOptions;
use tiforth_expr::typed::PreparedState;
use tiforth_expr::{
    ArgKind, Binder, Call, CallContext, CallSite, Collate, Doc, Function, Overload, TypedExpr,
};
use tiforth_types::{Datum, LikePattern, Result, Session, SqlError, SqlType};

use super::search::matching;
use crate::columns_first::ColumnsFirst;

/// Defines LIKE.
pub(crate) const LIKE: Function = Function {
    collate: Collate::CompareOf(&[0, 1]),
    ..Function::new(
        "like",
        "pattern",
        (2, 2),
        |binder, site, args| bind(binder, site, args, MATCHES),
        Doc {
            usage: "text LIKE pattern [ESCAPE 'c']",
            summary: "Tells whether a text matches: % stands for any text, _ for one character.",
            result: "BIGINT(1): 1 or 0.",
            null: "NULL if any argument is.",
            errors: "1267 and its kin where collations do not mix.",
            warnings: "",
            example: ("'David!' LIKE 'D%v_d!'", "1"),
            sources: "MySQL manual, String Comparison Functions; TiDB builtin_like.go",
        },
    )
};

/// Defines ILIKE.
pub(crate) const ILIKE: Function = Function {
    name: "ilike",
    bind: |binder, site, args| bind(binder, site, args, MATCHES_ANY_CASE),
    doc: Doc {
        usage: "text ILIKE pattern [ESCAPE 'c']",
        summary: "Tells whether a text matches, ASCII letters of either case being equal and nothing \
                  else: % stands for any text, _ for one character.",
        example: ("'David!' ILIKE 'd%V_D!'", "1"),
        sources: "TiDB builtin_ilike.go",
        ..LIKE.doc
    },
    ..LIKE
};

const MATCHES: Overload = Overload::strict(
    "LikeSig",
    &ColumnsFirst::new(columns, Scalar2::<BytesArg, BytesArg, Int, _>::new(matches::<false>)),
)
.with_prepare(prepare::<false>);
const MATCHES_ANY_CASE: Overload =
    Overload::strict("IlikeSig", &Scalar2::<BytesArg, BytesArg, Int, _>::new(matches::<true>))
        .with_prepare(prepare::<true>);

/// Matches a column of texts by a prepared pattern; any other is matched row by row.
fn columns(args: &Args<'_>, rows: Rows<'_>, ctx: &mut CallContext<'_>) -> Result<Option<Column>> {
    let text = args.decoded(0)?;
    Ok(match (text.data(), ctx.state::<LikePattern>()) {
        (ColumnData::Bytes(texts), Some(pattern)) => {
            Some(Column::bits(matching(texts, pattern, rows), text.nulls().cloned()))
        }
        _ => None,
    })
}

fn matches<const IGNORES_CASE: bool>(
    ctx: &mut CallContext<'_>,
    text: &[u8],
    pattern: &[u8],
) -> Result<Option<i64>, SqlError> {
    let lower;
    let text = if IGNORES_CASE && text.iter().any(u8::is_ascii_uppercase) {
        lower = text.to_ascii_lowercase();
        &lower
    } else {
        text
    };
    let matches = match ctx.state::<LikePattern>() {
        Some(prepared) => prepared.matches(text),
        None => {
            let compile = |ctx: &mut CallContext<'_>| Ok(compile(ctx.call, pattern, IGNORES_CASE));
            ctx.memo::<LikePattern>(pattern, compile)?.matches(text)
        }
    };
    Ok(Some(i64::from(matches)))
}

fn prepare<const IGNORES_CASE: bool>(
    call: &Call,
    _: &Session,
) -> Result<Option<PreparedState>, SqlError> {
    let pattern = match call.args.get(1).and_then(TypedExpr::as_constant) {
        Some(Datum::Bytes(pattern)) => pattern,
        _ => return Ok(None),
    };
    Ok(Some(Arc::new(compile(call, pattern, IGNORES_CASE))))
}

fn compile(call: &Call, pattern: &[u8], ignores_case: bool) -> LikePattern {
    let escape = match call.options {
        CallOptions::Escape(escape) => escape,
        _ => b'\\',
    };
    if ignores_case {
        let (pattern, escape) = in_lower_case(pattern, escape);
        let collation = call.collation.charset().bin_collation();
        return LikePattern::new(&pattern, Some(escape), collation);
    }
    LikePattern::new(pattern, Some(escape), call.collation)
}

/// Puts a pattern into lower case, all but the escape character, which becomes a capital letter if it
/// is a letter: it must not be taken for one of the text's.
fn in_lower_case(pattern: &[u8], escape: u8) -> (Vec<u8>, u8) {
    let shown = escape.to_ascii_uppercase();
    let mut lower = Vec::with_capacity(pattern.len());
    let mut bytes = pattern.iter();
    while let Some(byte) = bytes.next() {
        if *byte == escape {
            lower.push(shown);
            lower.extend(bytes.next().map(u8::to_ascii_lowercase));
        } else {
            lower.push(byte.to_ascii_lowercase());
        }
    }
    (lower, shown)
}

fn bind(
    binder: &mut Binder<'_>,
    site: &CallSite,
    args: Vec<TypedExpr>,
    overload: Overload,
) -> Result<TypedExpr> {
    let ty = SqlType::bigint(1);
    let typed = binder.signature_of_type(site, overload, args, &[ArgKind::String], ty)?;
    Ok(typed.as_boolean())
}
