// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! NOW, CURDATE, CURTIME, SYSDATE and their kin in UTC: constants of a run, taken from its start.
//!
//! Source: MySQL manual, NOW; TiDB `pkg/expression/builtin_time.go`.

use tiforth_data::Column;
use tiforth_expr::kernel::{Args, Kernel, RowValue, Rows, Variadic};
use tiforth_expr::{
    ArgKind, Binder, CallContext, CallSite, Doc, Function, Overload, TypedExpr, Volatility,
};
use tiforth_types::temporal::Zone;
use tiforth_types::{Datum, DatumRef, Duration, Result, SqlError, SqlType, Time, code};

use super::{SOURCES, define, prepare_zone, zone};

/// Documents a function of the moment a run starts, which takes fraction digits.
const fn doc(
    usage: &'static str,
    summary: &'static str,
    result: &'static str,
    example: (&'static str, &'static str),
) -> Doc {
    Doc {
        usage,
        summary,
        result,
        null: "Never.",
        errors: "1426 for more than six fraction digits; 1064 for what is no integer.",
        warnings: "",
        example,
        sources: SOURCES,
    }
}

/// Documents one that takes nothing.
const fn date_doc(usage: &'static str, summary: &'static str) -> Doc {
    Doc { errors: "", ..doc(usage, summary, "DATE", (usage, "today's date")) }
}

macro_rules! moments {
    ($($(#[$meta:meta])* $name:ident $sql:literal $aliases:expr, $arity:expr, $bind:ident, $doc:expr;)*) => {$(
        $(#[$meta])*
        pub(crate) const $name: Function = Function {
            aliases: $aliases,
            volatility: Volatility::Run,
            ..define($sql, $arity, $bind, $doc)
        };
    )*};
}

moments! {
    /// Defines the moment the run started.
    NOW "now" &["current_timestamp", "localtime", "localtimestamp"], (0, 1), bind_now, doc(
        "NOW([fraction digits])",
        "Returns the moment the run started, in the session's zone.",
        "DATETIME",
        ("NOW()", "the moment"),
    );
    /// Defines the moment, which is the run's start here too.
    SYSDATE "sysdate" &[], (0, 1), bind_sysdate, doc(
        "SYSDATE([fraction digits])",
        "Returns the moment the run started, rounded to its digits; it does not move during a run.",
        "DATETIME",
        ("SYSDATE()", "the moment"),
    );
    /// Defines today's date.
    CURDATE "curdate" &["current_date"], (0, 0), bind_curdate, date_doc(
        "CURDATE()",
        "Returns the date on which the run started, in the session's zone.",
    );
    /// Defines the time of day the run started.
    CURTIME "curtime" &["current_time"], (0, 1), bind_curtime, doc(
        "CURTIME([fraction digits])",
        "Returns the time of day at which the run started, in the session's zone.",
        "TIME",
        ("CURTIME()", "the time of day"),
    );
    /// Defines the moment the run started, in UTC.
    UTC_TIMESTAMP "utc_timestamp" &[], (0, 1), bind_utc_timestamp, doc(
        "UTC_TIMESTAMP([fraction digits])",
        "Returns the moment the run started, in UTC.",
        "DATETIME",
        ("UTC_TIMESTAMP()", "the moment"),
    );
    /// Defines today's date, in UTC.
    UTC_DATE "utc_date" &[], (0, 0), bind_utc_date, date_doc(
        "UTC_DATE()",
        "Returns the date on which the run started, in UTC.",
    );
    /// Defines the time of day the run started, in UTC.
    UTC_TIME "utc_time" &[], (0, 1), bind_utc_time, doc(
        "UTC_TIME([fraction digits])",
        "Returns the time of day at which the run started, in UTC.",
        "TIME",
        ("UTC_TIME()", "the time of day"),
    );
}

const NOW_SIG: Overload = run("NowWithArg", &OfTheRun(Variadic::new(now)));
const SYSDATE_SIG: Overload = run("SysDateWithFsp", &OfTheRun(Variadic::new(sysdate)));
const CURDATE_SIG: Overload = run("CurrentDate", &OfTheRun(Variadic::new(curdate)));
const CURTIME_SIG: Overload = run("CurrentTime1Arg", &OfTheRun(Variadic::new(curtime)));
const UTC_TIMESTAMP_SIG: Overload =
    run("UTCTimestampWithArg", &OfTheRun(Variadic::new(utc_timestamp)));
const UTC_DATE_SIG: Overload = run("UTCDate", &OfTheRun(Variadic::new(utc_date)));
const UTC_TIME_SIG: Overload = run("UTCTimeWithArg", &OfTheRun(Variadic::new(utc_time)));

const fn run(name: &'static str, kernel: &'static OfTheRun) -> Overload {
    Overload::strict(name, kernel).with_prepare(prepare_zone).with_volatility(Volatility::Run)
}

/// Computes a value once for all rows: it depends on the run alone.
struct OfTheRun(Variadic);

impl Kernel for OfTheRun {
    fn batch(&self, args: &Args<'_>, rows: Rows<'_>, ctx: &mut CallContext<'_>) -> Result<Column> {
        match self.0.row(&[], &mut Vec::new(), ctx) {
            Ok(value) => Ok(Column::constant(value.into_datum(&[]), rows.len)),
            // Every row fails on its own.
            Err(_) => self.0.batch(args, rows, ctx),
        }
    }

    fn row(
        &self,
        args: &[DatumRef<'_>],
        out: &mut Vec<u8>,
        ctx: &mut CallContext<'_>,
    ) -> Result<RowValue, SqlError> {
        self.0.row(args, out, ctx)
    }
}

/// Returns the fraction digits a call asks for; none where it does not.
fn asked_fsp(site: &CallSite, args: &[TypedExpr]) -> Result<i32, SqlError> {
    let Some(digits) = args.first() else { return Ok(0) };
    let Some(Datum::Int(fsp)) = digits.as_constant() else {
        return Err(SqlError::new(code::ER_PARSE, "You have an error in your SQL syntax"));
    };
    match i32::try_from(*fsp) {
        Ok(fsp @ 0..=6) => Ok(fsp),
        Ok(7..) => Err(SqlError::new(
            code::ER_TOO_BIG_PRECISION,
            format!("Too-big precision {fsp} specified for '{}'. Maximum is 6.", site.name),
        )),
        _ => Err(SqlError::new(code::ER_PARSE, "You have an error in your SQL syntax")),
    }
}

macro_rules! binds {
    ($($name:ident: $overload:ident, |$fsp:ident| $ty:expr;)*) => {$(
        fn $name(
            binder: &mut Binder<'_>,
            site: &CallSite,
            args: Vec<TypedExpr>,
        ) -> Result<TypedExpr> {
            let $fsp = asked_fsp(site, &args)?;
            let typed =
                binder.signature_of_type(site, $overload, args, &[ArgKind::Int], $ty)?;
            Ok(typed.with_nullable(false))
        }
    )*};
}

binds! {
    bind_now: NOW_SIG, |fsp| SqlType::datetime(fsp);
    bind_sysdate: SYSDATE_SIG, |fsp| SqlType::datetime(fsp);
    bind_curdate: CURDATE_SIG, |_fsp| SqlType::date();
    bind_curtime: CURTIME_SIG, |fsp| time_of_day(fsp);
    bind_utc_timestamp: UTC_TIMESTAMP_SIG, |fsp| SqlType::datetime(fsp);
    bind_utc_date: UTC_DATE_SIG, |_fsp| SqlType::date();
    bind_utc_time: UTC_TIME_SIG, |fsp| time_of_day(fsp);
}

/// Returns the type of a time of day: no sign, two digits of hours.
fn time_of_day(fsp: i32) -> SqlType {
    let ty = SqlType::time(fsp);
    SqlType { length: ty.length - 2, ..ty }
}

type Done = Result<RowValue, SqlError>;

fn started(ctx: &CallContext<'_>, zone: &Zone) -> Result<Time, SqlError> {
    let beyond = || SqlError::incorrect_value("datetime", &ctx.run.now.0.to_string());
    zone.to_civil(ctx.run.now.0).ok_or_else(beyond)
}

/// Drops the microseconds the result's type does not hold.
fn cut(ctx: &CallContext<'_>, time: Time) -> Time {
    let unit = 10u32.pow(6 - u32::from(ctx.call.ty.fsp()));
    Time(time.0 - u64::from(time.micro() % unit))
}

fn now(ctx: &mut CallContext<'_>, _: &[DatumRef<'_>], _: &mut Vec<u8>) -> Done {
    let time = started(ctx, zone(ctx)?)?;
    Ok(RowValue::Time(cut(ctx, time)))
}

fn sysdate(ctx: &mut CallContext<'_>, _: &[DatumRef<'_>], _: &mut Vec<u8>) -> Done {
    let zone = zone(ctx)?;
    let time = started(ctx, zone)?.round(ctx.call.ty.fsp(), zone);
    time.map(RowValue::Time).map_err(|e| e.to_error(&[]))
}

fn curdate(ctx: &mut CallContext<'_>, _: &[DatumRef<'_>], _: &mut Vec<u8>) -> Done {
    Ok(RowValue::Time(started(ctx, zone(ctx)?)?.date()))
}

