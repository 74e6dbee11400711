// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Passes batches between a host and a running pipeline: queues, and the operators at their ends.
//!
//! A source on an empty queue and a sink on a full one block; whoever pushes or pops resumes them.

use std::collections::HashSet;
use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::sync::Mutex;

use tiforth_data::BatchSchema;
use tiforth_types::error::Result;
use tiforth_types::error::SqlError;

use crate::Batch;
use crate::awaiter::Awaiter;
use crate::op::CompileContext;
use crate::op::OpContext;
use crate::op::Sink;
use crate::op::SinkLocal;
use crate::op::Source;
use crate::op::SourceLocal;
use crate::output::OpOutput;
use crate::resumer::Resumer;
use crate::signal::lock;
use crate::task::TaskContext;
use crate::task::TaskGroup;
use crate::task::TaskHint;
use crate::task::TaskStatus;

/// Yields batches one after another, all of one schema.
pub trait BatchReader: Send {
    /// Returns the columns of every batch.
    fn schema(&self) -> &BatchSchema;

    /// Returns the next batch; nothing at the end.
    fn next_batch(&mut self) -> Result<Option<Batch>>;
}

/// Reports the first difference between the columns expected and those of a batch or reader.
///
/// Names may differ; types may not.
///
/// # Errors
/// Another number of columns, or another type of one.
pub fn check_schema(expected: &BatchSchema, actual: &BatchSchema) -> Result<()> {
    if Arc::ptr_eq(expected, actual) {
        return Ok(());
    }
    for (number, (wanted, given)) in expected.iter().zip(actual.iter()).enumerate() {
        if wanted.sql_type != given.sql_type {
            return Err(SqlError::other(format!(
                "schema mismatch: column {number} '{}' is {}, expected {}",
                given.name, given.sql_type, wanted.sql_type
            ))
            .into());
        }
    }
    if expected.len() != actual.len() {
        let text =
            format!("schema mismatch: {} columns, expected {}", actual.len(), expected.len());
        return Err(SqlError::other(text).into());
    }
    Ok(())
}

/// Holds batches between a producer and a consumer. Clones are the same queue.
#[derive(Clone)]
pub struct BatchQueue(Arc<QueueBody>);

struct QueueBody {
    capacity: usize,
    gathered: usize,
    state: Mutex<QueueState>,
}

#[derive(Default)]
struct QueueState {
    batches: VecDeque<Batch>,
    is_closed: bool,
    /// How many batches resume a consumer; at most as many as are gathered.
    wanted: usize,
    producers: Vec<Resumer>,
    consumers: Vec<Resumer>,
}

/// Is what came of pushing.
#[derive(Debug)]
pub enum Pushed {
    /// The queue has it.
    Taken,
    /// The queue is full: here is the batch back, and what is resumed when there is room.
    Full(Batch, Resumer),
    /// The queue is closed: nobody will take the batch.
    Closed,
}

/// Is what came of popping.
#[derive(Debug)]
pub enum Popped {
    /// The next batch.
    Batch(Batch),
    /// There is none now: this is resumed when there is, or never will be.
    Empty(Resumer),
    /// There is none, and never will be.
    Closed,
}

impl BatchQueue {
    /// Makes a queue that is full with `capacity` batches; one at least.
    pub fn new(capacity: usize) -> Self {
        Self::gathering(capacity, 1)
    }

    /// Makes a queue that resumes a waiting consumer not for each batch but for `gathered` of them:
    /// for the first at once, then for two, for four, and so on. What is there when a producer's lane
    /// pauses, or the queue is closed, resumes it too.
    pub fn gathering(capacity: usize, gathered: usize) -> Self {
        let (capacity, state) = (capacity.max(1), Mutex::default());
        BatchQueue(Arc::new(QueueBody { capacity, gathered: gathered.min(capacity), state }))
    }

    /// Adds a batch at the end, if there is room.
    pub fn try_push(&self, batch: Batch) -> Pushed {
        let mut state = lock(&self.0.state);
        if state.is_closed {
            return Pushed::Closed;
        }
        if state.batches.len() >= self.0.capacity {
            let resumer = Resumer::new();
            state.producers.push(resumer.clone());
            return Pushed::Full(batch, resumer);
        }
        state.batches.push_back(batch);
        if state.batches.len() < state.wanted {
            return Pushed::Taken;
        }
        let waiting = std::mem::take(&mut state.consumers);
        if !waiting.is_empty() {
            state.wanted = (state.wanted.max(1) * 2).min(self.0.gathered);
        }
        drop(state);
        waiting.iter().for_each(Resumer::resume);
        Pushed::Taken
    }

