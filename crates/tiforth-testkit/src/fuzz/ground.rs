// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Makes what random expressions are evaluated over: tables of nasty values, unusual sessions.

use tiforth_expr::RunValues;
use tiforth_types::{Collation, Now, Session, SqlMode, StatementKind, TimeZone};

use super::grammar::NamedColumn;
use super::signature::Kind;
use crate::agreement::LaidOut;
use crate::generate::{Mix, Rng, random_column};
use crate::input::Presentation;
use crate::vectors::Table;

const TYPES: &[(&str, Kind)] = &[
    ("tinyint", Kind::Int),
    ("tinyint unsigned", Kind::Int),
    ("smallint", Kind::Int),
    ("smallint unsigned", Kind::Int),
    ("mediumint", Kind::Int),
    ("mediumint unsigned", Kind::Int),
    ("int", Kind::Int),
    ("int unsigned", Kind::Int),
    ("bigint", Kind::Int),
    ("bigint unsigned", Kind::Int),
    ("year", Kind::Int),
    ("bit(1)", Kind::Int),
    ("bit(12)", Kind::Int),
    ("bit(64)", Kind::Int),
    ("float", Kind::Number),
    ("double", Kind::Number),
    ("decimal(1,0)", Kind::Number),
    ("decimal(3,3)", Kind::Number),
    ("decimal(9,2)", Kind::Number),
    ("decimal(15,2)", Kind::Number),
    ("decimal(18,0)", Kind::Number),
    ("decimal(20,5)", Kind::Number),
    ("decimal(38,10)", Kind::Number),
    ("decimal(30,30)", Kind::Number),
    ("decimal(65,0)", Kind::Number),
    ("decimal(65,30)", Kind::Number),
    ("date", Kind::Moment),
    ("datetime", Kind::Moment),
    ("datetime(3)", Kind::Moment),
    ("datetime(6)", Kind::Moment),
    ("timestamp", Kind::Moment),
    ("timestamp(3)", Kind::Moment),
    ("timestamp(6)", Kind::Moment),
    ("time", Kind::Span),
    ("time(2)", Kind::Span),
    ("time(6)", Kind::Span),
    ("varchar(20) collate utf8mb4_bin", Kind::Text),
    ("varchar(64) collate utf8mb4_general_ci", Kind::Text),
    ("varchar(20) collate utf8mb4_unicode_ci", Kind::Text),
    ("varchar(20) collate utf8mb4_0900_ai_ci", Kind::Text),
    ("varchar(20) collate utf8mb4_0900_bin", Kind::Text),
    ("char(10) collate utf8mb4_bin", Kind::Text),
    ("char(5) collate utf8mb4_general_ci", Kind::Text),
    ("text collate utf8mb4_general_ci", Kind::Text),
    ("varbinary(20)", Kind::Text),
    ("binary(4)", Kind::Text),
    ("blob", Kind::Text),
];

const MODES: &[&str] = &[
    "",
    "ALLOW_INVALID_DATES",
    "STRICT_ALL_TABLES",
    "NO_UNSIGNED_SUBTRACTION",
    "NO_UNSIGNED_SUBTRACTION,ERROR_FOR_DIVISION_BY_ZERO,STRICT_TRANS_TABLES",
    "PIPES_AS_CONCAT",
    "NO_BACKSLASH_ESCAPES",
    "HIGH_NOT_PRECEDENCE",
    "NO_ZERO_DATE,NO_ZERO_IN_DATE",
    "TRADITIONAL",
];

const COLLATIONS: &[&str] =
    &["utf8mb4_general_ci", "utf8mb4_unicode_ci", "utf8mb4_0900_ai_ci", "utf8mb4_0900_bin"];

const ZONES: &[&str] = &[
    "+08:00",
    "-12:59",
    "+14:00",
    "America/New_York",
    "Europe/London",
    "Australia/Lord_Howe",
    "Asia/Shanghai",
    "America/Sao_Paulo",
];

const STATEMENTS: [StatementKind; 4] =
    [StatementKind::Select, StatementKind::Insert, StatementKind::Update, StatementKind::Delete];

/// Bounds the bytes of a column of the longest texts there may be.
const TEXT_BYTES_MAX: u64 = 32 << 20;

