// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Groups rows by keys and computes aggregates of each group.
//!
//! ```text
//!  lane 0: batches ─▶ groups, accumulators; rows kept apart ─┐  by hash, in parallel    by column
//!  lane 1: batches ─▶ groups, accumulators; rows kept apart ─┼─▶ merge and aggregate ─▶ number ─▶ put in order
//!  …                                                         ┘
//! ```
//!
//! Each lane numbers the keys of its own rows and hands whole batches to the accumulators with a
//! group's number a row. Beyond a number of groups it only copies rows, parted by the hashes of their
//! keys (as in "Memory-Efficient Aggregation in DuckDB"), and adds them a partition at a time when many
//! have come. When the input ends, what the lanes have of a partition is brought together: partitions
//! are independent, so tasks take one after another. Then each output column (a key, an aggregate) is
//! a piece of work by itself.
//!
//! Groups come out in the order of their first rows, by (batch number, row), and a group's keys are
//! those of that row, whatever the number of lanes. Without keys there is one group, even of no rows.
//! DISTINCT keeps the first row of each (group, arguments) until the end and accumulates these in the
//! order of their places, so that its results do not depend on lanes either. Sums of doubles are added
//! in the order of the rows within a batch and without rounding between batches. Of texts a collation
//! holds equal MIN and MAX keep the one they meet first.
//!
//! Memory: the table of keys, the keys' values, a state a group and aggregate, and for DISTINCT the
//! distinct values, and the rows that are kept apart; all claimed before it is taken.

mod arguments;
mod distinct;
mod few;
mod groups;
mod lane;
mod merge;
mod order;
mod parted;
mod partial;
mod sink;
mod spec;

pub use spec::{AggregateCall, AggregateSpec};

#[cfg(test)]
mod tests;
