// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Says what went wrong on the command line, and with which exit code the command ends.

use std::fmt;
use std::process::ExitCode;

/// Is what ends the command early.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Arguments, a plan or an expression that cannot be used: exit code 2.
    Usage(String),
    /// A file that cannot be read or written: exit code 3.
    File(String),
    /// The run failed: exit code 1.
    Run(tiforth::Error),
    /// The run was cancelled: exit code 130.
    Cancelled,
    /// Whoever read the output went away: no message, exit code 0.
    Closed,
}

impl Failure {
    /// Returns the exit code.
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Failure::Closed => 0,
            Failure::Run(_) => 1,
            Failure::Usage(_) => 2,
            Failure::File(_) => 3,
            Failure::Cancelled => 130,
        })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Usage(text) | Failure::File(text) => f.write_str(text),
            Failure::Run(error) => error.fmt(f),
            Failure::Cancelled => f.write_str("cancelled"),
            Failure::Closed => Ok(()),
        }
    }
}

impl From<tiforth::Error> for Failure {
    fn from(error: tiforth::Error) -> Self {
        if error.code() == tiforth::types::code::ER_QUERY_INTERRUPTED {
            return Failure::Cancelled;
        }
        Failure::Run(error)
    }
}

/// Turns an error of writing to standard output into a failure.
pub(crate) fn of_stdout(error: std::io::Error) -> Failure {
    if error.kind() == std::io::ErrorKind::BrokenPipe {
        return Failure::Closed;
    }
    Failure::File(format!("cannot write to standard output: {error}"))
}
