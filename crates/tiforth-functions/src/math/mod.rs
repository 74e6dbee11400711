// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Mathematics. `elementary` computes the functions of doubles.

mod elementary;

family! {
    Function;
    rounding: ROUND, TRUNCATE, CEIL, FLOOR, ABS;
    real: SQRT, EXP, LN, LOG2, LOG10, SIN, COS, TAN, COT, ASIN, ACOS, DEGREES, RADIANS;
    power: POW, LOG, ATAN, PI, SIGN;
    radix: CONV, CRC32;
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
    Function { aliases, collate, ..Function::new(name, "math", arity, bind, doc) }
}
