// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! DAYOFYEAR, TO_DAYS, TO_SECONDS, FROM_DAYS, LAST_DAY, DATEDIFF, MAKEDATE, DATE.
//!
//! Source: MySQL manual, "Date and Time Functions"; TiDB `pkg/expression/builtin_time.go`.

use tiforth_expr::kernel::{Int, Moment, Scalar1, Scalar2};
use tiforth_expr::{ArgKind, CallContext, Doc, Function, Overload};
use tiforth_types::temporal::{TimeKind, date_diff};
use tiforth_types::{Result, SqlError, SqlMode, SqlType, Time};

use super::parts::bind_int;
use super::{SOURCES, define, is_uncounted, refuse};
use crate::cast::loss;

type Days = Result<Option<i64>, SqlError>;
type Date = Result<Option<Time>, SqlError>;

/// Defines the day of the year.
pub(crate) const DAYOFYEAR: Function = define(
    "dayofyear",
    (1, 1),
    |binder, site, args| bind_int(binder, site, args, DAY_OF_YEAR, OF_DATES, 3),
    Doc {
        usage: "DAYOFYEAR(date)",
        summary: "Returns the day of the year, 1 to 366.",
        result: "BIGINT",
        null: "NULL if the argument is NULL or no date, or has a zero month or day.",
        errors: "",
        warnings: "1292 when the argument is no date.",
        example: ("DAYOFYEAR('2020-02-29')", "60"),
        sources: SOURCES,
    },
);

const TO_NUMBER_NULL: &str = "NULL if the argument is NULL or no date, or the zero date; where constants are \
    folded, for any zero month or day.";

/// Defines the day number of a date.
pub(crate) const TO_DAYS: Function = define(
    "to_days",
    (1, 1),
    |binder, site, args| {
        binder.signature_of_type(site, TO_DAYS_SIG, args, OF_DATES, SqlType::bigint(20))
    },
    Doc {
        usage: "TO_DAYS(date)",
        summary: "Returns the number of days since the year 0.",
        null: TO_NUMBER_NULL,
        example: ("TO_DAYS('2020-02-29')", "737849"),
        ..DAYOFYEAR.doc
    },
);

/// Defines the seconds since the year 0.
pub(crate) const TO_SECONDS: Function = define(
    "to_seconds",
    (1, 1),
    |binder, site, args| {
        binder.signature_of_type(site, TO_SECONDS_SIG, args, OF_DATES, SqlType::bigint(20))
    },
    Doc {
        usage: "TO_SECONDS(date)",
        summary: "Returns the number of seconds since the year 0.",
        null: TO_NUMBER_NULL,
        example: ("TO_SECONDS('2020-02-29')", "63750153600"),
        ..DAYOFYEAR.doc
    },
);

/// Defines the days between two dates.
pub(crate) const DATEDIFF: Function = define(
    "datediff",
    (2, 2),
    |binder, site, args| {
        binder.signature_of_type(site, DATE_DIFF, args, OF_DATES, SqlType::bigint(20))
    },
    Doc {
        usage: "DATEDIFF(a, b)",
        summary: "Returns the days from date b to date a.",
        example: ("DATEDIFF('2020-03-01', '2020-02-28')", "2"),
        ..DAYOFYEAR.doc
    },
);

/// Defines the date of a day number.
pub(crate) const FROM_DAYS: Function = define(
    "from_days",
    (1, 1),
    |binder, site, args| {
        binder.signature_of_type(site, FROM_DAYS_SIG, args, &[ArgKind::Int], SqlType::date())
    },
    Doc {
        usage: "FROM_DAYS(number)",
        summary: "Returns the date of a day number.",
        result: "DATE",
        null: "NULL if the argument is, or the date is beyond year 9999; numbers below 366 or from 3652500 on are \
               0000-00-00.",
        warnings: "",
        example: ("FROM_DAYS(737849)", "2020-02-29"),
        ..DAYOFYEAR.doc
    },
);

/// Defines the last day of a month.
pub(crate) const LAST_DAY: Function = define(
    "last_day",
    (1, 1),
    |binder, site, args| {
        binder.signature_of_type(site, LAST_DAY_SIG, args, OF_DATES, SqlType::date())
    },
    Doc {
        usage: "LAST_DAY(date)",
        summary: "Returns the last day of a date's month.",
        result: "DATE",
        example: ("LAST_DAY('2020-02-01')", "2020-02-29"),
        ..DAYOFYEAR.doc
    },
);

/// Defines the date of a year and a day of it.
pub(crate) const MAKEDATE: Function = define(
    "makedate",
    (2, 2),
    |binder, site, args| {
        binder.signature_of_type(site, MAKE_DATE, args, &[ArgKind::Int], SqlType::date())
    },
    Doc {
        usage: "MAKEDATE(year, day)",
        summary: "Returns the date that is the given day of a year.",
        result: "DATE",
        null: "NULL if an argument is, the day is not positive, or the result is beyond year 9999.",
        warnings: "",
        example: ("MAKEDATE(2020, 60)", "2020-02-29"),
        ..DAYOFYEAR.doc
    },
);

