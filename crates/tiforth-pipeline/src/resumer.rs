// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Wakes what is blocked: an operator makes a resumer, whoever has what it waits for resumes it.

use std::fmt;
use std::sync::Arc;
use std::task::Wake;
use std::task::Waker;

use crate::signal::Notify;
use crate::signal::Signal;

/// Resumes one blocked operator, once, from any thread.
///
/// An operator returns one in [`OpOutput::Blocked`](crate::OpOutput::Blocked) and gives a clone to
/// whoever will know that it can go on. A resumer knows nothing of awaiters or schedulers. It
/// converts to and from [`std::task::Waker`].
#[derive(Clone, Default)]
pub struct Resumer(Arc<WakeSignal>);

#[derive(Default)]
struct WakeSignal(Signal);

impl Wake for WakeSignal {
    fn wake(self: Arc<Self>) {
        self.0.raise();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.raise();
    }
}

impl Resumer {
    /// Makes a resumer that has not been resumed.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets what is blocked go on; calls after the first do nothing.
    pub fn resume(&self) {
        self.0.0.raise();
    }

    /// Tells whether [`resume`](Self::resume) was called.
    pub fn is_resumed(&self) -> bool {
        self.0.0.is_raised()
    }

    /// Calls `call` exactly once: when the resumer is resumed, or at once if it was already.
    pub fn on_resume(&self, call: impl FnOnce() + Send + 'static) {
        self.0.0.on_raise(Box::new(call));
    }

    /// Returns a waker that resumes this resumer: for polling a future on behalf of an operator.
    pub fn waker(&self) -> Waker {
        Waker::from(Arc::clone(&self.0))
    }

    /// Tells whether two handles resume the same operator.
    pub fn is_same(&self, other: &Resumer) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    pub(crate) fn subscribe<N: Notify + 'static>(&self, listener: &Arc<N>) {
        self.0.0.subscribe(listener);
    }

    #[cfg(test)]
    pub(crate) fn listener_count(&self) -> usize {
        self.0.0.listener_count()
    }
}

impl From<Waker> for Resumer {
    /// Makes a resumer that wakes `waker` when it is resumed.
    fn from(waker: Waker) -> Self {
        let resumer = Resumer::new();
        resumer.on_resume(move || waker.wake());
        resumer
    }
}

impl From<Resumer> for Waker {
    fn from(resumer: Resumer) -> Self {
        Waker::from(resumer.0)
    }
}

impl fmt::Debug for Resumer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_resumed() { "Resumer(resumed)" } else { "Resumer(waiting)" })
    }
}
