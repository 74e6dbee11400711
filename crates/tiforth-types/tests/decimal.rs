// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Checks decimal arithmetic against what the real TiDB answered (`conformance/`).
//!
//! Takes every case of the families named below whose expression is built of DECIMAL columns,
//! numeric literals, parentheses and `+ - * / %`, and evaluates it row by row.

#![expect(clippy::unwrap_used, reason = "a vector file that cannot be read fails the test")]

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;

use flate2::read::GzDecoder;
use serde_json::Value;
use tiforth_types::Decimal;
use tiforth_types::decimal::{Outcome, ParseOutcome};

/// Is a decimal value beside the scale of its type.
type Typed = (Option<Decimal>, u8);

fn open(name: &str) -> impl BufRead {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "../../conformance", name].iter().collect();
    BufReader::new(GzDecoder::new(std::fs::File::open(path).unwrap()))
}

struct Table {
    columns: HashMap<String, (u8, u8, Vec<Option<Decimal>>)>,
    rows: usize,
}

fn table() -> Table {
    let mut text = String::new();
    open("tables/wide.json.gz").read_to_string(&mut text).unwrap();
    let json: Value = serde_json::from_str(&text).unwrap();
    let rows = json["rows"].as_array().unwrap();
    let mut columns = HashMap::new();
    for (i, column) in json["columns"].as_array().unwrap().iter().enumerate() {
        let kind = column["type"].as_str().unwrap();
        let Some(size) = kind.strip_prefix("decimal(").and_then(|k| k.strip_suffix(")")) else {
            continue;
        };
        let (precision, scale) = size.split_once(',').unwrap();
        let (precision, scale) = (precision.parse().unwrap(), scale.parse().unwrap());
        let values = rows.iter().map(|row| {
            let text = row[i].as_str()?;
            let parsed = Decimal::parse(text.as_bytes());
            assert_eq!(parsed.outcome, ParseOutcome::Exact);
            let bytes = parsed.value.to_le_bytes_i256(scale).unwrap();
            Some(Decimal::from_column_i256(bytes, precision, scale).unwrap())
        });
        let values = values.collect();
        columns.insert(column["name"].as_str().unwrap().to_owned(), (precision, scale, values));
    }
    Table { columns, rows: rows.len() }
}

struct Evaluator<'a> {
    tokens: &'a [String],
    at: usize,
    table: &'a Table,
    row: usize,
    increment: u8,
}

/// Says that the row fails with an error.
#[derive(Debug)]
struct Fails;

impl Evaluator<'_> {
    fn peek(&self) -> &str {
        self.tokens.get(self.at).map_or("", String::as_str)
    }

    fn next(&mut self) -> String {
        self.at += 1;
        self.tokens[self.at - 1].clone()
    }

    fn sum(&mut self) -> Result<Typed, Fails> {
        let mut left = self.product()?;
        while matches!(self.peek(), "+" | "-") {
            let op = self.next();
            let right = self.product()?;
            left = self.apply(&op, left, right)?;
        }
        Ok(left)
    }

    fn product(&mut self) -> Result<Typed, Fails> {
        let mut left = self.operand()?;
        while matches!(self.peek(), "*" | "/" | "%") {
            let op = self.next();
            let right = self.operand()?;
            left = self.apply(&op, left, right)?;
        }
        Ok(left)
    }

    fn operand(&mut self) -> Result<Typed, Fails> {
        let token = self.next();
        match token.as_str() {
            "-" => {
                let (value, scale) = self.operand()?;
                Ok((value.map(|value| value.negate()), scale))
            }
            "(" => {
                let value = self.sum()?;
                assert_eq!(self.next(), ")");
                Ok(value)
            }
            name if name.starts_with('d') => {
                let (_, scale, values) = &self.table.columns[name];
                Ok((values[self.row], *scale))
            }
            literal => {
                let value = match literal.parse::<u64>() {
                    Ok(whole) => Decimal::from_u64(whole),
                    Err(_) => Decimal::parse(literal.as_bytes()).value,
                };
                Ok((Some(value), value.scale()))
            }
        }
    }

    fn apply(&self, op: &str, left: Typed, right: Typed) -> Result<Typed, Fails> {
        let ((a, scale_a), (b, scale_b)) = (left, right);
        let scale = match op {
            "*" => (scale_a + scale_b).min(30),
            "/" => (scale_a + self.increment).min(30),
            _ => scale_a.max(scale_b),
        };
        let (Some(a), Some(b)) = (a, b) else { return Ok((None, scale)) };
        let computed = match op {
            "+" => Some(a.add(&b)),
            "-" => Some(a.sub(&b)),
            "*" => Some(a.mul(&b)),
            "/" => a.div(&b, self.increment),
            _ => a.rem(&b),
        };
        let Some(computed) = computed else { return Ok((None, scale)) };
        match computed.outcome {
            Outcome::Overflow => Err(Fails),
            // Sums report lost digits as an error; the others let them go.
            Outcome::Truncated if matches!(op, "+" | "-") => Err(Fails),
            _ => Ok((Some(computed.value), scale)),
        }
    }
}

