// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Converts to text and bytes, and fits them into the call's length.
//!
//! Source: TiDB `adjustRetFtForCastString` (`pkg/expression/builtin_cast.go`),
//! `ProduceStrWithSpecifiedTp` (`pkg/types/datum.go`).

use tiforth_expr::kernel::{BytesArg, Dec, Dur, Int, Moment, Real, Text1, UInt};
use tiforth_expr::{CallContext, Overload};
use tiforth_types::number::{write_f32, write_f64, write_i64, write_u64};
use tiforth_types::sql_type::UNSPECIFIED;
use tiforth_types::{
    Charset, Decimal, Duration, EvalType, SqlError, SqlType, Time, TypeKind, code,
};

use super::lanes::{self, by_columns};
use super::{loss, moment, plain};

const FROM_INT: Overload = Overload::strict(
    "CastIntAsString",
    &by_columns(plain::int_to_text, Text1::<Int, _>::new(from_int)),
);
const FROM_UINT: Overload = Overload::strict(
    "CastIntAsString",
    &by_columns(plain::uint_to_text, Text1::<UInt, _>::new(from_uint)),
);
const FROM_YEAR: Overload = Overload::strict("CastIntAsString", &Text1::<Int, _>::new(from_year));
const FROM_BIT: Overload = Overload::strict("CastStringAsString", &Text1::<UInt, _>::new(from_bit));
const FROM_FLOAT: Overload =
    Overload::strict("CastRealAsString", &Text1::<Real, _>::new(from_float));
const FROM_DOUBLE: Overload = Overload::strict(
    "CastRealAsString",
    &by_columns(plain::real_to_text, Text1::<Real, _>::new(from_double)),
);
const FROM_DECIMAL: Overload = Overload::strict(
    "CastDecimalAsString",
    &by_columns(plain::decimal_to_text, Text1::<Dec, _>::new(from_decimal)),
);
const FROM_TEXT: Overload = Overload::strict(
    "CastStringAsString",
    &by_columns(lanes::text_to_text, Text1::<BytesArg, _>::new(from_text)),
);
const TO_BYTES: Overload =
    Overload::strict("CastStringAsString", &Text1::<BytesArg, _>::new(to_bytes));
const FROM_BYTES: Overload =
    Overload::strict("CastStringAsString", &Text1::<BytesArg, _>::new(from_bytes));
const FROM_TIME: Overload = Overload::strict(
    "CastTimeAsString",
    &by_columns(plain::time_to_text, Text1::<Moment, _>::new(from_time)),
)
.reading_forms();
const FROM_DURATION: Overload =
    Overload::strict("CastDurationAsString", &Text1::<Dur, _>::new(from_duration)).reading_forms();

/// Chooses the overload that takes values of `from`.
pub(super) fn overload(from: &SqlType, to: &SqlType) -> Option<Overload> {
    Some(match (from.eval_type(), from.kind) {
        (_, TypeKind::Bit) => FROM_BIT,
        (_, TypeKind::Year) => FROM_YEAR,
        (EvalType::Int, _) if from.unsigned => FROM_UINT,
        (EvalType::Int, _) => FROM_INT,
        (_, TypeKind::Float) => FROM_FLOAT,
        (EvalType::Real, _) => FROM_DOUBLE,
        (EvalType::Decimal, _) => FROM_DECIMAL,
        (EvalType::Bytes, _) if from.is_bytes() && to.is_text() => FROM_BYTES,
        (EvalType::Bytes, _) if to.is_bytes() && has_own_bytes(from) => TO_BYTES,
        (EvalType::Bytes, _) => FROM_TEXT,
        (EvalType::Time, _) => FROM_TIME,
        (EvalType::Duration, _) => FROM_DURATION,
        (EvalType::Json | EvalType::Vector, _) => return None,
    })
}

/// Tells whether a text's bytes are others than those of UTF-8.
fn has_own_bytes(ty: &SqlType) -> bool {
    matches!(ty.collation.charset(), Charset::Gbk | Charset::Gb18030)
}

