// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! The command `tiforth`: MySQL-exact answers over Parquet, CSV and Arrow IPC, without a server.

#![forbid(unsafe_code)]

mod demo;
mod eval;
mod explain;
mod failure;
mod functions;
mod input;
mod output;
mod run;
mod settings;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// MySQL-exact answers over Parquet, CSV and Arrow IPC, without a server.
#[derive(Parser)]
#[command(name = "tiforth", version, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Generate TPC-H data in memory and show what TiForth answers
    Demo(demo::Demo),
    /// Run a plan over Parquet, CSV or Arrow IPC files
    Run(run::Run),
    /// Evaluate a MySQL expression: value, type, warnings
    Eval(eval::Eval),
    /// Print a plan, its pipelines and its task groups
    Explain(explain::Explain),
    /// List the functions, or describe one
    Functions(functions::Functions),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Demo(demo) => demo.run(),
        Command::Run(run) => run.run(),
        Command::Eval(eval) => eval.run(),
        Command::Explain(explain) => explain.run(),
        Command::Functions(functions) => functions.run(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("tiforth: {failure}");
            failure.exit_code()
        }
    }
}
