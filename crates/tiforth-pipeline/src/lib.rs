// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! The language of when work may run.

#![forbid(unsafe_code)]
