// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Prints a tree as MySQL text that reads back as the same tree.
//!
//! The text is for sql_modes without NO_BACKSLASH_ESCAPES. Every operator stands in parentheses (a
//! chain of one operator in one pair), every name in backticks. A column given by its place is
//! printed as `$0`, which no parser reads as such. What is nested beyond [`MAX_DEPTH`] is printed
//! as `…`.

use std::fmt::{self, Display, Formatter, Write};

use super::{
    Aggregation, Call, CallOptions, Case, CastTarget, Expr, Field, Literal, LiteralKind, MAX_DEPTH,
    OrderItem,
};

/// Lists the calls written between their two arguments.
const INFIX: &[(&str, &str)] = &[
    ("plus", "+"),
    ("minus", "-"),
    ("mul", "*"),
    ("div", "/"),
    ("intdiv", "DIV"),
    ("mod", "%"),
    ("eq", "="),
    ("ne", "!="),
    ("lt", "<"),
    ("le", "<="),
    ("gt", ">"),
    ("ge", ">="),
    ("nulleq", "<=>"),
    ("and", "AND"),
    ("or", "OR"),
    ("xor", "XOR"),
    ("bitand", "&"),
    ("bitor", "|"),
    ("bitxor", "^"),
    ("leftshift", "<<"),
    ("rightshift", ">>"),
    ("like", "LIKE"),
    ("ilike", "ILIKE"),
    ("regexp", "REGEXP"),
];

/// Lists the calls written before their one argument.
const PREFIX: &[(&str, &str)] = &[("not", "NOT"), ("unaryminus", "-"), ("bitneg", "~")];

/// Lists the calls written behind their one argument.
const POSTFIX: &[(&str, &str)] =
    &[("isnull", "IS NULL"), ("istrue", "IS TRUE"), ("isfalse", "IS FALSE")];

/// Lists the functions that need no backticks to be read as calls: none has a syntax of its own,
/// and none is a reserved word.
fn is_plain_function(name: &str) -> bool {
    const WITH_OWN_SYNTAX: &[&str] = &[
        "adddate",
        "all",
        "and",
        "array",
        "between",
        "binary",
        "case",
        "cast",
        "char",
        "char_func",
        "collate",
        "convert",
        "date_add",
        "date_sub",
        "default",
        "distinct",
        "escape",
        "exists",
        "extract",
        "false",
        "get_format",
        "ilike",
        "in",
        "insert_func",
        "interval",
        "is",
        "like",
        "match",
        "not",
        "null",
        "or",
        "position",
        "regexp",
        "rlike",
        "row",
        "select",
        "std",
        "stddev",
        "subdate",
        "timestampadd",
        "timestampdiff",
        "true",
        "variance",
        "xor",
    ];
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_lowercase())
        && bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        && !WITH_OWN_SYNTAX.contains(&name)
        && find(INFIX, name).is_none()
}

/// Tells whether an operator may stand beside itself without parentheses.
fn is_chained(name: &str) -> bool {
    !matches!(name, "like" | "ilike" | "regexp")
}

fn find(table: &[(&str, &'static str)], name: &str) -> Option<&'static str> {
    table.iter().find(|(n, _)| *n == name).map(|(_, text)| *text)
}

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Printer { out: f, depth: 0 }.expr(self)
    }
}

/// Prints the keys of an ORDER BY.
pub fn print_order_by(items: &[OrderItem]) -> String {
    struct Items<'a>(&'a [OrderItem]);
    impl Display for Items<'_> {
        fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
            Printer { out: f, depth: 0 }.order_by(self.0)
        }
    }
    Items(items).to_string()
}

struct Printer<'a, 'f> {
    out: &'a mut Formatter<'f>,
    depth: usize,
}

