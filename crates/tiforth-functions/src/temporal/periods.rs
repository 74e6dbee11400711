// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! PERIOD_ADD, PERIOD_DIFF: months written as YYMM or YYYYMM.
//!
//! Source: MySQL manual, PERIOD_ADD; TiDB `pkg/expression/builtin_time.go`.

use tiforth_expr::kernel::{Int, Scalar2};
use tiforth_expr::{ArgKind, CallContext, Doc, Function, Overload};
use tiforth_types::temporal::{period_add, period_diff, period_is_valid};
use tiforth_types::{Result, SqlError};

use super::parts::bind_int;
use super::{SOURCES, define};

/// Defines the function that adds months.
pub(crate) const PERIOD_ADD: Function = define(
    "period_add",
    (2, 2),
    |binder, site, args| bind_int(binder, site, args, ADD, &[ArgKind::Int], 6),
    Doc {
        usage: "PERIOD_ADD(period, months)",
        summary: "Adds months to a period.",
        result: "BIGINT",
        null: "NULL if an argument is.",
        errors: "1210 when the period has no month 1 to 12.",
        warnings: "",
        example: ("PERIOD_ADD(202001, 13)", "202102"),
        sources: SOURCES,
    },
);

/// Defines the months between two periods.
pub(crate) const PERIOD_DIFF: Function = define(
    "period_diff",
    (2, 2),
    |binder, site, args| bind_int(binder, site, args, DIFF, &[ArgKind::Int], 6),
    Doc {
        usage: "PERIOD_DIFF(a, b)",
        summary: "Returns the months from period b to period a.",
        example: ("PERIOD_DIFF(202102, 202001)", "13"),
        ..PERIOD_ADD.doc
    },
);

const ADD: Overload = Overload::strict("PeriodAdd", &Scalar2::<Int, Int, Int, _>::new(add));
const DIFF: Overload = Overload::strict("PeriodDiff", &Scalar2::<Int, Int, Int, _>::new(diff));

fn add(_: &mut CallContext<'_>, period: i64, months: i64) -> Result<Option<i64>, SqlError> {
    if !period_is_valid(period) {
        return Err(SqlError::wrong_arguments("period_add"));
    }
    Ok(Some(period_add(period, months)))
}

fn diff(_: &mut CallContext<'_>, a: i64, b: i64) -> Result<Option<i64>, SqlError> {
    if !period_is_valid(a) || !period_is_valid(b) {
        return Err(SqlError::wrong_arguments("period_diff"));
    }
    Ok(Some(period_diff(a, b)))
}
