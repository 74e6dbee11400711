// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `MIN(a)` and `MAX(a)`.
//!
//! Texts are compared by their collation. Of values that are equal and print otherwise (`a` and `A`, 0
//! and 0.00) the one of the first row is kept, whatever the lanes. A decimal is rounded to the result's
//! digits only when it is given.
//!
//! Source: MySQL manual, "Aggregate Function Descriptions"; TiDB
//! `pkg/executor/aggfuncs/func_max_min.go`, `pkg/expression/aggregation/base_func.go`
//! (`typeInfer4MaxMin`).

use std::any::Any;
use std::cmp::Ordering;

use arrow_buffer::NullBuffer;
use tiforth_data::{BytesBuilder, Column, DecimalColumn};
use tiforth_expr::kernel::{Arg, BytesArg, Dec, Dur, Int, Moment, Real};
use tiforth_expr::{
    Accumulator, AggregateFunction, Binder, BoundAggregate, Doc, FinishAggregate, GroupedRows,
    NewAccumulator, TypedExpr,
};
use tiforth_types::sql_type::UNSPECIFIED;
use tiforth_types::{
    Collation, Decimal, Duration, EvalType, Result, SqlError, SqlType, Time, TypeKind,
};

use super::{nulls_of, rounded_to, same};

/// Defines MIN.
pub(crate) const MIN: AggregateFunction = AggregateFunction {
    name: "min",
    aliases: &[],
    arity: (1, 1),
    bind: |binder, args| bind(binder, args, "min"),
    doc: Doc {
        usage: "MIN(a)",
        summary: "Gives the least of the values that are not NULL.",
        result: "The argument's type; texts by their collation.",
        null: "NULL if every value is NULL, or there is none.",
        errors: "1265 when a decimal has no room for the type's digits.",
        warnings: "",
        example: ("MIN(i8)", "a TINYINT"),
        sources: "MySQL manual, Aggregate Function Descriptions; TiDB func_max_min.go, base_func.go",
    },
};

/// Defines MAX.
pub(crate) const MAX: AggregateFunction = AggregateFunction {
    name: "max",
    bind: |binder, args| bind(binder, args, "max"),
    doc: Doc {
        usage: "MAX(a)",
        summary: "Gives the greatest of the values that are not NULL.",
        example: ("MAX(i8)", "a TINYINT"),
        ..MIN.doc
    },
    ..MIN
};

fn bind(_: &mut Binder<'_>, args: Vec<TypedExpr>, name: &'static str) -> Result<BoundAggregate> {
    let Some(arg) = args.first() else { return Err(SqlError::wrong_argument_count(name).into()) };
    let mut ty = arg.ty.clone();
    // A FLOAT that is computed is a DOUBLE of any decimals.
    if ty.kind == TypeKind::Float && arg.as_call().is_some() {
        ty = SqlType { length: 23, decimals: UNSPECIFIED, ..SqlType::double() };
    }
    if matches!(ty.eval_type(), EvalType::Json | EvalType::Vector)
        || matches!(ty.kind, TypeKind::Enum | TypeKind::Set)
    {
        return Err(SqlError::other(format!("{name} over {ty} is not supported yet")).into());
    }
    let (accumulator, finish) = of_type(&ty);
    let (nullable, distinct) = (true, false);
    Ok(BoundAggregate { name, args, ty, nullable, distinct, state: name, accumulator, finish })
}

/// Returns what keeps the extremes of a type's values, and what makes a column of them.
fn of_type(ty: &SqlType) -> (NewAccumulator, FinishAggregate) {
    fn of<V: Value>() -> (NewAccumulator, FinishAggregate) {
        (
            |call, _| Box::new(Extreme::<V>::new(call)),
            |extremes, call, _| same::<Extreme<V>>(extremes)?.column(&call.ty),
        )
    }
    match ty.eval_type() {
        EvalType::Int if ty.unsigned => of::<UnsignedValue>(),
        EvalType::Int => of::<IntValue>(),
        EvalType::Real => of::<RealValue>(),
        EvalType::Decimal => of::<DecimalValue>(),
        EvalType::Time => of::<TimeValue>(),
        EvalType::Duration => of::<DurationValue>(),
        EvalType::Bytes | EvalType::Json | EvalType::Vector => of::<BytesValue>(),
    }
}

