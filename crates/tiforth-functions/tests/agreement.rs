// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Holds every overload's batch entry to its entry for one row: on random columns of every type with
//! NULLs, plain, sliced, as dictionaries, views and constants, selected, and in batches of one.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::path::Path;

use tiforth_expr::tree::{Expr, call, col};
use tiforth_expr::{Binder, Registry, RunValues};
use tiforth_testkit::agreement::{LaidOut, overloads_of};
use tiforth_testkit::fuzz::{Callable, Grammar, Kind, NamedColumn, callables, full_ground};
use tiforth_testkit::generate::Rng;
use tiforth_testkit::input::Presentation;
use tiforth_testkit::vectors::{Cell, ColumnForm, Table, TableColumn};
use tiforth_types::{Error, Session, SqlMode, StatementKind};

const ROWS: usize = 14;

/// Lists overloads no evaluation reaches: there are no JSON columns yet, and PI() is folded.
const OUT_OF_REACH: &[&str] = &["CaseWhenJson", "CoalesceJson", "PI"];

/// Lists expressions for overloads that only a syntax, a charset or a literal leads to.
const SPECIAL: &[&str] = &[
    "length(convert(TEXT using gbk))",
    "extract(day_hour from TEXT)",
    "extract(hour_second from TEXT)",
    "extract(year_month from TEXT)",
    "concat(convert(BYTES using latin1), TEXT)",
    "trim(leading TEXT from TEXT)",
    "timestampadd(day, NUMBER, TEXT)",
    "timestampdiff(month, TEXT, TEXT)",
    "char(NUMBER, NUMBER using utf8mb4)",
    "reverse(BYTES)",
    "cast(NUMBER as float)",
    "cast(NUMBER as double)",
    "cast(NUMBER as decimal(20, 4))",
    "cast(INT as unsigned)",
    "cast(MOMENT as datetime(3))",
    "cast(SPAN as time(1))",
    "str_to_date(TEXT, '%Y-%m-%d')",
    "str_to_date(TEXT, '%H:%i:%s')",
    "INT + INT",
    "INT - INT",
    "INT div INT",
    "INT mod INT",
];

/// Is a table in every layout, and what is asked over it.
struct Asked {
    registry: Registry,
    ground: LaidOut,
    columns: Vec<NamedColumn>,
    functions: Vec<Callable>,
    reached: BTreeSet<&'static str>,
}

impl Asked {
    fn new(seed: u64) -> Asked {
        let registry = tiforth_functions::registry().unwrap();
        let (ground, columns) = full_ground(&mut Rng::new(seed), ROWS).unwrap();
        let functions = callables(&registry);
        Asked { registry, ground, columns, functions, reached: BTreeSet::new() }
    }

    /// Binds a tree and holds batches to rows; what is refused tells nothing.
    fn check(&mut self, tree: &Expr, told: &str) {
        let ground = &self.ground;
        let mut binder = Binder::new(&self.registry, ground.session(), ground.schema());
        let typed = match binder.bind(tree) {
            Ok(typed) => typed,
            Err(Error::Sql(_)) => return,
            Err(Error::Internal(bug)) => panic!("{told}: {bug}"),
        };
        overloads_of(&typed, &mut self.reached);
        if let Err(disagreement) = ground.check(&typed) {
            panic!("{told}\n{disagreement}");
        }
    }

    fn check_text(&mut self, text: &str) {
        if let Ok(tree) = tiforth_sql::parse_expr(text, SqlMode::tidb_default()) {
            self.check(&tree, text);
        }
    }

    /// Asks random expressions whose outermost call is one of `functions`, or any.
    fn check_random(&mut self, seed: u64, kind: Kind, functions: &[&str], times: usize) {
        let mut rng = Rng::new(seed);
        let is_chosen = |f: &Callable| functions.is_empty() || functions.contains(&f.name);
        let chosen: Vec<Callable> =
            self.functions.iter().filter(|f| is_chosen(f)).cloned().collect();
        let columns = self.columns.clone();
        for _ in 0..times {
            let text = Grammar::new(&chosen, &columns, &mut rng).expression(kind, 1);
            self.check_text(&text);
        }
    }
}

/// Is how many kinds of columns there are.
const KINDS: usize = 5;

const GROUPS: [&[Kind]; 6] = [
    &[Kind::Int],
    &[Kind::Int, Kind::Number],
    &[Kind::Text],
    &[Kind::Moment],
    &[Kind::Span],
    &[Kind::Int, Kind::Number, Kind::Text, Kind::Moment, Kind::Span],
];

