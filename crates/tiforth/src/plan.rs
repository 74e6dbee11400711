// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Runs compiled plans.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use tiforth_data::arrow_type::{batch_schema_to_schema, can_hold};
use tiforth_data::column::DecodeContext;
use tiforth_data::{Batch, BatchSchema};
use tiforth_expr::RunValues;
use tiforth_operators::build::{RunState, RunWarnings};
use tiforth_operators::delivery::Delivery;
use tiforth_operators::plan::CompiledNode;
use tiforth_operators::spec::BatchStream;
use tiforth_operators::{PipelineBuilder, Plan, RunInputs};
use tiforth_pipeline::{
    BatchQueue, BatchReader, CompiledPipeline, LogicalPipeline, Metrics, OperatorMetrics, Pipe,
    QueueSink, Reader, RunContext, Sink, TaskGroups, ThreadPool,
};
use tiforth_types::{Error, Session, SqlError, Warning};

use crate::tables::TableInput;

/// Is how many batches of the result may wait for their reader.
const QUEUE_CAPACITY: usize = 16;
/// Is how many of them wake it.
const QUEUE_GATHERED: usize = 8;

/// Is a plan compiled against its tables' schemas: immutable, cheap to share, run many times and
/// concurrently.
#[derive(Clone)]
pub struct CompiledPlan {
    plan: Plan,
    root: CompiledNode,
    warnings: Arc<[Warning]>,
    tables: BTreeMap<String, BatchSchema>,
    session: Arc<Session>,
    schema: SchemaRef,
    is_output_asked: bool,
}

impl CompiledPlan {
    pub(crate) fn new(
        plan: Plan,
        root: CompiledNode,
        warnings: Vec<Warning>,
        tables: BTreeMap<String, BatchSchema>,
        session: Session,
    ) -> Self {
        let schema = Arc::new(batch_schema_to_schema(root.operator.schema()));
        let session = Arc::new(session);
        let warnings = warnings.into();
        CompiledPlan { plan, root, warnings, tables, session, schema, is_output_asked: false }
    }

    /// Returns the schema of the result.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Returns the columns of the result with their SQL types.
    pub fn columns(&self) -> &BatchSchema {
        self.root.operator.schema()
    }

    /// Asks for the result in the Arrow types of `schema`, column by column: another width of decimals,
    /// texts as views that share the input's bytes. The lanes that compute it then write it too, so that
    /// [`PlanRun::next_internal`] gives arrays; else it is written where it is read.
    ///
    /// # Errors
    /// 1105 where the columns are not as many as the result's, or one cannot hold its type.
    pub fn with_output(mut self, schema: SchemaRef) -> Result<Self, Error> {
        let columns = self.columns();
        if schema.fields().len() != columns.len() {
            let (found, expected) = (schema.fields().len(), columns.len());
            let text = format!("Schema differs: {expected} columns expected, {found} found");
            return Err(SqlError::other(text).into());
        }
        for (column, field) in columns.iter().zip(schema.fields()) {
            if !can_hold(&column.sql_type, field.data_type()) {
                let (name, ty, found) = (&column.name, &column.sql_type, field.data_type());
                let text = format!("Column '{name}': {ty} cannot be held by Arrow {found}");
                return Err(SqlError::other(text).into());
            }
        }
        self.schema = schema;
        self.is_output_asked = true;
        Ok(self)
    }

    /// Returns the plan.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Returns the warnings of binding.
    pub fn bind_warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// Makes the state of one run: task groups to be run in order, and the queue the result comes
    /// through.
    ///
    /// # Errors
    /// A table the plan reads without batches, and what making the operators' states fails with.
    pub fn instantiate(
        &self,
        inputs: Vec<(String, TableInput)>,
        run: &RunContext,
        lanes: usize,
    ) -> Result<Run, Error> {
        let mut tables = RunInputs::default();
        for (name, input) in inputs {
            let Some(schema) = self.tables.get(&name) else {
                return Err(SqlError::new(1146, format!("Table '{name}' doesn't exist")).into());
            };
            let stream = input.into_stream(&name, Arc::clone(schema));
            tables.add(name, stream);
        }
        self.instantiate_streams(tables, run, lanes)
    }

