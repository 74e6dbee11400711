// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `tiforth functions`: the registry with its documentation.

use std::io::Write as _;

use clap::Args;
use tiforth::Engine;
use tiforth::expr::Doc;

use crate::failure::{Failure, of_stdout};

/// Lists the functions, or describes one.
#[derive(Args)]
pub(crate) struct Functions {
    /// The function to describe, by name or alias
    name: Option<String>,
}

impl Functions {
    /// Prints the list or the page.
    ///
    /// # Errors
    /// When there is no such function.
    pub(crate) fn run(&self) -> Result<(), Failure> {
        let engine = Engine::new();
        match &self.name {
            None => list(&engine),
            Some(name) => describe(&engine, &name.to_ascii_lowercase()),
        }
    }
}

fn list(engine: &Engine) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    let registry = engine.registry();
    if let Some(doc) = registry.casts().doc() {
        writeln!(out, "{:<20} {:<12} {}", "cast", "cast", doc.summary).map_err(of_stdout)?;
    }
    for f in registry.functions() {
        writeln!(out, "{:<20} {:<12} {}", f.name, f.family, f.doc.summary).map_err(of_stdout)?;
    }
    for f in registry.aggregates() {
        writeln!(out, "{:<20} {:<12} {}", f.name, "aggregate", f.doc.summary).map_err(of_stdout)?;
    }
    Ok(())
}

fn describe(engine: &Engine, name: &str) -> Result<(), Failure> {
    let registry = engine.registry();
    if let Some(f) = registry.get(name) {
        return page(f.name, f.aliases, &f.doc);
    }
    if let Some(f) = registry.aggregate(name) {
        return page(f.name, f.aliases, &f.doc);
    }
    if let Some(doc) = registry.casts().doc().filter(|_| name == "cast") {
        return page("cast", &[], doc);
    }
    Err(Failure::Usage(format!("there is no function '{name}'; 'tiforth functions' lists all")))
}

fn page(name: &str, aliases: &[&str], doc: &Doc) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    let (example, value) = doc.example;
    let example = format!("{example} → {value}");
    let aliases = aliases.join(", ");
    let lines = [
        ("usage", doc.usage),
        ("", doc.summary),
        ("aliases", aliases.as_str()),
        ("result", doc.result),
        ("NULL", doc.null),
        ("errors", doc.errors),
        ("warnings", doc.warnings),
        ("example", example.as_str()),
        ("sources", doc.sources),
    ];
    writeln!(out, "{name}").map_err(of_stdout)?;
    for (label, text) in lines.iter().filter(|(_, text)| !text.is_empty()) {
        writeln!(out, "  {label:<9} {text}").map_err(of_stdout)?;
    }
    Ok(())
}
