// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `ROUND`, `TRUNCATE`, `CEILING`, `FLOOR`, `ABS`: numbers of every class made rounder.
//!
//! Integers are rounded as doubles, which keep 53 bits, as TiDB does.
//!
//! Source: MySQL manual, "Mathematical Functions"; TiDB `pkg/expression/builtin_math.go`.

use tiforth_data::Column;
use tiforth_expr::kernel::{Args, Dec, Int, Pure1, Pure2, Real, Scalar1, Scalar2, UInt};
use tiforth_expr::{
    ArgKind, Binder, CallContext, CallSite, Collate, Doc, Function, Overload, TypedExpr,
};
use tiforth_types::decimal::{Computed, Outcome, Rounding};
use tiforth_types::number::{round_double, truncate_double};
use tiforth_types::sql_type::{DECIMAL_PRECISION_MAX, DECIMAL_SCALE_MAX, UNSPECIFIED};
use tiforth_types::{Datum, Decimal, EvalType, Result, SqlError, SqlType, TypeKind};

use super::define;
use crate::by_mantissas::{at_scale, integers, magnitudes};
use crate::columns_first::ColumnsFirst;

const SOURCES: &str = "MySQL manual, Mathematical Functions; TiDB builtin_math.go";

/// Defines ROUND.
pub(crate) const ROUND: Function = define(
    "round",
    &[],
    (1, 2),
    bind_round,
    Collate::Connection,
    Doc {
        usage: "ROUND(x[, digits])",
        summary: "Rounds to a number of digits behind the point, before it if negative: decimals half \
                  away from zero, all else half to even, as doubles.",
        result: "DECIMAL of that many digits for a DECIMAL, BIGINT for an integer, else DOUBLE.",
        null: "NULL if any argument is.",
        errors: "",
        warnings: "1292 when a text is no number.",
        example: ("ROUND(1.298, 1)", "1.3"),
        sources: SOURCES,
    },
);

/// Defines TRUNCATE.
pub(crate) const TRUNCATE: Function = define(
    "truncate",
    &[],
    (2, 2),
    bind_truncate,
    Collate::Connection,
    Doc {
        usage: "TRUNCATE(x, digits)",
        summary: "Cuts a number after so many digits behind the point, before it if negative.",
        result: "DECIMAL of that many digits for a DECIMAL, BIGINT for an integer, else DOUBLE.",
        null: "NULL if any argument is.",
        errors: "",
        warnings: "1292 when a text is no number.",
        example: ("TRUNCATE(1.999, 1)", "1.9"),
        sources: SOURCES,
    },
);

/// Defines CEILING.
pub(crate) const CEIL: Function = define(
    "ceil",
    &["ceiling"],
    (1, 1),
    |binder, site, args| {
        bind_whole(binder, site, args, [CEIL_INT, CEIL_DECIMAL_AS_INT, CEIL_DECIMAL, CEIL_REAL])
    },
    Collate::Connection,
    Doc {
        usage: "CEILING(x)",
        summary: "Gives the least integer that is not less.",
        result: "BIGINT for an integer and for a DECIMAL of up to 18 digits before the point, \
                 DECIMAL for a wider one, else DOUBLE.",
        null: "NULL if the argument is.",
        errors: "",
        warnings: "1292 when a text is no number.",
        example: ("CEILING(1.23)", "2"),
        sources: SOURCES,
    },
);

/// Defines FLOOR.
pub(crate) const FLOOR: Function = define(
    "floor",
    &[],
    (1, 1),
    |binder, site, args| {
        bind_whole(binder, site, args, [FLOOR_INT, FLOOR_DECIMAL_AS_INT, FLOOR_DECIMAL, FLOOR_REAL])
    },
    Collate::Connection,
    Doc {
        usage: "FLOOR(x)",
        summary: "Gives the greatest integer that is not greater.",
        result: "BIGINT for an integer and for a DECIMAL of up to 18 digits before the point, \
                 DECIMAL for a wider one, else DOUBLE.",
        null: "NULL if the argument is.",
        errors: "",
        warnings: "1292 when a text is no number.",
        example: ("FLOOR(-1.23)", "-2"),
        sources: SOURCES,
    },
);

