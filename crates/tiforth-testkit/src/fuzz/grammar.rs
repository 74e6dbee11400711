// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Writes random MySQL expressions: every function of a registry, every operator and every syntax of
//! their own, over given columns.

use tiforth_types::temporal::IntervalUnit;

use super::literal;
use super::signature::{Callable, Kind};
use crate::generate::Rng;

/// Is a column random expressions name.
#[derive(Clone, Debug)]
pub struct NamedColumn {
    /// The name.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
}

/// Writes random expressions.
#[derive(Debug)]
pub struct Grammar<'a> {
    functions: &'a [Callable],
    columns: &'a [NamedColumn],
    rng: &'a mut Rng,
    /// How many calls the expression may still get: a deep one is no wide one.
    room: usize,
}

/// Is the most calls an expression gets.
const CALLS_MAX: usize = 60;

const COMPARISONS: &[&str] = &["=", "<=>", "<>", "!=", "<", "<=", ">", ">="];
const ARITHMETIC: &[&str] = &["+", "-", "*", "/", "%", "DIV", "MOD"];
const BITS: &[&str] = &["&", "|", "^", "<<", ">>"];
const LOGIC: &[&str] = &["AND", "OR", "XOR", "&&", "||"];
const COLLATIONS: &[&str] = &[
    "utf8mb4_bin",
    "utf8mb4_general_ci",
    "utf8mb4_unicode_ci",
    "utf8mb4_0900_ai_ci",
    "utf8mb4_0900_bin",
    "binary",
];
const CHARSETS: &[&str] = &["utf8mb4", "binary", "latin1", "ascii", "gbk", "utf8"];

