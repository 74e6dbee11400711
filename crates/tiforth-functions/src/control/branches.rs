// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Puts together a column each row of which comes from one of several branches.

use arrow_buffer::{BooleanBuffer, BooleanBufferBuilder, NullBuffer};
use tiforth_data::{BytesBuilder, Column, DecimalColumn, IntLayout, simd};
use tiforth_expr::kernel::{Arg, BytesArg, Dec, Dur, Int, Moment, Real, Ret, RetBuilder, Rows};
use tiforth_expr::{Evaluator, TypedExpr};
use tiforth_types::{Datum, EvalType, Result};

use crate::mantissas::{Mantissas, SHORT_BITS, Values};

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
            EvalType::Decimal => match self.mantissas() {
                Some(column) => Ok(column),
                None => self.numbers::<Dec, _>(),
            },
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

    /// Puts decimals together by their mantissas, where those of all branches are at one scale.
    fn mantissas(&self) -> Option<Column> {
        let mut parts = Vec::with_capacity(self.columns.len());
        let mut whole: Option<Mantissas<'_>> = None;
        for (column, place) in self.columns.iter().zip(0u32..) {
            if is_all_null(column) {
                continue;
            }
            let part = Mantissas::open(column)?;
            let all = whole.get_or_insert(part);
            if (part.scale, part.printed_scale) != (all.scale, all.printed_scale) {
                return None;
            }
            all.bits = all.bits.max(part.bits);
            all.int_words = all.int_words.max(part.int_words);
            parts.push((place, part.values));
        }
        let Mantissas { scale, printed_scale, bits, int_words, .. } = whole?;
        let layout = IntLayout::Computed(int_words);
        let lanes = if bits <= SHORT_BITS {
            let (values, bits) = (self.put_together(&parts).into(), u8::try_from(bits).ok()?);
            DecimalColumn::Lane64 { values, scale, printed_scale, bits, layout }
        } else {
            let values = self.put_together::<i128>(&parts);
            DecimalColumn::from_mantissas(values, scale, printed_scale).with_layout(layout)
        };
        Some(Column::decimals(lanes, self.nulls()))
    }

    /// Picks each row's mantissa from the branch that serves it; all fit `T`.
    fn put_together<T>(&self, parts: &[(u32, Values<'_>)]) -> Vec<T>
    where
        T: Copy + Default + From<i64> + TryFrom<i128>,
    {
        let mut whole = vec![T::default(); self.chosen.len()];
        let fitting = |v: i128| T::try_from(v).unwrap_or_default();
        for &(place, values) in parts {
            let chosen = self.chosen.iter().map(|&chosen| chosen == place);
            match values {
                Values::Short(part) => {
                    overwrite(&mut whole, part.iter().map(|&v| v.into()), chosen)
                }
                Values::Long(part) => {
                    overwrite(&mut whole, part.iter().map(|&v| fitting(v)), chosen);
                }
                Values::One(one) => {
                    overwrite(&mut whole, std::iter::repeat(fitting(one)), chosen);
                }
            }
        }
        whole
    }

    /// Tells which rows are NULL, if any.
    fn nulls(&self) -> Option<NullBuffer> {
        let may_be_null = |c: &Column| c.nulls().is_some() || is_all_null(c);
        if self.served == self.chosen.len() && !self.columns.iter().any(may_be_null) {
            return None;
        }
        let is_valid = |row: usize| {
            let column = self.chosen.get(row).and_then(|&place| self.columns.get(place as usize));
            column.is_some_and(|c| !is_all_null(c) && c.nulls().is_none_or(|n| n.is_valid(row)))
        };
        let valid = BooleanBuffer::collect_bool(self.chosen.len(), is_valid);
        Some(NullBuffer::new(valid)).filter(|nulls| nulls.null_count() > 0)
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

/// Writes the values of those rows that are chosen.
fn overwrite<T: Copy>(
    values: &mut [T],
    part: impl Iterator<Item = T>,
    chosen: impl Iterator<Item = bool>,
) {
    simd::dispatch(
        #[inline(always)]
        || {
            for ((slot, value), is_chosen) in values.iter_mut().zip(part).zip(chosen) {
                *slot = if is_chosen { value } else { *slot };
            }
        },
    );
}

fn is_all_null(column: &Column) -> bool {
    column.as_constant().is_some_and(Datum::is_null)
}

/// Returns the rows that no branch serves yet, of those that count: all before the first branch. Nothing
/// where none is left.
pub(super) fn left<'a>(rows: Rows<'a>, open: Option<&'a [u32]>) -> Option<Rows<'a>> {
    match open {
        None => Some(rows),
        Some([]) => None,
        Some(open) => Some(Rows::selected(rows.len, open)),
    }
}

/// Splits the rows that count into those in which a column is NULL and the others.
pub(super) fn split_nulls(column: &Column, rows: Rows<'_>) -> (Vec<u32>, Vec<u32>) {
    let all_null = is_all_null(column);
    let (mut null, mut others) = (Vec::new(), Vec::new());
    rows.for_each(|row| {
        let is_null = all_null || column.nulls().is_some_and(|n| n.is_null(row));
        let list = if is_null { &mut null } else { &mut others };
        #[expect(clippy::cast_possible_truncation, reason = "batches have fewer rows than 2^32")]
        list.push(row as u32);
    });
    (null, others)
}
