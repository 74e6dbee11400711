// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Drives bodies of two doubles, over whole columns and over blocks of a tree of such calls.

use tiforth_data::{Column, simd};
use tiforth_types::{DatumRef, Result, SqlError};

use super::args::{Args, Prim, Real};
use super::pure::{checked_pair, checked_row};
use super::{Kernel, RowValue, Rows};
use crate::context::CallContext;

/// Is the number of rows a tree of calls is computed for at once: few enough for what stands between its
/// calls to stay in the first-level cache, enough to make little of the steps from call to call.
pub const BLOCK_ROWS: usize = 2_048;

/// Computes a block of doubles; a result is not finite wherever it is wrong, and wherever an argument is
/// not finite.
pub trait BlockKernel: Send + Sync {
    /// Appends the results to `out`, as many as the arguments have values; none where one is NULL
    /// throughout, one where both are constants. Tells whether all are finite.
    fn block(&self, a: Prim<'_, f64>, b: Prim<'_, f64>, out: &mut Vec<f64>) -> bool;
}

/// Drives a body of two doubles whose result is not finite wherever it is wrong, and wherever an argument
/// is not finite; `fail` then names the error.
pub struct Propagating2<F> {
    body: F,
    fail: fn(&CallContext<'_>) -> SqlError,
}

impl<F> Propagating2<F> {
    /// Builds the kernel from its body and its error.
    pub const fn new(body: F, fail: fn(&CallContext<'_>) -> SqlError) -> Self {
        Propagating2 { body, fail }
    }
}

impl<F: Fn(f64, f64) -> f64 + Send + Sync> Propagating2<F> {
    fn checked(&self) -> impl Fn(f64, f64) -> (f64, bool) {
        |a, b| {
            let value = (self.body)(a, b);
            (value, !value.is_finite())
        }
    }
}

impl<F: Fn(f64, f64) -> f64 + Send + Sync> Kernel for Propagating2<F> {
    fn batch(&self, args: &Args<'_>, rows: Rows<'_>, ctx: &mut CallContext<'_>) -> Result<Column> {
        checked_pair::<Real, Real, Real>(args, rows, ctx, self.checked(), self.fail)
    }

    fn row(
        &self,
        args: &[DatumRef<'_>],
        _: &mut Vec<u8>,
        ctx: &mut CallContext<'_>,
    ) -> Result<RowValue, SqlError> {
        checked_row::<Real, Real, Real>(args, ctx, self.checked(), self.fail)
    }

    fn blocks(&self) -> Option<&dyn BlockKernel> {
        Some(self)
    }
}

impl<F: Fn(f64, f64) -> f64 + Send + Sync> BlockKernel for Propagating2<F> {
    fn block(&self, a: Prim<'_, f64>, b: Prim<'_, f64>, out: &mut Vec<f64>) -> bool {
        let body = &self.body;
        let seen = |all: &mut bool, value: f64| {
            *all &= value.is_finite();
            value
        };
        match (a, b) {
            (Prim::Slice(a), Prim::Slice(b)) => {
                simd::append(out, a.iter().zip(b), true, move |all, (&a, &b)| seen(all, body(a, b)))
            }
            (Prim::Slice(a), Prim::Constant(b)) => {
                simd::append(out, a.iter(), true, move |all, &a| seen(all, body(a, b)))
            }
            (Prim::Constant(a), Prim::Slice(b)) => {
                simd::append(out, b.iter(), true, move |all, &b| seen(all, body(a, b)))
            }
            (Prim::Constant(a), Prim::Constant(b)) => {
                out.push(body(a, b));
                body(a, b).is_finite()
            }
            (Prim::Null, _) | (_, Prim::Null) => true,
        }
    }
}
