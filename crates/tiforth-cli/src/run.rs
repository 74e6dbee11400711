// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `tiforth run`: runs a plan over files.

use std::fs;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use tiforth::data::memory::LimitedPool;
use tiforth::expr::tree::{Expr, Field, LiteralKind};
use tiforth::operators::spec::ExprText;
use tiforth::{Engine, Plan, RunContext, Session, TableInput, ThreadPool};

use crate::failure::Failure;
use crate::input::{TableFile, Wanted, open, parse_table, tables};
use crate::output::{print_profile, print_table, write_csv, write_parquet, write_warnings};
use crate::settings::{Settings, run_context};

/// Is what a run reads: tables by name.
type NamedInputs = Vec<(String, TableInput)>;

/// Runs a plan over files.
#[derive(Args)]
pub(crate) struct Run {
    /// The plan, a JSON file
    plan: PathBuf,
    /// A table the plan reads and its file (.parquet, .csv, .arrow): lineitem=lineitem.parquet
    #[arg(long = "table", value_name = "NAME=PATH", value_parser = parse_table)]
    tables: Vec<TableFile>,
    /// The form of the result
    #[arg(long, value_enum, default_value_t = Form::Table)]
    format: Form,
    /// Where the result goes; standard output if left out (Parquet needs a file)
    #[arg(long, value_name = "PATH")]
    output: Option<PathBuf>,
    /// How many threads work
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// The most memory operators may hold: 512MiB, 2GiB
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    memory_limit: Option<usize>,
    /// Print what every operator did
    #[arg(long)]
    profile: bool,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    Table,
    Csv,
    Parquet,
}

/// Reads a number of bytes: digits and one of B, KiB, MiB, GiB.
fn parse_size(text: &str) -> Result<usize, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit: usize = match text.get(digits.len()..).unwrap_or("").to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "kib" | "k" | "kb" => 1 << 10,
        "mib" | "m" | "mb" => 1 << 20,
        "gib" | "g" | "gb" => 1 << 30,
        _ => return Err("a size is digits and one of B, KiB, MiB, GiB".to_owned()),
    };
    let number: usize =
        digits.trim().parse().map_err(|_| "a size is digits and one of B, KiB, MiB, GiB")?;
    number.checked_mul(unit).ok_or_else(|| "the size is beyond the address space".to_owned())
}

/// Reads a plan from a file.
///
/// # Errors
/// A file that cannot be read, and what is wrong with the plan.
pub(crate) fn read_plan(path: &Path) -> Result<Plan, Failure> {
    let text = fs::read_to_string(path)
        .map_err(|e| Failure::File(format!("cannot read {}: {e}", path.display())))?;
    Plan::from_json(&text).map_err(|e| Failure::Usage(format!("{}: {e}", path.display())))
}

/// Returns the number of threads to work with where the user names none.
pub(crate) fn default_threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Cancels the run when the user presses Ctrl-C; a second press ends the command at once.
///
/// # Errors
/// When the system lets no handler be set.
pub(crate) fn cancel_on_interrupt(run: &RunContext) -> Result<(), Failure> {
    let token = run.cancel.clone();
    let was_pressed = AtomicBool::new(false);
    ctrlc::set_handler(move || {
        if was_pressed.swap(true, Ordering::SeqCst) {
            std::process::exit(130);
        }
        token.cancel();
    })
    .map_err(|e| Failure::Usage(format!("cannot listen for Ctrl-C: {e}")))
}

