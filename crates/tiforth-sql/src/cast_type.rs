// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Reads the types CAST and CONVERT accept.
//!
//! Source: MySQL manual, "Cast Functions and Operators"; TiDB `pkg/parser/parser.y` (CastType).

use tiforth_expr::tree::{CastTarget, Expr};
use tiforth_types::{Charset, SqlError, SqlMode, code};

use crate::parser::Parser;

/// Is the least precision that makes a FLOAT a DOUBLE.
const DOUBLE_PRECISION_MIN: u32 = 25;
/// Is the greatest precision of a FLOAT.
const FLOAT_PRECISION_MAX: u32 = 53;

impl Parser<'_> {
    /// Reads the type `expr` is cast to, and refuses one beyond MySQL's limits.
    pub(crate) fn cast_target(&mut self, expr: &Expr) -> Result<CastTarget, SqlError> {
        let word = self.word_lower();
        let wrong = self.wrong();
        self.advance(1);
        let target = match word.as_str() {
            "binary" => CastTarget::Binary(self.length()?),
            "char" | "character" => {
                CastTarget::Char { length: self.length()?, charset: self.char_charset()? }
            }
            // The national charset is the connection's, as in TiDB.
            "nchar" => CastTarget::Char { length: self.length()?, charset: None },
            "date" => CastTarget::Date,
            "datetime" => CastTarget::DateTime(self.length()?.unwrap_or(0)),
            "time" => CastTarget::Time(self.length()?.unwrap_or(0)),
            "year" => CastTarget::Year,
            "signed" | "unsigned" => {
                if !self.take_word("INTEGER") {
                    self.take_word("INT");
                }
                if word == "signed" { CastTarget::Signed } else { CastTarget::Unsigned }
            }
            "decimal" | "dec" => {
                let (precision, scale) = self.precision_and_scale()?.unwrap_or((10, None));
                CastTarget::Decimal { precision, scale: scale.unwrap_or(0) }
            }
            "double" => CastTarget::Double,
            "float" => self.float()?,
            "real" if self.mode.has(SqlMode::REAL_AS_FLOAT) => CastTarget::Float,
            "real" => CastTarget::Double,
            "json" => CastTarget::Json,
            "vector" => {
                if self.take_symbol("<") {
                    self.expect_word("FLOAT")?;
                    self.expect_symbol(">")?;
                }
                CastTarget::Vector(self.length()?)
            }
            _ => return Err(wrong),
        };
        target.check(expr)?;
        Ok(target)
    }

    fn float(&mut self) -> Result<CastTarget, SqlError> {
        let precision = self.precision_and_scale()?.map_or(0, |(precision, _)| precision);
        if precision > FLOAT_PRECISION_MAX {
            return Err(SqlError::new(
                code::ER_TOO_BIG_PRECISION,
                format!(
                    "Too-big precision {precision} specified for 'CAST'. Maximum is \
                     {FLOAT_PRECISION_MAX}."
                ),
            ));
        }
        let is_double = precision >= DOUBLE_PRECISION_MIN;
        Ok(if is_double { CastTarget::Double } else { CastTarget::Float })
    }

    fn precision_and_scale(&mut self) -> Result<Option<(u32, Option<u32>)>, SqlError> {
        if !self.take_symbol("(") {
            return Ok(None);
        }
        let precision = self.small_number()?;
        let scale = if self.take_symbol(",") { Some(self.small_number()?) } else { None };
        self.expect_symbol(")")?;
        Ok(Some((precision, scale)))
    }

    /// Reads what may follow CHAR(n): a charset or one of its short names.
    fn char_charset(&mut self) -> Result<Option<Charset>, SqlError> {
        if self.take_word("BINARY") || self.take_word("BYTE") {
            return Ok(Some(Charset::Binary));
        }
        if self.take_word("ASCII") {
            return Ok(Some(Charset::Latin1));
        }
        let has_long_form = (self.is_word_at(0, "CHARACTER") || self.is_word_at(0, "CHAR"))
            && self.is_word_at(1, "SET");
        if has_long_form {
            self.advance(2);
        } else if !self.take_word("CHARSET") {
            return Ok(None);
        }
        let charset = self.charset()?;
        let is_binary = self.take_word("BINARY");
        Ok(Some(if is_binary { Charset::Binary } else { charset }))
    }
}
