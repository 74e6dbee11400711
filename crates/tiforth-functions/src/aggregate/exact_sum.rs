// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Adds doubles without rounding, so that their order does not matter.
//!
//! A sum is an integer of 128 bits times a power of two while values lie within some 70 binary digits
//! of each other; else limbs for all digits a double may have.

use std::collections::BTreeMap;

/// Is the exponent of the least double above 0.
const LEAST: i32 = -1074;
/// Is how many zeros are kept below the first value's digits.
const BELOW: i32 = 37;
/// Is the number of bits a limb holds between carries.
const LIMB: i32 = 32;
/// Is the number of limbs: 2,098 bits for doubles, and some for their number.
const LIMBS: usize = 68;
/// Is how many values may be added before carries are brought up.
const CARRY_AFTER: u32 = 1 << 29;

/// Holds the sums of all groups.
#[derive(Default)]
pub(super) struct ExactSums {
    sums: Vec<Fixed>,
    wide: BTreeMap<usize, Wide>,
    /// The sums of what is not finite.
    special: BTreeMap<usize, f64>,
}

/// Is `mantissa` times two to the power `exponent`.
#[derive(Clone, Copy, Default)]
struct Fixed {
    mantissa: i128,
    exponent: i32,
}

impl ExactSums {
    /// Returns the bytes held.
    pub(super) fn byte_size(&self) -> usize {
        self.sums.capacity() * size_of::<Fixed>()
            + self.wide.len() * (size_of::<Wide>() + LIMBS * size_of::<i64>())
            + self.special.len() * size_of::<(usize, f64)>()
    }

    /// Tells whether nothing but 0 was added to a group.
    pub(super) fn is_zero(&self, group: usize) -> bool {
        self.sums.get(group).is_none_or(|sum| sum.mantissa == 0)
            && !self.wide.contains_key(&group)
            && !self.special.contains_key(&group)
    }

    /// Makes room for `groups` groups.
    pub(super) fn resize(&mut self, groups: usize) {
        self.sums.resize(groups, Fixed::default());
    }

    /// Adds a value to a group.
    pub(super) fn add(&mut self, group: usize, value: f64) {
        if !value.is_finite() {
            *self.special.entry(group).or_insert(0.0) += value;
            return;
        }
        let (mantissa, exponent) = parts(value);
        self.add_fixed(group, Fixed { mantissa: mantissa.into(), exponent });
    }

    /// Adds a group of other sums.
    pub(super) fn add_sum(&mut self, group: usize, other: &ExactSums, from: usize) {
        if let Some(&sum) = other.sums.get(from) {
            self.add_fixed(group, sum);
        }
        if let Some(wide) = other.wide.get(&from) {
            self.widened(group).add_wide(wide);
        }
        if let Some(value) = other.special.get(&from) {
            *self.special.entry(group).or_insert(0.0) += value;
        }
    }

    /// Returns a group's sum with two more values, rounded once.
    pub(super) fn rounded_with(&self, group: usize, more: [f64; 2]) -> f64 {
        let mut one = ExactSums::default();
        one.resize(1);
        one.add_sum(0, self, group);
        more.iter().for_each(|&value| one.add(0, value));
        if let Some(value) = one.special.get(&0) {
            return *value;
        }
        let sum = one.sums.first().copied().unwrap_or_default();
        match one.wide.is_empty().then(|| sum.rounded()).flatten() {
            Some(value) => value,
            None => one.widened(0).rounded(),
        }
    }

    fn add_fixed(&mut self, group: usize, more: Fixed) {
        if more.mantissa == 0 {
            return;
        }
        if let Some(wide) = self.wide.get_mut(&group) {
            wide.add(more);
            return;
        }
        let Some(sum) = self.sums.get_mut(group) else { return };
        match sum.plus(more) {
            Some(total) => *sum = total,
            None => self.widened(group).add(more),
        }
    }

    /// Returns the limbs of a group, into which its sum moves.
    fn widened(&mut self, group: usize) -> &mut Wide {
        let sum = self.sums.get_mut(group).map(std::mem::take).unwrap_or_default();
        let wide = self.wide.entry(group).or_default();
        wide.add(sum);
        wide
    }
}

/// Takes a finite double apart into a whole number and an exponent.
fn parts(value: f64) -> (i64, i32) {
    let bits = value.to_bits();
    let fraction = (bits & ((1 << 52) - 1)) as i64;
    let (mantissa, exponent) = match ((bits >> 52) & 0x7ff) as i32 {
        0 => (fraction, LEAST),
        exponent => (fraction | (1 << 52), exponent - 1 + LEAST),
    };
    (if value.is_sign_negative() { -mantissa } else { mantissa }, exponent)
}

impl Fixed {
    /// Returns the same number with a lower exponent, if it fits.
    fn lowered(self, exponent: i32) -> Option<Fixed> {
        let shift = u32::try_from(self.exponent - exponent).ok()?;
        let mantissa = self.mantissa.checked_shl(shift)?;
        (mantissa >> shift == self.mantissa).then_some(Fixed { mantissa, exponent })
    }

    fn plus(self, other: Fixed) -> Option<Fixed> {
        if self.mantissa == 0 {
            return other.lowered(other.exponent - BELOW).or(Some(other));
        }
        let exponent = self.exponent.min(other.exponent);
        let (a, b) = (self.lowered(exponent)?, other.lowered(exponent)?);
        Some(Fixed { mantissa: a.mantissa.checked_add(b.mantissa)?, exponent })
    }

