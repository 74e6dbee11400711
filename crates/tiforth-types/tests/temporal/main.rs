// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Holds dates, times and zones to TiDB's own answers: the direct shapes of the conformance vectors.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a failing step is a failing test")]

mod calendar;
mod casts;
mod intervals;
mod judge;
#[expect(dead_code, reason = "families are read with their sessions here")]
#[path = "../text/vectors.rs"]
mod vectors;
