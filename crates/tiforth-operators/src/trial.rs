// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Runs plans over small tables in tests: any driver, any number of lanes, any pool.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tiforth_data::{Batch, BatchSchema, BytesBuilder, Column, DecimalColumn, Field, MemoryPool};
use tiforth_expr::Registry;
use tiforth_pipeline::{
    CompiledPipeline, Driver, OpContext, OpOutput, Outcome, Pipe, RunContext, SeededDriver, Sink,
    SinkLocal, ThreadPool,
};
use tiforth_types::{Datum, Error, Result, Session, SqlError, SqlType, TypeKind};

use crate::build::{RunState, RunWarnings};
use crate::spec::BatchStream;
use crate::{CompileScope, PipelineBuilder, Plan, RunInputs};

/// Is a table of a test: batches of one schema.
#[derive(Clone)]
pub(crate) struct TestTable {
    pub(crate) schema: BatchSchema,
    pub(crate) batches: Vec<Batch>,
}

impl TestTable {
    /// Makes a table without batches.
    pub(crate) fn new(fields: &[(&str, SqlType)]) -> Self {
        let field = |(name, ty): &(&str, SqlType)| Field {
            name: (*name).to_owned(),
            sql_type: ty.clone(),
            nullable: true,
        };
        TestTable { schema: fields.iter().map(field).collect(), batches: Vec::new() }
    }

    /// Adds a batch of rows.
    pub(crate) fn with_rows(self, rows: &[Vec<Datum>]) -> Self {
        let columns = (0..self.schema.len())
            .map(|c| {
                let values: Vec<Datum> = rows.iter().map(|r| r[c].clone()).collect();
                column_of(&self.schema[c].sql_type, &values)
            })
            .collect();
        self.with_columns(columns, rows.len())
    }

    /// Adds a batch of columns.
    pub(crate) fn with_columns(mut self, columns: Vec<Column>, rows: usize) -> Self {
        self.batches.push(Batch::new(Arc::clone(&self.schema), columns, rows));
        self
    }
}

/// Makes a column of values.
pub(crate) fn column_of(ty: &SqlType, values: &[Datum]) -> Column {
    let nulls: Vec<bool> = values.iter().map(|v| !v.is_null()).collect();
    let nulls = Some(arrow_buffer::NullBuffer::from(nulls));
    macro_rules! picked {
        ($variant:ident, $empty:expr, $of:expr) => {
            values
                .iter()
                .map(|v| match v {
                    Datum::$variant(v) => ($of)(v),
                    _ => $empty,
                })
                .collect::<Vec<_>>()
        };
    }
    use tiforth_types::EvalType as E;
    let column = match ty.eval_type() {
        _ if matches!(ty.kind, TypeKind::Enum | TypeKind::Set) => {
            Column::ints(picked!(Int, 0, |v: &i64| *v), None)
        }
        E::Int => Column::ints(picked!(Int, 0, |v: &i64| *v), None),
        E::Real => Column::reals(picked!(Real, 0.0, |v: &f64| *v), None),
        E::Decimal => Column::decimals(
            DecimalColumn::from_decimals(picked!(
                Decimal,
                tiforth_types::Decimal::ZERO,
                |v: &tiforth_types::Decimal| *v
            )),
            None,
        ),
        E::Time => Column::times(picked!(Time, 0, |v: &tiforth_types::Time| v.0), None),
        E::Duration => {
            Column::durations(picked!(Duration, 0, |v: &tiforth_types::Duration| v.0), None)
        }
        E::Bytes | E::Json | E::Vector => {
            let mut builder = BytesBuilder::default();
            let mut builder_with_start = BytesBuilder::with_capacity(values.len(), 0);
            std::mem::swap(&mut builder, &mut builder_with_start);
            for value in values {
                match value {
                    Datum::Bytes(v) => builder.push(v),
                    _ => builder.push(b""),
                }
            }
            Column::bytes(builder.finish(), None)
        }
    };
    column.with_nulls(nulls)
}

