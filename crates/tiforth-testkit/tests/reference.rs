// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Holds the generated pages to what they are made from, and the definitions' examples to the evaluator.

use std::path::PathBuf;

use tiforth_expr::kernel::Rows;
use tiforth_expr::{Binder, Diagnostics, Evaluator, Registry, RunValues, Volatility};
use tiforth_testkit::documents;
use tiforth_testkit::protocol_text::value_text;
use tiforth_types::Session;

#[test]
fn pages_are_what_definitions_and_record_say() {
    let wanted = documents::wanted().unwrap();
    let found = documents::found();
    let is_stale =
        |path: &&PathBuf| wanted.get(*path) != std::fs::read_to_string(path).ok().as_ref();
    let stale: Vec<&PathBuf> = wanted.keys().chain(&found).filter(is_stale).collect();
    assert!(
        stale.is_empty(),
        "stale pages {stale:?}: cargo run --profile ci -p tiforth-testkit --bin reference"
    );
}

#[test]
fn divergences_are_found_in_the_vectors() {
    let page = std::fs::read_to_string(tiforth_testkit::divergence::path()).unwrap();
    assert!(!page.contains("**Found in**: 0 "), "a group no result belongs to: take it out");
}

#[test]
fn examples_give_what_they_say() {
    let registry = tiforth_functions::registry().unwrap();
    let mut wrong = Vec::new();
    // What differs from run to run or row to row has an example without a value to hold to.
    let steady = registry.functions().filter(|f| f.volatility == Volatility::Immutable);
    let examples = steady.map(|f| (f.name, f.doc.example));
    for (name, (text, wanted)) in
        examples.chain(registry.casts().doc().map(|doc| ("cast", doc.example)))
    {
        match evaluate(&registry, text) {
            Ok(found) if found == wanted => {}
            Ok(found) => wrong.push(format!("{name}: {text} gives {found}, not {wanted}")),
            Err(error) => wrong.push(format!("{name}: {text} fails: {error}")),
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn definitions_are_documented() {
    let registry = tiforth_functions::registry().unwrap();
    let mut wrong = Vec::new();
    let docs = registry.functions().map(|f| (f.name, &f.doc));
    let docs = docs.chain(registry.casts().doc().map(|doc| ("cast", doc)));
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