    /// Resumes the consumers that wait for more batches, if there is one for them.
    pub(crate) fn hand_on(&self) {
        let mut state = lock(&self.0.state);
        if state.batches.is_empty() {
            return;
        }
        let waiting = std::mem::take(&mut state.consumers);
        drop(state);
        waiting.iter().for_each(Resumer::resume);
    }

    /// Takes the first batch.
    pub fn try_pop(&self) -> Popped {
        let mut state = lock(&self.0.state);
        let Some(batch) = state.batches.pop_front() else {
            if state.is_closed {
                return Popped::Closed;
            }
            let resumer = Resumer::new();
            state.consumers.push(resumer.clone());
            return Popped::Empty(resumer);
        };
        let waiting = std::mem::take(&mut state.producers);
        drop(state);
        waiting.iter().for_each(Resumer::resume);
        Popped::Batch(batch)
    }

    /// Says that no batch will come any more; those there are can still be popped.
    pub fn close(&self) {
        self.shut(|_| {});
    }

    /// Says that no batch will be taken any more, and drops those there are.
    pub fn abandon(&self) {
        self.shut(|batches| batches.clear());
    }

    fn shut(&self, dispose: impl FnOnce(&mut VecDeque<Batch>)) {
        let mut state = lock(&self.0.state);
        state.is_closed = true;
        dispose(&mut state.batches);
        let mut waiting = std::mem::take(&mut state.consumers);
        waiting.append(&mut state.producers);
        drop(state);
        waiting.iter().for_each(Resumer::resume);
    }

    /// Returns the number of batches held now.
    pub fn len(&self) -> usize {
        lock(&self.0.state).batches.len()
    }

    /// Tells whether there is no batch now.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Tells whether a consumer found the queue empty and nothing has come since.
    pub(crate) fn is_wanted(&self) -> bool {
        let state = lock(&self.0.state);
        state.batches.is_empty() && !state.is_closed && !state.consumers.is_empty()
    }
}

impl fmt::Debug for BatchQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BatchQueue({} of {} batches)", self.len(), self.0.capacity)
    }
}

/// Is a source that takes batches from a queue, in all lanes, until it is closed.
#[derive(Debug)]
pub struct QueueSource {
    name: String,
    queue: BatchQueue,
}

impl QueueSource {
    /// Makes a source on `queue`.
    pub fn new(name: impl Into<String>, queue: BatchQueue) -> Self {
        QueueSource { name: name.into(), queue }
    }
}

impl Source for QueueSource {
    fn name(&self) -> &str {
        &self.name
    }

    fn local(self: Arc<Self>, _ctx: &OpContext<'_>) -> Result<Box<dyn SourceLocal>> {
        Ok(Box::new(self.queue.clone()))
    }
}

impl SourceLocal for BatchQueue {
    fn source(&mut self, _ctx: &OpContext<'_>) -> Result<OpOutput> {
        Ok(match self.try_pop() {
            Popped::Batch(batch) => OpOutput::HasMore(batch),
            Popped::Empty(resumer) => OpOutput::Blocked(resumer),
            Popped::Closed => OpOutput::Finished(None),
        })
    }
}

/// Is a sink that puts batches into a queue and closes it after the last. Where the consumer has
/// abandoned the queue, it takes no more input.
#[derive(Debug)]
pub struct QueueSink {
    name: String,
    queue: BatchQueue,
}

struct QueueSinkLocal {
    queue: BatchQueue,
    pending: Option<Batch>,
}

impl QueueSink {
    /// Makes a sink on `queue`.
    pub fn new(name: impl Into<String>, queue: BatchQueue) -> Self {
        QueueSink { name: name.into(), queue }
    }
}

impl Sink for QueueSink {
    fn name(&self) -> &str {
        &self.name
    }

    fn local(self: Arc<Self>, _ctx: &OpContext<'_>) -> Result<Box<dyn SinkLocal>> {
        Ok(Box::new(QueueSinkLocal { queue: self.queue.clone(), pending: None }))
    }

    fn frontend(self: Arc<Self>, _ctx: &CompileContext<'_>) -> Result<Vec<TaskGroup>> {
        let name = format!("end of {}", self.name);
        let close = move |_: &TaskContext| {
            self.queue.close();
            Ok(())
        };
        Ok(vec![TaskGroup::barrier(name, close)])
    }
}

