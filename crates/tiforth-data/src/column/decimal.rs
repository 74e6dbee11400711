// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Holds a column of decimals in the narrowest lane that fits.

use std::sync::Arc;

use arrow_buffer::ScalarBuffer;
use tiforth_types::Decimal;

/// Holds decimals: mantissas at one scale in 64 or 128 bits, or each value whole where scales vary
/// or digits are many.
#[derive(Clone, Debug)]
pub enum DecimalColumn {
    /// Mantissas of 64 bits, all at `scale`.
    Lane64 {
        /// The mantissas.
        values: ScalarBuffer<i64>,
        /// The fraction digits stored.
        scale: u8,
        /// The fraction digits printed.
        printed_scale: u8,
        /// A bound of the values: no magnitude needs more bits than this, NULL slots included.
        bits: u8,
    },
    /// Mantissas of 128 bits, all at `scale`.
    Lane128 {
        /// The mantissas.
        values: ScalarBuffer<i128>,
        /// The fraction digits stored.
        scale: u8,
        /// The fraction digits printed.
        printed_scale: u8,
    },
    /// Whole values, each with scales of its own.
    Wide(Arc<[Decimal]>),
}

impl DecimalColumn {
    /// Returns the number of rows.
    pub fn len(&self) -> usize {
        match self {
            DecimalColumn::Lane64 { values, .. } => values.len(),
            DecimalColumn::Lane128 { values, .. } => values.len(),
            DecimalColumn::Wide(values) => values.len(),
        }
    }

    /// Tells whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the bytes this column keeps alive.
    pub fn byte_size(&self) -> usize {
        match self {
            DecimalColumn::Lane64 { values, .. } => values.inner().capacity(),
            DecimalColumn::Lane128 { values, .. } => values.inner().capacity(),
            DecimalColumn::Wide(values) => size_of_val(&values[..]),
        }
    }
}

impl DecimalColumn {
    /// Returns a row's value.
    pub fn get(&self, row: usize) -> Decimal {
        match self {
            DecimalColumn::Wide(v) => v.get(row).copied().unwrap_or(Decimal::ZERO),
            _ => Decimal::ZERO,
        }
    }

    /// Builds a column from whole values.
    pub fn from_decimals(values: Vec<Decimal>) -> Self {
        DecimalColumn::Wide(values.into())
    }
}
