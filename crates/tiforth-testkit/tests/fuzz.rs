// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Runs each fuzz target for a moment from a fixed seed. The command `fuzz` goes on for longer.

use std::time::Duration;

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
