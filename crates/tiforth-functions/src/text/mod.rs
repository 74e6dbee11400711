// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Text: parts, searches, letter case, padding, notations, charsets.
//!
//! `characters` counts and cuts characters, `columns` works on whole columns, `result` gives results
//! their types.

mod characters;
mod columns;
mod result;

family! {
    Function;
    concat: CONCAT, CONCAT_WS;
    substring: SUBSTRING, LEFT, RIGHT;
    replace: REPLACE, SUBSTRING_INDEX, INSERT;
    locate: LOCATE, INSTR;
    trim: TRIM, LTRIM, RTRIM;
    pad: LPAD, RPAD, REPEAT, SPACE, REVERSE;
    letter_case: UPPER, LOWER;
    length: LENGTH, CHAR_LENGTH, BIT_LENGTH, ASCII, ORD;
    choose: ELT, FIELD;
    find_in_set: FIND_IN_SET;
    make_set: MAKE_SET;
    digits: HEX, UNHEX, BIN, OCT;
    charset: CHARSET, COLLATION, COERCIBILITY;
}

use tiforth_expr::{BindFn, Collate, Doc, Function};

/// Defines a function of this family whose value depends on its arguments alone.
const fn define(
    name: &'static str,
    aliases: &'static [&'static str],
    arity: (usize, usize),
    bind: BindFn,
    collate: Collate,
    doc: Doc,
) -> Function {
    Function { aliases, collate, ..Function::new(name, "text", arity, bind, doc) }
}
