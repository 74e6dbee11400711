// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Answers every question with what TiDB answered, to test the judge and the runner themselves.

use tiforth_types::{Level, SqlError, Warning};

use crate::engine::{Answer, Engine, ExpressionAnswer, Input, RowAnswer, Side, TableAnswer};
use crate::vectors::{
    Entry, Expected, ExpectedError, ExpectedValue, ExpectedWarning, ExpressionCase, RelationalCase,
};

/// Echoes expectations. Long values are known only by their digest and are answered with nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Echo;

impl Engine for Echo {
    fn run_expression(
        &mut self,
        case: &ExpressionCase,
        _input: &Input<'_>,
        _side: Side,
    ) -> Answer<ExpressionAnswer> {
        match &case.expected {
            Expected::Refused(expected) => Answer::Refused(error(expected)),
            Expected::Rows(entries) => Answer::Answered(ExpressionAnswer {
                result_type: case.result_type.clone(),
                bind_warnings: warnings(&case.bind_warnings),
                rows: entries.iter().map(row).collect(),
            }),
        }
    }

    fn run_relational(&mut self, case: &RelationalCase, _input: &Input<'_>) -> Answer<TableAnswer> {
        match &case.expected {
            Expected::Refused(expected) => Answer::Refused(error(expected)),
            Expected::Rows(rows) => Answer::Answered(TableAnswer {
                result_type: case.result_type.clone(),
                rows: rows.iter().map(|row| row.iter().map(value).collect()).collect(),
                warnings: warnings(&case.warnings),
            }),
        }
    }
}

fn row(entry: &Entry) -> RowAnswer {
    match entry {
        Entry::Any => RowAnswer { value: Ok(None), warnings: Vec::new() },
        Entry::Error(expected) => RowAnswer { value: Err(error(expected)), warnings: Vec::new() },
        Entry::Value(expected, expected_warnings) => {
            RowAnswer { value: Ok(value(expected)), warnings: warnings(expected_warnings) }
        }
    }
}

fn value(expected: &ExpectedValue) -> Option<Box<[u8]>> {
    match expected {
        ExpectedValue::Bytes(bytes) => Some(bytes.clone()),
        ExpectedValue::Null | ExpectedValue::Digest(_) | ExpectedValue::Any => None,
    }
}

fn error(expected: &ExpectedError) -> SqlError {
    SqlError::new(expected.code, expected.text.clone().unwrap_or_default())
}

fn warnings(expected: &[ExpectedWarning]) -> Vec<Warning> {
    expected
        .iter()
        .map(|warning| Warning { level: Level::Warning, error: error(&warning.error) })
        .collect()
}
