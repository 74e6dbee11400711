// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Writes the page of divergences: where TiDB contradicts its own documentation, MySQL's manual or
//! itself, and TiForth does not follow.
//!
//! `conformance/divergences.json` lists the groups; a group names its cases by patterns, or TiDB's source
//! where no case of the vectors holds such an answer. The number of results is taken from the record:
//! those of the group's cases that fail.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use regex::Regex;
use serde_json::Value;

use crate::record::Record;
use crate::vectors::VectorDir;

const GENERATED: &str = "<!-- Generated from conformance/divergences.json and conformance/record by \
    `cargo run --profile ci -p tiforth-testkit --bin reference`; do not edit. -->";

const ABOUT: &str = "\
TiForth answers as TiDB does, mistakes included, unless a mistake is plain: its own documentation or
MySQL's manual says otherwise, or TiDB contradicts itself. Such answers are listed here, group by
group, with the evidence and what TiForth answers instead. What TiForth does not meet *yet* is no
divergence; it stands in `conformance/record`.
";

const JUDGE: &str = "\
Two rules of the judge are no divergences either:

- Where TiDB's evaluator of batches and its evaluator of rows disagree (`split` in the vectors), either
  answer is right.
- A message TiDB fills with its internals (an unfilled `%s`, a Go struct) is compared by its code.
";

/// Is a group of answers that are not followed.
#[derive(Clone, Debug)]
pub struct Group {
    /// What it is about.
    pub title: String,
    found: Found,
    tidb: String,
    tiforth: String,
    evidence: String,
}

/// Says where a group's answers are known from.
#[derive(Clone, Debug)]
enum Found {
    /// The vectors: patterns of families, without their ending, and of the texts of cases.
    InVectors { files: Regex, cases: Regex },
    /// The place in TiDB's sources or issues that says so.
    InSource(String),
}

/// Returns where the page is committed.
pub fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/divergences.md")
}

/// Reads the groups from the folder of vectors.
pub fn groups(folder: &Path) -> Result<Vec<Group>, String> {
    let path = folder.join("divergences.json");
    let text = std::fs::read_to_string(&path)
        .map_err(|e| format!("cannot read {}: {e}", path.display()))?;
    let list: Vec<Value> =
        serde_json::from_str(&text).map_err(|e| format!("{}: {e}", path.display()))?;
    list.iter().map(|group| parse(group).map_err(|e| format!("{}: {e}", path.display()))).collect()
}

fn parse(group: &Value) -> Result<Group, String> {
    let text = |key: &str| {
        let value = group.get(key).and_then(Value::as_str).filter(|v| !v.is_empty());
        value.map(str::to_owned).ok_or_else(|| format!("a group says nothing under {key}"))
    };
    let pattern = |key: &str| Regex::new(&text(key)?).map_err(|e| format!("{key}: {e}"));
    let found = match group.get("source") {
        Some(_) => Found::InSource(text("source")?),
        None => Found::InVectors { files: pattern("files")?, cases: pattern("cases")? },
    };
    Ok(Group {
        title: text("title")?,
        found,
        tidb: text("tidb")?,
        tiforth: text("tiforth")?,
        evidence: text("evidence")?,
    })
}

impl Group {
    /// Says where the group is found; of the vectors, in how many results: those of its cases that fail by
    /// the record.
    fn place(&self, dir: &VectorDir, record: &Record) -> Result<String, String> {
        let (files, cases_of_group) = match &self.found {
            Found::InSource(source) => return Ok(format!("no vector; {source}")),
            Found::InVectors { files, cases } => (files, cases),
        };
        let mut results = 0;
        for name in dir.file_names()? {
            let family = name.trim_end_matches(".gz").trim_end_matches(".jsonl");
            if !files.is_match(family) {
                continue;
            }
            let cases = dir.read_file(&name)?.cases;
            let of_group =
                cases.iter().enumerate().filter(|(_, c)| cases_of_group.is_match(&c.text()));
            results +=
                of_group.map(|(i, case)| record.failing(&name, i, case.results())).sum::<usize>();
        }
        let noun = if results == 1 { "result" } else { "results" };
        Ok(format!("{results} {noun} of the vectors"))
    }
}

/// Writes the page.
pub fn page(groups: &[Group], dir: &VectorDir, record: &Record) -> Result<String, String> {
    let mut out = format!("{GENERATED}\n\n# Divergences\n\n{ABOUT}\n");
    if groups.is_empty() {
        out.push_str("None is claimed at present.\n\n");
    }
    for group in groups {
        let place = group.place(dir, record)?;
        let _ = writeln!(out, "## {}\n", group.title);
        let _ = writeln!(out, "- **TiDB answers**: {}", group.tidb);
        let _ = writeln!(out, "- **TiForth answers**: {}", group.tiforth);
        let _ = writeln!(out, "- **Evidence**: {}", group.evidence);
        let _ = writeln!(out, "- **Found in**: {place}\n");
    }
    out.push_str(JUDGE);
    Ok(out)
}
