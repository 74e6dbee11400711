// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `LENGTH`, `CHAR_LENGTH`, `BIT_LENGTH`, `ASCII`, `ORD`: what a text measures and begins with.
//!
//! Source: MySQL manual, "String Functions and Operators"; TiDB `pkg/expression/builtin_string.go`.

use tiforth_data::Column;
use tiforth_expr::kernel::{Args, BytesArg, Int, Scalar1};
use tiforth_expr::{
    ArgKind, Binder, CallContext, CallSite, Collate, Doc, Function, Overload, TypedExpr,
};
use tiforth_types::{Charset, Result, SqlError};

use super::characters::{Characters, Unit, first};
use super::columns::Texts;
use super::define;
use super::result::{is_bytes, with_length};
use crate::cast::encoding::encoded;
use crate::columns_first::ColumnsFirst;

/// Defines LENGTH.
pub(crate) const LENGTH: Function = define(
    "length",
    &["octet_length"],
    (1, 1),
    |binder, site, args| bind(binder, site, args, BYTES, 10),
    Collate::Connection,
    Doc {
        usage: "LENGTH(text)",
        summary: "Counts the bytes of a text in its charset.",
        result: "BIGINT",
        null: "NULL if the argument is.",
        errors: "",
        warnings: "",
        example: ("LENGTH('日本')", "6"),
        sources: "MySQL manual, String Functions; TiDB builtin_string.go",
    },
);

/// Defines CHAR_LENGTH.
pub(crate) const CHAR_LENGTH: Function = define(
    "char_length",
    &["character_length"],
    (1, 1),
    bind_char_length,
    Collate::Connection,
    Doc {
        usage: "CHAR_LENGTH(text)",
        summary: "Counts the characters of a text, the bytes of a binary string.",
        result: "BIGINT",
        null: "NULL if the argument is.",
        errors: "",
        warnings: "",
        example: ("CHAR_LENGTH('日本')", "2"),
        sources: "MySQL manual, String Functions; TiDB builtin_string.go",
    },
);

/// Defines BIT_LENGTH.
pub(crate) const BIT_LENGTH: Function = define(
    "bit_length",
    &[],
    (1, 1),
    |binder, site, args| bind(binder, site, args, BITS, 10),
    Collate::Connection,
    Doc {
        usage: "BIT_LENGTH(text)",
        summary: "Counts the bits of a text in its charset.",
        result: "BIGINT",
        null: "NULL if the argument is.",
        errors: "",
        warnings: "",
        example: ("BIT_LENGTH('ab')", "16"),
        sources: "MySQL manual, String Functions; TiDB builtin_string.go",
    },
);

/// Defines ASCII.
pub(crate) const ASCII: Function = define(
    "ascii",
    &[],
    (1, 1),
    |binder, site, args| bind(binder, site, args, FIRST_BYTE, 3),
    Collate::Connection,
    Doc {
        usage: "ASCII(text)",
        summary: "Gives the first byte of a text, 0 for an empty one.",
        result: "BIGINT",
        null: "NULL if the argument is.",
        errors: "",
        warnings: "",
        example: ("ASCII('abc')", "97"),
        sources: "MySQL manual, String Functions; TiDB builtin_string.go",
    },
);

/// Defines ORD.
pub(crate) const ORD: Function = define(
    "ord",
    &[],
    (1, 1),
    bind_ord,
    Collate::Connection,
    Doc {
        usage: "ORD(text)",
        summary: "Gives the code of the first character: its bytes in its charset, as a number.",
        result: "BIGINT",
        null: "NULL if the argument is.",
        errors: "",
        warnings: "",
        example: ("ORD('é')", "50089"),
        sources: "MySQL manual, String Functions; TiDB builtin_string.go",
    },
);

type Count = Result<Option<i64>, SqlError>;

const BYTES: Overload = Overload::strict(
    "Length",
    &ColumnsFirst::if_many(|args, _, _| lengths(args), Scalar1::<BytesArg, Int, _>::new(length)),
);
const BITS: Overload = Overload::strict("BitLength", &Scalar1::<BytesArg, Int, _>::new(bit_length));
const CHARACTERS: Overload = Overload::strict(
    "CharLengthUTF8",
    &ColumnsFirst::if_many(
        |args, _, _| char_lengths(args),
        Scalar1::<BytesArg, Int, _>::new(char_length),
    ),
);
const FIRST_BYTE: Overload =
    Overload::strict("ASCII", &Scalar1::<BytesArg, Int, _>::new(first_byte));
