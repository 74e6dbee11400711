// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Brings together what the lanes have and makes the output columns.
//!
//! ```text
//!  collect │ aggregate, a partition at a time │ number by place │ columns │ publish
//!  barrier │ tasks                            │ barrier         │ tasks   │ barrier
//! ```
//!
//! Where only one lane has groups and met them in order, they keep their numbers and nothing is
//! matched.

use std::sync::Arc;

use tiforth_data::column::DecodeContext;
use tiforth_data::{Column, Reservation};
use tiforth_pipeline::{Handover, TaskGroup, WorkQueue};
use tiforth_types::{InternalError, Result};

use super::distinct;
use super::lane::{DistinctState, LaneState};
use super::order::GroupOrder;
use super::parted::{Chunk, PARTITION_BITS};
use super::partial::{Accumulated, Partial};
use super::sink::{AggregateSink, StateOf};
use crate::finished_rows::FinishedRows;
use crate::growth::filled;
use crate::hash_table::by_partition;
use crate::kept_rows::{join, take_owned};
use crate::steps::Steps;

/// Is the number of groups up to which one partition is enough.
const GROUPS_ALONE: usize = 4_096;

/// Is what passes between the task groups of the merge.
pub(super) struct Merge {
    lanes: usize,
    collected: Handover<Collected>,
    partitions: WorkQueue<PartitionJob>,
    parts: WorkQueue<Part>,
    numbered: Handover<Numbered>,
    columns: WorkQueue<ColumnJob>,
    finished: WorkQueue<(usize, Column, Reservation)>,
}

/// Is what the lanes have left, but what is of one partition or one column.
struct Collected {
    directs: Vec<Direct>,
    chunks: Vec<Chunk>,
}

/// Is the groups a lane has aggregated directly, listed by partition.
struct Direct {
    partial: Partial,
    keys: Vec<Column>,
    groups: Vec<u32>,
    starts: Vec<u32>,
    _claim: Reservation,
}

/// Says which partition to aggregate: what lanes have aggregated of it alone.
struct PartitionJob {
    partition: usize,
    parts: Vec<Partial>,
}

/// Is the groups of one partition.
struct Part {
    partition: usize,
    places: Vec<u64>,
    /// The output columns, but those of DISTINCT.
    columns: Vec<Option<Column>>,
    /// Which of these a lane's groups are: (lane, its groups, groups here); for DISTINCT alone.
    members: Vec<(usize, Vec<u32>, Vec<u32>)>,
    _claim: Reservation,
}

/// Is the groups in the order in which they are given.
struct Numbered {
    count: usize,
    parts: Vec<Part>,
    /// Absent where the only part's own order is that.
    order: Option<GroupOrder>,
    /// The number of each lane's groups, for DISTINCT.
    maps: Vec<Arc<[u32]>>,
    _claim: Reservation,
}

/// Says which output columns to make.
enum ColumnJob {
    One(usize),
    /// Those of the aggregates that share a state of distinct values.
    Distinct(usize, Vec<DistinctState>),
}

impl Merge {
    pub(super) fn new(lanes: usize) -> Self {
        Merge {
            lanes,
            collected: Handover::new(),
            partitions: WorkQueue::new(),
            parts: WorkQueue::new(),
            numbered: Handover::new(),
            columns: WorkQueue::new(),
            finished: WorkQueue::new(),
        }
    }
}

/// Returns the task groups of the merge.
pub(super) fn task_groups(sink: &Arc<AggregateSink>, lanes: usize) -> Vec<TaskGroup> {
    let steps = Steps { name: "aggregate", sink, lanes };
    vec![
        steps.once("collect", collect),
        steps.in_lanes("aggregate partitions", aggregate_next),
        steps.once("number groups", number),
        steps.in_lanes("make columns", make_next),
        steps.once("publish", publish),
    ]
}

fn how(sink: &AggregateSink) -> DecodeContext {
    DecodeContext::new(sink.state.session.time_zone)
}