/// Says how a type's extremes are kept.
trait Value: 'static {
    type Read: Arg;
    type Kept: Clone + Send + Sync + 'static;
    /// Whether equal values may differ to those who print them.
    const HAS_TIES: bool;
    fn empty() -> Self::Kept;
    fn keep(slot: &mut Self::Kept, value: &<Self::Read as Arg>::Value<'_>);
    fn compare(
        value: &<Self::Read as Arg>::Value<'_>,
        kept: &Self::Kept,
        by: Collation,
    ) -> Ordering;
    fn compare_kept(a: &Self::Kept, b: &Self::Kept, by: Collation) -> Ordering;
    fn column(kept: &[Self::Kept], nulls: Option<NullBuffer>, ty: &SqlType) -> Result<Column>;
    fn heap_bytes(_kept: &Self::Kept) -> usize {
        0
    }
}

macro_rules! plain_value {
    ($name:ident, $read:ty, $kept:ty, $ties:expr, $empty:expr, $compare:expr, $column:expr) => {
        struct $name;
        impl Value for $name {
            type Read = $read;
            type Kept = $kept;
            const HAS_TIES: bool = $ties;
            fn empty() -> $kept {
                $empty
            }
            fn keep(slot: &mut $kept, value: &$kept) {
                *slot = *value;
            }
            fn compare(value: &$kept, kept: &$kept, _: Collation) -> Ordering {
                ($compare)(value, kept)
            }
            fn compare_kept(a: &$kept, b: &$kept, _: Collation) -> Ordering {
                ($compare)(a, b)
            }
            fn column(kept: &[$kept], nulls: Option<NullBuffer>, ty: &SqlType) -> Result<Column> {
                ($column)(kept, nulls, ty)
            }
        }
    };
}

plain_value!(
    IntValue,
    Int,
    i64,
    false,
    0,
    |a: &i64, b: &i64| a.cmp(b),
    |kept: &[i64], nulls, _| { Ok(Column::ints(kept.to_vec(), nulls)) }
);
plain_value!(
    UnsignedValue,
    Int,
    i64,
    false,
    0,
    |a: &i64, b: &i64| (*a as u64).cmp(&(*b as u64)),
    |kept: &[i64], nulls, _| Ok(Column::ints(kept.to_vec(), nulls))
);
plain_value!(
    RealValue,
    Real,
    f64,
    true,
    0.0,
    |a: &f64, b: &f64| a.partial_cmp(b).unwrap_or(Ordering::Equal),
    |kept: &[f64], nulls, _| Ok(Column::reals(kept.to_vec(), nulls))
);
plain_value!(
    TimeValue,
    Moment,
    Time,
    false,
    Time::default(),
    |a: &Time, b: &Time| a.cmp(b),
    |kept: &[Time], nulls, _| {
        Ok(Column::times(kept.iter().map(|t| t.0).collect::<Vec<u64>>(), nulls))
    }
);
plain_value!(
    DurationValue,
    Dur,
    Duration,
    false,
    Duration::default(),
    |a: &Duration, b: &Duration| a.cmp(b),
    |kept: &[Duration], nulls, _| {
        Ok(Column::durations(kept.iter().map(|t| t.0).collect::<Vec<i64>>(), nulls))
    }
);
plain_value!(
    DecimalValue,
    Dec,
    Decimal,
    true,
    Decimal::ZERO,
    |a: &Decimal, b: &Decimal| a.cmp(b),
    |kept: &[Decimal], nulls, ty| {
        let values = rounded_to(DecimalColumn::from_decimals(kept.to_vec()), ty)?;
        Ok(Column::decimals(values, nulls))
    }
);

struct BytesValue;

