// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Grows buffers within a claim on the host's memory: claimed first, then taken, fallibly.

use tiforth_data::Reservation;
use tiforth_types::{Result, SqlError, code};

/// Gives back `bytes` of a claim.
pub(crate) fn release(claim: &mut Reservation, bytes: usize) -> Result<()> {
    claim.resize(claim.bytes().saturating_sub(bytes))
}

/// Makes the claim's part of a structure what it is now: `booked` bytes were claimed for it.
pub(crate) fn settle(claim: &mut Reservation, booked: &mut usize, now: usize) -> Result<()> {
    if now > *booked {
        claim.grow(now - *booked)?;
    } else {
        release(claim, *booked - now)?;
    }
    *booked = now;
    Ok(())
}

/// Makes room for `more` items, at least doubling the room there is.
///
/// While the items move both buffers exist, and both are claimed.
pub(crate) fn make_room<T>(items: &mut Vec<T>, more: usize, claim: &mut Reservation) -> Result<()> {
    let (len, capacity) = (items.len(), items.capacity());
    if capacity - len >= more {
        return Ok(());
    }
    let wanted = len.saturating_add(more).max(capacity.saturating_mul(2));
    claim.grow(wanted.saturating_mul(size_of::<T>()))?;
    let result = items.try_reserve_exact(wanted - len);
    release(claim, capacity * size_of::<T>())?;
    result.map_err(|_| refused(wanted * size_of::<T>()))
}

/// Makes `count` copies of `item`.
pub(crate) fn filled<T: Clone>(item: T, count: usize, claim: &mut Reservation) -> Result<Vec<T>> {
    let mut items = Vec::new();
    make_room(&mut items, count, claim)?;
    items.resize(count, item);
    Ok(items)
}

#[cold]
fn refused(bytes: usize) -> tiforth_types::Error {
    SqlError::new(code::ER_MEMORY_EXCEEDED, format!("the system has no {bytes} bytes left")).into()
}
