// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Damages texts at random: what is nearly right reaches deeper than noise.

use crate::generate::Rng;

/// Damages a text in a few places; it stays text.
pub(super) fn damaged(rng: &mut Rng, text: &str, tokens: &[&str]) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    for _ in 0..rng.below(6) {
        let at = rng.below(letters.len() + 1);
        let end = (at + 1 + rng.below(23)).min(letters.len());
        let token: Vec<char> = rng.choose(tokens).map_or_else(Vec::new, |t| t.chars().collect());
        let (range, put) = match rng.below(5) {
            0 => (at..end, Vec::new()),
            1 => (at..at, letters.get(at..end).unwrap_or_default().to_vec()),
            2 => (at..at, token),
            3 => (at..end, token),
            _ => (at..at, token.repeat(2 + rng.below(198))),
        };
        letters.splice(range, put);
    }
    letters.into_iter().collect()
}
