// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! WEEK, YEARWEEK, WEEKOFYEAR, WEEKDAY, DAYOFWEEK.
//!
//! DAYOFWEEK, and YEARWEEK without a mode, refuse any date with a zero month or day; the others
//! refuse the zero date alone, but where constants are folded.
//! Source: MySQL manual, WEEK; TiDB `pkg/expression/builtin_time.go`.

use tiforth_expr::kernel::{Int, Moment, Opt, Scalar1, Scalar2};
use tiforth_expr::{ArgKind, Binder, CallContext, CallSite, Doc, Function, Overload, TypedExpr};
use tiforth_types::{Result, SqlError, Time};

use super::parts::bind_int;
use super::{SOURCES, define, is_uncounted, refuse};

type Done = Result<Option<i64>, SqlError>;

/// Defines the week of a date, under a mode.
pub(crate) const WEEK: Function = define(
    "week",
    (1, 2),
    bind_week,
    Doc {
        usage: "WEEK(date[, mode])",
        summary: "Returns the week of a date, 0 to 53, under a mode of 0 to 7.",
        result: "BIGINT",
        null: "NULL if an argument is NULL or no date, or the zero date; where constants are folded, and by \
               DAYOFWEEK and YEARWEEK(date) always, for any zero month or day.",
        errors: "",
        warnings: "1292 when the argument is no date.",
        example: ("WEEK('2020-02-29', 1)", "9"),
        sources: SOURCES,
    },
);

/// Defines year and week of a date, under a mode.
pub(crate) const YEARWEEK: Function = define(
    "yearweek",
    (1, 2),
    bind_yearweek,
    Doc {
        usage: "YEARWEEK(date[, mode])",
        summary: "Returns year and week of a date as YYYYWW.",
        example: ("YEARWEEK('2020-02-29')", "202008"),
        ..WEEK.doc
    },
);

/// Defines the week of a date under mode 3, ISO's.
pub(crate) const WEEKOFYEAR: Function = define(
    "weekofyear",
    (1, 1),
    |binder, site, args| bind_int(binder, site, args, WEEK_OF_YEAR, DATE, 2),
    Doc {
        usage: "WEEKOFYEAR(date)",
        summary: "Returns the week of a date, 1 to 53, by ISO 8601.",
        example: ("WEEKOFYEAR('2020-02-29')", "9"),
        ..WEEK.doc
    },
);

/// Defines the weekday of a date, from Monday on.
pub(crate) const WEEKDAY: Function = define(
    "weekday",
    (1, 1),
    |binder, site, args| bind_int(binder, site, args, WEEK_DAY, DATE, 1),
    Doc {
        usage: "WEEKDAY(date)",
        summary: "Returns the weekday of a date, Monday 0 to Sunday 6.",
        example: ("WEEKDAY('2020-02-29')", "5"),
        ..WEEK.doc
    },
);

/// Defines the weekday of a date, from Sunday on.
pub(crate) const DAYOFWEEK: Function = define(
    "dayofweek",
    (1, 1),
    |binder, site, args| bind_int(binder, site, args, DAY_OF_WEEK, DATE, 1),
    Doc {
        usage: "DAYOFWEEK(date)",
        summary: "Returns the weekday of a date, Sunday 1 to Saturday 7.",
        example: ("DAYOFWEEK('2020-02-29')", "7"),
        ..WEEK.doc
    },
);

const WEEK_1: Overload =
    Overload::strict("WeekWithoutMode", &Scalar1::<Moment, Int, _>::new(week_of_session))
        .reading_forms();
const WEEK_2: Overload =
    Overload::strict("WeekWithMode", &Scalar2::<Moment, Opt<Int>, Int, _>::new(week))
        .reading_forms();
const YEARWEEK_1: Overload =
    Overload::strict("YearWeekWithoutMode", &Scalar1::<Moment, Int, _>::new(year_week_0))
        .reading_forms();
const YEARWEEK_2: Overload =
    Overload::strict("YearWeekWithMode", &Scalar2::<Moment, Opt<Int>, Int, _>::new(year_week))
        .reading_forms();
const WEEK_OF_YEAR: Overload =
    Overload::strict("WeekOfYear", &Scalar1::<Moment, Int, _>::new(week_of_year)).reading_forms();
const WEEK_DAY: Overload =
    Overload::strict("WeekDay", &Scalar1::<Moment, Int, _>::new(weekday)).reading_forms();
const DAY_OF_WEEK: Overload =
    Overload::strict("DayOfWeek", &Scalar1::<Moment, Int, _>::new(day_of_week)).reading_forms();

const DATE: &[ArgKind] = &[ArgKind::Datetime];
const DATE_AND_MODE: &[ArgKind] = &[ArgKind::Datetime, ArgKind::Int];

fn bind_week(binder: &mut Binder<'_>, site: &CallSite, args: Vec<TypedExpr>) -> Result<TypedExpr> {
    let overload = if args.len() == 1 { WEEK_1 } else { WEEK_2 };
    bind_int(binder, site, args, overload, DATE_AND_MODE, 2)
}

fn bind_yearweek(
    binder: &mut Binder<'_>,
    site: &CallSite,
    args: Vec<TypedExpr>,
) -> Result<TypedExpr> {
    let overload = if args.len() == 1 { YEARWEEK_1 } else { YEARWEEK_2 };
    bind_int(binder, site, args, overload, DATE_AND_MODE, 6)
}

/// Takes the low three bits of a mode, all that count.
#[expect(clippy::cast_sign_loss, reason = "three bits")]
fn low_bits(mode: i64) -> u8 {
    (mode & 7) as u8
}

fn week_of_session(ctx: &mut CallContext<'_>, time: Time) -> Done {
    if is_uncounted(ctx, time) {
        return refuse(ctx, 0, time);
    }
    Ok(Some(time.week(ctx.session.default_week_format)))
}

fn week(ctx: &mut CallContext<'_>, time: Time, mode: Option<i64>) -> Done {
    if is_uncounted(ctx, time) {
        return refuse(ctx, 0, time);
    }
    Ok(mode.map(|mode| time.week(low_bits(mode))))
}

fn year_week_0(ctx: &mut CallContext<'_>, time: Time) -> Done {
    if time.has_zero_part() {
        return refuse(ctx, 0, time);
    }
    year_week(ctx, time, None)
}

/// Gives year and week; a NULL mode is mode 0.
fn year_week(ctx: &mut CallContext<'_>, time: Time, mode: Option<i64>) -> Done {
    if is_uncounted(ctx, time) {
        return refuse(ctx, 0, time);
    }
    Ok(Some(time.year_week_number(low_bits(mode.unwrap_or(0)))))
}

fn week_of_year(ctx: &mut CallContext<'_>, time: Time) -> Done {
    if is_uncounted(ctx, time) {
        return refuse(ctx, 0, time);
    }
    Ok(Some(time.week(3)))
}

fn weekday(ctx: &mut CallContext<'_>, time: Time) -> Done {
    if is_uncounted(ctx, time) {
        return refuse(ctx, 0, time);
    }
    Ok(Some(time.weekday().into()))
}

fn day_of_week(ctx: &mut CallContext<'_>, time: Time) -> Done {
    if time.has_zero_part() {
        return refuse(ctx, 0, time);
    }
    Ok(Some((i64::from(time.weekday()) + 1) % 7 + 1))
}
