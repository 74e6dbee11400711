// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `CONV` and `CRC32`.
//!
//! Source: MySQL manual, "Mathematical Functions"; TiDB `pkg/expression/builtin_math.go`.

use tiforth_expr::kernel::{BytesArg, Int, Scalar1, Text3};
use tiforth_expr::tree::LiteralKind;
use tiforth_expr::{
    ArgKind, Binder, CallContext, CallSite, Collate, Constant, Doc, Function, Node, Overload,
    TypedExpr,
};
use tiforth_types::number::trim_space;
use tiforth_types::{Result, SqlError, SqlType, TypeKind};

use super::define;
use crate::cast::encoding::encoded;

/// Defines CONV.
pub(crate) const CONV: Function = define(
    "conv",
    &[],
    (3, 3),
    bind_conv,
    Collate::Connection,
    Doc {
        usage: "CONV(number, from_base, to_base)",
        summary: "Writes a number of one base in another, of 2 to 36; a negative base makes it signed.",
        result: "VARCHAR(64)",
        null: "NULL if any argument is, and for bases there are none of.",
        errors: "1690 where the number is beyond 64 bits.",
        warnings: "",
        example: ("CONV('a', 16, 2)", "1010"),
        sources: "MySQL manual, Mathematical Functions; TiDB builtin_math.go",
    },
);

/// Defines CRC32.
pub(crate) const CRC32: Function = define(
    "crc32",
    &[],
    (1, 1),
    bind_crc32,
    Collate::Connection,
    Doc {
        usage: "CRC32(text)",
        summary: "Gives the checksum (CRC-32 of IEEE 802.3) of a text's bytes in its charset.",
        result: "BIGINT UNSIGNED",
        null: "NULL if the argument is.",
        errors: "",
        warnings: "",
        example: ("CRC32('MySQL')", "3259397556"),
        sources: "MySQL manual, Mathematical Functions; TiDB builtin_math.go",
    },
);

const OF_TEXT: Overload = Overload::strict("Conv", &Text3::<BytesArg, Int, Int, _>::new(conv_text));
const OF_BITS: Overload = Overload::strict("Conv", &Text3::<BytesArg, Int, Int, _>::new(conv_bits));
const CHECKSUM: Overload = Overload::strict("CRC32", &Scalar1::<BytesArg, Int, _>::new(crc32));

type Done = Result<bool, SqlError>;

fn conv_text(_: &mut CallContext<'_>, text: &[u8], from: i64, to: i64, out: &mut Vec<u8>) -> Done {
    convert(text, from, to, out)
}

/// Takes a hex or bit literal, or a BIT, by its bits: in the base given first they are a number of
/// that base.
fn conv_bits(_: &mut CallContext<'_>, bytes: &[u8], from: i64, to: i64, out: &mut Vec<u8>) -> Done {
    let bits = bytes.iter().flat_map(|byte| (0..8).rev().map(move |at| b'0' + (byte >> at & 1)));
    let bits: Vec<u8> = bits.skip_while(|bit| *bit == b'0').collect();
    let mut number = Vec::new();
    if !convert(&bits, 2, from, &mut number)? {
        number.clear();
    }
    convert(&number, from, to, out)
}

/// Reads a number of base `from` and writes it in base `to`. Returns false where a base is none.
fn convert(text: &[u8], from: i64, to: i64, out: &mut Vec<u8>) -> Done {
    let base = |base: i64| u32::try_from(base.unsigned_abs()).ok().filter(|b| (2..=36).contains(b));
    let (Some(from_base), Some(to_base)) = (base(from), base(to)) else { return Ok(false) };
    let text = trim_space(text);
    let (is_negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    let count = digits.iter().take_while(|b| char::from(**b).is_digit(from_base)).count();
    let digits = digits.get(..count).unwrap_or_default();
    let mut value = Some(0u64);
    for digit in digits {
        let digit = char::from(*digit).to_digit(from_base).unwrap_or(0);
        value = value.and_then(|v| v.checked_mul(from_base.into())?.checked_add(digit.into()));
    }
    let Some(mut value) = value else {
        let shown = String::from_utf8_lossy(digits);
        return Err(SqlError::out_of_range("BIGINT UNSIGNED", &shown));
    };
    if from < 0 {
        let most = i64::MAX as u64 + u64::from(is_negative);
        value = value.min(most);
    }
    if is_negative {
        value = value.wrapping_neg();
    }
    if to < 0 && (value as i64) < 0 {
        out.push(b'-');
        value = value.wrapping_neg();
    }
    write_in_base(value, to_base, out);
    Ok(true)
}

fn write_in_base(mut value: u64, base: u32, out: &mut Vec<u8>) {
    let start = out.len();
    loop {
        let digit = u32::try_from(value % u64::from(base)).unwrap_or(0);
        let shown = char::from_digit(digit, base).map_or('0', |c| c.to_ascii_uppercase());
        out.extend_from_slice(shown.encode_utf8(&mut [0; 4]).as_bytes());
        value /= u64::from(base);
        if value == 0 {
            break;
        }
    }
    out.get_mut(start..).unwrap_or_default().reverse();
}

fn crc32(_: &mut CallContext<'_>, text: &[u8]) -> Result<Option<i64>, SqlError> {
    let entry = |crc: u32, byte: u8| {
        let index = (crc ^ u32::from(byte)) & 0xff;
        crc >> 8 ^ TABLE.get(index as usize).copied().unwrap_or(0)
    };
    let crc = text.iter().fold(u32::MAX, |crc, byte| entry(crc, *byte));
    Ok(Some(i64::from(!crc)))
}

/// Is the checksum of every byte, by the reversed polynomial.
const TABLE: [u32; 256] = {
    let mut table = [0u32; 256];
    let mut at = 0;
    while at < 256 {
        let mut crc = at as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
            bit += 1;
        }
        table[at] = crc;
        at += 1;
    }
    table
};

fn bind_conv(binder: &mut Binder<'_>, site: &CallSite, args: Vec<TypedExpr>) -> Result<TypedExpr> {
    let has_bits = args.first().is_some_and(|arg| match &arg.node {
        Node::Constant(Constant { literal, .. }) => {
            matches!(literal, Some(LiteralKind::Hex | LiteralKind::Bit))
        }
        _ => matches!(arg.ty.kind, TypeKind::Bit | TypeKind::Enum | TypeKind::Set),
    });
    let overload = if has_bits { OF_BITS } else { OF_TEXT };
    let kinds = &[ArgKind::String, ArgKind::Int, ArgKind::Int];
    let typed = binder.signature(site, overload, args, kinds, ArgKind::String)?;
    let ty = SqlType { length: 64, ..typed.ty.clone() };
    Ok(typed.with_type(ty))
}

fn bind_crc32(binder: &mut Binder<'_>, site: &CallSite, args: Vec<TypedExpr>) -> Result<TypedExpr> {
    let args = args.into_iter().map(|arg| encoded(binder, arg)).collect::<Result<Vec<_>>>()?;
    let ty = SqlType::bigint_unsigned(10);
    binder.signature_of_type(site, CHECKSUM, args, &[ArgKind::String], ty)
}
