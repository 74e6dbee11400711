// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Fits values into text and binary columns.

use tiforth_expr::CallContext;
use tiforth_expr::kernel::RowValue;
use tiforth_types::{Charset, DatumRef, SqlError, SqlType, TypeKind, code};

use super::{Loss, column, lose, print, source};
use crate::cast::to_text::characters;

/// Fits a value into a text or binary column.
pub(super) fn text(
    ctx: &mut CallContext<'_>,
    value: DatumRef<'_>,
    out: &mut Vec<u8>,
) -> Result<RowValue, SqlError> {
    let ty = &ctx.call.ty;
    let start = out.len();
    match (value, source(ctx)) {
        (DatumRef::Bytes(text), Some(from)) if ty.is_bytes() => {
            from.collation.charset().encode(text, out);
        }
        (DatumRef::Bytes(bytes), Some(from)) if from.is_bytes() => {
            if !ty.collation.charset().decode(bytes, out) {
                out.truncate(start);
                out.extend_from_slice(bytes);
            }
        }
        _ => print(ctx, value, out),
    }
    // TiDB looks at the length of what is all of the charset only.
    if check_charset(ctx, out, start)? {
        let cut = cut(ty, out.get(start..).unwrap_or_default());
        out.truncate(start + cut.end);
        if cut.is_loss {
            lose(ctx, Loss::Length, value)?;
        } else if cut.tells_space {
            let told = format!("Data truncated for column '{}' at row 1", column(ctx));
            ctx.warn(|| SqlError::new(code::ER_WARN_DATA_TRUNCATED, told));
        }
    }
    if ty.kind == TypeKind::Char {
        finish_char(ty, out, start);
    }
    Ok(RowValue::Bytes)
}

/// Says where a text ends in its column.
struct Cut {
    end: usize,
    is_loss: bool,
    /// Whether only white space is cut off and TiDB says so, in every sql_mode: it does for VARCHAR.
    tells_space: bool,
}

/// Finds the end of a text by the column's length, in characters or bytes; white space beyond it is no
/// loss to a text.
fn cut(ty: &SqlType, text: &[u8]) -> Cut {
    let Ok(limit) = usize::try_from(ty.length) else {
        return Cut { end: text.len(), is_loss: false, tells_space: false };
    };
    let counts_bytes = ty.is_bytes() || ty.kind.is_blob();
    let end = if counts_bytes {
        let mut end = limit.min(text.len());
        while !ty.is_bytes() && end > 0 && text.get(end).is_some_and(|b| b & 0xc0 == 0x80) {
            end -= 1;
        }
        end
    } else {
        characters(text, limit).1
    };
    let rest = text.get(end..).unwrap_or_default();
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
    let is_loss = !rest.iter().all(is_space) || (counts_bytes && !rest.is_empty());
    let tells_space = !is_loss && !rest.is_empty() && ty.kind == TypeKind::VarChar;
    Cut { end, is_loss, tells_space }
}

/// Cuts a text before the first byte that is none of its charset; tells whether there is none.
fn check_charset(
    ctx: &mut CallContext<'_>,
    out: &mut Vec<u8>,
    start: usize,
) -> Result<bool, SqlError> {
    let text = out.get(start..).unwrap_or_default();
    let valid = match ctx.call.ty.collation.charset() {
        Charset::Binary | Charset::Latin1 => return Ok(true),
        Charset::Ascii => text.iter().take_while(|b| b.is_ascii()).count(),
        Charset::Gbk => gbk_prefix(text),
        _ => match std::str::from_utf8(text) {
            Ok(_) => return Ok(true),
            Err(error) => error.valid_up_to(),
        },
    };
    let Some(bad) = text.get(valid) else { return Ok(true) };
    let error = SqlError::new(
        code::ER_TRUNCATED_WRONG_VALUE_FOR_FIELD,
        format!("Incorrect string value '\\x{bad:02X}' for column '{}'", column(ctx)),
    );
    out.truncate(start + valid);
    if ctx.session.sql_mode.is_strict() {
        return Err(error);
    }
    ctx.warn(|| error);
    Ok(false)
}

fn gbk_prefix(text: &[u8]) -> usize {
    let mut end = 0;
    for chunk in text.utf8_chunks() {
        for character in chunk.valid().chars() {
            let mut buffer = [0; 4];
            if !Charset::Gbk.holds(character.encode_utf8(&mut buffer).as_bytes()) {
                return end;
            }
            end += character.len_utf8();
        }
        if !chunk.invalid().is_empty() {
            return end;
        }
    }
    end
}

/// A BINARY(n) is filled with zero bytes, a CHAR(n) loses the spaces at its end.
fn finish_char(ty: &SqlType, out: &mut Vec<u8>, start: usize) {
    if !ty.is_bytes() {
        let text = out.get(start..).unwrap_or_default();
        let spaces = text.iter().rev().take_while(|b| **b == b' ').count();
        out.truncate(out.len() - spaces);
    } else if let Ok(limit) = usize::try_from(ty.length)
        && out.len() < start + limit
    {
        out.resize(start + limit, 0);
    }
}
