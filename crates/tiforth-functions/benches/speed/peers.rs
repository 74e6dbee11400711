// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Measures what others do fast beside those who do it fastest: conversions of text, searches, sort
//! keys and plain arithmetic.

use std::hint::black_box;

use arrow_array::{BinaryArray, Float64Array, Int64Array};
use memchr::memmem;
use tiforth_data::{BytesBuilder, Column, DecimalColumn, Field};
use tiforth_expr::{Binder, Registry};
use tiforth_types::{Collation, Decimal, Session, SqlMode, SqlType, Time};

use super::calls::Subject;
use super::inputs::ROWS;
use super::measure::{measure, per_row};

/// Is one thing done by us and by others.
pub(crate) struct Peers {
    /// What is done, as an expression over the columns `a` and `b`.
    pub(crate) expression: &'static str,
    /// Over what.
    pub(crate) input: &'static str,
    /// Our nanoseconds a row, in batches and one by one.
    pub(crate) ours: (Option<f64>, Option<f64>),
    /// The others', the fastest first.
    pub(crate) others: Vec<(&'static str, f64)>,
    /// The bytes of text in a row of `a`, where they tell the work.
    pub(crate) bytes: Option<f64>,
}

/// Is one column with its type and how its texts look.
struct Input {
    ty: SqlType,
    column: Column,
    said: &'static str,
}

type Other<'a> = (&'static str, Box<dyn FnMut() + 'a>);

/// Measures those whose expression is asked for.
pub(crate) fn all(registry: &Registry, is_asked: impl Fn(&str) -> bool) -> Vec<Peers> {
    let compare = |expression, inputs: &[&Input], others: Vec<Other<'_>>| {
        is_asked(expression).then(|| compared(registry, expression, inputs, others))
    };
    let mut peers = Vec::new();
    from_text(&compare, &mut peers);
    to_text(&compare, &mut peers);
    patterns(&compare, &mut peers);
    collated(&compare, &mut peers);
    plain(&compare, &mut peers);
    peers
}

type Compare<'a> = &'a dyn Fn(&'static str, &[&Input], Vec<Other<'_>>) -> Option<Peers>;

fn compared(
    registry: &Registry,
    expression: &'static str,
    inputs: &[&Input],
    others: Vec<Other<'_>>,
) -> Peers {
    let session = Session::default();
    let schema: Vec<Field> = ["a", "b"]
        .iter()
        .zip(inputs)
        .map(|(name, input)| Field {
            name: (*name).to_owned(),
            sql_type: input.ty.clone(),
            nullable: true,
        })
        .collect();
    let bound = tiforth_sql::parse_expr(expression, SqlMode::tidb_default())
        .map_err(|e| e.to_string())
        .and_then(|e| Binder::new(registry, &session, &schema).bind(&e).map_err(|e| e.to_string()));
    let ours = bound.map(|expr| {
        let columns = inputs.iter().map(|i| i.column.clone()).collect();
        let (function, types) = (String::new(), String::new());
        measure(&Subject { function, overload: "", types, expr, columns })
    });
    let mut others: Vec<(&'static str, f64)> =
        others.into_iter().map(|(name, work)| (name, per_row(work))).collect();
    others.sort_by(|a, b| a.1.total_cmp(&b.1));
    let text_bytes = match inputs.first().map(|i| i.column.data()) {
        Some(tiforth_data::ColumnData::Bytes(texts)) => Some(texts.value_bytes() as f64),
        _ => None,
    };
    Peers {
        expression,
        input: inputs.first().map_or("", |i| i.said),
        ours: ours.map_or((None, None), |cost| (cost.batch, cost.row)),
        others,
        bytes: text_bytes.map(|bytes| bytes / ROWS as f64),
    }
}

/// Draws numbers (SplitMix64).
fn drawn(seed: u64) -> impl Iterator<Item = u64> {
    let mut state = seed;
    std::iter::repeat_with(move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    })
    .take(ROWS)
}

/// Draws integers of 1 to 18 digits and either sign.
fn integers() -> Vec<i64> {
    drawn(1).map(|bits| (bits as i64) >> (4 + bits % 57)).collect()
}

/// Draws doubles that need 15 to 17 digits.
fn doubles() -> Vec<f64> {
    drawn(2).map(|bits| (bits >> 11) as f64 / (1u64 << 40) as f64).collect()
}

/// Draws prices: a DECIMAL(15,2)'s mantissas.
fn prices() -> Vec<i64> {
    drawn(3).map(|bits| (bits % 100_000_000) as i64 >> (bits >> 59)).collect()
}

/// Draws days as (year, month, day).
fn days() -> Vec<(u16, u8, u8)> {
    drawn(4)
        .map(|b| (1990 + (b % 40) as u16, 1 + (b >> 8) as u8 % 12, 1 + (b >> 16) as u8 % 28))
        .collect()
}

