// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Tests the levels that need no scheduler: tasks fed by hand, readers, and the queues below them.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::mpsc;
use std::thread;

use tiforth_data::BatchSchema;
use tiforth_data::Column;
use tiforth_data::Field;
use tiforth_types::error::Result;
use tiforth_types::error::SqlError;
use tiforth_types::sql_type::SqlType;

use crate::Batch;
use crate::BatchQueue;
use crate::BatchReader;
use crate::Channel;
use crate::CompileContext;
use crate::CompiledPipeline;
use crate::Gather;
use crate::LogicalPipeline;
use crate::OpContext;
use crate::OpOutput;
use crate::Pipe;
use crate::PipeLocal;
use crate::Pipeline;
use crate::Popped;
use crate::Pushed;
use crate::QueueSink;
use crate::Reader;
use crate::ReaderSource;
use crate::Resumer;
use crate::RunContext;
use crate::Sink;
use crate::SinkLocal;
use crate::Source;
use crate::SourceLocal;
use crate::TaskContext;
use crate::TaskGroup;
use crate::TaskState;
use crate::ThreadPool;
use crate::signal::lock;

fn schema(types: &[SqlType]) -> BatchSchema {
    let field = |sql_type: &SqlType| Field {
        name: "a".to_owned(),
        sql_type: sql_type.clone(),
        nullable: true,
    };
    types.iter().map(field).collect()
}

fn integers() -> BatchSchema {
    schema(&[SqlType::bigint(20)])
}

/// Makes a batch of `rows` rows.
fn rows(rows: usize) -> Batch {
    Batch::new(integers(), vec![Column::all_null(rows)], rows)
}

/// Reads batches of 1, 2, 3 … rows, up to `left`.
struct Counting {
    schema: BatchSchema,
    read: usize,
    left: usize,
    fails: bool,
}

fn counting(left: usize) -> Box<Counting> {
    Box::new(Counting { schema: integers(), read: 0, left, fails: false })
}

impl BatchReader for Counting {
    fn schema(&self) -> &BatchSchema {
        &self.schema
    }

    fn next_batch(&mut self) -> Result<Option<Batch>> {
        if self.left == 0 {
            return if self.fails { Err(SqlError::other("disk").into()) } else { Ok(None) };
        }
        (self.read, self.left) = (self.read + 1, self.left - 1);
        Ok(Some(rows(self.read)))
    }
}

/// Hands batches on until so many have come in a lane; blocks on each if there is somebody to
/// resume it.
struct Limit {
    batches: usize,
    resumers: Option<Mutex<mpsc::Sender<Resumer>>>,
}

struct LimitLocal {
    left: usize,
    pending: Option<Batch>,
    limit: Arc<Limit>,
}

impl Pipe for Limit {
    fn name(&self) -> &str {
        "limit"
    }

    fn local(self: Arc<Self>, _ctx: &OpContext<'_>) -> Result<Box<dyn PipeLocal>> {
        Ok(Box::new(LimitLocal { left: self.batches, pending: None, limit: self }))
    }
}

impl PipeLocal for LimitLocal {
    fn pipe(&mut self, _ctx: &OpContext<'_>, input: Option<Batch>) -> Result<OpOutput> {
        if let (Some(batch), Some(resumers)) = (&input, &self.limit.resumers) {
            self.pending = Some(batch.clone());
            let resumer = Resumer::new();
            lock(resumers).send(resumer.clone()).unwrap();
            return Ok(OpOutput::Blocked(resumer));
        }
        let batch = input.or_else(|| self.pending.take());
        self.left -= 1;
        Ok(match batch {
            batch if self.left == 0 => OpOutput::Finished(batch),
            Some(batch) => OpOutput::Even(batch),
            None => OpOutput::NeedsMore,
        })
    }
}

/// Counts rows: a breaker, as aggregation is one.
struct Count {
    lanes: Gather<usize>,
    total: Gather<usize>,
}

impl Sink for Count {
    fn name(&self) -> &str {
        "count"
    }

