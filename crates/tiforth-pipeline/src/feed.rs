// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Runs a pipeline of one input without a scheduler: push and pull by hand, or read it.
//!
//! Both stand on the protocol itself: the plan is compiled into task groups between an input and an
//! output queue, and stepped on the calling thread. A [`Task`] lets the caller look in between; a
//! [`Reader`] parks the thread where a task would say blocked.

use std::fmt;
use std::sync::Arc;

use tiforth_data::BatchSchema;
use tiforth_types::error::Error;
use tiforth_types::error::Result;
use tiforth_types::error::SqlError;

use crate::Batch;
use crate::awaiter::Awaiter;
use crate::cancel::CancelToken;
use crate::compile::CompiledPipeline;
use crate::drivers::Progress;
use crate::drivers::RunHandle;
use crate::drivers::Stepper;
use crate::exchange::BatchQueue;
use crate::exchange::BatchReader;
use crate::exchange::Popped;
use crate::exchange::Pushed;
use crate::exchange::QueueSink;
use crate::exchange::QueueSource;
use crate::exchange::check_schema;
use crate::logical::LogicalPipeline;
use crate::metrics::Metrics;
use crate::op::Sink;
use crate::op::Source;
use crate::run::RunContext;
use crate::run::StoppedClock;
use crate::task::Outcome;

/// Makes the pipelines of one run, in order, between a source and a sink.
type Build = dyn Fn(Arc<dyn Source>, Arc<dyn Sink>, &RunContext) -> Result<Vec<LogicalPipeline>>
    + Send
    + Sync;

/// Is a plan of one input and one output, ready to run any number of times.
#[derive(Clone)]
pub struct Pipeline {
    input: BatchSchema,
    output: BatchSchema,
    lanes: usize,
    build: Arc<Build>,
}

impl Pipeline {
    /// Makes a plan that reads batches of schema `input` and hands out those of schema `output`.
    ///
    /// `build` is called once a run; the pipelines it returns begin with the source it is given
    /// and end in the sink.
    pub fn new<B>(input: BatchSchema, output: BatchSchema, build: B) -> Self
    where
        B: Fn(Arc<dyn Source>, Arc<dyn Sink>, &RunContext) -> Result<Vec<LogicalPipeline>>
            + Send
            + Sync
            + 'static,
    {
        Pipeline { input, output, lanes: 1, build: Arc::new(build) }
    }

    /// Returns the plan with another number of lanes than one, which take turns.
    pub fn with_lanes(self, lanes: usize) -> Self {
        Pipeline { lanes, ..self }
    }

    /// Returns the columns of the batches it takes.
    pub fn input_schema(&self) -> &BatchSchema {
        &self.input
    }

    /// Returns the columns of the batches it hands out.
    pub fn output_schema(&self) -> &BatchSchema {
        &self.output
    }

    /// Starts a run that is stepped by hand.
    ///
    /// # Errors
    /// What building and compiling the pipelines reports.
    pub fn task(&self, run: &RunContext) -> Result<Task> {
        let input = BatchQueue::new(usize::MAX);
        let output = BatchQueue::new(self.lanes);
        let source = Arc::new(QueueSource::new("input", input.clone()));
        let sink = Arc::new(QueueSink::new("output", output.clone()));
        let mut plan = Vec::new();
        let mut metrics = Vec::new();
        for pipeline in (self.build)(source, sink, run)? {
            let compiled = CompiledPipeline::new(&pipeline, run, self.lanes)?;
            metrics.push(compiled.metrics().clone());
            plan.push(compiled.into_groups());
        }
        Ok(Task {
            stepper: Stepper::new(plan, run, Arc::new(StoppedClock)),
            cancel: run.cancel.clone(),
            turn: 0,
            input,
            input_schema: Arc::clone(&self.input),
            output,
            output_schema: Arc::clone(&self.output),
            feed: Feed::Pushed { is_closed: false },
            pushed: 0,
            end: None,
            metrics,
        })
    }

    /// Starts a run over the batches of `input`; they are read as they are needed.
    ///
    /// # Errors
    /// The schema of `input` is not the plan's, or what [`task`](Self::task) reports.
    pub fn reader(&self, input: Box<dyn BatchReader>, run: &RunContext) -> Result<Reader> {
        let mut task = self.task(run)?;
        task.set_input_reader(input)?;
        let schema = Arc::clone(&self.output);
        Ok(Reader { schema, run: Running::Task(Box::new(task)) })
    }
}

impl fmt::Debug for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pipeline")
            .field("input", &self.input)
            .field("output", &self.output)
            .field("lanes", &self.lanes)
            .finish()
    }
}

