// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `LPAD`, `RPAD`, `REPEAT`, `SPACE`, `REVERSE`: texts filled up, repeated, turned round.
//!
//! Source: MySQL manual, "String Functions and Operators"; TiDB `pkg/expression/builtin_string.go`.

use tiforth_expr::kernel::{BytesArg, Int, Opt, Text1, Text2, Text3};
use tiforth_expr::{
    ArgKind, Binder, CallContext, CallSite, Collate, Doc, Function, Overload, TypedExpr,
};
use tiforth_types::{Datum, Result, SqlError};

use super::characters::{Bytes, Characters, Unit, for_each};
use super::define;
use super::result::{
    LENGTH_MAX, argument, as_bytes_like, fits_packet, is_bytes, packet_overflowed, with_length,
};

/// Defines LPAD.
pub(crate) const LPAD: Function = define(
    "lpad",
    &[],
    (3, 3),
    |binder, site, args| bind_pad(binder, site, args, (LPAD_BYTES, LPAD_CHARACTERS)),
    Collate::Of(&[0, 2]),
    Doc {
        usage: "LPAD(text, length, pad)",
        summary: "Fills a text up to a length from the left, or cuts it to that length.",
        result: "VARCHAR of four times a constant length, else LONGTEXT; bytes where the collation is.",
        null: "NULL if any argument is, if the length is negative, or if the pad is empty and needed.",
        errors: "1267 and its kin where collations do not mix.",
        warnings: "1301 where the result may be beyond max_allowed_packet; it is NULL.",
        example: ("LPAD('hi', 4, '??')", "??hi"),
        sources: "MySQL manual, String Functions; TiDB builtin_string.go",
    },
);

/// Defines RPAD.
pub(crate) const RPAD: Function = define(
    "rpad",
    &[],
    (3, 3),
    |binder, site, args| bind_pad(binder, site, args, (RPAD_BYTES, RPAD_CHARACTERS)),
    Collate::Of(&[0, 2]),
    Doc {
        usage: "RPAD(text, length, pad)",
        summary: "Fills a text up to a length from the right, or cuts it to that length.",
        example: ("RPAD('hi', 5, '?')", "hi???"),
        ..LPAD.doc
    },
);

/// Defines REPEAT.
pub(crate) const REPEAT: Function = define(
    "repeat",
    &[],
    (2, 2),
    bind_repeat,
    Collate::Of(&[0]),
    Doc {
        usage: "REPEAT(text, count)",
        summary: "Repeats a text.",
        result: "LONGTEXT, or LONGBLOB.",
        null: "NULL if any argument is.",
        errors: "",
        warnings: "1301 where the result is beyond max_allowed_packet; it is NULL.",
        example: ("REPEAT('ab', 3)", "ababab"),
        sources: "MySQL manual, String Functions; TiDB builtin_string.go",
    },
);

/// Defines SPACE.
pub(crate) const SPACE: Function = define(
    "space",
    &[],
    (1, 1),
    bind_space,
    Collate::Connection,
    Doc {
        usage: "SPACE(count)",
        summary: "Gives a text of spaces.",
        result: "LONGTEXT",
        null: "NULL if the argument is.",
        errors: "",
        warnings: "1301 where the result is beyond max_allowed_packet; it is NULL.",
        example: ("SPACE(2)", "  "),
        sources: "MySQL manual, String Functions; TiDB builtin_string.go",
    },
);

/// Defines REVERSE.
pub(crate) const REVERSE: Function = define(
    "reverse",
    &[],
    (1, 1),
    bind_reverse,
    Collate::All,
    Doc {
        usage: "REVERSE(text)",
        summary: "Turns a text round, character by character or byte by byte.",
        result: "VARCHAR of the text's length; bytes where the text is.",
        null: "NULL if the argument is.",
        errors: "",
        warnings: "",
        example: ("REVERSE('abc')", "cba"),
        sources: "MySQL manual, String Functions; TiDB builtin_string.go",
    },
);

