// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Reads one case: an expression or a relational question, and what TiDB answered.

use std::collections::BTreeMap;

use serde_json::Value;

use super::entry::{
    Entry, ExpectedError, ExpectedValue, ExpectedWarning, parse_entry, parse_error, parse_value,
    parse_warnings,
};
use super::json::Object;
use super::table::ColumnForm;
use crate::protocol_text::ProtocolType;

/// Is one case.
#[derive(Clone, Debug)]
pub enum Case {
    /// An expression, asked over every row of the table.
    Expression(ExpressionCase),
    /// An aggregate, an order, a grouping or a join.
    Relational(RelationalCase),
    /// A line that does not keep the form.
    Unreadable(UnreadableCase),
}

/// Says to which subsets a case belongs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Subset {
    /// To the core.
    pub core: bool,
    /// To the smaller basic one.
    pub basic: bool,
}

/// Asks an expression.
#[derive(Clone, Debug)]
pub struct ExpressionCase {
    /// The MySQL text.
    pub text: String,
    /// The column type the result is assigned to, where it is.
    pub into: Option<String>,
    /// The result's type, where TiDB told it.
    pub result_type: Option<ProtocolType>,
    /// What the statement warns of whatever the rows.
    pub bind_warnings: Vec<ExpectedWarning>,
    /// What the rows give.
    pub expected: Expected<Entry>,
    /// Rows for which another whole entry is right as well.
    pub split: BTreeMap<usize, Entry>,
    /// The subsets it belongs to.
    pub subset: Subset,
}

/// Is what a statement answered.
#[derive(Clone, PartialEq, Debug)]
pub enum Expected<T> {
    /// It is refused, or every row fails with this code.
    Refused(ExpectedError),
    /// One entry a row.
    Rows(Vec<T>),
}

impl<T> Expected<T> {
    /// Returns how many results this counts for; at least one.
    pub fn results(&self) -> usize {
        match self {
            Expected::Refused(_) => 1,
            Expected::Rows(rows) => rows.len().max(1),
        }
    }
}

/// Names a relational question.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RelationalKind {
    /// `SELECT [by,] aggregate FROM t [WHERE …] [GROUP BY by ORDER BY by]`.
    Aggregate {
        /// The aggregate call, or an expression over some.
        call: String,
        /// The grouping expression.
        by: Option<String>,
        /// The filter.
        filter: Option<String>,
    },
    /// `SELECT id FROM t ORDER BY …`.
    Order(String),
    /// `SELECT MIN(id), COUNT(*) FROM t GROUP BY … ORDER BY 1`.
    Group(String),
    /// `SELECT l.id, r.id FROM t l JOIN t r ON left = right ORDER BY 1, 2`.
    Join {
        /// The left key, a column of `l`.
        left: String,
        /// The right key, a column of `r`.
        right: String,
    },
}

/// Is a row of an answered table.
pub type RowTable = Vec<ExpectedValue>;

/// Asks a relational question.
#[derive(Clone, Debug)]
pub struct RelationalCase {
    /// What is asked.
    pub kind: RelationalKind,
    /// The aggregate's type.
    pub result_type: Option<ProtocolType>,
    /// The rows, in order.
    pub expected: Expected<RowTable>,
    /// The statement's warnings, which depend on TiDB's plan and judge no one.
    pub warnings: Vec<ExpectedWarning>,
    /// The subsets it belongs to.
    pub subset: Subset,
}

/// Is a case that could not be read.
#[derive(Clone, Debug)]
pub struct UnreadableCase {
    /// Why.
    pub reason: String,
    /// How many results it counts for.
    pub results: usize,
    /// The subsets it belongs to, as far as they can be told.
    pub subset: Subset,
}

impl Case {
    /// Returns the text that tells the case from its file's others.
    pub fn text(&self) -> String {
        match self {
            Case::Expression(case) => match &case.into {
                Some(column) => format!("{} into {column}", case.text),
                None => case.text.clone(),
            },
            Case::Relational(case) => case.kind.to_string(),
            Case::Unreadable(case) => case.reason.clone(),
        }
    }

    /// Returns the subsets the case belongs to.
    pub fn subset(&self) -> Subset {
        match self {
            Case::Expression(case) => case.subset,
            Case::Relational(case) => case.subset,
            Case::Unreadable(case) => case.subset,
        }
    }

    /// Returns how many results the case counts for; at least one.
    pub fn results(&self) -> usize {
        match self {
            Case::Expression(case) => case.expected.results(),
            Case::Relational(case) => case.expected.results(),
            Case::Unreadable(case) => case.results,
        }
    }
}

impl std::fmt::Display for RelationalKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            RelationalKind::Aggregate { call, by, filter } => {
                write!(f, "agg {call}")?;
                if let Some(filter) = filter {
                    write!(f, " where {filter}")?;
                }
                by.as_ref().map_or(Ok(()), |by| write!(f, " group by {by}"))
            }
            RelationalKind::Order(keys) => write!(f, "order by {keys}"),
            RelationalKind::Group(keys) => write!(f, "group by {keys}"),
            RelationalKind::Join { left, right } => write!(f, "join on {left} = {right}"),
        }
    }
}

/// Reads a case; `rows` is the table's length, `insert` the head's statement.
pub(super) fn parse_case(line: &str, rows: usize, insert: bool) -> Case {
    let json: Value = match serde_json::from_str(line) {
        Ok(json) => json,
        Err(e) => return unreadable(&Value::Null, rows, format!("no JSON: {e}")),
    };
    let parsed = if json.get("e").is_some() {
        parse_expression(&json, rows, insert).map(Case::Expression)
    } else {
        parse_relational(&json).map(Case::Relational)
    };
    parsed.unwrap_or_else(|reason| unreadable(&json, rows, reason))
}