impl Run {
    /// Runs the plan and prints its result, warnings and, if asked, profile.
    ///
    /// # Errors
    /// What is wrong with the plan or the files, and what the run fails with.
    pub(crate) fn run(&self) -> Result<(), Failure> {
        if self.format == Form::Parquet && self.output.is_none() {
            return Err(Failure::Usage("--format parquet needs --output PATH".into()));
        }
        if self.format == Form::Table && self.output.is_some() {
            return Err(Failure::Usage("--output needs --format csv or parquet".into()));
        }
        let plan = read_plan(&self.plan)?;
        let session = self.settings.session();
        let compiled = Engine::new()
            .compile(&plan, &tables(&self.tables)?, &session)
            .map_err(|e| Failure::Usage(format!("{}: {e}", self.plan.display())))?;
        let (rows, inputs) = self.open_inputs(&plan)?;
        let mut run = run_context()?;
        if let Some(limit) = self.memory_limit {
            run.memory = Arc::new(LimitedPool::new(limit));
        }
        cancel_on_interrupt(&run)?;
        let threads = self.threads.map_or_else(default_threads, usize::from);
        let pool = ThreadPool::new(threads)?;
        let mut started = compiled.start(inputs, &run, &pool)?;
        let progress = progress_bar(rows, started.progress());
        let result = match (self.format, &self.output) {
            (Form::Table, _) => print_table(&mut started, &session),
            (Form::Csv, None) => write_csv(&mut started, &session, &mut std::io::stdout().lock()),
            (Form::Csv, Some(path)) => csv_file(&mut started, &session, path),
            (Form::Parquet, path) => {
                write_parquet(&mut started, path.as_deref().unwrap_or(Path::new("")))
            }
        };
        drop(progress);
        result?;
        let (warnings, total) = started.warnings();
        write_warnings(&mut std::io::stderr().lock(), &warnings, total)?;
        if self.profile {
            print_profile(&started.profile())?;
        }
        Ok(())
    }

    /// Opens every table's file with what the plan wants of it.
    fn open_inputs(&self, plan: &Plan) -> Result<(Option<u64>, NamedInputs), Failure> {
        let mut total = Some(0);
        let mut inputs = Vec::new();
        for file in &self.tables {
            let (rows, input) = open(&file.path, &wanted(plan, &file.name))?;
            total = total.zip(rows).map(|(a, b)| a + b);
            inputs.push((file.name.clone(), input));
        }
        Ok((total, inputs))
    }
}

fn csv_file(run: &mut tiforth::PlanRun, session: &Session, path: &Path) -> Result<usize, Failure> {
    let file = fs::File::create(path)
        .map_err(|e| Failure::File(format!("cannot write {}: {e}", path.display())))?;
    write_csv(run, session, &mut std::io::BufWriter::new(file))
}

/// Shows how far a long run has come, on a terminal; dropping it takes the bar away.
struct Progress {
    is_done: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.is_done.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            let _ = thread.join();
        }
    }
}

fn progress_bar(rows: Option<u64>, progress: tiforth::RowsRead) -> Option<Progress> {
    let rows = rows?;
    if !std::io::stderr().is_terminal() {
        return None;
    }
    let is_done = Arc::new(AtomicBool::new(false));
    let done = Arc::clone(&is_done);
    let thread = std::thread::spawn(move || {
        // Short runs end before a bar would be of use.
        std::thread::park_timeout(Duration::from_millis(500));
        let bar = ProgressBar::new(rows);
        if let Ok(style) =
            ProgressStyle::with_template("{bar:40} {percent}% {human_pos} rows {per_sec}")
        {
            bar.set_style(style);
        }
        while !done.load(Ordering::Relaxed) {
            bar.set_position(progress.rows());
            std::thread::park_timeout(Duration::from_millis(100));
        }
        bar.finish_and_clear();
    });
    Some(Progress { is_done, thread: Some(thread) })
}

/// Is a bound of a column that every row the plan keeps satisfies.
#[derive(Clone, Debug)]
pub(crate) struct Bound {
    /// The column.
    pub(crate) column: String,
    comparison: Comparison,
    value: f64,
}

#[derive(Clone, Copy, Debug)]
enum Comparison {
    Less,
    Greater,
    Equal,
}

