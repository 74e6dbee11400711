// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Converts values from one type to another.

use tiforth_expr::{ArgKind, Binder, CastRules, TypedExpr};
use tiforth_types::{Result, SqlError, SqlType};

/// Holds the rules of conversion.
pub(crate) struct Rules;

/// Is what the registry refers to.
pub(crate) static RULES: Rules = Rules;

impl CastRules for Rules {
    fn cast(
        &self,
        _binder: &mut Binder<'_>,
        expr: TypedExpr,
        target: &SqlType,
        _explicit: bool,
    ) -> Result<TypedExpr> {
        if expr.ty == *target {
            return Ok(expr);
        }
        Err(SqlError::other("not converted").into())
    }

    fn wrap(&self, _binder: &mut Binder<'_>, expr: TypedExpr, kind: ArgKind) -> Result<TypedExpr> {
        let _ = kind;
        Ok(expr)
    }
}