/// Draws texts of words, 20 to 60 bytes.
fn sentences() -> Vec<String> {
    const WORDS: [&str; 12] = [
        "special",
        "requests",
        "furiously",
        "Final",
        "deposits",
        "sleep",
        "quickly",
        "among",
        "Ironic",
        "packages",
        "bold",
        "theodolites",
    ];
    drawn(5)
        .map(|bits| {
            let count = 3 + bits % 5;
            let words = (0..count).map(|i| WORDS[(bits >> (8 + 4 * i)) as usize % WORDS.len()]);
            words.collect::<Vec<_>>().join(" ")
        })
        .collect()
}

fn texts(values: &[String], collation: Collation, said: &'static str) -> Input {
    let mut texts = BytesBuilder::with_capacity(ROWS, 0);
    values.iter().for_each(|v| texts.push(v.as_bytes()));
    let ty = SqlType::varchar(64, collation);
    Input { ty, column: Column::bytes(texts.finish(), None), said }
}

/// Calls `each` for every text, as work to measure.
fn each_text<'a, T>(
    name: &'static str,
    values: &'a [String],
    each: impl Fn(&[u8]) -> T + 'a,
) -> Other<'a> {
    (name, Box::new(move || values.iter().for_each(|v| drop(black_box(each(v.as_bytes()))))))
}

fn from_text(compare: Compare<'_>, peers: &mut Vec<Peers>) {
    let bin = |values: &[String], said| texts(values, Collation::UTF8MB4_BIN, said);
    let values: Vec<String> = integers().iter().map(ToString::to_string).collect();
    peers.extend(compare(
        "cast(a as signed)",
        &[&bin(&values, "integers of 1 to 18 digits")],
        vec![
            each_text("lexical-core", &values, |t| lexical_core::parse::<i64>(t).ok()),
            each_text("std", &values, |t| std::str::from_utf8(t).ok()?.parse::<i64>().ok()),
        ],
    ));
    let short: Vec<String> = prices().iter().map(|p| (*p as f64 / 100.0).to_string()).collect();
    let long: Vec<String> = doubles().iter().map(ToString::to_string).collect();
    for (values, said) in [(&short, "prices of 2 decimals"), (&long, "doubles of 15 to 17 digits")]
    {
        peers.extend(compare(
            "cast(a as double)",
            &[&bin(values, said)],
            vec![
                each_text("lexical-core", values, |t| lexical_core::parse::<f64>(t).ok()),
                each_text("fast-float2", values, |t| fast_float2::parse::<f64, _>(t).ok()),
            ],
        ));
    }
    peers.extend(compare(
        "cast(a as decimal(15,2))",
        &[&bin(&short, "prices of 2 decimals")],
        vec![each_text("rust_decimal", &short, |t| {
            rust_decimal::Decimal::from_str_exact(std::str::from_utf8(t).ok()?).ok()
        })],
    ));
    let values: Vec<String> =
        days().iter().map(|(y, m, d)| format!("{y:04}-{m:02}-{d:02}")).collect();
    peers.extend(compare(
        "cast(a as date)",
        &[&bin(&values, "YYYY-MM-DD")],
        vec![
            each_text("speedate", &values, |t| speedate::Date::parse_bytes(t).ok()),
            each_text("chrono", &values, |t| {
                std::str::from_utf8(t).ok()?.parse::<chrono::NaiveDate>().ok()
            }),
        ],
    ));
    let values: Vec<String> = values.iter().map(|v| format!("{v} 12:34:5{}", &v[9..])).collect();
    peers.extend(compare(
        "cast(a as datetime)",
        &[&bin(&values, "YYYY-MM-DD hh:mm:ss")],
        vec![each_text("speedate", &values, |t| speedate::DateTime::parse_bytes(t).ok())],
    ));
}

/// Appends every value's text to one buffer, as work to measure.
fn each_value<'a, T>(
    name: &'static str,
    values: &'a [T],
    write: impl Fn(&T, &mut Vec<u8>) + 'a,
) -> Other<'a> {
    let mut out = Vec::new();
    let work = move || {
        out.clear();
        values.iter().for_each(|v| write(v, &mut out));
        black_box(&out);
    };
    (name, Box::new(work))
}

