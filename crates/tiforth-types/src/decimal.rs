// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Computes with decimals of up to 81 digits as TiDB does, hidden digits included.

/// Is a decimal number.
#[derive(Clone, Copy, Debug)]
pub struct Decimal {
    words: [u32; 9],
    negative: bool,
    scale: u8,
    printed_scale: u8,
}
