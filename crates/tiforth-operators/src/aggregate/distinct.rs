// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Keeps the values of a DISTINCT aggregate that differ within their groups.

use std::sync::Arc;

use tiforth_data::column::DecodeContext;
use tiforth_data::{Batch, Column, KeyEncoder, Reservation};
use tiforth_expr::kernel::Rows;
use tiforth_expr::{Accumulator, GroupedRows, Places, place_of};
use tiforth_types::{Result, SqlType};

use super::groups::rows_of;
use crate::growth::{make_room, release};
use crate::hash_table::GroupTable;
use crate::kept_rows::{KeptRows, join, take_owned};

/// Is the most rows accumulated at once.
const ROWS_AT_ONCE: usize = 16_384;

/// Holds one lane's distinct values of one aggregate.
#[derive(Debug)]
pub(super) struct DistinctValues {
    table: GroupTable,
    values: KeptRows,
    groups: Vec<u32>,
    places: Vec<u64>,
    numbers: Vec<u32>,
    new: Vec<u32>,
}

/// Makes the table over (group, arguments).
fn table_of(types: &[SqlType], seed: u64) -> GroupTable {
    let mut all = vec![SqlType::bigint(20)];
    all.extend_from_slice(types);
    GroupTable::new(KeyEncoder::new(all), seed)
}

impl DistinctValues {
    pub(super) fn new(types: Vec<SqlType>, seed: u64, claim: impl Fn() -> Reservation) -> Self {
        DistinctValues {
            table: table_of(&types, seed),
            values: KeptRows::new(types, claim),
            groups: Vec::new(),
            places: Vec::new(),
            numbers: Vec::new(),
            new: Vec::new(),
        }
    }

    /// Keeps what is new among the rows of `batch` that count and have no NULL among `args`.
    pub(super) fn add(
        &mut self,
        batch: &Batch,
        args: &[Column],
        groups: Option<&[u32]>,
        claim: &mut Reservation,
    ) -> Result<()> {
        let rows = rows_of(batch);
        let before = claim.bytes();
        // A group and a row number each row.
        claim.grow(rows.len * 8 + rows.count() * 4)?;
        let booked = claim.bytes() - before;
        // The group of every row, counted or not: a column beside the arguments.
        let mut all = vec![0i64; rows.len];
        if let Some(groups) = groups {
            let mut groups = groups.iter();
            rows.for_each(|row| {
                if let (Some(slot), Some(&group)) = (all.get_mut(row), groups.next()) {
                    *slot = group.into();
                }
            });
        }
        let mut kept: Vec<u32> = Vec::with_capacity(rows.count());
        rows.for_each(|row| {
            if !args.iter().any(|a| a.is_null(row)) {
                kept.push(row as u32);
            }
        });
        let mut columns = Vec::with_capacity(args.len() + 1);
        columns.push(Column::ints(all, None));
        columns.extend_from_slice(args);
        let rows = Rows::selected(rows.len, &kept);
        self.table.number(&columns, rows, &mut self.numbers, &mut self.new, claim)?;
        if !self.new.is_empty() {
            for row in &mut self.new {
                *row = kept.get(*row as usize).copied().unwrap_or(0);
            }
            make_room(&mut self.groups, self.new.len(), claim)?;
            make_room(&mut self.places, self.new.len(), claim)?;
            let group_of = columns.first().map(|c| c.take(&self.new)).transpose()?;
            if let Some(tiforth_data::ColumnData::Int(groups)) = group_of.as_ref().map(Column::data)
            {
                self.groups.extend(groups.iter().map(|&g| g as u32));
            }
            self.places.extend(self.new.iter().map(|&row| place_of(batch.number(), row)));
            self.values.keep(args, &self.new)?;
        }
        release(claim, booked)
    }
}

/// Accumulates the lanes' distinct values, each once. Group i of lane l is group `maps[l][i]`.
pub(super) fn accumulate(
    lanes: Vec<DistinctValues>,
    maps: &[Arc<[u32]>],
    accumulator: &mut dyn Accumulator,
    group_count: usize,
    (seed, how): (u64, &DecodeContext),
    claim: &mut Reservation,
) -> Result<()> {
    let Some(types) = lanes.first().map(|lane| lane.values.types().to_vec()) else {
        return Ok(());
    };
    let total: usize = lanes.iter().map(|lane| lane.places.len()).sum();
    let mut order: Vec<(u64, u32, u32)> = Vec::new();
    make_room(&mut order, total, claim)?;
    for (lane, map) in lanes.iter().zip(maps) {
        for (&place, &group) in lane.places.iter().zip(&lane.groups) {
            let group = map.get(group as usize).copied().unwrap_or(0);
            order.push((place, order.len() as u32, group));
        }
    }
    order.sort_unstable();
    let mut args = Vec::with_capacity(types.len());
    for (index, ty) in types.iter().enumerate() {
        let portions: Vec<&Column> =
            lanes.iter().flat_map(|lane| lane.values.portions(index)).collect();
        args.push(join(&portions, ty, how, claim)?);
    }
    let is_alone = lanes.iter().filter(|lane| !lane.places.is_empty()).count() < 2;
    drop(lanes);
    let mut table = table_of(&types, seed);
    let (mut rows, mut groups, mut numbers, mut new) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for portion in order.chunks(ROWS_AT_ONCE) {
        let before = claim.bytes();
        claim.grow(portion.len() * 24)?;
        let mut portion_booked = claim.bytes() - before;
        rows.clear();
        rows.extend(portion.iter().map(|(_, row, _)| *row));
        let before = claim.bytes();
        let columns =
            args.iter().map(|a| take_owned(a, &rows, claim)).collect::<Result<Vec<_>>>()?;
        portion_booked += claim.bytes() - before;
        groups.clear();
        groups.extend(portion.iter().map(|(_, _, group)| *group));
        let mut selection = None;
        if !is_alone {
            let wide: Vec<i64> = groups.iter().map(|&g| g.into()).collect();
            let mut keys = vec![Column::ints(wide, None)];
            keys.extend_from_slice(&columns);
            table.number(&keys, Rows::all(portion.len()), &mut numbers, &mut new, claim)?;
            let firsts = new.iter().filter_map(|&row| groups.get(row as usize).copied()).collect();
            groups = firsts;
            selection = Some(&new[..]);
        }
        let rows = Rows { len: portion.len(), selection };
        // The rows come in order, as those of one batch that is not among the first.
        let places = Places::Batch(u64::MAX);
        let rows = GroupedRows { rows, groups: Some(&groups), group_count, few: None, places };
        accumulator.update(&columns, rows)?;
        release(claim, portion_booked)?;
    }
    Ok(())
}
