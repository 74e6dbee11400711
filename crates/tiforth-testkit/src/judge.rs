// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Compares an answer with what TiDB said, by the rules of `conformance/README.md`.
//!
//! Each result falls into exactly one outcome. Where a result differs in several ways the first of
//! these names it: panic, not supported, error, value, type, warnings. A wrong `bw` fails one result
//! of its case.

use sha2::{Digest as _, Sha256};
use tiforth_types::{SqlError, Warning, code};

use crate::engine::{Answer, ExpressionAnswer, RowAnswer, TableAnswer};
use crate::protocol_text::ProtocolType;
use crate::vectors::{
    ColumnForm, Entry, Expected, ExpectedError, ExpectedValue, ExpectedWarning, ExpressionCase,
    RelationalCase, RowTable,
};

/// Says how one result fared.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub enum Outcome {
    /// It agrees.
    Passed,
    /// The value differs.
    Value,
    /// The result's type differs.
    Type,
    /// The warnings differ.
    Warnings,
    /// An error is missing, unexpected or another.
    Error,
    /// The engine does not know a thing the case needs, or the case cannot be read.
    Unsupported,
    /// The engine panicked.
    Panic,
}

/// Counts the results that differ in what is judged apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Apart {
    /// Results of a type with another length.
    pub length: usize,
    /// Results of a type with another flag NOT NULL.
    pub not_null: usize,
    /// Results of a type with another coercibility.
    pub coercibility: usize,
    /// Errors of the right code with another text.
    pub error_text: usize,
}

/// Is the judgement of one case.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verdict {
    /// How each result fared.
    pub outcomes: Vec<Outcome>,
    /// What is counted apart.
    pub apart: Apart,
}

impl Verdict {
    /// Judges all `results` alike.
    pub fn all(outcome: Outcome, results: usize) -> Self {
        Verdict { outcomes: vec![outcome; results], apart: Apart::default() }
    }

    /// Tells whether every result passed.
    pub fn is_passed(&self) -> bool {
        self.outcomes.iter().all(|o| *o == Outcome::Passed)
    }

    /// Adds the judgement of another side: a result passes where both pass, and keeps the first
    /// side's failure where both fail, a panic aside.
    pub fn merge(&mut self, other: &Verdict) {
        for (mine, theirs) in self.outcomes.iter_mut().zip(&other.outcomes) {
            if *mine == Outcome::Passed || *theirs == Outcome::Panic {
                *mine = *theirs;
            }
        }
        let (a, b) = (&mut self.apart, &other.apart);
        a.length = a.length.max(b.length);
        a.not_null = a.not_null.max(b.not_null);
        a.coercibility = a.coercibility.max(b.coercibility);
        a.error_text = a.error_text.max(b.error_text);
    }
}

/// Judges the answer to an expression.
pub fn judge_expression(case: &ExpressionCase, answer: &Answer<ExpressionAnswer>) -> Verdict {
    let results = case.expected.results();
    let answered = match answer {
        Answer::Unsupported(_) => return Verdict::all(Outcome::Unsupported, results),
        Answer::Panicked(_) => return Verdict::all(Outcome::Panic, results),
        Answer::Refused(error) => return judge_refusal(case, error),
        Answer::Answered(answered) => answered,
    };
    let entries = match &case.expected {
        Expected::Refused(expected) => return judge_all_failing(expected, answered),
        Expected::Rows(entries) => entries,
    };
    let mut verdict = Verdict::all(Outcome::Passed, results);
    let type_agrees = case.into.is_some()
        || judge_type(case.result_type.as_ref(), answered.result_type.as_ref(), &mut verdict);
    let trims = trims_zeros(case);
    for (row, entry) in entries.iter().enumerate() {
        let Some(answer) = answered.rows.get(row) else {
            set(&mut verdict.outcomes, row, Outcome::Value);
            continue;
        };
        let mut text_differs = false;
        let mut outcome = judge_row(entry, answer, trims, type_agrees, &mut text_differs);
        if outcome != Outcome::Passed
            && let Some(other) = case.split.get(&row)
        {
            let mut other_text_differs = false;
            if judge_row(other, answer, trims, type_agrees, &mut other_text_differs)
                == Outcome::Passed
            {
                outcome = Outcome::Passed;
                text_differs = other_text_differs;
            }
        }
        verdict.apart.error_text += usize::from(text_differs);
        set(&mut verdict.outcomes, row, outcome);
    }
    judge_bind_warnings(case, entries, answered, &mut verdict);
    verdict
}

