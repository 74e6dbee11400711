// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Cuts a text into words, literals and symbols.
//!
//! Source: MySQL manual, "Literal Values", "Schema Object Names", "Comments"; TiDB
//! `pkg/parser/lexer.go`. The content of `/*! … */` belongs to the text, as it does in MySQL.

use tiforth_expr::tree::Literal;
use tiforth_types::{SqlError, SqlMode};

use crate::error::{illegal_double, syntax_error};

/// Is a piece of the text.
#[derive(Clone, Debug)]
pub(crate) struct Token<'a> {
    pub(crate) kind: Kind<'a>,
    /// The bytes of the text it takes.
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// Says what a piece of the text is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind<'a> {
    /// A keyword or an unquoted name.
    Word(&'a str),
    /// A name in quotes.
    Quoted(Box<str>),
    /// The value of a text literal.
    String(Box<str>),
    /// A number without sign.
    Number(Literal),
    /// A hex or bit literal.
    Binary(Literal),
    /// An operator or punctuation.
    Symbol(&'static str),
    /// The end of the text.
    End,
}

/// Lists the symbols, longer ones before those they start with.
const SYMBOLS: &[&str] = &[
    "<=>", "->>", "->", "<=", "<>", "<<", ">=", ">>", "!=", "&&", "||", "<", ">", "!", "&", "|",
    "-", "+", "*", "/", "%", "^", "~", "=", "(", ")", ",", ".", "{", "}",
];

/// Cuts the whole text; the last token is [`Kind::End`].
pub(crate) fn tokens(text: &str, mode: SqlMode) -> Result<Vec<Token<'_>>, SqlError> {
    let mut lexer = Lexer { text, at: 0, mode, in_bang_comment: false, after_name_dot: false };
    let mut tokens: Vec<Token<'_>> = Vec::new();
    loop {
        lexer.skip_blanks()?;
        let start = lexer.at;
        let kind = lexer.token()?;
        let is_name = matches!(kind, Kind::Word(_) | Kind::Quoted(_));
        let is_dot = kind == Kind::Symbol(".");
        let follows_name =
            tokens.last().is_some_and(|t| matches!(t.kind, Kind::Word(_) | Kind::Quoted(_)));
        lexer.after_name_dot = (is_dot && follows_name) || (is_name && lexer.peek() == Some(b'.'));
        let is_end = kind == Kind::End;
        tokens.push(Token { kind, start, end: lexer.at });
        if is_end {
            return Ok(tokens);
        }
    }
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    mode: SqlMode,
    /// Whether a `*/` ends nothing but a `/*!` before it.
    in_bang_comment: bool,
    /// Whether the last token ended a name that a dot follows, or was that dot: then digits are
    /// names.
    after_name_dot: bool,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn peek(&self) -> Option<u8> {
        self.rest().bytes().next()
    }

    fn wrong(&self, at: usize) -> SqlError {
        syntax_error(self.text, at)
    }

    /// Moves on while `keep` holds and returns what was passed.
    fn take_while(&mut self, keep: impl Fn(u8) -> bool) -> &'a str {
        let rest = self.rest();
        let length = rest.bytes().position(|b| !keep(b)).unwrap_or(rest.len());
        self.at += length;
        rest.get(..length).unwrap_or("")
    }

    fn skip_blanks(&mut self) -> Result<(), SqlError> {
        loop {
            self.take_while(|b| b.is_ascii_whitespace() || b == 0x0b);
            let rest = self.rest();
            let is_dash_comment = rest.strip_prefix("--").is_some_and(|after| {
                after.bytes().next().is_none_or(|b| b.is_ascii_whitespace() || b == 0x0b)
            });
            if rest.starts_with('#') || is_dash_comment {
                self.take_while(|b| b != b'\n');
            } else if let Some(version) = rest.strip_prefix("/*!") {
                let digits = version.bytes().take(5).take_while(u8::is_ascii_digit).count();
                self.at += 3 + if digits == 5 { 5 } else { 0 };
                self.in_bang_comment = true;
            } else if self.in_bang_comment && rest.starts_with("*/") {
                self.at += 2;
                self.in_bang_comment = false;
            } else if let Some(comment) = rest.strip_prefix("/*") {
                let end = comment.find("*/").ok_or_else(|| self.wrong(self.at))?;
                self.at += 2 + end + 2;
            } else {
                return Ok(());
            }
        }
    }

    fn token(&mut self) -> Result<Kind<'a>, SqlError> {
        let rest = self.rest();
        let mut bytes = rest.bytes();
        let Some(byte) = bytes.next() else { return Ok(Kind::End) };
        let next = bytes.next();
        let is_digit = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_digit());
        match (byte, next) {
            (b'\'', _) => self.quoted('\'').map(Kind::String),
            (b'"', _) if self.mode.has(SqlMode::ANSI_QUOTES) => self.quoted('"').map(Kind::Quoted),
            (b'"', _) => self.quoted('"').map(Kind::String),
            (b'`', _) => self.quoted('`').map(Kind::Quoted),
            (b'x' | b'X', Some(b'\'')) => self.binary_in_quotes(Literal::hex, true),
            (b'b' | b'B', Some(b'\'')) => self.binary_in_quotes(Literal::bit, false),
            (b'n' | b'N', Some(b'\'')) => {
                self.at += 1;
                Ok(Kind::Word("_utf8"))
            }
            (b'\\', Some(b'N')) => {
                self.at += 2;
                Ok(Kind::Word("NULL"))
            }
            (b'.', digit) if is_digit(digit) && !self.after_name_dot => self.number(),
            _ if byte.is_ascii_digit() && !self.after_name_dot => self.number(),
            _ if is_word_byte(byte) => Ok(Kind::Word(self.take_while(is_word_byte))),
            _ => {
                let symbol = SYMBOLS.iter().find(|s| rest.starts_with(**s));
                let symbol = symbol.ok_or_else(|| self.wrong(self.at))?;
                self.at += symbol.len();
                Ok(Kind::Symbol(symbol))
            }
        }
    }

    /// Reads a quoted text from its opening quote; a doubled quote stands for one.
    fn quoted(&mut self, quote: char) -> Result<Box<str>, SqlError> {
        let start = self.at;
        let has_escapes = quote != '`'
            && !self.mode.has(SqlMode::NO_BACKSLASH_ESCAPES)
            && !(quote == '"' && self.mode.has(SqlMode::ANSI_QUOTES));
        let mut value = String::new();
        let mut chars = self.rest().char_indices().skip(1).peekable();
        while let Some((offset, c)) = chars.next() {
            if c == quote {
                if chars.next_if(|(_, next)| *next == quote).is_some() {
                    value.push(quote);
                    continue;
                }
                self.at = start + offset + c.len_utf8();
                return Ok(value.into_boxed_str());
            }
            if c == '\\' && has_escapes {
                match chars.next() {
                    Some((_, escaped)) => push_escaped(&mut value, escaped),
                    None => break,
                }
                continue;
            }
            value.push(c);
        }
        Err(self.wrong(start))
    }

    /// Reads `x'…'` or `b'…'` from its letter.
    fn binary_in_quotes(
        &mut self,
        make: fn(&str) -> Option<Literal>,
        needs_pairs: bool,
    ) -> Result<Kind<'a>, SqlError> {
        let start = self.at;
        let body = self.rest().get(2..).unwrap_or("");
        let digits = body.find('\'').and_then(|end| body.get(..end));
        let digits = digits.filter(|d| !needs_pairs || d.len() % 2 == 0);
        let literal = digits.and_then(|d| Some((make(d)?, d.len())));
        let (literal, length) = literal.ok_or_else(|| self.wrong(start))?;
        self.at += 2 + length + 1;
        Ok(Kind::Binary(literal))
    }

    /// Reads what starts with a digit, or a dot and a digit: a number, or a name such as `1a`.
    fn number(&mut self) -> Result<Kind<'a>, SqlError> {
        let start = self.at;
        let rest = self.rest();
        let word_length = rest.bytes().take_while(|b| is_word_byte(*b)).count();
        let word = rest.get(..word_length).unwrap_or("");
        if let Some(literal) = prefixed_binary(word) {
            self.at += word_length;
            return Ok(Kind::Binary(literal));
        }
        self.take_while(|b| b.is_ascii_digit());
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.take_while(|b| b.is_ascii_digit());
        } else if self.peek().is_some_and(|b| is_word_byte(b) && !matches!(b, b'e' | b'E')) {
            self.at = start + word_length;
            return Ok(Kind::Word(word));
        }
        if self.peek().is_some_and(|b| matches!(b, b'e' | b'E')) {
            let before = self.at;
            self.at += 1;
            if self.peek().is_some_and(|b| matches!(b, b'+' | b'-')) {
                self.at += 1;
            }
            if self.take_while(|b| b.is_ascii_digit()).is_empty() {
                // `1est` is a name; the dot of `1.5est` ends a number.
                let is_name = word_length > before - start;
                self.at = if is_name { start + word_length } else { before };
                if is_name {
                    return Ok(Kind::Word(word));
                }
            }
        }
        let text = self.text.get(start..self.at).unwrap_or("");
        if text.contains(['e', 'E']) && !text.parse::<f64>().is_ok_and(f64::is_finite) {
            return Err(illegal_double(text));
        }
        Literal::number(text).map(Kind::Number).ok_or_else(|| self.wrong(start))
    }
}

/// Reads `0x41` and `0b01`; with any other digit such a word is a name.
fn prefixed_binary(word: &str) -> Option<Literal> {
    if let Some(digits) = word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")) {
        return Literal::hex(digits).filter(|_| !digits.is_empty());
    }
    let digits = word.strip_prefix("0b")?;
    Literal::bit(digits).filter(|_| !digits.is_empty())
}

/// Appends what a backslash and `escaped` stand for. `\%` and `\_` keep their backslash: they mean
/// something to LIKE.
fn push_escaped(value: &mut String, escaped: char) {
    match escaped {
        '0' => value.push('\0'),
        'b' => value.push('\u{8}'),
        'n' => value.push('\n'),
        'r' => value.push('\r'),
        't' => value.push('\t'),
        'Z' => value.push('\u{1a}'),
        '%' | '_' => {
            value.push('\\');
            value.push(escaped);
        }
        other => value.push(other),
    }
}

fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}