/// Gives a text target without a length the one that holds every value of `from`, as TiDB sees it; a
/// BIT decides the length itself.
pub(super) fn length_for(mut target: SqlType, from: &SqlType) -> SqlType {
    if from.kind == TypeKind::Bit {
        target.length = (from.length + 7) / 8;
    }
    let is_open = target.length == i64::from(UNSPECIFIED);
    if !is_open || target.kind == TypeKind::Char {
        return target;
    }
    let fraction = |decimals: i32| if decimals > 0 { i64::from(decimals) + 1 } else { 0 };
    target.length = match from.kind {
        TypeKind::TinyInt => 4 - i64::from(from.unsigned),
        TypeKind::SmallInt => 6 - i64::from(from.unsigned),
        TypeKind::MediumInt => 9 - i64::from(from.unsigned),
        TypeKind::Int => 11 - i64::from(from.unsigned),
        TypeKind::BigInt => 20,
        TypeKind::Year => 4,
        TypeKind::Float => 87,
        TypeKind::Double => 370,
        TypeKind::Decimal => decimal_length(from),
        TypeKind::Date => 10 + fraction(from.decimals),
        TypeKind::DateTime | TypeKind::Timestamp => 19 + fraction(from.decimals),
        TypeKind::Time => 10 + fraction(from.decimals),
        TypeKind::Char | TypeKind::VarChar | TypeKind::VarString if from.length > 0 => from.length,
        TypeKind::TinyBlob => 255,
        TypeKind::Blob => 65_535 * 4,
        TypeKind::MediumBlob => 16_777_215 * 4,
        TypeKind::LongBlob | TypeKind::Json => 4_294_967_295,
        _ => target.length,
    };
    if from.kind == TypeKind::Json {
        target.kind = TypeKind::LongBlob;
    }
    target
}

/// Counts digits, sign and point; the zero before a point is not counted, as in TiDB.
fn decimal_length(from: &SqlType) -> i64 {
    let unspecified = i64::from(UNSPECIFIED);
    if from.length == unspecified || from.decimals == UNSPECIFIED {
        return unspecified;
    }
    let sign = i64::from(!from.unsigned && from.length > 0);
    (from.length + i64::from(from.decimals > 0) + sign).max(1)
}

type Done = Result<bool, SqlError>;

#[inline]
fn from_int(ctx: &mut CallContext<'_>, value: i64, out: &mut Vec<u8>) -> Done {
    let start = out.len();
    write_i64(value, out);
    fit(ctx, out, start)
}

#[inline]
fn from_uint(ctx: &mut CallContext<'_>, value: u64, out: &mut Vec<u8>) -> Done {
    let start = out.len();
    write_u64(value, out);
    fit(ctx, out, start)
}

fn from_year(ctx: &mut CallContext<'_>, value: i64, out: &mut Vec<u8>) -> Done {
    let start = out.len();
    if value == 0 {
        out.extend_from_slice(b"0000");
    } else {
        write_i64(value, out);
    }
    fit(ctx, out, start)
}

/// A BIT is its bytes, as many as its type has.
fn from_bit(ctx: &mut CallContext<'_>, value: u64, out: &mut Vec<u8>) -> Done {
    let start = out.len();
    let width =
        ctx.call.args.first().map_or(8, |a| usize::try_from((a.ty.length + 7) / 8).unwrap_or(8));
    let bytes = value.to_be_bytes();
    let bytes = bytes.get(8usize.saturating_sub(width)..).unwrap_or(&bytes);
    if !decode(ctx, bytes, out) {
        return Ok(false);
    }
    fit(ctx, out, start)
}

fn from_float(ctx: &mut CallContext<'_>, value: f64, out: &mut Vec<u8>) -> Done {
    let start = out.len();
    #[expect(clippy::cast_possible_truncation, reason = "a FLOAT's value is one of 32 bits")]
    write_f32(value as f32, out);
    fit(ctx, out, start)
}

#[inline]
fn from_double(ctx: &mut CallContext<'_>, value: f64, out: &mut Vec<u8>) -> Done {
    let start = out.len();
    write_f64(value, out);
    fit(ctx, out, start)
}

#[inline]
fn from_decimal(ctx: &mut CallContext<'_>, value: Decimal, out: &mut Vec<u8>) -> Done {
    let start = out.len();
    value.write_all_digits(out);
    fit(ctx, out, start)
}

#[inline]
fn from_time(ctx: &mut CallContext<'_>, value: Time, out: &mut Vec<u8>) -> Done {
    let start = out.len();
    let (kind, fsp) = moment::form(ctx, value);
    value.write(kind, fsp, out);
    fit(ctx, out, start)
}

fn from_duration(ctx: &mut CallContext<'_>, value: Duration, out: &mut Vec<u8>) -> Done {
    let start = out.len();
    match value.form() {
        Some(fsp) => value.plain().write(fsp, out),
        None => value.write(moment::source(ctx).1, out),
    }
    fit(ctx, out, start)
}

