// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Remembers the groups of very short keys in an array: one or two texts of one byte each.
//!
//! What is remembered is raw bytes, whatever their collation: the table has said once which group
//! they belong to, and says the same ever after.

use std::ops::Sub;

use tiforth_data::{BytesColumn, Column, ColumnData, Reservation, simd};
use tiforth_expr::kernel::Rows;
use tiforth_types::Result;

use crate::growth::{filled, make_room};

/// Maps the bytes of a row's keys to its group.
#[derive(Debug, Default)]
pub(crate) struct CodeMap {
    /// One more than the group of each code; 0 where it is not known.
    groups: Vec<u32>,
    codes: Vec<u16>,
}

impl CodeMap {
    /// Reads the codes of a batch's rows, of all and not only of those that count; false where its
    /// keys are not one byte each.
    ///
    /// # Errors
    /// Memory that is refused.
    pub(crate) fn read(&mut self, columns: &[Column], claim: &mut Reservation) -> Result<bool> {
        let (first, second) = match columns {
            [first] => (first, None),
            [first, second] => (first, Some(second)),
            _ => return Ok(false),
        };
        if !is_short(first) || second.is_some_and(|c| !is_short(c)) {
            return Ok(false);
        }
        self.codes.clear();
        make_room(&mut self.codes, first.len(), claim)?;
        if self.groups.is_empty() {
            self.groups = filled(0, 1 << 16, claim)?;
        }
        self.codes.resize(first.len(), 0);
        let codes = &mut self.codes[..];
        simd::dispatch(
            #[inline(always)]
            || {
                add_bytes(first, 0, codes);
                if let Some(second) = second {
                    add_bytes(second, 8, codes);
                }
            },
        );
        Ok(true)
    }

    /// Looks the rows that count up; false where a code is not known yet.
    pub(crate) fn look_up(&self, rows: Rows<'_>, groups: &mut Vec<u32>) -> bool {
        groups.clear();
        let known = &self.groups[..];
        let mut is_complete = true;
        let mut find = |code: u16| {
            let group = known.get(usize::from(code)).copied().unwrap_or(0);
            is_complete &= group != 0;
            group.wrapping_sub(1)
        };
        match rows.selection {
            None => groups.extend(self.codes.iter().map(|&code| find(code))),
            Some(selection) => groups.extend(selection.iter().map(|&row| {
                let code = self.codes.get(row as usize).copied();
                code.map_or(0, &mut find)
            })),
        }
        is_complete
    }

    /// Remembers the groups of the rows that count.
    pub(crate) fn learn(&mut self, rows: Rows<'_>, groups: &[u32]) {
        let mut groups = groups.iter();
        rows.for_each(|row| {
            if let (Some(&group), Some(&code)) = (groups.next(), self.codes.get(row))
                && let Some(slot) = self.groups.get_mut(usize::from(code))
            {
                *slot = group + 1;
            }
        });
    }
}

/// Tells whether every row of a column is one byte.
fn is_short(column: &Column) -> bool {
    let ColumnData::Bytes(values) = column.data() else { return false };
    if column.nulls().is_some() {
        return false;
    }
    simd::dispatch(
        #[inline(always)]
        || match values {
            BytesColumn::Small(a) => steps_are_one(a.value_offsets()),
            BytesColumn::Large(a) => steps_are_one(a.value_offsets()),
            BytesColumn::View(a) => {
                a.views().iter().fold(0, |other, &view| other | (view as u32 ^ 1)) == 0
            }
        },
    )
}

/// Tells whether each offset is one more than the one before; no branch depends on the data.
#[inline(always)]
fn steps_are_one<O: Copy + PartialEq + From<i8> + Sub<Output = O>>(offsets: &[O]) -> bool {
    let next = offsets.get(1..).unwrap_or_default();
    offsets.iter().zip(next).fold(true, |all, (&this, &next)| all & (next - this == O::from(1)))
}

/// Adds each row's byte, shifted, to its code; every row has one.
#[inline(always)]
fn add_bytes(column: &Column, shift: u32, codes: &mut [u16]) {
    let ColumnData::Bytes(values) = column.data() else { return };
    let bytes: &[u8] = match values {
        BytesColumn::Small(a) => {
            let start = a.value_offsets().first().map_or(0, |&o| o as usize);
            a.value_data().get(start..).unwrap_or_default()
        }
        BytesColumn::Large(a) => {
            let start = a.value_offsets().first().map_or(0, |&o| o as usize);
            a.value_data().get(start..).unwrap_or_default()
        }
        BytesColumn::View(a) => {
            for (code, &view) in codes.iter_mut().zip(a.views().iter()) {
                *code |= u16::from((view >> 32) as u8) << shift;
            }
            return;
        }
    };
    for (code, &byte) in codes.iter_mut().zip(bytes) {
        *code |= u16::from(byte) << shift;
    }
}
