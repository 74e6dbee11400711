// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Runs cases through an engine on every core and collects what the judge says.
//!
//! Work is cut into chunks of one file's cases; a worker parses the next file only when no chunk is
//! left, so few files are in memory at once. A panic of the engine is caught, counted as the
//! outcome of its case, and the worker goes on with a new engine.

mod findings;
mod options;
mod show;
mod work;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use tiforth_types::{Now, Session};

use crate::caught::caught;
use crate::engine::{Answer, Engine, Input, Side};
use crate::input::{Presentation, Presented, present};
use crate::judge::{Apart, Outcome, Verdict, judge_expression, judge_relational};
use crate::session::session_of;
use crate::shape::shape;
use crate::vectors::{Case, Table, VectorDir, VectorFile};

pub use findings::{Findings, Group, Tally};
pub use options::{Filter, Options, Sample, Sides};
pub use show::Difference;

use options::mix;

/// Runs the cases `options` choose; each thread makes its own engine.
pub fn run<E: Engine>(
    options: &Options,
    make_engine: impl Fn() -> E + Sync,
) -> Result<Findings, String> {
    let names: Vec<String> = options
        .dir
        .file_names()?
        .into_iter()
        .filter(|name| options.file.as_ref().is_none_or(|file| is_named(name, file)))
        .collect();
    if names.is_empty() {
        let file = options.file.as_deref().unwrap_or("");
        return Err(format!("no file of vectors is named {file}"));
    }
    let tables = Tables::new(&options.dir);
    let findings = Mutex::new(Findings::default());
    let queue = work::Queue::new(names);
    let failed: Mutex<Option<String>> = Mutex::new(None);
    std::thread::scope(|scope| {
        for _ in 0..options.threads.max(1) {
            scope.spawn(|| {
                let mut worker =
                    Worker { options, tables: &tables, engine: make_engine(), make: &make_engine };
                queue.work(
                    |name| match options.dir.read_file(name) {
                        Ok(file) => {
                            let mut findings = lock(&findings);
                            findings.files.entry(name.to_owned()).or_default();
                            findings.case_counts.insert(name.to_owned(), file.cases.len());
                            Some(file)
                        }
                        Err(e) => {
                            lock(&failed).get_or_insert(e);
                            None
                        }
                    },
                    |file, range| worker.run_chunk(file, range, &findings),
                );
            });
        }
    });
    if let Some(e) = lock(&failed).take() {
        return Err(e);
    }
    let mut findings = findings.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    findings.differences.sort_by(|a, b| a.place().cmp(&b.place()));
    findings.differences.truncate(options.show);
    Ok(findings)
}

/// Tells whether a file is the one asked for: `cast`, `cast.lenient` or the whole name.
fn is_named(name: &str, asked: &str) -> bool {
    let stem = name.trim_end_matches(".gz").trim_end_matches(".jsonl");
    name == asked || stem == asked
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Is what was made once, or why it could not be.
type Made<T> = Result<Arc<T>, String>;

/// Keeps tables and their presentations, each made once.
#[derive(Debug)]
struct Tables<'a> {
    dir: &'a VectorDir,
    tables: Mutex<HashMap<String, Made<Table>>>,
    presented: Mutex<HashMap<(String, Presentation), Made<Presented>>>,
}

impl<'a> Tables<'a> {
    fn new(dir: &'a VectorDir) -> Self {
        Tables { dir, tables: Mutex::default(), presented: Mutex::default() }
    }

    fn table(&self, name: &str) -> Result<Arc<Table>, String> {
        let mut tables = lock(&self.tables);
        let read = || self.dir.read_table(name).map(Arc::new);
        tables.entry(name.to_owned()).or_insert_with(read).clone()
    }

    fn presented(
        &self,
        table: &Table,
        presentation: Presentation,
    ) -> Result<Arc<Presented>, String> {
        let key = (table.name.clone(), presentation);
        let mut presented = lock(&self.presented);
        let lay_out = || present(table, presentation).map(Arc::new);
        presented.entry(key).or_insert_with(lay_out).clone()
    }
}

/// Says what a file's cases are asked over.
struct Setting<'a> {
    file: &'a VectorFile,
    table: Arc<Table>,
    session: Session,
    now: Now,
}

struct Worker<'a, E, F> {
    options: &'a Options,
    tables: &'a Tables<'a>,
    engine: E,
    make: &'a F,
}

/// Is how a case fared on all its sides, with what each answered.
struct Ran {
    verdict: Verdict,
    answers: Vec<(Side, show::Told)>,
}