/// Calls every function on columns of every type: of one kind in each group, then of any. One
/// argument is every column in turn, several are drawn, for each function by its own seed: one more
/// function changes nothing for the others.
fn check_calls(asked: &mut Asked, tries: usize) {
    let columns = asked.columns.clone();
    let functions: Vec<_> = asked.registry.functions().map(|f| (f.name, f.arity)).collect();
    for group in GROUPS {
        let names: Vec<&str> =
            columns.iter().filter(|c| group.contains(&c.kind)).map(|c| c.name.as_str()).collect();
        for (name, (least, most)) in &functions {
            let mut rng = Rng::new(name.bytes().fold(7, |seed, byte| seed << 7 ^ u64::from(byte)));
            if *least <= 1 && *most >= 1 && group.len() == KINDS {
                for column in &names {
                    asked.check(&call(name, [col(column)]), &format!("{name}({column})"));
                }
            }
            for arity in (*least..=(*most).min(least + 3)).filter(|&arity| arity != 1) {
                for _ in 0..if arity == 0 { 1 } else { tries } {
                    let args: Vec<_> = (0..arity).filter_map(|_| rng.choose(&names)).collect();
                    let tree = call(name, args.iter().map(|name| col(name)));
                    asked.check(&tree, &format!("{name}({args:?})"));
                }
            }
        }
    }
}

/// Asks the special expressions over several columns of each kind.
fn check_special(asked: &mut Asked) {
    let mut rng = Rng::new(9);
    let columns = asked.columns.clone();
    let of_type = |prefixes: &[&str]| -> Vec<String> {
        let table = asked.ground.table();
        let fits = |t: &str| prefixes.iter().any(|p| t.starts_with(p));
        table.columns.iter().filter(|c| fits(&c.type_text)).map(|c| c.name.clone()).collect()
    };
    let (texts, bytes) =
        (of_type(&["varchar", "char", "text"]), of_type(&["varbin", "binary", "blob"]));
    let of_kind = |kind: Kind| -> Vec<String> {
        columns.iter().filter(|c| c.kind == kind).map(|c| c.name.clone()).collect()
    };
    let filling = [
        ("TEXT", texts),
        ("BYTES", bytes),
        ("NUMBER", of_kind(Kind::Number)),
        ("INT", of_kind(Kind::Int)),
        ("MOMENT", of_kind(Kind::Moment)),
        ("SPAN", of_kind(Kind::Span)),
    ];
    for text in SPECIAL.iter().flat_map(|text| [text; 20]) {
        let mut filled = (*text).to_owned();
        for (place, names) in &filling {
            while let Some(name) = filled.contains(place).then(|| rng.choose(names)).flatten() {
                filled = filled.replacen(place, name, 1);
            }
        }
        asked.check_text(&filled);
    }
}

/// Assigns columns of every type to columns of every type.
fn check_assignments(asked: &mut Asked) {
    let mut rng = Rng::new(5);
    let types: Vec<_> = asked.ground.schema().iter().map(|f| f.sql_type.clone()).collect();
    for column in asked.columns.clone() {
        for ty in (0..4).filter_map(|_| rng.choose(&types)) {
            let ground = &asked.ground;
            let mut binder = Binder::new(&asked.registry, ground.session(), ground.schema());
            let bound = binder.bind(&col(&column.name)).and_then(|e| binder.assign(e, ty, "x"));
            let Ok(typed) = bound else { continue };
            overloads_of(&typed, &mut asked.reached);
            if let Err(disagreement) = ground.check(&typed) {
                panic!("{} into {ty:?}\n{disagreement}", column.name);
            }
        }
    }
}

/// Lists the overloads' names in the sources.
fn named_in_sources() -> BTreeSet<String> {
    fn read(folder: &Path, texts: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read(&path, texts);
            } else {
                texts.push(std::fs::read_to_string(path).unwrap());
            }
        }
    }
    let mut texts = Vec::new();
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut texts);
    let name = regex::Regex::new(
        r#"(?:Overload::(?:strict|lazy)\(\s*|Overload \{ name: )"([A-Z][A-Za-z0-9]+)""#,
    );
    let name = name.unwrap();
    let found = texts.iter().flat_map(|text| name.captures_iter(text));
    found.map(|captures| captures[1].to_owned()).collect()
}

#[test]
fn every_overload_gives_for_batches_what_it_gives_for_rows() {
    let mut asked = Asked::new(1);
    check_calls(&mut asked, 7);
    check_special(&mut asked);
    check_assignments(&mut asked);
    for kind in [Kind::Int, Kind::Number, Kind::Text, Kind::Moment, Kind::Span, Kind::Truth] {
        asked.check_random(3, kind, &[], 500);
    }
    let missed: Vec<String> = named_in_sources()
        .into_iter()
        .filter(|n| !asked.reached.contains(n.as_str()) && !OUT_OF_REACH.contains(&n.as_str()))
        .collect();
    assert!(missed.is_empty(), "no expression reaches {missed:?}");
}

