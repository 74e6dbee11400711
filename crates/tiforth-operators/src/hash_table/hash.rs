// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Hashes keys: multiply to 128 bits and fold, as wyhash does.

const FIRST: u64 = 0x9e37_79b9_7f4a_7c15;
const SECOND: u64 = 0xe703_7ed1_a0b4_28db;

/// Multiplies to 128 bits and folds the halves.
#[inline(always)]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product as u64) ^ ((product >> 64) as u64)
}

/// Is a key that lies in a table's slot.
pub(crate) trait InlineKey: Copy + Eq + Default + Send + 'static {
    /// Returns the key's hash.
    fn hash(self, seed: u64) -> u64;
}

impl InlineKey for u64 {
    #[inline(always)]
    fn hash(self, seed: u64) -> u64 {
        fold(self ^ seed ^ SECOND, FIRST)
    }
}

impl InlineKey for u128 {
    #[inline(always)]
    fn hash(self, seed: u64) -> u64 {
        let first = fold((self as u64) ^ seed ^ SECOND, FIRST);
        fold(first ^ ((self >> 64) as u64), SECOND)
    }
}

/// Hashes bytes.
pub(crate) fn hash_bytes(bytes: &[u8], seed: u64) -> u64 {
    let mut state = seed ^ SECOND ^ (bytes.len() as u64);
    let (words, rest) = bytes.as_chunks::<8>();
    for word in words {
        state = fold(state ^ u64::from_le_bytes(*word), FIRST);
    }
    let mut last = [0u8; 8];
    if let Some(slot) = last.get_mut(..rest.len()) {
        slot.copy_from_slice(rest);
    }
    fold(state ^ u64::from_le_bytes(last), SECOND)
}
