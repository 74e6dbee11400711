// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Orders entries: the head of a key, then the rest of it, then the row's place.

use std::cmp::Ordering;

use tiforth_data::Reservation;
use tiforth_types::Result;

use crate::growth::make_room;

/// Is the bytes of a key that stand in an entry.
pub(super) const HEAD_BYTES: usize = 16;

/// Is a row to be sorted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    /// The first bytes of the key, as a number of their order.
    pub(super) head: u128,
    pub(super) place: u64,
    pub(super) lane: u32,
    /// The row among those the lane kept.
    pub(super) row: u32,
}

/// Returns the head of a key.
#[inline]
pub(super) fn head_of(key: &[u8]) -> u128 {
    let mut head = [0u8; HEAD_BYTES];
    let len = key.len().min(HEAD_BYTES);
    if let (Some(to), Some(from)) = (head.get_mut(..len), key.get(..len)) {
        to.copy_from_slice(from);
    }
    u128::from_be_bytes(head)
}

/// Holds what of the keys of one lane's rows does not fit their entries.
#[derive(Debug, Default)]
pub(crate) struct Tails {
    bytes: Vec<u8>,
    /// Where each row's bytes end; empty where every key fits.
    ends: Vec<usize>,
}

impl Tails {
    /// Makes room for `rows` keys of `bytes` bytes in all.
    pub(super) fn make_room(
        &mut self,
        rows: usize,
        bytes: usize,
        claim: &mut Reservation,
    ) -> Result<()> {
        make_room(&mut self.ends, rows, claim)?;
        make_room(&mut self.bytes, bytes, claim)
    }

    /// Adds what of the next row's key does not fit its entry.
    #[inline]
    pub(super) fn push(&mut self, key: &[u8]) {
        self.bytes.extend_from_slice(key.get(HEAD_BYTES..).unwrap_or_default());
        self.ends.push(self.bytes.len());
    }

    /// Adds what of the next row's key does not fit, as [`get`](Self::get) gave it.
    pub(super) fn push_tail(&mut self, tail: &[u8]) {
        self.bytes.extend_from_slice(tail);
        self.ends.push(self.bytes.len());
    }

    /// Returns the rest of a row's key.
    #[inline]
    pub(super) fn get(&self, row: u32) -> &[u8] {
        let row = row as usize;
        let Some(&end) = self.ends.get(row) else { return &[] };
        let start = match row {
            0 => 0,
            _ => self.ends.get(row - 1).copied().unwrap_or(0),
        };
        self.bytes.get(start..end).unwrap_or_default()
    }

    /// Returns the bytes held.
    pub(super) fn byte_size(&self) -> usize {
        self.bytes.capacity() + self.ends.capacity() * size_of::<usize>()
    }
}

/// Compares two rows whose keys their entries hold whole. No two rows are equal.
#[inline]
pub(super) fn compare_whole(a: &Entry, b: &Entry) -> Ordering {
    (a.head, a.place).cmp(&(b.head, b.place))
}

/// Compares two rows; `tails` are the lanes'. No two rows are equal.
#[inline]
pub(super) fn compare(a: &Entry, b: &Entry, tails: &[Tails]) -> Ordering {
    if a.head != b.head {
        return a.head.cmp(&b.head);
    }
    let tail = |e: &Entry| tails.get(e.lane as usize).map_or(&[][..], |t| t.get(e.row));
    tail(a).cmp(tail(b)).then(a.place.cmp(&b.place))
}

/// Sorts entries; `is_stretched` where they are sorted stretches already, which are merged then.
pub(super) fn sort(entries: &mut [Entry], tails: &[Tails], is_stretched: bool) {
    let is_whole = tails.iter().all(|t| t.ends.is_empty());
    match (is_stretched, is_whole) {
        (true, true) => entries.sort_by(compare_whole),
        (true, false) => entries.sort_by(|a, b| compare(a, b, tails)),
        (false, true) => entries.sort_unstable_by(compare_whole),
        (false, false) => entries.sort_unstable_by(|a, b| compare(a, b, tails)),
    }
}
