// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `REPLACE`, `SUBSTRING_INDEX`, `INSERT`: a text with parts exchanged or cut at another text.
//!
//! Source: MySQL manual, "String Functions and Operators"; TiDB `pkg/expression/builtin_string.go`.

use memchr::memmem::{Finder, FinderRev};
use tiforth_expr::kernel::{BytesArg, Int, Text3, Text4};
use tiforth_expr::{
    ArgKind, Binder, CallContext, CallSite, Collate, Doc, Function, Overload, TypedExpr,
};
use tiforth_types::{Result, SqlError};

use super::characters::{Bytes, Characters, Unit};
use super::define;
use super::result::{LENGTH_MAX, argument, as_bytes_like, fits_packet, like_first, with_length};

/// Defines REPLACE.
pub(crate) const REPLACE: Function = define(
    "replace",
    &[],
    (3, 3),
    bind_replace,
    Collate::Of(&[0]),
    Doc {
        usage: "REPLACE(text, part, by)",
        summary: "Gives a text with every occurrence of a part replaced, bytes being compared.",
        result: "VARCHAR long enough for the longest result; bytes where the text is.",
        null: "NULL if any argument is.",
        errors: "",
        warnings: "",
        example: ("REPLACE('www.mysql.com', 'w', 'Ww')", "WwWwWw.mysql.com"),
        sources: "MySQL manual, String Functions; TiDB builtin_string.go",
    },
);

/// Defines SUBSTRING_INDEX.
pub(crate) const SUBSTRING_INDEX: Function = define(
    "substring_index",
    &[],
    (3, 3),
    bind_substring_index,
    Collate::Of(&[0]),
    Doc {
        usage: "SUBSTRING_INDEX(text, delimiter, count)",
        summary: "Takes what is before the count-th delimiter, or behind it from the end if the count \
                  is negative.",
        result: "VARCHAR of the text's length; bytes where the text is.",
        null: "NULL if any argument is.",
        errors: "",
        warnings: "",
        example: ("SUBSTRING_INDEX('www.mysql.com', '.', 2)", "www.mysql"),
        sources: "MySQL manual, String Functions; TiDB builtin_string.go",
    },
);

/// Defines INSERT.
pub(crate) const INSERT: Function = define(
    "insert_func",
    &["insert"],
    (4, 4),
    bind_insert,
    Collate::Of(&[0, 3]),
    Doc {
        usage: "INSERT(text, position, length, by)",
        summary: "Gives a text with the part at a position replaced; outside the text nothing is.",
        result: "LONGTEXT, or LONGBLOB.",
        null: "NULL if any argument is.",
        errors: "1267 and its kin where collations do not mix.",
        warnings: "1301 where the result is beyond max_allowed_packet; it is NULL.",
        example: ("INSERT('Quadratic', 3, 4, 'What')", "QuWhattic"),
        sources: "MySQL manual, String Functions; TiDB builtin_string.go",
    },
);

const ALL: Overload =
    Overload::strict("Replace", &Text3::<BytesArg, BytesArg, BytesArg, _>::new(replace));
const INDEX: Overload =
    Overload::strict("SubstringIndex", &Text3::<BytesArg, BytesArg, Int, _>::new(substring_index));
const INSERT_BYTES: Overload =
    Overload::strict("Insert", &Text4::<BytesArg, Int, Int, BytesArg, _>::new(insert::<Bytes>));
const INSERT_CHARACTERS: Overload = Overload::strict(
    "InsertUTF8",
    &Text4::<BytesArg, Int, Int, BytesArg, _>::new(insert::<Characters>),
);

type Done = Result<bool, SqlError>;

fn replace(
    _: &mut CallContext<'_>,
    text: &[u8],
    part: &[u8],
    by: &[u8],
    out: &mut Vec<u8>,
) -> Done {
    let mut rest = text;
    if !part.is_empty() {
        let finder = Finder::new(part);
        while let Some(at) = finder.find(rest) {
            let (before, found) = rest.split_at(at);
            out.extend_from_slice(before);
            out.extend_from_slice(by);
            rest = found.get(part.len()..).unwrap_or_default();
        }
    }
    out.extend_from_slice(rest);
    Ok(true)
}

