// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Reads the command line.

use std::path::PathBuf;

use regex::Regex;
use tiforth_testkit::input::Presentation;
use tiforth_testkit::record;
use tiforth_testkit::run::{Filter, Options, Sample, Sides};
use tiforth_testkit::vectors::VectorDir;

pub(crate) const USAGE: &str = "\
usage: conformance [--dir DIR] [--core | --basic] [--file NAME] [--grep REGEX] [--sample SEED:PERCENT]
                   [--layout LAYOUT[:ROWS] | --matrix | --suite] [--threads N]
                   [--json] [--show N [--apart]] [--group] [--check-record | --update-record]

  --dir DIR               the vectors (default: the project's own, conformance/)
  --core, --basic         only cases of the core, of the smaller basic subset
  --file NAME             only one family, such as cast or cast.lenient
  --grep REGEX            only cases whose text matches
  --sample SEED:PERCENT   only a part of the cases, chosen by the seed
  --layout LAYOUT[:ROWS]  give the batch side its input as plain, sliced, dictionary, constant, view,
                          large or selection, in batches of ROWS rows (default: plain, all rows)
  --matrix                give it every layout, in batches of 1 row, 3 rows and all
  --suite                 what the test suite runs: plain, one hostile layout a case, a sample of all
  --threads N             threads (default: the machine's)
  --json                  print JSON lines
  --show N                print the first N differences
  --apart                 show differences in what is counted apart too
  --group                 print the shapes of expressions most results of which fail
  --check-record          compare with the record of what is not met (runs --suite over all cases)
  --update-record         write that record anew, and the pages of docs with its figures
";

/// Says what is done with the record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum RecordUse {
    None,
    Check,
    Update,
}

/// Is what the command line asks for.
#[derive(Debug)]
pub(crate) struct Arguments {
    pub(crate) options: Options,
    pub(crate) json: bool,
    pub(crate) record: RecordUse,
    pub(crate) record_folder: PathBuf,
}

impl Arguments {
    /// Reads the arguments; none if help is asked for.
    pub(crate) fn parse(
        mut given: impl Iterator<Item = String>,
    ) -> Result<Option<Arguments>, String> {
        let mut dir = record::vectors_folder();
        let mut options = Options::new(VectorDir::new(&dir));
        let mut json = false;
        let mut record = RecordUse::None;
        let mut sides: Option<Sides> = None;
        while let Some(argument) = given.next() {
            let mut value =
                || given.next().ok_or_else(|| format!("{argument} needs a value behind it"));
            match argument.as_str() {
                "--help" | "-h" => return Ok(None),
                "--dir" => dir = PathBuf::from(value()?),
                "--core" => options.subset = Filter::Core,
                "--basic" => options.subset = Filter::Basic,
                "--file" => options.file = Some(value()?),
                "--grep" => {
                    let grep = Regex::new(&value()?).map_err(|e| e.to_string())?;
                    options.grep = Some(grep);
                }
                "--sample" => options.sample = Some(Sample::parse(&value()?)?),
                "--layout" => sides = Some(Sides::One(Presentation::parse(&value()?)?)),
                "--matrix" => sides = Some(Sides::Matrix),
                "--suite" => sides = Some(Sides::SUITE),
                "--threads" => options.threads = number(&value()?)?.max(1),
                "--json" => json = true,
                "--show" => options.show = number(&value()?)?,
                "--apart" => options.apart = true,
                "--group" => options.group = true,
                "--check-record" => record = RecordUse::Check,
                "--update-record" => record = RecordUse::Update,
                other => return Err(format!("{other} is no argument of this command")),
            }
        }
        if record != RecordUse::None {
            let narrowed = options.subset != Filter::All
                || options.file.is_some()
                || options.grep.is_some()
                || options.sample.is_some()
                || sides.is_some();
            if narrowed {
                return Err("the record is of all cases; ask for no part of them".to_owned());
            }
            sides = Some(Sides::SUITE);
        }
        options.sides = sides.unwrap_or(Sides::One(Presentation::PLAIN));
        options.dir = VectorDir::new(&dir);
        let record_folder = dir.join("record");
        Ok(Some(Arguments { options, json, record, record_folder }))
    }
}

fn number(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| format!("{text} is no number"))
}
