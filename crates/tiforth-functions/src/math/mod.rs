// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Mathematics.

use tiforth_expr::Function;

/// Lists the family.
pub(crate) const FUNCTIONS: &[&Function] = &[];
