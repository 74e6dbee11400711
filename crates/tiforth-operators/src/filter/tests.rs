// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

use std::sync::Arc;

use arrow_array::types::Int8Type;
use arrow_array::{ArrayRef, Date32Array, Decimal128Array, DictionaryArray, Int8Array};
use tiforth_data::Column;
use tiforth_types::{Datum, SqlType};

use crate::trial::{TestTable, Trial, check};

/// Gives numbers that look random, the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(0x1405_7B7E_F767_814F);
        (self.0 >> 33) % end
    }
}

fn plan(predicate: &str) -> String {
    format!(
        "{{\"operator\": \"filter\", \"predicate\": \"{predicate}\",
           \"input\": {{\"operator\": \"table\", \"table\": \"t\"}}}}"
    )
}

type Value = Option<i64>;

/// Compares as SQL does; NULL is not true.
fn holds(a: Value, b: i64, is_true: impl Fn(i64, i64) -> bool) -> bool {
    a.is_some_and(|a| is_true(a, b))
}

#[test]
fn conjuncts_keep_what_row_by_row_keeps() {
    let types = || SqlType::bigint(20);
    let mut numbers = Numbers(7);
    let mut table = TestTable::new(&[("a", types()), ("b", types()), ("c", types())]);
    let mut rows: Vec<[Value; 3]> = Vec::new();
    for len in [1, 63, 64, 65, 300] {
        let batch: Vec<[Value; 3]> = (0..len)
            .map(|_| [(); 3].map(|()| numbers.below(12).checked_sub(2).map(|v| v as i64)))
            .collect();
        let datum = |v: &Value| v.map_or(Datum::Null, Datum::Int);
        let data: Vec<Vec<Datum>> = batch.iter().map(|r| r.iter().map(datum).collect()).collect();
        table = table.with_rows(&data);
        rows.extend(batch);
    }
    type Judge = fn(&[Value; 3]) -> bool;
    let predicates: [(&str, Judge); 8] = [
        ("a < 5", |r| holds(r[0], 5, |a, b| a < b)),
        ("a < 5 AND b >= 3", |r| holds(r[0], 5, |a, b| a < b) && holds(r[1], 3, |a, b| a >= b)),
        ("a < 5 AND b >= 3 AND c <> 4", |r| {
            let first = holds(r[0], 5, |a, b| a < b) && holds(r[1], 3, |a, b| a >= b);
            first && holds(r[2], 4, |a, b| a != b)
        }),
        // What is in the middle is computed for the rows left alone.
        ("a < 5 AND b + 0 >= 3 AND c <> 4", |r| {
            let first = holds(r[0], 5, |a, b| a < b) && holds(r[1], 3, |a, b| a >= b);
            first && holds(r[2], 4, |a, b| a != b)
        }),
        ("b AND a < 5", |r| holds(r[1], 0, |a, b| a != b) && holds(r[0], 5, |a, b| a < b)),
        ("a < b AND b < c", |r| {
            let less = |a: Value, b: Value| a.zip(b).is_some_and(|(a, b)| a < b);
            less(r[0], r[1]) && less(r[1], r[2])
        }),
        ("a < 100 AND b < 0", |_| false),
        ("a <=> NULL AND 1", |r| r[0].is_none()),
    ];
    for (predicate, judge) in predicates {
        let show = |v: &Value| v.map_or("NULL".to_owned(), |v| v.to_string());
        let line = |r: &[Value; 3]| r.iter().map(show).collect::<Vec<_>>().join("|");
        let wanted: Vec<String> = rows.iter().filter(|r| judge(r)).map(line).collect();
        let wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
        check(&plan(predicate), &table, &wanted);
    }
}

#[test]
fn a_bad_value_fails_only_where_it_is_looked_at() {
    let price = Decimal128Array::from(vec![100, 200, 300]).with_precision_and_scale(15, 2).unwrap();
    // The last day is beyond the year 9999.
    let day = Date32Array::from(vec![0, 1, 3_000_000]);
    let types = [("price", SqlType::decimal(15, 2)), ("day", SqlType::date())];
    let columns = vec![Column::host(Arc::new(price)), Column::host(Arc::new(day))];
    let table = TestTable::new(&types).with_columns(columns, 3);
    let run = |predicate: &str| {
        let rows = Trial::seeded(1, 0).batches(&plan(predicate), &[("t", &table)]);
        rows.map(|batches| batches.iter().map(|b| b.num_rows()).sum::<usize>())
    };
    assert_eq!(run("price < 2.5").unwrap(), 2);
    assert_eq!(run("price < 0 AND day < DATE '1970-01-02'").unwrap(), 0);
    assert_eq!(run("price < 2.5 AND day < DATE '1970-01-02'").unwrap_err().code(), 1292);
}

#[test]
fn a_column_of_the_host_is_a_condition() {
    let keys = Int8Array::from(vec![Some(0), Some(1), None, Some(0)]);
    let entries: ArrayRef = Arc::new(Int8Array::from(vec![-3, 0]));
    let numbers = Int8Array::from(vec![Some(0), Some(5), Some(2), Some(-1)]);
    let dictionary = DictionaryArray::<Int8Type>::new(keys, entries);
    let columns = vec![Column::host(Arc::new(numbers)), Column::host(Arc::new(dictionary))];
    let types = [("a", SqlType::bigint(20)), ("b", SqlType::bigint(20))];
    let table = TestTable::new(&types).with_columns(columns, 4);
    let kept = |predicate: &str| {
        let batches = Trial::seeded(1, 0).batches(&plan(predicate), &[("t", &table)]).unwrap();
        let rows = batches.iter().map(|b| b.selection().map_or(b.num_rows(), |s| s.len()));
        rows.sum::<usize>()
    };
    assert_eq!(kept("a"), 3);
    assert_eq!(kept("b"), 2);
    assert_eq!(kept("a AND b"), 1);
    assert_eq!(kept("a < 4 AND b"), 2);
}
