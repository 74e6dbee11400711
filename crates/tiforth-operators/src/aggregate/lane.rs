// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Aggregates the batches of one lane: directly while groups are few enough for the caches, else by
//! keeping rows apart until a partition of them is aggregated at a time.

use std::sync::Arc;

use tiforth_data::column::DecodeContext;
use tiforth_data::{Batch, Column, Reservation};
use tiforth_expr::Places;
use tiforth_pipeline::{OpContext, OpOutput, SinkLocal};
use tiforth_types::Result;

use super::distinct::DistinctValues;
use super::groups::rows_of;
use super::parted::{Chunk, PartedRows};
use super::partial::Partial;
use super::sink::AggregateSink;

/// Is how many groups each of several lanes aggregates directly.
const GROUPS_DIRECT: usize = if cfg!(test) { 200 } else { 1 << 17 };

/// Is what one lane has aggregated.
pub(super) struct LaneState {
    pub(super) direct: Partial,
    /// A partial a partition, or none.
    pub(super) parts: Vec<Partial>,
    /// The rows that are still to be added.
    pub(super) chunks: Vec<Chunk>,
    pub(super) distinct: Vec<DistinctState>,
}

/// Is the distinct values of one state, and the claim they stand on.
pub(super) struct DistinctState {
    pub(super) values: DistinctValues,
    pub(super) claim: Reservation,
}

/// Is the sink's state in one lane.
pub(super) struct AggregateLocal {
    sink: Arc<AggregateSink>,
    how: DecodeContext,
    direct: Partial,
    parted: Option<PartedRows>,
    distinct: Vec<DistinctState>,
}

impl AggregateLocal {
    pub(super) fn new(sink: Arc<AggregateSink>) -> Self {
        let how = DecodeContext::new(sink.state.session.time_zone);
        let seed = sink.state.run.seed;
        let distinct = sink.plan.calls.distinct.iter().map(|state| DistinctState {
            values: DistinctValues::new(state.arg_types(), seed, || sink.claim()),
            claim: sink.claim(),
        });
        let (distinct, direct) = (distinct.collect(), Partial::new(&sink));
        AggregateLocal { sink, how, direct, parted: None, distinct }
    }

    fn add(&mut self, batch: &Batch) -> Result<()> {
        let plan = &self.sink.plan;
        let columns = plan.arguments.evaluate(&self.sink.state, &self.how, batch)?;
        if let Some(parted) = &mut self.parted {
            return parted.add(batch, columns, &self.how);
        }
        let (rows, places) = (rows_of(batch), Places::Batch(batch.number()));
        let groups = self.direct.add(&self.sink, &columns, rows, places)?;
        for (state, DistinctState { values, claim }) in
            plan.calls.distinct.iter().zip(&mut self.distinct)
        {
            let args: Vec<Column> =
                state.args.iter().filter_map(|&place| columns.get(place).cloned()).collect();
            values.add(batch, &args, groups, claim)?;
        }
        // One lane alone has nothing to merge. The values of DISTINCT stay with the groups of their
        // lane.
        let is_alone = self.sink.lanes.lanes() < 2 && !cfg!(test);
        let is_many = self.direct.groups.len() > GROUPS_DIRECT;
        if is_many && !is_alone && plan.calls.distinct.is_empty() {
            self.parted = Some(PartedRows::new(Arc::clone(&self.sink)));
        }
        Ok(())
    }
}

impl SinkLocal for AggregateLocal {
    fn sink(&mut self, ctx: &OpContext<'_>, input: Option<Batch>) -> Result<OpOutput> {
        if ctx.is_cancelled() {
            return Ok(OpOutput::Cancelled);
        }
        if let Some(batch) = input {
            self.add(&batch)?;
        }
        Ok(OpOutput::NeedsMore)
    }

    fn close(self: Box<Self>, ctx: &OpContext<'_>) -> Result<()> {
        let AggregateLocal { sink, how, direct, parted, distinct } = *self;
        let (parts, chunks) = match parted {
            Some(parted) => parted.finish(&how)?,
            None => (Vec::new(), Vec::new()),
        };
        sink.lanes.put(ctx.lane(), LaneState { direct, parts, chunks, distinct })
    }
}
