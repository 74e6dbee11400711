// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Writes results: into a column in loops, as one value in the row engine.

use arrow_buffer::{BooleanBufferBuilder, NullBuffer};
use tiforth_data::{Column, DecimalColumn};
use tiforth_types::{Decimal, Duration, Time};

use super::args::{Dec, Dur, Int, Moment, Real, UInt};
use super::{PrimArg, RowValue};

/// Says where a result of a SQL type goes.
pub trait Ret: 'static {
    /// The value a body gives.
    type Value;
    /// What collects a column.
    type Slot: Clone;

    /// Returns what stands in rows without a value.
    fn empty() -> Self::Slot;
    /// Turns the value into what is collected.
    fn slot(value: Self::Value) -> Self::Slot;
    /// Turns what was collected into a column.
    fn column(slots: Vec<Self::Slot>, nulls: Option<NullBuffer>) -> Column;
    /// Turns the value into the row engine's.
    fn row(value: Self::Value) -> RowValue;
}

/// Collects a result column whose rows may come in any order.
pub struct RetBuilder<R: Ret> {
    slots: Vec<R::Slot>,
    valid: BooleanBufferBuilder,
}

impl<R: Ret> RetBuilder<R> {
    /// Starts a column of `len` NULLs.
    pub fn new(len: usize) -> Self {
        let mut valid = BooleanBufferBuilder::new(len);
        valid.append_n(len, false);
        RetBuilder { slots: vec![R::empty(); len], valid }
    }

    /// Sets a row's value.
    #[inline]
    pub fn set(&mut self, row: usize, value: R::Value) {
        if let Some(slot) = self.slots.get_mut(row) {
            *slot = R::slot(value);
            self.valid.set_bit(row, true);
        }
    }

    /// Returns the column.
    pub fn finish(mut self) -> Column {
        let nulls = NullBuffer::new(self.valid.finish());
        R::column(self.slots, Some(nulls).filter(|n| n.null_count() > 0))
    }
}

macro_rules! ret {
    ($arg:ty, $value:ty, $slot:ty, $empty:expr, $to:expr, $column:expr, $row:expr) => {
        impl Ret for $arg {
            type Value = $value;
            type Slot = $slot;
            fn empty() -> $slot {
                $empty
            }
            #[inline]
            fn slot(value: $value) -> $slot {
                ($to)(value)
            }
            fn column(slots: Vec<$slot>, nulls: Option<NullBuffer>) -> Column {
                ($column)(slots, nulls)
            }
            #[inline]
            fn row(value: $value) -> RowValue {
                ($row)(value)
            }
        }
    };
}

ret!(Int, i64, i64, 0, |v| v, Column::ints, RowValue::Int);
ret!(UInt, u64, i64, 0, |v: u64| v as i64, Column::ints, |v: u64| RowValue::Int(v as i64));
ret!(Real, f64, f64, 0.0, |v| v, Column::reals, RowValue::Real);
ret!(Moment, Time, u64, 0, |v: Time| v.0, Column::times, RowValue::Time);
ret!(Dur, Duration, i64, 0, |v: Duration| v.0, Column::durations, RowValue::Duration);
ret!(
    Dec,
    Decimal,
    Decimal,
    Decimal::ZERO,
    |v| v,
    |slots, nulls| Column::decimals(DecimalColumn::from_decimals(slots), nulls),
    RowValue::Decimal
);

/// Marks the results whose columns are slices of plain numbers.
pub trait PrimRet: Ret + PrimArg {
    /// Builds the column from numbers.
    fn from_natives(values: Vec<Self::Native>, nulls: Option<NullBuffer>) -> Column;
    /// Turns a number into the row engine's value.
    fn native_row(value: Self::Native) -> RowValue;
}

macro_rules! prim_ret {
    ($($name:ty, $column:expr, $row:expr;)*) => {$(
        impl PrimRet for $name {
            fn from_natives(values: Vec<Self::Native>, nulls: Option<NullBuffer>) -> Column {
                ($column)(values, nulls)
            }
            fn native_row(value: Self::Native) -> RowValue {
                ($row)(value)
            }
        }
    )*};
}
prim_ret! {
    Int, Column::ints, RowValue::Int;
    UInt, Column::ints, RowValue::Int;
    Real, Column::reals, RowValue::Real;
    Moment, Column::times, |v| RowValue::Time(Time(v));
    Dur, Column::durations, |v| RowValue::Duration(Duration(v));
}
