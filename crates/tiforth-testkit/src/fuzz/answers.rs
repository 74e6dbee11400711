// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Fuzzes with random plans over random tables: whatever the layout, the batches and the number of
//! lanes, the rows of the answer are the same, and as many warnings come with them.
//!
//! Rows come in the same order too where a plan groups or sorts; else lanes hand on batches as they are
//! done with them, and the rows are compared as a bag.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tiforth::data::Batch;
use tiforth::data::column::DecodeContext;
use tiforth::{Engine, Error, Plan, RunContext, Session, SqlError, TableInput, Tables, ThreadPool};
use tiforth_expr::Volatility;

use super::grammar::{Grammar, NamedColumn};
use super::ground::random_ground;
use super::signature::{Callable, Kind, callables};
use super::{Finding, Target, Watch, note};
use crate::agreement::LaidOut;
use crate::generate::Rng;
use crate::input::{Layout, Presentation, present};
use crate::protocol_text::value_text;

/// Is the number of plans run over one table.
const PLANS_PER_TABLE: usize = 4;

/// Makes plans and holds their answers to each other.
pub struct Answers {
    engine: Engine,
    functions: Vec<Callable>,
    pools: Vec<ThreadPool>,
}

/// Is what a plan answered: rows as texts and the number of warnings, or its error.
type Answered = Result<(Vec<String>, u64), SqlError>;

impl Answers {
    /// Builds the target; functions that differ from row to row are left out.
    ///
    /// # Errors
    /// Where no threads can be started.
    pub fn new() -> Result<Self, String> {
        let engine = Engine::new();
        let is_steady = |f: &Callable| {
            engine.registry().get(f.name).is_some_and(|f| f.volatility != Volatility::Volatile)
        };
        let functions = callables(engine.registry()).into_iter().filter(is_steady).collect();
        let pools = [1, 2, 4].map(|lanes| ThreadPool::new(lanes).map_err(|e| e.to_string()));
        Ok(Answers { engine, functions, pools: pools.into_iter().collect::<Result<_, _>>()? })
    }

    /// Runs a plan in several ways; false where all refuse it.
    fn check(&self, plan: &Value, ground: &LaidOut, seed: u64) -> Result<bool, String> {
        let text = json!({ "version": 1, "plan": plan }).to_string();
        let plan = match Plan::from_json(&text) {
            Ok(plan) => plan,
            Err(e) => return Err(format!("the plan is not read: {e}")),
        };
        let mut rng = Rng::new(seed);
        let first = self.answer(&plan, ground, Presentation::PLAIN, 0)?;
        for _ in 0..4 {
            let layouts =
                [Layout::Plain, Layout::Sliced, Layout::Dictionary, Layout::View, Layout::Large];
            let layout = rng.choose(&layouts).copied().unwrap_or(Layout::Plain);
            let batch_rows = rng.choose(&[None, Some(1), Some(3), Some(7)]).copied().flatten();
            // Sums of doubles over long tables depend on where batches end.
            let batch_rows = batch_rows.filter(|_| ground.table().rows < 1_000);
            let (presentation, pool) =
                (Presentation { layout, batch_rows }, rng.below(self.pools.len()));
            let other = self.answer(&plan, ground, presentation, pool)?;
            if let Some(difference) = difference(&first, &other) {
                let how = format!("{presentation}, threads {}", 1 << pool);
                return Err(format!("plain, one thread, against {how}: {difference}"));
            }
        }
        Ok(first.is_ok())
    }

    fn answer(
        &self,
        plan: &Plan,
        ground: &LaidOut,
        presentation: Presentation,
        pool: usize,
    ) -> Result<Answered, String> {
        match self.run_plan(plan, ground, presentation, pool)? {
            Ok(answered) => Ok(Ok(answered)),
            Err(Error::Sql(error)) => Ok(Err(error)),
            Err(Error::Internal(bug)) => Err(format!("under {presentation}: {bug}")),
        }
    }

