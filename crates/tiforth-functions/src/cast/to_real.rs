// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Converts to DOUBLE and FLOAT. A FLOAT is computed with as a double; it is narrowed where it is
//! stored or printed.

use tiforth_expr::kernel::{BytesArg, Dec, Dur, Int, Moment, Pure1, Real, Scalar1, UInt};
use tiforth_expr::{CallContext, Overload};
use tiforth_types::number::{TextUse, constant_overflows, text_to_f64};
use tiforth_types::{Decimal, Duration, SqlError, Time, TypeKind};

use super::lanes::{self, Lanes};
use super::sources::Sources;
use super::{loss, plain, to_decimal};

/// Names the overloads by what they take.
pub(super) static FROM: Sources = Sources {
    #[expect(clippy::cast_precision_loss, reason = "the conversion itself")]
    int: Overload::strict("CastIntAsReal", &Pure1::<Int, Real, _>::new(|v: i64| v as f64)),
    #[expect(clippy::cast_precision_loss, reason = "the conversion itself")]
    uint: Some(Overload::strict(
        "CastIntAsReal",
        &Pure1::<UInt, Real, _>::new(|v: i64| v.cast_unsigned() as f64),
    )),
    year: None,
    real: Overload::strict(
        "CastRealAsReal",
        &Lanes::new(lanes::keep, Pure1::<Real, Real, _>::new(|v: f64| v)),
    ),
    decimal: Overload::strict(
        "CastDecimalAsReal",
        &Lanes::new(lanes::decimal_to_real, Scalar1::<Dec, Real, _>::new(from_decimal)),
    ),
    text: Overload::strict(
        "CastStringAsReal",
        &Lanes::new(plain::text_to_real, Scalar1::<BytesArg, Real, _>::new(from_text)),
    ),
    time: Overload::strict("CastTimeAsReal", &Scalar1::<Moment, Real, _>::new(from_time)),
    duration: Overload::strict("CastDurationAsReal", &Scalar1::<Dur, Real, _>::new(from_duration)),
};

fn from_decimal(_: &mut CallContext<'_>, value: Decimal) -> Result<Option<f64>, SqlError> {
    Ok(Some(value.to_f64()))
}

/// Takes the number the text begins with, clipped to what a DOUBLE holds; beyond a FLOAT it fails.
fn from_text(ctx: &mut CallContext<'_>, text: &[u8]) -> Result<Option<f64>, SqlError> {
    let read = text_to_f64(text, TextUse::Cast);
    if let Some(shown) = read.truncated {
        loss::report(ctx, || loss::truncated("DOUBLE", shown))?;
    }
    if let Some(shown) = read.out_of_range {
        loss::report(ctx, || loss::truncated("DOUBLE", shown))?;
    }
    if ctx.call.ty.kind == TypeKind::Float && read.value.abs() > f64::from(f32::MAX) {
        return Err(constant_overflows(read.value, "float"));
    }
    Ok(Some(read.value))
}

fn from_time(ctx: &mut CallContext<'_>, value: Time) -> Result<Option<f64>, SqlError> {
    Ok(Some(to_decimal::of_time(ctx, value).to_f64()))
}

fn from_duration(ctx: &mut CallContext<'_>, value: Duration) -> Result<Option<f64>, SqlError> {
    Ok(Some(to_decimal::of_duration(ctx, value).to_f64()))
}
