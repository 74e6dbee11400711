// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Tests the protocol: traces of `protocol.md` (T-01 … T-34), transitions, drivers, random runs.

mod script;

mod awaiters;
mod compiling;
mod contracts;
mod drivers;
mod errors;
mod feeding;
mod random;
mod traces;
