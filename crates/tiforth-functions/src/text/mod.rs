// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Text: parts, searches, letter case, padding, notations, charsets.
//!
//! | file | functions |
//! |---|---|
//! | `concat` | CONCAT, CONCAT_WS |
//! | `substring` | SUBSTRING, LEFT, RIGHT |
//! | `replace` | REPLACE, SUBSTRING_INDEX, INSERT |
//! | `locate` | LOCATE, POSITION, INSTR |
//! | `trim`, `pad` | TRIM, LTRIM, RTRIM; LPAD, RPAD, REPEAT, SPACE, REVERSE |
//! | `letter_case` | UPPER, LOWER |
//! | `length` | LENGTH, CHAR_LENGTH, BIT_LENGTH, ASCII, ORD |
//! | `choose` | ELT, FIELD |
//! | `digits` | HEX, UNHEX, BIN, OCT |
//! | `charset` | CHARSET, COLLATION, COERCIBILITY |
//!
//! `characters` counts and cuts characters, `columns` works on whole columns, `result` gives results
//! their types.

mod characters;
mod charset;
mod choose;
mod columns;
mod concat;
mod digits;
mod find_in_set;
mod length;
mod letter_case;
mod locate;
mod pad;
mod replace;
mod result;
mod substring;
mod trim;

use tiforth_expr::{BindFn, Collate, Doc, Function, Volatility};

/// Lists the family.
pub(crate) const FUNCTIONS: &[&Function] = &[
    &concat::CONCAT,
    &concat::CONCAT_WS,
    &substring::SUBSTRING,
    &substring::LEFT,
    &substring::RIGHT,
    &replace::REPLACE,
    &replace::SUBSTRING_INDEX,
    &replace::INSERT,
    &locate::LOCATE,
    &locate::INSTR,
    &trim::TRIM,
    &trim::LTRIM,
    &trim::RTRIM,
    &pad::LPAD,
    &pad::RPAD,
    &pad::REPEAT,
    &pad::SPACE,
    &pad::REVERSE,
    &letter_case::UPPER,
    &letter_case::LOWER,
    &length::LENGTH,
    &length::CHAR_LENGTH,
    &length::BIT_LENGTH,
    &length::ASCII,
    &length::ORD,
    &choose::ELT,
    &choose::FIELD,
    &find_in_set::FIND_IN_SET,
    &digits::HEX,
    &digits::UNHEX,
    &digits::BIN,
    &digits::OCT,
    &charset::CHARSET,
    &charset::COLLATION,
    &charset::COERCIBILITY,
];

/// Defines a function of this family, whose value depends on its arguments alone.
const fn define(
    name: &'static str,
    aliases: &'static [&'static str],
    arity: (usize, usize),
    bind: BindFn,
    collate: Collate,
    doc: Doc,
) -> Function {
    Function {
        name,
        aliases,
        family: "text",
        arity,
        bind,
        collate,
        volatility: Volatility::Immutable,
        fold: None,
        doc,
    }
}
