// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Defines aggregate functions: how a call is typed, and what accumulates its value for many groups.
//!
//! An accumulator holds the states of all groups of one lane in columns of its own, so that a batch is
//! one call whatever the number of groups. DISTINCT is the operator's affair: it hands on each value
//! of a group once.

use std::any::Any;

use tiforth_data::Column;
use tiforth_types::{Result, Session, SqlType};

use crate::binder::Binder;
use crate::function::Doc;
use crate::kernel::Rows;
use crate::typed::TypedExpr;

/// Defines one aggregate function.
#[derive(Clone)]
pub struct AggregateFunction {
    /// TiDB's name, in lower case.
    pub name: &'static str,
    /// Other names it answers to.
    pub aliases: &'static [&'static str],
    /// The least and the greatest number of arguments.
    pub arity: (usize, usize),
    /// Types a call.
    pub bind: BindAggregate,
    /// The documentation.
    pub doc: Doc,
}

/// Types a call of an aggregate: converts its arguments, infers the result's type.
pub type BindAggregate = fn(&mut Binder<'_>, Vec<TypedExpr>) -> Result<BoundAggregate>;

/// Makes the accumulator of a typed call.
pub type NewAccumulator = fn(&BoundAggregate, &Session) -> Box<dyn Accumulator>;

/// Makes the values of a typed call from its accumulator, one row a group.
///
/// # Errors
/// A value beyond the result's type (1690).
pub type FinishAggregate = fn(&dyn Accumulator, &BoundAggregate, &Session) -> Result<Column>;

/// Is a typed call of an aggregate.
#[derive(Clone, Debug)]
pub struct BoundAggregate {
    /// The function's name.
    pub name: &'static str,
    /// The arguments, converted to what the accumulator takes.
    pub args: Vec<TypedExpr>,
    /// The result's type.
    pub ty: SqlType,
    /// Whether the result may be NULL.
    pub nullable: bool,
    /// Whether each value of a group counts once. Who calls for that sets it; a binding leaves it false.
    pub distinct: bool,
    /// Names what is accumulated: calls of one state and the same arguments share an accumulator.
    pub state: &'static str,
    /// Makes the accumulator.
    pub accumulator: NewAccumulator,
    /// Makes the values.
    pub finish: FinishAggregate,
}

/// Marks a row of no group in [`FewGroups::ids`].
pub const NO_GROUP: u8 = u8::MAX;

/// Says of each row of the columns which group it is of, while groups are few.
#[derive(Clone, Copy, Debug)]
pub struct FewGroups<'a> {
    /// The group of each row, [`NO_GROUP`] where it does not count.
    pub ids: &'a [u8],
    /// The number of rows of each group.
    pub counts: &'a [i64],
}

/// Says which rows of a batch belong to which groups.
#[derive(Clone, Copy, Debug)]
pub struct GroupedRows<'a> {
    /// The rows that count.
    pub rows: Rows<'a>,
    /// The group of each row that counts, in their order; none where all belong to group 0.
    pub groups: Option<&'a [u32]>,
    /// The number of groups there are; a group in `groups` is below it.
    pub group_count: usize,
    /// The same by bytes, where groups are few and most rows count.
    pub few: Option<FewGroups<'a>>,
    /// Where the rows stand in the whole input.
    pub places: Places<'a>,
}

/// Says where the rows of columns stand among all rows of the input.
#[derive(Clone, Copy, Debug)]
pub enum Places<'a> {
    /// They are the rows of the batch of that number.
    Batch(u64),
    /// Each has a place of its own.
    Each(&'a [u64]),
}

impl Places<'_> {
    /// Returns the place of a row.
    #[inline]
    pub fn of(self, row: usize) -> u64 {
        match self {
            Places::Batch(number) => place_of(number, row as u32),
            Places::Each(places) => places.get(row).copied().unwrap_or(u64::MAX),
        }
    }
}

/// Returns the place of a row: batches in order, rows within a batch in order. The batch's number is
/// in the upper 32 bits.
///
/// A source gives fewer than 2^32 batches in any feasible run; the places beyond are one.
#[inline]
pub fn place_of(batch: u64, row: u32) -> u64 {
    (batch.min(u64::from(u32::MAX)) << 32) | u64::from(row)
}

impl GroupedRows<'_> {
    /// Calls `each` with every row that counts and its group.
    #[inline]
    pub fn for_each(&self, mut each: impl FnMut(usize, usize)) {
        match (self.rows.selection, self.groups) {
            (None, None) => (0..self.rows.len).for_each(|row| each(row, 0)),
            (None, Some(groups)) => {
                groups.iter().enumerate().for_each(|(row, &group)| each(row, group as usize));
            }
            (Some(rows), None) => rows.iter().for_each(|&row| each(row as usize, 0)),
            (Some(rows), Some(groups)) => rows
                .iter()
                .zip(groups)
                .for_each(|(&row, &group)| each(row as usize, group as usize)),
        }
    }
}

/// Accumulates one aggregate's value for all groups of a lane.
pub trait Accumulator: Send + Sync {
    /// Makes room for `groups` groups; new ones have seen no row.
    fn resize(&mut self, groups: usize);

    /// Takes the rows of a batch; `args` are decoded.
    ///
    /// # Errors
    /// A value beyond the result's type (1690).
    fn update(&mut self, args: &[Column], rows: GroupedRows<'_>) -> Result<()>;

    /// Takes states of `other`, an accumulator of the same state: its group `from[i]` is group `to[i]`
    /// here.
    ///
    /// # Errors
    /// A value beyond the result's type (1690).
    fn merge(&mut self, other: &dyn Accumulator, from: &[u32], to: &[u32]) -> Result<()>;

    /// Returns the bytes the states take.
    fn byte_size(&self) -> usize;

    /// Returns the accumulator itself, for those who know what it is.
    fn as_any(&self) -> &dyn Any;
}
