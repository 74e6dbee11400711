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
use tiforth_data::BatchSchema;
use tiforth_types::Error;

use crate::build::CompiledOperator;
use crate::sort_run::{CompiledSort, bind_keys};
use crate::spec::{CompileScope, Spec, only_input};

pub use crate::sort_run::{Nulls, SortKey};

/// Says the order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SortSpec {
    /// What rows are ordered by: where the first key is equal, the second decides, and so on.
    pub keys: Vec<SortKey>,
}

impl Spec for SortSpec {
    const NAME: &'static str = "sort";
    const INPUTS: usize = 1;

    fn compile(
        &self,
        schemas: &[BatchSchema],
        scope: &mut CompileScope<'_>,
    ) -> Result<Arc<dyn CompiledOperator>, Error> {
        let input = only_input::<Self>(schemas)?;
        let keys = bind_keys(&self.keys, input, scope)?;
        Ok(Arc::new(CompiledSort::new("sort", Arc::clone(input), keys, None)))
    }

    fn explain(&self) -> String {
        let keys: Vec<String> = self.keys.iter().map(ToString::to_string).collect();
        keys.join(", ")
    }
}

#[cfg(test)]
mod tests;
