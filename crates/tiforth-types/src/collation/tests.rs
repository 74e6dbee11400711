// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

use std::cmp::Ordering::{self, Equal, Greater, Less};

use super::derive::*;
use super::*;

const GENERAL: Collation = Collation::UTF8MB4_GENERAL_CI;
const UNICODE: Collation = Collation::UTF8MB4_UNICODE_CI;
const UCA_0900: Collation = Collation::UTF8MB4_0900_AI_CI;
const BIN: Collation = Collation::UTF8MB4_BIN;

fn key(collation: Collation, text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    collation.sort_key(text, &mut out);
    out
}

#[test]
fn names_and_ids_lead_to_each_other() {
    for collation in Collation::all() {
        assert_eq!(Collation::from_id(collation.id()), Some(collation));
        assert_eq!(Collation::from_name(&collation.name().to_uppercase()), Some(collation));
        assert_eq!(collation.entry().id, collation.id());
    }
    assert_eq!(Collation::from_id(8), None);
    assert_eq!(Collation::from_name("utf8mb3_general_ci"), Collation::from_id(33));
    assert_eq!(Collation::from_name("utf8mb3_0900_bin"), None);
    assert_eq!(Collation::from_name("utf8mb3"), None);
    for charset in Charset::ALL {
        assert_eq!(Charset::from_name(charset.name()), Some(charset));
        assert_eq!(charset.default_collation().charset(), charset);
        assert_eq!(charset.bin_collation().charset(), charset);
        assert!(charset.bin_collation().is_bin());
    }
}

#[test]
fn texts_compare_as_their_collation_says() {
    let check = |collation: Collation, a: &str, b: &str, order: Ordering| {
        let (a, b) = (a.as_bytes(), b.as_bytes());
        assert_eq!(collation.compare(a, b), order, "{collation} {a:?} {b:?}");
        assert_eq!(collation.compare(b, a), order.reverse(), "{collation} {b:?} {a:?}");
        assert_eq!(key(collation, a).cmp(&key(collation, b)), order, "{collation} {a:?} {b:?}");
        assert_eq!(collation.equals(a, b), order.is_eq(), "{collation} {a:?} {b:?}");
    };
    check(Collation::BINARY, "a", "a ", Less);
    check(BIN, "a", "a  ", Equal);
    check(BIN, "a", "A", Greater);
    check(BIN, "a\t", "a", Greater);
    check(Collation::UTF8MB4_0900_BIN, "a", "a ", Less);
    check(GENERAL, "Straße  ", "sTRASE", Equal);
    check(GENERAL, "ß", "ss", Less);
    check(GENERAL, "😀", "😁", Equal);
    check(GENERAL, "日本語", "日本", Greater);
    check(GENERAL, "", "   ", Equal);
    check(GENERAL, "\t", " a", Less);
    check(GENERAL, "a b", "ab", Less);
    check(UNICODE, "a b", "ab", Less);
    check(UNICODE, "a b", "a\u{a0}B", Equal);
    check(UCA_0900, "a b", "ab", Less);
    check(Collation::GBK_CHINESE_CI, "a b", "ab", Less);
    check(UNICODE, "ß", "SS", Equal);
    check(UNICODE, "あ", "ア", Equal);
    check(UNICODE, "ﬃ", "FFI", Equal);
    check(UNICODE, "\u{200b}", "", Equal);
    check(UNICODE, "a ", "A", Equal);
    check(UNICODE, "😀", "😁", Equal);
    check(UCA_0900, "a ", "a", Greater);
    check(UCA_0900, "😀", "😁", Less);
    check(UCA_0900, "\u{ad}", "", Equal);
    check(UCA_0900, "가", "가", Equal);
    check(UCA_0900, "\u{2fa1e}", "\u{17000}", Greater);
    check(Collation::GBK_CHINESE_CI, "a", "A ", Equal);
    check(Collation::GBK_CHINESE_CI, "啊", "中", Less);
    check(Collation::GBK_BIN, "a", "A", Greater);
    check(Collation::GBK_BIN, "啊", "一", Less);
    check(Collation::GBK_BIN, "😀", "?", Equal);
}

