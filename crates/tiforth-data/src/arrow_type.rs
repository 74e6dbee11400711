// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Maps SQL types to Arrow types and field metadata, and back.
//!
//! The key `tiforth.sql_type` holds a type's canonical text and decides. The older keys
//! (`tiforth.logical_type` and its companions, numbers as base-10 int32 text) are written beside it
//! and read where it is missing; where they contradict the type that was found it is an error that
//! names the field. A field without metadata has the natural type of its Arrow type.

use std::collections::HashMap;
use std::str::FromStr;

use arrow_schema::{DataType, Field as ArrowField, Fields, Schema, TimeUnit};
use tiforth_types::sql_type::{DECIMAL_PRECISION_MAX, DECIMAL_SCALE_MAX};
use tiforth_types::{Collation, Error, Result, SqlError, SqlType, TypeKind};

use crate::schema::{BatchSchema, Field};

/// Is the key of a type's canonical text.
pub const SQL_TYPE_KEY: &str = "tiforth.sql_type";
/// Is the key of the older name of a type's family.
pub const LOGICAL_TYPE_KEY: &str = "tiforth.logical_type";
/// Is the key of a DECIMAL's digits.
pub const PRECISION_KEY: &str = "tiforth.decimal.precision";
/// Is the key of a DECIMAL's fraction digits.
pub const SCALE_KEY: &str = "tiforth.decimal.scale";
/// Is the key of the digits of a DATETIME's, TIMESTAMP's or TIME's second.
pub const FSP_KEY: &str = "tiforth.datetime.fsp";
/// Is the key of a text's collation.
pub const COLLATION_KEY: &str = "tiforth.string.collation_id";

const PREFIX: &str = "tiforth.";
/// Is the greatest number of digits a Decimal128 stores.
pub(crate) const DECIMAL128_PRECISION_MAX: i64 = 38;

/// Returns the columns' names and types of an Arrow schema.
///
/// # Errors
/// 1105 for the first field whose metadata is unknown, malformed or contradicts its type, or whose
/// Arrow type holds no SQL values.
pub fn schema_to_batch_schema(schema: &Schema) -> Result<BatchSchema> {
    schema.fields().iter().map(|f| from_arrow_field(f)).collect()
}

/// Returns the Arrow schema a batch leaves in by default.
pub fn batch_schema_to_schema(schema: &[Field]) -> Schema {
    Schema::new(schema.iter().map(to_arrow_field).collect::<Fields>())
}

/// Returns the Arrow field of a column in its default Arrow type, with its type as metadata.
pub fn to_arrow_field(field: &Field) -> ArrowField {
    to_arrow_field_as(field, arrow_type(&field.sql_type))
}

/// Returns the Arrow field of a column in an Arrow type of the host's choice.
pub fn to_arrow_field_as(field: &Field, data_type: DataType) -> ArrowField {
    ArrowField::new(&field.name, data_type, field.nullable).with_metadata(metadata(&field.sql_type))
}

/// Returns the name and type of a column.
///
/// # Errors
/// Those of [`schema_to_batch_schema`].
pub fn from_arrow_field(field: &ArrowField) -> Result<Field> {
    let sql_type = sql_type_of(field)?;
    Ok(Field { name: field.name().clone(), sql_type, nullable: field.is_nullable() })
}

