// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Reads the vectors.

use std::io::Read;
use std::path::Path;

use serde_json::Value;

/// Reads a gzip'd file of the conformance folder.
pub(crate) fn read(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../conformance").join(name);
    let file = std::fs::File::open(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut text = String::new();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    text
}

/// Reads the cases of a family.
pub(crate) fn cases(family: &str) -> Vec<Value> {
    let text = read(&format!("{family}.jsonl.gz"));
    text.lines().skip(1).map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Holds the columns of the table the vectors were asked of.
pub(crate) struct Table {
    value: Value,
}

impl Table {
    pub(crate) fn wide() -> Table {
        Table { value: serde_json::from_str(&read("tables/wide.json.gz")).unwrap() }
    }

    /// Returns names and types.
    pub(crate) fn columns(&self) -> impl Iterator<Item = (&str, &str)> {
        let columns = self.value["columns"].as_array().unwrap();
        columns.iter().map(|c| (c["name"].as_str().unwrap(), c["type"].as_str().unwrap()))
    }

    /// Returns a column's values as text.
    pub(crate) fn column(&self, name: &str) -> Vec<Option<&str>> {
        let at = self.columns().position(|(known, _)| known == name).unwrap();
        let rows = self.value["rows"].as_array().unwrap();
        rows.iter().map(|row| row[at].as_str()).collect()
    }
}

/// Is a row's answer: its text, if any, and the texts of its warnings.
#[derive(PartialEq, Debug)]
pub(crate) struct Answer {
    pub(crate) text: Option<String>,
    pub(crate) warnings: Vec<String>,
}

pub(crate) fn answer(entry: &Value) -> Answer {
    let warnings = entry["w"].as_array().map(Vec::as_slice).unwrap_or_default();
    Answer {
        text: entry.as_str().or(entry["v"].as_str()).map(str::to_owned),
        warnings: warnings.iter().map(|w| w[2].as_str().unwrap_or("").to_owned()).collect(),
    }
}