/// Defines ABS.
pub(crate) const ABS: Function = define(
    "abs",
    &[],
    (1, 1),
    bind_abs,
    Collate::Connection,
    Doc {
        usage: "ABS(x)",
        summary: "Gives a number without its sign.",
        result: "BIGINT for an integer, DECIMAL for a DECIMAL, else DOUBLE.",
        null: "NULL if the argument is.",
        errors: "1690 for the least BIGINT.",
        warnings: "1292 when a text is no number.",
        example: ("ABS(-32)", "32"),
        sources: SOURCES,
    },
);

const ROUND_INT: Overload = Overload::strict("RoundInt", &Pure1::<Int, Int, _>::new(same));
const ROUND_REAL: Overload =
    Overload::strict("RoundReal", &Pure1::<Real, Real, _>::new(round_real));
const ROUND_DECIMAL: Overload = Overload::strict(
    "RoundDec",
    &ColumnsFirst::if_many(
        |args, _, ctx| to_scales(ctx, args, 0, half_up),
        Scalar1::<Dec, Dec, _>::new(round_decimal),
    ),
);
const ROUND_INT_TO: Overload =
    Overload::strict("RoundWithFracInt", &Pure2::<Int, Int, Int, _>::new(round_int_to));
const ROUND_REAL_TO: Overload =
    Overload::strict("RoundWithFracReal", &Pure2::<Real, Int, Real, _>::new(round_double));
const ROUND_DECIMAL_TO: Overload = Overload::strict(
    "RoundWithFracDec",
    &ColumnsFirst::if_many(
        |args, _, ctx| to_constant_scales(ctx, args, half_up),
        Scalar2::<Dec, Int, Dec, _>::new(round_decimal_to),
    ),
);
const TRUNCATE_INT: Overload =
    Overload::strict("TruncateInt", &Scalar2::<Int, Int, Int, _>::new(truncate_int));
const TRUNCATE_UINT: Overload =
    Overload::strict("TruncateUint", &Scalar2::<UInt, Int, UInt, _>::new(truncate_uint));
const TRUNCATE_REAL: Overload =
    Overload::strict("TruncateReal", &Pure2::<Real, Int, Real, _>::new(truncate_double));
const TRUNCATE_DECIMAL: Overload = Overload::strict(
    "TruncateDecimal",
    &ColumnsFirst::if_many(
        |args, _, ctx| to_constant_scales(ctx, args, |value, unit| value / unit),
        Scalar2::<Dec, Int, Dec, _>::new(truncate_decimal),
    ),
);
const CEIL_INT: Overload = Overload::strict("CeilIntToInt", &Pure1::<Int, Int, _>::new(same));
const CEIL_REAL: Overload = Overload::strict("CeilReal", &Pure1::<Real, Real, _>::new(f64::ceil));
const CEIL_DECIMAL_AS_INT: Overload = Overload::strict(
    "CeilDecToInt",
    &ColumnsFirst::if_many(
        |args, _, _| {
            Ok(integers(&*args.decoded(0)?, |value, unit| {
                value / unit + i64::from(value % unit > 0)
            }))
        },
        Scalar1::<Dec, Int, _>::new(ceil_decimal_as_int),
    ),
);
const CEIL_DECIMAL: Overload =
    Overload::strict("CeilDecToDec", &Scalar1::<Dec, Dec, _>::new(ceil_decimal));
const FLOOR_INT: Overload = Overload::strict("FloorIntToInt", &Pure1::<Int, Int, _>::new(same));
const FLOOR_REAL: Overload =
    Overload::strict("FloorReal", &Pure1::<Real, Real, _>::new(f64::floor));
const FLOOR_DECIMAL_AS_INT: Overload = Overload::strict(
    "FloorDecToInt",
    &ColumnsFirst::if_many(
        |args, _, _| {
            Ok(integers(&*args.decoded(0)?, |value, unit| {
                value / unit - i64::from(value % unit < 0)
            }))
        },
        Scalar1::<Dec, Int, _>::new(floor_decimal_as_int),
    ),
);
const FLOOR_DECIMAL: Overload =
    Overload::strict("FloorDecToDec", &Scalar1::<Dec, Dec, _>::new(floor_decimal));
const ABS_INT: Overload = Overload::strict("AbsInt", &Scalar1::<Int, Int, _>::new(abs_int));
const ABS_UINT: Overload = Overload::strict("AbsUInt", &Pure1::<Int, Int, _>::new(same));
const ABS_REAL: Overload = Overload::strict("AbsReal", &Pure1::<Real, Real, _>::new(f64::abs));
const ABS_DECIMAL: Overload = Overload::strict(
    "AbsDecimal",
    &ColumnsFirst::new(
        |args, _, _| Ok(magnitudes(&*args.decoded(0)?)),
        Scalar1::<Dec, Dec, _>::new(abs_decimal),
    ),
);

