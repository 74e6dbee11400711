// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Brings the lanes' groups together and makes the output columns.
//!
//! ```text
//!  collect │ match keys, a partition of the hash at a time │ number by place │ columns │ publish
//!  barrier │ tasks                                         │ barrier         │ tasks   │ barrier
//! ```
//!
//! Where only one lane has groups and met them in order, they keep their numbers and nothing is
//! matched.

use std::sync::Arc;

use tiforth_data::column::DecodeContext;
use tiforth_data::{Column, Reservation};
use tiforth_expr::kernel::Rows;
use tiforth_pipeline::{GroupTask, Handover, TaskContext, TaskGroup, TaskStatus, WorkQueue};
use tiforth_types::{InternalError, Result};

use super::distinct;
use super::groups::Groups;
use super::lane::{Accumulated, CallState, CallValues};
use super::sink::AggregateSink;
use crate::finished_rows::FinishedRows;
use crate::growth::{filled, make_room};
use crate::hash_table::{GroupTable, KeyEncoder};
use crate::kept_rows::{join, take_owned};

/// Is the number of groups up to which one partition is enough.
const GROUPS_ALONE: usize = 4_096;

/// Is what passes between the task groups of the merge.
pub(super) struct Merge {
    lanes: usize,
    collected: Handover<Collected>,
    partitions: WorkQueue<usize>,
    matched: WorkQueue<Matched>,
    numbered: Handover<Numbered>,
    columns: WorkQueue<ColumnJob>,
    finished: WorkQueue<(usize, Column, Reservation)>,
}

/// Is what the lanes have left.
struct Collected {
    groups: Vec<(Groups, Reservation)>,
    partition_bits: u32,
}

/// Is the groups of one partition, matched over all lanes.
struct Matched {
    /// The first place of each.
    places: Vec<u64>,
    /// The lane and group whose row that is.
    firsts: Vec<(u32, u32)>,
    /// Which of these a lane's group is: (lane, group, which).
    members: Vec<(u32, u32, u32)>,
    _claim: Reservation,
}

/// Is the groups in the order in which they are given.
struct Numbered {
    count: usize,
    /// The number of each lane's groups.
    maps: Vec<Arc<[u32]>>,
    /// The lane and group that has each group's keys; the only lane's own order where it is absent.
    firsts: Option<Vec<(u32, u32)>>,
    _claim: Reservation,
}

/// Says which output column to make.
enum ColumnJob {
    Key(usize),
    /// Those of the aggregates that share a state.
    Calls(usize, Vec<CallState>),
}

impl Merge {
    pub(super) fn new(lanes: usize) -> Self {
        Merge {
            lanes,
            collected: Handover::new(),
            partitions: WorkQueue::new(),
            matched: WorkQueue::new(),
            numbered: Handover::new(),
            columns: WorkQueue::new(),
            finished: WorkQueue::new(),
        }
    }
}

/// Returns the task groups of the merge.
pub(super) fn task_groups(sink: &Arc<AggregateSink>, lanes: usize) -> Vec<TaskGroup> {
    let barrier = |name: &str, body: fn(&AggregateSink) -> Result<()>| {
        let sink = Arc::clone(sink);
        TaskGroup::barrier(format!("aggregate: {name}"), move |_| body(&sink))
    };
    let tasks = |name: &str, body: fn(&AggregateSink) -> Result<bool>| {
        let tasks = (0..lanes).map(|_| {
            let sink = Arc::clone(sink);
            let task = move |ctx: &TaskContext| {
                if ctx.is_cancelled() {
                    return Ok(TaskStatus::Cancelled);
                }
                Ok(if body(&sink)? { TaskStatus::Continue } else { TaskStatus::Finished })
            };
            Box::new(task) as Box<dyn GroupTask>
        });
        TaskGroup::new(format!("aggregate: {name}"), tasks.collect())
    };
    vec![
        barrier("collect", collect),
        tasks("match keys", match_next),
        barrier("number groups", number),
        tasks("make columns", make_next),
        barrier("publish", publish),
    ]
}

fn collect(sink: &AggregateSink) -> Result<()> {
    let merge = &sink.merge;
    let mut groups = Vec::new();
    let mut states: Vec<Vec<CallState>> =
        sink.plan.calls.states.iter().map(|_| Vec::new()).collect();
    let has_keys = !sink.plan.keys.is_empty();
    for lane in sink.lanes.take_all() {
        if has_keys && lane.groups.len() == 0 {
            continue;
        }
        groups.push((lane.groups, lane.groups_claim));
        states.iter_mut().zip(lane.states).for_each(|(states, state)| states.push(state));
    }
    let total: usize = groups.iter().map(|(g, _)| g.len()).sum();
    let is_alone = groups.len() < 2 && groups.iter().all(|(g, _)| g.is_ordered());
    let partition_bits = match merge.lanes {
        0 | 1 => 0,
        _ if total <= GROUPS_ALONE => 0,
        lanes => (lanes * 4).next_power_of_two().trailing_zeros(),
    };
    if has_keys && !is_alone {
        merge.partitions.extend(0..1usize << partition_bits);
    }
    merge.columns.extend((0..sink.plan.keys.len()).map(ColumnJob::Key));
    merge.columns.extend(states.into_iter().enumerate().map(|(i, s)| ColumnJob::Calls(i, s)));
    merge.collected.publish(Collected { groups, partition_bits })
}

