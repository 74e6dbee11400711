// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Counts, function by function, how many of TiDB's answers the library gives, and picks an example.
//!
//! A case belongs to the function its expression calls outermost. What passes is read from the
//! record, so that the figures change with it alone.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use tiforth_expr::{Expr, Registry};
use tiforth_sql::parse_expr;
use tiforth_types::SqlMode;

use crate::record::Record;
use crate::session::session_of;
use crate::shape::columns_of;
use crate::vectors::{
    Case, Entry, Expected, ExpectedValue, ExpressionCase, RelationalKind, Table, VectorDir,
    VectorFile,
};

/// Is the name under which casts are counted, and the family they are described in.
pub const CAST: &str = "cast";

/// Says how many of TiDB's answers a function gives.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Exactness {
    /// Of all cases.
    pub all: Count,
    /// Of those of the core.
    pub core: Count,
    /// One that passes.
    pub example: Option<Example>,
}

/// Counts results.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Count {
    /// Those asked.
    pub results: usize,
    /// Those that pass.
    pub passed: usize,
}

impl std::ops::AddAssign for Count {
    fn add_assign(&mut self, other: Count) {
        self.results += other.results;
        self.passed += other.passed;
    }
}

/// Is one result that passes; the first in order tells most.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Example {
    /// How dull it is, the length of its text, and where it stands: the order.
    rank: (usize, usize, String, usize, usize),
    /// The expression.
    pub text: String,
    /// The columns it reads with their values in the row.
    pub inputs: Vec<(String, String)>,
    /// The value TiDB gives.
    pub value: String,
}

/// Is the figures by function.
pub type Figures = BTreeMap<String, Exactness>;

/// Counts the results of all families in a folder.
pub fn by_function(
    registry: &Registry,
    dir: &VectorDir,
    record: &Record,
) -> Result<Figures, String> {
    let queue = Mutex::new(VecDeque::from(dir.file_names()?));
    let figures = Mutex::new(Figures::new());
    let failed = Mutex::new(None);
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                    let Some(name) = next else { break };
                    let counted =
                        dir.read_file(&name).and_then(|f| of_file(registry, dir, record, &f));
                    match counted {
                        Ok(counted) => {
                            let mut all = figures.lock().unwrap_or_else(PoisonError::into_inner);
                            counted
                                .into_iter()
                                .for_each(|(name, of)| all.entry(name).or_default().add(of));
                        }
                        Err(e) => {
                            let mut failed = failed.lock().unwrap_or_else(PoisonError::into_inner);
                            failed.get_or_insert(e);
                        }
                    }
                }
            });
        }
    });
    match failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(e) => Err(e),
        None => Ok(figures.into_inner().unwrap_or_else(PoisonError::into_inner)),
    }
}

impl Exactness {
    fn add(&mut self, other: Exactness) {
        self.all += other.all;
        self.core += other.core;
        self.example = match (self.example.take(), other.example) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
    }
}

/// Counts the results of one family.
fn of_file(
    registry: &Registry,
    dir: &VectorDir,
    record: &Record,
    file: &VectorFile,
) -> Result<Figures, String> {
    let mut figures = Figures::new();
    let Ok(head) = &file.head else { return Ok(figures) };
    let mode = session_of(head)?.0.sql_mode;
    let table = dir.read_table(&head.table)?;
    for (index, case) in file.cases.iter().enumerate() {
        let Some(name) = outermost(registry, case, mode) else { continue };
        let results = case.results();
        let failing = record.failing(&file.name, index, results);
        let count = Count { results, passed: results - failing };
        let of = figures.entry(name).or_default();
        of.all += count;
        if case.subset().core {
            of.core += count;
        }
        if failing > 0 || of.example.is_some() && !case.subset().core {
            continue;
        }
        if let Case::Expression(case) = case
            && case.into.is_none()
            && let Some(example) = example_of(case, &table, &file.name, index)
            && of.example.as_ref().is_none_or(|best| example < *best)
        {
            of.example = Some(example);
        }
    }
    Ok(figures)
}

/// Names the function a case calls outermost.
fn outermost(registry: &Registry, case: &Case, mode: SqlMode) -> Option<String> {
    let text = match case {
        Case::Expression(case) => &case.text,
        Case::Relational(case) => match &case.kind {
            RelationalKind::Aggregate { call, .. } => call,
            _ => return None,
        },
        Case::Unreadable(_) => return None,
    };
    match &parse_expr(text, mode).ok()? {
        Expr::Call(call) => {
            let scalar = registry.get(&call.name).map(|f| f.name);
            scalar.or_else(|| registry.aggregate(&call.name).map(|f| f.name)).map(str::to_owned)
        }
        Expr::Case(_) => Some("case".to_owned()),
        Expr::Cast { .. } => Some(CAST.to_owned()),
        _ => None,
    }
}

/// Picks the row of a case that reads best: short values of plain characters, no warnings.
fn example_of(case: &ExpressionCase, table: &Table, file: &str, index: usize) -> Option<Example> {
    let Expected::Rows(entries) = &case.expected else { return None };
    let columns = columns_of(&case.text, table);
    let is_text_plain = !case.text.contains(['`', '|']) && case.text.is_ascii();
    if !is_text_plain || !case.bind_warnings.is_empty() || !case.split.is_empty() {
        return None;
    }
    let rows = entries.iter().enumerate().filter_map(|(row, entry)| {
        let Entry::Value(ExpectedValue::Bytes(value), warnings) = entry else { return None };
        let value = plain(value).filter(|_| warnings.is_empty())?;
        let input = |name: &&str| {
            let cell = table.column(name)?.cells.get(row)?.as_deref()?;
            Some(((*name).to_owned(), plain(cell)?.to_owned()))
        };
        let inputs = columns.iter().map(input).collect::<Option<Vec<_>>>()?;
        let dull = dullness(case, &inputs, value);
        let rank = (dull, case.text.len(), file.to_owned(), index, row);
        Some(Example { rank, text: case.text.clone(), inputs, value: value.to_owned() })
    });
    rows.min()
}

/// Counts what makes an example tell little: no columns, trivial values, a result that is an input.
fn dullness(case: &ExpressionCase, inputs: &[(String, String)], value: &str) -> usize {
    let is_trivial = |text: &str| text.trim_matches(['0', '.', ':', '-', ' ']).len() < 2;
    let trivial = inputs.iter().filter(|(_, input)| is_trivial(input)).count();
    4 * usize::from(!case.subset.core)
        + 3 * usize::from(inputs.is_empty())
        + 2 * usize::from(inputs.iter().any(|(_, input)| input == value))
        + usize::from(is_trivial(value))
        + usize::from(case.text.contains("''"))
        + trivial
}

/// Returns a short text of visible characters.
fn plain(bytes: &[u8]) -> Option<&str> {
    const LENGTH_MAX: usize = 40;
    let is_plain = |b: &u8| (b.is_ascii_graphic() || *b == b' ') && !matches!(b, b'`' | b'|');
    let text = std::str::from_utf8(bytes).ok()?;
    let fits = !text.is_empty() && text.len() <= LENGTH_MAX && text.trim() == text;
    (fits && bytes.iter().all(is_plain)).then_some(text)
}
