// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Writes types as text and reads them back.
//!
//! The canonical text is MySQL's, in lower case and as short as it goes: `mediumint unsigned`,
//! `decimal(10,2)`, `datetime(3)`, `varbinary(64)`, `varchar(64) collate utf8mb4_general_ci`,
//! `enum('a','it''s') collate utf8mb4_bin`. What MySQL has no words for, because only computed
//! values have it, follows in ours: the kind `var_string`, and `length 22` or `decimals 31` where
//! they are not what the rest of the text implies. Every type reads back as it was written.
//!
//! Source: MySQL manual, "Data Types"; TiDB `pkg/parser/types/field_type.go`.

use std::fmt::{self, Write};
use std::str::FromStr;
use std::sync::Arc;

use super::{DECIMAL_PRECISION_MAX, DECIMAL_SCALE_MAX, FSP_MAX, SqlType, TypeKind, UNSPECIFIED};
use crate::collation::{Charset, Collation};
use crate::error::SqlError;

#[cfg(test)]
mod tests;

/// Is MySQL's names of types; the first of a kind is the canonical one. Of texts and bytes only
/// those of texts stand here, [`BYTES_NAMES`] has the others.
const NAMES: &[(&str, TypeKind)] = &[
    ("null", TypeKind::Null),
    ("tinyint", TypeKind::TinyInt),
    ("smallint", TypeKind::SmallInt),
    ("mediumint", TypeKind::MediumInt),
    ("int", TypeKind::Int),
    ("integer", TypeKind::Int),
    ("bigint", TypeKind::BigInt),
    ("year", TypeKind::Year),
    ("bit", TypeKind::Bit),
    ("float", TypeKind::Float),
    ("double", TypeKind::Double),
    ("real", TypeKind::Double),
    ("decimal", TypeKind::Decimal),
    ("numeric", TypeKind::Decimal),
    ("dec", TypeKind::Decimal),
    ("fixed", TypeKind::Decimal),
    ("date", TypeKind::Date),
    ("datetime", TypeKind::DateTime),
    ("timestamp", TypeKind::Timestamp),
    ("time", TypeKind::Time),
    ("char", TypeKind::Char),
    ("varchar", TypeKind::VarChar),
    ("var_string", TypeKind::VarString),
    ("tinytext", TypeKind::TinyBlob),
    ("text", TypeKind::Blob),
    ("mediumtext", TypeKind::MediumBlob),
    ("longtext", TypeKind::LongBlob),
    ("enum", TypeKind::Enum),
    ("set", TypeKind::Set),
    ("json", TypeKind::Json),
    ("vector", TypeKind::Vector),
];

const BYTES_NAMES: &[(&str, TypeKind)] = &[
    ("binary", TypeKind::Char),
    ("varbinary", TypeKind::VarChar),
    ("tinyblob", TypeKind::TinyBlob),
    ("blob", TypeKind::Blob),
    ("mediumblob", TypeKind::MediumBlob),
    ("longblob", TypeKind::LongBlob),
];

impl TypeKind {
    /// Returns MySQL's name of the kind, in lower case: of a kind of texts, or of bytes.
    pub fn name(self, is_bytes: bool) -> &'static str {
        let bytes = BYTES_NAMES.iter().filter(|_| is_bytes);
        bytes.chain(NAMES).find(|(_, kind)| *kind == self).map_or("null", |(name, _)| name)
    }

    /// Tells whether this is ENUM or SET.
    pub fn has_elements(self) -> bool {
        matches!(self, TypeKind::Enum | TypeKind::Set)
    }
}

impl SqlType {
    /// Builds the type a column declared as `kind` has where nothing but UNSIGNED is said: TiDB's
    /// display widths, which are smaller for unsigned integers. YEAR and BIT are unsigned always.
    pub fn declared(kind: TypeKind, unsigned: bool) -> Self {
        let mut ty = SqlType { unsigned, ..SqlType::new(kind) };
        match kind {
            TypeKind::TinyInt | TypeKind::SmallInt | TypeKind::MediumInt | TypeKind::Int => {
                ty.length -= i64::from(unsigned);
            }
            TypeKind::Year | TypeKind::Bit => ty.unsigned = true,
            TypeKind::VarChar => ty.length = i64::from(UNSPECIFIED),
            TypeKind::VarString => {
                ty.length = i64::from(UNSPECIFIED);
                ty.decimals = UNSPECIFIED;
            }
            _ => {}
        }
        ty
    }

