// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Chooses an Arrow encoding for a column and makes the array.

use std::sync::Arc;

use arrow_array::builder::{BinaryViewBuilder, FixedSizeBinaryBuilder, StringViewBuilder};
use arrow_array::types::{ArrowDictionaryKeyType, Int8Type, Int16Type, Int64Type, UInt32Type};
use arrow_array::{
    Array, ArrayRef, BinaryArray, Date32Array, Decimal32Array, Decimal64Array, Decimal128Array,
    Decimal256Array, DictionaryArray, DurationMicrosecondArray, DurationNanosecondArray,
    Float32Array, Float64Array, Int8Array, Int16Array, Int32Array, Int64Array, LargeBinaryArray,
    LargeStringArray, PrimitiveArray, StringArray, Time64MicrosecondArray,
    TimestampMicrosecondArray, TimestampMillisecondArray, TimestampSecondArray, UInt8Array,
    UInt16Array, UInt32Array, UInt64Array,
};
use arrow_schema::ArrowError;

use super::layout::Layout;
use super::values::{Civil, Values};
use crate::vectors::ColumnForm;

/// Says how a column's array is made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Encoding {
    form: Form,
    /// The width of the dictionary's keys, where it is one.
    keys: Option<Keys>,
}

/// Names an Arrow type without its dictionary.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Form {
    Int8,
    Int16,
    Int32,
    Int64,
    UInt8,
    UInt16,
    UInt32,
    UInt64,
    Float32,
    Float64,
    Decimal { bits: u16, precision: u8, scale: i8 },
    Packed,
    Date32,
    Timestamp { per_second: i64, utc: bool },
    Nanoseconds,
    DurationNanoseconds,
    DurationMicroseconds,
    Time64,
    Utf8,
    LargeUtf8,
    Utf8View,
    Binary,
    LargeBinary,
    BinaryView,
    FixedSizeBinary(i32),
}

/// Names a dictionary's key type.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Keys {
    Int8,
    Int16,
    UInt32,
    Int64,
}

impl Encoding {
    /// Chooses the encoding of the column at `position`, by which the choice varies.
    pub(super) fn choose(
        column: ColumnForm,
        values: &Values,
        layout: Layout,
        position: usize,
    ) -> Encoding {
        let form = match layout {
            Layout::View => viewed(column, values, position),
            Layout::Large => large(column, values, position),
            _ => plain(column),
        };
        // Text also comes as bytes whose metadata says that they are text.
        let form = match form {
            Form::Utf8 if layout != Layout::Plain && position % 2 == 1 => Form::Binary,
            form => form,
        };
        let keys = (layout == Layout::Dictionary).then(|| match position % 4 {
            0 if values.len() <= 127 => Keys::Int8,
            1 => Keys::Int16,
            2 => Keys::UInt32,
            _ => Keys::Int64,
        });
        Encoding { form, keys }
    }
}

fn plain(column: ColumnForm) -> Form {
    match column {
        ColumnForm::Integer { bytes, unsigned } => match (bytes, unsigned) {
            (1, false) => Form::Int8,
            (1, true) => Form::UInt8,
            (2, false) => Form::Int16,
            (2, true) => Form::UInt16,
            (4, false) => Form::Int32,
            (4, true) => Form::UInt32,
            (_, false) => Form::Int64,
            (_, true) => Form::UInt64,
        },
        ColumnForm::Year => Form::UInt16,
        ColumnForm::Float => Form::Float32,
        ColumnForm::Double => Form::Float64,
        ColumnForm::Decimal { precision, scale } => {
            decimal(if precision <= 38 { 128 } else { 256 }, precision, scale)
        }
        ColumnForm::Date | ColumnForm::DateTime { .. } | ColumnForm::Timestamp { .. } => {
            Form::Packed
        }
        ColumnForm::Time { .. } => Form::Nanoseconds,
        ColumnForm::Text => Form::Utf8,
        ColumnForm::FixedBytes { .. } | ColumnForm::Bytes => Form::Binary,
        // Those below are not read into values (`Values::parse`).
        ColumnForm::Bit
        | ColumnForm::Enum
        | ColumnForm::Set
        | ColumnForm::Json
        | ColumnForm::Vector => Form::UInt64,
    }
}

