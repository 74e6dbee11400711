// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Drives bodies of two numbers that may warn, fail or give NULL, but seldom do: a quick body computes
//! whole slices and tells which rows are out of the ordinary, and only those see the body itself.

use std::marker::PhantomData;

use arrow_buffer::{BooleanBufferBuilder, NullBuffer};
use tiforth_data::Column;
use tiforth_types::{DatumRef, Result, SqlError};

use super::args::{Args, PrimArg};
use super::pure::{flagged_rows, flags, map_flagged_pairs, nulls2};
use super::{Kernel, PrimRet, RowValue, Rows};
use crate::context::CallContext;

type Types<T> = PhantomData<fn() -> T>;

/// Drives a body of two numbers that may warn, fail or give NULL. `quick` gives what it gives, and
/// whether a row is to be left to `body`; it sees what lies under NULLs too.
pub struct Guarded2<A, B, R, Q, F> {
    quick: Q,
    body: F,
    types: Types<(A, B, R)>,
}

impl<A, B, R, Q, F> Guarded2<A, B, R, Q, F> {
    /// Builds the kernel from its quick body and the body that decides.
    pub const fn new(quick: Q, body: F) -> Self {
        Guarded2 { quick, body, types: PhantomData }
    }
}

impl<A: PrimArg, B: PrimArg, R: PrimRet, Q, F> Kernel for Guarded2<A, B, R, Q, F>
where
    Q: Fn(A::Native, B::Native) -> (R::Native, bool) + Copy + Send + Sync,
    F: for<'x> Fn(
            &mut CallContext<'_>,
            A::Value<'x>,
            B::Value<'x>,
        ) -> Result<Option<R::Native>, SqlError>
        + Send
        + Sync,
{
    fn batch(&self, args: &Args<'_>, rows: Rows<'_>, ctx: &mut CallContext<'_>) -> Result<Column> {
        let columns = [args.numbers(0)?, args.numbers(1)?];
        let columns = [columns[0].as_ref(), columns[1].as_ref()];
        guarded_pair::<A, B, R>(columns, rows, ctx, self.quick, &self.body)
    }

    fn row(
        &self,
        args: &[DatumRef<'_>],
        _: &mut Vec<u8>,
        ctx: &mut CallContext<'_>,
    ) -> Result<RowValue, SqlError> {
        let [a, b] = args else { return Ok(RowValue::Null) };
        let (Some(a), Some(b)) = (A::from_datum(*a), B::from_datum(*b)) else {
            return Ok(RowValue::Null);
        };
        Ok((self.body)(ctx, a, b)?.map_or(RowValue::Null, R::native_row))
    }
}

/// Computes the batch of a [`Guarded2`], for kernels that choose their quick body by the columns.
///
/// # Errors
/// Those of opening the columns.
pub fn guarded_pair<A: PrimArg, B: PrimArg, R: PrimRet>(
    [a, b]: [&Column; 2],
    rows: Rows<'_>,
    ctx: &mut CallContext<'_>,
    quick: impl Fn(A::Native, B::Native) -> (R::Native, bool) + Copy,
    body: impl for<'x> Fn(
        &mut CallContext<'_>,
        A::Value<'x>,
        B::Value<'x>,
    ) -> Result<Option<R::Native>, SqlError>,
) -> Result<Column> {
    let (pa, pb) = (A::prim(a)?, B::prim(b)?);
    let Some((mut out, has_suspects)) = map_flagged_pairs(pa, pb, rows.len, quick) else {
        return Ok(Column::all_null(rows.len));
    };
    let mut nulls = nulls2(a, b);
    if has_suspects {
        let suspects = flags(pa, pb, rows.len, move |a, b| quick(a, b).1);
        let (a, b) = (A::open(a)?, B::open(b)?);
        let mut without = Vec::new();
        for row in flagged_rows(suspects, nulls.as_ref(), rows) {
            let (Some(a), Some(b)) = (A::get(&a, row), B::get(&b, row)) else { continue };
            ctx.set_row(row);
            let value = body(ctx, a, b).unwrap_or_else(|error| {
                ctx.fail(error);
                None
            });
            match (value, out.get_mut(row)) {
                (Some(value), Some(slot)) => *slot = value,
                _ => without.push(row),
            }
        }
        nulls = with_nulls(nulls, &without, rows.len);
    }
    Ok(R::from_natives(out, nulls))
}

/// Makes rows NULL besides those that are.
fn with_nulls(nulls: Option<NullBuffer>, without: &[usize], len: usize) -> Option<NullBuffer> {
    if without.is_empty() {
        return nulls;
    }
    let mut valid = BooleanBufferBuilder::new(len);
    match &nulls {
        Some(nulls) => valid.append_buffer(nulls.inner()),
        None => valid.append_n(len, true),
    }
    without.iter().for_each(|&row| valid.set_bit(row, false));
    Some(NullBuffer::new(valid.finish()))
}
