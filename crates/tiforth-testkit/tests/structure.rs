// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Holds the repository to ARCHITECTURE.md: its layers, its crate table, its habits.
//!
//! What is checked here is what no compiler or lint says: which crate may name which, that one
//! Arrow serves all, where `unsafe` may stand, that every file has its header and a readable size.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use regex::Regex;
use serde_json::Value;

/// Is the greatest number of lines of a source file, its tests aside.
const SOURCE_LINES_MAX: usize = 600;

/// Lists the files that may hold `unsafe`; each block in them says why it is sound.
const UNSAFE_FILES: &[&str] = &[
    "crates/tiforth-data/src/arena.rs",
    "crates/tiforth-data/src/bitmap.rs",
    "crates/tiforth-data/src/simd.rs",
    "crates/tiforth-data/src/column/view.rs",
    "crates/tiforth-data/src/row/encode.rs",
    "crates/tiforth-data/src/row/decode.rs",
    "crates/tiforth-data/src/c_data.rs",
    "crates/tiforth-operators/src/hash_table/probe.rs",
];

/// Lists names that say nothing of what a module holds.
const EMPTY_NAMES: &[&str] = &["utils", "util", "common", "core", "helpers", "misc", "manager"];

/// Is one crate of ARCHITECTURE.md's table.
struct Listed {
    layer: Layer,
    sentence: String,
}

/// Is where a crate stands: a numbered layer, or beside them for tests.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Layer {
    Numbered(u32),
    Test,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Lists the files below `folder` whose names end so, with paths from the root.
