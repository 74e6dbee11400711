// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Is the table of what an operator may answer when.
//!
//! | after | source, drain | pipe | sink |
//! |---|---|---|---|
//! | anything but yield | has-more, finished | needs-more, even, has-more, finished | needs-more, finished without batch |
//! | | blocked, yield, cancelled | blocked, yield, cancelled | blocked, yield, cancelled |
//! | yield | yield-back, cancelled | yield-back, cancelled | yield-back, cancelled |
//!
//! The public ancestors assert this or leave it undefined; here an answer outside the table is an
//! internal error that names operator and transition, and ends the task group. Sources and sinks
//! may yield as well, since spilling is IO; a pipe may finish, which is how a limit ends its input.

use tiforth_types::error::Error;
use tiforth_types::error::InternalError;

use crate::output::OpOutput;

/// Says as what an operator was called.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Call {
    Source,
    Pipe,
    Drain,
    Sink,
}

impl Call {
    fn name(self) -> &'static str {
        match self {
            Call::Source => "source",
            Call::Pipe => "pipe",
            Call::Drain => "drain",
            Call::Sink => "sink",
        }
    }
}

/// Is what the table remembers of an operator's last answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Phase {
    #[default]
    Ready,
    Yielded,
}

/// Returns the phase after `output`; nothing where the table does not allow it.
pub(crate) fn next_phase(call: Call, phase: Phase, output: &OpOutput) -> Option<Phase> {
    use OpOutput as O;
    match (phase, call, output) {
        (_, _, O::Cancelled) => Some(Phase::Ready),
        (Phase::Yielded, _, O::YieldBack) => Some(Phase::Ready),
        (Phase::Yielded, _, _) | (Phase::Ready, _, O::YieldBack) => None,
        (Phase::Ready, _, O::Yield) => Some(Phase::Yielded),
        (Phase::Ready, _, O::Blocked(_))
        | (Phase::Ready, Call::Source | Call::Drain, O::HasMore(_) | O::Finished(_))
        | (Phase::Ready, Call::Pipe, O::NeedsMore | O::Even(_) | O::HasMore(_) | O::Finished(_))
        | (Phase::Ready, Call::Sink, O::NeedsMore | O::Finished(None)) => Some(Phase::Ready),
        (Phase::Ready, _, _) => None,
    }
}

/// Reports an answer outside the table.
#[cold]
pub(crate) fn violation(operator: &str, call: Call, phase: Phase, output: &OpOutput) -> Error {
    let after = match phase {
        Phase::Ready => "",
        Phase::Yielded => " after yield",
    };
    let batch = match (call, output) {
        (Call::Sink, OpOutput::Finished(Some(_))) => " with a batch",
        _ => "",
    };
    InternalError::new(format!(
        "a {} must not answer {}{batch}{after}: operator '{operator}'",
        call.name(),
        output.name(),
    ))
    .into()
}
