// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Compares whole columns where a loop over plain integers gives the answer: decimals in lanes, and a
//! host's Decimal128 or Date32 as they lie.
//!
//! Mantissas of 128 bits at one scale compare by their halves, whatever lies in them. At two scales
//! they compare at the greater one: by the low halves brought there while the high ones only repeat the
//! sign and nothing overflows, which one flag tells for all rows; else whole, while another tells that
//! nothing overflows 128 bits; else in lanes, without a check while a bound proves that bringing one there
//! does not overflow, or a magnitude that does is the greater one. Days since 1970 order as the dates do.
//! What none of this covers is left to the kernel that looks at each row.

use std::cmp::Ordering;

use arrow_buffer::{BooleanBuffer, NullBuffer};
use tiforth_data::column::{HostDays, MantissaPairs, day_of};
use tiforth_data::{Column, bitmap};
use tiforth_expr::kernel::Args;
use tiforth_types::decimal::lanes::pow10_i64;
use tiforth_types::{Datum, Result};

use super::operator::Operator;
use crate::mantissas::{LONG_BITS, Mantissas, SHORT_BITS, Values};

/// Is the number of rows looked at before all are taken for narrow.
const PROBE_ROWS: usize = 1_024;

/// Runs `$run` with the operator's comparison, so that its loop is compiled for each.
macro_rules! with_operator {
    ($operator:expr, |$holds:ident| $run:expr) => {
        match $operator {
            Operator::Eq | Operator::NullEq => with_operator!(@ $holds, ==, $run),
            Operator::Ne => with_operator!(@ $holds, !=, $run),
            Operator::Lt => with_operator!(@ $holds, <, $run),
            Operator::Le => with_operator!(@ $holds, <=, $run),
            Operator::Gt => with_operator!(@ $holds, >, $run),
            Operator::Ge => with_operator!(@ $holds, >=, $run),
        }
    };
    (@ $holds:ident, $sign:tt, $run:expr) => {{
        #[inline(always)]
        fn $holds<T: Ord>(a: T, b: T) -> bool {
            a $sign b
        }
        $run
    }};
}

/// Joins what holds of values with which of them are NULL.
fn finished(
    operator: Operator,
    bits: BooleanBuffer,
    a: Option<&NullBuffer>,
    b: Option<&NullBuffer>,
) -> Column {
    let nulls = NullBuffer::union(a, b).filter(|nulls| nulls.null_count() > 0);
    let Some(nulls) = nulls else { return Column::bits(bits, None) };
    if operator != Operator::NullEq {
        return Column::bits(bits, Some(nulls));
    }
    let of_values = &bits & nulls.inner();
    Column::bits(
        match (a, b) {
            (Some(a), Some(b)) => &of_values | &!&(a.inner() | b.inner()),
            _ => of_values,
        },
        None,
    )
}

/// Splits the arguments into a column and the constant it is compared with, the operator turned so
/// that the column stands first.
fn with_constant<'a>(
    operator: Operator,
    args: &Args<'a>,
) -> Result<Option<(Operator, &'a Column, &'a Datum)>> {
    let (a, b) = (args.raw(0)?, args.raw(1)?);
    Ok(match (a.as_constant(), b.as_constant()) {
        (None, Some(value)) => Some((operator, a, value)),
        (Some(value), None) => Some((operator.symmetric(), b, value)),
        _ => None,
    })
}

/// Is a mantissa of 128 bits, ordered without a branch.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Halves {
    high: i64,
    low: u64,
}

impl Halves {
    #[inline(always)]
    fn of(pair: &[i64; 2]) -> Self {
        Halves { high: MantissaPairs::high(pair), low: MantissaPairs::low(pair).cast_unsigned() }
    }

    /// Multiplies what does not overflow, in steps that vectorise.
    #[inline(always)]
    fn raised(self, factor: u32) -> Self {
        const WORD: u64 = u32::MAX as u64;
        let factor = u64::from(factor);
        let lower = (self.low & WORD) * factor;
        let upper = (self.low >> 32) * factor + (lower >> 32);
        let carry = (upper >> 32).cast_signed();
        let high = self.high.wrapping_mul(factor.cast_signed()).wrapping_add(carry);
        Halves { high, low: upper << 32 | lower & WORD }
    }
}