#[test]
fn hand_made_kernels_give_what_rows_give() {
    let texts =
        &["concat", "substring", "left", "right", "upper", "lower", "length", "char_length"];
    let more = &["trim", "ltrim", "rtrim", "repeat", "lpad", "isnull"];
    for seed in [11, 12] {
        let mut asked = Asked::new(seed);
        asked.check_random(seed, Kind::Text, texts, 300);
        asked.check_random(seed, Kind::Int, texts, 300);
        asked.check_random(seed, Kind::Text, more, 200);
        asked.check_random(seed, Kind::Number, &["plus", "minus", "mul", "unaryminus"], 400);
        asked.check_random(seed, Kind::Truth, &["eq", "ne", "lt", "le", "gt", "ge", "nulleq"], 600);
    }
}

/// Is an expression over columns of its own that batches once answered otherwise than rows.
struct Known {
    statement: StatementKind,
    /// Types and cells, an empty cell for NULL; the columns are called a, b, c.
    columns: &'static [(&'static str, &'static [&'static str])],
    text: &'static str,
    answers: &'static [&'static str],
}

const KNOWN: &[Known] = &[
    // What fails below UNIX_TIMESTAMP is NULL, and nothing is computed on.
    Known {
        statement: StatementKind::Select,
        columns: &[("smallint", &["-5", "2"]), ("int unsigned", &["1", "3"])],
        text: "unix_timestamp(timestampadd(second, a + b, '2020-02-29 12:00:00.5'))",
        answers: &["NULL", "'1582977605.500000'"],
    },
    Known {
        statement: StatementKind::Select,
        columns: &[("smallint", &["-5", "2"]), ("int unsigned", &["1", "3"])],
        text: "unix_timestamp(a + b)",
        answers: &["NULL", "NULL; 1292 Incorrect time value: '5'"],
    },
    Known {
        statement: StatementKind::Update,
        columns: &[
            ("varchar(9)", &["x", "0"]),
            ("datetime(6)", &["2020-02-29 12:00:00.000000"; 2]),
        ],
        text: "unix_timestamp(if(a, '2020-03-01', b))",
        answers: &["NULL", "'1582977600.000000'"],
    },
    // Where a warning is an error, an integer that is no date is the zero date.
    Known {
        statement: StatementKind::Update,
        columns: &[("int", &["1", "20200229"])],
        text: "unix_timestamp(a)",
        answers: &["'0'", "'1582934400'"],
    },
    // A cast to as many digits as are kept prints no more than before.
    Known {
        statement: StatementKind::Select,
        columns: &[("int", &["1", "3"])],
        text: "cast(a * (a / a) as decimal(10, 9))",
        answers: &["'1.0000'", "'3.0000'"],
    },
    // Where a product outgrows 81 digits, a column's digits are cut by what its type may have.
    Known {
        statement: StatementKind::Select,
        columns: &[
            ("decimal(38,10)", &["6326478470860666578.0630510166", "1.5"]),
            ("decimal(38,10)", &["", "1.5"]),
        ],
        text: "ifnull(b, a) * ifnull(b, a)",
        answers: &[
            "'40024329842263518052669680072861900010.88066187345646286560'",
            "'2.25000000000000000000'",
        ],
    },
    // A value of more than 72 digits behind the point keeps them in a batch of its own.
    Known {
        statement: StatementKind::Select,
        columns: &[("double", &["2.6331434134304383e-63"])],
        text: "1 DIV a",
        answers: &["ERROR 1690 (22003): BIGINT value is out of range in '(1 DIV \
             0.0000000000000000000000000000000000000000000000000000000000000026331434134304383)'; \
             1292 Truncated incorrect DECIMAL value: \
             '379774225323036223119737586918103596904567555555513785132192148.7385'"],
    },
];

#[test]
fn what_once_differed_agrees() {
    let registry = tiforth_functions::registry().unwrap();
    for Known { statement, columns, text, answers } in KNOWN {
        let cell = |cell: &&str| -> Cell { (!cell.is_empty()).then(|| cell.as_bytes().into()) };
        let columns = columns.iter().zip(["a", "b", "c"]).map(|((ty, cells), name)| TableColumn {
            name: name.to_owned(),
            type_text: (*ty).to_owned(),
            form: ColumnForm::of(ty).unwrap(),
            nullable: cells.contains(&""),
            cells: cells.iter().map(cell).collect(),
        });
        let columns: Vec<TableColumn> = columns.collect();
        let table = Table { name: "known".to_owned(), columns, rows: answers.len() };
        let session = Session { statement: *statement, ..Session::default() };
        let layouts = Presentation::matrix();
        let ground = LaidOut::new(table, &layouts, session.clone(), RunValues::default()).unwrap();
        let tree = tiforth_sql::parse_expr(text, session.sql_mode).unwrap();
        let typed = Binder::new(&registry, &session, ground.schema()).bind(&tree).unwrap();
        assert_eq!(ground.shown_by_rows(&typed), *answers, "{text}");
        if let Err(disagreement) = ground.check(&typed) {
            panic!("{text}\n{disagreement}");
        }
    }
}
