// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! The operators plans are made of: what a host says (specs), what runs (sources, pipes, sinks).
//!
//! ```text
//!  Plan (specs, JSON) ──compile(schemas, session)──▶ CompiledNode tree ──instantiate──▶ pipelines
//! ```
//!
//! Each operator is a folder: `spec.rs` is plain data, its other files are the states that run. A plan
//! holds erased specs, so adding an operator touches its own folder and one line of [`OPERATORS`].

#![forbid(unsafe_code)]

pub mod spec;

pub mod plan;

pub mod build;

pub mod join_key;

mod evaluation;

mod growth;

mod hash_table;
mod kept_rows;

mod finished_rows;
mod sort_run;
mod steps;

#[cfg(test)]
mod trial;

pub mod aggregate;
pub mod delivery;
pub mod filter;
pub mod limit;
pub mod pass_through;
pub mod projection;
pub mod sort;
pub mod table;
pub mod top_n;
pub mod values;

pub use build::{CompiledOperator, PipelineBuilder, RunInputs};
pub use join_key::{JoinKey, JoinSide};
pub use plan::Plan;
pub use spec::{CompileScope, Decoder, OperatorSpec, PlanError, Spec};

/// Lists the operators: the name plans call each by, and what reads its spec.
pub const OPERATORS: &[(&str, Decoder)] = &[
    (aggregate::AggregateSpec::NAME, spec::decode::<aggregate::AggregateSpec>),
    (filter::FilterSpec::NAME, spec::decode::<filter::FilterSpec>),
    (limit::LimitSpec::NAME, spec::decode::<limit::LimitSpec>),
    (pass_through::PassThroughSpec::NAME, spec::decode::<pass_through::PassThroughSpec>),
    (projection::ProjectionSpec::NAME, spec::decode::<projection::ProjectionSpec>),
    (sort::SortSpec::NAME, spec::decode::<sort::SortSpec>),
    (table::TableSpec::NAME, spec::decode::<table::TableSpec>),
    (top_n::TopNSpec::NAME, spec::decode::<top_n::TopNSpec>),
    (values::ValuesSpec::NAME, spec::decode::<values::ValuesSpec>),
];
