// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `LOCATE`, `POSITION`, `INSTR`: where a text is found in another.
//!
//! LOCATE searches by weights, from a position on in lower case too; INSTR in lower case alone.
//!
//! Source: MySQL manual, "String Functions and Operators"; TiDB `pkg/expression/builtin_string.go`
//! (`locateStringWithCollation`).

use memchr::memmem;
use tiforth_expr::kernel::{BytesArg, Int, Scalar2, Scalar3};
use tiforth_expr::{
    ArgKind, Binder, CallContext, CallSite, Collate, Doc, Function, Overload, TypedExpr,
};
use tiforth_types::{Collation, Result, SqlError};

use super::characters::{Characters, Unit, for_each};
use super::define;
use super::result::with_length;

/// Defines LOCATE and POSITION.
pub(crate) const LOCATE: Function = define(
    "locate",
    &["position"],
    (2, 3),
    bind_locate,
    Collate::Of(&[0, 1]),
    Doc {
        usage: "LOCATE(part, text[, position])",
        summary: "Finds a part in a text, from a position on; counts characters from 1.",
        result: "BIGINT, 0 where the part is not found.",
        null: "NULL if any argument is.",
        errors: "1267 and its kin where collations do not mix.",
        warnings: "",
        example: ("LOCATE('bar', 'foobarbar', 5)", "7"),
        sources: "MySQL manual, String Functions; TiDB builtin_string.go",
    },
);

/// Defines INSTR.
pub(crate) const INSTR: Function = define(
    "instr",
    &[],
    (2, 2),
    bind_instr,
    Collate::Of(&[0, 1]),
    Doc {
        usage: "INSTR(text, part)",
        summary: "Finds a part in a text; counts characters from 1.",
        result: "BIGINT, 0 where the part is not found.",
        null: "NULL if any argument is.",
        errors: "1267 and its kin where collations do not mix.",
        warnings: "",
        example: ("INSTR('foobarbar', 'bar')", "4"),
        sources: "MySQL manual, String Functions; TiDB builtin_string.go",
    },
);

const BYTES: Overload =
    Overload::strict("Locate2Args", &Scalar2::<BytesArg, BytesArg, Int, _>::new(locate_bytes));
const TEXT: Overload =
    Overload::strict("Locate2ArgsUTF8", &Scalar2::<BytesArg, BytesArg, Int, _>::new(locate_text));
const BYTES_FROM: Overload = Overload::strict(
    "Locate3Args",
    &Scalar3::<BytesArg, BytesArg, Int, Int, _>::new(locate_bytes_from),
);
const TEXT_FROM: Overload = Overload::strict(
    "Locate3ArgsUTF8",
    &Scalar3::<BytesArg, BytesArg, Int, Int, _>::new(locate_text_from),
);
const IN_BYTES: Overload =
    Overload::strict("Instr", &Scalar2::<BytesArg, BytesArg, Int, _>::new(instr_bytes));
const IN_TEXT: Overload =
    Overload::strict("InstrUTF8", &Scalar2::<BytesArg, BytesArg, Int, _>::new(instr));

type Place = Result<Option<i64>, SqlError>;

/// Returns the byte a part begins at, counted from 1; 0 where it is not found.
fn place(text: &[u8], part: &[u8]) -> i64 {
    memmem::find(text, part).map_or(0, |at| at as i64 + 1)
}

fn locate_bytes(_: &mut CallContext<'_>, part: &[u8], text: &[u8]) -> Place {
    Ok(Some(place(text, part)))
}

fn locate_text(ctx: &mut CallContext<'_>, part: &[u8], text: &[u8]) -> Place {
    Ok(Some(place_by_weight(ctx.call.collation, text, part)))
}

fn locate_bytes_from(_: &mut CallContext<'_>, part: &[u8], text: &[u8], position: i64) -> Place {
    let skipped = usize::try_from(position).ok().and_then(|p| p.checked_sub(1));
    let Some(rest) = skipped.and_then(|skipped| text.get(skipped..)) else { return Ok(Some(0)) };
    Ok(Some(match place(rest, part) {
        0 => 0,
        found => position - 1 + found,
    }))
}