impl Printer<'_, '_> {
    fn expr(&mut self, expr: &Expr) -> fmt::Result {
        if self.depth == MAX_DEPTH {
            return self.out.write_char('…');
        }
        self.depth += 1;
        let result = match expr {
            Expr::Field(Field::Name { table, name }) => {
                if let Some(table) = table {
                    self.quoted(table, '`')?;
                    self.out.write_char('.')?;
                }
                self.quoted(name, '`')
            }
            Expr::Field(Field::Index(index)) => write!(self.out, "${index}"),
            Expr::Literal(literal) => self.literal(literal),
            Expr::Call(call) => self.call(call),
            Expr::Row(items) => {
                self.out.write_str("ROW")?;
                self.list(items)
            }
            Expr::Case(case) => self.case(case),
            Expr::Cast { expr, target: CastTarget::BinaryOperator, .. } => {
                self.out.write_str("(BINARY ")?;
                self.expr(expr)?;
                self.out.write_char(')')
            }
            Expr::Cast { expr, target, array } => {
                self.out.write_str("CAST(")?;
                self.expr(expr)?;
                write!(self.out, " AS {target}{})", if *array { " ARRAY" } else { "" })
            }
            Expr::Collate { expr, collation } => {
                self.out.write_char('(')?;
                self.expr(expr)?;
                self.out.write_str(" COLLATE ")?;
                self.quoted(collation, '`')?;
                self.out.write_char(')')
            }
            Expr::Interval { value, unit } => {
                self.out.write_str("INTERVAL ")?;
                self.expr(value)?;
                write!(self.out, " {}", unit.name())
            }
        };
        self.depth -= 1;
        result
    }

    fn literal(&mut self, literal: &Literal) -> fmt::Result {
        if let Some(charset) = literal.charset() {
            write!(self.out, "_{} ", charset.name())?;
        }
        match literal.kind() {
            LiteralKind::Null => self.out.write_str("NULL"),
            LiteralKind::Bool => {
                self.out.write_str(if literal.text() == "1" { "TRUE" } else { "FALSE" })
            }
            LiteralKind::Integer | LiteralKind::Decimal | LiteralKind::Float => {
                self.out.write_str(literal.text())
            }
            LiteralKind::String => self.string(literal.text()),
            LiteralKind::Hex => write!(self.out, "x'{}'", literal.text()),
            LiteralKind::Bit => write!(self.out, "b'{}'", literal.text()),
            LiteralKind::Date => self.temporal("DATE", literal),
            LiteralKind::Time => self.temporal("TIME", literal),
            LiteralKind::Timestamp => self.temporal("TIMESTAMP", literal),
        }
    }

    fn temporal(&mut self, keyword: &str, literal: &Literal) -> fmt::Result {
        write!(self.out, "{keyword} ")?;
        self.string(literal.text())
    }

    fn string(&mut self, value: &str) -> fmt::Result {
        self.quoted(&value.replace('\\', "\\\\").replace('\0', "\\0"), '\'')
    }

    fn quoted(&mut self, text: &str, quote: char) -> fmt::Result {
        self.out.write_char(quote)?;
        for c in text.chars() {
            if c == quote {
                self.out.write_char(c)?;
            }
            self.out.write_char(c)?;
        }
        self.out.write_char(quote)
    }