    fn local(self: Arc<Self>, _ctx: &OpContext<'_>) -> Result<Box<dyn SinkLocal>> {
        Ok(Box::new(CountLocal { count: self, rows: 0 }))
    }

    fn frontend(self: Arc<Self>, _ctx: &CompileContext<'_>) -> Result<Vec<TaskGroup>> {
        let merge =
            move |_: &TaskContext| self.total.put(0, self.lanes.take_all().into_iter().sum());
        Ok(vec![TaskGroup::barrier("merge count", merge)])
    }

    fn implicit_source(self: Arc<Self>) -> Option<Arc<dyn Source>> {
        Some(self)
    }
}

struct CountLocal {
    count: Arc<Count>,
    rows: usize,
}

impl SinkLocal for CountLocal {
    fn sink(&mut self, _ctx: &OpContext<'_>, input: Option<Batch>) -> Result<OpOutput> {
        self.rows += input.map_or(0, |batch| batch.num_rows());
        Ok(OpOutput::NeedsMore)
    }

    fn close(self: Box<Self>, ctx: &OpContext<'_>) -> Result<()> {
        self.count.lanes.put(ctx.lane(), self.rows)
    }
}

impl Source for Count {
    fn name(&self) -> &str {
        "count"
    }

    fn local(self: Arc<Self>, ctx: &OpContext<'_>) -> Result<Box<dyn SourceLocal>> {
        let total = if ctx.lane() == 0 { self.total.take(0)? } else { Vec::new() };
        Ok(Box::new(Total(total)))
    }
}

struct Total(Vec<usize>);

impl SourceLocal for Total {
    fn source(&mut self, _ctx: &OpContext<'_>) -> Result<OpOutput> {
        Ok(OpOutput::Finished(self.0.pop().map(rows)))
    }
}

/// Makes a plan that hands on what comes, through `pipes`.
fn pass(pipes: Vec<Arc<dyn Pipe>>) -> Pipeline {
    Pipeline::new(integers(), integers(), move |source, sink, _| {
        let channel = Channel::new(source, pipes.clone());
        Ok(vec![LogicalPipeline::new("pass", vec![channel], sink)])
    })
}

/// Makes a plan of two pipelines that answers with one batch of as many rows as came.
fn count(lanes: usize) -> Pipeline {
    let build = move |source, sink, _: &RunContext| {
        let count = Arc::new(Count { lanes: Gather::new(lanes), total: Gather::new(1) });
        let result = Arc::clone(&count).implicit_source().unwrap();
        Ok(vec![
            LogicalPipeline::new("build", vec![Channel::new(source, Vec::new())], count),
            LogicalPipeline::new("result", vec![Channel::new(result, Vec::new())], sink),
        ])
    };
    Pipeline::new(integers(), integers(), build).with_lanes(lanes)
}

fn limit(batches: usize) -> Arc<dyn Pipe> {
    Arc::new(Limit { batches, resumers: None })
}

#[test]
fn a_task_is_pushed_and_pulled() {
    let run = RunContext::new();
    let mut task = pass(Vec::new()).task(&run).unwrap();
    assert!(matches!(task.step().unwrap(), TaskState::NeedInput));
    assert!(matches!(task.step().unwrap(), TaskState::NeedInput));
    for n in 1..=3 {
        task.push_input(rows(n)).unwrap();
    }
    for n in 1..=3 {
        assert!(matches!(task.step().unwrap(), TaskState::HasOutput));
        assert!(matches!(task.step().unwrap(), TaskState::HasOutput));
        let batch = task.pull_output().unwrap().unwrap();
        assert_eq!((batch.num_rows(), batch.number()), (n, n as u64 - 1));
    }
    assert!(matches!(task.step().unwrap(), TaskState::NeedInput));
    task.push_input(rows(0)).unwrap();
    task.close_input().unwrap();
    task.close_input().unwrap();
    assert!(matches!(task.step().unwrap(), TaskState::Finished));
    assert!(matches!(task.step().unwrap(), TaskState::Finished));
    assert!(task.pull_output().unwrap().is_none());
    assert_eq!(task.metrics()[0].progress().read.rows, 6);
}

