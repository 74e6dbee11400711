// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Reads arguments: columns in loops, single values in the row engine.

use std::borrow::Cow;
use std::marker::PhantomData;

use arrow_buffer::{BooleanBuffer, NullBuffer};
use tiforth_data::column::DecodeContext;
use tiforth_data::{BytesColumn, Column, ColumnData, DecimalColumn};
use tiforth_types::{
    Datum, DatumRef, Decimal, Duration, Error, InternalError, Result, SqlType, Time,
};

use crate::typed::{Call, TypedExpr};

/// Holds the argument columns of one call, as they came.
pub struct Args<'a> {
    columns: &'a [Column],
    call: &'a Call,
    batch: &'a [Column],
    decode: &'a DecodeContext,
}

impl<'a> Args<'a> {
    /// Collects the columns of `call`'s arguments, computed from those of `batch`.
    pub fn new(
        columns: &'a [Column],
        call: &'a Call,
        batch: &'a [Column],
        decode: &'a DecodeContext,
    ) -> Self {
        Args { columns, call, batch, decode }
    }

    /// Returns the arguments with other columns in the place of theirs.
    #[must_use]
    pub fn with_columns<'b>(&self, columns: &'b [Column]) -> Args<'b>
    where
        'a: 'b,
    {
        Args { columns, call: self.call, batch: self.batch, decode: self.decode }
    }

    /// Returns the number of arguments.
    pub fn len(&self) -> usize {
        self.columns.len()
    }

    /// Tells whether there are no arguments.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// Returns an argument's expression.
    pub fn expr(&self, index: usize) -> Option<&'a TypedExpr> {
        self.call.args.get(index)
    }

    /// Returns an argument as it came: a host's array undecoded, a constant as one value.
    ///
    /// # Errors
    /// An internal error when the call has no such argument.
    pub fn raw(&self, index: usize) -> Result<&'a Column> {
        self.columns.get(index).ok_or_else(|| missing(self.call, index))
    }

    /// Returns a column of the batch the arguments were computed from, in the form kernels read.
    ///
    /// # Errors
    /// When a host's array holds what is no SQL value.
    pub(crate) fn field(&self, index: usize, ty: &SqlType) -> Result<Column> {
        let column = self.batch.get(index).ok_or_else(|| missing(self.call, index))?;
        Ok(column.decoded(ty, self.decode)?.into_owned())
    }

    /// Returns an argument in the form kernels read.
    ///
    /// # Errors
    /// When a host's array holds what is no SQL value.
    pub fn decoded(&self, index: usize) -> Result<Cow<'a, Column>> {
        let column = self.raw(index)?;
        let Some(arg) = self.call.args.get(index) else {
            return Err(missing(self.call, index));
        };
        column.decoded(&arg.ty, self.decode)
    }

    /// Returns an argument in the form kernels of plain numbers read: a predicate's bits as 0 and 1.
    ///
    /// # Errors
    /// When a host's array holds what is no SQL value.
    pub fn numbers(&self, index: usize) -> Result<Cow<'a, Column>> {
        let column = self.decoded(index)?;
        if let ColumnData::Bits(bits) = column.data() {
            let values: Vec<i64> = bits.iter().map(i64::from).collect();
            return Ok(Cow::Owned(Column::ints(values, column.nulls().cloned())));
        }
        Ok(column)
    }
}

#[cold]
fn missing(call: &Call, index: usize) -> Error {
    InternalError::new(format!("{} was run without argument {index}", call.name)).into()
}

#[cold]
fn mismatch(wanted: &str, column: &Column) -> Error {
    let found = match column.data() {
        ColumnData::Constant(value) => format!("the constant {value:?}"),
        other => format!("{other:?}").chars().take(40).collect(),
    };
    InternalError::new(format!("a kernel wants {wanted} and was given {found}")).into()
}

