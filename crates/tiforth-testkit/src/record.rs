// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Keeps the record of what is not met yet, so that what once passed cannot fail unseen.
//!
//! One text file a family, under `conformance/record`: the number of the family's cases, then the
//! failing ones in order. `12-40 *` says that every result of cases 12 to 40 fails, `41 5` that the
//! results 0 and 2 of case 41 do (a bit set in hex, lowest bit first in value).

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::judge::Outcome;
use crate::run::Findings;

/// Holds the failing results of every family.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Record {
    files: BTreeMap<String, FileRecord>,
}

/// Holds the failing results of one family.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct FileRecord {
    cases: usize,
    failing: BTreeMap<usize, Failing>,
}

/// Says which results of a case fail.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Failing {
    All,
    Some(Vec<bool>),
}

impl Failing {
    fn of(outcomes: &[Outcome]) -> Failing {
        if outcomes.iter().all(|o| *o != Outcome::Passed) {
            return Failing::All;
        }
        let mut bits: Vec<bool> = outcomes.iter().map(|o| *o != Outcome::Passed).collect();
        while bits.last() == Some(&false) {
            bits.pop();
        }
        Failing::Some(bits)
    }

    /// Lists results that fail in `self` and not in `before`.
    fn beyond(&self, before: Option<&Failing>) -> Option<String> {
        match (self, before) {
            (_, Some(Failing::All)) => None,
            (Failing::All, None) => Some("all".to_owned()),
            (Failing::All, Some(Failing::Some(_))) => Some("those that passed".to_owned()),
            (Failing::Some(mine), before) => {
                let was = |row: usize| match before {
                    Some(Failing::Some(bits)) => bits.get(row).copied().unwrap_or(false),
                    _ => false,
                };
                let rows: Vec<String> = mine
                    .iter()
                    .enumerate()
                    .filter(|(row, fails)| **fails && !was(*row))
                    .map(|(row, _)| row.to_string())
                    .collect();
                (!rows.is_empty()).then(|| rows.join(" "))
            }
        }
    }
}

/// Returns the folder of the project's own vectors.
pub fn vectors_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../conformance")
}

/// Is how a run differs from the record.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Change {
    /// Cases with results that passed and fail now: file, case, which results.
    pub worse: Vec<(String, usize, String)>,
    /// The number of cases with results that failed and pass now.
    pub better: usize,
    /// Files whose number of cases changed, or that the record does not know.
    pub other_vectors: Vec<String>,
}

impl Change {
    /// Tells whether something that passed fails now, or the vectors are others.
    pub fn is_worse(&self) -> bool {
        !self.worse.is_empty() || !self.other_vectors.is_empty()
    }
}

impl Record {
    /// Takes the failures of a run of every case.
    pub fn of(findings: &Findings) -> Record {
        let files = findings.case_counts.iter().map(|(name, cases)| {
            let failing = findings.failures.get(name).into_iter().flatten();
            let failing = failing.map(|(case, outcomes)| (*case, Failing::of(outcomes)));
            (name.clone(), FileRecord { cases: *cases, failing: failing.collect() })
        });
        Record { files: files.collect() }
    }

    /// Reads the record kept in a folder.
    pub fn read(folder: &Path) -> Result<Record, String> {
        let mut record = Record::default();
        let entries = std::fs::read_dir(folder)
            .map_err(|e| format!("no record in {}: {e}", folder.display()))?;
        for entry in entries {
            let path = entry.map_err(|e| e.to_string())?.path();
            let Some(stem) = path.file_name().and_then(|n| n.to_str()?.strip_suffix(".txt")) else {
                continue;
            };
            let name = format!("{stem}.jsonl.gz");
            let text = std::fs::read_to_string(&path)
                .map_err(|e| format!("cannot read {}: {e}", path.display()))?;
            let file = FileRecord::parse(&text)
                .ok_or_else(|| format!("{} is no record; write it anew", path.display()))?;
            record.files.insert(name, file);
        }
        Ok(record)
    }

    /// Writes the record into a folder, and removes what is there of families that are gone.
    pub fn write(&self, folder: &Path) -> Result<(), String> {
        let describe = |e: std::io::Error| format!("cannot write {}: {e}", folder.display());
        std::fs::create_dir_all(folder).map_err(describe)?;
        for entry in std::fs::read_dir(folder).map_err(describe)? {
            let path = entry.map_err(describe)?.path();
            if path.extension().is_some_and(|extension| extension == "txt") {
                std::fs::remove_file(path).map_err(describe)?;
            }
        }
        for (name, file) in &self.files {
            let stem = name.trim_end_matches(".gz").trim_end_matches(".jsonl");
            let path = folder.join(format!("{stem}.txt"));
            std::fs::write(path, file.print()).map_err(describe)?;
        }
        Ok(())
    }