impl Ord for Halves {
    fn cmp(&self, other: &Self) -> Ordering {
        self.high.cmp(&other.high).then(self.low.cmp(&other.low))
    }
}

impl PartialOrd for Halves {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }

    #[inline(always)]
    fn lt(&self, other: &Self) -> bool {
        (self.high < other.high) | ((self.high == other.high) & (self.low < other.low))
    }

    #[inline(always)]
    fn le(&self, other: &Self) -> bool {
        !other.lt(self)
    }

    #[inline(always)]
    fn gt(&self, other: &Self) -> bool {
        other.lt(self)
    }

    #[inline(always)]
    fn ge(&self, other: &Self) -> bool {
        !self.lt(other)
    }
}

/// Compares decimals.
pub(super) fn decimals(operator: Operator, args: &Args<'_>) -> Result<Option<Column>> {
    if let Some((turned, column, Datum::Decimal(value))) = with_constant(operator, args)? {
        if let Some(wide) = column.mantissa_pairs()
            && wide.scale >= value.scale()
            && let Some(mantissa) = value.to_i128_scaled(wide.scale)
        {
            let one = Halves::of(&MantissaPairs::pair_of(mantissa));
            let bits = with_operator!(turned, |holds| bitmap::truths(wide.pairs(), |pair| holds(
                Halves::of(pair),
                one
            )));
            return Ok(Some(finished(turned, bits, wide.nulls.as_ref(), None)));
        }
    } else if let (Some(a), Some(b)) =
        (args.raw(0)?.mantissa_pairs(), args.raw(1)?.mantissa_pairs())
        && let Some(bits) = pairs(operator, &a, &b)
    {
        return Ok(Some(finished(operator, bits, a.nulls.as_ref(), b.nulls.as_ref())));
    }
    let (a, b) = (args.decoded(0)?, args.decoded(1)?);
    let (Some(left), Some(right)) = (Mantissas::open(&a), Mantissas::open(&b)) else {
        return Ok(None);
    };
    let Some(bits) = lanes(operator, left, right) else { return Ok(None) };
    Ok(Some(finished(operator, bits, a.nulls(), b.nulls())))
}

/// Compares mantissas of 128 bits: at one scale any, at two those that fit the greater.
fn pairs(operator: Operator, a: &MantissaPairs, b: &MantissaPairs) -> Option<BooleanBuffer> {
    if a.scale == b.scale {
        return Some(with_operator!(operator, |holds| bitmap::truths_of_pairs(
            a.pairs(),
            b.pairs(),
            |a, b| holds(Halves::of(a), Halves::of(b))
        )));
    }
    let (operator, lesser, greater) = match a.scale < b.scale {
        true => (operator, a.pairs(), b.pairs()),
        false => (operator.symmetric(), b.pairs(), a.pairs()),
    };
    let raise = pow10_i64(a.scale.abs_diff(b.scale))?;
    let are_narrow =
        |pairs: &[[i64; 2]]| !pairs.iter().take(PROBE_ROWS).any(MantissaPairs::is_wide);
    let narrow = if are_narrow(lesser) && are_narrow(greater) {
        narrow_pairs(operator, lesser, raise, greater)
    } else {
        None
    };
    narrow.or_else(|| wide_pairs(operator, lesser, raise, greater))
}

/// Compares mantissas of which all fit 64 bits at one scale.
fn narrow_pairs(
    operator: Operator,
    lesser: &[[i64; 2]],
    raise: i64,
    greater: &[[i64; 2]],
) -> Option<BooleanBuffer> {
    let most = i64::MAX / raise;
    let is_bad = move |a: &[i64; 2], b: &[i64; 2]| {
        let low = MantissaPairs::low(a);
        MantissaPairs::is_wide(a) | MantissaPairs::is_wide(b) | (low > most) | (low < -most)
    };
    with_operator!(operator, |holds| bitmap::truths_of_pairs_unless(
        lesser,
        greater,
        is_bad,
        |a, b| holds(MantissaPairs::low(a).wrapping_mul(raise), MantissaPairs::low(b)),
    ))
}

