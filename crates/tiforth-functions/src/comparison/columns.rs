// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Compares whole columns where a loop over plain integers gives the answer: decimals in lanes, and a
//! host's Decimal128 or Date32 with a constant, as they lie.
//!
//! Decimals at two scales compare as mantissas at the greater one, while a bound proves that bringing
//! one there does not overflow. A host's 128-bit mantissas compare with a constant by their low halves
//! while the high ones only repeat the sign, which one flag tells for all rows. Days since 1970 order
//! as the dates do. What none of this covers is left to the kernel that looks at each row.

use arrow_buffer::{BooleanBuffer, NullBuffer};
use tiforth_data::column::{HostDays, HostMantissas, day_of};
use tiforth_data::{Column, ColumnData, DecimalColumn, bitmap};
use tiforth_expr::CallContext;
use tiforth_expr::kernel::{Args, Kernel, RowValue, Rows};
use tiforth_types::decimal::lanes::pow10_i64;
use tiforth_types::{Datum, DatumRef, Result, SqlError};

use super::operator::Operator;

/// Compares the two arguments' columns, or gives nothing where rows need to be looked at.
type Comparison = fn(Operator, &Args<'_>) -> Result<Option<Column>>;

/// Tries to compare whole columns first, and runs `rows` where that gives nothing.
pub(super) struct Columns<K> {
    operator: Operator,
    columns: Comparison,
    rows: K,
}

impl<K> Columns<K> {
    /// Builds the kernel of an operator from the one by rows and the comparison of columns.
    pub(super) const fn new(operator: Operator, columns: Comparison, rows: K) -> Self {
        Columns { operator, columns, rows }
    }
}

impl<K: Kernel> Kernel for Columns<K> {
    fn batch(&self, args: &Args<'_>, rows: Rows<'_>, ctx: &mut CallContext<'_>) -> Result<Column> {
        match (self.columns)(self.operator, args)? {
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

fn finished(operator: Operator, bits: BooleanBuffer, nulls: Option<NullBuffer>) -> Option<Column> {
    let has_nulls = nulls.as_ref().is_some_and(|n| n.null_count() > 0);
    if has_nulls && operator == Operator::NullEq {
        return None;
    }
    Some(Column::bits(bits, nulls.filter(|_| has_nulls)))
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

/// Compares decimals.
pub(super) fn decimals(operator: Operator, args: &Args<'_>) -> Result<Option<Column>> {
    if let Some((turned, column, Datum::Decimal(value))) = with_constant(operator, args)?
        && let Some(host) = column.host_mantissas()
        && host.scale >= value.scale()
        && let Some(mantissa) = value.to_i128_scaled(host.scale)
        && let Ok(constant) = i64::try_from(mantissa)
    {
        let (pairs, low) = (host.pairs(), HostMantissas::low);
        let bits = with_operator!(turned, |holds| bitmap::truths_unless(
            pairs,
            HostMantissas::is_wide,
            |pair| holds(low(pair), constant),
        ));
        if let Some(bits) = bits {
            return Ok(finished(turned, bits, host.nulls));
        }
    }
    let (a, b) = (args.decoded(0)?, args.decoded(1)?);
    let (Some(left), Some(right)) = (Lane::open(&a), Lane::open(&b)) else { return Ok(None) };
    let Some((raise_x, raise_y)) = raises(&left, &right) else { return Ok(None) };
    let bits = match (left.values, right.values) {
        (Values::Slice(x), Values::Slice(y)) => {
            with_operator!(operator, |holds| bitmap::truths_of_pairs(x, y, |x, y| holds(
                x.wrapping_mul(raise_x),
                y.wrapping_mul(raise_y)
            )))
        }
        (Values::Slice(x), Values::One(y)) => {
            let y = y.wrapping_mul(raise_y);
            with_operator!(operator, |holds| bitmap::truths(x, |x| holds(
                x.wrapping_mul(raise_x),
                y
            )))
        }
        (Values::One(x), Values::Slice(y)) => {
            let x = x.wrapping_mul(raise_x);
            with_operator!(operator, |holds| bitmap::truths(y, |y| holds(
                x,
                y.wrapping_mul(raise_y)
            )))
        }
        (Values::One(_), Values::One(_)) => return Ok(None),
    };
    Ok(finished(operator, bits, NullBuffer::union(a.nulls(), b.nulls())))
}

/// Is an operand in 64-bit lanes.
struct Lane<'a> {
    values: Values<'a>,
    scale: u8,
    bits: u32,
}

#[derive(Clone, Copy)]
enum Values<'a> {
    Slice(&'a [i64]),
    One(i64),
}

impl<'a> Lane<'a> {
    fn open(column: &'a Column) -> Option<Lane<'a>> {
        match column.data() {
            ColumnData::Decimal(DecimalColumn::Lane64 { values, scale, bits, .. }) => {
                Some(Lane { values: Values::Slice(values), scale: *scale, bits: (*bits).into() })
            }
            ColumnData::Constant(value) => {
                let Datum::Decimal(value) = value.as_ref() else { return None };
                let mantissa = i64::try_from(value.to_i128_scaled(value.scale())?).ok()?;
                let bits = 64 - mantissa.unsigned_abs().leading_zeros();
                Some(Lane { values: Values::One(mantissa), scale: value.scale(), bits })
            }
            _ => None,
        }
    }
}

/// Returns what brings two operands to one scale, if neither overflows.
fn raises(a: &Lane<'_>, b: &Lane<'_>) -> Option<(i64, i64)> {
    let scale = a.scale.max(b.scale);
    let raise = |lane: &Lane<'_>| {
        let raise = pow10_i64(scale - lane.scale)?;
        let bits = if raise == 1 { 0 } else { 64 - raise.leading_zeros() };
        (lane.bits + bits <= 63).then_some(raise)
    };
    Some((raise(a)?, raise(b)?))
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
        return Ok(bits.and_then(|bits| finished(operator, bits, host.nulls)));
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{ArrayRef, Date32Array, Decimal128Array};
    use tiforth_data::{DecodeContext, Field};
    use tiforth_expr::function::Body;
    use tiforth_expr::tree::{call, col};
    use tiforth_expr::{Binder, Diagnostics, Evaluator, RunValues};
    use tiforth_types::{Session, SqlType};

    use super::*;

    const OPERATORS: [&str; 7] = ["eq", "ne", "lt", "le", "gt", "ge", "nulleq"];

    /// Holds whole columns against the entry for one row.
    fn check(a: &Column, b: &Column, types: [&SqlType; 2]) {
        let registry = crate::registry().unwrap();
        let session = Session::default();
        let field = |name: &str, ty: &SqlType| Field {
            name: name.into(),
            sql_type: ty.clone(),
            nullable: true,
        };
        let schema = [field("a", types[0]), field("b", types[1])];
        let how = DecodeContext::new(session.time_zone);
        for operator in OPERATORS {
            let mut binder = Binder::new(&registry, &session, &schema);
            let typed = binder.bind(&call(operator, [col("a"), col("b")])).unwrap();
            let bound = typed.as_call().unwrap();
            let Body::Strict(kernel) = bound.overload.body else { panic!("{operator}") };
            let run = RunValues::default();
            let mut diagnostics = Diagnostics::new(64);
            // Each operator sees the host's array as it came.
            let fresh = |c: &Column| match c.data() {
                ColumnData::Host(host) => Column::host(host.array.clone()),
                _ => c.clone(),
            };
            let columns = [fresh(a), fresh(b)];
            let mut evaluator = Evaluator::new(&columns, &session, &run, &mut diagnostics);
            let whole = evaluator.evaluate(&typed, Rows::all(a.len())).unwrap();
            for row in 0..a.len() {
                let x = a.datum(row, types[0], &how).unwrap();
                let y = b.datum(row, types[1], &how).unwrap();
                let mut ctx = CallContext::new(&session, &run, bound, &mut diagnostics);
                let args = [x.as_ref(), y.as_ref()];
                let expected = match kernel.row(&args, &mut Vec::new(), &mut ctx).unwrap() {
                    RowValue::Int(v) => Datum::Int(v),
                    _ => Datum::Null,
                };
                let found = whole.value(row);
                assert_eq!(format!("{found:?}"), format!("{expected:?}"), "{x:?} {operator} {y:?}");
            }
        }
    }

    fn decimals_of(values: Vec<Option<i128>>, scale: i8) -> Column {
        let array = Decimal128Array::from(values).with_precision_and_scale(38, scale).unwrap();
        Column::host(Arc::new(array))
    }

    #[test]
    fn decimals_compare_as_row_by_row() {
        let near = |v: i128| [Some(v - 1), Some(v), Some(v + 1), None, Some(-v)];
        let edges = [0i128, 2_400, i64::MAX as i128 / 10, i64::MAX as i128, 1 << 70];
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
