// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Is what an operator answers when it is called.

use crate::Batch;
use crate::resumer::Resumer;

/// Is the answer of an operator.
///
/// | answer | source | pipe | drain | sink |
/// |---|---|---|---|---|
/// | needs-more | | ✓ | | ✓ |
/// | even | | ✓ | | |
/// | has-more | ✓ | ✓ | ✓ | |
/// | blocked | ✓ | ✓ | ✓ | ✓ |
/// | yield, then yield-back | ✓ | ✓ | ✓ | ✓ |
/// | finished | ✓ | ✓ | ✓ | without a batch |
/// | cancelled | ✓ | ✓ | ✓ | ✓ |
///
/// Anything else is an internal error that ends the task group.
#[derive(Clone, Debug)]
pub enum OpOutput {
    /// The input is used up and there is nothing to hand on.
    NeedsMore,
    /// The input is used up; this batch goes on.
    Even(Batch),
    /// This batch goes on and there is more where it came from: the operator is called again,
    /// without input, before what is above it.
    HasMore(Batch),
    /// The operator cannot go on until the resumer is resumed; it is then called without input.
    Blocked(Resumer),
    /// The next call does IO: the host may move the task to a thread meant for it.
    Yield,
    /// The IO is done: the host may move the task back. The only answer after a yield.
    YieldBack,
    /// There is no more, but for this last batch. From a pipe or a sink: no more input is wanted,
    /// so what lies above it in the channel is not called again.
    Finished(Option<Batch>),
    /// The operator saw that the run is cancelled.
    Cancelled,
}

impl OpOutput {
    /// Returns the name used in messages: `has-more`, `yield-back` …
    pub fn name(&self) -> &'static str {
        match self {
            OpOutput::NeedsMore => "needs-more",
            OpOutput::Even(_) => "even",
            OpOutput::HasMore(_) => "has-more",
            OpOutput::Blocked(_) => "blocked",
            OpOutput::Yield => "yield",
            OpOutput::YieldBack => "yield-back",
            OpOutput::Finished(_) => "finished",
            OpOutput::Cancelled => "cancelled",
        }
    }

    /// Returns the batch of an even, has-more or finished answer.
    pub fn batch(&self) -> Option<&Batch> {
        match self {
            OpOutput::Even(batch) | OpOutput::HasMore(batch) => Some(batch),
            OpOutput::Finished(batch) => batch.as_ref(),
            _ => None,
        }
    }
}
