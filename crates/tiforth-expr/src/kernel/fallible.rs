// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Drives bodies that may warn, fail or give NULL, row by row.

use std::marker::PhantomData;

use tiforth_data::{BytesBuilder, BytesColumn, Column};
use tiforth_types::{DatumRef, Decimal, InternalError, Result, SqlError};

use super::args::{AnyReader, Arg, Args};
use super::results::Validity;
use super::{Kernel, Ret, RetBuilder, RowValue, Rows};
use crate::context::CallContext;

type Types<T> = PhantomData<fn() -> T>;

/// Builds a column of texts in row order; rows that do not count are empty and NULL.
struct TextColumn {
    builder: BytesBuilder,
    valid: Validity,
    rows: usize,
}

impl TextColumn {
    fn new(rows: Rows<'_>) -> Self {
        let builder = BytesBuilder::with_capacity(rows.len, 0);
        TextColumn { builder, valid: Validity::new(rows), rows: rows.len }
    }

    /// Ends `row` with what was appended, or with NULL.
    #[inline]
    fn end(&mut self, row: usize, has_value: bool) {
        self.valid.set(row, has_value);
        if !has_value {
            self.builder.clear_row();
        }
        self.builder.end_row();
    }

    /// Ends `row` with NULL.
    #[inline]
    fn null(&mut self, row: usize) {
        self.seek(row);
        self.end(row, false);
    }

    /// Skips to `row`.
    #[inline]
    fn seek(&mut self, row: usize) -> &mut Vec<u8> {
        while self.builder.len() < row {
            self.builder.end_row();
        }
        self.builder.row()
    }

    fn finish(mut self) -> Column {
        while self.builder.len() < self.rows {
            self.builder.end_row();
        }
        let values: BytesColumn = self.builder.finish();
        Column::bytes(values, self.valid.finish())
    }
}