/// Compares mantissas of which all fit 128 bits at one scale.
fn wide_pairs(
    operator: Operator,
    lesser: &[[i64; 2]],
    raise: i64,
    greater: &[[i64; 2]],
) -> Option<BooleanBuffer> {
    // A high half within these is that of a mantissa which fits.
    let most = ((i128::MAX / i128::from(raise)) >> 64) as i64;
    let is_bad = move |a: &[i64; 2], _: &[i64; 2]| {
        let high = MantissaPairs::high(a);
        (high >= most) | (high < -most)
    };
    if let Ok(raise) = u32::try_from(raise) {
        return with_operator!(operator, |holds| bitmap::truths_of_pairs_unless(
            lesser,
            greater,
            is_bad,
            |a, b| holds(Halves::of(a).raised(raise), Halves::of(b)),
        ));
    }
    with_operator!(operator, |holds| bitmap::truths_of_pairs_unless(
        lesser,
        greater,
        is_bad,
        |a, b| {
            let raised = MantissaPairs::mantissa(a).wrapping_mul(raise.into());
            holds(Halves::of(&MantissaPairs::pair_of(raised)), Halves::of(b))
        },
    ))
}

/// Compares mantissas at the greater scale.
fn lanes(operator: Operator, a: Mantissas<'_>, b: Mantissas<'_>) -> Option<BooleanBuffer> {
    let scale = a.scale.max(b.scale);
    let ((a, raise_a), (b, raise_b)) = (a.at_scale(scale)?, b.at_scale(scale)?);
    let bits = a.bits.max(b.bits);
    if bits > LONG_BITS {
        return far(operator, (a, raise_a), (b, raise_b));
    }
    if bits <= SHORT_BITS {
        let (raise_a, raise_b) = (raise_a as i64, raise_b as i64);
        match (a.values, b.values) {
            (Values::Short(a), Values::Short(b)) => {
                return Some(short(operator, (a, raise_a), (b, raise_b)));
            }
            (Values::Short(a), Values::One(b)) => {
                return Some(with_one(operator, a, raise_a, b as i64));
            }
            (Values::One(a), Values::Short(b)) => {
                return Some(with_one(operator.symmetric(), b, raise_b, a as i64));
            }
            _ => {}
        }
    }
    match (a.values, b.values) {
        (Values::One(_), Values::One(_)) => None,
        (_, Values::One(b)) => Some(long_with_one(operator, &a.raised(raise_a), b)),
        (Values::One(a), _) => Some(long_with_one(operator.symmetric(), &b.raised(raise_b), a)),
        _ => {
            let (a, b) = (a.raised(raise_a), b.raised(raise_b));
            Some(with_operator!(operator, |holds| bitmap::truths_of_pairs(&a, &b, |a, b| holds(
                a, b
            ))))
        }
    }
}

