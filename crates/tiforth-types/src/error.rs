// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Carries what went wrong: a user's error or warning with its MySQL code, or a bug of ours.
//!
//! Texts are TiDB's (`pkg/errno/errname.go` and `pkg/parser/mysql/errname.go`), data last.

use std::fmt;

/// Numbers the errors and warnings this library raises, as MySQL and TiDB do.
pub mod code {
    #![expect(missing_docs, reason = "the names are MySQL's own")]
    pub const ER_BAD_FIELD: u16 = 1054;
    pub const ER_PARSE: u16 = 1064;
    pub const ER_UNKNOWN: u16 = 1105;
    pub const ER_INVALID_GROUP_FUNC_USE: u16 = 1111;
    pub const ER_WRONG_ARGUMENTS: u16 = 1210;
    pub const ER_WARN_ALLOWED_PACKET_OVERFLOWED: u16 = 1301;
    pub const ER_DATA_OUT_OF_RANGE_FOR_COLUMN: u16 = 1264;
    pub const ER_CUT_VALUE_GROUP_CONCAT: u16 = 1260;
    pub const ER_WARN_DATA_TRUNCATED: u16 = 1265;
    pub const ER_CANT_AGGREGATE_2COLLATIONS: u16 = 1267;
    pub const ER_CANT_AGGREGATE_3COLLATIONS: u16 = 1270;
    pub const ER_CANT_AGGREGATE_NCOLLATIONS: u16 = 1271;
    pub const ER_UNKNOWN_COLLATION: u16 = 1273;
    pub const ER_TRUNCATED_WRONG_VALUE: u16 = 1292;
    pub const ER_UNKNOWN_TIME_ZONE: u16 = 1298;
    pub const ER_INVALID_CHARACTER_STRING: u16 = 1300;
    pub const ER_FUNCTION_NOT_EXISTS: u16 = 1305;
    pub const ER_QUERY_INTERRUPTED: u16 = 1317;
    pub const ER_DIVISION_BY_ZERO: u16 = 1365;
    pub const ER_TRUNCATED_WRONG_VALUE_FOR_FIELD: u16 = 1366;
    pub const ER_ILLEGAL_VALUE_FOR_TYPE: u16 = 1367;
    pub const ER_DATA_TOO_LONG: u16 = 1406;
    pub const ER_WRONG_VALUE_FOR_TYPE: u16 = 1411;
    pub const ER_TOO_BIG_SCALE: u16 = 1425;
    pub const ER_TOO_BIG_PRECISION: u16 = 1426;
    pub const ER_M_BIGGER_THAN_D: u16 = 1427;
    pub const ER_DATETIME_FUNCTION_OVERFLOW: u16 = 1441;
    pub const ER_WRONG_PARAMCOUNT_TO_NATIVE_FCT: u16 = 1582;
    pub const ER_DATA_OUT_OF_RANGE: u16 = 1690;
    pub const ER_INCORRECT_TYPE: u16 = 3064;
    pub const ER_REGEXP: u16 = 1139;
    pub const ER_TIMESTAMP_IN_DST_TRANSITION: u16 = 8179;
    pub const ER_CANNOT_CONVERT_STRING: u16 = 3854;
    pub const ER_WRONG_VALUE: u16 = 1525;
    pub const ER_BAD_NUMBER: u16 = 8029;
    pub const ER_MEMORY_EXCEEDED: u16 = 8175;
    pub const ER_CAST_AS_SIGNED_OVERFLOW: u16 = 8030;
    pub const ER_CAST_NEG_INT_AS_UNSIGNED: u16 = 8031;
}

/// Returns as much of a value as MySQL's messages show: its first 128 characters.
fn shown(value: &str) -> &str {
    value.char_indices().nth(128).map_or(value, |(end, _)| value.get(..end).unwrap_or(value))
}

/// Raises a user's error: a MySQL code and a text, as TiDB words it.
///
/// It is a pointer wide, so that results stay small.
#[derive(Clone, PartialEq, Eq)]
pub struct SqlError(Box<Body>);

#[derive(Clone, PartialEq, Eq)]
struct Body {
    code: u16,
    message: String,
}

impl SqlError {
    /// Builds an error from its code and its finished text; the named constructors are to be
    /// preferred where one fits.
    #[cold]
    pub fn new(code: u16, message: impl Into<String>) -> Self {
        SqlError(Box::new(Body { code, message: message.into() }))
    }

    /// Reports a computed value beyond its type: `BIGINT value is out of range in '(a + b)'`.
    #[cold]
    pub fn out_of_range(kind: &str, expr: &str) -> Self {
        Self::new(code::ER_DATA_OUT_OF_RANGE, format!("{kind} value is out of range in '{expr}'"))
    }

