// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! GREATEST and LEAST.
//!
//! Where dates meet texts or numbers, all become texts; those that read as dates are compared in the
//! form dates are printed in, the others as they are.
//!
//! Source: MySQL manual, "Comparison Functions and Operators"; TiDB
//! `pkg/expression/builtin_compare.go` (`resolveType4Extremum`, `doTimeConversionForGL`).

use std::cmp::Ordering;

use tiforth_expr::kernel::{RowValue, Variadic};
use tiforth_expr::{
    ArgKind, Binder, CallContext, CallSite, Collate, Doc, Function, Overload, TypedExpr,
};
use tiforth_types::sql_type::{DECIMAL_PRECISION_MAX, DECIMAL_SCALE_MAX};
use tiforth_types::temporal::TimeKind;
use tiforth_types::{DatumRef, Duration, EvalType, Result, SqlError, SqlType, Time, TypeKind};

use super::class::is_string_kind;
use super::extreme_moment::Extreme;
use crate::by_mantissas::chosen;
use crate::cast::moment::prepare;
use crate::columns_first::ColumnsFirst;
use crate::control::merge::merged_type;

const fn function(name: &'static str, bind: tiforth_expr::BindFn, doc: Doc) -> Function {
    Function {
        collate: Collate::All,
        ..Function::new(name, "comparison", (2, usize::MAX), bind, doc)
    }
}

const fn doc(
    usage: &'static str,
    summary: &'static str,
    example: (&'static str, &'static str),
) -> Doc {
    Doc {
        usage,
        summary,
        result: "The type the values have together.",
        null: "NULL if any value is.",
        errors: "1271 when the collations of the texts do not mix.",
        warnings: "1292 when a text is no date and another value is one.",
        example,
        sources: "MySQL manual, Comparison Functions and Operators; TiDB builtin_compare.go",
    }
}

/// Defines GREATEST.
pub(super) const GREATEST: Function = function(
    "greatest",
    |binder, site, args| bind(binder, site, args, &GREATEST_OVERLOADS),
    doc("GREATEST(a, b, …)", "Returns the greatest of several values.", ("GREATEST(1, 2)", "2")),
);

/// Defines LEAST.
pub(super) const LEAST: Function = function(
    "least",
    |binder, site, args| bind(binder, site, args, &LEAST_OVERLOADS),
    doc("LEAST(a, b, …)", "Returns the least of several values.", ("LEAST(1, 2)", "1")),
);

/// Holds the overloads of one of the two functions.
struct Overloads {
    int: Overload,
    real: Overload,
    decimal: Overload,
    text: Overload,
    time: Overload,
    duration: Overload,
    /// Texts that are read as dates.
    text_as_date: Overload,
    /// Texts that are read as datetimes.
    text_as_datetime: Overload,
}

macro_rules! overloads {
    ($wire:literal, $order:path, $choose:ident) => {
        Overloads {
            int: Overload::strict(
                concat!($wire, "Int"),
                &Variadic::new(|ctx, args, out| plain(ctx, args, out, $order)),
            ),
            real: Overload::strict(
                concat!($wire, "Real"),
                &Variadic::new(|ctx, args, out| plain(ctx, args, out, $order)),
            ),
            decimal: Overload::strict(
                concat!($wire, "Decimal"),
                &ColumnsFirst::new(
                    |args, _, _| chosen(args, Ord::$choose, Ord::$choose),
                    Variadic::new(|ctx, args, out| plain(ctx, args, out, $order)),
                ),
            ),
            text: Overload::strict(
                concat!($wire, "String"),
                &Variadic::new(|ctx, args, out| plain(ctx, args, out, $order)),
            ),
            time: Overload::strict(
                concat!($wire, "Time"),
                &Variadic::new(|ctx, args, _| moment(ctx, args, $order)),
            )
            .having_forms(),
            duration: Overload::strict(
                concat!($wire, "Duration"),
                &Variadic::new(|ctx, args, _| duration(ctx, args, $order)),
            )
            .having_forms(),
            text_as_date: Overload::lazy(
                concat!($wire, "CmpStringAsDate"),
                &Extreme { kind: TimeKind::Date, wanted: $order },
            )
            .with_prepare(prepare),
            text_as_datetime: Overload::lazy(
                concat!($wire, "CmpStringAsTime"),
                &Extreme { kind: TimeKind::Datetime, wanted: $order },
            )
            .with_prepare(prepare),
        }
    };
}
const GREATEST_OVERLOADS: Overloads = overloads!("Greatest", Ordering::Greater, max);
const LEAST_OVERLOADS: Overloads = overloads!("Least", Ordering::Less, min);

