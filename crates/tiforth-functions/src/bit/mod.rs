// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Operations on the 64 bits of integers; results are unsigned.
//!
//! Source: MySQL manual, "Bit Functions and Operators"; TiDB `pkg/expression/builtin_op.go`,
//! `pkg/expression/builtin_other.go` (`bitCountFunctionClass`).

use tiforth_expr::kernel::{Int, Pure1, Pure2};
use tiforth_expr::{ArgKind, Binder, CallSite, Doc, Function, Overload, TypedExpr};
use tiforth_types::{Result, SqlType};

/// Lists the family's functions.
pub(crate) const FUNCTIONS: &[&Function] =
    &[&BITAND, &BITOR, &BITXOR, &BITNEG, &LEFTSHIFT, &RIGHTSHIFT, &BIT_COUNT];

const fn doc(
    usage: &'static str,
    summary: &'static str,
    example: (&'static str, &'static str),
) -> Doc {
    Doc {
        usage,
        summary,
        result: "BIGINT UNSIGNED",
        null: "NULL if any argument is.",
        errors: "",
        warnings: "1292 when a text is no integer, 1690 when a number is beyond 64 bits.",
        example,
        sources: "MySQL manual, Bit Functions and Operators; TiDB builtin_op.go",
    }
}

macro_rules! bit_function {
    ($function:ident, $name:literal, $arity:literal, $overload:expr, $ty:expr, $doc:expr) => {
        const $function: Function = Function::new(
            $name,
            "bit",
            ($arity, $arity),
            |binder, site, args| {
                const OVERLOAD: Overload = $overload;
                bind(binder, site, args, OVERLOAD, $ty)
            },
            $doc,
        );
    };
}

bit_function!(
    BITAND,
    "bitand",
    2,
    Overload::strict("BitAndSig", &Pure2::<Int, Int, Int, _>::new(|a: i64, b: i64| a & b)),
    unsigned(),
    doc("a & b", "Sets the bits set in both numbers.", ("6 & 3", "2"))
);
bit_function!(
    BITOR,
    "bitor",
    2,
    Overload::strict("BitOrSig", &Pure2::<Int, Int, Int, _>::new(|a: i64, b: i64| a | b)),
    unsigned(),
    doc("a | b", "Sets the bits set in either number.", ("6 | 3", "7"))
);
bit_function!(
    BITXOR,
    "bitxor",
    2,
    Overload::strict("BitXorSig", &Pure2::<Int, Int, Int, _>::new(|a: i64, b: i64| a ^ b)),
    unsigned(),
    doc("a ^ b", "Sets the bits set in exactly one of two numbers.", ("6 ^ 3", "5"))
);
bit_function!(
    BITNEG,
    "bitneg",
    1,
    Overload::strict("BitNegSig", &Pure1::<Int, Int, _>::new(|a: i64| !a)),
    unsigned(),
    doc("~a", "Sets the bits not set in a number.", ("~1", "18446744073709551614"))
);
bit_function!(
    LEFTSHIFT,
    "leftshift",
    2,
    Overload::strict(
        "LeftShift",
        &Pure2::<Int, Int, Int, _>::new(|a, b| shifted(a, b, u64::checked_shl))
    ),
    unsigned(),
    doc("a << b", "Moves the bits of a number up; 64 places or more leave 0.", ("1 << 2", "4"))
);
bit_function!(
    RIGHTSHIFT,
    "rightshift",
    2,
    Overload::strict(
        "RightShift",
        &Pure2::<Int, Int, Int, _>::new(|a, b| shifted(a, b, u64::checked_shr))
    ),
    unsigned(),
    doc("a >> b", "Moves the bits of a number down; 64 places or more leave 0.", ("4 >> 2", "1"))
);
bit_function!(
    BIT_COUNT,
    "bit_count",
    1,
    Overload::strict("BitCount", &Pure1::<Int, Int, _>::new(|a: i64| i64::from(a.count_ones()))),
    SqlType::bigint(2),
    Doc {
        result: "BIGINT",
        ..doc("BIT_COUNT(a)", "Counts the bits set in a number.", ("BIT_COUNT(7)", "3"))
    }
);

fn unsigned() -> SqlType {
    SqlType::bigint_unsigned(20)
}

/// Shifts by the places a number's bits say as an unsigned number.
fn shifted(value: i64, places: i64, shift: fn(u64, u32) -> Option<u64>) -> i64 {
    let places = u32::try_from(places.cast_unsigned()).unwrap_or(u32::MAX);
    shift(value.cast_unsigned(), places).unwrap_or(0).cast_signed()
}

fn bind(
    binder: &mut Binder<'_>,
    site: &CallSite,
    args: Vec<TypedExpr>,
    overload: Overload,
    ty: SqlType,
) -> Result<TypedExpr> {
    binder.signature_of_type(site, overload, args, &[ArgKind::Int], ty)
}
