// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Holds keys and their numbers: open addressing, linear probing, at most half full.

use tiforth_data::{Column, KeyEncoder, Keys, Reservation, Rows};
use tiforth_types::{InternalError, Result};

use super::hash::{InlineKey, hash_bytes};
use crate::growth::{filled, make_room, release, settle};

/// Is the number of slots a table begins with.
const SLOTS_MIN: usize = 64;
/// Is how many rows' slots are fetched at once.
const AHEAD: usize = 16;

/// Numbers distinct keys from 0 on, in the order in which they appear.
#[derive(Debug)]
pub(crate) struct GroupTable {
    encoder: KeyEncoder,
    encoder_booked: usize,
    inline: Inline,
    long: LongTable,
    hashes: Vec<u64>,
    seed: u64,
}

#[derive(Debug)]
enum Inline {
    Words(SlotTable<u64>),
    Pairs(SlotTable<u128>),
}

impl GroupTable {
    /// Makes an empty table for keys that `encoder` writes.
    pub(crate) fn new(encoder: KeyEncoder, seed: u64) -> Self {
        let inline = if encoder.is_word() {
            Inline::Words(SlotTable::default())
        } else {
            Inline::Pairs(SlotTable::default())
        };
        let (long, hashes) = (LongTable::default(), Vec::new());
        GroupTable { encoder, encoder_booked: 0, inline, long, hashes, seed }
    }

    /// Returns the number of keys.
    pub(crate) fn len(&self) -> usize {
        self.hashes.len()
    }

    /// Returns the keys' hashes, by their numbers.
    pub(crate) fn hashes(&self) -> &[u64] {
        &self.hashes
    }

    /// Numbers the keys of the rows that count; `columns` are decoded. `groups` takes a number for
    /// each, `new` the rows that brought a new key, by their place among those that count.
    ///
    /// # Errors
    /// Memory that is refused, and a bug's report where a column is not of its type's form.
    pub(crate) fn number(
        &mut self,
        columns: &[Column],
        rows: Rows<'_>,
        groups: &mut Vec<u32>,
        new: &mut Vec<u32>,
        claim: &mut Reservation,
    ) -> Result<()> {
        let count = rows.count();
        groups.clear();
        new.clear();
        make_room(groups, count, claim)?;
        make_room(new, count, claim)?;
        make_room(&mut self.hashes, count, claim)?;
        if self.hashes.len() + count > u32::MAX as usize - 1 {
            return Err(InternalError::new("more than 2^32 groups").into());
        }
        let bound = self.encoder.bound(columns, count).max(self.encoder_booked);
        settle(claim, &mut self.encoder_booked, bound)?;
        let keys = self.encoder.encode(columns, rows)?;
        let mut at = Numbering { groups, new, hashes: &mut self.hashes, claim, seed: self.seed };
        match &mut self.inline {
            Inline::Words(table) => number_all(table, keys.words(), keys, &mut self.long, &mut at)?,
            Inline::Pairs(table) => number_all(table, keys.pairs(), keys, &mut self.long, &mut at)?,
        }
        let now = self.encoder.byte_size();
        settle(claim, &mut self.encoder_booked, now)
    }
}

/// Is where the numbers of a batch go.
struct Numbering<'a> {
    groups: &'a mut Vec<u32>,
    new: &'a mut Vec<u32>,
    hashes: &'a mut Vec<u64>,
    claim: &'a mut Reservation,
    seed: u64,
}

impl Numbering<'_> {
    /// Takes the number found for the next row; `next` if it is a new key of hash `hash`.
    #[inline(always)]
    fn take(&mut self, group: u32, next: u32, hash: u64) {
        if group == next {
            self.new.push(self.groups.len() as u32);
            self.hashes.push(hash);
        }
        self.groups.push(group);
    }
}

/// Numbers the keys of all rows: those between two long keys lie in `inline`.
fn number_all<K: InlineKey>(
    table: &mut SlotTable<K>,
    inline: &[K],
    keys: &Keys,
    long: &mut LongTable,
    at: &mut Numbering<'_>,
) -> Result<()> {
    let mut done = 0;
    for (row, range) in keys.long() {
        let row = *row as usize;
        table.number(inline.get(done..row).unwrap_or_default(), at)?;
        let key = keys.long_bytes(range);
        let next = at.hashes.len() as u32;
        let hash = hash_bytes(key, at.seed);
        let group = long.find_or_insert(key, hash, next, at.claim)?;
        at.take(group, next, hash);
        done = row + 1;
    }
    table.number(inline.get(done..).unwrap_or_default(), at)
}

/// Is a key with one more than its number; 0 is an empty slot.
#[derive(Clone, Copy, Default, Debug)]
struct Slot<K> {
    key: K,
    group: u32,
}

/// Holds keys in its slots.
#[derive(Debug)]
struct SlotTable<K> {
    slots: Vec<Slot<K>>,
    used: usize,
}

impl<K> Default for SlotTable<K> {
    fn default() -> Self {
        SlotTable { slots: Vec::new(), used: 0 }
    }
}