/// Compares mantissas at the greater scale, which may overflow there.
fn far(
    operator: Operator,
    (a, raise_a): (Mantissas<'_>, i128),
    (b, raise_b): (Mantissas<'_>, i128),
) -> Option<BooleanBuffer> {
    let order = move |a: i128, b: i128| {
        // One factor at least is 1.
        match (a.overflowing_mul(raise_a), b.overflowing_mul(raise_b)) {
            ((a, false), (b, false)) => a.cmp(&b),
            ((_, true), _) => a.cmp(&0),
            (_, (_, true)) => 0.cmp(&b),
        }
    };
    match (a.values, b.values) {
        (Values::One(_), Values::One(_)) => None,
        (_, Values::One(b)) => Some(with_operator!(operator, |holds| bitmap::truths(
            &a.raised(1),
            |&a| holds(order(a, b), Ordering::Equal)
        ))),
        (Values::One(a), _) => Some(with_operator!(operator, |holds| bitmap::truths(
            &b.raised(1),
            |&b| holds(order(a, b), Ordering::Equal)
        ))),
        _ => Some(with_operator!(operator, |holds| bitmap::truths_of_pairs(
            &a.raised(1),
            &b.raised(1),
            |&a, &b| holds(order(a, b), Ordering::Equal)
        ))),
    }
}

/// Compares two columns, each brought to a scale by a factor.
fn short(
    operator: Operator,
    (a, raise_a): (&[i64], i64),
    (b, raise_b): (&[i64], i64),
) -> BooleanBuffer {
    if raise_a == 1 && raise_b == 1 {
        return with_operator!(operator, |holds| bitmap::truths_of_pairs(a, b, |a, b| holds(a, b)));
    }
    with_operator!(operator, |holds| bitmap::truths_of_pairs(a, b, |a, b| holds(
        a.wrapping_mul(raise_a),
        b.wrapping_mul(raise_b)
    )))
}

/// Compares a column, brought to a scale by a factor, with one value.
fn with_one(operator: Operator, a: &[i64], raise: i64, one: i64) -> BooleanBuffer {
    if raise == 1 {
        return with_operator!(operator, |holds| bitmap::truths(a, |&a| holds(a, one)));
    }
    with_operator!(operator, |holds| bitmap::truths(a, |a| holds(a.wrapping_mul(raise), one)))
}

fn long_with_one(operator: Operator, a: &[i128], one: i128) -> BooleanBuffer {
    with_operator!(operator, |holds| bitmap::truths(a, |&a| holds(a, one)))
}

/// Compares a host's days with a date.
pub(super) fn dates(operator: Operator, args: &Args<'_>) -> Result<Option<Column>> {
    if let Some((operator, column, Datum::Time(value))) = with_constant(operator, args)?
        && let Some(day) = day_of(*value)
        && let Some(host) = column.host_days()
    {
        let bits = with_operator!(operator, |holds| bitmap::truths_unless(
            &host.values,
            |&day| HostDays::is_no_date(day),
            |&value| holds(value, day),
        ));
        return Ok(bits.map(|bits| finished(operator, bits, host.nulls.as_ref(), None)));
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{ArrayRef, Date32Array, Decimal128Array};
    use tiforth_types::SqlType;

    use super::*;

    const OPERATORS: [&str; 7] = ["eq", "ne", "lt", "le", "gt", "ge", "nulleq"];

    /// Holds whole columns against the entry for one row.
    fn check(a: &Column, b: &Column, types: [&SqlType; 2]) {
        for operator in OPERATORS {
            crate::agreement::check_against_rows(operator, a, b, types);
        }
    }

    fn decimals_of(values: Vec<Option<i128>>, scale: i8) -> Column {
        let array = Decimal128Array::from(values).with_precision_and_scale(38, scale).unwrap();
        Column::host(Arc::new(array))
    }

    #[test]
    fn decimals_compare_as_row_by_row() {
        let near = |v: i128| [Some(v - 1), Some(v), Some(v + 1), None, Some(-v)];
        let most = 10i128.pow(38) - 2;
        let edges = [0, 2_400, i64::MAX as i128 / 10, i64::MAX as i128, 1 << 70, most / 10, most];
        let type_of = |scale| SqlType::decimal(38, scale);
        for edge in edges {
            let column = decimals_of(near(edge).to_vec(), 2);
            for other in edges {
                for scale in [0u8, 1, 2, 5] {
                    let constant = tiforth_types::Decimal::from_i128_scaled(other, scale);
                    let constant = Column::constant(Datum::Decimal(constant), column.len());
                    let types = [&type_of(2), &type_of(scale.into())];
                    check(&column, &constant, types);
                    check(&constant, &column, [types[1], types[0]]);
                    let second = decimals_of(near(other).to_vec(), scale as i8);
                    check(&column, &second, types);
                }
            }
            check(&column, &Column::all_null(column.len()), [&type_of(2), &type_of(2)]);
        }
    }

    #[test]
    fn dates_compare_as_row_by_row() {
        let days = vec![Some(8_765), Some(8_766), None, Some(8_767), Some(-719_528)];
        let array: ArrayRef = Arc::new(Date32Array::from(days));
        let column = Column::host(array);
        let ty = SqlType::date();
        let packed = |y: u64, m: u64, d: u64, rest: u64| (((y * 13 + m) << 46) | (d << 41)) | rest;
        for bits in [packed(1994, 1, 1, 0), packed(1994, 1, 1, 1), packed(1994, 0, 0, 0), 0] {
            let constant = Datum::Time(tiforth_types::Time(bits));
            let constant = Column::constant(constant, column.len());
            check(&column, &constant, [&ty, &SqlType::datetime(6)]);
            check(&constant, &column, [&SqlType::datetime(6), &ty]);
        }
    }
}
