// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Brings the lanes' rows into one order.
//!
//! ```text
//!  collect │ sort pieces, join columns │ cut by samples │ merge a section at a time │ publish
//!  barrier │ tasks                     │ barrier        │ tasks                     │ barrier
//! ```
//!
//! Sections are ranges of keys, cut at samples of all pieces, so that tasks merge them independently;
//! a merge is a stable sort of sorted stretches, which finds and merges them.

use std::sync::Arc;

use tiforth_data::{Column, Reservation};
use tiforth_pipeline::{Handover, TaskGroup, WorkQueue};
use tiforth_types::{Result, SqlError};

use super::entries::{Entry, Tails, compare, sort};
use super::sink::SortSink;
use crate::growth::make_room;
use crate::kept_rows::{KeptColumn, join};
use crate::steps::Steps;

/// Is the most rows sorted in one step.
const PIECE_ROWS: usize = 1 << 18;
/// Is about how many rows are merged in one step.
const SECTION_ROWS: usize = 1 << 17;
/// Is how many samples are taken of a piece for each section.
const SAMPLES: usize = 8;

/// Is what passes between the task groups of the merge.
pub(super) struct Merge {
    collected: Handover<Collected>,
    work: WorkQueue<Work>,
    pieces: WorkQueue<Piece>,
    columns: WorkQueue<(usize, Column, Reservation)>,
    cut: Handover<Cut>,
    sections: WorkQueue<usize>,
    merged: WorkQueue<(usize, Piece)>,
    pub(super) sorted: Handover<Sorted>,
}

impl Merge {
    pub(super) fn new() -> Self {
        Merge {
            collected: Handover::new(),
            work: WorkQueue::new(),
            pieces: WorkQueue::new(),
            columns: WorkQueue::new(),
            cut: Handover::new(),
            sections: WorkQueue::new(),
            merged: WorkQueue::new(),
            sorted: Handover::new(),
        }
    }
}

/// Is what the lanes have left and everybody reads.
struct Collected {
    tails: Vec<Tails>,
    /// Where each lane's rows begin in the joined columns.
    starts: Vec<u32>,
    rows: usize,
    _claims: Vec<Reservation>,
}

enum Work {
    Sort { lane: u32, piece: Piece },
    Join { index: usize, parts: Vec<KeptColumn> },
}

/// Is a sorted stretch of entries, and the claim it stands on.
struct Piece {
    entries: Vec<Entry>,
    claim: Reservation,
}

/// Is the sorted pieces and where each section begins in them.
struct Cut {
    pieces: Vec<Piece>,
    /// For each section and one more, for each piece.
    bounds: Vec<Vec<usize>>,
}

/// Is the rows in order.
pub(super) struct Sorted {
    pub(super) columns: Vec<Column>,
    sections: Vec<Piece>,
    starts: Vec<u32>,
    _claims: Vec<Reservation>,
}

impl Sorted {
    /// Returns `most` rows of the joined columns, from the `from`-th in order on, or what is left.
    pub(super) fn rows(&self, from: usize, most: usize) -> Vec<u32> {
        let mut rows = Vec::with_capacity(most.min(PIECE_ROWS));
        let mut skipped = from;
        for Piece { entries, .. } in &self.sections {
            if skipped >= entries.len() {
                skipped -= entries.len();
                continue;
            }
            let rest = entries.get(skipped..).unwrap_or_default();
            skipped = 0;
            rows.extend(
                rest.iter()
                    .take(most - rows.len())
                    .map(|e| self.starts.get(e.lane as usize).copied().unwrap_or(0) + e.row),
            );
            if rows.len() == most {
                break;
            }
        }
        rows
    }
}

/// Returns the task groups of the merge.
pub(super) fn task_groups(name: &str, sink: &Arc<SortSink>, lanes: usize) -> Vec<TaskGroup> {
    let steps = Steps { name, sink, lanes };
    vec![
        steps.once("collect", collect),
        steps.in_lanes("sort pieces", sort_next),
        steps.once("cut", cut),
        steps.in_lanes("merge", merge_next),
        steps.once("publish", publish),
    ]
}

fn collect(sink: &SortSink) -> Result<()> {
    let merge = &sink.merge;
    let (mut tails, mut starts, mut claims) = (Vec::new(), Vec::new(), Vec::new());
    let mut columns: Vec<Vec<KeptColumn>> = sink.types().iter().map(|_| Vec::new()).collect();
    let mut rows = 0;
    for (lane, mut run) in (0u32..).zip(sink.runs.take_all()) {
        starts.push(u32::try_from(rows).unwrap_or(u32::MAX));
        rows += run.rows.rows();
        while !run.entries.is_empty() {
            let from = run.entries.len().saturating_sub(PIECE_ROWS);
            let mut piece = Piece { entries: Vec::new(), claim: sink.claim() };
            make_room(&mut piece.entries, run.entries.len() - from, &mut piece.claim)?;
            piece.entries.extend(run.entries.drain(from..));
            merge.work.extend([Work::Sort { lane, piece }]);
        }
        tails.push(run.tails);
        columns.iter_mut().zip(run.rows.into_columns()).for_each(|(all, one)| all.push(one));
        claims.push(run.claim);
    }
    if u32::try_from(rows).is_err() {
        return Err(SqlError::other("a sort takes at most 4,294,967,295 rows").into());
    }
    let joins = columns.into_iter().enumerate();
    merge.work.extend(joins.map(|(index, parts)| Work::Join { index, parts }));
    merge.collected.publish(Collected { tails, starts, rows, _claims: claims })
}

