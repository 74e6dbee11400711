// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Converts whole columns from and to text where every row is written plainly: numbers and dates that
//! are all of their text and fit, and texts that fit the target's length.
//!
//! Each conversion gives nothing as soon as a row is anything else; the body that looks at each row then
//! says what is to be said. So a column pays for one loop that neither warns nor fails.

use arrow_buffer::{ArrowNativeType, NullBuffer};
use tiforth_data::column::Offsets;
use tiforth_data::{BytesBuilder, Column, ColumnData, DecimalColumn};
use tiforth_expr::Call;
use tiforth_types::decimal::{text_to_lane, write_lane};
use tiforth_types::number::{
    whole_text_to_f64, whole_text_to_i64, write_f64, write_i64, write_u64,
};
use tiforth_types::temporal::{TimeKind, parse_regular};
use tiforth_types::{SqlType, Time, TypeKind};

use super::lanes::precision_and_scale;

/// Reads integers.
pub(super) fn text_to_int(column: &Column, call: &Call) -> Option<Column> {
    let takes_signs = !call.ty.unsigned;
    let values = read(
        column,
        #[inline(always)]
        |text| {
            let value = whole_text_to_i64(text)?;
            (takes_signs || text.first() != Some(&b'-')).then_some(value)
        },
    )?;
    Some(Column::ints(values, column.nulls().cloned()))
}

/// Reads doubles.
pub(super) fn text_to_real(column: &Column, call: &Call) -> Option<Column> {
    if call.ty.kind == TypeKind::Float {
        return None;
    }
    let values = read(column, whole_text_to_f64)?;
    Some(Column::reals(values, column.nulls().cloned()))
}

/// Reads decimals that have no digits to round.
pub(super) fn text_to_decimal(column: &Column, call: &Call) -> Option<Column> {
    let (precision, scale) = precision_and_scale(call)?;
    if call.ty.unsigned {
        return None;
    }
    let values = read(
        column,
        #[inline(always)]
        |text| text_to_lane(text, precision, scale),
    )?;
    let values = DecimalColumn::lane64(values, scale, scale);
    Some(Column::decimals(values, column.nulls().cloned()))
}

/// Reads dates and datetimes.
pub(super) fn text_to_time(column: &Column, call: &Call) -> Option<Column> {
    let (kind, fsp) = (call.ty.time_kind(), call.ty.fsp());
    let values = match kind {
        TimeKind::Timestamp => return None,
        TimeKind::Date => read(
            column,
            #[inline(always)]
            |text| parse_regular(text, fsp).map(|time| time.date().0),
        ),
        TimeKind::Datetime => read(
            column,
            #[inline(always)]
            |text| parse_regular(text, fsp).map(|time| time.0),
        ),
    };
    Some(Column::times(values?, column.nulls().cloned()))
}

/// Reads every text that is not NULL.
fn read<T: Copy + Default>(column: &Column, each: impl Fn(&[u8]) -> Option<T>) -> Option<Vec<T>> {
    let ColumnData::Bytes(texts) = column.data() else { return None };
    match texts.end_to_end() {
        Some((bytes, Offsets::Small(offsets))) => read_rows(bytes, offsets, column.nulls(), each),
        Some((bytes, Offsets::Large(offsets))) => read_rows(bytes, offsets, column.nulls(), each),
        None => (0..texts.len())
            .map(|row| if column.is_null(row) { Some(T::default()) } else { each(texts.get(row)) })
            .collect(),
    }
}

fn read_rows<T: Copy + Default, O: ArrowNativeType>(
    bytes: &[u8],
    offsets: &[O],
    nulls: Option<&NullBuffer>,
    each: impl Fn(&[u8]) -> Option<T>,
) -> Option<Vec<T>> {
    let mut values = vec![T::default(); offsets.len().saturating_sub(1)];
    for (row, (slot, ends)) in values.iter_mut().zip(offsets.windows(2)).enumerate() {
        if nulls.is_some_and(|n| n.is_null(row)) {
            continue;
        }
        let &[start, end] = ends else { return None };
        *slot = each(bytes.get(start.as_usize()..end.as_usize())?)?;
    }
    Some(values)
}

