// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `HEX`, `UNHEX`, `BIN`, `OCT`: numbers and bytes in other notations.
//!
//! Source: MySQL manual, "String Functions and Operators"; TiDB `pkg/expression/builtin_string.go`.

use std::io::Write as _;

use tiforth_expr::kernel::{BytesArg, Text1, UInt};
use tiforth_expr::tree::LiteralKind;
use tiforth_expr::{
    ArgKind, Binder, CallContext, CallSite, Collate, Constant, Doc, Function, Node, Overload,
    TypedExpr,
};
use tiforth_types::number::trim_space;
use tiforth_types::sql_type::UNSPECIFIED;
use tiforth_types::{EvalType, Result, SqlError};

use super::define;
use super::result::{argument, as_bytes, with_length};
use crate::cast::encoding::encoded;

/// Defines HEX.
pub(crate) const HEX: Function = define(
    "hex",
    &[],
    (1, 1),
    bind_hex,
    Collate::Connection,
    Doc {
        usage: "HEX(value)",
        summary: "Writes a text's bytes in its charset, or an integer's 64 bits, in hexadecimal.",
        result: "VARCHAR",
        null: "NULL if the argument is.",
        errors: "",
        warnings: "",
        example: ("HEX('abc')", "616263"),
        sources: "MySQL manual, String Functions; TiDB builtin_string.go",
    },
);

/// Defines UNHEX.
pub(crate) const UNHEX: Function = define(
    "unhex",
    &[],
    (1, 1),
    bind_unhex,
    Collate::Connection,
    Doc {
        usage: "UNHEX(text)",
        summary: "Reads hexadecimal digits as bytes.",
        result: "VARBINARY",
        null: "NULL if the argument is, or holds anything but hexadecimal digits.",
        errors: "",
        warnings: "",
        example: ("UNHEX('4D7953514C')", "MySQL"),
        sources: "MySQL manual, String Functions; TiDB builtin_string.go",
    },
);

/// Defines BIN.
pub(crate) const BIN: Function = define(
    "bin",
    &[],
    (1, 1),
    bind_bin,
    Collate::Connection,
    Doc {
        usage: "BIN(number)",
        summary: "Writes an integer's 64 bits in binary.",
        result: "VARCHAR(64)",
        null: "NULL if the argument is.",
        errors: "",
        warnings: "1292 when a text is no number.",
        example: ("BIN(12)", "1100"),
        sources: "MySQL manual, String Functions; TiDB builtin_string.go",
    },
);

/// Defines OCT.
pub(crate) const OCT: Function = define(
    "oct",
    &[],
    (1, 1),
    bind_oct,
    Collate::Connection,
    Doc {
        usage: "OCT(number)",
        summary: "Writes an integer's 64 bits in octal; of a text, the integer it begins with.",
        result: "VARCHAR(64)",
        null: "NULL if the argument is.",
        errors: "",
        warnings: "",
        example: ("OCT(12)", "14"),
        sources: "MySQL manual, String Functions; TiDB builtin_string.go",
    },
);

const HEX_OF_TEXT: Overload =
    Overload::strict("HexStrArg", &Text1::<BytesArg, _>::new(hex_of_text));
const HEX_OF_INT: Overload = Overload::strict("HexIntArg", &Text1::<UInt, _>::new(hex_of_int));
const FROM_HEX: Overload = Overload::strict("UnHex", &Text1::<BytesArg, _>::new(unhex));
const BINARY: Overload = Overload::strict("Bin", &Text1::<UInt, _>::new(bin));
const OCT_OF_INT: Overload = Overload::strict("OctInt", &Text1::<UInt, _>::new(oct_of_int));
const OCT_OF_TEXT: Overload =
    Overload::strict("OctString", &Text1::<BytesArg, _>::new(oct_of_text));

type Done = Result<bool, SqlError>;

/// Ends a body that wrote to its buffer, which cannot fail.
fn written(done: std::io::Result<()>) -> Done {
    Ok(done.is_ok())
}

fn hex_of_int(_: &mut CallContext<'_>, value: u64, out: &mut Vec<u8>) -> Done {
    written(write!(out, "{value:X}"))
}

fn bin(_: &mut CallContext<'_>, value: u64, out: &mut Vec<u8>) -> Done {
    written(write!(out, "{value:b}"))
}

fn oct_of_int(_: &mut CallContext<'_>, value: u64, out: &mut Vec<u8>) -> Done {
    written(write!(out, "{value:o}"))
}