    /// Returns the length the protocol describes a column of this type with: bytes of a text, and
    /// for a DECIMAL its digits, point and sign.
    pub fn protocol_length(&self) -> i64 {
        let per_char = i64::from(self.collation.charset().max_bytes_per_char());
        match self.kind {
            _ if self.length == i64::from(UNSPECIFIED) => self.length,
            TypeKind::Decimal => {
                self.length + i64::from(self.decimals > 0) + i64::from(!self.unsigned)
            }
            kind if kind.is_string() || kind.has_elements() => self.length.saturating_mul(per_char),
            _ => self.length,
        }
    }

    /// Says what the name and its parentheses imply, given the arguments.
    fn implied(kind: TypeKind, args: Args, elements: Option<Arc<[Box<str>]>>) -> SqlType {
        let mut ty = SqlType::declared(kind, false);
        if let Some(elements) = elements.as_ref().filter(|_| kind.has_elements()) {
            let lengths = elements.iter().map(|e| i64::try_from(e.len()).unwrap_or(i64::MAX));
            let commas = i64::try_from(elements.len()).map_or(0, |count| count.max(1) - 1);
            ty.length = match kind {
                TypeKind::Set => lengths.sum::<i64>() + commas,
                _ => lengths.max().unwrap_or(0),
            };
        }
        ty.elements = elements;
        match (kind, args) {
            (_, Args::None) => {}
            (TypeKind::DateTime | TypeKind::Timestamp | TypeKind::Time, Args::One(fsp)) => {
                ty.decimals = i32::try_from(fsp).unwrap_or(UNSPECIFIED);
                ty.length += if fsp > 0 { fsp + 1 } else { 0 };
            }
            (_, Args::One(length)) => ty.length = length,
            (_, Args::Two(length, decimals)) => {
                ty.length = length;
                ty.decimals = i32::try_from(decimals).unwrap_or(UNSPECIFIED);
            }
        }
        ty
    }

    /// Returns the arguments the canonical text shows.
    fn shown_args(&self) -> Args {
        let bare = SqlType::declared(self.kind, self.unsigned);
        let decimals = i64::from(self.decimals);
        match self.kind {
            TypeKind::DateTime | TypeKind::Timestamp | TypeKind::Time => match self.decimals {
                1..=FSP_MAX => Args::One(decimals),
                _ => Args::None,
            },
            TypeKind::Decimal | TypeKind::Float | TypeKind::Double => {
                let args = Args::Two(self.length, decimals);
                if are_valid(self.kind, args) { args } else { Args::None }
            }
            TypeKind::Enum | TypeKind::Set => Args::None,
            kind => {
                let args = Args::One(self.length);
                let is_always_shown = matches!(kind, TypeKind::Char | TypeKind::Bit);
                let is_shown = is_always_shown || self.length != bare.length;
                if is_shown && are_valid(kind, args) { args } else { Args::None }
            }
        }
    }
}

/// Is the numbers in a type's parentheses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Args {
    None,
    One(i64),
    Two(i64, i64),
}

