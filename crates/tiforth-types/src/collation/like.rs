// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Matches text against LIKE patterns.
//!
//! `%` stands for any text, `_` for one character (one byte of a binary string). What follows the
//! escape character is taken as it is; an escape character at the end is itself. Padding and weights
//! that span characters play no part: one character is matched with one character.
//!
//! A pattern of a `_bin` collation that has no `_` is searched for piece by piece as bytes, which is
//! exact in UTF-8: a whole character is found nowhere but where a character begins. So is a pattern of
//! a collation whose ASCII characters weigh as their upper case, in the upper case of an ASCII text. All
//! others go character by character; a mismatch goes back to the last `%` only, as an earlier one could
//! not do better, so the time is at most the product of the lengths.
//!
//! Source: TiDB `pkg/util/stringutil`, `pkg/util/collate`; MySQL manual, "String Comparison
//! Functions".

use memchr::memmem::Finder;

use super::Collation;
use super::list::{Entry, Like};
use super::order::{Order, same_bytes};
use super::utf8::{REPLACEMENT, decode};

/// Is a compiled LIKE pattern.
#[derive(Clone, Debug)]
pub struct LikePattern {
    plan: Plan,
}

#[derive(Clone, Debug)]
enum Plan {
    /// Texts between `%`.
    Pieces(Pieces),
    /// Bytes.
    Bytes(Box<[Token]>),
    /// Characters.
    Characters(Box<[Token]>),
    /// Characters, by weights; and what is searched for in the upper case of an ASCII text.
    Weights(Box<[Token]>, Collation, Option<Pieces>),
}

/// Is a pattern of `%` and texts: searched for as bytes.
#[derive(Clone, Debug)]
pub struct Pieces {
    /// What a text begins with, or the whole of it.
    first: Box<[u8]>,
    /// What it holds behind that, in this order; none where there is no `%`.
    middle: Option<Box<[Finder<'static>]>>,
    /// What it ends with behind that.
    last: Box<[u8]>,
}

/// Says how a pattern is searched for in many texts at once, which lie end to end.
#[derive(Clone, Copy, Debug)]
pub enum Search<'a> {
    /// In the bytes of any texts.
    Bytes(&'a Pieces),
    /// In the upper case of ASCII texts.
    UpperCase(&'a Pieces),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Token {
    Any,
    One,
    /// A unit of text of this code or class.
    Is(u64),
}

impl LikePattern {
    /// Compiles a pattern. `escape` is the escape character, if there is one.
    pub fn new(pattern: &[u8], escape: Option<u8>, collation: Collation) -> Self {
        let entry = collation.entry();
        let units = Units { rest: pattern, bytewise: entry.like == Like::Bytes };
        let tokens = parse(units, escape);
        if entry.like != Like::Weights
            && let Some(pieces) = Pieces::of(&tokens, entry.like == Like::Bytes)
        {
            return LikePattern { plan: Plan::Pieces(pieces) };
        }
        let plan = match (entry.like, table_of(entry)) {
            (Like::Bytes, _) => Plan::Bytes(tokens),
            (Like::Weights, Some(table)) => {
                let class = |token: &Token| match token {
                    Token::Is(code) => {
                        Token::Is(table.like_class(u32::try_from(*code).unwrap_or(REPLACEMENT)))
                    }
                    other => *other,
                };
                let pieces = match entry.order {
                    Order::Single(_) => in_upper_case(&tokens).and_then(|t| Pieces::of(&t, true)),
                    _ => None,
                };
                Plan::Weights(tokens.iter().map(class).collect(), collation, pieces)
            }
            (Like::Characters | Like::Weights, _) => Plan::Characters(tokens),
        };
        LikePattern { plan }
    }

    /// Tells whether the whole text matches.
    pub fn matches(&self, text: &[u8]) -> bool {
        match &self.plan {
            Plan::Pieces(pieces) => pieces.matches(text),
            Plan::Weights(_, _, Some(pieces)) if text.len() <= SHORT && text.is_ascii() => {
                let mut upper = [0; SHORT];
                let Some(upper) = upper.get_mut(..text.len()) else { return false };
                upper.copy_from_slice(text);
                upper.make_ascii_uppercase();
                pieces.matches(upper)
            }
            Plan::Bytes(tokens) => {
                matches_tokens(tokens, text, |text| text.first().map(|byte| (u64::from(*byte), 1)))
            }
            Plan::Characters(tokens) => matches_tokens(tokens, text, |text| {
                decode(text).map(|decoded| (u64::from(decoded.code_point), decoded.width))
            }),
            Plan::Weights(tokens, collation, _) => match table_of(collation.entry()) {
                Some(table) => matches_tokens(tokens, text, |text| {
                    decode(text)
                        .map(|decoded| (table.like_class(decoded.code_point), decoded.width))
                }),
                None => false,
            },
        }
    }
}

impl LikePattern {
    /// Says how the pattern is searched for in many texts at once, if it can be.
    pub fn search(&self) -> Option<Search<'_>> {
        match &self.plan {
            Plan::Pieces(pieces) => Some(Search::Bytes(pieces)),
            Plan::Weights(_, _, Some(pieces)) => Some(Search::UpperCase(pieces)),
            _ => None,
        }
    }
}

/// Is the greatest length of a text that is put into upper case to be searched.
const SHORT: usize = 128;

impl Pieces {
    /// Takes a pattern of `%` and texts only. A character that also stands for bytes that are no UTF-8
    /// has no bytes of its own.
    fn of(tokens: &[Token], bytewise: bool) -> Option<Pieces> {
        let mut pieces = vec![Vec::new()];
        for token in tokens {
            match token {
                Token::One => return None,
                Token::Any => pieces.push(Vec::new()),
                Token::Is(code) => {
                    let piece = pieces.last_mut()?;
                    match u8::try_from(*code) {
                        Ok(byte) if bytewise => piece.push(byte),
                        _ => {
                            let code = u32::try_from(*code).ok().filter(|c| *c != REPLACEMENT)?;
                            super::utf8::encode(code, piece);
                        }
                    }
                }
            }
        }
        let last = pieces.pop()?.into_boxed_slice();
        if pieces.is_empty() {
            return Some(Pieces { first: last, middle: None, last: Box::default() });
        }
        let mut pieces = pieces.into_iter();
        let first = pieces.next()?.into_boxed_slice();
        let middle = pieces.map(|piece| Finder::new(&piece).into_owned()).collect();
        Some(Pieces { first, middle: Some(middle), last })
    }

