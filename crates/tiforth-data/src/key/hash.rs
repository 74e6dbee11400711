// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Hashes keys a batch at a time, seeded by the engine.

use std::hash::Hasher;

use foldhash::SharedSeed;
use foldhash::fast::FoldHasher;

use super::{EqualityKeys, KeyForm};

/// Is the hashes of a batch's keys, one a row.
pub type HashColumn = Vec<u64>;

/// Hashes keys. Equal keys of one layout hash alike under one seed; high and low bits are both
/// good.
#[derive(Clone, Debug)]
pub struct KeyHasher {
    seed: u64,
    shared: SharedSeed,
}

/// Is the fraction of the golden ratio: a multiplier without pattern.
const MULTIPLIER: u64 = 0x9E37_79B9_7F4A_7C15;

impl KeyHasher {
    /// Builds a hasher of the engine's seed.
    pub fn new(seed: u64) -> Self {
        KeyHasher { seed: seed ^ 0x243F_6A88_85A3_08D3, shared: SharedSeed::from_u64(seed) }
    }

    /// Hashes all keys into `hashes`, which is overwritten.
    pub fn hash(&self, keys: &EqualityKeys, hashes: &mut HashColumn) {
        hashes.clear();
        match keys.form() {
            KeyForm::Fixed64(keys) => hashes.extend(keys.iter().map(|&k| self.hash_u64(k))),
            KeyForm::Fixed128(keys) => hashes.extend(keys.iter().map(|&k| self.hash_u128(k))),
            KeyForm::Bytes(keys) => hashes.extend(keys.iter().map(|k| self.hash_bytes(k))),
        }
    }

    /// Hashes a key of 8 bytes.
    #[inline]
    pub fn hash_u64(&self, key: u64) -> u64 {
        fold(key ^ self.seed, MULTIPLIER)
    }

    /// Hashes a key of 16 bytes.
    #[inline]
    pub fn hash_u128(&self, key: u128) -> u64 {
        let (low, high) = (key as u64, (key >> 64) as u64);
        fold(fold(low ^ self.seed, MULTIPLIER) ^ high, MULTIPLIER.rotate_left(32) | 1)
    }

    /// Hashes a key of any length.
    #[inline]
    pub fn hash_bytes(&self, key: &[u8]) -> u64 {
        let mut hasher = FoldHasher::with_seed(self.seed, &self.shared);
        hasher.write(key);
        // A second fold: the hasher's own finish leaves a short key's length to the caller.
        fold(hasher.finish() ^ key.len() as u64, MULTIPLIER)
    }
}

/// Multiplies to 128 bits and folds the halves.
#[inline(always)]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a).wrapping_mul(u128::from(b));
    (product as u64) ^ ((product >> 64) as u64)
}
