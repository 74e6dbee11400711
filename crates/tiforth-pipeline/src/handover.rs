// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Carries state from the tasks of one group to those of the next.
//!
//! Operators hold no lock; what crosses a boundary between task groups goes through these. Each is
//! touched a few times a lane, never per row, and never by two tasks that wait for one another.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::OnceLock;

use tiforth_types::error::InternalError;
use tiforth_types::error::Result;

use crate::signal::lock;

/// Collects values from lanes, in the order of lanes whatever the order of arrival.
#[derive(Debug)]
pub struct Gather<T> {
    slots: Box<[Mutex<Vec<T>>]>,
}

impl<T> Gather<T> {
    /// Makes room for `lanes` lanes.
    pub fn new(lanes: usize) -> Self {
        Gather { slots: (0..lanes).map(|_| Mutex::new(Vec::new())).collect() }
    }

    /// Leaves a value of `lane`.
    ///
    /// # Errors
    /// A lane beyond those there are is an internal error.
    pub fn put(&self, lane: usize, value: T) -> Result<()> {
        lock(self.slot(lane)?).push(value);
        Ok(())
    }

    /// Takes what `lane` left.
    ///
    /// # Errors
    /// A lane beyond those there are is an internal error.
    pub fn take(&self, lane: usize) -> Result<Vec<T>> {
        Ok(std::mem::take(&mut *lock(self.slot(lane)?)))
    }

    /// Takes what all lanes left, by lane.
    pub fn take_all(&self) -> Vec<T> {
        self.slots.iter().flat_map(|slot| std::mem::take(&mut *lock(slot))).collect()
    }

    /// Returns the number of lanes.
    pub fn lanes(&self) -> usize {
        self.slots.len()
    }

    fn slot(&self, lane: usize) -> Result<&Mutex<Vec<T>>> {
        self.slots.get(lane).ok_or_else(|| {
            InternalError::new(format!("lane {lane} of a gather of {} lanes", self.slots.len()))
                .into()
        })
    }
}

/// Publishes one value, made by a barrier, to everybody after it.
#[derive(Debug, Default)]
pub struct Handover<T>(OnceLock<T>);

impl<T> Handover<T> {
    /// Makes an empty handover.
    pub fn new() -> Self {
        Handover(OnceLock::new())
    }

    /// Publishes `value`.
    ///
    /// # Errors
    /// A second value is an internal error.
    pub fn publish(&self, value: T) -> Result<()> {
        self.0.set(value).map_err(|_| InternalError::new("a handover was published twice").into())
    }

    /// Returns the published value.
    ///
    /// # Errors
    /// Asking before the barrier has run is an internal error.
    pub fn get(&self) -> Result<&T> {
        self.0.get().ok_or_else(|| InternalError::new("a handover was read too early").into())
    }
}

/// Deals out pieces of work to whichever task asks next.
#[derive(Debug)]
pub struct WorkQueue<T>(Mutex<VecDeque<T>>);

impl<T> Default for WorkQueue<T> {
    fn default() -> Self {
        WorkQueue(Mutex::new(VecDeque::new()))
    }
}

impl<T> WorkQueue<T> {
    /// Makes an empty queue.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds pieces of work at the end.
    pub fn extend(&self, work: impl IntoIterator<Item = T>) {
        lock(&self.0).extend(work);
    }

    /// Takes the next piece; none when all are dealt out.
    pub fn pop(&self) -> Option<T> {
        lock(&self.0).pop_front()
    }
}