type Integer = Result<Option<i64>, SqlError>;
type Exact = Result<Option<Decimal>, SqlError>;

fn same(x: i64) -> i64 {
    x
}

fn round_real(x: f64) -> f64 {
    round_double(x, 0)
}

/// Rounds as a double; one beyond the range becomes the least integer, as on TiDB's machines. An
/// unsigned integer counts as its signed bits.
#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "the rule itself")]
fn round_int_to(x: i64, digits: i64) -> i64 {
    let rounded = round_double(x as f64, digits);
    if (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&rounded) {
        rounded as i64
    } else {
        i64::MIN
    }
}

/// Rounds a decimal to `digits`, or to the scale of the call's type where that is less.
fn to_scale(ctx: &CallContext<'_>, x: &Decimal, digits: i64, rounding: Rounding) -> Exact {
    let scale = digits.min(i64::from(ctx.call.ty.decimals));
    let scale = i32::try_from(scale).unwrap_or(i32::MIN / 2);
    checked(ctx, x.round(scale, rounding))
}

/// Rounds as [`to_scale`] does whole columns of decimals to fewer digits.
fn to_scales(
    ctx: &CallContext<'_>,
    args: &Args<'_>,
    digits: i64,
    divide: impl Fn(i64, i64) -> i64,
) -> Result<Option<Column>> {
    let scale = digits.min(i64::from(ctx.call.ty.decimals));
    Ok(at_scale(&*args.decoded(0)?, scale, divide))
}

/// Rounds whole columns to as many digits as the second argument says, if that is constant.
fn to_constant_scales(
    ctx: &CallContext<'_>,
    args: &Args<'_>,
    divide: impl Fn(i64, i64) -> i64,
) -> Result<Option<Column>> {
    match args.decoded(1)?.as_constant() {
        Some(Datum::Int(digits)) => to_scales(ctx, args, *digits, divide),
        _ => Ok(None),
    }
}

/// Divides by a power of ten of 18 digits at most, halves away from zero.
fn half_up(value: i64, unit: i64) -> i64 {
    let twice = value % unit * 2;
    value / unit + i64::from(twice >= unit) - i64::from(twice <= -unit)
}

fn round_decimal(ctx: &mut CallContext<'_>, x: Decimal) -> Exact {
    to_scale(ctx, &x, 0, Rounding::HalfUp)
}

fn round_decimal_to(ctx: &mut CallContext<'_>, x: Decimal, digits: i64) -> Exact {
    to_scale(ctx, &x, digits, Rounding::HalfUp)
}

fn truncate_decimal(ctx: &mut CallContext<'_>, x: Decimal, digits: i64) -> Exact {
    to_scale(ctx, &x, digits, Rounding::Truncate)
}

/// Returns 10 to the power of the digits to be dropped; none where no digit is. A power beyond 64 bits
/// is 2^63, as on TiDB's machines, and the one beyond counting drops all.
fn dropped_unit(ctx: &CallContext<'_>, digits: i64) -> Option<u64> {
    const BEYOND: u64 = 1 << 63;
    let is_huge = ctx.call.args.get(1).is_some_and(|arg| arg.ty.unsigned);
    if digits >= 0 || is_huge {
        return None;
    }
    if digits == i64::MIN {
        return Some(u64::MAX);
    }
    let count = u32::try_from(digits.unsigned_abs()).unwrap_or(u32::MAX);
    Some(10u64.checked_pow(count).unwrap_or(BEYOND))
}

fn truncate_int(ctx: &mut CallContext<'_>, x: i64, digits: i64) -> Integer {
    let Some(unit) = dropped_unit(ctx, digits) else { return Ok(Some(x)) };
    if unit == u64::MAX {
        return Ok(Some(0));
    }
    let unit = i64::try_from(unit).unwrap_or(i64::MIN);
    Ok(Some(x.checked_div(unit).map_or(0, |count| count.wrapping_mul(unit))))
}

