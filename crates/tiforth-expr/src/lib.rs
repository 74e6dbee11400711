// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! The language of what to compute.

#![forbid(unsafe_code)]

pub mod tree;
