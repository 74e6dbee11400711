// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Reads runs of decimal digits, eight at a time, and writes numbers two digits at a time.
//!
//! Reading holds eight characters in one register: a character is a digit if its high half is 3 and
//! adding 6 leaves it so; neighbours are joined to two, four, eight digits by three multiplications.

/// Is the number of digits that fit into 64 bits whatever they are.
pub(crate) const SAFE_DIGITS: usize = 19;

/// Is a run of digits at the start of a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Run {
    /// The number they make, if there are at most [`SAFE_DIGITS`]; modulo 2^64 otherwise.
    pub(crate) value: u64,
    /// How many there are.
    pub(crate) count: usize,
}

/// Reads the digits a text starts with, after those that made `value`.
#[inline]
pub(crate) fn digit_run(text: &[u8], value: u64) -> Run {
    let (mut value, mut rest) = (value, text);
    while let Some((chunk, behind)) = rest.split_first_chunk::<8>() {
        let Some(eight) = eight_digits(u64::from_le_bytes(*chunk)) else { break };
        value = value.wrapping_mul(100_000_000).wrapping_add(eight);
        rest = behind;
    }
    let (value, rest) = few_digits(rest, value);
    Run { value, count: text.len() - rest.len() }
}

/// Reads a text that is nothing but 1 to 18 digits.
#[inline(always)]
pub(crate) fn whole_number(text: &[u8]) -> Option<u64> {
    if let Some((first, behind)) = text.split_first_chunk::<8>() {
        let high = eight_digits(u64::from_le_bytes(*first))?;
        return match behind.len() {
            0 => Some(high),
            1..=8 => {
                // The last eight characters hold those left, and before them some already read.
                let last = u64::from_le_bytes(*text.last_chunk::<8>()?);
                let read = 64 - 8 * behind.len() as u32;
                let low = eight_digits(zeros_below(last, read))?;
                Some(high * *POW10.get(behind.len())? + low)
            }
            9..=10 => {
                let run = digit_run(behind, high);
                (run.count == behind.len()).then_some(run.value)
            }
            _ => None,
        };
    }
    let characters = short_text(text)?;
    eight_digits(zeros_below(
        characters << (64 - 8 * text.len() as u32),
        64 - 8 * text.len() as u32,
    ))
}

/// Is a number written with digits and at most one point.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Pointed {
    /// The number all digits make.
    pub(crate) value: u64,
    /// The digits before the point.
    pub(crate) int: u8,
    /// The digits behind it.
    pub(crate) frac: u8,
}

/// Reads a text of at most 19 characters that is nothing but digits and at most one point. Such texts
/// are mostly so short that going digit by digit is faster than any number of them at once.
#[inline(always)]
pub(crate) fn pointed_number(text: &[u8]) -> Option<Pointed> {
    if text.len() > SAFE_DIGITS {
        return None;
    }
    let (value, behind) = few_digits(text, 0);
    let int = text.len() - behind.len();
    let [b'.', fraction @ ..] = behind else {
        let is_number = int > 0 && behind.is_empty();
        return is_number.then_some(Pointed { value, int: int as u8, frac: 0 });
    };
    let (value, behind) = few_digits(fraction, value);
    let is_number = int + fraction.len() > 0 && behind.is_empty();
    is_number.then_some(Pointed { value, int: int as u8, frac: fraction.len() as u8 })
}

/// Reads the digits a text starts with, one by one, after those that made `value`; returns what stands
/// behind them.
#[inline(always)]
fn few_digits(text: &[u8], mut value: u64) -> (u64, &[u8]) {
    let mut rest = text;
    while let [byte, behind @ ..] = rest {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            break;
        }
        value = value.wrapping_mul(10).wrapping_add(digit.into());
        rest = behind;
    }
    (value, rest)
}

const POW10: [u64; 9] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];

