// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! UNIX_TIMESTAMP, FROM_UNIXTIME.
//!
//! Source: MySQL manual, "Date and Time Functions"; TiDB `pkg/expression/builtin_time.go`.

use tiforth_expr::kernel::{BytesArg, Dec, Int, Moment, RowValue, Scalar1, Text2, Variadic};
use tiforth_expr::{
    ArgKind, Binder, CallContext, CallSite, Doc, Function, Overload, TypedExpr, Volatility,
};
use tiforth_types::decimal::Rounding;
use tiforth_types::sql_type::{DECIMAL_PRECISION_MAX, FSP_MAX};
use tiforth_types::temporal::{self, Zone};
use tiforth_types::{
    Datum, DatumRef, Decimal, EvalType, Result, SqlError, SqlType, Time, TypeKind, code,
};

use super::{SOURCES, constant_text, define, digits_after_point, prepare_zone, zone};

/// Defines the seconds since 1970.
pub(crate) const UNIX_TIMESTAMP: Function = define(
    "unix_timestamp",
    (0, 1),
    bind_unix,
    Doc {
        usage: "UNIX_TIMESTAMP([date])",
        summary: "Returns the seconds from 1970 in UTC to a date of the session's zone; 0 beyond its range.",
        result: "BIGINT, or DECIMAL where the date has a fraction.",
        null: "NULL if the argument is NULL or no date.",
        errors: "",
        warnings: "1292 when the argument is no date.",
        example: ("UNIX_TIMESTAMP('1970-01-02')", "86400"),
        sources: SOURCES,
    },
);

/// Defines the date of a number of seconds since 1970.
pub(crate) const FROM_UNIXTIME: Function = define(
    "from_unixtime",
    (1, 2),
    bind_from,
    Doc {
        usage: "FROM_UNIXTIME(seconds[, format])",
        summary: "Returns the date in the session's zone so many seconds after 1970 in UTC.",
        result: "DATETIME, or VARCHAR with a format.",
        null: "NULL if an argument is, or the number is negative or beyond 32536771199.",
        warnings: "",
        example: ("FROM_UNIXTIME(86400)", "1970-01-02 00:00:00"),
        ..UNIX_TIMESTAMP.doc
    },
);

const CURRENT: Overload = Overload::strict("UnixTimestampCurrent", &Variadic::new(current))
    .with_volatility(Volatility::Run);
const OF_WHOLE: Overload =
    Overload::strict("UnixTimestampInt", &Scalar1::<Moment, Int, _>::new(of_whole))
        .with_prepare(prepare_zone)
        .forgiving(no_date);
const OF_FRACTION: Overload =
    Overload::strict("UnixTimestampDec", &Scalar1::<Moment, Dec, _>::new(of_fraction))
        .with_prepare(prepare_zone)
        .forgiving(|_| Datum::Null);
const FROM: Overload =
    Overload::strict("FromUnixTime1Arg", &Scalar1::<Dec, Moment, _>::new(from_seconds))
        .with_prepare(prepare_zone);
const FROM_FORMATTED: Overload =
    Overload::strict("FromUnixTime2Arg", &Text2::<Dec, BytesArg, _>::new(from_formatted))
        .with_prepare(prepare_zone);

/// Is 3001-01-18 23:59:59.999999 UTC, the last moment MySQL counts.
const LAST_MICROS: i64 = 32_536_771_199_999_999;
const LAST_SECOND: i64 = 32_536_771_199;

fn bind_unix(binder: &mut Binder<'_>, site: &CallSite, args: Vec<TypedExpr>) -> Result<TypedExpr> {
    let Some(arg) = args.first() else {
        let typed = binder.signature_of_type(site, CURRENT, args, &[], SqlType::bigint(11))?;
        return Ok(typed.with_nullable(false));
    };
    let decimals = match arg.eval_type() {
        EvalType::Bytes if arg.is_constant() => match constant_text(binder, arg)? {
            Datum::Bytes(text) => digits_after_point(&text),
            _ => 0,
        },
        EvalType::Bytes => FSP_MAX,
        _ => arg.ty.decimals,
    };
    let decimals = if decimals < 0 { FSP_MAX } else { decimals.min(FSP_MAX) };
    let kinds = &[ArgKind::Datetime];
    if decimals == 0 {
        return binder.signature_of_type(site, OF_WHOLE, args, kinds, SqlType::bigint(11));
    }
    let ty =
        SqlType { length: 12 + i64::from(decimals), decimals, ..SqlType::new(TypeKind::Decimal) };
    binder.signature_of_type(site, OF_FRACTION, args, kinds, ty)
}

