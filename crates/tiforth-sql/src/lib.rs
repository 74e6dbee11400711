// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Reads MySQL expression text.

#![forbid(unsafe_code)]
