// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Turns a host's array into the form kernels read.

use std::borrow::Cow;

use tiforth_types::{InternalError, Result, SqlType, TimeZone};

use super::{Column, ColumnData};

/// Says how a host's values are read.
#[derive(Clone, Debug)]
pub struct DecodeContext {
    /// The session's time zone: TIMESTAMP is UTC in Arrow and civil time here.
    pub zone: TimeZone,
}

impl Column {
    /// Returns the column in the form kernels read.
    ///
    /// # Errors
    /// When the host's array holds what is no SQL value.
    pub fn decoded(&self, _ty: &SqlType, _how: &DecodeContext) -> Result<Cow<'_, Column>> {
        match self.data() {
            ColumnData::Host(_) => Err(InternalError::new("not decoded").into()),
            _ => Ok(Cow::Borrowed(self)),
        }
    }
}
