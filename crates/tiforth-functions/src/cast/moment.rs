// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Finds the zone, the date rules and the kinds that conversions from and to dates and times go by.

use std::sync::Arc;

use tiforth_expr::typed::PreparedState;
use tiforth_expr::{Call, CallContext};
use tiforth_types::temporal::{DateMode, TemporalError, TimeKind, Zone};
use tiforth_types::{Session, SqlError, Time};

use super::loss;

/// Makes the session's zone the call's state: a named one is costly to build.
pub(crate) fn prepare(_: &Call, session: &Session) -> Result<Option<PreparedState>, SqlError> {
    Ok(Some(Arc::new(Zone::new(session.time_zone))))
}

/// Holds what reading and checking a date or time depends on.
pub(crate) struct Rules<'a> {
    /// The session's zone.
    pub(crate) zone: &'a Zone,
    /// Which irregular dates are legal.
    pub(crate) mode: DateMode,
    /// The kind of the call's result.
    pub(crate) kind: TimeKind,
    /// The fraction digits of the call's result.
    pub(crate) fsp: u8,
}

/// Collects the rules of a call prepared by [`prepare`].
///
/// # Errors
/// When the call was not prepared, a bug of ours.
pub(crate) fn rules<'a>(ctx: &CallContext<'a>) -> Result<Rules<'a>, SqlError> {
    let Some(zone) = ctx.state::<Zone>() else {
        return Err(SqlError::other("a cast was run without its zone"));
    };
    let ty = &ctx.call.ty;
    Ok(Rules { zone, mode: ctx.session.date_mode(), kind: ty.time_kind(), fsp: ty.fsp() })
}

/// Returns the kind and the fraction digits of the call's argument.
pub(crate) fn source(ctx: &CallContext<'_>) -> (TimeKind, u8) {
    ctx.call.args.first().map_or((TimeKind::Datetime, 6), |a| (a.ty.time_kind(), a.ty.fsp()))
}

/// Returns the kind and the fraction digits that a value of the call's argument prints with.
pub(crate) fn form(ctx: &CallContext<'_>, value: Time) -> (TimeKind, u8) {
    value.form().unwrap_or_else(|| source(ctx))
}

/// Gives a zero DATETIME the form TiDB gives it, where that is asked for and another than the type's.
pub(crate) fn zero(ctx: &CallContext<'_>, kind: TimeKind, fsp: u8) -> Time {
    let ty = &ctx.call.ty;
    let is_plain = ty.time_kind() == TimeKind::Date || (kind != TimeKind::Date && fsp == ty.fsp());
    if is_plain || !ctx.call.tells_forms { Time::ZERO } else { Time::ZERO.with_form(kind, fsp) }
}

/// Reports why there is no value; it is NULL then, unless the statement fails.
///
/// # Errors
/// The reason, where it is not to be a warning.
#[cold]
pub(crate) fn failed<T>(
    ctx: &mut CallContext<'_>,
    error: TemporalError,
    input: &[u8],
) -> Result<Option<T>, SqlError> {
    if error.is_fatal() {
        return Err(error.to_error(input));
    }
    loss::report(ctx, || error.to_error(input))?;
    Ok(None)
}

/// Warns that a rest of the text was cut off, as often as TiDB does; it fails no statement.
pub(crate) fn truncated(ctx: &mut CallContext<'_>, truncations: u8, input: &[u8]) {
    for _ in 0..truncations {
        ctx.warn(|| loss::truncated("datetime", input));
    }
}
