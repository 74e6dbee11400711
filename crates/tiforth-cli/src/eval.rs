// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `tiforth eval`: evaluates one expression without a table.

use std::io::Write as _;
use std::sync::Arc;

use clap::Args;
use tiforth::Engine;
use tiforth::arrow::array::{RecordBatch, RecordBatchOptions};
use tiforth::arrow::schema::Schema;

use crate::failure::{Failure, of_stdout};
use crate::output::write_warnings;
use crate::settings::{Settings, run_context};

/// Evaluates one expression.
#[derive(Args)]
pub(crate) struct Eval {
    /// The expression, as MySQL writes it: "concat('a', 1 + 1)"
    #[arg(allow_hyphen_values = true)]
    expression: String,
    #[command(flatten)]
    settings: Settings,
}

impl Eval {
    /// Prints the value, its type and the warnings.
    ///
    /// # Errors
    /// What is wrong with the expression, or what evaluating it fails with.
    pub(crate) fn run(&self) -> Result<(), Failure> {
        let session = self.settings.session();
        let schema = Arc::new(Schema::empty());
        let bound = Engine::new()
            .bind(self.expression.as_str(), &schema, &session)
            .map_err(|e| Failure::Usage(e.to_string()))?;
        let options = RecordBatchOptions::new().with_row_count(Some(1));
        let batch = RecordBatch::try_new_with_options(schema, Vec::new(), &options)
            .map_err(|e| Failure::Usage(e.to_string()))?;
        let answer = bound.print(&batch, &run_context()?)?;
        let mut out = std::io::stdout().lock();
        let value = answer.texts.first().cloned().flatten().unwrap_or_else(|| "NULL".to_owned());
        writeln!(out, "value: {value}\ntype:  {:#}", bound.result_type()).map_err(of_stdout)?;
        let row_warnings = answer.warnings.iter().map(|(_, w)| w.clone());
        let warnings = bound.bind_warnings().iter().cloned().chain(row_warnings);
        let warnings: Vec<_> = warnings.take(session.max_warnings).collect();
        let total = bound.bind_warnings().len() as u64 + answer.warnings_total;
        write_warnings(&mut out, &warnings, total)
    }
}
