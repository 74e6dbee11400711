// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Test kit: vectors of the real TiDB, generators and a conformance harness.
//!
//! The library stands on the layers below the operators, so that any crate may test with it (with
//! default features off). The feature `door` adds the runner's engine, which is the whole library
//! behind its door; the command `conformance` and the test of the record need it.
//!
//! A module uses only modules listed above it.

#![forbid(unsafe_code)]

pub mod caught;

pub mod protocol_text;
pub mod vectors;

pub mod generate;
pub mod input;
pub mod session;

pub mod engine;

pub mod sides;

pub mod agreement;

pub mod expression;

pub mod fuzz;

pub mod echo;
pub mod judge;

pub mod shape;

pub mod run;

pub mod record;

pub mod report;

#[cfg(feature = "door")]
pub mod exactness;

#[cfg(feature = "door")]
pub mod divergence;

#[cfg(feature = "door")]
pub mod reference;

#[cfg(feature = "door")]
pub mod documents;

#[cfg(feature = "door")]
mod join;

#[cfg(feature = "door")]
pub mod relational;

#[cfg(feature = "door")]
pub mod door;