/// Prints a value.
pub(crate) fn show(value: &Datum) -> String {
    match value {
        Datum::Null => "NULL".into(),
        Datum::Int(v) => v.to_string(),
        Datum::Real(v) => format!("{v:?}"),
        Datum::Decimal(v) => v.to_string(),
        Datum::Bytes(v) => String::from_utf8_lossy(v).into_owned(),
        other => format!("{other:?}"),
    }
}

struct Stream {
    batches: std::vec::IntoIter<Batch>,
}

impl BatchStream for Stream {
    fn next_batch(&mut self) -> Result<Option<Batch>, Error> {
        Ok(self.batches.next())
    }
}

/// Collects what comes out.
#[derive(Default)]
struct Collect {
    batches: Mutex<Vec<Batch>>,
}

impl Sink for Collect {
    fn name(&self) -> &str {
        "collect"
    }
    fn local(self: Arc<Self>, _: &OpContext<'_>) -> Result<Box<dyn SinkLocal>> {
        Ok(Box::new(CollectLocal(self)))
    }
}

struct CollectLocal(Arc<Collect>);

impl SinkLocal for CollectLocal {
    fn sink(&mut self, _: &OpContext<'_>, input: Option<Batch>) -> Result<OpOutput> {
        self.0.batches.lock().unwrap().extend(input);
        Ok(OpOutput::NeedsMore)
    }
}

/// Says how a plan is run.
#[derive(Clone)]
pub(crate) struct Trial {
    pub(crate) lanes: usize,
    /// The seed of the single thread; threads where it is absent.
    pub(crate) seed: Option<u64>,
    pub(crate) run: RunContext,
}

impl Trial {
    /// Runs on one thread, in an order chosen by `seed`.
    pub(crate) fn seeded(lanes: usize, seed: u64) -> Self {
        Trial { lanes, seed: Some(seed), run: RunContext::default() }
    }

    /// Runs on as many threads as lanes.
    pub(crate) fn threads(lanes: usize) -> Self {
        Trial { lanes, seed: None, run: RunContext::default() }
    }

    /// Lists the ways whose answers must be the same.
    pub(crate) fn all() -> Vec<Self> {
        let mut all: Vec<Self> = [1, 2, 8].map(Trial::threads).into();
        for lanes in [1, 2, 8] {
            all.extend((0..4).map(|seed| Trial::seeded(lanes, seed)));
        }
        all
    }

    /// Runs a plan over tables.
    pub(crate) fn batches(&self, plan: &str, tables: &[(&str, &TestTable)]) -> Result<Vec<Batch>> {
        self.batches_through(plan, tables, None)
    }

    /// Runs a plan over tables, with one more pipe on top where one is given.
    pub(crate) fn batches_through(
        &self,
        plan: &str,
        tables: &[(&str, &TestTable)],
        last: Option<Arc<dyn Pipe>>,
    ) -> Result<Vec<Batch>> {
        let session = Session::default();
        let registry: Registry = tiforth_functions::registry()?;
        let plan = Plan::from_json(&format!("{{\"version\": 1, \"plan\": {plan}}}"))?;
        assert_eq!(Plan::from_json(&plan.to_json().to_string())?, plan);
        let schema_of = |name: &str| {
            tables.iter().find(|(n, _)| *n == name).map(|(_, t)| Arc::clone(&t.schema))
        };
        let mut scope = CompileScope {
            registry: &registry,
            session: &session,
            tables: &schema_of,
            parser: |text, session| tiforth_sql::parse_expr(text, session.sql_mode),
            warnings: Vec::new(),
        };
        let root = plan.compile(&mut scope).map_err(Error::from)?;
        let state = RunState {
            session: Arc::new(session.clone()),
            values: Arc::default(),
            warnings: Arc::new(RunWarnings::default()),
            run: self.run.clone(),
        };
        let mut inputs = RunInputs::default();
        for (name, table) in tables {
            let batches = table.batches.clone().into_iter();
            inputs.add(*name, Box::new(Stream { batches }));
        }
        let collect = Arc::new(Collect::default());
        let sink = Arc::clone(&collect) as Arc<dyn Sink>;
        let (lanes, inputs) = (self.lanes, &mut inputs);
        let pipelines = PipelineBuilder::run(&root, last, state, lanes, inputs, sink)?;
        let mut groups = Vec::new();
        for pipeline in &pipelines {
            groups.push(CompiledPipeline::new(pipeline, &self.run, self.lanes)?.into_groups());
        }
        drop(pipelines);
        let outcome = match self.seed {
            Some(seed) => SeededDriver::new(seed).run(groups, &self.run)?,
            None => ThreadPool::new(self.lanes)?.run(groups, &self.run)?,
        };
        if outcome == Outcome::Cancelled {
            return Err(SqlError::interrupted().into());
        }
        let mut batches = std::mem::take(&mut *collect.batches.lock().unwrap());
        batches.sort_by_key(Batch::number);
        Ok(batches)
    }

