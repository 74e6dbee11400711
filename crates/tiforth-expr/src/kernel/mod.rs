// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Turns a function's body into its two entries: a loop over columns, and a call for one row.
//!
//! A body is written once, as a Rust function over plain values. The generic drivers here make both
//! entries from it:
//!
//! | driver | body | NULL | use |
//! |---|---|---|---|
//! | [`Pure1`], [`Pure2`] | cannot fail, plain numbers | merged apart | vectorises |
//! | [`PureBool1`], [`PureBool2`] | cannot fail, gives a truth value | merged apart | one bit a row |
//! | [`Checked1`], [`Checked2`] | gives a value and a flag | merged apart | a cold pass finds the rows |
//! | [`Propagating2`] | two doubles; not finite where wrong | merged apart | in trees, block by block |
//! | [`Guarded2`] | may warn, fail or give NULL, but seldom | merged apart | a quick body flags the rows |
//! | [`Scalar1`] … [`Scalar4`] | may warn, fail or give NULL | strict, or `Opt<A>` | numbers and times |
//! | [`Text1`] … [`Text4`] | appends its result to a buffer | strict, or `Opt<A>` | text and bytes |
//! | [`Variadic`] | takes all arguments as one slice | its own affair | any number of arguments |
//!
//! A kernel made by hand for columns is a struct of its own that implements [`Kernel`] and calls the
//! driver's `row`; a property test holds the two equal.

mod args;
mod blocks;
mod fallible;
mod guarded;
mod lazy;
mod pure;
mod results;

use tiforth_data::Column;
use tiforth_types::{Datum, DatumRef, Decimal, Duration, Result, SqlError, Time};

pub use args::{
    Arg, Args, BytesArg, Dec, Dur, Int, Moment, Opt, Prim, PrimArg, Real, UInt, datum_at,
};
pub use blocks::{BLOCK_ROWS, BlockKernel, Propagating2};
pub use fallible::{
    Scalar1, Scalar2, Scalar3, Scalar4, Text1, Text2, Text3, Text4, Variadic, VariadicBody,
};
pub use guarded::{Guarded2, guarded_pair};
pub use lazy::{LazyKernel, RowEvaluator};
pub use pure::{Checked1, Checked2, Pure1, Pure2, PureBool1, PureBool2};
pub use results::{PrimRet, Ret, RetBuilder};
pub use tiforth_data::Rows;

use crate::context::CallContext;

/// Computes one overload, for columns and for one row.
pub trait Kernel: Send + Sync {
    /// Computes all rows of `rows`; the result is as long as the arguments, and what it holds in rows
    /// that do not count is unspecified. Rows that fail are reported to `ctx` and hold NULL.
    ///
    /// # Errors
    /// What fails the batch as a whole: an argument's encoding that holds no SQL value.
    fn batch(&self, args: &Args<'_>, rows: Rows<'_>, ctx: &mut CallContext<'_>) -> Result<Column>;

    /// Computes one row; a text is appended to `out`.
    ///
    /// # Errors
    /// The row's error.
    fn row(
        &self,
        args: &[DatumRef<'_>],
        out: &mut Vec<u8>,
        ctx: &mut CallContext<'_>,
    ) -> Result<RowValue, SqlError>;

    /// Returns what computes this call as a part of a tree of such calls.
    fn blocks(&self) -> Option<&dyn BlockKernel> {
        None
    }
}

/// Is the value of one row; a text's bytes are in the buffer the call appended to.
#[derive(Clone, Copy, Debug)]
pub enum RowValue {
    /// SQL NULL.
    Null,
    /// An integer's 64 bits.
    Int(i64),
    /// A double.
    Real(f64),
    /// A decimal.
    Decimal(Decimal),
    /// A date, datetime or timestamp.
    Time(Time),
    /// A time.
    Duration(Duration),
    /// What was appended to the buffer.
    Bytes,
}

impl RowValue {
    /// Returns the value itself; `out` holds the bytes of a text.
    pub fn into_datum(self, out: &[u8]) -> Datum {
        match self {
            RowValue::Null => Datum::Null,
            RowValue::Int(v) => Datum::Int(v),
            RowValue::Real(v) => Datum::Real(v),
            RowValue::Decimal(v) => Datum::Decimal(v),
            RowValue::Time(v) => Datum::Time(v),
            RowValue::Duration(v) => Datum::Duration(v),
            RowValue::Bytes => Datum::Bytes(out.into()),
        }
    }
}
