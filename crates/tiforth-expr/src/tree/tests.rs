// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

use tiforth_types::Charset;

use super::*;

fn samples() -> Vec<(Expr, &'static str)> {
    let day = IntervalUnit::Day;
    vec![
        (col("a").add(lit(1)), "(`a` + 1)"),
        (table_col("t", "a`b").eq(lit("it's")), "(`t`.`a``b` = 'it''s')"),
        (lit(-5).mul(lit(1.5)), "((- 5) * 1.5e0)"),
        (lit(i64::MIN), "(- 9223372036854775808)"),
        (col("a").sub(lit(1)).sub(lit(2).sub(lit(3))), "(`a` - 1 - (2 - 3))"),
        (-(-col("a")), "(- - `a`)"),
        (!col("a").is_null(), "(NOT (`a` IS NULL))"),
        (col("a").in_list([lit(1), null()]), "(`a` IN (1, NULL))"),
        (col("a").between(lit(true), lit(2u64)), "(`a` BETWEEN TRUE AND 2)"),
        (col("a").like("x%"), "(`a` LIKE 'x%')"),
        (call("IF", [col("a"), lit(1), lit(2)]), "if(`a`, 1, 2)"),
        (call("date_add", [col("a"), interval(1, day)]), "date_add(`a`, INTERVAL 1 DAY)"),
        (row([col("a"), field(3)]), "ROW(`a`, $3)"),
        (case(None).when(col("a"), 1).otherwise(2), "CASE WHEN `a` THEN 1 ELSE 2 END"),
        (
            case(Some(col("a"))).when(1, 2).when(3, 4).end(),
            "CASE `a` WHEN 1 THEN 2 WHEN 3 THEN 4 END",
        ),
        (
            cast(col("a"), CastTarget::Char { length: Some(3), charset: Some(Charset::Gbk) }),
            "CAST(`a` AS CHAR(3) CHARSET gbk)",
        ),
        (col("a").collate("utf8mb4_BIN"), "(`a` COLLATE `utf8mb4_bin`)"),
        (call("sum", [col("a")]).distinct(), "sum(DISTINCT `a`)"),
        (
            Expr::Literal(Literal::hex("abc").expect("hex").introduced_by(Charset::Utf8mb4)),
            "_utf8mb4 x'0abc'",
        ),
        (Expr::Literal(Literal::bytes_of(b"A\xff")), "x'41FF'"),
        (Expr::Literal(Literal::date("2020-01-01")), "DATE '2020-01-01'"),
        (
            Expr::Call(Call::with_options(
                "group_concat",
                vec![col("a")],
                CallOptions::Aggregate(Box::new(Aggregation {
                    distinct: true,
                    order_by: vec![col("b").desc(), col("c").asc()],
                    separator: Some("-".into()),
                })),
            )),
            "group_concat(DISTINCT `a` ORDER BY `b` DESC, `c` SEPARATOR '-')",
        ),
    ]
}

#[test]
fn prints_mysql_text() {
    for (expr, text) in samples() {
        assert_eq!(expr.to_string(), text);
    }
}

#[test]
fn bytes_round_trip() {
    for (expr, _) in samples() {
        let bytes = serde_json::to_string(&expr).expect("writes");
        let back: Expr = serde_json::from_str(&bytes).expect("reads");
        assert_eq!(back, expr, "{bytes}");
    }
}

#[test]
fn bytes_are_read_strictly() {
    let check = |bytes: &str, message: &str| {
        let error = serde_json::from_str::<Expr>(bytes).expect_err(bytes).to_string();
        assert!(error.contains(message), "{bytes}: {error}");
    };
    check("[]", "no nodes");
    check(r#"["null","null"]"#, "no parent");
    check(r#"["null",{"call":{"name":"plus","args":2}}]"#, "fewer children");
    check(r#"[{"case":{"branches":18446744073709551615}}]"#, "fewer children");
    check(r#"[{"integer":"1.5"}]"#, "no Integer literal");
    check(r#"[{"hex":{"text":"0g"}}]"#, "wrong digit");
    check(r#"[{"string":{"text":"a","charset":"klingon"}}]"#, "unknown charset");
    check(r#"["null",{"interval":"FORTNIGHT"}]"#, "FORTNIGHT");
    check(r#"[{"field":{"name":"a","colour":1}}]"#, "colour");
    check(r#"[{"verb":1}]"#, "verb");
}

#[test]
fn literals_know_their_kind() {
    let check = |text: &str, kind: Option<LiteralKind>| {
        assert_eq!(Literal::number(text).map(|l| l.kind()), kind, "{text}");
    };
    check("1", Some(LiteralKind::Integer));
    check("18446744073709551615", Some(LiteralKind::Integer));
    check("18446744073709551616", Some(LiteralKind::Decimal));
    check("1.", Some(LiteralKind::Decimal));
    check(".5", Some(LiteralKind::Decimal));
    check("1e5", Some(LiteralKind::Float));
    check(".5E-5", Some(LiteralKind::Float));
    for wrong in ["", ".", "-1", "1e", "1e+", "1.2.3", "e5", "1x", "+1", "１"] {
        check(wrong, None);
    }
    assert_eq!(Literal::bit("101000001").expect("bits").bytes(), vec![1, 0x41]);
    assert_eq!(Literal::hex("141").expect("hex").bytes(), vec![1, 0x41]);
}

#[test]
fn height_is_bounded() {
    let chain = |n: usize| (1..n).fold(col("a"), |e, _| e.add(lit(1)));
    assert_eq!(chain(MAX_DEPTH).depth(), MAX_DEPTH);
    let fits = chain(MAX_DEPTH);
    assert!(fits.check_depth().is_ok());
    let bytes = serde_json::to_vec(&fits).expect("writes");
    assert_eq!(serde_json::from_slice::<Expr>(&bytes).expect("reads"), fits);
    let high = chain(200_000);
    assert_eq!(high.check_depth().expect_err("too deep").code(), 1105);
    assert!(serde_json::to_vec(&high).is_err());
    drop(high);
    let high = (0..200_000).fold(col("a"), |e, _| call("f", [e]));
    assert!(high.to_string().contains('…'));
}

#[test]
fn cast_targets_keep_the_limits() {
    let check = |target: CastTarget, code: u16, message: &str| {
        let error = target.check(&lit(1)).expect_err("refused");
        assert_eq!((error.code(), error.message()), (code, message));
    };
    check(
        CastTarget::Decimal { precision: 70, scale: 2 },
        1426,
        "Too-big precision 70 specified for '1'. Maximum is 65.",
    );
    check(
        CastTarget::Decimal { precision: 2, scale: 3 },
        1427,
        "For float(M,D), double(M,D) or decimal(M,D), M must be >= D (column '1').",
    );
    check(
        CastTarget::Decimal { precision: 40, scale: 31 },
        1425,
        "Too big scale 31 specified for column '1'. Maximum is 30.",
    );
    check(CastTarget::DateTime(7), 1426, "Too-big precision 7 specified for 'CAST'. Maximum is 6.");
}

#[test]
fn trees_are_shared_between_threads() {
    fn is_shared<T: Send + Sync>() {}
    is_shared::<Expr>();
}
