// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `CAST(x AS DATE | DATETIME(n) | TIME(n))` over the columns of texts, numbers, dates and times.

use serde_json::Value;
use tiforth_types::temporal::{
    Duration, Noun, TemporalError, Time, TimeKind, duration_from_number, parse_duration,
    parse_time, time_from_number, time_from_number_text,
};

use crate::judge::{Cell, Family, Got, duration_text, message, time_text};

#[derive(Clone, Copy)]
enum Target {
    Time(TimeKind, u8),
    Duration(u8),
}

fn target(text: &str) -> Option<Target> {
    let (name, fsp) = match text.split_once('(') {
        Some((name, fsp)) => (name, fsp.strip_suffix(')')?.parse().ok()?),
        None => (text, 0),
    };
    Some(match name {
        "date" => Target::Time(TimeKind::Date, 0),
        "datetime" => Target::Time(TimeKind::Datetime, fsp),
        "time" => Target::Duration(fsp),
        _ => return None,
    })
}

fn plan(family: &Family, _: &Value, text: &str) -> Option<Vec<Got>> {
    let (column, to) = text.strip_prefix("cast(")?.strip_suffix(')')?.split_once(" as ")?;
    let to = target(to)?;
    let cells = family.column(column)?;
    let cast = |cell: Cell| match to {
        Target::Time(kind, fsp) => to_time(family, cell, kind, fsp),
        Target::Duration(fsp) => to_duration(family, cell, fsp),
    };
    Some(cells.into_iter().map(|c| c.map_or_else(Got::null, cast)).collect())
}

/// Plans `x + 0`, which is the number of a date or time.
fn numbers(family: &Family, _: &Value, text: &str) -> Option<Vec<Got>> {
    let cells = family.column(text.strip_suffix(" + 0")?)?;
    let number = |cell: Option<Cell>| {
        let (mantissa, scale) = match cell {
            None => return Some(Got::null()),
            Some(Cell::Time(time, kind, fsp)) => time.to_number(kind, fsp),
            Some(Cell::Duration(duration, fsp)) => {
                let (mantissa, scale) = duration.to_number(fsp);
                (mantissa.into(), scale)
            }
            Some(_) => return None,
        };
        let unit = 10i128.pow(scale.into());
        let (sign, size) = (if mantissa < 0 { "-" } else { "" }, mantissa.abs());
        let fraction = format!(".{:0width$}", size % unit, width = scale.into());
        let fraction = if scale > 0 { fraction.as_str() } else { "" };
        Some(Got::of(format!("{sign}{}{fraction}", size / unit)))
    };
    cells.into_iter().map(number).collect()
}

fn to_time(family: &Family, cell: Cell, kind: TimeKind, fsp: u8) -> Got {
    let (mode, zone) = (family.mode, &family.zone);
    let of = |result: Result<Time, TemporalError>, input: &str| match result {
        Ok(time) => Got::of(time_text(time, kind, fsp)),
        Err(error) => Got::failed(error, input),
    };
    match cell {
        Cell::Text(text) => {
            let parsed = parse_time(text.as_bytes(), kind, fsp, mode, zone);
            let cut = message(TemporalError::Truncated(Noun::Datetime), &text);
            let got = match parsed.value {
                Ok(Time::ZERO) if family.forbids_zero_date => {
                    let shown = time_text(Time::ZERO, kind, fsp);
                    Got::failed(TemporalError::Incorrect(Noun::Datetime), &shown)
                }
                other => of(other, &text),
            };
            got.after(vec![cut; parsed.truncations.into()])
        }
        Cell::Integer(value) => of(time_from_number(value, kind, mode, zone).map(|t| t.0), ""),
        // TiDB makes the zero date of a real without asking for which type.
        Cell::Real(text) if text == "0" => Got::of(time_text(Time::ZERO, TimeKind::Datetime, fsp)),
        Cell::Real(text) | Cell::Decimal(text) => {
            of(time_from_number_text(text.as_bytes(), kind, fsp, mode, zone), &text)
        }
        Cell::Time(time, ..) if kind == TimeKind::Date => of(Ok(time.date()), ""),
        Cell::Time(time, ..) => of(time.round(fsp, zone), ""),
        Cell::Duration(duration, _) => {
            let today = zone.to_civil(1_718_454_896_789_012).unwrap();
            of(Ok(today.at(duration)), "")
        }
    }
}

fn to_duration(family: &Family, cell: Cell, fsp: u8) -> Got {
    let of = |duration: Duration| Got::of(duration_text(duration, fsp));
    match cell {
        Cell::Real(text) | Cell::Decimal(text) => {
            let parsed = parse_duration(text.as_bytes(), fsp, family.mode, &family.zone);
            match parsed.error {
                Some(error) => Got::failed(error, &text),
                None => of(parsed.value.unwrap()),
            }
        }
        Cell::Text(text) => {
            let parsed = parse_duration(text.as_bytes(), fsp, family.mode, &family.zone);
            let mut got = parsed.value.map_or_else(Got::null, of);
            let cut = message(TemporalError::Truncated(Noun::Datetime), text.trim());
            got.warnings = vec![cut; parsed.truncations.into()];
            got.warnings.extend(parsed.error.map(|e| message(e, &text)));
            got
        }
        Cell::Integer(value) => match duration_from_number(value) {
            Ok(duration) => of(duration),
            Err(error) => Got::failed(error, ""),
        },
        Cell::Time(time, ..) => of(Duration::of_day(time).round(fsp)),
        Cell::Duration(duration, _) => of(duration.round(fsp)),
    }
}

#[test]
fn casts_answer_as_tidb() {
    for (name, least) in
        [("cast", 8000), ("cast.new_york", 1), ("cast.invalid_dates", 1), ("cast.lenient", 1)]
    {
        let mut family = Family::open(name);
        family.judge(plan);
        family.finish(least);
    }
    let mut family = Family::open("cast");
    family.judge(numbers);
    family.finish(300);
}
