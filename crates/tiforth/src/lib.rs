// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! TiForth gives exactly the answers TiDB gives (MySQL semantics: values, types, warnings, errors) over
//! Arrow data, inside your process.
//!
//! # A guided tour
//!
//! **Expressions.** An [`Engine`] knows the functions; a [`Session`] holds the settings answers depend
//! on. Binding an expression over an Arrow schema types it once; it then runs over any number of
//! batches with that schema.
//!
//! ```
//! use std::sync::Arc;
//! use tiforth::arrow::array::{ArrayRef, Int64Array, RecordBatch};
//! use tiforth::{Engine, RunContext, Session};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let a: ArrayRef = Arc::new(Int64Array::from(vec![7, 0]));
//! let batch = RecordBatch::try_from_iter([("a", a)])?;
//!
//! let engine = Engine::new();
//! let expr = engine.bind("10 / a", &batch.schema(), &Session::default())?;
//! let answer = expr.evaluate(&batch, &RunContext::default())?;
//!
//! assert_eq!(expr.result_type().to_string(), "decimal(7,4)");
//! assert_eq!(answer.text(0).as_deref(), Some("1.4286"));
//! assert_eq!(answer.text(1), None); // 10 / 0 is NULL …
//! assert_eq!(answer.warnings[0].1.error.message(), "Division by 0"); // … and a warning
//! # Ok(())
//! # }
//! ```
//!
//! **Plans.** A [`Plan`] is a tree of operator specs, in Rust or as JSON. The engine compiles it against
//! the tables' schemas into a [`CompiledPlan`], which runs many times and concurrently, each run with
//! its own [`RunContext`]: the moment NOW() means, memory, a cancel token.
//!
//! ```
//! # use std::sync::Arc;
//! # use tiforth::arrow::array::{ArrayRef, Int64Array, RecordBatch};
//! use tiforth::{Engine, Plan, RunContext, Session, TableInput, Tables, ThreadPool};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let a: ArrayRef = Arc::new(Int64Array::from(vec![1, 2, 3]));
//! # let batch = RecordBatch::try_from_iter([("a", a)])?;
//! let plan = Plan::from_json(
//!     r#"{ "version": 1,
//!          "plan": { "operator": "filter", "predicate": "a % 2 = 1",
//!                    "input": { "operator": "table", "table": "t" } } }"#,
//! )?;
//! let tables = Tables::new().with("t", batch.schema());
//! let engine = Engine::new();
//! let compiled = engine.compile(&plan, &tables, &Session::default())?;
//!
//! let inputs = vec![("t".to_owned(), TableInput::from(vec![batch]))];
//! let pool = ThreadPool::new(2)?;
//! let mut run = compiled.start(inputs, &RunContext::default(), &pool)?;
//! let mut rows = 0;
//! while let Some(batch) = run.next_batch()? {
//!     rows += batch.num_rows();
//! }
//! assert_eq!(rows, 2);
//! # Ok(())
//! # }
//! ```
//!
//! **Your own scheduler.** [`CompiledPlan::instantiate`] gives the run's task groups instead of running
//! them: step their tasks on threads of your own, in the order they come; a blocked task is a value
//! with something to wait for, never a blocked thread. See [`pipeline`].
//!
//! **Your own functions.** [`Engine::with_function`] adds one, by the same definition the built-in
//! functions have. See [`expr`].
//!
//! The parts, from the bottom up: [`types`] says what a SQL value means, [`data`] how values lie in
//! memory, [`expr`] what to compute, [`pipeline`] when, [`operators`] what plans are made of.

#![forbid(unsafe_code)]

mod engine;
mod expression;
mod plan;
mod tables;

pub use engine::Engine;
pub use expression::{Answer, BoundExpr, Printed};
pub use plan::{CompiledPlan, OperatorProfile, PlanRun, RowsRead, Run};
pub use tables::{TableInput, Tables};

pub use tiforth_operators::Plan;
pub use tiforth_pipeline::{CancelToken, RunContext, ThreadPool};
pub use tiforth_types::{
    Datum, Error, InternalError, Level, Now, Session, SqlError, SqlMode, SqlType, StatementKind,
    TimeZone, Warning,
};

pub use tiforth_data as data;
pub use tiforth_expr as expr;
pub use tiforth_operators as operators;
pub use tiforth_pipeline as pipeline;
pub use tiforth_sql as sql;
pub use tiforth_types as types;

/// Is the one Arrow this library speaks.
pub mod arrow {
    pub use arrow_array as array;
    pub use arrow_buffer as buffer;
    pub use arrow_schema as schema;
    pub use arrow_select as select;
}

/// Holds the README's program to compiling and running.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
