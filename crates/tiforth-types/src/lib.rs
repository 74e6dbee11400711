// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Says what a SQL value means.

#![forbid(unsafe_code)]
