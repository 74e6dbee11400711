// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Is an aggregation compiled for its input, and its sink in one run.

use std::sync::Arc;

use tiforth_data::{BatchSchema, Reservation};
use tiforth_expr::BoundAggregate;
use tiforth_pipeline::{CompileContext, Gather, OpContext, Sink, SinkLocal, Source, TaskGroup};
use tiforth_types::{Result, SqlType};

use super::arguments::Arguments;
use super::lane::{AggregateLocal, LaneState};
use super::merge::Merge;
use crate::build::{CompiledOperator, PipelineBuilder, RunState};
use crate::finished_rows::{FinishedSource, HandedBy};

/// Is one aggregate of a compiled aggregation.
pub(super) struct CompiledCall {
    pub(super) bound: BoundAggregate,
    pub(super) state: StateOf,
}

/// Says where the state of a call is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum StateOf {
    /// Among those of all values.
    All(usize),
    /// Among those of values that differ.
    Distinct(usize),
}

/// Is what is accumulated for one aggregate, or for several that accumulate the same.
pub(super) struct CompiledState {
    /// The first of the calls.
    pub(super) bound: BoundAggregate,
    /// The places of the arguments among those that are computed.
    pub(super) args: Vec<usize>,
}

impl CompiledState {
    /// Returns the arguments' types.
    pub(super) fn arg_types(&self) -> Vec<SqlType> {
        self.bound.args.iter().map(|arg| arg.ty.clone()).collect()
    }
}

/// Holds the aggregates, and what is accumulated for them.
#[derive(Default)]
pub(super) struct Calls {
    pub(super) calls: Vec<CompiledCall>,
    pub(super) states: Vec<CompiledState>,
    pub(super) distinct: Vec<CompiledState>,
}

impl Calls {
    /// Adds an aggregate; one that accumulates what another does shares its state.
    pub(super) fn add(&mut self, bound: BoundAggregate, args: Vec<usize>, is_distinct: bool) {
        let states = if is_distinct { &mut self.distinct } else { &mut self.states };
        let shared = states.iter().position(|s| s.bound.state == bound.state && s.args == args);
        let state = shared.unwrap_or(states.len());
        if shared.is_none() {
            states.push(CompiledState { bound: bound.clone(), args });
        }
        let state = if is_distinct { StateOf::Distinct(state) } else { StateOf::All(state) };
        self.calls.push(CompiledCall { bound, state });
    }
}

/// Is what all runs share.
pub(super) struct Plan {
    pub(super) schema: BatchSchema,
    pub(super) arguments: Arguments,
    /// The places of the keys among what is computed.
    pub(super) keys: Vec<usize>,
    pub(super) calls: Calls,
}

/// Is an aggregation compiled for its input's schema.
pub(super) struct CompiledAggregate {
    plan: Arc<Plan>,
}

impl CompiledAggregate {
    pub(super) fn new(
        schema: BatchSchema,
        arguments: Arguments,
        keys: Vec<usize>,
        calls: Calls,
    ) -> Self {
        CompiledAggregate { plan: Arc::new(Plan { schema, arguments, keys, calls }) }
    }
}

impl CompiledOperator for CompiledAggregate {
    fn schema(&self) -> &BatchSchema {
        &self.plan.schema
    }

    fn build(&self, builder: &mut PipelineBuilder<'_>) -> Result<()> {
        let schema = Arc::clone(&self.plan.schema);
        let sink = AggregateSink {
            plan: Arc::clone(&self.plan),
            state: builder.state.clone(),
            lanes: Gather::new(builder.lanes),
            merge: Merge::new(builder.lanes),
            output: FinishedSource::new("aggregate", schema, HandedBy::AnyLane),
        };
        builder.end("aggregate", Arc::new(sink))
    }
}

/// Is the sink of one run.
pub(super) struct AggregateSink {
    pub(super) plan: Arc<Plan>,
    pub(super) state: RunState,
    /// What the lanes leave when they close.
    pub(super) lanes: Gather<LaneState>,
    pub(super) merge: Merge,
    pub(super) output: Arc<FinishedSource>,
}

impl AggregateSink {
    /// Opens a claim on the run's memory.
    pub(super) fn claim(&self) -> Reservation {
        Reservation::new(Arc::clone(&self.state.run.memory), "aggregate")
    }
}

impl Sink for AggregateSink {
    fn name(&self) -> &str {
        "aggregate"
    }

    fn local(self: Arc<Self>, _: &OpContext<'_>) -> Result<Box<dyn SinkLocal>> {
        Ok(Box::new(AggregateLocal::new(self)))
    }

    fn frontend(self: Arc<Self>, ctx: &CompileContext<'_>) -> Result<Vec<TaskGroup>> {
        Ok(super::merge::task_groups(&self, ctx.lanes))
    }

    fn implicit_source(self: Arc<Self>) -> Option<Arc<dyn Source>> {
        Some(Arc::clone(&self.output) as Arc<dyn Source>)
    }
}
