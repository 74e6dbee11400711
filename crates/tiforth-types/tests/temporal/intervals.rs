// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `DATE_ADD(x, INTERVAL amount unit)` and its kin over dates, datetimes, times and texts.

use serde_json::Value;
use tiforth_types::temporal::{
    IntervalUnit, Noun, TemporalError, Time, TimeKind, decimal_interval_text, integer_prefix,
    interval_duration, is_date_text, parse_interval, parse_time,
};

use crate::judge::{Cell, Family, Got, duration_text, message, time_text};

/// Is an amount as its type gives it.
#[derive(Clone)]
enum Amount {
    Null,
    Text(String),
    Number(String),
}

struct Shape<'a> {
    column: &'a str,
    amount: &'a str,
    unit: IntervalUnit,
    is_subtraction: bool,
}

fn shape(text: &str) -> Option<Shape<'_>> {
    let (function, rest) = text.split_once('(')?;
    let is_subtraction = match function {
        "date_add" => false,
        "date_sub" => true,
        _ => return None,
    };
    let (column, rest) = rest.strip_suffix(')')?.split_once(", interval ")?;
    let (amount, unit) = rest.rsplit_once(' ')?;
    Some(Shape { column, amount, unit: IntervalUnit::parse(unit)?, is_subtraction })
}

fn amounts(family: &Family, text: &str, rows: usize) -> Option<Vec<Amount>> {
    if let Some(cells) = family.column(text) {
        let amount = |cell: Cell| match cell {
            Cell::Text(text) => Some(Amount::Text(text)),
            Cell::Integer(n) => Some(Amount::Number(n.to_string())),
            _ => None,
        };
        return cells.into_iter().map(|c| c.map_or(Some(Amount::Null), amount)).collect();
    }
    let amount = if text == "null" {
        Amount::Null
    } else if let Some(text) = text.strip_prefix('\'') {
        Amount::Text(text.strip_suffix('\'')?.to_owned())
    } else if text.contains('e') || text.parse::<f64>().is_err() {
        return None;
    } else {
        Amount::Number(text.to_owned())
    };
    Some(vec![amount; rows])
}

/// Returns the text TiDB reads the amount from, and the warning its making gives.
fn amount_text(amount: &Amount, unit: IntervalUnit) -> Option<(String, Vec<String>)> {
    let is_single = !unit.name().contains('_');
    match amount {
        Amount::Null => None,
        Amount::Text(text) if is_single && unit != IntervalUnit::Second => {
            let (prefix, is_whole) = integer_prefix(text.as_bytes());
            let warning = format!("Truncated incorrect DECIMAL value: '{}'", text.trim());
            let prefix = String::from_utf8(prefix.to_vec()).unwrap();
            Some((prefix, if is_whole { vec![] } else { vec![warning] }))
        }
        Amount::Text(text) => Some((text.clone(), vec![])),
        Amount::Number(text) if is_single && unit != IntervalUnit::Second => Some((
            text.parse::<f64>().map_or(text.clone(), |v| {
                if text.contains('.') { format!("{}", v.round()) } else { text.clone() }
            }),
            vec![],
        )),
        Amount::Number(text) => {
            let mut out = String::new();
            decimal_interval_text(unit, text, &mut out);
            Some((out, vec![]))
        }
    }
}

fn plan(family: &Family, case: &Value, text: &str) -> Option<Vec<Got>> {
    let shape = shape(text)?;
    let cells = family.column(shape.column)?;
    let is_temporal = |c: &Cell| matches!(c, Cell::Text(_) | Cell::Time(..) | Cell::Duration(..));
    if !cells.iter().flatten().all(is_temporal) || !case["bw"].is_null() {
        return None;
    }
    let amounts = amounts(family, shape.amount, cells.len())?;
    let is_plain_text = |a: &Amount| matches!(a, Amount::Text(t) if t.parse::<f64>().is_err());
    if shape.unit == IntervalUnit::Second && amounts.iter().any(is_plain_text) {
        return None;
    }
    let is_date = case["t"]["type"] == "date";
    let fsp = case["t"]["dec"].as_u64().filter(|d| *d < 7).unwrap_or(0) as u8;
    let rows = cells.into_iter().zip(amounts);
    Some(
        rows.map(|(cell, amount)| match (cell, amount_text(&amount, shape.unit)) {
            (Some(cell), Some(amount)) => add(family, cell, amount, &shape, (is_date, fsp)),
            // TiDB reads the first argument before it sees that the second is NULL.
            (Some(Cell::Text(text)), None) => {
                read(family, &text, shape.unit).err().unwrap_or_default()
            }
            _ => Got::null(),
        })
        .collect(),
    )
}

fn read(family: &Family, text: &str, unit: IntervalUnit) -> Result<(Time, TimeKind), Got> {
    let is_date = is_date_text(text.as_bytes()) && !unit.is_clock();
    let kind = if is_date { TimeKind::Date } else { TimeKind::Datetime };
    let parsed = parse_time(text.as_bytes(), kind, 6, family.mode, &family.zone);
    let cut = message(TemporalError::Truncated(Noun::Datetime), text);
    let cuts = vec![cut; parsed.truncations.into()];
    match parsed.value {
        Ok(time)
            if family.forbids_zero_date
                && (time.year() == 0 || time.month() == 0 || time.day() == 0) =>
        {
            Err(Got::failed(TemporalError::Incorrect(Noun::Datetime), text).after(cuts))
        }
        Ok(time) => Ok((time, kind)),
        Err(error) => Err(Got::failed(error, text).after(cuts)),
    }
}

fn add(
    family: &Family,
    cell: Cell,
    (amount, mut warnings): (String, Vec<String>),
    shape: &Shape<'_>,
    (is_date, fsp): (bool, u8),
) -> Got {
    let (time, kind, fsp) = match cell {
        Cell::Text(text) => match read(family, &text, shape.unit) {
            Ok((time, kind)) => (time, kind, 0),
            Err(got) => return got,
        },
        Cell::Time(time, ..) if is_date => (time, TimeKind::Date, 0),
        Cell::Time(time, ..) => (time, TimeKind::Datetime, fsp),
        Cell::Duration(duration, _) => {
            return match interval_duration(shape.unit, amount.as_bytes()) {
                Ok((other, _)) => {
                    let sum = if shape.is_subtraction {
                        duration.checked_sub(other)
                    } else {
                        duration.checked_add(other)
                    };
                    Got::of(duration_text(sum.unwrap(), fsp)).after(warnings)
                }
                Err(error) => Got::failed(error, &amount).after(warnings),
            };
        }
        _ => unreachable!("the shape has none"),
    };
    let (interval, error) = parse_interval(shape.unit, amount.as_bytes());
    warnings.extend(error.map(|e| match e {
        // TiDB forgets the words of this one.
        TemporalError::Truncated(_) => String::new(),
        e => message(e, &amount),
    }));
    let interval = if shape.is_subtraction { interval.negated() } else { interval };
    match time.add_interval(interval) {
        Ok(sum) => {
            let shows_micros = kind == TimeKind::Datetime && fsp == 0 && sum.micro() > 0;
            let text = time_text(sum, kind, if shows_micros { 6 } else { fsp });
            Got::of(text).after(warnings)
        }
        Err(error) => Got::failed(error, &amount).after(warnings),
    }
}

#[test]
fn intervals_answer_as_tidb() {
    for (name, least) in [("interval", 40_000), ("interval.invalid_dates", 1000)] {
        let mut family = Family::open(name);
        family.judge(plan);
        family.finish(least);
    }
}