#[test]
fn bytes_that_are_no_utf8_end_a_comparison() {
    assert_eq!(GENERAL.compare(b"a\xffb", b"A\xffc"), Equal);
    assert_eq!(GENERAL.compare(b"a\xff", b"b"), Less);
    assert_eq!(GENERAL.compare(b"a\xff", b"a"), Greater);
    assert_eq!(UNICODE.compare(b"a\xff", b"a"), Equal);
    assert_eq!(key(GENERAL, b"a\xffb"), [0, b'A']);
    assert_eq!(key(Collation::GBK_BIN, b"a\xff"), b"a?");
}

#[test]
fn long_sort_keys_are_made_of_the_same_weights_as_short_ones() {
    let mut text = String::new();
    for piece in ["a", "zZ", "é", "日本", "😀", "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"]
    {
        for _ in 0..3 {
            text.push_str(piece);
            let whole = key(GENERAL, text.as_bytes());
            let parts: Vec<u8> =
                text.chars().flat_map(|c| key(GENERAL, c.to_string().as_bytes())).collect();
            assert_eq!(whole, parts, "{text}");
        }
    }
}

#[test]
fn patterns_match() {
    let check = |collation: Collation, text: &str, pattern: &str, expected: bool| {
        let compiled = LikePattern::new(pattern.as_bytes(), Some(b'\\'), collation);
        assert_eq!(compiled.matches(text.as_bytes()), expected, "{collation} {text} {pattern}");
    };
    for collation in [BIN, Collation::BINARY, GENERAL, UNICODE, UCA_0900] {
        check(collation, "", "", true);
        check(collation, "", "%", true);
        check(collation, "", "_", false);
        check(collation, "a", "a ", false);
        check(collation, "abc", "a%c", true);
        check(collation, "ac", "a%a%c", false);
        check(collation, "aXbXc", "a%b%c", true);
        check(collation, "aab", "%ab", true);
        check(collation, "abab", "%ab%ab%", true);
        check(collation, "aba", "%ab%ba%", false);
        check(collation, "abc", "_%_", true);
        check(collation, "a", "_%_", false);
        check(collation, "100%", "100\\%", true);
        check(collation, "1000", "100\\%", false);
        check(collation, "axb", "a\\xb", true);
        check(collation, "a\\", "a\\", true);
        check(collation, "a%", "%\\%%", true);
    }
    check(BIN, "日本語", "日_語", true);
    check(BIN, "日本語", "%本%", true);
    check(Collation::BINARY, "日本語", "日___語", true);
    check(GENERAL, "ß", "S", true);
    check(UNICODE, "ß", "ss", false);
    check(UNICODE, "😀", "😁", false);
    check(GENERAL, "😀", "😁", true);
    check(UCA_0900, "É", "e", true);
    let invalid = LikePattern::new("a\u{fffd}%".as_bytes(), None, BIN);
    assert!(invalid.matches(b"a\xff\\"));
    let no_escape = LikePattern::new(b"\\%", None, BIN);
    assert!(no_escape.matches(b"\\x"));
    let percent = LikePattern::new(b"a%%", Some(b'%'), BIN);
    assert!(percent.matches(b"a%") && !percent.matches(b"ab"));
}

#[test]
fn long_patterns_take_no_exponential_time() {
    let text = "a".repeat(2000);
    let pattern = format!("{}b", "%_a".repeat(100));
    assert!(!LikePattern::new(pattern.as_bytes(), None, GENERAL).matches(text.as_bytes()));
}

#[test]
fn case_is_mapped_character_by_character() {
    let check = |collation: Collation, text: &[u8], upper: &[u8], lower: &[u8]| {
        let (mut up, mut low) = (Vec::new(), Vec::new());
        collation.write_upper(text, &mut up);
        collation.write_lower(text, &mut low);
        assert_eq!((&up[..], &low[..]), (upper, lower));
    };
    check(BIN, b"aB1", b"AB1", b"ab1");
    check(BIN, "ßÉσ".as_bytes(), "ßÉΣ".as_bytes(), "ßéσ".as_bytes());
    check(BIN, b"a\xff", "A\u{fffd}".as_bytes(), "a\u{fffd}".as_bytes());
    check(Collation::BINARY, b"a\xff", b"a\xff", b"a\xff");
    check(Collation::GBK_BIN, "éаé".as_bytes(), "éАé".as_bytes(), "éаé".as_bytes());
}

