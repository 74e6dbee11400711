// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Divides decimals of up to 18 digits over lanes.
//!
//! A quotient keeps whole words of nine digits, so it is a long division to the base 10^9 with a
//! divisor that stays: each digit is estimated by the divisor's reciprocal as a double, rounded to the
//! nearest, which is right or one too many, and put right by the remainder, which is exact in 64 bits
//! that wrap around: its true value is within them. A block of rows goes through the steps together,
//! and through putting the digits together to 128 bits; each is a loop that vectorises.

use arrow_buffer::{BooleanBufferBuilder, MutableBuffer, NullBuffer, ScalarBuffer};
use tiforth_data::column::MantissaPairs;
use tiforth_data::{Column, DecimalColumn, IntLayout, simd};
use tiforth_expr::CallContext;
use tiforth_expr::kernel::{Args, Rows};
use tiforth_types::decimal::lanes::pow10_i64;
use tiforth_types::decimal::quotient_scale;
use tiforth_types::sql_type::DECIMAL_SCALE_MAX;
use tiforth_types::{Decimal, Result};

use super::operands::division_by_zero;
use crate::mantissas::{LONG_BITS, Mantissas, Values, bits_of};

/// Bounds the bits of operands: remainders of twice the divisor's size fit 63.
const OPERAND_BITS: u32 = 61;
/// Bounds the bits of dividends whose quotient is estimated to less than one half at once.
const NEAR_BITS: u32 = 48;
/// Is the number of rows divided before their digits are put together.
const BLOCK_ROWS: usize = 256;
const STEP_DIGITS: u32 = 9;

/// Divides whole columns; nothing where rows need to be looked at.
pub(super) fn columns(
    args: &Args<'_>,
    rows: Rows<'_>,
    ctx: &mut CallContext<'_>,
) -> Result<Option<Column>> {
    let (a, b) = (args.decoded(0)?, args.decoded(1)?);
    Ok(quotients(&a, &b, rows, ctx))
}

fn quotients(a: &Column, b: &Column, rows: Rows<'_>, ctx: &mut CallContext<'_>) -> Option<Column> {
    let (left, right) = (Mantissas::open(a)?, Mantissas::open(b)?);
    if left.is_one() && right.is_one() || left.bits.max(right.bits) > OPERAND_BITS {
        return None;
    }
    let increment = ctx.session.div_precision_increment;
    let scale = quotient_scale(left.scale, right.scale, increment);
    let scale = u8::try_from(scale).ok().filter(|&s| i32::from(s) <= DECIMAL_SCALE_MAX)?;
    // The digits beyond those kept, which a type that was widened shows, are the rows' matter.
    if i32::from(scale) < ctx.call.ty.decimals {
        return None;
    }
    let steps = Steps::new((scale + right.scale).checked_sub(left.scale)?)?;
    if left.bits + bits_of(steps.unit()) > LONG_BITS {
        return None;
    }
    let nulls = NullBuffer::union(a.nulls(), b.nulls());
    let is_valid = |row: usize| nulls.as_ref().is_none_or(|n| n.is_valid(row));
    let (values, has_zeros) = divided(&left, &right, rows.len, &steps);
    if values.len() != rows.len {
        return None;
    }
    let is_zero = |values: Values<'_>, row: usize| values.at(row) == 0;
    // A dividend of zero has a quotient of another scale.
    if has_zeros.dividend
        && (0..rows.len)
            .any(|row| is_valid(row) && is_zero(left.values, row) && !is_zero(right.values, row))
    {
        return None;
    }
    let printed = left.printed_scale.saturating_add(increment).min(DECIMAL_SCALE_MAX as u8);
    // A quotient has the integer digits it needs.
    let lanes = DecimalColumn::from_mantissas(values, scale, printed);
    let lanes = lanes.with_layout(IntLayout::Stored(0));
    let nulls = match has_zeros.divisor {
        false => nulls,
        true => Some(without_zeros(right.values, nulls.as_ref(), rows, ctx)),
    };
    Some(Column::decimals(lanes, nulls.filter(|n| n.null_count() > 0)))
}

/// Reports the rows whose divisor is zero, and makes them NULL.
#[cold]
fn without_zeros(
    divisors: Values<'_>,
    nulls: Option<&NullBuffer>,
    rows: Rows<'_>,
    ctx: &mut CallContext<'_>,
) -> NullBuffer {
    let mut valid = BooleanBufferBuilder::new(rows.len);
    match nulls {
        Some(nulls) => valid.append_buffer(nulls.inner()),
        None => valid.append_n(rows.len, true),
    }
    rows.for_each(|row| {
        if divisors.at(row) == 0 && nulls.is_none_or(|n| n.is_valid(row)) {
            ctx.set_row(row);
            if let Err(error) = division_by_zero::<Decimal>(ctx) {
                ctx.fail(error);
            }
            valid.set_bit(row, false);
        }
    });
    NullBuffer::new(valid.finish())
}