#[test]
fn misuse_says_what_to_do() {
    let run = RunContext::new();
    let task = || pass(Vec::new()).task(&run).unwrap();
    let expect = |result: Result<()>, text: &str| {
        let error = result.unwrap_err().to_string();
        assert!(error.contains(text), "{error}");
    };

    let mut closed = task();
    expect(closed.pull_output().map(|_| ()), "call step() until it answers");
    closed.close_input().unwrap();
    expect(closed.push_input(rows(1)), "start another task for more input");
    expect(closed.set_input_reader(counting(1)), "start another task");

    let mut pushed = task();
    let text = Batch::new(schema(&[SqlType::double()]), vec![Column::all_null(1)], 1);
    expect(pushed.push_input(text), "column 0 'a' is double, expected bigint");
    expect(pushed.push_input(Batch::new([].into(), vec![], 1)), "0 columns, expected 1");
    pushed.push_input(rows(1)).unwrap();
    expect(pushed.set_input_reader(counting(1)), "set_input_reader() before any other");

    let mut read = task();
    let wrong = Counting { schema: schema(&[SqlType::date()]), ..*counting(1) };
    expect(read.set_input_reader(Box::new(wrong)), "schema mismatch: column 0");
    read.set_input_reader(counting(1)).unwrap();
    expect(read.set_input_reader(counting(1)), "start another task for a second one");
    expect(read.push_input(rows(1)), "do not push_input()");
    expect(read.close_input(), "do not close_input()");

    let wrong = Counting { schema: schema(&[SqlType::date()]), ..*counting(1) };
    expect(pass(Vec::new()).reader(Box::new(wrong), &run).map(|_| ()), "schema mismatch");
}

#[test]
fn readers_give_what_the_plan_makes() {
    let run = RunContext::new();
    // Batches read, batches of output by their rows.
    let cases: &[(Pipeline, usize, &[usize])] = &[
        (pass(Vec::new()), 0, &[]),
        (pass(Vec::new()), 3, &[1, 2, 3]),
        (pass(vec![limit(2)]), 1000, &[1, 2]),
        (count(1), 4, &[10]),
        (count(3), 4, &[10]),
        (count(2), 0, &[]),
    ];
    for (pipeline, read, expected) in cases {
        let reader = pipeline.reader(counting(*read), &run).unwrap();
        assert_eq!(reader.schema(), pipeline.output_schema());
        let sizes: Vec<usize> = reader.map(|batch| batch.unwrap().num_rows()).collect();
        assert_eq!(sizes, *expected);
    }
}

#[test]
fn errors_come_out_once_and_end_the_reader() {
    let run = RunContext::new();
    let failing = || Counting { fails: true, ..*counting(2) };
    let mut reader = pass(Vec::new()).reader(Box::new(failing()), &run).unwrap();
    let ends: Vec<bool> = Iterator::by_ref(&mut reader).map(|batch| batch.is_ok()).collect();
    assert_eq!(ends, [true, true, false]);

    let mut reader = pass(Vec::new()).reader(counting(5), &run).unwrap();
    assert!(reader.next_batch().unwrap().is_some());
    run.cancel.cancel();
    for _ in 0..2 {
        assert_eq!(reader.next_batch().unwrap_err().code(), 1317);
    }
}

#[test]
fn a_reader_parks_on_what_blocks() {
    let (sender, receiver) = mpsc::channel::<Resumer>();
    let resuming = thread::spawn(move || receiver.into_iter().for_each(|r| r.resume()));
    let run = RunContext::new();
    let limit = Arc::new(Limit { batches: 50, resumers: Some(Mutex::new(sender)) });
    let reader = pass(vec![limit]).reader(counting(100), &run).unwrap();
    assert_eq!(reader.count(), 50);
    resuming.join().unwrap();

    // A task says so instead, and cancelling ends the wait of a reader.
    let (sender, _receiver) = mpsc::channel::<Resumer>();
    let limit = Arc::new(Limit { batches: 9, resumers: Some(Mutex::new(sender)) });
    let pipeline = pass(vec![limit]);
    let mut task = pipeline.task(&run).unwrap();
    task.push_input(rows(1)).unwrap();
    assert!(matches!(task.step().unwrap(), TaskState::Blocked(_)));
    let mut reader = pipeline.reader(counting(1), &run).unwrap();
    thread::scope(|scope| {
        let reading = scope.spawn(move || reader.next_batch().map(|_| ()));
        run.cancel.cancel();
        assert_eq!(reading.join().unwrap().unwrap_err().code(), 1317);
    });
}

