// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Writes small numbers digit by digit.

use crate::digits::{pair, push_digits};

/// Writes `value` with at least `width` digits, zeros first.
pub(super) fn push_padded(value: u32, width: usize, out: &mut Vec<u8>) {
    match (width, value) {
        (2, 0..100) => out.extend_from_slice(&pair(value.into())),
        (4, 0..10_000) => out.extend_from_slice(&four(value)),
        _ => {
            let mut bound = 1u32;
            for _ in 1..width {
                bound = bound.saturating_mul(10);
                if value < bound {
                    out.push(b'0');
                }
            }
            push_digits(value.into(), out);
        }
    }
}

/// Returns the four digits of a number below 10,000, zeros first.
#[inline]
pub(super) fn four(value: u32) -> [u8; 4] {
    let [a, b] = pair(u64::from(value / 100));
    let [c, d] = pair(u64::from(value % 100));
    [a, b, c, d]
}

/// Returns the two digits of a number below 100, zeros first.
#[inline]
pub(super) fn two(value: u8) -> [u8; 2] {
    pair(value.into())
}

/// Writes `value` with as many digits as it needs.
pub(super) fn push_number(value: u32, out: &mut Vec<u8>) {
    push_padded(value, 1, out);
}

/// Writes `.` and the first `fsp` of six fraction digits; nothing if `fsp` is 0.
pub(super) fn push_fraction(micro: u32, fsp: u8, out: &mut Vec<u8>) {
    let fsp = u32::from(fsp.min(6));
    if fsp > 0 {
        out.push(b'.');
        push_padded(micro / 10u32.pow(6 - fsp), fsp as usize, out);
    }
}
