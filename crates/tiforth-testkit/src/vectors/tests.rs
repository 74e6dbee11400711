// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

use super::*;

const HEAD: &str =
    r#"{"server":"s","session":{"sql_mode":""},"statement":"select","table":"t","rows":2}"#;

fn read(line: &str) -> Case {
    parse_file("f.jsonl.gz", &format!("{HEAD}\n{line}\n")).cases.remove(0)
}

#[test]
fn what_does_not_keep_the_form_is_counted() {
    let check = |line: &str, results: usize, core: bool| match read(line) {
        Case::Unreadable(case) => {
            assert_eq!((case.results, case.subset.core), (results, core), "{line}");
        }
        other => panic!("{line} was read as {other:?}"),
    };
    check("{", 2, false);
    check("[]", 2, false);
    check(r#"{"e":"x","r":["1","2"],"core":true,"new":1}"#, 2, true);
    check(r#"{"e":"x","r":["1"]}"#, 1, false);
    check(r#"{"e":"x","r":["1",2]}"#, 2, false);
    check(r#"{"e":"x","r":["1",{"v":"2","w":[["X",1,null]]}]}"#, 2, false);
    check(r#"{"e":"x","r":["1",{"hex":"0g"}]}"#, 2, false);
    check(r#"{"e":"x","r":["1",{"bytes":2,"sha256":"00"}]}"#, 2, false);
    check(r#"{"e":"x","into":"int","r":["1","2"]}"#, 2, false);
    check(r#"{"e":"x","r":["1","2"],"split":{"2":"1"}}"#, 2, false);
    check(r#"{"window":"x","err":[1,"a"],"basic":true}"#, 1, false);
    check(r#"{"agg":"x","by":"y","r":[["1"]]}"#, 1, false);
}

#[test]
fn every_form_of_an_entry_is_read() {
    let check = |entry: &str, expected: Entry| {
        let t = r#"{"type":"varchar","len":1,"dec":31}"#;
        match read(&format!(r#"{{"e":"x","t":{t},"r":[{entry},null]}}"#)) {
            Case::Expression(case) => match case.expected {
                Expected::Rows(rows) => assert_eq!(rows[0], expected, "{entry}"),
                Expected::Refused(_) => panic!("{entry}"),
            },
            other => panic!("{entry}: {other:?}"),
        }
    };
    let bytes = |bytes: &[u8]| ExpectedValue::Bytes(bytes.into());
    let plain = |value: ExpectedValue| Entry::Value(value, Vec::new());
    check("null", plain(ExpectedValue::Null));
    check(r#""null""#, plain(bytes(b"null")));
    check(r#""0x61""#, plain(bytes(b"0x61")));
    check(r#"{"hex":"00FF"}"#, plain(bytes(b"\0\xff")));
    check(r#"{"any":true}"#, Entry::Any);
    let error = ExpectedError { code: 1690, text: None };
    check(r#"{"err":[1690,null]}"#, Entry::Error(error.clone()));
    let warning = ExpectedWarning { level: 'W', error };
    check(
        r#"{"v":{"hex":"ff"},"w":[["W",1690,null]]}"#,
        Entry::Value(bytes(b"\xff"), vec![warning]),
    );
}

#[test]
fn column_types_say_how_cells_are_written() {
    let check = |text: &str, expected: ColumnForm| {
        assert_eq!(ColumnForm::of(text), Ok(expected), "{text}");
    };
    check("tinyint unsigned", ColumnForm::Integer { bytes: 1, unsigned: true });
    check("mediumint", ColumnForm::Integer { bytes: 4, unsigned: false });
    check("decimal(65,30)", ColumnForm::Decimal { precision: 65, scale: 30 });
    check("decimal", ColumnForm::Decimal { precision: 10, scale: 0 });
    check("datetime(3)", ColumnForm::DateTime { fsp: 3 });
    check("bit(64)", ColumnForm::Bit);
    check("binary(10)", ColumnForm::FixedBytes { length: 10 });
    check("varchar(64) character set utf8mb4 collate utf8mb4_bin", ColumnForm::Text);
    check("varchar(64) character set binary", ColumnForm::Bytes);
    check("enum('a','b)','unsigned')", ColumnForm::Enum);
    assert!(ColumnForm::of("geometry").is_err());
}

#[test]
fn the_table_has_an_id_and_typed_cells() {
    let json = r#"{"name":"t","columns":[{"name":"b","type":"varbinary(4)"},{"name":"s","type":"varchar(4)"}],"rows":[["0x00ff","0x00ff"],[null,""]]}"#;
    let table = table::parse_table(&serde_json::from_str(json).unwrap()).unwrap();
    let cells = |name: &str| table.column(name).unwrap().cells.clone();
    let cell = |bytes: &[u8]| Some(Box::<[u8]>::from(bytes));
    assert_eq!(cells("id"), [cell(b"0"), cell(b"1")]);
    assert_eq!(cells("b"), [cell(b"\0\xff"), None]);
    assert_eq!(cells("S"), [cell(b"0x00ff"), cell(b"")]);
    assert!(!table.column("id").unwrap().nullable);
}
