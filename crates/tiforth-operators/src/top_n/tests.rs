// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

use tiforth_types::{Collation, Datum, SqlType};

use crate::trial::{TestTable, Trial, check, check_refusals};

fn table(rows: usize) -> TestTable {
    let fields = [
        ("k", SqlType::bigint(20)),
        ("s", SqlType::varchar(30, Collation::UTF8MB4_BIN)),
        ("i", SqlType::bigint(20)),
    ];
    let mut table = TestTable::new(&fields);
    let mut state = 5u64;
    let all: Vec<Vec<Datum>> = (0..rows)
        .map(|i| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(99);
            let k = (state >> 40) % 3_000;
            let s = format!("a common beginning {}", k / 7);
            let k = if k == 0 { Datum::Null } else { Datum::Int(k as i64) };
            vec![k, Datum::Bytes(s.as_bytes().into()), Datum::Int(i as i64)]
        })
        .collect();
    for portion in all.chunks(1_000) {
        table = table.with_rows(portion);
    }
    table
}

fn plan(keys: &str, limit: u64, offset: u64) -> String {
    format!(
        r#"{{"operator": "top_n", "keys": [{keys}], "limit": {limit}, "offset": {offset},
            "input": {{"operator": "table", "table": "t"}}}}"#
    )
}

#[test]
fn rows_are_those_of_a_sort_and_a_limit() {
    let table = table(40_000);
    let keys = [
        r#"{"expr": "k"}"#,
        r#"{"expr": "k", "descending": true}"#,
        r#"{"expr": "s", "descending": true}, {"expr": "k"}"#,
        r#"{"expr": "0 - i"}"#,
    ];
    for keys in keys {
        let sort =
            plan(keys, 0, 0).replace("top_n", "sort").replace(r#", "limit": 0, "offset": 0"#, "");
        let sorted = Trial::seeded(1, 0).rows(&sort, &[("t", &table)]).unwrap();
        for (limit, offset) in
            [(0, 0), (1, 0), (10, 0), (10, 5), (3_000, 100), (50_000, 0), (5, 39_998), (5, 50_000)]
        {
            let from = (offset as usize).min(sorted.len());
            let to = (from + limit as usize).min(sorted.len());
            let wanted = &sorted[from..to];
            for trial in [Trial::seeded(1, 0), Trial::seeded(3, 7), Trial::threads(2)] {
                let rows = trial.rows(&plan(keys, limit, offset), &[("t", &table)]).unwrap();
                assert!(rows == wanted, "{keys} limit {limit} offset {offset}");
            }
        }
    }
}

#[test]
fn greatest_limits_and_no_rows() {
    let few = table(3);
    let wanted = Trial::seeded(1, 0).rows(&plan(r#"{"expr": "i"}"#, 3, 0), &[("t", &few)]).unwrap();
    let wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
    check(&plan(r#"{"expr": "i"}"#, u64::MAX, 0), &few, &wanted);
    check(&plan(r#"{"expr": "i"}"#, u64::MAX - 1, 1), &few, &wanted[1..]);
    check(&plan(r#"{"expr": "i"}"#, 5, 0), &table(0), &[]);
    let beyond = plan(r#"{"expr": "i"}"#, u64::MAX, 1);
    assert!(Trial::seeded(1, 0).rows(&beyond, &[("t", &few)]).is_err());
}

#[test]
fn refused_memory_is_a_clean_error() {
    check_refusals(&plan(r#"{"expr": "s"}, {"expr": "0 - i"}"#, 10, 2), &table(12_000));
    check_refusals(&plan(r#"{"expr": "k"}"#, 10, 2), &table(12_000));
}

#[test]
fn what_is_kept_is_bounded() {
    use crate::trial::RefusingPool;
    use std::sync::Arc;
    use std::sync::atomic::Ordering;
    use tiforth_data::MemoryPool;

    let pool = Arc::new(RefusingPool { nth: usize::MAX, ..RefusingPool::default() });
    let mut trial = Trial::seeded(1, 0);
    trial.run.memory = Arc::clone(&pool) as Arc<dyn MemoryPool>;
    // The worst order: every row is wanted when it comes.
    trial.rows(&plan(r#"{"expr": "0 - i"}"#, 10, 0), &[("t", &table(100_000))]).unwrap();
    let peak = pool.peak.load(Ordering::Relaxed);
    assert!(peak < 2_000_000, "{peak} bytes were claimed");
}
