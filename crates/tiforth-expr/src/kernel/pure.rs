// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Drives bodies that cannot fail, or fail by a flag, over whole slices: these loops vectorise.

use std::marker::PhantomData;

use arrow_buffer::{BooleanBuffer, NullBuffer};
use tiforth_data::{Column, bitmap, simd};
use tiforth_types::{DatumRef, Result, SqlError};

use super::args::{Args, Prim, PrimArg};
use super::{Kernel, PrimRet, RowValue, Rows};
use crate::context::CallContext;

type Types<T> = PhantomData<fn() -> T>;

/// Drives a body of one number that cannot fail.
pub struct Pure1<A, R, F> {
    body: F,
    types: Types<(A, R)>,
}

/// Drives a body of two numbers that cannot fail.
pub struct Pure2<A, B, R, F> {
    body: F,
    types: Types<(A, B, R)>,
}

/// Drives a predicate of one number.
pub struct PureBool1<A, F> {
    body: F,
    types: Types<A>,
}

/// Drives a predicate of two numbers.
pub struct PureBool2<A, B, F> {
    body: F,
    types: Types<(A, B)>,
}

/// Drives a body of one number that gives a value and whether it is wrong; `fail` then names the
/// error.
pub struct Checked1<A, R, F> {
    body: F,
    fail: fn(&CallContext<'_>) -> SqlError,
    types: Types<(A, R)>,
}

/// Drives a body of two numbers that gives a value and whether it is wrong; `fail` then names the
/// error.
pub struct Checked2<A, B, R, F> {
    body: F,
    fail: fn(&CallContext<'_>) -> SqlError,
    types: Types<(A, B, R)>,
}

impl<A, R, F> Pure1<A, R, F> {
    /// Builds the kernel from its body.
    pub const fn new(body: F) -> Self {
        Pure1 { body, types: PhantomData }
    }
}
impl<A, B, R, F> Pure2<A, B, R, F> {
    /// Builds the kernel from its body.
    pub const fn new(body: F) -> Self {
        Pure2 { body, types: PhantomData }
    }
}
impl<A, F> PureBool1<A, F> {
    /// Builds the kernel from its body.
    pub const fn new(body: F) -> Self {
        PureBool1 { body, types: PhantomData }
    }
}
impl<A, B, F> PureBool2<A, B, F> {
    /// Builds the kernel from its body.
    pub const fn new(body: F) -> Self {
        PureBool2 { body, types: PhantomData }
    }
}
impl<A, R, F> Checked1<A, R, F> {
    /// Builds the kernel from its body and its error.
    pub const fn new(body: F, fail: fn(&CallContext<'_>) -> SqlError) -> Self {
        Checked1 { body, fail, types: PhantomData }
    }
}
impl<A, B, R, F> Checked2<A, B, R, F> {
    /// Builds the kernel from its body and its error.
    pub const fn new(body: F, fail: fn(&CallContext<'_>) -> SqlError) -> Self {
        Checked2 { body, fail, types: PhantomData }
    }
}

/// Maps two inputs; `None` where one is NULL throughout.
#[inline]
fn map2<A: Copy, B: Copy, R: Clone>(
    a: Prim<'_, A>,
    b: Prim<'_, B>,
    len: usize,
    body: impl Fn(A, B) -> R,
) -> Option<Vec<R>> {
    Some(match (a, b) {
        (Prim::Slice(a), Prim::Slice(b)) => {
            simd::scanned(a.iter().zip(b), (), |(), (&a, &b)| body(a, b)).0
        }
        (Prim::Slice(a), Prim::Constant(b)) => simd::mapped(a, move |a| body(a, b)),
        (Prim::Constant(a), Prim::Slice(b)) => simd::mapped(b, move |b| body(a, b)),
        (Prim::Constant(a), Prim::Constant(b)) => vec![body(a, b); len],
        (Prim::Null, _) | (_, Prim::Null) => return None,
    })
}

pub(super) fn nulls2(a: &Column, b: &Column) -> Option<NullBuffer> {
    NullBuffer::union(a.nulls(), b.nulls())
}

impl<A: PrimArg, R: PrimRet, F> Kernel for Pure1<A, R, F>
where
    F: Fn(A::Native) -> R::Native + Send + Sync,
{
    fn batch(&self, args: &Args<'_>, rows: Rows<'_>, _: &mut CallContext<'_>) -> Result<Column> {
        let a = args.numbers(0)?;
        Ok(match A::prim(&a)? {
            Prim::Slice(v) => R::from_natives(simd::mapped(v, &self.body), a.nulls().cloned()),
            Prim::Constant(v) => R::from_natives(vec![(self.body)(v); rows.len], None),
            Prim::Null => Column::all_null(rows.len),
        })
    }

    fn row(
        &self,
        args: &[DatumRef<'_>],
        _: &mut Vec<u8>,
        _: &mut CallContext<'_>,
    ) -> Result<RowValue, SqlError> {
        let value = args.first().and_then(|a| A::native(*a));
        Ok(value.map_or(RowValue::Null, |a| R::native_row((self.body)(a))))
    }
}

fn natives<A: PrimArg, B: PrimArg>(args: &[DatumRef<'_>]) -> Option<(A::Native, B::Native)> {
    match args {
        [a, b] => Some((A::native(*a)?, B::native(*b)?)),
        _ => None,
    }
}

impl<A: PrimArg, B: PrimArg, R: PrimRet, F> Kernel for Pure2<A, B, R, F>
where
    F: Fn(A::Native, B::Native) -> R::Native + Send + Sync,
{
    fn batch(&self, args: &Args<'_>, rows: Rows<'_>, _: &mut CallContext<'_>) -> Result<Column> {
        let (a, b) = (args.numbers(0)?, args.numbers(1)?);
        Ok(match map2(A::prim(&a)?, B::prim(&b)?, rows.len, &self.body) {
            Some(values) => R::from_natives(values, nulls2(&a, &b)),
            None => Column::all_null(rows.len),
        })
    }

    fn row(
        &self,
        args: &[DatumRef<'_>],
        _: &mut Vec<u8>,
        _: &mut CallContext<'_>,
    ) -> Result<RowValue, SqlError> {
        let values = natives::<A, B>(args);
        Ok(values.map_or(RowValue::Null, |(a, b)| R::native_row((self.body)(a, b))))
    }
}

impl<A: PrimArg, F> Kernel for PureBool1<A, F>
where
    F: Fn(A::Native) -> bool + Send + Sync,
{
    fn batch(&self, args: &Args<'_>, rows: Rows<'_>, _: &mut CallContext<'_>) -> Result<Column> {
        let a = args.numbers(0)?;
        Ok(match A::prim(&a)? {
            Prim::Slice(v) => {
                let bits = bitmap::truths(v, |&v| (self.body)(v));
                Column::bits(bits, a.nulls().cloned())
            }
            Prim::Constant(v) => Column::bits(uniform((self.body)(v), rows.len), None),
            Prim::Null => Column::all_null(rows.len),
        })
    }

    fn row(
        &self,
        args: &[DatumRef<'_>],
        _: &mut Vec<u8>,
        _: &mut CallContext<'_>,
    ) -> Result<RowValue, SqlError> {
        let value = args.first().and_then(|a| A::native(*a));
        Ok(value.map_or(RowValue::Null, |a| RowValue::Int(i64::from((self.body)(a)))))
    }
}

pub(super) fn uniform(value: bool, len: usize) -> BooleanBuffer {
    if value { BooleanBuffer::new_set(len) } else { BooleanBuffer::new_unset(len) }
}

impl<A: PrimArg, B: PrimArg, F> Kernel for PureBool2<A, B, F>
where
    F: Fn(A::Native, B::Native) -> bool + Send + Sync,
{
    fn batch(&self, args: &Args<'_>, rows: Rows<'_>, _: &mut CallContext<'_>) -> Result<Column> {
        let (a, b) = (args.numbers(0)?, args.numbers(1)?);
        let body = &self.body;
        let bits = match (A::prim(&a)?, B::prim(&b)?) {
            (Prim::Slice(a), Prim::Slice(b)) => bitmap::truths_of_pairs(a, b, |&a, &b| body(a, b)),
            (Prim::Slice(a), Prim::Constant(b)) => bitmap::truths(a, |&a| body(a, b)),
            (Prim::Constant(a), Prim::Slice(b)) => bitmap::truths(b, |&b| body(a, b)),
            (Prim::Constant(a), Prim::Constant(b)) => uniform(body(a, b), rows.len),
            (Prim::Null, _) | (_, Prim::Null) => return Ok(Column::all_null(rows.len)),
        };
        Ok(Column::bits(bits, nulls2(&a, &b)))
    }

    fn row(
        &self,
        args: &[DatumRef<'_>],
        _: &mut Vec<u8>,
        _: &mut CallContext<'_>,
    ) -> Result<RowValue, SqlError> {
        let values = natives::<A, B>(args);
        Ok(values.map_or(RowValue::Null, |(a, b)| RowValue::Int(i64::from((self.body)(a, b)))))
    }
}

/// Computes one flag a row.
pub(super) fn flags<A: Copy, B: Copy>(
    a: Prim<'_, A>,
    b: Prim<'_, B>,
    len: usize,
    flag: impl Fn(A, B) -> bool,
) -> BooleanBuffer {
    match (a, b) {
        (Prim::Slice(a), Prim::Slice(b)) => bitmap::truths_of_pairs(a, b, |&a, &b| flag(a, b)),
        (Prim::Slice(a), Prim::Constant(b)) => bitmap::truths(a, |&a| flag(a, b)),
        (Prim::Constant(a), Prim::Slice(b)) => bitmap::truths(b, |&b| flag(a, b)),
        (Prim::Constant(a), Prim::Constant(b)) => uniform(flag(a, b), len),
        (Prim::Null, _) | (_, Prim::Null) => uniform(false, len),
    }
}

/// Lists the rows that count, are not NULL and have their flag set.
pub(super) fn flagged_rows<'a>(
    flags: BooleanBuffer,
    nulls: Option<&NullBuffer>,
    rows: Rows<'a>,
) -> Box<dyn Iterator<Item = usize> + 'a> {
    let flags = match nulls {
        Some(nulls) => &flags & nulls.inner(),
        None => flags,
    };
    match rows.selection {
        None => Box::new(bitmap::set_rows(&flags).into_iter().map(|row| row as usize)),
        Some(rows) => {
            Box::new(rows.iter().map(|&row| row as usize).filter(move |&row| flags.value(row)))
        }
    }
}

/// Reports the rows that failed, after a flag said there are some.
#[cold]
fn report(
    rows: Rows<'_>,
    nulls: Option<&NullBuffer>,
    ctx: &mut CallContext<'_>,
    fail: fn(&CallContext<'_>) -> SqlError,
    wrong: BooleanBuffer,
) {
    for row in flagged_rows(wrong, nulls, rows) {
        ctx.set_row(row);
        let error = fail(ctx);
        ctx.fail(error);
    }
}

impl<A: PrimArg, R: PrimRet, F> Kernel for Checked1<A, R, F>
where
    F: Fn(A::Native) -> (R::Native, bool) + Send + Sync,
{
    fn batch(&self, args: &Args<'_>, rows: Rows<'_>, ctx: &mut CallContext<'_>) -> Result<Column> {
        let a = args.numbers(0)?;
        let owned;
        let values = match A::prim(&a)? {
            Prim::Slice(v) => v,
            Prim::Constant(v) => {
                owned = vec![v; rows.len];
                &owned
            }
            Prim::Null => return Ok(Column::all_null(rows.len)),
        };
        let (out, is_wrong) = map_flagged(values.iter(), |&v| (self.body)(v));
        if is_wrong {
            let wrong = bitmap::truths(values, |&v| (self.body)(v).1);
            report(rows, a.nulls(), ctx, self.fail, wrong);
        }
        Ok(R::from_natives(out, a.nulls().cloned()))
    }

    fn row(
        &self,
        args: &[DatumRef<'_>],
        _: &mut Vec<u8>,
        ctx: &mut CallContext<'_>,
    ) -> Result<RowValue, SqlError> {
        match args.first().and_then(|a| A::native(*a)).map(&self.body) {
            None => Ok(RowValue::Null),
            Some((value, false)) => Ok(R::native_row(value)),
            Some((_, true)) => Err((self.fail)(ctx)),
        }
    }
}

/// Maps values, and tells whether any is wrong.
#[inline]
pub(super) fn map_flagged<T, R>(
    values: impl ExactSizeIterator<Item = T>,
    body: impl Fn(T) -> (R, bool),
) -> (Vec<R>, bool) {
    simd::scanned(values, false, move |is_wrong, value| {
        let (value, wrong) = body(value);
        *is_wrong |= wrong;
        value
    })
}

/// Maps the values of two operands in `len` rows, and tells whether any is wrong; nothing where an operand
/// is NULL throughout.
#[inline]
pub(super) fn map_flagged_pairs<A: Copy, B: Copy, R>(
    a: Prim<'_, A>,
    b: Prim<'_, B>,
    len: usize,
    body: impl Fn(A, B) -> (R, bool) + Copy,
) -> Option<(Vec<R>, bool)> {
    Some(match (a, b) {
        (Prim::Slice(a), Prim::Slice(b)) => {
            map_flagged(a.iter().zip(b), move |(&a, &b)| body(a, b))
        }
        (Prim::Slice(a), Prim::Constant(b)) => map_flagged(a.iter(), move |&a| body(a, b)),
        (Prim::Constant(a), Prim::Slice(b)) => map_flagged(b.iter(), move |&b| body(a, b)),
        (Prim::Constant(a), Prim::Constant(b)) => map_flagged(0..len, move |_| body(a, b)),
        (Prim::Null, _) | (_, Prim::Null) => return None,
    })
}

/// Computes the batch of a body of two numbers that gives a value and whether it is wrong.
pub(super) fn checked_pair<A: PrimArg, B: PrimArg, R: PrimRet>(
    args: &Args<'_>,
    rows: Rows<'_>,
    ctx: &mut CallContext<'_>,
    body: impl Fn(A::Native, B::Native) -> (R::Native, bool),
    fail: fn(&CallContext<'_>) -> SqlError,
) -> Result<Column> {
    let (a, b) = (args.numbers(0)?, args.numbers(1)?);
    let (pa, pb) = (A::prim(&a)?, B::prim(&b)?);
    let body = &body;
    let Some((out, is_wrong)) = map_flagged_pairs(pa, pb, rows.len, body) else {
        return Ok(Column::all_null(rows.len));
    };
    let nulls = nulls2(&a, &b);
    if is_wrong {
        let wrong = flags(pa, pb, rows.len, |a, b| body(a, b).1);
        report(rows, nulls.as_ref(), ctx, fail, wrong);
    }
    Ok(R::from_natives(out, nulls))
}

/// Computes the row of a body of two numbers that gives a value and whether it is wrong.
pub(super) fn checked_row<A: PrimArg, B: PrimArg, R: PrimRet>(
    args: &[DatumRef<'_>],
    ctx: &CallContext<'_>,
    body: impl Fn(A::Native, B::Native) -> (R::Native, bool),
    fail: fn(&CallContext<'_>) -> SqlError,
) -> Result<RowValue, SqlError> {
    match natives::<A, B>(args).map(|(a, b)| body(a, b)) {
        None => Ok(RowValue::Null),
        Some((value, false)) => Ok(R::native_row(value)),
        Some((_, true)) => Err(fail(ctx)),
    }
}

impl<A: PrimArg, B: PrimArg, R: PrimRet, F> Kernel for Checked2<A, B, R, F>
where
    F: Fn(A::Native, B::Native) -> (R::Native, bool) + Send + Sync,
{
    fn batch(&self, args: &Args<'_>, rows: Rows<'_>, ctx: &mut CallContext<'_>) -> Result<Column> {
        checked_pair::<A, B, R>(args, rows, ctx, &self.body, self.fail)
    }

    fn row(
        &self,
        args: &[DatumRef<'_>],
        _: &mut Vec<u8>,
        ctx: &mut CallContext<'_>,
    ) -> Result<RowValue, SqlError> {
        checked_row::<A, B, R>(args, ctx, &self.body, self.fail)
    }
}
