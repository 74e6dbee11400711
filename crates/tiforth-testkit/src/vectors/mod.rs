// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Reads what the real TiDB answered: tables, and families of cases over them.
//!
//! The form is `conformance/README.md`'s. Reading is strict: a line with a key or a value that page
//! does not name becomes a [`Case::Unreadable`], which is counted and never dropped.

mod case;
mod entry;
mod json;
mod table;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use serde_json::Value;
use tiforth_types::StatementKind;

pub use case::{
    Case, Expected, ExpressionCase, RelationalCase, RelationalKind, RowTable, Subset,
    UnreadableCase,
};
pub use entry::{Digest, Entry, ExpectedError, ExpectedValue, ExpectedWarning};
pub use table::{Cell, ColumnForm, Table, TableColumn};

use json::Object;

/// Says under which session and over which table the cases of a file were answered.
#[derive(Clone, PartialEq, Debug)]
pub struct Head {
    /// Which server answered.
    pub server: String,
    /// The session variables in force, by name.
    pub session: BTreeMap<String, String>,
    /// What the statement did.
    pub statement: StatementKind,
    /// The name of the table.
    pub table: String,
    /// The number of the table's rows.
    pub rows: usize,
}

/// Holds one family of cases.
#[derive(Clone, Debug)]
pub struct VectorFile {
    /// The file's name without its folder.
    pub name: String,
    /// The head, or why it cannot be read.
    pub head: Result<Head, String>,
    /// The cases, in the file's order.
    pub cases: Vec<Case>,
}

/// Is a folder of vectors.
#[derive(Clone, Debug)]
pub struct VectorDir {
    path: PathBuf,
}

impl VectorDir {
    /// Names the folder.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        VectorDir { path: path.into() }
    }

    /// Lists the families' file names in order: every `.jsonl.gz` and `.jsonl` beside the tables.
    pub fn file_names(&self) -> Result<Vec<String>, String> {
        let entries = std::fs::read_dir(&self.path)
            .map_err(|e| format!("{} is no folder of vectors: {e}", self.path.display()))?;
        let mut names: Vec<String> = entries
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|name| name.ends_with(".jsonl.gz") || name.ends_with(".jsonl"))
            .collect();
        names.sort();
        if names.is_empty() {
            return Err(format!("{} holds no *.jsonl.gz file", self.path.display()));
        }
        Ok(names)
    }

    /// Reads one family.
    pub fn read_file(&self, name: &str) -> Result<VectorFile, String> {
        let text = read_text(&self.path.join(name))?;
        Ok(parse_file(name, &text))
    }

    /// Reads the table of that name.
    pub fn read_table(&self, name: &str) -> Result<Table, String> {
        let path = self.path.join("tables").join(format!("{name}.json.gz"));
        let path = if path.exists() { path } else { path.with_extension("") };
        let text = read_text(&path)?;
        let json: Value = serde_json::from_str(&text)
            .map_err(|e| format!("{} is no JSON: {e}", path.display()))?;
        table::parse_table(&json).map_err(|e| format!("{}: {e}", path.display()))
    }
}

/// Reads a whole text file, unpacked if its name ends in `.gz`.
fn read_text(path: &Path) -> Result<String, String> {
    let describe = |e: std::io::Error| format!("cannot read {}: {e}", path.display());
    let mut file = File::open(path).map_err(describe)?;
    let mut text = String::new();
    if path.extension().is_some_and(|e| e == "gz") {
        MultiGzDecoder::new(file).read_to_string(&mut text).map_err(describe)?;
    } else {
        file.read_to_string(&mut text).map_err(describe)?;
    }
    Ok(text)
}

/// Reads a family from its text: the head, then one case a line.
pub fn parse_file(name: &str, text: &str) -> VectorFile {
    let mut lines = text.lines();
    let head = match lines.next() {
        Some(line) => parse_head(line),
        None => Err("the file is empty".to_owned()),
    };
    let insert = head.as_ref().is_ok_and(|h| h.statement == StatementKind::Insert);
    let rows = head.as_ref().map_or(1, |h| h.rows);
    let cases = lines
        .filter(|line| !line.trim().is_empty())
        .map(|line| case::parse_case(line, rows, insert))
        .collect();
    VectorFile { name: name.to_owned(), head, cases }
}

fn parse_head(line: &str) -> Result<Head, String> {
    let json: Value =
        serde_json::from_str(line).map_err(|e| format!("the head is no JSON: {e}"))?;
    let mut object = Object::new(&json, "the head")?;
    let server = object.text("server")?;
    let mut session = BTreeMap::new();
    let Value::Object(variables) = object.take("session")? else {
        return Err("the head's session is no object".to_owned());
    };
    for (key, value) in variables {
        let Value::String(value) = value else {
            return Err(format!("the session variable {key} is no text"));
        };
        session.insert(key.clone(), value.clone());
    }
    let statement = match object.text("statement")?.as_str() {
        "select" => StatementKind::Select,
        "insert" => StatementKind::Insert,
        "update" => StatementKind::Update,
        "delete" => StatementKind::Delete,
        other => return Err(format!("the head's statement is {other}")),
    };
    let table = object.text("table")?;
    let rows = object.count("rows")?;
    object.finish()?;
    Ok(Head { server, session, statement, table, rows })
}

#[cfg(test)]
mod tests;
