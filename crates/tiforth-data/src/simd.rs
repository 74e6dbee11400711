// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Runs one loop compiled for the processor at hand.
//!
//! A kernel is a closure around plain loops over slices. [`dispatch`] holds it three times: for the
//! baseline of the target, for AVX2 and for AVX-512, and calls the best the processor has; the
//! library needs no `target-cpu` flag. The closure must be inlined into each, so it is written
//! with the attribute:
//!
//! ```
//! let (a, b, mut sum) = ([1i64, 2, 3], [10i64, 20, 30], [0i64; 3]);
//! tiforth_data::simd::dispatch(
//!     #[inline(always)]
//!     || {
//!         for ((s, a), b) in sum.iter_mut().zip(&a).zip(&b) {
//!             *s = a.wrapping_add(*b);
//!         }
//!     },
//! );
//! assert_eq!(sum, [11, 22, 33]);
//! ```
//!
//! Functions the closure calls must be `#[inline]` and small, or they run as baseline code. Loops write
//! into slices: what `collect` calls inside is not compiled again. [`mapped`] and [`scanned`] are such
//! loops, over memory nobody had to clear before.

#![expect(
    unsafe_code,
    reason = "calls functions compiled for features checked at run time; new values need no zeros \
              under them"
)]

/// Names the code paths a kernel is compiled for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Level {
    /// What the compiled target guarantees.
    Baseline,
    /// 256-bit vectors (x86-64-v3).
    Avx2,
    /// 512-bit vectors (x86-64-v4).
    Avx512,
}

/// Returns the best level the processor has; the answer is cached by the standard library.
#[inline]
pub fn level() -> Level {
    #[cfg(target_arch = "x86_64")]
    {
        if std::arch::is_x86_feature_detected!("avx512f")
            && std::arch::is_x86_feature_detected!("avx512bw")
            && std::arch::is_x86_feature_detected!("avx512dq")
            && std::arch::is_x86_feature_detected!("avx512vl")
            && std::arch::is_x86_feature_detected!("avx512cd")
            && has_avx2()
        {
            return Level::Avx512;
        }
        if has_avx2() {
            return Level::Avx2;
        }
    }
    Level::Baseline
}

#[cfg(target_arch = "x86_64")]
#[inline]
fn has_avx2() -> bool {
    std::arch::is_x86_feature_detected!("avx2")
        && std::arch::is_x86_feature_detected!("fma")
        && std::arch::is_x86_feature_detected!("bmi1")
        && std::arch::is_x86_feature_detected!("bmi2")
        && std::arch::is_x86_feature_detected!("lzcnt")
        && std::arch::is_x86_feature_detected!("popcnt")
}

/// Runs `kernel`, compiled for the best level the processor has.
#[inline]
pub fn dispatch<R>(kernel: impl FnOnce() -> R) -> R {
    dispatch_at(level(), kernel)
}

/// Is how many bytes ahead of what is read [`prefetch`] asks, where few values between are skipped: far
/// enough to be there in time, and on another page, which the processor does not ask for by itself.
pub const AHEAD_BYTES: usize = 16_384;

/// Asks for the bytes at `place` to be brought near; a hint, at any address.
#[inline(always)]
pub fn prefetch<T>(place: *const T) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: a prefetch reads nothing and never faults; every x86-64 processor has it.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(place.cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = place;
}

/// Rounds to the nearest whole number what is between -2^51 and 2^51, in steps that vectorise; anything
/// else to anything.
#[inline(always)]
pub fn nearest(value: f64) -> i64 {
    // Has no place left for a fraction, in either direction: 1.5 · 2^52.
    const SHIFT: f64 = 6_755_399_441_055_744.0;
    (value + SHIFT).to_bits().wrapping_sub(SHIFT.to_bits()).cast_signed()
}

/// Maps every value, as [`dispatch`] runs loops.
#[inline]
pub fn mapped<T: Copy, U>(values: &[T], map: impl Fn(T) -> U) -> Vec<U> {
    scanned(values.iter(), (), move |(), &value| map(value)).0
}

