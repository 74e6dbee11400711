// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

use super::*;
use tiforth_types::Level;

use crate::vectors::{Case, parse_file};

/// Reads one expression case over a table of as many rows as `r` has.
fn expression(line: &str) -> ExpressionCase {
    let json: serde_json::Value = serde_json::from_str(line).unwrap();
    let rows = json["r"].as_array().map_or(1, Vec::len);
    let statement = if json.get("into").is_some() { "insert" } else { "select" };
    let head = format!(
        r#"{{"server":"s","session":{{}},"statement":"{statement}","table":"t","rows":{rows}}}"#
    );
    match parse_file("f", &format!("{head}\n{line}")).cases.remove(0) {
        Case::Expression(case) => case,
        other => panic!("{other:?}"),
    }
}

fn warning(code: u16, text: &str) -> Warning {
    Warning { level: Level::Warning, error: SqlError::new(code, text) }
}

fn value(text: &str) -> RowAnswer {
    RowAnswer { value: Ok(Some(text.as_bytes().into())), warnings: Vec::new() }
}

fn null() -> RowAnswer {
    RowAnswer { value: Ok(None), warnings: Vec::new() }
}

fn error(code: u16, text: &str) -> RowAnswer {
    RowAnswer { value: Err(SqlError::new(code, text)), warnings: Vec::new() }
}

fn warned(mut row: RowAnswer, warnings: &[(u16, &str)]) -> RowAnswer {
    row.warnings = warnings.iter().map(|(code, text)| warning(*code, text)).collect();
    row
}

/// Judges rows of the expected type with the expected statement warnings.
fn judge_rows(line: &str, rows: &[RowAnswer]) -> Verdict {
    let case = expression(line);
    let bind_warnings = case
        .bind_warnings
        .iter()
        .map(|w| warning(w.error.code, w.error.text.as_deref().unwrap_or("")))
        .collect();
    let result_type = case.result_type.clone();
    let answer = ExpressionAnswer { result_type, bind_warnings, rows: rows.to_vec() };
    judge_expression(&case, &Answer::Answered(answer))
}

fn check(line: &str, row: RowAnswer, expected: Outcome) {
    let verdict = judge_rows(line, std::slice::from_ref(&row));
    assert_eq!(verdict.outcomes, [expected], "{line} {row:?}");
}

const BIGINT: &str = r#""t":{"type":"bigint","len":20,"dec":0}"#;
const DECIMAL: &str = r#""t":{"type":"decimal","len":20,"dec":4}"#;
const TEXT: &str = r#""t":{"type":"varchar","len":20,"dec":31,"collation":"utf8mb4_bin"}"#;

