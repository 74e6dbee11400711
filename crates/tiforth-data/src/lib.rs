// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Says how values lie in memory: batches of columns, selections, Arrow in and out, keys, memory.
//!
//! A module uses only modules listed above it.

#![deny(unsafe_code)]

pub mod memory;

pub mod simd;

pub mod bitmap;

pub mod schema;

pub mod arrow_type;

pub mod column;

pub mod batch;

pub mod key;

pub use arrow_type::{batch_schema_to_schema, check_same_schema, schema_to_batch_schema};
pub use batch::{Batch, Rows, Selection};
pub use column::{
    BytesBuilder, BytesColumn, Column, ColumnData, DecimalColumn, DecodeContext, IntLayout,
    OutOfDomain, Output, PickedColumn,
};
pub use key::{Key, KeyEncoder, KeyOrder, Keys, OrderEncoder};
pub use memory::{DenyNth, LimitedPool, MemoryPool, Reservation, UnboundedPool};
pub use schema::{BatchSchema, Field};