/// Says how many fraction digits each step of a division adds, as powers of ten.
struct Steps {
    units: [i64; 3],
}

impl Steps {
    /// Cuts the digits into steps of nine at most.
    fn new(digits: u8) -> Option<Self> {
        let digits = u32::from(digits);
        if digits > 3 * STEP_DIGITS {
            return None;
        }
        let step = |before: u32| {
            let digits = digits.saturating_sub(before).min(STEP_DIGITS);
            pow10_i64(digits as u8)
        };
        Some(Steps { units: [step(0)?, step(STEP_DIGITS)?, step(2 * STEP_DIGITS)?] })
    }

    /// Returns what the whole part is multiplied by in the end.
    fn unit(&self) -> i128 {
        self.units.iter().map(|&unit| i128::from(unit)).product()
    }
}

/// Tells whether any operand was zero, NULL slots included.
#[derive(Clone, Copy, Default)]
struct HasZeros {
    dividend: bool,
    divisor: bool,
}

type Lane = [i64; BLOCK_ROWS];

/// Holds the rows of a block on their way: operands and what is left of the dividends are magnitudes.
struct Block {
    /// Has the signs of the quotients.
    signs: Lane,
    divisors: Lane,
    reciprocals: [f64; BLOCK_ROWS],
    rests: Lane,
    whole: Lane,
    /// Holds the fraction's first two steps as one number.
    fraction: Lane,
    /// Holds the third step.
    last: Lane,
    quotients: [[i64; 2]; BLOCK_ROWS],
}

/// Divides the rows of two operands, one of which has as many.
fn divided(
    a: &Mantissas<'_>,
    b: &Mantissas<'_>,
    len: usize,
    steps: &Steps,
) -> (ScalarBuffer<i128>, HasZeros) {
    let mut out = MutableBuffer::with_capacity(len * size_of::<i128>());
    let mut zeros = HasZeros::default();
    let mut block = Block::new();
    for start in (0..len).step_by(BLOCK_ROWS) {
        let rows = (len - start).min(BLOCK_ROWS);
        load(a.values, start, &mut block.rests);
        load(b.values, start, &mut block.divisors);
        simd::dispatch(
            #[inline(always)]
            || {
                let found = block.prepare(rows);
                zeros.dividend |= found.dividend;
                zeros.divisor |= found.divisor;
                block.divide(a.bits);
                block.fraction = block.digits(steps.units[0]);
                if steps.units[1] > 1 {
                    let tail = block.digits(steps.units[1]);
                    for (head, tail) in block.fraction.iter_mut().zip(tail) {
                        *head = head.wrapping_mul(steps.units[1]).wrapping_add(tail);
                    }
                }
                if steps.units[2] > 1 {
                    block.last = block.digits(steps.units[2]);
                    block.join_long(steps);
                } else {
                    block.join(steps.units[0].wrapping_mul(steps.units[1]).cast_unsigned());
                }
            },
        );
        out.extend_from_slice(block.quotients[..rows].as_flattened());
    }
    (ScalarBuffer::new(out.into(), 0, len), zeros)
}

/// Copies a block of mantissas, all of them short.
fn load(values: Values<'_>, start: usize, block: &mut Lane) {
    match values {
        Values::Short(values) => {
            for (to, from) in block.iter_mut().zip(values.iter().skip(start)) {
                *to = *from;
            }
        }
        Values::Long(values) => {
            for (to, from) in block.iter_mut().zip(values.iter().skip(start)) {
                *to = *from as i64;
            }
        }
        Values::One(value) => block.fill(value as i64),
    }
}

impl Block {
    fn new() -> Self {
        let lane = [0; BLOCK_ROWS];
        Block {
            signs: lane,
            divisors: lane,
            reciprocals: [0.0; BLOCK_ROWS],
            rests: lane,
            whole: lane,
            fraction: lane,
            last: lane,
            quotients: [[0; 2]; BLOCK_ROWS],
        }
    }

