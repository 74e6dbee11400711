// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Keeps one lane's rows with their keys, all or the least so many.

use std::cmp::Ordering;

use tiforth_data::column::DecodeContext;
use tiforth_data::{Batch, Column, OrderEncoder, Reservation};
use tiforth_expr::kernel::Rows;
use tiforth_expr::place_of;
use tiforth_types::{Result, SqlError, SqlType};

use super::entries::{Entry, HEAD_BYTES, Tails, compare, head_of};
use crate::growth::{make_room, release, settle};
use crate::kept_rows::{KeptRows, join};

/// Is the least number of rows beyond those wanted that are dropped at once.
const SURPLUS_MIN: usize = 4_096;

/// Holds one lane's rows.
pub(crate) struct Run {
    encoder: OrderEncoder,
    pub(super) entries: Vec<Entry>,
    pub(super) tails: Tails,
    pub(super) rows: KeptRows,
    pub(super) claim: Reservation,
    /// Is how many of the least rows are wanted; all where it is absent.
    wanted: Option<usize>,
    /// Is the key of the greatest row that may still be wanted, and its place.
    limit: Option<(Vec<u8>, u64)>,
    picked: Vec<u32>,
}

impl Run {
    /// Prepares for rows of `types`.
    pub(crate) fn new(
        encoder: OrderEncoder,
        types: Vec<SqlType>,
        wanted: Option<usize>,
        claim: impl Fn() -> Reservation,
    ) -> Self {
        Run {
            encoder,
            entries: Vec::new(),
            tails: Tails::default(),
            rows: KeptRows::new(types, &claim),
            claim: claim(),
            wanted,
            limit: None,
            picked: Vec::new(),
        }
    }

    /// Keeps the rows of `batch` that count and may be wanted; `keys` and `columns` are decoded.
    ///
    /// # Errors
    /// Memory that is refused.
    pub(crate) fn add(&mut self, batch: &Batch, keys: &[Column], columns: &[Column]) -> Result<()> {
        let rows =
            Rows { len: batch.physical_rows(), selection: batch.selection().map(|s| &s[..]) };
        let count = rows.count();
        if self.rows.rows() + count > u32::MAX as usize {
            return Err(SqlError::other("a lane sorts at most 4,294,967,295 rows").into());
        }
        make_room(&mut self.entries, count, &mut self.claim)?;
        self.picked.clear();
        make_room(&mut self.picked, count, &mut self.claim)?;
        let is_whole = self.encoder.length_max().is_some_and(|most| most <= HEAD_BYTES);
        if !is_whole {
            let bound = self.encoder.bound(keys, count);
            self.tails.make_room(count, bound, &mut self.claim)?;
        }
        let mut next = self.rows.rows() as u32;
        let Run { encoder, entries, tails, limit, picked, .. } = self;
        let limit = limit.as_ref();
        let limit_key = limit.map(|(key, _)| &key[..]);
        encoder.encode(keys, rows, limit_key, |row, key| {
            let place = place_of(batch.number(), row as u32);
            if let Some((least, its_place)) = limit
                && key.cmp(&least[..]).then(place.cmp(its_place)) == Ordering::Greater
            {
                return;
            }
            entries.push(Entry { head: head_of(key), place, lane: 0, row: next });
            if !is_whole {
                tails.push(key);
            }
            picked.push(row as u32);
            next += 1;
        })?;
        if !self.picked.is_empty() {
            self.rows.keep(columns, &self.picked)?;
        }
        Ok(())
    }

    /// Drops rows beyond those wanted, once there are many.
    ///
    /// # Errors
    /// Memory that is refused.
    pub(crate) fn prune(&mut self, how: &DecodeContext) -> Result<()> {
        let Some(wanted) = self.wanted else { return Ok(()) };
        if self.entries.len() < wanted.saturating_mul(2).max(wanted.saturating_add(SURPLUS_MIN)) {
            return Ok(());
        }
        let Some(last) = wanted.checked_sub(1) else { return Ok(()) };
        let tails = std::slice::from_ref(&self.tails);
        self.entries.select_nth_unstable_by(last, |a, b| compare(a, b, tails));
        self.entries.truncate(wanted);
        if let Some(entry) = self.entries.get(last) {
            let mut key = entry.head.to_be_bytes().to_vec();
            key.extend_from_slice(self.tails.get(entry.row));
            self.limit = Some((key, entry.place));
        }
        self.compact(how)
    }

    /// Copies the rows still wanted together.
    fn compact(&mut self, how: &DecodeContext) -> Result<()> {
        if self.rows.rows() < self.entries.len().saturating_mul(4) + SURPLUS_MIN {
            return Ok(());
        }
        self.entries.sort_unstable_by_key(|e| e.row);
        self.picked.clear();
        make_room(&mut self.picked, self.entries.len(), &mut self.claim)?;
        self.picked.extend(self.entries.iter().map(|e| e.row));
        let mut tails = Tails::default();
        if self.tails.byte_size() > 0 {
            let bytes = self.entries.iter().map(|e| self.tails.get(e.row).len()).sum();
            tails.make_room(self.entries.len(), bytes, &mut self.claim)?;
            self.entries.iter().for_each(|e| tails.push_tail(self.tails.get(e.row)));
        }
        let old = std::mem::replace(&mut self.tails, tails);
        release(&mut self.claim, old.byte_size())?;
        drop(old);
        let mut booked = 0;
        let mut columns = Vec::with_capacity(self.rows.types().len());
        for (index, ty) in self.rows.types().iter().enumerate() {
            let portions: Vec<&Column> = self.rows.portions(index).iter().collect();
            let before = self.claim.bytes();
            columns.push(join(&portions, ty, how, &mut self.claim)?);
            booked += self.claim.bytes() - before;
        }
        self.rows.clear()?;
        self.rows.keep(&columns, &self.picked)?;
        drop(columns);
        settle(&mut self.claim, &mut booked, 0)?;
        for (row, entry) in (0u32..).zip(&mut self.entries) {
            entry.row = row;
        }
        Ok(())
    }
}
