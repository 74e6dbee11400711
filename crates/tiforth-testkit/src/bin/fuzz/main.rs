// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Fuzzes the library with random cases and reports panics, overflows, disagreements and hangs.

#![forbid(unsafe_code)]

use std::fs;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use tiforth_testkit::fuzz::{
    Answers, Limits, Plans, Settings, Tally, Target, Texts, Typed, fuzz, replay,
};

const USAGE: &str = "\
Usage: fuzz [--target typed|expression|plan|answers] [OPTIONS]

Makes random cases and looks for panics, overflows, hangs, memory and wrong answers.

  --target NAME     typed: random typed expressions over random tables, batches against rows
                    expression: damaged expression texts through the door
                    plan: damaged plans through the door
                    answers: random plans over random tables, in several layouts and lanes
  --seconds N       how long to go on [60]
  --cases N         how many cases at most
  --seed N          the seed of all cases; the time where none is given
  --case SEED       run the one case a finding named
  --findings N      stop after so many findings [10]
  --journal FILE    write each case's seed there before it runs, for crashes of the process
";

fn main() -> ExitCode {
    match run(std::env::args().skip(1)) {
        Ok(code) => code,
        Err(message) => {
            eprintln!("fuzz: {message}\n\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn run(mut args: impl Iterator<Item = String>) -> Result<ExitCode, String> {
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_secs());
    let mut settings = Settings {
        seed: now,
        cases: u64::MAX,
        time: Duration::from_secs(60),
        findings_max: 10,
        limits: Limits::default(),
    };
    let (mut name, mut case, mut journal) = ("typed".to_owned(), None, None);
    while let Some(option) = args.next() {
        if option == "--help" {
            print!("{USAGE}");
            return Ok(ExitCode::SUCCESS);
        }
        let value = args.next().ok_or_else(|| format!("{option} is unknown or wants a value"))?;
        let number = || value.parse::<u64>().map_err(|_| format!("{value} is no number"));
        match option.as_str() {
            "--target" => name = value,
            "--seconds" => settings.time = Duration::from_secs(number()?),
            "--cases" => settings.cases = number()?,
            "--seed" => settings.seed = number()?,
            "--case" => case = Some(number()?),
            "--findings" => settings.findings_max = usize::try_from(number()?).unwrap_or(1),
            "--journal" => journal = Some(value),
            _ => return Err(format!("{option} is no option")),
        }
    }
    let target = target(&name)?;
    let started = Instant::now();
    let tally = match case {
        Some(seed) => replay(target.as_ref(), seed, settings.limits),
        None => {
            eprintln!("target {name}, seed {}", settings.seed);
            fuzz(target.as_ref(), &settings, |_, seed| {
                if let Some(journal) = &journal {
                    let _ = fs::write(journal, seed.to_string());
                }
            })
        }
    };
    Ok(report(&tally, started.elapsed()))
}

fn target(name: &str) -> Result<Box<dyn Target>, String> {
    match name {
        "typed" => {
            let registry = tiforth_functions::registry().map_err(|e| e.to_string())?;
            Ok(Box::new(Typed::new(registry, tiforth_sql::parse_expr)))
        }
        "expression" => Ok(Box::new(Texts::new()?)),
        "plan" => Ok(Box::new(Plans::new()?)),
        "answers" => Ok(Box::new(Answers::new()?)),
        _ => Err(format!("{name} is no target")),
    }
}

fn report(tally: &Tally, took: Duration) -> ExitCode {
    for finding in &tally.findings {
        println!("{finding}\n");
    }
    let counts: Vec<String> = tally.counts.iter().map(|(k, n)| format!("{n} {k}")).collect();
    let (cases, findings) = (tally.cases, tally.findings.len());
    println!(
        "{cases} cases, {}; {findings} findings; {:.1} s",
        counts.join(", "),
        took.as_secs_f64()
    );
    ExitCode::from(u8::from(findings > 0))
}
