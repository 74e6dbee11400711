// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! YEAR, MONTH, DAY, QUARTER, HOUR, MINUTE, SECOND, MICROSECOND, MONTHNAME, DAYNAME.
//!
//! Source: MySQL manual, "Date and Time Functions"; TiDB `pkg/expression/builtin_time.go`.

use tiforth_expr::kernel::{Dur, Int, Kernel, Moment, Pure1, Scalar1, Text1};
use tiforth_expr::{
    ArgKind, Binder, CallContext, CallSite, Doc, Function, Overload, TypedExpr, Volatility,
};
use tiforth_types::temporal::{MONTH_NAMES, WEEKDAY_NAMES};
use tiforth_types::{Datum, Duration, Result, SqlError, SqlMode, SqlType, Time};

use super::{SOURCES, define, refuse};

/// Types a call that gives an integer of `length` digits.
pub(super) fn bind_int(
    binder: &mut Binder<'_>,
    site: &CallSite,
    args: Vec<TypedExpr>,
    overload: Overload,
    kinds: &[ArgKind],
    length: i64,
) -> Result<TypedExpr> {
    binder.signature_of_type(site, overload, args, kinds, SqlType::bigint(length))
}

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
        null: "NULL if the argument is NULL or no date or time; of a time, also if it cannot be computed.",
        errors: "",
        warnings: "1292 when the argument is no date or time.",
        example,
        sources: SOURCES,
    }
}