    /// Takes magnitudes, signs and reciprocals of what was loaded.
    #[inline(always)]
    fn prepare(&mut self, rows: usize) -> HasZeros {
        // What a block before left behind the last row must not count.
        if rows < BLOCK_ROWS {
            self.rests[rows..].fill(1);
            self.divisors[rows..].fill(1);
        }
        let (mut zero_a, mut zero_b) = (false, false);
        let operands = self.rests.iter_mut().zip(&mut self.divisors);
        for ((a, b), (sign, reciprocal)) in
            operands.zip(self.signs.iter_mut().zip(&mut self.reciprocals))
        {
            *sign = (*a ^ *b) >> 63;
            (*a, *b) = (a.wrapping_abs(), b.wrapping_abs());
            zero_a |= *a == 0;
            zero_b |= *b == 0;
            *reciprocal = 1.0 / *b as f64;
        }
        HasZeros { dividend: zero_a, divisor: zero_b }
    }

    /// Divides without a fraction; dividends have `bits` bits at most.
    #[inline(always)]
    fn divide(&mut self, bits: u32) {
        if bits <= NEAR_BITS {
            self.whole = self.digits(1);
            return;
        }
        // The first estimate is off by 2^10 at most, and what is left of it may be negative.
        let divisors = self.divisors.iter().zip(&self.reciprocals);
        for ((rest, whole), (&b, reciprocal)) in
            self.rests.iter_mut().zip(&mut self.whole).zip(divisors)
        {
            *whole = (*rest as f64 * reciprocal) as i64;
            *rest = rest.wrapping_sub(whole.wrapping_mul(b));
        }
        let more = self.digits(1);
        for (whole, more) in self.whole.iter_mut().zip(more) {
            *whole = whole.wrapping_add(more);
        }
    }

    /// Divides what is left times `unit`, and keeps what is left then. Quotients are below 2^48.
    #[inline(always)]
    fn digits(&mut self, unit: i64) -> Lane {
        let mut digits = [0; BLOCK_ROWS];
        let divisors = self.divisors.iter().zip(&self.reciprocals);
        for ((digit, rest), (&b, reciprocal)) in
            digits.iter_mut().zip(&mut self.rests).zip(divisors)
        {
            let guess = simd::nearest(*rest as f64 * (unit as f64 * reciprocal));
            let left = rest.wrapping_mul(unit).wrapping_sub(guess.wrapping_mul(b));
            let below = left >> 63;
            *digit = guess.wrapping_add(below);
            *rest = left.wrapping_add(b & below);
        }
        digits
    }

    /// Puts wholes and fractions of `unit` parts together.
    #[inline(always)]
    fn join(&mut self, unit: u64) {
        let parts = self.whole.iter().zip(&self.fraction).zip(&self.signs);
        for (quotient, ((whole, fraction), &sign)) in self.quotients.iter_mut().zip(parts) {
            let (high, low) = wide_product(whole.cast_unsigned(), unit);
            let (low, carry) = low.overflowing_add(fraction.cast_unsigned());
            let high = high.wrapping_add(u64::from(carry)).cast_signed();
            let low = (low.cast_signed() ^ sign).wrapping_sub(sign);
            let high = (high ^ sign).wrapping_add(i64::from(low == 0) & sign.wrapping_neg());
            *quotient = MantissaPairs::pair(high, low);
        }
    }

    /// Puts together what has a third step.
    #[inline(always)]
    fn join_long(&mut self, steps: &Steps) {
        let [first, second, third] = steps.units;
        let unit = i128::from(first).wrapping_mul(second.into());
        let parts = self.whole.iter().zip(&self.fraction).zip(self.last.iter().zip(&self.signs));
        for (quotient, ((&whole, &fraction), (&last, &sign))) in
            self.quotients.iter_mut().zip(parts)
        {
            let head = i128::from(whole).wrapping_mul(unit).wrapping_add(fraction.into());
            let magnitude = head.wrapping_mul(third.into()).wrapping_add(last.into());
            let sign = i128::from(sign);
            *quotient = MantissaPairs::pair_of((magnitude ^ sign).wrapping_sub(sign));
        }
    }
}

/// Multiplies to 128 bits in steps that vectorise: returns the high half and the low one.
#[inline(always)]
fn wide_product(a: u64, b: u64) -> (u64, u64) {
    const HALF: u64 = u32::MAX as u64;
    let ((a1, a0), (b1, b0)) = ((a >> 32, a & HALF), (b >> 32, b & HALF));
    let (low, left, right) = (a0 * b0, a1 * b0, a0 * b1);
    let middle = (low >> 32) + (left & HALF) + (right & HALF);
    let high = a1 * b1 + (left >> 32) + (right >> 32) + (middle >> 32);
    (high, (low & HALF) | (middle << 32))
}
