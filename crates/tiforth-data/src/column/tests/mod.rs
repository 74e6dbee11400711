// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

mod decimals;
mod encodings;
mod reading;
mod rows;
mod writing;

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, make_array};
use arrow_buffer::NullBuffer;
use arrow_schema::DataType;
use tiforth_types::{Datum, Result, SqlType, TimeZone, TypeKind};

use self::encodings::encodings;
use super::*;
use crate::arrow_type::natural_sql_type;

fn utc() -> DecodeContext {
    DecodeContext::new(TimeZone::UTC)
}

fn ty(text: &str) -> SqlType {
    text.parse().unwrap()
}

fn shown(datum: &Datum, ty: &SqlType) -> String {
    let mut out = Vec::new();
    match datum {
        Datum::Null => return "NULL".into(),
        Datum::Int(v) if ty.unsigned => return (*v as u64).to_string(),
        Datum::Int(v) => return v.to_string(),
        Datum::Real(v) => return v.to_string(),
        Datum::Decimal(v) => return v.to_string(),
        Datum::Time(v) if ty.kind == TypeKind::Date => v.write_date(&mut out),
        Datum::Time(v) => v.write_datetime(ty.fsp(), &mut out),
        Datum::Duration(v) => v.write(ty.fsp(), &mut out),
        Datum::Bytes(v) => out.extend_from_slice(v),
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn read(array: &ArrayRef, ty: &SqlType) -> Vec<String> {
    let column = Column::host(array.clone());
    let decoded = column.decoded(ty, &utc()).unwrap_or_else(|e| panic!("{ty}: {e}"));
    (0..column.len()).map(|row| shown(&decoded.value(row), ty)).collect()
}

fn with_nulls(array: &ArrayRef, valid: [bool; 4]) -> ArrayRef {
    let data = array.to_data().into_builder();
    let nulls = NullBuffer::from(valid.to_vec());
    make_array(data.nulls(Some(nulls)).build().unwrap())
}

/// Checks that what was decoded is written as it was, and that a column nobody read is the same.
fn comes_back(array: &ArrayRef, ty: &SqlType) {
    let data_type = array.data_type();
    let column = Column::host(array.clone());
    let output = Output { ty, data_type: Some(data_type), name: "c" };
    let untouched = column.to_arrow(None, &output, &utc()).unwrap();
    assert!(Arc::ptr_eq(&untouched, array));
    let decoded = column.decoded(ty, &utc()).unwrap().into_owned();
    if let DataType::Float16 | DataType::Dictionary(..) = data_type {
        return;
    }
    let written = decoded.to_arrow(None, &output, &utc()).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(&written, array, "{data_type}");
    let all: Vec<u32> = (0..array.len() as u32).rev().collect();
    let backwards = decoded.to_arrow(Some(&all), &output, &utc()).unwrap();
    for row in 0..array.len() {
        let other = backwards.slice(array.len() - 1 - row, 1);
        assert_eq!(other.to_data(), array.slice(row, 1).to_data(), "{data_type}");
    }
}

fn write(column: &Column, ty: &str, data_type: &DataType) -> Result<ArrayRef> {
    let ty = ty.parse().unwrap();
    let output = Output { ty: &ty, data_type: Some(data_type), name: "c" };
    column.to_arrow(None, &output, &utc())
}
