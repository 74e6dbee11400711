// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `date + INTERVAL n unit`, DATE_ADD, ADDDATE and their subtracting twins.
//!
//! What kind of value comes out depends on the first argument: a date or datetime stays one, a TIME
//! stays one unless the unit counts days, and all else becomes a text that is a date or a datetime.
//! Source: MySQL manual, DATE_ADD; TiDB `pkg/expression/builtin_time.go`
//! (`addSubDateFunctionClass`).

mod amount;
mod kernels;

use tiforth_expr::kernel::Variadic;
use tiforth_expr::{ArgKind, Binder, CallSite, Doc, Function, Overload, TypedExpr, Volatility};
use tiforth_types::sql_type::FSP_MAX;
use tiforth_types::temporal::IntervalUnit;
use tiforth_types::{EvalType, Result, SqlError, SqlType, TypeKind};

use self::kernels::{prepare, time_to_datetime, to_datetime, to_duration, to_text};

/// Defines the function that adds.
pub(crate) const DATE_ADD: Function = Function {
    aliases: &["adddate"],
    // TiDB's last argument is the unit's name: NULLs become texts.
    keeps_untyped_nulls: true,
    ..Function::new(
        "date_add",
        "temporal",
        (2, 2),
        bind,
        Doc {
            usage: "DATE_ADD(date, INTERVAL n unit)",
            summary: "Adds an interval to a date, a datetime or a time.",
            result: RESULT,
            null: "NULL if an argument is, or the result is no date.",
            errors: "",
            warnings: WARNINGS,
            example: ("DATE_ADD('2020-01-31', INTERVAL 1 MONTH)", "2020-02-29"),
            sources: "MySQL manual, DATE_ADD; TiDB builtin_time.go",
        },
    )
};

/// Defines the function that subtracts.
pub(crate) const DATE_SUB: Function = Function {
    name: "date_sub",
    aliases: &["subdate"],
    doc: Doc {
        usage: "DATE_SUB(date, INTERVAL n unit)",
        summary: "Subtracts an interval from a date, a datetime or a time.",
        example: ("DATE_SUB('2020-03-31', INTERVAL 1 MONTH)", "2020-02-29"),
        ..DATE_ADD.doc
    },
    ..DATE_ADD
};

const RESULT: &str = "DATE for a DATE and a unit without a time of day; TIME for a TIME and a unit \
    without days; DATETIME for the other dates and times; a text for all else.";
const WARNINGS: &str = "1292 when date or amount is none; 1441 when the result is beyond its type.";

/// Says what comes out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sum {
    Date,
    Datetime,
    /// A DATETIME made of a TIME and today.
    DatetimeOfTime,
    Duration,
    Text,
}

impl Sum {
    /// Returns what comes out of a first argument of type `ty`.
    fn of(ty: &SqlType, unit: IntervalUnit) -> Sum {
        let class = ty.eval_type();
        match class {
            EvalType::Time if ty.kind == TypeKind::Date && !unit.is_clock() => Sum::Date,
            EvalType::Time => Sum::Datetime,
            EvalType::Duration if unit.is_date() && unit != IntervalUnit::DayMicrosecond => {
                Sum::DatetimeOfTime
            }
            EvalType::Duration => Sum::Duration,
            _ => Sum::Text,
        }
    }

    fn kind(self) -> ArgKind {
        match self {
            Sum::Date | Sum::Datetime | Sum::DatetimeOfTime => ArgKind::Datetime,
            Sum::Duration => ArgKind::Duration,
            Sum::Text => ArgKind::String,
        }
    }

    fn overload(self, date: ArgKind, amount: ArgKind, subtracts: bool) -> Overload {
        const TO_TEXT: [Variadic; 2] =
            [Variadic::new(to_text::<false>), Variadic::new(to_text::<true>)];
        const TO_DATETIME: [Variadic; 2] =
            [Variadic::new(to_datetime::<false>), Variadic::new(to_datetime::<true>)];
        const OF_TIME: [Variadic; 2] =
            [Variadic::new(time_to_datetime::<false>), Variadic::new(time_to_datetime::<true>)];
        const TO_DURATION: [Variadic; 2] =
            [Variadic::new(to_duration::<false>), Variadic::new(to_duration::<true>)];
        let [adding, subtracting]: &'static [Variadic; 2] = match self {
            Sum::Date | Sum::Datetime => &TO_DATETIME,
            Sum::DatetimeOfTime => &OF_TIME,
            Sum::Duration => &TO_DURATION,
            Sum::Text => &TO_TEXT,
        };
        let name = wire_name(date, amount, subtracts, self == Sum::DatetimeOfTime);
        let overload = Overload::strict(name, if subtracts { subtracting } else { adding })
            .with_prepare(prepare);
        match self {
            Sum::DatetimeOfTime => overload.with_volatility(Volatility::Run),
            _ => overload,
        }
    }
}

