// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Fuzzes the door with texts that are nearly right: MySQL expressions, and plans as JSON, damaged at
//! random. Each gets an answer or an error; none a panic.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{
    ArrayRef, Date32Array, Decimal128Array, Float64Array, Int64Array, RecordBatch, StringArray,
};
use tiforth::{Engine, Error, Plan, RunContext, Session, TableInput, Tables, ThreadPool};

use super::damage::damaged;
use super::grammar::{Grammar, NamedColumn};
use super::signature::{Callable, Kind, callables};
use super::token::{EXPRESSION_TOKENS, PLAN_TOKENS};
use super::{Finding, Target, Watch, note};
use crate::generate::Rng;

/// Is the number of texts a case tries.
const TEXTS_PER_CASE: usize = 16;

/// Binds and evaluates expression texts: examples of the functions and random ones, damaged.
pub struct Texts {
    engine: Engine,
    functions: Vec<Callable>,
    batch: RecordBatch,
}

/// Compiles and runs plans: those of `examples/plans`, damaged.
pub struct Plans {
    plans: Vec<String>,
    batch: RecordBatch,
    pool: ThreadPool,
}

impl Texts {
    /// Builds the target.
    ///
    /// # Errors
    /// Where its table cannot be made.
    pub fn new() -> Result<Self, String> {
        let engine = Engine::new();
        let functions = callables(engine.registry());
        Ok(Texts { engine, functions, batch: columns()? })
    }

    /// Lists texts to start from: the examples of the functions, and their calls on columns.
    pub fn examples(&self) -> Vec<String> {
        let mut examples = Vec::new();
        for function in self.engine.registry().functions() {
            examples.push(function.doc.example.0.to_owned());
            for arity in function.arity.0..=function.arity.1.min(4) {
                for start in 0..6 {
                    let names = ["a", "b", "c", "d", "e", "f"].iter().cycle().skip(start);
                    let args: Vec<&str> = names.take(arity).copied().collect();
                    examples.push(format!("{}({})", function.name, args.join(", ")));
                }
            }
        }
        examples
    }

    /// Does all the door does with an expression's text; false where it is refused.
    ///
    /// # Errors
    /// A bug of ours that was reported as such.
    pub fn evaluate(&self, text: &str) -> Result<bool, String> {
        let session = Session::default();
        let bound = self.engine.bind(text, &self.batch.schema(), &session);
        let answered = bound.and_then(|b| b.evaluate(&self.batch, &RunContext::default()));
        unless_bug(answered.map(|_| ()))
    }
}

impl Target for Texts {
    fn run(
        &self,
        seed: u64,
        watch: &Watch,
        tally: &mut BTreeMap<&'static str, u64>,
    ) -> Vec<Finding> {
        let mut rng = Rng::new(seed);
        let examples = self.examples();
        let named =
            |(name, kind): &(&str, Kind)| NamedColumn { name: (*name).to_owned(), kind: *kind };
        let columns: Vec<NamedColumn> = KINDS.iter().map(named).collect();
        let mut findings = Vec::new();
        for _ in 0..TEXTS_PER_CASE {
            let start = if rng.once_in(2) {
                rng.choose(&examples).cloned().unwrap_or_default()
            } else {
                let (functions, depth) = (&self.functions, 1 + rng.below(4));
                Grammar::new(functions, &columns, &mut rng).expression(Kind::Any, depth)
            };
            let text = damaged(&mut rng, &start, EXPRESSION_TOKENS);
            let answered = watch.case(&text, || self.evaluate(&text));
            note(answered, seed, text, tally, &mut findings);
        }
        findings
    }
}