fn collect(sink: &AggregateSink) -> Result<()> {
    let (merge, plan) = (&sink.merge, &sink.plan);
    let has_keys = !plan.keys.is_empty();
    let mut partials = Vec::new();
    let mut chunks = Vec::new();
    let mut parts: Vec<Vec<Partial>> = Vec::new();
    let mut distinct: Vec<Vec<DistinctState>> =
        plan.calls.distinct.iter().map(|_| Vec::new()).collect();
    for LaneState { direct, parts: its_parts, chunks: its_chunks, distinct: its_distinct } in
        sink.lanes.take_all()
    {
        if has_keys && direct.groups.len() == 0 {
            continue;
        }
        partials.push(direct);
        chunks.extend(its_chunks);
        parts.resize_with(parts.len().max(its_parts.len()), Vec::new);
        parts.iter_mut().zip(its_parts).for_each(|(all, part)| all.push(part));
        distinct.iter_mut().zip(its_distinct).for_each(|(all, one)| all.push(one));
    }
    let is_parted = !chunks.is_empty() || !parts.is_empty();
    let total: usize = partials.iter().map(|p| p.groups.len()).sum();
    let bits = match merge.lanes {
        _ if is_parted => PARTITION_BITS,
        0 | 1 => 0,
        _ if total <= GROUPS_ALONE => 0,
        lanes => (lanes * 4).next_power_of_two().trailing_zeros(),
    };
    let columns = 0..plan.schema.len();
    let is_distinct = |column: &usize| {
        let call = column.checked_sub(plan.keys.len()).and_then(|call| plan.calls.calls.get(call));
        call.is_some_and(|call| matches!(call.state, StateOf::Distinct(_)))
    };
    merge.columns.extend(columns.filter(|c| !is_distinct(c)).map(ColumnJob::One));
    let jobs = distinct.into_iter().enumerate();
    merge.columns.extend(jobs.map(|(state, lanes)| ColumnJob::Distinct(state, lanes)));
    let mut directs = Vec::with_capacity(partials.len());
    let is_alone = !is_parted && partials.len() == 1;
    if is_alone && partials.iter().all(|p| p.groups.is_ordered()) {
        let alone = PartitionJob { partition: 0, parts: partials };
        merge.partitions.extend([alone]);
    } else {
        for partial in partials {
            directs.push(listed(sink, partial, bits)?);
        }
        parts.resize_with(1 << bits, Vec::new);
        let jobs = parts.into_iter().enumerate();
        merge.partitions.extend(jobs.map(|(partition, parts)| PartitionJob { partition, parts }));
    }
    merge.collected.publish(Collected { directs, chunks })
}

/// Lists a lane's groups by partition.
fn listed(sink: &AggregateSink, partial: Partial, bits: u32) -> Result<Direct> {
    let mut claim = sink.claim();
    let keys = partial.key_columns(&how(sink), &mut claim)?;
    let mut groups = Vec::new();
    let starts = if keys.is_empty() {
        groups.push(0);
        vec![0, 1]
    } else {
        by_partition(partial.groups.hashes(), bits, &mut groups, &mut claim)?
    };
    Ok(Direct { partial, keys, groups, starts, _claim: claim })
}

/// Aggregates the next partition; false when none is left.
fn aggregate_next(sink: &AggregateSink) -> Result<bool> {
    let merge = &sink.merge;
    let Some(PartitionJob { partition, parts }) = merge.partitions.pop() else { return Ok(false) };
    let Collected { directs, chunks } = merge.collected.get()?;
    let mut parts = parts.into_iter();
    let mut all = parts.next().unwrap_or_else(|| Partial::new(sink));
    let mut members = Vec::new();
    let mut claim = sink.claim();
    for (lane, direct) in directs.iter().enumerate() {
        let Some(&[start, end]) = direct.starts.get(partition..partition + 2) else { continue };
        let from = direct.groups.get(start as usize..end as usize).unwrap_or_default();
        let to = all.absorb(&direct.partial, &direct.keys, from)?;
        if !sink.plan.calls.distinct.is_empty() {
            claim.grow(from.len() * 8)?;
            members.push((lane, from.to_vec(), to.to_vec()));
        }
    }
    for part in parts {
        let mut scratch_claim = sink.claim();
        let keys = part.key_columns(&how(sink), &mut scratch_claim)?;
        let mut from = filled(0, part.groups.len(), &mut scratch_claim)?;
        from.iter_mut().zip(0u32..).for_each(|(from, group)| *from = group);
        all.absorb(&part, &keys, &from)?;
    }
    for chunk in chunks {
        chunk.add_to(&mut all, partition, sink)?;
    }
    let columns = columns_of(sink, &mut all, &mut claim)?;
    let mut places = filled(0, all.groups.places().len(), &mut claim)?;
    places.copy_from_slice(all.groups.places());
    merge.parts.extend([Part { partition, places, columns, members, _claim: claim }]);
    Ok(true)
}

/// Makes the output columns of a partition's groups, but those of DISTINCT.
fn columns_of(
    sink: &AggregateSink,
    all: &mut Partial,
    claim: &mut Reservation,
) -> Result<Vec<Option<Column>>> {
    let mut columns: Vec<Option<Column>> =
        all.key_columns(&how(sink), claim)?.into_iter().map(Some).collect();
    for call in &sink.plan.calls.calls {
        let state = match call.state {
            StateOf::All(state) => all.state(state)?,
            StateOf::Distinct(_) => None,
        };
        let session = &sink.state.session;
        let column = state.map(|state| state.finish(&call.bound, session, claim)).transpose()?;
        columns.push(column);
    }
    Ok(columns)
}