/// Returns the partition of a hash: its high bits.
fn partition_of(hash: u64, bits: u32) -> usize {
    hash.checked_shr(u64::BITS - bits).unwrap_or(0) as usize
}

/// Matches the keys of the next partition; false when none is left.
fn match_next(sink: &AggregateSink) -> Result<bool> {
    let Some(partition) = sink.merge.partitions.pop() else { return Ok(false) };
    let collected = sink.merge.collected.get()?;
    let bits = collected.partition_bits;
    let mut claim = sink.claim();
    let mut scratch_claim = sink.claim();
    let Some((first, _)) = collected.groups.first() else { return Ok(true) };
    let encoder = KeyEncoder::new(first.keys().types().to_vec());
    let mut table = GroupTable::new(encoder, sink.state.run.seed);
    let (mut rows, mut numbers, mut new) = (Vec::new(), Vec::new(), Vec::new());
    let (mut places, mut firsts, mut members) = (Vec::new(), Vec::new(), Vec::new());
    for (lane, (groups, _)) in (0u32..).zip(&collected.groups) {
        let mut start = 0;
        let portions = groups.keys().portions(0).len();
        for portion in 0..portions {
            let keys: Vec<Column> = (0..sink.plan.keys.len())
                .filter_map(|key| groups.keys().portions(key).get(portion).cloned())
                .collect();
            let len = keys.first().map_or(0, Column::len);
            let hashes = groups.hashes().get(start..start + len).unwrap_or_default();
            rows.clear();
            make_room(&mut rows, len, &mut scratch_claim)?;
            rows.extend(
                (0u32..)
                    .zip(hashes)
                    .filter(|(_, h)| partition_of(**h, bits) == partition)
                    .map(|(row, _)| row),
            );
            let counted = Rows::selected(len, &rows);
            table.number(&keys, counted, &mut numbers, &mut new, &mut scratch_claim)?;
            make_room(&mut places, new.len(), &mut claim)?;
            make_room(&mut firsts, new.len(), &mut claim)?;
            make_room(&mut members, rows.len(), &mut claim)?;
            places.resize(table.len(), u64::MAX);
            firsts.resize(table.len(), (0, 0));
            for (&row, &number) in rows.iter().zip(&numbers) {
                let group = start as u32 + row;
                members.push((lane, group, number));
                let place = groups.places().get(group as usize).copied().unwrap_or(u64::MAX);
                if let (Some(least), Some(first)) =
                    (places.get_mut(number as usize), firsts.get_mut(number as usize))
                    && place < *least
                {
                    (*least, *first) = (place, (lane, group));
                }
            }
            start += len;
        }
    }
    sink.merge.matched.extend([Matched { places, firsts, members, _claim: claim }]);
    Ok(true)
}

fn number(sink: &AggregateSink) -> Result<()> {
    let merge = &sink.merge;
    let collected = merge.collected.get()?;
    let mut claim = sink.claim();
    let parts: Vec<Matched> = std::iter::from_fn(|| merge.matched.pop()).collect();
    if parts.is_empty() {
        // One lane at most, in its own order; or no keys, one group.
        let count = match sink.plan.keys.len() {
            0 => 1,
            _ => collected.groups.first().map_or(0, |(g, _)| g.len()),
        };
        let mut own = Vec::new();
        make_room(&mut own, count, &mut claim)?;
        own.extend(0..count as u32);
        let own: Arc<[u32]> = own.into();
        let maps = collected.groups.iter().map(|_| Arc::clone(&own)).collect();
        return merge.numbered.publish(Numbered { count, maps, firsts: None, _claim: claim });
    }
    let mut scratch_claim = sink.claim();
    let mut order: Vec<(u64, u32, u32)> = Vec::new();
    let count = parts.iter().map(|p| p.places.len()).sum();
    make_room(&mut order, count, &mut scratch_claim)?;
    for (part, matched) in (0u32..).zip(&parts) {
        order.extend((0u32..).zip(&matched.places).map(|(id, &place)| (place, part, id)));
    }
    order.sort_unstable();
    let mut numbers: Vec<Vec<u32>> = Vec::with_capacity(parts.len());
    for part in &parts {
        numbers.push(filled(0, part.places.len(), &mut scratch_claim)?);
    }
    let mut firsts = Vec::new();
    make_room(&mut firsts, count, &mut claim)?;
    for (number, &(_, part, id)) in (0u32..).zip(&order) {
        if let Some(slot) = numbers.get_mut(part as usize).and_then(|p| p.get_mut(id as usize)) {
            *slot = number;
        }
        let first = parts.get(part as usize).and_then(|p| p.firsts.get(id as usize));
        firsts.push(first.copied().unwrap_or((0, 0)));
    }
    let mut maps = Vec::with_capacity(collected.groups.len());
    for (groups, _) in &collected.groups {
        maps.push(filled(0u32, groups.len(), &mut claim)?);
    }
    for (matched, numbers) in parts.iter().zip(&numbers) {
        for &(lane, group, id) in &matched.members {
            if let Some(slot) = maps.get_mut(lane as usize).and_then(|m| m.get_mut(group as usize))
            {
                *slot = numbers.get(id as usize).copied().unwrap_or(0);
            }
        }
    }
    let maps = maps.into_iter().map(Into::into).collect();
    merge.numbered.publish(Numbered { count, maps, firsts: Some(firsts), _claim: claim })
}

