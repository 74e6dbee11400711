// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Hands every batch on as it came: the very same columns. Holds no data.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tiforth_data::{Batch, BatchSchema};
use tiforth_pipeline::{OpContext, OpOutput, Pipe, PipeLocal};
use tiforth_types::{Error, Result};

use crate::build::{CompiledOperator, PipelineBuilder, forward};
use crate::spec::{CompileScope, Spec, only_input};

/// Says nothing: batches pass.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PassThroughSpec {}

impl Spec for PassThroughSpec {
    const NAME: &'static str = "pass_through";
    const INPUTS: usize = 1;

    fn compile(
        &self,
        schemas: &[BatchSchema],
        _: &mut CompileScope<'_>,
    ) -> Result<Arc<dyn CompiledOperator>, Error> {
        let schema = only_input::<Self>(schemas)?;
        Ok(Arc::new(PassThrough { schema: Arc::clone(schema) }))
    }

    fn explain(&self) -> String {
        String::new()
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
