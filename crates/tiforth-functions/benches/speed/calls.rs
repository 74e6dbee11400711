// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Finds a call of every overload, by binding every function over every mixture of argument types.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use tiforth_data::{Column, Field};
use tiforth_expr::kernel::Rows;
use tiforth_expr::tree::{self, Expr, col};
use tiforth_expr::{
    Binder, Call, Collate, Diagnostics, Evaluator, Function, Node, Registry, RunValues, TypedExpr,
};
use tiforth_types::{Datum, EvalType, Session, SqlMode, SqlType, TypeKind};

use super::inputs::{self, Kind, ROWS};

/// Is one overload to measure: a call of it whose arguments are columns and constants.
pub(crate) struct Subject {
    pub(crate) function: String,
    pub(crate) overload: &'static str,
    /// The types of the arguments and the result.
    pub(crate) types: String,
    pub(crate) expr: TypedExpr,
    pub(crate) columns: Vec<Column>,
}

/// Is what was found.
pub(crate) struct Found {
    pub(crate) subjects: Vec<Subject>,
    /// What could not be called, function by function and overload by overload.
    pub(crate) missing: Vec<String>,
}

/// Is where a subject stands in the table.
type Key = (String, &'static str, String);

/// Holds the best call found for each overload: the one with the fewest calls around it.
struct Search<'a> {
    registry: &'a Registry,
    session: Session,
    kinds: Vec<Kind>,
    best: BTreeMap<Key, (usize, Subject)>,
}

/// Finds a call of every overload of `registry`.
pub(crate) fn find(registry: &Registry) -> Found {
    let (session, kinds) = (Session::default(), inputs::kinds());
    let mut search = Search { registry, session, kinds, best: BTreeMap::new() };
    search.casts();
    for function in registry.functions() {
        search.function(function);
    }
    let subjects: Vec<Subject> = search.best.into_values().map(|(_, subject)| subject).collect();
    let missing = missing(registry, &subjects);
    Found { subjects, missing }
}

