// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

use super::super::NOT_FIXED;
use super::*;

fn read_back(text: &str) -> String {
    text.parse::<SqlType>().map_or_else(|e| e.to_string(), |ty| ty.to_string())
}

#[test]
fn canonical_texts_read_back() {
    for text in [
        "null",
        "tinyint",
        "mediumint unsigned",
        "int(5)",
        "int(5) unsigned",
        "year",
        "bit(1)",
        "bit(8)",
        "float",
        "double(10,2)",
        "double(10,2) unsigned",
        "decimal(10,2)",
        "decimal(10,0) unsigned",
        "date",
        "datetime",
        "datetime(3)",
        "timestamp(6)",
        "time(3)",
        "char(10) collate utf8mb4_bin",
        "varchar(64) collate utf8mb4_general_ci",
        "var_string collate utf8mb4_bin",
        "var_string(20) collate binary",
        "text collate utf8mb4_0900_ai_ci",
        "binary(10)",
        "varbinary(64)",
        "blob",
        "enum('a','it''s','') collate utf8mb4_general_ci",
        "set('a','B') collate binary",
        "json",
        "vector",
        "vector(3)",
        "double decimals 31",
        "datetime(3) length 26",
        "bigint(21)",
    ] {
        assert_eq!(read_back(text), text);
    }
}

#[test]
fn alternate_texts_are_mysqls() {
    let check = |text: &str, shown: &str| {
        assert_eq!(format!("{:#}", text.parse::<SqlType>().unwrap()), shown);
    };
    check("double length -1 decimals 31", "double");
    check("var_string(20) collate utf8mb4_bin decimals 31", "varchar(20) collate utf8mb4_bin");
    check("var_string(20) collate binary", "varbinary(20)");
    check("decimal(7,4)", "decimal(7,4)");
    check("datetime(3) length 26", "datetime(3)");
}

#[test]
fn longer_forms_become_canonical() {
    for (text, canonical) in [
        ("INT", "int"),
        (" Integer ( 11 ) ", "int"),
        ("int(10) unsigned", "int unsigned"),
        ("bool", "tinyint(1)"),
        ("double precision", "double"),
        ("float(20)", "float"),
        ("float(30)", "double"),
        ("decimal", "decimal(10,0)"),
        ("numeric(5)", "decimal(5,0)"),
        ("bit", "bit(1)"),
        ("year(4)", "year"),
        ("char", "char(1) collate utf8mb4_bin"),
        ("varchar(5) character set gbk", "varchar(5) collate gbk_chinese_ci"),
        (
            "varchar(5) charset utf8mb3 collate utf8mb3_unicode_ci",
            "varchar(5) collate utf8_unicode_ci",
        ),
        ("varchar(5) character set binary", "varbinary(5)"),
        ("datetime(0)", "datetime"),
        ("enum('c ')", "enum('c') collate utf8mb4_bin"),
    ] {
        assert_eq!(read_back(text), canonical);
    }
}

#[test]
fn texts_that_name_no_type_are_refused() {
    for text in [
        "",
        "integers",
        "int(",
        "int(1,2)",
        "int unsigned unsigned",
        "int character set utf8",
        "date unsigned",
        "datetime(7)",
        "decimal(66,0)",
        "decimal(10,31)",
        "bit(0)",
        "bit(65)",
        "float(54)",
        "varchar(5) collate nothing",
        "varchar(5) character set gbk collate utf8mb4_bin",
        "varbinary(5) collate utf8mb4_bin",
        "enum(a)",
        "enum('a'",
        "varchar(5) length",
        "int x",
    ] {
        let refused = text.parse::<SqlType>().map_err(|e| e.message().to_owned());
        assert_eq!(refused, Err(format!("Unknown SQL type '{text}'")));
    }
}

#[test]
fn every_type_reads_back_as_it_was_written() {
    let lengths = [-1, 0, 1, 4, 10, 19, 20, 22, 65, 66, 255, 4_294_967_295];
    let decimals = [UNSPECIFIED, 0, 1, 6, 7, 30, NOT_FIXED];
    for (_, kind) in NAMES {
        for length in lengths {
            for decimals in decimals {
                for collation in [Collation::BINARY, Collation::UTF8MB4_BIN] {
                    for unsigned in [false, true] {
                        let ty = SqlType {
                            unsigned: unsigned && (kind.is_numeric() || kind.is_string()),
                            length,
                            decimals,
                            collation,
                            elements: kind.has_elements().then(|| ["a".into(), "B'".into()].into()),
                            ..SqlType::new(*kind)
                        };
                        assert_eq!(ty.to_string().parse(), Ok(ty.clone()), "{ty}");
                    }
                }
            }
        }
    }
}
