// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Takes characters off the front of bytes that may be no UTF-8, as Go does.

/// Stands for a byte that is no UTF-8; the same character may also be meant, in three bytes.
pub(super) const REPLACEMENT: u32 = 0xfffd;

/// Is one character, and how many bytes it takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Decoded {
    pub(super) code_point: u32,
    pub(super) width: usize,
}

impl Decoded {
    /// Tells whether the byte was no UTF-8.
    #[inline]
    pub(super) fn is_invalid(self) -> bool {
        self.code_point == REPLACEMENT && self.width == 1
    }
}

/// Takes the first character; a byte that begins none is one [`REPLACEMENT`]. Returns nothing at the
/// end.
#[inline]
pub(super) fn decode(text: &[u8]) -> Option<Decoded> {
    match text.first() {
        None => None,
        Some(byte) if *byte < 0x80 => Some(Decoded { code_point: u32::from(*byte), width: 1 }),
        Some(_) => Some(decode_wide(text)),
    }
}

fn decode_wide(text: &[u8]) -> Decoded {
    let tail = |byte: u8| if byte & 0xc0 == 0x80 { Some(u32::from(byte & 0x3f)) } else { None };
    let decoded = match *text {
        [a @ 0xc2..=0xdf, b, ..] => {
            tail(b).map(|b| Decoded { code_point: u32::from(a & 0x1f) << 6 | b, width: 2 })
        }
        [a @ 0xe0..=0xef, b, c, ..] => tail(b).zip(tail(c)).and_then(|(b, c)| {
            let code_point = u32::from(a & 0x0f) << 12 | b << 6 | c;
            let is_char = code_point >= 0x800 && !(0xd800..0xe000).contains(&code_point);
            is_char.then_some(Decoded { code_point, width: 3 })
        }),
        [a @ 0xf0..=0xf4, b, c, d, ..] => {
            tail(b).zip(tail(c)).zip(tail(d)).and_then(|((b, c), d)| {
                let code_point = u32::from(a & 0x07) << 18 | b << 12 | c << 6 | d;
                let is_char = (0x1_0000..0x11_0000).contains(&code_point);
                is_char.then_some(Decoded { code_point, width: 4 })
            })
        }
        _ => None,
    };
    decoded.unwrap_or(Decoded { code_point: REPLACEMENT, width: 1 })
}

/// Appends a character.
#[inline]
pub(super) fn encode(code_point: u32, out: &mut Vec<u8>) {
    let character = char::from_u32(code_point).unwrap_or(char::REPLACEMENT_CHARACTER);
    out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
}
