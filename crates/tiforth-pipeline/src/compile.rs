// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Compiles a logical pipeline into stages, and those into the task groups a driver runs.
//!
//! A pipe with an implicit source cuts the pipeline: its channel runs in full in one stage, and the
//! implicit source runs through the pipes after that pipe in a later one. A stage comes after every
//! stage that feeds one of its sources, by the longest way.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use tiforth_types::error::InternalError;
use tiforth_types::error::Result;
use tiforth_types::error::SqlError;

use crate::lane::PipelineTask;
use crate::logical::LogicalPipeline;
use crate::metrics::Metrics;
use crate::metrics::OperatorCounters;
use crate::metrics::OperatorRole;
use crate::op::CompileContext;
use crate::op::Pipe;
use crate::op::Sink;
use crate::op::Source;
use crate::run::RunContext;
use crate::stage::Stage;
use crate::stage::StageChannel;
use crate::stage::StageCounters;
use crate::task::GroupTask;
use crate::task::TaskGroup;
use crate::task::TaskGroups;

/// Is a pipeline ready to run once.
pub struct CompiledPipeline {
    stages: Vec<Arc<Stage>>,
    metrics: Metrics,
    groups: TaskGroups,
}

impl CompiledPipeline {
    /// Compiles `pipeline` for one run in `lanes` lanes.
    ///
    /// The order of task groups: the backends of sink and sources run beside the rest; then stage
    /// by stage the frontends of its sources and the stage itself; last the sink's frontend.
    ///
    /// # Errors
    /// No lanes, pipes that follow each other in a circle, a shared splitting pipe followed by
    /// different pipes, and what operators report.
    pub fn new(pipeline: &LogicalPipeline, run: &RunContext, lanes: usize) -> Result<Self> {
        if lanes == 0 {
            return Err(SqlError::other(format!(
                "pipeline '{}' needs at least one lane",
                pipeline.name
            ))
            .into());
        }
        let ctx = CompileContext { run, lanes };
        let levels = split(pipeline, &ctx)?;
        let mut registry = Registry { lanes, operators: Vec::new() };
        // The sink is listed last.
        let sink = Arc::new(OperatorCounters::new(pipeline.sink.name(), OperatorRole::Sink, lanes));
        let lanes_finished = Arc::new(AtomicU64::new(0));
        let cancel = run.cancel.child();
        let mut stages = Vec::with_capacity(levels.len());
        for (number, channels) in levels.into_iter().enumerate() {
            let mut counters = StageCounters {
                sources: Vec::new(),
                pipes: Vec::new(),
                sink: Arc::clone(&sink),
                lanes_finished: Arc::clone(&lanes_finished),
            };
            for channel in &channels {
                counters.sources.push(registry.source(&channel.source));
                let pipes = channel.pipes.iter().map(|pipe| registry.pipe(pipe));
                counters.pipes.push(pipes.collect());
            }
            stages.push(Arc::new(Stage {
                name: format!("stage{number}({})", pipeline.name),
                channels,
                sink: Arc::clone(&pipeline.sink),
                counters,
                cancel: cancel.clone(),
                lanes,
            }));
        }
        let mut operators: Vec<_> = registry.operators.into_iter().map(|(_, c)| c).collect();
        operators.push(sink);
        let total = (lanes as u64).saturating_mul(stages.len() as u64);
        let metrics = Metrics::new(operators, lanes_finished, total);
        let groups = task_groups(&stages, &pipeline.sink, &ctx)?;
        Ok(CompiledPipeline { stages, metrics, groups })
    }

    /// Returns the stages, in order.
    pub fn stages(&self) -> &[Arc<Stage>] {
        &self.stages
    }

    /// Returns the counters of the run; they may be read while it goes on.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Returns the names of the task groups, for explaining a plan.
    pub fn groups(&self) -> &TaskGroups {
        &self.groups
    }

    /// Returns the task groups, for a driver.
    pub fn into_groups(self) -> TaskGroups {
        self.groups
    }
}

/// Finds or makes the counters of an operator by the address of the operator itself.
struct Registry {
    lanes: usize,
    operators: Vec<(Operator, Arc<OperatorCounters>)>,
}

enum Operator {
    Source(Arc<dyn Source>),
    Pipe(Arc<dyn Pipe>),
}

impl Registry {
    fn source(&mut self, source: &Arc<dyn Source>) -> Arc<OperatorCounters> {
        let is_it = |o: &Operator| matches!(o, Operator::Source(s) if Arc::ptr_eq(s, source));
        if let Some((_, counters)) = self.operators.iter().find(|(o, _)| is_it(o)) {
            return Arc::clone(counters);
        }
        self.add(Operator::Source(Arc::clone(source)), source.name(), OperatorRole::Source)
    }

    fn pipe(&mut self, pipe: &Arc<dyn Pipe>) -> Arc<OperatorCounters> {
        let is_it = |o: &Operator| matches!(o, Operator::Pipe(p) if Arc::ptr_eq(p, pipe));
        if let Some((_, counters)) = self.operators.iter().find(|(o, _)| is_it(o)) {
            return Arc::clone(counters);
        }
        self.add(Operator::Pipe(Arc::clone(pipe)), pipe.name(), OperatorRole::Pipe)
    }