macro_rules! drivers {
    ($scalar:ident, $text:ident, $count:literal; $($arg:ident $reader:ident $index:literal),+) => {
        #[doc = concat!("Drives a body of ", $count, " arguments that gives a number or a time.")]
        pub struct $scalar<$($arg,)+ R, F> {
            body: F,
            types: Types<($($arg,)+ R)>,
        }

        impl<$($arg,)+ R, F> $scalar<$($arg,)+ R, F> {
            /// Builds the kernel from its body.
            pub const fn new(body: F) -> Self {
                $scalar { body, types: PhantomData }
            }
        }

        impl<$($arg: Arg,)+ R: Ret, F> Kernel for $scalar<$($arg,)+ R, F>
        where
            F: for<'x> Fn(
                    &mut CallContext<'_>,
                    $($arg::Value<'x>,)+
                ) -> Result<Option<R::Value>, SqlError>
                + Send
                + Sync,
        {
            fn batch(
                &self,
                args: &Args<'_>,
                rows: Rows<'_>,
                ctx: &mut CallContext<'_>,
            ) -> Result<Column> {
                $(let $reader = args.decoded($index)?;)+
                $(let $reader = $arg::open(&$reader)?;)+
                let mut out = RetBuilder::<R>::new(rows);
                rows.for_each(|row| {
                    $(let Some($reader) = $arg::get(&$reader, row) else {
                        return out.set(row, None);
                    };)+
                    ctx.set_row(row);
                    match (self.body)(ctx, $($reader),+) {
                        Ok(value) => out.set(row, value),
                        Err(error) => {
                            ctx.fail(error);
                            out.set(row, None);
                        }
                    }
                });
                Ok(out.finish())
            }

            fn row(
                &self,
                args: &[DatumRef<'_>],
                _: &mut Vec<u8>,
                ctx: &mut CallContext<'_>,
            ) -> Result<RowValue, SqlError> {
                let [$($reader),+] = args else { return Err(wrong_count(ctx)) };
                $(let Some($reader) = $arg::from_datum(*$reader) else {
                    return Ok(RowValue::Null);
                };)+
                Ok((self.body)(ctx, $($reader),+)?.map_or(RowValue::Null, R::row))
            }
        }

        #[doc = concat!("Drives a body of ", $count, " arguments that appends a text; false is NULL.")]
        pub struct $text<$($arg,)+ F> {
            body: F,
            types: Types<($($arg,)+)>,
        }

        impl<$($arg,)+ F> $text<$($arg,)+ F> {
            /// Builds the kernel from its body.
            pub const fn new(body: F) -> Self {
                $text { body, types: PhantomData }
            }
        }

        impl<$($arg: Arg,)+ F> Kernel for $text<$($arg,)+ F>
        where
            F: for<'x> Fn(
                    &mut CallContext<'_>,
                    $($arg::Value<'x>,)+
                    &mut Vec<u8>,
                ) -> Result<bool, SqlError>
                + Send
                + Sync,
        {
            fn batch(
                &self,
                args: &Args<'_>,
                rows: Rows<'_>,
                ctx: &mut CallContext<'_>,
            ) -> Result<Column> {
                $(let $reader = args.decoded($index)?;)+
                $(let $reader = $arg::open(&$reader)?;)+
                let mut out = TextColumn::new(rows);
                rows.for_each(|row| {
                    $(let Some($reader) = $arg::get(&$reader, row) else {
                        return out.null(row);
                    };)+
                    ctx.set_row(row);
                    let is_value = match (self.body)(ctx, $($reader,)+ out.seek(row)) {
                        Ok(is_value) => is_value,
                        Err(error) => {
                            ctx.fail(error);
                            false
                        }
                    };
                    out.end(row, is_value);
                });
                Ok(out.finish())
            }

            fn row(
                &self,
                args: &[DatumRef<'_>],
                out: &mut Vec<u8>,
                ctx: &mut CallContext<'_>,
            ) -> Result<RowValue, SqlError> {
                let [$($reader),+] = args else { return Err(wrong_count(ctx)) };
                $(let Some($reader) = $arg::from_datum(*$reader) else {
                    return Ok(RowValue::Null);
                };)+
                let is_value = (self.body)(ctx, $($reader,)+ out)?;
                Ok(if is_value { RowValue::Bytes } else { RowValue::Null })
            }
        }
    };
}

drivers!(Scalar1, Text1, "one"; A a 0);
drivers!(Scalar2, Text2, "two"; A a 0, B b 1);
drivers!(Scalar3, Text3, "three"; A a 0, B b 1, C c 2);
drivers!(Scalar4, Text4, "four"; A a 0, B b 1, C c 2, D d 3);

#[cold]
fn wrong_count(ctx: &CallContext<'_>) -> SqlError {
    SqlError::other(format!("{} was run with a wrong number of arguments", ctx.call.name))
}

/// Is a body that takes all its arguments as one slice, NULLs too; a text is appended to the buffer.
pub type VariadicBody =
    fn(&mut CallContext<'_>, &[DatumRef<'_>], &mut Vec<u8>) -> Result<RowValue, SqlError>;

/// Drives a body of any number of arguments.
pub struct Variadic {
    body: VariadicBody,
}

impl Variadic {
    /// Builds the kernel from its body.
    pub const fn new(body: VariadicBody) -> Self {
        Variadic { body }
    }
}

/// Collects the results of a variadic body: its kind is known from the call's type.
enum AnyColumn {
    Int(RetBuilder<super::Int>),
    Real(RetBuilder<super::Real>),
    Decimal(RetBuilder<super::Dec>),
    Time(RetBuilder<super::Moment>),
    Duration(RetBuilder<super::Dur>),
    Text(TextColumn),
}

impl AnyColumn {
    fn new(kind: tiforth_types::EvalType, rows: Rows<'_>) -> Self {
        use tiforth_types::EvalType;
        match kind {
            EvalType::Int => AnyColumn::Int(RetBuilder::new(rows)),
            EvalType::Real => AnyColumn::Real(RetBuilder::new(rows)),
            EvalType::Decimal => AnyColumn::Decimal(RetBuilder::new(rows)),
            EvalType::Time => AnyColumn::Time(RetBuilder::new(rows)),
            EvalType::Duration => AnyColumn::Duration(RetBuilder::new(rows)),
            EvalType::Bytes | EvalType::Json | EvalType::Vector => {
                AnyColumn::Text(TextColumn::new(rows))
            }
        }
    }

    /// Sets a row; false when the value is not of the column's kind.
    #[inline]
    fn set(&mut self, row: usize, value: &RowValue) -> bool {
        match (self, value) {
            (AnyColumn::Text(c), RowValue::Bytes) => c.end(row, true),
            (AnyColumn::Text(c), RowValue::Null) => c.end(row, false),
            (AnyColumn::Int(c), RowValue::Int(v)) => c.set(row, Some(*v)),
            (AnyColumn::Real(c), RowValue::Real(v)) => c.set(row, Some(*v)),
            (AnyColumn::Decimal(c), RowValue::Decimal(v)) => c.set(row, Some(*v)),
            (AnyColumn::Time(c), RowValue::Time(v)) => c.set(row, Some(*v)),
            (AnyColumn::Duration(c), RowValue::Duration(v)) => c.set(row, Some(*v)),
            (AnyColumn::Int(c), RowValue::Null) => c.set(row, None),
            (AnyColumn::Real(c), RowValue::Null) => c.set(row, None),
            (AnyColumn::Decimal(c), RowValue::Null) => c.set(row, None),
            (AnyColumn::Time(c), RowValue::Null) => c.set(row, None),
            (AnyColumn::Duration(c), RowValue::Null) => c.set(row, None),
            _ => return false,
        }
        true
    }

    fn finish(self) -> Column {
        match self {
            AnyColumn::Int(c) => c.finish(),
            AnyColumn::Real(c) => c.finish(),
            AnyColumn::Decimal(c) => c.finish(),
            AnyColumn::Time(c) => c.finish(),
            AnyColumn::Duration(c) => c.finish(),
            AnyColumn::Text(c) => c.finish(),
        }
    }
}

impl Kernel for Variadic {
    fn batch(&self, args: &Args<'_>, rows: Rows<'_>, ctx: &mut CallContext<'_>) -> Result<Column> {
        let columns = (0..args.len()).map(|i| args.decoded(i)).collect::<Result<Vec<_>>>()?;
        let readers = columns.iter().map(|c| AnyReader::open(c)).collect::<Result<Vec<_>>>()?;
        let mut scratch = vec![Decimal::ZERO; readers.len()];
        let mut out = AnyColumn::new(ctx.call.ty.eval_type(), rows);
        let mut none = Vec::new();
        let mut has_mismatch = false;
        rows.for_each(|row| {
            let mut few = [DatumRef::Null; 8];
            let mut many;
            let values = match few.get_mut(..readers.len()) {
                Some(values) => values,
                None => {
                    many = vec![DatumRef::Null; readers.len()];
                    &mut many[..]
                }
            };
            for ((value, reader), scratch) in values.iter_mut().zip(&readers).zip(&mut scratch) {
                reader.read(row, scratch, value);
            }
            ctx.set_row(row);
            let buffer = match &mut out {
                AnyColumn::Text(c) => c.seek(row),
                _ => &mut none,
            };
            has_mismatch |= match (self.body)(ctx, values, buffer) {
                Ok(ref value) => !out.set(row, value),
                Err(error) => {
                    ctx.fail(error);
                    !out.set(row, &RowValue::Null)
                }
            };
        });
        if has_mismatch {
            let text = format!("{} gave a value that is not of its type", ctx.call.name);
            return Err(InternalError::new(text).into());
        }
        Ok(out.finish())
    }

    fn row(
        &self,
        args: &[DatumRef<'_>],
        out: &mut Vec<u8>,
        ctx: &mut CallContext<'_>,
    ) -> Result<RowValue, SqlError> {
        (self.body)(ctx, args, out)
    }
}