/// Defines the date without its time of day.
pub(crate) const DATE: Function = define(
    "date",
    (1, 1),
    |binder, site, args| binder.signature_of_type(site, DATE_SIG, args, OF_DATES, SqlType::date()),
    Doc {
        usage: "DATE(value)",
        summary: "Returns the date without its time of day.",
        result: "DATE",
        example: ("DATE('2020-02-29 12:34:56')", "2020-02-29"),
        ..DAYOFYEAR.doc
    },
);

const DAY_OF_YEAR: Overload =
    Overload::strict("DayOfYear", &Scalar1::<Moment, Int, _>::new(day_of_year)).reading_forms();
const TO_DAYS_SIG: Overload =
    Overload::strict("ToDays", &Scalar1::<Moment, Int, _>::new(to_days)).reading_forms();
const TO_SECONDS_SIG: Overload =
    Overload::strict("ToSeconds", &Scalar1::<Moment, Int, _>::new(to_seconds)).reading_forms();
const DATE_DIFF: Overload =
    Overload::strict("DateDiff", &Scalar2::<Moment, Moment, Int, _>::new(days_between))
        .reading_forms();
const FROM_DAYS_SIG: Overload =
    Overload::strict("FromDays", &Scalar1::<Int, Moment, _>::new(from_days));
const LAST_DAY_SIG: Overload =
    Overload::strict("LastDay", &Scalar1::<Moment, Moment, _>::new(last_day)).reading_forms();
const MAKE_DATE: Overload =
    Overload::strict("MakeDate", &Scalar2::<Int, Int, Moment, _>::new(make_date));
const DATE_SIG: Overload =
    Overload::strict("Date", &Scalar1::<Moment, Moment, _>::new(date)).reading_forms();

const OF_DATES: &[ArgKind] = &[ArgKind::Datetime];

fn day_of_year(ctx: &mut CallContext<'_>, time: Time) -> Days {
    if time.has_zero_part() {
        return refuse(ctx, 0, time);
    }
    Ok(Some(time.day_of_year()))
}

fn to_days(ctx: &mut CallContext<'_>, time: Time) -> Days {
    match time.day_number() {
        days if days == 0 || is_uncounted(ctx, time) => refuse(ctx, 0, time),
        days => Ok(Some(days)),
    }
}

fn to_seconds(ctx: &mut CallContext<'_>, time: Time) -> Days {
    match time.to_seconds() {
        seconds if seconds == 0 || is_uncounted(ctx, time) => refuse(ctx, 0, time),
        seconds => Ok(Some(seconds)),
    }
}

fn days_between(ctx: &mut CallContext<'_>, a: Time, b: Time) -> Days {
    let (is_bad_a, is_bad_b) = (a.has_zero_part(), b.has_zero_part());
    if is_bad_a {
        refuse::<i64>(ctx, 0, a)?;
    }
    if is_bad_b {
        refuse::<i64>(ctx, 1, b)?;
    }
    if is_bad_a || is_bad_b {
        return Ok(None);
    }
    Ok(Some(date_diff(a, b)))
}

fn from_days(_: &mut CallContext<'_>, number: i64) -> Date {
    Ok(Some(Time::from_day_number(number)).filter(|d| d.year() <= 9999))
}

fn last_day(ctx: &mut CallContext<'_>, time: Time) -> Date {
    let no_zero_date = ctx.session.sql_mode.has(SqlMode::NO_ZERO_DATE);
    if time.month() == 0 || (time.day() == 0 && no_zero_date) {
        return refuse(ctx, 0, time);
    }
    Ok(time.last_day())
}

fn make_date(ctx: &mut CallContext<'_>, year: i64, day: i64) -> Date {
    if day <= 0 || !(0..=9999).contains(&year) {
        return Ok(None);
    }
    let year = match year {
        0..=69 => year + 2000,
        70..=99 => year + 1900,
        _ => year,
    };
    let first = u16::try_from(year).ok().and_then(|y| Time::from_date(y, 1, 1));
    let number = first.map_or(0, Time::day_number);
    if number == 0 {
        let mut text = Vec::new();
        first.unwrap_or_default().write(TimeKind::Date, 0, &mut text);
        let text = String::from_utf8_lossy(&text).into_owned();
        loss::report(ctx, || SqlError::incorrect_value("datetime", &text))?;
        return Ok(None);
    }
    let date = Time::from_day_number(number.saturating_add(day - 1));
    Ok(Some(date).filter(|d| !d.is_zero() && d.year() <= 9999))
}

fn date(ctx: &mut CallContext<'_>, time: Time) -> Date {
    if time.is_zero() && ctx.session.sql_mode.has(SqlMode::NO_ZERO_DATE) {
        return refuse(ctx, 0, time);
    }
    Ok(Some(time.date()))
}
