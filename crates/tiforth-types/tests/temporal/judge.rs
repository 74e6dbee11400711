// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Sets up a family's session, reads columns, and compares answers.

use serde_json::Value;
use tiforth_types::SqlMode;
use tiforth_types::temporal::{
    DateMode, Duration, TemporalError, Time, TimeKind, TimeZone, Zone, parse_duration, parse_time,
};

use crate::vectors::{Table, answer, read};

/// Is what a row gave: a text or NULL, and the texts of its warnings.
#[derive(Default)]
pub(crate) struct Got {
    pub(crate) text: Option<String>,
    pub(crate) warnings: Vec<String>,
}

impl Got {
    pub(crate) fn of(text: impl Into<String>) -> Got {
        Got { text: Some(text.into()), warnings: vec![] }
    }

    pub(crate) fn null() -> Got {
        Got::default()
    }

    pub(crate) fn failed(error: TemporalError, input: &str) -> Got {
        Got { text: None, warnings: vec![message(error, input)] }
    }

    pub(crate) fn after(mut self, warnings: Vec<String>) -> Got {
        self.warnings.splice(0..0, warnings);
        self
    }
}

pub(crate) fn message(error: TemporalError, input: &str) -> String {
    error.to_error(input.as_bytes()).message().to_owned()
}

/// Holds a family's cases and the session they were asked in.
pub(crate) struct Family {
    name: String,
    cases: Vec<Value>,
    pub(crate) table: Table,
    pub(crate) mode: DateMode,
    pub(crate) forbids_zero_date: bool,
    pub(crate) zone: Zone,
    results: usize,
    failures: Vec<String>,
}

/// Is a column's value, as its type has it.
#[derive(Clone, Debug)]
pub(crate) enum Cell {
    Text(String),
    Integer(i64),
    /// The text of a DECIMAL.
    Decimal(String),
    /// The plain text of a FLOAT or DOUBLE.
    Real(String),
    Time(Time, TimeKind, u8),
    Duration(Duration, u8),
}

impl Family {
    pub(crate) fn open(name: &str) -> Family {
        let text = read(&format!("{name}.jsonl.gz"));
        let mut lines = text.lines().map(|l| serde_json::from_str::<Value>(l).unwrap());
        let head = lines.next().unwrap();
        let session = &head["session"];
        let sql_mode = SqlMode::parse(session["sql_mode"].as_str().unwrap()).unwrap();
        let zone = TimeZone::parse(session["time_zone"].as_str().unwrap()).unwrap();
        Family {
            name: name.to_owned(),
            cases: lines.collect(),
            table: Table::wide(),
            mode: DateMode {
                allow_invalid_dates: sql_mode.has(SqlMode::ALLOW_INVALID_DATES),
                ..DateMode::SELECT
            },
            forbids_zero_date: sql_mode.has(SqlMode::NO_ZERO_DATE),
            zone: Zone::new(zone),
            results: 0,
            failures: vec![],
        }
    }

    /// Returns a column's cells, or nothing for a type that has none.
    pub(crate) fn column(&self, name: &str) -> Option<Vec<Option<Cell>>> {
        let kind = self.table.columns().find(|(n, _)| *n == name)?.1.to_owned();
        let fsp = kind.split_once('(').and_then(|(_, f)| f.trim_end_matches(')').parse().ok());
        let base = kind.split(['(', ' ']).next()?.to_owned();
        let cells = self.table.column(name).into_iter().map(|text| {
            let text = text?;
            Some(self.cell(&base, fsp.unwrap_or(0), text))
        });
        let is_known = matches!(
            base.as_str(),
            "date" | "datetime" | "timestamp" | "time" | "decimal" | "float" | "double"
        ) || base.ends_with("int")
            || (["varchar", "char", "text"].contains(&base.as_str()));
        is_known.then(|| cells.collect())
    }

