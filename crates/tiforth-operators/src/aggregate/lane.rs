// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Aggregates the batches of one lane.

use std::sync::Arc;

use tiforth_data::column::DecodeContext;
use tiforth_data::{Batch, Column, ColumnData, Reservation};
use tiforth_expr::{Accumulator, BoundAggregate, GroupedRows};
use tiforth_pipeline::{OpContext, OpOutput, SinkLocal};
use tiforth_types::{Result, Session, SqlType};

use super::distinct::DistinctValues;
use super::few::GroupBytes;
use super::groups::{Groups, rows_of};
use super::sink::{AggregateSink, CompiledState};
use crate::growth::settle;

/// Is what one lane has aggregated.
pub(super) struct LaneState {
    pub(super) groups: Groups,
    pub(super) groups_claim: Reservation,
    pub(super) states: Vec<CallState>,
}

/// Is what one lane has accumulated of one state, and the claim it stands on.
pub(super) struct CallState {
    pub(super) values: CallValues,
    pub(super) claim: Reservation,
}

pub(super) enum CallValues {
    Accumulated(Accumulated),
    Distinct(Box<DistinctValues>),
}

/// Holds an accumulator and what of its claim is booked.
pub(super) struct Accumulated {
    pub(super) accumulator: Box<dyn Accumulator>,
    booked: usize,
    capacity: usize,
    rows_unseen: usize,
}

impl Accumulated {
    /// Makes the accumulator of a call.
    pub(super) fn new(accumulator: Box<dyn Accumulator>) -> Self {
        Accumulated { accumulator, booked: 0, capacity: 0, rows_unseen: 0 }
    }

    /// Makes room for `groups` groups. The states of a group take as much as those of the groups
    /// before it.
    pub(super) fn make_room(&mut self, groups: usize, claim: &mut Reservation) -> Result<()> {
        if self.capacity == 0 {
            self.accumulator.resize(1);
            self.capacity = 1;
            settle(claim, &mut self.booked, self.accumulator.byte_size())?;
        }
        if groups > self.capacity {
            let wanted = groups.max(self.capacity * 2);
            let more = self.booked.div_ceil(self.capacity).saturating_mul(wanted);
            claim.grow(more)?;
            self.booked += more;
            self.accumulator.resize(groups);
            self.capacity = wanted;
            return settle(claim, &mut self.booked, self.accumulator.byte_size());
        }
        self.accumulator.resize(groups);
        Ok(())
    }

    fn update(
        &mut self,
        args: &[Column],
        rows: GroupedRows<'_>,
        claim: &mut Reservation,
    ) -> Result<()> {
        self.make_room(rows.group_count, claim)?;
        // What an accumulator may keep of texts.
        let texts = args.iter().map(|arg| match arg.data() {
            ColumnData::Bytes(values) => values.value_bytes(),
            _ => 0,
        });
        let texts = texts.sum::<usize>();
        claim.grow(texts)?;
        self.booked += texts;
        self.accumulator.update(args, rows)?;
        // Asking may take as long as there are groups.
        self.rows_unseen += rows.rows.count();
        if self.rows_unseen >= rows.group_count {
            self.rows_unseen = 0;
            settle(claim, &mut self.booked, self.accumulator.byte_size())?;
        }
        Ok(())
    }

    /// Makes the values of a call.
    pub(super) fn finish(
        &self,
        call: &BoundAggregate,
        session: &Session,
        claim: &mut Reservation,
    ) -> Result<Column> {
        let mut booked = 0;
        settle(claim, &mut booked, self.accumulator.byte_size())?;
        let column = (call.finish)(&*self.accumulator, call, session)?;
        settle(claim, &mut booked, column.byte_size())?;
        Ok(column)
    }
}

/// Is the sink's state in one lane.
pub(super) struct AggregateLocal {
    sink: Arc<AggregateSink>,
    how: DecodeContext,
    state: LaneState,
    numbers: Vec<u32>,
    bytes: GroupBytes,
}

impl AggregateLocal {
    pub(super) fn new(sink: Arc<AggregateSink>) -> Self {
        let session = &sink.state.session;
        let how = DecodeContext::new(session.time_zone);
        let seed = sink.state.run.seed;
        let call_state = |state: &CompiledState| {
            let values = if state.is_distinct {
                CallValues::Distinct(Box::new(DistinctValues::new(state.arg_types(), seed, || {
                    sink.claim()
                })))
            } else {
                let accumulator = (state.bound.accumulator)(&state.bound, session);
                CallValues::Accumulated(Accumulated::new(accumulator))
            };
            CallState { values, claim: sink.claim() }
        };
        let plan = &sink.plan;
        let key_types: Vec<SqlType> =
            plan.schema.iter().take(plan.keys.len()).map(|f| f.sql_type.clone()).collect();
        let state = LaneState {
            groups: Groups::new(key_types, seed, || sink.claim()),
            groups_claim: sink.claim(),
            states: plan.calls.states.iter().map(call_state).collect(),
        };
        AggregateLocal { sink, how, state, numbers: Vec::new(), bytes: GroupBytes::default() }
    }

    fn add(&mut self, batch: &Batch) -> Result<()> {
        let plan = &self.sink.plan;
        let columns = plan.arguments.evaluate(&self.sink.state, &self.how, batch)?;
        let picked = |places: &[usize]| -> Vec<Column> {
            places.iter().filter_map(|&place| columns.get(place).cloned()).collect()
        };
        let LaneState { groups, groups_claim, states } = &mut self.state;
        let has_keys = !plan.keys.is_empty();
        if has_keys {
            groups.number(batch, &picked(&plan.keys), &mut self.numbers, groups_claim)?;
        }
        let numbers = has_keys.then_some(&self.numbers[..]);
        let (rows, group_count) = (rows_of(batch), groups.len());
        let few = self.bytes.spread(rows, numbers, group_count, groups_claim)?;
        let rows = GroupedRows { rows, groups: numbers, group_count, few };
        for (state, CallState { values, claim }) in plan.calls.states.iter().zip(states) {
            let args = picked(&state.args);
            match values {
                CallValues::Accumulated(accumulated) => accumulated.update(&args, rows, claim)?,
                CallValues::Distinct(values) => values.add(batch, &args, numbers, claim)?,
            }
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
        self.sink.lanes.put(ctx.lane(), self.state)
    }
}
