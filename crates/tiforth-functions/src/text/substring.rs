// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `SUBSTRING`, `LEFT`, `RIGHT`: a text's part by place and length.
//!
//! Source: MySQL manual, "String Functions and Operators"; TiDB `pkg/expression/builtin_string.go`.

use tiforth_data::Column;
use tiforth_expr::kernel::{Args, BytesArg, Int, Text2, Text3};
use tiforth_expr::{
    ArgKind, Binder, CallContext, CallSite, Collate, Doc, Function, Overload, TypedExpr,
};
use tiforth_types::{Result, SqlError};

use super::characters::{Bytes, Characters, Unit};
use super::columns::{Texts, constant_int};
use super::define;
use super::result::{is_bytes, like_first};
use crate::columns_first::ColumnsFirst;

/// Defines SUBSTRING.
pub(crate) const SUBSTRING: Function = define(
    "substring",
    &["substr", "mid"],
    (2, 3),
    bind_substring,
    Collate::Of(&[0]),
    Doc {
        usage: "SUBSTRING(text, position[, length])",
        summary: "Takes the part of a text from a position on, counted from 1, or from the end if \
                  negative.",
        result: "VARCHAR of the text's length; bytes where the text is.",
        null: "NULL if any argument is.",
        errors: "",
        warnings: "",
        example: ("SUBSTRING('Quadratically', 5, 6)", "ratica"),
        sources: "MySQL manual, String Functions; TiDB builtin_string.go",
    },
);

/// Defines LEFT.
pub(crate) const LEFT: Function = define(
    "left",
    &[],
    (2, 2),
    |binder, site, args| bind(binder, site, args, (LEFT_BYTES, LEFT_CHARACTERS)),
    Collate::Of(&[0]),
    Doc {
        usage: "LEFT(text, length)",
        summary: "Takes the first characters of a text.",
        result: "VARCHAR of the text's length; bytes where the text is.",
        null: "NULL if any argument is.",
        errors: "",
        warnings: "",
        example: ("LEFT('foobarbar', 5)", "fooba"),
        sources: "MySQL manual, String Functions; TiDB builtin_string.go",
    },
);

/// Defines RIGHT.
pub(crate) const RIGHT: Function = define(
    "right",
    &[],
    (2, 2),
    |binder, site, args| bind(binder, site, args, (RIGHT_BYTES, RIGHT_CHARACTERS)),
    Collate::Of(&[0]),
    Doc {
        usage: "RIGHT(text, length)",
        summary: "Takes the last characters of a text.",
        result: "VARCHAR of the text's length; bytes where the text is.",
        null: "NULL if any argument is.",
        errors: "",
        warnings: "",
        example: ("RIGHT('foobarbar', 4)", "rbar"),
        sources: "MySQL manual, String Functions; TiDB builtin_string.go",
    },
);

const FROM_BYTE: Overload =
    Overload::strict("Substring2Args", &Text2::<BytesArg, Int, _>::new(from::<Bytes>));
const FROM_CHARACTER: Overload = Overload::strict(
    "Substring2ArgsUTF8",
    &ColumnsFirst::if_many(
        |args, _, _| whole_from(args),
        Text2::<BytesArg, Int, _>::new(from::<Characters>),
    ),
);
const PART_BYTES: Overload =
    Overload::strict("Substring3Args", &Text3::<BytesArg, Int, Int, _>::new(part::<Bytes>));
const PART_CHARACTERS: Overload = Overload::strict(
    "Substring3ArgsUTF8",
    &ColumnsFirst::if_many(
        |args, _, _| whole_part(args),
        Text3::<BytesArg, Int, Int, _>::new(part::<Characters>),
    ),
);
const LEFT_BYTES: Overload =
    Overload::strict("Left", &Text2::<BytesArg, Int, _>::new(left::<Bytes>));
const LEFT_CHARACTERS: Overload =
    Overload::strict("LeftUTF8", &Text2::<BytesArg, Int, _>::new(left::<Characters>));
const RIGHT_BYTES: Overload =
    Overload::strict("Right", &Text2::<BytesArg, Int, _>::new(right::<Bytes>));
const RIGHT_CHARACTERS: Overload =
    Overload::strict("RightUTF8", &Text2::<BytesArg, Int, _>::new(right::<Characters>));