#[inline]
fn from_text(ctx: &mut CallContext<'_>, text: &[u8], out: &mut Vec<u8>) -> Done {
    let start = out.len();
    out.extend_from_slice(text);
    fit(ctx, out, start)
}

/// Bytes become text only where they are one in the target's charset.
fn from_bytes(ctx: &mut CallContext<'_>, bytes: &[u8], out: &mut Vec<u8>) -> Done {
    let start = out.len();
    if !decode(ctx, bytes, out) {
        return Ok(false);
    }
    fit(ctx, out, start)
}

/// Appends the text that bytes are in the target's charset, with a warning where they are none; a
/// lenient sql_mode takes the bytes then. Returns false for NULL.
///
/// Source: TiDB `builtinInternalFromBinarySig` (`pkg/expression/builtin_convert_charset.go`).
fn decode(ctx: &mut CallContext<'_>, bytes: &[u8], out: &mut Vec<u8>) -> bool {
    let charset = ctx.call.ty.collation.charset();
    let start = out.len();
    if charset.decode(bytes, out) {
        return true;
    }
    out.truncate(start);
    ctx.warn(|| SqlError::cannot_convert_string(bytes, charset.name()));
    if ctx.session.sql_mode.is_strict() {
        return false;
    }
    out.extend_from_slice(bytes);
    true
}

/// A text becomes its bytes in its own charset.
fn to_bytes(ctx: &mut CallContext<'_>, text: &[u8], out: &mut Vec<u8>) -> Done {
    let start = out.len();
    let charset = ctx.call.args.first().map_or(Charset::Binary, |a| a.ty.collation.charset());
    charset.encode(text, out);
    fit(ctx, out, start)
}

/// Cuts what was appended since `start` to the call's length, or fills a BINARY(n) with zero bytes.
/// Returns false where the result is NULL.
#[inline]
pub(super) fn fit(ctx: &mut CallContext<'_>, out: &mut Vec<u8>, start: usize) -> Done {
    let ty = &ctx.call.ty;
    let Ok(limit) = usize::try_from(ty.length) else { return Ok(true) };
    if ty.kind != TypeKind::Char && out.len() - start <= limit {
        return Ok(true);
    }
    refit(ctx, out, start, limit)
}

#[inline(never)]
fn refit(ctx: &mut CallContext<'_>, out: &mut Vec<u8>, start: usize, limit: usize) -> Done {
    let ty = &ctx.call.ty;
    let len = out.len() - start;
    if len > limit {
        return cut(ctx, out, start, limit);
    }
    if ty.kind == TypeKind::Char && ty.is_bytes() && len < limit {
        let packet = ctx.session.max_allowed_packet;
        if limit as u64 > packet {
            loss::report(ctx, || SqlError::packet_overflowed("cast_as_binary", packet))?;
            return Ok(false);
        }
        out.resize(start + limit, 0);
    }
    Ok(true)
}

#[cold]
fn cut(ctx: &mut CallContext<'_>, out: &mut Vec<u8>, start: usize, limit: usize) -> Done {
    let ty = &ctx.call.ty;
    let text = out.get(start..).unwrap_or_default();
    let (count, end) = if ty.is_bytes() { (text.len(), limit) } else { characters(text, limit) };
    if count <= limit {
        return Ok(true);
    }
    let rest = text.get(end..).unwrap_or_default();
    let is_blank = rest.iter().all(|b| *b == b' ');
    let is_silent = is_blank && !ty.is_bytes() && !ty.kind.is_blob();
    let is_varchar = ty.kind == TypeKind::VarChar;
    out.truncate(start + end);
    if !is_silent {
        loss::report(ctx, || SqlError::data_too_long(limit, count))?;
    } else if is_varchar {
        ctx.warn(|| {
            SqlError::new(
                code::ER_WARN_DATA_TRUNCATED,
                format!("Data truncated, field len {limit}, data len {count}"),
            )
        });
    }
    Ok(true)
}

/// Counts the characters, and the bytes of the first `limit` of them; a byte that is no UTF-8 counts as
/// one.
pub(super) fn characters(text: &[u8], limit: usize) -> (usize, usize) {
    let (mut count, mut end) = (0, text.len());
    for chunk in text.utf8_chunks() {
        let chars = chunk.valid().chars().map(char::len_utf8);
        let bad = std::iter::repeat_n(1, chunk.invalid().len());
        let base = chunk.valid().as_ptr() as usize - text.as_ptr() as usize;
        let mut at = base;
        for width in chars.chain(bad) {
            if count == limit {
                end = at;
            }
            count += 1;
            at += width;
        }
    }
    (count, end)
}
