// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Holds the example plans of TPC-H Q1 and Q6 at scale 0.1 to TiDB's answers, to the digit.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs::File;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use serde_json::Value;
use tiforth::arrow::array::RecordBatch;
use tiforth::data::column::DecodeContext;
use tiforth::types::text::write_text;
use tiforth::{Engine, Plan, RunContext, Session, TableInput, Tables, ThreadPool};
use tpchgen::generators::LineItemGenerator;
use tpchgen_arrow::LineItemArrow;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn lineitem() -> Vec<RecordBatch> {
    LineItemArrow::new(LineItemGenerator::new(0.1, 1, 1))
        .with_batch_size(8_192)
        .collect::<Result<_, _>>()
        .unwrap()
}

/// Runs an example plan and returns the types and rows of its result as text.
fn run(plan: &str, threads: usize) -> (Vec<String>, Vec<Vec<Option<String>>>) {
    let text = std::fs::read_to_string(root().join("examples/plans").join(plan)).unwrap();
    let plan = Plan::from_json(&text).unwrap();
    let batches = lineitem();
    let tables = Tables::new().with("lineitem", batches[0].schema());
    let session = Session::default();
    let compiled = Engine::new().compile(&plan, &tables, &session).unwrap();
    let inputs = vec![("lineitem".to_owned(), TableInput::from(batches))];
    let pool = ThreadPool::new(threads).unwrap();
    let mut run = compiled.start(inputs, &RunContext::default(), &pool).unwrap();
    let how = DecodeContext::new(session.time_zone);
    let types = compiled.columns().iter().map(|f| f.sql_type.to_string()).collect();
    let mut rows = Vec::new();
    while let Some(batch) = run.next_internal().unwrap() {
        assert!(batch.selection().is_none());
        for row in 0..batch.num_rows() {
            let columns = batch.columns().iter().zip(batch.schema().iter());
            let cells = columns.map(|(column, field)| {
                let value = column.datum(row, &field.sql_type, &how).unwrap();
                let mut out = Vec::new();
                write_text(value.as_ref(), &field.sql_type, &mut out)
                    .then(|| String::from_utf8(out).unwrap())
            });
            rows.push(cells.collect());
        }
    }
    (types, rows)
}

fn check(query: &str, plan: &str) {
    let path = root().join("conformance/tpch").join(format!("{query}.json.gz"));
    let answer: Value = serde_json::from_reader(GzDecoder::new(File::open(path).unwrap())).unwrap();
    let expected: Vec<Vec<Option<String>>> = answer["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row.as_array().unwrap().iter().map(|v| v.as_str().map(str::to_owned)).collect())
        .collect();
    for threads in [1, 2, 4] {
        let (types, rows) = run(plan, threads);
        assert_eq!(rows, expected, "{plan} with {threads} threads");
        for (ty, column) in types.iter().zip(answer["columns"].as_array().unwrap()) {
            if column["type"] == "decimal" {
                let scale = format!(",{})", column["dec"]);
                assert!(ty.starts_with("decimal(") && ty.ends_with(&scale), "{ty} is not {column}");
            }
        }
    }
}

#[test]
fn q1_gives_tidbs_answer() {
    check("q01", "q1.json");
}

#[test]
fn q6_gives_tidbs_answer() {
    check("q06", "q6.json");
}