const LPAD_BYTES: Overload =
    Overload::strict("Lpad", &Text3::<BytesArg, Int, Opt<BytesArg>, _>::new(pad::<Bytes, true>));
const LPAD_CHARACTERS: Overload = Overload::strict(
    "LpadUTF8",
    &Text3::<BytesArg, Int, Opt<BytesArg>, _>::new(pad::<Characters, true>),
);
const RPAD_BYTES: Overload =
    Overload::strict("Rpad", &Text3::<BytesArg, Int, Opt<BytesArg>, _>::new(pad::<Bytes, false>));
const RPAD_CHARACTERS: Overload = Overload::strict(
    "RpadUTF8",
    &Text3::<BytesArg, Int, Opt<BytesArg>, _>::new(pad::<Characters, false>),
);
const AGAIN: Overload = Overload::strict("Repeat", &Text2::<BytesArg, Int, _>::new(repeat));
const SPACES: Overload = Overload::strict("Space", &Text1::<Int, _>::new(space));
const REVERSE_BYTES: Overload =
    Overload::strict("Reverse", &Text1::<BytesArg, _>::new(reverse_bytes));
const REVERSE_CHARACTERS: Overload =
    Overload::strict("ReverseUTF8", &Text1::<BytesArg, _>::new(reverse));

type Done = Result<bool, SqlError>;

/// Is how a text is brought to a length, in units.
enum Fill {
    /// The text is cut to so many units.
    Cut(usize),
    /// So many units of the pad are added.
    Add(usize),
}

/// Says how a text is brought to `length` units; `None` where the result is NULL. A length beyond the
/// limit is reported even where the pad is NULL.
fn fill<U: Unit>(
    ctx: &mut CallContext<'_>,
    (text, length, pad): (&[u8], i64, Option<&[u8]>),
    (function, unit_bytes): (&str, u64),
) -> Result<Option<Fill>, SqlError> {
    // A negative length is a huge one here, and wraps once more where it is counted in bytes.
    let bytes = (length as u64).wrapping_mul(unit_bytes);
    if bytes > ctx.session.max_allowed_packet {
        return packet_overflowed(ctx, function);
    }
    let (Some(pad), Ok(target)) = (pad, usize::try_from(length)) else { return Ok(None) };
    let is_too_long = length.saturating_mul(unit_bytes as i64) > ctx.call.ty.length;
    let count = U::count(text);
    if is_too_long || (count < target && pad.is_empty()) {
        return Ok(None);
    }
    Ok(Some(if count < target { Fill::Add(target - count) } else { Fill::Cut(target) }))
}

fn pad<U: Unit + Width, const FROM_LEFT: bool>(
    ctx: &mut CallContext<'_>,
    text: &[u8],
    length: i64,
    pad: Option<&[u8]>,
    out: &mut Vec<u8>,
) -> Done {
    let function = if FROM_LEFT { "lpad" } else { "rpad" };
    match fill::<U>(ctx, (text, length, pad), (function, U::BYTES_MAX))? {
        None => return Ok(false),
        Some(Fill::Cut(units)) => cut::<U>(text, units, out),
        Some(Fill::Add(units)) => {
            if !FROM_LEFT {
                U::append(text, out);
            }
            append_repeated::<U>(pad.unwrap_or_default(), units, out);
            if FROM_LEFT {
                U::append(text, out);
            }
        }
    }
    Ok(true)
}

/// Says how many bytes a unit may take.
trait Width {
    const BYTES_MAX: u64;
}

impl Width for Bytes {
    const BYTES_MAX: u64 = 1;
}

impl Width for Characters {
    const BYTES_MAX: u64 = 4;
}

fn cut<U: Unit>(text: &[u8], units: usize, out: &mut Vec<u8>) {
    U::append(text.get(..U::offset(text, units)).unwrap_or_default(), out);
}

/// Appends the pad again and again, up to `units` units.
fn append_repeated<U: Unit>(pad: &[u8], units: usize, out: &mut Vec<u8>) {
    let count = U::count(pad).max(1);
    for _ in 0..units / count {
        U::append(pad, out);
    }
    cut::<U>(pad, units % count, out);
}

