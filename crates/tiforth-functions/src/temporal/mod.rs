// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Dates and times: arithmetic, parts, formats, zones and the present moment.

mod date_add;

use tiforth_expr::Function;
use tiforth_expr::tree::CallOptions;
use tiforth_types::SqlError;
use tiforth_types::temporal::IntervalUnit;

/// Lists the family.
pub(crate) const FUNCTIONS: &[&Function] = &[&date_add::DATE_ADD, &date_add::DATE_SUB];

/// Returns the unit a call names.
fn unit(options: &CallOptions) -> Result<IntervalUnit, SqlError> {
    let unit = match options {
        CallOptions::Unit(unit) => IntervalUnit::parse(unit.as_str()),
        _ => None,
    };
    unit.ok_or_else(|| SqlError::other("the call names no unit"))
}
