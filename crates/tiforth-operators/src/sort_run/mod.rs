// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Keeps rows with their order keys, for whatever sorts: sort and top-n.
//!
//! ```text
//!  entry: 16 bytes of key │ place │ lane, row ──▶ the rest of the key, in an arena
//!                                             ──▶ the row's columns, as they were kept
//! ```
//!
//! Keys compare as bytes. Rows of equal keys stand in the order of their places (batch number, row),
//! which makes any sort of the entries a stable sort of the rows, whatever the number of lanes.

mod entries;
mod merge;
mod run;
mod sink;
mod spec;

pub use spec::{Nulls, SortKey};

pub(crate) use sink::CompiledSort;
pub(crate) use spec::bind_keys;
