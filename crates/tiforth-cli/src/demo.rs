// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `tiforth demo`: TPC-H data made in memory, TPC-H's queries 1 and 6, and two queries that show what
//! MySQL's rules do. Needs no file and no network.

use std::io::Write as _;
use std::sync::Arc;
use std::time::Instant;

use clap::Args;
use tiforth::arrow::array::{ArrayRef, RecordBatch, StringArray};
use tiforth::{Engine, Plan, Session, TableInput, Tables, ThreadPool};
use tpchgen::generators::LineItemGenerator;
use tpchgen_arrow::LineItemArrow;

use crate::failure::{Failure, of_stdout};
use crate::output::{print_profile, print_table, write_warnings};
use crate::run::{cancel_on_interrupt, default_threads};
use crate::settings::run_context;

/// Shows what TiForth answers, over data it makes.
#[derive(Args)]
pub(crate) struct Demo {
    /// TPC-H's scale factor: 1 makes six million rows
    #[arg(long, default_value_t = 0.1, value_parser = parse_scale)]
    scale: f64,
    /// How many threads work
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
}

fn parse_scale(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(scale) if scale > 0.0 && scale <= 100.0 => Ok(scale),
        _ => Err("a scale is a number above 0 and at most 100".to_owned()),
    }
}

/// Is one query of the demonstration.
struct Query {
    title: &'static str,
    sql: &'static str,
    plan: &'static str,
    table: &'static str,
}

const QUERIES: &[Query] = &[
    Query {
        title: "TPC-H Q1: the pricing summary",
        sql: "SELECT l_returnflag, l_linestatus, SUM(l_quantity), … GROUP BY 1, 2 ORDER BY 1, 2",
        plan: include_str!("../../../examples/plans/q1.json"),
        table: "lineitem",
    },
    Query {
        title: "TPC-H Q6: the revenue forecast",
        sql: "SELECT SUM(l_extendedprice * l_discount) AS revenue FROM lineitem WHERE …",
        plan: include_str!("../../../examples/plans/q6.json"),
        table: "lineitem",
    },
    Query {
        title: "A case-insensitive GROUP BY: trailing spaces do not count, the first spelling stands",
        sql: "SELECT name COLLATE utf8mb4_general_ci AS name, COUNT(*) AS spellings FROM names GROUP BY 1",
        plan: include_str!("../../../examples/plans/case_insensitive_names.json"),
        table: "names",
    },
    Query {
        title: "Decimal division: hidden digits, and a warning for a division by zero",
        sql: "SELECT one / 3 AS a, one / 3 * 3 AS b, one / 3 * 3 = 1 AS c, one / (one - 1) AS d FROM (VALUES (1)) t(one)",
        plan: include_str!("../../../examples/plans/decimal_division.json"),
        table: "names",
    },
];

impl Demo {
    /// Makes the data and runs the queries.
    ///
    /// # Errors
    /// What a run fails with.
    pub(crate) fn run(&self) -> Result<(), Failure> {
        let started = Instant::now();
        let lineitem = lineitem(self.scale)?;
        let rows: usize = lineitem.iter().map(RecordBatch::num_rows).sum();
        let names = names()?;
        let threads = self.threads.map_or_else(default_threads, usize::from);
        let mut out = std::io::stdout().lock();
        writeln!(
            out,
            "TPC-H lineitem at scale {}: {rows} rows made in {:.1} s; {threads} threads\n",
            self.scale,
            started.elapsed().as_secs_f64()
        )
        .map_err(of_stdout)?;
        drop(out);
        let pool = ThreadPool::new(threads)?;
        let run = run_context()?;
        cancel_on_interrupt(&run)?;
        let engine = Engine::new();
        let session = Session::default();
        for query in QUERIES {
            let batches = if query.table == "lineitem" { &lineitem } else { &names };
            let Some(first) = batches.first() else { continue };
            println!("── {}\n   {}\n", query.title, query.sql);
            let started = Instant::now();
            let plan = Plan::from_json(query.plan)?;
            let tables = Tables::new().with(query.table, first.schema());
            let compiled = engine.compile(&plan, &tables, &session)?;
            let inputs = vec![(query.table.to_owned(), TableInput::from(batches.clone()))];
            let mut result = compiled.start(inputs, &run, &pool)?;
            print_table(&mut result, &session)?;
            let elapsed = started.elapsed();
            let (warnings, total) = result.warnings();
            write_warnings(&mut std::io::stdout().lock(), &warnings, total)?;
            println!("\n{:.1} ms\n", elapsed.as_secs_f64() * 1e3);
            print_profile(&result.profile())?;
            println!();
        }
        Ok(())
    }
}

/// Makes the table lineitem.
fn lineitem(scale: f64) -> Result<Vec<RecordBatch>, Failure> {
    let generator = LineItemGenerator::new(scale, 1, 1);
    LineItemArrow::new(generator)
        .with_batch_size(65_536)
        .collect::<Result<_, _>>()
        .map_err(|e| Failure::Usage(format!("making the data failed: {e}")))
}

/// Makes a small table of names in several spellings.
fn names() -> Result<Vec<RecordBatch>, Failure> {
    let names: ArrayRef = Arc::new(StringArray::from(vec![
        "Ada", "ada ", "ADA", "Grace", "grace", "Zoë", "zoe", "Edsger",
    ]));
    let batch =
        RecordBatch::try_from_iter([("name", names)]).map_err(|e| Failure::Usage(e.to_string()))?;
    Ok(vec![batch])
}