fn argument(collation: Collation, coercibility: Coercibility) -> Argument<'static> {
    let repertoire = match coercibility {
        Coercibility::Numeric => Repertoire::Ascii,
        _ => Repertoire::Unicode,
    };
    let derived = Derived { collation, coercibility, repertoire };
    let is_bytes = collation == Collation::BINARY && coercibility != Coercibility::Numeric;
    Argument { derived, is_bytes, constant: Constant::No }
}

#[test]
fn collations_are_derived() {
    use Coercibility::{Coercible, Explicit, Implicit, None as Nothing, Numeric};
    let check = |args: &[(Collation, Coercibility)],
                 expected: Option<(Collation, Coercibility)>| {
        let args: Vec<_> = args.iter().map(|(c, level)| argument(*c, *level)).collect();
        let derived = derive(&args, Purpose::Text { connection: BIN });
        assert_eq!(derived.ok().map(|d| (d.collation, d.coercibility)), expected, "{args:?}");
        let compared = derive(&args, Purpose::Comparison).ok();
        let usable = expected.filter(|(_, level)| *level != Nothing);
        assert_eq!(compared.is_some(), usable.is_some());
    };
    let binary = Collation::BINARY;
    check(&[(GENERAL, Implicit), (BIN, Coercible)], Some((GENERAL, Implicit)));
    check(&[(GENERAL, Implicit), (BIN, Implicit)], Some((BIN, Implicit)));
    check(&[(GENERAL, Implicit), (UNICODE, Implicit)], Some((BIN, Nothing)));
    check(&[(GENERAL, Explicit), (UNICODE, Explicit)], None);
    check(
        &[(GENERAL, Implicit), (UNICODE, Implicit), (UNICODE, Explicit)],
        Some((UNICODE, Explicit)),
    );
    check(&[(GENERAL, Implicit), (binary, Implicit)], Some((binary, Implicit)));
    check(&[(Collation::LATIN1_BIN, Implicit), (GENERAL, Implicit)], Some((GENERAL, Implicit)));
    check(&[(Collation::UTF8_BIN, Implicit), (GENERAL, Implicit)], Some((GENERAL, Implicit)));
    check(&[(Collation::GBK_BIN, Implicit), (Collation::LATIN1_BIN, Implicit)], None);
    check(&[(binary, Numeric), (binary, Numeric)], Some((BIN, Coercible)));
    check(&[(binary, Numeric), (GENERAL, Implicit)], Some((GENERAL, Implicit)));
    let args = [argument(GENERAL, Implicit), argument(UCA_0900, Implicit)];
    let error = derive(&args, Purpose::Comparison).unwrap_err().to_error("=", &args);
    assert_eq!(
        error.to_string(),
        "ERROR 1267 (HY000): Illegal mix of collations (utf8mb4_general_ci,IMPLICIT) and \
         (utf8mb4_0900_ai_ci,IMPLICIT) for operation '='"
    );
    // A constant must fit into the charset of the winner.
    let mut literal = argument(BIN, Coercible);
    let column = argument(Collation::GBK_BIN, Implicit);
    for (text, fits) in [("中", true), ("é", true), ("€", false), ("😀", false), ("ß", false)]
    {
        literal.constant = Constant::Text(text.as_bytes());
        assert_eq!(derive(&[column, literal], Purpose::Comparison).is_ok(), fits, "{text}");
    }
}

#[test]
fn comparing_single_characters_agrees_with_their_keys() {
    for collation in Collation::all().filter(|collation| collation.is_comparable()) {
        let texts: Vec<String> =
            (0..0x500).step_by(3).filter_map(char::from_u32).map(|c| format!("{c}a")).collect();
        for pair in texts.windows(20) {
            let (a, b) = (pair[0].as_bytes(), pair[19].as_bytes());
            assert_eq!(collation.compare(a, b), key(collation, a).cmp(&key(collation, b)));
        }
    }
}