/// Gives the time of day, rounded to the digits asked for; cut where none are.
fn clock(ctx: &CallContext<'_>, time: Time) -> RowValue {
    let time = if ctx.call.args.is_empty() { cut(ctx, time) } else { time };
    RowValue::Duration(Duration::of_day(time).round(ctx.call.ty.fsp()))
}

fn curtime(ctx: &mut CallContext<'_>, _: &[DatumRef<'_>], _: &mut Vec<u8>) -> Done {
    let time = started(ctx, zone(ctx)?)?;
    Ok(clock(ctx, time))
}

fn utc_timestamp(ctx: &mut CallContext<'_>, _: &[DatumRef<'_>], _: &mut Vec<u8>) -> Done {
    let zone = Zone::utc();
    let time = started(ctx, &zone)?.round(ctx.call.ty.fsp(), &zone);
    time.map(RowValue::Time).map_err(|e| e.to_error(&[]))
}

fn utc_date(ctx: &mut CallContext<'_>, _: &[DatumRef<'_>], _: &mut Vec<u8>) -> Done {
    Ok(RowValue::Time(started(ctx, &Zone::utc())?.date()))
}

fn utc_time(ctx: &mut CallContext<'_>, _: &[DatumRef<'_>], _: &mut Vec<u8>) -> Done {
    let time = started(ctx, &Zone::utc())?;
    Ok(clock(ctx, time))
}
