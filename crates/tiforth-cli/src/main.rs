// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! The command `tiforth`.

#![forbid(unsafe_code)]

fn main() {}