    /// Reports a text that is no value of `kind`: `Truncated incorrect DOUBLE value: 'x'`.
    #[cold]
    pub fn truncated_wrong_value(kind: &str, value: &str) -> Self {
        Self::new(
            code::ER_TRUNCATED_WRONG_VALUE,
            format!("Truncated incorrect {kind} value: '{}'", shown(value)),
        )
    }

    /// Reports a value that is no date or time: `Incorrect datetime value: 'x'`.
    #[cold]
    pub fn incorrect_value(kind: &str, value: &str) -> Self {
        let value = shown(value);
        Self::new(code::ER_TRUNCATED_WRONG_VALUE, format!("Incorrect {kind} value: '{value}'"))
    }

    /// Reports a literal that is no value of its kind: `Incorrect datetime value: 'x'` (1525).
    #[cold]
    pub fn wrong_value(kind: &str, value: &str) -> Self {
        let value = shown(value);
        Self::new(code::ER_WRONG_VALUE, format!("Incorrect {kind} value: '{value}'"))
    }

    /// Reports a division by zero.
    #[cold]
    pub fn division_by_zero() -> Self {
        Self::new(code::ER_DIVISION_BY_ZERO, "Division by 0")
    }

    /// Reports a name that no column of the input has.
    #[cold]
    pub fn unknown_column(name: &str, place: &str) -> Self {
        Self::new(code::ER_BAD_FIELD, format!("Unknown column '{name}' in '{place}'"))
    }

    /// Reports a function that the registry does not hold.
    #[cold]
    pub fn unknown_function(name: &str) -> Self {
        Self::new(code::ER_FUNCTION_NOT_EXISTS, format!("FUNCTION {name} does not exist"))
    }

    /// Reports a call with a wrong number of arguments.
    #[cold]
    pub fn wrong_argument_count(function: &str) -> Self {
        Self::new(
            code::ER_WRONG_PARAMCOUNT_TO_NATIVE_FCT,
            format!("Incorrect parameter count in the call to native function '{function}'"),
        )
    }

    /// Reports arguments a function cannot take.
    #[cold]
    pub fn wrong_arguments(function: &str) -> Self {
        Self::new(code::ER_WRONG_ARGUMENTS, format!("Incorrect arguments to {function}"))
    }

    /// Reports a text longer than its type: `Data Too Long, field len 3, data len 4`.
    #[cold]
    pub fn data_too_long(limit: usize, length: usize) -> Self {
        Self::new(
            code::ER_DATA_TOO_LONG,
            format!("Data Too Long, field len {limit}, data len {length}"),
        )
    }

    /// Reports a result longer than max_allowed_packet.
    #[cold]
    pub fn packet_overflowed(function: &str, packet: u64) -> Self {
        Self::new(
            code::ER_WARN_ALLOWED_PACKET_OVERFLOWED,
            format!(
                "Result of {function}() was larger than max_allowed_packet ({packet}) - truncated"
            ),
        )
    }

    /// Reports bytes that are no text of a charset; the first six are shown.
    #[cold]
    pub fn cannot_convert_string(bytes: &[u8], charset: &str) -> Self {
        let shown = bytes.iter().take(6).map(|b| match b {
            0x80.. => format!("\\x{b:X}"),
            b => char::from(*b).to_string(),
        });
        let rest = if bytes.len() > 6 { "..." } else { "" };
        Self::new(
            code::ER_CANNOT_CONVERT_STRING,
            format!(
                "Cannot convert string '{}{rest}' from binary to {charset}",
                shown.collect::<String>()
            ),
        )
    }

    /// Reports a number above 2^63 that a cast made negative.
    #[cold]
    pub fn cast_to_negative() -> Self {
        Self::new(
            code::ER_CAST_AS_SIGNED_OVERFLOW,
            "Cast to signed converted positive out-of-range integer to its negative complement",
        )
    }

    /// Reports a negative number that a cast made unsigned.
    #[cold]
    pub fn cast_to_unsigned() -> Self {
        Self::new(
            code::ER_CAST_NEG_INT_AS_UNSIGNED,
            "Cast to unsigned converted negative integer to it's positive complement",
        )
    }

    /// Reports a text whose number is beyond every DECIMAL.
    #[cold]
    pub fn decimal_overflow() -> Self {
        Self::new(code::ER_DATA_OUT_OF_RANGE, "DECIMAL value is out of range in ''")
    }