impl SinkLocal for QueueSinkLocal {
    fn sink(&mut self, _ctx: &OpContext<'_>, input: Option<Batch>) -> Result<OpOutput> {
        let Some(batch) = input.or_else(|| self.pending.take()) else {
            return Ok(OpOutput::NeedsMore);
        };
        Ok(match self.queue.try_push(batch) {
            Pushed::Taken => OpOutput::NeedsMore,
            Pushed::Closed => OpOutput::Finished(None),
            Pushed::Full(batch, resumer) => {
                self.pending = Some(batch);
                OpOutput::Blocked(resumer)
            }
        })
    }

    fn pause(&mut self) {
        self.queue.hand_on();
    }
}

/// Is a source that reads a reader, in a backend task of its own, for all lanes.
///
/// Batches are numbered in the order in which they are read. Reading ends early when no lane takes
/// batches any more.
pub struct ReaderSource {
    name: String,
    queue: BatchQueue,
    takers: Mutex<Takers>,
    reader: Mutex<Option<Box<dyn BatchReader>>>,
}

impl ReaderSource {
    /// Makes a source on `reader`, which may be ahead of the lanes by `capacity` batches.
    ///
    /// # Errors
    /// The reader's schema is not the one `expected`.
    pub fn new(
        name: impl Into<String>,
        reader: Box<dyn BatchReader>,
        expected: &BatchSchema,
        capacity: usize,
    ) -> Result<Self> {
        check_schema(expected, reader.schema())?;
        Ok(ReaderSource {
            name: name.into(),
            queue: BatchQueue::new(capacity),
            takers: Mutex::default(),
            reader: Mutex::new(Some(reader)),
        })
    }
}

/// Says which lanes have begun to take batches, and how many local states still do.
#[derive(Default)]
struct Takers {
    begun: HashSet<usize>,
    live: usize,
}

struct ReaderLocal {
    source: Arc<ReaderSource>,
    queue: BatchQueue,
    lanes: usize,
}

impl Drop for ReaderLocal {
    fn drop(&mut self) {
        let mut takers = lock(&self.source.takers);
        takers.live = takers.live.saturating_sub(1);
        if takers.live == 0 && takers.begun.len() >= self.lanes {
            drop(takers);
            self.queue.abandon();
        }
    }
}

impl SourceLocal for ReaderLocal {
    fn source(&mut self, ctx: &OpContext<'_>) -> Result<OpOutput> {
        self.queue.source(ctx)
    }
}

impl Source for ReaderSource {
    fn name(&self) -> &str {
        &self.name
    }

    fn local(self: Arc<Self>, ctx: &OpContext<'_>) -> Result<Box<dyn SourceLocal>> {
        let mut takers = lock(&self.takers);
        takers.begun.insert(ctx.lane());
        takers.live += 1;
        drop(takers);
        let queue = self.queue.clone();
        Ok(Box::new(ReaderLocal { source: self, queue, lanes: ctx.lanes() }))
    }

    fn backend(self: Arc<Self>, _ctx: &CompileContext<'_>) -> Result<Option<TaskGroup>> {
        let Some(reader) = lock(&self.reader).take() else {
            let text = format!("input '{}' was read by a run before: give each its own", self.name);
            return Err(SqlError::other(text).into());
        };
        let mut pump = Pump { schema: Arc::clone(reader.schema()), reader, read: 0, pending: None };
        let queue = self.queue.clone();
        let task = move |_: &TaskContext| pump.step(&queue);
        let group = TaskGroup::new(format!("read {}", self.name), vec![Box::new(task)]);
        Ok(Some(group.with_hint(TaskHint::Io)))
    }
}

/// Moves batches from a reader into a queue.
struct Pump {
    reader: Box<dyn BatchReader>,
    schema: BatchSchema,
    read: u64,
    pending: Option<Batch>,
}

impl Pump {
    fn step(&mut self, queue: &BatchQueue) -> Result<TaskStatus> {
        let batch = match self.pending.take() {
            Some(batch) => batch,
            None => match self.reader.next_batch()? {
                Some(batch) => {
                    check_schema(&self.schema, batch.schema())?;
                    self.read += 1;
                    batch.with_number(self.read - 1)
                }
                None => {
                    queue.close();
                    return Ok(TaskStatus::Finished);
                }
            },
        };
        match queue.try_push(batch) {
            Pushed::Taken => Ok(TaskStatus::Continue),
            Pushed::Closed => Ok(TaskStatus::Finished),
            Pushed::Full(batch, resumer) => {
                self.pending = Some(batch);
                Ok(TaskStatus::Blocked(Awaiter::any(vec![resumer])?))
            }
        }
    }
}
