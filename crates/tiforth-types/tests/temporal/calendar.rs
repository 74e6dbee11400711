// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Functions of one or two dates, datetimes or times: the calendar's, EXTRACT, formats, zones.

use serde_json::Value;
use tiforth_types::temporal::{
    Duration, IntervalUnit, MONTH_NAMES, Noun, TemporalError, Time, TimeKind, TimeZone,
    WEEKDAY_NAMES, Zone, date_diff, date_format, extract_duration, extract_time, format_parts,
    str_to_date, time_format, timestamp_diff,
};

use crate::judge::{Cell, Family, Got, duration_text, message, time_text};

type Plan = Option<Vec<Got>>;
type Planner = fn(&Family, &Value, &str) -> Plan;

fn call(text: &str) -> Option<(&str, Vec<&str>)> {
    let (name, args) = text.split_once('(')?;
    Some((name, args.strip_suffix(')')?.split(", ").collect()))
}

/// Is a value with its kind and fraction digits.
type Moment = (Time, TimeKind, u8);

/// Returns the rows of a column of dates or datetimes.
fn times(family: &Family, column: &str) -> Option<Vec<Option<Moment>>> {
    let time = |cell: Option<Cell>| match cell {
        None => Some(None),
        Some(Cell::Time(time, kind, fsp)) => Some(Some((time, kind, fsp))),
        Some(_) => None,
    };
    family.column(column)?.into_iter().map(time).collect()
}

fn durations(family: &Family, column: &str) -> Option<Vec<Option<Duration>>> {
    let duration = |cell: Option<Cell>| match cell {
        None => Some(None),
        Some(Cell::Duration(d, _)) => Some(Some(d)),
        Some(_) => None,
    };
    family.column(column)?.into_iter().map(duration).collect()
}

fn literal(text: &str) -> Option<&str> {
    text.strip_prefix('\'')?.strip_suffix('\'').filter(|t| !t.contains('\''))
}

fn incorrect((time, kind, fsp): Moment) -> Got {
    Got::failed(TemporalError::Incorrect(Noun::Datetime), &time_text(time, kind, fsp))
}

/// Plans functions of one date: the value, after what the function asks of the date.
fn of_one(family: &Family, _: &Value, text: &str) -> Plan {
    let (name, args) = call(text)?;
    let mode = match args.get(1) {
        None => 0,
        Some(mode) => mode.parse::<i64>().ok()?.rem_euclid(8) as u8,
    };
    let (refuses_zero_parts, refuses_zero) = match name {
        "week" | "to_seconds" | "to_days" | "weekday" | "weekofyear" => (false, true),
        "yearweek" => (args.len() == 1, true),
        "dayofyear" | "last_day" | "dayofweek" | "dayname" => (true, true),
        "quarter" | "year" | "month" | "day" | "dayofmonth" => (false, false),
        "monthname" => (false, true),
        _ => return None,
    };
    let refuses_zero = refuses_zero && (family.forbids_zero_date || name != "monthname");
    let rows = times(family, args.first()?)?;
    let value = |time: Time| -> Option<String> {
        let at = usize::from;
        Some(match name {
            "week" => time.week(mode).to_string(),
            "weekofyear" => time.week(3).to_string(),
            "yearweek" => time.year_week_number(mode).to_string(),
            "dayofyear" => time.day_of_year().to_string(),
            "last_day" => time_text(time.last_day()?, TimeKind::Date, 0),
            "to_days" => time.day_number().to_string(),
            "to_seconds" => time.to_seconds().to_string(),
            "weekday" => time.weekday().to_string(),
            "dayofweek" => ((time.weekday() + 1) % 7 + 1).to_string(),
            "dayname" => WEEKDAY_NAMES[at(time.weekday())].to_owned(),
            "monthname" => MONTH_NAMES[at(time.month()).checked_sub(1)?].to_owned(),
            "quarter" => time.quarter().to_string(),
            "year" => time.year().to_string(),
            "month" => time.month().to_string(),
            _ => time.day().to_string(),
        })
    };
    let got = |row: (Time, TimeKind, u8)| {
        let (time, ..) = row;
        if refuses_zero && time.is_zero() || refuses_zero_parts && time.has_zero_part() {
            return incorrect(row);
        }
        value(time).map_or_else(Got::null, Got::of)
    };
    Some(rows.into_iter().map(|row| row.map_or_else(Got::null, got)).collect())
}

