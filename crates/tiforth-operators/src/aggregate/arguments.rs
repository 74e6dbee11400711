// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Computes keys and arguments once a batch, each different expression once, and each call that several
//! of them hold.
//!
//! TiDB computes an expression as often as it stands there, and warns as often. So where one that is
//! shared warns, it is computed again for each further use, for its warnings alone.

use std::sync::Arc;

use tiforth_data::column::DecodeContext;
use tiforth_data::{Batch, Column};
use tiforth_expr::function::{Body, Volatility};
use tiforth_expr::{Call, Node, TypedExpr};
use tiforth_types::{Result, SqlType};

use crate::build::RunState;
use crate::evaluation::{evaluate_counted, evaluate_sharing};

/// Holds expressions that differ, and how often each is used.
#[derive(Clone, Default)]
pub(super) struct Arguments {
    exprs: Vec<(TypedExpr, usize)>,
    /// The calls within them that differ, and how often each stands there.
    calls: Vec<(Arc<Call>, usize)>,
    /// Those that stand there several times.
    shared: Vec<Arc<Call>>,
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
        let expr = self.interned(expr);
        self.exprs.push((expr, 1));
        let shared = self.calls.iter().filter(|(_, uses)| *uses > 1);
        self.shared = shared.map(|(call, _)| Arc::clone(call)).collect();
        self.exprs.len() - 1
    }

    /// Puts calls met before in the place of equal ones, as far down as every row reaches them.
    fn interned(&mut self, expr: TypedExpr) -> TypedExpr {
        let Node::Call(call) = &expr.node else { return expr };
        if call.overload.volatility == Volatility::Volatile {
            return expr;
        }
        if let Some((met, uses)) = self.calls.iter_mut().find(|(met, _)| is_same_call(met, call)) {
            *uses += 1;
            return TypedExpr { node: Node::Call(Arc::clone(met)), ..expr };
        }
        let mut call = Call::clone(call);
        let reached = reached_arguments(&call);
        for arg in call.args.iter_mut().take(reached) {
            *arg = self.interned(arg.clone());
        }
        let call = Arc::new(call);
        self.calls.push((Arc::clone(&call), 1));
        TypedExpr { node: Node::Call(call), ..expr }
    }

    /// Returns the types of what is computed.
    pub(super) fn types(&self) -> impl Iterator<Item = &SqlType> {
        self.exprs.iter().map(|(expr, _)| &expr.ty)
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
        let exprs = || self.exprs.iter().map(|(expr, _)| expr);
        let shared = match &self.shared[..] {
            [] => None,
            calls => evaluate_sharing(state, batch, exprs(), calls)?,
        };
        let columns = match shared {
            Some(columns) => columns,
            None => self.evaluate_apart(state, batch)?,
        };
        let decoded =
            |(column, expr): (Column, &TypedExpr)| Ok(column.decoded(&expr.ty, how)?.into_owned());
        columns.into_iter().zip(exprs()).map(decoded).collect()
    }

    /// Computes each by itself, with its own warnings and errors.
    fn evaluate_apart(&self, state: &RunState, batch: &Batch) -> Result<Vec<Column>> {
        let mut columns = Vec::with_capacity(self.exprs.len());
        for (expr, uses) in &self.exprs {
            let only = std::slice::from_ref(expr);
            let (computed, warnings) = evaluate_counted(state, batch, only)?;
            if warnings > 0 {
                for _ in 1..*uses {
                    evaluate_counted(state, batch, only)?;
                }
            }
            columns.extend(computed);
        }
        Ok(columns)
    }
}

/// Returns how many of the leading arguments every row reaches that reaches the call: none before them
/// can be a NULL that ends the evaluation. What fails below a call that forgives fails elsewhere.
fn reached_arguments(call: &Call) -> usize {
    if !matches!(call.overload.body, Body::Strict(_)) || call.overload.forgives.is_some() {
        return 0;
    }
    let mut ending = call.args.iter().take(call.overload.stops_within);
    ending.position(|arg| arg.nullable).map_or(call.args.len(), |place| place + 1)
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
        (Node::Call(a), Node::Call(b)) => is_same_call(a, b),
        _ => false,
    }
}

fn is_same_call(a: &Call, b: &Call) -> bool {
    a.name == b.name
        && a.overload.name == b.overload.name
        && a.overload.volatility != Volatility::Volatile
        && a.options == b.options
        && a.ty == b.ty
        && a.collation == b.collation
        && a.args.len() == b.args.len()
        && a.args.iter().zip(&b.args).all(|(a, b)| is_same(a, b))
}