impl<E: Engine, F: Fn() -> E> Worker<'_, E, F> {
    /// Runs a chunk of a file's cases and adds what it found.
    fn run_chunk(
        &mut self,
        file: &VectorFile,
        range: std::ops::Range<usize>,
        findings: &Mutex<Findings>,
    ) {
        let setting = self.setting(file);
        let mut found = Findings::default();
        let mut tally = Tally::default();
        for index in range {
            let Some(case) = file.cases.get(index) else { break };
            if !self.takes(&file.name, index, case) {
                continue;
            }
            let ran = match &setting {
                Ok(setting) => self.run_case(setting, index, case),
                Err(reason) => Ran::unsupported(case, reason.clone()),
            };
            tally.add(&ran.verdict);
            let differs_apart = self.options.apart && ran.verdict.apart != Apart::default();
            if !ran.verdict.is_passed() || differs_apart {
                self.note_failure(file, setting.as_ref().ok(), index, case, &ran, &mut found);
            }
        }
        let mut findings = lock(findings);
        findings.files.entry(file.name.clone()).or_default().merge(&tally);
        for (name, failures) in found.failures {
            findings.failures.entry(name).or_default().extend(failures);
        }
        findings.differences.extend(found.differences);
        for (shape, group) in found.groups {
            let into = findings.groups.entry(shape).or_default();
            into.tally.merge(&group.tally);
            into.example = group.example;
            into.reason = into.reason.take().or(group.reason);
        }
    }

    fn takes(&self, file: &str, index: usize, case: &Case) -> bool {
        let options = self.options;
        options.subset.takes(case.subset())
            && options.sample.is_none_or(|sample| sample.takes(number_of(file, index)))
            && options.grep.as_ref().is_none_or(|grep| grep.is_match(&case.text()))
    }

    fn setting<'f>(&self, file: &'f VectorFile) -> Result<Setting<'f>, String> {
        let head = file.head.as_ref().map_err(String::clone)?;
        let table = self.tables.table(&head.table)?;
        if table.rows != head.rows {
            return Err(format!("the head says {} rows, the table has {}", head.rows, table.rows));
        }
        let (session, now) = session_of(head)?;
        Ok(Setting { file, table, session, now })
    }

    fn run_case(&mut self, setting: &Setting<'_>, index: usize, case: &Case) -> Ran {
        let number = number_of(&setting.file.name, index);
        let sides = match case {
            Case::Expression(_) => self.options.sides.of(number),
            Case::Relational(_) => vec![Side::Batch(Presentation::PLAIN)],
            Case::Unreadable(case_) => return Ran::unsupported(case, case_.reason.clone()),
        };
        let mut ran: Option<Ran> = None;
        for side in sides {
            let (verdict, told) = self.run_side(setting, case, side);
            let unsupported = verdict.outcomes.contains(&Outcome::Unsupported);
            match &mut ran {
                None => ran = Some(Ran { verdict, answers: vec![(side, told)] }),
                Some(ran) => {
                    ran.verdict.merge(&verdict);
                    ran.answers.push((side, told));
                }
            }
            if unsupported {
                break;
            }
        }
        ran.unwrap_or_else(|| Ran::unsupported(case, "no side was asked for".to_owned()))
    }

    fn run_side(
        &mut self,
        setting: &Setting<'_>,
        case: &Case,
        side: Side,
    ) -> (Verdict, show::Told) {
        let presentation = match side {
            Side::Batch(presentation) => presentation,
            Side::Row => Presentation::PLAIN,
        };
        let head = match &setting.file.head {
            Ok(head) => head,
            Err(reason) => return Ran::unsupported(case, reason.clone()).into_side(),
        };
        let presented = match self.tables.presented(&setting.table, presentation) {
            Ok(presented) => presented,
            Err(reason) => return Ran::unsupported(case, reason).into_side(),
        };
        let input = Input {
            head,
            session: &setting.session,
            now: setting.now,
            table: &setting.table,
            presented: &presented,
        };
        match case {
            Case::Expression(case) => {
                let answer = self.guarded(|engine| engine.run_expression(case, &input, side));
                (judge_expression(case, &answer), show::Told::Expression(answer))
            }
            Case::Relational(case) => {
                let answer = self.guarded(|engine| engine.run_relational(case, &input));
                (judge_relational(case, &answer), show::Told::Relational(answer))
            }
            Case::Unreadable(case_) => Ran::unsupported(case, case_.reason.clone()).into_side(),
        }
    }

    /// Asks the engine; a panic becomes an answer, and the engine is made anew.
    fn guarded<T>(&mut self, ask: impl FnOnce(&mut E) -> Answer<T>) -> Answer<T> {
        let engine = &mut self.engine;
        caught(|| ask(engine)).unwrap_or_else(|text| {
            self.engine = (self.make)();
            Answer::Panicked(text)
        })
    }

    fn note_failure(
        &self,
        file: &VectorFile,
        setting: Option<&Setting<'_>>,
        index: usize,
        case: &Case,
        ran: &Ran,
        found: &mut Findings,
    ) {
        if !ran.verdict.is_passed() {
            let outcomes = ran.verdict.outcomes.clone();
            found.failures.entry(file.name.clone()).or_default().insert(index, outcomes);
        }
        let table = setting.map(|setting| &*setting.table);
        if found.differences.len() < self.options.show {
            let room = self.options.show - found.differences.len();
            let apart = self.options.apart;
            let shown = show::differences(file, table, (index, case), ran, room, apart);
            found.differences.extend(shown);
        }
        if self.options.group {
            let text = case.text();
            let key = table.map_or_else(|| text.clone(), |table| shape(&text, table));
            let group = found.groups.entry(key).or_default();
            group.tally.add(&ran.verdict);
            group.reason = group.reason.take().or_else(|| ran.reason());
            group.example = text;
        }
    }
}

impl Ran {
    fn unsupported(case: &Case, reason: String) -> Ran {
        let side = Side::Batch(Presentation::PLAIN);
        let verdict = Verdict::all(Outcome::Unsupported, case.results());
        Ran { verdict, answers: vec![(side, show::Told::Nothing(reason))] }
    }

    fn into_side(self) -> (Verdict, show::Told) {
        let told = self.answers.into_iter().next().map(|(_, told)| told);
        (self.verdict, told.unwrap_or_else(|| show::Told::Nothing(String::new())))
    }

    /// Returns why the case is not supported, or how it panicked.
    fn reason(&self) -> Option<String> {
        self.answers.iter().find_map(|(_, told)| told.reason())
    }
}

/// Numbers a case by its file's name and its place, for seeded choices.
fn number_of(file: &str, index: usize) -> u64 {
    let name = file.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    mix(name ^ index as u64)
}

#[cfg(test)]
mod tests;
