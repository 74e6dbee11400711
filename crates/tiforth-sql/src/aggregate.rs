// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Reads calls of aggregates, with what they say beside their arguments.
//!
//! Source: MySQL manual, "Aggregate Function Descriptions"; TiDB `pkg/parser/parser.y` (SumExpr).

use tiforth_expr::tree::{Aggregation, Call, CallOptions, Expr, field, lit};
use tiforth_types::SqlError;

use crate::lexer::Kind;
use crate::parser::Parser;

/// Says how an aggregate is written.
struct Syntax {
    name: &'static str,
    /// TiDB's name.
    canonical: &'static str,
    has_distinct: bool,
    /// How many arguments; 0 for any number from one.
    args: usize,
}

const fn syntax(
    name: &'static str,
    canonical: &'static str,
    has_distinct: bool,
    args: usize,
) -> Syntax {
    Syntax { name, canonical, has_distinct, args }
}

const AGGREGATES: &[Syntax] = &[
    syntax("count", "count", true, 1),
    syntax("sum", "sum", true, 1),
    syntax("avg", "avg", true, 1),
    syntax("min", "min", true, 1),
    syntax("max", "max", true, 1),
    syntax("bit_and", "bit_and", false, 1),
    syntax("bit_or", "bit_or", false, 1),
    syntax("bit_xor", "bit_xor", false, 1),
    syntax("std", "stddev_pop", true, 1),
    syntax("stddev", "stddev_pop", true, 1),
    syntax("stddev_pop", "stddev_pop", true, 1),
    syntax("stddev_samp", "stddev_samp", true, 1),
    syntax("variance", "var_pop", true, 1),
    syntax("var_pop", "var_pop", true, 1),
    syntax("var_samp", "var_samp", true, 1),
    syntax("group_concat", "group_concat", true, 0),
    syntax("json_arrayagg", "json_arrayagg", false, 1),
    syntax("json_objectagg", "json_objectagg", false, 2),
    syntax("approx_count_distinct", "approx_count_distinct", false, 0),
    syntax("approx_percentile", "approx_percentile", false, 0),
];

/// Tells whether the function `name`, in lower case, is an aggregate; ANY_VALUE, which TiDB reads
/// as any function, is one too.
pub fn is_aggregate(name: &str) -> bool {
    is_parsed_as_aggregate(name) || name == "any_value"
}

/// Tells whether the call of `name`, in lower case, has the syntax of an aggregate.
pub(crate) fn is_parsed_as_aggregate(name: &str) -> bool {
    AGGREGATES.iter().any(|a| a.name == name)
}

/// Takes the aggregates out of an expression such as `SUM(a) / COUNT(*)`: returns them in the order
/// of the text, equal ones once, and leaves in the place of each the column of its number.
pub fn split_aggregates(expr: &mut Expr) -> Vec<Call> {
    let mut calls: Vec<Call> = Vec::new();
    let mut pending = vec![expr];
    while let Some(expr) = pending.pop() {
        match expr {
            Expr::Call(call) if is_aggregate(&call.name) => {
                let call = std::mem::replace(call, Call::new("", Vec::new()));
                let found = calls.iter().position(|known| *known == call);
                let index = found.unwrap_or(calls.len());
                if found.is_none() {
                    calls.push(call);
                }
                *expr = field(u32::try_from(index).unwrap_or(u32::MAX));
            }
            _ => {
                let start = pending.len();
                expr.for_each_child_mut(|child| pending.push(child));
                if let Some(children) = pending.get_mut(start..) {
                    children.reverse();
                }
            }
        }
    }
    calls
}

impl Parser<'_> {
    /// Reads an aggregate from behind its parenthesis up to the closing one.
    pub(crate) fn aggregate(&mut self, name: &str) -> Result<Expr, SqlError> {
        let syntax = AGGREGATES.iter().find(|a| a.name == name).ok_or_else(|| self.wrong())?;
        if syntax.name == "count" && self.take_symbol("*") {
            return Ok(Expr::Call(Call::new("count", vec![lit(1)])));
        }
        let mut aggregation = Aggregation::default();
        let has_quantifier = self.is_word_at(0, "DISTINCT") || self.is_word_at(0, "DISTINCTROW");
        if has_quantifier && syntax.has_distinct {
            self.advance(1);
            aggregation.distinct = true;
        }
        self.take_word("ALL");
        let mut args = vec![self.expr()?];
        while self.take_symbol(",") {
            if syntax.name == "json_objectagg" {
                self.take_word("ALL");
            }
            args.push(self.expr()?);
        }
        let is_count_of_rows = syntax.name == "count" && aggregation.distinct;
        if syntax.args != 0 && args.len() != syntax.args && !is_count_of_rows {
            return Err(self.wrong());
        }
        if syntax.name == "group_concat" {
            self.order_and_separator(&mut aggregation)?;
        }
        if *self.peek() != Kind::Symbol(")") {
            return Err(self.wrong());
        }
        let options = if aggregation == Aggregation::default() {
            CallOptions::None
        } else {
            CallOptions::Aggregate(Box::new(aggregation))
        };
        Ok(Expr::Call(Call::with_options(syntax.canonical, args, options)))
    }

    fn order_and_separator(&mut self, aggregation: &mut Aggregation) -> Result<(), SqlError> {
        if self.take_word("ORDER") {
            self.expect_word("BY")?;
            aggregation.order_by = self.order_items()?;
        }
        if self.take_word("SEPARATOR") {
            aggregation.separator = Some(self.expect_string()?);
        }
        Ok(())
    }
}
