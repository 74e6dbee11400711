// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Divides decimals of up to 18 digits over lanes.
//!
//! A quotient keeps whole words of nine digits, so it is a long division to the base 10^9 with a
//! divisor that stays: each digit is estimated by the divisor's reciprocal as a double, which is off by
//! one at most, and put right by the remainder, which is exact in 64 bits that wrap around: its true
//! value is within them. The estimates vectorise; only putting the digits together takes 128 bits.

use arrow_buffer::{BooleanBufferBuilder, NullBuffer};
use tiforth_data::{Column, DecimalColumn, simd};
use tiforth_expr::CallContext;
use tiforth_expr::kernel::{Args, Kernel, RowValue, Rows};
use tiforth_types::decimal::lanes::pow10_i64;
use tiforth_types::decimal::quotient_scale;
use tiforth_types::sql_type::DECIMAL_SCALE_MAX;
use tiforth_types::{DatumRef, Decimal, Result, SqlError};

use super::operands::division_by_zero;
use crate::mantissas::{LONG_BITS, Mantissas, Values, bits_of};

/// Bounds the bits of operands: remainders of twice the divisor's size fit 63.
const OPERAND_BITS: u32 = 61;
/// Is the number of rows divided before their digits are put together.
const BLOCK_ROWS: usize = 256;
const STEP_DIGITS: u32 = 9;

/// Divides whole columns where it can, and runs `rows` where it cannot.
pub(super) struct Quotients<K> {
    rows: K,
}

impl<K> Quotients<K> {
    /// Builds the kernel from the one by rows.
    pub(super) const fn new(rows: K) -> Self {
        Quotients { rows }
    }
}

impl<K: Kernel> Kernel for Quotients<K> {
    fn batch(&self, args: &Args<'_>, rows: Rows<'_>, ctx: &mut CallContext<'_>) -> Result<Column> {
        let (a, b) = (args.decoded(0)?, args.decoded(1)?);
        match columns(&a, &b, rows, ctx) {
            Some(column) => Ok(column),
            None => self.rows.batch(args, rows, ctx),
        }
    }

    fn row(
        &self,
        args: &[DatumRef<'_>],
        out: &mut Vec<u8>,
        ctx: &mut CallContext<'_>,
    ) -> Result<RowValue, SqlError> {
        self.rows.row(args, out, ctx)
    }
}

fn columns(a: &Column, b: &Column, rows: Rows<'_>, ctx: &mut CallContext<'_>) -> Option<Column> {
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
    let (values, has_zeros) = divided(left.values, right.values, rows.len, &steps);
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
    let quotients = DecimalColumn::from_mantissas(values, scale, printed);
    let nulls = match has_zeros.divisor {
        false => nulls,
        true => Some(without_zeros(right.values, nulls.as_ref(), rows, ctx)),
    };
    Some(Column::decimals(quotients, nulls.filter(|n| n.null_count() > 0)))
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

/// Holds the digits of a block of quotients: the whole parts, and the fraction's steps, the first two
/// as one number.
struct Digits {
    whole: [i64; BLOCK_ROWS],
    fraction: [i64; BLOCK_ROWS],
    last: [i64; BLOCK_ROWS],
}

/// Copies a block of mantissas, all of them short.
fn load(values: Values<'_>, start: usize, block: &mut [i64; BLOCK_ROWS]) {
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

fn divided(a: Values<'_>, b: Values<'_>, len: usize, steps: &Steps) -> (Vec<i128>, HasZeros) {
    let mut out = Vec::with_capacity(len);
    let mut zeros = HasZeros::default();
    let [first, second, third] = steps.units;
    let unit = i128::from(first) * i128::from(second);
    let (mut dividends, mut divisors) = ([0i64; BLOCK_ROWS], [1i64; BLOCK_ROWS]);
    let mut digits =
        Digits { whole: [0; BLOCK_ROWS], fraction: [0; BLOCK_ROWS], last: [0; BLOCK_ROWS] };
    for start in (0..len).step_by(BLOCK_ROWS) {
        let rows = (len - start).min(BLOCK_ROWS);
        load(a, start, &mut dividends);
        load(b, start, &mut divisors);
        let (dividends, divisors) = (&dividends[..rows], &divisors[..rows]);
        let found = divide_block(dividends, divisors, steps, &mut digits);
        zeros.dividend |= found.dividend;
        zeros.divisor |= found.divisor;
        let parts = digits.whole.iter().zip(&digits.fraction).zip(&digits.last);
        let signs = dividends.iter().zip(divisors).map(|(a, b)| i128::from((a ^ b) >> 63));
        out.extend(parts.zip(signs).map(|(((&whole, &fraction), &last), sign)| {
            let head = i128::from(whole).wrapping_mul(unit).wrapping_add(fraction.into());
            let magnitude = match third {
                1 => head,
                _ => head.wrapping_mul(third.into()).wrapping_add(last.into()),
            };
            (magnitude ^ sign).wrapping_sub(sign)
        }));
    }
    (out, zeros)
}

/// Divides the magnitudes of a block.
fn divide_block(a: &[i64], b: &[i64], steps: &Steps, digits: &mut Digits) -> HasZeros {
    let [first, second, third] = steps.units;
    let Digits { whole, fraction, last } = digits;
    simd::dispatch(
        #[inline(always)]
        move || {
            let (mut zero_a, mut zero_b) = (false, false);
            let out = whole.iter_mut().zip(fraction).zip(last);
            for ((&a, &b), ((whole, fraction), last)) in a.iter().zip(b).zip(out) {
                let (a, b) = (a.wrapping_abs(), b.wrapping_abs());
                zero_a |= a == 0;
                zero_b |= b == 0;
                let reciprocal = 1.0 / b as f64;
                // The first estimate is off by 2^10 at most, and what is left of it by one.
                let guess = (a as f64 * reciprocal) as i64;
                let rest = a.wrapping_sub(guess.wrapping_mul(b));
                let (more, rest) = digit(rest, 1, b, reciprocal);
                *whole = guess.wrapping_add(more);
                let (head, rest) = digit(rest, first, b, reciprocal);
                let (tail, rest) = digit(rest, second, b, reciprocal);
                *fraction = head.wrapping_mul(second).wrapping_add(tail);
                *last = digit(rest, third, b, reciprocal).0;
            }
            HasZeros { dividend: zero_a, divisor: zero_b }
        },
    )
}

/// Divides `rest · unit` by `divisor`: returns the quotient and what is left.
#[inline(always)]
fn digit(rest: i64, unit: i64, divisor: i64, reciprocal: f64) -> (i64, i64) {
    let guess = (rest as f64 * unit as f64 * reciprocal) as i64;
    let left = rest.wrapping_mul(unit).wrapping_sub(guess.wrapping_mul(divisor));
    let below = left >> 63;
    let (guess, left) = (guess.wrapping_add(below), left.wrapping_add(divisor & below));
    let above = i64::from(left >= divisor).wrapping_neg();
    (guess.wrapping_sub(above), left.wrapping_sub(divisor & above))
}