    fn add(&mut self, op: Operator, name: &str, role: OperatorRole) -> Arc<OperatorCounters> {
        let counters = Arc::new(OperatorCounters::new(name, role, self.lanes));
        self.operators.push((op, Arc::clone(&counters)));
        counters
    }
}

/// Is what a pipe becomes while stages are cut.
struct Cut {
    pipe: Arc<dyn Pipe>,
    /// Absent where the pipe does not split.
    source: Option<Arc<dyn Source>>,
    tail: Vec<Arc<dyn Pipe>>,
    input_id: usize,
    level: usize,
}

/// Returns the channels of each stage.
fn split(pipeline: &LogicalPipeline, ctx: &CompileContext<'_>) -> Result<Vec<Vec<StageChannel>>> {
    let mut cuts: Vec<Cut> = Vec::new();
    let mut ways: Vec<Vec<usize>> = Vec::new();
    // Channels in the order in which a reader of the pipeline meets them, with their cut if any.
    let mut channels: Vec<(Option<usize>, StageChannel)> = Vec::new();
    for (number, channel) in pipeline.channels.iter().enumerate() {
        let input_id = channel.input_id.unwrap_or(number);
        channels.push((
            None,
            StageChannel {
                source: Arc::clone(&channel.source),
                pipes: channel.pipes.clone(),
                input_id,
                is_implicit: false,
            },
        ));
        let mut way = Vec::new();
        for (at, pipe) in channel.pipes.iter().enumerate() {
            let tail = channel.pipes.get(at + 1..).unwrap_or_default();
            let known = cuts.iter().position(|cut| Arc::ptr_eq(&cut.pipe, pipe));
            let index = match known {
                Some(index) => index,
                None => {
                    let source = Arc::clone(pipe).implicit_source(ctx)?;
                    let (pipe, tail) = (Arc::clone(pipe), tail.to_vec());
                    cuts.push(Cut { pipe, source, tail, input_id, level: 0 });
                    cuts.len() - 1
                }
            };
            let Some(cut) = cuts.get(index) else { continue };
            let Some(source) = &cut.source else { continue };
            way.push(index);
            if known.is_none() {
                channels.push((
                    Some(index),
                    StageChannel {
                        source: Arc::clone(source),
                        pipes: cut.tail.clone(),
                        input_id: cut.input_id,
                        is_implicit: true,
                    },
                ));
            } else if !same_pipes(&cut.tail, tail) {
                return Err(InternalError::new(format!(
                    "channels of pipeline '{}' that share the splitting pipe '{}' differ after it",
                    pipeline.name,
                    pipe.name()
                ))
                .into());
            }
        }
        ways.push(way);
    }
    level_cuts(&mut cuts, &ways, &pipeline.name)?;
    let mut levels: Vec<Vec<StageChannel>> = Vec::new();
    for (cut, channel) in channels {
        let level = cut.and_then(|index| cuts.get(index)).map_or(0, |cut| cut.level);
        if levels.len() <= level {
            levels.resize_with(level + 1, Vec::new);
        }
        if let Some(stage) = levels.get_mut(level) {
            stage.push(channel);
        }
    }
    Ok(levels)
}

fn same_pipes(left: &[Arc<dyn Pipe>], right: &[Arc<dyn Pipe>]) -> bool {
    left.len() == right.len() && left.iter().zip(right).all(|(l, r)| Arc::ptr_eq(l, r))
}

/// Gives every cut the length of the longest way to it.
fn level_cuts(cuts: &mut [Cut], ways: &[Vec<usize>], name: &str) -> Result<()> {
    // A way without circles has at most as many cuts as there are.
    for _ in 0..=cuts.len() {
        let mut has_changed = false;
        for way in ways {
            let mut level = 0;
            for cut in way {
                let Some(cut) = cuts.get_mut(*cut) else { continue };
                if cut.level <= level {
                    cut.level = level + 1;
                    has_changed = true;
                }
                level = cut.level;
            }
        }
        if !has_changed {
            return Ok(());
        }
    }
    let message = format!("splitting pipes of pipeline '{name}' follow each other in a circle");
    Err(InternalError::new(message).into())
}

fn task_groups(
    stages: &[Arc<Stage>],
    sink: &Arc<dyn Sink>,
    ctx: &CompileContext<'_>,
) -> Result<TaskGroups> {
    let mut result = TaskGroups::default();
    result.backends.extend(Arc::clone(sink).backend(ctx)?);
    let mut seen: Vec<Arc<dyn Source>> = Vec::new();
    for stage in stages {
        for channel in &stage.channels {
            let source = &channel.source;
            if seen.iter().any(|s| Arc::ptr_eq(s, source)) {
                continue;
            }
            seen.push(Arc::clone(source));
            result.backends.extend(Arc::clone(source).backend(ctx)?);
            result.groups.extend(Arc::clone(source).frontend(ctx)?);
        }
        let tasks = (0..stage.lanes)
            .map(|lane| Box::new(PipelineTask::new(Arc::clone(stage), lane)) as Box<dyn GroupTask>)
            .collect();
        result.groups.push(TaskGroup::new(stage.name.clone(), tasks));
    }
    result.groups.extend(Arc::clone(sink).frontend(ctx)?);
    Ok(result)
}

impl fmt::Debug for CompiledPipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CompiledPipeline")
            .field("stages", &self.stages)
            .field("groups", &self.groups)
            .finish()
    }
}
