// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! The language of *what* to compute: untyped trees, the binder that types them, the form functions
//! are written in, and the evaluators of batches and of single rows.
//!
//! ```text
//!  tree::Expr ──bind──▶ TypedExpr ──evaluate(batch)──▶ Column + warnings + errors
//!                 │
//!              Registry: Function { bind, doc } ─▶ Overload { Kernel: batch | row }
//! ```

#![forbid(unsafe_code)]

pub mod tree;

pub mod typed;

mod print;

pub mod context;

pub mod kernel;

pub mod function;

pub mod binder;

pub mod aggregate;

pub mod evaluate;

mod fused;

pub mod row_walker;

pub use aggregate::{
    Accumulator, AggregateFunction, BoundAggregate, FewGroups, FinishAggregate, GroupedRows,
    NO_GROUP, NewAccumulator, Places, place_of,
};
pub use binder::Binder;
pub use context::{CallContext, Diagnostics, RunValues};
pub use evaluate::Evaluator;
pub use function::{
    ArgKind, BindFn, Body, CallSite, CastRules, Collate, Doc, FoldFn, Function, Overload, Registry,
    Volatility,
};
pub use row_walker::{RowReader, RowWalker};
pub use tree::Expr;
pub use typed::{Call, Constant, Node, TypedExpr};
