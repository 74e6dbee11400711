// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Reads the session's settings from the command line.

use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;
use tiforth::{Now, RunContext, Session, SqlMode, TimeZone};

use crate::failure::Failure;

/// Holds the settings answers depend on.
#[derive(Args, Clone, Debug)]
pub(crate) struct Settings {
    /// The sql_mode, as MySQL's variable: comma-separated names
    #[arg(long, value_name = "MODES", value_parser = parse_mode)]
    pub(crate) sql_mode: Option<SqlMode>,
    /// The time zone: an offset like +02:00 or a name like Europe/Berlin
    #[arg(long, value_name = "ZONE", value_parser = parse_zone, allow_hyphen_values = true)]
    pub(crate) time_zone: Option<TimeZone>,
    /// How many fraction digits / and AVG add
    #[arg(long, value_name = "DIGITS", value_parser = clap::value_parser!(u8).range(0..=30))]
    pub(crate) div_precision_increment: Option<u8>,
    /// How many warnings are shown; all are counted
    #[arg(long, value_name = "COUNT")]
    pub(crate) max_warnings: Option<usize>,
}

fn parse_mode(text: &str) -> Result<SqlMode, String> {
    SqlMode::parse(text).map_err(|name| format!("there is no sql_mode '{name}'"))
}

fn parse_zone(text: &str) -> Result<TimeZone, String> {
    TimeZone::parse(text).ok_or_else(|| format!("Unknown or incorrect time zone: '{text}'"))
}

impl Settings {
    /// Builds the session.
    pub(crate) fn session(&self) -> Session {
        let default = Session::default();
        Session {
            sql_mode: self.sql_mode.unwrap_or(default.sql_mode),
            time_zone: self.time_zone.unwrap_or(default.time_zone),
            div_precision_increment: self
                .div_precision_increment
                .unwrap_or(default.div_precision_increment),
            max_warnings: self.max_warnings.unwrap_or(default.max_warnings),
            ..default
        }
    }
}

/// Builds the context of a run that starts now.
///
/// # Errors
/// When the machine's clock stands before 1970.
pub(crate) fn run_context() -> Result<RunContext, Failure> {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_err(|_| Failure::Usage("the machine's clock stands before 1970".into()))?;
    let micros = i64::try_from(since.as_micros()).unwrap_or(i64::MAX);
    Ok(RunContext { now: Now(micros), ..RunContext::default() })
}
