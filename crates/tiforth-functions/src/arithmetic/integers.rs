// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Divides integers over whole columns.
//!
//! The instruction that divides integers takes one pair at a time; that for doubles takes many. Of
//! magnitudes below 2^51 the quotient of the doubles, rounded to the nearest, is right or one too many,
//! which the remainder tells. Below 2^62 a first quotient leaves a remainder that a second one settles:
//! it is off by 2^11 at most, so that everything stays within 64 bits. Only what is greater is divided
//! one by one. A divisor of zero and a quotient beyond its type are left to the body for one row.

use tiforth_data::{Column, simd};
use tiforth_expr::CallContext;
use tiforth_expr::kernel::{Args, Int, Kernel, Prim, PrimArg, RowValue, Rows, guarded_pair};
use tiforth_types::{DatumRef, Result, SqlError};

/// Bounds the bits of dividends whose quotient is right or one too many at once.
const NEAR_BITS: u32 = 51;
/// Bounds the bits of operands whose quotient takes two steps.
const FAR_BITS: u32 = 62;

/// Computes one row; decides what a zero and an overflow give.
pub(super) type Body = fn(&mut CallContext<'_>, i64, i64) -> Result<Option<i64>, SqlError>;

/// Says what of a division is wanted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Wanted {
    Quotient,
    Remainder,
}

/// Divides integers, each signed or not as its argument's type says.
pub(super) struct Integers {
    wanted: Wanted,
    body: Body,
}

impl Integers {
    /// Builds the kernel from the body of one row.
    pub(super) const fn new(wanted: Wanted, body: Body) -> Self {
        Integers { wanted, body }
    }

    fn run(
        &self,
        columns: [&Column; 2],
        rows: Rows<'_>,
        ctx: &mut CallContext<'_>,
        divide: impl Fn(u64, u64) -> (u64, u64) + Copy,
    ) -> Result<Column> {
        let [of_a, of_b] = [0, 1].map(|index| sign_bits(ctx, index));
        match self.wanted {
            Wanted::Quotient => {
                let is_unsigned = ctx.call.ty.unsigned;
                let quick = move |a, b| {
                    let [(a, sign_a), (b, sign_b)] = [split(a, of_a), split(b, of_b)];
                    let (sign, quotient) = (sign_a ^ sign_b, divide(a, b).0);
                    let is_beyond = if is_unsigned {
                        (sign != 0) & (quotient != 0)
                    } else {
                        quotient >> 63 != 0
                    };
                    (joined(quotient, sign), (b == 0) | is_beyond)
                };
                guarded_pair::<Int, Int, Int>(columns, rows, ctx, quick, self.body)
            }
            Wanted::Remainder => {
                let quick = move |a, b| {
                    let [(a, sign), (b, _)] = [split(a, of_a), split(b, of_b)];
                    (joined(divide(a, b).1, sign), b == 0)
                };
                guarded_pair::<Int, Int, Int>(columns, rows, ctx, quick, self.body)
            }
        }
    }
}

impl Kernel for Integers {
    fn batch(&self, args: &Args<'_>, rows: Rows<'_>, ctx: &mut CallContext<'_>) -> Result<Column> {
        let (a, b) = (args.numbers(0)?, args.numbers(1)?);
        let bits = bits(Int::prim(&a)?, sign_bits(ctx, 0));
        let divisor_bits = self::bits(Int::prim(&b)?, sign_bits(ctx, 1));
        let columns = [a.as_ref(), b.as_ref()];
        if bits.max(divisor_bits) > FAR_BITS {
            self.run(columns, rows, ctx, one_by_one)
        } else if bits > NEAR_BITS {
            self.run(columns, rows, ctx, far)
        } else {
            self.run(columns, rows, ctx, near)
        }
    }

    fn row(
        &self,
        args: &[DatumRef<'_>],
        _: &mut Vec<u8>,
        ctx: &mut CallContext<'_>,
    ) -> Result<RowValue, SqlError> {
        let [DatumRef::Int(a), DatumRef::Int(b)] = args else { return Ok(RowValue::Null) };
        Ok((self.body)(ctx, *a, *b)?.map_or(RowValue::Null, RowValue::Int))
    }
}

/// Returns what of an argument's shifted bits tells its sign: all where it is signed, else none.
fn sign_bits(ctx: &CallContext<'_>, index: usize) -> i64 {
    match ctx.call.args.get(index) {
        Some(arg) if arg.ty.unsigned => 0,
        _ => -1,
    }
}

/// Splits a number into its magnitude and its sign, which is 0 or -1.
#[inline(always)]
fn split(value: i64, sign_bits: i64) -> (u64, i64) {
    let sign = (value >> 63) & sign_bits;
    ((value ^ sign).wrapping_sub(sign).cast_unsigned(), sign)
}

/// Gives a magnitude its sign back.
#[inline(always)]
fn joined(magnitude: u64, sign: i64) -> i64 {
    (magnitude.cast_signed() ^ sign).wrapping_sub(sign)
}

/// Bounds the bits of the magnitudes of an operand, NULL slots included.
fn bits(values: Prim<'_, i64>, sign_bits: i64) -> u32 {
    let or = match values {
        Prim::Slice(values) => simd::dispatch(
            #[inline(always)]
            || values.iter().fold(0, |or, &value| or | split(value, sign_bits).0),
        ),
        Prim::Constant(value) => split(value, sign_bits).0,
        Prim::Null => 0,
    };
    u64::BITS - or.leading_zeros()
}

/// Divides magnitudes, the dividend of at most [`NEAR_BITS`]; gives quotient and remainder. Of a
/// divisor of zero neither means anything, here and below.
#[inline(always)]
fn near(a: u64, b: u64) -> (u64, u64) {
    let (a, b) = (a.cast_signed(), b.cast_signed());
    settled(simd::nearest(a as f64 / b as f64), a, b)
}

/// Divides magnitudes of at most [`FAR_BITS`].
#[inline(always)]
fn far(a: u64, b: u64) -> (u64, u64) {
    let (a, b) = (a.cast_signed(), b.cast_signed());
    let divisor = b as f64;
    let head = (a as f64 / divisor) as i64;
    let rest = a.wrapping_sub(head.wrapping_mul(b));
    let (tail, rest) = settled(simd::nearest(rest as f64 / divisor), rest, b);
    (head.cast_unsigned().wrapping_add(tail), rest)
}

/// Takes one off a quotient that is one too many, and finds the remainder.
#[inline(always)]
fn settled(quotient: i64, a: i64, b: i64) -> (u64, u64) {
    let rest = a.wrapping_sub(quotient.wrapping_mul(b));
    let below = rest >> 63;
    let rest = rest.wrapping_add(b & below);
    (quotient.wrapping_add(below).cast_unsigned(), rest.cast_unsigned())
}

/// Divides any magnitudes.
#[inline(always)]
fn one_by_one(a: u64, b: u64) -> (u64, u64) {
    let b = b.max(1);
    (a / b, a % b)
}
