// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Writes a tree as serde data and reads it back, strictly.
//!
//! A tree is the list of its nodes, children before their parents, as a stack machine would push
//! them: `a + 1` is `[{"field":{"name":"a"}},{"integer":"1"},{"call":{"name":"plus","args":2}}]`.
//! So neither side recurses, whatever the height, and a reader's limit on nested brackets never
//! meets a tree. Plans for people hold MySQL text instead. The version is the plan's.

use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use tiforth_types::Charset;

use super::{
    Aggregation, Call, CallOptions, Case, CastTarget, Expr, Field, GetFormatKind, IntervalUnit,
    Literal, LiteralKind, MAX_DEPTH, OrderItem, TrimDirection, WeightStringAs, too_deep,
};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Node {
    Field {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        table: Option<Box<str>>,
        name: Box<str>,
    },
    Index(u32),
    Null,
    Bool(bool),
    Integer(Box<str>),
    Decimal(Box<str>),
    Float(Box<str>),
    String(Text),
    Hex(Text),
    Bit(Text),
    Date(Box<str>),
    Time(Box<str>),
    Timestamp(Box<str>),
    Call {
        name: Box<str>,
        args: usize,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        options: Option<Options>,
    },
    Row(usize),
    Case {
        #[serde(default)]
        operand: bool,
        branches: usize,
        #[serde(default)]
        otherwise: bool,
    },
    Cast {
        target: CastTarget,
        #[serde(default)]
        array: bool,
    },
    Collate(Box<str>),
    Interval(#[serde(with = "unit_text")] IntervalUnit),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    text: Box<str>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "charset_option")]
    charset: Option<Charset>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Options {
    Escape(u8),
    Unit(#[serde(with = "unit_text")] IntervalUnit),
    Trim(TrimDirection),
    Charset(#[serde(with = "charset_text")] Charset),
    GetFormat(GetFormatKind),
    WeightString {
        kind: WeightStringAs,
        length: u32,
    },
    Aggregate {
        #[serde(default)]
        distinct: bool,
        /// One entry a key: whether it is descending.
        #[serde(default)]
        order_by: Vec<bool>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        separator: Option<Box<str>>,
    },
}

/// Reads and writes a charset as MySQL's name.
pub(super) mod charset_text {
    use super::*;

    pub(in super::super) fn serialize<S: Serializer>(c: &Charset, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(c.name())
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        d: D,
    ) -> Result<Charset, D::Error> {
        let name = Box::<str>::deserialize(d)?;
        Charset::from_name(&name)
            .ok_or_else(|| D::Error::custom(format!("unknown charset '{name}'")))
    }
}

/// Reads and writes a unit as MySQL's name.
mod unit_text {
    use super::*;

    pub(super) fn serialize<S: Serializer>(unit: &IntervalUnit, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(unit.name())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<IntervalUnit, D::Error> {
        let name = Box::<str>::deserialize(d)?;
        IntervalUnit::parse(&name).ok_or_else(|| D::Error::custom(format!("unknown unit '{name}'")))
    }
}

/// Reads and writes a charset that may be missing.
pub(super) mod charset_option {
    use super::*;

    pub(in super::super) fn serialize<S: Serializer>(
        c: &Option<Charset>,
        s: S,
    ) -> Result<S::Ok, S::Error> {
        c.map(Charset::name).serialize(s)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        d: D,
    ) -> Result<Option<Charset>, D::Error> {
        let Some(name) = Option::<Box<str>>::deserialize(d)? else { return Ok(None) };
        let unknown = || D::Error::custom(format!("unknown charset '{name}'"));
        Charset::from_name(&name).map(Some).ok_or_else(unknown)
    }
}

impl Serialize for Expr {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.check_depth().map_err(|e| S::Error::custom(e.message()))?;
        // Parents first and children from the right, turned around at the end.
        let mut nodes = Vec::new();
        let mut pending = vec![self];
        while let Some(expr) = pending.pop() {
            nodes.push(node_of(expr));
            expr.for_each_child(|child| pending.push(child));
        }
        serializer.collect_seq(nodes.iter().rev())
    }
}

impl<'de> Deserialize<'de> for Expr {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut stack = Stack::default();
        for node in Vec::<Node>::deserialize(deserializer)? {
            stack.push(node).map_err(D::Error::custom)?;
        }
        match (stack.exprs.pop(), stack.exprs.len()) {
            (Some((expr, _)), 0) => Ok(expr),
            (None, _) => Err(D::Error::custom("the expression has no nodes")),
            (Some(_), left) => {
                Err(D::Error::custom(format!("{left} nodes of the expression have no parent")))
            }
        }
    }
}

fn node_of(expr: &Expr) -> Node {
    match expr {
        Expr::Field(Field::Name { table, name }) => {
            Node::Field { table: table.clone(), name: name.clone() }
        }
        Expr::Field(Field::Index(index)) => Node::Index(*index),
        Expr::Literal(literal) => literal_node(literal),
        Expr::Call(call) => Node::Call {
            name: call.name.clone(),
            args: call.args.len(),
            options: options_node(&call.options),
        },
        Expr::Row(items) => Node::Row(items.len()),
        Expr::Case(case) => Node::Case {
            operand: case.operand.is_some(),
            branches: case.branches.len(),
            otherwise: case.otherwise.is_some(),
        },
        Expr::Cast { target, array, .. } => Node::Cast { target: *target, array: *array },
        Expr::Collate { collation, .. } => Node::Collate(collation.clone()),
        Expr::Interval { unit, .. } => Node::Interval(*unit),
    }
}

fn literal_node(literal: &Literal) -> Node {
    let plain = || Box::<str>::from(literal.text());
    let text = || Text { text: plain(), charset: literal.charset() };
    match literal.kind() {
        LiteralKind::Null => Node::Null,
        LiteralKind::Bool => Node::Bool(literal.text() == "1"),
        LiteralKind::Integer => Node::Integer(plain()),
        LiteralKind::Decimal => Node::Decimal(plain()),
        LiteralKind::Float => Node::Float(plain()),
        LiteralKind::String => Node::String(text()),
        LiteralKind::Hex => Node::Hex(text()),
        LiteralKind::Bit => Node::Bit(text()),
        LiteralKind::Date => Node::Date(plain()),
        LiteralKind::Time => Node::Time(plain()),
        LiteralKind::Timestamp => Node::Timestamp(plain()),
    }
}

fn options_node(options: &CallOptions) -> Option<Options> {
    Some(match options {
        CallOptions::None => return None,
        CallOptions::Escape(escape) => Options::Escape(*escape),
        CallOptions::Unit(unit) => Options::Unit(*unit),
        CallOptions::Trim(direction) => Options::Trim(*direction),
        CallOptions::Charset(charset) => Options::Charset(*charset),
        CallOptions::GetFormat(kind) => Options::GetFormat(*kind),
        CallOptions::WeightString { kind, length } => {
            Options::WeightString { kind: *kind, length: *length }
        }
        CallOptions::Aggregate(aggregation) => Options::Aggregate {
            distinct: aggregation.distinct,
            order_by: aggregation.order_by.iter().map(|item| item.descending).collect(),
            separator: aggregation.separator.clone(),
        },
    })
}

/// Holds the trees that wait for their parent, with their heights.
#[derive(Default)]
struct Stack {
    exprs: Vec<(Expr, usize)>,
}

impl Stack {
    fn push(&mut self, node: Node) -> Result<(), String> {
        let mut depth = 1;
        let expr = match node {
            Node::Field { table, name } => Expr::Field(Field::Name { table, name }),
            Node::Index(index) => Expr::Field(Field::Index(index)),
            Node::Call { name, args, options } => {
                let keys = match &options {
                    Some(Options::Aggregate { order_by, .. }) => order_by.len(),
                    _ => 0,
                };
                let keys = self.take(keys, &mut depth)?;
                let args = self.take(args, &mut depth)?;
                Expr::Call(Call::with_options(&name, args, options_of(options, keys)))
            }
            Node::Row(items) => Expr::Row(self.take(items, &mut depth)?),
            Node::Case { operand, branches, otherwise } => {
                let otherwise = self.take(usize::from(otherwise), &mut depth)?.pop();
                let parts = self.take(branches.saturating_mul(2), &mut depth)?;
                let operand = self.take(usize::from(operand), &mut depth)?.pop();
                let mut branches = Vec::with_capacity(branches);
                let mut parts = parts.into_iter();
                while let (Some(condition), Some(result)) = (parts.next(), parts.next()) {
                    branches.push((condition, result));
                }
                let (operand, otherwise) = (operand.map(Box::new), otherwise.map(Box::new));
                Expr::Case(Case { operand, branches, otherwise })
            }
            Node::Cast { target, array } => {
                Expr::Cast { expr: self.take_one(&mut depth)?, target, array }
            }
            Node::Collate(collation) => {
                Expr::Collate { expr: self.take_one(&mut depth)?, collation }
            }
            Node::Interval(unit) => Expr::Interval { value: self.take_one(&mut depth)?, unit },
            literal => Expr::Literal(literal_of(literal)?),
        };
        if depth > MAX_DEPTH {
            return Err(too_deep().message().to_owned());
        }
        self.exprs.push((expr, depth));
        Ok(())
    }

    fn take(&mut self, count: usize, depth: &mut usize) -> Result<Vec<Expr>, String> {
        let start = self.exprs.len().checked_sub(count);
        let start = start.ok_or("a node of the expression has fewer children than it says")?;
        let taken = self.exprs.drain(start..);
        Ok(taken
            .map(|(expr, height)| {
                *depth = (*depth).max(height + 1);
                expr
            })
            .collect())
    }

    fn take_one(&mut self, depth: &mut usize) -> Result<Box<Expr>, String> {
        let missing = "a node of the expression has fewer children than it says";
        Ok(Box::new(self.take(1, depth)?.pop().ok_or(missing)?))
    }
}

fn literal_of(node: Node) -> Result<Literal, String> {
    let number = |text: &str, kind: LiteralKind| {
        let literal = Literal::number(text).filter(|literal| literal.kind() == kind);
        literal.ok_or_else(|| format!("'{text}' is no {kind:?} literal"))
    };
    let digits = |literal: Option<Literal>, text: &Text| {
        let literal = literal.ok_or_else(|| format!("'{}' has a wrong digit", text.text))?;
        Ok::<_, String>(introduced(literal, text.charset))
    };
    Ok(match node {
        Node::Bool(value) => Literal::bool(value),
        Node::Integer(text) => number(&text, LiteralKind::Integer)?,
        Node::Decimal(text) => number(&text, LiteralKind::Decimal)?,
        // What a host made of an infinity or NaN is refused where it is bound.
        Node::Float(text) if matches!(&*text, "inf" | "NaN") => {
            Literal::float(if &*text == "inf" { f64::INFINITY } else { f64::NAN })
        }
        Node::Float(text) => number(&text, LiteralKind::Float)?,
        Node::String(text) => introduced(Literal::string(&text.text), text.charset),
        Node::Hex(text) => digits(Literal::hex(&text.text), &text)?,
        Node::Bit(text) => digits(Literal::bit(&text.text), &text)?,
        Node::Date(text) => Literal::date(&text),
        Node::Time(text) => Literal::time(&text),
        Node::Timestamp(text) => Literal::timestamp(&text),
        _ => Literal::null(),
    })
}

fn introduced(literal: Literal, charset: Option<Charset>) -> Literal {
    match charset {
        Some(charset) => literal.introduced_by(charset),
        None => literal,
    }
}

fn options_of(options: Option<Options>, keys: Vec<Expr>) -> CallOptions {
    let Some(options) = options else { return CallOptions::None };
    match options {
        Options::Escape(escape) => CallOptions::Escape(escape),
        Options::Unit(unit) => CallOptions::Unit(unit),
        Options::Trim(direction) => CallOptions::Trim(direction),
        Options::Charset(charset) => CallOptions::Charset(charset),
        Options::GetFormat(kind) => CallOptions::GetFormat(kind),
        Options::WeightString { kind, length } => CallOptions::WeightString { kind, length },
        Options::Aggregate { distinct, order_by, separator } => {
            let items = keys.into_iter().zip(order_by);
            let order_by = items.map(|(expr, descending)| OrderItem { expr, descending }).collect();
            CallOptions::Aggregate(Box::new(Aggregation { distinct, order_by, separator }))
        }
    }
}
