// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `SUM(a)`, and the sums of doubles AVG divides.
//!
//! Integers and decimals are summed exactly, as decimals.
//!
//! Source: MySQL manual, "Aggregate Function Descriptions"; TiDB `pkg/executor/aggfuncs/func_sum.go`,
//! `pkg/expression/aggregation/base_func.go` (`typeInfer4Sum`).

use std::any::Any;

use tiforth_data::Column;
use tiforth_expr::kernel::{Arg, Real};
use tiforth_expr::{
    Accumulator, AggregateFunction, ArgKind, Binder, BoundAggregate, Doc, GroupedRows, TypedExpr,
};
use tiforth_types::sql_type::{DECIMAL_PRECISION_MAX, UNSPECIFIED};
use tiforth_types::{EvalType, Result, SqlError, SqlType};

use super::decimal_sum::{self, DecimalSum};
use super::{nulls_of, same};

/// Defines the function.
pub(crate) const SUM: AggregateFunction = AggregateFunction {
    name: "sum",
    aliases: &[],
    arity: (1, 1),
    bind,
    doc: Doc {
        usage: "SUM([DISTINCT] a)",
        summary: "Adds up the values that are not NULL.",
        result: "DECIMAL of 22 digits more for a DECIMAL, DECIMAL without fraction for integers, else \
                 DOUBLE.",
        null: "NULL where no value is not NULL.",
        errors: "1690 when the sum is beyond its type.",
        warnings: "1292 when a text is no number.",
        example: ("SUM(d5_2)", "a DECIMAL(27,2)"),
        sources: "MySQL manual, Aggregate Function Descriptions; TiDB func_sum.go, base_func.go",
    },
};

/// Tells whether a sum is computed with decimals: of integers and decimals it is.
pub(super) fn is_exact(arg: &TypedExpr) -> bool {
    matches!(arg.eval_type(), EvalType::Int | EvalType::Decimal)
}

fn bind(binder: &mut Binder<'_>, mut args: Vec<TypedExpr>) -> Result<BoundAggregate> {
    let Some(arg) = args.pop() else { return Err(SqlError::wrong_argument_count("sum").into()) };
    let most = i64::from(DECIMAL_PRECISION_MAX);
    if !is_exact(&arg) {
        let ty = SqlType { length: 23, decimals: UNSPECIFIED, ..SqlType::double() };
        let arg = binder.wrap(arg, ArgKind::Real)?;
        return Ok(BoundAggregate {
            name: SUM.name,
            args: vec![arg],
            ty,
            nullable: true,
            state: REAL_STATE,
            accumulator: |_, _| Box::new(RealSum::default()),
            finish: |sums, _, _| same::<RealSum>(sums)?.column(),
        });
    }
    let source = arg.ty.clone();
    let ty = if source.eval_type() == EvalType::Int {
        let length = if source.length < 0 { most } else { (source.length + 21).min(most) };
        SqlType { length, ..SqlType::decimal(0, 0) }
    } else {
        let length = if source.length < 0 { most } else { (source.length + 22).min(most) };
        SqlType { length, ..SqlType::decimal(0, source.decimals) }
    };
    let arg = binder.wrap(arg, ArgKind::Decimal)?;
    Ok(BoundAggregate {
        name: SUM.name,
        args: vec![arg],
        ty,
        nullable: true,
        state: decimal_sum::STATE,
        accumulator: |_, _| Box::new(DecimalSum::default()),
        finish: |sums, _, _| same::<DecimalSum>(sums)?.column(),
    })
}

/// Names the state of sums of doubles.
pub(super) const REAL_STATE: &str = "sum of doubles";

/// Adds up doubles. A sum beyond the range is infinite, as TiDB's is, not an error.
#[derive(Default)]
pub(super) struct RealSum {
    pub(super) sums: Vec<f64>,
    pub(super) counts: Vec<i64>,
}

impl RealSum {
    fn column(&self) -> Result<Column> {
        Ok(Column::reals(self.sums.clone(), nulls_of(&self.counts)))
    }
}

impl Accumulator for RealSum {
    fn resize(&mut self, groups: usize) {
        self.sums.resize(groups, 0.0);
        self.counts.resize(groups, 0);
    }

    fn update(&mut self, args: &[Column], rows: GroupedRows<'_>) -> Result<()> {
        let Some(column) = args.first() else { return Ok(()) };
        let reader = Real::open(column)?;
        rows.for_each(|row, group| {
            if let Some(value) = Real::get(&reader, row)
                && let (Some(sum), Some(count)) =
                    (self.sums.get_mut(group), self.counts.get_mut(group))
            {
                *sum += value;
                *count += 1;
            }
        });
        Ok(())
    }

    fn merge(&mut self, other: &dyn Accumulator, from: &[u32], to: &[u32]) -> Result<()> {
        let other = same::<RealSum>(other)?;
        for (&from, &to) in from.iter().zip(to) {
            let (from, to) = (from as usize, to as usize);
            if let (Some(sum), Some(count), Some(more), Some(rows)) = (
                self.sums.get_mut(to),
                self.counts.get_mut(to),
                other.sums.get(from),
                other.counts.get(from),
            ) {
                *sum += more;
                *count += rows;
            }
        }
        Ok(())
    }

    fn byte_size(&self) -> usize {
        16 * self.sums.capacity()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