    fn run_plan(
        &self,
        plan: &Plan,
        ground: &LaidOut,
        presentation: Presentation,
        pool: usize,
    ) -> Result<Result<(Vec<String>, u64), Error>, String> {
        let presented = present(ground.table(), presentation)?;
        let has_no_order = plan.to_json()["plan"]["operator"] == "projection";
        let pool = self.pools.get(pool).ok_or("there is no such pool")?;
        let session = ground.session();
        let run = || {
            let tables = Tables::new().with("t", presented.schema.clone());
            let compiled = self.engine.compile(plan, &tables, session)?;
            let batches: Vec<_> = presented.batches.iter().map(|b| b.batch.clone()).collect();
            let context = RunContext { now: ground.run().now, ..RunContext::default() };
            let input = vec![("t".to_owned(), TableInput::from(batches))];
            let mut started = compiled.start(input, &context, pool)?;
            let mut rows = Vec::new();
            while let Some(batch) = started.next_internal()? {
                read_rows(&batch, session, &mut rows)?;
            }
            if has_no_order {
                rows.sort();
            }
            Ok((rows, started.warnings().1))
        };
        Ok(run())
    }
}

fn read_rows(batch: &Batch, session: &Session, rows: &mut Vec<String>) -> Result<(), Error> {
    let how = DecodeContext::new(session.time_zone);
    let physical = 0..batch.physical_rows();
    let is_selected =
        |row: &usize| batch.selection().is_none_or(|s| s.iter().any(|&r| r as usize == *row));
    for row in physical.filter(is_selected) {
        let mut texts = Vec::with_capacity(batch.columns().len());
        for (column, field) in batch.columns().iter().zip(batch.schema().iter()) {
            let value = value_text(&column.datum(row, &field.sql_type, &how)?, &field.sql_type);
            texts.push(value.map_or("NULL".to_owned(), |v| format!("'{}'", v.escape_ascii())));
        }
        rows.push(texts.join(", "));
    }
    Ok(())
}

/// Tells what differs. Which of several rows fails first may depend on the batches, not whether one
/// does.
fn difference(one: &Answered, other: &Answered) -> Option<String> {
    match (one, other) {
        (Err(_), Err(_)) => None,
        (Err(error), Ok(_)) => Some(format!("{error:?} or an answer")),
        (Ok(_), Err(error)) => Some(format!("an answer or {error:?}")),
        (Ok((rows, _)), Ok((others, _))) if rows.len() != others.len() => {
            Some(format!("{} rows or {}", rows.len(), others.len()))
        }
        (Ok((rows, warnings)), Ok((others, others_warnings))) => {
            let mut pairs = rows.iter().zip(others).enumerate();
            let differing = pairs.find(|(_, (one, other))| one != other);
            let told = |(row, (one, other))| format!("row {row}\n    {one}\n    {other}");
            differing.map(told).or_else(|| {
                (warnings != others_warnings)
                    .then(|| format!("{warnings} warnings or {others_warnings}"))
            })
        }
    }
}

/// Writes plans over the table `t`.
struct PlanGrammar<'a> {
    functions: &'a [Callable],
    columns: &'a [NamedColumn],
    rng: &'a mut Rng,
}

