// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Converts between integers, doubles and text as TiDB does, each pair by one function with one
//! contract. Nothing here warns or fails: what was lost is part of the result, and the caller words
//! the warning or error its statement asks for.
//!
//! Source: TiDB `pkg/types/convert.go`, `pkg/expression/builtin_cast.go`, `pkg/server/internal/dump`;
//! MySQL manual, "Type Conversion in Expression Evaluation". Go's `strconv` decides how numbers print.

mod clip;
mod from_text;
mod prefix;
mod print;
mod round;

pub use clip::{Clipped, f64_to_i64, f64_to_u64, i64_to_u64, u64_to_i64};
pub use from_text::{
    CastInt, Parsed, SignChange, TextUse, cast_text_to_int, column_text_to_i64, column_text_to_u64,
    text_to_f64, text_to_i64, text_to_u64, whole_text_to_f64, whole_text_to_i64,
};
pub use prefix::{int_prefix, trim_space};
pub use print::{
    Decimals, constant_overflows, write_f32, write_f32_protocol, write_f64, write_f64_general,
    write_f64_protocol, write_i64, write_u64,
};
pub use round::{fit_double, round_double, round_half_even, truncate_double};

#[cfg(test)]
mod tests;