/// Writes integers.
pub(super) fn int_to_text(column: &Column, call: &Call) -> Option<Column> {
    let ColumnData::Int(values) = column.data() else { return None };
    written(column, &call.ty, values, |value, out| write_i64(*value, out))
}

/// Writes unsigned integers.
pub(super) fn uint_to_text(column: &Column, call: &Call) -> Option<Column> {
    let ColumnData::Int(values) = column.data() else { return None };
    written(column, &call.ty, values, |value, out| write_u64(value.cast_unsigned(), out))
}

/// Writes doubles.
pub(super) fn real_to_text(column: &Column, call: &Call) -> Option<Column> {
    let ColumnData::Real(values) = column.data() else { return None };
    written(column, &call.ty, values, |value, out| write_f64(*value, out))
}

/// Writes decimals with all their digits.
pub(super) fn decimal_to_text(column: &Column, call: &Call) -> Option<Column> {
    let ColumnData::Decimal(DecimalColumn::Lane64 { values, scale, .. }) = column.data() else {
        return None;
    };
    written(column, &call.ty, values, |value, out| write_lane(*value, *scale, out))
}

/// Writes dates and datetimes.
pub(super) fn time_to_text(column: &Column, call: &Call) -> Option<Column> {
    let ColumnData::Time(values) = column.data() else { return None };
    let from = &call.args.first()?.ty;
    let of_type = (from.time_kind(), from.fsp());
    written(column, &call.ty, values, |value, out| {
        let (kind, fsp) = Time(*value).form().unwrap_or(of_type);
        Time(*value).write(kind, fsp, out);
    })
}

/// Is about how long a written number is.
const USUAL_BYTES: usize = 12;

/// Writes every value, unless one is longer than `ty` or is to be filled up to its length.
fn written<T>(
    column: &Column,
    ty: &SqlType,
    values: &[T],
    each: impl Fn(&T, &mut Vec<u8>),
) -> Option<Column> {
    if ty.kind == TypeKind::Char && ty.is_bytes() {
        return None;
    }
    let limit = usize::try_from(ty.length).unwrap_or(usize::MAX);
    let mut texts = BytesBuilder::with_capacity(values.len(), values.len() * USUAL_BYTES);
    let mut longest = 0;
    for value in values {
        let out = texts.row();
        let start = out.len();
        each(value, out);
        longest = longest.max(out.len() - start);
        texts.end_row();
    }
    (longest <= limit).then(|| Column::bytes(texts.finish(), column.nulls().cloned()))
}

#[cfg(test)]
mod tests {
    use tiforth_expr::function::Body;
    use tiforth_expr::kernel::{Rows, datum_at};
    use tiforth_expr::{Binder, CallContext, Diagnostics, Evaluator, RunValues, TypedExpr};
    use tiforth_types::{Collation, Decimal, Session};

    use super::*;

    /// Holds a column's conversion against that of each of its rows.
    fn check(from: &SqlType, column: &Column, to: &SqlType) {
        let registry = crate::registry().unwrap();
        let session = Session::default();
        let mut binder = Binder::new(&registry, &session, &[]);
        let field = TypedExpr::field(0, "a", from.clone(), true);
        let typed = binder.cast(field, to, true).unwrap();
        let call = typed.as_call().unwrap();
        let Body::Strict(kernel) = call.overload.body else { panic!("a cast is strict") };
        let run = RunValues::default();
        let mut diagnostics = Diagnostics::new(64);
        let columns = [column.clone()];
        let mut evaluator = Evaluator::new(&columns, &session, &run, &mut diagnostics);
        let whole = evaluator.evaluate(&typed, Rows::all(column.len())).unwrap();
        for row in 0..column.len() {
            let value = datum_at(column, row).unwrap();
            let mut ctx = CallContext::new(&session, &run, call, &mut diagnostics);
            let mut out = Vec::new();
            let expected = kernel.row(&[value.as_ref()], &mut out, &mut ctx).unwrap();
            let expected = expected.into_datum(&out);
            let found = datum_at(&whole, row).unwrap();
            assert_eq!(format!("{found:?}"), format!("{expected:?}"), "{value:?} as {to}");
        }
    }

