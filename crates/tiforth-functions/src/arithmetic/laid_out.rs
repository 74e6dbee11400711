// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Computes decimals value by value where nine words may not have room for a result.
//!
//! What is lost then, and whether that is an error, hangs on the words the operands are laid out in,
//! and lanes only bound those. So one rule serves all: a result is computed of operands with the most
//! words they may have; if nothing is lost, nothing is lost with fewer. Else the operands are taken as
//! they are laid out, for that row alone: a column read from storage knows, and what was computed is
//! computed once more by the evaluator of rows.

use tiforth_data::{Column, ColumnData, DecimalColumn, IntLayout};
use tiforth_expr::kernel::{Arg, Args, Dec, RetBuilder, Rows};
use tiforth_expr::{CallContext, RowReader, TypedExpr};
use tiforth_types::decimal::Outcome;
use tiforth_types::{Datum, Decimal, Result};

use super::lanes::Operation;

/// Computes value by value.
pub(super) fn value_by_value(
    operation: Operation,
    args: &Args<'_>,
    rows: Rows<'_>,
    ctx: &mut CallContext<'_>,
) -> Result<Column> {
    let (session, run) = (ctx.session, ctx.run);
    let open = |expr| RowReader::new(expr, args, session, run);
    let (a, b) = (args.decoded(0)?, args.decoded(1)?);
    let mut left = Operand::new(&a, args.expr(0))?;
    let mut right = Operand::new(&b, args.expr(1))?;
    let mut out = RetBuilder::<Dec>::new(rows);
    let mut failure = None;
    rows.for_each(|row| {
        let (Some(a), Some(b)) = (Dec::get(&left.values, row), Dec::get(&right.values, row)) else {
            return out.set(row, None);
        };
        ctx.set_row(row);
        let mut computed = operation.apply(&a, &b);
        if computed.outcome != Outcome::Exact {
            match (left.as_laid_out(row, a, open), right.as_laid_out(row, b, open)) {
                (Ok(a), Ok(b)) => computed = operation.apply(&a, &b),
                (Err(error), _) | (_, Err(error)) => failure = failure.take().or(Some(error)),
            }
        }
        match operation.settle(ctx, computed) {
            Ok(value) => out.set(row, Some(value)),
            Err(error) => {
                ctx.fail(error);
                out.set(row, None);
            }
        }
    });
    failure.map_or_else(|| Ok(out.finish()), Err)
}

/// Is an operand whose rows are read one by one.
struct Operand<'a> {
    values: <Dec as Arg>::Reader<'a>,
    layout: Layout<'a>,
    /// Computes rows anew; opened when one is first asked for.
    reader: Option<RowReader<'a>>,
}

/// Says who knows how an operand's values are laid out.
enum Layout<'a> {
    /// The values themselves.
    Value,
    /// The column they were read from storage into.
    Stored(&'a DecimalColumn),
    /// What computes them.
    Computed(&'a TypedExpr),
    /// What computes them, but for those of one and more: they are products, and have the words they
    /// need.
    Product(&'a TypedExpr),
}

impl<'a> Operand<'a> {
    fn new(column: &'a Column, arg: Option<&'a TypedExpr>) -> Result<Self> {
        let call = arg.and_then(|expr| Some((expr, expr.as_call()?)));
        let layout = match column.data() {
            ColumnData::Decimal(lanes) => match (lanes.layout(), call) {
                (Some(IntLayout::Stored(_)), _) => Layout::Stored(lanes),
                (None, Some((expr, call))) if call.name.as_ref() == "mul" => Layout::Product(expr),
                (_, Some((expr, _))) => Layout::Computed(expr),
                (Some(_), None) => Layout::Stored(lanes),
                (None, None) => Layout::Value,
            },
            _ => Layout::Value,
        };
        Ok(Operand { values: Dec::open(column)?, layout, reader: None })
    }

    /// Returns a row's value laid out as what computes it for that row alone lays it out.
    #[cold]
    fn as_laid_out(
        &mut self,
        row: usize,
        value: Decimal,
        open: impl FnOnce(&'a TypedExpr) -> Result<RowReader<'a>>,
    ) -> Result<Decimal> {
        let expr = match self.layout {
            Layout::Value => return Ok(value),
            Layout::Stored(lanes) => return Ok(lanes.stored(row)),
            Layout::Product(_) if has_whole_part(&value) => return Ok(value),
            Layout::Product(expr) | Layout::Computed(expr) => expr,
        };
        let reader = match &mut self.reader {
            Some(reader) => reader,
            None => self.reader.insert(open(expr)?),
        };
        Ok(match reader.get(row) {
            Some(Datum::Decimal(exact)) if exact == value => exact,
            _ => value,
        })
    }
}

/// Tells whether a value is one or more, whatever its sign.
fn has_whole_part(value: &Decimal) -> bool {
    let (precision, scale) = value.precision_and_scale();
    precision > scale && !value.is_zero()
}
