// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Converts between the bytes of a charset and text, which is UTF-8 whatever its charset.
//!
//! Source: TiDB `pkg/parser/charset/encoding*.go`: latin1 is taken for bytes, `utf8` and `utf8mb4`
//! are UTF-8, only GBK has bytes of its own.

use std::sync::OnceLock;

use super::Charset;
use super::list::GBK_CODES;
use super::utf8::{decode, encode};

impl Charset {
    /// Tells whether the bytes of a text in this charset are those it is held in: of all but GBK and
    /// GB18030.
    pub fn is_held_as_encoded(self) -> bool {
        !matches!(self, Charset::Gbk | Charset::Gb18030)
    }

    /// Appends a text's bytes in this charset; `?` stands for a character it lacks.
    pub fn encode(self, text: &[u8], out: &mut Vec<u8>) {
        if self != Charset::Gbk {
            return out.extend_from_slice(text);
        }
        let mut rest = text;
        while let Some(decoded) = decode(rest) {
            let code = GBK_CODES.single(decoded.code_point);
            match code.to_be_bytes() {
                [0, low] => out.push(if decoded.is_invalid() { b'?' } else { low }),
                pair => out.extend_from_slice(&pair),
            }
            rest = rest.get(decoded.width..).unwrap_or_default();
        }
    }

    /// Appends the text that bytes of this charset are. Returns false where they are none; what was
    /// appended by then has no meaning.
    pub fn decode(self, bytes: &[u8], out: &mut Vec<u8>) -> bool {
        match self {
            Charset::Gbk => return decode_gbk(bytes, out),
            Charset::Binary | Charset::Latin1 => {}
            Charset::Ascii if bytes.is_ascii() => {}
            Charset::Ascii => return false,
            Charset::Utf8 | Charset::Utf8mb4 | Charset::Gb18030 => {
                if std::str::from_utf8(bytes).is_err() {
                    return false;
                }
            }
        }
        out.extend_from_slice(bytes);
        true
    }

    /// Appends a text with `?` for each character this charset lacks.
    pub fn restrict(self, text: &[u8], out: &mut Vec<u8>) {
        if self.holds(text) {
            return out.extend_from_slice(text);
        }
        let mut rest = text;
        while let Some(decoded) = decode(rest) {
            let (character, tail) = rest.split_at_checked(decoded.width).unwrap_or((rest, b""));
            if self.holds(character) {
                out.extend_from_slice(character);
            } else {
                out.push(b'?');
            }
            rest = tail;
        }
    }
}

const LEAD_MIN: u8 = 0x81;
const TRAIL_MIN: u8 = 0x40;
const TRAILS: usize = 0x100 - TRAIL_MIN as usize;

/// Turns the table of codes around: the character of each pair of bytes, 0 where there is none.
fn gbk_characters() -> &'static [u16] {
    static CHARACTERS: OnceLock<Box<[u16]>> = OnceLock::new();
    CHARACTERS.get_or_init(|| {
        let mut characters = vec![0; TRAILS * (0x100 - usize::from(LEAD_MIN))];
        for code_point in 0x80..=u16::MAX {
            let [lead, trail] = GBK_CODES.single(code_point.into()).to_be_bytes();
            if let Some(place) = place(lead, trail)
                && let Some(slot) = characters.get_mut(place)
            {
                *slot = code_point;
            }
        }
        characters.into()
    })
}

fn place(lead: u8, trail: u8) -> Option<usize> {
    let lead = usize::from(lead.checked_sub(LEAD_MIN)?);
    let trail = usize::from(trail.checked_sub(TRAIL_MIN)?);
    Some(lead * TRAILS + trail)
}

fn decode_gbk(bytes: &[u8], out: &mut Vec<u8>) -> bool {
    let characters = gbk_characters();
    let mut rest = bytes.iter();
    while let Some(&lead) = rest.next() {
        if lead < 0x80 {
            out.push(lead);
            continue;
        }
        let place = rest.next().and_then(|&trail| place(lead, trail));
        match place.and_then(|place| characters.get(place)) {
            None | Some(0) => return false,
            Some(&code_point) => encode(code_point.into(), out),
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::Charset;

    fn check(charset: Charset, text: &str, bytes: &[u8]) {
        let (mut encoded, mut decoded) = (Vec::new(), Vec::new());
        charset.encode(text.as_bytes(), &mut encoded);
        assert_eq!(encoded, bytes, "{text} in {charset}");
        assert!(charset.decode(bytes, &mut decoded), "{text} in {charset}");
        assert_eq!(decoded, text.as_bytes());
    }

    #[test]
    fn round_trips() {
        check(Charset::Gbk, "a中文", &[b'a', 0xd6, 0xd0, 0xce, 0xc4]);
        check(Charset::Gbk, "鏃", &[0xe6, 0x97]);
        check(Charset::Utf8mb4, "中😀", "中😀".as_bytes());
        check(Charset::Ascii, "a~", b"a~");
    }

    #[test]
    fn refuses_what_is_no_text() {
        for (charset, bytes) in [
            (Charset::Gbk, &b"\xff"[..]),
            (Charset::Gbk, b"\xe6\x97\xa5"),
            (Charset::Utf8mb4, b"\xc3("),
            (Charset::Ascii, b"\x80"),
        ] {
            assert!(!charset.decode(bytes, &mut Vec::new()), "{bytes:?} in {charset}");
        }
    }

    #[test]
    fn replaces_what_it_lacks() {
        for (charset, text, restricted) in [
            (Charset::Gbk, "é中😀", "é中?"),
            (Charset::Ascii, "日本x", "??x"),
            (Charset::Latin1, "日", "日"),
        ] {
            let mut out = Vec::new();
            charset.restrict(text.as_bytes(), &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), restricted, "{text} in {charset}");
        }
    }
}
