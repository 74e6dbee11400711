// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! The greatest or least of texts, where another argument is a date: those that read as dates compare in
//! the form dates are printed in, the others as they are.
//!
//! Each argument is read before the next one is evaluated, and none after a NULL, so that warnings come
//! in TiDB's order.
//!
//! Source: TiDB `pkg/expression/builtin_compare.go` (`builtinGreatestCmpStringAsTimeSig`,
//! `doTimeConversionForGL`).

use std::cmp::Ordering;

use arrow_buffer::{BooleanBufferBuilder, NullBuffer};
use tiforth_data::{BytesBuilder, BytesColumn, Column};
use tiforth_expr::kernel::{Arg, BytesArg, LazyKernel, RowEvaluator, Rows};
use tiforth_expr::{Call, CallContext, Evaluator};
use tiforth_types::temporal::{TimeKind, Zone, parse_time, text_fsp};
use tiforth_types::{Datum, Result, SqlError};

use crate::cast::{loss, moment};

/// Finds the text that is `wanted` than all others.
pub(super) struct Extreme {
    /// As what texts are read.
    pub(super) kind: TimeKind,
    pub(super) wanted: Ordering,
}

/// Is the best text of each row so far: the argument it comes from; none where the result is NULL.
type Best = Vec<Option<u32>>;

impl Extreme {
    /// Reads an argument's column and lets its texts take the place of those they beat.
    fn read(
        &self,
        column: &Column,
        best: &mut Best,
        read: &mut Vec<BytesColumn>,
        ctx: &mut CallContext<'_>,
    ) -> Result<()> {
        let reader = BytesArg::open(column)?;
        let mut texts = BytesBuilder::with_capacity(best.len(), 0);
        for (row, best) in best.iter_mut().enumerate() {
            if best.is_some() {
                ctx.set_row(row);
                let done = match BytesArg::get(&reader, row) {
                    Some(text) => write_moment(ctx, text, self.kind, texts.row()).map(|()| true),
                    None => Ok(false),
                };
                match done {
                    Ok(true) => {}
                    Ok(false) => *best = None,
                    Err(error) => {
                        ctx.fail(error);
                        *best = None;
                    }
                }
            }
            texts.end_row();
        }
        let texts = texts.finish();
        #[expect(clippy::cast_possible_truncation, reason = "there are as many as arguments")]
        let place = read.len() as u32;
        for (row, best) in best.iter_mut().enumerate() {
            let before = best.and_then(|best| read.get(best as usize));
            if before.is_some_and(|before| texts.get(row).cmp(before.get(row)) == self.wanted) {
                *best = Some(place);
            }
        }
        read.push(texts);
        Ok(())
    }
}

impl LazyKernel for Extreme {
    fn batch(&self, call: &Call, rows: Rows<'_>, evaluator: &mut Evaluator<'_>) -> Result<Column> {
        let mut best: Best = vec![None; rows.len];
        rows.for_each(|row| {
            if let Some(best) = best.get_mut(row) {
                *best = Some(0);
            }
        });
        let mut read = Vec::with_capacity(call.args.len());
        for arg in &call.args {
            let is_open = |row: usize| best.get(row).is_some_and(Option::is_some);
            let column = evaluator.evaluate_among(arg, rows, true, is_open)?;
            evaluator.with_context(call, |ctx| self.read(&column, &mut best, &mut read, ctx))?;
        }
        let mut out = BytesBuilder::with_capacity(rows.len, 0);
        let mut valid = BooleanBufferBuilder::new(rows.len);
        for (row, best) in best.iter().enumerate() {
            let text = best.and_then(|best| read.get(best as usize)).map(|texts| texts.get(row));
            valid.append(text.is_some());
            out.push(text.unwrap_or_default());
        }
        let nulls = NullBuffer::new(valid.finish());
        Ok(Column::bytes(out.finish(), Some(nulls).filter(|n| n.null_count() > 0)))
    }

    fn row(&self, call: &Call, evaluator: &mut dyn RowEvaluator) -> Result<Datum, SqlError> {
        let mut best: Option<Vec<u8>> = None;
        for arg in &call.args {
            let Datum::Bytes(text) = evaluator.evaluate(arg)? else { return Ok(Datum::Null) };
            let mut candidate = Vec::new();
            let mut done = Ok(());
            evaluator.with_context(call, &mut |ctx| {
                done = write_moment(ctx, &text, self.kind, &mut candidate);
            });
            done?;
            if best.as_ref().is_none_or(|best| candidate.cmp(best) == self.wanted) {
                best = Some(candidate);
            }
        }
        Ok(best.map_or(Datum::Null, |best| Datum::Bytes(best.into())))
    }
}

/// Writes the date or datetime a text is, or warns and writes the text itself.
fn write_moment(
    ctx: &mut CallContext<'_>,
    text: &[u8],
    kind: TimeKind,
    out: &mut Vec<u8>,
) -> Result<(), SqlError> {
    let Some(zone) = ctx.state::<Zone>() else {
        return Err(SqlError::other("texts were compared as dates without a zone"));
    };
    let fsp = if kind == TimeKind::Date { 0 } else { text_fsp(text) };
    let read = parse_time(text, kind, fsp, ctx.session.date_mode(), zone);
    moment::truncated(ctx, read.truncations, text);
    match read.value {
        Ok(time) => time.write(kind, fsp, out),
        Err(error) => {
            loss::report(ctx, || error.to_error(text))?;
            out.extend_from_slice(text);
        }
    }
    Ok(())
}
