// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Test kit: vectors of the real TiDB, generators and a conformance harness.

#![forbid(unsafe_code)]
