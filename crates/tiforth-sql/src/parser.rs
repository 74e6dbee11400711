// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Reads operators by precedence.
//!
//! The levels, lowest first; each function below is one or several of them:
//!
//! | level | operators |
//! |---|---|
//! | `expr` | `OR`, `\|\|` · `XOR` · `AND`, `&&` |
//! | `negation` | `NOT` |
//! | `comparison` | `=` `<=>` `<` `<=` `>` `>=` `<>` `!=` `IS` |
//! | `predicate` | `IN` `BETWEEN` `LIKE` `ILIKE` `REGEXP` `RLIKE` `MEMBER OF` (they do not chain) |
//! | `bits` | `\|` · `&` · `<<` `>>` · `+` `-` · `*` `/` `%` `DIV` `MOD` · `^` |
//! | `simple` | `\|\|` under PIPES_AS_CONCAT |
//! | `unary` | `!` `-` `+` `~` `BINARY`, NOT under HIGH_NOT_PRECEDENCE |
//! | `postfix` | `COLLATE` |
//!
//! Only what stands in brackets of some kind recurses, and that is bounded; chains of operators and
//! of signs are loops, and the height of the tree is checked at the end.

use tiforth_expr::tree::{Call, CallOptions, CastTarget, Expr, OrderItem, call};
use tiforth_types::{SqlError, SqlMode, code};

use crate::error::syntax_error;
use crate::lexer::{Kind, Token, tokens};

/// Is the greatest number of brackets (and CASEs) open at once; each takes a few kilobytes of
/// stack.
const NESTING_MAX: usize = 128;

pub(crate) struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Token<'a>>,
    at: usize,
    nesting: usize,
    pub(crate) mode: SqlMode,
}

/// Is what stands before an operand.
enum Prefix {
    Call(&'static str),
    Binary,
    Plus,
}

impl<'a> Parser<'a> {
    pub(crate) fn new(text: &'a str, mode: SqlMode) -> Result<Self, SqlError> {
        Ok(Parser { text, tokens: tokens(text, mode)?, at: 0, nesting: 0, mode })
    }

    /// Refuses what follows the end of what was read, and trees that are too high.
    pub(crate) fn finish<'e>(
        &self,
        exprs: impl IntoIterator<Item = &'e Expr>,
    ) -> Result<(), SqlError> {
        if *self.peek() != Kind::End {
            return Err(self.wrong());
        }
        exprs.into_iter().try_for_each(Expr::check_depth)
    }

    /// Reads an expression of any kind.
    pub(crate) fn expr(&mut self) -> Result<Expr, SqlError> {
        if self.nesting == NESTING_MAX {
            return Err(SqlError::other(format!(
                "the expression opens more than {NESTING_MAX} brackets at once"
            )));
        }
        self.nesting += 1;
        let expr = self.logical();
        self.nesting -= 1;
        expr
    }

    /// Reads expressions between commas, at least one.
    pub(crate) fn expr_list(&mut self) -> Result<Vec<Expr>, SqlError> {
        let mut exprs = vec![self.expr()?];
        while self.take_symbol(",") {
            exprs.push(self.expr()?);
        }
        Ok(exprs)
    }

    /// Reads the keys of an ORDER BY, at least one.
    pub(crate) fn order_items(&mut self) -> Result<Vec<OrderItem>, SqlError> {
        let mut items = Vec::new();
        loop {
            let expr = self.expr()?;
            let descending = self.take_word("DESC");
            if !descending {
                self.take_word("ASC");
            }
            items.push(OrderItem { expr, descending });
            if !self.take_symbol(",") {
                return Ok(items);
            }
        }
    }

