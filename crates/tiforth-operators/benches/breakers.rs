// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Times aggregation, sort and top-n over rows like TPC-H's lineitem, on one thread and on two.
//!
//! `cargo bench -p tiforth-operators [-- name] [rows]`; the best of five runs each. The tables lie in
//! memory as a host gives them (Decimal128, Utf8View, Int64); decoding them is part of the time.

#![expect(clippy::unwrap_used, reason = "a bench stops at the first thing that is wrong")]

use std::sync::{Arc, Mutex};
use std::time::Instant;

use arrow_array::{ArrayRef, Decimal128Array, Int64Array, StringViewArray};
use tiforth_data::{Batch, BatchSchema, Column, Field};
use tiforth_operators::build::{RunState, RunWarnings};
use tiforth_operators::spec::BatchStream;
use tiforth_operators::{CompileScope, PipelineBuilder, Plan, RunInputs};
use tiforth_pipeline::{
    CompiledPipeline, Driver, OpContext, OpOutput, RunContext, Sink, SinkLocal, ThreadPool,
};
use tiforth_types::{Collation, Error, Result, Session, SqlType};

/// Rows of a batch as the host gives it.
const BATCH_ROWS: usize = 122_880;

const WORKLOADS: &[(&str, &str)] = &[
    (
        "c1",
        r#"{"operator": "aggregate",
            "keys": [{"name": "f", "expr": "l_returnflag"}, {"name": "s", "expr": "l_linestatus"}],
            "aggregates": [
                {"name": "a", "function": "sum", "args": ["l_quantity"]},
                {"name": "b", "function": "sum", "args": ["l_extendedprice"]},
                {"name": "c", "function": "sum", "args": ["l_discount"]},
                {"name": "d", "function": "sum", "args": ["l_tax"]},
                {"name": "e", "function": "avg", "args": ["l_quantity"]},
                {"name": "g", "function": "avg", "args": ["l_extendedprice"]},
                {"name": "h", "function": "avg", "args": ["l_discount"]},
                {"name": "i", "function": "count"}],
            "input": {"operator": "table", "table": "t"}}"#,
    ),
    (
        "c2",
        r#"{"operator": "aggregate",
            "keys": [{"name": "f", "expr": "l_returnflag"}, {"name": "s", "expr": "l_linestatus"}],
            "aggregates": [
                {"name": "a", "function": "sum", "args": ["l_quantity"]},
                {"name": "b", "function": "sum", "args": ["l_extendedprice"]},
                {"name": "c", "function": "sum", "args": ["l_extendedprice * (1 - l_discount)"]},
                {"name": "d", "function": "sum",
                 "args": ["l_extendedprice * (1 - l_discount) * (1 + l_tax)"]},
                {"name": "e", "function": "avg", "args": ["l_quantity"]},
                {"name": "g", "function": "avg", "args": ["l_extendedprice"]},
                {"name": "h", "function": "avg", "args": ["l_discount"]},
                {"name": "i", "function": "count"}],
            "input": {"operator": "filter", "predicate": "l_shipdate <= 2450",
                      "input": {"operator": "table", "table": "t"}}}"#,
    ),
    (
        "d1",
        r#"{"operator": "aggregate", "keys": [{"name": "k", "expr": "l_orderkey"}],
            "aggregates": [{"name": "a", "function": "sum", "args": ["l_quantity"]},
                           {"name": "i", "function": "count"}],
            "input": {"operator": "table", "table": "t"}}"#,
    ),
    (
        "f1",
        r#"{"operator": "sort", "keys": [{"expr": "l_orderkey"}],
            "input": {"operator": "table", "table": "t",
                      "columns": ["l_orderkey", "l_quantity", "l_extendedprice", "l_tax"]}}"#,
    ),
    (
        "top_n",
        r#"{"operator": "top_n", "keys": [{"expr": "l_extendedprice", "descending": true},
                                          {"expr": "l_orderkey"}], "limit": 100,
            "input": {"operator": "table", "table": "t"}}"#,
    ),
];

struct Stream(std::vec::IntoIter<Batch>);

impl BatchStream for Stream {
    fn next_batch(&mut self) -> Result<Option<Batch>, Error> {
        Ok(self.0.next())
    }
}

#[derive(Default)]
struct Count(Mutex<usize>);

impl Sink for Count {
    fn name(&self) -> &str {
        "count"
    }
    fn local(self: Arc<Self>, _: &OpContext<'_>) -> Result<Box<dyn SinkLocal>> {
        Ok(Box::new(CountLocal(self)))
    }
}

struct CountLocal(Arc<Count>);

impl SinkLocal for CountLocal {
    fn sink(&mut self, _: &OpContext<'_>, input: Option<Batch>) -> Result<OpOutput> {
        *self.0.0.lock().unwrap() += input.map_or(0, |b| b.num_rows());
        Ok(OpOutput::NeedsMore)
    }
}

