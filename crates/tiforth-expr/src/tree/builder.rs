// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Builds trees in Rust: `col("a").add(lit(1)).lt(col("b"))`.

use super::{
    Aggregation, Call, CallOptions, Case, CastTarget, Expr, Field, IntervalUnit, Literal, OrderItem,
};

/// Builds a reference to the column `name`.
pub fn col(name: &str) -> Expr {
    Expr::Field(Field::Name { table: None, name: name.into() })
}

/// Builds a reference to the column `name` of the table `table`.
pub fn table_col(table: &str, name: &str) -> Expr {
    Expr::Field(Field::Name { table: Some(table.into()), name: name.into() })
}

/// Builds a reference to the input's column number `index`, counted from 0.
pub fn field(index: u32) -> Expr {
    Expr::Field(Field::Index(index))
}

/// Builds a constant; a negative number becomes `unaryminus` of its magnitude, as the parser makes
/// it.
pub fn lit(value: impl Into<Expr>) -> Expr {
    value.into()
}

/// Builds NULL.
pub fn null() -> Expr {
    Expr::Literal(Literal::null())
}

/// Builds a call of the function `name` without options.
pub fn call(name: &str, args: impl IntoIterator<Item = Expr>) -> Expr {
    Expr::Call(Call::new(name, args.into_iter().collect()))
}

/// Builds a row of several values.
pub fn row(items: impl IntoIterator<Item = Expr>) -> Expr {
    Expr::Row(items.into_iter().collect())
}

/// Builds `CAST(expr AS target)`.
pub fn cast(expr: impl Into<Expr>, target: CastTarget) -> Expr {
    Expr::Cast { expr: Box::new(expr.into()), target, array: false }
}

/// Builds `INTERVAL value unit`, an argument of `date_add` and its kin.
pub fn interval(value: impl Into<Expr>, unit: IntervalUnit) -> Expr {
    Expr::Interval { value: Box::new(value.into()), unit }
}

/// Starts `CASE operand …`, or `CASE …` of conditions where there is no operand.
pub fn case(operand: Option<Expr>) -> CaseBuilder {
    CaseBuilder(Case { operand: operand.map(Box::new), branches: Vec::new(), otherwise: None })
}

/// Collects the branches of a CASE.
#[derive(Clone, Debug)]
pub struct CaseBuilder(Case);

impl CaseBuilder {
    /// Adds `WHEN condition THEN result`.
    pub fn when(mut self, condition: impl Into<Expr>, result: impl Into<Expr>) -> Self {
        self.0.branches.push((condition.into(), result.into()));
        self
    }

    /// Ends the CASE with `ELSE result`.
    pub fn otherwise(mut self, result: impl Into<Expr>) -> Expr {
        self.0.otherwise = Some(Box::new(result.into()));
        self.end()
    }

    /// Ends the CASE without ELSE.
    pub fn end(self) -> Expr {
        Expr::Case(self.0)
    }
}