type Done = Result<bool, SqlError>;

fn from<U: Unit>(_: &mut CallContext<'_>, text: &[u8], position: i64, out: &mut Vec<u8>) -> Done {
    U::append(tail::<U>(text, position), out);
    Ok(true)
}

fn tail<U: Unit>(text: &[u8], position: i64) -> &[u8] {
    let tail = |start| text.get(U::offset(text, start)..);
    start::<U>(text, position).and_then(tail).unwrap_or_default()
}

/// Takes the parts of texts that are all ASCII, each character of one byte, from a constant position.
fn whole_from(args: &Args<'_>) -> Result<Option<Column>> {
    let column = args.decoded(0)?;
    let texts = Texts::open(&column).filter(|texts| texts.all().is_ascii());
    let (Some(texts), Some(position)) = (texts, constant_int(args, 1)?) else { return Ok(None) };
    Ok(Some(texts.parts(|text| tail::<Bytes>(text, position))))
}

/// Takes parts as [`whole_from`] does, of constant length.
fn whole_part(args: &Args<'_>) -> Result<Option<Column>> {
    let column = args.decoded(0)?;
    let texts = Texts::open(&column).filter(|texts| texts.all().is_ascii());
    let (position, length) = (constant_int(args, 1)?, constant_int(args, 2)?);
    let (Some(texts), Some(position), Some(length)) = (texts, position, length) else {
        return Ok(None);
    };
    Ok(Some(texts.parts(|text| middle::<Bytes>(text, position, length))))
}

fn part<U: Unit>(
    _: &mut CallContext<'_>,
    text: &[u8],
    position: i64,
    length: i64,
    out: &mut Vec<u8>,
) -> Done {
    U::append(middle::<U>(text, position, length), out);
    Ok(true)
}

/// A part whose end is beyond what 64 bits count is empty.
fn middle<U: Unit>(text: &[u8], position: i64, length: i64) -> &[u8] {
    let (Some(start), Ok(length)) = (start::<U>(text, position), usize::try_from(length)) else {
        return &[];
    };
    if start.checked_add(length).is_none_or(|end| i64::try_from(end).is_err()) {
        return &[];
    }
    let tail = text.get(U::offset(text, start)..).unwrap_or_default();
    tail.get(..U::offset(tail, length)).unwrap_or_default()
}

/// Returns how many units stand before a position: counted from 1, or from the end if negative; none
/// where it is 0 or before the text.
fn start<U: Unit>(text: &[u8], position: i64) -> Option<usize> {
    if position < 0 {
        return U::count(text).checked_sub(usize::try_from(position.unsigned_abs()).ok()?);
    }
    usize::try_from(position).ok()?.checked_sub(1)
}

fn left<U: Unit>(_: &mut CallContext<'_>, text: &[u8], length: i64, out: &mut Vec<u8>) -> Done {
    let length = usize::try_from(length).unwrap_or(0);
    U::append(text.get(..U::offset(text, length)).unwrap_or_default(), out);
    Ok(true)
}

fn right<U: Unit>(_: &mut CallContext<'_>, text: &[u8], length: i64, out: &mut Vec<u8>) -> Done {
    let length = usize::try_from(length).unwrap_or(0);
    let skipped = U::count(text).saturating_sub(length);
    U::append(text.get(U::offset(text, skipped)..).unwrap_or_default(), out);
    Ok(true)
}

fn bind_substring(
    binder: &mut Binder<'_>,
    site: &CallSite,
    args: Vec<TypedExpr>,
) -> Result<TypedExpr> {
    let overloads =
        if args.len() == 3 { (PART_BYTES, PART_CHARACTERS) } else { (FROM_BYTE, FROM_CHARACTER) };
    bind(binder, site, args, overloads)
}

/// Binds a part of the first argument, by the overload for bytes or the one for text.
fn bind(
    binder: &mut Binder<'_>,
    site: &CallSite,
    args: Vec<TypedExpr>,
    (bytes, text): (Overload, Overload),
) -> Result<TypedExpr> {
    let kinds = &[ArgKind::String, ArgKind::Int];
    let typed = binder.signature(site, text, args, kinds, ArgKind::String)?;
    let typed = if is_bytes(&typed, 0) { typed.with_overload(bytes) } else { typed };
    Ok(like_first(typed))
}
