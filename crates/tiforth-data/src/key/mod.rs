// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Encodes key columns, batch by batch, into what grouping, joining and sorting compare.
//!
//! Two encodings, because the two questions differ. In [`Keys`] equal values have equal keys and others
//! have others: −0 is 0, 1.0 is 1.00, texts stand as the sort keys of their collations. NULL equals
//! NULL; where it must not (joins), the rows with a NULL are to be left out. Both sides of a join
//! first take the common type. The keys of an [`OrderEncoder`] compare as bytes.
//!
//! The form of a key depends on the types and the row's own values, never on other rows: keys of all
//! batches, and of all lanes, compare.

mod equality;
mod order;

pub use equality::{Key, KeyEncoder, Keys};
pub use order::{KeyOrder, OrderEncoder};

#[cfg(test)]
mod tests;