/// Draws the session of a table of so many rows: mostly TiDB's default, with a few settings changed.
pub fn random_session(rng: &mut Rng, rows: usize) -> Session {
    let mut session = Session { max_allowed_packet: 1024, ..Session::default() };
    if rng.once_in(2) {
        let modes: Vec<&str> =
            (0..1 + rng.below(3)).filter_map(|_| rng.choose(MODES).copied()).collect();
        session.sql_mode = SqlMode::parse(&modes.join(",")).unwrap_or(session.sql_mode);
    }
    if rng.once_in(4) {
        let collation = rng.choose(COLLATIONS).and_then(|name| Collation::from_name(name));
        session.collation = collation.unwrap_or(session.collation);
    }
    if rng.once_in(2) {
        let zone = rng.choose(ZONES).and_then(|zone| TimeZone::parse(zone));
        session.time_zone = zone.unwrap_or(session.time_zone);
    }
    if rng.once_in(4) {
        session.statement = rng.choose(&STATEMENTS).copied().unwrap_or_default();
    }
    if rng.once_in(4) {
        session.div_precision_increment = rng.choose(&[0, 1, 7, 30]).copied().unwrap_or(4);
    }
    if rng.once_in(4) {
        session.default_week_format = u8::try_from(rng.below(8)).unwrap_or(0);
    }
    if rng.once_in(4) {
        let longest = rng.choose(&[16, 65_536, 1_048_576]).copied().unwrap_or(1024);
        session.max_allowed_packet = longest.min(TEXT_BYTES_MAX / rows.max(1) as u64);
    }
    session
}

/// Draws a table, lays it out in a few ways and says what its columns hold.
///
/// # Errors
/// Where it cannot be laid out, which is a bug.
pub fn random_ground(rng: &mut Rng) -> Result<(LaidOut, Vec<NamedColumn>), String> {
    let rows = match rng.below(40) {
        0..5 => 1,
        5 => 60 + rng.below(80),
        6 if rng.once_in(4) => 1_000 + rng.below(100),
        _ => 2 + rng.below(19),
    };
    let mut columns = Vec::new();
    let mut named = Vec::new();
    for place in 0..6 + rng.below(8) {
        let Some((type_text, kind)) = rng.choose(TYPES).copied() else { continue };
        let name = format!("c{place}");
        let null_once_in = match rng.below(16) {
            0..4 => 0,
            4 => 1,
            _ => 2 + rng.below(8),
        };
        let mix = Mix { null_once_in, edge_once_in: 1 + rng.below(4) };
        let mut column = random_column(rng, &name, type_text, rows, mix)?;
        if rng.once_in(8) {
            let first = column.cells.first().cloned().unwrap_or_default();
            column.cells.fill(first);
        }
        columns.push(column);
        named.push(NamedColumn { name, kind });
    }
    let matrix = Presentation::matrix();
    let mut presentations = vec![Presentation::PLAIN];
    presentations.extend((0..4).filter_map(|_| rng.choose(&matrix).copied()));
    let table = Table { name: "random".to_owned(), columns, rows };
    let now = Now(rng.within(0..=4_000_000_000_000_000));
    let run = RunValues { now, seed: rng.bits() };
    Ok((LaidOut::new(table, &presentations, random_session(rng, rows), run)?, named))
}

/// Makes a table with a column of every type and lays it out in every way, under TiDB's default
/// session.
///
/// # Errors
/// Where it cannot be laid out, which is a bug.
pub fn full_ground(rng: &mut Rng, rows: usize) -> Result<(LaidOut, Vec<NamedColumn>), String> {
    let mut columns = Vec::new();
    let mut named = Vec::new();
    for (place, (type_text, kind)) in TYPES.iter().enumerate() {
        let name = format!("c{place}");
        columns.push(random_column(rng, &name, type_text, rows, Mix::default())?);
        named.push(NamedColumn { name, kind: *kind });
    }
    let table = Table { name: "full".to_owned(), columns, rows };
    let run = RunValues { now: Now(1_700_000_000_123_456), seed: rng.bits() };
    let session = Session { max_allowed_packet: 4096, ..Session::default() };
    Ok((LaidOut::new(table, &Presentation::matrix(), session, run)?, named))
}
