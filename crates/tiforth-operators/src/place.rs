// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Orders rows by where they came from, whatever lane they went through.

/// Returns the place of a row: batches in order, rows within a batch in order.
///
/// A source gives fewer than 2^32 batches in any feasible run; the places beyond are one.
#[inline]
pub(crate) fn place_of(batch: u64, row: u32) -> u64 {
    (batch.min(u64::from(u32::MAX)) << 32) | u64::from(row)
}
