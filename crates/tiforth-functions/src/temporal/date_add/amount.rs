// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Reads how much an INTERVAL is: any value becomes a text first, and the text an amount of its unit.
//!
//! Source: MySQL manual, "Temporal Intervals"; TiDB `pkg/expression/builtin_time.go`
//! (`getIntervalFrom…`).

use std::io::Write;

use tiforth_types::decimal::{Outcome, ParseOutcome};
use tiforth_types::number::{trim_space, write_i64, write_u64};
use tiforth_types::temporal::{
    Interval, IntervalUnit, TemporalError, decimal_interval_text, integer_prefix,
    interval_duration, parse_interval,
};
use tiforth_types::{DatumRef, Decimal, Duration, SqlError, SqlType};

/// Is what was read of an INTERVAL's value.
pub(super) struct Amount {
    /// The text that is the amount.
    pub(super) text: Vec<u8>,
    /// What the value lost on its way to the text.
    pub(super) warning: Option<SqlError>,
}

impl Amount {
    /// Reads a value that is not NULL, of type `ty`; nothing for NULL.
    pub(super) fn read(unit: IntervalUnit, value: DatumRef<'_>, ty: &SqlType) -> Option<Amount> {
        let mut text = Vec::new();
        let warning = match value {
            DatumRef::Int(v) if ty.unsigned => {
                #[expect(clippy::cast_sign_loss, reason = "the bits are an unsigned integer's")]
                write_u64(v as u64, &mut text);
                None
            }
            DatumRef::Int(v) => {
                write_i64(v, &mut text);
                None
            }
            DatumRef::Real(v) => {
                // Writing to a vector does not fail.
                let _ = match usize::try_from(ty.decimals) {
                    Ok(decimals) => write!(text, "{v:.decimals$}"),
                    Err(_) => write!(text, "{v}"),
                };
                None
            }
            DatumRef::Decimal(v) => from_decimal(unit, v, &mut text),
            DatumRef::Bytes(v) => from_text(unit, v, &mut text),
            DatumRef::Null | DatumRef::Time(_) | DatumRef::Duration(_) => return None,
        };
        Some(Amount { text, warning })
    }

    /// Returns what is added to a date, and what is wrong with the text.
    pub(super) fn interval(&self, unit: IntervalUnit) -> (Interval, Option<TemporalError>) {
        parse_interval(unit, &self.text)
    }

    /// Returns what is added to a time.
    pub(super) fn duration(&self, unit: IntervalUnit) -> Result<Duration, TemporalError> {
        interval_duration(unit, &self.text).map(|(duration, _)| duration)
    }
}

#[cold]
fn lost(value: &[u8]) -> SqlError {
    SqlError::truncated_wrong_value("DECIMAL", &String::from_utf8_lossy(value))
}

/// Takes a decimal: rounded for a unit of one field, its point as a separator for several.
fn from_decimal(unit: IntervalUnit, value: &Decimal, out: &mut Vec<u8>) -> Option<SqlError> {
    let is_whole = unit.is_simple() && unit != IntervalUnit::Second;
    if !is_whole {
        let mut text = String::new();
        decimal_interval_text(unit, &value.to_string(), &mut text);
        out.extend_from_slice(text.as_bytes());
        return None;
    }
    let rounded = value.to_i64_rounded();
    write_i64(rounded.value, out);
    (rounded.outcome != Outcome::Exact).then(|| lost(value.to_string().as_bytes()))
}

/// Takes a text: its leading integer for a unit of one field, a number for SECOND, else as it is.
fn from_text(unit: IntervalUnit, text: &[u8], out: &mut Vec<u8>) -> Option<SqlError> {
    if unit == IntervalUnit::Second {
        let parsed = Decimal::parse(text);
        parsed.value.write_all_digits(out);
        return (parsed.outcome != ParseOutcome::Exact).then(|| lost(text));
    }
    if !unit.is_simple() {
        out.extend_from_slice(text);
        return None;
    }
    let (digits, is_all) = integer_prefix(text);
    out.extend_from_slice(digits);
    (!is_all).then(|| lost(trim_space(text)))
}
