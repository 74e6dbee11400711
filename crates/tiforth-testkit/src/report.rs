// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Prints what a run found: a table or JSON lines, differences, and failures by shape.

use std::io::{self, Write};

use serde_json::json;

use crate::engine::Side;
use crate::judge::Outcome;
use crate::record::Change;
use crate::run::{Findings, Tally};

/// Is the number of shapes the grouped report lists.
const SHAPES_SHOWN: usize = 60;
/// Is the number of cases listed that became worse.
const WORSE_SHOWN: usize = 40;

/// Prints one line a file and a total, as a table.
pub fn write_table(findings: &Findings, out: &mut impl Write) -> io::Result<()> {
    let width = findings.files.keys().map(String::len).max().unwrap_or(0).max(5);
    let titles = [
        "cases",
        "results",
        "passed",
        "%",
        "value",
        "type",
        "warnings",
        "error",
        "unsupported",
        "panics",
    ];
    write!(out, "{:width$}", "file")?;
    for title in titles {
        write!(out, " {title:>11}")?;
    }
    writeln!(out)?;
    for (file, tally) in &findings.files {
        write_row(file, tally, width, out)?;
    }
    let total = findings.total();
    write_row("total", &total, width, out)?;
    let apart = total.apart;
    writeln!(
        out,
        "counted apart, results: len {}, notnull {}, coercibility {}, error text {}",
        apart.length, apart.not_null, apart.coercibility, apart.error_text
    )
}

fn write_row(name: &str, tally: &Tally, width: usize, out: &mut impl Write) -> io::Result<()> {
    write!(out, "{name:width$} {:>11} {:>11}", tally.cases, tally.results)?;
    write!(out, " {:>11} {:>11.3}", tally.of(Outcome::Passed), percent(tally))?;
    for outcome in FAILURES {
        write!(out, " {:>11}", tally.of(outcome))?;
    }
    writeln!(out)
}

const FAILURES: [Outcome; 6] = [
    Outcome::Value,
    Outcome::Type,
    Outcome::Warnings,
    Outcome::Error,
    Outcome::Unsupported,
    Outcome::Panic,
];

#[expect(clippy::cast_precision_loss, reason = "counts of results are small")]
fn percent(tally: &Tally) -> f64 {
    100.0 * tally.of(Outcome::Passed) as f64 / tally.results.max(1) as f64
}

/// Prints the same as JSON lines; the last one's file is `total`.
pub fn write_json(findings: &Findings, out: &mut impl Write) -> io::Result<()> {
    for (file, tally) in &findings.files {
        writeln!(out, "{}", json_line(file, tally))?;
    }
    writeln!(out, "{}", json_line("total", &findings.total()))
}

fn json_line(name: &str, tally: &Tally) -> serde_json::Value {
    json!({
        "file": name,
        "cases": tally.cases,
        "results": tally.results,
        "passed": tally.of(Outcome::Passed),
        "value": tally.of(Outcome::Value),
        "type": tally.of(Outcome::Type),
        "warnings": tally.of(Outcome::Warnings),
        "error": tally.of(Outcome::Error),
        "unsupported": tally.of(Outcome::Unsupported),
        "panics": tally.of(Outcome::Panic),
        "len": tally.apart.length,
        "notnull": tally.apart.not_null,
        "coercibility": tally.apart.coercibility,
        "error_text": tally.apart.error_text,
    })
}

/// Prints the differences, TiDB's answer above each side's.
pub fn write_differences(findings: &Findings, out: &mut impl Write) -> io::Result<()> {
    let mut before = None;
    for difference in &findings.differences {
        if before != Some((&difference.file, difference.case)) {
            writeln!(out, "\n{} #{}  {}", difference.file, difference.case, difference.text)?;
            before = Some((&difference.file, difference.case));
        }
        let outcome = format!("{:?}", difference.outcome).to_lowercase();
        writeln!(out, "  row {} ({outcome})  {}", difference.row, difference.inputs)?;
        writeln!(out, "    {:16} {}", "TiDB", difference.expected)?;
        write_sides(&difference.got, out)?;
    }
    Ok(())
}

/// Prints what the sides said, those that said the same on one line.
fn write_sides(got: &[(Side, String)], out: &mut impl Write) -> io::Result<()> {
    let mut texts: Vec<(&str, Vec<String>)> = Vec::new();
    for (side, text) in got {
        match texts.iter_mut().find(|(known, _)| known == text) {
            Some((_, sides)) => sides.push(side.to_string()),
            None => texts.push((text, vec![side.to_string()])),
        }
    }
    for (text, sides) in texts {
        let names = match sides.as_slice() {
            _ if got.len() > 1 && sides.len() == got.len() => "every side".to_owned(),
            [one] => one.clone(),
            [first, .., last] if sides.len() > 3 => {
                format!("{first} … {last} ({} sides)", sides.len())
            }
            few => few.join(", "),
        };
        writeln!(out, "    {names:16} {text}")?;
    }
    Ok(())
}

/// Prints the shapes most results of which fail.
pub fn write_groups(findings: &Findings, out: &mut impl Write) -> io::Result<()> {
    let mut groups: Vec<_> = findings.groups.iter().collect();
    let failing = |tally: &Tally| tally.results - tally.of(Outcome::Passed);
    groups.sort_by(|a, b| failing(&b.1.tally).cmp(&failing(&a.1.tally)).then(a.0.cmp(b.0)));
    writeln!(out, "\n{} shapes fail", groups.len())?;
    for (shape, group) in groups.iter().take(SHAPES_SHOWN) {
        let parts: Vec<String> = FAILURES
            .iter()
            .filter(|outcome| group.tally.of(**outcome) > 0)
            .map(|outcome| {
                format!("{} {}", group.tally.of(*outcome), format!("{outcome:?}").to_lowercase())
            })
            .collect();
        let cases = group.tally.cases;
        writeln!(out, "{:>8}  {shape}", failing(&group.tally))?;
        writeln!(out, "          {cases} cases: {}; e.g. {}", parts.join(", "), group.example)?;
        if let Some(reason) = &group.reason {
            writeln!(out, "          {reason}")?;
        }
    }
    Ok(())
}

/// Says how a run differs from the record, and what to do about it.
pub fn change_text(change: &Change) -> String {
    const UPDATE: &str =
        "cargo run --release -p tiforth-testkit --bin conformance -- --update-record";
    let mut lines = Vec::new();
    for file in &change.other_vectors {
        lines.push(format!("{file}: other vectors than the record knows; run {UPDATE}"));
    }
    if !change.worse.is_empty() {
        lines.push(format!("{} cases have results that passed and fail now:", change.worse.len()));
    }
    for (file, case, results) in change.worse.iter().take(WORSE_SHOWN) {
        lines.push(format!("  {file} #{case}: results {results}"));
    }
    if change.better > 0 {
        let better = change.better;
        lines.push(format!("{better} cases pass in more results than recorded; run {UPDATE}"));
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}
