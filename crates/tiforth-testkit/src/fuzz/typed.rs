// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Fuzzes with random typed expressions over random tables: the batch evaluator in several layouts
//! against the row walker.

use std::collections::BTreeMap;

use tiforth_expr::{Binder, Expr, Registry, TypedExpr, Volatility};
use tiforth_types::{Error, SqlType};

use super::grammar::Grammar;
use super::ground::random_ground;
use super::reduce::reduced;
use super::signature::{Callable, Kind, callables};
use super::{Finding, Target, Watch, note};
use crate::agreement::LaidOut;
use crate::caught::caught;
use crate::expression::ParseFn;
use crate::generate::Rng;

/// Is the number of expressions asked over one table.
const EXPRESSIONS_PER_TABLE: usize = 16;

/// Is the number of rows beyond which a table is long: fewer expressions are asked over it.
const LONG_ROWS: usize = 30;

/// Makes typed expressions from a registry and a parser.
pub struct Typed {
    registry: Registry,
    parse: ParseFn,
    functions: Vec<Callable>,
}

impl Typed {
    /// Builds the target; functions that differ from row to row are left out.
    pub fn new(registry: Registry, parse: ParseFn) -> Self {
        let is_steady = |f: &Callable| {
            registry.get(f.name).is_some_and(|f| f.volatility != Volatility::Volatile)
        };
        let functions = callables(&registry).into_iter().filter(is_steady).collect();
        Typed { registry, parse, functions }
    }

    /// Types an expression, and its assignment to a column `into` a type; nothing where either is
    /// refused.
    ///
    /// # Errors
    /// A bug of ours that binding reports.
    fn bind(
        &self,
        parsed: &Expr,
        into: Option<&SqlType>,
        ground: &LaidOut,
    ) -> Result<Option<TypedExpr>, String> {
        let mut binder = Binder::new(&self.registry, ground.session(), ground.schema());
        let typed = binder.bind(parsed).and_then(|typed| match into {
            Some(into) => binder.assign(typed, into, "x"),
            None => Ok(typed),
        });
        match typed {
            Ok(typed) => Ok(Some(typed)),
            Err(Error::Sql(_)) => Ok(None),
            Err(Error::Internal(bug)) => Err(format!("binding fails: {bug}")),
        }
    }

    /// Binds and evaluates an expression; false where it is refused.
    ///
    /// # Errors
    /// What is wrong.
    fn answer(
        &self,
        parsed: &Expr,
        into: Option<&SqlType>,
        ground: &LaidOut,
    ) -> Result<bool, String> {
        match self.bind(parsed, into, ground)? {
            None => Ok(false),
            Some(typed) => ground.check(&typed).map(|()| true).map_err(|d| d.to_string()),
        }
    }

    /// Tells what the smallest expression shows that fails as `text` does.
    fn reduced(&self, text: &str, into: Option<&SqlType>, ground: &LaidOut) -> Option<String> {
        let parsed = (self.parse)(text, ground.session().sql_mode).ok()?;
        let failure = |expr: &Expr| match caught(|| self.answer(expr, into, ground)) {
            Ok(answered) => answered.err(),
            Err(panic) => Some(format!("a panic: {panic}")),
        };
        let smallest = reduced(&parsed, |expr| failure(expr).is_some());
        Some(format!("{smallest}{}\n  {}", told_into(into), failure(&smallest)?))
    }
}

fn told_into(into: Option<&SqlType>) -> String {
    into.map_or_else(String::new, |into| format!(" into {into}"))
}

impl Target for Typed {
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
        let is_long = ground.table().rows > LONG_ROWS;
        for _ in 0..if is_long { 2 } else { EXPRESSIONS_PER_TABLE } {
            let depth = if rng.once_in(12) { 6 + rng.below(10) } else { 1 + rng.below(5) };
            let text =
                Grammar::new(&self.functions, &columns, &mut rng).expression(Kind::Any, depth);
            let into = if rng.once_in(12) { rng.choose(ground.schema()) } else { None };
            let into = into.map(|field| &field.sql_type);
            let told = format!("{text}{}\n  under {:?}", told_into(into), ground.session());
            let parsed = (self.parse)(&text, ground.session().sql_mode);
            let answered = watch.case(&told, || match &parsed {
                Err(_) => Ok(false),
                Ok(parsed) => self.answer(parsed, into, &ground),
            });
            let answered =
                answered.map_err(|wrong| self.reduced(&text, into, &ground).unwrap_or(wrong));
            note(answered, seed, told, tally, &mut findings);
        }
        findings
    }
}