    /// Rounds to the nearest double, if that is none of the least or greatest.
    fn rounded(self) -> Option<f64> {
        let digits = (u128::BITS - self.mantissa.unsigned_abs().leading_zeros()) as i32;
        if self.mantissa == 0 {
            return Some(0.0);
        }
        // Both factors are whole powers of two, and no product is subnormal or beyond the range.
        let is_plain = (-900..900).contains(&(digits + self.exponent));
        let (half, rest) = (self.exponent / 2, self.exponent - self.exponent / 2);
        is_plain.then(|| self.mantissa as f64 * power_of_two(half) * power_of_two(rest))
    }
}

/// Returns two to a power that is a plain double's.
fn power_of_two(exponent: i32) -> f64 {
    f64::from_bits(((exponent + 1023).clamp(1, 2046) as u64) << 52)
}

/// Holds a sum in limbs of 32 bits, the least first, each with a carry not brought up yet.
struct Wide {
    limbs: Vec<i64>,
    added: u32,
}

impl Default for Wide {
    fn default() -> Self {
        Wide { limbs: vec![0; LIMBS], added: 0 }
    }
}

impl Wide {
    fn add(&mut self, more: Fixed) {
        self.added += 1;
        if self.added >= CARRY_AFTER {
            self.carry();
        }
        // A sum that was lowered below the least double has zeros there.
        let (mut mantissa, mut exponent) = (more.mantissa, more.exponent - LEAST);
        if exponent < 0 {
            mantissa >>= exponent.unsigned_abs().min(127);
            exponent = 0;
        }
        let shift = exponent % LIMB;
        // In pieces, so that no bit is lost by the shift.
        let mut limb = (exponent / LIMB) as usize;
        while mantissa != 0 && mantissa != -1 {
            self.add_piece(limb, (mantissa & 0xffff_ffff) as i64, shift);
            mantissa >>= LIMB;
            limb += 1;
        }
        if mantissa == -1 {
            self.add_piece(limb, -1, shift);
        }
    }

    fn add_piece(&mut self, limb: usize, piece: i64, shift: i32) {
        let moved = i128::from(piece) << shift;
        if let Some(low) = self.limbs.get_mut(limb) {
            *low += (moved & 0xffff_ffff) as i64;
        }
        if let Some(high) = self.limbs.get_mut(limb + 1) {
            *high += (moved >> LIMB) as i64;
        }
    }

    fn add_wide(&mut self, other: &Wide) {
        self.carry();
        for (mine, theirs) in self.limbs.iter_mut().zip(other.carried()) {
            *mine += theirs;
        }
    }

    /// Returns the limbs with all carries brought up: only the last may be negative.
    fn carried(&self) -> Vec<i64> {
        let mut limbs = self.limbs.clone();
        let mut carry = 0;
        let last = limbs.len() - 1;
        for limb in limbs.iter_mut().take(last) {
            let total = *limb + carry;
            *limb = total & 0xffff_ffff;
            carry = total >> LIMB;
        }
        if let Some(limb) = limbs.last_mut() {
            *limb += carry;
        }
        limbs
    }

    fn carry(&mut self) {
        self.limbs = self.carried();
        self.added = 1;
    }

    /// Rounds to the nearest double, halves to the even one.
    fn rounded(&self) -> f64 {
        let mut limbs = self.carried();
        let is_negative = limbs.last().is_some_and(|&limb| limb < 0);
        if is_negative {
            limbs = Wide { limbs: limbs.iter().map(|&limb| -limb).collect(), added: 0 }.carried();
        }
        let Some(top) = limbs.iter().rposition(|&limb| limb != 0) else { return 0.0 };
        // The highest 128 bits, and whether anything is below.
        let low = top.saturating_sub(3);
        let digits = limbs.get(low..=top).unwrap_or_default();
        let number = digits.iter().rev().fold(0u128, |n, &limb| (n << LIMB) | limb as u128);
        let has_rest = limbs.get(..low).unwrap_or_default().iter().any(|&limb| limb != 0);
        let value = rounded(number, low as i32 * LIMB, has_rest);
        if is_negative { -value } else { value }
    }
}

/// Rounds `number` times two to the power `exponent` above the least double's.
fn rounded(number: u128, exponent: i32, has_rest: bool) -> f64 {
    let digits = (u128::BITS - number.leading_zeros()) as i32;
    let drop = (digits - 53).max(-exponent).max(0);
    let kept = number.checked_shr(drop as u32).unwrap_or(0) as u64;
    let rest = number - u128::from(kept).checked_shl(drop as u32).unwrap_or(0);
    let half = if drop == 0 { 0 } else { 1u128 << (drop - 1) };
    let is_up = drop > 0 && (rest > half || (rest == half && (has_rest || kept % 2 == 1)));
    let kept = kept + u64::from(is_up);
    // As `kept` has at most 53 bits and a place at or above the least double's, products are exact.
    let exponent = exponent + drop;
    let (half, more) = (exponent / 2, exponent - exponent / 2);
    kept as f64 * f64::from_bits(1) * power_of_two(half) * power_of_two(more)
}

#[cfg(test)]
mod tests;
