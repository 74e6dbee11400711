// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Says how values lie in memory.
