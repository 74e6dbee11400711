// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Converts to TIME.
//!
//! Source: TiDB `pkg/expression/builtin_cast.go`, `pkg/types/time.go` (`ParseDuration`,
//! `NumberToDuration`).

use tiforth_expr::kernel::{BytesArg, Dec, Dur, Int, Moment, Real, Scalar1};
use tiforth_expr::{CallContext, Overload};
use tiforth_types::number::write_f64;
use tiforth_types::temporal::{duration_from_number, parse_duration};
use tiforth_types::{Decimal, Duration, SqlError, Time};

use super::moment::{self, failed, rules};
use super::sources::Sources;

/// Names the overloads by what they take.
pub(super) static FROM: Sources = Sources {
    int: Overload::strict("CastIntAsDuration", &Scalar1::<Int, Dur, _>::new(from_int)),
    uint: None,
    year: None,
    real: Overload::strict("CastRealAsDuration", &Scalar1::<Real, Dur, _>::new(from_real))
        .with_prepare(moment::prepare),
    decimal: Overload::strict("CastDecimalAsDuration", &Scalar1::<Dec, Dur, _>::new(from_decimal))
        .with_prepare(moment::prepare),
    text: Overload::strict("CastStringAsDuration", &Scalar1::<BytesArg, Dur, _>::new(from_text))
        .with_prepare(moment::prepare),
    time: Overload::strict("CastTimeAsDuration", &Scalar1::<Moment, Dur, _>::new(from_time)),
    duration: Overload::strict(
        "CastDurationAsDuration",
        &Scalar1::<Dur, Dur, _>::new(from_duration),
    ),
};

type Done = Result<Option<Duration>, SqlError>;

fn from_int(ctx: &mut CallContext<'_>, value: i64) -> Done {
    match duration_from_number(value) {
        Ok(duration) => Ok(Some(duration)),
        Err(error) => failed(ctx, error, &[]),
    }
}

fn from_real(ctx: &mut CallContext<'_>, value: f64) -> Done {
    let mut text = Vec::with_capacity(24);
    write_f64(value, &mut text);
    from_number_text(ctx, &text)
}

fn from_decimal(ctx: &mut CallContext<'_>, value: Decimal) -> Done {
    let mut text = Vec::with_capacity(24);
    value.write_all_digits(&mut text);
    from_number_text(ctx, &text)
}

/// A number that is cut or clipped gives no value, other than a text.
fn from_number_text(ctx: &mut CallContext<'_>, text: &[u8]) -> Done {
    let rules = rules(ctx)?;
    let read = parse_duration(text, rules.fsp, rules.mode, rules.zone);
    moment::truncated(ctx, read.truncations, text);
    match read.error {
        Some(error) => failed(ctx, error, text),
        None => Ok(read.value),
    }
}

fn from_text(ctx: &mut CallContext<'_>, text: &[u8]) -> Done {
    let rules = rules(ctx)?;
    let read = parse_duration(text, rules.fsp, rules.mode, rules.zone);
    moment::truncated(ctx, read.truncations, text.trim_ascii());
    if let Some(error) = read.error {
        failed::<Duration>(ctx, error, text)?;
    }
    Ok(read.value)
}

fn from_time(ctx: &mut CallContext<'_>, value: Time) -> Done {
    Ok(Some(Duration::of_day(value).round(ctx.call.ty.fsp())))
}

fn from_duration(ctx: &mut CallContext<'_>, value: Duration) -> Done {
    Ok(Some(value.round(ctx.call.ty.fsp())))
}
