// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Holds the reference pages to the definitions, and the definitions' examples to the evaluator.

use std::collections::BTreeMap;

use tiforth_expr::kernel::Rows;
use tiforth_expr::{Binder, Diagnostics, Evaluator, Registry, RunValues, Volatility};
use tiforth_testkit::protocol_text::value_text;
use tiforth_testkit::reference::{folder, pages};
use tiforth_types::Session;

#[test]
fn pages_are_what_the_definitions_say() {
    let wanted = pages(&tiforth_functions::registry().unwrap());
    let found: BTreeMap<String, String> = std::fs::read_dir(folder())
        .map(|entries| {
            entries
                .map(|e| e.unwrap().path())
                .map(|p| {
                    let name = p.file_name().unwrap().to_string_lossy().into_owned();
                    (name, std::fs::read_to_string(&p).unwrap())
                })
                .collect()
        })
        .unwrap_or_default();
    let stale: Vec<&String> = wanted
        .keys()
        .chain(found.keys())
        .filter(|name| wanted.get(*name) != found.get(*name))
        .collect();
    assert!(
        stale.is_empty(),
        "stale pages {stale:?}: cargo run --profile ci -p tiforth-testkit --bin reference"
    );
}

#[test]
fn examples_give_what_they_say() {
    let registry = tiforth_functions::registry().unwrap();
    let mut wrong = Vec::new();
    for f in registry.functions() {
        let (text, wanted) = f.doc.example;
        // What differs from run to run or row to row has an example without a value to hold to.
        if f.volatility != Volatility::Immutable {
            continue;
        }
        match evaluate(&registry, text) {
            Ok(found) if found == wanted => {}
            Ok(found) => wrong.push(format!("{}: {text} gives {found}, not {wanted}", f.name)),
            Err(error) => wrong.push(format!("{}: {text} fails: {error}", f.name)),
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn definitions_are_documented() {
    let registry = tiforth_functions::registry().unwrap();
    let mut wrong = Vec::new();
    let docs = registry.functions().map(|f| (f.name, &f.doc));
    for (name, doc) in docs.chain(registry.aggregates().map(|f| (f.name, &f.doc))) {
        for (part, text) in [
            ("usage", doc.usage),
            ("summary", doc.summary),
            ("result", doc.result),
            ("null", doc.null),
            ("example", doc.example.0),
            ("sources", doc.sources),
        ] {
            if text.is_empty() {
                wrong.push(format!("{name} says nothing under {part}"));
            }
        }
        if !doc.summary.is_empty() && !doc.summary.ends_with('.') {
            wrong.push(format!("{name}'s summary is no sentence"));
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

/// Evaluates an expression over no columns and prints its value as MySQL's client does.
fn evaluate(registry: &Registry, text: &str) -> Result<String, String> {
    let session = Session::default();
    let tree = tiforth_sql::parse_expr(text, session.sql_mode).map_err(|e| e.to_string())?;
    let mut binder = Binder::new(registry, &session, &[]);
    let typed = binder.bind(&tree).map_err(|e| e.to_string())?;
    let run = RunValues::default();
    let mut diagnostics = Diagnostics::new(session.max_warnings);
    let mut evaluator = Evaluator::new(&[], &session, &run, &mut diagnostics);
    let column = evaluator.evaluate(&typed, Rows::all(1)).map_err(|e| e.to_string())?;
    let value = evaluator.datum(&column, &typed, 0).map_err(|e| e.to_string())?;
    if let Some((_, error)) = diagnostics.first_error() {
        return Err(error.to_string());
    }
    Ok(match value_text(&value, &typed.ty) {
        None => "NULL".to_owned(),
        Some(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
    })
}
