// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Tells by its form whether a text is a date, a datetime or a time, before anything reads it.
//!
//! The forms are those TiDB's literals and ADDTIME ask for, older and narrower than what their readers
//! take. Source: TiDB `pkg/expression/builtin_time.go` (`durationPattern`, `timestampPattern`,
//! `datePattern`).

/// Tells whether a text has the form of a TIME: `[-][d ][h]h[h][:m[m][:s[s]]][.f]` or up to seven
/// digits; any part may be missing.
pub(super) fn is_duration(text: &[u8]) -> bool {
    let text = skip_spaces(text);
    let text = text.strip_prefix(b"-").unwrap_or(text);
    let (digits, rest) = take_digits(text);
    if (1..=7).contains(&digits.len()) && is_end(rest) {
        return true;
    }
    let hours = skip_spaces(rest);
    let has_days = (1..=2).contains(&digits.len()) && hours.len() < rest.len();
    is_clock(text) || (has_days && is_clock(hours))
}

/// Tells whether a text has the form of a DATE: three numbers with any characters between, or six to
/// eight digits.
pub(super) fn is_date(text: &[u8]) -> bool {
    let text = skip_spaces(text);
    let (digits, rest) = take_digits(text);
    if (6..=8).contains(&digits.len()) && skip_spaces(rest).is_empty() {
        return true;
    }
    date(text).is_some_and(|rest| skip_spaces(rest).is_empty())
}

/// Tells whether a text has the form of a DATETIME: a date, a space, and a time of three numbers or
/// none.
pub(super) fn is_timestamp(text: &[u8]) -> bool {
    let Some(rest) = date(skip_spaces(text)) else { return false };
    let after = skip_spaces(rest);
    let spaces = rest.len() - after.len();
    (1..=spaces).any(|n| {
        let rest = rest.get(n..).unwrap_or_default();
        is_end(rest) || clock_of_three(rest).is_some_and(is_end)
    })
}

fn date(text: &[u8]) -> Option<&[u8]> {
    let (digits, rest) = take_digits(text);
    if digits.is_empty() || significant(digits) > 4 {
        return None;
    }
    two_numbers(rest)
}

fn clock_of_three(text: &[u8]) -> Option<&[u8]> {
    let (digits, rest) = take_digits(text);
    if significant(digits) > 2 {
        return None;
    }
    two_numbers(rest)
}

/// Takes two numbers of up to two digits, any one character before each.
fn two_numbers(mut text: &[u8]) -> Option<&[u8]> {
    for _ in 0..2 {
        let (digits, rest) = take_digits(skip_character(text)?);
        if digits.is_empty() || significant(digits) > 2 {
            return None;
        }
        text = rest;
    }
    Some(text)
}

/// Takes a character that is no digit; a byte that is no UTF-8 counts as one.
fn skip_character(text: &[u8]) -> Option<&[u8]> {
    let chunk = text.utf8_chunks().next()?;
    let width = chunk.valid().chars().next().map_or(1, char::len_utf8);
    text.get(width..).filter(|_| !text.first().is_some_and(u8::is_ascii_digit))
}

/// Tells whether a text is `[h]h[h][:m[m][:s[s]]][.f]` to its end.
fn is_clock(text: &[u8]) -> bool {
    let (hours, mut rest) = take_digits(text);
    if significant(hours) > 3 {
        return false;
    }
    for _ in 0..2 {
        let Some(after) = rest.strip_prefix(b":") else { break };
        let (digits, after) = take_digits(after);
        if digits.is_empty() || significant(digits) > 2 {
            return false;
        }
        rest = after;
    }
    is_end(rest)
}

/// Tells whether a text is a fraction or nothing, and spaces.
fn is_end(text: &[u8]) -> bool {
    let rest = text.strip_prefix(b".").map_or(text, |fraction| take_digits(fraction).1);
    skip_spaces(rest).is_empty()
}

/// Counts the digits from the first that is not zero on.
fn significant(digits: &[u8]) -> usize {
    digits.len() - digits.iter().take_while(|d| **d == b'0').count()
}

fn take_digits(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|b| !b.is_ascii_digit()).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, &[]))
}

fn skip_spaces(text: &[u8]) -> &[u8] {
    let is_space = |b: &u8| matches!(b, b' ' | b'\t' | b'\n' | 0x0c | b'\r');
    let start = text.iter().position(|b| !is_space(b)).unwrap_or(text.len());
    text.get(start..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        let check = |is: fn(&[u8]) -> bool, yes: &[&str], no: &[&str]| {
            for text in yes {
                assert!(is(text.as_bytes()), "{text}");
            }
            for text in no {
                assert!(!is(text.as_bytes()), "{text}");
            }
        };
        check(
            is_duration,
            &[
                "",
                " -1 ",
                "12:34:56.7",
                "1 2:3",
                "1 ",
                ":12",
                "1234567",
                "000123:4",
                ".5",
                "00001 ",
            ],
            &["12345678", "1:2:3:4", "123 4:5", "1a", "2020-01-01", "1:234"],
        );
        check(
            is_date,
            &["2020-1-2", "20200102", "200102", " 02020é01-0000002 "],
            &["", "20201", "2020-1", "20201-1-1", "2020--1-1", "2020-1-2 1:2:3"],
        );
        check(
            is_timestamp,
            &["2020-1-2 ", "2020-1-2 1:2:3", "2020-1-2  .5 ", "2020-1-2 1:2:3.4"],
            &["2020-1-2", "2020-1-2T1:2:3", "2020-1-2 1:2", "2020-1-2 1"],
        );
    }
}
