// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `POW`, `LOG`, `ATAN`, `ATAN2`, `PI`, `SIGN`: functions of doubles with a shape of their own.
//!
//! Source: MySQL manual, "Mathematical Functions"; TiDB `pkg/expression/builtin_math.go`.

use tiforth_data::Column;
use tiforth_expr::kernel::{
    Args, Int, Kernel, Pure1, Pure2, Real, RowValue, Rows, Scalar1, Scalar2,
};
use tiforth_expr::{
    ArgKind, Binder, CallContext, CallSite, Collate, Doc, Function, Overload, TypedExpr,
};
use tiforth_types::{Datum, DatumRef, Result, SqlError, SqlType};

use super::real::{Number, ln, without_logarithm};
use super::{define, elementary};

const SOURCES: &str = "MySQL manual, Mathematical Functions; TiDB builtin_math.go";

/// Defines POW.
pub(crate) const POW: Function = define(
    "pow",
    &["power"],
    (2, 2),
    |binder, site, args| bind(binder, site, args, POWER),
    Collate::Connection,
    Doc {
        usage: "POW(x, y)",
        summary: "Gives x to the power y.",
        result: "DOUBLE",
        null: "NULL if either argument is.",
        errors: "1690 where the result is beyond DOUBLE or there is none.",
        warnings: "1292 when a text is no number.",
        example: ("POW(2, 10)", "1024"),
        sources: SOURCES,
    },
);

/// Defines LOG.
pub(crate) const LOG: Function = define(
    "log",
    &[],
    (1, 2),
    |binder, site, args| {
        let overload = if args.len() == 1 { NATURAL } else { TO_BASE };
        bind(binder, site, args, overload)
    },
    Collate::Connection,
    Doc {
        usage: "LOG([base,] x)",
        summary: "Gives the logarithm to a base, the natural one without it.",
        result: "DOUBLE",
        null: "NULL for a number of 0 or below, and for a base of 0 or below or 1.",
        errors: "",
        warnings: "3020 where the result is NULL for the numbers' sake; 1292 when a text is no number.",
        example: ("LOG(2, 65536)", "16"),
        sources: SOURCES,
    },
);

/// Defines ATAN and ATAN2.
pub(crate) const ATAN: Function = define(
    "atan",
    &["atan2"],
    (1, 2),
    |binder, site, args| {
        if args.len() == 1 && site.name.eq_ignore_ascii_case("atan2") {
            return Err(SqlError::wrong_argument_count(&site.name).into());
        }
        let overload = if args.len() == 1 { OF_TANGENT } else { OF_POINT };
        bind(binder, site, args, overload)
    },
    Collate::Connection,
    Doc {
        usage: "ATAN(y[, x]), ATAN2(y, x)",
        summary: "Gives the angle of a tangent, or of the point (x, y), in radians.",
        result: "DOUBLE",
        null: "NULL if any argument is.",
        errors: "",
        warnings: "1292 when a text is no number.",
        example: ("ATAN(0, 1)", "0"),
        sources: SOURCES,
    },
);

/// Defines PI.
pub(crate) const PI: Function = define(
    "pi",
    &[],
    (0, 0),
    bind_pi,
    Collate::Connection,
    Doc {
        usage: "PI()",
        summary: "Gives π; it prints with six decimals.",
        result: "DOUBLE(8,6)",
        null: "Never.",
        errors: "",
        warnings: "",
        example: ("PI()", "3.141593"),
        sources: SOURCES,
    },
);

/// Defines SIGN.
pub(crate) const SIGN: Function = define(
    "sign",
    &[],
    (1, 1),
    |binder, site, args| binder.signature(site, SIGN_OF, args, &[ArgKind::Real], ArgKind::Int),
    Collate::Connection,
    Doc {
        usage: "SIGN(x)",
        summary: "Gives -1, 0 or 1, as the number is negative, zero or positive.",
        result: "BIGINT",
        null: "NULL if the argument is.",
        errors: "",
        warnings: "1292 when a text is no number.",
        example: ("SIGN(-32)", "-1"),
        sources: SOURCES,
    },
);

const POWER: Overload = Overload::strict("Pow", &Scalar2::<Real, Real, Real, _>::new(pow));
const NATURAL: Overload = Overload::strict("Log1Arg", &Scalar1::<Real, Real, _>::new(ln));
const TO_BASE: Overload = Overload::strict("Log2Args", &Scalar2::<Real, Real, Real, _>::new(log));
const OF_TANGENT: Overload =
    Overload::strict("Atan1Arg", &Pure1::<Real, Real, _>::new(elementary::atan));
const OF_POINT: Overload =
    Overload::strict("Atan2Args", &Pure2::<Real, Real, Real, _>::new(elementary::atan2));
const SIGN_OF: Overload = Overload::strict("Sign", &Scalar1::<Real, Int, _>::new(sign));
const PI_ITSELF: Overload = Overload::strict("PI", &Pi);

fn pow(_: &mut CallContext<'_>, x: f64, y: f64) -> Number {
    let power = elementary::pow(x, y);
    if power.is_finite() {
        return Ok(Some(power));
    }
    Err(SqlError::out_of_range("DOUBLE", &format!("pow({x}, {y})")))
}

fn log(ctx: &mut CallContext<'_>, base: f64, x: f64) -> Number {
    if base <= 0.0 || base == 1.0 || x <= 0.0 {
        return without_logarithm(ctx);
    }
    Ok(Some(elementary::ln(x) / elementary::ln(base)))
}

fn sign(_: &mut CallContext<'_>, x: f64) -> Result<Option<i64>, SqlError> {
    Ok(Some(i64::from(x > 0.0) - i64::from(x < 0.0)))
}

/// Gives π for every row.
struct Pi;

impl Kernel for Pi {
    fn batch(&self, _: &Args<'_>, rows: Rows<'_>, _: &mut CallContext<'_>) -> Result<Column> {
        Ok(Column::constant(Datum::Real(std::f64::consts::PI), rows.len))
    }

    fn row(
        &self,
        _: &[DatumRef<'_>],
        _: &mut Vec<u8>,
        _: &mut CallContext<'_>,
    ) -> Result<RowValue, SqlError> {
        Ok(RowValue::Real(std::f64::consts::PI))
    }
}

fn bind(
    binder: &mut Binder<'_>,
    site: &CallSite,
    args: Vec<TypedExpr>,
    overload: Overload,
) -> Result<TypedExpr> {
    binder.signature(site, overload, args, &[ArgKind::Real], ArgKind::Real)
}

fn bind_pi(binder: &mut Binder<'_>, site: &CallSite, args: Vec<TypedExpr>) -> Result<TypedExpr> {
    let typed = binder.signature(site, PI_ITSELF, args, &[], ArgKind::Real)?;
    let ty = SqlType { length: 8, decimals: 6, ..typed.ty.clone() };
    Ok(typed.with_type(ty).with_nullable(false))
}
