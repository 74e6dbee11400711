// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Waits for resumers: for any of them, for all, or for a number of them.
//!
//! A blocked task returns an awaiter; the scheduler asks it to call back, parks a thread on it, or
//! polls it as a future. Resumers hold awaiters weakly, so neither keeps the other alive.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::Condvar;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::task::Context;
use std::task::Poll;
use std::task::Waker;

use tiforth_types::error::InternalError;
use tiforth_types::error::Result;

use crate::cancel::CancelToken;
use crate::resumer::Resumer;
use crate::signal::Notify;
use crate::signal::lock;

/// Is what a blocked task waits for.
///
/// It is ready once enough of its resumers were resumed, and stays so: waiting again on the same
/// set returns at once.
#[derive(Clone)]
pub struct Awaiter(Arc<State>);

struct State {
    resumers: Vec<Resumer>,
    ready_count: usize,
    waiting: Mutex<Waiting>,
    parked: Condvar,
}

#[derive(Default)]
struct Waiting {
    is_linked: bool,
    calls: Vec<Box<dyn FnOnce() + Send>>,
    wakers: Vec<Waker>,
}

impl State {
    fn is_ready(&self) -> bool {
        let resumed = self.resumers.iter().filter(|r| r.is_resumed()).count();
        resumed >= self.ready_count
    }
}

impl Notify for State {
    fn notify(self: Arc<Self>) {
        let mut waiting = lock(&self.waiting);
        let (calls, wakers) = match self.is_ready() {
            true => (std::mem::take(&mut waiting.calls), std::mem::take(&mut waiting.wakers)),
            false => Default::default(),
        };
        drop(waiting);
        // A thread that is woken while the lock is held runs into it and sleeps again.
        self.parked.notify_all();
        calls.into_iter().for_each(|call| call());
        wakers.into_iter().for_each(Waker::wake);
    }
}

impl Awaiter {
    /// Waits for any one of `resumers`.
    ///
    /// # Errors
    /// An empty list is an internal error: nothing could ever end the wait.
    pub fn any(resumers: Vec<Resumer>) -> Result<Self> {
        Self::new(resumers, 1)
    }

    /// Waits for all of `resumers`.
    ///
    /// # Errors
    /// An empty list is an internal error.
    pub fn all(resumers: Vec<Resumer>) -> Result<Self> {
        let ready_count = resumers.len();
        Self::new(resumers, ready_count)
    }

    /// Waits until `ready_count` of `resumers` were resumed.
    ///
    /// # Errors
    /// An empty list, a count of 0 and a count beyond the list are internal errors.
    pub fn new(resumers: Vec<Resumer>, ready_count: usize) -> Result<Self> {
        if resumers.is_empty() {
            return Err(InternalError::new("an awaiter needs at least one resumer").into());
        }
        if ready_count == 0 || ready_count > resumers.len() {
            return Err(InternalError::new(format!(
                "an awaiter of {} resumers cannot wait for {ready_count} of them",
                resumers.len()
            ))
            .into());
        }
        let (waiting, parked) = Default::default();
        Ok(Awaiter(Arc::new(State { resumers, ready_count, waiting, parked })))
    }

    /// Returns the resumers waited for.
    pub fn resumers(&self) -> &[Resumer] {
        &self.0.resumers
    }

    /// Tells whether the wait is over.
    pub fn is_ready(&self) -> bool {
        self.0.is_ready()
    }

    /// Calls `call` exactly once when the wait is over; at once if it is over already.
    ///
    /// The awaiter must be kept until then: resumers do not keep it alive.
    pub fn on_ready(&self, call: impl FnOnce() + Send + 'static) {
        self.link();
        let mut waiting = lock(&self.0.waiting);
        if self.0.is_ready() {
            drop(waiting);
            call();
        } else {
            waiting.calls.push(Box::new(call));
        }
    }

    /// Parks the calling thread until the wait is over.
    pub fn wait(&self) {
        self.link();
        let mut waiting = lock(&self.0.waiting);
        while !self.0.is_ready() {
            waiting = self.0.parked.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Parks the calling thread until the wait is over or `cancel` is cancelled.
    pub fn wait_or_cancelled(&self, cancel: &CancelToken) {
        self.link();
        cancel.subscribe(&self.0);
        let mut waiting = lock(&self.0.waiting);
        while !self.0.is_ready() && !cancel.is_cancelled() {
            waiting = self.0.parked.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Tells whether two handles are the same wait.
    pub fn is_same(&self, other: &Awaiter) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Subscribes to the resumers, at the first wait only.
    fn link(&self) {
        let is_linked = std::mem::replace(&mut lock(&self.0.waiting).is_linked, true);
        if !is_linked {
            self.0.resumers.iter().for_each(|r| r.subscribe(&self.0));
        }
    }
}

impl Future for Awaiter {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.link();
        let mut waiting = lock(&self.0.waiting);
        if self.0.is_ready() {
            return Poll::Ready(());
        }
        if !waiting.wakers.iter().any(|w| w.will_wake(cx.waker())) {
            waiting.wakers.push(cx.waker().clone());
        }
        Poll::Pending
    }
}

impl fmt::Debug for Awaiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Awaiter({} of {:?})", self.0.ready_count, self.0.resumers)
    }
}