fn locate_text_from(ctx: &mut CallContext<'_>, part: &[u8], text: &[u8], position: i64) -> Place {
    let collation = ctx.call.collation;
    let (mut lower_part, mut lower_text) = (Vec::new(), Vec::new());
    let (part, text) = if collation.is_ci() {
        Collation::UTF8MB4_BIN.write_lower(part, &mut lower_part);
        Collation::UTF8MB4_BIN.write_lower(text, &mut lower_text);
        (&lower_part[..], &lower_text[..])
    } else {
        (part, text)
    };
    let most = Characters::count(text).checked_sub(Characters::count(part));
    let skipped = usize::try_from(position).ok().and_then(|p| p.checked_sub(1));
    let skipped = match (skipped, most) {
        (Some(skipped), Some(most)) if skipped <= most => skipped,
        _ => return Ok(Some(0)),
    };
    if part.is_empty() {
        return Ok(Some(position));
    }
    let rest = text.get(Characters::offset(text, skipped)..).unwrap_or_default();
    Ok(Some(match place_by_weight(collation, rest, part) {
        0 => 0,
        found => position - 1 + found,
    }))
}

fn instr_bytes(_: &mut CallContext<'_>, text: &[u8], part: &[u8]) -> Place {
    Ok(Some(place(text, part)))
}

fn instr(ctx: &mut CallContext<'_>, text: &[u8], part: &[u8]) -> Place {
    let (mut lower_part, mut lower_text) = (Vec::new(), Vec::new());
    let (part, text) = if ctx.call.collation.is_ci() {
        Collation::UTF8MB4_BIN.write_lower(part, &mut lower_part);
        Collation::UTF8MB4_BIN.write_lower(text, &mut lower_text);
        (&lower_part[..], &lower_text[..])
    } else {
        (part, text)
    };
    let Some(at) = memmem::find(text, part) else { return Ok(Some(0)) };
    let before = text.get(..at).unwrap_or_default();
    Ok(Some(Characters::count(before) as i64 + 1))
}

/// Returns the character a part begins at, counted from 1, as the keys of both tell; 0 where it is
/// not found.
///
/// The key is taken apart character by character, and the first one whose key ends at the place found
/// or behind it is the one before.
fn place_by_weight(collation: Collation, text: &[u8], part: &[u8]) -> i64 {
    if part.is_empty() {
        return 1;
    }
    let (mut text_key, mut part_key) = (Vec::new(), Vec::new());
    let at = if collation.compares_bytes() {
        memmem::find(text, part)
    } else {
        collation.sort_key_unpadded(text, &mut text_key);
        collation.sort_key_unpadded(part, &mut part_key);
        memmem::find(&text_key, &part_key)
    };
    let mut left = match at {
        None => return 0,
        Some(0) => return 1,
        Some(at) => at,
    };
    if collation.compares_bytes()
        && let Ok(before) = std::str::from_utf8(text.get(..left).unwrap_or_default())
    {
        return before.chars().count() as i64 + 1;
    }
    let mut count = 0;
    let (mut key, mut character_text) = (Vec::new(), Vec::new());
    for_each(text, |character| {
        if left > 0 {
            count += 1;
            character_text.clear();
            Characters::append(character, &mut character_text);
            key.clear();
            collation.sort_key_unpadded(&character_text, &mut key);
            left = left.saturating_sub(key.len());
        }
    });
    count + 1
}

fn bind_locate(
    binder: &mut Binder<'_>,
    site: &CallSite,
    args: Vec<TypedExpr>,
) -> Result<TypedExpr> {
    let (text, bytes) = if args.len() == 3 { (TEXT_FROM, BYTES_FROM) } else { (TEXT, BYTES) };
    let kinds = &[ArgKind::String, ArgKind::String, ArgKind::Int];
    let typed = binder.signature(site, text, args, kinds, ArgKind::Int)?;
    Ok(if searches_bytes(&typed) { typed.with_overload(bytes) } else { typed })
}

fn bind_instr(binder: &mut Binder<'_>, site: &CallSite, args: Vec<TypedExpr>) -> Result<TypedExpr> {
    let typed = binder.signature(site, IN_TEXT, args, &[ArgKind::String], ArgKind::Int)?;
    let typed = if searches_bytes(&typed) { typed.with_overload(IN_BYTES) } else { typed };
    Ok(with_length(typed, 11))
}

fn searches_bytes(typed: &TypedExpr) -> bool {
    typed.as_call().is_some_and(|call| call.collation == Collation::BINARY)
}