impl Bound {
    /// Tells whether a column with values between `least` and `greatest` may hold one in bounds. The
    /// bounds are taken as closed, and a little wider than they are, so that no rounding of a number
    /// loses a row.
    pub(crate) fn may_hold(&self, least: f64, greatest: f64) -> bool {
        let slack = self.value.abs().max(1.0) * 1e-9;
        match self.comparison {
            Comparison::Less => least <= self.value + slack,
            Comparison::Greater => greatest >= self.value - slack,
            Comparison::Equal => least <= self.value + slack && greatest >= self.value - slack,
        }
    }
}

/// Returns what a plan wants of a table: the columns its `table` node lists, and the bounds of the
/// filter right above it.
fn wanted(plan: &Plan, table: &str) -> Wanted {
    let json = plan.to_json();
    let mut wanted = Wanted::default();
    if let Some(node) = json.get("plan") {
        visit(node, None, table, &mut wanted);
    }
    wanted
}

fn visit(
    node: &serde_json::Value,
    predicate: Option<&serde_json::Value>,
    table: &str,
    wanted: &mut Wanted,
) {
    let operator = node.get("operator").and_then(|o| o.as_str());
    if operator == Some("table") && node.get("table").and_then(|t| t.as_str()) == Some(table) {
        wanted.columns = node
            .get("columns")
            .and_then(|c| c.as_array())
            .map(|names| names.iter().filter_map(|n| n.as_str().map(str::to_owned)).collect());
        if let Some(predicate) = predicate {
            wanted.bounds = bounds(predicate);
        }
        return;
    }
    let own = if operator == Some("filter") { node.get("predicate") } else { None };
    if let Some(input) = node.get("input") {
        visit(input, own, table, wanted);
    }
    for input in node.get("inputs").and_then(|i| i.as_array()).into_iter().flatten() {
        visit(input, None, table, wanted);
    }
}

fn bounds(predicate: &serde_json::Value) -> Vec<Bound> {
    let tree = match serde_json::from_value::<ExprText>(predicate.clone()) {
        Ok(ExprText::Text(text)) => {
            tiforth::sql::parse_expr(&text, Session::default().sql_mode).ok()
        }
        Ok(ExprText::Tree(tree)) => Some(tree),
        Err(_) => None,
    };
    let mut bounds = Vec::new();
    if let Some(tree) = tree {
        collect(&tree, &mut bounds);
    }
    bounds
}

/// Collects the comparisons of a column with a literal from a conjunction.
fn collect(expr: &Expr, bounds: &mut Vec<Bound>) {
    let Expr::Call(call) = expr else { return };
    match (call.name.as_ref(), &call.args[..]) {
        ("and", args) => args.iter().for_each(|a| collect(a, bounds)),
        ("between", [column, low, high]) => {
            bounds.extend(bound(column, low, Comparison::Greater));
            bounds.extend(bound(column, high, Comparison::Less));
        }
        ("lt" | "le", [a, b]) => {
            bounds.extend(bound(a, b, Comparison::Less));
            bounds.extend(bound(b, a, Comparison::Greater));
        }
        ("gt" | "ge", [a, b]) => {
            bounds.extend(bound(a, b, Comparison::Greater));
            bounds.extend(bound(b, a, Comparison::Less));
        }
        ("eq", [a, b]) => {
            bounds.extend(bound(a, b, Comparison::Equal));
            bounds.extend(bound(b, a, Comparison::Equal));
        }
        _ => {}
    }
}

fn bound(column: &Expr, literal: &Expr, comparison: Comparison) -> Option<Bound> {
    let Expr::Field(Field::Name { name, .. }) = column else { return None };
    let Expr::Literal(literal) = literal else { return None };
    let value = match literal.kind() {
        LiteralKind::Integer | LiteralKind::Decimal => literal.text().parse().ok()?,
        LiteralKind::Date => {
            let mut parts = literal.text().split('-').map(str::parse::<u16>);
            let (year, month, day) =
                (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
            let (month, day) = (u8::try_from(month).ok()?, u8::try_from(day).ok()?);
            f64::from(tiforth::types::Time::from_date(year, month, day)?.to_date32()?)
        }
        _ => return None,
    };
    Some(Bound { column: name.to_string(), comparison, value })
}
