// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `=`, `<=>`, `<>`, `<`, `<=`, `>`, `>=`.
//!
//! Source: MySQL manual, "Comparison Functions and Operators"; TiDB
//! `pkg/expression/builtin_compare.go` (`compareFunctionClass`).

use tiforth_expr::kernel::{BytesArg, Dec, Dur, Int, Moment, PureBool2, Real, UInt};
use tiforth_expr::{ArgKind, Binder, CallSite, Collate, Doc, Function, Overload, TypedExpr};
use tiforth_types::{Result, SqlError, SqlType};

use super::class::{Class, comparison_class};
use super::columns;
use super::operator::{Compare, Operator};
use super::refine;
use super::texts::Texts;
use crate::columns_first::ColumnsFirst;

/// Makes the function of one operator, with its overloads.
macro_rules! comparison {
    ($module:ident, $function:ident, $name:literal, $aliases:expr, $operator:ident, $sign:tt,
     $wire:literal, $usage:literal, $summary:literal, $example:expr) => {
        mod $module {
            use super::*;

            pub(super) const INT: Overload = Overload::strict(
                concat!($wire, "Int"),
                &PureBool2::<Int, Int, _>::new(|a: i64, b: i64| a $sign b),
            ).taking_nulls();
            pub(super) const UINT: Overload = Overload::strict(
                concat!($wire, "IntUnsigned"),
                &PureBool2::<UInt, UInt, _>::new(|a: i64, b: i64| {
                    a.cast_unsigned() $sign b.cast_unsigned()
                }),
            ).taking_nulls();
            /// Takes a negative number for -1: it is less than any unsigned one.
            pub(super) const INT_UINT: Overload = Overload::strict(
                concat!($wire, "IntSignedUnsigned"),
                &PureBool2::<Int, UInt, _>::new(|a: i64, b: i64| {
                    ((a < 0) & (-1 $sign 0))
                        | ((a >= 0) & (a.cast_unsigned() $sign b.cast_unsigned()))
                }),
            ).taking_nulls();
            pub(super) const UINT_INT: Overload = Overload::strict(
                concat!($wire, "IntUnsignedSigned"),
                &PureBool2::<UInt, Int, _>::new(|a: i64, b: i64| {
                    ((b < 0) & (0 $sign -1))
                        | ((b >= 0) & (a.cast_unsigned() $sign b.cast_unsigned()))
                }),
            ).taking_nulls();
            pub(super) const REAL: Overload = Overload::strict(
                concat!($wire, "Real"),
                &PureBool2::<Real, Real, _>::new(|a: f64, b: f64| a $sign b),
            ).taking_nulls();
            pub(super) const TIME: Overload = Overload::strict(
                concat!($wire, "Time"),
                &ColumnsFirst::new(|args, _, _| columns::dates(Operator::$operator, args),
                    PureBool2::<Moment, Moment, _>::new(|a: u64, b: u64| a $sign b),
                ),
            ).taking_nulls();
            pub(super) const DURATION: Overload = Overload::strict(
                concat!($wire, "Duration"),
                &PureBool2::<Dur, Dur, _>::new(|a: i64, b: i64| a $sign b),
            ).taking_nulls();
            pub(super) const DECIMAL: Overload = Overload::strict(
                concat!($wire, "Decimal"),
                &ColumnsFirst::new(|args, _, _| columns::decimals(Operator::$operator, args),
                    Compare::<Dec>::new(Operator::$operator),
                ),
            ).taking_nulls();
            pub(super) const TEXT: Overload = Overload::strict(
                concat!($wire, "String"),
                &Texts::new(Operator::$operator),
            ).taking_nulls();
            pub(super) const ALL: Overloads = Overloads {
                ints: [INT, INT_UINT, UINT_INT, UINT],
                real: REAL,
                time: TIME,
                duration: DURATION,
                decimal: DECIMAL,
                text: TEXT,
            };
        }

        #[doc = concat!("Defines `", $usage, "`.")]
        pub(crate) const $function: Function = Function {
            aliases: $aliases,
            collate: Collate::Compare,
            ..Function::new($name, "comparison", (2, 2), |binder, site, args| {
                bind(binder, site, args, Operator::$operator, &$module::ALL)
            }, doc($usage, $summary, NULL_IF_ANY, $example))
        };
    };
}

const NULL_IF_ANY: &str = "NULL if either argument is.";

const fn doc(
    usage: &'static str,
    summary: &'static str,
    null: &'static str,
    example: (&'static str, &'static str),
) -> Doc {
    Doc {
        usage,
        summary,
        result: "BIGINT: 1 or 0.",
        null,
        errors: "1267 when the collations of two texts do not mix.",
        warnings: "1292 when a text is not what it is compared as.",
        example,
        sources: "MySQL manual, Comparison Functions and Operators; TiDB builtin_compare.go",
    }
}

