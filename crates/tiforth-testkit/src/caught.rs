// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Turns panics into texts, so that one is counted and the rest goes on.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs `run`; a panic becomes its text.
///
/// # Errors
/// The text of the panic.
pub fn caught<T>(run: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(run)).map_err(|payload| {
        let text = payload
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| payload.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        text.unwrap_or_else(|| "a panic without a text".to_owned())
    })
}