/// Plans TIMESTAMPDIFF and DATEDIFF of two columns.
fn of_two(family: &Family, _: &Value, text: &str) -> Plan {
    let (name, args) = call(text)?;
    let (unit, from, to) = match (name, args.as_slice()) {
        ("timestampdiff", [unit, from, to]) => (Some(IntervalUnit::parse(unit)?), *from, *to),
        ("datediff", [a, b]) => (None, *a, *b),
        _ => return None,
    };
    let rows = times(family, from)?.into_iter().zip(times(family, to)?);
    let got = |(a, b): (Option<Moment>, Option<Moment>)| {
        let (Some(a), Some(b)) = (a, b) else { return Got::null() };
        let refused = [a, b].into_iter().filter(|m| m.0.has_zero_part());
        let warnings: Vec<String> = refused.flat_map(|m| incorrect(m).warnings).collect();
        if !warnings.is_empty() {
            return Got::null().after(warnings);
        }
        let value = match unit {
            Some(unit) => timestamp_diff(unit, a.0, b.0),
            None => date_diff(a.0, b.0),
        };
        Got::of(value.to_string())
    };
    Some(rows.map(got).collect())
}

/// Plans EXTRACT of dates, datetimes and times.
fn extracts(family: &Family, _: &Value, text: &str) -> Plan {
    let inner = text.strip_prefix("extract(")?.strip_suffix(')')?;
    let (unit, column) = inner.split_once(" from ")?;
    let unit = IntervalUnit::parse(unit)?;
    let of = |value: i64| Got::of(value.to_string());
    if let Some(rows) = times(family, column) {
        let got = |(time, ..): (Time, TimeKind, u8)| of(extract_time(unit, time));
        return Some(rows.into_iter().map(|r| r.map_or_else(Got::null, got)).collect());
    }
    if !unit.is_clock() {
        return None;
    }
    let got = |d| of(extract_duration(unit, d));
    let rows = durations(family, column)?;
    Some(rows.into_iter().map(|r| r.map_or_else(Got::null, got)).collect())
}

/// Plans DATE_FORMAT and TIME_FORMAT with a constant format.
fn formats(family: &Family, _: &Value, text: &str) -> Plan {
    let (name, rest) = text.split_once('(')?;
    let (column, format) = rest.strip_suffix(')')?.split_once(", ")?;
    let format = literal(format)?;
    let shown = |out: Vec<u8>| Got::of(String::from_utf8(out).unwrap());
    match name {
        "date_format" => {
            let got = |row: (Time, TimeKind, u8)| {
                let mut out = Vec::new();
                // TiDB takes a zero date without fraction digits for the number 0, silently.
                if row.0.is_zero() && row.2 == 0 {
                    return Got::null();
                }
                if row.0.has_zero_part() {
                    return incorrect(row);
                }
                match date_format(row.0, format.as_bytes(), &mut out) {
                    Ok(()) => shown(out),
                    Err(error) => Got::failed(error, ""),
                }
            };
            let rows = times(family, column)?;
            Some(rows.into_iter().map(|r| r.map_or_else(Got::null, got)).collect())
        }
        "time_format" => {
            let got = |duration| {
                let mut out = Vec::new();
                time_format(duration, format.as_bytes(), &mut out);
                shown(out)
            };
            let rows = durations(family, column)?;
            Some(rows.into_iter().map(|r| r.map_or_else(Got::null, got)).collect())
        }
        _ => None,
    }
}