impl<'a> Grammar<'a> {
    /// Starts with what is called by name, the columns, and where choices come from.
    pub fn new(
        functions: &'a [Callable],
        columns: &'a [NamedColumn],
        rng: &'a mut Rng,
    ) -> Grammar<'a> {
        Grammar { functions, columns, rng, room: CALLS_MAX }
    }

    /// Writes an expression that mostly gives a `kind`, with at most `depth` calls one in another.
    pub fn expression(&mut self, kind: Kind, depth: usize) -> String {
        let kind = if self.rng.once_in(10) { Kind::Any } else { kind };
        if depth == 0 || self.room == 0 || self.rng.once_in(6) {
            return self.leaf(kind);
        }
        self.room -= 1;
        let inner = depth - 1;
        if self.rng.once_in(5) {
            return self.choice(kind, inner);
        }
        if self.rng.once_in(3) {
            return self.call(kind, inner);
        }
        match self.concrete(kind) {
            Kind::Truth => self.truth(inner),
            Kind::Int | Kind::Few => self.integer(inner),
            Kind::Text | Kind::Pattern | Kind::Format | Kind::Zone => self.text(inner),
            Kind::Moment => self.moment(inner),
            Kind::Span => self.span(inner),
            Kind::Number | Kind::Any => self.number(inner),
        }
    }

    fn concrete(&mut self, kind: Kind) -> Kind {
        const KINDS: [Kind; 6] =
            [Kind::Truth, Kind::Int, Kind::Text, Kind::Moment, Kind::Span, Kind::Number];
        match kind {
            Kind::Any => KINDS[self.rng.below(KINDS.len())],
            kind => kind,
        }
    }

    fn leaf(&mut self, kind: Kind) -> String {
        if self.rng.once_in(25) {
            return "NULL".to_owned();
        }
        let is_for_literal = matches!(kind, Kind::Few | Kind::Pattern | Kind::Format | Kind::Zone);
        if self.rng.below(8) < if is_for_literal { 7 } else { 2 } {
            return literal::random(self.rng, kind);
        }
        let fits = |c: &&NamedColumn| {
            kind == Kind::Any
                || c.kind == kind
                || (matches!(kind, Kind::Number | Kind::Truth | Kind::Few) && c.kind == Kind::Int)
        };
        let fitting: Vec<&NamedColumn> = self.columns.iter().filter(fits).collect();
        let chosen = self.rng.choose(&fitting).copied().or_else(|| self.rng.choose(self.columns));
        chosen.map_or_else(|| "NULL".to_owned(), |c| c.name.clone())
    }

    fn one_of(&mut self, list: &[&'static str]) -> &'static str {
        self.rng.choose(list).copied().unwrap_or("")
    }

    fn unit(&mut self, simple: bool) -> &'static str {
        let units: Vec<&'static str> = IntervalUnit::ALL
            .iter()
            .filter(|unit| !simple || unit.is_simple())
            .map(|unit| unit.name())
            .collect();
        self.one_of(&units)
    }

    /// Writes a call by name.
    fn call(&mut self, kind: Kind, depth: usize) -> String {
        let fits = |f: &&Callable| match kind {
            Kind::Any => true,
            Kind::Few | Kind::Int | Kind::Number => {
                matches!(f.result, Kind::Int | Kind::Few | Kind::Number | Kind::Any)
            }
            kind => f.result == kind || f.result == Kind::Any,
        };
        let fitting: Vec<&Callable> = self.functions.iter().filter(fits).collect();
        let chosen = self.rng.choose(&fitting).copied().or_else(|| self.rng.choose(self.functions));
        let Some(function) = chosen else { return self.leaf(kind) };
        let (least, most) = function.arity;
        let count = least + self.rng.below(most.min(least + 3).saturating_sub(least) + 1);
        let args: Vec<String> = (0..count)
            .map(|i| {
                let kind = function.args.get(i).or(function.args.last());
                self.expression(kind.copied().unwrap_or(Kind::Any), depth)
            })
            .collect();
        format!("{}({})", function.name, args.join(", "))
    }

    /// Writes what chooses among values.
    fn choice(&mut self, kind: Kind, depth: usize) -> String {
        let value = |g: &mut Self| g.expression(kind, depth);
        match self.rng.below(7) {
            0 => {
                let condition = self.expression(Kind::Truth, depth);
                format!("IF({condition}, {}, {})", value(self), value(self))
            }
            1 => format!("IFNULL({}, {})", value(self), value(self)),
            2 => format!("NULLIF({}, {})", value(self), value(self)),
            3 => format!("COALESCE({}, {}, {})", value(self), value(self), value(self)),
            4 => {
                let mut text = "CASE".to_owned();
                for _ in 0..=self.rng.below(3) {
                    let condition = self.expression(Kind::Truth, depth);
                    text.push_str(&format!(" WHEN {condition} THEN {}", value(self)));
                }
                self.ended(text, kind, depth)
            }
            5 => {
                let mut text = format!("CASE {}", self.expression(Kind::Any, depth));
                for _ in 0..=self.rng.below(3) {
                    let when = self.expression(Kind::Any, depth);
                    text.push_str(&format!(" WHEN {when} THEN {}", value(self)));
                }
                self.ended(text, kind, depth)
            }
            _ => {
                let name = self.one_of(&["GREATEST", "LEAST"]);
                format!("{name}({}, {})", value(self), value(self))
            }
        }
    }

    fn ended(&mut self, mut text: String, kind: Kind, depth: usize) -> String {
        if !self.rng.once_in(3) {
            text.push_str(&format!(" ELSE {}", self.expression(kind, depth)));
        }
        text + " END"
    }

    /// Writes two operands with one of the operators between.
    fn between(&mut self, operators: &[&'static str], kind: Kind, depth: usize) -> String {
        let (a, b) = (self.expression(kind, depth), self.expression(kind, depth));
        let text = format!("{a} {} {b}", self.one_of(operators));
        if self.rng.once_in(8) { text } else { format!("({text})") }
    }

    fn truth(&mut self, depth: usize) -> String {
        let not = if self.rng.once_in(3) { "NOT " } else { "" };
        match self.rng.below(13) {
            12 => self.rows(not, depth),
            0..=3 => {
                let kind = self.concrete(Kind::Any);
                self.between(COMPARISONS, kind, depth)
            }
            4 | 5 => self.between(LOGIC, Kind::Truth, depth),
            6 => {
                let operator = self.one_of(&["NOT ", "!", "NOT NOT "]);
                format!("({operator}({}))", self.expression(Kind::Truth, depth))
            }
            7 => {
                let what = self.one_of(&["NULL", "TRUE", "FALSE", "UNKNOWN"]);
                format!("(({}) IS {not}{what})", self.expression(Kind::Any, depth))
            }
            8 => {
                let kind = self.concrete(Kind::Any);
                let [a, low, high] = [(); 3].map(|()| self.expression(kind, depth));
                format!("(({a}) {not}BETWEEN ({low}) AND ({high}))")
            }
            9 | 10 => {
                let kind = self.concrete(Kind::Any);
                let a = self.expression(kind, depth);
                let list: Vec<String> =
                    (0..=self.rng.below(5)).map(|_| self.item(kind, depth)).collect();
                format!("(({a}) {not}IN ({}))", list.join(", "))
            }
            _ => {
                let operator = self.one_of(&["LIKE", "ILIKE", "LIKE", "REGEXP"]);
                let text = self.expression(Kind::Text, depth);
                let pattern = self.expression(Kind::Pattern, depth.min(1));
                let is_like = operator.ends_with("LIKE");
                let escape = if is_like && self.rng.once_in(4) {
                    self.one_of(&[" ESCAPE '|'", " ESCAPE ''", " ESCAPE 'a'"])
                } else {
                    ""
                };
                format!("(({text}) {not}{operator} ({pattern}){escape})")
            }
        }
    }

    /// Writes a comparison of rows of values.
    fn rows(&mut self, not: &str, depth: usize) -> String {
        let kinds = [(); 2].map(|()| self.concrete(Kind::Any));
        let row = |g: &mut Self| {
            let [a, b] = kinds.map(|kind| g.expression(kind, depth.min(2)));
            format!("({a}, {b})")
        };
        let (left, right) = (row(self), row(self));
        if self.rng.once_in(3) {
            return format!("({left} {not}IN ({right}, {}))", row(self));
        }
        format!("({left} {} {right})", self.one_of(COMPARISONS))
    }

    /// Writes an item of an IN list: mostly a constant.
    fn item(&mut self, kind: Kind, depth: usize) -> String {
        if self.rng.once_in(4) {
            self.expression(kind, depth)
        } else {
            literal::random(self.rng, kind)
        }
    }

    fn integer(&mut self, depth: usize) -> String {
        match self.rng.below(8) {
            0 => self.between(BITS, Kind::Int, depth),
            1 => format!("(~({}))", self.expression(Kind::Int, depth)),
            2 => {
                let target = self.one_of(&["SIGNED", "UNSIGNED", "YEAR"]);
                format!("CAST({} AS {target})", self.expression(Kind::Any, depth))
            }
            3 => {
                let unit = self.unit(false);
                let kind = if self.rng.once_in(3) { Kind::Span } else { Kind::Moment };
                format!("EXTRACT({unit} FROM {})", self.expression(kind, depth))
            }
            4 => {
                let unit = self.unit(true);
                let [a, b] = [(); 2].map(|()| self.expression(Kind::Moment, depth));
                format!("TIMESTAMPDIFF({unit}, {a}, {b})")
            }
            5 => {
                let [a, b] = [(); 2].map(|()| self.expression(Kind::Text, depth));
                format!("POSITION(({a}) IN {b})")
            }
            _ => self.between(ARITHMETIC, Kind::Int, depth),
        }
    }

    fn number(&mut self, depth: usize) -> String {
        match self.rng.below(6) {
            0 => format!("(-({}))", self.expression(Kind::Number, depth)),
            1 => {
                let target = match self.rng.below(4) {
                    0 => "DOUBLE".to_owned(),
                    1 => "FLOAT".to_owned(),
                    _ => {
                        let scale = self.rng.below(31);
                        format!("DECIMAL({}, {scale})", scale + self.rng.below(66 - scale).max(1))
                    }
                };
                format!("CAST({} AS {target})", self.expression(Kind::Any, depth))
            }
            2 => self.between(ARITHMETIC, Kind::Any, depth),
            _ => self.between(ARITHMETIC, Kind::Number, depth),
        }
    }

    fn text(&mut self, depth: usize) -> String {
        let inner = self.expression(Kind::Text, depth);
        match self.rng.below(9) {
            0 => format!("CAST({} AS {})", self.expression(Kind::Any, depth), self.text_type()),
            1 => format!("CONVERT({inner} USING {})", self.one_of(CHARSETS)),
            2 => format!("(({inner}) COLLATE {})", self.one_of(COLLATIONS)),
            3 => {
                let direction = self.one_of(&["BOTH ", "LEADING ", "TRAILING ", ""]);
                format!("TRIM({direction}{} FROM {inner})", self.expression(Kind::Text, depth))
            }
            4 => {
                let [from, count] = [(); 2].map(|()| self.expression(Kind::Few, depth));
                format!("SUBSTRING({inner} FROM {from} FOR {count})")
            }
            5 => format!("(BINARY ({}))", self.expression(Kind::Any, depth)),
            6 => {
                let kind = self.one_of(&["DATE", "TIME", "DATETIME"]);
                let place = self.one_of(&["'USA'", "'JIS'", "'ISO'", "'EUR'", "'INTERNAL'", "'x'"]);
                format!("GET_FORMAT({kind}, {place})")
            }
            7 => {
                let other = self.expression(Kind::Any, depth);
                format!("CONCAT({inner}, {other})")
            }
            _ => {
                let number = self.expression(Kind::Int, depth);
                format!("CHAR({number}, {} USING {})", self.rng.below(300), self.one_of(CHARSETS))
            }
        }
    }

    fn text_type(&mut self) -> String {
        match self.rng.below(5) {
            0 => "CHAR".to_owned(),
            1 => format!("CHAR({})", self.rng.below(12)),
            2 => format!("BINARY({})", self.rng.below(12)),
            3 => format!("CHAR({}) CHARACTER SET {}", self.rng.below(9), self.one_of(CHARSETS)),
            _ => "BINARY".to_owned(),
        }
    }

    fn moment(&mut self, depth: usize) -> String {
        let inner = self.expression(Kind::Moment, depth);
        match self.rng.below(7) {
            0 => format!("CAST({} AS DATE)", self.expression(Kind::Any, depth)),
            1 => {
                let value = self.expression(Kind::Any, depth);
                format!("CAST({value} AS DATETIME({}))", self.rng.below(7))
            }
            2 => {
                let unit = self.unit(true);
                let amount = self.expression(Kind::Number, depth);
                format!("TIMESTAMPADD({unit}, {amount}, {inner})")
            }
            3 => {
                let interval = self.interval(depth);
                format!("(({inner}) {} {interval})", self.one_of(&["+", "-"]))
            }
            _ => {
                let name = self.one_of(&["DATE_ADD", "DATE_SUB", "ADDDATE", "SUBDATE"]);
                let date =
                    if self.rng.once_in(4) { self.expression(Kind::Any, depth) } else { inner };
                format!("{name}({date}, {})", self.interval(depth))
            }
        }
    }

    fn interval(&mut self, depth: usize) -> String {
        let kind = match self.rng.below(4) {
            0 => Kind::Text,
            1 => Kind::Few,
            2 => Kind::Span,
            _ => Kind::Number,
        };
        format!("INTERVAL ({}) {}", self.expression(kind, depth), self.unit(false))
    }

    fn span(&mut self, depth: usize) -> String {
        match self.rng.below(3) {
            0 => {
                let value = self.expression(Kind::Any, depth);
                format!("CAST({value} AS TIME({}))", self.rng.below(7))
            }
            1 => format!("TIME({})", self.expression(Kind::Any, depth)),
            _ => {
                let (date, interval) = (self.expression(Kind::Span, depth), self.interval(depth));
                format!("DATE_ADD({date}, {interval})")
            }
        }
    }
}
