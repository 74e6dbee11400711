// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Names the seven comparison operators and drives them over values that have an order.

use std::cmp::Ordering;
use std::marker::PhantomData;

use arrow_buffer::{BooleanBuffer, BooleanBufferBuilder, NullBuffer};
use tiforth_data::Column;
use tiforth_expr::CallContext;
use tiforth_expr::kernel::{
    Arg, Args, BytesArg, Dec, Dur, Int, Kernel, Moment, Real, RowValue, Rows,
};
use tiforth_types::{Datum, DatumRef, Result, SqlError};

/// Names a comparison operator.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Operator {
    Eq,
    NullEq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

impl Operator {
    /// Tells whether it holds of two values in this order.
    #[inline]
    pub(super) fn holds(self, order: Ordering) -> bool {
        match self {
            Operator::Eq | Operator::NullEq => order.is_eq(),
            Operator::Ne => order.is_ne(),
            Operator::Lt => order.is_lt(),
            Operator::Le => order.is_le(),
            Operator::Gt => order.is_gt(),
            Operator::Ge => order.is_ge(),
        }
    }

    /// Returns the operator that says the same with the operands exchanged.
    pub(super) fn symmetric(self) -> Operator {
        match self {
            Operator::Lt => Operator::Gt,
            Operator::Le => Operator::Ge,
            Operator::Gt => Operator::Lt,
            Operator::Ge => Operator::Le,
            other => other,
        }
    }
}

/// Orders the values of a type, as comparisons do.
pub(crate) trait Ordered: Arg {
    /// Orders two arguments of a call, which are at `places`.
    fn order(
        ctx: &CallContext<'_>,
        places: [usize; 2],
        a: &Self::Value<'_>,
        b: &Self::Value<'_>,
    ) -> Ordering;

    /// Tells whether two arguments of a call are equal, which may be known sooner than their order.
    #[inline]
    fn is_same(
        ctx: &CallContext<'_>,
        places: [usize; 2],
        a: &Self::Value<'_>,
        b: &Self::Value<'_>,
    ) -> bool {
        Self::order(ctx, places, a, b).is_eq()
    }
}

/// Tells whether the argument at `place` is unsigned.
fn is_unsigned(ctx: &CallContext<'_>, place: usize) -> bool {
    ctx.call.args.get(place).is_some_and(|a| a.ty.unsigned)
}

/// Orders two integers of 64 bits, each with its own sign.
pub(crate) fn order_ints(a: i64, a_unsigned: bool, b: i64, b_unsigned: bool) -> Ordering {
    match (a_unsigned, b_unsigned) {
        (false, false) => a.cmp(&b),
        (true, true) => a.cast_unsigned().cmp(&b.cast_unsigned()),
        (false, true) if a < 0 => Ordering::Less,
        (true, false) if b < 0 => Ordering::Greater,
        _ => a.cast_unsigned().cmp(&b.cast_unsigned()),
    }
}

impl Ordered for Int {
    fn order(ctx: &CallContext<'_>, [i, j]: [usize; 2], a: &i64, b: &i64) -> Ordering {
        order_ints(*a, is_unsigned(ctx, i), *b, is_unsigned(ctx, j))
    }
}

impl Ordered for Real {
    fn order(_: &CallContext<'_>, _: [usize; 2], a: &f64, b: &f64) -> Ordering {
        a.partial_cmp(b).unwrap_or(Ordering::Equal)
    }
}

impl Ordered for BytesArg {
    fn order(ctx: &CallContext<'_>, _: [usize; 2], a: &&[u8], b: &&[u8]) -> Ordering {
        ctx.call.collation.compare(a, b)
    }

    fn is_same(ctx: &CallContext<'_>, _: [usize; 2], a: &&[u8], b: &&[u8]) -> bool {
        ctx.call.collation.equals(a, b)
    }
}

macro_rules! naturally_ordered {
    ($($arg:ty),*) => {$(
        impl Ordered for $arg {
            fn order(
                _: &CallContext<'_>,
                _: [usize; 2],
                a: &Self::Value<'_>,
                b: &Self::Value<'_>,
            ) -> Ordering {
                a.cmp(b)
            }
        }
    )*};
}
naturally_ordered!(Dec, Moment, Dur);