fn tokens(text: &str) -> Option<Vec<String>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(byte) = rest.bytes().next() {
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
        let len = match byte {
            b'+' | b'-' | b'*' | b'/' | b'%' | b'(' | b')' => 1,
            _ => rest.find(|c| !is_part(c)).unwrap_or(rest.len()),
        };
        if len == 0 {
            return None;
        }
        tokens.push(rest[..len].to_owned());
        rest = rest[len..].trim_start();
    }
    Some(tokens)
}

/// Tells whether all operands are DECIMAL columns or numeric literals, with a column among them.
fn is_decimal(tokens: &[String], table: &Table) -> bool {
    let is_number = |t: &String| t.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let is_sign = |t: &String| t.len() == 1 && !t.as_bytes()[0].is_ascii_alphanumeric();
    let is_column = |t: &String| table.columns.contains_key(t);
    tokens.iter().any(is_column)
        && tokens.iter().all(|t| is_number(t) || is_sign(t) || is_column(t))
}

/// Pads or trims zeros behind the point to `scale` digits.
fn padded(text: &str, scale: usize) -> String {
    let (int, frac) = text.split_once('.').unwrap_or((text, ""));
    let mut frac = frac.trim_end_matches('0').to_owned();
    while frac.len() < scale {
        frac.push('0');
    }
    if frac.is_empty() { int.to_owned() } else { format!("{int}.{frac}") }
}

fn check(family: &str, cases_min: usize) {
    let table = table();
    let mut lines = open(family).lines();
    let head: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
    let increment = &head["session"]["div_precision_increment"];
    let increment = increment.as_u64().or_else(|| increment.as_str()?.parse().ok());
    let increment = increment.unwrap_or(4) as u8;
    let (mut cases, mut rows, mut failures) = (0, 0, Vec::new());
    for line in lines {
        let case: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let Some(text) = case["e"].as_str() else { continue };
        let Some(tokens) = tokens(text).filter(|tokens| is_decimal(tokens, &table)) else {
            continue;
        };
        if case["t"]["type"] != "decimal" {
            continue;
        }
        cases += 1;
        let scale = case["t"]["dec"].as_u64().unwrap() as usize;
        for row in 0..table.rows {
            rows += 1;
            let mut evaluator = Evaluator { tokens: &tokens, at: 0, table: &table, row, increment };
            let got = evaluator.sum();
            assert!(got.is_err() || evaluator.at == tokens.len(), "{text}");
            let got = match got {
                Ok((Some(value), _)) => padded(&value.to_string(), scale),
                Ok((None, _)) => "NULL".to_owned(),
                Err(Fails) => "error".to_owned(),
            };
            let mut want = &case["r"][row];
            if let Some(value) = want.get("v") {
                want = value;
            }
            let want = match want {
                Value::String(text) => padded(text, scale),
                Value::Null if case.get("err").is_none() => "NULL".to_owned(),
                _ => "error".to_owned(),
            };
            if got != want {
                failures.push(format!("{text} row {row}: {got} instead of {want}"));
            }
        }
    }
    assert!(failures.is_empty(), "{} of {rows} rows of {family}:\n{}", failures.len(), {
        failures.truncate(40);
        failures.join("\n")
    });
    assert!(cases >= cases_min, "only {cases} cases of {family}");
}

#[test]
fn arithmetic_is_tidbs() {
    check("arithmetic.jsonl.gz", 300);
}

#[test]
fn arithmetic_with_increment_10_is_tidbs() {
    check("arithmetic.div10.jsonl.gz", 30);
}

#[test]
fn nested_arithmetic_is_tidbs() {
    check("nested.jsonl.gz", 5);
}
