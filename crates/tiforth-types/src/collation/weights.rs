// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Looks up the weights of characters in the tables `examples/collation_tables.rs` makes; the layout
//! is described there.

/// Is a table of the weights of all characters, none to eight each.
pub(super) struct WeightTable {
    ascii: [u32; 128],
    /// The distinct page of every 256 characters, as u16.
    pages: &'static [u8],
    /// The entries of the distinct pages, as u32.
    entries: &'static [u8],
    /// The weights of characters that have more than one, as u16.
    pool: &'static [u8],
    beyond: u32,
    own_from: u32,
}

const OWN: u32 = 14;
const COMPUTED: u32 = 15;

/// Makes the entry of a character of one weight.
pub(super) const fn one(weight: u16) -> u32 {
    1 << 28 | weight as u32
}

/// Makes the entry of a character whose two weights are computed from it.
pub(super) const fn computed(base: u16) -> u32 {
    COMPUTED << 28 | base as u32
}

const fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

impl WeightTable {
    /// Reads a table. `beyond` is the entry of the characters behind its end; characters above
    /// `like_limit` match only themselves in LIKE.
    pub(super) const fn read(bytes: &'static [u8], beyond: u32, like_limit: u32) -> WeightTable {
        let mut start = 0;
        while bytes[start] != b'\n' {
            start += 1;
        }
        let (_, bytes) = bytes.split_at(start + 1);
        let (counts, bytes) = bytes.split_at(6);
        let (pages, bytes) = bytes.split_at(2 * u16_at(counts, 0) as usize);
        let (entries, pool) = bytes.split_at(1024 * u16_at(counts, 2) as usize);
        assert!(pool.len() == 2 * u16_at(counts, 4) as usize, "the table is whole");
        let mut ascii = [0; 128];
        let mut at = 0;
        while at < ascii.len() {
            let place = 1024 * u16_at(pages, 0) as usize + 4 * at;
            let entry = u16_at(entries, place) as u32 | (u16_at(entries, place + 2) as u32) << 16;
            ascii[at] = if entry >> 28 == OWN { one(at as u16) } else { entry };
            at += 1;
        }
        WeightTable { ascii, pages, entries, pool, beyond, own_from: like_limit }
    }

    #[inline]
    fn entry(&self, code_point: u32) -> u32 {
        match self.ascii.get(code_point as usize) {
            Some(entry) => *entry,
            None => self.entry_wide(code_point).unwrap_or(self.beyond),
        }
    }

    fn entry_wide(&self, code_point: u32) -> Option<u32> {
        let (pages, _) = self.pages.as_chunks::<2>();
        let page = u16::from_le_bytes(*pages.get((code_point >> 8) as usize)?);
        let (entries, _) = self.entries.as_chunks::<4>();
        let place = usize::from(page) << 8 | (code_point & 0xff) as usize;
        entries.get(place).map(|entry| u32::from_le_bytes(*entry))
    }

    /// Returns the weight of a character of which the table knows just one.
    #[inline]
    pub(super) fn single(&self, code_point: u32) -> u16 {
        let entry = self.entry(code_point);
        low16(if entry >> 28 == OWN { code_point } else { entry })
    }

    /// Returns the weights of a character.
    #[inline]
    pub(super) fn weights(&self, code_point: u32) -> Weights {
        let entry = self.entry(code_point);
        match entry >> 28 {
            0 => Weights::default(),
            1 => Weights { next: low16(entry), left: 1, ..Weights::default() },
            OWN => Weights { next: low16(code_point), left: 1, ..Weights::default() },
            COMPUTED => Weights {
                next: low16(entry + (code_point >> 15)),
                second: low16((code_point & 0x7fff) | 0x8000),
                left: 2,
                pool: &[],
            },
            count => {
                let (pool, _) = self.pool.as_chunks::<2>();
                let start = (entry & 0x0fff_ffff) as usize;
                let mut pool = pool.get(start..start + count as usize).unwrap_or_default();
                let next = pool.split_off_first().map_or(0, |weight| u16::from_le_bytes(*weight));
                Weights { next, second: 0, left: count, pool }
            }
        }
    }

    /// Returns a number that is the same for the characters LIKE takes for equal.
    #[inline]
    pub(super) fn like_class(&self, code_point: u32) -> u64 {
        let own = || 1 << 32 | u64::from(code_point);
        if code_point > self.own_from {
            return own();
        }
        let entry = self.entry(code_point);
        match entry >> 28 {
            OWN => u64::from(one(low16(code_point))),
            COMPUTED => own(),
            // A bounded table is the one that also takes long expansions as themselves.
            5..OWN if self.own_from != u32::MAX => own(),
            _ => u64::from(entry),
        }
    }
}

#[inline]
#[expect(clippy::cast_possible_truncation, reason = "takes the low 16 bits")]
const fn low16(number: u32) -> u16 {
    number as u16
}

/// Is the weights of a character that are still to come.
#[derive(Clone, Copy, Default)]
pub(super) struct Weights {
    next: u16,
    second: u16,
    left: u32,
    pool: &'static [[u8; 2]],
}

impl Iterator for Weights {
    type Item = u16;

    #[inline]
    fn next(&mut self) -> Option<u16> {
        self.left = self.left.checked_sub(1)?;
        let weight = self.next;
        self.next = match self.pool.split_off_first() {
            Some(weight) => u16::from_le_bytes(*weight),
            None => self.second,
        };
        Some(weight)
    }
}
