// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Numbers the groups of one lane and keeps the keys of their first rows.

use tiforth_data::{Batch, Column, Reservation};
use tiforth_expr::kernel::Rows;
use tiforth_types::{Result, SqlType};

use crate::growth::{filled, make_room};
use crate::hash_table::{CodeMap, GroupTable, KeyEncoder};
use crate::kept_rows::KeptRows;
use crate::place::place_of;

/// Holds the groups of one lane.
#[derive(Debug)]
pub(super) struct Groups {
    /// Absent where there are no keys.
    table: Option<GroupTable>,
    codes: CodeMap,
    keys: KeptRows,
    /// The place of each group's first row.
    places: Vec<u64>,
    /// The keys of rows that turned out to come before the first row met.
    earlier: KeptRows,
    /// Which row of `earlier` holds a group's keys, plus one; empty while none does.
    moved: Vec<u32>,
    new: Vec<u32>,
    last_batch: u64,
}

impl Groups {
    pub(super) fn new(types: Vec<SqlType>, seed: u64, claim: impl Fn() -> Reservation) -> Self {
        let table =
            (!types.is_empty()).then(|| GroupTable::new(KeyEncoder::new(types.clone()), seed));
        Groups {
            table,
            codes: CodeMap::default(),
            keys: KeptRows::new(types.clone(), &claim),
            earlier: KeptRows::new(types, &claim),
            places: Vec::new(),
            moved: Vec::new(),
            new: Vec::new(),
            last_batch: 0,
        }
    }

    /// Returns the number of groups: one without keys.
    pub(super) fn len(&self) -> usize {
        self.table.as_ref().map_or(1, GroupTable::len)
    }

    /// Returns the place of each group's first row; nothing without keys.
    pub(super) fn places(&self) -> &[u64] {
        &self.places
    }

    /// Returns the hash of each group's keys; nothing without keys.
    pub(super) fn hashes(&self) -> &[u64] {
        self.table.as_ref().map_or(&[], GroupTable::hashes)
    }

    /// Returns the keys of the rows first met: row i is of group i.
    pub(super) fn keys(&self) -> &KeptRows {
        &self.keys
    }

    /// Returns the keys of rows that came before those, and were met later.
    pub(super) fn earlier(&self) -> &KeptRows {
        &self.earlier
    }

    /// Tells whether the groups stand in the order of their places.
    pub(super) fn is_ordered(&self) -> bool {
        self.moved.is_empty()
    }

    /// Returns the row that holds a group's keys, where `earlier` follows on `keys`.
    pub(super) fn representative(&self, group: u32) -> u32 {
        match self.moved.get(group as usize) {
            Some(&row) if row > 0 => self.keys.rows() as u32 + row - 1,
            _ => group,
        }
    }

    /// Numbers the groups of the rows of `batch` that count; `columns` are its keys, decoded.
    ///
    /// # Errors
    /// Memory that is refused.
    pub(super) fn number(
        &mut self,
        batch: &Batch,
        columns: &[Column],
        groups: &mut Vec<u32>,
        claim: &mut Reservation,
    ) -> Result<()> {
        let Some(table) = &mut self.table else { return Ok(()) };
        let rows = rows_of(batch);
        let is_late = batch.number() < self.last_batch;
        self.last_batch = self.last_batch.max(batch.number());
        let has_codes = self.codes.read(columns, claim)?;
        if has_codes {
            make_room(groups, rows.count().saturating_sub(groups.len()), claim)?;
            if self.codes.look_up(rows, groups) {
                return if is_late {
                    self.move_back(batch, columns, groups, claim)
                } else {
                    Ok(())
                };
            }
        }
        table.number(columns, rows, groups, &mut self.new, claim)?;
        if has_codes {
            self.codes.learn(rows, groups);
        }
        if !self.new.is_empty() {
            if let Some(selection) = rows.selection {
                for row in &mut self.new {
                    *row = selection.get(*row as usize).copied().unwrap_or(0);
                }
            }
            make_room(&mut self.places, self.new.len(), claim)?;
            self.places.extend(self.new.iter().map(|&row| place_of(batch.number(), row)));
            if !self.moved.is_empty() {
                make_room(&mut self.moved, self.new.len(), claim)?;
                self.moved.resize(self.places.len(), 0);
            }
            self.keys.keep(columns, &self.new)?;
        }
        if is_late { self.move_back(batch, columns, groups, claim) } else { Ok(()) }
    }

    /// Makes rows of a batch that came late the first of their groups where they are.
    #[cold]
    fn move_back(
        &mut self,
        batch: &Batch,
        columns: &[Column],
        groups: &[u32],
        claim: &mut Reservation,
    ) -> Result<()> {
        if self.moved.is_empty() {
            self.moved = filled(0, self.places.len(), claim)?;
        }
        self.new.clear();
        make_room(&mut self.new, groups.len(), claim)?;
        let (new, places, moved) = (&mut self.new, &mut self.places, &mut self.moved);
        let kept = self.earlier.rows() as u32;
        let mut groups = groups.iter();
        rows_of(batch).for_each(|row| {
            let place = place_of(batch.number(), row as u32);
            if let Some(&group) = groups.next()
                && let Some(first) = places.get_mut(group as usize)
                && place < *first
            {
                *first = place;
                new.push(row as u32);
                if let Some(moved) = moved.get_mut(group as usize) {
                    *moved = kept + new.len() as u32;
                }
            }
        });
        self.earlier.keep(columns, &self.new)
    }
}

/// Returns the rows of a batch that count.
pub(super) fn rows_of(batch: &Batch) -> Rows<'_> {
    Rows { len: batch.physical_rows(), selection: batch.selection().map(|s| &s[..]) }
}