    /// Runs a plan over tables and prints its rows, in order.
    pub(crate) fn rows(&self, plan: &str, tables: &[(&str, &TestTable)]) -> Result<Vec<String>> {
        let mut rows = Vec::new();
        for batch in self.batches(plan, tables)? {
            let all: Vec<u32> = (0..batch.physical_rows() as u32).collect();
            let selection = batch.selection().map_or(&all[..], |s| &s[..]);
            for &row in selection {
                let cells: Vec<String> =
                    batch.columns().iter().map(|c| show(&c.value(row as usize))).collect();
                rows.push(cells.join("|"));
            }
        }
        Ok(rows)
    }
}

/// Runs a plan in every way and compares its rows with those wanted.
pub(crate) fn check(plan: &str, table: &TestTable, wanted: &[&str]) {
    for trial in Trial::all() {
        let rows = trial.rows(plan, &[("t", table)]).unwrap();
        assert_eq!(rows, wanted, "{plan} in {} lanes, seed {:?}", trial.lanes, trial.seed);
    }
}

/// Refuses the n-th request; counts all.
#[derive(Debug, Default)]
pub(crate) struct RefusingPool {
    /// Is the request refused, from 0.
    pub(crate) nth: usize,
    pub(crate) asked: AtomicUsize,
    pub(crate) reserved: AtomicUsize,
    pub(crate) peak: AtomicUsize,
}

impl MemoryPool for RefusingPool {
    fn try_grow(&self, _: &str, bytes: usize) -> Result<()> {
        if self.asked.fetch_add(1, Ordering::Relaxed) == self.nth {
            return Err(SqlError::new(8175, "refused").into());
        }
        let now = self.reserved.fetch_add(bytes, Ordering::Relaxed) + bytes;
        self.peak.fetch_max(now, Ordering::Relaxed);
        Ok(())
    }
    fn shrink(&self, _: &str, bytes: usize) {
        self.reserved.fetch_sub(bytes, Ordering::Relaxed);
    }
    fn reserved(&self) -> usize {
        self.reserved.load(Ordering::Relaxed)
    }
}

/// Refuses each request of a plan's run in turn: a clean error or the right answer, and empty books.
pub(crate) fn check_refusals(plan: &str, table: &TestTable) {
    let wanted = Trial::seeded(1, 0).rows(plan, &[("t", table)]).unwrap();
    for lanes in [1, 2] {
        for nth in 0.. {
            let pool = Arc::new(RefusingPool { nth, ..RefusingPool::default() });
            let mut trial = Trial::seeded(lanes, nth as u64);
            trial.run.memory = Arc::clone(&pool) as Arc<dyn MemoryPool>;
            let result = trial.rows(plan, &[("t", table)]);
            drop(trial);
            assert_eq!(pool.reserved(), 0, "{plan}: request {nth} refused in {lanes} lanes");
            if pool.asked.load(Ordering::Relaxed) <= nth {
                assert_eq!(result.unwrap(), wanted);
                break;
            }
            assert_eq!(result.unwrap_err().code(), 8175);
        }
    }
}