impl Plans {
    /// Builds the target.
    ///
    /// # Errors
    /// Where the examples cannot be read or the table cannot be made.
    pub fn new() -> Result<Self, String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/plans");
        let mut paths = Vec::new();
        for entry in fs::read_dir(folder).map_err(|e| e.to_string())? {
            paths.push(entry.map_err(|e| e.to_string())?.path());
        }
        paths.sort();
        let read = |path| fs::read_to_string(path).map_err(|e: std::io::Error| e.to_string());
        let plans = paths.iter().map(read).collect::<Result<_, _>>()?;
        let pool = ThreadPool::new(1).map_err(|e| e.to_string())?;
        Ok(Plans { plans, batch: lineitem()?, pool })
    }

    /// Lists the plans as they are.
    pub fn examples(&self) -> &[String] {
        &self.plans
    }

    /// Does all the door does with a plan's text; false where it is refused.
    ///
    /// # Errors
    /// A bug of ours that was reported as such.
    pub fn evaluate(&self, text: &str) -> Result<bool, String> {
        unless_bug(self.run_plan(text))
    }

    fn run_plan(&self, text: &str) -> Result<(), Error> {
        let plan = Plan::from_json(text)?;
        if Plan::from_json(&plan.to_json().to_string())? != plan {
            let text = "a plan's JSON is read as another plan";
            return Err(tiforth_types::InternalError::new(text).into());
        }
        let names = ["lineitem", "orders", "names"];
        let schema = self.batch.schema();
        let tables = names.iter().fold(Tables::new(), |t, name| t.with(*name, schema.clone()));
        let compiled = Engine::new().compile(&plan, &tables, &Session::default())?;
        compiled.explain(2)?;
        let inputs = names.map(|n| (n.to_owned(), TableInput::from(vec![self.batch.clone()])));
        let mut run = compiled.start(inputs.into(), &RunContext::default(), &self.pool)?;
        while run.next_batch()?.is_some() {}
        Ok(())
    }
}

impl Target for Plans {
    fn run(
        &self,
        seed: u64,
        watch: &Watch,
        tally: &mut BTreeMap<&'static str, u64>,
    ) -> Vec<Finding> {
        let mut rng = Rng::new(seed);
        let mut findings = Vec::new();
        for _ in 0..TEXTS_PER_CASE {
            let start = rng.choose(&self.plans).cloned().unwrap_or_default();
            let text = damaged(&mut rng, &start, PLAN_TOKENS);
            let answered = watch.case(&text, || self.evaluate(&text));
            note(answered, seed, text, tally, &mut findings);
        }
        findings
    }
}

fn unless_bug(result: Result<(), Error>) -> Result<bool, String> {
    match result {
        Ok(()) => Ok(true),
        Err(Error::Sql(_)) => Ok(false),
        Err(Error::Internal(bug)) => Err(bug.to_string()),
    }
}

const KINDS: [(&str, Kind); 6] = [
    ("a", Kind::Int),
    ("b", Kind::Number),
    ("c", Kind::Text),
    ("d", Kind::Number),
    ("e", Kind::Moment),
    ("f", Kind::Text),
];

/// Makes the table expressions are evaluated over.
fn columns() -> Result<RecordBatch, String> {
    let a: ArrayRef = Arc::new(Int64Array::from(vec![Some(i64::MIN), Some(0), None]));
    let b: ArrayRef = Arc::new(Float64Array::from(vec![Some(-1e308), Some(0.5), None]));
    let c: ArrayRef = Arc::new(StringArray::from(vec![Some("-9é"), Some("2020-02-30 25"), None]));
    let d = decimals(&[Some(i128::from(i64::MAX)), Some(-5), None], 38, 10)?;
    let e: ArrayRef = Arc::new(Date32Array::from(vec![Some(-700_000), Some(2_932_896), None]));
    let f: ArrayRef = Arc::new(StringArray::from(vec![Some(""), Some("%_\\"), None]));
    RecordBatch::try_from_iter([("a", a), ("b", b), ("c", c), ("d", d), ("e", e), ("f", f)])
        .map_err(|e| e.to_string())
}

/// Makes the table plans are run over, with the columns of all tables they name.
fn lineitem() -> Result<RecordBatch, String> {
    let keys: ArrayRef = Arc::new(Int64Array::from(vec![1, 2, i64::MAX]));
    let flags: ArrayRef = Arc::new(StringArray::from(vec![Some("A"), Some("a "), None]));
    let day: ArrayRef = Arc::new(Date32Array::from(vec![Some(0), Some(10_000), None]));
    let amount = decimals(&[Some(100), Some(-9_999_999), None], 15, 2)?;
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
        ("one", &keys),
    ];
    RecordBatch::try_from_iter(names.map(|(name, array)| (name, Arc::clone(array))))
        .map_err(|e| e.to_string())
}

fn decimals(values: &[Option<i128>], precision: u8, scale: i8) -> Result<ArrayRef, String> {
    let array = Decimal128Array::from(values.to_vec());
    let array = array.with_precision_and_scale(precision, scale).map_err(|e| e.to_string())?;
    Ok(Arc::new(array))
}
