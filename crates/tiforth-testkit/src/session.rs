// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Turns a head's session variables into the library's session and moment.

use tiforth_types::{Now, Session, SqlMode, TimeZone};

use crate::vectors::Head;

/// Reads a head's variables; the error names the one that cannot be followed. Variables no session
/// of the library has (`block_encryption_mode`) are left to those who read the head.
pub fn session_of(head: &Head) -> Result<(Session, Now), String> {
    let mut session = Session { statement: head.statement, ..Session::default() };
    let mut now = Now::default();
    for (name, value) in &head.session {
        let bad = || format!("the session variable {name} is {value}");
        match name.as_str() {
            "sql_mode" => session.sql_mode = SqlMode::parse(value).map_err(|_| bad())?,
            "time_zone" => session.time_zone = TimeZone::parse(value).ok_or_else(bad)?,
            "div_precision_increment" => {
                session.div_precision_increment = value.parse().map_err(|_| bad())?;
            }
            "default_week_format" => {
                session.default_week_format = value.parse().map_err(|_| bad())?;
            }
            "max_allowed_packet" => {
                session.max_allowed_packet = value.parse().map_err(|_| bad())?;
            }
            "group_concat_max_len" => {
                session.group_concat_max_len = value.parse().map_err(|_| bad())?;
            }
            "max_error_count" => session.max_warnings = value.parse().map_err(|_| bad())?,
            "timestamp" => now = moment(value).ok_or_else(bad)?,
            _ => {}
        }
    }
    Ok((session, now))
}

/// Reads seconds since 1970 with up to six decimals.
fn moment(text: &str) -> Option<Now> {
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
    let fraction = format!("{fraction:0<6}");
    let micros: i64 = fraction.get(..6)?.parse().ok()?;
    let seconds: i64 = seconds.parse().ok()?;
    Some(Now(seconds * 1_000_000 + micros))
}
