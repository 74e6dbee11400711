// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Writes the reference pages of the functions from their definitions, a page a family.
//!
//! The pages are committed under `docs/functions`, so that they read on any code host; a test fails
//! when they are not what the definitions and the record say.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use tiforth_expr::{Doc, Registry, Volatility};

use crate::exactness::{CAST, Count, Exactness, Example, Figures};

/// Says on a page's first line where it comes from.
const GENERATED: &str = "<!-- Generated from the functions' definitions and conformance/record by \
    `cargo run --profile ci -p tiforth-testkit --bin reference`; do not edit. -->";

/// Is the page aggregates stand on.
const AGGREGATE: &str = "aggregate";

/// Is what a page says of one function.
struct Entry<'a> {
    name: &'a str,
    aliases: &'a [&'a str],
    doc: &'a Doc,
    note: &'static str,
}

/// Returns the folder the pages are committed in.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/functions")
}

/// Writes the pages: their file names and texts, the index among them.
pub fn pages(registry: &Registry, figures: &Figures) -> BTreeMap<String, String> {
    let families = families(registry);
    let page = |(family, entries): (&&str, &Vec<Entry<'_>>)| {
        (format!("{family}.md"), page(family, entries, figures))
    };
    let mut pages: BTreeMap<String, String> = families.iter().map(page).collect();
    pages.insert("README.md".to_owned(), index(&families));
    pages
}

fn families(registry: &Registry) -> BTreeMap<&str, Vec<Entry<'_>>> {
    let mut families: BTreeMap<&str, Vec<Entry<'_>>> = BTreeMap::new();
    if let Some(doc) = registry.casts().doc() {
        let entry = Entry { name: CAST, aliases: &[], doc, note: "" };
        families.entry(CAST).or_default().push(entry);
    }
    for f in registry.functions() {
        let note = match f.volatility {
            Volatility::Immutable => "",
            Volatility::Unfolded => "It is computed for every row, of constants too.",
            Volatility::Run => "The value is the same for the whole run.",
            Volatility::Volatile => "Every row has its own value.",
        };
        let entry = Entry { name: f.name, aliases: f.aliases, doc: &f.doc, note };
        families.entry(f.family).or_default().push(entry);
    }
    for f in registry.aggregates() {
        let entry = Entry { name: f.name, aliases: f.aliases, doc: &f.doc, note: "" };
        families.entry(AGGREGATE).or_default().push(entry);
    }
    families
}

fn index(families: &BTreeMap<&str, Vec<Entry<'_>>>) -> String {
    let count: usize = families.values().map(Vec::len).sum();
    let mut out = format!("{GENERATED}\n\n# Functions\n\n");
    let _ = writeln!(
        out,
        "{count} functions and operators, by family. Names are TiDB's. Wherever a number is wanted, a text that \
         is none is warned of with 1292, also where a page does not say so.\n"
    );
    for (family, entries) in families {
        let _ = writeln!(out, "## [{}]({family}.md)\n", title(family));
        for entry in entries {
            let summary = one_line(entry.doc.summary);
            let anchor = anchor(entry.name);
            let _ = writeln!(out, "- [`{}`]({family}.md#{anchor}): {summary}", entry.name);
        }
        out.push('\n');
    }
    trimmed(out)
}

fn page(family: &str, entries: &[Entry<'_>], figures: &Figures) -> String {
    let mut out = format!("{GENERATED}\n\n# {}\n\n", title(family));
    for entry in entries {
        let doc = entry.doc;
        let _ = writeln!(out, "## {}\n\n```sql\n{}\n```\n", entry.name, doc.usage);
        let _ = writeln!(out, "{}", one_line(doc.summary));
        if !entry.note.is_empty() {
            let _ = writeln!(out, "{}", entry.note);
        }
        out.push('\n');
        let aliases: Vec<String> = entry.aliases.iter().map(|a| format!("`{a}`")).collect();
        let (example, value) = doc.example;
        let is_aggregate = family == AGGREGATE;
        let example = match (example, is_aggregate) {
            ("", _) => String::new(),
            (text, true) => format!("`{text}` gives {value}"),
            (text, false) => format!("`{text}` gives `{value}`"),
        };
        let figure = figures.get(entry.name);
        let lines = [
            ("Also called", aliases.join(", ")),
            ("Result", one_line(doc.result)),
            ("NULL", one_line(doc.null)),
            ("Errors", one_line(doc.errors)),
            ("Warnings", one_line(doc.warnings)),
            ("Example", example),
            (
                "From the vectors",
                figure.and_then(|f| f.example.as_ref()).map(vector_text).unwrap_or_default(),
            ),
            ("Exactness", figure.map(exactness_text).unwrap_or_default()),
            ("Decided by", one_line(doc.sources)),
        ];
        for (label, text) in lines.iter().filter(|(_, text)| !text.is_empty()) {
            let _ = writeln!(out, "- **{label}**: {text}");
        }
        out.push('\n');
    }
    trimmed(out)
}

/// Shows a vector: the expression, the row's values and TiDB's value.
fn vector_text(example: &Example) -> String {
    let inputs: Vec<String> =
        example.inputs.iter().map(|(name, value)| format!("`{name}` = `{value}`")).collect();
    let inputs = match inputs.as_slice() {
        [] => String::new(),
        _ => format!(" with {}", inputs.join(", ")),
    };
    format!("`{}`{inputs} gives `{}`", example.text, example.value)
}

/// Says how many of TiDB's answers are given, of the core and of all there are.
fn exactness_text(figure: &Exactness) -> String {
    let Exactness { all, core, .. } = figure;
    match (core.results, all.results) {
        (0, _) => count_text(all),
        (core_results, results) if core_results == results => count_text(all),
        _ => format!("{} in the core, {} in all", count_text(core), count_text(all)),
    }
}

/// Says how many results pass, in percent cut after the third digit.
fn count_text(count: &Count) -> String {
    let Count { results, passed } = count;
    if passed == results {
        return format!("all of TiDB's {results} results");
    }
    let thousandths = passed * 100_000 / (*results).max(1);
    let (whole, rest) = (thousandths / 1000, thousandths % 1000);
    format!("{passed} of TiDB's {results} results ({whole}.{rest:03} %)")
}

fn title(family: &str) -> String {
    let mut letters = family.chars();
    let first = letters.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(letters).collect::<String>().replace('_', " ")
}

/// Makes the name by which code hosts link to a heading.
fn anchor(name: &str) -> String {
    name.to_ascii_lowercase().replace(' ', "-")
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn trimmed(mut text: String) -> String {
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}
