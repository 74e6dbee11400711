// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

use serde_json::Value;
use tiforth_types::{SqlType, TypeKind};

use crate::vectors::{Table, cases};

#[test]
fn the_types_of_columns_are_read_and_written_back() {
    let table = Table::wide();
    let assigned: Vec<Value> = ["assign", "assign.lenient"].iter().flat_map(|f| cases(f)).collect();
    let targets = assigned.iter().filter_map(|case| case["into"].as_str());
    let mut judged = 0;
    for text in table.columns().map(|(_, text)| text).chain(targets) {
        let ty: SqlType = text.parse().unwrap();
        assert_eq!(ty.to_string().parse(), Ok(ty), "{text}");
        judged += 1;
    }
    assert!(judged > 1000, "{judged}");
}

#[test]
fn columns_have_the_lengths_tidb_gives_them() {
    let table = Table::wide();
    let cases = cases("aggregate");
    let mut judged = 0;
    for (name, text) in table.columns() {
        let ty: SqlType = text.parse().unwrap();
        let asked = format!("min({name})");
        let plain = |case: &&Value| case["agg"] == *asked && case["by"].is_null();
        let Some(case) = cases.iter().find(plain) else { continue };
        let expected = &case["t"];
        // MIN of a vector is a LONGBLOB.
        if ty.kind == TypeKind::Vector {
            continue;
        }
        assert_eq!(Some(ty.protocol_length()), expected["len"].as_i64(), "{text}");
        assert_eq!(ty.unsigned, expected["unsigned"] == true, "{text}");
        let decimals = if ty.decimals < 0 { 31 } else { i64::from(ty.decimals) };
        assert_eq!(Some(decimals), expected["dec"].as_i64(), "{text}");
        judged += 1;
    }
    assert!(judged > 60, "{judged}");
}
