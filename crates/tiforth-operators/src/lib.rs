// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! The operators plans are made of: what a host says (specs), what runs (sources, pipes, sinks).
//!
//! ```text
//!  Plan (specs, JSON) ──compile(schemas, session)──▶ CompiledNode tree ──instantiate──▶ pipelines
//! ```
//!
//! Each operator is a folder: `spec.rs` is plain data, its other files are the states that run. A plan
//! holds erased specs, so adding an operator touches its own folder and one line of the list below,
//! which declares the folders and makes [`OPERATORS`].

#![forbid(unsafe_code)]

/// Declares the operators' folders, a line each, and lists the spec of each by its name in plans.
macro_rules! operators {
    ($($folder:ident: $spec:ident;)+) => {
        $(pub mod $folder;)+

        /// Lists the operators: the name plans call each by, and what reads its spec.
        pub const OPERATORS: &[(&str, Decoder)] =
            &[$(($folder::$spec::NAME, spec::decode::<$folder::$spec>),)+];
    };
}

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

pub mod delivery;

operators! {
    aggregate: AggregateSpec;
    filter: FilterSpec;
    limit: LimitSpec;
    pass_through: PassThroughSpec;
    projection: ProjectionSpec;
    sort: SortSpec;
    table: TableSpec;
    top_n: TopNSpec;
    values: ValuesSpec;
}

pub use build::{CompiledOperator, PipelineBuilder, RunInputs};
pub use join_key::{JoinKey, JoinSide};
pub use plan::Plan;
pub use spec::{CompileScope, Decoder, OperatorSpec, PlanError, Spec};
