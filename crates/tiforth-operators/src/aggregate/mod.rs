// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Groups rows by keys and computes aggregates of each group.
//!
//! ```text
//!  lane 0: batches ─▶ groups, accumulators ─┐   by hash, in parallel    by column, in parallel
//!  lane 1: batches ─▶ groups, accumulators ─┼─▶ merge the keys ─▶ number ─▶ merge and finish ─▶ batches
//!  …                                        ┘
//! ```
//!
//! Each lane numbers the keys of its own rows and hands whole batches to the accumulators with a
//! group's number a row. When the input ends, the lanes' groups are matched: partitions of the hash
//! are independent, so tasks take one after another. Then each output column (a key, an aggregate) is
//! a piece of work by itself.
//!
//! Groups come out in the order of their first rows, by (batch number, row), and a group's keys are
//! those of that row, whatever the number of lanes. Without keys there is one group, even of no rows.
//! DISTINCT keeps the first row of each (group, arguments) until the end and accumulates these in the
//! order of their places, so that its results do not depend on lanes either. A sum of doubles, which
//! depends on the order of addition, may differ in its last digits between numbers of lanes, and of
//! texts a collation holds equal MIN and MAX keep the one they meet first.
//!
//! Memory: the table of keys, the keys' values, a state a group and aggregate, and for DISTINCT the
//! distinct values; all claimed before it is taken.

mod arguments;
mod distinct;
mod few;
mod groups;
mod lane;
mod merge;
mod sink;
mod spec;

pub use spec::{AggregateCall, AggregateSpec};

#[cfg(test)]
mod tests;
