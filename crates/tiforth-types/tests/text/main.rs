// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Holds collations and conversions against what TiDB answered.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a failing step is a failing test")]

mod derivation;
mod numbers;
mod patterns;
#[expect(dead_code, reason = "the tables are compared, not written")]
#[path = "../../examples/collation_tables.rs"]
mod tables;
mod types;
mod vectors;
mod weights;