/// Converts a column of text to a decimal with microseconds.
fn precise_seconds(binder: &mut Binder<'_>, arg: TypedExpr) -> Result<TypedExpr> {
    let is_text = arg.ty.kind.is_string() && arg.ty.kind != TypeKind::VarString;
    let seconds = binder.wrap(arg, ArgKind::Decimal)?;
    let is_cast = seconds.as_call().is_some_and(|c| &*c.name == "cast");
    if !is_text || !is_cast || seconds.ty.decimals != 0 {
        return Ok(seconds);
    }
    let length = (seconds.ty.length + 6).min(i64::from(DECIMAL_PRECISION_MAX));
    let ty = SqlType { length, decimals: FSP_MAX, ..seconds.ty.clone() };
    Ok(seconds.with_type(ty))
}

fn bind_from(
    binder: &mut Binder<'_>,
    site: &CallSite,
    mut args: Vec<TypedExpr>,
) -> Result<TypedExpr> {
    let kinds = &[ArgKind::Decimal, ArgKind::String];
    let given = args.first().map(|a| (a.eval_type(), a.ty.decimals));
    if let Some(first) = args.first_mut() {
        *first = precise_seconds(binder, first.clone())?;
    }
    if args.len() > 1 {
        return binder.signature(site, FROM_FORMATTED, args, kinds, ArgKind::String);
    }
    let fsp = match given {
        Some((class, decimals)) if class != EvalType::Bytes && decimals >= 0 => {
            decimals.min(FSP_MAX)
        }
        _ => FSP_MAX,
    };
    binder.signature_of_type(site, FROM, args, kinds, SqlType::datetime(fsp))
}

/// Takes a text that is no date, which fails where warnings are errors, for the zero date; what fails
/// otherwise is NULL.
fn no_date(error: &SqlError) -> Datum {
    match error.code() {
        code::ER_TRUNCATED_WRONG_VALUE => Datum::Time(Time(0)),
        _ => Datum::Null,
    }
}

/// Returns the microseconds that count: none beyond the range.
fn in_range(micros: Option<i64>) -> i64 {
    micros.filter(|m| (1_000_000..=LAST_MICROS).contains(m)).unwrap_or(0)
}

fn current(
    ctx: &mut CallContext<'_>,
    _: &[DatumRef<'_>],
    _: &mut Vec<u8>,
) -> Result<RowValue, SqlError> {
    Ok(RowValue::Int(in_range(Some(ctx.run.now.0)) / 1_000_000))
}

fn of_whole(ctx: &mut CallContext<'_>, time: Time) -> Result<Option<i64>, SqlError> {
    Ok(Some(in_range(zone(ctx)?.to_utc_adjusted(time)) / 1_000_000))
}

/// Gives the seconds with the fraction digits of the result, cut.
fn of_fraction(ctx: &mut CallContext<'_>, time: Time) -> Result<Option<Decimal>, SqlError> {
    let micros = in_range(zone(ctx)?.to_utc(time).ok());
    if micros == 0 {
        return Ok(Some(Decimal::ZERO));
    }
    let seconds = Decimal::from_i128_scaled(micros.into(), 6);
    Ok(Some(seconds.round(ctx.call.ty.decimals, Rounding::Truncate).value))
}

/// Returns the moment so many seconds after 1970, rounded to `fsp` digits.
fn moment_of(seconds: &Decimal, fsp: u8, zone: &Zone) -> Option<Time> {
    if seconds.is_negative() {
        return None;
    }
    let whole = seconds.to_i64().value;
    if whole > LAST_SECOND {
        return None;
    }
    let fraction = seconds.sub(&Decimal::from_i64(whole)).value;
    let nanos = fraction.shift(9).value.to_i64().value;
    let unit = 10i64.pow(9 - u32::from(fsp));
    let rounded = (nanos + unit / 2) / unit * unit;
    zone.to_civil(whole * 1_000_000 + rounded / 1000)
}

fn from_seconds(ctx: &mut CallContext<'_>, seconds: Decimal) -> Result<Option<Time>, SqlError> {
    Ok(moment_of(&seconds, ctx.call.ty.fsp(), zone(ctx)?))
}

fn from_formatted(
    ctx: &mut CallContext<'_>,
    seconds: Decimal,
    format: &[u8],
    out: &mut Vec<u8>,
) -> Result<bool, SqlError> {
    let Some(time) = moment_of(&seconds, 6, zone(ctx)?) else { return Ok(false) };
    temporal::date_format(time, format, out).map_err(|e| e.to_error(&[]))?;
    Ok(true)
}