    /// Counts the failing results of a case of `results`; all of a family that is not recorded.
    pub fn failing(&self, file: &str, case: usize, results: usize) -> usize {
        let Some(file) = self.files.get(file) else { return results };
        match file.failing.get(&case) {
            None => 0,
            Some(Failing::All) => results,
            Some(Failing::Some(bits)) => bits.iter().filter(|fails| **fails).count(),
        }
    }

    /// Compares what a run found with what is recorded. Files that were not run are left out.
    pub fn compare(&self, now: &Record) -> Change {
        let mut change = Change::default();
        for (name, now) in &now.files {
            let before = match self.files.get(name) {
                Some(before) if before.cases == now.cases => before,
                _ => {
                    change.other_vectors.push(name.clone());
                    continue;
                }
            };
            for (case, failing) in &now.failing {
                if let Some(results) = failing.beyond(before.failing.get(case)) {
                    change.worse.push((name.clone(), *case, results));
                }
            }
            change.better += before
                .failing
                .iter()
                .filter(|(case, failing)| failing.beyond(now.failing.get(case)).is_some())
                .count();
        }
        change
    }
}

impl FileRecord {
    fn print(&self) -> String {
        let mut out = format!("cases {}\n", self.cases);
        let mut cases = self.failing.iter().peekable();
        while let Some((first, failing)) = cases.next() {
            match failing {
                Failing::All => {
                    let mut last = *first;
                    while cases.next_if(|(c, f)| **c == last + 1 && **f == Failing::All).is_some() {
                        last += 1;
                    }
                    let _ = match last == *first {
                        true => writeln!(out, "{first} *"),
                        false => writeln!(out, "{first}-{last} *"),
                    };
                }
                Failing::Some(bits) => {
                    let _ = writeln!(out, "{first} {}", bits_text(bits));
                }
            }
        }
        out
    }

    fn parse(text: &str) -> Option<FileRecord> {
        let mut lines = text.lines();
        let cases = lines.next()?.strip_prefix("cases ")?.parse().ok()?;
        let mut failing = BTreeMap::new();
        for line in lines {
            let (numbers, results) = line.split_once(' ')?;
            let (first, last) = numbers.split_once('-').unwrap_or((numbers, numbers));
            let (first, last): (usize, usize) = (first.parse().ok()?, last.parse().ok()?);
            let results = match results {
                "*" => Failing::All,
                bits => Failing::Some(parse_bits(bits)?),
            };
            failing.extend((first..=last).map(|case| (case, results.clone())));
        }
        Some(FileRecord { cases, failing })
    }
}

/// Prints bits as a hex number, the first bit the lowest.
fn bits_text(bits: &[bool]) -> String {
    let digit =
        |four: &[bool]| four.iter().rev().fold(0, |digit, bit| digit << 1 | u32::from(*bit));
    bits.chunks(4).rev().filter_map(|four| char::from_digit(digit(four), 16)).collect()
}

fn parse_bits(text: &str) -> Option<Vec<bool>> {
    let mut bits = Vec::with_capacity(text.len() * 4);
    for digit in text.chars().rev() {
        let digit = digit.to_digit(16)?;
        bits.extend((0..4).map(|bit| digit >> bit & 1 == 1));
    }
    while bits.last() == Some(&false) {
        bits.pop();
    }
    Some(bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_reads_back_what_it_prints() {
        let some = |bits: &[u8]| Failing::Some(bits.iter().map(|b| *b == 1).collect());
        let failing = BTreeMap::from([
            (2, Failing::All),
            (3, Failing::All),
            (4, some(&[1, 0, 0, 0, 1, 1])),
            (7, Failing::All),
        ]);
        let file = FileRecord { cases: 9, failing };
        let text = file.print();
        assert_eq!(text, "cases 9\n2-3 *\n4 31\n7 *\n");
        assert_eq!(FileRecord::parse(&text), Some(file));
    }

    #[test]
    fn worse_and_better_are_told_apart() {
        let record = |text: &str| Record {
            files: BTreeMap::from([("f".to_owned(), FileRecord::parse(text).unwrap())]),
        };
        let before = record("cases 9\n2-3 *\n4 3\n");
        let change = before.compare(&record("cases 9\n2 *\n3 1\n4 6\n5 8\n"));
        let worse: Vec<(usize, &str)> =
            change.worse.iter().map(|(_, case, rows)| (*case, rows.as_str())).collect();
        assert_eq!(worse, [(4, "2"), (5, "3")]);
        assert_eq!(change.better, 2);
        assert_eq!(before.compare(&record("cases 10\n")).other_vectors, ["f"]);
    }
}
