// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Reads one row's entry: its value, its own warnings, or its error.

use serde_json::Value;

use super::json::Object;

/// Is what TiDB said about one row.
#[derive(Clone, PartialEq, Debug)]
pub enum Entry {
    /// Judges no one: TiDB printed an infinity or NaN as 0.
    Any,
    /// The row fails.
    Error(ExpectedError),
    /// The row has a value and its own warnings, in order.
    Value(ExpectedValue, Vec<ExpectedWarning>),
}

/// Is the value TiDB printed.
#[derive(Clone, PartialEq, Debug)]
pub enum ExpectedValue {
    /// SQL NULL.
    Null,
    /// The text, or the bytes of a binary string or a BIT.
    Bytes(Box<[u8]>),
    /// A long value.
    Digest(Digest),
    /// Any value passes; the warnings still count.
    Any,
}

/// Stands for a long value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Digest {
    /// Its length in bytes.
    pub bytes: u64,
    /// Its SHA-256.
    pub sha256: [u8; 32],
}

/// Is an error as TiDB raised it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExpectedError {
    /// The MySQL code.
    pub code: u16,
    /// The text; none where only the code counts.
    pub text: Option<String>,
}

/// Is a warning as TiDB gave it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExpectedWarning {
    /// The level's first letter: N, W or E.
    pub level: char,
    /// The MySQL code and the text; no text where only the code counts.
    pub error: ExpectedError,
}

impl Entry {
    /// Tells whether the row is expected to fail.
    pub fn is_error(&self) -> bool {
        matches!(self, Entry::Error(_))
    }
}

/// Reads an entry. `bytes` says that texts are `0x…`.
pub(super) fn parse_entry(json: &Value, bytes: bool) -> Result<Entry, String> {
    let Value::Object(map) = json else {
        return Ok(Entry::Value(parse_value(json, bytes)?, Vec::new()));
    };
    if map.contains_key("any") {
        let mut object = Object::new(json, "an entry")?;
        let any = object.flag("any")?;
        object.finish()?;
        return if any { Ok(Entry::Any) } else { Err("an entry's any is false".to_owned()) };
    }
    if map.contains_key("err") {
        let mut object = Object::new(json, "an entry")?;
        let error = parse_error(object.take("err")?)?;
        object.finish()?;
        return Ok(Entry::Error(error));
    }
    if map.contains_key("v") || map.contains_key("w") {
        let mut object = Object::new(json, "an entry")?;
        let value = parse_value(object.take("v")?, bytes)?;
        let warnings = parse_warnings(object.optional("w"))?;
        object.finish()?;
        return Ok(Entry::Value(value, warnings));
    }
    Ok(Entry::Value(parse_value(json, bytes)?, Vec::new()))
}

/// Reads a value: text, null, bytes, hex, a digest, or any.
pub(super) fn parse_value(json: &Value, bytes: bool) -> Result<ExpectedValue, String> {
    match json {
        Value::Null => Ok(ExpectedValue::Null),
        Value::String(text) if bytes => Ok(ExpectedValue::Bytes(parse_0x(text)?)),
        Value::String(text) => Ok(ExpectedValue::Bytes(text.as_bytes().into())),
        Value::Object(_) => {
            let mut object = Object::new(json, "a value")?;
            let value = if object.has("hex") {
                ExpectedValue::Bytes(parse_hex(&object.text("hex")?)?)
            } else if object.has("any") {
                if !object.flag("any")? {
                    return Err("a value's any is false".to_owned());
                }
                ExpectedValue::Any
            } else {
                let bytes = object.count("bytes")? as u64;
                let sum = parse_hex(&object.text("sha256")?)?;
                let sha256 = <[u8; 32]>::try_from(&*sum)
                    .map_err(|_| "a sha256 has another length than 32 bytes".to_owned())?;
                ExpectedValue::Digest(Digest { bytes, sha256 })
            };
            object.finish()?;
            Ok(value)
        }
        _ => Err("a value is neither text nor null".to_owned()),
    }
}

/// Reads `[code, text]`.
pub(super) fn parse_error(json: &Value) -> Result<ExpectedError, String> {
    match json.as_array().map(Vec::as_slice) {
        Some([code, text]) => parse_code_and_text(code, text),
        _ => Err("an error is not [code, text]".to_owned()),
    }
}

/// Reads a list of `[level, code, text]`.
pub(super) fn parse_warnings(json: Option<&Value>) -> Result<Vec<ExpectedWarning>, String> {
    let Some(json) = json else { return Ok(Vec::new()) };
    let list = json.as_array().ok_or("warnings are no list")?;
    list.iter()
        .map(|warning| match warning.as_array().map(Vec::as_slice) {
            Some([Value::String(level), code, text]) => {
                let mut letters = level.chars();
                match (letters.next(), letters.next()) {
                    (Some(level @ ('N' | 'W' | 'E')), None) => {
                        Ok(ExpectedWarning { level, error: parse_code_and_text(code, text)? })
                    }
                    _ => Err(format!("a warning's level is {level}")),
                }
            }
            _ => Err("a warning is not [level, code, text]".to_owned()),
        })
        .collect()
}

fn parse_code_and_text(code: &Value, text: &Value) -> Result<ExpectedError, String> {
    let code =
        code.as_u64().and_then(|c| u16::try_from(c).ok()).ok_or("a code is no MySQL code")?;
    let text = match text {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        _ => return Err("a message is neither text nor null".to_owned()),
    };
    Ok(ExpectedError { code, text })
}

/// Reads `0x` and hex digits.
pub(super) fn parse_0x(text: &str) -> Result<Box<[u8]>, String> {
    parse_hex(text.strip_prefix("0x").ok_or_else(|| format!("bytes begin with 0x, not {text}"))?)
}

fn parse_hex(text: &str) -> Result<Box<[u8]>, String> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let bytes: Option<Box<[u8]>> =
        pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect();
    bytes.filter(|_| rest.is_empty()).ok_or_else(|| format!("{text} is no hex text"))
}