macro_rules! binary {
    ($($(#[$doc:meta])* $method:ident => $name:literal;)*) => {
        #[expect(
            clippy::should_implement_trait,
            reason = "a chain of calls should need no traits in scope"
        )]
        impl Expr {
            $($(#[$doc])*
            pub fn $method(self, other: impl Into<Expr>) -> Expr {
                call($name, [self, other.into()])
            })*
        }
    };
}
binary! {
    /// Builds `self + other`.
    add => "plus";
    /// Builds `self - other`.
    sub => "minus";
    /// Builds `self * other`.
    mul => "mul";
    /// Builds `self / other`.
    div => "div";
    /// Builds `self DIV other`.
    int_div => "intdiv";
    /// Builds `self % other`.
    rem => "mod";
    /// Builds `self = other`.
    eq => "eq";
    /// Builds `self <> other`.
    ne => "ne";
    /// Builds `self < other`.
    lt => "lt";
    /// Builds `self <= other`.
    le => "le";
    /// Builds `self > other`.
    gt => "gt";
    /// Builds `self >= other`.
    ge => "ge";
    /// Builds `self <=> other`: equal, NULLs too.
    null_eq => "nulleq";
    /// Builds `self AND other`.
    and => "and";
    /// Builds `self OR other`.
    or => "or";
    /// Builds `self XOR other`.
    xor => "xor";
}

impl Expr {
    /// Builds `self IS NULL`.
    pub fn is_null(self) -> Expr {
        call("isnull", [self])
    }

    /// Builds `self IS NOT NULL`.
    pub fn is_not_null(self) -> Expr {
        !self.is_null()
    }

    /// Builds `self IS TRUE`.
    pub fn is_true(self) -> Expr {
        call("istrue", [self])
    }

    /// Builds `self IS FALSE`.
    pub fn is_false(self) -> Expr {
        call("isfalse", [self])
    }

    /// Builds `self IN (items)`.
    pub fn in_list(self, items: impl IntoIterator<Item = Expr>) -> Expr {
        call("in", std::iter::once(self).chain(items))
    }

    /// Builds `self BETWEEN low AND high`.
    pub fn between(self, low: impl Into<Expr>, high: impl Into<Expr>) -> Expr {
        call("between", [self, low.into(), high.into()])
    }

    /// Builds `self LIKE pattern`, with a backslash as the escape.
    pub fn like(self, pattern: impl Into<Expr>) -> Expr {
        let args = vec![self, pattern.into()];
        Expr::Call(Call::with_options("like", args, CallOptions::Escape(b'\\')))
    }

    /// Builds `self COLLATE collation`.
    pub fn collate(self, collation: &str) -> Expr {
        let collation = collation.to_ascii_lowercase().into_boxed_str();
        Expr::Collate { expr: Box::new(self), collation }
    }

    /// Builds `CAST(self AS target)`.
    pub fn cast(self, target: CastTarget) -> Expr {
        cast(self, target)
    }

    /// Makes an aggregate count equal values once; other expressions stay as they are.
    pub fn distinct(mut self) -> Expr {
        if let Expr::Call(call) = &mut self {
            call.options = match std::mem::take(&mut call.options) {
                CallOptions::Aggregate(mut aggregation) => {
                    aggregation.distinct = true;
                    CallOptions::Aggregate(aggregation)
                }
                _ => CallOptions::Aggregate(Box::new(Aggregation {
                    distinct: true,
                    ..Aggregation::default()
                })),
            };
        }
        self
    }

    /// Builds an ascending sort key.
    pub fn asc(self) -> OrderItem {
        OrderItem { expr: self, descending: false }
    }

    /// Builds a descending sort key.
    pub fn desc(self) -> OrderItem {
        OrderItem { expr: self, descending: true }
    }
}

impl std::ops::Not for Expr {
    type Output = Expr;
    fn not(self) -> Expr {
        call("not", [self])
    }
}

impl std::ops::Neg for Expr {
    type Output = Expr;
    fn neg(self) -> Expr {
        call("unaryminus", [self])
    }
}

impl From<Literal> for Expr {
    fn from(value: Literal) -> Self {
        Expr::Literal(value)
    }
}

impl From<&str> for Expr {
    fn from(value: &str) -> Self {
        Expr::Literal(Literal::string(value))
    }
}

impl From<bool> for Expr {
    fn from(value: bool) -> Self {
        Expr::Literal(Literal::bool(value))
    }
}

impl From<u64> for Expr {
    fn from(value: u64) -> Self {
        Expr::Literal(Literal::integer(value))
    }
}

impl From<i64> for Expr {
    fn from(value: i64) -> Self {
        let magnitude = Expr::from(value.unsigned_abs());
        if value < 0 { -magnitude } else { magnitude }
    }
}

impl From<i32> for Expr {
    fn from(value: i32) -> Self {
        Expr::from(i64::from(value))
    }
}

impl From<f64> for Expr {
    fn from(value: f64) -> Self {
        let magnitude = Expr::Literal(Literal::float(value));
        if value.is_sign_negative() { -magnitude } else { magnitude }
    }
}
