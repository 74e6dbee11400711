// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Feeds the door texts that are nearly right: plans as JSON and MySQL expressions, damaged at
//! random. Each gets an answer or an error; none a panic.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;
use tiforth::arrow::array::{
    ArrayRef, Date32Array, Decimal128Array, Float64Array, Int64Array, RecordBatch, StringArray,
};
use tiforth::{Engine, Error, Plan, RunContext, Session, TableInput, Tables, ThreadPool};

/// Is one way to damage a text; places are taken modulo its length.
#[derive(Clone, Debug)]
enum Damage {
    Delete { at: usize, count: usize },
    Repeat { at: usize, count: usize },
    Insert { at: usize, token: usize },
    Replace { at: usize, count: usize, token: usize },
    Nest { at: usize, depth: usize, token: usize },
}

fn damage() -> impl Strategy<Value = Damage> {
    let at = 0usize..4096;
    let count = 1usize..24;
    let token = 0usize..4096;
    prop_oneof![
        (at.clone(), count.clone()).prop_map(|(at, count)| Damage::Delete { at, count }),
        (at.clone(), count.clone()).prop_map(|(at, count)| Damage::Repeat { at, count }),
        (at.clone(), token.clone()).prop_map(|(at, token)| Damage::Insert { at, token }),
        (at.clone(), count, token.clone()).prop_map(|(at, count, token)| Damage::Replace {
            at,
            count,
            token
        }),
        (at, 2usize..200, token).prop_map(|(at, depth, token)| Damage::Nest { at, depth, token }),
    ]
}

/// Damages a text; it stays text, for the door takes nothing else.
fn damaged(text: &str, damages: &[Damage], tokens: &[&str]) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    let token = |i: &usize| tokens[i % tokens.len()].chars().collect::<Vec<char>>();
    for damage in damages {
        let length = letters.len();
        let place = |at: &usize| at % (length + 1);
        match damage {
            Damage::Delete { at, count } => {
                let at = place(at);
                letters.drain(at..(at + count).min(length));
            }
            Damage::Repeat { at, count } => {
                let at = place(at);
                let piece = letters[at..(at + count).min(length)].to_vec();
                letters.splice(at..at, piece);
            }
            Damage::Insert { at, token: t } => {
                let at = place(at);
                letters.splice(at..at, token(t));
            }
            Damage::Replace { at, count, token: t } => {
                let at = place(at);
                letters.splice(at..(at + count).min(length), token(t));
            }
            Damage::Nest { at, depth, token: t } => {
                let at = place(at);
                letters.splice(at..at, token(t).repeat(*depth));
            }
        }
    }
    letters.into_iter().collect()
}

/// Lists the plans of `examples/plans`.
fn plans() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/plans");
    let mut paths: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect()
}

const PLAN_TOKENS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"",
    "null",
    "true",
    "-1",
    "0",
    "1e999",
    "18446744073709551616",
    "\\u0000",
    "\\ud800",
    "é",
    "{\"operator\":\"filter\",\"input\":",
    "[[[[",
    "\"keys\": [],",
    "\"limit\": 18446744073709551615,",
    "\"offset\": 18446744073709551615,",
    "\"distinct\": true,",
    "\"operator\": \"sort\"",
    "\"operator\": \"top_n\"",
    "\"operator\": \"aggregate\"",
    "\"operator\": \"values\"",
    "\"input\": null,",
    "\"inputs\": [],",
    "\"columns\": [],",
    "l_shipdate",
    "l_quantity",
    "l_comment",
    "count",
    "group_concat",
    "\"version\": 2,",
    "{\"kind\":\"call\"}",
    "{\"call\":\"plus\",\"args\":[]}",
];

const EXPRESSION_TOKENS: &[&str] = &[
    "(",
    ")",
    "'",
    "\"",
    "`",
    ",",
    ".",
    "-",
    "+",
    "*",
    "/",
    "%",
    " div ",
    " mod ",
    "^",
    "~",
    "!",
    "<<",
    ">>",
    "&",
    "|",
    "||",
    "&&",
    "<=>",
    "<>",
    " is null",
    " is not true",
    " like ",
    " escape ",
    " regexp ",
    " in (",
    " between ",
    " and ",
    " or ",
    " xor ",
    " not ",
    "null",
    "true",
    "0x",
    "x'",
    "0xFF",
    "b'1'",
    "_utf8mb4",
    "_binary'\\0'",
    " collate utf8mb4_general_ci",
    " collate binary",
    "cast(",
    " as decimal(65,30))",
    " as signed)",
    " as char(0))",
    " as time(6))",
    "interval ",
    " interval 1 day",
    " interval '9:9' minute_second",
    "date'0000-00-00'",
    "timestamp'9999-12-31'",
    "time'-838:59:59'",
    "9223372036854775808",
    "-9223372036854775808",
    "18446744073709551615",
    "1e308",
    "1e-400",
    "0.000000000000000000000000000001",
    "99999999999999999999999999999999999",
    "case when ",
    " then ",
    " else ",
    " end",
    "if(",
    "coalesce(",
    "concat(",
    "substring(",
    "repeat('x', ",
    "lpad(",
    "date_add(",
    "str_to_date(",
    "a",
    "b",
    "c",
    "d",
    "e",
    "f",
    "é",
    "\u{0}",
];

