// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Tables of texts and what they are read as, printed with every bracket.

use tiforth_expr::tree::{Expr, Literal, LiteralKind, MAX_DEPTH, field, lit, print_order_by};

use super::*;
use tiforth_types::Charset;

fn check_in(mode: &str, text: &str, want: &str) {
    let mode = SqlMode::parse(mode).expect("sql_mode");
    let expr = parse_expr(text, mode).unwrap_or_else(|e| panic!("{text}: {e}"));
    assert_eq!(expr.to_string().replace('`', ""), want, "{text}");
}

fn check(text: &str, want: &str) {
    check_in("", text, want);
}

fn refuse(text: &str, code: u16) -> String {
    let error = parse_expr(text, SqlMode::EMPTY).expect_err(text);
    assert_eq!(error.code(), code, "{text}: {error}");
    error.message().to_owned()
}

#[test]
fn operators_bind_as_in_mysql() {
    check("2 + 3 * 4 - 1", "((2 + (3 * 4)) - 1)");
    check("2 * 3 % 4 div 5 mod 6 / 7", "(((((2 * 3) % 4) DIV 5) % 6) / 7)");
    check("2 ^ 3 * 2", "((2 ^ 3) * 2)");
    check("2 * 3 ^ 2 ^ 1", "(2 * (3 ^ 2 ^ 1))");
    check("-2 ^ 3", "((- 2) ^ 3)");
    check("1 | 2 & 3 << 4 + 5 * 6 ^ 7", "(1 | (2 & (3 << (4 + (5 * (6 ^ 7))))))");
    check("a << 1 >> 2", "((a << 1) >> 2)");
    check("a or b xor c and d", "(a OR (b XOR (c AND d)))");
    check("a and b xor c or d && e", "(((a AND b) XOR c) OR (d AND e))");
    check("a || b", "(a OR b)");
    check("a = b = c", "(a = b = c)");
    check("a = b is null", "((a = b) IS NULL)");
    check("a = 1 and b <> 2 or c != 3", "(((a = 1) AND (b != 2)) OR (c != 3))");
    check("a <=> b", "(a <=> b)");
    check("a < b + 1", "(a < (b + 1))");
    check("a - -1", "(a - (- 1))");
    check("a--1", "(a - (- 1))");
    check("+a + + b", "(a + b)");
    check("(((a)))", "a");
}

#[test]
fn negation_has_two_heights() {
    check("not a = b", "(NOT (a = b))");
    check("not a is null", "(NOT (a IS NULL))");
    check("not a between 1 and 2 and b", "((NOT (a BETWEEN 1 AND 2)) AND b)");
    check("not not a or b", "((NOT NOT a) OR b)");
    check("!a = b", "((NOT a) = b)");
    check("!1 + 1", "((NOT 1) + 1)");
    check("not 1 + 1", "(NOT (1 + 1))");
    check("! -a", "(NOT (- a))");
    check("-!a", "(- (NOT a))");
    check("~-a collate x", "(~ (- (a COLLATE x)))");
    check_in("HIGH_NOT_PRECEDENCE", "not a = b", "((NOT a) = b)");
    check_in("HIGH_NOT_PRECEDENCE", "not a between 1 and 2", "((NOT a) BETWEEN 1 AND 2)");
    check_in(
        "HIGH_NOT_PRECEDENCE",
        "a not in (1) and 1 + not 0",
        "((NOT (a IN (1))) AND (1 + (NOT 0)))",
    );
    refuse("1 + not 0", 1064);
}

#[test]
fn pipes_concatenate_when_asked() {
    check_in("PIPES_AS_CONCAT", "a || b || c", "concat(concat(a, b), c)");
    check_in("PIPES_AS_CONCAT", "-a || b ^ c", "(concat((- a), b) ^ c)");
    check_in("PIPES_AS_CONCAT", "a + b || c", "(a + concat(b, c))");
    check_in("PIPES_AS_CONCAT", "a like b || c", "(a LIKE concat(b, c))");
    check_in("PIPES_AS_CONCAT", "a or b", "(a OR b)");
}