fn lineitem(rows: usize) -> (BatchSchema, Vec<Vec<ArrayRef>>) {
    let field =
        |name: &str, sql_type: SqlType| Field { name: name.to_owned(), sql_type, nullable: false };
    let flag = SqlType::varchar(1, Collation::UTF8MB4_BIN);
    let money = SqlType::decimal(15, 2);
    let schema: BatchSchema = [
        field("l_orderkey", SqlType::bigint(20)),
        field("l_quantity", money.clone()),
        field("l_extendedprice", money.clone()),
        field("l_discount", money.clone()),
        field("l_tax", money),
        field("l_returnflag", flag.clone()),
        field("l_linestatus", flag),
        field("l_shipdate", SqlType::bigint(20)),
    ]
    .into();
    let mut state = 42u64;
    let mut below = |bound: u64| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (((state >> 32) * bound) >> 32) as i64
    };
    let mut batches = Vec::new();
    let mut left = rows;
    while left > 0 {
        let len = left.min(BATCH_ROWS);
        left -= len;
        let mut ints = |bound: u64| -> Vec<i64> { (0..len).map(|_| below(bound)).collect() };
        let money = |values: Vec<i64>| -> ArrayRef {
            let values = Decimal128Array::from_iter_values(values.into_iter().map(i128::from));
            Arc::new(values.with_precision_and_scale(15, 2).unwrap())
        };
        let keys = ints(1_500_000);
        let quantity = ints(50).iter().map(|q| (q + 1) * 100).collect();
        let (price, discount, tax) = (ints(10_000_000), ints(11), ints(9));
        let dates = ints(2_500);
        // As in the data: what was shipped late is open, what was shipped early was returned or not.
        let flags: Vec<(&str, &str)> = dates
            .iter()
            .zip(ints(2))
            .map(|(d, r)| match (d, r) {
                (1_250.., _) => ("N", "O"),
                (1_230.., _) => ("N", "F"),
                (_, 0) => ("A", "F"),
                _ => ("R", "F"),
            })
            .collect();
        batches.push(vec![
            Arc::new(Int64Array::from(keys)) as ArrayRef,
            money(quantity),
            money(price),
            money(discount),
            money(tax),
            Arc::new(StringViewArray::from_iter_values(flags.iter().map(|f| f.0))),
            Arc::new(StringViewArray::from_iter_values(flags.iter().map(|f| f.1))),
            Arc::new(Int64Array::from(dates)),
        ]);
    }
    (schema, batches)
}

fn run(plan: &str, schema: &BatchSchema, table: &[Vec<ArrayRef>], threads: usize) -> (f64, usize) {
    let session = Session::default();
    let registry = tiforth_functions::registry().unwrap();
    let plan = Plan::from_json(&format!("{{\"version\": 1, \"plan\": {plan}}}")).unwrap();
    let schema_of = |_: &str| Some(Arc::clone(schema));
    let mut scope = CompileScope {
        registry: &registry,
        session: &session,
        tables: &schema_of,
        parser: |text, session| tiforth_sql::parse_expr(text, session.sql_mode),
        warnings: Vec::new(),
    };
    let root = plan.compile(&mut scope).unwrap();
    let state = RunState {
        session: Arc::new(session.clone()),
        values: Arc::default(),
        warnings: Arc::new(RunWarnings::default()),
        run: RunContext::default(),
    };
    // Columns are made anew: what was decoded in a run before does not count.
    let batches: Vec<Batch> = table
        .iter()
        .map(|arrays| {
            let rows = arrays.first().unwrap().len();
            let columns = arrays.iter().map(|a| Column::host(Arc::clone(a))).collect();
            Batch::new(Arc::clone(schema), columns, rows)
        })
        .collect();
    let mut inputs = RunInputs::default();
    inputs.add("t", Box::new(Stream(batches.into_iter())));
    let count = Arc::new(Count::default());
    let sink = Arc::clone(&count) as Arc<dyn Sink>;
    let pool = ThreadPool::new(threads).unwrap();
    let start = Instant::now();
    let context = state.run.clone();
    let pipelines = PipelineBuilder::run(&root, None, state, threads, &mut inputs, sink).unwrap();
    let groups = pipelines
        .iter()
        .map(|p| CompiledPipeline::new(p, &context, threads).unwrap().into_groups())
        .collect();
    pool.run(groups, &context).unwrap();
    let millis = start.elapsed().as_secs_f64() * 1e3;
    let rows = *count.0.lock().unwrap();
    (millis, rows)
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).collect();
    let rows = args.iter().find_map(|a| a.parse().ok()).unwrap_or(6_000_000);
    let names: Vec<&String> = args.iter().filter(|a| a.parse::<usize>().is_err()).collect();
    let (schema, table) = lineitem(rows);
    for (name, plan) in WORKLOADS {
        if !names.is_empty() && !names.iter().any(|n| n.as_str() == *name) {
            continue;
        }
        for threads in [1, 2] {
            let runs: Vec<(f64, usize)> =
                (0..5).map(|_| run(plan, &schema, &table, threads)).collect();
            let best = runs.iter().map(|r| r.0).fold(f64::MAX, f64::min);
            println!("{name:6} {threads} thread(s): {best:8.1} ms, {} rows out", runs[0].1);
        }
    }
}