/// Says what a [`Task`] wants next.
#[derive(Clone, Debug)]
pub enum TaskState {
    /// Push a batch or close the input, then step.
    NeedInput,
    /// Pull a batch, then step.
    HasOutput,
    /// All output was pulled.
    Finished,
    /// Step when the awaiter is ready.
    Blocked(Awaiter),
}

enum Feed {
    Pushed {
        is_closed: bool,
    },
    Reader(Box<dyn BatchReader>),
    /// The reader has come to its end.
    Read,
}

/// Is one run of a [`Pipeline`], stepped by hand on the calling thread.
pub struct Task {
    stepper: Stepper,
    cancel: CancelToken,
    turn: usize,
    input: BatchQueue,
    input_schema: BatchSchema,
    output: BatchQueue,
    output_schema: BatchSchema,
    feed: Feed,
    pushed: u64,
    end: Option<Result<()>>,
    metrics: Vec<Metrics>,
}

impl Task {
    /// Adds a batch to the input. Where the plan has finished early (a limit), it is dropped.
    ///
    /// # Errors
    /// Another schema than the plan's; the input is closed or comes from a reader.
    pub fn push_input(&mut self, batch: Batch) -> Result<()> {
        match &self.feed {
            Feed::Pushed { is_closed: false } => {}
            Feed::Pushed { is_closed: true } => {
                return misuse("input after close_input(): start another task for more input");
            }
            Feed::Reader(_) | Feed::Read => {
                return misuse("the task reads its input reader: do not push_input() as well");
            }
        }
        check_schema(&self.input_schema, batch.schema())?;
        self.feed(batch);
        Ok(())
    }

    /// Says that no more input will come. Closing again does nothing.
    ///
    /// # Errors
    /// The input comes from a reader, whose end closes it.
    pub fn close_input(&mut self) -> Result<()> {
        match &mut self.feed {
            Feed::Pushed { is_closed } => {
                *is_closed = true;
                self.input.close();
                Ok(())
            }
            Feed::Reader(_) | Feed::Read => {
                misuse("the task reads its input reader to the end: do not close_input()")
            }
        }
    }

    /// Takes the input from `reader`, as it is needed, instead of from pushes.
    ///
    /// # Errors
    /// There is a reader already, or a batch was pushed, or the input is closed; the reader's
    /// schema is not the plan's.
    pub fn set_input_reader(&mut self, reader: Box<dyn BatchReader>) -> Result<()> {
        match &self.feed {
            Feed::Pushed { is_closed: false } if self.pushed == 0 => {}
            Feed::Pushed { is_closed: false } => {
                return misuse("the task has pushed input: set_input_reader() before any other");
            }
            Feed::Pushed { is_closed: true } => {
                return misuse("input reader after close_input(): start another task for it");
            }
            Feed::Reader(_) | Feed::Read => {
                return misuse("the task has an input reader: start another task for a second one");
            }
        }
        check_schema(&self.input_schema, reader.schema())?;
        self.feed = Feed::Reader(reader);
        Ok(())
    }

    /// Works until there is something to say.
    ///
    /// # Errors
    /// What operators and the input reader report, again at each further call; 1317 where the run
    /// was cancelled.
    pub fn step(&mut self) -> Result<TaskState> {
        loop {
            if !self.output.is_empty() {
                return Ok(TaskState::HasOutput);
            }
            if let Some(end) = &self.end {
                return end.clone().map(|()| TaskState::Finished);
            }
            let turn = self.turn;
            self.turn = turn.wrapping_add(1);
            match self.stepper.step(|count| turn % count, |_, _| {}) {
                Progress::Stepped => {}
                Progress::Ended(outcome) => self.end = Some(outcome.and_then(complete)),
                Progress::Stalled if self.input.is_wanted() => match self.read()? {
                    true => {}
                    false => return Ok(TaskState::NeedInput),
                },
                Progress::Stalled => return Ok(TaskState::Blocked(self.stepper.awaiter()?)),
            }
        }
    }

    /// Takes the next batch of output; nothing after the last.
    ///
    /// # Errors
    /// None is ready yet.
    pub fn pull_output(&mut self) -> Result<Option<Batch>> {
        match (self.output.try_pop(), &self.end) {
            (Popped::Batch(batch), _) => {
                check_schema(&self.output_schema, batch.schema())?;
                Ok(Some(batch))
            }
            (Popped::Empty(_) | Popped::Closed, Some(end)) => end.clone().map(|()| None),
            (Popped::Empty(_) | Popped::Closed, None) => {
                misuse("no output is ready: call step() until it answers has-output or finished")
            }
        }
    }

    /// Returns the counters of the run's pipelines, in order.
    pub fn metrics(&self) -> &[Metrics] {
        &self.metrics
    }

