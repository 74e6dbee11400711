// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Says a batch's groups a byte a row, while there are few of them.

use tiforth_data::{Reservation, simd};
use tiforth_expr::kernel::Rows;
use tiforth_expr::{FewGroups, NO_GROUP};
use tiforth_types::Result;

use crate::growth::make_room;

/// Is how many groups are few: summing by masks takes longer with each.
const FEW: usize = 16;
/// Is how many of a batch's rows may be left out for each that counts.
const SPARSE: usize = 4;

/// Holds the bytes of a batch's rows, and the number of rows of each group.
#[derive(Debug, Default)]
pub(super) struct GroupBytes {
    ids: Vec<u8>,
    counts: Vec<i64>,
}

impl GroupBytes {
    /// Spreads the groups of the rows that count, all group 0 where none are given, over all rows;
    /// nothing where groups are many or hardly any row counts.
    ///
    /// # Errors
    /// Memory that is refused.
    pub(super) fn spread(
        &mut self,
        rows: Rows<'_>,
        groups: Option<&[u32]>,
        group_count: usize,
        claim: &mut Reservation,
    ) -> Result<Option<FewGroups<'_>>> {
        let is_dense = rows.count().saturating_mul(SPARSE) >= rows.len;
        if group_count > FEW || !is_dense || rows.len == 0 {
            return Ok(None);
        }
        let (ids, counts) = (&mut self.ids, &mut self.counts);
        ids.clear();
        counts.clear();
        make_room(ids, rows.len, claim)?;
        make_room(counts, FEW, claim)?;
        match (rows.selection, groups) {
            (None, None) => ids.resize(rows.len, 0),
            (None, Some(groups)) => {
                ids.resize(rows.len, NO_GROUP);
                simd::dispatch(
                    #[inline(always)]
                    || ids.iter_mut().zip(groups).for_each(|(id, &group)| *id = group as u8),
                );
            }
            (Some(selection), groups) => {
                ids.resize(rows.len, NO_GROUP);
                let mut groups = groups.map(<[u32]>::iter);
                for &row in selection {
                    let group = groups.as_mut().and_then(Iterator::next).copied().unwrap_or(0);
                    if let Some(id) = ids.get_mut(row as usize) {
                        *id = group as u8;
                    }
                }
            }
        }
        counts.extend((0..group_count).map(|group| occurrences(ids, group as u8)));
        Ok(Some(FewGroups { ids, counts }))
    }
}

/// Counts the bytes that are `wanted`.
fn occurrences(ids: &[u8], wanted: u8) -> i64 {
    // As many as a byte can count.
    let count = |ids: &[u8]| ids.iter().fold(0u8, |n, &id| n + u8::from(id == wanted));
    simd::dispatch(
        #[inline(always)]
        || ids.chunks(u8::MAX.into()).map(|ids| i64::from(count(ids))).sum(),
    )
}
