// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Runs each fuzz target for a moment from a fixed seed. The command `fuzz` goes on for longer.

use std::sync::Arc;
use std::time::Duration;

use arrow_array::{ArrayRef, Date32Array, Int64Array, RecordBatch, StringArray};
use tiforth::{Engine, Plan, RunContext, Session, TableInput, Tables, ThreadPool};
use tiforth_testkit::fuzz::{Answers, Limits, Plans, Settings, Target, Texts, Typed, fuzz};

fn check(target: &dyn Target, cases: u64) {
    let settings = Settings {
        seed: 20_260_901,
        cases,
        time: Duration::from_secs(60),
        findings_max: 3,
        limits: Limits::default(),
    };
    let tally = fuzz(target, &settings, |_, _| {});
    let findings: Vec<String> = tally.findings.iter().map(ToString::to_string).collect();
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n\n"));
    let counted = |what: &str| tally.counts.get(what).copied().unwrap_or(0);
    assert!(counted("answered") > cases, "{:?}", tally.counts);
}

#[test]
fn typed_expressions_agree() {
    let registry = tiforth_functions::registry().unwrap();
    check(&Typed::new(registry, tiforth_sql::parse_expr), 300);
}

#[test]
fn damaged_expressions_are_answered() {
    check(&Texts::new().unwrap(), 150);
}

#[test]
fn damaged_plans_are_answered() {
    check(&Plans::new().unwrap(), 100);
}

#[test]
fn plans_answer_alike_in_any_layout_and_lanes() {
    check(&Answers::new().unwrap(), 60);
}

#[test]
fn every_function_takes_every_type() {
    let texts = Texts::new().unwrap();
    let wrong = |text: &String| texts.evaluate(text).err().map(|bug| format!("{text}: {bug}"));
    let wrong: Vec<String> = texts.examples().iter().filter_map(wrong).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_example_plans_run() {
    let plans = Plans::new().unwrap();
    for plan in plans.examples() {
        assert_eq!(plans.evaluate(plan), Ok(true), "{plan}");
    }
}

/// The rows a filter leaves have no NULL though those it drops do, so that all of them are evaluated.
#[test]
fn what_aggregates_share_warns_for_each_of_them() {
    let plan = r#"{"version": 1, "plan": {"operator": "aggregate", "aggregates": [
        {"name": "n", "function": "count", "args": ["d - s"]},
        {"name": "a", "function": "avg", "args": ["s"], "distinct": true}],
        "input": {"operator": "filter", "predicate": "k",
            "input": {"operator": "table", "table": "t"}}}}"#;
    let days: ArrayRef = Arc::new(Date32Array::from(vec![1, 2, 3]));
    let texts: ArrayRef = Arc::new(StringArray::from(vec!["1", "x", "2y"]));
    let keys: ArrayRef = Arc::new(Int64Array::from(vec![0, 1, 1]));
    let columns = [("d", days, false), ("s", texts, false), ("k", keys, true)];
    let batch = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
    let tables = Tables::new().with("t", batch.schema());
    let plan = Plan::from_json(plan).unwrap();
    let compiled = Engine::new().compile(&plan, &tables, &Session::default()).unwrap();
    let pool = ThreadPool::new(1).unwrap();
    let input = vec![("t".to_owned(), TableInput::from(vec![batch]))];
    let mut run = compiled.start(input, &RunContext::default(), &pool).unwrap();
    while run.next_batch().unwrap().is_some() {}
    assert_eq!(run.warnings().1, 4);
}