/// Says how a SQL type is read: from a column in a loop, from one value in the row engine.
pub trait Arg: 'static {
    /// The value a body takes.
    type Value<'a>;
    /// What reads a column.
    type Reader<'a>;

    /// Opens a decoded column for reading.
    ///
    /// # Errors
    /// An internal error when the column holds something else.
    fn open<'a>(column: &'a Column) -> Result<Self::Reader<'a>>;

    /// Reads a row; `None` is a NULL that makes the result NULL.
    fn get<'a>(reader: &Self::Reader<'a>, row: usize) -> Option<Self::Value<'a>>;

    /// Reads one value; `None` is a NULL that makes the result NULL.
    fn from_datum(value: DatumRef<'_>) -> Option<Self::Value<'_>>;
}

/// Reads plain numbers from a slice or a constant.
#[derive(Clone, Copy)]
pub enum Prim<'a, T> {
    /// One value a row.
    Slice(&'a [T]),
    /// One value for all rows.
    Constant(T),
    /// NULL in all rows.
    Null,
}

/// Reads plain numbers row by row.
pub struct PrimReader<'a, T> {
    values: Values<'a, T>,
    nulls: Option<&'a NullBuffer>,
}

enum Values<'a, T> {
    Slice(&'a [T]),
    Constant(T),
    Bits(&'a BooleanBuffer),
    Null,
}

/// Marks the types whose columns are slices of plain numbers.
pub trait PrimArg: Arg {
    /// The number.
    type Native: Copy + Default + Send + Sync + 'static;

    /// Opens a decoded column as a slice or a constant; bits are not read here.
    ///
    /// # Errors
    /// An internal error when the column holds something else.
    fn prim<'a>(column: &'a Column) -> Result<Prim<'a, Self::Native>>;

    /// Makes the body's value from the number.
    fn native(value: DatumRef<'_>) -> Option<Self::Native>;
}

macro_rules! prim_arg {
    ($(#[$doc:meta])* $name:ident, $native:ty, $value:ty, $variant:ident, $datum:ident,
     $read:expr, $of_bit:expr, $of_datum:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        impl Arg for $name {
            type Value<'a> = $value;
            type Reader<'a> = PrimReader<'a, $native>;

            fn open<'a>(column: &'a Column) -> Result<Self::Reader<'a>> {
                let values = match column.data() {
                    ColumnData::$variant(v) => Values::Slice(v),
                    ColumnData::Bits(bits) => Values::Bits(bits),
                    ColumnData::Constant(value) => match value.as_ref() {
                        Datum::Null => Values::Null,
                        Datum::$datum(v) => Values::Constant(($of_datum)(*v)),
                        _ => return Err(mismatch(stringify!($variant), column)),
                    },
                    _ => return Err(mismatch(stringify!($variant), column)),
                };
                Ok(PrimReader { values, nulls: column.nulls() })
            }

            #[inline]
            fn get<'a>(reader: &Self::Reader<'a>, row: usize) -> Option<Self::Value<'a>> {
                if reader.nulls.is_some_and(|n| n.is_null(row)) {
                    return None;
                }
                match &reader.values {
                    Values::Slice(v) => v.get(row).map(|v| ($read)(*v)),
                    Values::Constant(v) => Some(($read)(*v)),
                    Values::Bits(bits) => ($of_bit)(bits.value(row)).map($read),
                    Values::Null => None,
                }
            }

            #[inline]
            fn from_datum(value: DatumRef<'_>) -> Option<Self::Value<'_>> {
                match value {
                    DatumRef::$datum(v) => Some(($read)(($of_datum)(v))),
                    _ => None,
                }
            }
        }

        impl PrimArg for $name {
            type Native = $native;

            fn prim<'a>(column: &'a Column) -> Result<Prim<'a, $native>> {
                match column.data() {
                    ColumnData::$variant(v) => Ok(Prim::Slice(v)),
                    ColumnData::Constant(value) => match value.as_ref() {
                        Datum::Null => Ok(Prim::Null),
                        Datum::$datum(v) => Ok(Prim::Constant(($of_datum)(*v))),
                        _ => Err(mismatch(stringify!($variant), column)),
                    },
                    _ => Err(mismatch(stringify!($variant), column)),
                }
            }

            #[inline]
            fn native(value: DatumRef<'_>) -> Option<$native> {
                match value {
                    DatumRef::$datum(v) => Some(($of_datum)(v)),
                    _ => None,
                }
            }
        }
    };
}

