// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Writes small numbers digit by digit.

/// Writes `value` with at least `width` digits, zeros first.
pub(super) fn push_padded(value: u32, width: usize, out: &mut Vec<u8>) {
    let mut digits = [b'0'; 10];
    let mut at = digits.len();
    let mut rest = value;
    for slot in digits.iter_mut().rev() {
        *slot = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
        at -= 1;
        if rest == 0 {
            break;
        }
    }
    let start = at.min(digits.len().saturating_sub(width));
    out.extend_from_slice(digits.get(start..).unwrap_or_default());
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
