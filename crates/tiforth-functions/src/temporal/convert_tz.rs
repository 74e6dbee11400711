// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `CONVERT_TZ(date, from, to)`.
//!
//! Source: MySQL manual, CONVERT_TZ; TiDB `pkg/expression/builtin_time.go` (`builtinConvertTzSig`).

use std::sync::Arc;

use tiforth_expr::kernel::{BytesArg, Moment, Opt, Scalar3};
use tiforth_expr::typed::PreparedState;
use tiforth_expr::{
    ArgKind, Binder, Call, CallContext, CallSite, Doc, Function, Overload, TypedExpr,
};
use tiforth_types::sql_type::FSP_MAX;
use tiforth_types::temporal::{TimeZone, Zone};
use tiforth_types::{Datum, EvalType, Result, Session, SqlError, SqlType, Time};

use super::{SOURCES, constant_text, define, digits_after_point, refuse};

/// Defines the function.
pub(crate) const CONVERT_TZ: Function = define(
    "convert_tz",
    (3, 3),
    bind,
    Doc {
        usage: "CONVERT_TZ(date, from, to)",
        summary: "Converts a date from one time zone to another.",
        result: "DATETIME",
        null: "NULL if an argument is NULL, the date has a zero month or day, or a zone is not known.",
        errors: "",
        warnings: "1292 when the argument is no date, or constants are folded and the date has a zero month \
                   or day.",
        example: ("CONVERT_TZ('2020-02-29 12:00:00', '+00:00', '+08:00')", "2020-02-29 20:00:00"),
        sources: SOURCES,
    },
);

const CONVERT: Overload = Overload::strict(
    "ConvertTz",
    &Scalar3::<Moment, Opt<BytesArg>, Opt<BytesArg>, Moment, _>::new(convert),
)
.with_prepare(prepare);

/// Is the two zones, if both are known.
type Zones = Option<(Zone, Zone)>;

fn bind(binder: &mut Binder<'_>, site: &CallSite, args: Vec<TypedExpr>) -> Result<TypedExpr> {
    let fsp = match args.first() {
        Some(date) if date.is_constant() => match date.eval_type() {
            EvalType::Int => 0,
            EvalType::Real | EvalType::Decimal => date.ty.decimals,
            EvalType::Bytes => match constant_text(binder, date)? {
                Datum::Bytes(text) => digits_after_point(&text),
                _ => FSP_MAX,
            },
            _ => FSP_MAX,
        },
        _ => FSP_MAX,
    };
    let ty = SqlType::datetime(fsp.clamp(0, FSP_MAX));
    let kinds = &[ArgKind::Datetime, ArgKind::String];
    binder.signature_of_type(site, CONVERT, args, kinds, ty)
}

fn prepare(call: &Call, _: &Session) -> Result<Option<PreparedState>, SqlError> {
    let name = |index: usize| match call.args.get(index).map(TypedExpr::as_constant) {
        Some(Some(Datum::Bytes(name))) => Some(name),
        _ => None,
    };
    let (Some(from), Some(to)) = (name(1), name(2)) else { return Ok(None) };
    let zones: Zones = zones(from, to);
    Ok(Some(Arc::new(zones)))
}

fn zones(from: &[u8], to: &[u8]) -> Zones {
    Some((zone(from)?, zone(to)?))
}

/// Finds a zone: an offset, `SYSTEM`, or a name in the letters of the zone database.
fn zone(name: &[u8]) -> Option<Zone> {
    let name = std::str::from_utf8(name).ok()?;
    if name.starts_with(['+', '-']) {
        return offset(name).map(|seconds| Zone::new(TimeZone::Offset(seconds)));
    }
    if name.eq_ignore_ascii_case("SYSTEM") || name == "UTC" || name == "Local" {
        return Some(Zone::utc());
    }
    let zone = TimeZone::parse(name)?;
    (zone.to_string() == name).then(|| Zone::new(zone))
}

/// Reads `[+-]h[h]:m[m]`, from -13:59 to +14:00.
fn offset(name: &str) -> Option<i32> {
    let (hours, minutes) = name.get(1..)?.split_once(':')?;
    let number = |text: &str| {
        let is_number = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        is_number.then(|| text.parse::<i32>().ok()).flatten()
    };
    let (hour, minute) = (number(hours)?, number(minutes)?);
    let is_negative = name.starts_with('-');
    let is_last = hour == 14 && minute == 0 && !is_negative && hours == "14";
    if minute > 59 || (hour > 13 && !is_last) {
        return None;
    }
    let seconds = hour * 3600 + minute * 60;
    Some(if is_negative { -seconds } else { seconds })
}

fn convert(
    ctx: &mut CallContext<'_>,
    time: Time,
    from: Option<&[u8]>,
    to: Option<&[u8]>,
) -> Result<Option<Time>, SqlError> {
    if time.has_zero_part() {
        return if ctx.is_folded { refuse(ctx, 0, time) } else { Ok(None) };
    }
    let (Some(from), Some(to)) = (from, to) else { return Ok(None) };
    if let Some(zones) = ctx.state::<Zones>() {
        return Ok(between(zones, time));
    }
    let mut key = from.to_vec();
    key.push(0);
    key.extend_from_slice(to);
    let zones = ctx.memo(&key, |_| Ok(zones(from, to)))?;
    Ok(between(zones, time))
}

fn between(zones: &Zones, time: Time) -> Option<Time> {
    let (from, to) = zones.as_ref()?;
    Some(to.to_civil_wrapping(from.to_utc_adjusted(time)?))
}