/// Maps every value, and hands a state along from one to the next, as [`dispatch`] runs loops. A
/// state that is an OR or a sum does not keep the loop from being vectorised; what `map` has captured
/// by reference does, so it is a `move` closure.
#[inline]
pub fn scanned<T, U, S>(
    values: impl ExactSizeIterator<Item = T>,
    state: S,
    map: impl Fn(&mut S, T) -> U,
) -> (Vec<U>, S) {
    let mut out = Vec::new();
    let state = append(&mut out, values, state, map);
    (out, state)
}

/// Appends what [`scanned`] gives to `out`, and returns the state.
#[inline]
pub fn append<T, U, S>(
    out: &mut Vec<U>,
    values: impl ExactSizeIterator<Item = T>,
    state: S,
    map: impl Fn(&mut S, T) -> U,
) -> S {
    out.reserve_exact(values.len());
    let before = out.len();
    let slots = out.spare_capacity_mut();
    let (len, state) = dispatch(
        #[inline(always)]
        move || {
            let (mut len, mut state) = (0, state);
            for (slot, value) in slots.iter_mut().zip(values) {
                slot.write(map(&mut state, value));
                len += 1;
            }
            (len, state)
        },
    );
    // SAFETY: the loop has written the first `len` slots behind the values before, each within the
    // capacity.
    unsafe { out.set_len(before + len) };
    state
}

/// Runs `kernel` compiled for `wanted`, or for the best below it the processor has; tests compare
/// the levels with it.
#[inline]
pub fn dispatch_at<R>(wanted: Level, kernel: impl FnOnce() -> R) -> R {
    #[cfg(target_arch = "x86_64")]
    match wanted.min(level()) {
        // SAFETY: `level` has found every feature the function is compiled for.
        Level::Avx512 => return unsafe { run_avx512(kernel) },
        // SAFETY: `level` has found every feature the function is compiled for.
        Level::Avx2 => return unsafe { run_avx2(kernel) },
        Level::Baseline => {}
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = wanted;
    kernel()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma,bmi1,bmi2,lzcnt,popcnt")]
fn run_avx2<R>(kernel: impl FnOnce() -> R) -> R {
    kernel()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(
    enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512cd,avx2,fma,bmi1,bmi2,lzcnt,popcnt"
)]
fn run_avx512<R>(kernel: impl FnOnce() -> R) -> R {
    kernel()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_mapped_is_all_there() {
        for len in [0usize, 1, 7, 8, 255, 1_000] {
            let input: Vec<i64> = (0..len as i64).collect();
            let (doubled, or) = scanned(input.iter(), 0, |or, v| {
                *or |= v;
                v * 2
            });
            assert_eq!(doubled, input.iter().map(|v| v * 2).collect::<Vec<_>>());
            assert_eq!(or, input.iter().fold(0, |or, v| or | v));
            assert_eq!(mapped(&input, |v| v as i32).len(), len);
        }
    }

    #[test]
    fn the_nearest_whole_number_is_found() {
        let edge = (1i64 << 51) - 1;
        for whole in [0, 1, -1, 2, 999_999_999, -(1 << 40), edge, -edge] {
            assert_eq!(nearest(whole as f64), whole);
        }
        assert_eq!([0.49, 0.51, -0.49, -0.51, 2.5].map(nearest), [0, 1, 0, -1, 2]);
    }

    #[test]
    fn every_level_gives_the_same() {
        let input: Vec<i64> =
            (0..1_003).map(|i: i64| i.wrapping_mul(0x1E37_79B9_7F4A_7C15)).collect();
        let run = |level| {
            let mut out = vec![0i64; input.len()];
            let or = dispatch_at(
                level,
                #[inline(always)]
                || {
                    let mut or = 0;
                    for (o, v) in out.iter_mut().zip(&input) {
                        *o = v.wrapping_mul(*v) ^ (v >> 7);
                        or |= *o;
                    }
                    or
                },
            );
            (or, out)
        };
        let plain = run(Level::Baseline);
        assert_eq!(run(Level::Avx2), plain);
        assert_eq!(run(Level::Avx512), plain);
    }
}