/// Puts the character 0 into the `bits` lowest bits, less than all.
#[inline]
pub(crate) const fn zeros_below(characters: u64, bits: u32) -> u64 {
    let mask = (1 << bits) - 1;
    characters & !mask | ZEROS & mask
}

/// Returns 1 to 7 characters in one register, the first one in the lowest byte. Reads overlap, so that
/// each length takes two or three of them.
#[inline]
fn short_text(text: &[u8]) -> Option<u64> {
    if let (Some(first), Some(last)) = (text.first_chunk::<4>(), text.last_chunk::<4>()) {
        let (first, last) = (u32::from_le_bytes(*first), u32::from_le_bytes(*last));
        return Some(u64::from(first) | u64::from(last) << (8 * (text.len() - 4)));
    }
    let byte = |at: usize| text.get(at).map(|byte| u64::from(*byte) << (8 * at));
    Some(byte(0)? | byte(text.len() / 2)? | byte(text.len() - 1)?)
}

/// Is the character 0, eight times.
const ZEROS: u64 = 0x3030_3030_3030_3030;

/// Returns the number eight characters make, the first one in the lowest byte.
#[inline]
pub(crate) fn eight_digits(characters: u64) -> Option<u64> {
    let twos = four_pairs(characters)?;
    let fours = (twos * 100 + (twos >> 16)) & 0x0000_ffff_0000_ffff;
    Some((fours * 10_000 + (fours >> 32)) & 0xffff_ffff)
}

/// Returns the numbers each two of eight characters make, the first ones in the lowest bytes, 16 bits
/// each.
#[inline]
pub(crate) fn four_pairs(characters: u64) -> Option<u64> {
    const HIGH: u64 = 0xf0f0_f0f0_f0f0_f0f0;
    const SIXES: u64 = 0x0606_0606_0606_0606;
    // One look for both: what is no digit leaves a bit in either.
    let is_wrong = (characters ^ ZEROS) | (characters.wrapping_add(SIXES) ^ ZEROS);
    if is_wrong & HIGH != 0 {
        return None;
    }
    let ones = characters - ZEROS;
    Some((ones * 10 + (ones >> 8)) & 0x00ff_00ff_00ff_00ff)
}

/// Holds all pairs of digits.
const PAIRS: &[u8; 200] = b"0001020304050607080910111213141516171819\
    2021222324252627282930313233343536373839\
    4041424344454647484950515253545556575859\
    6061626364656667686970717273747576777879\
    8081828384858687888990919293949596979899";

/// Returns the two digits of a number below 100.
#[inline]
pub(crate) fn pair(number: u64) -> [u8; 2] {
    let at = (number % 100) as usize * 2;
    match PAIRS.get(at..at + 2) {
        Some(&[tens, ones]) => [tens, ones],
        _ => [b'0'; 2],
    }
}

/// Returns the eight digits of a number below 10^8, zeros first: one half in each half of a register,
/// then a pair in each quarter, then a digit in each eighth.
#[inline]
pub(crate) const fn eight(number: u64) -> [u8; 8] {
    let halves = (number / 10_000) | (number % 10_000) << 32;
    let hundreds = ((halves * 10_486) >> 20) & 0x0000_007f_0000_007f;
    let pairs = hundreds | (halves - 100 * hundreds) << 16;
    let tens = ((pairs * 103) >> 10) & 0x000f_000f_000f_000f;
    (ZEROS | tens | (pairs - 10 * tens) << 8).to_le_bytes()
}

/// Appends a number without leading zeros.
#[inline]
pub(crate) fn push_digits(number: u64, out: &mut Vec<u8>) {
    const EIGHT: u64 = 100_000_000;
    if number < EIGHT {
        return push_short(number, out);
    }
    let high = number / EIGHT;
    if high < EIGHT {
        push_short(high, out);
    } else {
        push_short(high / EIGHT, out);
        out.extend_from_slice(&eight(high % EIGHT));
    }
    out.extend_from_slice(&eight(number % EIGHT));
}