/// Plans STR_TO_DATE with a constant format.
fn readings(family: &Family, case: &Value, text: &str) -> Plan {
    let inner = text.strip_prefix("str_to_date(")?.strip_suffix(')')?;
    let (column, format) = inner.split_once(", ")?;
    let format = literal(format)?.as_bytes();
    let (has_clock, has_date) = format_parts(format);
    let kind = match case["t"]["type"].as_str()? {
        "date" => Some(TimeKind::Date),
        "datetime" => Some(TimeKind::Datetime),
        _ => None,
    };
    assert_eq!(kind.is_none(), has_clock && !has_date, "{text}");
    assert_eq!(kind == Some(TimeKind::Date), has_date && !has_clock, "{text}");
    let fsp = case["t"]["dec"].as_u64().unwrap_or(0) as u8;
    let got = |text: &str| {
        let (time, has_rest) = match str_to_date(text.as_bytes(), format, family.mode, &family.zone)
        {
            Ok(found) => found,
            Err(error) => return Got::failed(error, text),
        };
        let cut = message(TemporalError::Truncated(Noun::Datetime), text);
        let warnings = if has_rest { vec![cut] } else { vec![] };
        let Some(kind) = kind else {
            return Got::of(duration_text(Duration::of_day(time), fsp)).after(warnings);
        };
        let has_zero = time.year() == 0 || time.has_zero_part();
        if has_zero && family.forbids_zero_date {
            return Got::failed(TemporalError::IncorrectTime(time), text).after(warnings);
        }
        Got::of(time_text(time, kind, fsp)).after(warnings)
    };
    let text = |cell: Cell| match cell {
        Cell::Text(text) => text,
        Cell::Integer(n) => n.to_string(),
        Cell::Decimal(text) | Cell::Real(text) => text,
        Cell::Time(time, kind, fsp) => time_text(time, kind, fsp),
        Cell::Duration(duration, fsp) => duration_text(duration, fsp),
    };
    let rows = family.column(column)?;
    Some(rows.into_iter().map(|r| r.map_or_else(Got::null, |c| got(&text(c)))).collect())
}

/// Plans UNIX_TIMESTAMP of a column and CONVERT_TZ between constant zones.
fn zones(family: &Family, _: &Value, text: &str) -> Plan {
    let (name, args) = call(text)?;
    let rows = times(family, args.first()?)?;
    let got: Box<dyn Fn(Moment) -> Got> = match (name, args.as_slice()) {
        ("unix_timestamp", [_]) => Box::new(|(time, _, fsp)| {
            let zero = Got::of("0");
            // TiDB's DECIMAL form refuses a skipped time, its BIGINT form moves it.
            let utc = match fsp {
                0 => family.zone.to_utc_adjusted(time),
                _ => family.zone.to_utc(time).ok(),
            };
            let Some(micros) = utc else { return zero };
            // TiDB's limit is that of MySQL since 8.0.28.
            if !(1_000_000..=32_536_771_199_999_999).contains(&micros) {
                return zero;
            }
            let (seconds, rest) = (micros / 1_000_000, micros % 1_000_000);
            Got::of(if fsp > 0 { format!("{seconds}.{rest:06}") } else { seconds.to_string() })
        }),
        ("convert_tz", [_, from, to]) => {
            let zone = |text| literal(text).and_then(TimeZone::parse_for_conversion).map(Zone::new);
            let (from, to) = (zone(from), zone(to));
            Box::new(move |(time, _, fsp)| {
                let (Some(from), Some(to)) = (&from, &to) else { return Got::null() };
                if time.has_zero_part() {
                    return Got::null();
                }
                let Some(utc) = from.to_utc_adjusted(time) else { return Got::null() };
                Got::of(time_text(to.to_civil_wrapping(utc), TimeKind::Datetime, fsp))
            })
        }
        _ => return None,
    };
    Some(rows.into_iter().map(|r| r.map_or_else(Got::null, &got)).collect())
}

#[test]
fn dates_answer_as_tidb() {
    let plans: [(Planner, usize); 6] = [
        (of_one, 1000),
        (of_two, 1000),
        (extracts, 1000),
        (formats, 1000),
        (readings, 1000),
        (zones, 100),
    ];
    for name in ["temporal", "temporal.new_york", "temporal.lenient", "temporal.invalid_dates"] {
        for (plan, least) in plans {
            let mut family = Family::open(name);
            family.judge(plan);
            family.finish(if name == "temporal" { least } else { 0 });
        }
    }
}