/// Returns the Arrow type values of a SQL type leave in by default.
pub fn arrow_type(ty: &SqlType) -> DataType {
    use TypeKind::*;
    match (ty.kind, ty.unsigned) {
        (Null, _) => DataType::Null,
        (TinyInt, false) => DataType::Int8,
        (TinyInt, true) => DataType::UInt8,
        (SmallInt, false) => DataType::Int16,
        (SmallInt, true) => DataType::UInt16,
        (MediumInt | Int, false) => DataType::Int32,
        (MediumInt | Int, true) => DataType::UInt32,
        (BigInt, false) => DataType::Int64,
        (BigInt, true) => DataType::UInt64,
        (Year, _) => DataType::UInt16,
        (Bit | Set, _) => DataType::UInt64,
        (Enum, _) => DataType::UInt16,
        (Float, _) => DataType::Float32,
        (Double, _) => DataType::Float64,
        (Decimal, _) => {
            let (precision, scale) = precision_and_scale(ty);
            if i64::from(precision) <= DECIMAL128_PRECISION_MAX {
                DataType::Decimal128(precision, scale)
            } else {
                DataType::Decimal256(precision, scale)
            }
        }
        (Date | DateTime | Timestamp, _) => DataType::UInt64,
        (Time, _) => DataType::Int64,
        (Char | VarChar | VarString | TinyBlob | Blob | MediumBlob | LongBlob, _) => {
            if ty.is_bytes() { DataType::Binary } else { DataType::Utf8 }
        }
        (Json, _) => DataType::Binary,
        (Vector, _) => DataType::new_list(DataType::Float32, false),
    }
}

/// Returns the digits and fraction digits a DECIMAL is stored with.
pub(crate) fn precision_and_scale(ty: &SqlType) -> (u8, i8) {
    let scale = ty.decimals.clamp(0, DECIMAL_SCALE_MAX);
    let most = i64::from(DECIMAL_PRECISION_MAX);
    let precision = if ty.length > 0 { ty.length.min(most) } else { most };
    (precision.max(scale.into()) as u8, scale as i8)
}

/// Tells whether an Arrow type can hold values of a SQL type, natural or not.
pub fn can_hold(ty: &SqlType, data_type: &DataType) -> bool {
    use TypeKind::*;
    match data_type {
        DataType::Null => return true,
        DataType::Dictionary(_, values) => return can_hold(ty, values),
        _ => {}
    }
    match ty.kind {
        Null => false,
        TinyInt | SmallInt | MediumInt | Int | BigInt | Year | Bit => {
            data_type.is_integer() || *data_type == DataType::Boolean
        }
        Enum | Set => data_type.is_integer() || is_bytes(data_type),
        Float | Double => data_type.is_floating(),
        Decimal => data_type.is_decimal(),
        Date => matches!(data_type, DataType::UInt64 | DataType::Date32 | DataType::Date64),
        DateTime => matches!(
            data_type,
            DataType::UInt64 | DataType::Date32 | DataType::Date64 | DataType::Timestamp(_, None)
        ),
        Timestamp => matches!(data_type, DataType::UInt64 | DataType::Timestamp(..)),
        Time => matches!(
            data_type,
            DataType::Int64 | DataType::Duration(_) | DataType::Time32(_) | DataType::Time64(_)
        ),
        Char | VarChar | VarString | TinyBlob | Blob | MediumBlob | LongBlob | Json => {
            is_bytes(data_type)
        }
        Vector => matches!(data_type, DataType::List(_) | DataType::FixedSizeList(..)),
    }
}

fn is_bytes(data_type: &DataType) -> bool {
    use DataType::*;
    matches!(
        data_type,
        Utf8 | LargeUtf8 | Utf8View | Binary | LargeBinary | BinaryView | FixedSizeBinary(_)
    )
}