    /// Tells whether the whole text matches, byte by byte.
    pub fn matches(&self, text: &[u8]) -> bool {
        let Some(middle) = &self.middle else { return same_bytes(text, &self.first) };
        let Some(mut inner) = strip_ends(text, &self.first, &self.last) else { return false };
        middle.iter().all(|piece| match piece.find(inner) {
            Some(at) => {
                inner = inner.get(at + piece.needle().len()..).unwrap_or_default();
                true
            }
            None => false,
        })
    }

    /// Returns what a matching text begins with and what it ends with.
    pub fn ends(&self) -> (&[u8], &[u8]) {
        match &self.middle {
            Some(_) => (&self.first, &self.last),
            None => (&self.first, &self.first),
        }
    }

    /// Returns the longest piece a text has to hold somewhere, where neither its beginning nor its end
    /// says sooner that it does not match; and whether it matches if it holds that.
    pub fn held(&self) -> Option<(&Finder<'static>, bool)> {
        if !self.first.is_empty() || !self.last.is_empty() {
            return None;
        }
        let middle = self.middle.as_deref()?;
        let longest = middle.iter().max_by_key(|piece| piece.needle().len())?;
        Some((longest, middle.len() == 1))
    }
}

/// Puts an ASCII pattern into upper case.
fn in_upper_case(tokens: &[Token]) -> Option<Vec<Token>> {
    let upper = |token: &Token| match token {
        Token::Is(code) => {
            let byte = u8::try_from(*code).ok().filter(u8::is_ascii)?;
            Some(Token::Is(byte.to_ascii_uppercase().into()))
        }
        other => Some(*other),
    };
    tokens.iter().map(upper).collect()
}

/// Cuts what a text has to begin and to end with.
fn strip_ends<'a>(text: &'a [u8], first: &[u8], last: &[u8]) -> Option<&'a [u8]> {
    let rest = if first.is_empty() { text } else { text.strip_prefix(first)? };
    if last.is_empty() { Some(rest) } else { rest.strip_suffix(last) }
}

fn table_of(entry: &Entry) -> Option<&'static super::weights::WeightTable> {
    match entry.order {
        Order::Single(table) | Order::Narrow(table) | Order::Many(table) => Some(table),
        Order::Bytes | Order::Encoded(_) | Order::Unknown => None,
    }
}

/// Gives the codes of the characters, or bytes, of a pattern.
struct Units<'a> {
    rest: &'a [u8],
    bytewise: bool,
}

impl Iterator for Units<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let decoded = decode(self.rest)?;
        let (byte, rest) = self.rest.split_first()?;
        if self.bytewise {
            self.rest = rest;
            return Some(u32::from(*byte));
        }
        self.rest = self.rest.get(decoded.width..).unwrap_or_default();
        Some(decoded.code_point)
    }
}

fn parse(mut units: Units<'_>, escape: Option<u8>) -> Box<[Token]> {
    let escape = escape.map(u32::from);
    let mut tokens = Vec::with_capacity(units.rest.len());
    while let Some(unit) = units.next() {
        tokens.push(if Some(unit) == escape {
            Token::Is(units.next().unwrap_or(unit).into())
        } else if unit == u32::from(b'_') {
            Token::One
        } else if unit != u32::from(b'%') {
            Token::Is(unit.into())
        } else if tokens.last() == Some(&Token::Any) {
            continue;
        } else {
            Token::Any
        });
    }
    tokens.into_boxed_slice()
}

/// Matches unit by unit; `unit` gives the first unit of a text and its width.
#[inline]
fn matches_tokens(
    tokens: &[Token],
    text: &[u8],
    unit: impl Fn(&[u8]) -> Option<(u64, usize)>,
) -> bool {
    let (mut pattern, mut rest) = (tokens, text);
    // Where to go on after a mismatch: behind the last `%`, with one unit more under it.
    let mut retry: Option<(&[Token], &[u8])> = None;
    loop {
        let step = match pattern.split_first() {
            Some((Token::Any, [])) => return true,
            Some((Token::Any, after)) => {
                pattern = after;
                retry = Some((after, rest));
                continue;
            }
            Some((token, after)) => unit(rest).and_then(|(code, width)| {
                let fits = *token == Token::One || *token == Token::Is(code);
                fits.then(|| (after, rest.get(width..).unwrap_or_default()))
            }),
            None if rest.is_empty() => return true,
            None => None,
        };
        if let Some(next) = step {
            (pattern, rest) = next;
            continue;
        }
        let Some((after, from)) = retry else { return false };
        let Some((_, width)) = unit(from) else { return false };
        let from = from.get(width..).unwrap_or_default();
        retry = Some((after, from));
        (pattern, rest) = (after, from);
    }
}