fn substring_index(
    ctx: &mut CallContext<'_>,
    text: &[u8],
    delimiter: &[u8],
    count: i64,
    out: &mut Vec<u8>,
) -> Done {
    if delimiter.is_empty() || count == 0 {
        return Ok(true);
    }
    let is_huge = count < 0 && ctx.call.args.get(2).is_some_and(|arg| arg.ty.unsigned);
    let part = if is_huge {
        text
    } else if count > 0 {
        let end = Finder::new(delimiter)
            .find_iter(text)
            .nth(usize::try_from(count - 1).unwrap_or(usize::MAX));
        text.get(..end.unwrap_or(text.len())).unwrap_or_default()
    } else {
        behind(text, delimiter, count.unsigned_abs())
    };
    out.extend_from_slice(part);
    Ok(true)
}

/// Returns what is behind the `count`-th delimiter from the end. Delimiters are found from the start:
/// in a row of them that overlap, those that begin first count.
fn behind<'a>(text: &'a [u8], delimiter: &[u8], count: u64) -> &'a [u8] {
    let Ok(count) = usize::try_from(count) else { return text };
    let overlaps = (1..delimiter.len()).any(|n| delimiter.starts_with(&delimiter[n..]));
    let start = if overlaps {
        let places: Vec<usize> = Finder::new(delimiter).find_iter(text).collect();
        places.len().checked_sub(count).and_then(|i| places.get(i).copied())
    } else {
        FinderRev::new(delimiter).rfind_iter(text).nth(count - 1)
    };
    start.map_or(text, |at| text.get(at + delimiter.len()..).unwrap_or_default())
}

fn insert<U: Unit>(
    ctx: &mut CallContext<'_>,
    text: &[u8],
    position: i64,
    length: i64,
    by: &[u8],
    out: &mut Vec<u8>,
) -> Done {
    let skipped = usize::try_from(position).ok().and_then(|p| p.checked_sub(1));
    let Some(skipped) = skipped.filter(|skipped| *skipped < U::count(text)) else {
        out.extend_from_slice(text);
        return Ok(true);
    };
    let (head, rest) = text.split_at(U::offset(text, skipped));
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    let tail = rest.get(U::offset(rest, length)..).unwrap_or_default();
    let start = out.len();
    U::append(head, out);
    out.extend_from_slice(by);
    U::append(tail, out);
    fits_packet(ctx, "insert", (out.len() - start) as u64)
}

fn bind_replace(
    binder: &mut Binder<'_>,
    site: &CallSite,
    args: Vec<TypedExpr>,
) -> Result<TypedExpr> {
    let typed = binder.signature(site, ALL, args, &[ArgKind::String], ArgKind::String)?;
    let [text, part, by] = [0, 1, 2].map(|i| argument(&typed, i).length);
    let growth = by.saturating_sub(part);
    let length = if growth > 0 && part > 0 {
        text.saturating_add((text / part).saturating_mul(growth))
    } else {
        text
    };
    let typed = with_length(typed, length);
    Ok((0..3).fold(typed, as_bytes_like))
}

fn bind_substring_index(
    binder: &mut Binder<'_>,
    site: &CallSite,
    args: Vec<TypedExpr>,
) -> Result<TypedExpr> {
    let kinds = &[ArgKind::String, ArgKind::String, ArgKind::Int];
    let typed = binder.signature(site, INDEX, args, kinds, ArgKind::String)?;
    Ok(like_first(typed))
}

fn bind_insert(
    binder: &mut Binder<'_>,
    site: &CallSite,
    args: Vec<TypedExpr>,
) -> Result<TypedExpr> {
    let kinds = &[ArgKind::String, ArgKind::Int, ArgKind::Int, ArgKind::String];
    let typed = binder.signature(site, INSERT_CHARACTERS, args, kinds, ArgKind::String)?;
    let typed = with_length(typed, LENGTH_MAX);
    Ok(if typed.ty.is_bytes() { typed.with_overload(INSERT_BYTES) } else { typed })
}