fn truncate_uint(ctx: &mut CallContext<'_>, x: u64, digits: i64) -> Result<Option<u64>, SqlError> {
    let Some(unit) = dropped_unit(ctx, digits) else { return Ok(Some(x)) };
    if unit == u64::MAX {
        return Ok(Some(0));
    }
    Ok(Some(x.checked_div(unit).map_or(0, |count| count * unit)))
}

fn ceil_decimal_as_int(_: &mut CallContext<'_>, x: Decimal) -> Integer {
    let whole = x.to_i64();
    let steps = whole.outcome == Outcome::Truncated && !x.is_negative();
    Ok(Some(whole.value.saturating_add(i64::from(steps))))
}

fn floor_decimal_as_int(_: &mut CallContext<'_>, x: Decimal) -> Integer {
    let whole = x.to_i64();
    let steps = whole.outcome == Outcome::Truncated && x.is_negative();
    Ok(Some(whole.value.saturating_sub(i64::from(steps))))
}

/// Cuts the fraction off; `steps` says whether one is to be added, with the number's sign, where there
/// was one.
fn whole(ctx: &CallContext<'_>, x: &Decimal, steps: bool) -> Exact {
    let cut = x.round(0, Rounding::Truncate).value;
    if !steps || cut == *x {
        return Ok(Some(cut));
    }
    let one = Decimal::from_i64(1);
    checked(ctx, if x.is_negative() { cut.sub(&one) } else { cut.add(&one) })
}

/// Lets a value through that nothing was lost of.
fn checked(ctx: &CallContext<'_>, computed: Computed<Decimal>) -> Exact {
    match computed.outcome {
        Outcome::Exact => Ok(Some(computed.value)),
        Outcome::Truncated => Err(SqlError::data_truncated()),
        Outcome::Overflow => Err(SqlError::out_of_range("DECIMAL", &ctx.printed())),
    }
}

fn ceil_decimal(ctx: &mut CallContext<'_>, x: Decimal) -> Exact {
    whole(ctx, &x, !x.is_negative())
}

fn floor_decimal(ctx: &mut CallContext<'_>, x: Decimal) -> Exact {
    whole(ctx, &x, x.is_negative())
}

fn abs_int(_: &mut CallContext<'_>, x: i64) -> Integer {
    match x.checked_abs() {
        Some(size) => Ok(Some(size)),
        None => Err(SqlError::out_of_range("BIGINT", &format!("abs({x})"))),
    }
}

/// Subtracts a negative number from zero, by which its digits lie in whole words.
fn abs_decimal(ctx: &mut CallContext<'_>, x: Decimal) -> Exact {
    if x.is_negative() { checked(ctx, Decimal::ZERO.sub(&x)) } else { Ok(Some(x)) }
}

/// Is what a number counts as here: text and times count as doubles.
fn class(arg: Option<&TypedExpr>) -> ArgKind {
    match arg.map(TypedExpr::eval_type) {
        Some(EvalType::Int) => ArgKind::Int,
        Some(EvalType::Decimal) => ArgKind::Decimal,
        _ => ArgKind::Real,
    }
}

fn argument(typed: &TypedExpr) -> SqlType {
    let arg = typed.as_call().and_then(|call| call.args.first());
    arg.map_or_else(SqlType::double, |arg| arg.ty.clone())
}

fn bind_round(binder: &mut Binder<'_>, site: &CallSite, args: Vec<TypedExpr>) -> Result<TypedExpr> {
    let class = class(args.first());
    let overload = match (class, args.len()) {
        (ArgKind::Int, 1) => ROUND_INT,
        (ArgKind::Decimal, 1) => ROUND_DECIMAL,
        (_, 1) => ROUND_REAL,
        (ArgKind::Int, _) => ROUND_INT_TO,
        (ArgKind::Decimal, _) => ROUND_DECIMAL_TO,
        _ => ROUND_REAL_TO,
    };
    let typed = binder.signature(site, overload, args, &[class, ArgKind::Int], class)?;
    let from = argument(&typed);
    let mut ty = SqlType { unsigned: from.unsigned, ..typed.ty.clone() };
    if class == ArgKind::Decimal {
        let max = i64::from(DECIMAL_PRECISION_MAX);
        ty.decimals = scale_of(&typed);
        let grown = match from.decimals {
            UNSPECIFIED => ty.decimals,
            own => (ty.decimals - own).max(0),
        };
        let grown = if ty.decimals == UNSPECIFIED { 0 } else { i64::from(grown) };
        ty.length = (from.length.min(max) + grown).min(max);
    }
    Ok(typed.with_type(ty))
}

