// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

use std::sync::Arc;

use super::*;

fn field(data_type: DataType, keys: &[(&str, &str)]) -> ArrowField {
    let keys = keys.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    ArrowField::new("c", data_type, true).with_metadata(keys)
}

#[test]
fn every_type_goes_out_and_comes_back() {
    let types = [
        "tinyint",
        "tinyint(1)",
        "tinyint unsigned",
        "smallint",
        "smallint unsigned",
        "mediumint",
        "mediumint unsigned",
        "int",
        "int unsigned",
        "bigint",
        "bigint unsigned",
        "bigint length 22",
        "year",
        "bit(3)",
        "float",
        "double",
        "double decimals 3",
        "decimal(10,2)",
        "decimal(38,30)",
        "decimal(39,0)",
        "decimal(65,30)",
        "decimal(10,2) unsigned",
        "date",
        "datetime",
        "datetime(3)",
        "timestamp(6)",
        "time",
        "time(6)",
        "char(3) collate utf8mb4_general_ci",
        "varchar(64) collate gbk_chinese_ci",
        "var_string(7) collate utf8mb4_bin",
        "text collate utf8mb4_0900_ai_ci",
        "longtext collate latin1_bin",
        "binary(16)",
        "varbinary(64)",
        "mediumblob",
        "enum('a','it''s') collate utf8mb4_bin",
        "set('x','y') collate utf8mb4_bin",
        "json",
        "vector",
        "null",
    ];
    for text in types {
        let sql_type: SqlType = text.parse().unwrap();
        let field = Field { name: "c".into(), sql_type, nullable: true };
        let arrow = to_arrow_field(&field);
        assert_eq!(from_arrow_field(&arrow).unwrap(), field, "{text}");
        assert!(can_hold(&field.sql_type, arrow.data_type()), "{text}");
        // Without the deciding key the others say as much as they can.
        let mut keys = arrow.metadata().clone();
        keys.remove(SQL_TYPE_KEY);
        let back = from_arrow_field(&arrow.with_metadata(keys));
        match field.sql_type.kind {
            TypeKind::Enum | TypeKind::Set => {
                let message = back.unwrap_err().to_string();
                assert!(message.contains("needs 'tiforth.sql_type'"), "{message}");
            }
            kind => {
                let back = back.unwrap().sql_type;
                assert_eq!(back.eval_type(), field.sql_type.eval_type(), "{text}");
                if matches!(kind, TypeKind::Decimal | TypeKind::DateTime | TypeKind::Time) {
                    assert_eq!(back.decimals, field.sql_type.decimals, "{text}");
                }
                if kind.is_string() {
                    assert_eq!(back.collation, field.sql_type.collation, "{text}");
                }
            }
        }
    }
}

#[test]
fn plain_arrow_has_its_natural_type() {
    let dictionary =
        |values: DataType| DataType::Dictionary(Box::new(DataType::Int16), Box::new(values));
    let utc: Option<Arc<str>> = Some("UTC".into());
    let check = |data_type: DataType, expected: &str| {
        let found = from_arrow_field(&field(data_type.clone(), &[])).unwrap();
        assert_eq!(found.sql_type.to_string(), expected, "{data_type}");
    };
    check(DataType::Null, "null");
    check(DataType::Boolean, "tinyint(1)");
    check(DataType::Int8, "tinyint");
    check(DataType::UInt16, "smallint unsigned");
    check(DataType::Int32, "int");
    check(DataType::UInt64, "bigint unsigned");
    check(DataType::Float16, "float");
    check(DataType::Float32, "float");
    check(DataType::Float64, "double");
    check(DataType::Decimal32(9, 2), "decimal(9,2)");
    check(DataType::Decimal128(15, 2), "decimal(15,2)");
    check(DataType::Decimal256(76, 40), "decimal(65,30)");
    check(DataType::Decimal128(5, -2), "decimal(7,0)");
    check(DataType::Decimal128(3, 5), "decimal(5,5)");
    check(DataType::Date32, "date");
    check(DataType::Timestamp(TimeUnit::Second, None), "datetime");
    check(DataType::Timestamp(TimeUnit::Millisecond, None), "datetime(3)");
    check(DataType::Timestamp(TimeUnit::Nanosecond, None), "datetime(6)");
    check(DataType::Timestamp(TimeUnit::Microsecond, utc), "timestamp(6)");
    check(DataType::Time32(TimeUnit::Millisecond), "time(3)");
    check(DataType::Time64(TimeUnit::Nanosecond), "time(6)");
    check(DataType::Duration(TimeUnit::Second), "time");
    check(DataType::Utf8, "varchar collate utf8mb4_bin");
    check(DataType::LargeUtf8, "varchar collate utf8mb4_bin");
    check(DataType::Utf8View, "varchar collate utf8mb4_bin");
    check(DataType::BinaryView, "varbinary");
    check(DataType::FixedSizeBinary(16), "binary(16)");
    check(dictionary(DataType::Utf8), "varchar collate utf8mb4_bin");
    check(dictionary(DataType::Decimal128(5, 1)), "decimal(5,1)");
}

