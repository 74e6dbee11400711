// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Patterns: LIKE and ILIKE.

mod search;

mod like;

use tiforth_expr::Function;

/// Lists the family.
pub(crate) const FUNCTIONS: &[&Function] = &[&like::LIKE, &like::ILIKE];