fn case(t: &str, r: &str) -> String {
    format!(r#"{{"e":"x",{t},"r":[{r}]}}"#)
}

#[test]
fn values_are_compared_by_their_text() {
    use Outcome::{Passed, Value};
    check(&case(BIGINT, r#""1""#), value("1"), Passed);
    check(&case(BIGINT, r#""1""#), value("2"), Value);
    check(&case(BIGINT, r#""1""#), null(), Value);
    check(&case(BIGINT, "null"), null(), Passed);
    check(&case(TEXT, r#""null""#), value("null"), Passed);
    check(&case(TEXT, r#""null""#), null(), Value);
    check(
        &case(TEXT, r#"{"hex":"61ff"}"#),
        RowAnswer { value: Ok(Some(b"a\xff".as_slice().into())), warnings: Vec::new() },
        Passed,
    );
    check(&case(BIGINT, r#"{"any":true}"#), value("7"), Passed);
    check(&case(BIGINT, r#"{"any":true}"#), error(1690, ""), Passed);
    let binary = r#""t":{"type":"varchar","len":20,"dec":31,"binary":true,"collation":"binary"}"#;
    check(&case(binary, r#""0x6162""#), value("ab"), Passed);
    let sum = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let long = |bytes| case(TEXT, &format!(r#"{{"bytes":{bytes},"sha256":"{sum}"}}"#));
    check(&long(3), value("abc"), Passed);
    check(&long(3), value("abd"), Value);
    check(&long(4), value("abc"), Value);
}

#[test]
fn zeros_at_the_end_count_in_text_alone() {
    use Outcome::{Passed, Value};
    check(&case(DECIMAL, r#""1.5000""#), value("1.5"), Passed);
    check(&case(DECIMAL, r#""1.5""#), value("1.500000"), Passed);
    check(&case(DECIMAL, r#""100""#), value("1"), Value);
    check(&case(DECIMAL, r#""0.0000""#), value("0"), Passed);
    check(&case(DECIMAL, r#""1.5""#), value("1.50001"), Value);
    check(&case(TEXT, r#""1.5""#), value("1.50"), Value);
    let time = r#""t":{"type":"time","len":17,"dec":6}"#;
    check(&case(time, r#""00:00:00.500""#), value("00:00:00.500000"), Passed);
    check(r#"{"e":"x","into":"decimal(5,2)","r":["1.50"]}"#, value("1.5"), Passed);
    check(r#"{"e":"x","into":"varchar(5)","r":["1.50"]}"#, value("1.5"), Value);
}

#[test]
fn warnings_are_compared_in_order() {
    use Outcome::{Passed, Value, Warnings};
    let two = case(BIGINT, r#"{"v":"1","w":[["W",1292,"a"],["W",1365,null]]}"#);
    check(&two, warned(value("1"), &[(1292, "a"), (1365, "b")]), Passed);
    check(&two, warned(value("1"), &[(1292, "x"), (1365, "b")]), Warnings);
    check(&two, warned(value("1"), &[(1365, "b"), (1292, "a")]), Warnings);
    check(&two, warned(value("1"), &[(1292, "a")]), Warnings);
    check(&two, warned(value("2"), &[(1292, "a")]), Value);
    check(&case(BIGINT, r#""1""#), warned(value("1"), &[(1292, "a")]), Warnings);
    let unknown = case(BIGINT, r#"{"v":"1","w":[["W",1105,"a"]]}"#);
    check(&unknown, warned(value("1"), &[(1292, "b")]), Passed);
    check(&unknown, value("1"), Warnings);
}

#[test]
fn errors_are_compared_by_code() {
    use Outcome::{Error, Passed};
    let of = |code: u16| case(BIGINT, &format!(r#"{{"err":[{code},"a"]}}"#));
    check(&of(1690), error(1690, "a"), Passed);
    check(&of(1690), error(1264, "a"), Error);
    check(&of(1690), error(1105, "a"), Error);
    check(&of(1690), value("1"), Error);
    check(&of(1105), error(1690, "a"), Passed);
    check(&of(1105), value("1"), Error);
    check(&of(3140), error(3158, "a"), Passed);
    check(&of(3140), error(1105, "a"), Passed);
    check(&of(3140), error(3139, "a"), Error);
    check(&case(BIGINT, r#""1""#), error(1690, "a"), Error);
    let verdict = judge_rows(&of(1690), &[error(1690, "b")]);
    assert_eq!((verdict.is_passed(), verdict.apart.error_text), (true, 1));
}

#[test]
fn a_refused_statement_fails_every_row() {
    use Outcome::{Error, Passed};
    let refuse = |line: &str, code: u16| {
        let answer = Answer::Refused(SqlError::new(code, "a"));
        judge_expression(&expression(line), &answer).outcomes
    };
    let refused = r#"{"e":"x","err":[1367,"a"]}"#;
    assert_eq!(refuse(refused, 1367), [Passed]);
    assert_eq!(refuse(refused, 1064), [Error]);
    let mixed = case(BIGINT, r#"{"err":[1690,"a"]},"1""#);
    assert_eq!(refuse(&mixed, 1690), [Passed, Error]);
    let all = |rows: &[RowAnswer]| {
        let answer = ExpressionAnswer { rows: rows.to_vec(), ..ExpressionAnswer::default() };
        judge_expression(&expression(refused), &Answer::Answered(answer)).outcomes
    };
    assert_eq!(all(&[error(1367, "a"), error(1367, "a")]), [Passed]);
    assert_eq!(all(&[error(1367, "a"), value("1")]), [Error]);
    assert_eq!(all(&[]), [Error]);
}

#[test]
fn a_type_is_judged_by_what_counts() {
    let of = |text: &str| {
        let line = format!(r#"{{"e":"x","t":{text},"r":["1"]}}"#);
        expression(&line).result_type.unwrap()
    };
    let check = |a: &str, b: &str, equal: bool| {
        assert_eq!(is_type_equal(&of(a), &of(b)), equal, "{a} {b}");
    };
    let bigint = r#"{"type":"bigint","len":20,"dec":0}"#;
    check(bigint, r#"{"type":"bigint","len":1,"dec":31,"notnull":true}"#, true);
    check(bigint, r#"{"type":"int","len":20,"dec":0}"#, false);
    check(bigint, r#"{"type":"bigint","len":20,"dec":0,"unsigned":true}"#, false);
    for name in ["decimal", "double", "float", "time", "datetime"] {
        let with = |dec: u8| format!(r#"{{"type":"{name}","len":20,"dec":{dec}}}"#);
        check(&with(2), &with(3), false);
    }
    let text = r#"{"type":"varchar","len":4,"dec":0,"collation":"utf8mb4_bin","coercibility":2}"#;
    check(text, r#"{"type":"varchar","len":8,"dec":31,"collation":"utf8mb4_bin"}"#, true);
    check(text, r#"{"type":"varchar","len":4,"dec":0,"collation":"ascii_bin"}"#, false);
}

#[test]
fn a_wrong_type_fails_rows_with_values_and_is_told_apart() {
    let case = expression(&case(BIGINT, r#""1",{"err":[1690,"a"]},"3""#));
    let result_type = Some(ProtocolType { name: "int".to_owned(), ..ProtocolType::default() });
    let rows = vec![value("1"), error(1690, "a"), value("2")];
    let answer = ExpressionAnswer { result_type, bind_warnings: Vec::new(), rows };
    let verdict = judge_expression(&case, &Answer::Answered(answer));
    assert_eq!(verdict.outcomes, [Outcome::Type, Outcome::Passed, Outcome::Value]);
    assert_eq!(verdict.apart.length, 3);
}

#[test]
fn statement_warnings_fail_one_result() {
    let line = format!(r#"{{"e":"x",{BIGINT},"bw":[["W",1292,"a"]],"r":["1","2"]}}"#);
    let rows = [value("1"), value("2")];
    assert!(judge_rows(&line, &rows).is_passed());
    let case = expression(&line);
    let answer = |warnings: Vec<Warning>| {
        let result_type = case.result_type.clone();
        let answer = ExpressionAnswer { result_type, bind_warnings: warnings, rows: rows.to_vec() };
        judge_expression(&case, &Answer::Answered(answer)).outcomes
    };
    use Outcome::{Passed, Warnings};
    assert_eq!(answer(Vec::new()), [Warnings, Passed]);
    assert_eq!(answer(vec![warning(1292, "b")]), [Warnings, Passed]);
    assert_eq!(answer(vec![warning(1292, "a"), warning(1292, "a")]), [Warnings, Passed]);
}

#[test]
fn either_entry_of_a_split_row_passes_whole() {
    use Outcome::{Passed, Value, Warnings};
    let line = format!(
        r#"{{"e":"x",{BIGINT},"r":[{{"v":"1","w":[["W",1292,"a"]]}}],"split":{{"0":"2"}}}}"#
    );
    check(&line, warned(value("1"), &[(1292, "a")]), Passed);
    check(&line, value("2"), Passed);
    check(&line, value("1"), Warnings);
    check(&line, warned(value("2"), &[(1292, "a")]), Value);
}

#[test]
fn relational_rows_are_compared_in_place() {
    let line = r#"{"agg":"sum(x)","by":"id % 2","t":{"type":"decimal","len":9,"dec":1},"r":[["0","1.0"],["1",null]]}"#;
    let head = r#"{"server":"s","session":{},"statement":"select","table":"t","rows":1}"#;
    let case = match parse_file("f", &format!("{head}\n{line}")).cases.remove(0) {
        Case::Relational(case) => case,
        other => panic!("{other:?}"),
    };
    let cell = |text: &str| Some(text.as_bytes().into());
    let judge = |rows: Vec<Vec<Option<Box<[u8]>>>>| {
        let result_type = case.result_type.clone();
        let answer = TableAnswer { result_type, rows, warnings: Vec::new() };
        judge_relational(&case, &Answer::Answered(answer)).outcomes
    };
    use Outcome::{Passed, Value};
    let (one, two) = (vec![cell("0"), cell("1")], vec![cell("1"), None]);
    assert_eq!(judge(vec![one.clone(), two.clone()]), [Passed, Passed]);
    assert_eq!(judge(vec![two.clone(), one.clone()]), [Value, Value]);
    assert_eq!(judge(vec![one.clone()]), [Passed, Value]);
    assert_eq!(judge(vec![one, two.clone(), two]), [Passed, Value]);
}

#[test]
fn sides_merge_to_what_passes_on_both() {
    use Outcome::{Error, Panic, Passed, Value};
    let of = |outcomes: &[Outcome]| Verdict { outcomes: outcomes.into(), apart: Apart::default() };
    let mut verdict = of(&[Passed, Passed, Value, Value]);
    verdict.merge(&of(&[Passed, Error, Error, Panic]));
    assert_eq!(verdict.outcomes, [Passed, Error, Value, Panic]);
}