/// Writes the canonical text; `{:#}` leaves out what MySQL has no words for, and does not read back.
impl fmt::Display for SqlType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named_kind = match self.kind {
            TypeKind::VarString if f.alternate() => TypeKind::VarChar,
            kind => kind,
        };
        f.write_str(named_kind.name(self.is_bytes()))?;
        let args = self.shown_args();
        match args {
            Args::None => {}
            Args::One(one) => write!(f, "({one})")?,
            Args::Two(one, two) => write!(f, "({one},{two})")?,
        }
        if let Some(elements) = self.elements.as_ref().filter(|_| self.kind.has_elements()) {
            f.write_char('(')?;
            for (at, element) in elements.iter().enumerate() {
                let comma = if at > 0 { "," } else { "" };
                write!(f, "{comma}'{}'", element.replace('\'', "''"))?;
            }
            f.write_char(')')?;
        }
        let mut implied = SqlType::implied(self.kind, args, self.elements.clone());
        if self.unsigned != implied.unsigned {
            f.write_str(if self.unsigned { " unsigned" } else { " signed" })?;
            implied.apply_sign(self.unsigned, args);
        }
        let has_collation = self.kind.is_string() || self.kind.has_elements();
        let is_told = self.is_bytes() && BYTES_NAMES.iter().any(|(_, kind)| *kind == named_kind);
        if !is_told && (has_collation || self.collation != Collation::BINARY) {
            write!(f, " collate {}", self.collation)?;
        }
        if f.alternate() {
            return Ok(());
        }
        if self.length != implied.length {
            write!(f, " length {}", self.length)?;
        }
        if self.decimals != implied.decimals {
            write!(f, " decimals {}", self.decimals)?;
        }
        Ok(())
    }
}

impl SqlType {
    fn apply_sign(&mut self, unsigned: bool, args: Args) {
        self.unsigned = unsigned;
        if args == Args::None && self.kind.is_integer() {
            self.length = SqlType::declared(self.kind, unsigned).length;
        }
    }
}

/// Reads the canonical text, and MySQL's longer forms: other names of a kind, CHARACTER SET, a text
/// whose collation follows from its charset or is TiDB's default. Words come in any case.
impl FromStr for SqlType {
    type Err = SqlError;

    fn from_str(text: &str) -> Result<Self, SqlError> {
        let mut words = Words { rest: text };
        read(&mut words).ok_or_else(|| SqlError::other(format!("Unknown SQL type '{text}'")))
    }
}

fn read(words: &mut Words<'_>) -> Option<SqlType> {
    let name = words.word()?;
    if name.eq_ignore_ascii_case("double") {
        words.take("precision");
    }
    let finds = |(known, _): &&(&str, TypeKind)| known.eq_ignore_ascii_case(name);
    let bytes_name = BYTES_NAMES.iter().find(finds);
    let (mut kind, default_args) = match bytes_name.or_else(|| NAMES.iter().find(finds)) {
        Some((_, kind)) => (*kind, Args::None),
        None if name.eq_ignore_ascii_case("bool") || name.eq_ignore_ascii_case("boolean") => {
            (TypeKind::TinyInt, Args::One(1))
        }
        None => return None,
    };
    let elements = if kind.has_elements() { words.elements()? } else { None };
    let mut args = if elements.is_some() { Args::None } else { words.args()? };
    if let (TypeKind::Float, Args::One(precision)) = (kind, args) {
        // The digits choose between the two kinds, and are gone.
        kind = if precision <= 24 { kind } else { TypeKind::Double };
        args = if (0..=53).contains(&precision) { Args::None } else { return None };
    }
    if !are_valid(kind, args) {
        return None;
    }
    let args = if args == Args::None { default_args } else { args };
    let mut ty = SqlType::implied(kind, args, elements);
    read_attributes(words, &mut ty, args, bytes_name.is_some())?;
    Some(ty)
}

fn are_valid(kind: TypeKind, args: Args) -> bool {
    match (kind, args) {
        (_, Args::None) => true,
        (TypeKind::Decimal, Args::One(precision)) => {
            (0..=i64::from(DECIMAL_PRECISION_MAX)).contains(&precision)
        }
        (TypeKind::Decimal, Args::Two(precision, scale)) => {
            (0..=i64::from(DECIMAL_PRECISION_MAX)).contains(&precision)
                && (0..=i64::from(DECIMAL_SCALE_MAX)).contains(&scale)
        }
        (TypeKind::Float | TypeKind::Double, Args::Two(length, decimals)) => {
            (0..=255).contains(&length) && (0..=i64::from(DECIMAL_SCALE_MAX)).contains(&decimals)
        }
        (TypeKind::DateTime | TypeKind::Timestamp | TypeKind::Time, Args::One(fsp)) => {
            (0..=i64::from(FSP_MAX)).contains(&fsp)
        }
        (TypeKind::Bit, Args::One(bits)) => (1..=64).contains(&bits),
        (TypeKind::Null | TypeKind::Double | TypeKind::Date | TypeKind::Json, _) => false,
        (_, Args::One(length)) => length >= 0,
        (_, Args::Two(..)) => false,
    }
}

