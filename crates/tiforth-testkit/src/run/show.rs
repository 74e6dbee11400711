// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Puts what TiDB said and what each side said next to each other.

use std::fmt::Write as _;

use tiforth_types::{SqlError, Warning};

use super::Ran;
use crate::engine::{Answer, ExpressionAnswer, RowAnswer, Side, TableAnswer};
use crate::judge::{Apart, Outcome};
use crate::shape::columns_of;
use crate::vectors::{
    Case, Entry, Expected, ExpectedError, ExpectedValue, ExpectedWarning, Table, VectorFile,
};

/// Is one result that does not agree.
#[derive(Clone, Debug)]
pub struct Difference {
    /// The file.
    pub file: String,
    /// The case's number in the file, from 0.
    pub case: usize,
    /// The case's text.
    pub text: String,
    /// The row.
    pub row: usize,
    /// In what it differs.
    pub outcome: Outcome,
    /// The values of the columns the text names, in this row.
    pub inputs: String,
    /// What TiDB said.
    pub expected: String,
    /// What each side said.
    pub got: Vec<(Side, String)>,
}

impl Difference {
    /// Returns what differences are ordered by.
    pub(super) fn place(&self) -> (&str, usize, usize) {
        (&self.file, self.case, self.row)
    }
}

/// Is what a side said.
pub(super) enum Told {
    Expression(Answer<ExpressionAnswer>),
    Relational(Answer<TableAnswer>),
    /// It was not asked, and why.
    Nothing(String),
}

impl Told {
    /// Returns why there is no answer, or only an error.
    pub(super) fn reason(&self) -> Option<String> {
        match self {
            Told::Expression(Answer::Unsupported(text) | Answer::Panicked(text))
            | Told::Relational(Answer::Unsupported(text) | Answer::Panicked(text))
            | Told::Nothing(text) => Some(text.clone()),
            Told::Expression(Answer::Refused(error)) | Told::Relational(Answer::Refused(error)) => {
                Some(format!("refused: {}", error_text(error)))
            }
            _ => None,
        }
    }

    fn row_text(&self, row: usize) -> String {
        match self {
            Told::Nothing(reason) => format!("not asked: {reason}"),
            Told::Expression(Answer::Answered(answer)) => {
                let mut out = match answer.rows.get(row) {
                    Some(answer) => answer_text(answer),
                    None => "no such row".to_owned(),
                };
                if let Some(t) = &answer.result_type {
                    let _ = write!(out, "   : {t}");
                }
                out + &statement_warnings_text(&answer.bind_warnings)
            }
            Told::Relational(Answer::Answered(answer)) => {
                let mut out = match answer.rows.get(row) {
                    Some(values) => {
                        let texts: Vec<String> =
                            values.iter().map(|v| bytes_text(v.as_deref())).collect();
                        texts.join(", ")
                    }
                    None => "no such row".to_owned(),
                };
                if let Some(t) = &answer.result_type {
                    let _ = write!(out, "   : {t}");
                }
                out
            }
            Told::Expression(Answer::Refused(e)) | Told::Relational(Answer::Refused(e)) => {
                format!("refused: {}", error_text(e))
            }
            Told::Expression(Answer::Unsupported(reason))
            | Told::Relational(Answer::Unsupported(reason)) => format!("not supported: {reason}"),
            Told::Expression(Answer::Panicked(text)) | Told::Relational(Answer::Panicked(text)) => {
                format!("PANIC: {text}")
            }
        }
    }
}

/// Lists up to `room` failing results of a case; those that pass too where what is counted apart
/// differs, if `shows_apart`.
pub(super) fn differences(
    file: &VectorFile,
    table: Option<&Table>,
    (index, case): (usize, &Case),
    ran: &Ran,
    room: usize,
    shows_apart: bool,
) -> Vec<Difference> {
    let text = case.text();
    // One line tells it all where no row was reached.
    let room = if ran.verdict.outcomes.contains(&Outcome::Unsupported) { 1 } else { room };
    let differs_apart = shows_apart && ran.verdict.apart != Apart::default();
    let is_shown = |row: usize, outcome: Outcome| {
        outcome != Outcome::Passed
            || differs_apart
                && ran.answers.iter().any(|(_, t)| t.row_text(row) != expected_text(case, row))
    };
    ran.verdict
        .outcomes
        .iter()
        .enumerate()
        .filter(|(row, outcome)| is_shown(*row, **outcome))
        .take(room)
        .map(|(row, outcome)| Difference {
            file: file.name.clone(),
            case: index,
            text: text.clone(),
            row,
            outcome: *outcome,
            inputs: table.map_or_else(String::new, |table| inputs_text(&text, table, row)),
            expected: expected_text(case, row),
            got: ran.answers.iter().map(|(side, told)| (*side, told.row_text(row))).collect(),
        })
        .collect()
}