/// Returns the SQL type an Arrow type stands for where nothing else is said.
pub fn natural_sql_type(data_type: &DataType) -> Option<SqlType> {
    use TypeKind::*;
    let int = |kind, unsigned| SqlType::declared(kind, unsigned);
    let fsp = |unit: &TimeUnit| match unit {
        TimeUnit::Second => 0,
        TimeUnit::Millisecond => 3,
        TimeUnit::Microsecond | TimeUnit::Nanosecond => 6,
    };
    let text = |collation| SqlType { collation, ..SqlType::declared(VarChar, false) };
    Some(match data_type {
        DataType::Null => SqlType::null(),
        DataType::Boolean => SqlType { length: 1, ..int(TinyInt, false) },
        DataType::Int8 => int(TinyInt, false),
        DataType::Int16 => int(SmallInt, false),
        DataType::Int32 => int(Int, false),
        DataType::Int64 => int(BigInt, false),
        DataType::UInt8 => int(TinyInt, true),
        DataType::UInt16 => int(SmallInt, true),
        DataType::UInt32 => int(Int, true),
        DataType::UInt64 => int(BigInt, true),
        DataType::Float16 | DataType::Float32 => int(Float, false),
        DataType::Float64 => int(Double, false),
        DataType::Decimal32(p, s)
        | DataType::Decimal64(p, s)
        | DataType::Decimal128(p, s)
        | DataType::Decimal256(p, s) => natural_decimal(*p, *s),
        DataType::Date32 | DataType::Date64 => SqlType::date(),
        DataType::Timestamp(unit, None) => SqlType::datetime(fsp(unit)),
        DataType::Timestamp(unit, Some(_)) => {
            SqlType { kind: Timestamp, ..SqlType::datetime(fsp(unit)) }
        }
        DataType::Time32(unit) | DataType::Time64(unit) | DataType::Duration(unit) => {
            SqlType::time(fsp(unit))
        }
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => text(Collation::UTF8MB4_BIN),
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView => text(Collation::BINARY),
        DataType::FixedSizeBinary(width) => {
            SqlType { length: i64::from(*width), ..SqlType::declared(Char, false) }
        }
        DataType::Dictionary(_, values) => natural_sql_type(values)?,
        _ => return None,
    })
}

/// Returns the DECIMAL that holds Arrow's: MySQL has no negative scale, 65 digits, 30 of fraction.
fn natural_decimal(precision: u8, scale: i8) -> SqlType {
    let (precision, scale) = (i32::from(precision), i32::from(scale));
    let digits = if scale < 0 { precision - scale } else { precision.max(scale) };
    let scale_kept = scale.clamp(0, DECIMAL_SCALE_MAX);
    let digits = digits - (scale.max(0) - scale_kept);
    SqlType::decimal(digits.clamp(1, DECIMAL_PRECISION_MAX).max(scale_kept), scale_kept)
}

/// Returns the metadata a column of the type carries.
pub fn metadata(ty: &SqlType) -> HashMap<String, String> {
    let mut keys = HashMap::from([(SQL_TYPE_KEY.to_owned(), ty.to_string())]);
    let mut add = |key: &str, value: String| keys.insert(key.to_owned(), value);
    if let Some(family) = logical_type(ty) {
        add(LOGICAL_TYPE_KEY, family.to_owned());
    }
    match ty.kind {
        TypeKind::Decimal => {
            let (precision, scale) = precision_and_scale(ty);
            add(PRECISION_KEY, precision.to_string());
            add(SCALE_KEY, scale.to_string());
        }
        TypeKind::DateTime | TypeKind::Timestamp | TypeKind::Time => {
            add(FSP_KEY, ty.fsp().to_string());
        }
        kind if kind.is_string() => {
            add(COLLATION_KEY, ty.collation.id().to_string());
        }
        _ => {}
    }
    keys
}

/// Returns the older name of the type's family, if it has one.
fn logical_type(ty: &SqlType) -> Option<&'static str> {
    use TypeKind::*;
    Some(match ty.kind {
        Decimal => "decimal",
        Date => "mydate",
        DateTime => "mydatetime",
        Timestamp => "mytimestamp",
        Time => "mytime",
        Year => "year",
        Bit => "bit",
        Enum => "enum",
        Set => "set",
        Json => "json",
        Vector => "vector",
        Char | VarChar | VarString | TinyBlob | Blob | MediumBlob | LongBlob => "string",
        Null | TinyInt | SmallInt | MediumInt | Int | BigInt | Float | Double => return None,
    })
}

/// Returns a field's SQL type.
fn sql_type_of(field: &ArrowField) -> Result<SqlType> {
    let keys = Keys::read(field)?;
    let natural = natural_sql_type(field.data_type());
    let ty = match (&keys.sql_type, keys.logical_type) {
        (Some(ty), _) => ty.clone(),
        (None, Some(family)) => keys.logical_sql_type(field, family, natural.as_ref())?,
        (None, None) => {
            let mut ty = natural.ok_or_else(|| {
                refused(field, format!("Arrow {} holds no SQL type", field.data_type()))
            })?;
            if let (Some(collation), true) = (keys.collation, ty.kind.is_string()) {
                ty.collation = collation;
            }
            ty
        }
    };
    keys.check(field, &ty)?;
    if !can_hold(&ty, field.data_type()) {
        return Err(refused(field, format!("{ty} cannot be held by Arrow {}", field.data_type())));
    }
    Ok(ty)
}

