// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Control flow: what evaluates only the branch a row takes.
//!
//! | file | holds |
//! |---|---|
//! | `case`, `choice` | CASE; IF, IFNULL and NULLIF |
//! | `coalesce` | COALESCE |
//! | `merge` | the type two branches have together |
//! | `unify` | the type a call's branches have together, and the conversions to it |
//! | `branches` | puts the branches' values together |

pub(crate) mod branches;
pub(crate) mod merge;
pub(crate) mod unify;

family! {
    Function;
    choice: IF, IFNULL, NULLIF;
    case: CASE;
    coalesce: COALESCE;
}
