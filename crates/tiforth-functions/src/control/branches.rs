// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Puts together a column each row of which comes from one of several branches.

use tiforth_data::{BytesBuilder, Column};
use tiforth_expr::kernel::{Arg, BytesArg, Dec, Dur, Int, Moment, Real, Ret, RetBuilder, Rows};
use tiforth_expr::{Evaluator, TypedExpr};
use tiforth_types::{EvalType, Result};

use arrow_buffer::{BooleanBufferBuilder, NullBuffer};

/// Marks a row that no branch gives a value.
const NONE: u32 = u32::MAX;

/// Collects the branches' columns and which rows each of them serves.
pub(crate) struct Branches {
    columns: Vec<Column>,
    chosen: Vec<u32>,
    served: usize,
}

impl Branches {
    /// Starts with `len` rows that have no value.
    pub(crate) fn new(len: usize) -> Self {
        Branches { columns: Vec::new(), chosen: vec![NONE; len], served: 0 }
    }

    /// Evaluates a branch for the rows that take it.
    pub(crate) fn take(
        &mut self,
        expr: &TypedExpr,
        rows: &[u32],
        evaluator: &mut Evaluator<'_>,
    ) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let len = self.chosen.len();
        let selected = if rows.len() == len { Rows::all(len) } else { Rows::selected(len, rows) };
        let column = evaluator.evaluate_decoded(expr, selected)?;
        self.serve(column, rows);
        Ok(())
    }

    /// Lets a column serve the rows that take it.
    pub(super) fn serve(&mut self, column: Column, rows: &[u32]) {
        #[expect(clippy::cast_possible_truncation, reason = "there are as many as arguments")]
        let place = self.columns.len() as u32;
        for &row in rows {
            if let Some(chosen) = self.chosen.get_mut(row as usize) {
                *chosen = place;
            }
        }
        self.served += rows.len();
        self.columns.push(column);
    }

    /// Returns the column; `rows` are those that count.
    pub(crate) fn finish(mut self, eval: EvalType, rows: Rows<'_>) -> Result<Column> {
        if self.columns.is_empty() {
            return Ok(Column::all_null(rows.len));
        }
        if self.columns.len() == 1
            && self.served == rows.count()
            && let Some(only) = self.columns.pop()
        {
            return Ok(only);
        }
        match eval {
            EvalType::Int => self.numbers::<Int, _>(),
            EvalType::Real => self.numbers::<Real, _>(),
            EvalType::Decimal => self.numbers::<Dec, _>(),
            EvalType::Time => self.numbers::<Moment, _>(),
            EvalType::Duration => self.numbers::<Dur, _>(),
            EvalType::Bytes | EvalType::Json | EvalType::Vector => self.texts(),
        }
    }

    fn numbers<A, V>(&self) -> Result<Column>
    where
        A: for<'v> Arg<Value<'v> = V> + Ret<Value = V>,
    {
        let readers = self.columns.iter().map(A::open).collect::<Result<Vec<_>>>()?;
        let mut out = RetBuilder::<A>::new(Rows::all(self.chosen.len()));
        for (row, &place) in self.chosen.iter().enumerate() {
            let value = readers.get(place as usize).and_then(|r| A::get(r, row));
            out.set(row, value);
        }
        Ok(out.finish())
    }

    fn texts(&self) -> Result<Column> {
        let readers = self.columns.iter().map(BytesArg::open).collect::<Result<Vec<_>>>()?;
        let len = self.chosen.len();
        let mut out = BytesBuilder::with_capacity(len, 0);
        let mut valid = BooleanBufferBuilder::new(len);
        for (row, &place) in self.chosen.iter().enumerate() {
            let value = readers.get(place as usize).and_then(|r| BytesArg::get(r, row));
            valid.append(value.is_some());
            out.push(value.unwrap_or_default());
        }
        let nulls = NullBuffer::new(valid.finish());
        Ok(Column::bytes(out.finish(), Some(nulls).filter(|n| n.null_count() > 0)))
    }
}

/// Splits the rows that count into those in which a column is NULL and the others.
pub(super) fn split_nulls(column: &Column, rows: Rows<'_>) -> (Vec<u32>, Vec<u32>) {
    let all_null = column.as_constant().is_some_and(|v| v.is_null());
    let (mut null, mut others) = (Vec::new(), Vec::new());
    rows.for_each(|row| {
        let is_null = all_null || column.nulls().is_some_and(|n| n.is_null(row));
        let list = if is_null { &mut null } else { &mut others };
        #[expect(clippy::cast_possible_truncation, reason = "batches have fewer rows than 2^32")]
        list.push(row as u32);
    });
    (null, others)
}