    fn call(&mut self, call: &Call) -> fmt::Result {
        match (&call.options, call.args.as_slice()) {
            (CallOptions::Escape(escape), [value, pattern]) => {
                self.like(&call.name, value, pattern, *escape)
            }
            (CallOptions::None, [left, right]) if find(INFIX, &call.name).is_some() => {
                let op = find(INFIX, &call.name).unwrap_or_default();
                self.out.write_char('(')?;
                self.chain(call, left, right, op)?;
                self.out.write_char(')')
            }
            (CallOptions::None, [arg]) if find(PREFIX, &call.name).is_some() => {
                let op = find(PREFIX, &call.name).unwrap_or_default();
                write!(self.out, "({op} ")?;
                let mut innermost = arg;
                while let Expr::Call(inner) = innermost
                    && let (CallOptions::None, [arg]) = (&inner.options, inner.args.as_slice())
                    && inner.name == call.name
                {
                    write!(self.out, "{op} ")?;
                    innermost = arg;
                }
                self.parts(&[Part::Expr(innermost), Part::Text(")")])
            }
            (CallOptions::None, [arg]) if find(POSTFIX, &call.name).is_some() => {
                let op = find(POSTFIX, &call.name).unwrap_or_default();
                self.parts(&[Part::Text("("), Part::Expr(arg)])?;
                write!(self.out, " {op})")
            }
            (CallOptions::None, [value, low, high])
                if matches!(&*call.name, "between" | "not_between") =>
            {
                let not = if &*call.name == "between" { "" } else { " NOT" };
                self.parts(&[Part::Text("("), Part::Expr(value), Part::Text(not)])?;
                self.parts(&[Part::Text(" BETWEEN "), Part::Expr(low), Part::Text(" AND ")])?;
                self.parts(&[Part::Expr(high), Part::Text(")")])
            }
            (CallOptions::None, [value, items @ ..])
                if &*call.name == "in" && !items.is_empty() =>
            {
                self.parts(&[Part::Text("("), Part::Expr(value), Part::Text(" IN ")])?;
                self.list(items)?;
                self.out.write_char(')')
            }
            _ => self.special_call(call),
        }
    }

    /// Prints `left op right`, and a left side that is the same operator without parentheses, as
    /// such chains are high and read from the left.
    fn chain(&mut self, call: &Call, left: &Expr, right: &Expr, op: &str) -> fmt::Result {
        let mut rights = vec![right];
        let mut leftmost = left;
        while let Expr::Call(inner) = leftmost
            && let (CallOptions::None, [left, right]) = (&inner.options, inner.args.as_slice())
            && inner.name == call.name
            && is_chained(&call.name)
        {
            rights.push(right);
            leftmost = left;
        }
        self.expr(leftmost)?;
        while let Some(right) = rights.pop() {
            write!(self.out, " {op} ")?;
            self.expr(right)?;
        }
        Ok(())
    }

    fn like(&mut self, name: &str, value: &Expr, pattern: &Expr, escape: u8) -> fmt::Result {
        let op = find(INFIX, name).unwrap_or("LIKE");
        self.parts(&[Part::Text("("), Part::Expr(value)])?;
        write!(self.out, " {op} ")?;
        self.expr(pattern)?;
        if escape != b'\\' {
            self.out.write_str(" ESCAPE ")?;
            self.string(&char::from(escape).to_string())?;
        }
        self.out.write_char(')')
    }

