// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Computes decimals value by value where nine words may not have room for a result.
//!
//! What is lost then, and whether that is an error, hangs on the words the operands are laid out in,
//! and lanes only bound those. So one rule serves all: a result is computed of operands with the most
//! words they may have; if nothing is lost, nothing is lost with fewer. Else the operands are taken as
//! they are laid out, for that row alone: a column read from storage knows, and what was computed is
//! computed once more by the evaluator of rows.

use tiforth_data::Column;
use tiforth_expr::kernel::{Args, Dec, RetBuilder, Rows};
use tiforth_expr::{CallContext, RowReader};
use tiforth_types::Result;
use tiforth_types::decimal::Outcome;

use super::lanes::Operation;
use crate::laid_out::Operand;

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
        let (Some(a), Some(b)) = (left.get(row), right.get(row)) else {
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