    /// Reports a text that is only partly a number, as statements that write do.
    #[cold]
    pub fn data_truncated() -> Self {
        Self::new(code::ER_WARN_DATA_TRUNCATED, "Data Truncated")
    }

    /// Reports a number whose exponent is beyond 64 bits.
    #[cold]
    pub fn bad_number() -> Self {
        Self::new(code::ER_BAD_NUMBER, "Bad Number")
    }

    /// Reports a DECIMAL(precision, scale) with more fraction digits than digits.
    #[cold]
    pub fn precision_below_scale(column: &str) -> Self {
        Self::new(
            code::ER_M_BIGGER_THAN_D,
            format!(
                "For float(M,D), double(M,D) or decimal(M,D), M must be >= D (column '{column}')."
            ),
        )
    }

    /// Reports anything that MySQL has no number for; TiDB's "unknown" error.
    #[cold]
    pub fn other(message: impl Into<String>) -> Self {
        Self::new(code::ER_UNKNOWN, message)
    }

    /// Reports that the run was cancelled.
    #[cold]
    pub fn interrupted() -> Self {
        Self::new(code::ER_QUERY_INTERRUPTED, "Query execution was interrupted")
    }

    /// Returns the MySQL code.
    pub fn code(&self) -> u16 {
        self.0.code
    }

    /// Returns the text, as TiDB words it.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Returns the SQLSTATE that belongs to the code.
    pub fn sqlstate(&self) -> &'static str {
        sqlstate(self.code())
    }
}

/// Returns the SQLSTATE of a MySQL code (MySQL manual, "Server Error Message Reference").
pub fn sqlstate(code: u16) -> &'static str {
    match code {
        1054 => "42S22",
        1136 => "21S01",
        1146 => "42S02",
        1241 => "21000",
        1064 | 1115 | 1305 | 1582 | 1425 | 1426 | 1427 | 1139 | 3064 => "42000",
        1264 | 1690 => "22003",
        1265 => "01000",
        1292 | 1367 => "22007",
        1317 => "70100",
        1365 => "22012",
        1406 => "22001",
        1441 => "22008",
        3140..=3158 => "22032",
        _ => "HY000",
    }
}

impl fmt::Display for SqlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ERROR {} ({}): {}", self.code(), self.sqlstate(), self.message())
    }
}

impl fmt::Debug for SqlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for SqlError {}

/// Reports a bug of this library: a contract between its parts was broken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InternalError {
    message: Box<str>,
}

impl InternalError {
    /// Builds the report of a broken contract; `message` names the part and what it did.
    #[cold]
    pub fn new(message: impl Into<String>) -> Self {
        InternalError { message: message.into().into_boxed_str() }
    }
}

impl fmt::Display for InternalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "internal error of TiForth: {}", self.message)
    }
}

impl std::error::Error for InternalError {}

/// Is either a user's error or a bug of ours.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Error {
    /// A user's error, with its MySQL code.
    Sql(SqlError),
    /// A bug of this library.
    Internal(InternalError),
}

impl Error {
    /// Returns the MySQL code: the user's error's own, or 1105 for a bug of ours.
    pub fn code(&self) -> u16 {
        match self {
            Error::Sql(e) => e.code(),
            Error::Internal(_) => code::ER_UNKNOWN,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Sql(e) => e.fmt(f),
            Error::Internal(e) => e.fmt(f),
        }
    }
}

impl std::error::Error for Error {}

impl From<SqlError> for Error {
    fn from(e: SqlError) -> Self {
        Error::Sql(e)
    }
}

impl From<InternalError> for Error {
    fn from(e: InternalError) -> Self {
        Error::Internal(e)
    }
}

/// Is the result of everything that can fail for either reason.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Grades a warning, as `SHOW WARNINGS` does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Level {
    /// A remark.
    Note,
    /// A value was changed or lost.
    Warning,
    /// An error that did not end the statement.
    Error,
}

/// Is one warning of a run: level, MySQL code and text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Warning {
    /// How grave it is.
    pub level: Level,
    /// The MySQL code and TiDB's text.
    pub error: SqlError,
}

const _: () = assert!(size_of::<Error>() <= 32 && size_of::<SqlError>() == 8);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_its_code_and_sqlstate() {
        let table = [
            (1054, "42S22"),
            (1115, "42000"),
            (1136, "21S01"),
            (1146, "42S02"),
            (1241, "21000"),
            (1365, "22012"),
            (1690, "22003"),
            (8175, "HY000"),
        ];
        for (code, sqlstate) in table {
            let text = format!("ERROR {code} ({sqlstate}): what happened");
            assert_eq!(SqlError::new(code, "what happened").to_string(), text);
        }
    }
}
