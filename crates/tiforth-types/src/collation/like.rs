// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Matches text against LIKE patterns.
//!
//! `%` stands for any text, `_` for one character (one byte of a binary string). What follows the
//! escape character is taken as it is; an escape character at the end is itself. Padding and weights
//! that span characters play no part: one character is matched with one character.
//!
//! A pattern of a `_bin` collation that has no `_` is searched for piece by piece as bytes, which is
//! exact in UTF-8: a whole character is found nowhere but where a character begins. All others go
//! character by character; a mismatch goes back to the last `%` only, as an earlier one could not do
//! better, so the time is at most the product of the lengths.
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
    /// Texts between `%`: the first at the start, the last at the end, the others in between.
    Pieces { first: Box<[u8]>, middle: Box<[Finder<'static>]>, last: Box<[u8]> },
    /// One text without `%`.
    Exact(Box<[u8]>),
    /// Bytes.
    Bytes(Box<[Token]>),
    /// Characters.
    Characters(Box<[Token]>),
    /// Characters, by weights.
    Weights(Box<[Token]>, Collation),
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
            && let Some(plan) = pieces(&tokens, entry.like == Like::Bytes)
        {
            return LikePattern { plan };
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
                Plan::Weights(tokens.iter().map(class).collect(), collation)
            }
            (Like::Characters | Like::Weights, _) => Plan::Characters(tokens),
        };
        LikePattern { plan }
    }

    /// Tells whether the whole text matches.
    pub fn matches(&self, text: &[u8]) -> bool {
        match &self.plan {
            Plan::Exact(whole) => same_bytes(text, whole),
            Plan::Pieces { first, middle, last } => {
                let Some(mut inner) = strip_ends(text, first, last) else { return false };
                middle.iter().all(|piece| match piece.find(inner) {
                    Some(at) => {
                        inner = inner.get(at + piece.needle().len()..).unwrap_or_default();
                        true
                    }
                    None => false,
                })
            }
            Plan::Bytes(tokens) => {
                matches_tokens(tokens, text, |text| text.first().map(|byte| (u64::from(*byte), 1)))
            }
            Plan::Characters(tokens) => matches_tokens(tokens, text, |text| {
                decode(text).map(|decoded| (u64::from(decoded.code_point), decoded.width))
            }),
            Plan::Weights(tokens, collation) => match table_of(collation.entry()) {
                Some(table) => matches_tokens(tokens, text, |text| {
                    decode(text)
                        .map(|decoded| (table.like_class(decoded.code_point), decoded.width))
                }),
                None => false,
            },
        }
    }
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

/// Makes the plan that searches for bytes, where the pattern is made of `%` and texts only. A
/// character that also stands for bytes that are no UTF-8 has no bytes of its own.
fn pieces(tokens: &[Token], bytewise: bool) -> Option<Plan> {
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
                        let code = u32::try_from(*code).ok().filter(|code| *code != REPLACEMENT)?;
                        super::utf8::encode(code, piece);
                    }
                }
            }
        }
    }
    let last = pieces.pop()?.into_boxed_slice();
    if pieces.is_empty() {
        return Some(Plan::Exact(last));
    }
    let mut pieces = pieces.into_iter();
    let first = pieces.next()?.into_boxed_slice();
    let middle = pieces.map(|piece| Finder::new(&piece).into_owned()).collect();
    Some(Plan::Pieces { first, middle, last })
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