fn sort_next(sink: &SortSink) -> Result<bool> {
    let merge = &sink.merge;
    match merge.work.pop() {
        None => return Ok(false),
        Some(Work::Sort { lane, mut piece }) => {
            let tails = &merge.collected.get()?.tails;
            piece.entries.iter_mut().for_each(|e| e.lane = lane);
            sort(&mut piece.entries, tails, false);
            merge.pieces.extend([piece]);
        }
        Some(Work::Join { index, parts }) => {
            let types = sink.types();
            let Some(ty) = types.get(index) else { return Ok(true) };
            let mut claim = sink.claim();
            let portions: Vec<&Column> = parts.iter().flat_map(|p| &p.portions).collect();
            let column = join(&portions, ty, &sink.decode_context(), &mut claim)?;
            merge.columns.extend([(index, column, claim)]);
        }
    }
    Ok(true)
}

fn cut(sink: &SortSink) -> Result<()> {
    let merge = &sink.merge;
    let Collected { tails, rows, .. } = merge.collected.get()?;
    let pieces: Vec<Piece> = std::iter::from_fn(|| merge.pieces.pop()).collect();
    let sections = if pieces.len() < 2 { 1 } else { rows.div_ceil(SECTION_ROWS).max(1) };
    let mut samples: Vec<Entry> = Vec::new();
    let mut claim = sink.claim();
    if sections > 1 {
        make_room(&mut samples, sections * SAMPLES * pieces.len(), &mut claim)?;
        for Piece { entries, .. } in &pieces {
            let step = (entries.len() / (sections * SAMPLES)).max(1);
            samples.extend(entries.iter().step_by(step).take(sections * SAMPLES));
        }
        sort(&mut samples, tails, false);
    }
    let mut bounds = Vec::with_capacity(sections + 1);
    bounds.push(vec![0; pieces.len()]);
    for section in 1..sections {
        if let Some(first) = samples.get(section * samples.len() / sections) {
            let bound = |p: &Piece| p.entries.partition_point(|e| compare(e, first, tails).is_lt());
            bounds.push(pieces.iter().map(bound).collect());
        }
    }
    bounds.push(pieces.iter().map(|p| p.entries.len()).collect());
    merge.sections.extend(0..bounds.len() - 1);
    merge.cut.publish(Cut { pieces, bounds })
}

fn merge_next(sink: &SortSink) -> Result<bool> {
    let merge = &sink.merge;
    let Some(section) = merge.sections.pop() else { return Ok(false) };
    let tails = &merge.collected.get()?.tails;
    let Cut { pieces, bounds } = merge.cut.get()?;
    let (Some(from), Some(to)) = (bounds.get(section), bounds.get(section + 1)) else {
        return Ok(true);
    };
    let mut merged = Piece { entries: Vec::new(), claim: sink.claim() };
    let rows: usize = from.iter().zip(to).map(|(from, to)| to - from).sum();
    make_room(&mut merged.entries, rows, &mut merged.claim)?;
    for (piece, (&from, &to)) in pieces.iter().zip(from.iter().zip(to)) {
        merged.entries.extend_from_slice(piece.entries.get(from..to).unwrap_or_default());
    }
    if pieces.len() > 1 {
        // The sort merges through a buffer of as many rows.
        let mut buffer = sink.claim();
        buffer.grow(rows * size_of::<Entry>())?;
        sort(&mut merged.entries, tails, true);
    }
    merge.merged.extend([(section, merged)]);
    Ok(true)
}

fn publish(sink: &SortSink) -> Result<()> {
    let merge = &sink.merge;
    let mut sections: Vec<(usize, Piece)> = std::iter::from_fn(|| merge.merged.pop()).collect();
    sections.sort_by_key(|(section, _)| *section);
    let mut columns: Vec<_> = std::iter::from_fn(|| merge.columns.pop()).collect();
    columns.sort_by_key(|(index, _, _)| *index);
    let (columns, claims) = columns.into_iter().map(|(_, column, claim)| (column, claim)).unzip();
    let starts = merge.collected.get()?.starts.clone();
    let sections = sections.into_iter().map(|(_, piece)| piece).collect();
    merge.sorted.publish(Sorted { columns, sections, starts, _claims: claims })
}
