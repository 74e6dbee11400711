// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Fits values into columns, as INSERT and UPDATE do.
//!
//! Other than a cast, an assignment clips to the column's own range, names the column in what it
//! reports, and fails under a strict sql_mode where a lenient one warns.
//!
//! | file | columns |
//! |---|---|
//! | `number` | integers, YEAR, BIT, FLOAT, DOUBLE, DECIMAL |
//! | `text` | texts and bytes |
//! | `temporal` | DATE, DATETIME, TIMESTAMP, TIME |
//!
//! Source: MySQL manual, "Out-of-Range and Overflow Handling", "Server SQL Modes"; TiDB
//! `pkg/table/column.go` (`CastValue`), `pkg/types/datum.go` (`ConvertTo`),
//! `pkg/executor/insert_common.go` (`completeInsertErr`).

mod number;
mod temporal;
mod text;

use std::sync::Arc;

use tiforth_expr::kernel::{RowValue, Variadic};
use tiforth_expr::tree::CallOptions;
use tiforth_expr::{Binder, CallContext, Node, Overload, TypedExpr, Volatility};
use tiforth_types::number::{write_f32, write_f64, write_i64, write_u64};
use tiforth_types::temporal::Zone;
use tiforth_types::{DatumRef, EvalType, Result, SqlError, SqlType, TypeKind, code};

use super::{literal, moment};
use crate::laid_out::ExactDoubles;

const ASSIGN: Overload =
    Overload::strict("Assign", &ExactDoubles(Variadic::new(assign_value))).reading_forms();
/// Depends on the day of the run.
const ASSIGN_TODAY: Overload = ASSIGN.with_volatility(Volatility::Run);

/// Is what an assignment needs to know beside its types.
struct Target {
    /// The column's name, for messages.
    column: Box<str>,
    /// The session's zone.
    zone: Zone,
}

/// Builds the assignment of `expr` to the column `column` of type `ty`.
pub(super) fn assign(
    binder: &mut Binder<'_>,
    expr: TypedExpr,
    ty: &SqlType,
    column: &str,
) -> Result<TypedExpr> {
    let is_number = matches!(ty.eval_type(), EvalType::Int | EvalType::Real | EvalType::Decimal);
    let expr = if is_number && literal::is_binary_literal(&expr) {
        binder.cast(expr, &SqlType::bigint_unsigned(20), false)?
    } else {
        expr
    };
    let is_known = !matches!(
        ty.kind,
        TypeKind::Enum | TypeKind::Set | TypeKind::Json | TypeKind::Vector | TypeKind::Null
    );
    if !is_known || matches!(expr.eval_type(), EvalType::Json | EvalType::Vector) {
        return Err(super::unsupported(&expr.ty, ty).into());
    }
    let is_today = expr.eval_type() == EvalType::Duration && ty.kind.is_date_or_datetime();
    let overload = if is_today { ASSIGN_TODAY } else { ASSIGN };
    let mut typed = binder.build("assign", CallOptions::None, overload, vec![expr], ty.clone())?;
    let zone = Zone::new(binder.session().time_zone);
    if let Node::Call(call) = &mut typed.node {
        Arc::make_mut(call).state = Some(Arc::new(Target { column: column.into(), zone }));
    }
    Ok(typed)
}

fn assign_value(
    ctx: &mut CallContext<'_>,
    args: &[DatumRef<'_>],
    out: &mut Vec<u8>,
) -> Result<RowValue, SqlError> {
    let value = match args {
        [DatumRef::Null] => return Ok(RowValue::Null),
        // What is assigned has been a row of a SELECT, where times lose digits of their own.
        [DatumRef::Duration(value)] => DatumRef::Duration(value.plain()),
        [value] => *value,
        _ => return Err(SqlError::other("an assignment takes one value")),
    };
    match ctx.call.ty.kind {
        TypeKind::Year => number::year(ctx, value),
        TypeKind::Bit => number::bit(ctx, value),
        kind if kind.is_integer() => number::int(ctx, value),
        TypeKind::Float | TypeKind::Double => number::real(ctx, value),
        TypeKind::Decimal => number::decimal(ctx, value),
        TypeKind::Time => temporal::duration(ctx, value),
        kind if kind.is_date_or_datetime() => temporal::time(ctx, value),
        _ => text::text(ctx, value, out),
    }
}

/// Is how many characters of a value messages show.
const QUOTED: usize = 128;

/// Names what an assignment loses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Loss {
    /// The value is beyond the column's range (1264).
    Range,
    /// The value is no number of the column's kind (1366).
    Number,
    /// The value is no date or time (1292).
    Moment,
    /// The text is longer than the column (1406).
    Length,
}