    fn texts(values: &[&str]) -> Column {
        let mut texts = BytesBuilder::default();
        values.iter().for_each(|v| texts.push(v.as_bytes()));
        let nulls = NullBuffer::from_iter((0..values.len()).map(|row| row % 5 != 3));
        Column::bytes(texts.finish(), Some(nulls))
    }

    #[test]
    fn plain_texts_are_read_as_rows_are() {
        let from = SqlType::varchar(64, Collation::UTF8MB4_BIN);
        let ints = ["0", "-0", "7", "-12", "x", "000123", "999999999999999999", "-1234567", "8"];
        let reals = ["0", "-0.0", "1.5", ".5", "\u{e9}", "1e5", "-17.25", "0.1", "x", "1e-320"];
        let decimals = ["0", "-0", "1.5", ".5", " ", "5.", "-17.25", "000.1", "x", "99999.99"];
        let dates = ["2024-02-29", "1999-12-31", "0001-01-01", "", "9999-12-31"];
        let times = ["2024-02-29 23:59:59", "2024-02-29", "1999-12-31 00:00:00", "-", "1000-01-01"];
        let unsigned = SqlType { unsigned: true, ..SqlType::bigint_unsigned(20) };
        for values in [&ints[..], &reals, &decimals, &dates, &times] {
            for more in [&[][..], &["1.999", "2024-02-30", "abc", " 12 ", "99999999999999999999"]] {
                let column = texts(&[values, more].concat());
                for to in [
                    SqlType::bigint(20),
                    unsigned.clone(),
                    SqlType::double(),
                    SqlType::decimal(15, 2),
                    SqlType::decimal(5, 2),
                    SqlType::decimal(10, 0),
                    SqlType::date(),
                    SqlType::datetime(0),
                    SqlType::datetime(6),
                ] {
                    check(&from, &column, &to);
                }
            }
        }
    }

    #[test]
    fn plain_values_are_written_as_rows_are() {
        let nulls = || Some(NullBuffer::from_iter((0..6).map(|row| row != 4)));
        let ints = Column::ints(vec![0, -1, i64::MIN, i64::MAX, 5, 1_000_000_007], nulls());
        let reals = Column::reals(vec![0.0, -0.5, 1e15, 1e-5, f64::NAN, 123_456.789], nulls());
        let decimal = |scale| {
            let mantissas = [0, -1, 123, i64::MAX, i64::MIN, 1_000_000_000_000];
            let all = mantissas.map(|m| Decimal::from_i128_scaled(m.into(), scale));
            Column::decimals(DecimalColumn::from_decimals(all.to_vec()), nulls())
        };
        let time = |y, m, d| Time::from_date(y, m, d).unwrap_or_default().0;
        let times = [time(2024, 2, 29), 0, time(9999, 12, 31), time(1, 1, 1), 1, time(10, 0, 0)];
        let times = Column::times(times.to_vec(), nulls());
        let unsigned = SqlType { unsigned: true, ..SqlType::bigint_unsigned(20) };
        for length in [-1, 3, 20, 64] {
            for kind in [TypeKind::VarString, TypeKind::Char] {
                let collation = Collation::UTF8MB4_BIN;
                let to = SqlType { kind, ..SqlType::varchar(length, collation) };
                check(&SqlType::bigint(20), &ints, &to);
                check(&unsigned, &ints, &to);
                check(&SqlType::double(), &reals, &to);
                for scale in [0, 2, 8, 9, 18, 25] {
                    check(&SqlType::decimal(40, scale.into()), &decimal(scale), &to);
                }
                check(&SqlType::date(), &times, &to);
                check(&SqlType::datetime(3), &times, &to);
            }
        }
    }
}