fn number(sink: &AggregateSink) -> Result<()> {
    let merge = &sink.merge;
    let mut claim = sink.claim();
    let mut parts: Vec<Part> = std::iter::from_fn(|| merge.parts.pop()).collect();
    parts.sort_by_key(|part| part.partition);
    let count = match sink.plan.keys.len() {
        0 => 1,
        _ => parts.iter().map(|part| part.places.len()).sum(),
    };
    let is_ordered = match &parts[..] {
        [] => true,
        [only] => only.places.is_sorted(),
        _ => false,
    };
    let order = if is_ordered {
        None
    } else {
        let places: Vec<&[u64]> = parts.iter().map(|part| &part.places[..]).collect();
        Some(GroupOrder::new(&places, &mut claim)?)
    };
    let mut maps = Vec::new();
    if !sink.plan.calls.distinct.is_empty() {
        let directs = &merge.collected.get()?.directs;
        for direct in directs {
            maps.push(filled(0u32, direct.partial.groups.len(), &mut claim)?);
        }
        for (index, part) in parts.iter().enumerate() {
            let numbers = order.as_ref().and_then(|order| order.numbers.get(index));
            for (lane, from, to) in &part.members {
                for (&from, &to) in from.iter().zip(to) {
                    let number = numbers.map_or(Some(to), |n| n.get(to as usize).copied());
                    let slot = maps.get_mut(*lane).and_then(|map| map.get_mut(from as usize));
                    if let (Some(slot), Some(number)) = (slot, number) {
                        *slot = number;
                    }
                }
            }
        }
        if directs.is_empty() {
            let mut own = filled(0u32, count, &mut claim)?;
            own.iter_mut().zip(0u32..).for_each(|(number, group)| *number = group);
            maps.push(own);
        }
    }
    let maps = maps.into_iter().map(Into::into).collect();
    merge.numbered.publish(Numbered { count, parts, order, maps, _claim: claim })
}

/// Makes the next output columns; false when none are left.
fn make_next(sink: &AggregateSink) -> Result<bool> {
    let merge = &sink.merge;
    let Some(job) = merge.columns.pop() else { return Ok(false) };
    let numbered = merge.numbered.get()?;
    match job {
        ColumnJob::One(place) => {
            let mut claim = sink.claim();
            let column = output_column(sink, place, numbered, &mut claim)?;
            merge.finished.extend([(place, column, claim)]);
        }
        ColumnJob::Distinct(state, lanes) => {
            let all = distinct_state(sink, state, lanes, numbered)?;
            for (place, call) in (sink.plan.keys.len()..).zip(&sink.plan.calls.calls) {
                if call.state == StateOf::Distinct(state) {
                    let mut claim = sink.claim();
                    let column = all.finish(&call.bound, &sink.state.session, &mut claim)?;
                    merge.finished.extend([(place, column, claim)]);
                }
            }
        }
    }
    Ok(true)
}

/// Puts an output column of all partitions in order.
fn output_column(
    sink: &AggregateSink,
    place: usize,
    numbered: &Numbered,
    claim: &mut Reservation,
) -> Result<Column> {
    let Some(ty) = sink.plan.schema.get(place).map(|f| &f.sql_type) else {
        return Err(InternalError::new("an aggregation's column has no field").into());
    };
    let portions: Vec<&Column> =
        numbered.parts.iter().filter_map(|p| p.columns.get(place)?.as_ref()).collect();
    let how = how(sink);
    let Some(order) = &numbered.order else { return join(&portions, ty, &how, claim) };
    let mut scratch_claim = sink.claim();
    let joined = join(&portions, ty, &how, &mut scratch_claim)?;
    take_owned(&joined, &order.order, claim)
}

/// Accumulates the lanes' distinct values of a state.
fn distinct_state(
    sink: &AggregateSink,
    state: usize,
    lanes: Vec<DistinctState>,
    numbered: &Numbered,
) -> Result<Accumulated> {
    let Some(state) = sink.plan.calls.distinct.get(state) else {
        return Err(InternalError::new("an aggregation has no such aggregate").into());
    };
    let mut all = Accumulated::new(&state.bound, sink);
    all.make_room(numbered.count)?;
    let (values, _claims): (Vec<_>, Vec<_>) =
        lanes.into_iter().map(|lane| (lane.values, lane.claim)).unzip();
    if !values.is_empty() {
        let mut scratch_claim = sink.claim();
        let with = (sink.state.run.seed, &how(sink));
        let to = &mut *all.accumulator;
        let (maps, count) = (&numbered.maps[..], numbered.count);
        distinct::accumulate(values, maps, to, count, with, &mut scratch_claim)?;
    }
    Ok(all)
}

fn publish(sink: &AggregateSink) -> Result<()> {
    let merge = &sink.merge;
    let mut made: Vec<_> = std::iter::from_fn(|| merge.finished.pop()).collect();
    made.sort_by_key(|(place, _, _)| *place);
    let (mut columns, mut claims) = (Vec::new(), Vec::new());
    for (_, column, claim) in made {
        columns.push(column);
        claims.push(claim);
    }
    let rows = merge.numbered.get()?.count;
    sink.output.publish(FinishedRows { columns, rows, _claims: claims })
}
