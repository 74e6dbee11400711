// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Says what a SQL value means: types, values, decimals, dates and times, collations, the session,
//! errors and warnings. It names no Arrow crate.
//!
//! A module uses only modules listed above it.

#![forbid(unsafe_code)]

pub mod error;

mod digits;

pub mod collation;
pub mod decimal;
pub mod number;
pub mod temporal;

pub mod sql_type;

pub mod session;

pub mod datum;

pub mod text;

pub use collation::derive::{Coercibility, Repertoire};
pub use collation::{Charset, Collation, LikePattern};
pub use datum::{Datum, DatumRef};
pub use decimal::Decimal;
pub use error::{Error, InternalError, Level, Result, SqlError, Warning, code};
pub use session::{Now, Session, SqlMode, StatementKind};
pub use sql_type::{EvalType, SqlType, TypeKind};
pub use temporal::{Duration, Time, TimeZone};
