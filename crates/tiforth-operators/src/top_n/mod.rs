// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Gives the first rows of an order, after leaving out so many.
//!
//! The rows are those a sort and a limit after it give, in that order. Each lane keeps about twice as
//! many rows as are wanted; once there are more, it drops those beyond, and from then on looks only at
//! rows before the last of the kept.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tiforth_data::BatchSchema;
use tiforth_types::{Error, SqlError};

use crate::build::CompiledOperator;
use crate::sort_run::{CompiledSort, SortKey, bind_keys};
use crate::spec::{CompileScope, Spec, only_input};

/// Says the order and how many rows of it to hand on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TopNSpec {
    /// What rows are ordered by.
    pub keys: Vec<SortKey>,
    /// The most rows handed on.
    pub limit: u64,
    /// The rows left out first.
    #[serde(default)]
    pub offset: u64,
}

impl Spec for TopNSpec {
    const NAME: &'static str = "top_n";
    const INPUTS: usize = 1;

    fn compile(
        &self,
        schemas: &[BatchSchema],
        scope: &mut CompileScope<'_>,
    ) -> Result<Arc<dyn CompiledOperator>, Error> {
        let input = only_input::<Self>(schemas)?;
        if self.offset.checked_add(self.limit).is_none() {
            return Err(SqlError::other("limit and offset together are beyond 64 bits").into());
        }
        let keys = bind_keys(&self.keys, input, scope)?;
        let section = Some((self.offset, self.limit));
        Ok(Arc::new(CompiledSort::new("top_n", Arc::clone(input), keys, section)))
    }

    fn explain(&self) -> String {
        let keys: Vec<String> = self.keys.iter().map(ToString::to_string).collect();
        format!("{} limit {} offset {}", keys.join(", "), self.limit, self.offset)
    }
}

#[cfg(test)]
mod tests;