fn decimal(bits: u16, precision: u8, scale: u8) -> Form {
    Form::Decimal { bits, precision, scale: i8::try_from(scale).unwrap_or(0) }
}

/// Chooses view types, Arrow's own temporals and 256-bit decimals.
fn viewed(column: ColumnForm, values: &Values, position: usize) -> Form {
    let all_civil = |fits: fn(&Civil) -> bool| match values {
        Values::Civil(values) => values.iter().flatten().all(fits),
        _ => false,
    };
    let is_calendar = all_civil(|c| c.microseconds().is_some());
    match column {
        ColumnForm::Decimal { precision, scale } => decimal(256, precision, scale),
        ColumnForm::Date if is_calendar => Form::Date32,
        ColumnForm::DateTime { fsp } if is_calendar => {
            Form::Timestamp { per_second: per_second(fsp), utc: false }
        }
        ColumnForm::Timestamp { fsp } if is_calendar => {
            Form::Timestamp { per_second: per_second(fsp), utc: true }
        }
        ColumnForm::Time { .. } => Form::DurationNanoseconds,
        ColumnForm::Text if position.is_multiple_of(2) => Form::Utf8View,
        ColumnForm::Text | ColumnForm::Bytes | ColumnForm::FixedBytes { .. } => Form::BinaryView,
        ColumnForm::Year => Form::Int16,
        _ => plain(column),
    }
}

fn per_second(fsp: u8) -> i64 {
    match fsp {
        0 => 1,
        1..=3 => 1000,
        _ => 1_000_000,
    }
}

/// Chooses 64-bit offsets, the narrowest decimals, and fixed-size bytes.
fn large(column: ColumnForm, values: &Values, position: usize) -> Form {
    let is_clock = match values {
        Values::Duration(values) => {
            values.iter().flatten().all(|n| (0..86_400_000_000_000).contains(n))
        }
        _ => false,
    };
    match column {
        ColumnForm::Decimal { precision, scale } => {
            let bits = match precision {
                0..=9 => 32,
                10..=18 => 64,
                19..=38 => 128,
                _ => 256,
            };
            decimal(bits, precision, scale)
        }
        ColumnForm::Time { .. } if is_clock => Form::Time64,
        ColumnForm::Time { .. } => Form::DurationMicroseconds,
        ColumnForm::Text if position.is_multiple_of(2) => Form::LargeUtf8,
        ColumnForm::Text | ColumnForm::Bytes => Form::LargeBinary,
        ColumnForm::FixedBytes { length } => match i32::try_from(length) {
            Ok(length) => Form::FixedSizeBinary(length),
            Err(_) => Form::LargeBinary,
        },
        _ => plain(column),
    }
}

/// Makes the array of the values at `rows`, in that order.
pub(super) fn encode(
    values: &Values,
    encoding: &Encoding,
    rows: &[usize],
) -> Result<ArrayRef, String> {
    let made = match encoding.keys {
        None => array(values, encoding.form, rows),
        Some(keys) => dictionary(values, encoding.form, keys, rows),
    };
    made.map_err(|e| e.to_string())
}

/// Makes a dictionary of the whole column, backwards: entries may repeat, be NULL or be unused. A
/// NULL is a NULL key in every other row, and a key of a NULL entry in the rest.
fn dictionary(
    values: &Values,
    form: Form,
    keys: Keys,
    rows: &[usize],
) -> Result<ArrayRef, ArrowError> {
    let backwards: Vec<usize> = (0..values.len()).rev().collect();
    let entries = array(values, form, &backwards)?;
    let key_of = |row: usize| {
        let key = values.len() - 1 - row;
        (!entries.is_null(key) || row.is_multiple_of(2)).then_some(key)
    };
    let keys_of: Vec<Option<usize>> = rows.iter().map(|row| key_of(*row)).collect();
    match keys {
        Keys::Int8 => keyed::<Int8Type>(&keys_of, entries),
        Keys::Int16 => keyed::<Int16Type>(&keys_of, entries),
        Keys::UInt32 => keyed::<UInt32Type>(&keys_of, entries),
        Keys::Int64 => keyed::<Int64Type>(&keys_of, entries),
    }
}

