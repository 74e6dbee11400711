// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Orders rows.
//!
//! Lanes keep their rows with encoded keys; when the input ends, pieces are sorted and merged in
//! parallel (`sort_run`). Rows of equal keys keep the order in which they came: by
//! batch number, then row. NULLs come first, and last in descending order, unless the host says
//! otherwise. Texts compare by their collation. Holds all rows and their keys.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tiforth_data::BatchSchema;
use tiforth_types::{Error, InternalError};

use crate::build::CompiledOperator;
use crate::sort_run::{CompiledSort, bind_keys};
use crate::spec::{CompileScope, OperatorSpec, decode, equal_specs};

pub use crate::sort_run::{Nulls, SortKey};

/// Says the order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SortSpec {
    /// What rows are ordered by: where the first key is equal, the second decides, and so on.
    pub keys: Vec<SortKey>,
}

impl SortSpec {
    /// Reads the spec from a plan's fields.
    ///
    /// # Errors
    /// What is wrong with the first field that is.
    pub fn decode(value: Value) -> Result<Box<dyn OperatorSpec>, String> {
        decode::<SortSpec>(value)
    }
}

impl OperatorSpec for SortSpec {
    fn name(&self) -> &'static str {
        "sort"
    }

    fn inputs(&self) -> usize {
        1
    }

    fn compile(
        &self,
        schemas: &[BatchSchema],
        scope: &mut CompileScope<'_>,
    ) -> Result<Arc<dyn CompiledOperator>, Error> {
        let [input] = schemas else {
            return Err(InternalError::new("a sort has one input").into());
        };
        let keys = bind_keys(&self.keys, input, scope)?;
        Ok(Arc::new(CompiledSort::new("sort", Arc::clone(input), keys, None)))
    }

    fn explain(&self) -> String {
        let keys: Vec<String> = self.keys.iter().map(ToString::to_string).collect();
        keys.join(", ")
    }

    fn to_json(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    fn clone_spec(&self) -> Box<dyn OperatorSpec> {
        Box::new(self.clone())
    }

    fn equals(&self, other: &dyn OperatorSpec) -> bool {
        equal_specs(self, other)
    }
}

#[cfg(test)]
mod tests;
