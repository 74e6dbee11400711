// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Holds what the user said, before names and types are known: the untyped expression tree.
//!
//! A tree comes from Rust (`col("a").add(lit(1))`), from MySQL text (the crate `tiforth-sql`) or
//! from bytes ([`Expr`] reads and writes serde data). Its shapes follow TiDB's parser
//! (`pkg/parser/ast`), so that the binder finds the calls whose types TiDB infers:
//!
//! | text | tree |
//! |---|---|
//! | `a + b`, `a <=> b`, `!a`, `-1` | `plus`, `nulleq`, `not`, `unaryminus` |
//! | `+a`, `(a)` | `a` |
//! | `a <> b`, `a != b` | `ne` |
//! | `a IS TRUE`, `IS FALSE`, `IS NULL` | `istrue`, `isfalse`, `isnull` |
//! | `a IS UNKNOWN` | `isnull` |
//! | `a IS NOT …`, `NOT LIKE`, `NOT IN`, `NOT REGEXP` | `not` around the positive call |
//! | `a IN (x, y)` | `in(a, x, y)` |
//! | `a BETWEEN x AND y` | `between(a, x, y)` |
//! | `a NOT BETWEEN x AND y` | `not_between(a, x, y)` |
//! | `a LIKE b ESCAPE '!'` | `like(a, b)` with [`CallOptions::Escape`] |
//! | `a + INTERVAL 1 DAY` | `date_add(a, interval)` with an [`Expr::Interval`] |
//! | `ADDDATE(a, 1)` | `adddate(a, interval)` of days |
//! | `a \|\| b` | `or`, or `concat` under PIPES_AS_CONCAT |
//! | `a -> '$.x'` | `json_extract(a, '$.x')` |
//! | `a ->> '$.x'` | `json_unquote(json_extract(a, '$.x'))` |
//! | `a MEMBER OF (b)` | `json_memberof(a, b)` |
//! | `TRIM(LEADING FROM a)` | `trim(a, ' ')` with [`CallOptions::Trim`] |
//! | `CHAR(65 USING utf8mb4)` | `char_func(65)` with [`CallOptions::Charset`] |
//! | `BINARY a`, `CONVERT(a, SIGNED)` | [`Expr::Cast`] |
//! | `CONVERT(a USING gbk)` | `convert(a)` with [`CallOptions::Charset`] |
//! | `EXTRACT(DAY FROM a)` | `extract(a)` with [`CallOptions::Unit`] |
//! | `TIMESTAMPDIFF(DAY, a, b)` | `timestampdiff(a, b)` with [`CallOptions::Unit`] |
//! | `INSERT(a, 1, 2, b)` | `insert_func(a, 1, 2, b)` |
//! | `STD(a)`, `VARIANCE(a)` | `stddev_pop(a)`, `var_pop(a)` |
//! | `COUNT(*)` | `count(1)` |
//!
//! A sign is never part of a number. BETWEEN stays one call, though TiDB makes two comparisons of
//! it: before that, it finds one common type for the three operands, which is the binder's work.
//!
//! A tree may be at most [`MAX_DEPTH`] nodes high; parsing, reading, printing and
//! [`Expr::check_depth`] refuse a higher one. Dropping needs no stack, whatever the height.

mod builder;
mod cast_target;
mod json;
mod literal;
mod options;
mod text;

pub use builder::{CaseBuilder, call, case, cast, col, field, interval, lit, null, row, table_col};
pub use cast_target::CastTarget;
pub use literal::{Literal, LiteralKind};
pub use options::{Aggregation, CallOptions, GetFormatKind, TrimDirection, WeightStringAs};
pub use text::print_order_by;
pub use tiforth_types::temporal::IntervalUnit;

use tiforth_types::SqlError;

/// Is the greatest height of a tree: every reader may walk one by recursion.
pub const MAX_DEPTH: usize = 512;

/// Is an expression whose names and types are not resolved yet.
///
/// `PartialEq` compares trees; [`Expr::eq`] called by value builds a comparison. Cloning and comparing
/// recurse: check the height of a tree built in a loop first.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// A column of the input.
    Field(Field),
    /// A constant.
    Literal(Literal),
    /// A function, an operator or an aggregate.
    Call(Call),
    /// Several values compared as one: `(a, b)`.
    Row(Vec<Expr>),
    /// `CASE operand WHEN … THEN … ELSE … END`.
    Case(Case),
    /// `CAST(expr AS target)`.
    Cast {
        /// What is converted.
        expr: Box<Expr>,
        /// The type it is converted to.
        target: CastTarget,
        /// Whether it is `target ARRAY`, as multi-valued indexes use it.
        array: bool,
    },
    /// `expr COLLATE collation`.
    Collate {
        /// What gets the collation.
        expr: Box<Expr>,
        /// The collation's name, in lower case; the binder resolves it.
        collation: Box<str>,
    },
    /// `INTERVAL value unit`, an argument of `date_add` and its kin.
    Interval {
        /// How many.
        value: Box<Expr>,
        /// Of what.
        unit: IntervalUnit,
    },
}

/// Names a column of the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field {
    /// By name, as written; names compare without regard to case.
    Name {
        /// The table's name or alias, where one was given.
        table: Option<Box<str>>,
        /// The column's name.
        name: Box<str>,
    },
    /// By its place in the input, counted from 0.
    Index(u32),
}

