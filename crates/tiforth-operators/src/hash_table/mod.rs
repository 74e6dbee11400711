// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Numbers the distinct keys of rows: the table under aggregation and DISTINCT.
//!
//! ```text
//!  key columns ──KeyEncoder──▶ a word, two words or bytes a row ──GroupTable──▶ 0, 1, 2 … in order
//!                                                                              of first appearance
//! ```
//!
//! Keys are equal exactly where SQL says the values are: NULL equals NULL, -0 is 0, 1.0 is 1.00, texts
//! by their collation. One or two columns of numbers or times are their own keys; other rows are laid
//! out as bytes, and what fits 15 bytes lies in the table's slot beside its number, so that a look-up
//! is one cache miss. A row whose key does not fit (or a number that is NULL) goes to a second table
//! over an arena of bytes; a value always takes the same way, so the two never hold the same key.

mod codes;
mod encode;
mod hash;
mod partition;
mod table;

pub(crate) use codes::CodeMap;
pub(crate) use encode::KeyEncoder;
pub(crate) use partition::{Partitioner, by_partition};
pub(crate) use table::GroupTable;