#[test]
fn predicates() {
    check("a in (1, 2) = 1", "((a IN (1, 2)) = 1)");
    check("a not in (1)", "(NOT (a IN (1)))");
    check("(a, b) in ((1, 2), row(3, 4))", "(ROW(a, b) IN (ROW(1, 2), ROW(3, 4)))");
    check("a between b and c and d", "((a BETWEEN b AND c) AND d)");
    check("a not between b and c", "(a NOT BETWEEN b AND c)");
    check("a between 1 and b between 2 and 3", "(a BETWEEN 1 AND (b BETWEEN 2 AND 3))");
    check("a between 1 and b not in (2)", "(a BETWEEN 1 AND (NOT (b IN (2))))");
    check("a like 'b%'", "(a LIKE 'b%')");
    check("a not like b escape '!'", "(NOT (a LIKE b ESCAPE '!'))");
    check("a like b escape ''", "(a LIKE b)");
    check("a ilike b escape '|'", "(a ILIKE b ESCAPE '|')");
    check("a rlike b and a not regexp c", "((a REGEXP b) AND (NOT (a REGEXP c)))");
    check("a is not true", "(NOT (a IS TRUE))");
    check("a is false or b is unknown", "((a IS FALSE) OR (b IS NULL))");
    check(
        "a is not unknown and b is not null is null",
        "((NOT (a IS NULL)) AND ((NOT (b IS NULL)) IS NULL))",
    );
    check("1 member of (j)", "json_memberof(1, j)");
    check(
        "j->'$.a' = j->>'$.b'",
        "(json_extract(j, '$.a') = json_unquote(json_extract(j, '$.b')))",
    );
    refuse("a in (1) in (2)", 1064);
    refuse("a in ()", 1064);
    refuse("a is true is true", 1064);
    refuse("a not = b", 1064);
    assert_eq!(refuse("a like b escape '12'", 1210), "Incorrect arguments to ESCAPE");
}

#[test]
fn forms_with_words() {
    check("case a when 1 then 2 else 3 end", "CASE a WHEN 1 THEN 2 ELSE 3 END");
    check("case when a then b end + 1", "(CASE WHEN a THEN b END + 1)");
    check("binary a = b", "((BINARY a) = b)");
    check("binary binary a collate x", "(BINARY (BINARY (a COLLATE x)))");
    check("extract(day_second from a)", "extract(DAY_SECOND FROM a)");
    check("trim(a)", "trim(a)");
    check("trim('x' from a)", "trim('x' FROM a)");
    check("trim(both from a)", "trim(BOTH ' ' FROM a)");
    check("trim(leading 'x' from a)", "trim(LEADING 'x' FROM a)");
    check("position(a in b)", "position(a IN b)");
    check("substring(a from 2 for 3)", "substring(a, 2, 3)");
    check("mid(a, 2, 3)", "mid(a, 2, 3)");
    check("substr(a from 2)", "substr(a, 2)");
    check("char(65, 66 using gbk)", "char(65, 66 USING gbk)");
    check("char(65)", "char(65)");
    check("convert(a using latin1)", "convert(a USING latin1)");
    check("weight_string(a as char(3))", "weight_string(a AS CHAR(3))");
    check("weight_string(a as binary(3))", "weight_string(a AS BINARY(3))");
    check("timestampdiff(sql_tsi_month, a, b)", "timestampdiff(MONTH, a, b)");
    check("timestampadd(day, 1, a)", "timestampadd(DAY, 1, a)");
    check("get_format(timestamp, 'USA')", "get_format(DATETIME, 'USA')");
    check("mod(a, b)", "(a % b)");
    check("insert(a, 1, 2, b)", "insert(a, 1, 2, b)");
    check("if(a, left(b, 1), repeat(c, 2))", "if(a, left(b, 1), repeat(c, 2))");
    check("IFNULL ( a , b )", "ifnull(a, b)");
    check("current_timestamp", "current_timestamp()");
    check("utc_time(3)", "utc_time(3)");
    check("now()", "now()");
    check("now + 1", "(now + 1)");
}

