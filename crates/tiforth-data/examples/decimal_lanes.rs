// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Measures how fast decimals are narrowed to 64 bits and widened back:
//! `cargo run --release -p tiforth-data --example decimal_lanes`.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use arrow_array::{ArrayRef, Decimal128Array, UInt64Array};
use arrow_schema::DataType;
use tiforth_data::{Column, DecodeContext, Output};
use tiforth_types::{SqlType, TimeZone};

const ROWS: usize = 8_192;
const REPEATS: usize = 5_000;

/// Runs `work` many times and prints its rate in rows and in bytes of the wider side.
fn measure(name: &str, bytes_a_row: usize, mut work: impl FnMut()) {
    let mut best = f64::INFINITY;
    for _ in 0..5 {
        let start = Instant::now();
        for _ in 0..REPEATS {
            work();
        }
        best = best.min(start.elapsed().as_secs_f64());
    }
    let rows = (ROWS * REPEATS) as f64 / best;
    let (nanos, giga) = (1e9 / rows, rows * bytes_a_row as f64 / 1e9);
    println!("{name:<44} {nanos:>7.3} ns/row {giga:>7.1} GB/s");
}

fn main() {
    let how = DecodeContext::new(TimeZone::UTC);
    let ty = SqlType::decimal(15, 2);
    let mantissas = (0..ROWS as i128).map(|i| i * 1_000_003 - 77_777);
    let array = Decimal128Array::from_iter_values(mantissas);
    let array: ArrayRef = match array.with_precision_and_scale(15, 2) {
        Ok(array) => Arc::new(array),
        Err(e) => return eprintln!("{e}"),
    };
    measure("read Decimal128 to 64-bit lanes", 16, || {
        let column = Column::host(array.clone());
        black_box(column.decoded(&ty, &how).is_ok());
    });
    let column = Column::host(array.clone());
    let Ok(decoded) = column.decoded(&ty, &how) else { return };
    let data_type = DataType::Decimal128(15, 2);
    let output = Output { ty: &ty, data_type: Some(&data_type), name: "price" };
    measure("write 64-bit lanes as Decimal128", 16, || {
        black_box(decoded.to_arrow(None, &output, &how).is_ok());
    });
    let days = (0..ROWS as u64).map(|i| ((2024 * 13 + 1 + i % 12) << 46) | ((1 + i % 28) << 41));
    let days: ArrayRef = Arc::new(UInt64Array::from_iter_values(days));
    let date = SqlType::date();
    let output = Output { ty: &date, data_type: Some(&DataType::Date32), name: "day" };
    let Ok(written) = Column::host(days.clone()).to_arrow(None, &output, &how) else { return };
    measure("read Date32 as packed dates", 8, || {
        black_box(Column::host(written.clone()).decoded(&date, &how).is_ok());
    });
    measure("check packed dates", 8, || {
        black_box(Column::host(days.clone()).decoded(&date, &how).is_ok());
    });
}