/// Is a call of a function, an operator or an aggregate.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// TiDB's name of the function, in lower case: `plus`, `date_add`, `char_func`.
    pub name: Box<str>,
    /// The arguments, in TiDB's order.
    pub args: Vec<Expr>,
    /// What the call says beside its arguments.
    pub options: CallOptions,
}

/// Chooses among results.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// What the branches' conditions are compared with; without it they are conditions themselves.
    pub operand: Option<Box<Expr>>,
    /// The branches: (condition, result).
    pub branches: Vec<(Expr, Expr)>,
    /// The result where no branch is taken; NULL without it.
    pub otherwise: Option<Box<Expr>>,
}

/// Is one key of an ORDER BY.
#[derive(Clone, Debug, PartialEq)]
pub struct OrderItem {
    /// The key.
    pub expr: Expr,
    /// Whether greater keys come first.
    pub descending: bool,
}

impl Call {
    /// Builds a call without options; the name is put into lower case.
    pub fn new(name: &str, args: Vec<Expr>) -> Self {
        Self::with_options(name, args, CallOptions::None)
    }

    /// Builds a call with options; the name is put into lower case.
    pub fn with_options(name: &str, args: Vec<Expr>, options: CallOptions) -> Self {
        Call { name: name.to_ascii_lowercase().into_boxed_str(), args, options }
    }
}

impl Expr {
    /// Calls `visit` with every direct child, in the order of the text.
    pub fn for_each_child<'a>(&'a self, mut visit: impl FnMut(&'a Expr)) {
        match self {
            Expr::Field(_) | Expr::Literal(_) => {}
            Expr::Call(call) => {
                call.args.iter().for_each(&mut visit);
                if let CallOptions::Aggregate(aggregation) = &call.options {
                    aggregation.order_by.iter().for_each(|item| visit(&item.expr));
                }
            }
            Expr::Row(items) => items.iter().for_each(visit),
            Expr::Case(case) => {
                case.operand.iter().for_each(|e| visit(e));
                for (condition, result) in &case.branches {
                    visit(condition);
                    visit(result);
                }
                case.otherwise.iter().for_each(|e| visit(e));
            }
            Expr::Cast { expr, .. } | Expr::Collate { expr, .. } => visit(expr),
            Expr::Interval { value, .. } => visit(value),
        }
    }

    /// Returns the height of the tree: 1 for a field or a literal. Needs no stack.
    pub fn depth(&self) -> usize {
        let mut deepest = 0;
        let mut pending = vec![(self, 1)];
        while let Some((expr, depth)) = pending.pop() {
            deepest = deepest.max(depth);
            expr.for_each_child(|child| pending.push((child, depth + 1)));
        }
        deepest
    }

    /// Refuses a tree higher than [`MAX_DEPTH`], so that what follows may recurse.
    pub fn check_depth(&self) -> Result<(), SqlError> {
        if self.depth() > MAX_DEPTH {
            return Err(too_deep());
        }
        Ok(())
    }

    /// Calls `visit` with every direct child, in the order of the text, to change or replace it.
    pub fn for_each_child_mut<'a>(&'a mut self, mut visit: impl FnMut(&'a mut Expr)) {
        match self {
            Expr::Field(_) | Expr::Literal(_) => {}
            Expr::Call(call) => {
                call.args.iter_mut().for_each(&mut visit);
                if let CallOptions::Aggregate(aggregation) = &mut call.options {
                    aggregation.order_by.iter_mut().for_each(|item| visit(&mut item.expr));
                }
            }
            Expr::Row(items) => items.iter_mut().for_each(visit),
            Expr::Case(case) => {
                case.operand.iter_mut().for_each(|e| visit(e));
                for (condition, result) in &mut case.branches {
                    visit(condition);
                    visit(result);
                }
                case.otherwise.iter_mut().for_each(|e| visit(e));
            }
            Expr::Cast { expr, .. } | Expr::Collate { expr, .. } => visit(expr),
            Expr::Interval { value, .. } => visit(value),
        }
    }

    fn is_leaf(&self) -> bool {
        matches!(self, Expr::Field(_) | Expr::Literal(_))
    }
}

fn leaf() -> Expr {
    Expr::Field(Field::Index(0))
}

/// Reports a tree higher than [`MAX_DEPTH`].
#[cold]
pub fn too_deep() -> SqlError {
    SqlError::other(format!("the expression is nested more than {MAX_DEPTH} levels deep"))
}

/// Takes the tree apart with a list of its own: one built in a loop may be higher than the stack.
impl Drop for Expr {
    fn drop(&mut self) {
        if self.is_leaf() {
            return;
        }
        let mut pending = Vec::new();
        take_inner_nodes(self, &mut pending);
        while let Some(mut expr) = pending.pop() {
            take_inner_nodes(&mut expr, &mut pending);
        }
    }
}

/// Moves every direct child that has children of its own out to `pending`.
fn take_inner_nodes(expr: &mut Expr, pending: &mut Vec<Expr>) {
    expr.for_each_child_mut(|child| {
        if !child.is_leaf() {
            pending.push(std::mem::replace(child, leaf()));
        }
    });
}

#[cfg(test)]
mod tests;