fn files(folder: &str, endings: &[&str]) -> Vec<(String, String)> {
    fn walk(folder: &Path, out: &mut Vec<PathBuf>) {
        let Ok(entries) = std::fs::read_dir(folder) else { return };
        for entry in entries {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if matches!(name.as_str(), "target" | ".venv" | "data" | "out" | "__pycache__")
                && !path.join("mod.rs").exists()
            {
                continue;
            }
            if path.is_dir() { walk(&path, out) } else { out.push(path) }
        }
    }
    let root = root();
    let mut paths = Vec::new();
    walk(&root.join(folder), &mut paths);
    paths.sort();
    paths
        .into_iter()
        .filter(|p| endings.iter().any(|e| p.to_string_lossy().ends_with(e)))
        .map(|p| {
            let text = read(&p);
            (p.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/"), text)
        })
        .collect()
}

/// Reports everything that is wrong at once.
fn check(wrong: Vec<String>) {
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

/// Reads the rows of ARCHITECTURE.md's crate table: `| L1 | `tiforth-types` | sentence |`.
fn listed() -> BTreeMap<String, Listed> {
    let row = Regex::new(r"^\| *(L\d|test) *\| *`(tiforth[a-z-]*)` *\| *(.+?) *\|").unwrap();
    let text = read(&root().join("ARCHITECTURE.md"));
    text.lines()
        .filter_map(|line| {
            let found = row.captures(line)?;
            let layer = found[1]
                .strip_prefix('L')
                .map_or(Layer::Test, |n| Layer::Numbered(n.parse().unwrap()));
            Some((found[2].to_owned(), Listed { layer, sentence: found[3].to_owned() }))
        })
        .collect()
}

/// Asks cargo for the workspace's crates.
fn packages() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

/// Names a dependency, whether it is for tests alone, and whether a feature brings it.
fn dependencies(package: &Value) -> Vec<(String, bool, bool)> {
    let dependencies = package["dependencies"].as_array().unwrap();
    dependencies
        .iter()
        .map(|d| {
            let is_dev = d["kind"].as_str() == Some("dev");
            let is_optional = d["optional"].as_bool().unwrap();
            (d["name"].as_str().unwrap().to_owned(), is_dev, is_optional)
        })
        .collect()
}

#[test]
fn the_crate_table_is_the_workspace() {
    let listed = listed();
    let packages = packages();
    let names: Vec<&str> = packages.iter().map(|p| p["name"].as_str().unwrap()).collect();
    let mut wrong = Vec::new();
    for package in &packages {
        let name = package["name"].as_str().unwrap();
        match listed.get(name) {
            None => wrong.push(format!("ARCHITECTURE.md does not list {name}")),
            Some(l) if !l.sentence.ends_with('.') => {
                wrong.push(format!("ARCHITECTURE.md says no sentence of {name}"));
            }
            Some(_) => {}
        }
    }
    for name in listed.keys().filter(|n| !names.contains(&n.as_str())) {
        wrong.push(format!("ARCHITECTURE.md lists {name}, which does not exist"));
    }
    check(wrong);
}

#[test]
fn crates_name_only_lower_layers() {
    let listed = listed();
    let mut wrong = Vec::new();
    for package in packages() {
        let name = package["name"].as_str().unwrap();
        let Some(Listed { layer, .. }) = listed.get(name) else { continue };
        for (other, is_dev, is_optional) in dependencies(&package) {
            let Some(Listed { layer: below, .. }) = listed.get(&other) else { continue };
            let is_allowed = match (*layer, *below) {
                // An edge translates what the door offers and sees nothing behind it.
                (Layer::Numbered(6), Layer::Numbered(n)) => n == 5,
                // A crate's tests may use what stands beside it: operators are tried with the functions.
                (Layer::Numbered(mine), Layer::Numbered(n)) => n < mine || is_dev && n == mine,
                // Tests may use the test kit; it uses what lies below the functions, so that any
                // crate's tests may, and its feature for the runner brings the rest.
                (Layer::Numbered(_), Layer::Test) => is_dev,
                (Layer::Test, Layer::Numbered(n)) => n <= 3 || is_optional || is_dev,
                (Layer::Test, Layer::Test) => false,
            };
            if !is_allowed {
                wrong.push(format!("{name} ({layer:?}) may not name {other} ({below:?})"));
            }
        }
    }
    check(wrong);
}

#[test]
fn one_arrow_serves_all() {
    let lock = read(&root().join("Cargo.lock"));
    let package =
        Regex::new(r#"(?m)^name = "((?:arrow|parquet)(?:-[a-z-]+)?)"\nversion = "(\d+)\."#)
            .unwrap();
    let mut majors: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for found in package.captures_iter(&lock) {
        majors.entry(found[2].to_owned()).or_default().push(found[1].to_owned());
    }
    assert_eq!(majors.len(), 1, "Cargo.lock holds several majors of Arrow: {majors:#?}");
}

#[test]
fn values_know_no_arrow() {
    let mut wrong = Vec::new();
    for package in packages().iter().filter(|p| p["name"] == "tiforth-types") {
        for (name, ..) in dependencies(package) {
            if name.starts_with("arrow") || name.starts_with("parquet") {
                wrong.push(format!("tiforth-types depends on {name}"));
            }
        }
    }
    let crate_name = Regex::new(r"\barrow(_[a-z]+)?::").unwrap();
    for (path, text) in files("crates/tiforth-types/src", &[".rs"]) {
        if text.lines().map(code).any(|line| crate_name.is_match(line)) {
            wrong.push(format!("{path} names Arrow"));
        }
    }
    check(wrong);
}

/// Cuts a line's comment off.
fn code(line: &str) -> &str {
    line.split_once("//").map_or(line, |(code, _)| code)
}

#[test]
fn unsafe_stands_where_it_is_listed() {
    let word = Regex::new(r"\bunsafe\b").unwrap();
    let mut wrong = Vec::new();
    for (path, text) in files("crates", &[".rs"]) {
        // This file names the word to look for it.
        if path.ends_with("tests/structure.rs") || UNSAFE_FILES.contains(&path.as_str()) {
            continue;
        }
        if let Some((i, _)) = text.lines().enumerate().find(|(_, l)| word.is_match(code(l))) {
            wrong.push(format!("{path}:{} holds unsafe code", i + 1));
        }
    }
    let has_listed = |folder: &str| UNSAFE_FILES.iter().any(|f| f.starts_with(folder));
    for (path, text) in files("crates", &["src/lib.rs", "src/main.rs"]) {
        let folder = path.trim_end_matches("lib.rs").trim_end_matches("main.rs");
        if !has_listed(folder) && !text.contains("#![forbid(unsafe_code)]") {
            wrong.push(format!("{path} does not forbid unsafe code"));
        }
    }
    check(wrong);
}

#[test]
fn files_have_their_header() {
    let mut wrong = Vec::new();
    let mut all = files("crates", &[".rs", ".py", ".sh"]);
    all.extend(files("scripts", &[""]));
    all.extend(files(".ci", &[""]));
    all.extend(files("bench", &[".rs", ".py", ".sh"]));
    for (path, text) in all {
        let mark = if path.ends_with(".rs") { "//" } else { "#" };
        let mut lines = text.lines().skip_while(|l| l.starts_with("#!"));
        let first = format!("{mark} SPDX-License-Identifier: Apache-2.0");
        let second = format!("{mark} Copyright The TiForth Authors");
        if lines.next() != Some(&first) || lines.next() != Some(&second) {
            wrong.push(format!("{path} does not start with the two lines of the licence"));
        }
    }
    check(wrong);
}

#[test]
fn files_stay_readable() {
    let mut wrong = Vec::new();
    for (path, text) in files("crates", &[".rs"]) {
        let is_test = path.contains("/tests/") || path.ends_with("tests.rs");
        let is_generated = text.lines().nth(2).is_some_and(|l| l.starts_with("// Generated"));
        let own = text.split("#[cfg(test)]\nmod ").next().unwrap_or(&text).lines().count();
        if !is_test && !is_generated && own > SOURCE_LINES_MAX {
            wrong.push(format!("{path} has {own} lines; split it below {SOURCE_LINES_MAX}"));
        }
        let stem = path.trim_end_matches("/mod.rs").trim_end_matches(".rs");
        let name = stem.rsplit('/').next().unwrap_or(stem);
        if EMPTY_NAMES.contains(&name) {
            wrong.push(format!("{path}: '{name}' does not say what is in it"));
        }
    }
    check(wrong);
}
