// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `a IS NULL`.
//!
//! Source: MySQL manual, "Comparison Functions and Operators"; TiDB `pkg/expression/builtin_op.go`
//! (`isNullFunctionClass`), `pkg/expression/constant_fold.go` (`isNullHandler`).

use arrow_buffer::BooleanBuffer;
use tiforth_data::{Column, ColumnData};
use tiforth_expr::kernel::{Args, Kernel, RowValue, Rows};
use tiforth_expr::{ArgKind, Binder, CallContext, CallSite, Doc, Function, Overload, TypedExpr};
use tiforth_types::{Datum, DatumRef, EvalType, Result, SqlError, SqlType, TypeKind};

/// Defines the function.
pub(crate) const ISNULL: Function = Function {
    fold: Some(fold),
    ..Function::new(
        "isnull",
        "comparison",
        (1, 1),
        bind,
        Doc {
            usage: "a IS NULL",
            summary: "Tells whether a value is NULL.",
            result: "BIGINT: 1 or 0.",
            null: "Never.",
            errors: "",
            warnings: "",
            example: ("1 IS NULL", "0"),
            sources: "MySQL manual, Comparison Functions and Operators; TiDB builtin_op.go",
        },
    )
};

/// Reads which rows are NULL and nothing else.
struct IsNull;

impl Kernel for IsNull {
    fn batch(&self, args: &Args<'_>, rows: Rows<'_>, _: &mut CallContext<'_>) -> Result<Column> {
        let column = args.decoded(0)?;
        let bits = match (column.data(), column.nulls()) {
            (ColumnData::Constant(value), _) if value.is_null() => BooleanBuffer::new_set(rows.len),
            (_, Some(nulls)) => !nulls.inner(),
            (_, None) => BooleanBuffer::new_unset(rows.len),
        };
        Ok(Column::bits(bits, None))
    }

    fn row(
        &self,
        args: &[DatumRef<'_>],
        _: &mut Vec<u8>,
        _: &mut CallContext<'_>,
    ) -> Result<RowValue, SqlError> {
        let is_null = matches!(args, [DatumRef::Null]);
        Ok(RowValue::Int(i64::from(is_null)))
    }
}

fn overload(eval: EvalType) -> Overload {
    let name = match eval {
        EvalType::Int => "IntIsNull",
        EvalType::Real => "RealIsNull",
        EvalType::Decimal => "DecimalIsNull",
        EvalType::Time => "TimeIsNull",
        EvalType::Duration => "DurationIsNull",
        EvalType::Bytes => "StringIsNull",
        EvalType::Json => "JsonIsNull",
        EvalType::Vector => "VectorFloat32IsNull",
    };
    Overload::strict(name, &IsNull)
}

fn bind(binder: &mut Binder<'_>, site: &CallSite, args: Vec<TypedExpr>) -> Result<TypedExpr> {
    let Some(arg) = args.first() else {
        return Err(SqlError::wrong_argument_count(&site.name).into());
    };
    let overload = overload(arg.eval_type());
    let ty = SqlType { decimals: 0, ..SqlType::bigint(1) };
    let typed = binder.signature_of_type(site, overload, args, &[ArgKind::Any], ty)?;
    Ok(typed.with_nullable(false).as_boolean())
}

/// Returns the 0 that stands for what was decided while planning; it is not known to be NOT NULL.
fn zero() -> TypedExpr {
    let ty = SqlType { length: 1, unsigned: true, ..SqlType::new(TypeKind::TinyInt) };
    TypedExpr::constant(Datum::Int(0), ty).with_nullable(true)
}

/// What cannot be NULL is not, whatever it is.
fn fold(_: &mut Binder<'_>, expr: &TypedExpr) -> Option<TypedExpr> {
    let arg = expr.as_call()?.args.first()?;
    if arg.is_constant() || arg.nullable {
        return None;
    }
    Some(zero())
}
