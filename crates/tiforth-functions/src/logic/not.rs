// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `NOT a`.
//!
//! Source: MySQL manual, "Logical Operators"; TiDB `pkg/expression/builtin_op.go`
//! (`unaryNotFunctionClass`).

use tiforth_expr::kernel::{Dec, Int, Real};
use tiforth_expr::{Doc, Function, Overload};

use super::truth::{Is, Moments, bind};

/// Defines the function.
pub(super) const NOT: Function = Function::new(
    "not",
    "logic",
    (1, 1),
    |binder, site, args| bind(binder, site, args, OVERLOADS, Moments::AsIntegers),
    Doc {
        usage: "NOT a",
        summary: "Tells whether a value is 0.",
        result: "BIGINT: 1 or 0.",
        null: "NULL if the value is.",
        errors: "",
        warnings: "1292 when a text is no number.",
        example: ("NOT 0.4", "0"),
        sources: "MySQL manual, Logical Operators; TiDB builtin_op.go",
    },
);

const OVERLOADS: [Overload; 3] = [
    Overload::strict("UnaryNotInt", &Is::<Int>::new(false, true)),
    Overload::strict("UnaryNotReal", &Is::<Real>::new(false, true)),
    Overload::strict("UnaryNotDecimal", &Is::<Dec>::new(false, true)),
];