fn keyed<K: ArrowDictionaryKeyType>(
    keys: &[Option<usize>],
    entries: ArrayRef,
) -> Result<ArrayRef, ArrowError>
where
    K::Native: TryFrom<usize>,
{
    let keys: PrimitiveArray<K> =
        keys.iter().map(|key| key.and_then(|k| K::Native::try_from(k).ok())).collect();
    Ok(Arc::new(DictionaryArray::<K>::try_new(keys, entries)?))
}

/// Makes the array of one form.
fn array(values: &Values, form: Form, rows: &[usize]) -> Result<ArrayRef, ArrowError> {
    match values {
        Values::Int(values) => integers(&pick(values, rows), form),
        Values::UInt(values) => integers(&pick(values, rows), form),
        Values::Real(values) => Ok(reals(pick(values, rows), form)),
        Values::Decimal(values) => decimals(&pick(values, rows), form),
        Values::Civil(values) => Ok(civils(&pick(values, rows), form)),
        Values::Duration(values) => Ok(durations(pick(values, rows), form)),
        Values::Bytes(values) => strings(values, rows, form),
    }
}

fn pick<T: Copy>(values: &[Option<T>], rows: &[usize]) -> Vec<Option<T>> {
    rows.iter().map(|row| values.get(*row).copied().flatten()).collect()
}

fn integers<T: Copy + Into<i128>>(
    values: &[Option<T>],
    form: Form,
) -> Result<ArrayRef, ArrowError> {
    fn cast<S: Copy + Into<i128>, T: TryFrom<i128>>(
        values: &[Option<S>],
    ) -> Result<Vec<Option<T>>, ArrowError> {
        let cast = |value: S| {
            let value: i128 = value.into();
            T::try_from(value)
                .map_err(|_| ArrowError::InvalidArgumentError(format!("{value} does not fit")))
        };
        values.iter().map(|value| value.map(cast).transpose()).collect()
    }
    Ok(match form {
        Form::Int8 => Arc::new(Int8Array::from(cast(values)?)),
        Form::Int16 => Arc::new(Int16Array::from(cast(values)?)),
        Form::Int32 => Arc::new(Int32Array::from(cast(values)?)),
        Form::UInt8 => Arc::new(UInt8Array::from(cast(values)?)),
        Form::UInt16 => Arc::new(UInt16Array::from(cast(values)?)),
        Form::UInt32 => Arc::new(UInt32Array::from(cast(values)?)),
        Form::UInt64 => Arc::new(UInt64Array::from(cast(values)?)),
        _ => Arc::new(Int64Array::from(cast(values)?)),
    })
}

fn reals(values: Vec<Option<f64>>, form: Form) -> ArrayRef {
    #[expect(clippy::cast_possible_truncation, reason = "FLOAT cells are exact floats")]
    let narrow = |value: f64| value as f32;
    match form {
        Form::Float32 => {
            Arc::new(values.into_iter().map(|v| v.map(narrow)).collect::<Float32Array>())
        }
        _ => Arc::new(Float64Array::from(values)),
    }
}

fn decimals(values: &[Option<arrow_buffer::i256>], form: Form) -> Result<ArrayRef, ArrowError> {
    let Form::Decimal { bits, precision, scale } = form else {
        return Err(ArrowError::InvalidArgumentError("a decimal needs a decimal form".to_owned()));
    };
    let too_wide = || ArrowError::InvalidArgumentError("a decimal does not fit".to_owned());
    let narrow: Vec<Option<i128>> = match bits {
        256 => Vec::new(),
        _ => values
            .iter()
            .map(|v| v.map(|v| v.to_i128().ok_or_else(too_wide)).transpose())
            .collect::<Result<_, _>>()?,
    };
    Ok(match bits {
        32 => {
            let cast = narrow.iter().map(|v| v.and_then(|v| i32::try_from(v).ok()));
            let array: Decimal32Array = cast.collect();
            Arc::new(array.with_precision_and_scale(precision, scale)?)
        }
        64 => {
            let cast = narrow.iter().map(|v| v.and_then(|v| i64::try_from(v).ok()));
            let array: Decimal64Array = cast.collect();
            Arc::new(array.with_precision_and_scale(precision, scale)?)
        }
        128 => {
            let array = Decimal128Array::from(narrow);
            Arc::new(array.with_precision_and_scale(precision, scale)?)
        }
        _ => {
            let array = Decimal256Array::from(values.to_vec());
            Arc::new(array.with_precision_and_scale(precision, scale)?)
        }
    })
}

