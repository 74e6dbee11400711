// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Reads `DATE '…'`, `TIME '…'` and `TIMESTAMP '…'`: constants whose text must have a form stricter
//! than a cast's, and whose fraction digits are those written.
//!
//! Source: MySQL manual, "Date and Time Literals"; TiDB `pkg/expression/builtin_time.go`
//! (`dateLiteralFunctionClass` and its kin).

use tiforth_types::temporal::{
    Noun, TemporalError, TimeKind, Zone, parse_duration, parse_time, text_fsp,
};
use tiforth_types::{Datum, Result, Session, SqlError, SqlType};

use super::Binder;
use crate::typed::TypedExpr;

/// Reads `DATE 'text'`.
pub(super) fn date(text: &str, session: &Session) -> Result<TypedExpr> {
    if !is_date(text) {
        return Err(incorrect(Noun::Date, text));
    }
    let zone = Zone::new(session.time_zone);
    let read = parse_time(text.as_bytes(), TimeKind::Date, 0, session.date_mode(), &zone);
    let value = read.value.map_err(|e| e.to_error(text.as_bytes()))?;
    // Of the temporal literals, these alone are refused what a reading statement takes elsewhere.
    if session.sql_mode.refuses(value) {
        return Err(incorrect(Noun::Date, text));
    }
    Ok(TypedExpr::constant(Datum::Time(value), SqlType::date()))
}

/// Reads `TIMESTAMP 'text'`, a DATETIME.
pub(super) fn timestamp(binder: &mut Binder<'_>, text: &str) -> Result<TypedExpr> {
    if !is_datetime(text) {
        return Err(SqlError::wrong_value("datetime", text).into());
    }
    let (session, ty) = (binder.session(), SqlType::datetime(text_fsp(text.as_bytes()).into()));
    let zone = Zone::new(session.time_zone);
    let read =
        parse_time(text.as_bytes(), TimeKind::Datetime, ty.fsp(), session.date_mode(), &zone);
    let value = read.value.map_err(|e| e.to_error(text.as_bytes()))?;
    for _ in 0..read.truncations {
        binder.warn(SqlError::truncated_wrong_value("datetime", text));
    }
    Ok(TypedExpr::constant(Datum::Time(value), ty))
}

/// Reads `TIME 'text'`.
pub(super) fn time(text: &str, session: &Session) -> Result<TypedExpr> {
    if !is_duration(text) {
        return Err(incorrect(Noun::Time, text));
    }
    let fsp = text_fsp(text.as_bytes());
    let zone = Zone::new(session.time_zone);
    let read = parse_duration(text.as_bytes(), fsp, session.date_mode(), &zone);
    match (read.value, read.error) {
        (Some(value), None) => {
            Ok(TypedExpr::constant(Datum::Duration(value), SqlType::time(fsp.into())))
        }
        (_, Some(error)) => Err(error.to_error(text.as_bytes()).into()),
        (None, None) => Err(incorrect(Noun::Time, text)),
    }
}

#[cold]
fn incorrect(noun: Noun, text: &str) -> tiforth_types::Error {
    TemporalError::Incorrect(noun).to_error(text.as_bytes()).into()
}

/// Reads a text from the front, a piece at a time.
struct Pieces<'a>(&'a str);

impl<'a> Pieces<'a> {
    fn new(text: &'a str) -> Self {
        Pieces(text.trim_matches(is_space))
    }

    /// Takes a run of digits, leading zeros aside at most `most`; returns how many there were.
    fn digits(&mut self, most: usize) -> Option<usize> {
        let rest = self.0.trim_start_matches(|c: char| c.is_ascii_digit());
        let run = self.0.get(..self.0.len() - rest.len())?;
        if run.trim_start_matches('0').len() > most {
            return None;
        }
        self.0 = rest;
        Some(run.len())
    }

    /// Takes one character that is no digit, and digits after it.
    fn separated(&mut self) -> Option<()> {
        let mut characters = self.0.chars();
        characters.next().filter(|c| !c.is_ascii_digit())?;
        self.0 = characters.as_str();
        self.digits(2).filter(|n| *n > 0).map(|_| ())
    }

