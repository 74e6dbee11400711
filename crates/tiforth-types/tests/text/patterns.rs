// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

use tiforth_types::{Collation, LikePattern};

use crate::vectors::{Table, cases};
use crate::weights::collation_of;

/// Reads `column [not] like 'pattern' [escape 'c']`.
fn read(expr: &str) -> Option<(&str, bool, Vec<u8>, Option<u8>)> {
    let (column, rest) = expr.split_once(' ')?;
    let (negated, rest) = match rest.strip_prefix("not ") {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    let literal = rest.strip_prefix("like '")?;
    let (literal, escape) = match literal.split_once("' escape '") {
        Some((literal, escape)) => (literal, *escape.strip_suffix('\'')?.as_bytes().first()?),
        None => (literal.strip_suffix('\'')?, b'\\'),
    };
    if literal.contains('\'') {
        return None;
    }
    // In a literal, a backslash before a wildcard stays; before another character it goes.
    let mut pattern = Vec::new();
    let mut bytes = literal.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => match bytes.next()? {
                wildcard @ (b'%' | b'_') => pattern.extend([b'\\', wildcard]),
                other => pattern.push(other),
            },
            byte => pattern.push(byte),
        }
    }
    Some((column, negated, pattern, Some(escape)))
}

#[test]
fn patterns_match_as_tidb_matches_them() {
    let table = Table::wide();
    let mut judged = 0;
    for case in cases("pattern") {
        let Some(expr) = case["e"].as_str() else { continue };
        let Some((column, negated, pattern, escape)) = read(expr) else { continue };
        let (Some(collation), Some(answers)) = (collation_of(&table, column), case["r"].as_array())
        else {
            continue;
        };
        // A literal of ASCII beside a column of another charset takes the column's collation.
        let collation = if pattern.is_ascii() { collation } else { of_unicode(collation) };
        let compiled = LikePattern::new(&pattern, escape, collation);
        for (value, expected) in table.column(column).iter().zip(answers) {
            let matches = value.map(|value| compiled.matches(value.as_bytes()) != negated);
            let expected = expected.as_str().map(|text| text == "1");
            assert_eq!(matches, expected, "{expr}: {value:?}");
            judged += 1;
        }
    }
    assert!(judged > 10_000, "{judged}");
}

fn of_unicode(collation: Collation) -> Collation {
    if collation.charset().is_unicode() { collation } else { Collation::UTF8MB4_BIN }
}
