// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Says what rows are ordered by.

use std::fmt;

use serde::{Deserialize, Serialize};
use tiforth_data::{Field, KeyOrder};
use tiforth_expr::TypedExpr;
use tiforth_types::{EvalType, Result, SqlError, TypeKind};

use crate::spec::{CompileScope, ExprText};

/// Says where NULLs go.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Nulls {
    /// Before all values.
    First,
    /// After all values.
    Last,
}

/// Says one thing rows are ordered by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SortKey {
    /// What is compared.
    pub expr: ExprText,
    /// Whether the greatest comes first.
    #[serde(default)]
    pub descending: bool,
    /// Where NULLs go; left out, before all values, and after them in descending order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nulls: Option<Nulls>,
}

impl SortKey {
    /// Says to put the least first.
    pub fn ascending(expr: impl Into<ExprText>) -> Self {
        SortKey { expr: expr.into(), descending: false, nulls: None }
    }

    /// Says to put the greatest first.
    pub fn descending(expr: impl Into<ExprText>) -> Self {
        SortKey { descending: true, ..Self::ascending(expr) }
    }
}

impl fmt::Display for SortKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.expr, if self.descending { " DESC" } else { "" })?;
        match self.nulls {
            Some(Nulls::First) => f.write_str(" NULLS FIRST"),
            Some(Nulls::Last) => f.write_str(" NULLS LAST"),
            None => Ok(()),
        }
    }
}

/// Types keys over an input.
///
/// # Errors
/// Those of binding, no keys, and types that have no order here yet.
pub(crate) fn bind_keys(
    keys: &[SortKey],
    input: &[Field],
    scope: &mut CompileScope<'_>,
) -> Result<(Vec<TypedExpr>, Vec<KeyOrder>)> {
    if keys.is_empty() {
        return Err(SqlError::other("an order needs at least one key").into());
    }
    let (mut exprs, mut orders) = (Vec::with_capacity(keys.len()), Vec::with_capacity(keys.len()));
    for key in keys {
        let typed = scope.bind(&key.expr, input)?;
        let has_order = matches!(typed.ty.kind, TypeKind::Enum | TypeKind::Set)
            || !matches!(typed.eval_type(), EvalType::Json | EvalType::Vector);
        if !has_order {
            let text = format!("an order by {} is not supported yet", typed.ty);
            return Err(SqlError::other(text).into());
        }
        orders.push(KeyOrder {
            sql_type: typed.ty.clone(),
            is_descending: key.descending,
            has_nulls_first: key.nulls.map_or(!key.descending, |nulls| nulls == Nulls::First),
        });
        exprs.push(typed);
    }
    Ok((exprs, orders))
}