fn unreadable(json: &Value, rows: usize, reason: String) -> Case {
    let flag = |key: &str| json.get(key).and_then(Value::as_bool).unwrap_or(false);
    let results = match (json.get("r"), json.get("err")) {
        (Some(Value::Array(list)), _) => list.len(),
        (None, Some(_)) => 1,
        _ => rows,
    };
    let subset = Subset { core: flag("core"), basic: flag("basic") };
    Case::Unreadable(UnreadableCase { reason, results: results.max(1), subset })
}

fn parse_expression(json: &Value, rows: usize, insert: bool) -> Result<ExpressionCase, String> {
    let mut object = Object::new(json, "a case")?;
    let text = object.text("e")?;
    let into = object.optional_text("into")?;
    if into.is_some() != insert {
        return Err("into belongs to insert statements, and to all of them".to_owned());
    }
    let result_type = object.optional("t").map(parse_type).transpose()?;
    let bytes = match (&into, &result_type) {
        (Some(column), _) => ColumnForm::of(column)?.is_bytes(),
        (None, Some(t)) => t.is_bytes(),
        (None, None) => false,
    };
    let bind_warnings = parse_warnings(object.optional("bw"))?;
    let expected = match object.optional("err") {
        Some(error) => Expected::Refused(parse_error(error)?),
        None => {
            let list = object.take("r")?.as_array().ok_or("r is no list")?;
            if list.len() != rows {
                return Err(format!("r has {} entries for {rows} rows", list.len()));
            }
            let entries: Result<_, String> = list.iter().map(|e| parse_entry(e, bytes)).collect();
            Expected::Rows(entries?)
        }
    };
    let mut split = BTreeMap::new();
    if let Some(json) = object.optional("split") {
        let Value::Object(map) = json else { return Err("split is no object".to_owned()) };
        for (row, entry) in map {
            let row: usize = row.parse().map_err(|_| format!("split names no row: {row}"))?;
            if row >= rows {
                return Err(format!("split names row {row} of {rows}"));
            }
            split.insert(row, parse_entry(entry, bytes)?);
        }
    }
    let subset = Subset { core: object.flag("core")?, basic: object.flag("basic")? };
    object.finish()?;
    Ok(ExpressionCase { text, into, result_type, bind_warnings, expected, split, subset })
}

fn parse_relational(json: &Value) -> Result<RelationalCase, String> {
    let mut object = Object::new(json, "a case")?;
    let (kind, width) = parse_kind(&mut object)?;
    let result_type = object.optional("t").map(parse_type).transpose()?;
    let bytes = result_type.as_ref().is_some_and(ProtocolType::is_bytes);
    let expected = match object.optional("err") {
        Some(error) => Expected::Refused(parse_error(error)?),
        None => {
            let list = object.take("r")?.as_array().ok_or("r is no list")?;
            Expected::Rows(
                list.iter()
                    .map(|row| parse_row(row, width, bytes))
                    .collect::<Result<Vec<_>, String>>()?,
            )
        }
    };
    let warnings = parse_warnings(object.optional("w"))?;
    let subset = Subset { core: object.flag("core")?, basic: object.flag("basic")? };
    object.finish()?;
    Ok(RelationalCase { kind, result_type, expected, warnings, subset })
}

/// Reads what is asked, and how wide its rows are.
fn parse_kind(object: &mut Object<'_>) -> Result<(RelationalKind, usize), String> {
    if let Some(call) = object.optional_text("agg")? {
        let by = object.optional_text("by")?;
        let filter = object.optional_text("where")?;
        let width = if by.is_some() { 2 } else { 1 };
        return Ok((RelationalKind::Aggregate { call, by, filter }, width));
    }
    if let Some(keys) = object.optional_text("order")? {
        return Ok((RelationalKind::Order(keys), 1));
    }
    if let Some(keys) = object.optional_text("group")? {
        return Ok((RelationalKind::Group(keys), 2));
    }
    match object.optional("join").and_then(Value::as_array).map(Vec::as_slice) {
        Some([Value::String(left), Value::String(right)]) => {
            Ok((RelationalKind::Join { left: left.clone(), right: right.clone() }, 2))
        }
        _ => Err("a case has none of e, agg, order, group, join".to_owned()),
    }
}

/// Reads one row; only its last value may be bytes, those before it are groups and ids.
fn parse_row(json: &Value, width: usize, bytes: bool) -> Result<RowTable, String> {
    let list = json.as_array().ok_or("a row is no list")?;
    if list.len() != width {
        return Err(format!("a row has {} values, not {width}", list.len()));
    }
    list.iter().enumerate().map(|(i, v)| parse_value(v, bytes && i + 1 == width)).collect()
}

fn parse_type(json: &Value) -> Result<ProtocolType, String> {
    let mut object = Object::new(json, "a type")?;
    let small = |n: usize| u8::try_from(n).map_err(|_| format!("{n} is too large in a type"));
    let parsed = ProtocolType {
        name: object.text("type")?,
        length: object.count("len")? as u64,
        decimals: small(object.count("dec")?)?,
        unsigned: object.flag("unsigned")?,
        not_null: object.flag("notnull")?,
        binary: object.flag("binary")?,
        collation: object.optional_text("collation")?,
        coercibility: match object.has("coercibility") {
            true => Some(small(object.count("coercibility")?)?),
            false => None,
        },
    };
    object.finish()?;
    Ok(parsed)
}