impl Search<'_> {
    /// Binds the conversions between all types, as CAST makes them and as INSERT does.
    fn casts(&mut self) {
        for to in 0..self.kinds.len() {
            for from in 0..self.kinds.len() {
                let (source, target) = (&self.kinds[from].ty, self.kinds[to].ty.clone());
                let value = self.kinds[to].sample(None, self.registry);
                let example = TypedExpr::constant(value, target.clone());
                let field = TypedExpr::field(0, "c0", source.clone(), true);
                let sample = self.kinds[from].sample(Some(&example), self.registry);
                let columns = [inputs::column(&sample, false)];
                let mut binder = Binder::new(self.registry, &self.session, &[]);
                let bound = binder.cast(field.clone(), &target, true);
                let assigned = binder.assign(field, &target, "c");
                for expr in [bound, assigned].into_iter().flatten() {
                    self.consider(&expr, &columns, None);
                }
            }
        }
    }

    /// Binds a function over every mixture of the types of its first three arguments; those behind
    /// have the third one's.
    fn function(&mut self, function: &Function) {
        let further = FURTHER.iter().filter_map(|text| example_call(function, text));
        let documented = example_call(function, function.doc.example.0);
        let documented = documented.unwrap_or_else(|| tree::Call::new(function.name, Vec::new()));
        for example in std::iter::once(documented).chain(further) {
            self.like(function, &example.args, &example.options);
        }
    }

    /// Binds a function over every mixture, its values like those of an example.
    fn like(&mut self, function: &Function, shown: &[Expr], options: &tree::CallOptions) {
        let (least, most) = function.arity;
        let usual = if shown.is_empty() { least.max(1).min(most) } else { shown.len() };
        let counts: BTreeSet<usize> = match most {
            0..=4 => (least..=most).chain([usual]).collect(),
            _ => BTreeSet::from([usual.max(least)]),
        };
        for count in counts {
            let args: Vec<Option<Expr>> = (0..count)
                .map(|i| shown.get(i).or(shown.last().filter(|_| most > 4)).cloned())
                .collect();
            let mixtures = self.kinds.len().pow(count.min(3) as u32);
            for mixture in 0..mixtures {
                for fields in [count, 1] {
                    if fields == count || (count > 1 && mixture < self.kinds.len()) {
                        self.mixture(function, &args, options, mixture, fields);
                    }
                }
            }
        }
    }

    /// Binds one mixture; arguments from `fields` on are the example's constants.
    fn mixture(
        &mut self,
        function: &Function,
        args: &[Option<Expr>],
        options: &tree::CallOptions,
        mixture: usize,
        fields: usize,
    ) {
        let (mut schema, mut columns, mut call_args) = (Vec::new(), Vec::new(), Vec::new());
        for (i, example) in args.iter().enumerate() {
            if i >= fields {
                let Some(example) = example else { return };
                call_args.push(example.clone());
                continue;
            }
            let digit = mixture / self.kinds.len().pow(i.min(2) as u32) % self.kinds.len();
            let kind = &self.kinds[digit];
            let known = example.as_ref().and_then(|e| self.constant(e));
            let mut sample = kind.sample(known.as_ref(), self.registry);
            if i == 0 && matches!(function.family, "text" | "pattern" | "comparison") {
                sample = lengthened(sample);
            }
            let is_missing = function.name == "isnull"
                || matches!(function.family, "control" | "logic") && i + 1 < args.len();
            columns.push(inputs::column(&sample, is_missing));
            let name = format!("c{i}");
            call_args.push(match example {
                Some(Expr::Interval { unit, .. }) => tree::interval(col(&name), *unit),
                _ => col(&name),
            });
            schema.push(Field { name, sql_type: kind.ty.clone(), nullable: true });
        }
        let options = options.clone();
        let expr = Expr::Call(tree::Call::with_options(function.name, call_args, options));
        let mut binder = Binder::new(self.registry, &self.session, &schema);
        if let Ok(bound) = binder.bind(&expr) {
            self.consider(&bound, &columns, Some(function));
        }
    }

    /// Returns the value of an argument of an example.
    fn constant(&self, example: &Expr) -> Option<TypedExpr> {
        let value = match example {
            Expr::Interval { value, .. } => value,
            other => other,
        };
        let mut binder = Binder::new(self.registry, &self.session, &[]);
        binder.bind(value).ok().filter(TypedExpr::is_constant)
    }

    /// Keeps every call of `expr` that is the simplest of its overload so far.
    fn consider(&mut self, expr: &TypedExpr, columns: &[Column], function: Option<&Function>) {
        let mut calls: Vec<Arc<Call>> = Vec::new();
        expr.visit(&mut |e| calls.extend(e.as_call().cloned()));
        for (depth, call) in calls.iter().enumerate() {
            let own = function.filter(|f| depth == 0 && f.name == call.name.as_ref());
            let types = types(call, own.map(|f| f.collate));
            let key = (call.name.to_string(), call.overload.name, types);
            let has_constants = call.args.iter().any(TypedExpr::is_constant);
            let is_unusual =
                has_constants != call.overload.prepare.is_some() && call.args.len() > 1;
            let rank = calls.len() + depth + 100 * usize::from(is_unusual);
            if self.best.get(&key).is_some_and(|(least, _)| *least <= rank) {
                continue;
            }
            if let Some(subject) = self.alone(call, columns, &key) {
                self.best.insert(key, (rank, subject));
            }
        }
    }

    /// Puts columns of their values in the place of a call's arguments.
    fn alone(&self, call: &Arc<Call>, columns: &[Column], key: &Key) -> Option<Subject> {
        let run = RunValues::default();
        let mut diagnostics = Diagnostics::new(0);
        let mut evaluator = Evaluator::new(columns, &self.session, &run, &mut diagnostics);
        let (mut own, mut args) = (Vec::new(), Vec::new());
        for arg in &call.args {
            if arg.is_constant() {
                args.push(arg.clone());
                continue;
            }
            let column = evaluator.evaluate_decoded(arg, Rows::all(ROWS)).ok()?;
            let field = TypedExpr::field(own.len(), "c", arg.ty.clone(), arg.nullable);
            args.push(TypedExpr { coercibility: arg.coercibility, ..field });
            own.push(column);
        }
        let alone = Call { args, ..call.as_ref().clone() };
        let expr = TypedExpr {
            node: Node::Call(Arc::new(alone)),
            ..TypedExpr::field(0, "c", call.ty.clone(), true)
        };
        let (function, overload, types) = key.clone();
        Some(Subject { function, overload, types, expr, columns: own })
    }
}

