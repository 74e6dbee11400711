// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Functions of one double: a table, as all have one shape.
//!
//! Source: MySQL manual, "Mathematical Functions"; TiDB `pkg/expression/builtin_math.go`.

use std::f64::consts::PI as HALF_TURN;

use tiforth_expr::kernel::{Pure1, Real, Scalar1};
use tiforth_expr::{
    ArgKind, Binder, CallContext, CallSite, Collate, Doc, Function, Overload, TypedExpr,
};
use tiforth_types::{Result, SqlError};

use super::{define, elementary};

pub(super) type Number = Result<Option<f64>, SqlError>;

macro_rules! real_functions {
    ($($constant:ident $name:literal $aliases:tt $signature:literal $kernel:expr;
       $usage:literal $summary:literal $null:literal $errors:literal $warnings:literal
       $example:tt)*) => {$(
        #[doc = concat!("Defines ", $usage, ".")]
        pub(crate) const $constant: Function = define(
            $name,
            &$aliases,
            (1, 1),
            |binder, site, args| {
                const OVERLOAD: Overload = Overload::strict($signature, &$kernel);
                bind(binder, site, args, OVERLOAD)
            },
            Collate::Connection,
            Doc {
                usage: $usage,
                summary: $summary,
                result: "DOUBLE",
                null: $null,
                errors: $errors,
                warnings: $warnings,
                example: $example,
                sources: "MySQL manual, Mathematical Functions; TiDB builtin_math.go",
            },
        );
    )*};
}

real_functions! {
    SQRT "sqrt" [] "Sqrt" Scalar1::<Real, Real, _>::new(sqrt);
        "SQRT(x)" "Gives the square root." "NULL for a negative number." "" "1292 when a text is no number."
        ("SQRT(4)", "2")
    EXP "exp" [] "Exp" Scalar1::<Real, Real, _>::new(exp);
        "EXP(x)" "Gives e to the power x." "NULL if the argument is."
        "1690 when the result is beyond DOUBLE." "1292 when a text is no number."
        ("EXP(0)", "1")
    LN "ln" [] "Log1Arg" Scalar1::<Real, Real, _>::new(ln);
        "LN(x)" "Gives the natural logarithm." "NULL for 0 and below." ""
        "3020 for 0 and below; 1292 when a text is no number."
        ("LN(1)", "0")
    LOG2 "log2" [] "Log2" Scalar1::<Real, Real, _>::new(log2);
        "LOG2(x)" "Gives the logarithm to base 2." "NULL for 0 and below." ""
        "3020 for 0 and below; 1292 when a text is no number."
        ("LOG2(65536)", "16")
    LOG10 "log10" [] "Log10" Scalar1::<Real, Real, _>::new(log10);
        "LOG10(x)" "Gives the logarithm to base 10." "NULL for 0 and below." ""
        "3020 for 0 and below; 1292 when a text is no number."
        ("LOG10(100)", "2")
    SIN "sin" [] "Sin" Pure1::<Real, Real, _>::new(elementary::sin);
        "SIN(x)" "Gives the sine of an angle in radians." "NULL if the argument is." ""
        "1292 when a text is no number."
        ("SIN(0)", "0")
    COS "cos" [] "Cos" Pure1::<Real, Real, _>::new(elementary::cos);
        "COS(x)" "Gives the cosine of an angle in radians." "NULL if the argument is." ""
        "1292 when a text is no number."
        ("COS(0)", "1")
    TAN "tan" [] "Tan" Pure1::<Real, Real, _>::new(elementary::tan);
        "TAN(x)" "Gives the tangent of an angle in radians." "NULL if the argument is." ""
        "1292 when a text is no number."
        ("TAN(0)", "0")
    COT "cot" [] "Cot" Scalar1::<Real, Real, _>::new(cot);
        "COT(x)" "Gives the cotangent of an angle in radians." "NULL if the argument is."
        "1690 at multiples of half a turn." "1292 when a text is no number."
        ("COT(1)", "0.6420926159343308")
    ASIN "asin" [] "Asin" Scalar1::<Real, Real, _>::new(asin);
        "ASIN(x)" "Gives the angle of a sine, in radians." "NULL outside of -1 to 1." ""
        "1292 when a text is no number."
        ("ASIN(0)", "0")
    ACOS "acos" [] "Acos" Scalar1::<Real, Real, _>::new(acos);
        "ACOS(x)" "Gives the angle of a cosine, in radians." "NULL outside of -1 to 1." ""
        "1292 when a text is no number."
        ("ACOS(1)", "0")
    DEGREES "degrees" [] "Degrees" Pure1::<Real, Real, _>::new(degrees);
        "DEGREES(x)" "Converts an angle from radians to degrees." "NULL if the argument is." ""
        "1292 when a text is no number."
        ("DEGREES(PI())", "180")
    RADIANS "radians" [] "Radians" Pure1::<Real, Real, _>::new(radians);
        "RADIANS(x)" "Converts an angle from degrees to radians." "NULL if the argument is." ""
        "1292 when a text is no number."
        ("RADIANS(0)", "0")
}

fn bind(
    binder: &mut Binder<'_>,
    site: &CallSite,
    args: Vec<TypedExpr>,
    overload: Overload,
) -> Result<TypedExpr> {
    binder.signature(site, overload, args, &[ArgKind::Real], ArgKind::Real)
}

fn sqrt(_: &mut CallContext<'_>, x: f64) -> Number {
    Ok((x >= 0.0).then(|| x.sqrt()))
}

fn exp(ctx: &mut CallContext<'_>, x: f64) -> Number {
    let power = elementary::exp(x);
    if power.is_finite() {
        return Ok(Some(power));
    }
    Err(SqlError::out_of_range("DOUBLE", &ctx.printed()))
}

/// Reports a number that has no logarithm; the result is NULL.
pub(super) fn without_logarithm(ctx: &mut CallContext<'_>) -> Number {
    ctx.warn(|| SqlError::new(3020, "Invalid argument for logarithm"));
    Ok(None)
}

pub(super) fn ln(ctx: &mut CallContext<'_>, x: f64) -> Number {
    if x > 0.0 { Ok(Some(elementary::ln(x))) } else { without_logarithm(ctx) }
}

fn log2(ctx: &mut CallContext<'_>, x: f64) -> Number {
    if x > 0.0 { Ok(Some(elementary::log2(x))) } else { without_logarithm(ctx) }
}

fn log10(ctx: &mut CallContext<'_>, x: f64) -> Number {
    if x > 0.0 { Ok(Some(elementary::log10(x))) } else { without_logarithm(ctx) }
}

fn cot(_: &mut CallContext<'_>, x: f64) -> Number {
    let cot = 1.0 / elementary::tan(x);
    if cot.is_finite() {
        return Ok(Some(cot));
    }
    Err(SqlError::out_of_range("DOUBLE", &format!("cot({x})")))
}

fn asin(_: &mut CallContext<'_>, x: f64) -> Number {
    Ok((-1.0..=1.0).contains(&x).then(|| elementary::asin(x)))
}

fn acos(_: &mut CallContext<'_>, x: f64) -> Number {
    Ok((-1.0..=1.0).contains(&x).then(|| elementary::acos(x)))
}

fn degrees(x: f64) -> f64 {
    x * 180.0 / HALF_TURN
}

fn radians(x: f64) -> f64 {
    x * (HALF_TURN / 180.0)
}