#[test]
fn intervals() {
    check("a + interval 1 day", "date_add(a, INTERVAL 1 DAY)");
    check("a - interval b + 1 hour_second - 2", "(date_sub(a, INTERVAL (b + 1) HOUR_SECOND) - 2)");
    check("interval 1 day + a + b", "(date_add(a, INTERVAL 1 DAY) + b)");
    check("interval 1 day + a * b", "date_add((a * b), INTERVAL 1 DAY)");
    check("a | b + interval (1) day", "(a | date_add(b, INTERVAL 1 DAY))");
    check("interval(a, 1, 2) + 1", "(interval(a, 1, 2) + 1)");
    check("date_add(a, interval -1 year_month)", "date_add(a, INTERVAL (- 1) YEAR_MONTH)");
    check("adddate(a, 31)", "adddate(a, INTERVAL 31 DAY)");
    check("subdate(a, interval 1 sql_tsi_week)", "subdate(a, INTERVAL 1 WEEK)");
    refuse("date_add(a, 31)", 1064);
    refuse("a * interval 1 day", 1064);
    refuse("interval 1 day - a", 1064);
    refuse("interval 1 day", 1064);
    refuse("timestampadd(day_hour, 1, a)", 1064);
    refuse("a + interval 1 sql_tsi_day_hour", 1064);
}

#[test]
fn casts() {
    check("cast(a as signed integer)", "CAST(a AS SIGNED)");
    check("convert(a, unsigned)", "CAST(a AS UNSIGNED)");
    check("cast(a as decimal)", "CAST(a AS DECIMAL(10, 0))");
    check("cast(a as decimal(5))", "CAST(a AS DECIMAL(5, 0))");
    check("cast(a as decimal(65, 30))", "CAST(a AS DECIMAL(65, 30))");
    check("cast(a as char(3) character set gbk)", "CAST(a AS CHAR(3) CHARSET gbk)");
    check("cast(a as char ascii)", "CAST(a AS CHAR CHARSET latin1)");
    check("cast(a as nchar(3))", "CAST(a AS CHAR(3))");
    check("cast(a as binary(3))", "CAST(a AS BINARY(3))");
    check("cast(a as datetime(6))", "CAST(a AS DATETIME(6))");
    check("cast(a as float(24))", "CAST(a AS FLOAT)");
    check("cast(a as float(25))", "CAST(a AS DOUBLE)");
    check("cast(a as real)", "CAST(a AS DOUBLE)");
    check_in("REAL_AS_FLOAT", "cast(a as real)", "CAST(a AS FLOAT)");
    check("cast(a as unsigned array)", "CAST(a AS UNSIGNED ARRAY)");
    check("cast(a as vector<float>(3))", "CAST(a AS VECTOR(3))");
    check("cast(a as year)", "CAST(a AS YEAR)");
    assert_eq!(
        refuse("cast(1 as decimal(70,2))", 1426),
        "Too-big precision 70 specified for '1'. Maximum is 65."
    );
    assert_eq!(
        refuse("cast(1 as datetime(7))", 1426),
        "Too-big precision 7 specified for 'CAST'. Maximum is 6."
    );
    refuse("cast(1 as float(54))", 1426);
    refuse("cast(1 as decimal(40,31))", 1425);
    refuse("cast(1 as decimal(2,3))", 1427);
    refuse("cast(1 as klingon)", 1064);
    assert_eq!(refuse("convert(1 using no_such)", 1115), "Unknown character set: 'no_such'");
}

