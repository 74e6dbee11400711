// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Names the columns of a stream of batches.

use std::sync::Arc;

use tiforth_types::SqlType;

/// Names one column of a batch and says its type.
#[derive(Clone, PartialEq, Debug)]
pub struct Field {
    /// The name.
    pub name: String,
    /// The SQL type.
    pub sql_type: SqlType,
    /// Whether NULLs may occur.
    pub nullable: bool,
}

/// Says the columns of every batch of a stream.
pub type BatchSchema = Arc<[Field]>;
