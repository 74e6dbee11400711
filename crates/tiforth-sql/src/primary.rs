// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Reads what operators stand between: literals, columns, brackets, CASE.

use tiforth_expr::tree::{Case, Expr, Field, Literal, call, lit};
use tiforth_types::{Charset, SqlError};

use crate::keyword::is_reserved;
use crate::lexer::Kind;
use crate::parser::Parser;

impl Parser<'_> {
    /// Reads an operand without its signs.
    pub(crate) fn primary(&mut self) -> Result<Expr, SqlError> {
        match self.peek() {
            Kind::Symbol("(") => self.parenthesized(),
            Kind::Symbol("{") => self.odbc(),
            Kind::String(_) => self.adjacent_strings(),
            Kind::Number(literal) | Kind::Binary(literal) => {
                let literal = literal.clone();
                self.advance(1);
                Ok(literal.into())
            }
            Kind::Quoted(_) => {
                if *self.peek_at(1) == Kind::Symbol("(") {
                    self.quoted_call()
                } else {
                    self.column()
                }
            }
            Kind::Word(word) => {
                let word = word.to_ascii_lowercase();
                self.word(&word)
            }
            Kind::Symbol(_) | Kind::End => Err(self.wrong()),
        }
    }

    fn parenthesized(&mut self) -> Result<Expr, SqlError> {
        self.expect_symbol("(")?;
        let mut items = self.expr_list()?;
        self.expect_symbol(")")?;
        match items.pop() {
            Some(only) if items.is_empty() => Ok(only),
            last => {
                items.extend(last);
                Ok(Expr::Row(items))
            }
        }
    }

    /// Reads `{d '…'}`, `{t '…'}`, `{ts '…'}`; with any other word the braces mean nothing.
    fn odbc(&mut self) -> Result<Expr, SqlError> {
        self.expect_symbol("{")?;
        let kind = self.expect_name()?;
        let literal: fn(&str) -> Literal = match &*kind {
            "d" => Literal::date,
            "t" => Literal::time,
            "ts" => Literal::timestamp,
            _ => {
                let expr = self.expr()?;
                self.expect_symbol("}")?;
                return Ok(expr);
            }
        };
        let text = self.expect_string()?;
        self.expect_symbol("}")?;
        Ok(literal(&text).into())
    }

    fn adjacent_strings(&mut self) -> Result<Expr, SqlError> {
        let mut value = self.expect_string()?.into_string();
        while let Kind::String(more) = self.peek() {
            value.push_str(more);
            self.advance(1);
        }
        Ok(lit(value.as_str()))
    }

    fn word(&mut self, word: &str) -> Result<Expr, SqlError> {
        if let Some(literal) = self.introduced_literal(word) {
            return Ok(literal.into());
        }
        match word {
            "null" => self.constant(Literal::null()),
            "true" => self.constant(Literal::bool(true)),
            "false" => self.constant(Literal::bool(false)),
            "case" => self.case(),
            _ if *self.peek_at(1) == Kind::Symbol("(") => self.call(word),
            "current_date" | "current_time" | "current_timestamp" | "localtime"
            | "localtimestamp" | "utc_date" | "utc_time" | "utc_timestamp" | "current_user"
            | "current_role" => {
                self.advance(1);
                Ok(call(word, []))
            }
            _ if is_reserved(word) => Err(self.wrong()),
            _ => self.column(),
        }
    }

    fn constant(&mut self, literal: Literal) -> Result<Expr, SqlError> {
        self.advance(1);
        Ok(literal.into())
    }

    /// Reads a literal that its first word tells from a name: `DATE '…'`, `_latin1 '…'`.
    fn introduced_literal(&mut self, word: &str) -> Option<Literal> {
        let charset = word.strip_prefix('_').and_then(Charset::from_name);
        let literal = match (charset, self.peek_at(1)) {
            (Some(charset), Kind::String(text)) => Literal::string(text).introduced_by(charset),
            (Some(charset), Kind::Binary(literal)) => literal.clone().introduced_by(charset),
            (None, Kind::String(text)) => match word {
                "date" => Literal::date(text),
                "time" => Literal::time(text),
                "timestamp" => Literal::timestamp(text),
                _ => return None,
            },
            _ => return None,
        };
        self.advance(2);
        Some(literal)
    }

    fn case(&mut self) -> Result<Expr, SqlError> {
        self.expect_word("CASE")?;
        let operand = if self.is_word_at(0, "WHEN") { None } else { Some(self.expr()?) };
        let mut branches = Vec::new();
        while self.take_word("WHEN") {
            let condition = self.expr()?;
            self.expect_word("THEN")?;
            branches.push((condition, self.expr()?));
        }
        if branches.is_empty() {
            return Err(self.wrong());
        }
        let otherwise = if self.take_word("ELSE") { Some(self.expr()?) } else { None };
        self.expect_word("END")?;
        let (operand, otherwise) = (operand.map(Box::new), otherwise.map(Box::new));
        Ok(Expr::Case(Case { operand, branches, otherwise }))
    }

    /// Reads a column, and a JSON path behind it.
    fn column(&mut self) -> Result<Expr, SqlError> {
        let mut name = self.expect_name()?;
        let mut table = None;
        if self.take_symbol(".") {
            table = Some(name);
            name = self.name_after_dot()?;
        }
        let column = Expr::Field(Field::Name { table, name });
        let is_unquoted = match self.peek() {
            Kind::Symbol("->") => false,
            Kind::Symbol("->>") => true,
            _ => return Ok(column),
        };
        self.advance(1);
        let path = self.expect_string()?;
        let extract = call("json_extract", [column, lit(&*path)]);
        Ok(if is_unquoted { call("json_unquote", [extract]) } else { extract })
    }

    /// Reads the name behind a dot, where no word is reserved.
    fn name_after_dot(&mut self) -> Result<Box<str>, SqlError> {
        let name: Box<str> = match self.peek() {
            Kind::Quoted(name) => name.clone(),
            Kind::Word(word) => (*word).into(),
            _ => return Err(self.wrong()),
        };
        self.advance(1);
        // The tree has no place for a schema.
        if *self.peek() == Kind::Symbol(".") {
            return Err(self.wrong());
        }
        Ok(name)
    }
}