macro_rules! part {
    ($(#[$meta:meta])* $name:ident $sql:literal $wire:literal $kind:ident $length:literal
     $kernel:expr $(, $forgives:expr)?; $summary:literal, $example:expr) => {
        $(#[$meta])*
        pub(crate) const $name: Function = define(
            $sql,
            (1, 1),
            {
                fn bind(
                    binder: &mut Binder<'_>,
                    site: &CallSite,
                    args: Vec<TypedExpr>,
                ) -> Result<TypedExpr> {
                    const KERNEL: &dyn Kernel = &$kernel;
                    const OVERLOAD: Overload =
                        Overload::strict($wire, KERNEL)$(.forgiving($forgives))?;
                    bind_int(binder, site, args, OVERLOAD, &[ArgKind::$kind], $length)
                }
                bind
            },
            doc(concat!($sql, "(value)"), $summary, "BIGINT", $example),
        );
    };
}

part! {
    /// Defines the year of a date.
    YEAR "year" "Year" Datetime 4 Pure1::<Moment, Int, _>::new(|t: u64| Time(t).year().into());
    "Returns the year of a date.", ("YEAR('2020-02-29')", "2020")
}
part! {
    /// Defines the month of a date.
    MONTH "month" "Month" Datetime 2 Pure1::<Moment, Int, _>::new(|t: u64| Time(t).month().into());
    "Returns the month of a date, 0 to 12.", ("MONTH('2020-02-29')", "2")
}
part! {
    /// Defines the day of a date, under its long name.
    DAYOFMONTH "dayofmonth" "DayOfMonth" Datetime 2
    Pure1::<Moment, Int, _>::new(|t: u64| Time(t).day().into());
    "Returns the day of the month, 0 to 31.", ("DAY('2020-02-29')", "29")
}

/// Defines the day of a date, under both names.
pub(crate) const DAY: Function = Function { aliases: &["day"], ..DAYOFMONTH };

part! {
    /// Defines the quarter of a date.
    QUARTER "quarter" "Quarter" Datetime 1
    Pure1::<Moment, Int, _>::new(|t: u64| Time(t).quarter().into());
    "Returns the quarter of a date, 0 to 4.", ("QUARTER('2020-02-29')", "1")
}
part! {
    /// Defines the hours of a time.
    HOUR "hour" "Hour" Duration 3
    Pure1::<Dur, Int, _>::new(|d: i64| Duration(d).clock().hour.into()), |_| Datum::Null;
    "Returns the hours of a time, 0 to 838.", ("HOUR('12:34:56')", "12")
}
part! {
    /// Defines the minutes of a time.
    MINUTE "minute" "Minute" Duration 2
    Pure1::<Dur, Int, _>::new(|d: i64| Duration(d).clock().minute.into()), |_| Datum::Null;
    "Returns the minutes of a time.", ("MINUTE('12:34:56')", "34")
}
part! {
    /// Defines the seconds of a time.
    SECOND "second" "Second" Duration 2
    Pure1::<Dur, Int, _>::new(|d: i64| Duration(d).clock().second.into()), |_| Datum::Null;
    "Returns the seconds of a time.", ("SECOND('12:34:56')", "56")
}
part! {
    /// Defines the microseconds of a time.
    MICROSECOND "microsecond" "MicroSecond" Duration 6
    Pure1::<Dur, Int, _>::new(|d: i64| Duration(d).clock().micro.into()), |_| Datum::Null;
    "Returns the microseconds of a time.", ("MICROSECOND('12:34:56.789')", "789000")
}

macro_rules! name_of {
    ($(#[$meta:meta])* $name:ident $sql:literal $overload:expr; $summary:literal,
     $example:expr) => {
        $(#[$meta])*
        pub(crate) const $name: Function = define(
            $sql,
            (1, 1),
            {
                fn bind(
                    binder: &mut Binder<'_>,
                    site: &CallSite,
                    args: Vec<TypedExpr>,
                ) -> Result<TypedExpr> {
                    const OVERLOAD: Overload = $overload.reading_forms();
                    let ty = SqlType::varchar(10, binder.session().collation);
                    binder.signature_of_type(site, OVERLOAD, args, &[ArgKind::Datetime], ty)
                }
                bind
            },
            doc(concat!($sql, "(date)"), $summary, "VARCHAR(10)", $example),
        );
    };
}

name_of! {
    /// Defines the name of a date's month.
    MONTHNAME "monthname" Overload::strict("MonthName", &Text1::<Moment, _>::new(month_name));
    "Returns the English name of a date's month.", ("MONTHNAME('2020-02-29')", "February")
}
name_of! {
    /// Defines the name of a date's weekday; taken as a number, it is the weekday's.
    FOLDED_DAYNAME "dayname"
    Overload::strict("DayName", &Text1::<Moment, _>::new(day_name))
        .standing_for(&Scalar1::<Moment, Int, _>::new(day_number));
    "Returns the English name of a date's weekday; as a number, Monday is 0.", ("DAYNAME('2020-02-29')", "Saturday")
}

/// Defines the name of a date's weekday, which TiDB never folds.
pub(crate) const DAYNAME: Function =
    Function { volatility: Volatility::Unfolded, ..FOLDED_DAYNAME };

fn month_name(ctx: &mut CallContext<'_>, time: Time, out: &mut Vec<u8>) -> Result<bool, SqlError> {
    if time.is_zero() && ctx.session.sql_mode.has(SqlMode::NO_ZERO_DATE) {
        return Ok(refuse::<()>(ctx, 0, time)?.is_some());
    }
    let name = usize::from(time.month()).checked_sub(1).and_then(|m| MONTH_NAMES.get(m));
    Ok(name.map(|name| out.extend_from_slice(name.as_bytes())).is_some())
}

fn day_name(ctx: &mut CallContext<'_>, time: Time, out: &mut Vec<u8>) -> Result<bool, SqlError> {
    if time.has_zero_part() {
        return Ok(refuse::<()>(ctx, 0, time)?.is_some());
    }
    let name = WEEKDAY_NAMES.get(usize::from(time.weekday()));
    Ok(name.map(|name| out.extend_from_slice(name.as_bytes())).is_some())
}

fn day_number(ctx: &mut CallContext<'_>, time: Time) -> Result<Option<i64>, SqlError> {
    if time.has_zero_part() {
        return refuse(ctx, 0, time);
    }
    Ok(Some(time.weekday().into()))
}