    /// Takes `:` and digits, if they come next.
    fn colon(&mut self) -> Option<()> {
        let Some(rest) = self.0.strip_prefix(':') else { return Some(()) };
        self.0 = rest;
        self.digits(2).filter(|n| *n > 0).map(|_| ())
    }

    /// Takes white space and tells whether there was any.
    fn spaces(&mut self) -> bool {
        let rest = self.0.trim_start_matches(is_space);
        let found = rest.len() < self.0.len();
        self.0 = rest;
        found
    }

    /// Takes a fraction, if there is one.
    fn fraction(&mut self) {
        if let Some(rest) = self.0.strip_prefix('.') {
            self.0 = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        }
    }

    /// Takes `y-m-d`, with any separators.
    fn date(&mut self) -> Option<()> {
        self.digits(4).filter(|n| *n > 0)?;
        self.separated()?;
        self.separated()
    }

    fn end(&self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{c}')
}

/// Tells whether a text is `y-m-d`, or 6 to 8 digits.
fn is_date(text: &str) -> bool {
    let trimmed = Pieces::new(text).0;
    if (6..=8).contains(&trimmed.len()) && trimmed.bytes().all(|b| b.is_ascii_digit()) {
        return true;
    }
    let mut pieces = Pieces::new(text);
    pieces.date().and_then(|()| pieces.end()).is_some()
}

/// Tells whether a text is `y-m-d h:m:s[.f]`; white space after the date must be there, the clock need
/// not.
fn is_datetime(text: &str) -> bool {
    let mut pieces = Pieces(text.trim_start_matches(is_space));
    match_datetime(&mut pieces).is_some()
}

fn match_datetime(pieces: &mut Pieces<'_>) -> Option<()> {
    pieces.date()?;
    if !pieces.spaces() {
        return None;
    }
    if !pieces.0.is_empty() && !pieces.0.starts_with('.') {
        pieces.digits(2)?;
        pieces.separated()?;
        pieces.separated()?;
    }
    pieces.fraction();
    pieces.spaces();
    pieces.end()
}

/// Tells whether a text is `[-][d ][h][:m[:s]][.f]`, or up to seven digits.
fn is_duration(text: &str) -> bool {
    let trimmed = Pieces::new(text).0;
    let mut pieces = Pieces(trimmed.strip_prefix('-').unwrap_or(trimmed));
    let digits = pieces.0.len() - pieces.0.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    if digits <= 7 && matches!(pieces.0.as_bytes().get(digits), None | Some(b'.')) {
        pieces.digits(7);
        pieces.fraction();
        return pieces.end().is_some();
    }
    if digits <= 2 && pieces.0.get(digits..).is_some_and(|rest| rest.starts_with(is_space)) {
        pieces.digits(2);
        pieces.spaces();
    }
    let matched = pieces.digits(3).and_then(|_| pieces.colon()).and_then(|()| pieces.colon());
    pieces.fraction();
    matched.and_then(|()| pieces.end()).is_some()
}

#[cfg(test)]
mod tests {
    use super::{is_date, is_datetime, is_duration};

    #[test]
    fn knows_the_forms() {
        for (text, date, datetime, duration) in [
            ("2020-02-29", true, false, false),
            (" 2020/2/9 ", true, true, false),
            ("20200229", true, false, false),
            ("200229", true, false, true),
            ("2020-02", false, false, false),
            ("2020-02-29 12:34:56", false, true, false),
            ("2020-02-29 12:34:56.789", false, true, false),
            ("2020-02-29T12:34:56", false, false, false),
            ("12:34:56", true, false, true),
            ("-838:59:59.5", false, false, true),
            ("1 12:34:56", false, false, true),
            ("12345678", true, false, false),
            ("abc", false, false, false),
        ] {
            let found = (is_date(text), is_datetime(text), is_duration(text));
            assert_eq!(found, (date, datetime, duration), "{text}");
        }
    }
}
