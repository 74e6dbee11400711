// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `AVG(a)`.
//!
//! Source: MySQL manual, "Aggregate Function Descriptions"; TiDB `pkg/executor/aggfuncs/func_avg.go`,
//! `pkg/expression/aggregation/base_func.go` (`typeInfer4Avg`).

use std::any::Any;

use tiforth_data::{Column, DecimalColumn};
use tiforth_expr::{
    Accumulator, AggregateFunction, ArgKind, Binder, BoundAggregate, Doc, GroupedRows, TypedExpr,
};
use tiforth_types::decimal::{Outcome, Rounding};
use tiforth_types::sql_type::{DECIMAL_PRECISION_MAX, DECIMAL_SCALE_MAX, UNSPECIFIED};
use tiforth_types::{Decimal, EvalType, Result, Session, SqlError, SqlType, code};

use super::same;
use super::sum::{DecimalSum, RealSum, is_exact, nulls_of};

/// Defines the function.
pub(crate) const AVG: AggregateFunction = AggregateFunction {
    name: "avg",
    aliases: &[],
    arity: (1, 1),
    bind,
    doc: Doc {
        usage: "AVG([DISTINCT] a)",
        summary: "Gives the mean of the values that are not NULL.",
        result: "DECIMAL of div_precision_increment fraction digits more for integers and DECIMALs, \
                 else DOUBLE.",
        null: "NULL where no value is not NULL.",
        errors: "1690 when the sum is beyond its type.",
        warnings: "1292 when a text is no number.",
        example: ("AVG(i8)", "a DECIMAL with scale 4"),
        sources: "MySQL manual, Aggregate Function Descriptions; TiDB func_avg.go, base_func.go",
    },
};

fn bind(binder: &mut Binder<'_>, mut args: Vec<TypedExpr>) -> Result<BoundAggregate> {
    let Some(arg) = args.pop() else { return Err(SqlError::wrong_argument_count("avg").into()) };
    let increment = i32::from(binder.session().div_precision_increment);
    let source = arg.ty.clone();
    if !is_exact(&arg) {
        let decimals = if source.kind.is_temporal() { 4 } else { UNSPECIFIED };
        let ty = SqlType { length: 23, decimals, ..SqlType::double() };
        let arg = binder.wrap(arg, ArgKind::Real)?;
        return Ok(BoundAggregate {
            name: AVG.name,
            args: vec![arg],
            ty,
            nullable: true,
            accumulator: |_, _| Box::new(RealAverage(RealSum::default())),
        });
    }
    let most = i64::from(DECIMAL_PRECISION_MAX);
    let ty = if source.eval_type() == EvalType::Int && source.kind != tiforth_types::TypeKind::Year
    {
        let (width, _) = source.kind.default_length_and_decimals();
        SqlType { length: width + i64::from(increment), ..SqlType::decimal(0, increment) }
    } else {
        let decimals = source.decimals.max(0) + increment;
        let length =
            if source.length < 0 { most } else { (source.length + i64::from(increment)).min(most) };
        SqlType { length, ..SqlType::decimal(0, decimals) }
    };
    let arg = binder.wrap(arg, ArgKind::Decimal)?;
    Ok(BoundAggregate {
        name: AVG.name,
        args: vec![arg],
        ty,
        nullable: true,
        accumulator: new_decimal_average,
    })
}

fn new_decimal_average(call: &BoundAggregate, session: &Session) -> Box<dyn Accumulator> {
    Box::new(DecimalAverage {
        sum: DecimalSum::default(),
        increment: session.div_precision_increment,
        scale: call.ty.decimals,
    })
}

struct RealAverage(RealSum);

impl Accumulator for RealAverage {
    fn resize(&mut self, groups: usize) {
        self.0.resize(groups);
    }

    fn update(&mut self, args: &[Column], rows: GroupedRows<'_>) -> Result<()> {
        self.0.update(args, rows)
    }

    fn merge(&mut self, other: Box<dyn Accumulator>, groups: &[u32]) -> Result<()> {
        let other = same::<RealAverage>(other)?;
        self.0.merge(Box::new(other.0), groups)
    }

    fn finish(self: Box<Self>) -> Result<Column> {
        let RealSum { sums, counts } = self.0;
        let nulls = nulls_of(&counts);
        let means: Vec<f64> =
            sums.iter().zip(&counts).map(|(sum, &n)| sum / n.max(1) as f64).collect();
        Ok(Column::reals(means, nulls))
    }

    fn byte_size(&self) -> usize {
        self.0.byte_size()
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

struct DecimalAverage {
    sum: DecimalSum,
    increment: u8,
    scale: i32,
}

impl DecimalAverage {
    fn mean(&self, group: usize) -> Result<Decimal> {
        let count = self.sum.counts.get(group).copied().unwrap_or(0);
        if count == 0 {
            return Ok(Decimal::ZERO);
        }
        let sum = self.sum.value(group)?;
        let Some(mean) = sum.div(&Decimal::from_i64(count), self.increment) else {
            return Ok(Decimal::ZERO);
        };
        match mean.outcome {
            Outcome::Exact => {}
            Outcome::Overflow => return Err(SqlError::out_of_range("DECIMAL", "avg").into()),
            Outcome::Truncated => {
                return Err(SqlError::new(code::ER_WARN_DATA_TRUNCATED, "Data Truncated").into());
            }
        }
        let scale = if self.scale < 0 { DECIMAL_SCALE_MAX } else { self.scale };
        Ok(mean.value.round(scale, Rounding::HalfUp).value)
    }
}

impl Accumulator for DecimalAverage {
    fn resize(&mut self, groups: usize) {
        self.sum.resize(groups);
    }

    fn update(&mut self, args: &[Column], rows: GroupedRows<'_>) -> Result<()> {
        self.sum.update(args, rows)
    }

    fn merge(&mut self, other: Box<dyn Accumulator>, groups: &[u32]) -> Result<()> {
        let other = same::<DecimalAverage>(other)?;
        self.sum.merge(Box::new(other.sum), groups)
    }

    fn finish(self: Box<Self>) -> Result<Column> {
        let nulls = nulls_of(&self.sum.counts);
        let means =
            (0..self.sum.counts.len()).map(|g| self.mean(g)).collect::<Result<Vec<Decimal>>>()?;
        Ok(Column::decimals(DecimalColumn::from_decimals(means), nulls))
    }

    fn byte_size(&self) -> usize {
        self.sum.byte_size()
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}