fn inputs_text(text: &str, table: &Table, row: usize) -> String {
    let of = |name: &str| {
        let cell = table.column(name).and_then(|column| column.cells.get(row));
        format!("{name} = {}", bytes_text(cell.and_then(|cell| cell.as_deref())))
    };
    columns_of(text, table).into_iter().map(of).collect::<Vec<_>>().join(", ")
}

fn expected_text(case: &Case, row: usize) -> String {
    match case {
        Case::Unreadable(case) => case.reason.clone(),
        Case::Expression(case) => {
            let mut out = match &case.expected {
                Expected::Refused(error) => format!("refused: {}", expected_error_text(error)),
                Expected::Rows(entries) => entries.get(row).map(entry_text).unwrap_or_default(),
            };
            if let Some(other) = case.split.get(&row) {
                let _ = write!(out, "   or {}", entry_text(other));
            }
            if let Some(t) = &case.result_type {
                let _ = write!(out, "   : {t}");
            }
            if !case.bind_warnings.is_empty() {
                out.push_str("   statement");
                out.push_str(&expected_warnings_text(&case.bind_warnings));
            }
            out
        }
        Case::Relational(case) => {
            let mut out = match &case.expected {
                Expected::Refused(error) => format!("refused: {}", expected_error_text(error)),
                Expected::Rows(rows) => rows.get(row).map_or_else(String::new, |values| {
                    values.iter().map(value_text).collect::<Vec<_>>().join(", ")
                }),
            };
            if let Some(t) = &case.result_type {
                let _ = write!(out, "   : {t}");
            }
            out
        }
    }
}

fn entry_text(entry: &Entry) -> String {
    match entry {
        Entry::Any => "anything".to_owned(),
        Entry::Error(error) => expected_error_text(error),
        Entry::Value(value, warnings) => value_text(value) + &expected_warnings_text(warnings),
    }
}

fn answer_text(answer: &RowAnswer) -> String {
    let value = match &answer.value {
        Ok(value) => bytes_text(value.as_deref()),
        Err(error) => error_text(error),
    };
    value + &warnings_text(&answer.warnings)
}

fn value_text(value: &ExpectedValue) -> String {
    match value {
        ExpectedValue::Null => bytes_text(None),
        ExpectedValue::Bytes(bytes) => bytes_text(Some(bytes)),
        ExpectedValue::Digest(digest) => {
            let sum: String = digest.sha256.iter().take(6).map(|b| format!("{b:02x}")).collect();
            format!("{} bytes, sha256 {sum}…", digest.bytes)
        }
        ExpectedValue::Any => "anything".to_owned(),
    }
}

/// Prints a value quoted, cut where it is long; bytes that are no text in hex.
fn bytes_text(value: Option<&[u8]>) -> String {
    const SHOWN: usize = 160;
    let Some(value) = value else { return "NULL".to_owned() };
    let (shown, rest) = value.split_at(value.len().min(SHOWN));
    let more = if rest.is_empty() { String::new() } else { format!("… {} bytes", value.len()) };
    match std::str::from_utf8(shown) {
        Ok(text) if !text.contains(char::is_control) => format!("'{text}'{more}"),
        _ => {
            let hex: String = shown.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("0x{hex}{more}")
        }
    }
}

fn error_text(error: &SqlError) -> String {
    format!("error {} {}", error.code(), error.message())
}

fn expected_error_text(error: &ExpectedError) -> String {
    format!("error {} {}", error.code, error.text.as_deref().unwrap_or("(any text)"))
}

fn warnings_text(warnings: &[Warning]) -> String {
    let of = |w: &Warning| format!("  [{} {}]", w.error.code(), w.error.message());
    warnings.iter().map(of).collect()
}

fn statement_warnings_text(warnings: &[Warning]) -> String {
    match warnings {
        [] => String::new(),
        _ => format!("   statement{}", warnings_text(warnings)),
    }
}

fn expected_warnings_text(warnings: &[ExpectedWarning]) -> String {
    let of = |w: &ExpectedWarning| {
        format!("  [{} {}]", w.error.code, w.error.text.as_deref().unwrap_or("(any text)"))
    };
    warnings.iter().map(of).collect()
}