#[cold]
fn refused(field: &ArrowField, why: impl std::fmt::Display) -> Error {
    SqlError::other(format!("Column '{}': {why}", field.name())).into()
}

/// Holds what the metadata of a field say, read strictly.
struct Keys<'a> {
    sql_type: Option<SqlType>,
    logical_type: Option<&'a str>,
    precision: Option<i32>,
    scale: Option<i32>,
    fsp: Option<i32>,
    collation: Option<Collation>,
}

impl<'a> Keys<'a> {
    fn read(field: &'a ArrowField) -> Result<Self> {
        let keys = field.metadata();
        const KNOWN: [&str; 6] =
            [SQL_TYPE_KEY, LOGICAL_TYPE_KEY, PRECISION_KEY, SCALE_KEY, FSP_KEY, COLLATION_KEY];
        // The least of them, so that the message does not depend on the map's order.
        let unknown = keys.keys().filter(|k| k.starts_with(PREFIX) && !KNOWN.contains(&k.as_str()));
        if let Some(key) = unknown.min() {
            return Err(refused(field, format!("metadata key '{key}' is unknown")));
        }
        let text = |key: &str| keys.get(key).map(String::as_str);
        let number = |key: &str, low: i32, high: i32| -> Result<Option<i32>> {
            let Some(text) = text(key) else { return Ok(None) };
            strict_int(text).filter(|n| (low..=high).contains(n)).map(Some).ok_or_else(|| {
                refused(field, format!("metadata key '{key}' must be {low} to {high}: '{text}'"))
            })
        };
        let sql_type = text(SQL_TYPE_KEY).map(SqlType::from_str).transpose();
        let collation = number(COLLATION_KEY, 1, i32::from(u16::MAX))?;
        let collation = collation.map(|id| {
            let found = u16::try_from(id).ok().and_then(Collation::from_id);
            found.ok_or_else(|| refused(field, format!("collation {id} is unknown")))
        });
        Ok(Keys {
            sql_type: sql_type.map_err(|e| refused(field, e.message()))?,
            logical_type: text(LOGICAL_TYPE_KEY),
            precision: number(PRECISION_KEY, 1, DECIMAL_PRECISION_MAX)?,
            scale: number(SCALE_KEY, 0, DECIMAL_SCALE_MAX)?,
            fsp: number(FSP_KEY, 0, 6)?,
            collation: collation.transpose()?,
        })
    }

    /// Builds the type the older keys name.
    fn logical_sql_type(
        &self,
        field: &ArrowField,
        family: &str,
        natural: Option<&SqlType>,
    ) -> Result<SqlType> {
        let fsp = || natural.filter(|n| n.kind.is_temporal()).map_or(0, |n| n.decimals);
        let fsp = self.fsp.unwrap_or_else(fsp);
        Ok(match family {
            "decimal" => {
                let natural = natural.filter(|n| n.kind == TypeKind::Decimal);
                let precision = self.precision.or(natural.map(|n| n.length as i32));
                let scale = self.scale.or(natural.map(|n| n.decimals));
                match (precision, scale) {
                    (Some(p), Some(s)) if s <= p => SqlType::decimal(p, s),
                    _ => return Err(refused(field, "a decimal needs precision and scale")),
                }
            }
            "mydate" => SqlType::date(),
            "mydatetime" => SqlType::datetime(fsp),
            "mytimestamp" => SqlType { kind: TypeKind::Timestamp, ..SqlType::datetime(fsp) },
            "mytime" => SqlType::time(fsp),
            "year" => SqlType::declared(TypeKind::Year, true),
            "bit" => SqlType { length: 64, ..SqlType::declared(TypeKind::Bit, true) },
            "string" => {
                let natural = natural.filter(|n| n.kind.is_string());
                let mut ty =
                    natural.cloned().unwrap_or(SqlType::declared(TypeKind::VarChar, false));
                ty.collation = self.collation.unwrap_or(Collation::UTF8MB4_BIN);
                ty
            }
            "json" => SqlType::new(TypeKind::Json),
            "vector" => SqlType::new(TypeKind::Vector),
            "enum" | "set" => {
                let why = format!("logical type '{family}' needs '{SQL_TYPE_KEY}' for its members");
                return Err(refused(field, why));
            }
            _ => return Err(refused(field, format!("logical type '{family}' is unknown"))),
        })
    }

