// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Keeps rows apart by the hashes of their keys, until they are aggregated a partition at a time.
//!
//! A table of very many groups lies in no cache, and each row waits for the memory. The groups of one
//! partition do lie in one: rows are copied once, in order, and each partition's are added together.

use std::sync::Arc;

use tiforth_data::column::DecodeContext;
use tiforth_data::{Batch, Column, KeyEncoder, Reservation};
use tiforth_expr::kernel::Rows;
use tiforth_expr::{Places, place_of};
use tiforth_types::{Datum, Result, SqlType};

use super::groups::rows_of;
use super::partial::Partial;
use super::sink::AggregateSink;
use crate::growth::{filled, make_room};
use crate::hash_table::Partitioner;
use crate::kept_rows::{join, take_owned};

/// Is the number of partitions, as a power of two.
pub(super) const PARTITION_BITS: u32 = if cfg!(test) { 2 } else { 7 };
/// Is how many rows are parted at once.
const CHUNK_ROWS: usize = if cfg!(test) { 700 } else { 1 << 17 };
/// Is how many rows are kept, at least, before they are aggregated.
const KEPT_ROWS: usize = if cfg!(test) { 2_000 } else { 1 << 22 };
/// Is how many rows a group are kept.
const ROWS_PER_GROUP: usize = 4;

/// Holds the rows of one lane that are kept apart, and what was aggregated of those before.
pub(super) struct PartedRows {
    sink: Arc<AggregateSink>,
    partitioner: Partitioner,
    claim: Reservation,
    pending: Vec<Pending>,
    pending_rows: usize,
    kept_rows: usize,
    chunks: Vec<Chunk>,
    parts: Vec<Partial>,
}

/// Is the rows of a batch that are not parted yet.
struct Pending {
    batch: Batch,
    columns: Vec<Column>,
}

/// Holds rows, partition by partition.
pub(super) struct Chunk {
    columns: Vec<Column>,
    places: Vec<u64>,
    starts: Vec<u32>,
    _claim: Reservation,
}

impl Chunk {
    /// Adds the rows of a partition to it.
    pub(super) fn add_to(
        &self,
        partial: &mut Partial,
        partition: usize,
        sink: &AggregateSink,
    ) -> Result<()> {
        let Some(&[start, end]) = self.starts.get(partition..partition + 2) else { return Ok(()) };
        let (start, end) = (start as usize, end as usize);
        let places = self.places.get(start..end).unwrap_or_default();
        if !places.is_empty() {
            let columns: Vec<Column> =
                self.columns.iter().map(|c| c.slice(start, places.len())).collect();
            partial.add(sink, &columns, Rows::all(places.len()), Places::Each(places))?;
        }
        Ok(())
    }
}

impl PartedRows {
    pub(super) fn new(sink: Arc<AggregateSink>) -> Self {
        let plan = &sink.plan;
        let types: Vec<SqlType> =
            plan.schema.iter().take(plan.keys.len()).map(|f| f.sql_type.clone()).collect();
        PartedRows {
            partitioner: Partitioner::new(KeyEncoder::new(types), sink.state.run.seed),
            claim: sink.claim(),
            pending: Vec::new(),
            pending_rows: 0,
            kept_rows: 0,
            chunks: Vec::new(),
            parts: Vec::new(),
            sink,
        }
    }

    /// Keeps the rows of `batch` that count; `columns` are what the plan computes of them.
    pub(super) fn add(
        &mut self,
        batch: &Batch,
        columns: Vec<Column>,
        how: &DecodeContext,
    ) -> Result<()> {
        self.pending_rows += batch.num_rows();
        self.pending.push(Pending { batch: batch.clone(), columns });
        if self.pending_rows >= CHUNK_ROWS {
            self.part(how)?;
        }
        let groups: usize = self.parts.iter().map(|p| p.groups.len()).sum();
        if self.kept_rows >= KEPT_ROWS.max(groups * ROWS_PER_GROUP) {
            self.aggregate()?;
        }
        Ok(())
    }