    fn cell(&self, base: &str, fsp: u8, text: &str) -> Cell {
        let every_mode = DateMode { allow_invalid_dates: true, ..DateMode::SELECT };
        let time = |kind| {
            let utc = Zone::utc();
            parse_time(text.as_bytes(), kind, fsp, every_mode, &utc).value.unwrap()
        };
        match base {
            "date" => Cell::Time(time(TimeKind::Date), TimeKind::Date, 0),
            "datetime" => Cell::Time(time(TimeKind::Datetime), TimeKind::Datetime, fsp),
            "timestamp" => {
                let utc = time(TimeKind::Datetime).to_micros().unwrap();
                Cell::Time(self.zone.to_civil(utc).unwrap(), TimeKind::Timestamp, fsp)
            }
            "time" => {
                let read = parse_duration(text.as_bytes(), fsp, every_mode, &self.zone);
                assert!(read.error.is_none(), "{text}");
                Cell::Duration(read.value.unwrap(), fsp)
            }
            "decimal" => Cell::Decimal(text.to_owned()),
            "float" | "double" => {
                let value = text.parse::<f64>().unwrap();
                Cell::Real(if value == 0.0 { "0".into() } else { value.to_string() })
            }
            b if b.ends_with("int") => Cell::Integer(text.parse::<i128>().unwrap() as i64),
            _ => Cell::Text(text.to_owned()),
        }
    }

    /// Judges every case whose text `plan` understands: it returns what each row gives.
    pub(crate) fn judge(&mut self, plan: impl Fn(&Family, &Value, &str) -> Option<Vec<Got>>) {
        for case in std::mem::take(&mut self.cases) {
            let text = case["e"].as_str().unwrap_or_default();
            let Some(rows) = case["r"].as_array() else { continue };
            let Some(got) = plan(self, &case, text) else { continue };
            assert_eq!(rows.len(), got.len(), "{text}");
            for (at, (row, got)) in rows.iter().zip(&got).enumerate() {
                let other = case["split"].get(at.to_string());
                self.results += 1;
                if row["err"].is_null()
                    && !agrees(row, got)
                    && !other.is_some_and(|o| agrees(o, got))
                {
                    self.failures.push(format!(
                        "{text} row {at}: {row} got {:?} {:?}",
                        got.text, got.warnings
                    ));
                }
            }
        }
    }

    /// Fails unless at least `least` results were judged and all agree.
    pub(crate) fn finish(self, least: usize) {
        eprintln!("{}: {} results, {} wrong", self.name, self.results, self.failures.len());
        assert!(
            self.failures.is_empty(),
            "{} of {} in {}:\n{}",
            self.failures.len(),
            self.results,
            self.name,
            self.failures.iter().take(20).cloned().collect::<Vec<_>>().join("\n")
        );
        assert!(self.results >= least, "{}: only {} results", self.name, self.results);
    }
}

fn agrees(row: &Value, got: &Got) -> bool {
    let expected = answer(row);
    let texts = expected.text.as_deref().map(plain) == got.text.as_deref().map(plain);
    let pairs = expected.warnings.iter().zip(&got.warnings);
    texts
        && expected.warnings.len() == got.warnings.len()
        && pairs.into_iter().all(|(e, g)| e.is_empty() || e == g)
}

/// Cuts the zeros a fraction ends with: the vectors print more or fewer of them.
fn plain(text: &str) -> &str {
    match text.rsplit_once('.') {
        Some((_, digits)) if digits.bytes().all(|b| b.is_ascii_digit()) => {
            text.trim_end_matches('0').trim_end_matches('.')
        }
        _ => text,
    }
}

pub(crate) fn time_text(time: Time, kind: TimeKind, fsp: u8) -> String {
    let mut out = Vec::new();
    time.write(kind, fsp, &mut out);
    String::from_utf8(out).unwrap()
}

pub(crate) fn duration_text(duration: Duration, fsp: u8) -> String {
    let mut out = Vec::new();
    duration.write(fsp, &mut out);
    String::from_utf8(out).unwrap()
}
