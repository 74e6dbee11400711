// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Says what an engine under test is asked and what it answers.
//!
//! The judge, the runner and the record know engines only by [`Engine`]: the door's engine, the
//! per-row walker and the echo used to test the judge itself are three of them.

use tiforth_types::{Now, Session, SqlError, Warning};

use crate::input::{Presentation, Presented};
use crate::protocol_text::ProtocolType;
use crate::vectors::{ExpressionCase, Head, RelationalCase, Table};

/// Names one of the ways a case is run.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub enum Side {
    /// Through the batch evaluator.
    Batch(Presentation),
    /// One row at a time.
    Row,
}

impl std::fmt::Display for Side {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Side::Batch(presentation) => write!(f, "batch {presentation}"),
            Side::Row => f.write_str("row"),
        }
    }
}

/// Holds what a case is asked over.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// The head of the case's file.
    pub head: &'a Head,
    /// The session the head describes.
    pub session: &'a Session,
    /// The moment the statement started.
    pub now: Now,
    /// The table as text.
    pub table: &'a Table,
    /// The table as Arrow batches, laid out as the side asks; plain ones for the row side.
    pub presented: &'a Presented,
}

/// Is what an engine answers to a question whose answer is a `T`.
#[derive(Clone, PartialEq, Debug)]
pub enum Answer<T> {
    /// It ran; single rows may have failed.
    Answered(T),
    /// The statement is refused.
    Refused(SqlError),
    /// The engine does not know a thing the question needs, and says which.
    Unsupported(String),
    /// The engine panicked or reported a bug of its own.
    Panicked(String),
}

/// Is the answer to an expression.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ExpressionAnswer {
    /// The result's type; none where the value was assigned to a column.
    pub result_type: Option<ProtocolType>,
    /// The warnings of binding.
    pub bind_warnings: Vec<Warning>,
    /// One answer for each row of the table, in its order.
    pub rows: Vec<RowAnswer>,
}

/// Is the answer for one row.
#[derive(Clone, PartialEq, Debug)]
pub struct RowAnswer {
    /// The value as the protocol prints it, none for NULL; or the row's error.
    pub value: Result<Option<Box<[u8]>>, SqlError>,
    /// The row's own warnings, in order.
    pub warnings: Vec<Warning>,
}

/// Is the answer to a relational question.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TableAnswer {
    /// The last column's type, which is the aggregate's.
    pub result_type: Option<ProtocolType>,
    /// The rows, each value as the protocol prints it.
    pub rows: Vec<Vec<Option<Box<[u8]>>>>,
    /// The statement's warnings.
    pub warnings: Vec<Warning>,
}

/// Answers questions. One engine serves one thread.
pub trait Engine {
    /// Runs an expression over every row of the input.
    fn run_expression(
        &mut self,
        case: &ExpressionCase,
        input: &Input<'_>,
        side: Side,
    ) -> Answer<ExpressionAnswer>;

    /// Runs a relational question over the input.
    fn run_relational(&mut self, case: &RelationalCase, input: &Input<'_>) -> Answer<TableAnswer>;
}
