// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Numbers the groups of all partitions in the order of their first rows.

use tiforth_data::Reservation;
use tiforth_types::Result;

use crate::growth::{filled, make_room};

/// Is how many bits a group the marks of places may take; beyond, places are sorted.
const BITS_PER_GROUP: u64 = 256;

/// Holds the numbers of groups, and the groups by number.
#[derive(Debug, Default)]
pub(super) struct GroupOrder {
    /// The number of each partition's groups.
    pub(super) numbers: Vec<Vec<u32>>,
    /// The place of each number's group, where partitions follow one another.
    pub(super) order: Vec<u32>,
}

impl GroupOrder {
    /// Numbers the groups of partitions whose first rows stand at `places`; no two are the same.
    ///
    /// # Errors
    /// Memory that is refused.
    pub(super) fn new(places: &[&[u64]], claim: &mut Reservation) -> Result<Self> {
        let count: usize = places.iter().map(|p| p.len()).sum();
        let mut all = GroupOrder { numbers: Vec::new(), order: filled(0, count, claim)? };
        for places in places {
            all.numbers.push(filled(0, places.len(), claim)?);
        }
        let most = |half: fn(u64) -> u64| {
            places.iter().flat_map(|p| p.iter()).map(|&p| half(p)).max().unwrap_or(0) + 1
        };
        let (batches, rows) = (most(|place| place >> 32), most(|place| place & 0xffff_ffff));
        let bits = batches.saturating_mul(rows);
        if bits <= BITS_PER_GROUP * count as u64 + (1 << 20) {
            all.number_by_marks(places, (bits, rows), claim)?;
        } else {
            all.number_by_sorting(places, claim)?;
        }
        let mut start = 0;
        for numbers in &all.numbers {
            for (group, &number) in (start..).zip(numbers) {
                if let Some(slot) = all.order.get_mut(number as usize) {
                    *slot = group;
                }
            }
            start += numbers.len() as u32;
        }
        Ok(all)
    }

    /// Marks all places in a row of bits: the number of a group is how many are marked before it.
    fn number_by_marks(
        &mut self,
        places: &[&[u64]],
        (bits, rows): (u64, u64),
        claim: &mut Reservation,
    ) -> Result<()> {
        let bit_of = |place: u64| (place >> 32) * rows + (place & 0xffff_ffff);
        let words = (bits / 64 + 1) as usize;
        let before = claim.bytes();
        let mut marks = filled((0u64, 0u32), words, claim)?;
        for &place in places.iter().flat_map(|p| p.iter()) {
            let bit = bit_of(place);
            if let Some((mark, _)) = marks.get_mut((bit / 64) as usize) {
                *mark |= 1 << (bit % 64);
            }
        }
        let mut before_word = 0;
        for (mark, count) in &mut marks {
            *count = before_word;
            before_word += mark.count_ones();
        }
        for (places, numbers) in places.iter().zip(&mut self.numbers) {
            for (&place, number) in places.iter().zip(numbers) {
                let bit = bit_of(place);
                if let Some((mark, count)) = marks.get((bit / 64) as usize) {
                    *number = count + (mark & ((1 << (bit % 64)) - 1)).count_ones();
                }
            }
        }
        drop(marks);
        claim.resize(before)
    }

    fn number_by_sorting(&mut self, places: &[&[u64]], claim: &mut Reservation) -> Result<()> {
        let before = claim.bytes();
        let mut sorted: Vec<(u64, u32, u32)> = Vec::new();
        make_room(&mut sorted, self.order.len(), claim)?;
        for (part, places) in (0u32..).zip(places) {
            sorted.extend((0u32..).zip(*places).map(|(group, &place)| (place, part, group)));
        }
        sorted.sort_unstable();
        for (number, &(_, part, group)) in (0u32..).zip(&sorted) {
            let slot = self.numbers.get_mut(part as usize).and_then(|n| n.get_mut(group as usize));
            if let Some(slot) = slot {
                *slot = number;
            }
        }
        drop(sorted);
        claim.resize(before)
    }
}
