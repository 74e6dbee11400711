// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Int64Type};
use arrow_array::{Array, Date32Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use tiforth_data::{Column, DecodeContext};
use tiforth_types::{Collation, SqlType, TimeZone};

use super::{Delivery, ROWS_MAX};
use crate::trial::{RefusingPool, TestTable, Trial};

/// Makes batches of so many rows, numbered through; every ninth day is NULL.
fn table(lens: &[usize]) -> TestTable {
    let fields = [
        ("n", SqlType::bigint(20)),
        ("day", SqlType::date()),
        ("text", SqlType::varchar(40, Collation::UTF8MB4_BIN)),
    ];
    let mut table = TestTable::new(&fields);
    let mut first = 0;
    for &len in lens {
        let all = || first..first + len as i64;
        let numbers = Int64Array::from_iter_values(all());
        let days: Date32Array = all().map(|n| (n % 9 != 4).then_some((n % 5_000) as i32)).collect();
        let text = |n: i64| format!("{n} {}", "x".repeat(n as usize % 17));
        let texts = StringArray::from_iter_values(all().map(text));
        let columns = vec![
            Column::host(Arc::new(numbers)),
            Column::host(Arc::new(days)),
            Column::host(Arc::new(texts)),
        ];
        table = table.with_columns(columns, len);
        first += len as i64;
    }
    table
}

fn target(text: DataType) -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("n", DataType::Int64, true),
        Field::new("day", DataType::Date32, true),
        Field::new("text", text, true),
    ]))
}

fn filtered(predicate: &str) -> String {
    format!(
        "{{\"operator\": \"filter\", \"predicate\": \"{predicate}\",
           \"input\": {{\"operator\": \"table\", \"table\": \"t\"}}}}"
    )
}

/// Runs the filter in every way and compares what is delivered with what was put in.
fn check(predicate: &str, lens: &[usize], is_kept: impl Fn(i64) -> bool, text: DataType) {
    let table = table(lens);
    let target = target(text);
    let wanted: Vec<i64> = (0..lens.iter().sum::<usize>() as i64).filter(|&n| is_kept(n)).collect();
    for trial in Trial::all() {
        let last = Arc::new(Delivery::new(Arc::clone(&target), TimeZone::UTC));
        let batches =
            trial.batches_through(&filtered(predicate), &[("t", &table)], Some(last)).unwrap();
        let how = DecodeContext::new(TimeZone::UTC);
        let batches: Vec<RecordBatch> =
            batches.iter().map(|b| b.to_record_batch(Some(&target), &how).unwrap()).collect();
        assert!(batches.iter().all(|b| (1..=ROWS_MAX).contains(&b.num_rows())));
        let mut found = Vec::new();
        for batch in &batches {
            batch.columns().iter().for_each(|c| c.to_data().validate_full().unwrap());
            let numbers = batch.column(0).as_primitive::<Int64Type>();
            let days = batch.column(1).as_primitive::<Date32Type>();
            let texts = batch.column(2);
            for row in 0..batch.num_rows() {
                let n = numbers.value(row);
                assert_eq!(days.is_null(row), n % 9 == 4, "{n}");
                assert!(days.is_null(row) || i64::from(days.value(row)) == n % 5_000);
                let text = match texts.as_string_view_opt() {
                    Some(views) => views.value(row),
                    None => texts.as_string::<i32>().value(row),
                };
                assert_eq!(text, format!("{n} {}", "x".repeat(n as usize % 17)));
                found.push(n);
            }
        }
        assert_eq!(found, wanted, "{predicate} in {} lanes", trial.lanes);
    }
}

#[test]
fn what_is_picked_arrives_in_order_and_whole() {
    for text in [DataType::Utf8View, DataType::Utf8] {
        check("n % 3 = 1", &[40_000, 7, 90_000, 1], |n| n % 3 == 1, text.clone());
        check("n >= 30000", &[20_000, 60_000], |n| n >= 30_000, text.clone());
        check("n % 1000 = 0", &[100, 100_000], |n| n % 1_000 == 0, text.clone());
        check("n < 0", &[100, 20_000], |_| false, text.clone());
        check("n >= 0", &[100, 20_000], |_| true, text);
    }
}

#[test]
fn few_rows_of_many_pieces_are_one_batch() {
    let table = table(&[60_000, 60_000]);
    let last = Arc::new(Delivery::new(target(DataType::Utf8View), TimeZone::UTC));
    let plan = filtered("n % 100 = 0");
    let batches = Trial::seeded(1, 0).batches_through(&plan, &[("t", &table)], Some(last)).unwrap();
    assert_eq!(batches.iter().map(|b| b.num_rows()).collect::<Vec<_>>(), [1_200]);
}

#[test]
fn where_memory_is_refused_pieces_are_written_by_themselves() {
    let table = table(&[40_000]);
    for nth in 0..5 {
        let pool = Arc::new(RefusingPool { nth, ..RefusingPool::default() });
        let mut trial = Trial::seeded(1, 0);
        trial.run.memory = Arc::clone(&pool) as Arc<dyn tiforth_data::MemoryPool>;
        let last = Arc::new(Delivery::new(target(DataType::Utf8View), TimeZone::UTC));
        let plan = filtered("n % 100 = 0");
        let batches = trial.batches_through(&plan, &[("t", &table)], Some(last)).unwrap();
        assert_eq!(batches.iter().map(|b| b.num_rows()).sum::<usize>(), 400);
        drop(trial);
        assert_eq!(tiforth_data::MemoryPool::reserved(&*pool), 0);
    }
}
