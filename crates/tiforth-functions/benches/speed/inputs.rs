// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Makes columns of ordinary values: an example's value, a little different in every row.

use arrow_array::builder::BooleanBufferBuilder;
use tiforth_data::{BytesBuilder, Column, DecimalColumn};
use tiforth_expr::{Binder, Registry, TypedExpr};
use tiforth_types::{Collation, Datum, Decimal, Duration, Session, SqlType, Time};

/// Is the number of rows of every column.
pub(crate) const ROWS: usize = 4096;

/// Is one type of column functions are called with.
pub(crate) struct Kind {
    pub(crate) ty: SqlType,
    /// Is an ordinary value, where the function's example has none.
    value: &'static str,
}

/// Lists the types of columns, those preferred first.
pub(crate) fn kinds() -> Vec<Kind> {
    let text = |collation| SqlType::varchar(64, collation);
    let unsigned = SqlType { unsigned: true, ..SqlType::bigint_unsigned(20) };
    vec![
        Kind { ty: SqlType::bigint(20), value: "12345" },
        Kind { ty: SqlType::double(), value: "123.25" },
        Kind { ty: SqlType::decimal(15, 2), value: "1234.56" },
        Kind { ty: text(Collation::UTF8MB4_BIN), value: "requests sleep" },
        Kind { ty: SqlType::date(), value: "2024-05-17" },
        Kind { ty: SqlType::datetime(0), value: "2024-05-17 10:20:30" },
        Kind { ty: SqlType::time(0), value: "10:20:30" },
        Kind { ty: unsigned, value: "12345" },
        Kind { ty: text(Collation::UTF8MB4_GENERAL_CI), value: "requests sleep" },
        Kind { ty: text(Collation::BINARY), value: "requests sleep" },
        Kind { ty: SqlType::decimal(40, 10), value: "123456789012345678901.5" },
        Kind { ty: text(Collation::GBK_CHINESE_CI), value: "requests sleep" },
    ]
}

impl Kind {
    /// Brings an example's value to this type; an ordinary value where there is none that fits.
    pub(crate) fn sample(&self, example: Option<&TypedExpr>, registry: &Registry) -> Datum {
        let text = |value: &str| {
            let ty = SqlType::varchar(64, Collation::UTF8MB4_BIN);
            TypedExpr::constant(Datum::Bytes(value.as_bytes().into()), ty)
        };
        let fitted = |expr: TypedExpr| {
            let session = Session::default();
            let mut binder = Binder::new(registry, &session, &[]);
            let cast = binder.cast(expr, &self.ty, true).ok()?;
            let value = cast.as_constant()?.clone();
            (!value.is_null() && binder.into_warnings().is_empty()).then_some(value)
        };
        example.cloned().and_then(fitted).or_else(|| fitted(text(self.value))).unwrap_or_default()
    }
}

/// Makes a column of values like `sample`; one row in eight is NULL if `has_nulls`.
pub(crate) fn column(sample: &Datum, has_nulls: bool) -> Column {
    let nulls = has_nulls.then(|| {
        let mut valid = BooleanBufferBuilder::new(ROWS);
        (0..ROWS).for_each(|row| valid.append(row % 8 != 5));
        valid.finish().into()
    });
    match sample {
        Datum::Null => Column::all_null(ROWS),
        Datum::Int(v) => Column::ints(rows(|row| vary_int(*v, row)), nulls),
        Datum::Real(v) => Column::reals(rows(|row| v * (1.0 - (row % 97) as f64 / 1000.0)), nulls),
        Datum::Decimal(v) => {
            let values = rows(|row| vary_decimal(v, row));
            Column::decimals(DecimalColumn::from_decimals(values), nulls)
        }
        Datum::Time(v) => Column::times(rows(|row| vary_time(*v, row).0), nulls),
        Datum::Duration(v) => Column::durations(rows(|row| vary_duration(*v, row).0), nulls),
        Datum::Bytes(v) => {
            let mut texts = BytesBuilder::with_capacity(ROWS, ROWS * v.len());
            (0..ROWS).for_each(|row| texts.push(&vary_text(v, row)));
            Column::bytes(texts.finish(), nulls)
        }
    }
}

fn rows<T>(value: impl Fn(usize) -> T) -> Vec<T> {
    (0..ROWS).map(value).collect()
}

/// Small numbers are counts and places, great ones codes and amounts: they stay what they are.
fn vary_int(value: i64, row: usize) -> i64 {
    let step = (row % 9) as i64;
    match value.unsigned_abs() {
        0 => step % 2,
        1..10 => value.signum() * (1 + step % 5),
        10..100 => value - value.signum() * step % 9,
        _ => value + step,
    }
}

fn vary_decimal(value: &Decimal, row: usize) -> Decimal {
    let scale = value.scale();
    let step = (row % 89) as i128;
    value.to_i128_scaled(scale).map_or(*value, |mantissa| {
        Decimal::from_i128_scaled(mantissa + mantissa.signum() * step, scale)
    })
}

/// Changes the day of the month, and the minute where there is a time of day.
fn vary_time(value: Time, row: usize) -> Time {
    let fields = value.fields();
    let day = 1 + (row % 28) as u8;
    let minute = if value == value.date() { fields.minute } else { (row % 60) as u8 };
    tiforth_types::temporal::Fields { day, minute, ..fields }.pack().unwrap_or(value)
}

fn vary_duration(value: Duration, row: usize) -> Duration {
    Duration(value.0 + value.0.signum() * (row % 50) as i64 * 1_000_000_000)
}

/// Changes letters, digits that stand at the end and the length of what is only words.
fn vary_text(value: &[u8], row: usize) -> Vec<u8> {
    let mut text = value.to_vec();
    let is_words = text.iter().all(|b| b.is_ascii_lowercase() || matches!(b, b' ' | b'.'));
    if is_words {
        for (i, byte) in text.iter_mut().enumerate().filter(|(_, b)| b.is_ascii_lowercase()) {
            let last = if *byte <= b'f' { 6 } else { 26 };
            *byte = b'a' + ((*byte - b'a') as usize + row * (i + 3) % last) as u8 % last as u8;
        }
    }
    match text.last_mut() {
        Some(digit @ b'1'..=b'9') => *digit -= (row % (*digit - b'0') as usize) as u8,
        Some(b'a'..=b'z') if is_words && value.len() > 8 => text.truncate(value.len() - row % 4),
        _ => {}
    }
    text
}