    /// Checks that every key says the same as the type.
    fn check(&self, field: &ArrowField, ty: &SqlType) -> Result<()> {
        let contradicts = |key: &str, found: &dyn std::fmt::Display| {
            Err(refused(field, format!("metadata key '{key}' = '{found}' contradicts type {ty}")))
        };
        if let Some(family) = self.logical_type
            && logical_type(ty) != Some(family)
        {
            return contradicts(LOGICAL_TYPE_KEY, &family);
        }
        let is_decimal = ty.kind == TypeKind::Decimal;
        let has_fsp = ty.kind.is_temporal();
        let (precision, scale) = precision_and_scale(ty);
        let numbers = [
            (PRECISION_KEY, self.precision, is_decimal.then_some(i32::from(precision))),
            (SCALE_KEY, self.scale, is_decimal.then_some(i32::from(scale))),
            (FSP_KEY, self.fsp, has_fsp.then_some(i32::from(ty.fsp()))),
        ];
        for (key, found, expected) in numbers {
            if let Some(found) = found
                && expected != Some(found)
            {
                return contradicts(key, &found);
            }
        }
        let has_collation = ty.kind.is_string() || ty.kind.has_elements();
        match self.collation {
            Some(found) if !has_collation || found != ty.collation => {
                contradicts(COLLATION_KEY, &found.id())
            }
            _ => Ok(()),
        }
    }
}

/// Reads a base-10 int32 with no sign but `-`, no blanks and no leading zeros.
fn strict_int(text: &str) -> Option<i32> {
    text.parse::<i32>().ok().filter(|n| n.to_string() == text)
}

/// Checks that a batch's schema is the stream's: names, Arrow types and `tiforth.*` metadata.
///
/// # Errors
/// 1105 that names the first difference.
pub fn check_same_schema(expected: &Schema, found: &Schema) -> Result<()> {
    let differ = |what: String| Err(SqlError::other(format!("Schema differs: {what}")).into());
    if expected.fields().len() != found.fields().len() {
        let (e, f) = (expected.fields().len(), found.fields().len());
        return differ(format!("{e} columns expected, {f} found"));
    }
    for (at, (e, f)) in expected.fields().iter().zip(found.fields()).enumerate() {
        if e.name() != f.name() {
            return differ(format!("column {at} is named '{}', not '{}'", f.name(), e.name()));
        }
        if e.data_type() != f.data_type() {
            let (name, e, f) = (e.name(), e.data_type(), f.data_type());
            return differ(format!("column '{name}' has Arrow type {f}, not {e}"));
        }
        if let Some((key, e, f)) = metadata_difference(e, f) {
            let name = found.field(at).name();
            return differ(format!("column '{name}' has {key} {f}, not {e}"));
        }
    }
    Ok(())
}

/// Returns the first `tiforth.*` key in which two fields differ, with both values.
fn metadata_difference(a: &ArrowField, b: &ArrowField) -> Option<(String, String, String)> {
    let mut keys: Vec<&String> = a.metadata().keys().chain(b.metadata().keys()).collect();
    keys.sort_unstable();
    let shown = |value: Option<&String>| value.map_or("none".to_owned(), |v| format!("'{v}'"));
    keys.into_iter().filter(|k| k.starts_with(PREFIX)).find_map(|key| {
        let (x, y) = (a.metadata().get(key), b.metadata().get(key));
        (x != y).then(|| (key.clone(), shown(x), shown(y)))
    })
}

#[cfg(test)]
mod tests;
