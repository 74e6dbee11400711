// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `TRIM`, `LTRIM`, `RTRIM`.
//!
//! Source: MySQL manual, "String Functions and Operators"; TiDB `pkg/expression/builtin_string.go`.

use tiforth_expr::kernel::{BytesArg, Text1, Text2};
use tiforth_expr::tree::{CallOptions, TrimDirection};
use tiforth_expr::{
    ArgKind, Binder, CallContext, CallSite, Collate, Doc, Function, Overload, TypedExpr,
};
use tiforth_types::{Result, SqlError};

use super::define;
use super::result::{as_bytes_like, like_first};

/// Defines TRIM.
pub(crate) const TRIM: Function = define(
    "trim",
    &[],
    (1, 2),
    bind_trim,
    Collate::Of(&[0]),
    Doc {
        usage: "TRIM([{BOTH | LEADING | TRAILING} [part] FROM] text)",
        summary: "Takes spaces, or another text as often as it is there, off a text's ends.",
        result: "VARCHAR of the text's length; bytes where the text is.",
        null: "NULL if any argument is.",
        errors: "",
        warnings: "",
        example: ("TRIM(LEADING 'x' FROM 'xxbarxx')", "barxx"),
        sources: "MySQL manual, String Functions; TiDB builtin_string.go",
    },
);

/// Defines LTRIM.
pub(crate) const LTRIM: Function = define(
    "ltrim",
    &[],
    (1, 1),
    |binder, site, args| bind(binder, site, args, SPACES_LEFT),
    Collate::Of(&[0]),
    Doc {
        usage: "LTRIM(text)",
        summary: "Takes spaces off a text's start.",
        result: "VARCHAR of the text's length; bytes where the text is.",
        null: "NULL if the argument is.",
        errors: "",
        warnings: "",
        example: ("LTRIM('  bar')", "bar"),
        sources: "MySQL manual, String Functions; TiDB builtin_string.go",
    },
);

/// Defines RTRIM.
pub(crate) const RTRIM: Function = define(
    "rtrim",
    &[],
    (1, 1),
    |binder, site, args| bind(binder, site, args, SPACES_RIGHT),
    Collate::Of(&[0]),
    Doc {
        usage: "RTRIM(text)",
        summary: "Takes spaces off a text's end.",
        result: "VARCHAR of the text's length; bytes where the text is.",
        null: "NULL if the argument is.",
        errors: "",
        warnings: "",
        example: ("RTRIM('bar  ')", "bar"),
        sources: "MySQL manual, String Functions; TiDB builtin_string.go",
    },
);

const SPACES: Overload = Overload::strict("Trim1Arg", &Text1::<BytesArg, _>::new(spaces));
const SPACES_LEFT: Overload = Overload::strict("LTrim", &Text1::<BytesArg, _>::new(spaces_left));
const SPACES_RIGHT: Overload = Overload::strict("RTrim", &Text1::<BytesArg, _>::new(spaces_right));
const PART: Overload = Overload::strict("Trim2Args", &Text2::<BytesArg, BytesArg, _>::new(trim));
const DIRECTED: Overload = Overload { name: "Trim3Args", ..PART };

type Done = Result<bool, SqlError>;

fn append(text: &[u8], out: &mut Vec<u8>) -> Done {
    out.extend_from_slice(text);
    Ok(true)
}

fn spaces(_: &mut CallContext<'_>, text: &[u8], out: &mut Vec<u8>) -> Done {
    append(trim_right(trim_left(text, b" "), b" "), out)
}

fn spaces_left(_: &mut CallContext<'_>, text: &[u8], out: &mut Vec<u8>) -> Done {
    append(trim_left(text, b" "), out)
}

fn spaces_right(_: &mut CallContext<'_>, text: &[u8], out: &mut Vec<u8>) -> Done {
    append(trim_right(text, b" "), out)
}

fn trim(ctx: &mut CallContext<'_>, text: &[u8], part: &[u8], out: &mut Vec<u8>) -> Done {
    let text = match ctx.call.options {
        CallOptions::Trim(TrimDirection::Leading) => trim_left(text, part),
        CallOptions::Trim(TrimDirection::Trailing) => trim_right(text, part),
        _ => trim_right(trim_left(text, part), part),
    };
    append(text, out)
}

fn trim_left<'a>(mut text: &'a [u8], part: &[u8]) -> &'a [u8] {
    while !part.is_empty()
        && let Some(rest) = text.strip_prefix(part)
    {
        text = rest;
    }
    text
}

fn trim_right<'a>(mut text: &'a [u8], part: &[u8]) -> &'a [u8] {
    while !part.is_empty()
        && let Some(rest) = text.strip_suffix(part)
    {
        text = rest;
    }
    text
}

fn bind(
    binder: &mut Binder<'_>,
    site: &CallSite,
    args: Vec<TypedExpr>,
    overload: Overload,
) -> Result<TypedExpr> {
    let typed = binder.signature(site, overload, args, &[ArgKind::String], ArgKind::String)?;
    Ok(like_first(typed))
}

/// A text that is trimmed of another, without a direction, has no length in TiDB.
fn bind_trim(binder: &mut Binder<'_>, site: &CallSite, args: Vec<TypedExpr>) -> Result<TypedExpr> {
    match (&site.options, args.len()) {
        (_, 1) => bind(binder, site, args, SPACES),
        (CallOptions::Trim(_), _) => bind(binder, site, args, DIRECTED),
        _ => {
            let kinds = &[ArgKind::String];
            let typed = binder.signature(site, PART, args, kinds, ArgKind::String)?;
            Ok(as_bytes_like(typed, 0))
        }
    }
}