fn to_text(compare: Compare<'_>, peers: &mut Vec<Peers>) {
    let values = integers();
    let column = Column::ints(values.clone(), None);
    peers.extend(compare(
        "cast(a as char)",
        &[&Input { ty: SqlType::bigint(20), column, said: "integers of 1 to 18 digits" }],
        vec![
            each_value("itoa", &values, |v, out| {
                out.extend_from_slice(itoa::Buffer::new().format(*v).as_bytes());
            }),
            each_value("lexical-core", &values, |v, out| {
                out.extend_from_slice(lexical_core::write(*v, &mut [0; 20]));
            }),
        ],
    ));
    let short: Vec<f64> = prices().iter().map(|p| *p as f64 / 100.0).collect();
    for (values, said) in
        [(short, "prices of 2 decimals"), (doubles(), "doubles of 15 to 17 digits")]
    {
        let column = Column::reals(values.clone(), None);
        peers.extend(compare(
            "cast(a as char)",
            &[&Input { ty: SqlType::double(), column, said }],
            vec![
                each_value("zmij", &values, |v, out| {
                    out.extend_from_slice(zmij::Buffer::new().format(*v).as_bytes());
                }),
                each_value("lexical-core", &values, |v, out| {
                    out.extend_from_slice(lexical_core::write(*v, &mut [0; 64]));
                }),
            ],
        ));
    }
    let values = prices();
    let foreign: Vec<rust_decimal::Decimal> =
        values.iter().map(|v| rust_decimal::Decimal::new(*v, 2)).collect();
    let decimals = values.iter().map(|v| Decimal::from_i128_scaled((*v).into(), 2)).collect();
    let column = Column::decimals(DecimalColumn::from_decimals(decimals), None);
    peers.extend(compare(
        "cast(a as char)",
        &[&Input { ty: SqlType::decimal(15, 2), column, said: "prices of 2 decimals" }],
        vec![
            each_value("itoa, of its two halves", &values, |v, out| {
                let (mut whole, mut rest) = (itoa::Buffer::new(), itoa::Buffer::new());
                out.extend_from_slice(whole.format(*v / 100).as_bytes());
                out.extend_from_slice(if *v % 100 < 10 { b".0" } else { b"." });
                out.extend_from_slice(rest.format(*v % 100).as_bytes());
            }),
            each_value("rust_decimal", &foreign, write_display),
        ],
    ));
    let values = days();
    let packed = |(y, m, d): &(u16, u8, u8)| Time::from_date(*y, *m, *d).unwrap_or_default().0;
    let column = Column::times(values.iter().map(packed).collect::<Vec<_>>(), None);
    let dates: Vec<speedate::Date> =
        values.iter().map(|(y, m, d)| speedate::Date { year: *y, month: *m, day: *d }).collect();
    let civil: Vec<chrono::NaiveDate> = values
        .iter()
        .filter_map(|(y, m, d)| {
            chrono::NaiveDate::from_ymd_opt(i32::from(*y), (*m).into(), (*d).into())
        })
        .collect();
    peers.extend(compare(
        "cast(a as char)",
        &[&Input { ty: SqlType::date(), column, said: "YYYY-MM-DD" }],
        vec![
            each_value("speedate", &dates, write_display),
            each_value("chrono", &civil, write_display),
        ],
    ));
}

fn write_display<T: std::fmt::Display>(value: &T, out: &mut Vec<u8>) {
    use std::io::Write as _;
    let _ = write!(out, "{value}");
}

fn patterns(compare: Compare<'_>, peers: &mut Vec<Peers>) {
    let values = sentences();
    let bin = texts(&values, Collation::UTF8MB4_BIN, "texts of 20 to 60 bytes");
    let finder = memmem::Finder::new("quickly");
    let search = || each_text("memmem, row by row", &values, |t| finder.find(t).is_some());
    let joined = values.concat();
    let whole = || -> Other<'_> {
        let work = || {
            black_box(memmem::find_iter(joined.as_bytes(), "quickly").count());
        };
        ("memmem, all rows as one", Box::new(work))
    };
    peers.extend(compare("a like '%quickly%'", &[&bin], vec![search(), whole()]));
    let finder_rare = memmem::Finder::new("unusually");
    peers.extend(compare(
        "a like '%unusually%'",
        &[&bin],
        vec![
            each_text("memmem, row by row", &values, |t| finder_rare.find(t).is_some()),
            (
                "memmem, all rows as one",
                Box::new(|| {
                    black_box(memmem::find_iter(joined.as_bytes(), "unusually").count());
                }),
            ),
        ],
    ));
    let starts = each_text("starts_with", &values, |t| t.starts_with(b"special"));
    peers.extend(compare("a like 'special%'", &[&bin], vec![starts]));
    let ends = each_text("ends_with", &values, |t| t.ends_with(b"sleep"));
    peers.extend(compare("a like '%sleep'", &[&bin], vec![ends]));
    let same = each_text("==", &values, |t| t == b"special requests sleep");
    peers.extend(compare("a like 'special requests sleep'", &[&bin], vec![same]));
    let same = each_text("==", &values, |t| t == b"special requests sleep");
    peers.extend(compare("a = 'special requests sleep'", &[&bin], vec![same]));
    let ci = texts(&values, Collation::UTF8MB4_GENERAL_CI, "texts of 20 to 60 bytes, general_ci");
    let search = || each_text("memmem, row by row", &values, |t| finder.find(t).is_some());
    peers.extend(compare("a like '%quickly%'", &[&ci], vec![search()]));
}