/// Reports a loss: an error under a strict sql_mode, else a warning.
#[cold]
fn lose(ctx: &mut CallContext<'_>, loss: Loss, value: DatumRef<'_>) -> Result<(), SqlError> {
    if ctx.session.sql_mode.is_strict() {
        return Err(to_error(ctx, loss, value));
    }
    warn(ctx, loss, value);
    Ok(())
}

/// Warns of a loss.
#[cold]
fn warn(ctx: &mut CallContext<'_>, loss: Loss, value: DatumRef<'_>) {
    let error = to_error(ctx, loss, value);
    ctx.warn(|| error);
}

/// TiDB numbers the rows of the statement; here every row is the first of its own.
fn to_error(ctx: &CallContext<'_>, loss: Loss, value: DatumRef<'_>) -> SqlError {
    let column = column(ctx);
    let quoted = || {
        let mut text = Vec::new();
        print(ctx, value, &mut text);
        String::from_utf8_lossy(&text).chars().take(QUOTED).collect::<String>()
    };
    let incorrect = |number| {
        let kind = kind_name(ctx.call.ty.kind);
        let value = quoted();
        let text = format!("Incorrect {kind} value: '{value}' for column '{column}' at row 1");
        SqlError::new(number, text)
    };
    match loss {
        Loss::Range => SqlError::new(
            code::ER_DATA_OUT_OF_RANGE_FOR_COLUMN,
            format!("Out of range value for column '{column}' at row 1"),
        ),
        Loss::Number => incorrect(code::ER_TRUNCATED_WRONG_VALUE_FOR_FIELD),
        Loss::Moment => incorrect(code::ER_TRUNCATED_WRONG_VALUE),
        Loss::Length => SqlError::new(
            code::ER_DATA_TOO_LONG,
            format!("Data too long for column '{column}' at row 1"),
        ),
    }
}

fn column<'a>(ctx: &CallContext<'a>) -> &'a str {
    ctx.state::<Target>().map_or("", |t| &t.column)
}

fn zone<'a>(ctx: &CallContext<'a>) -> Result<&'a Zone, SqlError> {
    match ctx.state::<Target>() {
        Some(target) => Ok(&target.zone),
        None => Err(SqlError::other("an assignment was run without its column")),
    }
}

/// Names a column's kind as messages do.
fn kind_name(kind: TypeKind) -> &'static str {
    match kind {
        TypeKind::Null | TypeKind::Enum | TypeKind::Set | TypeKind::Json | TypeKind::Vector => {
            "string"
        }
        kind if kind.is_string() => "string",
        kind => kind.name(false),
    }
}

/// Returns the type of the value assigned.
fn source<'a>(ctx: &CallContext<'a>) -> Option<&'a SqlType> {
    ctx.call.args.first().map(|a| &a.ty)
}

fn is_source_unsigned(ctx: &CallContext<'_>) -> bool {
    source(ctx).is_some_and(|ty| ty.unsigned || ty.kind == TypeKind::Bit)
}

/// Appends the value as text.
fn print(ctx: &CallContext<'_>, value: DatumRef<'_>, out: &mut Vec<u8>) {
    let from = source(ctx).map_or(TypeKind::Null, |ty| ty.kind);
    match value {
        DatumRef::Null => {}
        DatumRef::Int(v) if is_source_unsigned(ctx) => write_u64(v.cast_unsigned(), out),
        DatumRef::Int(0) if from == TypeKind::Year => out.extend_from_slice(b"0000"),
        DatumRef::Int(v) => write_i64(v, out),
        #[expect(clippy::cast_possible_truncation, reason = "a FLOAT's value is one of 32 bits")]
        DatumRef::Real(v) if from == TypeKind::Float => write_f32(v as f32, out),
        DatumRef::Real(v) => write_f64(v, out),
        DatumRef::Decimal(v) => v.write_text(out),
        DatumRef::Time(v) => {
            let (kind, fsp) = moment::form(ctx, v);
            v.write(kind, fsp, out);
        }
        DatumRef::Duration(v) => v.write(moment::source(ctx).1, out),
        DatumRef::Bytes(v) => out.extend_from_slice(v),
    }
}
