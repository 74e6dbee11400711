// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Holds a constant as it was written: its kind and its text.
//!
//! The text decides the type: `1.50` is DECIMAL(3,2), `1.5e0` DOUBLE, `0x41` a binary string that
//! is a number where a number is wanted (MySQL manual, "Literal Values"; TiDB
//! `pkg/parser/lexer.go`).

use tiforth_types::Charset;

/// Says what kind of constant a literal is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum LiteralKind {
    /// NULL.
    Null,
    /// TRUE or FALSE.
    Bool,
    /// Digits that fit 64 bits unsigned.
    Integer,
    /// Digits with a point, or more digits than 64 bits hold.
    Decimal,
    /// A number with an exponent.
    Float,
    /// A text, perhaps with a charset introducer.
    String,
    /// `x'41'` or `0x41`, perhaps with a charset introducer.
    Hex,
    /// `b'01'` or `0b01`, perhaps with a charset introducer.
    Bit,
    /// `DATE '…'` or `{d '…'}`.
    Date,
    /// `TIME '…'` or `{t '…'}`.
    Time,
    /// `TIMESTAMP '…'` or `{ts '…'}`.
    Timestamp,
}

/// Is a constant: its kind and its text.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Literal {
    kind: LiteralKind,
    text: Box<str>,
    charset: Option<Charset>,
}

impl Literal {
    /// Builds NULL.
    pub fn null() -> Self {
        Self::of(LiteralKind::Null, "")
    }

    /// Builds TRUE or FALSE.
    pub fn bool(value: bool) -> Self {
        Self::of(LiteralKind::Bool, if value { "1" } else { "0" })
    }

    /// Builds an unsigned integer; a sign is a call of `unaryminus` around it.
    pub fn integer(value: u64) -> Self {
        Self::of(LiteralKind::Integer, &value.to_string())
    }

    /// Builds the number that MySQL reads from `text`: digits, digits with a point, or either with
    /// an exponent, without a sign. Returns nothing where it is no such text.
    pub fn number(text: &str) -> Option<Self> {
        let (mantissa, exponent) = match text.find(['e', 'E']) {
            Some(at) => (text.get(..at)?, text.get(at + 1..)),
            None => (text, None),
        };
        let digits = mantissa.bytes().filter(u8::is_ascii_digit).count();
        let points = mantissa.bytes().filter(|b| *b == b'.').count();
        if digits == 0 || points > 1 || digits + points != mantissa.len() {
            return None;
        }
        if let Some(exponent) = exponent {
            let unsigned = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            let is_number = !unsigned.is_empty() && unsigned.bytes().all(|b| b.is_ascii_digit());
            return is_number.then(|| Self::of(LiteralKind::Float, text));
        }
        let is_integer = points == 0 && mantissa.parse::<u64>().is_ok();
        Some(Self::of(if is_integer { LiteralKind::Integer } else { LiteralKind::Decimal }, text))
    }

    /// Builds the DOUBLE of `value`'s magnitude, in the shortest text that reads back as the same;
    /// an infinity or NaN becomes a text that the binder refuses.
    pub fn float(value: f64) -> Self {
        Self::of(LiteralKind::Float, &format!("{:e}", value.abs()))
    }

    /// Builds a text of the connection's charset.
    pub fn string(value: &str) -> Self {
        Self::of(LiteralKind::String, value)
    }

    /// Builds a binary string from hex digits: `41` for `x'41'` and `0x41`. An odd number of digits
    /// is completed on the left. Returns nothing where a character is no hex digit.
    pub fn hex(digits: &str) -> Option<Self> {
        if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        let padding = if digits.len() % 2 == 1 { "0" } else { "" };
        Some(Self::of(LiteralKind::Hex, &format!("{padding}{digits}")))
    }

    /// Builds a binary string from its bytes.
    pub fn bytes_of(value: &[u8]) -> Self {
        let digits: String = value.iter().map(|b| format!("{b:02X}")).collect();
        Self::of(LiteralKind::Hex, &digits)
    }

    /// Builds a binary string from binary digits: `01` for `b'01'` and `0b01`. Returns nothing
    /// where a character is neither 0 nor 1.
    pub fn bit(digits: &str) -> Option<Self> {
        let is_valid = digits.bytes().all(|b| matches!(b, b'0' | b'1'));
        is_valid.then(|| Self::of(LiteralKind::Bit, digits))
    }

    /// Builds `DATE 'text'`.
    pub fn date(text: &str) -> Self {
        Self::of(LiteralKind::Date, text)
    }

    /// Builds `TIME 'text'`.
    pub fn time(text: &str) -> Self {
        Self::of(LiteralKind::Time, text)
    }

    /// Builds `TIMESTAMP 'text'`.
    pub fn timestamp(text: &str) -> Self {
        Self::of(LiteralKind::Timestamp, text)
    }

    /// Gives a text, hex or bit literal the charset of an introducer: `_latin1'a'`. Other kinds
    /// stay as they are.
    pub fn introduced_by(mut self, charset: Charset) -> Self {
        if matches!(self.kind, LiteralKind::String | LiteralKind::Hex | LiteralKind::Bit) {
            self.charset = Some(charset);
        }
        self
    }

    /// Returns the kind.
    pub fn kind(&self) -> LiteralKind {
        self.kind
    }

    /// Returns the text: a number as written; the value of a string, without quotes and escapes;
    /// the digits of a hex (an even number) or bit literal; what stands in the quotes of a temporal
    /// one; `1` or `0` for a Bool; nothing for NULL.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the charset an introducer named.
    pub fn charset(&self) -> Option<Charset> {
        self.charset
    }

    /// Returns the bytes of a hex or bit literal, most significant first; those of the text of any
    /// other kind.
    pub fn bytes(&self) -> Vec<u8> {
        match self.kind {
            LiteralKind::Hex => {
                let digit = |b: u8| char::from(b).to_digit(16).unwrap_or(0);
                let pair = |p: &[u8]| p.iter().fold(0, |n, b| n * 16 + digit(*b));
                let bytes = self.text.as_bytes().chunks(2).map(pair);
                bytes.filter_map(|n| u8::try_from(n).ok()).collect()
            }
            LiteralKind::Bit => {
                let byte = |p: &[u8]| p.iter().fold(0u16, |n, b| n * 2 + u16::from(*b == b'1'));
                let bytes = self.text.as_bytes().rchunks(8).rev().map(byte);
                bytes.filter_map(|n| u8::try_from(n).ok()).collect()
            }
            _ => self.text.as_bytes().to_vec(),
        }
    }

    fn of(kind: LiteralKind, text: &str) -> Self {
        Literal { kind, text: text.into(), charset: None }
    }
}

impl From<bool> for Literal {
    fn from(value: bool) -> Self {
        Self::bool(value)
    }
}

impl From<&str> for Literal {
    fn from(value: &str) -> Self {
        Self::string(value)
    }
}

impl From<u64> for Literal {
    fn from(value: u64) -> Self {
        Self::integer(value)
    }
}
