// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Reads calls, those with a syntax of their own among them.
//!
//! Source: MySQL manual, "Functions and Operators"; TiDB `pkg/parser/parser.y`
//! (FunctionCallKeyword, FunctionCallNonKeyword, FunctionCallGeneric).

use tiforth_expr::tree::{
    Call, CallOptions, Expr, GetFormatKind, IntervalUnit, Literal, TrimDirection, WeightStringAs,
    call, interval, lit,
};
use tiforth_types::{Charset, SqlError, SqlMode};

use crate::aggregate::is_parsed_as_aggregate;
use crate::error::unknown_charset;
use crate::keyword::{is_reserved, is_reserved_function, is_space_sensitive};
use crate::lexer::Kind;
use crate::parser::Parser;

impl Parser<'_> {
    /// Reads a call from its name, `word` in lower case; a parenthesis follows it.
    pub(crate) fn call(&mut self, word: &str) -> Result<Expr, SqlError> {
        let is_special = self.is_adjacent_at(1)
            || self.mode.has(SqlMode::IGNORE_SPACE)
            || !is_space_sensitive(word);
        if is_reserved(word) && !is_reserved_function(word) && word != "row" {
            return Err(self.wrong());
        }
        self.advance(2);
        if !is_special {
            return self.generic_call(word);
        }
        let expr = match word {
            "row" => self.row()?,
            "cast" => self.cast()?,
            "convert" => self.convert()?,
            "char" => self.char()?,
            "extract" => self.extract()?,
            "trim" => self.trim()?,
            "position" => self.position_in()?,
            "substr" | "substring" | "mid" => self.substring(word)?,
            "date_add" | "date_sub" | "adddate" | "subdate" => self.date_arithmetic(word)?,
            "timestampadd" | "timestampdiff" => self.with_unit(word)?,
            "get_format" => self.get_format()?,
            "weight_string" => self.weight_string()?,
            "mod" => self.modulo()?,
            "insert" => return self.generic_call("insert_func"),
            _ if is_parsed_as_aggregate(word) => self.aggregate(word)?,
            _ => return self.generic_call(word),
        };
        self.expect_symbol(")")?;
        Ok(expr)
    }

    /// Reads a call whose name is quoted: never one with a syntax of its own.
    pub(crate) fn quoted_call(&mut self) -> Result<Expr, SqlError> {
        let name = self.expect_name()?;
        self.expect_symbol("(")?;
        self.generic_call(&name)
    }

    fn generic_call(&mut self, name: &str) -> Result<Expr, SqlError> {
        let args = if *self.peek() == Kind::Symbol(")") { Vec::new() } else { self.expr_list()? };
        self.expect_symbol(")")?;
        Ok(call(name, args))
    }

    fn row(&mut self) -> Result<Expr, SqlError> {
        let items = self.expr_list()?;
        if items.len() < 2 {
            return Err(self.wrong());
        }
        Ok(Expr::Row(items))
    }

    fn cast(&mut self) -> Result<Expr, SqlError> {
        let expr = self.expr()?;
        self.expect_word("AS")?;
        let target = self.cast_target(&expr)?;
        let array = self.take_word("ARRAY");
        Ok(Expr::Cast { expr: Box::new(expr), target, array })
    }

    fn convert(&mut self) -> Result<Expr, SqlError> {
        let expr = self.expr()?;
        if self.take_word("USING") {
            let charset = CallOptions::Charset(self.charset()?);
            return Ok(Expr::Call(Call::with_options("convert", vec![expr], charset)));
        }
        self.expect_symbol(",")?;
        let target = self.cast_target(&expr)?;
        Ok(expr.cast(target))
    }

    fn char(&mut self) -> Result<Expr, SqlError> {
        let args = self.expr_list()?;
        let options = if self.take_word("USING") {
            CallOptions::Charset(self.charset()?)
        } else {
            CallOptions::None
        };
        Ok(Expr::Call(Call::with_options("char_func", args, options)))
    }

    fn extract(&mut self) -> Result<Expr, SqlError> {
        let unit = CallOptions::Unit(self.unit()?);
        self.expect_word("FROM")?;
        let arg = self.expr()?;
        Ok(Expr::Call(Call::with_options("extract", vec![arg], unit)))
    }

    fn trim(&mut self) -> Result<Expr, SqlError> {
        let direction = TrimDirection::parse(&self.word_lower());
        let Some(direction) = direction else {
            let expr = self.expr()?;
            if !self.take_word("FROM") {
                return Ok(call("trim", [expr]));
            }
            return Ok(call("trim", [self.expr()?, expr]));
        };
        self.advance(1);
        let removed = if self.is_word_at(0, "FROM") { lit(" ") } else { self.expr()? };
        self.expect_word("FROM")?;
        let args = vec![self.expr()?, removed];
        Ok(Expr::Call(Call::with_options("trim", args, CallOptions::Trim(direction))))
    }

    fn position_in(&mut self) -> Result<Expr, SqlError> {
        let part = self.bits(0)?;
        self.expect_word("IN")?;
        Ok(call("position", [part, self.expr()?]))
    }

    fn substring(&mut self, name: &str) -> Result<Expr, SqlError> {
        let mut args = vec![self.expr()?];
        if self.take_word("FROM") {
            args.push(self.expr()?);
            if self.take_word("FOR") {
                args.push(self.expr()?);
            }
        } else {
            while self.take_symbol(",") {
                args.push(self.expr()?);
            }
        }
        Ok(call(name, args))
    }

    /// Reads `DATE_ADD(a, INTERVAL 1 DAY)`; ADDDATE and SUBDATE take a number of days too.
    fn date_arithmetic(&mut self, name: &str) -> Result<Expr, SqlError> {
        let date = self.expr()?;
        self.expect_symbol(",")?;
        if self.is_interval_ahead() {
            self.advance(1);
            return Ok(call(name, [date, self.interval_after_keyword()?]));
        }
        if !name.ends_with("date") {
            return Err(self.wrong());
        }
        let days = self.expr()?;
        Ok(call(name, [date, interval(days, IntervalUnit::Day)]))
    }

    fn with_unit(&mut self, name: &str) -> Result<Expr, SqlError> {
        let start = self.position();
        let unit = self.unit()?;
        if !unit.is_simple() {
            self.go_back_to(start);
            return Err(self.wrong());
        }
        self.expect_symbol(",")?;
        let left = self.expr()?;
        self.expect_symbol(",")?;
        let args = vec![left, self.expr()?];
        Ok(Expr::Call(Call::with_options(name, args, CallOptions::Unit(unit))))
    }

    fn get_format(&mut self) -> Result<Expr, SqlError> {
        let word = self.word_lower();
        let word = if word == "timestamp" { "datetime" } else { &word };
        let kind = GetFormatKind::parse(word).ok_or_else(|| self.wrong())?;
        self.advance(1);
        self.expect_symbol(",")?;
        let options = CallOptions::GetFormat(kind);
        Ok(Expr::Call(Call::with_options("get_format", vec![self.expr()?], options)))
    }

    fn weight_string(&mut self) -> Result<Expr, SqlError> {
        let args = vec![self.expr()?];
        let mut options = CallOptions::None;
        if self.take_word("AS") {
            let word = self.word_lower();
            let word = if word == "character" { "char" } else { &word };
            let kind = WeightStringAs::parse(word).ok_or_else(|| self.wrong())?;
            self.advance(1);
            let length = self.length()?.ok_or_else(|| self.wrong())?;
            options = CallOptions::WeightString { kind, length };
        }
        Ok(Expr::Call(Call::with_options("weight_string", args, options)))
    }

    fn modulo(&mut self) -> Result<Expr, SqlError> {
        let left = self.expr()?;
        self.expect_symbol(",")?;
        Ok(call("mod", [left, self.expr()?]))
    }

    /// Tells whether an interval with a unit comes next, not a call of the function INTERVAL: that
    /// one has a comma between its parentheses.
    pub(crate) fn is_interval_ahead(&self) -> bool {
        if !self.is_word_at(0, "INTERVAL") {
            return false;
        }
        let (mut distance, mut open) = (1, 0usize);
        loop {
            match self.peek_at(distance) {
                Kind::Symbol("(" | "{") => open += 1,
                Kind::Symbol(")" | "}") if open <= 1 => return distance > 2,
                Kind::Symbol(")" | "}") => open -= 1,
                Kind::Symbol(",") if open == 1 => return false,
                Kind::End => return true,
                _ if open == 0 => return true,
                _ => {}
            }
            distance += 1;
        }
    }

    /// Reads `value unit`.
    pub(crate) fn interval_after_keyword(&mut self) -> Result<Expr, SqlError> {
        let value = self.expr()?;
        Ok(interval(value, self.unit()?))
    }

    fn unit(&mut self) -> Result<IntervalUnit, SqlError> {
        let word = self.word_lower();
        let odbc = word.strip_prefix("sql_tsi_").filter(|unit| *unit != "microsecond");
        let unit = IntervalUnit::parse(odbc.unwrap_or(&word));
        let unit = unit.filter(|unit| odbc.is_none() || unit.is_simple());
        let unit = unit.ok_or_else(|| self.wrong())?;
        self.advance(1);
        Ok(unit)
    }

    /// Reads the name of a charset.
    pub(crate) fn charset(&mut self) -> Result<Charset, SqlError> {
        let name: Box<str> = match self.peek() {
            Kind::Word(word) => (*word).into(),
            Kind::Quoted(name) | Kind::String(name) => name.clone(),
            _ => return Err(self.wrong()),
        };
        let charset = Charset::from_name(&name).ok_or_else(|| unknown_charset(&name))?;
        self.advance(1);
        Ok(charset)
    }

    /// Reads `(n)`, where it is there.
    pub(crate) fn length(&mut self) -> Result<Option<u32>, SqlError> {
        if !self.take_symbol("(") {
            return Ok(None);
        }
        let length = self.small_number()?;
        self.expect_symbol(")")?;
        Ok(Some(length))
    }

    /// Reads digits that fit 32 bits.
    pub(crate) fn small_number(&mut self) -> Result<u32, SqlError> {
        let number = match self.peek() {
            Kind::Number(literal) => integer(literal),
            _ => None,
        };
        let number = number.ok_or_else(|| self.wrong())?;
        self.advance(1);
        Ok(number)
    }
}

fn integer(literal: &Literal) -> Option<u32> {
    literal.text().parse().ok()
}
