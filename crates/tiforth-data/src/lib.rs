// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Says how values lie in memory: batches of columns, selections, Arrow in and out, keys, memory.
//!
//! A module uses only modules listed above it.

#![deny(unsafe_code)]

pub mod memory;

pub mod simd;

pub mod column;

pub mod batch;

pub use batch::{Batch, BatchSchema, Field, Selection};
pub use column::{
    BytesBuilder, BytesColumn, Column, ColumnData, DecimalColumn, DecodeContext, OutOfDomain,
};
pub use memory::{MemoryPool, Reservation, UnboundedPool};
