// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Carries what a kernel may ask for and where it reports: session, run values, warnings, errors.

use std::any::Any;

use tiforth_types::{Level, Now, Session, SqlError, Warning};

use crate::typed::Call;

/// Holds what is known only when a plan runs, and stays the same for the whole run.
#[derive(Clone, Debug, Default)]
pub struct RunValues {
    /// The moment the statement started.
    pub now: Now,
    /// The seed of RAND without an argument and of all hashing.
    pub seed: u64,
}

/// Collects the warnings and errors of the rows of one batch.
///
/// A kernel runs over all rows before the next one starts, so what it reports is sorted by row at the
/// end; the sort is stable, so that the order within a row is the order of evaluation.
#[derive(Debug)]
pub struct Diagnostics {
    warnings: Vec<(u32, Warning)>,
    errors: Vec<(u32, SqlError)>,
    total: u64,
    kept_of_kernel: usize,
    keep: usize,
    keeps_all_errors: bool,
    ends_at_error: bool,
}

impl Diagnostics {
    /// Starts with nothing reported; at most `keep` warnings will be handed on.
    pub fn new(keep: usize) -> Self {
        Diagnostics {
            warnings: Vec::new(),
            errors: Vec::new(),
            total: 0,
            kept_of_kernel: 0,
            keep,
            keeps_all_errors: false,
            ends_at_error: false,
        }
    }

    /// Keeps the error of every row, not the lowest row's alone.
    pub fn keep_all_errors(mut self) -> Self {
        self.keeps_all_errors = true;
        self
    }

    /// Hears of no warning after an error: for one row by itself, whose evaluation ends there.
    pub(crate) fn ending_at_error(mut self) -> Self {
        self.ends_at_error = true;
        self
    }

    /// Starts with nothing reported, to keep as many warnings, and the error of every row.
    pub(crate) fn apart(&self) -> Self {
        Diagnostics::new(self.keep).keep_all_errors()
    }

    /// Says that all that was reported is of `row`.
    pub(crate) fn of_row(mut self, row: u32) -> Self {
        self.warnings.iter_mut().for_each(|(of, _)| *of = row);
        self.errors.iter_mut().for_each(|(of, _)| *of = row);
        self
    }

    /// Adds the warnings of what was reported apart; hands on its errors.
    pub(crate) fn join(&mut self, apart: Diagnostics) -> ByRow<SqlError> {
        if !(self.ends_at_error && self.has_errors()) {
            self.total += apart.total;
            self.warnings.extend(apart.warnings);
        }
        apart.errors
    }

    fn begin_kernel(&mut self) {
        self.kept_of_kernel = 0;
    }

    /// Reports a warning of `row`. The text is made only while it can still be among those kept: a
    /// kernel meets the rows in order, so its later ones never overtake its first.
    pub fn warn(&mut self, row: u32, error: impl FnOnce() -> SqlError) {
        if self.ends_at_error && self.has_errors() {
            return;
        }
        self.total += 1;
        if self.kept_of_kernel < self.keep {
            self.kept_of_kernel += 1;
            self.warnings.push((row, Warning { level: Level::Warning, error: error() }));
        }
    }

    /// Reports the error of `row`.
    pub fn fail(&mut self, row: u32, error: SqlError) {
        if self.keeps_all_errors || self.errors.iter().all(|(r, _)| *r > row) {
            self.errors.push((row, error));
        }
    }

    /// Tells whether any row failed.
    pub fn has_errors(&self) -> bool {
        !self.errors.is_empty()
    }

    /// Lists the rows that failed, in the order they were reported.
    pub(crate) fn failed_rows(&self) -> impl Iterator<Item = u32> {
        self.errors.iter().map(|(row, _)| *row)
    }

    /// Returns the error of the lowest row, the first one reported for it.
    pub fn first_error(&self) -> Option<(u32, &SqlError)> {
        self.errors.iter().min_by_key(|(row, _)| *row).map(|(row, e)| (*row, e))
    }

