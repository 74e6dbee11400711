// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Reads a table: columns with their MySQL types, and rows of values as text.

use serde_json::Value;

use super::entry::parse_0x;
use super::json::Object;

/// Holds a table the expressions are asked over.
#[derive(Clone, PartialEq, Debug)]
pub struct Table {
    /// The name.
    pub name: String,
    /// The columns; the implied `id INT NOT NULL` is the first.
    pub columns: Vec<TableColumn>,
    /// The number of rows.
    pub rows: usize,
}

/// Holds one column of a table.
#[derive(Clone, PartialEq, Debug)]
pub struct TableColumn {
    /// The name.
    pub name: String,
    /// MySQL's text of the type.
    pub type_text: String,
    /// How its cells are written.
    pub form: ColumnForm,
    /// Whether NULLs are allowed.
    pub nullable: bool,
    /// One cell a row.
    pub cells: Vec<Cell>,
}

/// Is one cell: none for NULL, else its text, or its bytes where the column's type is bytes.
pub type Cell = Option<Box<[u8]>>;

/// Says what a column's values are, as far as their text depends on it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ColumnForm {
    /// An integer of `bytes` bytes.
    Integer {
        /// The width that holds it, 1, 2, 4 or 8; a MEDIUMINT takes 4.
        bytes: u8,
        /// Whether it is unsigned.
        unsigned: bool,
    },
    /// A YEAR.
    Year,
    /// A BIT of some bits, big-endian bytes.
    Bit,
    /// A FLOAT, given as the exact double of its value.
    Float,
    /// A DOUBLE.
    Double,
    /// A DECIMAL.
    Decimal {
        /// Its digits.
        precision: u8,
        /// Its digits after the point.
        scale: u8,
    },
    /// A DATE.
    Date,
    /// A DATETIME.
    DateTime {
        /// The digits of a second.
        fsp: u8,
    },
    /// A TIMESTAMP, given as UTC.
    Timestamp {
        /// The digits of a second.
        fsp: u8,
    },
    /// A TIME.
    Time {
        /// The digits of a second.
        fsp: u8,
    },
    /// Text in some charset, given as UTF-8.
    Text,
    /// A string of bytes of fixed length.
    FixedBytes {
        /// The length.
        length: u32,
    },
    /// A string of bytes.
    Bytes,
    /// An ENUM, given as its text.
    Enum,
    /// A SET, given as its text.
    Set,
    /// A JSON document, given as the text that was parsed.
    Json,
    /// A VECTOR, given as its text.
    Vector,
}

impl ColumnForm {
    /// Reads a column's MySQL type as far as its values' form depends on it.
    pub fn of(type_text: &str) -> Result<Self, String> {
        let lower = type_text.to_ascii_lowercase();
        let end = lower.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(lower.len());
        let (name, rest) = lower.split_at(end);
        let numbers: Vec<u32> = match (rest.strip_prefix('('), rest.find(')'), name) {
            (Some(inside), Some(close), _) if !matches!(name, "enum" | "set") => inside
                .get(..close - 1)
                .unwrap_or("")
                .split(',')
                .map(|n| n.trim().parse().map_err(|_| format!("{n} in {type_text} is no number")))
                .collect::<Result<_, _>>()?,
            _ => Vec::new(),
        };
        let number = |i: usize, default: u8| {
            numbers.get(i).map_or(Ok(default), |n| {
                u8::try_from(*n).map_err(|_| format!("{n} is too large in {type_text}"))
            })
        };
        let unsigned = rest.split_ascii_whitespace().any(|word| word == "unsigned");
        let integer = |bytes| ColumnForm::Integer { bytes, unsigned };
        Ok(match name {
            "tinyint" => integer(1),
            "smallint" => integer(2),
            "mediumint" | "int" => integer(4),
            "bigint" => integer(8),
            "year" => ColumnForm::Year,
            "bit" => ColumnForm::Bit,
            "float" => ColumnForm::Float,
            "double" => ColumnForm::Double,
            "decimal" => ColumnForm::Decimal { precision: number(0, 10)?, scale: number(1, 0)? },
            "date" => ColumnForm::Date,
            "datetime" => ColumnForm::DateTime { fsp: number(0, 0)? },
            "timestamp" => ColumnForm::Timestamp { fsp: number(0, 0)? },
            "time" => ColumnForm::Time { fsp: number(0, 0)? },
            "char" | "varchar" | "tinytext" | "text" | "mediumtext" | "longtext" => {
                // CHARACTER SET binary makes bytes of text.
                if rest.contains("character set binary") || rest.contains("collate binary") {
                    ColumnForm::Bytes
                } else {
                    ColumnForm::Text
                }
            }
            "binary" => ColumnForm::FixedBytes { length: numbers.first().copied().unwrap_or(1) },
            "varbinary" | "tinyblob" | "blob" | "mediumblob" | "longblob" => ColumnForm::Bytes,
            "enum" => ColumnForm::Enum,
            "set" => ColumnForm::Set,
            "json" => ColumnForm::Json,
            "vector" => ColumnForm::Vector,
            _ => return Err(format!("{type_text} is no column type known here")),
        })
    }

    /// Tells whether cells are written as `0x…`.
    pub fn is_bytes(self) -> bool {
        matches!(self, ColumnForm::Bit | ColumnForm::FixedBytes { .. } | ColumnForm::Bytes)
    }
}

impl Table {
    /// Finds a column by name, as MySQL does: letters' case aside.
    pub fn column(&self, name: &str) -> Option<&TableColumn> {
        self.columns.iter().find(|c| c.name.eq_ignore_ascii_case(name))
    }
}

/// Reads a table and adds its implied column `id`.
pub(super) fn parse_table(json: &Value) -> Result<Table, String> {
    let mut object = Object::new(json, "the table")?;
    let name = object.text("name")?;
    let column_list = object.take("columns")?.as_array().ok_or("columns is no list")?;
    let row_list = object.take("rows")?.as_array().ok_or("rows is no list")?;
    object.finish()?;
    let rows = row_list.len();
    let mut columns = Vec::with_capacity(column_list.len() + 1);
    columns.push(TableColumn {
        name: "id".to_owned(),
        type_text: "int".to_owned(),
        form: ColumnForm::of("int")?,
        nullable: false,
        cells: (0..rows).map(|row| Some(row.to_string().into_bytes().into())).collect(),
    });
    for (position, column) in column_list.iter().enumerate() {
        let mut object = Object::new(column, "a column")?;
        let (name, type_text) = (object.text("name")?, object.text("type")?);
        object.finish()?;
        let form = ColumnForm::of(&type_text)?;
        let cells = row_list
            .iter()
            .map(|row| {
                let row = row.as_array().filter(|row| row.len() == column_list.len());
                let row = row.ok_or("a row has another number of values than there are columns")?;
                parse_cell(row.get(position).unwrap_or(&Value::Null), form)
            })
            .collect::<Result<Vec<_>, String>>()?;
        columns.push(TableColumn { name, type_text, form, nullable: true, cells });
    }
    Ok(Table { name, columns, rows })
}

fn parse_cell(json: &Value, form: ColumnForm) -> Result<Cell, String> {
    match json {
        Value::Null => Ok(None),
        Value::String(text) if form.is_bytes() => Ok(Some(parse_0x(text)?)),
        Value::String(text) => Ok(Some(text.as_bytes().into())),
        _ => Err("a cell is neither text nor null".to_owned()),
    }
}
