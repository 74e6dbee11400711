// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Numbers the groups of one lane and keeps the keys of their first rows.

use tiforth_data::column::DecodeContext;
use tiforth_data::{Batch, Column, KeyEncoder, Reservation};
use tiforth_expr::kernel::Rows;
use tiforth_expr::{Places, place_of};
use tiforth_types::{Result, SqlType};

use crate::growth::{filled, make_room};
use crate::hash_table::{CodeMap, GroupTable};
use crate::kept_rows::{KeptRows, join, take_owned};

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
    /// The greatest place met.
    last: u64,
}

/// Returns the least and the greatest place.
fn bounds(places: Places<'_>) -> (u64, u64) {
    match places {
        Places::Batch(number) => (place_of(number, 0), place_of(number, u32::MAX)),
        Places::Each(places) => {
            places.iter().fold((u64::MAX, 0), |(least, most), &p| (least.min(p), most.max(p)))
        }
    }
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
            last: 0,
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

    /// Tells whether the groups stand in the order of their places.
    pub(super) fn is_ordered(&self) -> bool {
        self.moved.is_empty()
    }

    /// Returns the keys of the groups' first rows, in the order of the groups.
    ///
    /// # Errors
    /// Memory that is refused.
    pub(super) fn key_columns(
        &self,
        how: &DecodeContext,
        claim: &mut Reservation,
    ) -> Result<Vec<Column>> {
        let mut rows = Vec::new();
        let mut columns = Vec::with_capacity(self.keys.types().len());
        for (key, ty) in self.keys.types().iter().enumerate() {
            let mut portions: Vec<&Column> = self.keys.portions(key).iter().collect();
            if self.is_ordered() {
                columns.push(join(&portions, ty, how, claim)?);
                continue;
            }
            if rows.is_empty() {
                make_room(&mut rows, self.moved.len(), claim)?;
                let kept = self.keys.rows() as u32;
                let row = |(group, &moved): (u32, &u32)| match moved {
                    0 => group,
                    moved => kept + moved - 1,
                };
                rows.extend((0u32..).zip(&self.moved).map(row));
            }
            portions.extend(self.earlier.portions(key));
            let joined = join(&portions, ty, how, claim)?;
            columns.push(take_owned(&joined, &rows, claim)?);
        }
        Ok(columns)
    }

    /// Numbers the groups of the rows that count; `columns` are their keys, decoded.
    ///
    /// # Errors
    /// Memory that is refused.
    pub(super) fn number(
        &mut self,
        rows: Rows<'_>,
        columns: &[Column],
        places: Places<'_>,
        groups: &mut Vec<u32>,
        claim: &mut Reservation,
    ) -> Result<()> {
        let Some(table) = &mut self.table else { return Ok(()) };
        let (least, most) = bounds(places);
        let is_late = least < self.last;
        self.last = self.last.max(most);
        let has_codes = self.codes.read(columns, claim)?;
        if has_codes {
            make_room(groups, rows.count().saturating_sub(groups.len()), claim)?;
            if self.codes.look_up(rows, groups) {
                return if is_late {
                    self.move_back(rows, columns, places, groups, claim)
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
            self.places.extend(self.new.iter().map(|&row| places.of(row as usize)));
            if !self.moved.is_empty() {
                make_room(&mut self.moved, self.new.len(), claim)?;
                self.moved.resize(self.places.len(), 0);
            }
            self.keys.keep(columns, &self.new)?;
        }
        if is_late { self.move_back(rows, columns, places, groups, claim) } else { Ok(()) }
    }

    /// Makes rows that came late the first of their groups where they are.
    #[cold]
    fn move_back(
        &mut self,
        rows: Rows<'_>,
        columns: &[Column],
        at: Places<'_>,
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
        rows.for_each(|row| {
            let place = at.of(row);
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