    /// Returns the number of warnings so far, kept or not.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Tells how far it has come, so that [`rewind`](Self::rewind) can undo what follows.
    pub fn mark(&self) -> DiagnosticsMark {
        DiagnosticsMark {
            warnings: self.warnings.len(),
            errors: self.errors.len(),
            total: self.total,
        }
    }

    /// Tells whether anything was reported since `mark`.
    pub fn has_reported_since(&self, mark: DiagnosticsMark) -> bool {
        self.total != mark.total || self.errors.len() != mark.errors
    }

    /// Forgets all that was reported since `mark`.
    pub fn rewind(&mut self, mark: DiagnosticsMark) {
        self.warnings.truncate(mark.warnings);
        self.errors.truncate(mark.errors);
        self.total = mark.total;
    }

    /// Returns the warnings, row by row and in order within a row, and the errors likewise.
    pub fn finish(mut self) -> (ByRow<Warning>, ByRow<SqlError>) {
        self.warnings.sort_by_key(|(row, _)| *row);
        self.errors.sort_by_key(|(row, _)| *row);
        (self.warnings, self.errors)
    }
}

/// Holds what rows reported, in the order of the rows.
pub type ByRow<T> = Vec<(u32, T)>;

/// Marks a point in what was reported.
#[derive(Clone, Copy, Debug)]
pub struct DiagnosticsMark {
    warnings: usize,
    errors: usize,
    total: u64,
}

/// Is what a kernel's body is handed beside its arguments: one call, at one row.
pub struct CallContext<'a> {
    /// The settings the plan was compiled with.
    pub session: &'a Session,
    /// What is constant during the run.
    pub run: &'a RunValues,
    /// The call itself: result type, options, collation, arguments' types.
    pub call: &'a Call,
    /// Whether the call is folded, which TiDB does by its evaluator of rows: a few functions answer
    /// otherwise there than over batches.
    pub is_folded: bool,
    diagnostics: &'a mut Diagnostics,
    row: u32,
    memo: Option<(Vec<u8>, Box<dyn Any>)>,
}

impl<'a> CallContext<'a> {
    /// Builds the context of one call.
    pub fn new(
        session: &'a Session,
        run: &'a RunValues,
        call: &'a Call,
        diagnostics: &'a mut Diagnostics,
    ) -> Self {
        diagnostics.begin_kernel();
        CallContext { session, run, call, is_folded: false, diagnostics, row: 0, memo: None }
    }

    /// Says which row the body is about to compute; drivers call this.
    #[inline]
    pub fn set_row(&mut self, row: usize) {
        self.row = row as u32;
    }

    /// Reports a warning of the current row.
    #[cold]
    pub fn warn(&mut self, error: impl FnOnce() -> SqlError) {
        self.diagnostics.warn(self.row, error);
    }

    /// Reports the current row's error; its value becomes NULL.
    #[cold]
    pub fn fail(&mut self, error: SqlError) {
        self.diagnostics.fail(self.row, error);
    }

    /// Returns the state prepared from the constant arguments, if it is an `S`.
    #[inline]
    pub fn state<S: Any>(&self) -> Option<&'a S> {
        self.call.state.as_ref().and_then(|s| s.downcast_ref())
    }

    /// Returns what `make` builds from `key`, built anew only when the key differs from the last
    /// one: the one-entry cache of patterns and formats that are not constant.
    ///
    /// # Errors
    /// What `make` fails with.
    pub fn memo<S: Any>(
        &mut self,
        key: &[u8],
        make: impl FnOnce(&mut Self) -> Result<S, SqlError>,
    ) -> Result<&S, SqlError> {
        let hit = matches!(&self.memo, Some((k, s)) if k == key && s.is::<S>());
        if !hit {
            let made = make(self)?;
            self.memo = Some((key.to_vec(), Box::new(made)));
        }
        match self.memo.as_ref().and_then(|(_, s)| s.downcast_ref()) {
            Some(state) => Ok(state),
            None => Err(SqlError::other("a cached state changed its type")),
        }
    }

    /// Prints the call as TiDB does in messages.
    pub fn printed(&self) -> String {
        self.call.to_string()
    }
}
