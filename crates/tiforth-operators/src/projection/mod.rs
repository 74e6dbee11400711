// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Computes expressions: one output column each, named.
//!
//! A bare field is handed on as the very column that came in. Holds no data.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tiforth_data::{Batch, BatchSchema, Field};
use tiforth_expr::TypedExpr;
use tiforth_pipeline::{OpContext, OpOutput, Pipe, PipeLocal};
use tiforth_types::{Error, Result, SqlError};

use crate::build::{CompiledOperator, PipelineBuilder, RunState, forward};
use crate::evaluation::evaluate;
use crate::spec::{CompileScope, Spec, only_input};

pub use crate::spec::NamedExpr;

/// Says what to compute.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProjectionSpec {
    /// The output columns, in order.
    pub columns: Vec<NamedExpr>,
}

impl Spec for ProjectionSpec {
    const NAME: &'static str = "projection";
    const INPUTS: usize = 1;

    fn compile(
        &self,
        schemas: &[BatchSchema],
        scope: &mut CompileScope<'_>,
    ) -> Result<Arc<dyn CompiledOperator>, Error> {
        let input = only_input::<Self>(schemas)?;
        if self.columns.is_empty() {
            return Err(SqlError::other("a projection needs at least one column").into());
        }
        let mut fields = Vec::with_capacity(self.columns.len());
        let mut exprs = Vec::with_capacity(self.columns.len());
        for column in &self.columns {
            let typed = scope.bind(&column.expr, input)?;
            fields.push(Field {
                name: column.name.clone(),
                sql_type: typed.ty.clone(),
                nullable: typed.nullable,
            });
            exprs.push(typed);
        }
        Ok(Arc::new(Projection { schema: fields.into(), exprs: exprs.into() }))
    }

    fn explain(&self) -> String {
        let columns: Vec<String> =
            self.columns.iter().map(|c| format!("{} AS {}", c.expr, c.name)).collect();
        columns.join(", ")
    }
}

struct Projection {
    schema: BatchSchema,
    exprs: Arc<[TypedExpr]>,
}

impl CompiledOperator for Projection {
    fn schema(&self) -> &BatchSchema {
        &self.schema
    }

    fn build(&self, builder: &mut PipelineBuilder<'_>) -> Result<()> {
        let state = builder.state.clone();
        builder.pipe(Arc::new(ProjectionPipe {
            schema: Arc::clone(&self.schema),
            exprs: Arc::clone(&self.exprs),
            state,
        }))
    }
}

struct ProjectionPipe {
    schema: BatchSchema,
    exprs: Arc<[TypedExpr]>,
    state: RunState,
}

impl Pipe for ProjectionPipe {
    fn name(&self) -> &str {
        "projection"
    }

    fn local(self: Arc<Self>, _: &OpContext<'_>) -> Result<Box<dyn PipeLocal>> {
        Ok(Box::new(ProjectionLocal { projection: self }))
    }
}

struct ProjectionLocal {
    projection: Arc<ProjectionPipe>,
}

impl PipeLocal for ProjectionLocal {
    fn pipe(&mut self, _: &OpContext<'_>, input: Option<Batch>) -> Result<OpOutput> {
        let Some(batch) = input else { return Ok(OpOutput::NeedsMore) };
        let p = &self.projection;
        let columns = evaluate(&p.state, &batch, &p.exprs)?;
        let output = Batch::new(Arc::clone(&p.schema), columns, batch.physical_rows())
            .with_number(batch.number())
            .with_selection(batch.selection().cloned());
        Ok(forward(output))
    }
}