    /// Ends the input; returns what was aggregated, a partial a partition or none, and the rest.
    pub(super) fn finish(mut self, how: &DecodeContext) -> Result<(Vec<Partial>, Vec<Chunk>)> {
        self.part(how)?;
        Ok((self.parts, self.chunks))
    }

    /// Parts the rows that wait for it.
    fn part(&mut self, how: &DecodeContext) -> Result<()> {
        let pending = std::mem::take(&mut self.pending);
        let count = std::mem::take(&mut self.pending_rows);
        if count == 0 {
            return Ok(());
        }
        let mut scratch_claim = self.sink.claim();
        let mut joined = Vec::new();
        for (index, ty) in self.sink.plan.arguments.types().enumerate() {
            let columns: Vec<&Column> =
                pending.iter().filter_map(|p| p.columns.get(index)).collect();
            joined.push(joined_column(&columns, ty, how, &mut scratch_claim)?);
        }
        let len = pending.iter().map(|p| p.batch.physical_rows()).sum();
        let (mut rows, mut places) = (Vec::new(), Vec::new());
        make_room(&mut rows, count, &mut scratch_claim)?;
        make_room(&mut places, count, &mut scratch_claim)?;
        let mut start = 0;
        for Pending { batch, .. } in &pending {
            rows_of(batch).for_each(|row| {
                rows.push((start + row) as u32);
                places.push(place_of(batch.number(), row as u32));
            });
            start += batch.physical_rows();
        }
        let keys: Vec<Column> =
            self.sink.plan.keys.iter().filter_map(|&key| joined.get(key).cloned()).collect();
        let selection = (count < len).then_some(&rows[..]);
        let mut order = Vec::new();
        let starts = self.partitioner.part(
            &keys,
            Rows { len, selection },
            PARTITION_BITS,
            &mut order,
            &mut self.claim,
        )?;
        drop(keys);
        let mut claim = self.sink.claim();
        let mut places_parted = filled(0, count, &mut claim)?;
        let (all_places, all_rows) = (&places[..], &rows[..]);
        for (place, row) in places_parted.iter_mut().zip(&mut order) {
            *place = all_places.get(*row as usize).copied().unwrap_or(0);
            *row = all_rows.get(*row as usize).copied().unwrap_or(0);
        }
        let mut columns = Vec::with_capacity(joined.len());
        for column in joined {
            columns.push(take_owned(&column, &order, &mut claim)?);
        }
        self.kept_rows += count;
        self.chunks.push(Chunk { columns, places: places_parted, starts, _claim: claim });
        Ok(())
    }

    /// Aggregates the rows that were parted.
    fn aggregate(&mut self) -> Result<()> {
        self.kept_rows = 0;
        let sink = &self.sink;
        if self.parts.is_empty() {
            self.parts = (0..1 << PARTITION_BITS).map(|_| Partial::new(sink)).collect();
        }
        for (partition, part) in self.parts.iter_mut().enumerate() {
            for chunk in &self.chunks {
                chunk.add_to(part, partition, sink)?;
            }
        }
        self.chunks.clear();
        Ok(())
    }
}

/// Lays columns end to end; constants stay one.
fn joined_column(
    columns: &[&Column],
    ty: &SqlType,
    how: &DecodeContext,
    claim: &mut Reservation,
) -> Result<Column> {
    let first = columns.first().and_then(|c| c.as_constant());
    let is_same = |value: &Datum, c: &Column| {
        c.as_constant().is_some_and(|other| format!("{value:?}") == format!("{other:?}"))
    };
    if let Some(value) = first.filter(|value| columns.iter().all(|c| is_same(value, c))) {
        return Ok(Column::constant(value.clone(), columns.iter().map(|c| c.len()).sum()));
    }
    join(columns, ty, how, claim)
}