impl Value for BytesValue {
    type Read = BytesArg;
    type Kept = Vec<u8>;
    const HAS_TIES: bool = true;
    fn empty() -> Vec<u8> {
        Vec::new()
    }
    fn keep(slot: &mut Vec<u8>, value: &&[u8]) {
        slot.clear();
        slot.extend_from_slice(value);
    }
    fn compare(value: &&[u8], kept: &Vec<u8>, by: Collation) -> Ordering {
        by.compare(value, kept)
    }
    fn compare_kept(a: &Vec<u8>, b: &Vec<u8>, by: Collation) -> Ordering {
        by.compare(a, b)
    }
    fn column(kept: &[Vec<u8>], nulls: Option<NullBuffer>, _: &SqlType) -> Result<Column> {
        let mut builder = BytesBuilder::with_capacity(kept.len(), 0);
        kept.iter().for_each(|k| builder.push(k));
        Ok(Column::bytes(builder.finish(), nulls))
    }
    fn heap_bytes(kept: &Vec<u8>) -> usize {
        kept.capacity()
    }
}

struct Extreme<V: Value> {
    kept: Vec<V::Kept>,
    seen: Vec<i64>,
    /// Where the rows of what is kept stand; none where there are no ties.
    places: Vec<u64>,
    wanted: Ordering,
    collation: Collation,
}

impl<V: Value> Extreme<V> {
    fn new(call: &BoundAggregate) -> Self {
        let wanted = if call.name == "min" { Ordering::Less } else { Ordering::Greater };
        let (kept, seen, places) = (Vec::new(), Vec::new(), Vec::new());
        Extreme { kept, seen, places, wanted, collation: call.ty.collation }
    }

    /// Tells whether a row's value is kept in place of a group's, to which it compares so.
    #[inline]
    fn is_better(wanted: Ordering, order: Ordering, place: u64, kept_place: Option<&u64>) -> bool {
        let is_first = || kept_place.is_some_and(|&kept_place| place < kept_place);
        order == wanted || (V::HAS_TIES && order == Ordering::Equal && is_first())
    }

    fn column(&self, ty: &SqlType) -> Result<Column> {
        V::column(&self.kept, nulls_of(&self.seen), ty)
    }
}

impl<V: Value> Accumulator for Extreme<V> {
    fn resize(&mut self, groups: usize) {
        self.kept.resize(groups, V::empty());
        self.seen.resize(groups, 0);
        if V::HAS_TIES {
            self.places.resize(groups, u64::MAX);
        }
    }

    fn update(&mut self, args: &[Column], rows: GroupedRows<'_>) -> Result<()> {
        let Some(column) = args.first() else { return Ok(()) };
        let reader = V::Read::open(column)?;
        rows.for_each(|row, group| {
            let Some(value) = V::Read::get(&reader, row) else { return };
            let (Some(kept), Some(seen)) = (self.kept.get_mut(group), self.seen.get_mut(group))
            else {
                return;
            };
            let place = if V::HAS_TIES { rows.places.of(row) } else { 0 };
            let kept_place = self.places.get_mut(group);
            let order = V::compare(&value, kept, self.collation);
            if *seen == 0 || Self::is_better(self.wanted, order, place, kept_place.as_deref()) {
                V::keep(kept, &value);
                *seen = 1;
                if let Some(kept_place) = kept_place {
                    *kept_place = place;
                }
            }
        });
        Ok(())
    }

    fn merge(&mut self, other: &dyn Accumulator, from: &[u32], to: &[u32]) -> Result<()> {
        let other = same::<Extreme<V>>(other)?;
        for (&from, &to) in from.iter().zip(to) {
            let (from, to) = (from as usize, to as usize);
            let (Some(kept), Some(mine), Some(value), Some(&seen)) = (
                self.kept.get_mut(to),
                self.seen.get_mut(to),
                other.kept.get(from),
                other.seen.get(from),
            ) else {
                continue;
            };
            let place = other.places.get(from).copied().unwrap_or(0);
            let kept_place = self.places.get_mut(to);
            let order = V::compare_kept(value, kept, self.collation);
            let is_better =
                *mine == 0 || Self::is_better(self.wanted, order, place, kept_place.as_deref());
            if seen > 0 && is_better {
                kept.clone_from(value);
                *mine = 1;
                if let Some(kept_place) = kept_place {
                    *kept_place = place;
                }
            }
        }
        Ok(())
    }

    fn byte_size(&self) -> usize {
        let slots = self.kept.capacity() * (size_of::<V::Kept>() + size_of::<i64>());
        let places = self.places.capacity() * size_of::<u64>();
        slots + places + self.kept.iter().map(V::heap_bytes).sum::<usize>()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