    fn instantiate_streams(
        &self,
        mut inputs: RunInputs,
        run: &RunContext,
        lanes: usize,
    ) -> Result<Run, Error> {
        let queue = BatchQueue::gathering(QUEUE_CAPACITY, QUEUE_GATHERED);
        let sink = Arc::new(QueueSink::new("result", queue.clone()));
        let warnings = Arc::new(RunWarnings::default());
        let state = RunState {
            session: Arc::clone(&self.session),
            values: Arc::new(RunValues { now: run.now, seed: run.seed }),
            warnings: Arc::clone(&warnings),
            run: run.clone(),
        };
        let logical = self.logical(state, lanes, &mut inputs, sink)?;
        let mut groups = Vec::with_capacity(logical.len());
        let mut metrics = Vec::with_capacity(logical.len());
        for pipeline in &logical {
            let compiled = CompiledPipeline::new(pipeline, run, lanes)?;
            metrics.push(compiled.metrics().clone());
            groups.push(compiled.into_groups());
        }
        Ok(Run {
            groups,
            queue,
            metrics,
            warnings,
            bind_warnings: Arc::clone(&self.warnings),
            session: Arc::clone(&self.session),
            columns: Arc::clone(self.columns()),
            schema: Arc::clone(&self.schema),
        })
    }

    /// Starts a run on a pool with as many lanes as it has threads; the result is read from what is
    /// returned.
    ///
    /// # Errors
    /// Those of [`instantiate`](Self::instantiate).
    pub fn start(
        &self,
        inputs: Vec<(String, TableInput)>,
        run: &RunContext,
        pool: &ThreadPool,
    ) -> Result<PlanRun, Error> {
        Ok(self.instantiate(inputs, run, pool.threads())?.start(run, pool))
    }

    /// Prints the plan, its result's columns, and the pipelines and task groups of a run with `lanes`
    /// lanes.
    ///
    /// # Errors
    /// What making the operators' states fails with.
    pub fn explain(&self, lanes: usize) -> Result<String, Error> {
        let mut out = self.plan.explain();
        out.push_str("\nresult\n");
        for field in self.columns().iter() {
            let null = if field.nullable { "" } else { " not null" };
            let _ = writeln!(out, "  {} {:#}{null}", field.name, field.sql_type);
        }
        let run = RunContext::default();
        for (i, pipeline) in self.pipelines(&run, lanes)?.iter().enumerate() {
            let compiled = CompiledPipeline::new(pipeline, &run, lanes)?;
            let _ = writeln!(out, "\npipeline {i} \"{}\"", pipeline.name);
            for operator in compiled.metrics().operators() {
                let _ = writeln!(out, "  {:?} {}", operator.role, operator.name);
            }
            let groups = compiled.groups();
            for (kind, group) in groups
                .backends
                .iter()
                .map(|g| ("backend", g))
                .chain(groups.groups.iter().map(|g| ("group", g)))
            {
                let _ = writeln!(out, "  {kind} {} × {}", group.name, group.tasks.len());
            }
        }
        Ok(out)
    }

    /// Builds the pipelines over tables without batches.
    fn pipelines(&self, run: &RunContext, lanes: usize) -> Result<Vec<LogicalPipeline>, Error> {
        let mut inputs = RunInputs::default();
        for name in self.tables.keys() {
            inputs.add(name.clone(), Box::new(NoBatches));
        }
        let state = RunState {
            session: Arc::clone(&self.session),
            values: Arc::new(RunValues { now: run.now, seed: run.seed }),
            warnings: Arc::default(),
            run: run.clone(),
        };
        let sink = Arc::new(QueueSink::new("result", BatchQueue::new(QUEUE_CAPACITY)));
        self.logical(state, lanes, &mut inputs, sink)
    }

    fn logical(
        &self,
        state: RunState,
        lanes: usize,
        inputs: &mut RunInputs,
        sink: Arc<dyn Sink>,
    ) -> Result<Vec<LogicalPipeline>, Error> {
        let delivery = || Delivery::new(Arc::clone(&self.schema), self.session.time_zone);
        let last = self.is_output_asked.then(|| Arc::new(delivery()) as Arc<dyn Pipe>);
        PipelineBuilder::run(&self.root, last, state, lanes, inputs, sink)
    }
}