fn bind_truncate(
    binder: &mut Binder<'_>,
    site: &CallSite,
    args: Vec<TypedExpr>,
) -> Result<TypedExpr> {
    let class = class(args.first());
    let is_unsigned = args.first().is_some_and(|arg| arg.ty.unsigned);
    let overload = match class {
        ArgKind::Int if is_unsigned => TRUNCATE_UINT,
        ArgKind::Int => TRUNCATE_INT,
        ArgKind::Decimal => TRUNCATE_DECIMAL,
        _ => TRUNCATE_REAL,
    };
    let typed = binder.signature(site, overload, args, &[class, ArgKind::Int], class)?;
    let from = argument(&typed);
    let mut ty = SqlType { unsigned: from.unsigned, ..typed.ty.clone() };
    if class == ArgKind::Decimal {
        ty.decimals = scale_of(&typed);
        let length = from.length - i64::from(from.decimals) + i64::from(ty.decimals);
        ty.length = length.min(i64::from(DECIMAL_PRECISION_MAX));
    }
    Ok(typed.with_type(ty))
}

/// Returns the scale of a rounded DECIMAL: that of the constant given, else the argument's.
fn scale_of(typed: &TypedExpr) -> i32 {
    let Some(call) = typed.as_call() else { return 0 };
    let Some(digits) = call.args.get(1) else { return 0 };
    let own = call.args.first().map_or(0, |arg| arg.ty.decimals);
    match digits.as_constant() {
        None => own.min(DECIMAL_SCALE_MAX),
        Some(Datum::Int(digits)) => {
            i32::try_from((*digits).clamp(0, i64::from(DECIMAL_SCALE_MAX))).unwrap_or(0)
        }
        Some(_) => 0,
    }
}

/// Binds CEILING or FLOOR, by its overloads for integers, for decimals that become integers, for other
/// decimals and for doubles.
fn bind_whole(
    binder: &mut Binder<'_>,
    site: &CallSite,
    args: Vec<TypedExpr>,
    [int, decimal_as_int, decimal, real]: [Overload; 4],
) -> Result<TypedExpr> {
    const INT_DIGITS_MAX: i64 = 18;
    let class = class(args.first());
    let digits = args.first().map_or(0, |arg| arg.ty.length - i64::from(arg.ty.decimals));
    let keeps_sign = args.first().is_some_and(|arg| {
        let kind = arg.ty.kind;
        arg.ty.unsigned && matches!(kind, TypeKind::Int | TypeKind::BigInt | TypeKind::Decimal)
    });
    let (overload, result) = match class {
        ArgKind::Int => (int, ArgKind::Int),
        ArgKind::Decimal if digits > INT_DIGITS_MAX => (decimal, ArgKind::Decimal),
        ArgKind::Decimal => (decimal_as_int, ArgKind::Int),
        _ => (real, ArgKind::Real),
    };
    let typed = binder.signature(site, overload, args, &[class], result)?;
    let mut ty = SqlType { unsigned: keeps_sign, ..typed.ty.clone() };
    if result == ArgKind::Decimal {
        ty.length = argument(&typed).length.min(i64::from(DECIMAL_PRECISION_MAX));
        ty.decimals = 0;
    }
    Ok(typed.with_type(ty))
}

fn bind_abs(binder: &mut Binder<'_>, site: &CallSite, args: Vec<TypedExpr>) -> Result<TypedExpr> {
    let class = class(args.first());
    let is_unsigned = args.first().is_some_and(|arg| arg.ty.unsigned);
    let overload = match class {
        ArgKind::Int if is_unsigned => ABS_UINT,
        ArgKind::Int => ABS_INT,
        ArgKind::Decimal => ABS_DECIMAL,
        _ => ABS_REAL,
    };
    let typed = binder.signature(site, overload, args, &[class], class)?;
    let from = argument(&typed);
    let (length, decimals) = match class {
        ArgKind::Real => TypeKind::Double.default_length_and_decimals(),
        ArgKind::Decimal => (
            from.length.min(i64::from(DECIMAL_PRECISION_MAX)),
            from.decimals.min(DECIMAL_SCALE_MAX),
        ),
        _ => (from.length, from.decimals),
    };
    let ty = SqlType { length, decimals, unsigned: is_unsigned, ..typed.ty.clone() };
    Ok(typed.with_type(ty))
}
