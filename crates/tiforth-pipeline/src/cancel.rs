// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Ends a run early.

use std::fmt;
use std::sync::Arc;

use crate::signal::Notify;
use crate::signal::Signal;

/// Says that a run, or a part of it, is not wanted any more.
///
/// A child is cancelled by its own `cancel` or by its parent's; cancelling a child leaves the
/// parent alone. Tasks look at their token in every step, operators inside loops beyond 65,536
/// rows.
#[derive(Clone, Default)]
pub struct CancelToken(Arc<Node>);

#[derive(Default)]
struct Node {
    signal: Signal,
    parent: Option<CancelToken>,
}

impl CancelToken {
    /// Makes a token that is not cancelled.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes a token that is cancelled with this one, and can be cancelled alone.
    pub fn child(&self) -> Self {
        CancelToken(Arc::new(Node { signal: Signal::default(), parent: Some(self.clone()) }))
    }

    /// Cancels; may be called from any thread, any number of times.
    pub fn cancel(&self) {
        self.0.signal.raise();
    }

    /// Tells whether this token or one above it is cancelled.
    pub fn is_cancelled(&self) -> bool {
        let mut token = self;
        loop {
            if token.0.signal.is_raised() {
                return true;
            }
            match &token.0.parent {
                Some(parent) => token = parent,
                None => return false,
            }
        }
    }

    /// Notifies `listener`, while it lives, when this token or one above it is cancelled.
    pub(crate) fn subscribe<N: Notify + 'static>(&self, listener: &Arc<N>) {
        let mut token = Some(self);
        while let Some(node) = token {
            node.0.signal.subscribe(listener);
            token = node.0.parent.as_ref();
        }
    }
}

impl fmt::Debug for CancelToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CancelToken({})", if self.is_cancelled() { "cancelled" } else { "live" })
    }
}