fn hex_of_text(_: &mut CallContext<'_>, text: &[u8], out: &mut Vec<u8>) -> Done {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).copied().unwrap_or(b'0');
    out.extend(text.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]));
    Ok(true)
}

/// Reads pairs of digits; where one is left over, the first one stands alone.
fn unhex(_: &mut CallContext<'_>, text: &[u8], out: &mut Vec<u8>) -> Done {
    let nibble = |byte: u8| char::from(byte).to_digit(16).and_then(|n| u8::try_from(n).ok());
    let (lone, pairs) = text.split_at(text.len() % 2);
    for &byte in lone {
        let Some(low) = nibble(byte) else { return Ok(false) };
        out.push(low);
    }
    for pair in pairs.chunks_exact(2) {
        let &[high, low] = pair else { return Ok(false) };
        let (Some(high), Some(low)) = (nibble(high), nibble(low)) else { return Ok(false) };
        out.push(high << 4 | low);
    }
    Ok(true)
}

/// Writes the integer a text begins with; one beyond 64 bits is the greatest.
fn oct_of_text(_: &mut CallContext<'_>, text: &[u8], out: &mut Vec<u8>) -> Done {
    let text = trim_space(text);
    let (is_negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    let mut value = Some(0u64);
    for digit in digits.iter().take_while(|b| b.is_ascii_digit()) {
        let digit = u64::from(digit - b'0');
        value = value.and_then(|v| v.checked_mul(10)?.checked_add(digit));
    }
    let value = match value {
        None => u64::MAX,
        Some(value) if is_negative => value.wrapping_neg(),
        Some(value) => value,
    };
    written(write!(out, "{value:o}"))
}

fn bind_hex(binder: &mut Binder<'_>, site: &CallSite, args: Vec<TypedExpr>) -> Result<TypedExpr> {
    let is_number = args.first().is_some_and(is_number);
    if is_number {
        let typed = binder.signature(site, HEX_OF_INT, args, &[ArgKind::Int], ArgKind::String)?;
        return Ok(scaled(typed, 2));
    }
    let args = args.into_iter().map(|arg| encoded(binder, arg)).collect::<Result<Vec<_>>>()?;
    let typed = binder.signature(site, HEX_OF_TEXT, args, &[ArgKind::String], ArgKind::String)?;
    Ok(scaled(typed, 8))
}

/// Makes the result as many times as long as the argument.
fn scaled(typed: TypedExpr, factor: i64) -> TypedExpr {
    let length = argument(&typed, 0).length;
    let length = if length < 0 { length } else { length.saturating_mul(factor) };
    with_length(typed, length)
}

fn is_number(arg: &TypedExpr) -> bool {
    matches!(arg.eval_type(), EvalType::Int | EvalType::Real | EvalType::Decimal)
}

fn bind_unhex(binder: &mut Binder<'_>, site: &CallSite, args: Vec<TypedExpr>) -> Result<TypedExpr> {
    let own = args.first().map_or(0, |arg| arg.ty.length);
    let length = match args.first() {
        _ if own == i64::from(UNSPECIFIED) => own,
        Some(arg) if is_number(arg) => (own + 1) / 2,
        _ => (own.saturating_mul(4) + 1) / 2,
    };
    let typed = binder.signature(site, FROM_HEX, args, &[ArgKind::String], ArgKind::String)?;
    Ok(as_bytes(with_length(typed, length)))
}

fn bind_bin(binder: &mut Binder<'_>, site: &CallSite, args: Vec<TypedExpr>) -> Result<TypedExpr> {
    let typed = binder.signature(site, BINARY, args, &[ArgKind::Int], ArgKind::String)?;
    Ok(with_length(typed, 64))
}

fn bind_oct(binder: &mut Binder<'_>, site: &CallSite, args: Vec<TypedExpr>) -> Result<TypedExpr> {
    let is_int = args.first().is_some_and(|arg| {
        arg.eval_type() == EvalType::Int
            || matches!(
                arg.node,
                Node::Constant(Constant { literal: Some(LiteralKind::Hex | LiteralKind::Bit), .. })
            )
    });
    let (overload, kind) =
        if is_int { (OCT_OF_INT, ArgKind::Int) } else { (OCT_OF_TEXT, ArgKind::String) };
    let typed = binder.signature(site, overload, args, &[kind], ArgKind::String)?;
    Ok(with_length(typed, 64))
}
