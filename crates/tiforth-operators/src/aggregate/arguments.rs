// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Computes keys and arguments once a batch, each different expression once.
//!
//! TiDB computes an expression as often as it stands there, and warns as often. So where one that is
//! shared warns, it is computed again for each further use, for its warnings alone.

use tiforth_data::column::DecodeContext;
use tiforth_data::{Batch, Column};
use tiforth_expr::function::Volatility;
use tiforth_expr::{Node, TypedExpr};
use tiforth_types::Result;

use crate::build::RunState;
use crate::evaluation::evaluate_counted;

/// Holds expressions that differ, and how often each is used.
#[derive(Clone, Debug, Default)]
pub(super) struct Arguments {
    exprs: Vec<(TypedExpr, usize)>,
}

impl Arguments {
    /// Adds an expression; returns its place among those that differ.
    pub(super) fn add(&mut self, expr: TypedExpr) -> usize {
        if let Some(place) = self.exprs.iter().position(|(e, _)| is_same(e, &expr)) {
            if let Some((_, uses)) = self.exprs.get_mut(place) {
                *uses += 1;
            }
            return place;
        }
        self.exprs.push((expr, 1));
        self.exprs.len() - 1
    }

    /// Computes all for the rows of `batch` that count, decoded.
    ///
    /// # Errors
    /// Those of the expressions.
    pub(super) fn evaluate(
        &self,
        state: &RunState,
        how: &DecodeContext,
        batch: &Batch,
    ) -> Result<Vec<Column>> {
        let mut columns = Vec::with_capacity(self.exprs.len());
        for (expr, uses) in &self.exprs {
            let only = std::slice::from_ref(expr);
            let (computed, warnings) = evaluate_counted(state, batch, only)?;
            if warnings > 0 {
                for _ in 1..*uses {
                    evaluate_counted(state, batch, only)?;
                }
            }
            for column in computed {
                columns.push(column.decoded(&expr.ty, how)?.into_owned());
            }
        }
        Ok(columns)
    }
}

/// Tells whether two expressions always have the same value.
fn is_same(a: &TypedExpr, b: &TypedExpr) -> bool {
    if a.ty != b.ty {
        return false;
    }
    match (&a.node, &b.node) {
        (Node::Field { index: a, .. }, Node::Field { index: b, .. }) => a == b,
        (Node::Constant(a), Node::Constant(b)) => {
            a.literal == b.literal && format!("{:?}", a.value) == format!("{:?}", b.value)
        }
        (Node::Call(a), Node::Call(b)) => {
            a.name == b.name
                && a.overload.name == b.overload.name
                && a.overload.volatility != Volatility::Volatile
                && a.options == b.options
                && a.ty == b.ty
                && a.collation == b.collation
                && a.args.len() == b.args.len()
                && a.args.iter().zip(&b.args).all(|(a, b)| is_same(a, b))
        }
        _ => false,
    }
}