prim_arg!(
    /// Takes an integer as signed 64 bits.
    Int, i64, i64, Int, Int, |v: i64| v, |b: bool| Some(i64::from(b)), |v: i64| v
);
prim_arg!(
    /// Takes an integer as unsigned 64 bits.
    UInt, i64, u64, Int, Int, |v: i64| v as u64, |b: bool| Some(i64::from(b)), |v: i64| v
);
prim_arg!(
    /// Takes a double.
    Real, f64, f64, Real, Real, |v: f64| v, |_| None, |v: f64| v
);
prim_arg!(
    /// Takes a date, datetime or timestamp.
    Moment, u64, Time, Time, Time, Time, |_| None, |v: Time| v.0
);
prim_arg!(
    /// Takes a time.
    Dur, i64, Duration, Duration, Duration, Duration, |_| None, |v: Duration| v.0
);

/// Takes a decimal.
#[derive(Clone, Copy, Debug)]
pub struct Dec;

/// Reads decimals row by row.
pub struct DecReader<'a> {
    column: DecValues<'a>,
    nulls: Option<&'a NullBuffer>,
}

enum DecValues<'a> {
    Column(&'a DecimalColumn),
    Constant(&'a Decimal),
    Null,
}

impl Arg for Dec {
    type Value<'a> = Decimal;
    type Reader<'a> = DecReader<'a>;

    fn open<'a>(column: &'a Column) -> Result<DecReader<'a>> {
        let values = match column.data() {
            ColumnData::Decimal(v) => DecValues::Column(v),
            ColumnData::Constant(value) => match value.as_ref() {
                Datum::Null => DecValues::Null,
                Datum::Decimal(v) => DecValues::Constant(v),
                _ => return Err(mismatch("decimals", column)),
            },
            _ => return Err(mismatch("decimals", column)),
        };
        Ok(DecReader { column: values, nulls: column.nulls() })
    }

    #[inline]
    fn get<'a>(reader: &Self::Reader<'a>, row: usize) -> Option<Self::Value<'a>> {
        if reader.nulls.is_some_and(|n| n.is_null(row)) {
            return None;
        }
        match reader.column {
            DecValues::Column(v) => Some(v.get(row)),
            DecValues::Constant(v) => Some(*v),
            DecValues::Null => None,
        }
    }

    #[inline]
    fn from_datum(value: DatumRef<'_>) -> Option<Decimal> {
        match value {
            DatumRef::Decimal(v) => Some(*v),
            _ => None,
        }
    }
}

/// Takes text or bytes.
#[derive(Clone, Copy, Debug)]
pub struct BytesArg;

/// Reads texts row by row.
pub struct BytesReader<'a> {
    values: BytesValues<'a>,
    nulls: Option<&'a NullBuffer>,
}

enum BytesValues<'a> {
    Column(&'a BytesColumn),
    Constant(&'a [u8]),
    Null,
}

impl Arg for BytesArg {
    type Value<'a> = &'a [u8];
    type Reader<'a> = BytesReader<'a>;

    fn open<'a>(column: &'a Column) -> Result<BytesReader<'a>> {
        let values = match column.data() {
            ColumnData::Bytes(v) => BytesValues::Column(v),
            ColumnData::Constant(value) => match value.as_ref() {
                Datum::Null => BytesValues::Null,
                Datum::Bytes(v) => BytesValues::Constant(v),
                _ => return Err(mismatch("bytes", column)),
            },
            _ => return Err(mismatch("bytes", column)),
        };
        Ok(BytesReader { values, nulls: column.nulls() })
    }

    #[inline]
    fn get<'a>(reader: &Self::Reader<'a>, row: usize) -> Option<Self::Value<'a>> {
        if reader.nulls.is_some_and(|n| n.is_null(row)) {
            return None;
        }
        match reader.values {
            BytesValues::Column(v) => Some(v.get(row)),
            BytesValues::Constant(v) => Some(v),
            BytesValues::Null => None,
        }
    }

    #[inline]
    fn from_datum(value: DatumRef<'_>) -> Option<&[u8]> {
        match value {
            DatumRef::Bytes(v) => Some(v),
            _ => None,
        }
    }
}