/// Judges the answer to a relational question.
pub fn judge_relational(case: &RelationalCase, answer: &Answer<TableAnswer>) -> Verdict {
    let results = case.expected.results();
    let answered = match answer {
        Answer::Unsupported(_) => return Verdict::all(Outcome::Unsupported, results),
        Answer::Panicked(_) => return Verdict::all(Outcome::Panic, results),
        Answer::Refused(error) => {
            let Expected::Refused(expected) = &case.expected else {
                return Verdict::all(name_unsupported(Outcome::Error, error), results);
            };
            let mut text_differs = false;
            let outcome = judge_error(expected, error, &mut text_differs);
            let mut verdict = Verdict::all(name_unsupported(outcome, error), results);
            verdict.apart.error_text = usize::from(text_differs);
            return verdict;
        }
        Answer::Answered(answered) => answered,
    };
    let Expected::Rows(rows) = &case.expected else {
        return Verdict::all(Outcome::Error, results);
    };
    let mut verdict = Verdict::all(Outcome::Passed, results);
    let type_agrees = case.result_type.is_none()
        || judge_type(case.result_type.as_ref(), answered.result_type.as_ref(), &mut verdict);
    let trims = case.result_type.as_ref().is_some_and(is_trimmed_type);
    for (position, outcome) in verdict.outcomes.iter_mut().enumerate() {
        let is_equal = match (rows.get(position), answered.rows.get(position)) {
            (Some(expected), Some(got)) => is_row_equal(expected, got, trims),
            (None, None) => true,
            _ => false,
        };
        *outcome = match (is_equal, type_agrees) {
            (false, _) => Outcome::Value,
            (true, false) => Outcome::Type,
            (true, true) => Outcome::Passed,
        };
    }
    if answered.rows.len() > rows.len()
        && let Some(last) = verdict.outcomes.last_mut()
    {
        *last = Outcome::Value;
    }
    verdict
}

/// Judges a statement's refusal: every row asked alone would have given that error.
fn judge_refusal(case: &ExpressionCase, error: &SqlError) -> Verdict {
    let mut texts = 0;
    let mut judge = |expected: &ExpectedError| {
        let mut text_differs = false;
        let outcome = judge_error(expected, error, &mut text_differs);
        texts += usize::from(text_differs);
        outcome
    };
    let mut outcomes: Vec<Outcome> = match &case.expected {
        Expected::Refused(expected) => vec![judge(expected)],
        Expected::Rows(entries) => entries
            .iter()
            .enumerate()
            .map(|(row, entry)| match (entry, case.split.get(&row)) {
                (Entry::Error(expected), _) | (_, Some(Entry::Error(expected))) => judge(expected),
                (Entry::Any, _) => Outcome::Passed,
                _ => Outcome::Error,
            })
            .collect(),
    };
    for outcome in &mut outcomes {
        *outcome = name_unsupported(*outcome, error);
    }
    let apart = Apart { error_text: texts, ..Apart::default() };
    Verdict { outcomes, apart }
}

/// Counts a wrong refusal as what it is where the library says that it lacks something: a function
/// nobody knows, or 1105 with a text that ends so.
fn name_unsupported(outcome: Outcome, error: &SqlError) -> Outcome {
    let lacks = error.code() == code::ER_FUNCTION_NOT_EXISTS
        || error.code() == code::ER_UNKNOWN && error.message().ends_with("not supported yet");
    if outcome == Outcome::Error && lacks { Outcome::Unsupported } else { outcome }
}

/// Judges rows where TiDB refuses the statement or fails every row with one code.
fn judge_all_failing(expected: &ExpectedError, answered: &ExpressionAnswer) -> Verdict {
    let mut text_differs = false;
    let failing = answered.rows.iter().all(|row| match &row.value {
        Err(error) => judge_error(expected, error, &mut text_differs) == Outcome::Passed,
        Ok(_) => false,
    });
    if !failing || answered.rows.is_empty() {
        return Verdict::all(Outcome::Error, 1);
    }
    let mut verdict = Verdict::all(Outcome::Passed, 1);
    verdict.apart.error_text = usize::from(text_differs);
    verdict
}

/// Fails one result if the statement's own warnings differ. Where every row fails TiDB's are not
/// recorded.
fn judge_bind_warnings(
    case: &ExpressionCase,
    entries: &[Entry],
    answered: &ExpressionAnswer,
    verdict: &mut Verdict,
) {
    let Some(row) = entries.iter().position(|entry| matches!(entry, Entry::Value(..))) else {
        return;
    };
    if !are_warnings_equal(&case.bind_warnings, &answered.bind_warnings)
        && let Some(outcome) = verdict.outcomes.get_mut(row)
        && *outcome == Outcome::Passed
    {
        *outcome = Outcome::Warnings;
    }
}

fn judge_row(
    entry: &Entry,
    answer: &RowAnswer,
    trims: bool,
    type_agrees: bool,
    text_differs: &mut bool,
) -> Outcome {
    match (entry, &answer.value) {
        (Entry::Any, _) => Outcome::Passed,
        (Entry::Error(expected), Err(error)) => judge_error(expected, error, text_differs),
        (Entry::Error(_), Ok(_)) | (Entry::Value(..), Err(_)) => Outcome::Error,
        (Entry::Value(expected, warnings), Ok(value)) => {
            if !is_value_equal(expected, value.as_deref(), trims) {
                Outcome::Value
            } else if !type_agrees {
                Outcome::Type
            } else if !are_warnings_equal(warnings, &answer.warnings) {
                Outcome::Warnings
            } else {
                Outcome::Passed
            }
        }
    }
}

