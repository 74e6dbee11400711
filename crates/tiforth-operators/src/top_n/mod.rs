// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Gives the first rows of an order, after leaving out so many.
//!
//! The rows are those a sort and a limit after it give, in that order. Each lane keeps about twice as
//! many rows as are wanted; once there are more, it drops those beyond, and from then on looks only at
//! rows before the last of the kept.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tiforth_data::BatchSchema;
use tiforth_types::{Error, InternalError, SqlError};

use crate::build::CompiledOperator;
use crate::sort_run::{CompiledSort, SortKey, bind_keys};
use crate::spec::{CompileScope, OperatorSpec, decode, equal_specs};

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

impl TopNSpec {
    /// Reads the spec from a plan's fields.
    ///
    /// # Errors
    /// What is wrong with the first field that is.
    pub fn decode(value: Value) -> Result<Box<dyn OperatorSpec>, String> {
        decode::<TopNSpec>(value)
    }
}

impl OperatorSpec for TopNSpec {
    fn name(&self) -> &'static str {
        "top_n"
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
            return Err(InternalError::new("top_n has one input").into());
        };
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
