// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Provides operators that follow a script, written as the trace it must produce.
//!
//! A trace is calls in order: `S->HM1 P(1)->EV10 K(10)->NM S->FI`. The operator's name is a letter
//! (S source, P pipe, D drain of the pipe with the same number, K sink, I implicit source of it)
//! and a number; in brackets what it takes, `-` for nothing; behind the arrow what it answers.
//! Batches stand for one integer. Each operator follows its own calls of the trace and checks its
//! input; all of them record what happened.

use std::collections::HashMap;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::Mutex;

use tiforth_types::error::Result;
use tiforth_types::error::SqlError;

use crate::Batch;
use crate::Channel;
use crate::CompileContext;
use crate::LogicalPipeline;
use crate::OpContext;
use crate::OpOutput;
use crate::Pipe;
use crate::PipeLocal;
use crate::Resumer;
use crate::Sink;
use crate::SinkLocal;
use crate::Source;
use crate::SourceLocal;
use crate::signal::lock;

/// Makes a batch that stands for an integer: one row, no columns, its number.
pub(crate) fn batch(value: u64) -> Batch {
    Batch::new([].into(), Vec::new(), 1).with_number(value)
}

/// Returns the integer a batch stands for.
pub(crate) fn value(batch: &Batch) -> u64 {
    batch.number()
}

/// Says when blocked operators are resumed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Resume {
    /// By whoever runs the test.
    ByHand,
    /// By another thread, or at once.
    Automatic,
}

/// Is what all operators of one test share.
pub(crate) struct Script {
    steps: Mutex<HashMap<String, VecDeque<(String, String)>>>,
    trace: Mutex<Vec<String>>,
    input_ids: Mutex<Vec<String>>,
    resume: Resume,
}

impl Script {
    /// Reads a trace.
    pub(crate) fn new(trace: &str, resume: Resume) -> Arc<Self> {
        let mut steps: HashMap<String, VecDeque<(String, String)>> = HashMap::new();
        for call in trace.split_whitespace() {
            let (left, answer) = call.split_once("->").unwrap();
            let (name, input) = match left.split_once('(') {
                Some((name, input)) => (name, input.trim_end_matches(')')),
                None => (left, "-"),
            };
            let step = (input.to_owned(), answer.to_owned());
            steps.entry(name.to_owned()).or_default().push_back(step);
        }
        Arc::new(Script {
            steps: Mutex::new(steps),
            trace: Mutex::default(),
            input_ids: Mutex::default(),
            resume,
        })
    }

    /// Returns what has happened so far, in the notation of the trace.
    pub(crate) fn trace(&self) -> Vec<String> {
        lock(&self.trace).clone()
    }

    /// Returns the operators called and the input ids they saw, without repeats in a row.
    pub(crate) fn input_ids(&self) -> Vec<String> {
        let mut ids = lock(&self.input_ids).clone();
        ids.dedup();
        ids
    }

    /// Tells whether every scripted call was made.
    pub(crate) fn is_used_up(&self) -> bool {
        lock(&self.steps).values().all(VecDeque::is_empty)
    }

    /// Makes a pipeline of channels such as `S1 P1 P2` into the sink `K`.
    pub(crate) fn pipeline(self: &Arc<Self>, channels: &[&str]) -> LogicalPipeline {
        let mut pipes: HashMap<&str, Arc<dyn Pipe>> = HashMap::new();
        let channels = channels
            .iter()
            .map(|channel| {
                let (source, rest) = channel.split_once(' ').unwrap_or((channel, ""));
                let pipes = rest.split_whitespace().map(|name| {
                    Arc::clone(pipes.entry(name).or_insert_with(|| Arc::new(self.operator(name))))
                });
                let pipes = pipes.collect();
                Channel::new(Arc::new(self.operator(source)), pipes)
            })
            .collect();
        LogicalPipeline::new("scripted", channels, Arc::new(self.operator("K")))
    }

    fn operator(self: &Arc<Self>, name: &str) -> Scripted {
        Scripted { script: Arc::clone(self), name: name.to_owned() }
    }

