// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! The functions of SQL: one file a function or tight family, one constant an overload.
//!
//! Adding a function touches its own file and one line of its family's list.

#![forbid(unsafe_code)]

mod aggregate;
mod mantissas;

mod cast;

mod arithmetic;
mod bit;
mod comparison;
mod control;
mod logic;
mod math;
mod pattern;
mod temporal;
mod text;

use tiforth_expr::{Function, Registry};
use tiforth_types::Result;

/// Is one family of functions: they share a folder and a reference page.
type Family = &'static [&'static Function];

const FAMILIES: &[Family] = &[
    cast::FUNCTIONS,
    arithmetic::FUNCTIONS,
    bit::FUNCTIONS,
    comparison::FUNCTIONS,
    control::FUNCTIONS,
    logic::FUNCTIONS,
    math::FUNCTIONS,
    pattern::FUNCTIONS,
    temporal::FUNCTIONS,
    text::FUNCTIONS,
];

/// Builds the registry of all built-in functions.
///
/// # Errors
/// When two functions share a name, which the tests rule out.
pub fn registry() -> Result<Registry> {
    let mut registry = Registry::new(&cast::RULES);
    for function in FAMILIES.iter().flat_map(|family| family.iter()) {
        registry.add((*function).clone(), false)?;
    }
    for function in aggregate::AGGREGATES {
        registry.add_aggregate((*function).clone());
    }
    Ok(registry)
}

#[cfg(test)]
mod agreement;
#[cfg(test)]
mod tests;
