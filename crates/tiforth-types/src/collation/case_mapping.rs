// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Maps characters to upper and lower case, each by itself (Unicode's simple mapping, of the version
//! TiDB's Go knows).

use super::charset::Charset;
use super::utf8::{decode, encode};

/// Is a case table: ranges of characters and what is added to them, as
/// `examples/collation_tables.rs` makes it.
pub(super) struct CaseTable {
    ranges: &'static [u8],
    /// Which 256 characters hold any that the table maps.
    pages: [bool; PAGES],
    is_upper: bool,
}

/// Is one more than the last page with letters of two cases.
const PAGES: usize = 0x1ea;

/// Maps to upper case.
pub(super) static UPPER: CaseTable = CaseTable::read(include_bytes!("tables/upper.bin"), true);
/// Maps to lower case.
pub(super) static LOWER: CaseTable = CaseTable::read(include_bytes!("tables/lower.bin"), false);

/// Is the characters GBK holds in one case only, which stay as they are (MySQL worklog 4583).
const GBK_CASELESS: [std::ops::RangeInclusive<u32>; 23] = [
    0xe0..=0xe1,
    0xe8..=0xea,
    0xec..=0xed,
    0xf2..=0xf3,
    0xf9..=0xfa,
    0xfc..=0xfc,
    0x101..=0x101,
    0x113..=0x113,
    0x11b..=0x11b,
    0x12b..=0x12b,
    0x144..=0x144,
    0x148..=0x148,
    0x14d..=0x14d,
    0x16b..=0x16b,
    0x1ce..=0x1ce,
    0x1d0..=0x1d0,
    0x1d2..=0x1d2,
    0x1d4..=0x1d4,
    0x1d6..=0x1d6,
    0x1d8..=0x1d8,
    0x1da..=0x1da,
    0x1dc..=0x1dc,
    0x216a..=0x216b,
];

const fn u16_at(bytes: &[u8], at: usize) -> usize {
    u16::from_le_bytes([bytes[at], bytes[at + 1]]) as usize
}

impl CaseTable {
    const fn read(bytes: &'static [u8], is_upper: bool) -> CaseTable {
        let mut start = 0;
        while bytes[start] != b'\n' {
            start += 1;
        }
        let (_, ranges) = bytes.split_at(start + 1);
        let mut pages = [false; PAGES];
        let mut at = 0;
        while at < ranges.len() {
            let mut page = u16_at(ranges, at + 1);
            while page <= u16_at(ranges, at + 5) {
                pages[page] = true;
                page += 1;
            }
            at += 16;
        }
        CaseTable { ranges, pages, is_upper }
    }

    /// Appends the mapped text.
    pub(super) fn write(&self, text: &[u8], charset: Charset, out: &mut Vec<u8>) {
        if charset == Charset::Binary {
            return out.extend_from_slice(text);
        }
        out.reserve(text.len());
        let ascii = text.iter().take_while(|byte| byte.is_ascii()).count();
        let (ascii, mut rest) = text.split_at_checked(ascii).unwrap_or((text, &[]));
        match self.is_upper {
            true => out.extend(ascii.iter().map(u8::to_ascii_uppercase)),
            false => out.extend(ascii.iter().map(u8::to_ascii_lowercase)),
        }
        while let Some(decoded) = decode(rest) {
            if let Some(byte) = rest.first().filter(|byte| byte.is_ascii()) {
                out.push(match self.is_upper {
                    true => byte.to_ascii_uppercase(),
                    false => byte.to_ascii_lowercase(),
                });
                rest = rest.get(1..).unwrap_or_default();
                continue;
            }
            rest = rest.get(decoded.width..).unwrap_or_default();
            let code_point = decoded.code_point;
            let caseless = charset == Charset::Gbk
                && GBK_CASELESS.iter().any(|range| range.contains(&code_point));
            encode(if caseless { code_point } else { self.map(code_point) }, out);
        }
    }

    /// Maps one character.
    fn map(&self, code_point: u32) -> u32 {
        if !self.pages.get((code_point >> 8) as usize).is_some_and(|may| *may) {
            return code_point;
        }
        let (ranges, _) = self.ranges.as_chunks::<16>();
        let after = ranges.partition_point(|range| Range::read(range).first <= code_point);
        match after.checked_sub(1).and_then(|at| ranges.get(at)).map(Range::read) {
            Some(range) if range.contains(code_point) => {
                code_point.wrapping_add_signed(range.difference)
            }
            _ => code_point,
        }
    }
}

struct Range {
    first: u32,
    last: u32,
    step: u32,
    difference: i32,
}

impl Range {
    fn read(bytes: &[u8; 16]) -> Range {
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = *bytes;
        Range {
            first: u32::from_le_bytes([a, b, c, d]),
            last: u32::from_le_bytes([e, f, g, h]),
            step: u32::from_le_bytes([i, j, k, l]),
            difference: i32::from_le_bytes([m, n, o, p]),
        }
    }

    fn contains(&self, code_point: u32) -> bool {
        code_point <= self.last && (code_point - self.first).is_multiple_of(self.step)
    }
}
