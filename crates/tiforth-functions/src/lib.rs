// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! The functions of SQL.

#![forbid(unsafe_code)]
