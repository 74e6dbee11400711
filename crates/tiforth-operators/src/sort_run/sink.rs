// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Sorts the rows that come in and hands them out, or a section of them.

use std::sync::Arc;

use tiforth_data::column::DecodeContext;
use tiforth_data::{Batch, BatchSchema, Column, KeyOrder, OrderEncoder, Reservation};
use tiforth_expr::TypedExpr;
use tiforth_pipeline::{
    CompileContext, Gather, OpContext, OpOutput, Sink, SinkLocal, Source, SourceLocal, TaskGroup,
};
use tiforth_types::{Result, SqlType};

use super::merge::{Merge, task_groups};
use super::run::Run;
use crate::build::{CompiledOperator, PipelineBuilder, RunState};
use crate::evaluation::evaluate;
use crate::finished_rows::ROWS_MAX;

/// Is a sort compiled for its input's schema.
pub(crate) struct CompiledSort {
    plan: Arc<Plan>,
}

/// Is what all runs share.
struct Plan {
    name: &'static str,
    schema: BatchSchema,
    keys: Vec<TypedExpr>,
    encoder: OrderEncoder,
    /// The rows handed out: so many are left out, so many follow; all where it is absent.
    section: Option<(u64, u64)>,
}

impl CompiledSort {
    /// Prepares to sort rows of `schema`.
    pub(crate) fn new(
        name: &'static str,
        schema: BatchSchema,
        (keys, orders): (Vec<TypedExpr>, Vec<KeyOrder>),
        section: Option<(u64, u64)>,
    ) -> Self {
        let encoder = OrderEncoder::new(&orders);
        CompiledSort { plan: Arc::new(Plan { name, schema, keys, encoder, section }) }
    }
}

impl CompiledOperator for CompiledSort {
    fn schema(&self) -> &BatchSchema {
        &self.plan.schema
    }

    fn build(&self, builder: &mut PipelineBuilder<'_>) -> Result<()> {
        let sink = SortSink {
            plan: Arc::clone(&self.plan),
            state: builder.state.clone(),
            runs: Gather::new(builder.lanes),
            merge: Merge::new(),
        };
        builder.end(self.plan.name, Arc::new(sink))
    }
}

/// Is the sink of one run.
pub(super) struct SortSink {
    plan: Arc<Plan>,
    pub(super) state: RunState,
    /// What the lanes leave when they close.
    pub(super) runs: Gather<Run>,
    pub(super) merge: Merge,
}

impl SortSink {
    /// Opens a claim on the run's memory.
    pub(super) fn claim(&self) -> Reservation {
        Reservation::new(Arc::clone(&self.state.run.memory), self.plan.name)
    }

    /// Returns the columns' types.
    pub(super) fn types(&self) -> Vec<SqlType> {
        self.plan.schema.iter().map(|f| f.sql_type.clone()).collect()
    }

    /// Returns how a host's values are read.
    pub(super) fn decode_context(&self) -> DecodeContext {
        DecodeContext::new(self.state.session.time_zone)
    }

    /// Returns how many of the least rows are wanted; nothing where all are.
    fn wanted(&self) -> Option<usize> {
        let (offset, limit) = self.plan.section?;
        usize::try_from(offset.saturating_add(limit)).ok()
    }
}

impl Sink for SortSink {
    fn name(&self) -> &str {
        self.plan.name
    }

    fn local(self: Arc<Self>, _: &OpContext<'_>) -> Result<Box<dyn SinkLocal>> {
        let encoder = self.plan.encoder.clone();
        let run = Run::new(encoder, self.types(), self.wanted(), || self.claim());
        let how = self.decode_context();
        Ok(Box::new(SortLocal { sink: self, run, how }))
    }

    fn frontend(self: Arc<Self>, ctx: &CompileContext<'_>) -> Result<Vec<TaskGroup>> {
        Ok(task_groups(self.plan.name, &self, ctx.lanes))
    }

    fn implicit_source(self: Arc<Self>) -> Option<Arc<dyn Source>> {
        Some(Arc::new(SortedSource { sink: self }))
    }
}

struct SortLocal {
    sink: Arc<SortSink>,
    run: Run,
    how: DecodeContext,
}

impl SinkLocal for SortLocal {
    fn sink(&mut self, ctx: &OpContext<'_>, input: Option<Batch>) -> Result<OpOutput> {
        if ctx.is_cancelled() {
            return Ok(OpOutput::Cancelled);
        }
        let plan = &self.sink.plan;
        if plan.section.is_some_and(|(_, limit)| limit == 0) {
            return Ok(OpOutput::Finished(None));
        }
        let Some(batch) = input else { return Ok(OpOutput::NeedsMore) };
        let mut keys = evaluate(&self.sink.state, &batch, &plan.keys)?;
        for (key, expr) in keys.iter_mut().zip(&plan.keys) {
            *key = key.decoded(&expr.ty, &self.how)?.into_owned();
        }
        let mut columns: Vec<Column> = Vec::with_capacity(plan.schema.len());
        for (column, field) in batch.columns().iter().zip(plan.schema.iter()) {
            columns.push(column.decoded(&field.sql_type, &self.how)?.into_owned());
        }
        self.run.add(&batch, &keys, &columns)?;
        self.run.prune(&self.how)?;
        Ok(OpOutput::NeedsMore)
    }

    fn close(self: Box<Self>, ctx: &OpContext<'_>) -> Result<()> {
        self.sink.runs.put(ctx.lane(), self.run)
    }
}

/// Hands out the sorted rows, in the first lane alone: there they stay in order.
struct SortedSource {
    sink: Arc<SortSink>,
}

impl Source for SortedSource {
    fn name(&self) -> &str {
        self.sink.plan.name
    }

    fn local(self: Arc<Self>, _: &OpContext<'_>) -> Result<Box<dyn SourceLocal>> {
        let next = self.sink.plan.section.map_or(0, |(offset, _)| offset);
        Ok(Box::new(SortedLocal { sink: Arc::clone(&self.sink), next, number: 0 }))
    }
}

struct SortedLocal {
    sink: Arc<SortSink>,
    /// The next row in the order of all.
    next: u64,
    number: u64,
}

impl SourceLocal for SortedLocal {
    fn source(&mut self, ctx: &OpContext<'_>) -> Result<OpOutput> {
        if ctx.is_cancelled() {
            return Ok(OpOutput::Cancelled);
        }
        if ctx.lane() != 0 {
            return Ok(OpOutput::Finished(None));
        }
        let section = self.sink.plan.section;
        let end = section.map_or(u64::MAX, |(offset, limit)| offset.saturating_add(limit));
        let sorted = self.sink.merge.sorted.get()?;
        let most = end.saturating_sub(self.next).min(ROWS_MAX as u64) as usize;
        let from = usize::try_from(self.next).unwrap_or(usize::MAX);
        let rows = sorted.rows(from, most);
        if rows.is_empty() {
            return Ok(OpOutput::Finished(None));
        }
        let mut columns = Vec::with_capacity(sorted.columns.len());
        for column in &sorted.columns {
            columns.push(column.take(&rows)?);
        }
        let batch = Batch::new(Arc::clone(&self.sink.plan.schema), columns, rows.len());
        self.next += rows.len() as u64;
        self.number += 1;
        Ok(OpOutput::HasMore(batch.with_number(self.number - 1)))
    }
}
