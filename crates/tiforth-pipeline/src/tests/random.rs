// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Runs random operators over random pipelines: nothing is lost, nothing hangs, seeds repeat.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::mpsc;
use std::thread;

use tiforth_types::error::Result;

use super::script::batch;
use super::script::value;
use crate::Batch;
use crate::Channel;
use crate::CompileContext;
use crate::CompiledPipeline;
use crate::Driver;
use crate::LogicalPipeline;
use crate::OpContext;
use crate::OpOutput;
use crate::Outcome;
use crate::Pipe;
use crate::PipeLocal;
use crate::Resumer;
use crate::RunContext;
use crate::SeededDriver;
use crate::Sink;
use crate::SinkLocal;
use crate::Source;
use crate::SourceLocal;
use crate::ThreadPool;
use crate::WorkQueue;
use crate::drivers::SplitMix;
use crate::signal::lock;

/// Is what the operators of one random run share.
struct World {
    seed: u64,
    batches: u64,
    /// Whether operators may answer anything, allowed or not.
    is_wild: bool,
    /// Cancels the run at this call of any operator.
    cancel_at: Option<usize>,
    calls: Mutex<usize>,
    resumers: Option<mpsc::Sender<Resumer>>,
    taken: Mutex<Vec<u64>>,
}

impl World {
    fn new(seed: u64) -> Self {
        World {
            seed,
            batches: seed % 7,
            is_wild: false,
            cancel_at: None,
            calls: Mutex::default(),
            resumers: None,
            taken: Mutex::default(),
        }
    }
}

struct RandomOp {
    world: Arc<World>,
    number: u64,
    splits: bool,
    late: Arc<WorkQueue<Batch>>,
}

/// Is the state of any random operator in one lane.
struct RandomLocal {
    world: Arc<World>,
    random: SplitMix,
    has_yielded: bool,
    made: u64,
    first: u64,
    held: VecDeque<Batch>,
    late: Option<Arc<WorkQueue<Batch>>>,
}

impl RandomOp {
    fn local(&self, ctx: &OpContext<'_>) -> RandomLocal {
        let place = self.number * 10_007 + ctx.lane() as u64 * 101 + ctx.channel() as u64;
        RandomLocal {
            world: Arc::clone(&self.world),
            random: SplitMix(self.world.seed.wrapping_mul(1_000_003).wrapping_add(place)),
            has_yielded: false,
            made: 0,
            first: place * 1000,
            held: VecDeque::new(),
            late: self.splits.then(|| Arc::clone(&self.late)),
        }
    }
}

impl RandomLocal {
    /// Answers blocked, yield or yield-back at random, and anything at all where that is asked for.
    fn pause(&mut self, ctx: &OpContext<'_>) -> Option<OpOutput> {
        let calls = {
            let mut calls = lock(&self.world.calls);
            *calls += 1;
            *calls
        };
        if self.world.cancel_at == Some(calls) {
            ctx.run().cancel.cancel();
        }
        if self.world.is_wild && self.random.below(6) == 0 {
            return Some(self.anything());
        }
        if std::mem::take(&mut self.has_yielded) {
            return Some(OpOutput::YieldBack);
        }
        match self.random.below(8) {
            0 => Some(OpOutput::Blocked(self.resumer())),
            1 => {
                self.has_yielded = true;
                Some(OpOutput::Yield)
            }
            _ => None,
        }
    }

    fn anything(&mut self) -> OpOutput {
        let any = batch(self.random.next() % 100);
        match self.random.below(9) {
            0 => OpOutput::NeedsMore,
            1 => OpOutput::Even(any),
            2 => OpOutput::HasMore(any),
            3 => OpOutput::Blocked(self.resumer()),
            4 => OpOutput::Yield,
            5 => OpOutput::YieldBack,
            6 => OpOutput::Finished(None),
            7 => OpOutput::Finished(Some(any)),
            _ => OpOutput::Cancelled,
        }
    }

    fn resumer(&mut self) -> Resumer {
        let resumer = Resumer::new();
        if let Some(resumers) = &self.world.resumers {
            resumers.send(resumer.clone()).unwrap();
        }
        resumer
    }
}

