// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! The language of when work may run: operators, pipelines, tasks, and what blocks them.
//!
//! Operators ([`Source`], [`Pipe`], [`Sink`]) answer each call with an [`OpOutput`]. A
//! [`LogicalPipeline`] joins channels of them to one sink and compiles into [`TaskGroups`], which a
//! host schedules on its own threads: it steps tasks, and a step answers with a [`TaskStatus`].
//! Blocking is a value (an [`Awaiter`] over [`Resumer`]s), never a blocked thread.
//!
//! [`Pipeline`] with [`Task`] and [`Reader`] needs no scheduler at all; [`SeededDriver`] and
//! [`ThreadPool`] are schedulers for hosts that have none.
//!
//! The design follows the public broken-pipeline library; where this crate differs (checked
//! transitions, cancellation, fair channels, one order of groups) it is said where it is done.
//!
//! A module uses only modules listed above it.

#![forbid(unsafe_code)]

mod signal;

mod resumer;

mod cancel;

mod awaiter;

mod run;

mod task;

mod output;

mod op;

mod handover;

mod metrics;

mod logical;

mod stage;

mod transition;

mod channel;

mod lane;

mod compile;

mod exchange;

mod drivers;

mod feed;

#[cfg(test)]
mod tests;

pub use awaiter::Awaiter;
pub use cancel::CancelToken;
pub use compile::CompiledPipeline;
pub use drivers::Choice;
pub use drivers::Driver;
pub use drivers::MonotonicClock;
pub use drivers::RunHandle;
pub use drivers::SeededDriver;
pub use drivers::ThreadPool;
pub use exchange::BatchQueue;
pub use exchange::BatchReader;
pub use exchange::Popped;
pub use exchange::Pushed;
pub use exchange::QueueSink;
pub use exchange::QueueSource;
pub use exchange::ReaderSource;
pub use exchange::check_schema;
pub use feed::Pipeline;
pub use feed::Reader;
pub use feed::Task;
pub use feed::TaskState;
pub use handover::Gather;
pub use handover::Handover;
pub use handover::WorkQueue;
pub use logical::Channel;
pub use logical::LogicalPipeline;
pub use metrics::Metrics;
pub use metrics::OperatorMetrics;
pub use metrics::OperatorRole;
pub use metrics::Progress;
pub use metrics::Volume;
pub use op::CompileContext;
pub use op::OpContext;
pub use op::Pipe;
pub use op::PipeLocal;
pub use op::Sink;
pub use op::SinkLocal;
pub use op::Source;
pub use op::SourceLocal;
pub use output::OpOutput;
pub use resumer::Resumer;
pub use run::Clock;
pub use run::RunContext;
pub use run::StoppedClock;
pub use stage::Stage;
pub use stage::StageChannel;
pub use task::GroupTask;
pub use task::Outcome;
pub use task::TaskContext;
pub use task::TaskGroup;
pub use task::TaskGroups;
pub use task::TaskHint;
pub use task::TaskStatus;
pub use tiforth_data::Batch;