const CODE: Overload = Overload::strict("Ord", &Scalar1::<BytesArg, Int, _>::new(ord));

fn length(_: &mut CallContext<'_>, text: &[u8]) -> Count {
    Ok(Some(text.len() as i64))
}

fn lengths(args: &Args<'_>) -> Result<Option<Column>> {
    let column = args.decoded(0)?;
    let texts = Texts::open(&column);
    Ok(texts.map(|texts| texts.numbers(texts.lengths().map(i64::from))))
}

/// Counts the characters of texts that together are UTF-8, as what is no byte behind a first one.
fn char_lengths(args: &Args<'_>) -> Result<Option<Column>> {
    let column = args.decoded(0)?;
    let Some(texts) = Texts::open(&column) else { return Ok(None) };
    if texts.all().is_ascii() {
        return Ok(Some(texts.numbers(texts.lengths().map(i64::from))));
    }
    let begins = |byte: &u8| byte.cast_signed() >= -0x40;
    let is_whole = |text: &[u8]| text.first().is_none_or(begins);
    if std::str::from_utf8(texts.all()).is_err() || !texts.texts().all(is_whole) {
        return Ok(None);
    }
    let count = |text: &[u8]| text.iter().filter(|byte| begins(byte)).count() as i64;
    Ok(Some(texts.numbers(texts.texts().map(count))))
}

fn bit_length(_: &mut CallContext<'_>, text: &[u8]) -> Count {
    Ok(Some(text.len() as i64 * 8))
}

fn char_length(_: &mut CallContext<'_>, text: &[u8]) -> Count {
    Ok(Some(Characters::count(text) as i64))
}

fn first_byte(_: &mut CallContext<'_>, text: &[u8]) -> Count {
    Ok(Some(text.first().map_or(0, |byte| i64::from(*byte))))
}

fn ord(ctx: &mut CallContext<'_>, text: &[u8]) -> Count {
    let charset = ctx.call.args.first().map_or(Charset::Binary, |a| a.ty.collation.charset());
    let code = |bytes: &[u8]| bytes.iter().fold(0, |code, byte| code << 8 | i64::from(*byte));
    Ok(Some(match charset {
        Charset::Binary | Charset::Latin1 | Charset::Ascii => code(text.get(..1).unwrap_or(text)),
        Charset::Utf8 | Charset::Utf8mb4 | Charset::Gb18030 => code(first(text)),
        Charset::Gbk => {
            let mut encoded = Vec::with_capacity(2);
            charset.encode(first(text), &mut encoded);
            code(&encoded)
        }
    }))
}

fn bind(
    binder: &mut Binder<'_>,
    site: &CallSite,
    args: Vec<TypedExpr>,
    overload: Overload,
    length: i64,
) -> Result<TypedExpr> {
    let args = args.into_iter().map(|arg| encoded(binder, arg)).collect::<Result<Vec<_>>>()?;
    let typed = binder.signature(site, overload, args, &[ArgKind::String], ArgKind::Int)?;
    Ok(with_length(typed, length))
}

fn bind_ord(binder: &mut Binder<'_>, site: &CallSite, args: Vec<TypedExpr>) -> Result<TypedExpr> {
    let typed = binder.signature(site, CODE, args, &[ArgKind::String], ArgKind::Int)?;
    Ok(with_length(typed, 10))
}

fn bind_char_length(
    binder: &mut Binder<'_>,
    site: &CallSite,
    args: Vec<TypedExpr>,
) -> Result<TypedExpr> {
    let arg = args.into_iter().map(|arg| binder.wrap(arg, ArgKind::String));
    let args = arg.collect::<Result<Vec<_>>>()?;
    let counts_bytes = args.first().is_some_and(|arg| arg.ty.is_bytes());
    let overload = if counts_bytes { Overload { name: "CharLength", ..BYTES } } else { CHARACTERS };
    let typed = binder.signature(site, overload, args, &[ArgKind::String], ArgKind::Int)?;
    debug_assert_eq!(is_bytes(&typed, 0), counts_bytes);
    Ok(typed)
}
