// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Keeps the rows for which a predicate is true.
//!
//! The predicate's conjuncts are evaluated one after another, each only for the rows the ones before
//! it left, as TiDB does (`VectorizedFilter`); NULL counts as false. Comparisons of columns and
//! constants that neither warn nor fail for any row are computed for whole columns, joined as bits and
//! listed once: for the rows left the answer is the same. The rows kept are handed on as a selection
//! over the very columns that came in. Holds no data.

mod pipe;
mod spec;

pub use spec::FilterSpec;

#[cfg(test)]
mod tests;