/// Appends a number below 10^8. All eight digits are written and those too many are dropped: a copy of
/// a length known when compiled is two moves, any other is a call.
#[inline]
fn push_short(number: u64, out: &mut Vec<u8>) {
    if number < 100 {
        let [tens, ones] = pair(number);
        if tens != b'0' {
            out.push(tens);
        }
        return out.push(ones);
    }
    let digits = u64::from_le_bytes(eight(number));
    let zeros = (digits ^ ZEROS).trailing_zeros() / 8;
    let end = out.len() + 8 - zeros as usize;
    out.extend_from_slice(&(digits >> (zeros * 8)).to_le_bytes());
    out.truncate(end);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_read_as_one_by_one() {
        let texts: [&[u8]; 12] = [
            b"",
            b"x",
            b"0",
            b"7x",
            b"1234567",
            b"12345678",
            b"123456789",
            b"12345678x",
            b"1234567:",
            b"1234567/9",
            b"9999999999999999999",
            b"00000000000000000001z",
        ];
        for text in texts {
            let digits: Vec<u8> = text.iter().copied().take_while(u8::is_ascii_digit).collect();
            let value = std::str::from_utf8(&digits).unwrap().parse().unwrap_or(0);
            assert_eq!(digit_run(text, 0), Run { value, count: digits.len() }, "{text:?}");
        }
        for text in
            texts.iter().copied().chain([&b"123456789012345678"[..], b"1234567890123456789"])
        {
            let is_whole = !text.is_empty() && text.iter().all(u8::is_ascii_digit);
            let value = std::str::from_utf8(text).unwrap().parse().ok();
            let expected = value.filter(|_| is_whole && text.len() <= 18);
            assert_eq!(whole_number(text), expected, "{text:?}");
        }
        for len in 1..=18 {
            let text = &b"918273645546372819"[..len];
            let value = std::str::from_utf8(text).unwrap().parse().ok();
            assert_eq!(whole_number(text), value);
            for place in 0..len {
                let mut text = text.to_vec();
                text[place] = b'/' + 11 * (place as u8 % 2);
                assert_eq!(whole_number(&text), None, "{text:?}");
            }
        }
        for byte in 0..=u8::MAX {
            for place in 0..8 {
                let mut text = *b"31415926";
                text[place] = byte;
                let count = text.iter().take_while(|b| b.is_ascii_digit()).count();
                assert_eq!(digit_run(&text, 0).count, count, "{text:?}");
            }
        }
    }

    #[test]
    fn points_are_found() {
        let digits = "9182736455463728190";
        for len in 1..=19 {
            let whole = &digits[..len];
            let value = whole.parse().unwrap();
            let expected = Pointed { value, int: len as u8, frac: 0 };
            assert_eq!(pointed_number(whole.as_bytes()), Some(expected), "{whole}");
            for point in 0..=len {
                let text = format!("{}.{}", &whole[..point], &whole[point..]);
                let (int, frac) = (point as u8, (len - point) as u8);
                let expected = (len < 19).then_some(Pointed { value, int, frac });
                assert_eq!(pointed_number(text.as_bytes()), expected, "{text}");
                for wrong in ["-", "/", ":", ".", " ", "\u{e9}"] {
                    let text = format!("{wrong}{text}");
                    assert_eq!(pointed_number(text.as_bytes()), None, "{text}");
                }
            }
        }
        for text in ["", ".", "..", "1.2.3", "-1", "1e5"] {
            assert_eq!(pointed_number(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn numbers_are_written_as_by_the_standard_library() {
        let edges = (0..20).flat_map(|n| {
            let unit = 10_u64.pow(n);
            [unit - 1, unit, unit + 1, unit.saturating_mul(7) / 3, unit.saturating_mul(9)]
        });
        for number in edges.chain([0, 99, 100, u64::MAX]) {
            let mut out = b"x".to_vec();
            push_digits(number, &mut out);
            assert_eq!(out, format!("x{number}").into_bytes());
        }
    }
}