impl PlanGrammar<'_> {
    fn expression(&mut self, kind: Kind) -> String {
        let depth = self.rng.below(3);
        Grammar::new(self.functions, self.columns, self.rng).expression(kind, depth)
    }

    fn plan(&mut self) -> Value {
        let mut plan = json!({ "operator": "table", "table": "t" });
        if self.rng.once_in(2) {
            let predicate = self.expression(Kind::Truth);
            plan = json!({ "operator": "filter", "predicate": predicate, "input": plan });
        }
        match self.rng.below(6) {
            0 => self.ordered(plan, None),
            1 => {
                let columns = self.named("x", 1);
                json!({ "operator": "projection", "columns": columns, "input": plan })
            }
            _ => {
                let (keys, aggregates) = (self.keys(), self.aggregates());
                let plan = json!({
                    "operator": "aggregate", "keys": keys, "aggregates": aggregates, "input": plan,
                });
                if self.rng.once_in(4) { self.ordered(plan, Some("a0")) } else { plan }
            }
        }
    }

    fn named(&mut self, prefix: &str, least: usize) -> Vec<Value> {
        let count = least + self.rng.below(3);
        let mut named =
            |i| json!({ "name": format!("{prefix}{i}"), "expr": self.expression(Kind::Any) });
        (0..count).map(&mut named).collect()
    }

    /// Groups by columns more often than by what is computed.
    fn keys(&mut self) -> Vec<Value> {
        if self.rng.once_in(2) {
            return self.named("k", 0);
        }
        let count = 1 + self.rng.below(2);
        let chosen = (0..count).filter_map(|_| self.rng.choose(self.columns)).enumerate();
        chosen.map(|(i, c)| json!({ "name": format!("k{i}"), "expr": c.name })).collect()
    }

    fn aggregates(&mut self) -> Vec<Value> {
        let count = 1 + self.rng.below(3);
        let mut aggregate = |i| {
            let functions = ["count", "sum", "avg", "min", "max"];
            let function = self.rng.choose(&functions).copied().unwrap_or("count");
            let distinct = self.rng.once_in(4);
            let args: Vec<String> = match function {
                "count" if self.rng.once_in(3) && !distinct => Vec::new(),
                "count" if distinct && self.rng.once_in(2) => {
                    vec![self.expression(Kind::Any), self.expression(Kind::Any)]
                }
                "sum" | "avg" if !self.rng.once_in(4) => vec![self.expression(Kind::Number)],
                _ => vec![self.expression(Kind::Any)],
            };
            let name = format!("a{i}");
            json!({ "name": name, "function": function, "args": args, "distinct": distinct })
        };
        (0..count).map(&mut aggregate).collect()
    }

    /// Sorts, or keeps the first rows in an order or without one.
    fn ordered(&mut self, input: Value, key: Option<&str>) -> Value {
        let limit = 1 + self.rng.below(12);
        // Without an order, which rows are the first is up to the lanes.
        if key.is_some() && self.rng.once_in(3) {
            return json!({ "operator": "limit", "limit": limit, "input": input });
        }
        let mut keys = Vec::new();
        for _ in 0..1 + self.rng.below(2) {
            let expr = key.map_or_else(|| self.expression(Kind::Any), str::to_owned);
            keys.push(json!({ "expr": expr, "descending": self.rng.once_in(2) }));
        }
        if self.rng.once_in(2) {
            return json!({ "operator": "sort", "keys": keys, "input": input });
        }
        json!({ "operator": "top_n", "limit": limit, "keys": keys, "input": input })
    }
}

impl Target for Answers {
    fn run(
        &self,
        seed: u64,
        watch: &Watch,
        tally: &mut BTreeMap<&'static str, u64>,
    ) -> Vec<Finding> {
        let mut rng = Rng::new(seed);
        let (ground, columns) = match random_ground(&mut rng) {
            Ok(ground) => ground,
            Err(text) => return vec![Finding { seed, told: "a table".to_owned(), text }],
        };
        let mut findings = Vec::new();
        for _ in 0..PLANS_PER_TABLE {
            let (functions, columns) = (&self.functions, &columns);
            let plan = PlanGrammar { functions, columns, rng: &mut rng }.plan();
            let types: Vec<String> = ground
                .table()
                .columns
                .iter()
                .map(|c| format!("{} {}", c.name, c.type_text))
                .collect();
            let told =
                format!("{plan}\n  over {}\n  under {:?}", types.join(", "), ground.session());
            let drawn = rng.bits();
            let answered = watch.case(&told, || self.check(&plan, &ground, drawn));
            note(answered, seed, told, tally, &mut findings);
        }
        findings
    }
}
