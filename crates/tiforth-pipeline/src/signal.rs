// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Is what resumers and cancel tokens are made of: a flag that is raised once and tells who listens.
//!
//! Listeners that must not be kept alive by the signal (awaiters, drivers) are held weakly; dead
//! ones are dropped when another is added, so a long-lived signal does not grow.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::sync::Weak;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

/// Locks `mutex`; what a panicking thread left behind is still whole, since no lock of this crate
/// is held across foreign code.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Is told that a signal it listens to was raised.
pub(crate) trait Notify: Send + Sync {
    /// Hears that a signal was raised; may be called from any thread, more than once.
    fn notify(self: Arc<Self>);
}

enum Listener {
    Call(Box<dyn FnOnce() + Send>),
    Weak(Weak<dyn Notify>),
}

impl Listener {
    fn is_dead(&self) -> bool {
        matches!(self, Listener::Weak(weak) if weak.strong_count() == 0)
    }

    fn fire(self) {
        match self {
            Listener::Call(call) => call(),
            Listener::Weak(weak) => {
                if let Some(listener) = weak.upgrade() {
                    listener.notify();
                }
            }
        }
    }
}

/// Is a flag that goes up once.
#[derive(Default)]
pub(crate) struct Signal {
    raised: AtomicBool,
    listeners: Mutex<Vec<Listener>>,
}

impl Signal {
    /// Tells whether the flag is up.
    pub(crate) fn is_raised(&self) -> bool {
        self.raised.load(Ordering::Acquire)
    }

    /// Raises the flag and tells every listener; only the first call does anything.
    pub(crate) fn raise(&self) {
        if self.raised.swap(true, Ordering::AcqRel) {
            return;
        }
        let listeners = std::mem::take(&mut *lock(&self.listeners));
        // Outside the lock: a listener may well come back to this signal.
        for listener in listeners {
            listener.fire();
        }
    }

    /// Calls `call` once when the flag goes up; at once if it is up already.
    pub(crate) fn on_raise(&self, call: Box<dyn FnOnce() + Send>) {
        self.add(Listener::Call(call));
    }

    /// Notifies `listener`, while it lives, when the flag goes up; at once if it is up already.
    pub(crate) fn subscribe<N: Notify + 'static>(&self, listener: &Arc<N>) {
        let weak = Arc::downgrade(listener);
        self.add(Listener::Weak(weak));
    }

    fn add(&self, listener: Listener) {
        let mut listeners = lock(&self.listeners);
        // Read under the lock: `raise` sets the flag before it takes the list, so a listener is
        // either in the list it takes or sees the flag here. None is lost, none hears twice.
        if self.is_raised() {
            drop(listeners);
            listener.fire();
        } else {
            if listeners.len() == listeners.capacity() {
                listeners.retain(|l| !l.is_dead());
            }
            listeners.push(listener);
        }
    }

    #[cfg(test)]
    pub(crate) fn listener_count(&self) -> usize {
        lock(&self.listeners).len()
    }
}