    /// Reads the three logical levels with a list of open left sides, not by recursion.
    fn logical(&mut self) -> Result<Expr, SqlError> {
        let mut open: Vec<(Expr, &'static str, u8)> = Vec::new();
        loop {
            let mut right = self.negation()?;
            let operator = self.logical_operator();
            let level = operator.map_or(0, |(_, level)| level);
            while let Some((left, name, _)) = open.pop_if(|(_, _, open)| *open >= level) {
                right = call(name, [left, right]);
            }
            let Some((name, level)) = operator else { return Ok(right) };
            self.at += 1;
            open.push((right, name, level));
        }
    }

    fn logical_operator(&self) -> Option<(&'static str, u8)> {
        match self.peek() {
            Kind::Symbol("||") if !self.mode.has(SqlMode::PIPES_AS_CONCAT) => Some(("or", 1)),
            Kind::Symbol("&&") => Some(("and", 3)),
            Kind::Word(w) if w.eq_ignore_ascii_case("or") => Some(("or", 1)),
            Kind::Word(w) if w.eq_ignore_ascii_case("xor") => Some(("xor", 2)),
            Kind::Word(w) if w.eq_ignore_ascii_case("and") => Some(("and", 3)),
            _ => None,
        }
    }

    fn negation(&mut self) -> Result<Expr, SqlError> {
        let mut count = 0;
        while !self.mode.has(SqlMode::HIGH_NOT_PRECEDENCE) && self.take_word("NOT") {
            count += 1;
        }
        let expr = self.comparison()?;
        Ok((0..count).fold(expr, |e, _| call("not", [e])))
    }

    fn comparison(&mut self) -> Result<Expr, SqlError> {
        let mut left = self.predicate()?;
        loop {
            if self.take_word("IS") {
                let is_negated = self.take_word("NOT");
                let is_null = self.take_word("NULL");
                let name = if is_null || self.take_word("UNKNOWN") {
                    "isnull"
                } else if self.take_word("TRUE") {
                    "istrue"
                } else if self.take_word("FALSE") {
                    "isfalse"
                } else {
                    return Err(self.wrong());
                };
                left = negated_if(is_negated, call(name, [left]));
                if !is_null {
                    return Ok(left);
                }
                continue;
            }
            let name = match self.peek() {
                Kind::Symbol("=") => "eq",
                Kind::Symbol("<=>") => "nulleq",
                Kind::Symbol("<>" | "!=") => "ne",
                Kind::Symbol("<") => "lt",
                Kind::Symbol("<=") => "le",
                Kind::Symbol(">") => "gt",
                Kind::Symbol(">=") => "ge",
                _ => return Ok(left),
            };
            self.at += 1;
            left = call(name, [left, self.predicate()?]);
        }
    }

    fn predicate(&mut self) -> Result<Expr, SqlError> {
        let mut high_end_of = Vec::new();
        let mut value = self.bits(0)?;
        loop {
            let start = self.at;
            let is_negated = self.take_word("NOT");
            if self.take_word("BETWEEN") {
                // The upper end is a predicate again; those before it wait.
                let low = self.bits(0)?;
                self.expect_word("AND")?;
                let high = self.bits(0)?;
                high_end_of.push((is_negated, value, low));
                value = high;
                continue;
            }
            let operator = self.word_lower();
            let mut predicate = match operator.as_str() {
                "in" => self.in_list(value)?,
                "like" | "ilike" => self.like(value, &operator)?,
                "regexp" | "rlike" => {
                    self.at += 1;
                    call("regexp", [value, self.simple()?])
                }
                "member" if !is_negated && self.is_word_at(1, "OF") => self.member_of(value)?,
                _ => {
                    self.at = start;
                    if is_negated {
                        return Err(self.wrong());
                    }
                    value
                }
            };
            predicate = negated_if(is_negated, predicate);
            while let Some((is_negated, value, low)) = high_end_of.pop() {
                let name = if is_negated { "not_between" } else { "between" };
                predicate = call(name, [value, low, predicate]);
            }
            return Ok(predicate);
        }
    }

    fn in_list(&mut self, value: Expr) -> Result<Expr, SqlError> {
        self.at += 1;
        self.expect_symbol("(")?;
        let mut args = vec![value];
        args.append(&mut self.expr_list()?);
        self.expect_symbol(")")?;
        Ok(call("in", args))
    }

    fn like(&mut self, value: Expr, name: &str) -> Result<Expr, SqlError> {
        self.at += 1;
        let pattern = self.simple()?;
        let mut escape = b'\\';
        if self.take_word("ESCAPE") {
            let text = self.expect_string()?;
            match text.as_bytes() {
                [] => {}
                [byte] => escape = *byte,
                _ => {
                    let message = "Incorrect arguments to ESCAPE";
                    return Err(SqlError::new(code::ER_WRONG_ARGUMENTS, message));
                }
            }
        }
        let args = vec![value, pattern];
        Ok(Expr::Call(Call::with_options(name, args, CallOptions::Escape(escape))))
    }

    fn member_of(&mut self, value: Expr) -> Result<Expr, SqlError> {
        self.at += 2;
        self.expect_symbol("(")?;
        let array = self.expr()?;
        self.expect_symbol(")")?;
        Ok(call("json_memberof", [value, array]))
    }

    /// Reads the operators of bits and arithmetic whose level is above `floor`, with a list of open
    /// left sides.
    pub(crate) fn bits(&mut self, floor: u8) -> Result<Expr, SqlError> {
        let mut open: Vec<(Expr, &'static str, u8)> = Vec::new();
        loop {
            let mut right = if self.is_interval_ahead() {
                self.interval_operand(&mut open, floor)?
            } else {
                self.simple()?
            };
            let operator = self.bit_operator().filter(|(_, level)| *level > floor);
            let level = operator.map_or(0, |(_, level)| level);
            while let Some((left, name, _)) = open.pop_if(|(_, _, open)| *open >= level) {
                right = call(name, [left, right]);
            }
            let Some((name, level)) = operator else { return Ok(right) };
            self.at += 1;
            open.push((right, name, level));
        }
    }

    fn bit_operator(&self) -> Option<(&'static str, u8)> {
        Some(match self.peek() {
            Kind::Symbol("|") => ("bitor", 1),
            Kind::Symbol("&") => ("bitand", 2),
            Kind::Symbol("<<") => ("leftshift", 3),
            Kind::Symbol(">>") => ("rightshift", 3),
            Kind::Symbol("+") => ("plus", ADDITIVE),
            Kind::Symbol("-") => ("minus", ADDITIVE),
            Kind::Symbol("*") => ("mul", 5),
            Kind::Symbol("/") => ("div", 5),
            Kind::Symbol("%") => ("mod", 5),
            Kind::Word(w) if w.eq_ignore_ascii_case("div") => ("intdiv", 5),
            Kind::Word(w) if w.eq_ignore_ascii_case("mod") => ("mod", 5),
            Kind::Symbol("^") => ("bitxor", 6),
            _ => return None,
        })
    }

    /// Reads `INTERVAL value unit` beside `+` or `-`: it ends `a + INTERVAL 1 DAY`, or it starts
    /// `INTERVAL 1 DAY + a`. The other operand comes first in the call either way.
    fn interval_operand(
        &mut self,
        open: &mut Vec<(Expr, &'static str, u8)>,
        floor: u8,
    ) -> Result<Expr, SqlError> {
        if floor >= ADDITIVE || open.last().is_some_and(|(_, _, level)| *level > ADDITIVE) {
            return Err(self.wrong());
        }
        self.at += 1;
        let interval = self.interval_after_keyword()?;
        if let Some((left, name, _)) = open.pop_if(|(_, _, level)| *level == ADDITIVE) {
            let name = if name == "plus" { "date_add" } else { "date_sub" };
            return Ok(call(name, [left, interval]));
        }
        self.expect_symbol("+")?;
        let date = self.bits(ADDITIVE)?;
        Ok(call("date_add", [date, interval]))
    }

    pub(crate) fn simple(&mut self) -> Result<Expr, SqlError> {
        let mut left = self.unary()?;
        while self.mode.has(SqlMode::PIPES_AS_CONCAT) && self.take_symbol("||") {
            left = call("concat", [left, self.unary()?]);
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Expr, SqlError> {
        let mut prefixes = Vec::new();
        while let Some(prefix) = self.prefix() {
            self.at += 1;
            prefixes.push(prefix);
        }
        let mut expr = self.primary()?;
        while self.take_word("COLLATE") {
            expr = expr.collate(&self.collation_name()?);
        }
        for prefix in prefixes.into_iter().rev() {
            expr = match prefix {
                Prefix::Call(name) => call(name, [expr]),
                Prefix::Binary => expr.cast(CastTarget::BinaryOperator),
                Prefix::Plus => expr,
            };
        }
        Ok(expr)
    }

    fn prefix(&self) -> Option<Prefix> {
        Some(match self.peek() {
            Kind::Symbol("!") => Prefix::Call("not"),
            Kind::Symbol("-") => Prefix::Call("unaryminus"),
            Kind::Symbol("~") => Prefix::Call("bitneg"),
            Kind::Symbol("+") => Prefix::Plus,
            Kind::Word(w) if w.eq_ignore_ascii_case("binary") => Prefix::Binary,
            Kind::Word(w)
                if w.eq_ignore_ascii_case("not") && self.mode.has(SqlMode::HIGH_NOT_PRECEDENCE) =>
            {
                Prefix::Call("not")
            }
            _ => return None,
        })
    }

    fn collation_name(&mut self) -> Result<String, SqlError> {
        match self.peek() {
            Kind::String(text) => {
                let name = text.to_string();
                self.at += 1;
                Ok(name)
            }
            Kind::Word(w) if w.eq_ignore_ascii_case("binary") => {
                self.at += 1;
                Ok("binary".to_owned())
            }
            _ => self.expect_name().map(String::from),
        }
    }

    // Tokens.

    pub(crate) fn peek(&self) -> &Kind<'a> {
        self.peek_at(0)
    }

    pub(crate) fn peek_at(&self, distance: usize) -> &Kind<'a> {
        self.tokens.get(self.at + distance).map_or(&Kind::End, |token| &token.kind)
    }

    pub(crate) fn advance(&mut self, count: usize) {
        self.at += count;
    }

    pub(crate) fn position(&self) -> usize {
        self.at
    }

    pub(crate) fn go_back_to(&mut self, position: usize) {
        self.at = position;
    }

    /// Tells whether the next token follows the one before it with nothing between.
    pub(crate) fn is_adjacent_at(&self, distance: usize) -> bool {
        let at = self.at + distance;
        let previous = at.checked_sub(1).and_then(|i| self.tokens.get(i));
        match (previous, self.tokens.get(at)) {
            (Some(previous), Some(token)) => previous.end == token.start,
            _ => false,
        }
    }

    /// Reports the next token as out of place.
    #[cold]
    pub(crate) fn wrong(&self) -> SqlError {
        let offset = self.tokens.get(self.at).map_or(self.text.len(), |token| token.start);
        syntax_error(self.text, offset)
    }

    /// Returns the next token in lower case where it is a word, else nothing.
    pub(crate) fn word_lower(&self) -> String {
        match self.peek() {
            Kind::Word(word) => word.to_ascii_lowercase(),
            _ => String::new(),
        }
    }

    pub(crate) fn is_word_at(&self, distance: usize, word: &str) -> bool {
        matches!(self.peek_at(distance), Kind::Word(w) if w.eq_ignore_ascii_case(word))
    }

    pub(crate) fn take_word(&mut self, word: &str) -> bool {
        let found = self.is_word_at(0, word);
        self.at += usize::from(found);
        found
    }

    pub(crate) fn expect_word(&mut self, word: &str) -> Result<(), SqlError> {
        if self.take_word(word) { Ok(()) } else { Err(self.wrong()) }
    }

    pub(crate) fn take_symbol(&mut self, symbol: &str) -> bool {
        let found = matches!(self.peek(), Kind::Symbol(s) if *s == symbol);
        self.at += usize::from(found);
        found
    }

    pub(crate) fn expect_symbol(&mut self, symbol: &str) -> Result<(), SqlError> {
        if self.take_symbol(symbol) { Ok(()) } else { Err(self.wrong()) }
    }

    /// Reads one text literal, without those that may follow it.
    pub(crate) fn expect_string(&mut self) -> Result<Box<str>, SqlError> {
        match self.peek() {
            Kind::String(text) => {
                let text = text.clone();
                self.at += 1;
                Ok(text)
            }
            _ => Err(self.wrong()),
        }
    }

    /// Reads a name: quoted, or a word that is not reserved.
    pub(crate) fn expect_name(&mut self) -> Result<Box<str>, SqlError> {
        let name: Box<str> = match self.peek() {
            Kind::Quoted(name) => name.clone(),
            Kind::Word(word) if !crate::keyword::is_reserved(&word.to_ascii_lowercase()) => {
                (*word).into()
            }
            _ => return Err(self.wrong()),
        };
        self.at += 1;
        Ok(name)
    }
}

/// Is the level of `+` and `-`.
const ADDITIVE: u8 = 4;

fn negated_if(is_negated: bool, expr: Expr) -> Expr {
    if is_negated { call("not", [expr]) } else { expr }
}