fn civils(values: &[Option<Civil>], form: Form) -> ArrayRef {
    let since_epoch = |per_second: i64| -> Vec<Option<i64>> {
        let cut = |micros: i64| micros.div_euclid(1_000_000 / per_second);
        values.iter().map(|v| v.and_then(|v| v.microseconds()).map(cut)).collect()
    };
    match form {
        Form::Date32 => {
            Arc::new(values.iter().map(|v| v.and_then(|v| v.days())).collect::<Date32Array>())
        }
        Form::Timestamp { per_second, utc } => {
            let zone = utc.then(|| Arc::<str>::from("UTC"));
            let values = since_epoch(per_second);
            match per_second {
                1 => Arc::new(TimestampSecondArray::from(values).with_timezone_opt(zone)),
                1000 => Arc::new(TimestampMillisecondArray::from(values).with_timezone_opt(zone)),
                _ => Arc::new(TimestampMicrosecondArray::from(values).with_timezone_opt(zone)),
            }
        }
        _ => Arc::new(values.iter().map(|v| v.map(|v| v.packed())).collect::<UInt64Array>()),
    }
}

fn durations(values: Vec<Option<i64>>, form: Form) -> ArrayRef {
    let micros = |values: Vec<Option<i64>>| -> Vec<Option<i64>> {
        values.into_iter().map(|v| v.map(|nanos| nanos / 1000)).collect()
    };
    match form {
        Form::DurationNanoseconds => Arc::new(DurationNanosecondArray::from(values)),
        Form::DurationMicroseconds => Arc::new(DurationMicrosecondArray::from(micros(values))),
        Form::Time64 => Arc::new(Time64MicrosecondArray::from(micros(values))),
        _ => Arc::new(Int64Array::from(values)),
    }
}

fn strings(
    values: &[Option<Box<[u8]>>],
    rows: &[usize],
    form: Form,
) -> Result<ArrayRef, ArrowError> {
    let bytes = || rows.iter().map(|row| values.get(*row).and_then(|v| v.as_deref()));
    let texts = || {
        let read = |v: &'_ [u8]| {
            std::str::from_utf8(v)
                .map(str::to_owned)
                .map_err(|e| ArrowError::InvalidArgumentError(format!("a text is no UTF-8: {e}")))
        };
        bytes().map(|v| v.map(read).transpose()).collect::<Result<Vec<Option<String>>, _>>()
    };
    Ok(match form {
        Form::Utf8 => Arc::new(StringArray::from_iter(texts()?)),
        Form::LargeUtf8 => Arc::new(LargeStringArray::from_iter(texts()?)),
        Form::Utf8View => {
            let mut builder = StringViewBuilder::new();
            builder.extend(texts()?);
            Arc::new(builder.finish())
        }
        Form::LargeBinary => Arc::new(LargeBinaryArray::from_iter(bytes())),
        Form::BinaryView => {
            let mut builder = BinaryViewBuilder::new();
            builder.extend(bytes());
            Arc::new(builder.finish())
        }
        Form::FixedSizeBinary(length) => {
            let mut builder = FixedSizeBinaryBuilder::with_capacity(rows.len(), length);
            for value in bytes() {
                match value {
                    Some(value) => builder.append_value(value)?,
                    None => builder.append_null(),
                }
            }
            Arc::new(builder.finish())
        }
        _ => Arc::new(BinaryArray::from_iter(bytes())),
    })
}

impl Values {
    /// Returns the number of rows.
    fn len(&self) -> usize {
        match self {
            Values::Int(values) => values.len(),
            Values::Duration(values) => values.len(),
            Values::UInt(values) => values.len(),
            Values::Real(values) => values.len(),
            Values::Decimal(values) => values.len(),
            Values::Civil(values) => values.len(),
            Values::Bytes(values) => values.len(),
        }
    }
}