/// Computes an operator over values that do not compare as plain numbers.
pub(super) struct Compare<A> {
    operator: Operator,
    arg: PhantomData<fn() -> A>,
}

impl<A> Compare<A> {
    /// Builds the kernel of an operator.
    pub(super) const fn new(operator: Operator) -> Self {
        Compare { operator, arg: PhantomData }
    }
}

impl<A: Ordered> Compare<A> {
    #[inline]
    fn holds(&self, ctx: &CallContext<'_>, a: &A::Value<'_>, b: &A::Value<'_>) -> bool {
        match self.operator {
            Operator::Eq | Operator::NullEq => A::is_same(ctx, [0, 1], a, b),
            Operator::Ne => !A::is_same(ctx, [0, 1], a, b),
            other => other.holds(A::order(ctx, [0, 1], a, b)),
        }
    }

    /// Compares two values; NULLs compare under `<=>` alone.
    fn compare(
        &self,
        ctx: &CallContext<'_>,
        a: Option<A::Value<'_>>,
        b: Option<A::Value<'_>>,
    ) -> Option<bool> {
        match (a, b) {
            (Some(a), Some(b)) => Some(self.holds(ctx, &a, &b)),
            (a, b) if self.operator == Operator::NullEq => Some(a.is_none() && b.is_none()),
            _ => None,
        }
    }
}

impl<A: Ordered> Kernel for Compare<A> {
    fn batch(&self, args: &Args<'_>, rows: Rows<'_>, ctx: &mut CallContext<'_>) -> Result<Column> {
        let (left, right) = (args.decoded(0)?, args.decoded(1)?);
        let (a, b) = (A::open(&left)?, A::open(&right)?);
        let is_null = |c: &Column| c.as_constant().is_some_and(Datum::is_null);
        if rows.selection.is_none() && self.operator != Operator::NullEq {
            if is_null(&left) || is_null(&right) {
                return Ok(Column::all_null(rows.len));
            }
            let bits = BooleanBuffer::collect_bool(rows.len, |row| {
                let pair = (A::get(&a, row), A::get(&b, row));
                matches!(pair, (Some(a), Some(b)) if self.holds(ctx, &a, &b))
            });
            return Ok(Column::bits(bits, NullBuffer::union(left.nulls(), right.nulls())));
        }
        let mut bits = Truths::new(rows.len);
        rows.for_each(|row| bits.set(row, self.compare(ctx, A::get(&a, row), A::get(&b, row))));
        Ok(bits.finish())
    }

    fn row(
        &self,
        args: &[DatumRef<'_>],
        _: &mut Vec<u8>,
        ctx: &mut CallContext<'_>,
    ) -> Result<RowValue, SqlError> {
        let [a, b] = args else { return Ok(RowValue::Null) };
        let holds = self.compare(ctx, A::from_datum(*a), A::from_datum(*b));
        Ok(holds.map_or(RowValue::Null, |holds| RowValue::Int(i64::from(holds))))
    }
}

/// Collects truth values; rows that are not set are NULL.
pub(crate) struct Truths {
    bits: BooleanBufferBuilder,
    valid: BooleanBufferBuilder,
}

impl Truths {
    /// Starts a column of `len` NULLs.
    pub(crate) fn new(len: usize) -> Self {
        let (mut bits, mut valid) =
            (BooleanBufferBuilder::new(len), BooleanBufferBuilder::new(len));
        bits.append_n(len, false);
        valid.append_n(len, false);
        Truths { bits, valid }
    }

    /// Sets a row.
    #[inline]
    pub(crate) fn set(&mut self, row: usize, value: Option<bool>) {
        if let Some(value) = value {
            self.bits.set_bit(row, value);
            self.valid.set_bit(row, true);
        }
    }

    /// Returns the column.
    pub(crate) fn finish(mut self) -> Column {
        let nulls = NullBuffer::new(self.valid.finish());
        Column::bits(self.bits.finish(), Some(nulls).filter(|n| n.null_count() > 0))
    }
}