/// Makes the next output column; false when none is left.
fn make_next(sink: &AggregateSink) -> Result<bool> {
    let merge = &sink.merge;
    let Some(job) = merge.columns.pop() else { return Ok(false) };
    let numbered = merge.numbered.get()?;
    let how = DecodeContext::new(sink.state.session.time_zone);
    match job {
        ColumnJob::Key(key) => {
            let mut claim = sink.claim();
            let column = key_column(sink, key, numbered, &how, &mut claim)?;
            merge.finished.extend([(key, column, claim)]);
        }
        ColumnJob::Calls(state, states) => {
            let (all, _claim) = merged_state(sink, state, states, numbered, &how)?;
            for (place, call) in (sink.plan.keys.len()..).zip(&sink.plan.calls.calls) {
                if call.state == state {
                    let mut claim = sink.claim();
                    let column = all.finish(&call.bound, &sink.state.session, &mut claim)?;
                    merge.finished.extend([(place, column, claim)]);
                }
            }
        }
    }
    Ok(true)
}

fn key_column(
    sink: &AggregateSink,
    key: usize,
    numbered: &Numbered,
    how: &DecodeContext,
    claim: &mut Reservation,
) -> Result<Column> {
    let collected = sink.merge.collected.get()?;
    let Some(ty) = sink.plan.schema.get(key).map(|f| &f.sql_type) else {
        return Err(InternalError::new("an aggregation's key has no field").into());
    };
    let mut portions: Vec<&Column> = Vec::new();
    let mut starts = Vec::with_capacity(collected.groups.len());
    let mut start = 0;
    for (groups, _) in &collected.groups {
        starts.push(start);
        start += (groups.keys().rows() + groups.earlier().rows()) as u32;
        portions.extend(groups.keys().portions(key));
        portions.extend(groups.earlier().portions(key));
    }
    let Some(firsts) = &numbered.firsts else {
        return join(&portions, ty, how, claim);
    };
    let mut scratch_claim = sink.claim();
    let joined = join(&portions, ty, how, &mut scratch_claim)?;
    let mut rows = Vec::new();
    make_room(&mut rows, firsts.len(), &mut scratch_claim)?;
    rows.extend(firsts.iter().map(|&(lane, group)| {
        let row = collected.groups.get(lane as usize).map(|(g, _)| g.representative(group));
        starts.get(lane as usize).copied().unwrap_or(0) + row.unwrap_or(0)
    }));
    take_owned(&joined, &rows, claim)
}

/// Brings the lanes' parts of a state together, and the claims they stand on.
fn merged_state(
    sink: &AggregateSink,
    state: usize,
    parts: Vec<CallState>,
    numbered: &Numbered,
    how: &DecodeContext,
) -> Result<(Accumulated, Reservation)> {
    let Some(state) = sink.plan.calls.states.get(state) else {
        return Err(InternalError::new("an aggregation has no such aggregate").into());
    };
    let mut distinct = Vec::new();
    let mut accumulated: Vec<(Accumulated, Reservation)> = Vec::new();
    let mut claims = Vec::new();
    for CallState { values, claim } in parts {
        match values {
            CallValues::Accumulated(values) => accumulated.push((values, claim)),
            CallValues::Distinct(values) => {
                distinct.push(*values);
                claims.push(claim);
            }
        }
    }
    if numbered.firsts.is_none()
        && accumulated.len() == 1
        && let Some((mut only, mut claim)) = accumulated.pop()
    {
        only.make_room(numbered.count, &mut claim)?;
        return Ok((only, claim));
    }
    let mut claim = sink.claim();
    let mut all = Accumulated::new((state.bound.accumulator)(&state.bound, &sink.state.session));
    all.make_room(numbered.count, &mut claim)?;
    for ((one, _claim), map) in accumulated.into_iter().zip(&numbered.maps) {
        all.accumulator.merge(&*one.accumulator, map)?;
    }
    if !distinct.is_empty() {
        let mut scratch_claim = sink.claim();
        let with = (sink.state.run.seed, how);
        let (maps, count) = (&numbered.maps[..], numbered.count);
        let to = &mut *all.accumulator;
        distinct::accumulate(distinct, maps, to, count, with, &mut scratch_claim)?;
    }
    Ok((all, claim))
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
