// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Converts to DOUBLE and FLOAT. A FLOAT is computed with as a double; it is narrowed where it is
//! stored or printed.

use tiforth_expr::kernel::{BytesArg, Dec, Dur, Int, Moment, Pure1, Real, Scalar1, UInt};
use tiforth_expr::{CallContext, Overload, TypedExpr};
use tiforth_types::number::{TextUse, constant_overflows, text_to_f64, whole_text_to_f64};
use tiforth_types::sql_type::{DECIMAL_PRECISION_MAX, DECIMAL_SCALE_MAX, NOT_FIXED};
use tiforth_types::{Decimal, Duration, EvalType, SqlError, SqlType, Time, TypeKind};

use super::lanes::{self, by_columns};
use super::sources::Sources;
use super::{loss, plain, to_decimal};
use crate::laid_out::ExactDoubles;

/// Is how many digits TiDB takes a DOUBLE of any scale to show.
const WIDENED_PRECISION: i64 = 48;

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
        &by_columns(lanes::keep, Pure1::<Real, Real, _>::new(|v: f64| v)),
    ),
    decimal: Overload::strict(
        "CastDecimalAsReal",
        &by_columns(
            lanes::decimal_to_real,
            ExactDoubles(Scalar1::<Dec, Real, _>::new(from_decimal)),
        ),
    ),
    text: Overload::strict(
        "CastStringAsReal",
        &by_columns(plain::text_to_real, Scalar1::<BytesArg, Real, _>::new(from_text)),
    ),
    time: Overload::strict("CastTimeAsReal", &Scalar1::<Moment, Real, _>::new(from_time))
        .reading_forms(),
    duration: Overload::strict("CastDurationAsReal", &Scalar1::<Dur, Real, _>::new(from_duration)),
};

/// Returns the type a DECIMAL has once it is to become a DOUBLE: what computes it keeps all the decimals
/// that fit beside its integer digits (TiDB's `PropagateType`). A column stays what it is.
pub(crate) fn widened(expr: &TypedExpr) -> SqlType {
    let ty = expr.ty.clone();
    if ty.eval_type() != EvalType::Decimal || expr.is_field() {
        return ty;
    }
    let (scale_max, precision_max) = (DECIMAL_SCALE_MAX, i64::from(DECIMAL_PRECISION_MAX));
    let length = if ty.decimals == NOT_FIXED { ty.length } else { WIDENED_PRECISION };
    let fits = ty.length - i64::from(ty.decimals) <= length - i64::from(scale_max);
    if fits {
        return SqlType { length: length.min(precision_max), decimals: scale_max, ..ty };
    }
    let room = i64::from(scale_max - ty.decimals).min(precision_max - ty.length).max(0);
    #[expect(clippy::cast_possible_truncation, reason = "at most the greatest scale")]
    let decimals = ty.decimals + room as i32;
    SqlType { length: ty.length + room, decimals, ..ty }
}

fn from_decimal(_: &mut CallContext<'_>, value: Decimal) -> Result<Option<f64>, SqlError> {
    Ok(Some(value.to_f64()))
}

/// Takes the number the text begins with, clipped to what a DOUBLE holds; beyond a FLOAT it fails.
#[inline(always)]
fn from_text(ctx: &mut CallContext<'_>, text: &[u8]) -> Result<Option<f64>, SqlError> {
    match whole_text_to_f64(text) {
        Some(value) if ctx.call.ty.kind != TypeKind::Float => Ok(Some(value)),
        _ => from_any_text(ctx, text),
    }
}

#[inline(never)]
fn from_any_text(ctx: &mut CallContext<'_>, text: &[u8]) -> Result<Option<f64>, SqlError> {
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
