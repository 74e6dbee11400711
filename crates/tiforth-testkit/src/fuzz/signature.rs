// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Says what the functions of a registry are given in random expressions, and what they give.
//!
//! Most arguments are of the kind a function is made for, so that its body is reached; what the list
//! does not know gets arguments its family is fond of.

use tiforth_expr::Registry;

/// Names what a random expression is to give.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// An integer.
    Int,
    /// A small integer: a length, a place, a number of digits.
    Few,
    /// A number of any type.
    Number,
    /// Text or bytes.
    Text,
    /// A date, datetime or timestamp.
    Moment,
    /// A time.
    Span,
    /// A truth value.
    Truth,
    /// A pattern of LIKE.
    Pattern,
    /// A format of dates.
    Format,
    /// A time zone's name.
    Zone,
    /// A value of any type.
    Any,
}

impl Kind {
    fn of_letter(letter: char) -> Kind {
        match letter {
            'i' => Kind::Int,
            's' => Kind::Few,
            'n' => Kind::Number,
            't' => Kind::Text,
            'm' => Kind::Moment,
            'd' => Kind::Span,
            'b' => Kind::Truth,
            'p' => Kind::Pattern,
            'f' => Kind::Format,
            'z' => Kind::Zone,
            _ => Kind::Any,
        }
    }
}

/// Is a function random expressions call by its name.
#[derive(Clone, Debug)]
pub struct Callable {
    /// The name.
    pub name: &'static str,
    /// The least and the greatest number of arguments.
    pub arity: (usize, usize),
    /// What it gives.
    pub result: Kind,
    /// What its arguments are, the last standing for all that follow.
    pub args: Vec<Kind>,
}

/// Lists functions with the letters of their result and their arguments.
const SIGNATURES: &[(&str, &str)] = &[
    ("addtime", "dad"),
    ("ascii", "it"),
    ("bin", "ti"),
    ("bit_length", "it"),
    ("bitand", "iii"),
    ("bitneg", "ii"),
    ("bitor", "iii"),
    ("bitxor", "iii"),
    ("bit_count", "ii"),
    ("char_length", "it"),
    ("charset", "ta"),
    ("coalesce", "aa"),
    ("coercibility", "sa"),
    ("collation", "ta"),
    ("concat", "tt"),
    ("concat_ws", "tt"),
    ("conv", "tass"),
    ("convert_tz", "mmzz"),
    ("crc32", "it"),
    ("curdate", "m"),
    ("curtime", "ds"),
    ("date", "mm"),
    ("date_format", "tmf"),
    ("datediff", "imm"),
    ("dayname", "tm"),
    ("elt", "tst"),
    ("field", "iaa"),
    ("from_days", "mi"),
    ("from_unixtime", "mnf"),
    ("greatest", "aaa"),
    ("hex", "ta"),
    ("ilike", "btp"),
    ("insert_func", "ttsst"),
    ("instr", "itt"),
    ("interval", "inn"),
    ("last_day", "mm"),
    ("least", "aaa"),
    ("left", "tts"),
    ("leftshift", "iis"),
    ("length", "it"),
    ("like", "btp"),
    ("locate", "itts"),
    ("lower", "tt"),
    ("lpad", "ttst"),
    ("ltrim", "tt"),
    ("makedate", "mis"),
    ("maketime", "dssn"),
    ("monthname", "tm"),
    ("now", "ms"),
    ("oct", "ta"),
    ("ord", "it"),
    ("period_add", "iis"),
    ("period_diff", "iii"),
    ("repeat", "tts"),
    ("replace", "tttt"),
    ("reverse", "tt"),
    ("right", "tts"),
    ("rightshift", "iis"),
    ("round", "nns"),
    ("rpad", "ttst"),
    ("rtrim", "tt"),
    ("sec_to_time", "dn"),
    ("space", "ts"),
    ("str_to_date", "mtf"),
    ("strcmp", "itt"),
    ("substring", "ttss"),
    ("substring_index", "ttts"),
    ("subtime", "dad"),
    ("sysdate", "ms"),
    ("time", "da"),
    ("time_format", "tdf"),
    ("time_to_sec", "id"),
    ("timediff", "ddd"),
    ("timestamp", "mmd"),
    ("to_days", "im"),
    ("to_seconds", "im"),
    ("trim", "ttt"),
    ("truncate", "nns"),
    ("unhex", "tt"),
    ("unix_timestamp", "nm"),
    ("upper", "tt"),
    ("utc_date", "m"),
    ("utc_time", "ds"),
    ("utc_timestamp", "ms"),
    ("week", "ims"),
    ("yearweek", "ims"),
];

/// Lists functions no plain call reaches: they have a syntax of their own, or operators for names.
const NOT_BY_NAME: &[&str] = &[
    "between",
    "case",
    "convert",
    "date_add",
    "date_sub",
    "dateliteral",
    "div",
    "extract",
    "get_format",
    "if",
    "in",
    "intdiv",
    "like",
    "ilike",
    "mod",
    "not",
    "and",
    "or",
    "xor",
    "timeliteral",
    "timestampadd",
    "timestampdiff",
    "timestampliteral",
];

/// Lists the functions of a registry that are called by name.
pub fn callables(registry: &Registry) -> Vec<Callable> {
    let by_name = registry.functions().filter(|f| !NOT_BY_NAME.contains(&f.name));
    by_name
        .map(|f| {
            let listed = SIGNATURES.iter().find(|(name, _)| *name == f.name);
            let letters = listed.map_or(family_letters(f.family), |(_, letters)| letters);
            let mut kinds = letters.chars().map(Kind::of_letter);
            let result = kinds.next().unwrap_or(Kind::Any);
            Callable { name: f.name, arity: f.arity, result, args: kinds.collect() }
        })
        .collect()
}

fn family_letters(family: &str) -> &'static str {
    match family {
        "text" | "pattern" => "ttts",
        "math" | "arithmetic" => "nn",
        "bit" => "ii",
        "temporal" => "im",
        "comparison" => "ba",
        "logic" => "bb",
        _ => "aa",
    }
}
