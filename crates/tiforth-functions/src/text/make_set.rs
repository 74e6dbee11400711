// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `MAKE_SET(bits, text, …)`: the texts whose bits are set.
//!
//! Source: MySQL manual, "String Functions and Operators"; TiDB `pkg/expression/builtin_string.go`
//! (`makeSetFunctionClass`).

use tiforth_expr::kernel::{RowValue, Variadic};
use tiforth_expr::{
    ArgKind, Binder, CallContext, CallSite, Collate, Doc, Function, Overload, TypedExpr,
};
use tiforth_types::{Datum, DatumRef, Result, SqlError};

use super::define;
use super::result::{LENGTH_MAX, with_length};

/// Defines MAKE_SET.
pub(crate) const MAKE_SET: Function = define(
    "make_set",
    &[],
    (2, usize::MAX),
    bind,
    Collate::From(1),
    Doc {
        usage: "MAKE_SET(bits, text, …)",
        summary: "Puts the texts whose bits are set together, with commas between them; the lowest bit \
                  is the first text's, and NULLs are left out.",
        result: "VARCHAR as long as all texts together, or those that constant bits choose.",
        null: "NULL if the bits are.",
        errors: "1267 and its kin where collations do not mix.",
        warnings: "1292 when a text given for the bits is no integer.",
        example: ("MAKE_SET(5, 'a', 'b', 'c')", "a,c"),
        sources: "MySQL manual, String Functions; TiDB builtin_string.go",
    },
);

const CHOSEN: Overload = Overload::strict("MakeSet", &Variadic::new(chosen)).stopping_within(1);

/// Tells whether the bit of the text at `place`, counted from 0, is set; texts beyond the 64th have
/// none.
fn is_chosen(bits: i64, place: usize) -> bool {
    place < 64 && bits >> place & 1 == 1
}

fn chosen(
    _: &mut CallContext<'_>,
    args: &[DatumRef<'_>],
    out: &mut Vec<u8>,
) -> Result<RowValue, SqlError> {
    let Some((DatumRef::Int(bits), texts)) = args.split_first() else { return Ok(RowValue::Null) };
    let mut is_first = true;
    for (place, text) in texts.iter().enumerate() {
        let DatumRef::Bytes(text) = text else { continue };
        if is_chosen(*bits, place) {
            if !is_first {
                out.push(b',');
            }
            is_first = false;
            out.extend_from_slice(text);
        }
    }
    Ok(RowValue::Bytes)
}

fn bind(binder: &mut Binder<'_>, site: &CallSite, args: Vec<TypedExpr>) -> Result<TypedExpr> {
    let kinds = &[ArgKind::Int, ArgKind::String];
    let typed = binder.signature(site, CHOSEN, args, kinds, ArgKind::String)?;
    let Some((bits, texts)) = typed.as_call().and_then(|call| call.args.split_first()) else {
        return Ok(typed);
    };
    let bits = match bits.as_constant() {
        Some(Datum::Int(bits)) => *bits,
        _ => -1,
    };
    let lengths: Vec<i64> = texts
        .iter()
        .enumerate()
        .filter(|(place, _)| is_chosen(bits, *place))
        .map(|(_, text)| text.ty.length)
        .collect();
    let commas = (lengths.len() as i64 - 1).max(0);
    let length = lengths.iter().fold(commas, |sum, length| sum.saturating_add(*length));
    Ok(with_length(typed, length.min(LENGTH_MAX)))
}
