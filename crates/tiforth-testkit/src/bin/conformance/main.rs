// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Runs the vectors of the real TiDB and says how many of its answers the library gives.

#![forbid(unsafe_code)]

mod arguments;

use std::io::{BufWriter, Write};
use std::process::ExitCode;
use std::time::Instant;

use tiforth_testkit::door::Door;
use tiforth_testkit::record::{self, Record};
use tiforth_testkit::run::{Findings, run};
use tiforth_testkit::{documents, report};

use arguments::{Arguments, RecordUse, USAGE};

fn main() -> ExitCode {
    let arguments = match Arguments::parse(std::env::args().skip(1)) {
        Ok(Some(arguments)) => arguments,
        Ok(None) => {
            print!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Err(message) => {
            eprintln!("conformance: {message}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    // The runner counts panics and shows their texts; the default report would drown its own.
    std::panic::set_hook(Box::new(|_| {}));
    let started = Instant::now();
    let findings = match run(&arguments.options, Door::default) {
        Ok(findings) => findings,
        Err(message) => {
            eprintln!("conformance: {message}");
            return ExitCode::from(2);
        }
    };
    let mut out = BufWriter::new(std::io::stdout().lock());
    let printed = print(&arguments, &findings, &mut out).and_then(|()| out.flush());
    if printed.is_err() {
        return ExitCode::from(2);
    }
    drop(out);
    eprintln!("{:.1} seconds", started.elapsed().as_secs_f64());
    match keep_record(&arguments, &findings) {
        Ok(code) => code,
        Err(message) => {
            eprintln!("conformance: {message}");
            ExitCode::from(2)
        }
    }
}

fn print(arguments: &Arguments, findings: &Findings, out: &mut impl Write) -> std::io::Result<()> {
    if arguments.json {
        report::write_json(findings, out)?;
    } else {
        report::write_table(findings, out)?;
    }
    report::write_differences(findings, out)?;
    if arguments.options.group {
        report::write_groups(findings, out)?;
    }
    Ok(())
}

/// Writes or checks the record, as asked.
fn keep_record(arguments: &Arguments, findings: &Findings) -> Result<ExitCode, String> {
    let now = Record::of(findings);
    match arguments.record {
        RecordUse::None => Ok(ExitCode::SUCCESS),
        RecordUse::Update => {
            now.write(&arguments.record_folder)?;
            if arguments.record_folder == record::vectors_folder().join("record") {
                documents::write()?;
            }
            Ok(ExitCode::SUCCESS)
        }
        RecordUse::Check => {
            let change = Record::read(&arguments.record_folder)?.compare(&now);
            eprint!("{}", report::change_text(&change));
            Ok(ExitCode::from(u8::from(change.is_worse())))
        }
    }
}
