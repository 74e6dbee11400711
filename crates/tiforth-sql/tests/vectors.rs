// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Reads every text of the conformance vectors, and texts that are nearly such.

#![expect(clippy::expect_used, clippy::panic, reason = "a test stops where it cannot go on")]

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use proptest::prelude::*;
use serde_json::Value;
use tiforth_expr::tree::{Expr, print_order_by};
use tiforth_sql::{parse_aggregate, parse_expr, parse_expr_list, parse_order_by};
use tiforth_types::{SqlError, SqlMode, code};

/// Is one text of a vector file.
struct Text {
    file: String,
    key: &'static str,
    text: String,
    mode: SqlMode,
    /// The code of the error TiDB answered the whole case with.
    error: Option<u64>,
}

fn files() -> Vec<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../conformance");
    let entries = std::fs::read_dir(dir).expect("the vectors are in the project");
    let paths = entries.map(|entry| entry.expect("entry").path());
    let mut paths: Vec<_> = paths.filter(|p| p.to_string_lossy().ends_with(".jsonl.gz")).collect();
    paths.sort();
    paths
}

fn texts_of(path: &Path) -> Vec<Text> {
    let file = path.file_name().expect("name").to_string_lossy().into_owned();
    let reader = BufReader::new(GzDecoder::new(File::open(path).expect("opens")));
    let mut lines = reader.lines().map(|line| line.expect("line"));
    let head: Value = serde_json::from_str(&lines.next().expect("head")).expect("JSON");
    let mode = head["session"]["sql_mode"].as_str().expect("sql_mode");
    let mode = SqlMode::parse(mode).expect("a known mode");
    let mut texts = Vec::new();
    for line in lines {
        let case: Value = serde_json::from_str(&line).expect("JSON");
        let error = case.get("err").and_then(|err| err[0].as_u64());
        for key in ["e", "agg", "by", "where", "order", "group", "join"] {
            let parts = match case.get(key) {
                Some(Value::String(text)) => vec![text.clone()],
                Some(Value::Array(parts)) => {
                    parts.iter().map(|p| p.as_str().expect("text").to_owned()).collect()
                }
                _ => Vec::new(),
            };
            for text in parts {
                texts.push(Text { file: file.clone(), key, text, mode, error });
            }
        }
    }
    texts
}

/// Reads the text, and what is printed from it, and compares.
fn check(text: &Text) -> Result<(), SqlError> {
    let Text { text, mode, key, .. } = text;
    let round_trip = |expr: &Expr| {
        let printed = expr.to_string();
        let again =
            parse_expr(&printed, *mode).unwrap_or_else(|e| panic!("{text}: {printed}: {e}"));
        assert_eq!(again, *expr, "{text}: {printed}");
    };
    match *key {
        "order" => {
            let items = parse_order_by(text, *mode)?;
            let printed = print_order_by(&items);
            assert_eq!(parse_order_by(&printed, *mode).expect("reads"), items, "{text}");
        }
        "group" => parse_expr_list(text, *mode)?.iter().for_each(round_trip),
        "agg" => {
            round_trip(&parse_expr(text, *mode)?);
            // Some texts compute with aggregates.
            if let Ok(call) = parse_aggregate(text, *mode) {
                round_trip(&Expr::Call(call));
            }
        }
        _ => round_trip(&parse_expr(text, *mode)?),
    }
    Ok(())
}

#[test]
fn every_text_is_read() {
    /// Lists the errors that are TiDB's parser's own.
    const OF_PARSING: &[u64] = &[1064, 1115, 1210, 1367, 1425, 1426, 1427];
    let (mut read, mut refused) = (0, 0);
    for text in files().iter().flat_map(|path| texts_of(path)) {
        match check(&text) {
            Ok(()) => {
                read += 1;
                let is_error = text.error == Some(u64::from(code::ER_PARSE));
                assert!(!is_error, "{}: {} is an error of TiDB's", text.file, text.text);
            }
            Err(e) => {
                refused += 1;
                let expected = text.error.filter(|code| OF_PARSING.contains(code));
                assert_eq!(
                    Some(u64::from(e.code())),
                    expected,
                    "{}: {}: {e}",
                    text.file,
                    text.text
                );
            }
        }
    }
    assert!(read > 70_000 && refused > 100, "read {read}, refused {refused}");
}

fn vocabulary() -> Vec<String> {
    let mut texts: Vec<String> = ["literals", "interval", "json", "text", "cast", "aggregate"]
        .iter()
        .flat_map(|name| {
            files().into_iter().filter(move |p| p.ends_with(format!("{name}.jsonl.gz")))
        })
        .flat_map(|path| texts_of(&path))
        .map(|text| text.text)
        .collect();
    texts.dedup();
    texts
}

fn read_in_every_way(text: &str) {
    for mode in [SqlMode::EMPTY, SqlMode::parse("ANSI,HIGH_NOT_PRECEDENCE").expect("modes")] {
        let _ = parse_expr_list(text, mode);
        let _ = parse_order_by(text, mode);
        let _ = parse_aggregate(text, mode);
        if let Ok(expr) = parse_expr(text, mode) {
            let printed = expr.to_string();
            assert_eq!(
                parse_expr(&printed, SqlMode::EMPTY).as_ref(),
                Ok(&expr),
                "{text}: {printed}"
            );
            let bytes = serde_json::to_vec(&expr).expect("writes");
            assert_eq!(serde_json::from_slice::<Expr>(&bytes).expect("reads"), expr, "{text}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
        read_in_every_way(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn any_symbols_are_read_or_refused(text in r#"[a1 .'"`(){},+*/!|&<>=^~_xb0e\\-]{0,40}"#) {
        read_in_every_way(&text);
    }
}

#[test]
fn mutated_texts_are_read_or_refused() {
    let texts = vocabulary();
    assert!(texts.len() > 1000);
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let pick = (0..texts.len(), 0..texts.len(), any::<u16>(), any::<u16>(), 0..6u8, any::<char>());
    for _ in 0..20_000 {
        let tree = pick.new_tree(&mut runner).expect("picks");
        let (a, b, cut, other, how, c) = proptest::strategy::ValueTree::current(&tree);
        let mut chars: Vec<char> = texts[a].chars().collect();
        let donor: Vec<char> = texts[b].chars().collect();
        let at = usize::from(cut) % (chars.len() + 1);
        let from = usize::from(other) % (donor.len() + 1);
        match how {
            0 => chars.truncate(at),
            1 => chars.insert(at, c),
            2 => drop(chars.drain(at..chars.len().min(at + 1 + from % 5))),
            3 => drop(chars.splice(at.., donor[from..].iter().copied())),
            4 => drop(chars.splice(at..at, donor.iter().copied())),
            _ => chars.insert(at, ['\'', '(', ')', ' ', '-', '.', '`'][from % 7]),
        }
        read_in_every_way(&chars.into_iter().collect::<String>());
    }
}
