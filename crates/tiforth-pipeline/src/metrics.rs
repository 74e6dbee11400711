// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Counts what operators do: rows, batches, bytes, time.
//!
//! Each lane has counters of its own for every operator, so that counting never contends; whoever
//! asks adds them up, during the run too. Times come from the driver's clock and are 0 without one.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use crate::Batch;

/// Says what an operator is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OperatorRole {
    /// Produces batches.
    Source,
    /// Turns batches into batches.
    Pipe,
    /// Takes batches.
    Sink,
}

/// Is what one operator has done so far, all lanes together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OperatorMetrics {
    /// The operator's name.
    pub name: String,
    /// What it is.
    pub role: OperatorRole,
    /// How often it was called.
    pub calls: u64,
    /// Batches, rows and bytes it took.
    pub input: Volume,
    /// Batches, rows and bytes it handed on.
    pub output: Volume,
    /// Nanoseconds spent in its calls.
    pub busy_nanos: u64,
    /// Nanoseconds between its answer blocked and the next call, summed over lanes.
    pub blocked_nanos: u64,
}

/// Is an amount of data.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Volume {
    /// Number of batches.
    pub batches: u64,
    /// Number of rows.
    pub rows: u64,
    /// Number of bytes.
    pub bytes: u64,
}

impl Volume {
    pub(crate) fn of(batch: &Batch) -> Self {
        Volume { batches: 1, rows: batch.num_rows() as u64, bytes: batch.byte_size() as u64 }
    }
}

/// Says how far a pipeline has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Progress {
    /// What its sources have read so far.
    pub read: Volume,
    /// Lanes that have finished, over all stages.
    pub lanes_finished: u64,
    /// Lanes there are, over all stages.
    pub lanes: u64,
}

#[derive(Default)]
struct VolumeCounter {
    batches: AtomicU64,
    rows: AtomicU64,
    bytes: AtomicU64,
}

impl VolumeCounter {
    fn add(&self, volume: Volume) {
        self.batches.fetch_add(volume.batches, Relaxed);
        self.rows.fetch_add(volume.rows, Relaxed);
        self.bytes.fetch_add(volume.bytes, Relaxed);
    }

    fn add_to(&self, sum: &mut Volume) {
        sum.batches += self.batches.load(Relaxed);
        sum.rows += self.rows.load(Relaxed);
        sum.bytes += self.bytes.load(Relaxed);
    }
}

/// Holds the counters of one operator in one lane, on cache lines of their own.
#[derive(Default)]
#[repr(align(128))]
pub(crate) struct Counters {
    calls: AtomicU64,
    input: VolumeCounter,
    output: VolumeCounter,
    busy_nanos: AtomicU64,
    blocked_nanos: AtomicU64,
}

impl Counters {
    /// Counts a call and what it took.
    pub(crate) fn count_call(&self, input: Option<Volume>) {
        self.calls.fetch_add(1, Relaxed);
        if let Some(volume) = input {
            self.input.add(volume);
        }
    }

    /// Counts a batch handed on.
    pub(crate) fn count_output(&self, batch: &Batch) {
        self.output.add(Volume::of(batch));
    }

    /// Adds time spent in a call.
    pub(crate) fn add_busy(&self, nanos: u64) {
        self.busy_nanos.fetch_add(nanos, Relaxed);
    }

    /// Adds time spent blocked.
    pub(crate) fn add_blocked(&self, nanos: u64) {
        self.blocked_nanos.fetch_add(nanos, Relaxed);
    }
}

/// Holds the counters of one operator, a set a lane.
pub(crate) struct OperatorCounters {
    name: String,
    role: OperatorRole,
    lanes: Box<[Arc<Counters>]>,
}

impl OperatorCounters {
    /// Makes counters for `lanes` lanes.
    pub(crate) fn new(name: &str, role: OperatorRole, lanes: usize) -> Self {
        let lanes = (0..lanes).map(|_| Arc::default()).collect();
        OperatorCounters { name: name.to_owned(), role, lanes }
    }

    /// Returns the operator's name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Returns the counters of `lane`; lanes beyond those there are count for nobody.
    pub(crate) fn lane(&self, lane: usize) -> Arc<Counters> {
        self.lanes.get(lane).cloned().unwrap_or_default()
    }

    fn sum(&self) -> OperatorMetrics {
        let mut sum = OperatorMetrics {
            name: self.name.clone(),
            role: self.role,
            calls: 0,
            input: Volume::default(),
            output: Volume::default(),
            busy_nanos: 0,
            blocked_nanos: 0,
        };
        for lane in &self.lanes {
            sum.calls += lane.calls.load(Relaxed);
            lane.input.add_to(&mut sum.input);
            lane.output.add_to(&mut sum.output);
            sum.busy_nanos += lane.busy_nanos.load(Relaxed);
            sum.blocked_nanos += lane.blocked_nanos.load(Relaxed);
        }
        sum
    }
}

/// Reads the counters of a compiled pipeline, while it runs and after.
#[derive(Clone)]
pub struct Metrics(Arc<MetricsBody>);

struct MetricsBody {
    operators: Vec<Arc<OperatorCounters>>,
    lanes_finished: Arc<AtomicU64>,
    lanes: u64,
}

impl Metrics {
    pub(crate) fn new(
        operators: Vec<Arc<OperatorCounters>>,
        lanes_finished: Arc<AtomicU64>,
        lanes: u64,
    ) -> Self {
        Metrics(Arc::new(MetricsBody { operators, lanes_finished, lanes }))
    }

    /// Returns what each operator has done so far, in the order of the pipeline: sources and pipes
    /// channel by channel, implicit sources, the sink last. An operator shared by channels or
    /// stages is listed once.
    pub fn operators(&self) -> Vec<OperatorMetrics> {
        self.0.operators.iter().map(|operator| operator.sum()).collect()
    }

    /// Returns how far the pipeline has come.
    pub fn progress(&self) -> Progress {
        let mut read = Volume::default();
        for operator in self.0.operators.iter().filter(|o| o.role == OperatorRole::Source) {
            operator.lanes.iter().for_each(|lane| lane.output.add_to(&mut read));
        }
        let lanes_finished = self.0.lanes_finished.load(Relaxed);
        Progress { read, lanes_finished, lanes: self.0.lanes }
    }
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.operators()).finish()
    }
}