/// Is a table without batches.
struct NoBatches;

impl BatchStream for NoBatches {
    fn next_batch(&mut self) -> Result<Option<Batch>, Error> {
        Ok(None)
    }
}

/// Is one run of a plan that has not been started.
pub struct Run {
    /// What a driver runs, in order.
    pub groups: Vec<TaskGroups>,
    /// Where the result comes out.
    pub queue: BatchQueue,
    metrics: Vec<Metrics>,
    warnings: Arc<RunWarnings>,
    bind_warnings: Arc<[Warning]>,
    session: Arc<Session>,
    columns: BatchSchema,
    schema: SchemaRef,
}

impl Run {
    /// Starts the run on a pool.
    pub fn start(self, run: &RunContext, pool: &ThreadPool) -> PlanRun {
        let handle = pool.start(self.groups, run);
        PlanRun {
            reader: Reader::of_run(Arc::clone(&self.columns), self.queue, handle),
            metrics: self.metrics,
            warnings: self.warnings,
            bind_warnings: self.bind_warnings,
            session: self.session,
            columns: self.columns,
            schema: self.schema,
        }
    }
}

/// Is one run of a plan: its result is read batch by batch. Dropping it ends the run.
pub struct PlanRun {
    reader: Reader,
    metrics: Vec<Metrics>,
    warnings: Arc<RunWarnings>,
    bind_warnings: Arc<[Warning]>,
    session: Arc<Session>,
    columns: BatchSchema,
    schema: SchemaRef,
}

/// Is what one operator of a run did.
#[derive(Clone, Debug)]
pub struct OperatorProfile {
    /// The pipeline's number, from 0.
    pub pipeline: usize,
    /// What the operator did.
    pub metrics: OperatorMetrics,
}

impl PlanRun {
    /// Returns the schema of the result.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Returns the columns of the result with their SQL types.
    pub fn columns(&self) -> &BatchSchema {
        &self.columns
    }

    /// Returns the next batch of the result as the operators made it, or none at the end.
    ///
    /// # Errors
    /// What the run failed with; 1317 when it was cancelled.
    pub fn next_internal(&mut self) -> Result<Option<Batch>, Error> {
        self.reader.next_batch()
    }

    /// Returns the next batch of the result, or none at the end. Waits for it.
    ///
    /// # Errors
    /// What the run failed with; 1317 when it was cancelled.
    pub fn next_batch(&mut self) -> Result<Option<RecordBatch>, Error> {
        match self.next_internal()? {
            None => Ok(None),
            Some(batch) => {
                let how = DecodeContext::new(self.session.time_zone);
                Ok(Some(batch.to_record_batch(Some(&self.schema), &how)?))
            }
        }
    }

    /// Returns the warnings so far, those of binding first, then by row of the input; and how many
    /// there were in all. Complete once the result was read to its end.
    pub fn warnings(&self) -> (Vec<Warning>, u64) {
        let most = self.session.max_warnings;
        let (rows, total) = self.warnings.finish(most);
        let all: Vec<Warning> = self.bind_warnings.iter().cloned().chain(rows).take(most).collect();
        (all, total + self.bind_warnings.len() as u64)
    }

    /// Returns what every operator did so far.
    pub fn profile(&self) -> Vec<OperatorProfile> {
        let of = |(pipeline, metrics): (usize, &Metrics)| {
            metrics
                .operators()
                .into_iter()
                .map(|metrics| OperatorProfile { pipeline, metrics })
                .collect::<Vec<_>>()
        };
        self.metrics.iter().enumerate().flat_map(of).collect()
    }

    /// Returns a handle that tells, from any thread, how many rows the tables have given so far.
    pub fn progress(&self) -> RowsRead {
        RowsRead(self.metrics.first().cloned())
    }
}

/// Tells how many rows the tables of a run have given so far.
#[derive(Clone)]
pub struct RowsRead(Option<Metrics>);

impl RowsRead {
    /// Returns the number of rows.
    pub fn rows(&self) -> u64 {
        self.0.as_ref().map_or(0, |m| m.progress().read.rows)
    }
}

impl std::fmt::Debug for PlanRun {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PlanRun").field("schema", &self.schema).finish_non_exhaustive()
    }
}