fn collated(compare: Compare<'_>, peers: &mut Vec<Peers>) {
    let values = sentences();
    let others: Vec<String> = values.iter().map(|v| v.to_ascii_uppercase()).collect();
    let said = "texts of 20 to 60 bytes, general_ci";
    let ci = texts(&values, Collation::UTF8MB4_GENERAL_CI, said);
    let upper = texts(&others, Collation::UTF8MB4_GENERAL_CI, said);
    let pairs = || values.iter().zip(&others);
    let same: Other<'_> = (
        "eq_ignore_ascii_case",
        Box::new(|| {
            pairs().for_each(|(a, b)| {
                black_box(a.eq_ignore_ascii_case(b));
            });
        }),
    );
    peers.extend(compare("a = b", &[&ci, &upper], vec![same]));
    let order: Other<'_> = (
        "compare of upper-case copies",
        Box::new(|| {
            pairs().for_each(|(a, b)| {
                black_box(a.to_ascii_uppercase().cmp(b));
            });
        }),
    );
    peers.extend(compare("a < b", &[&ci, &upper], vec![order]));
    let constant = each_text("eq_ignore_ascii_case", &values, |t| {
        t.eq_ignore_ascii_case(b"SPECIAL REQUESTS SLEEP")
    });
    peers.extend(compare("a = 'SPECIAL requests SLEEP'", &[&ci], vec![constant]));
    // A sort key has no SQL of its own: our side is measured here.
    let mut key = Vec::new();
    let keys = per_row(|| {
        key.clear();
        values.iter().for_each(|v| Collation::UTF8MB4_GENERAL_CI.sort_key(v.as_bytes(), &mut key));
        black_box(&key);
    });
    let copy = each_value("copy in upper case", &values, |v, out| {
        let start = out.len();
        out.extend_from_slice(v.as_bytes());
        out[start..].make_ascii_uppercase();
    });
    let mut copied = compare("sort key of a", &[&ci], vec![copy]);
    copied.iter_mut().for_each(|copied| copied.ours = (Some(keys), None));
    peers.extend(copied);
}

fn plain(compare: Compare<'_>, peers: &mut Vec<Peers>) {
    let (left, right) = (doubles(), doubles().into_iter().rev().collect::<Vec<_>>());
    let input = |values: &[f64]| Input {
        ty: SqlType::double(),
        column: Column::reals(values.to_vec(), None),
        said: "doubles",
    };
    let inputs = [&input(&left), &input(&right)];
    let (a, b) = (Float64Array::from(left.clone()), Float64Array::from(right.clone()));
    let less: Other<'_> = (
        "arrow-ord lt",
        Box::new(|| {
            drop(black_box(arrow_ord::cmp::lt(&a, &b)));
        }),
    );
    peers.extend(compare("a < b", &inputs, vec![less]));
    let negated: Other<'_> = (
        "arrow-arith neg",
        Box::new(|| {
            drop(black_box(arrow_arith::numeric::neg(&a)));
        }),
    );
    peers.extend(compare("-a", &inputs[..1], vec![negated]));
    let (left, right) = (integers(), integers().into_iter().rev().collect::<Vec<_>>());
    let input = |values: &[i64]| Input {
        ty: SqlType::bigint(20),
        column: Column::ints(values.to_vec(), None),
        said: "integers",
    };
    let inputs = [&input(&left), &input(&right)];
    let (a, b) = (Int64Array::from(left.clone()), Int64Array::from(right.clone()));
    let less: Other<'_> = (
        "arrow-ord lt",
        Box::new(|| {
            drop(black_box(arrow_ord::cmp::lt(&a, &b)));
        }),
    );
    peers.extend(compare("a < b", &inputs, vec![less]));
    let both: Other<'_> = (
        "arrow-arith bitwise_and",
        Box::new(|| {
            drop(black_box(arrow_arith::bitwise::bitwise_and(&a, &b)));
        }),
    );
    peers.extend(compare("a & b", &inputs, vec![both]));
    let values = sentences();
    let bin = texts(&values, Collation::UTF8MB4_BIN, "texts of 20 to 60 bytes");
    let array = BinaryArray::from_iter_values(values.iter().map(String::as_bytes));
    let length: Other<'_> = (
        "arrow offsets",
        Box::new(|| {
            let lengths: Vec<i64> =
                array.value_offsets().windows(2).map(|o| i64::from(o[1] - o[0])).collect();
            drop(black_box(lengths));
        }),
    );
    peers.extend(compare("length(a)", &[&bin], vec![length]));
}