/// Holds an operator's overloads.
struct Overloads {
    /// Of two integers: both signed, the second unsigned, the first unsigned, both unsigned.
    ints: [Overload; 4],
    real: Overload,
    time: Overload,
    duration: Overload,
    decimal: Overload,
    text: Overload,
}

comparison!(eq, EQ, "eq", &[], Eq, ==, "EQ", "a = b",
    "Tells whether two values are equal.", ("1 = 1.0", "1"));
comparison!(ne, NE, "ne", &[], Ne, !=, "NE", "a <> b",
    "Tells whether two values differ.", ("1 <> 1.0", "0"));
comparison!(lt, LT, "lt", &[], Lt, <, "LT", "a < b",
    "Tells whether the first value is less than the second.", ("'a' < 'b'", "1"));
comparison!(le, LE, "le", &[], Le, <=, "LE", "a <= b",
    "Tells whether the first value is at most the second.", ("2 <= 1", "0"));
comparison!(gt, GT, "gt", &[], Gt, >, "GT", "a > b",
    "Tells whether the first value is greater than the second.", ("2 > 1", "1"));
comparison!(ge, GE, "ge", &[], Ge, >=, "GE", "a >= b",
    "Tells whether the first value is at least the second.", ("1 >= 1", "1"));

const NULLEQ_ALL: Overloads = {
    const INT: Overload =
        Overload::strict("NullEQInt", &Compare::<Int>::new(Operator::NullEq)).taking_nulls();
    Overloads {
        ints: [INT, INT, INT, INT],
        real: Overload::strict("NullEQReal", &Compare::<Real>::new(Operator::NullEq))
            .taking_nulls(),
        time: Overload::strict("NullEQTime", &Compare::<Moment>::new(Operator::NullEq))
            .taking_nulls(),
        duration: Overload::strict("NullEQDuration", &Compare::<Dur>::new(Operator::NullEq))
            .taking_nulls(),
        decimal: Overload::strict(
            "NullEQDecimal",
            &ColumnsFirst::new(
                |args, _, _| columns::decimals(Operator::NullEq, args),
                Compare::<Dec>::new(Operator::NullEq),
            ),
        )
        .taking_nulls(),
        text: Overload::strict("NullEQString", &Compare::<BytesArg>::new(Operator::NullEq))
            .taking_nulls(),
    }
};

/// Defines `a <=> b`.
pub(crate) const NULLEQ: Function = Function {
    collate: Collate::Compare,
    ..Function::new(
        "nulleq",
        "comparison",
        (2, 2),
        |binder, site, args| {
            let typed = bind(binder, site, args, Operator::NullEq, &NULLEQ_ALL)?;
            Ok(typed.with_nullable(false))
        },
        doc(
            "a <=> b",
            "Tells whether two values are equal or both NULL.",
            "Never.",
            ("null <=> null", "1"),
        ),
    )
};

fn bind(
    binder: &mut Binder<'_>,
    site: &CallSite,
    args: Vec<TypedExpr>,
    operator: Operator,
    overloads: &Overloads,
) -> Result<TypedExpr> {
    let Ok([a, b]) = <[TypedExpr; 2]>::try_from(args) else {
        return Err(SqlError::wrong_argument_count(&site.name).into());
    };
    let (a, b) = refine::arguments(binder, operator, a, b)?;
    let class = comparison_class(&a, &b);
    bind_as(binder, site, [a, b], class, overloads)
}

fn bind_as(
    binder: &mut Binder<'_>,
    site: &CallSite,
    args: [TypedExpr; 2],
    class: Class,
    overloads: &Overloads,
) -> Result<TypedExpr> {
    let overload = match class {
        Class::Int => {
            let [a, b] = &args;
            let place = 2 * usize::from(a.ty.unsigned) + usize::from(b.ty.unsigned);
            overloads.ints.get(place).copied().unwrap_or(overloads.ints[0])
        }
        Class::Real => overloads.real,
        Class::Decimal => overloads.decimal,
        Class::Text => overloads.text,
        Class::Time => overloads.time,
        Class::Duration => overloads.duration,
        Class::Json | Class::Vector => {
            return Err(SqlError::other("JSON and vectors are not compared yet").into());
        }
    };
    let ty = SqlType { decimals: 0, ..SqlType::bigint(1) };
    let kinds: &[ArgKind] = &[class.kind()];
    Ok(binder.signature_of_type(site, overload, args.into(), kinds, ty)?.as_boolean())
}