#[test]
fn literals() {
    let literal = |text: &str, mode: &str| -> Literal {
        match parse_expr(text, SqlMode::parse(mode).expect("sql_mode")) {
            Ok(expr) => match &expr {
                Expr::Literal(literal) => literal.clone(),
                other => panic!("{text}: {other}"),
            },
            Err(e) => panic!("{text}: {e}"),
        }
    };
    let check = |text: &str, kind: LiteralKind, value: &str| {
        let literal = literal(text, "");
        assert_eq!((literal.kind(), literal.text()), (kind, value), "{text}");
    };
    check("1", LiteralKind::Integer, "1");
    check("18446744073709551616", LiteralKind::Decimal, "18446744073709551616");
    check("1.50", LiteralKind::Decimal, "1.50");
    check("1.", LiteralKind::Decimal, "1.");
    check(".5", LiteralKind::Decimal, ".5");
    check("1e-5", LiteralKind::Float, "1e-5");
    check("1.5E+3", LiteralKind::Float, "1.5E+3");
    check("0x41", LiteralKind::Hex, "41");
    check("0x4", LiteralKind::Hex, "04");
    check("X'4a4B'", LiteralKind::Hex, "4a4B");
    check("x''", LiteralKind::Hex, "");
    check("b'01'", LiteralKind::Bit, "01");
    check("0b1", LiteralKind::Bit, "1");
    check("'it''s'", LiteralKind::String, "it's");
    check("\"a\"\"b'\"", LiteralKind::String, "a\"b'");
    check("'a' 'b'\n'c'", LiteralKind::String, "abc");
    check(r"'\n\t\r\b\0\Z\\\'\q'", LiteralKind::String, "\n\t\r\u{8}\0\u{1a}\\'q");
    check(r"'a\%b\_'", LiteralKind::String, r"a\%b\_");
    check("date'2020-02-29'", LiteralKind::Date, "2020-02-29");
    check("TIME '1:2'", LiteralKind::Time, "1:2");
    check("{ts '2020-02-29 1:2:3'}", LiteralKind::Timestamp, "2020-02-29 1:2:3");
    check("{d'2020-02-29'}", LiteralKind::Date, "2020-02-29");
    check("{t '1:2'}", LiteralKind::Time, "1:2");
    check("{any 5}", LiteralKind::Integer, "5");
    check("null", LiteralKind::Null, "");
    check(r"\N", LiteralKind::Null, "");
    check("true", LiteralKind::Bool, "1");
    assert_eq!(literal(r"'a\n'", "NO_BACKSLASH_ESCAPES").text(), r"a\n");
    let introduced = |text: &str| literal(text, "").charset().map(Charset::name);
    assert_eq!(introduced("_latin1'a'"), Some("latin1"));
    assert_eq!(introduced("_UTF8MB4 x'41'"), Some("utf8mb4"));
    assert_eq!(introduced("_binary 0b1"), Some("binary"));
    assert_eq!(introduced("N'a'"), Some("utf8"));
    assert_eq!(introduced("'a'"), None);
    for wrong in ["'a", "x'4'", "x'4g'", "b'2'", "_klingon'a'", "`a", "{d 5}", "{d '1'", "1.2.3"] {
        refuse(wrong, 1064);
    }
    assert_eq!(refuse("1e400", 1367), "Illegal double '1e400' value found during parsing");
}

#[test]
fn names() {
    check("t.a + `x y`.`select`", "(t.a + x y.select)");
    check("t.select", "t.select");
    check("t.1a + 2b + 0xg + 1e", "(t.1a + 2b + 0xg + 1e)");
    check("日本 + $a", "(日本 + $a)");
    check("date + time + day + count + _latin1 + n", "(date + time + day + count + _latin1 + n)");
    check_in("ANSI_QUOTES", "\"a\"\"b\"", "a\"b");
    for wrong in ["select", "a.b.c", "and", "a b", "", " ", "a.", "@a", "?", "a;", "f(", "if"] {
        refuse(wrong, 1064);
    }
}

#[test]
fn calls_heed_the_space() {
    check("count(*)", "count(1)");
    check("substring (a, 2)", "substring(a, 2)");
    refuse("count (*)", 1064);
    refuse("trim (both from a)", 1064);
    check_in("IGNORE_SPACE", "count (*)", "count(1)");
    check("round (a)", "round(a)");
}

#[test]
fn comments_are_blanks() {
    check("a /* b */ + -- c\n 1 # d", "(a + 1)");
    check("a /*! + 1 */", "(a + 1)");
    check("a /*!80000 + 1 */ + 2", "(a + 1 + 2)");
    check("1--1", "(1 - (- 1))");
    refuse("a /* b", 1064);
    refuse("a */", 1064);
}

