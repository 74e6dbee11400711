// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Gives exactly the answers TiDB gives, over Arrow data, inside your process.

#![forbid(unsafe_code)]
