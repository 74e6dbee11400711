// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `AVG(a)`.
//!
//! Source: MySQL manual, "Aggregate Function Descriptions"; TiDB `pkg/executor/aggfuncs/func_avg.go`,
//! `pkg/expression/aggregation/base_func.go` (`typeInfer4Avg`).

use tiforth_data::{Column, DecimalColumn};
use tiforth_expr::{AggregateFunction, ArgKind, Binder, BoundAggregate, Doc, TypedExpr};
use tiforth_types::decimal::{Outcome, Rounding};
use tiforth_types::sql_type::{DECIMAL_PRECISION_MAX, DECIMAL_SCALE_MAX};
use tiforth_types::{Decimal, EvalType, Result, Session, SqlError, SqlType, code};

use super::decimal_sum::{self, DecimalSum};
use super::real_sum::{self, RealSum};
use super::sum::{is_exact, real_sum_type};
use super::{nulls_of, same};

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
        null: "NULL if every value is NULL, or there is none.",
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
        let mut ty = real_sum_type(&source);
        if source.kind.is_temporal() {
            ty.decimals = 4;
        }
        let arg = binder.wrap(arg, ArgKind::Real)?;
        return Ok(BoundAggregate {
            name: AVG.name,
            args: vec![arg],
            ty,
            nullable: true,
            distinct: false,
            state: real_sum::STATE,
            accumulator: |_, _| Box::new(RealSum::default()),
            finish: |sums, _, _| Ok(real_means(same::<RealSum>(sums)?)),
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
        distinct: false,
        state: decimal_sum::STATE,
        accumulator: |_, _| Box::new(DecimalSum::default()),
        finish: |sums, call, session| decimal_means(same::<DecimalSum>(sums)?, call, session),
    })
}

/// Divides sums of doubles.
fn real_means(sums: &RealSum) -> Column {
    let counts = &sums.counts;
    let mut means = sums.values();
    means.iter_mut().zip(counts).for_each(|(sum, &n)| *sum /= n.max(1) as f64);
    Column::reals(means, nulls_of(counts))
}

/// Divides sums of decimals.
fn decimal_means(sums: &DecimalSum, call: &BoundAggregate, session: &Session) -> Result<Column> {
    let scale = if call.ty.decimals < 0 { DECIMAL_SCALE_MAX } else { call.ty.decimals };
    let mean = |(group, &count): (usize, &i64)| -> Result<Decimal> {
        if count == 0 {
            return Ok(Decimal::ZERO);
        }
        let (sum, count) = (sums.value(group)?, Decimal::from_i64(count));
        let Some(mean) = sum.div(&count, session.div_precision_increment) else {
            return Ok(Decimal::ZERO);
        };
        match mean.outcome {
            Outcome::Exact => {}
            Outcome::Overflow => return Err(SqlError::out_of_range("DECIMAL", "avg").into()),
            Outcome::Truncated => {
                return Err(SqlError::new(code::ER_WARN_DATA_TRUNCATED, "Data Truncated").into());
            }
        }
        Ok(mean.value.round(scale, Rounding::HalfUp).value)
    };
    let means = sums.counts.iter().enumerate().map(mean).collect::<Result<Vec<Decimal>>>()?;
    Ok(Column::decimals(DecimalColumn::from_decimals(means), nulls_of(&sums.counts)))
}