/// Compares the types and counts what is judged apart.
fn judge_type(
    expected: Option<&ProtocolType>,
    got: Option<&ProtocolType>,
    verdict: &mut Verdict,
) -> bool {
    let (Some(expected), Some(got)) = (expected, got) else { return expected.is_none() };
    let results = verdict.outcomes.len();
    let count = |differs: bool| if differs { results } else { 0 };
    verdict.apart.length = count(expected.length != got.length);
    verdict.apart.not_null = count(expected.not_null != got.not_null);
    verdict.apart.coercibility =
        count(expected.coercibility.is_some() && expected.coercibility != got.coercibility);
    is_type_equal(expected, got)
}

/// Compares types as far as a result's passing depends on them.
pub fn is_type_equal(expected: &ProtocolType, got: &ProtocolType) -> bool {
    let decimals_count = matches!(
        expected.name.as_str(),
        "decimal" | "float" | "double" | "date" | "datetime" | "timestamp" | "time"
    );
    expected.name == got.name
        && expected.unsigned == got.unsigned
        && expected.binary == got.binary
        && expected.collation == got.collation
        && (!decimals_count || expected.decimals == got.decimals)
}

/// Compares an error's code, and notes whether the texts differ where the codes agree.
fn judge_error(expected: &ExpectedError, got: &SqlError, text_differs: &mut bool) -> Outcome {
    if !is_code_equal(expected.code, got.code()) {
        return Outcome::Error;
    }
    if let Some(text) = &expected.text {
        *text_differs = text != got.message();
    }
    Outcome::Passed
}

/// Compares error codes: 1105 is TiDB's "unknown" and stands for any, and the JSON errors count as
/// one.
pub fn is_code_equal(expected: u16, got: u16) -> bool {
    let is_json = |code: u16| matches!(code, 3140..=3158);
    expected == got
        || expected == code::ER_UNKNOWN
        || is_json(expected) && (is_json(got) || got == code::ER_UNKNOWN)
}

/// Compares warnings: as many, each with its code and text; where TiDB has no text only the code
/// counts, and where its code is 1105 any warning will do.
pub fn are_warnings_equal(expected: &[ExpectedWarning], got: &[Warning]) -> bool {
    expected.len() == got.len()
        && expected.iter().zip(got).all(|(expected, got)| {
            let (expected, got) = (&expected.error, &got.error);
            expected.code == code::ER_UNKNOWN
                || expected.code == got.code()
                    && expected.text.as_ref().is_none_or(|text| text == got.message())
        })
}

fn is_row_equal(expected: &RowTable, got: &[Option<Box<[u8]>>], trims: bool) -> bool {
    let last = expected.len().saturating_sub(1);
    expected.len() == got.len()
        && expected
            .iter()
            .zip(got)
            .enumerate()
            .all(|(i, (e, g))| is_value_equal(e, g.as_deref(), trims && i == last))
}

/// Compares a value with the text the engine's value prints as. `trims` says that the number of
/// zeros after the point's last other digit does not count.
pub fn is_value_equal(expected: &ExpectedValue, got: Option<&[u8]>, trims: bool) -> bool {
    match (expected, got) {
        (ExpectedValue::Any, _) | (ExpectedValue::Null, None) => true,
        (ExpectedValue::Bytes(expected), Some(got)) => {
            **expected == *got || trims && trim_zeros(expected) == trim_zeros(got)
        }
        (ExpectedValue::Digest(expected), Some(got)) => {
            got.len() as u64 == expected.bytes
                && Sha256::digest(got).as_slice() == expected.sha256.as_slice()
        }
        _ => false,
    }
}

/// Tells whether a case's values are compared without the zeros at their end. Padding or trimming
/// two texts to one number of decimals makes them equal exactly if they are equal without zeros.
fn trims_zeros(case: &ExpressionCase) -> bool {
    match &case.into {
        None => case.result_type.as_ref().is_some_and(is_trimmed_type),
        Some(column) => matches!(
            ColumnForm::of(column),
            Ok(ColumnForm::Decimal { .. }
                | ColumnForm::DateTime { .. }
                | ColumnForm::Timestamp { .. }
                | ColumnForm::Time { .. })
        ),
    }
}

fn is_trimmed_type(t: &ProtocolType) -> bool {
    matches!(t.name.as_str(), "decimal" | "datetime" | "timestamp" | "time")
}

fn trim_zeros(text: &[u8]) -> &[u8] {
    if !text.contains(&b'.') {
        return text;
    }
    let kept = text.iter().rposition(|b| *b != b'0').map_or(0, |last| last + 1);
    let digits = text.get(..kept).unwrap_or(text);
    digits.strip_suffix(b".").unwrap_or(digits)
}

fn set(outcomes: &mut [Outcome], row: usize, outcome: Outcome) {
    if let Some(slot) = outcomes.get_mut(row) {
        *slot = outcome;
    }
}

#[cfg(test)]
mod tests;