/// Returns the value that is `wanted` than all before it.
fn plain(
    ctx: &mut CallContext<'_>,
    args: &[DatumRef<'_>],
    out: &mut Vec<u8>,
    wanted: Ordering,
) -> Result<RowValue, SqlError> {
    let Some((first, rest)) = args.split_first() else { return Ok(RowValue::Null) };
    let mut best = first;
    for value in rest {
        let order = match (value, best) {
            (DatumRef::Int(a), DatumRef::Int(b)) => a.cmp(b),
            (DatumRef::Real(a), DatumRef::Real(b)) => a.partial_cmp(b).unwrap_or(Ordering::Equal),
            (DatumRef::Decimal(a), DatumRef::Decimal(b)) => a.cmp(b),
            (DatumRef::Bytes(a), DatumRef::Bytes(b)) => ctx.call.collation.compare(a, b),
            _ => return Ok(RowValue::Null),
        };
        if order == wanted {
            best = value;
        }
    }
    Ok(match best {
        DatumRef::Null => RowValue::Null,
        DatumRef::Int(v) => RowValue::Int(*v),
        DatumRef::Real(v) => RowValue::Real(*v),
        DatumRef::Decimal(v) => RowValue::Decimal(**v),
        DatumRef::Time(v) => RowValue::Time(*v),
        DatumRef::Duration(v) => RowValue::Duration(*v),
        DatumRef::Bytes(v) => {
            out.extend_from_slice(v);
            RowValue::Bytes
        }
    })
}

/// Returns the date that is `wanted` than all before it, which prints with the digits it had.
fn moment(
    ctx: &CallContext<'_>,
    args: &[DatumRef<'_>],
    wanted: Ordering,
) -> Result<RowValue, SqlError> {
    let mut best: Option<(usize, Time)> = None;
    for (place, value) in args.iter().enumerate() {
        let DatumRef::Time(value) = value else { return Ok(RowValue::Null) };
        if best.is_none_or(|(_, best)| value.plain().cmp(&best.plain()) == wanted) {
            best = Some((place, *value));
        }
    }
    let Some((place, value)) = best else { return Ok(RowValue::Null) };
    let (kind, fsp) = (ctx.call.ty.time_kind(), ctx.call.ty.fsp());
    if kind == TimeKind::Date {
        return Ok(RowValue::Time(value.date()));
    }
    if !ctx.call.tells_forms {
        return Ok(RowValue::Time(value));
    }
    let own = value
        .form()
        .or_else(|| ctx.call.args.get(place).map(|arg| (arg.ty.time_kind(), arg.ty.fsp())));
    // A DATE becomes a DATETIME without fraction digits.
    let digits = own.map_or(fsp, |(kind, own)| if kind == TimeKind::Date { 0 } else { own });
    let is_plain = digits == fsp;
    Ok(RowValue::Time(if is_plain { value.plain() } else { value.with_form(kind, digits) }))
}

/// Returns the TIME that is `wanted` than all before it, with the digits it had.
fn duration(
    ctx: &CallContext<'_>,
    args: &[DatumRef<'_>],
    wanted: Ordering,
) -> Result<RowValue, SqlError> {
    let mut best: Option<(usize, Duration)> = None;
    for (place, value) in args.iter().enumerate() {
        let DatumRef::Duration(value) = value else { return Ok(RowValue::Null) };
        if best.is_none_or(|(_, best)| value.plain().cmp(&best.plain()) == wanted) {
            best = Some((place, *value));
        }
    }
    let Some((place, value)) = best else { return Ok(RowValue::Null) };
    if !ctx.call.tells_forms {
        return Ok(RowValue::Duration(value.plain()));
    }
    let own = value.form().or_else(|| ctx.call.args.get(place).map(|arg| arg.ty.fsp()));
    let digits = own.filter(|own| *own != ctx.call.ty.fsp());
    Ok(RowValue::Duration(digits.map_or(value.plain(), |own| value.with_form(own))))
}

fn bind(
    binder: &mut Binder<'_>,
    site: &CallSite,
    args: Vec<TypedExpr>,
    overloads: &Overloads,
) -> Result<TypedExpr> {
    let merged = merged_type(&args.iter().map(|a| &a.ty).collect::<Vec<_>>());
    let eval = merged.eval_type();
    let (overload, kind) = match eval {
        EvalType::Int => (overloads.int, ArgKind::Int),
        EvalType::Real => (overloads.real, ArgKind::Real),
        EvalType::Decimal => (overloads.decimal, ArgKind::Decimal),
        EvalType::Time if merged.kind == TypeKind::Timestamp => {
            (overloads.time, ArgKind::Timestamp)
        }
        EvalType::Time => (overloads.time, ArgKind::Datetime),
        EvalType::Duration => (overloads.duration, ArgKind::Duration),
        EvalType::Bytes => (text_overload(&args, eval, overloads), ArgKind::String),
        EvalType::Json | EvalType::Vector => {
            return Err(SqlError::other("JSON and vectors are not compared yet").into());
        }
    };
    // Of integers TiDB tells NOT NULL where no argument may be NULL, of other types never.
    let nullable = eval != EvalType::Int || args.iter().any(|a| a.nullable);
    let typed = binder.signature(site, overload, args, &[kind], kind)?;
    let Some(call) = typed.as_call() else { return Ok(typed) };
    let ty = SqlType {
        unsigned: if eval == EvalType::Int { merged.unsigned } else { typed.ty.unsigned },
        ..with_length(&call.args, typed.ty.clone())
    };
    Ok(typed.with_type(ty).with_nullable(nullable))
}

/// Chooses how texts compare: as what the dates among the arguments are, datetimes before all.
fn text_overload(args: &[TypedExpr], eval: EvalType, overloads: &Overloads) -> Overload {
    if !is_string_kind(eval) {
        return overloads.text;
    }
    let mut temporal = None;
    for arg in args.iter().filter(|a| a.ty.kind.is_temporal()) {
        if temporal.is_none() || arg.ty.kind == TypeKind::DateTime {
            temporal = Some(arg.ty.kind);
        }
    }
    match temporal {
        Some(TypeKind::Date) => overloads.text_as_date,
        Some(TypeKind::DateTime | TypeKind::Timestamp) => overloads.text_as_datetime,
        _ => overloads.text,
    }
}

/// Returns `ty` as long as the longest argument, with the most decimals.
fn with_length(args: &[TypedExpr], ty: SqlType) -> SqlType {
    let (mut length, mut decimals) = (0, 0);
    for arg in args {
        length = arg.ty.length.max(length);
        decimals = arg.ty.decimals.max(decimals);
    }
    if ty.kind == TypeKind::Decimal {
        length = length.min(i64::from(DECIMAL_PRECISION_MAX));
        decimals = decimals.min(DECIMAL_SCALE_MAX);
    }
    SqlType { length, decimals, ..ty }
}
