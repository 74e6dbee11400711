// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Stands in for the batch of `tiforth-data`.

/// Is what operators exchange: some rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    rows: std::sync::Arc<[i64]>,
}

impl Batch {
    /// Makes a batch of one column of integers.
    pub fn of_integers(rows: impl IntoIterator<Item = i64>) -> Self {
        Batch { rows: rows.into_iter().collect() }
    }

    /// Returns the integers.
    pub fn integers(&self) -> &[i64] {
        &self.rows
    }

    /// Returns the number of rows.
    pub fn num_rows(&self) -> usize {
        self.rows.len()
    }

    /// Returns the bytes held.
    pub fn byte_size(&self) -> usize {
        std::mem::size_of_val(&*self.rows)
    }
}