#[test]
fn aggregates_and_keys() {
    let aggregate = |text: &str| {
        parse_aggregate(text, SqlMode::EMPTY)
            .map(|call| Expr::Call(call).to_string().replace('`', ""))
    };
    let check = |text: &str, want: &str| assert_eq!(aggregate(text).expect(text), want);
    check("count(*)", "count(1)");
    check("count(distinct a, b)", "count(DISTINCT a, b)");
    check("sum(all a + 1)", "sum((a + 1))");
    check("std(a)", "stddev_pop(a)");
    check("variance(distinct a)", "var_pop(DISTINCT a)");
    check("group_concat(i8 order by id)", "group_concat(i8 ORDER BY id)");
    check(
        "group_concat(distinct a, '-' order by a desc, id separator '|')",
        "group_concat(DISTINCT a, '-' ORDER BY a DESC, id SEPARATOR '|')",
    );
    check("json_objectagg(all a, all b)", "json_objectagg(a, b)");
    check("any_value(a)", "any_value(a)");
    for wrong in ["count(a, b)", "sum(a, b)", "bit_or(distinct a)", "sum()", "sum(a) + 1", "abs(a)"]
    {
        assert!(aggregate(wrong).is_err(), "{wrong}");
    }
    let mut expr = parse_expr("sum(a) / count(*) + sum(a) * b", SqlMode::EMPTY).expect("reads");
    let calls = split_aggregates(&mut expr);
    let names: Vec<_> = calls.iter().map(|call| &*call.name).collect();
    assert_eq!(
        (names, expr.to_string()),
        (vec!["sum", "count"], "(($0 / $1) + ($0 * `b`))".into())
    );
    let keys = |text: &str| {
        parse_order_by(text, SqlMode::EMPTY).map(|items| print_order_by(&items).replace('`', ""))
    };
    assert_eq!(keys("y asc, id").expect("keys"), "y, id");
    assert_eq!(keys("y + 1 desc, id desc").expect("keys"), "(y + 1) DESC, id DESC");
    assert!(keys("y desc id").is_err());
    assert_eq!(parse_expr_list("a, b + 1", SqlMode::EMPTY).expect("list").len(), 2);
}

#[test]
fn errors_point_at_the_place() {
    let near = |text: &str| {
        let message = refuse(text, 1064);
        message.split("to use ").nth(1).map(str::to_owned).expect("place")
    };
    assert_eq!(near("1 +"), "line 1 column 4 near \"\"");
    assert_eq!(near("a b"), "line 1 column 3 near \"b\"");
    assert_eq!(near("a +\n  日 * ) + 1"), "line 2 column 7 near \") + 1\"");
    assert_eq!(near("'unterminated"), "line 1 column 1 near \"'unterminated\"");
}

/// Runs on a stack as small as those of other languages' threads.
fn on_a_small_stack(test: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(test);
    thread.expect("spawns").join().expect("no overflow");
}

#[test]
fn nesting_is_bounded() {
    on_a_small_stack(|| {
        let texts = [
            ("(", "a", ")"),
            ("f(", "a", ")"),
            ("(a in (", "a", "))"),
            ("case when ", "a", " then 1 end"),
            ("cast(", "a", " as signed)"),
            ("(a between 1 and (", "a", "))"),
            ("1 + (interval (", "a", ") day + b)"),
            ("{a ", "a", "}"),
            ("-(", "a", ")"),
            ("count(", "a", ")"),
            ("- ", "a", ""),
            ("not ", "a", ""),
            ("", "a", " + 1"),
            ("", "a", " or 1"),
            ("a between 1 and ", "a", ""),
            ("binary ", "a", ""),
            ("", "a", " collate x"),
            ("", "a", " is null"),
            ("a ^ a * a + a & a or ", "a", ""),
        ];
        for (before, middle, after) in texts {
            for n in [40, MAX_DEPTH + 10, 20_000] {
                let text = format!("{}{middle}{}", before.repeat(n), after.repeat(n));
                match parse_expr(&text, SqlMode::EMPTY) {
                    Ok(expr) => assert!(expr.depth() <= MAX_DEPTH),
                    Err(e) => assert!(n > 40 && e.code() == 1105, "{before}…{after}: {e}"),
                }
            }
        }
    });
}

#[test]
fn the_highest_chains_print_and_read_back() {
    on_a_small_stack(|| {
        let grow: [fn(Expr) -> Expr; 4] = [|e| e.add(lit(1)), |e| e.or(lit(1)), |e| -e, |e| !e];
        for grow in grow {
            let high = (1..MAX_DEPTH).fold(tiforth_expr::tree::col("a"), |e, _| grow(e));
            assert_eq!(high.depth(), MAX_DEPTH);
            assert_eq!(parse_expr(&high.to_string(), SqlMode::EMPTY).expect("reads"), high);
        }
    });
    assert_ne!(parse_expr(&field(0).to_string(), SqlMode::EMPTY).expect("a name"), field(0));
}
