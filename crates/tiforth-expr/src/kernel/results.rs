// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Writes results: into a column in loops, as one value in the row engine.

use arrow_buffer::{BooleanBufferBuilder, NullBuffer};
use tiforth_data::{Column, DecimalColumn};
use tiforth_types::{Decimal, Duration, Time};

use super::args::{Dec, Dur, Int, Moment, Real, UInt};
use super::{PrimArg, RowValue, Rows};

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
    valid: Validity,
}

impl<R: Ret> RetBuilder<R> {
    /// Starts a column in which each row of `rows` will be set, or set to NULL, once; all others are
    /// NULL.
    pub fn new(rows: Rows<'_>) -> Self {
        RetBuilder { slots: vec![R::empty(); rows.len], valid: Validity::new(rows) }
    }

    /// Sets a row's value, or NULL.
    #[inline]
    pub fn set(&mut self, row: usize, value: Option<R::Value>) {
        self.valid.set(row, value.is_some());
        if let (Some(slot), Some(value)) = (self.slots.get_mut(row), value) {
            *slot = R::slot(value);
        }
    }

    /// Returns the column.
    pub fn finish(self) -> Column {
        R::column(self.slots, self.valid.finish())
    }
}

/// Collects which rows have a value. Where all rows count they have one until they are said to be NULL,
/// so that ordinary rows cost nothing.
pub(super) struct Validity {
    bits: Option<BooleanBufferBuilder>,
    len: usize,
}

impl Validity {
    /// Starts with all rows valid, or with none where only some count.
    pub(super) fn new(rows: Rows<'_>) -> Self {
        let bits = rows.selection.map(|_| filled(rows.len, false));
        Validity { bits, len: rows.len }
    }

    /// Says whether a row has a value.
    #[inline]
    pub(super) fn set(&mut self, row: usize, is_valid: bool) {
        match &mut self.bits {
            Some(bits) => bits.set_bit(row, is_valid),
            None if is_valid => {}
            bits => bits.insert(filled(self.len, true)).set_bit(row, false),
        }
    }

    /// Returns what is NULL, where anything is.
    pub(super) fn finish(self) -> Option<NullBuffer> {
        let nulls = NullBuffer::new(self.bits?.finish());
        Some(nulls).filter(|n| n.null_count() > 0)
    }
}

#[cold]
fn filled(len: usize, value: bool) -> BooleanBufferBuilder {
    let mut bits = BooleanBufferBuilder::new(len);
    bits.append_n(len, value);
    bits
}

macro_rules! ret {
    ($arg:ty, $value:ty, $slot:ty, $empty:expr, $to:expr, $column:expr, $row:expr) => {
        impl Ret for $arg {
            type Value = $value;
            type Slot = $slot;
            #[inline]
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
    |slots, nulls: Option<NullBuffer>| {
        let slots = levelled(slots, nulls.as_ref());
        Column::decimals(DecimalColumn::from_decimals(slots), nulls)
    },
    RowValue::Decimal
);

/// Gives rows without a value a zero of the others' scales, so that the column needs none of its own a
/// row.
fn levelled(mut slots: Vec<Decimal>, nulls: Option<&NullBuffer>) -> Vec<Decimal> {
    let Some(nulls) = nulls else { return slots };
    let Some(first) = nulls.valid_indices().next().and_then(|row| slots.get(row)) else {
        return slots;
    };
    let zero = Decimal::from_i128_scaled(0, first.scale());
    let zero = zero.with_printed_scale(first.printed_scale());
    for (slot, is_valid) in slots.iter_mut().zip(nulls) {
        if !is_valid {
            *slot = zero;
        }
    }
    slots
}

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
            #[inline]
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