    fn call(&self, name: &str, ctx: &OpContext<'_>, input: Option<&Batch>) -> Result<OpOutput> {
        lock(&self.input_ids).push(format!("{name}#{}", ctx.input_id()));
        let input = input.map_or_else(|| "-".to_owned(), |batch| value(batch).to_string());
        let step = lock(&self.steps).get_mut(name).and_then(VecDeque::pop_front);
        let (expected, answer) = step.unwrap_or_else(|| panic!("{name}({input}) is not scripted"));
        assert_eq!(input, expected, "input of {name}");
        let input =
            if name.starts_with(['S', 'I', 'D']) { String::new() } else { format!("({input})") };
        lock(&self.trace).push(format!("{name}{input}->{answer}"));
        let (kind, number) = answer.split_at(2);
        let output = number.parse().ok().map(batch);
        Ok(match (kind, output) {
            ("NM", None) => OpOutput::NeedsMore,
            ("EV", Some(batch)) => OpOutput::Even(batch),
            ("HM", Some(batch)) => OpOutput::HasMore(batch),
            ("BL", None) => OpOutput::Blocked(self.resumer()),
            ("YI", None) => OpOutput::Yield,
            ("YB", None) => OpOutput::YieldBack,
            ("FI", batch) => OpOutput::Finished(batch),
            ("CA", None) => OpOutput::Cancelled,
            ("ER", None) => return Err(SqlError::other("42").into()),
            _ => panic!("no such answer: {answer}"),
        })
    }

    fn resumer(&self) -> Resumer {
        let resumer = Resumer::new();
        if self.resume == Resume::Automatic {
            resumer.resume();
        }
        resumer
    }

    fn has_steps(&self, name: &str) -> bool {
        lock(&self.steps).get(name).is_some_and(|steps| !steps.is_empty())
    }
}

/// Is any scripted operator; its role is the trait it is called by.
pub(crate) struct Scripted {
    script: Arc<Script>,
    name: String,
}

impl Scripted {
    fn local(&self) -> Box<Scripted> {
        Box::new(self.script.operator(&self.name))
    }

    /// Returns the name of the drain or implicit source that goes with a pipe: `D1` for `P1`.
    fn sibling(&self, letter: char) -> String {
        self.name.replacen('P', &letter.to_string(), 1)
    }
}

impl Source for Scripted {
    fn name(&self) -> &str {
        &self.name
    }

    fn local(self: Arc<Self>, _ctx: &OpContext<'_>) -> Result<Box<dyn SourceLocal>> {
        Ok(Scripted::local(&self))
    }
}

impl SourceLocal for Scripted {
    fn source(&mut self, ctx: &OpContext<'_>) -> Result<OpOutput> {
        self.script.call(&self.name, ctx, None)
    }
}

impl Pipe for Scripted {
    fn name(&self) -> &str {
        &self.name
    }

    fn local(self: Arc<Self>, _ctx: &OpContext<'_>) -> Result<Box<dyn PipeLocal>> {
        Ok(Scripted::local(&self))
    }

    fn implicit_source(
        self: Arc<Self>,
        _ctx: &CompileContext<'_>,
    ) -> Result<Option<Arc<dyn Source>>> {
        let name = self.sibling('I');
        let source = self.script.has_steps(&name).then(|| self.script.operator(&name));
        Ok(source.map(|source| Arc::new(source) as Arc<dyn Source>))
    }
}

impl PipeLocal for Scripted {
    fn pipe(&mut self, ctx: &OpContext<'_>, input: Option<Batch>) -> Result<OpOutput> {
        self.script.call(&self.name, ctx, input.as_ref())
    }

    fn drain(&mut self, ctx: &OpContext<'_>) -> Result<OpOutput> {
        let name = self.sibling('D');
        if !self.script.has_steps(&name) {
            return Ok(OpOutput::Finished(None));
        }
        self.script.call(&name, ctx, None)
    }
}

impl Sink for Scripted {
    fn name(&self) -> &str {
        &self.name
    }

    fn local(self: Arc<Self>, _ctx: &OpContext<'_>) -> Result<Box<dyn SinkLocal>> {
        Ok(Scripted::local(&self))
    }
}

impl SinkLocal for Scripted {
    fn sink(&mut self, ctx: &OpContext<'_>, input: Option<Batch>) -> Result<OpOutput> {
        self.script.call(&self.name, ctx, input.as_ref())
    }
}
