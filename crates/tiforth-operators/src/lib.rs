// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! The operators plans are made of.

#![forbid(unsafe_code)]
