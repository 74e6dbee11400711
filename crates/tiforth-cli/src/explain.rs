// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `tiforth explain`: shows what a plan will do.

use std::io::Write as _;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::json;
use tiforth::{Engine, Plan};

use crate::failure::{Failure, of_stdout};
use crate::input::{TableFile, parse_table, tables};
use crate::run::read_plan;
use crate::settings::Settings;

/// Prints a plan, its pipelines and its task groups.
#[derive(Args)]
pub(crate) struct Explain {
    /// The plan, a JSON file
    plan: PathBuf,
    /// A table the plan reads and its file: lineitem=lineitem.parquet; without tables only the plan is
    /// printed
    #[arg(long = "table", value_name = "NAME=PATH", value_parser = parse_table)]
    tables: Vec<TableFile>,
    /// How many lanes a run would have
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: u16,
    /// The form of the output
    #[arg(long, value_enum, default_value_t = Form::Text)]
    format: Form,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Clone, Copy, ValueEnum)]
enum Form {
    Text,
    Json,
}

impl Explain {
    /// Prints the plan.
    ///
    /// # Errors
    /// What is wrong with the plan or its files.
    pub(crate) fn run(&self) -> Result<(), Failure> {
        let plan = read_plan(&self.plan)?;
        let text = self.text(&plan)?;
        let mut out = std::io::stdout().lock();
        match self.format {
            Form::Text => write!(out, "{text}").map_err(of_stdout),
            Form::Json => {
                let lines: Vec<&str> = text.lines().collect();
                let value = json!({ "plan": plan.to_json(), "explain": lines });
                writeln!(out, "{value:#}").map_err(of_stdout)
            }
        }
    }

    fn text(&self, plan: &Plan) -> Result<String, Failure> {
        if self.tables.is_empty() {
            return Ok(plan.explain());
        }
        let tables = tables(&self.tables)?;
        let compiled = Engine::new()
            .compile(plan, &tables, &self.settings.session())
            .map_err(|e| Failure::Usage(e.to_string()))?;
        Ok(compiled.explain(usize::from(self.threads))?)
    }
}
