// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Measures every overload of every function: nanoseconds a row, in batches and row by row.
//!
//! ```text
//! cargo bench -p tiforth-functions --bench speed                     # prints the table
//! … -- cast CastStringAsInt peers 'cast(a as date)'                  # only what is named so
//! … -- --write docs/function-speed.md                                # keeps the table
//! … -- --compare docs/function-speed.md                              # names what became slower
//! ```
//!
//! The registry says which functions there are; the example in a function's documentation says what
//! it is ordinarily called with. Calls are bound over every mixture of argument types; every call in
//! what is bound, the conversions among them, is an overload to measure, alone, over what its
//! arguments give for the example's values, varied from row to row.

#![forbid(unsafe_code)]

mod calls;
mod inputs;
mod measure;
mod peers;
mod table;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use table::Line;

/// Is what the command line asks for.
#[derive(Default)]
struct Arguments {
    named: Vec<String>,
    write: Option<PathBuf>,
    compare: Option<PathBuf>,
}

/// Reads the command line; cargo adds `--bench`.
fn arguments() -> Result<Arguments, String> {
    let mut arguments = Arguments::default();
    let mut rest = std::env::args().skip(1);
    while let Some(argument) = rest.next() {
        let path = |rest: &mut dyn Iterator<Item = String>| {
            let name = rest.next().ok_or_else(|| format!("{argument} wants a file"))?;
            // Cargo runs benches in the crate's folder.
            let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
            Ok::<_, String>(Some(root.join(name)))
        };
        match argument.as_str() {
            "--bench" => {}
            "--write" => arguments.write = path(&mut rest)?,
            "--compare" => arguments.compare = path(&mut rest)?,
            option if option.starts_with('-') => return Err(format!("unknown option {option}")),
            _ => arguments.named.push(argument),
        }
    }
    Ok(arguments)
}

fn run() -> Result<ExitCode, String> {
    let arguments = arguments()?;
    let registry = tiforth_functions::registry().map_err(|e| e.to_string())?;
    let found = calls::find(&registry);
    let mut lines = Vec::new();
    for subject in &found.subjects {
        let is_named = |name: &String| subject.function == *name || subject.overload == name;
        if arguments.named.is_empty() || arguments.named.iter().any(is_named) {
            lines.push(Line::of(subject, measure::measure(subject)));
        }
    }
    let peers = peers::all(&registry, |expression| {
        arguments.named.is_empty()
            || arguments.named.iter().any(|name| name == "peers" || name == expression)
    });
    let text = table::page(&lines, &found.missing, &peers);
    match &arguments.write {
        Some(path) => {
            std::fs::write(path, &text).map_err(|e| format!("{}: {e}", path.display()))?
        }
        None => println!("{text}"),
    }
    let Some(path) = &arguments.compare else { return Ok(ExitCode::SUCCESS) };
    let before = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let slower = table::slower(&lines, &before);
    println!("{slower}");
    Ok(if slower.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn main() -> ExitCode {
    run().unwrap_or_else(|reason| {
        eprintln!("{reason}");
        ExitCode::from(2)
    })
}
