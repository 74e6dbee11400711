// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! The functions of SQL: one file a function or tight family, one constant an overload.
//!
//! Adding a function touches its own file and one line of its family's list. The lists declare the
//! files too, where `cargo fmt` does not see them: `scripts/format.sh` formats them with the rest.

#![forbid(unsafe_code)]

/// Declares the files of a family, a line each, and lists the functions these define.
///
/// `family! { Function; like: LIKE, ILIKE; }` is `mod like;` and
/// `FUNCTIONS: &[&Function] = &[&like::LIKE, &like::ILIKE]`. A file that defines no function, but
/// holds what others of the family need, is declared as ever.
macro_rules! family {
    ($kind:ident; $($file:ident: $($function:ident),+;)+) => {
        $(mod $file;)+

        /// Lists what the family's files define.
        pub(crate) const FUNCTIONS: &[&tiforth_expr::$kind] = &[$($(&$file::$function,)+)+];
    };
}

mod aggregate;
mod columns_first;
mod laid_out;
mod mantissas;

mod by_mantissas;

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
    for function in aggregate::FUNCTIONS {
        registry.add_aggregate((*function).clone());
    }
    Ok(registry)
}

#[cfg(test)]
mod agreement;
#[cfg(test)]
mod tests;