/// Lists calls of overloads that are chosen by a unit or a format the documented example has not.
const FURTHER: &[&str] = &[
    "EXTRACT(DAY_HOUR FROM '2020-02-29 10:20:30')",
    "EXTRACT(HOUR FROM '10:20:30')",
    "STR_TO_DATE('10:20:30', '%H:%i:%s')",
    "STR_TO_DATE('2013-05-01 10:20:30', '%Y-%m-%d %H:%i:%s')",
    "TRIM('x' FROM 'xxbarxx')",
    "TRIM('  bar  ')",
    "CONVERT('abc' USING gbk)",
];

/// Finds in an example the call of a function.
fn example_call(function: &Function, text: &str) -> Option<tree::Call> {
    let parsed = tiforth_sql::parse_expr(text, SqlMode::tidb_default()).ok()?;
    let mut pending = vec![&parsed];
    while let Some(expr) = pending.pop() {
        match expr {
            Expr::Call(call)
                if call.name.as_ref() == function.name
                    || function.aliases.contains(&call.name.as_ref()) =>
            {
                return Some(call.clone());
            }
            Expr::Case(case) if function.name == "case" => {
                let branches = case.branches.iter().flat_map(|(when, then)| [when, then]);
                let args = branches.chain(case.otherwise.as_deref()).cloned();
                return Some(tree::Call::new("case", args.collect()));
            }
            _ => expr.for_each_child(|child| pending.push(child)),
        }
    }
    None
}

/// Lengthens a word to a text as columns hold them.
fn lengthened(sample: Datum) -> Datum {
    match sample {
        Datum::Bytes(text)
            if text.iter().all(|b| b.is_ascii_alphabetic() || b" !.".contains(b)) =>
        {
            Datum::Bytes([&text[..], b" among other words"].concat().into())
        }
        other => other,
    }
}

/// Names the types a call takes and gives; constants are marked, and collations where they decide.
fn types(call: &Call, collate: Option<Collate>) -> String {
    let derives = collate.is_some_and(|collate| collate != Collate::Connection);
    let compares = derives && !call.ty.kind.is_string();
    let args: Vec<String> = call
        .args
        .iter()
        .map(|arg| {
            let name = name_of(&arg.ty);
            let collated =
                if compares && name == "text" && call.collation.is_ci() { "_ci" } else { "" };
            format!("{name}{collated}")
        })
        .collect();
    // The first of many arguments of one type stands for all.
    let shown = match args.split_first() {
        Some((first, rest)) if rest.len() > 3 && rest.iter().all(|a| a == first) => {
            format!("{first} …")
        }
        _ => args.join(", "),
    };
    format!("{shown} → {}", name_of(&call.ty))
}

fn name_of(ty: &SqlType) -> &'static str {
    match (ty.eval_type(), ty.kind) {
        (EvalType::Int, _) => "int",
        (EvalType::Real, _) => "real",
        (EvalType::Decimal, _) => "decimal",
        (EvalType::Time, TypeKind::Date) => "date",
        (EvalType::Time, _) => "datetime",
        (EvalType::Duration, _) => "time",
        (EvalType::Json, _) => "json",
        (EvalType::Vector, _) => "vector",
        (EvalType::Bytes, _) => "text",
    }
}

/// Lists the functions no call was found of, and the overloads the source names and none was found of.
fn missing(registry: &Registry, subjects: &[Subject]) -> Vec<String> {
    let functions: BTreeSet<&str> = subjects.iter().map(|s| s.function.as_str()).collect();
    let overloads: BTreeSet<&str> = subjects.iter().map(|s| s.overload).collect();
    let mut missing: Vec<String> = registry
        .functions()
        .filter(|f| !functions.contains(f.name))
        .map(|f| format!("function {}: always a constant or calls of others", f.name))
        .collect();
    let mut named = BTreeSet::new();
    named_overloads(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut named);
    missing.extend(
        named
            .iter()
            .filter(|n| !overloads.contains(n.as_str()))
            .map(|n| format!("overload {n}: no call of it was found")),
    );
    missing
}

/// Reads from the source the names given to overloads.
fn named_overloads(folder: &Path, names: &mut BTreeSet<String>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            named_overloads(&path, names);
        } else if let Ok(text) = std::fs::read_to_string(&path) {
            for start in ["Overload::strict(", "Overload::lazy("] {
                for tail in text.split(start).skip(1) {
                    let name = tail.trim_start().strip_prefix('"').and_then(|t| t.split_once('"'));
                    names.extend(name.map(|(name, _)| name.to_owned()));
                }
            }
        }
    }
}