    /// Feeds a batch of the reader, or its end; tells whether there is a reader.
    fn read(&mut self) -> Result<bool> {
        let Feed::Reader(reader) = &mut self.feed else { return Ok(false) };
        let next = reader.next_batch().and_then(|batch| {
            batch.map(|b| check_schema(&self.input_schema, b.schema()).map(|()| b)).transpose()
        });
        match next {
            Ok(Some(batch)) => self.feed(batch),
            Ok(None) => {
                self.feed = Feed::Read;
                self.input.close();
            }
            Err(error) => {
                self.end = Some(Err(error.clone()));
                return Err(error);
            }
        }
        Ok(true)
    }

    fn feed(&mut self, batch: Batch) {
        match self.input.try_push(batch.with_number(self.pushed)) {
            Pushed::Taken => self.pushed += 1,
            // The queue has no bound, and once it is closed nobody wants the batch.
            Pushed::Full(..) | Pushed::Closed => {}
        }
    }
}

impl fmt::Debug for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task")
            .field("input", &self.input)
            .field("output", &self.output)
            .field("end", &self.end)
            .finish()
    }
}

fn misuse<T>(text: &str) -> Result<T> {
    Err(SqlError::other(text).into())
}

/// Turns an outcome into a result: for a reader, cancelled is an error.
fn complete(outcome: Outcome) -> Result<()> {
    match outcome {
        Outcome::Finished => Ok(()),
        Outcome::Cancelled => Err(Error::Sql(SqlError::interrupted())),
    }
}

/// Reads the output of a run, batch by batch. Dropping it ends the run.
pub struct Reader {
    schema: BatchSchema,
    run: Running,
}

enum Running {
    Task(Box<Task>),
    Pool { queue: BatchQueue, handle: Option<RunHandle> },
    Ended(Result<()>),
}

impl Reader {
    /// Reads what a run on a pool puts into `queue`, batches of `schema`.
    ///
    /// The last pipeline of the run ends in a [`QueueSink`] on that queue.
    pub fn of_run(schema: BatchSchema, queue: BatchQueue, handle: RunHandle) -> Self {
        Reader { schema, run: Running::Pool { queue, handle: Some(handle) } }
    }

    fn next(&mut self) -> Result<Option<Batch>> {
        match &mut self.run {
            Running::Task(task) => loop {
                match task.step()? {
                    TaskState::HasOutput => return task.pull_output(),
                    TaskState::Finished => return Ok(None),
                    TaskState::Blocked(awaiter) => awaiter.wait_or_cancelled(&task.cancel),
                    TaskState::NeedInput => return misuse("the task has no input reader"),
                }
            },
            Running::Pool { queue, handle: Some(handle) } => loop {
                // Asked first: what was pushed before the end is then in the queue.
                let is_ended = handle.is_ended();
                match queue.try_pop() {
                    Popped::Batch(batch) => {
                        check_schema(&self.schema, batch.schema())?;
                        return Ok(Some(batch));
                    }
                    Popped::Empty(resumer) if !is_ended => {
                        Awaiter::any(vec![resumer, handle.ended().clone()])?.wait();
                    }
                    Popped::Empty(_) | Popped::Closed => break,
                }
            },
            Running::Pool { handle: None, .. } => return Ok(None),
            Running::Ended(end) => return end.clone().map(|()| None),
        }
        self.join()
    }

    /// Waits for the end of a run on a pool.
    fn join(&mut self) -> Result<Option<Batch>> {
        if let Running::Pool { handle, .. } = &mut self.run
            && let Some(handle) = handle.take()
        {
            return handle.wait().and_then(complete).map(|()| None);
        }
        Ok(None)
    }
}

impl BatchReader for Reader {
    /// Returns the columns of the *output*.
    fn schema(&self) -> &BatchSchema {
        &self.schema
    }

    fn next_batch(&mut self) -> Result<Option<Batch>> {
        let next = self.next();
        match &next {
            Ok(Some(_)) => {}
            // What the run holds is given back at its end, not when the reader goes.
            Ok(None) => self.run = Running::Ended(Ok(())),
            Err(error) => self.run = Running::Ended(Err(error.clone())),
        }
        next
    }
}

impl Iterator for Reader {
    type Item = Result<Batch>;

    fn next(&mut self) -> Option<Result<Batch>> {
        match self.next_batch() {
            Ok(batch) => batch.map(Ok),
            Err(error) if matches!(self.run, Running::Ended(_)) => {
                self.run = Running::Ended(Ok(()));
                Some(Err(error))
            }
            Err(error) => Some(Err(error)),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Running::Pool { queue, handle: Some(handle) } = self {
            handle.cancel();
            queue.abandon();
        }
    }
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").field("schema", &self.schema).finish()
    }
}
