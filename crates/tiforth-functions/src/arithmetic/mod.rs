// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Arithmetic: `+`, `-`, `*`, `/`, `DIV`, `%`, unary minus.

mod plus;

use tiforth_expr::Function;

/// Lists the family.
pub(crate) const FUNCTIONS: &[&Function] = &[&plus::PLUS];
