// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

use tiforth_types::number::*;

use crate::vectors::{Answer, Table, answer, cases};

/// Judges a case: `give` says what a value of the column becomes.
fn check(family: &str, expr: &str, column: &str, give: impl Fn(&str) -> Answer) {
    let table = Table::wide();
    let case = cases(family).into_iter().find(|case| case["e"] == expr).unwrap();
    for (value, expected) in table.column(column).iter().zip(case["r"].as_array().unwrap()) {
        let given = match value {
            None => Answer { text: None, warnings: Vec::new() },
            Some(value) => give(value),
        };
        assert_eq!(given, answer(expected), "{expr}: {value:?}");
    }
}

fn text(write: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut out = Vec::new();
    write(&mut out);
    String::from_utf8(out).unwrap()
}

fn truncated(kind: &str, shown: Option<&[u8]>) -> Option<String> {
    let shown = String::from_utf8_lossy(shown?).into_owned();
    Some(format!("Truncated incorrect {kind} value: '{shown}'"))
}

#[test]
fn texts_are_cast_to_integers() {
    for (expr, unsigned) in [("cast(snum as signed)", false), ("cast(snum as unsigned)", true)] {
        check("cast", expr, "snum", |value| {
            let cast = cast_text_to_int(value.as_bytes(), unsigned);
            let sign_change = cast.sign_change.map(|change| match change {
                SignChange::ToNegative => {
                    "Cast to signed converted positive out-of-range integer to its negative \
                     complement"
                }
                SignChange::ToUnsigned => {
                    "Cast to unsigned converted negative integer to it's positive complement"
                }
            });
            let warnings =
                [cast.truncated, cast.out_of_range].map(|shown| truncated("INTEGER", shown));
            Answer {
                text: Some(match unsigned {
                    true => text(|out| write_u64(cast.bits.cast_unsigned(), out)),
                    false => text(|out| write_i64(cast.bits, out)),
                }),
                warnings: warnings
                    .into_iter()
                    .flatten()
                    .chain(sign_change.map(str::to_owned))
                    .collect(),
            }
        });
    }
}

#[test]
fn texts_are_read_as_doubles() {
    let double = |value: &str| {
        let read = text_to_f64(value.as_bytes(), TextUse::Cast);
        let warnings = [read.truncated, read.out_of_range].map(|shown| truncated("DOUBLE", shown));
        Answer {
            text: Some(text(|out| write_f64_protocol(read.value, Decimals::Shortest, out))),
            warnings: warnings.into_iter().flatten().collect(),
        }
    };
    check("cast", "cast(snum as double)", "snum", double);
    check("arithmetic", "snum + 0", "snum", double);
    check("cast", "cast(sdate as double)", "sdate", double);
}

fn no_warning(text: String) -> Answer {
    Answer { text: Some(text), warnings: Vec::new() }
}

#[test]
fn doubles_are_printed() {
    let double = |value: &str| value.parse::<f64>().unwrap();
    let float = |value: &str| value.parse::<f32>().unwrap();
    check("cast", "cast(f64 as char)", "f64", |value| {
        no_warning(text(|out| write_f64(double(value), out)))
    });
    check("cast", "cast(f32 as char)", "f32", |value| {
        no_warning(text(|out| write_f32(float(value), out)))
    });
    check("arithmetic", "f64 + 0", "f64", |value| {
        no_warning(text(|out| write_f64_protocol(double(value), Decimals::Shortest, out)))
    });
    check("math", "round(f64, 1)", "f64", |value| {
        let rounded = round_double(double(value), 1);
        // A negative zero has no text of its own in the vectors.
        no_warning(text(|out| write_f64_protocol(rounded + 0.0, Decimals::Shortest, out)))
    });
    check("math", "truncate(f64, 1)", "f64", |value| {
        let cut = truncate_double(double(value), 1);
        no_warning(text(|out| write_f64_protocol(cut + 0.0, Decimals::Shortest, out)))
    });
}

#[test]
fn doubles_are_cast_to_integers() {
    let warning = |value: f64, overflows: bool| {
        let error = constant_overflows(round_half_even(value), "bigint");
        overflows.then(|| error.message().to_owned()).into_iter().collect()
    };
    check("cast", "cast(f64 as signed)", "f64", |value| {
        let value = value.parse().unwrap();
        let int = f64_to_i64(value, i64::MIN, i64::MAX);
        Answer { text: Some(int.value.to_string()), warnings: warning(value, int.overflows) }
    });
    check("cast", "cast(f64 as unsigned)", "f64", |value| {
        let value = value.parse().unwrap();
        let int = f64_to_u64(value, u64::MAX, true);
        Answer { text: Some(int.value.to_string()), warnings: warning(value, int.overflows) }
    });
}

#[test]
fn texts_are_written_to_integer_columns() {
    let table = Table::wide();
    for case in cases("assign").into_iter().filter(|case| case["e"] == "snum") {
        let unsigned = match case["into"].as_str() {
            Some("bigint") => false,
            Some("bigint unsigned") => true,
            _ => continue,
        };
        for (value, expected) in table.column("snum").iter().zip(case["r"].as_array().unwrap()) {
            let Some(value) = value.map(str::as_bytes) else { continue };
            let (text, is_cut, is_beyond) = if unsigned {
                let read = column_text_to_u64(value, true);
                (read.value.to_string(), read.truncated.is_some(), read.out_of_range.is_some())
            } else {
                let read = column_text_to_i64(value, true);
                (read.value.to_string(), read.truncated.is_some(), read.out_of_range.is_some())
            };
            let code = match (is_cut, is_beyond) {
                (_, true) => Some(1264),
                (true, false) => Some(1366),
                (false, false) => None,
            };
            assert_eq!(expected["err"][0].as_u64(), code, "{value:?}");
            if code.is_none() {
                assert_eq!(expected.as_str(), Some(&*text));
            }
        }
    }
}