fn read_attributes(
    words: &mut Words<'_>,
    ty: &mut SqlType,
    args: Args,
    is_bytes: bool,
) -> Option<()> {
    let has_collation = ty.kind.is_string() || ty.kind.has_elements();
    let is_numeric = ty.kind.is_numeric();
    if is_numeric && words.take("unsigned") {
        ty.apply_sign(true, args);
    } else if ty.kind.is_string() && words.take("unsigned") {
        // What hex literals give may be.
        ty.unsigned = true;
    } else if is_numeric && words.take("signed") {
        ty.apply_sign(false, args);
    }
    let mut charset = None;
    if words.take("charset") || (words.take("character") && words.take("set")) {
        let known = Charset::from_name(words.word()?)?;
        charset = Some(known).filter(|_| has_collation && !is_bytes);
        charset?;
    }
    let default = charset.unwrap_or(match is_bytes || !has_collation {
        true => Charset::Binary,
        false => Charset::Utf8mb4,
    });
    ty.collation = default.default_collation();
    if words.take("collate") {
        ty.collation = Collation::from_name(words.word()?)?;
        let contradicts = charset.is_some_and(|charset| ty.collation.charset() != charset);
        if contradicts || (is_bytes && ty.collation != Collation::BINARY) {
            return None;
        }
    }
    if words.take("length") {
        ty.length = words.number()?;
    }
    if words.take("decimals") {
        ty.decimals = i32::try_from(words.number()?).ok()?;
    }
    words.rest.trim_ascii().is_empty().then_some(())
}

/// Takes words, numbers and quoted texts off the front of a type's text.
struct Words<'a> {
    rest: &'a str,
}

impl<'a> Words<'a> {
    /// Takes a name or keyword.
    fn word(&mut self) -> Option<&'a str> {
        let text = self.rest.trim_ascii_start();
        let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let (word, rest) = text.split_at_checked(end.unwrap_or(text.len()))?;
        self.rest = rest;
        (!word.is_empty()).then_some(word)
    }

    /// Takes the next word if it is `keyword`.
    fn take(&mut self, keyword: &str) -> bool {
        let before = self.rest;
        let taken = self.word().is_some_and(|word| word.eq_ignore_ascii_case(keyword));
        if !taken {
            self.rest = before;
        }
        taken
    }

    fn symbol(&mut self, symbol: char) -> bool {
        let rest = self.rest.trim_ascii_start().strip_prefix(symbol);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn number(&mut self) -> Option<i64> {
        let negative = self.symbol('-');
        let number: i64 = self.word()?.parse().ok()?;
        Some(if negative { -number } else { number })
    }

    /// Takes `(1)` or `(1,2)`, if there is a parenthesis.
    fn args(&mut self) -> Option<Args> {
        if !self.symbol('(') {
            return Some(Args::None);
        }
        let one = self.number()?;
        let args = if self.symbol(',') { Args::Two(one, self.number()?) } else { Args::One(one) };
        self.symbol(')').then_some(args)
    }

    /// Takes `('a','b')`, if there is a parenthesis. Members lose trailing spaces, as MySQL's do.
    fn elements(&mut self) -> Option<Option<Arc<[Box<str>]>>> {
        if !self.symbol('(') {
            return Some(None);
        }
        let mut elements: Vec<Box<str>> = Vec::new();
        loop {
            elements.push(self.quoted()?.trim_end_matches(' ').into());
            if self.symbol(')') {
                return Some(Some(elements.into()));
            }
            if !self.symbol(',') {
                return None;
            }
        }
    }

    /// Takes a quoted text, in which a quote is doubled.
    fn quoted(&mut self) -> Option<String> {
        if !self.symbol('\'') {
            return None;
        }
        let mut text = String::new();
        loop {
            let (part, rest) = self.rest.split_once('\'')?;
            text.push_str(part);
            self.rest = rest;
            match rest.strip_prefix('\'') {
                Some(rest) => {
                    text.push('\'');
                    self.rest = rest;
                }
                None => return Some(text),
            }
        }
    }
}