impl SourceLocal for RandomLocal {
    fn source(&mut self, ctx: &OpContext<'_>) -> Result<OpOutput> {
        if let Some(output) = self.pause(ctx) {
            return Ok(output);
        }
        if let Some(late) = &self.late {
            return Ok(match late.pop() {
                Some(batch) => OpOutput::HasMore(batch),
                None => OpOutput::Finished(None),
            });
        }
        if self.made == self.world.batches {
            return Ok(OpOutput::Finished(None));
        }
        self.made += 1;
        let next = batch(self.first + self.made);
        let is_last = self.made == self.world.batches && self.random.below(2) == 0;
        Ok(if is_last { OpOutput::Finished(Some(next)) } else { OpOutput::HasMore(next) })
    }
}

impl PipeLocal for RandomLocal {
    fn pipe(&mut self, ctx: &OpContext<'_>, input: Option<Batch>) -> Result<OpOutput> {
        self.held.extend(input);
        if let Some(output) = self.pause(ctx) {
            return Ok(output);
        }
        let choice = self.random.below(4);
        if choice == 3
            && let Some(late) = &self.late
        {
            late.extend(self.held.pop_front());
        }
        Ok(match (choice, self.held.pop_front()) {
            (0, Some(batch)) => OpOutput::Even(batch),
            (1, Some(batch)) => OpOutput::HasMore(batch),
            (_, batch) => {
                self.held.extend(batch);
                OpOutput::NeedsMore
            }
        })
    }

    fn drain(&mut self, ctx: &OpContext<'_>) -> Result<OpOutput> {
        if let Some(output) = self.pause(ctx) {
            return Ok(output);
        }
        Ok(match self.held.pop_front() {
            Some(batch) if !self.held.is_empty() || self.random.below(2) == 0 => {
                OpOutput::HasMore(batch)
            }
            last => OpOutput::Finished(last),
        })
    }
}

impl SinkLocal for RandomLocal {
    fn sink(&mut self, ctx: &OpContext<'_>, input: Option<Batch>) -> Result<OpOutput> {
        lock(&self.world.taken).extend(input.iter().map(value));
        Ok(self.pause(ctx).unwrap_or(OpOutput::NeedsMore))
    }
}

impl Source for RandomOp {
    fn name(&self) -> &str {
        "source"
    }

    fn local(self: Arc<Self>, ctx: &OpContext<'_>) -> Result<Box<dyn SourceLocal>> {
        Ok(Box::new(RandomOp::local(&self, ctx)))
    }
}

impl Pipe for RandomOp {
    fn name(&self) -> &str {
        "pipe"
    }

    fn local(self: Arc<Self>, ctx: &OpContext<'_>) -> Result<Box<dyn PipeLocal>> {
        Ok(Box::new(RandomOp::local(&self, ctx)))
    }

    fn implicit_source(
        self: Arc<Self>,
        _ctx: &CompileContext<'_>,
    ) -> Result<Option<Arc<dyn Source>>> {
        let (world, late) = (Arc::clone(&self.world), Arc::clone(&self.late));
        let source = RandomOp { world, late, splits: true, number: self.number + 50 };
        Ok(self.splits.then(|| Arc::new(source) as Arc<dyn Source>))
    }
}

impl Sink for RandomOp {
    fn name(&self) -> &str {
        "sink"
    }

    fn local(self: Arc<Self>, ctx: &OpContext<'_>) -> Result<Box<dyn SinkLocal>> {
        Ok(Box::new(RandomOp::local(&self, ctx)))
    }

    fn blocks_by_channel(&self) -> bool {
        self.splits
    }
}

/// Makes the pipeline of a seed; returns it with its number of lanes and the values it will move.
fn random_pipeline(world: &Arc<World>) -> (LogicalPipeline, usize, Vec<u64>) {
    let mut random = SplitMix(world.seed);
    let mut number = 0;
    let mut op = |splits| {
        number += 1;
        let (world, late) = (Arc::clone(world), Arc::default());
        Arc::new(RandomOp { world, number, splits, late })
    };
    let (lanes, channels) = (1 + random.below(3), 1 + random.below(3));
    let tail: Vec<Arc<dyn Pipe>> =
        (0..random.below(3)).map(|_| op(random.below(3) == 0) as Arc<dyn Pipe>).collect();
    let mut expected = Vec::new();
    let channels = (0..channels).map(|channel| {
        let source = op(false);
        for lane in 0..lanes {
            let first = (source.number * 10_007 + lane as u64 * 101 + channel as u64) * 1000;
            expected.extend((1..=world.batches).map(|i| first + i));
        }
        let mut pipes: Vec<Arc<dyn Pipe>> =
            (0..random.below(3)).map(|_| op(random.below(3) == 0) as Arc<dyn Pipe>).collect();
        pipes.extend(tail.iter().map(Arc::clone));
        Channel::new(source, pipes)
    });
    let channels = channels.collect();
    let sink = op(random.below(2) == 0);
    expected.sort_unstable();
    (LogicalPipeline::new("random", channels, sink), lanes, expected)
}