/// Takes what `A` takes, and hands a NULL to the body as `None`.
#[derive(Clone, Copy, Debug)]
pub struct Opt<A>(PhantomData<A>);

impl<A: Arg> Arg for Opt<A> {
    type Value<'a> = Option<A::Value<'a>>;
    type Reader<'a> = A::Reader<'a>;

    fn open<'a>(column: &'a Column) -> Result<Self::Reader<'a>> {
        A::open(column)
    }

    #[inline]
    fn get<'a>(reader: &Self::Reader<'a>, row: usize) -> Option<Self::Value<'a>> {
        Some(A::get(reader, row))
    }

    #[inline]
    fn from_datum(value: DatumRef<'_>) -> Option<Self::Value<'_>> {
        Some(A::from_datum(value))
    }
}

/// Reads any column row by row, as the row engine sees values.
pub(super) enum AnyReader<'a> {
    Int(<Int as Arg>::Reader<'a>),
    Real(<Real as Arg>::Reader<'a>),
    Decimal(&'a DecimalColumn, Option<&'a NullBuffer>),
    Time(<Moment as Arg>::Reader<'a>),
    Duration(<Dur as Arg>::Reader<'a>),
    Bytes(BytesReader<'a>),
    Constant(DatumRef<'a>),
}

impl<'a> AnyReader<'a> {
    pub(super) fn open(column: &'a Column) -> Result<Self> {
        Ok(match column.data() {
            ColumnData::Constant(value) => AnyReader::Constant(value.as_ref().as_ref()),
            ColumnData::Int(_) | ColumnData::Bits(_) => AnyReader::Int(Int::open(column)?),
            ColumnData::Real(_) => AnyReader::Real(Real::open(column)?),
            ColumnData::Decimal(v) => AnyReader::Decimal(v, column.nulls()),
            ColumnData::Time(_) => AnyReader::Time(Moment::open(column)?),
            ColumnData::Duration(_) => AnyReader::Duration(Dur::open(column)?),
            ColumnData::Bytes(_) => AnyReader::Bytes(BytesArg::open(column)?),
            ColumnData::Host(_) => return Err(mismatch("a decoded column", column)),
        })
    }

    /// Reads a row into `value`; `scratch` holds a decimal for as long as the value is looked at. What is
    /// written where it is looked at need not be copied, which waits until it is written.
    #[inline]
    pub(super) fn read<'s>(
        &'s self,
        row: usize,
        scratch: &'s mut Decimal,
        value: &mut DatumRef<'s>,
    ) {
        match self {
            AnyReader::Constant(constant) => *value = *constant,
            AnyReader::Int(r) => match Int::get(r, row) {
                Some(v) => *value = DatumRef::Int(v),
                None => *value = DatumRef::Null,
            },
            AnyReader::Real(r) => match Real::get(r, row) {
                Some(v) => *value = DatumRef::Real(v),
                None => *value = DatumRef::Null,
            },
            AnyReader::Decimal(v, nulls) => {
                if nulls.is_some_and(|n| n.is_null(row)) {
                    *value = DatumRef::Null;
                } else {
                    *scratch = v.get(row);
                    *value = DatumRef::Decimal(scratch);
                }
            }
            AnyReader::Time(r) => match Moment::get(r, row) {
                Some(v) => *value = DatumRef::Time(v),
                None => *value = DatumRef::Null,
            },
            AnyReader::Duration(r) => match Dur::get(r, row) {
                Some(v) => *value = DatumRef::Duration(v),
                None => *value = DatumRef::Null,
            },
            AnyReader::Bytes(r) => match BytesArg::get(r, row) {
                Some(v) => *value = DatumRef::Bytes(v),
                None => *value = DatumRef::Null,
            },
        }
    }
}

/// Copies one value out of a decoded column.
///
/// # Errors
/// An internal error when the column is still the host's.
pub fn datum_at(column: &Column, row: usize) -> Result<Datum> {
    match column.data() {
        ColumnData::Host(_) => Err(mismatch("a decoded column", column)),
        _ => Ok(column.value(row)),
    }
}
