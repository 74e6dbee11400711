// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Patterns: LIKE and ILIKE.

mod search;

family! {
    Function;
    like: LIKE, ILIKE;
}