fn repeat(ctx: &mut CallContext<'_>, text: &[u8], count: i64, out: &mut Vec<u8>) -> Done {
    let count = u64::try_from(count).unwrap_or(0).min(i32::MAX as u64);
    if !fits_packet(ctx, "repeat", (text.len() as u64).saturating_mul(count))? {
        return Ok(false);
    }
    if !text.is_empty() {
        out.reserve(text.len() * count as usize);
        for _ in 0..count {
            out.extend_from_slice(text);
        }
    }
    Ok(true)
}

fn space(ctx: &mut CallContext<'_>, count: i64, out: &mut Vec<u8>) -> Done {
    let count = u64::try_from(count).unwrap_or(0);
    if !fits_packet(ctx, "space", count)? || count > LENGTH_MAX as u64 {
        return Ok(false);
    }
    out.resize(out.len() + count as usize, b' ');
    Ok(true)
}

fn reverse_bytes(_: &mut CallContext<'_>, text: &[u8], out: &mut Vec<u8>) -> Done {
    out.extend(text.iter().rev());
    Ok(true)
}

fn reverse(_: &mut CallContext<'_>, text: &[u8], out: &mut Vec<u8>) -> Done {
    if text.is_ascii() {
        out.extend(text.iter().rev());
        return Ok(true);
    }
    let start = out.len();
    Characters::append(text, out);
    // Turned round by bytes, the bytes of each character then stand the wrong way round.
    let appended = out.get_mut(start..).unwrap_or_default();
    let mut widths = Vec::new();
    for_each(appended, |character| widths.push(character.len()));
    appended.reverse();
    let mut rest = appended;
    for width in widths.into_iter().rev() {
        let Some((character, tail)) = rest.split_at_mut_checked(width) else { break };
        character.reverse();
        rest = tail;
    }
    Ok(true)
}

fn bind_pad(
    binder: &mut Binder<'_>,
    site: &CallSite,
    args: Vec<TypedExpr>,
    (bytes, text): (Overload, Overload),
) -> Result<TypedExpr> {
    let kinds = &[ArgKind::String, ArgKind::Int, ArgKind::String];
    let typed = binder.signature(site, text, args, kinds, ArgKind::String)?;
    let target = typed.as_call().and_then(|call| call.args.get(1)?.as_constant().cloned());
    let length = match target {
        Some(Datum::Int(length)) => length.min(LENGTH_MAX),
        _ => LENGTH_MAX,
    };
    if is_bytes(&typed, 0) || is_bytes(&typed, 2) {
        return Ok(with_length(typed.with_overload(bytes), length));
    }
    Ok(with_length(typed, length.saturating_mul(4).min(LENGTH_MAX)))
}

fn bind_repeat(
    binder: &mut Binder<'_>,
    site: &CallSite,
    args: Vec<TypedExpr>,
) -> Result<TypedExpr> {
    let kinds = &[ArgKind::String, ArgKind::Int];
    let typed = binder.signature(site, AGAIN, args, kinds, ArgKind::String)?;
    Ok(as_bytes_like(with_length(typed, LENGTH_MAX), 0))
}

fn bind_space(binder: &mut Binder<'_>, site: &CallSite, args: Vec<TypedExpr>) -> Result<TypedExpr> {
    let typed = binder.signature(site, SPACES, args, &[ArgKind::Int], ArgKind::String)?;
    Ok(with_length(typed, LENGTH_MAX))
}

fn bind_reverse(
    binder: &mut Binder<'_>,
    site: &CallSite,
    args: Vec<TypedExpr>,
) -> Result<TypedExpr> {
    let kinds = &[ArgKind::String];
    let typed = binder.signature(site, REVERSE_CHARACTERS, args, kinds, ArgKind::String)?;
    let typed = if is_bytes(&typed, 0) { typed.with_overload(REVERSE_BYTES) } else { typed };
    let length = argument(&typed, 0).length;
    Ok(with_length(typed, length))
}