fn lineitem() -> RecordBatch {
    let money = |values: Vec<Option<i128>>| -> ArrayRef {
        Arc::new(Decimal128Array::from(values).with_precision_and_scale(15, 2).unwrap())
    };
    let keys: ArrayRef = Arc::new(Int64Array::from(vec![1, 2, i64::MAX]));
    let flags: ArrayRef = Arc::new(StringArray::from(vec![Some("A"), Some("a "), None]));
    let day: ArrayRef = Arc::new(Date32Array::from(vec![Some(0), Some(10_000), None]));
    let amount = money(vec![Some(100), Some(-9_999_999), None]);
    let names = [
        ("l_orderkey", &keys),
        ("l_suppkey", &keys),
        ("l_returnflag", &flags),
        ("l_linestatus", &flags),
        ("l_shipmode", &flags),
        ("l_comment", &flags),
        ("l_shipdate", &day),
        ("l_quantity", &amount),
        ("l_extendedprice", &amount),
        ("l_discount", &amount),
        ("l_tax", &amount),
        ("o_orderkey", &keys),
        ("o_custkey", &keys),
        ("o_comment", &flags),
        ("o_orderdate", &day),
        ("o_totalprice", &amount),
        ("name", &flags),
    ];
    RecordBatch::try_from_iter(names.map(|(name, array)| (name, Arc::clone(array)))).unwrap()
}

/// Does all the door does with a plan's text.
fn run_plan(text: &str, pool: &ThreadPool) -> Result<(), Error> {
    let plan = Plan::from_json(text)?;
    let again = Plan::from_json(&plan.to_json().to_string())?;
    assert_eq!(again, plan, "a plan's JSON is read as another plan");
    let batch = lineitem();
    let names = ["lineitem", "orders", "names"];
    let tables = names.iter().fold(Tables::new(), |t, name| t.with(*name, batch.schema()));
    let compiled = Engine::new().compile(&plan, &tables, &Session::default())?;
    compiled.explain(2)?;
    let inputs = names.map(|n| (n.to_owned(), TableInput::from(vec![batch.clone()])));
    let mut run = compiled.start(inputs.into(), &RunContext::default(), pool)?;
    while run.next_batch()?.is_some() {}
    Ok(())
}

fn columns() -> RecordBatch {
    let a: ArrayRef = Arc::new(Int64Array::from(vec![Some(i64::MIN), Some(0), None]));
    let b: ArrayRef = Arc::new(Float64Array::from(vec![Some(-1e308), Some(0.5), None]));
    let c: ArrayRef = Arc::new(StringArray::from(vec![Some("-9é"), Some("2020-02-30 25"), None]));
    let d = Decimal128Array::from(vec![Some(i128::from(i64::MAX)), Some(-5), None]);
    let d: ArrayRef = Arc::new(d.with_precision_and_scale(38, 10).unwrap());
    let e: ArrayRef = Arc::new(Date32Array::from(vec![Some(-700_000), Some(2_932_896), None]));
    let f: ArrayRef = Arc::new(StringArray::from(vec![Some(""), Some("%_\\"), None]));
    RecordBatch::try_from_iter([("a", a), ("b", b), ("c", c), ("d", d), ("e", e), ("f", f)])
        .unwrap()
}

/// Does all the door does with an expression's text.
fn evaluate(text: &str) -> Result<(), Error> {
    let batch = columns();
    let bound = Engine::new().bind(text, &batch.schema(), &Session::default())?;
    bound.evaluate(&batch, &RunContext::default())?;
    Ok(())
}

/// Fails on a bug of ours that was reported as such instead of by a panic.
fn check(result: Result<(), Error>, text: &str) {
    if let Err(Error::Internal(bug)) = result {
        panic!("{bug}\nfor\n{text}");
    }
}

/// Lists expressions to start from: the examples of the functions, and their calls on columns.
fn seeds() -> Vec<String> {
    let engine = Engine::new();
    let mut seeds = Vec::new();
    for function in engine.registry().functions() {
        seeds.push(function.doc.example.0.to_owned());
        for arity in function.arity.0..=function.arity.1.min(4) {
            for start in 0..6 {
                let args: Vec<&str> =
                    (0..arity).map(|i| ["a", "b", "c", "d", "e", "f"][(start + i) % 6]).collect();
                seeds.push(format!("{}({})", function.name, args.join(", ")));
            }
        }
    }
    seeds
}

#[test]
fn every_function_takes_every_type() {
    for seed in seeds() {
        check(evaluate(&seed), &seed);
    }
}

#[test]
fn the_example_plans_run() {
    let pool = ThreadPool::new(2).unwrap();
    for plan in plans() {
        run_plan(&plan, &pool).unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_plans_are_answered(
        place in 0usize..64,
        damages in prop::collection::vec(damage(), 1..5),
    ) {
        thread_local! {
            static POOL: ThreadPool = ThreadPool::new(1).unwrap();
        }
        let plans = plans();
        let text = damaged(&plans[place % plans.len()], &damages, PLAN_TOKENS);
        check(POOL.with(|pool| run_plan(&text, pool)), &text);
    }

    #[test]
    fn damaged_expressions_are_answered(
        place in 0usize..65_536,
        damages in prop::collection::vec(damage(), 0..6),
    ) {
        let seeds = seeds();
        let text = damaged(&seeds[place % seeds.len()], &damages, EXPRESSION_TOKENS);
        check(evaluate(&text), &text);
    }
}
