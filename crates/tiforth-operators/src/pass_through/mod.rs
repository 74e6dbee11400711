// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Hands every batch on as it came: the very same columns. Holds no data.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tiforth_data::{Batch, BatchSchema};
use tiforth_pipeline::{OpContext, OpOutput, Pipe, PipeLocal};
use tiforth_types::{Error, InternalError, Result};

use crate::build::{CompiledOperator, PipelineBuilder, forward};
use crate::spec::{CompileScope, OperatorSpec, decode, equal_specs};

/// Says nothing: batches pass.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PassThroughSpec {}

impl PassThroughSpec {
    /// Reads the spec from a plan's fields.
    ///
    /// # Errors
    /// What is wrong with the first field that is.
    pub fn decode(value: Value) -> Result<Box<dyn OperatorSpec>, String> {
        decode::<PassThroughSpec>(value)
    }
}

impl OperatorSpec for PassThroughSpec {
    fn name(&self) -> &'static str {
        "pass_through"
    }

    fn inputs(&self) -> usize {
        1
    }

    fn compile(
        &self,
        schemas: &[BatchSchema],
        _: &mut CompileScope<'_>,
    ) -> Result<Arc<dyn CompiledOperator>, Error> {
        match schemas {
            [schema] => Ok(Arc::new(PassThrough { schema: Arc::clone(schema) })),
            _ => Err(InternalError::new("pass_through has one input").into()),
        }
    }

    fn explain(&self) -> String {
        String::new()
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

struct PassThrough {
    schema: BatchSchema,
}

impl CompiledOperator for PassThrough {
    fn schema(&self) -> &BatchSchema {
        &self.schema
    }

    fn build(&self, builder: &mut PipelineBuilder<'_>) -> Result<()> {
        builder.pipe(Arc::new(PassThroughPipe))
    }
}

struct PassThroughPipe;

impl Pipe for PassThroughPipe {
    fn name(&self) -> &str {
        "pass_through"
    }

    fn local(self: Arc<Self>, _: &OpContext<'_>) -> Result<Box<dyn PipeLocal>> {
        Ok(Box::new(PassThroughLocal))
    }
}

struct PassThroughLocal;

impl PipeLocal for PassThroughLocal {
    fn pipe(&mut self, _: &OpContext<'_>, input: Option<Batch>) -> Result<OpOutput> {
        Ok(input.map_or(OpOutput::NeedsMore, forward))
    }
}