    fn special_call(&mut self, call: &Call) -> fmt::Result {
        match (&call.options, call.args.as_slice()) {
            (CallOptions::Unit(unit), [arg]) => {
                write!(self.out, "{}({} FROM ", call.name, unit.name())?;
                self.parts(&[Part::Expr(arg), Part::Text(")")])
            }
            (CallOptions::Unit(unit), [a, b]) => {
                write!(self.out, "{}({}, ", call.name, unit.name())?;
                self.parts(&[Part::Expr(a), Part::Text(", "), Part::Expr(b), Part::Text(")")])
            }
            (CallOptions::Trim(direction), [value, removed]) => {
                write!(self.out, "trim({} ", direction.as_str())?;
                self.parts(&[Part::Expr(removed), Part::Text(" FROM "), Part::Expr(value)])?;
                self.out.write_char(')')
            }
            (CallOptions::GetFormat(kind), [arg]) => {
                write!(self.out, "get_format({}, ", kind.as_str())?;
                self.parts(&[Part::Expr(arg), Part::Text(")")])
            }
            (CallOptions::WeightString { kind, length }, [arg]) => {
                self.parts(&[Part::Text("weight_string("), Part::Expr(arg)])?;
                write!(self.out, " AS {}({length}))", kind.as_str())
            }
            (CallOptions::Charset(charset), args) => {
                self.out.write_str(if &*call.name == "char_func" {
                    "char("
                } else {
                    "convert("
                })?;
                self.items(args)?;
                write!(self.out, " USING {})", charset.name())
            }
            (CallOptions::Aggregate(aggregation), args) => {
                self.aggregate(&call.name, args, aggregation)
            }
            (CallOptions::None, args) if &*call.name == "char_func" && !args.is_empty() => {
                self.out.write_str("char")?;
                self.list(args)
            }
            (CallOptions::None, args) if &*call.name == "insert_func" => {
                self.out.write_str("insert")?;
                self.list(args)
            }
            (CallOptions::None, [_, _, ..]) if &*call.name == "interval" => {
                self.out.write_str("interval")?;
                self.list(&call.args)
            }
            (CallOptions::None, [part, whole]) if &*call.name == "position" => {
                self.parts(&[Part::Text("position("), Part::Expr(part), Part::Text(" IN ")])?;
                self.parts(&[Part::Expr(whole), Part::Text(")")])
            }
            (CallOptions::None, [value, removed]) if &*call.name == "trim" => {
                self.parts(&[Part::Text("trim("), Part::Expr(removed), Part::Text(" FROM ")])?;
                self.parts(&[Part::Expr(value), Part::Text(")")])
            }
            (_, args) => {
                let has_interval = args.iter().any(|a| matches!(a, Expr::Interval { .. }));
                if is_plain_function(&call.name) || has_interval {
                    self.out.write_str(&call.name)?;
                } else {
                    self.quoted(&call.name, '`')?;
                }
                self.list(args)
            }
        }
    }

    fn aggregate(&mut self, name: &str, args: &[Expr], aggregation: &Aggregation) -> fmt::Result {
        let distinct = if aggregation.distinct { "DISTINCT " } else { "" };
        write!(self.out, "{name}({distinct}")?;
        self.items(args)?;
        if !aggregation.order_by.is_empty() {
            self.out.write_str(" ORDER BY ")?;
            self.order_by(&aggregation.order_by)?;
        }
        if let Some(separator) = &aggregation.separator {
            self.out.write_str(" SEPARATOR ")?;
            self.string(separator)?;
        }
        self.out.write_char(')')
    }

    fn order_by(&mut self, items: &[OrderItem]) -> fmt::Result {
        for (i, item) in items.iter().enumerate() {
            self.out.write_str(if i > 0 { ", " } else { "" })?;
            self.expr(&item.expr)?;
            self.out.write_str(if item.descending { " DESC" } else { "" })?;
        }
        Ok(())
    }

    fn case(&mut self, case: &Case) -> fmt::Result {
        self.out.write_str("CASE")?;
        if let Some(operand) = &case.operand {
            self.parts(&[Part::Text(" "), Part::Expr(operand)])?;
        }
        for (condition, result) in &case.branches {
            self.parts(&[Part::Text(" WHEN "), Part::Expr(condition)])?;
            self.parts(&[Part::Text(" THEN "), Part::Expr(result)])?;
        }
        if let Some(otherwise) = &case.otherwise {
            self.parts(&[Part::Text(" ELSE "), Part::Expr(otherwise)])?;
        }
        self.out.write_str(" END")
    }

    fn list(&mut self, items: &[Expr]) -> fmt::Result {
        self.out.write_char('(')?;
        self.items(items)?;
        self.out.write_char(')')
    }

    fn items(&mut self, items: &[Expr]) -> fmt::Result {
        for (i, item) in items.iter().enumerate() {
            self.out.write_str(if i > 0 { ", " } else { "" })?;
            self.expr(item)?;
        }
        Ok(())
    }

    fn parts(&mut self, parts: &[Part<'_>]) -> fmt::Result {
        for part in parts {
            match part {
                Part::Text(text) => self.out.write_str(text)?,
                Part::Expr(expr) => self.expr(expr)?,
            }
        }
        Ok(())
    }
}

enum Part<'a> {
    Text(&'a str),
    Expr(&'a Expr),
}