fn taken(world: &World) -> Vec<u64> {
    let mut taken = lock(&world.taken).clone();
    taken.sort_unstable();
    taken
}

#[test]
fn nothing_is_lost_and_seeds_repeat() {
    for seed in 0..400 {
        let go = |driver_seed| {
            let world = Arc::new(World::new(seed));
            let (pipeline, lanes, expected) = random_pipeline(&world);
            let run = RunContext::new();
            let compiled = CompiledPipeline::new(&pipeline, &run, lanes).unwrap();
            let metrics = compiled.metrics().clone();
            let driver = SeededDriver::new(driver_seed).resuming();
            let (outcome, choices) = driver.run_recorded(vec![compiled.into_groups()], &run);
            assert_eq!(outcome, Ok(Outcome::Finished), "seed {seed}");
            assert_eq!(taken(&world), expected, "seed {seed}");
            let progress = metrics.progress();
            assert_eq!(progress.lanes_finished, progress.lanes, "seed {seed}");
            (choices, lock(&world.taken).clone(), metrics.operators())
        };
        assert_eq!(go(seed), go(seed), "seed {seed}");
    }
}

#[test]
fn threads_lose_nothing() {
    let (sender, receiver) = mpsc::channel::<Resumer>();
    let resuming = thread::spawn(move || receiver.into_iter().for_each(|r| r.resume()));
    for threads in [1, 3] {
        let pool = ThreadPool::new(threads).unwrap();
        let runs: Vec<_> = (0..100)
            .map(|seed| {
                let resumers = Some(sender.clone());
                let world = Arc::new(World { resumers, ..World::new(seed) });
                let (pipeline, lanes, expected) = random_pipeline(&world);
                let run = RunContext::new();
                let compiled = CompiledPipeline::new(&pipeline, &run, lanes).unwrap();
                (pool.start(vec![compiled.into_groups()], &run), world, expected)
            })
            .collect();
        for (handle, world, expected) in runs {
            assert_eq!(handle.wait(), Ok(Outcome::Finished), "seed {}", world.seed);
            assert_eq!(taken(&world), expected, "seed {}", world.seed);
        }
    }
    drop(sender);
    resuming.join().unwrap();
}

#[test]
fn wild_answers_end_in_errors_not_panics() {
    let mut outcomes = [0; 3];
    for seed in 0..600 {
        let world = Arc::new(World { is_wild: true, ..World::new(seed) });
        let (pipeline, lanes, _) = random_pipeline(&world);
        let run = RunContext::new();
        let compiled = CompiledPipeline::new(&pipeline, &run, lanes).unwrap();
        let driver = SeededDriver::new(seed).resuming();
        let outcome = driver.run(vec![compiled.into_groups()], &run);
        match outcome {
            Ok(Outcome::Finished) => outcomes[0] += 1,
            Ok(Outcome::Cancelled) => outcomes[1] += 1,
            Err(error) => {
                assert!(error.to_string().contains("must not answer"), "seed {seed}: {error}");
                outcomes[2] += 1;
            }
        }
    }
    assert!(outcomes.iter().all(|count| *count > 10), "{outcomes:?}");
}

#[test]
fn cancelling_at_any_call_ends_cleanly() {
    for seed in [3, 5, 6, 11, 12] {
        let mut fired = 0;
        for cancel_at in 1..200 {
            let world = Arc::new(World { cancel_at: Some(cancel_at), ..World::new(seed) });
            let (pipeline, lanes, _) = random_pipeline(&world);
            let run = RunContext::new();
            let compiled = CompiledPipeline::new(&pipeline, &run, lanes).unwrap();
            drop(pipeline);
            let driver = SeededDriver::new(seed).resuming();
            let outcome = driver.run(vec![compiled.into_groups()], &run);
            if *lock(&world.calls) < cancel_at {
                assert_eq!(outcome, Ok(Outcome::Finished));
                break;
            }
            fired += 1;
            // The call that cancels may be the very last of the run.
            assert!(outcome.is_ok(), "{outcome:?}");
            assert!(*lock(&world.calls) <= cancel_at + 6, "more than the step's own calls");
            assert_eq!(Arc::strong_count(&world), 1, "all states are dropped");
        }
        assert!(fired > 5, "seed {seed} fired {fired} times");
    }
}
