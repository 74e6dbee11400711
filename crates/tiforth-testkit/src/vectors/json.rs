// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Takes a JSON object apart key by key and complains about keys nobody took.

use serde_json::{Map, Value};

/// Holds an object whose keys are taken one by one.
pub(super) struct Object<'a> {
    place: &'static str,
    map: &'a Map<String, Value>,
    taken: usize,
}

impl<'a> Object<'a> {
    /// Takes `value` as an object; `place` names it in errors.
    pub(super) fn new(value: &'a Value, place: &'static str) -> Result<Self, String> {
        match value {
            Value::Object(map) => Ok(Object { place, map, taken: 0 }),
            _ => Err(format!("{place} is no object")),
        }
    }

    /// Tells whether the key is there.
    pub(super) fn has(&self, key: &str) -> bool {
        self.map.contains_key(key)
    }

    /// Takes the key if it is there.
    pub(super) fn optional(&mut self, key: &str) -> Option<&'a Value> {
        let value = self.map.get(key)?;
        self.taken += 1;
        Some(value)
    }

    /// Takes the key.
    pub(super) fn take(&mut self, key: &str) -> Result<&'a Value, String> {
        self.optional(key).ok_or_else(|| format!("{} has no {key}", self.place))
    }

    /// Takes the key as text.
    pub(super) fn text(&mut self, key: &str) -> Result<String, String> {
        self.optional_text(key)?.ok_or_else(|| format!("{} has no {key}", self.place))
    }

    /// Takes the key as text if it is there.
    pub(super) fn optional_text(&mut self, key: &str) -> Result<Option<String>, String> {
        match self.optional(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(format!("{key} is no text")),
        }
    }

    /// Takes the key as a count.
    pub(super) fn count(&mut self, key: &str) -> Result<usize, String> {
        let value = self.take(key)?;
        value
            .as_u64()
            .and_then(|n| usize::try_from(n).ok())
            .ok_or_else(|| format!("{key} is no count"))
    }

    /// Takes a flag, which is false where it is not said.
    pub(super) fn flag(&mut self, key: &str) -> Result<bool, String> {
        match self.optional(key) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => Err(format!("{key} is neither true nor false")),
        }
    }

    /// Complains if a key was not taken. Every key is taken at most once.
    pub(super) fn finish(self) -> Result<(), String> {
        if self.taken == self.map.len() {
            return Ok(());
        }
        let keys: Vec<&str> = self.map.keys().map(String::as_str).collect();
        Err(format!("{} has a key that is not known, among {}", self.place, keys.join(", ")))
    }
}
