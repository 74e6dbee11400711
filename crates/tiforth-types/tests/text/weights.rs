// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

use serde_json::Value;
use tiforth_types::Collation;

use crate::tables;
use crate::vectors::{Table, cases};

#[test]
fn tables_are_what_the_vectors_make() {
    for (path, bytes) in tables::tables().unwrap() {
        let stale = std::fs::read(&path).ok() != Some(bytes);
        assert!(!stale, "{}: run the example collation_tables", path.display());
    }
}

fn encode(code_point: u32) -> Option<String> {
    char::from_u32(code_point).map(String::from)
}

#[test]
fn every_character_has_its_weight() {
    let check = |collation: &str, source: &str, left_out: &dyn Fn(u32) -> Vec<u8>| {
        let collation = Collation::from_name(collation).unwrap();
        let known = tables::read_pairs(source).unwrap();
        for code_point in 0..0x11_0000 {
            // The padding of a single space is cut.
            let Some(text) = encode(code_point).filter(|text| text != " ") else { continue };
            let mut key = Vec::new();
            collation.sort_key(text.as_bytes(), &mut key);
            let expected = known.get(&code_point).cloned();
            let expected = expected.unwrap_or_else(|| left_out(code_point));
            assert_eq!(key, expected, "{collation} {code_point:x}");
        }
    };
    let fffd = |_| vec![0xff, 0xfd];
    check("utf8mb4_general_ci", "utf8mb4_general_ci", &fffd);
    check("utf8_general_ci", "utf8mb4_general_ci", &fffd);
    check("utf8mb4_unicode_ci", "utf8mb4_unicode_ci", &fffd);
    check("utf8mb4_0900_ai_ci", "utf8mb4_0900_ai_ci", &|code_point| {
        let both = (0xfbc0 + (code_point >> 15)) << 16 | (code_point & 0x7fff) | 0x8000;
        both.to_be_bytes().to_vec()
    });
    check("gbk_chinese_ci", "gbk_chinese_ci", &|_| vec![0x3f]);
    check("gbk_bin", "gbk", &|_| vec![0x3f]);
}

#[test]
fn every_character_has_its_case() {
    let check = |source: &str, write: fn(Collation, &[u8], &mut Vec<u8>)| {
        let known = tables::read_pairs(source).unwrap();
        for code_point in 0..0x11_0000 {
            let Some(text) = encode(code_point) else { continue };
            let mut mapped = Vec::new();
            write(Collation::UTF8MB4_BIN, text.as_bytes(), &mut mapped);
            let expected = known.get(&code_point).map_or(text.as_bytes(), Vec::as_slice);
            assert_eq!(mapped, expected, "{source} {code_point:x}");
        }
    };
    check("upper", Collation::write_upper);
    check("lower", Collation::write_lower);
}

/// Returns the collation of a column, by its type.
pub(crate) fn collation_of(table: &Table, column: &str) -> Option<Collation> {
    let (_, sql_type) = table.columns().find(|(name, _)| *name == column)?;
    if sql_type.starts_with("enum") || sql_type.starts_with("set") {
        return None;
    }
    sql_type.split_once(" collate ").and_then(|(_, name)| Collation::from_name(name))
}

#[test]
fn rows_are_ordered_as_tidb_orders_them() {
    let table = Table::wide();
    let mut judged = 0;
    for case in cases("order") {
        let words: Vec<&str> = case["order"].as_str().unwrap().split([' ', ',']).collect();
        let (column, descends) = match words[..] {
            [column, direction, "", "id"] => (column, direction == "desc"),
            _ => continue,
        };
        let Some(collation) = collation_of(&table, column) else { continue };
        let values = table.column(column);
        let mut ids: Vec<usize> = (0..values.len()).collect();
        ids.sort_by(|a, b| {
            let order = match (values[*a], values[*b]) {
                (Some(a), Some(b)) => collation.compare(a.as_bytes(), b.as_bytes()),
                (a, b) => a.is_some().cmp(&b.is_some()),
            };
            if descends { order.reverse() } else { order }.then(a.cmp(b))
        });
        let expected = case["r"].as_array().unwrap();
        let expected: Vec<usize> = expected.iter().map(|r| id(&r[0])).collect();
        assert_eq!(ids, expected, "{column}");
        judged += 1;
    }
    assert!(judged >= 30, "{judged}");
}

fn id(value: &Value) -> usize {
    value.as_str().unwrap().parse().unwrap()
}