macro_rules! names {
    ($date:literal, $end:literal) => {
        [names!("AddDate", $date, $end), names!("SubDate", $date, $end)]
    };
    ($start:literal, $date:literal, $end:literal) => {
        [
            concat!($start, $date, "String", $end),
            concat!($start, $date, "Int", $end),
            concat!($start, $date, "Real", $end),
            concat!($start, $date, "Decimal", $end),
        ]
    };
}

/// Returns the name of the signature in TiDB's wire protocol.
fn wire_name(date: ArgKind, amount: ArgKind, subtracts: bool, to_datetime: bool) -> &'static str {
    let [adding, subtracting] = match date {
        ArgKind::Int => names!("Int", ""),
        ArgKind::Real => names!("Real", ""),
        ArgKind::Decimal => names!("Decimal", ""),
        ArgKind::Datetime => names!("Datetime", ""),
        ArgKind::Duration if to_datetime => names!("Duration", "Datetime"),
        ArgKind::Duration => names!("Duration", ""),
        _ => names!("String", ""),
    };
    let [of_text, of_int, of_real, of_decimal] = if subtracts { subtracting } else { adding };
    match amount {
        ArgKind::Int => of_int,
        ArgKind::Real => of_real,
        ArgKind::Decimal => of_decimal,
        _ => of_text,
    }
}

/// Returns how an argument is taken.
fn arg_kind(class: EvalType) -> ArgKind {
    match class {
        EvalType::Int => ArgKind::Int,
        EvalType::Real => ArgKind::Real,
        EvalType::Decimal => ArgKind::Decimal,
        EvalType::Time => ArgKind::Datetime,
        EvalType::Duration => ArgKind::Duration,
        EvalType::Bytes | EvalType::Json | EvalType::Vector => ArgKind::String,
    }
}

fn bind(binder: &mut Binder<'_>, site: &CallSite, args: Vec<TypedExpr>) -> Result<TypedExpr> {
    let unit = super::unit(&site.options)?;
    let [date, amount] = &args[..] else {
        return Err(SqlError::wrong_argument_count(&site.name).into());
    };
    let amount_kind = match arg_kind(amount.eval_type()) {
        ArgKind::Datetime | ArgKind::Duration => ArgKind::Int,
        kind => kind,
    };
    let date_kind = arg_kind(date.eval_type());
    let sum = Sum::of(&date.ty, unit);
    let subtracts = matches!(&*site.name, "date_sub" | "subdate");
    let overload = sum.overload(date_kind, amount_kind, subtracts);
    let typed = binder.signature(site, overload, args, &[date_kind, amount_kind], sum.kind())?;
    let fsp = fsp(&typed, unit, amount_kind);
    let ty = match sum {
        Sum::Date => SqlType::date(),
        Sum::Datetime | Sum::DatetimeOfTime => SqlType::datetime(fsp),
        Sum::Duration => SqlType::time(fsp),
        Sum::Text => SqlType { length: 29, decimals: 0, ..typed.ty.clone() },
    };
    Ok(typed.with_type(ty))
}

/// Returns the fraction digits of the result, from the converted arguments.
fn fsp(typed: &TypedExpr, unit: IntervalUnit, amount: ArgKind) -> i32 {
    if unit.has_microseconds() {
        return FSP_MAX;
    }
    let Some([date, by]) = typed.as_call().map(|c| &c.args[..]) else { return 0 };
    let of_amount = match amount {
        _ if unit != IntervalUnit::Second => 0,
        ArgKind::String | ArgKind::Real => FSP_MAX,
        _ => by.ty.decimals.min(FSP_MAX),
    };
    date.ty.decimals.max(of_amount).clamp(0, FSP_MAX)
}
