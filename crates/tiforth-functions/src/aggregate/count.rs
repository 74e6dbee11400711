// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `COUNT(a, …)`.
//!
//! Source: MySQL manual, "Aggregate Function Descriptions"; TiDB `pkg/executor/aggfuncs/func_count.go`.

use std::any::Any;

use tiforth_data::{Column, ColumnData};
use tiforth_expr::{
    Accumulator, AggregateFunction, Binder, BoundAggregate, Doc, GroupedRows, TypedExpr,
};
use tiforth_types::{Result, SqlType};

use super::same;

/// Defines the function.
pub(crate) const COUNT: AggregateFunction = AggregateFunction {
    name: "count",
    aliases: &[],
    arity: (1, usize::MAX),
    bind,
    doc: Doc {
        usage: "COUNT(*), COUNT(a), COUNT(DISTINCT a, b, …)",
        summary: "Counts the rows in which no argument is NULL.",
        result: "BIGINT(21), never NULL.",
        null: "Never NULL; 0 without rows.",
        errors: "1064 for several arguments without DISTINCT.",
        warnings: "",
        example: ("COUNT(*)", "a number of rows"),
        sources: "MySQL manual, Aggregate Function Descriptions; TiDB func_count.go",
    },
};

fn bind(_: &mut Binder<'_>, args: Vec<TypedExpr>) -> Result<BoundAggregate> {
    Ok(BoundAggregate {
        name: COUNT.name,
        args,
        ty: SqlType::bigint(21),
        nullable: false,
        distinct: false,
        state: COUNT.name,
        accumulator: |_, _| Box::new(Count::default()),
        finish: |counts, _, _| Ok(Column::ints(same::<Count>(counts)?.counts.clone(), None)),
    })
}

#[derive(Default)]
struct Count {
    counts: Vec<i64>,
}

/// Tells whether no row of a column is NULL.
fn has_no_nulls(column: &Column) -> bool {
    match column.data() {
        ColumnData::Constant(value) => !value.is_null(),
        _ => column.nulls().is_none(),
    }
}

fn is_null(column: &Column, row: usize) -> bool {
    match column.data() {
        ColumnData::Constant(value) => value.is_null(),
        _ => column.nulls().is_some_and(|n| n.is_null(row)),
    }
}

impl Accumulator for Count {
    fn resize(&mut self, groups: usize) {
        self.counts.resize(groups, 0);
    }

    fn update(&mut self, args: &[Column], rows: GroupedRows<'_>) -> Result<()> {
        let counts = &mut self.counts[..];
        let all_count = args.iter().all(has_no_nulls);
        if let (true, None) = (all_count, rows.groups) {
            if let Some(count) = counts.first_mut() {
                *count += rows.rows.count() as i64;
            }
            return Ok(());
        }
        if let (true, Some(few)) = (all_count, rows.few) {
            counts.iter_mut().zip(few.counts).for_each(|(count, more)| *count += more);
            return Ok(());
        }
        rows.for_each(|row, group| {
            if (all_count || !args.iter().any(|a| is_null(a, row)))
                && let Some(count) = counts.get_mut(group)
            {
                *count += 1;
            }
        });
        Ok(())
    }

    fn merge(&mut self, other: &dyn Accumulator, from: &[u32], to: &[u32]) -> Result<()> {
        let other = same::<Count>(other)?;
        for (&from, &to) in from.iter().zip(to) {
            let more = other.counts.get(from as usize);
            if let (Some(count), Some(more)) = (self.counts.get_mut(to as usize), more) {
                *count += more;
            }
        }
        Ok(())
    }

    fn byte_size(&self) -> usize {
        self.counts.capacity() * size_of::<i64>()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