/// Starts a run on `pool` over a reader of `read` batches; returns the reader of its output.
fn on_pool(
    pool: &ThreadPool,
    run: &RunContext,
    input: Box<Counting>,
    pipe: Option<Arc<dyn Pipe>>,
) -> Reader {
    let source = ReaderSource::new("scan", input, &integers(), 2).unwrap();
    let queue = BatchQueue::gathering(4, 3);
    let sink = Arc::new(QueueSink::new("output", queue.clone()));
    let channel = Channel::new(Arc::new(source), pipe.into_iter().collect());
    let pipeline = LogicalPipeline::new("scan", vec![channel], sink);
    let groups = CompiledPipeline::new(&pipeline, run, 3).unwrap().into_groups();
    Reader::of_run(integers(), queue, pool.start(vec![groups], run))
}

#[test]
fn runs_on_a_pool_are_read_as_they_go() {
    let pool = ThreadPool::new(2).unwrap();
    let run = RunContext::new();
    for _ in 0..50 {
        let mut sizes: Vec<usize> = on_pool(&pool, &run, counting(40), None)
            .map(|batch| batch.unwrap().num_rows())
            .collect();
        sizes.sort_unstable();
        assert_eq!(sizes, (1..=40).collect::<Vec<_>>());

        // Every lane ends early: the input is not read to its end.
        let reader = on_pool(&pool, &run, counting(usize::MAX), Some(limit(3)));
        assert_eq!(reader.count(), 9);

        let failing = Counting { fails: true, ..*counting(5) };
        let ends: Vec<bool> =
            on_pool(&pool, &run, Box::new(failing), None).map(|batch| batch.is_ok()).collect();
        assert_eq!(ends.last(), Some(&false));

        // A reader that goes ends its run.
        drop(on_pool(&pool, &run, counting(usize::MAX), None));
    }
}

#[test]
fn queues_tell_both_sides() {
    let queue = BatchQueue::new(1);
    let Popped::Empty(waits) = queue.try_pop() else { unreachable!() };
    assert!(matches!(queue.try_push(rows(1)), Pushed::Taken));
    assert!(waits.is_resumed());
    let Pushed::Full(batch, waits) = queue.try_push(rows(2)) else { unreachable!() };
    assert!(matches!(queue.try_pop(), Popped::Batch(_)));
    assert!(waits.is_resumed());
    assert!(matches!(queue.try_push(batch), Pushed::Taken));
    queue.close();
    assert!(matches!(queue.try_push(rows(3)), Pushed::Closed));
    assert!(matches!(queue.try_pop(), Popped::Batch(_)));
    assert!(matches!(queue.try_pop(), Popped::Closed));
}

#[test]
fn queues_gather_before_they_wake() {
    let queue = BatchQueue::gathering(4, 2);
    let wait = || match queue.try_pop() {
        Popped::Empty(waits) => waits,
        _ => unreachable!(),
    };
    let push = |n| assert!(matches!(queue.try_push(rows(n)), Pushed::Taken));
    let drain = || while matches!(queue.try_pop(), Popped::Batch(_)) {};
    // The first wakes at once, then two of them do.
    let waits = wait();
    push(1);
    assert!(waits.is_resumed());
    drain();
    let waits = wait();
    push(1);
    assert!(!waits.is_resumed());
    push(2);
    assert!(waits.is_resumed());
    drain();
    // A lane that pauses hands on what there is, if there is anything.
    let waits = wait();
    queue.hand_on();
    assert!(!waits.is_resumed());
    push(1);
    queue.hand_on();
    assert!(waits.is_resumed());
    drain();
    let waits = wait();
    queue.close();
    assert!(waits.is_resumed());
}