#[test]
fn older_keys_name_types_too() {
    let check = |data_type: DataType, keys: &[(&str, &str)], expected: &str| {
        let found = from_arrow_field(&field(data_type, keys)).unwrap();
        assert_eq!(found.sql_type.to_string(), expected);
    };
    let logical = LOGICAL_TYPE_KEY;
    check(
        DataType::Decimal256(65, 4),
        &[(logical, "decimal"), (PRECISION_KEY, "65"), (SCALE_KEY, "4")],
        "decimal(65,4)",
    );
    check(DataType::UInt64, &[(logical, "mydate")], "date");
    check(DataType::UInt64, &[(logical, "mydatetime"), (FSP_KEY, "3")], "datetime(3)");
    check(DataType::UInt64, &[(logical, "mytimestamp"), (FSP_KEY, "6")], "timestamp(6)");
    check(DataType::Int64, &[(logical, "mytime"), (FSP_KEY, "2")], "time(2)");
    check(DataType::Binary, &[(logical, "string")], "varchar collate utf8mb4_bin");
    check(DataType::Binary, &[(logical, "string"), (COLLATION_KEY, "63")], "varbinary");
    let ci = "varchar collate utf8mb4_general_ci";
    check(DataType::Binary, &[(logical, "string"), (COLLATION_KEY, "45")], ci);
    check(DataType::Utf8, &[(COLLATION_KEY, "45")], ci);
}

#[test]
fn contradictions_are_errors_that_name_the_field() {
    let check = |data_type: DataType, keys: &[(&str, &str)], expected: &str| {
        let message = from_arrow_field(&field(data_type, keys)).unwrap_err().to_string();
        assert!(message.contains("Column 'c'") && message.contains(expected), "{message}");
    };
    let (sql, logical) = (SQL_TYPE_KEY, LOGICAL_TYPE_KEY);
    check(DataType::Int32, &[(sql, "integral")], "Unknown SQL type");
    check(DataType::Int32, &[(sql, "datetime")], "cannot be held by Arrow Int32");
    check(DataType::Utf8, &[(sql, "int")], "cannot be held by Arrow Utf8");
    check(DataType::UInt64, &[(sql, "date"), (logical, "mydatetime")], "contradicts type date");
    check(DataType::UInt64, &[(sql, "datetime(3)"), (FSP_KEY, "6")], "contradicts");
    check(DataType::Int32, &[(sql, "int"), (FSP_KEY, "0")], "contradicts");
    let decimal = DataType::Decimal128(10, 2);
    check(decimal.clone(), &[(sql, "decimal(10,2)"), (PRECISION_KEY, "11")], "contradicts");
    check(decimal.clone(), &[(PRECISION_KEY, "11")], "contradicts");
    for bad in ["+2", " 2", "02", "2.0", "", "31", "-1", "99999999999"] {
        check(decimal.clone(), &[(SCALE_KEY, bad)], "must be 0 to 30");
    }
    check(DataType::Utf8, &[(COLLATION_KEY, "9999")], "collation 9999 is unknown");
    check(DataType::Int64, &[(COLLATION_KEY, "46")], "contradicts");
    check(DataType::Int64, &[("tiforth.colour", "red")], "'tiforth.colour' is unknown");
    check(DataType::Int64, &[(logical, "integer")], "logical type 'integer' is unknown");
    check(DataType::Int64, &[(logical, "decimal")], "needs precision and scale");
    check(DataType::UInt64, &[(logical, "enum")], "needs 'tiforth.sql_type'");
    let list = DataType::new_list(DataType::Int8, true);
    check(list, &[], "holds no SQL type");
    from_arrow_field(&field(DataType::Int64, &[("other.key", "x")])).unwrap();
}

#[test]
fn schemas_differ_in_what_matters() {
    let schema = |fields: Vec<ArrowField>| Schema::new(fields);
    let a = || field(DataType::UInt64, &[(SQL_TYPE_KEY, "date"), ("host", "1")]);
    let check = |other: Vec<ArrowField>, expected: &str| {
        let found = check_same_schema(&schema(vec![a()]), &schema(other));
        let message = found.unwrap_err().to_string();
        assert!(message.contains("Schema differs") && message.contains(expected), "{message}");
    };
    check(vec![], "1 columns expected, 0 found");
    check(vec![a().with_name("d")], "column 0 is named 'd', not 'c'");
    check(vec![field(DataType::Int64, &[])], "column 'c' has Arrow type Int64, not UInt64");
    check(
        vec![field(DataType::UInt64, &[(SQL_TYPE_KEY, "datetime")])],
        "column 'c' has tiforth.sql_type 'datetime', not 'date'",
    );
    check(vec![field(DataType::UInt64, &[])], "tiforth.sql_type none, not 'date'");
    let same = field(DataType::UInt64, &[(SQL_TYPE_KEY, "date"), ("host", "2")]);
    check_same_schema(&schema(vec![a()]), &schema(vec![same.with_nullable(false)])).unwrap();
}
