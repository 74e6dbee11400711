// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Parts rows by the hashes of their keys, as [`GroupTable`](super::GroupTable) hashes them.

use tiforth_data::{Column, KeyEncoder, Reservation, Rows};
use tiforth_types::Result;

use super::hash::{InlineKey, hash_bytes};
use crate::growth::{make_room, settle};

/// Returns the partition of a hash among 2^`bits`: its high bits, as slots are found by the low ones.
pub(crate) fn partition_of(hash: u64, bits: u32) -> usize {
    hash.checked_shr(u64::BITS - bits).unwrap_or(0) as usize
}

/// Lists rows partition by partition.
#[derive(Debug)]
pub(crate) struct Partitioner {
    encoder: KeyEncoder,
    booked: usize,
    hashes: Vec<u64>,
    seed: u64,
}

impl Partitioner {
    /// Makes one for keys that `encoder` writes.
    pub(crate) fn new(encoder: KeyEncoder, seed: u64) -> Self {
        Partitioner { encoder, booked: 0, hashes: Vec::new(), seed }
    }

    /// Lists the rows that count, by their place among these, in `order`: those of a partition after
    /// the other, in their own order within it. Returns where each begins, and the end.
    ///
    /// # Errors
    /// Memory that is refused, and a bug's report where a column is not of its type's form.
    pub(crate) fn part(
        &mut self,
        columns: &[Column],
        rows: Rows<'_>,
        bits: u32,
        order: &mut Vec<u32>,
        claim: &mut Reservation,
    ) -> Result<Vec<u32>> {
        let count = rows.count();
        let bound = self.encoder.bound(columns, count).max(self.booked);
        settle(claim, &mut self.booked, bound)?;
        self.hashes.clear();
        make_room(&mut self.hashes, count, claim)?;
        let is_word = self.encoder.is_word();
        let keys = self.encoder.encode(columns, rows)?;
        if is_word {
            self.hashes.extend(keys.words().iter().map(|key| key.hash(self.seed)));
        } else {
            self.hashes.extend(keys.pairs().iter().map(|key| key.hash(self.seed)));
        }
        for (row, range) in keys.long() {
            if let Some(hash) = self.hashes.get_mut(*row as usize) {
                *hash = hash_bytes(keys.long_bytes(range), self.seed);
            }
        }
        let now = self.encoder.byte_size();
        settle(claim, &mut self.booked, now)?;
        by_partition(&self.hashes, bits, order, claim)
    }
}

/// Lists the places of `hashes` partition by partition; returns where each begins, and the end.
///
/// # Errors
/// Memory that is refused.
pub(crate) fn by_partition(
    hashes: &[u64],
    bits: u32,
    order: &mut Vec<u32>,
    claim: &mut Reservation,
) -> Result<Vec<u32>> {
    order.clear();
    make_room(order, hashes.len(), claim)?;
    order.resize(hashes.len(), 0);
    let mut starts = vec![0u32; (1 << bits) + 1];
    for &hash in hashes {
        if let Some(count) = starts.get_mut(partition_of(hash, bits) + 1) {
            *count += 1;
        }
    }
    let mut end = 0;
    for start in &mut starts {
        end += *start;
        *start = end;
    }
    let mut next = starts.clone();
    for (row, &hash) in (0u32..).zip(hashes) {
        if let Some(place) = next.get_mut(partition_of(hash, bits)) {
            if let Some(slot) = order.get_mut(*place as usize) {
                *slot = row;
            }
            *place += 1;
        }
    }
    Ok(starts)
}