impl<K: InlineKey> SlotTable<K> {
    fn number(&mut self, keys: &[K], at: &mut Numbering<'_>) -> Result<()> {
        let mut hashes = [0u64; AHEAD];
        for block in keys.chunks(AHEAD) {
            if (self.used + block.len()) * 2 > self.slots.len() {
                self.grow(block.len(), at.seed, at.claim)?;
            }
            let mask = self.slots.len().wrapping_sub(1);
            let mut touched = 0;
            for (hash, key) in hashes.iter_mut().zip(block) {
                *hash = key.hash(at.seed);
                touched |= self.slots.get(slot_of(*hash, mask)).map_or(0, |slot| slot.group);
            }
            // The loads above do not wait for one another, as those of the search below do.
            std::hint::black_box(touched);
            for (&key, &hash) in block.iter().zip(&hashes) {
                let next = at.hashes.len() as u32;
                let group = self.find_or_insert(key, hash, next);
                at.take(group, next, hash);
            }
        }
        Ok(())
    }

    /// Finds a key, or inserts it as number `next`; there is room.
    #[inline(always)]
    fn find_or_insert(&mut self, key: K, hash: u64, next: u32) -> u32 {
        let mask = self.slots.len().wrapping_sub(1);
        let mut place = slot_of(hash, mask);
        while let Some(slot) = self.slots.get_mut(place) {
            if slot.group == 0 {
                *slot = Slot { key, group: next + 1 };
                self.used += 1;
                return next;
            }
            if slot.key == key {
                return slot.group - 1;
            }
            place = (place + 1) & mask;
        }
        next
    }

    #[cold]
    fn grow(&mut self, more: usize, seed: u64, claim: &mut Reservation) -> Result<()> {
        let wanted = ((self.used + more) * 4).next_power_of_two().max(SLOTS_MIN);
        let slots = filled(Slot::default(), wanted, claim)?;
        let old = std::mem::replace(&mut self.slots, slots);
        let mask = wanted - 1;
        for slot in old.iter().filter(|s| s.group != 0) {
            let mut place = slot_of(slot.key.hash(seed), mask);
            while let Some(free) = self.slots.get_mut(place) {
                if free.group == 0 {
                    *free = *slot;
                    break;
                }
                place = (place + 1) & mask;
            }
        }
        release(claim, old.capacity() * size_of::<Slot<K>>())
    }
}

/// Returns the first slot to look at. Its bits are the hash's low ones; partitions use the high ones.
#[inline(always)]
fn slot_of(hash: u64, mask: usize) -> usize {
    (hash as usize) & mask
}

/// Holds keys in an arena; slots hold a part of the hash and the entry's place.
#[derive(Debug, Default)]
struct LongTable {
    slots: Vec<(u32, u32)>,
    entries: Vec<LongEntry>,
    bytes: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
struct LongEntry {
    hash: u64,
    start: usize,
    len: usize,
    group: u32,
}

impl LongTable {
    fn find_or_insert(
        &mut self,
        key: &[u8],
        hash: u64,
        next: u32,
        claim: &mut Reservation,
    ) -> Result<u32> {
        if (self.entries.len() + 1) * 2 > self.slots.len() {
            self.grow(claim)?;
        }
        let (mask, tag) = (self.slots.len().wrapping_sub(1), (hash >> 32) as u32);
        let mut place = slot_of(hash, mask);
        while let Some(&(its_tag, entry)) = self.slots.get(place) {
            if entry == 0 {
                break;
            }
            if its_tag == tag
                && let Some(entry) = self.entries.get(entry as usize - 1)
                && self.bytes.get(entry.start..entry.start + entry.len) == Some(key)
            {
                return Ok(entry.group);
            }
            place = (place + 1) & mask;
        }
        make_room(&mut self.bytes, key.len(), claim)?;
        make_room(&mut self.entries, 1, claim)?;
        let start = self.bytes.len();
        self.bytes.extend_from_slice(key);
        self.entries.push(LongEntry { hash, start, len: key.len(), group: next });
        if let Some(slot) = self.slots.get_mut(place) {
            *slot = (tag, self.entries.len() as u32);
        }
        Ok(next)
    }

    #[cold]
    fn grow(&mut self, claim: &mut Reservation) -> Result<()> {
        let wanted = (self.slots.len() * 2).max(SLOTS_MIN);
        let slots = filled((0, 0), wanted, claim)?;
        let old = std::mem::replace(&mut self.slots, slots);
        let mask = wanted - 1;
        for (number, entry) in (1u32..).zip(&self.entries) {
            let mut place = slot_of(entry.hash, mask);
            while let Some(slot) = self.slots.get_mut(place) {
                if slot.1 == 0 {
                    *slot = ((entry.hash >> 32) as u32, number);
                    break;
                }
                place = (place + 1) & mask;
            }
        }
        release(claim, old.capacity() * size_of::<(u32, u32)>())
    }
}
