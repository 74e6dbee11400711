// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Reads MySQL expression text into the untyped tree of `tiforth-expr`.
//!
//! A lexer and a precedence parser of our own, after MySQL's grammar as TiDB reads it (MySQL
//! manual, "Expressions", "Operator Precedence"; TiDB `pkg/parser/parser.y`, `lexer.go`). How texts
//! become trees is listed in [`tiforth_expr::tree`]. The sql_modes PIPES_AS_CONCAT, ANSI_QUOTES,
//! IGNORE_SPACE, HIGH_NOT_PRECEDENCE, NO_BACKSLASH_ESCAPES and REAL_AS_FLOAT change what a text
//! means.
//!
//! What TiDB's grammar accepts beside expressions of values is refused: subqueries, variables,
//! parameters, window functions, MATCH.
//!
//! # Errors
//! Every entry reports 1064 with line, column and the text from there on, for what is no
//! expression; 1426, 1425 and 1427 for a cast target beyond MySQL's limits; 1115 for an unknown
//! charset; 1367 for a float beyond DOUBLE; 1210 for an ESCAPE of several characters; 1105 for more
//! than 128 brackets open at once, and for a tree higher than
//! [`MAX_DEPTH`](tiforth_expr::tree::MAX_DEPTH).
//!
//! # Example
//! ```
//! use tiforth_expr::tree::{col, lit};
//! use tiforth_types::SqlMode;
//!
//! let expr = tiforth_sql::parse_expr("a + 1 < b", SqlMode::tidb_default())?;
//! assert_eq!(expr, col("a").add(lit(1)).lt(col("b")));
//! # Ok::<(), tiforth_types::SqlError>(())
//! ```

#![forbid(unsafe_code)]

mod aggregate;
mod call;
mod cast_type;
mod error;
mod keyword;
mod lexer;
mod parser;
mod primary;

use tiforth_expr::tree::{Call, Expr, OrderItem};
use tiforth_types::{SqlError, SqlMode};

pub use aggregate::{is_aggregate, split_aggregates};

use parser::Parser;

/// Reads one expression.
pub fn parse_expr(text: &str, mode: SqlMode) -> Result<Expr, SqlError> {
    let mut parser = Parser::new(text, mode)?;
    let expr = parser.expr()?;
    parser.finish([&expr])?;
    Ok(expr)
}

/// Reads expressions between commas: the keys of a GROUP BY, the items of a projection.
pub fn parse_expr_list(text: &str, mode: SqlMode) -> Result<Vec<Expr>, SqlError> {
    let mut parser = Parser::new(text, mode)?;
    let exprs = parser.expr_list()?;
    parser.finish(&exprs)?;
    Ok(exprs)
}

/// Reads the keys of an ORDER BY: `a DESC, b + 1`.
pub fn parse_order_by(text: &str, mode: SqlMode) -> Result<Vec<OrderItem>, SqlError> {
    let mut parser = Parser::new(text, mode)?;
    let items = parser.order_items()?;
    parser.finish(items.iter().map(|item| &item.expr))?;
    Ok(items)
}

/// Reads the call of one aggregate: `COUNT(DISTINCT a, b)`, `GROUP_CONCAT(a ORDER BY b SEPARATOR
/// '')`. Anything else, an operator around one too, is an error: [`split_aggregates`] is for those.
pub fn parse_aggregate(text: &str, mode: SqlMode) -> Result<Call, SqlError> {
    let mut expr = parse_expr(text, mode)?;
    match &mut expr {
        Expr::Call(call) if is_aggregate(&call.name) => {
            Ok(std::mem::replace(call, Call::new("", Vec::new())))
        }
        _ => Err(SqlError::other(format!("'{text}' is not a call of an aggregate"))),
    }
}

#[cfg(test)]
mod tests;
