// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Numbers the distinct keys of rows: the table under aggregation and DISTINCT.
//!
//! ```text
//!  key columns ──KeyEncoder──▶ a word, two words or bytes a row ──GroupTable──▶ 0, 1, 2 … in order
//!                                                                              of first appearance
//! ```
//!
//! Keys are equal exactly where SQL says the values are ([`tiforth_data::key`]). A short key lies in
//! the table's slot beside its number, so that a look-up is one cache miss; a long one goes to a second
//! table over an arena of bytes. A value's key is always the one or the other, so the two tables never
//! hold the same key.

mod codes;
mod hash;
mod partition;
mod table;

pub(crate) use codes::CodeMap;
pub(crate) use partition::{Partitioner, by_partition};
pub(crate) use table::GroupTable;
