// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Tests what the runtime promises and what it demands: transitions, turns, cancelling, counters.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use super::script::Resume;
use super::script::Script;
use super::script::batch;
use crate::Awaiter;
use crate::Clock;
use crate::CompiledPipeline;
use crate::OpOutput;
use crate::OperatorRole;
use crate::Resumer;
use crate::RunContext;
use crate::TaskContext;
use crate::TaskGroup;
use crate::TaskHint;
use crate::TaskStatus;
use crate::Volume;
use crate::transition::Call;
use crate::transition::Phase;
use crate::transition::next_phase;

#[test]
fn transitions_are_those_of_the_table() {
    let outputs = || {
        [
            OpOutput::NeedsMore,
            OpOutput::Even(batch(1)),
            OpOutput::HasMore(batch(1)),
            OpOutput::Blocked(Resumer::new()),
            OpOutput::Yield,
            OpOutput::YieldBack,
            OpOutput::Finished(None),
            OpOutput::Finished(Some(batch(1))),
            OpOutput::Cancelled,
        ]
    };
    // One mark an output, in the order above: y allowed and yields, x allowed, - not.
    let cases = [
        (Call::Source, Phase::Ready, "--xxy-xxx"),
        (Call::Drain, Phase::Ready, "--xxy-xxx"),
        (Call::Pipe, Phase::Ready, "xxxxy-xxx"),
        (Call::Sink, Phase::Ready, "x--xy-x-x"),
        (Call::Source, Phase::Yielded, "-----x--x"),
        (Call::Drain, Phase::Yielded, "-----x--x"),
        (Call::Pipe, Phase::Yielded, "-----x--x"),
        (Call::Sink, Phase::Yielded, "-----x--x"),
    ];
    for (call, phase, expected) in cases {
        let marks: String = outputs()
            .iter()
            .map(|output| match next_phase(call, phase, output) {
                Some(Phase::Yielded) => 'y',
                Some(Phase::Ready) => 'x',
                None => '-',
            })
            .collect();
        assert_eq!(marks, expected, "{call:?} {phase:?}");
    }
}

#[test]
fn violations_name_operator_and_transition() {
    let cases = [
        ("S", "S->NM", "a source must not answer needs-more: operator 'S'"),
        ("S", "S->EV1", "a source must not answer even: operator 'S'"),
        ("S P", "S->HM1 P(1)->YB", "a pipe must not answer yield-back: operator 'P'"),
        (
            "S P",
            "S->HM1 P(1)->YI P(-)->NM",
            "a pipe must not answer needs-more after yield: operator 'P'",
        ),
        ("S P", "S->FI D->EV1", "a drain must not answer even: operator 'P'"),
        ("S P", "S->FI D->YI D->FI", "a drain must not answer finished after yield: operator 'P'"),
        ("S", "S->HM1 K(1)->HM1", "a sink must not answer has-more: operator 'K'"),
        ("S", "S->HM1 K(1)->FI1", "a sink must not answer finished with a batch: operator 'K'"),
    ];
    for (channel, trace, expected) in cases {
        let script = Script::new(trace, Resume::ByHand);
        let run = RunContext::new();
        let compiled = CompiledPipeline::new(&script.pipeline(&[channel]), &run, 1).unwrap();
        let ctx = TaskContext::new(&run);
        let mut task = compiled.into_groups().groups.remove(0).tasks.remove(0);
        let error = loop {
            if let Err(error) = task.step(&ctx) {
                break error;
            }
        };
        assert_eq!(error.to_string(), format!("internal error of TiForth: {expected}"));
        assert_eq!(task.step(&ctx).unwrap().name(), "CANCELLED");
    }
}

#[test]
fn input_ids_reach_all_operators_of_their_channel() {
    let trace =
        "S0->FI1 P0(1)->EV1 K(1)->NM D0->FI S1->FI2 P1(2)->EV2 K(2)->NM D1->FI I0->FI I1->FI";
    for (ids, expected) in [(Some([7, 9]), ["7", "9"]), (None, ["0", "1"])] {
        let script = Script::new(trace, Resume::ByHand);
        let mut pipeline = script.pipeline(&["S0 P0", "S1 P1"]);
        for (channel, id) in pipeline.channels.iter_mut().zip(ids.into_iter().flatten()) {
            channel.input_id = Some(id);
        }
        let run = RunContext::new();
        let ctx = TaskContext::new(&run);
        let compiled = CompiledPipeline::new(&pipeline, &run, 1).unwrap();
        for mut group in compiled.into_groups().groups {
            while !group.tasks[0].step(&ctx).unwrap().is_final() {}
        }
        let seen = script.input_ids();
        for (channel, id) in expected.iter().enumerate() {
            for operator in ["S", "P", "D", "I"] {
                let call = format!("{operator}{channel}#{id}");
                assert!(seen.contains(&call), "{call} in {seen:?}");
            }
            assert!(seen.contains(&format!("K#{id}")), "{seen:?}");
        }
        assert_eq!(seen.len(), 10, "{seen:?}");
    }
}

#[test]
fn statuses_and_hints_have_their_names() {
    let awaiter = Awaiter::any(vec![Resumer::new()]).unwrap();
    let status = TaskStatus::Blocked(awaiter.clone());
    let TaskStatus::Blocked(held) = &status else { unreachable!() };
    assert!(held.is_same(&awaiter));
    let names = [
        TaskStatus::Continue.name(),
        status.name(),
        TaskStatus::Yield.name(),
        TaskStatus::Finished.name(),
        TaskStatus::Cancelled.name(),
    ];
    assert_eq!(names, ["CONTINUE", "BLOCKED", "YIELD", "FINISHED", "CANCELLED"]);
    let group = TaskGroup::new("group", Vec::new());
    assert_eq!(group.hint, TaskHint::Cpu);
    assert_eq!(group.with_hint(TaskHint::Io).hint, TaskHint::Io);
}

#[test]
fn every_runnable_channel_moves_in_each_round() {
    // Channel 1 is blocked throughout; the others have ten batches each.
    let mut trace = String::from("S1->BL ");
    for source in [0, 2, 3] {
        (0..10).for_each(|i| trace += &format!("S{source}->HM{} ", source * 100 + i));
    }
    for i in 0..10 {
        [0, 2, 3].iter().for_each(|s| trace += &format!("K({})->NM ", s * 100 + i));
    }
    let script = Script::new(&trace, Resume::ByHand);
    let run = RunContext::new();
    let pipeline = script.pipeline(&["S0", "S1", "S2", "S3"]);
    let compiled = CompiledPipeline::new(&pipeline, &run, 1).unwrap();
    let ctx = TaskContext::new(&run);
    let mut task = compiled.into_groups().groups.remove(0).tasks.remove(0);
    for round in 0..10 {
        for _ in 0..3 {
            assert_eq!(task.step(&ctx).unwrap().name(), "CONTINUE");
        }
        for source in [0, 2, 3] {
            let sink = format!("K({})->NM", source * 100 + round);
            let trace = script.trace();
            assert!(trace.contains(&sink), "{sink} in {trace:?}");
        }
    }
}

#[test]
fn cancelling_is_seen_at_the_next_step() {
    let script = Script::new("S->HM1 K(1)->NM S->HM2 K(2)->NM", Resume::ByHand);
    let run = RunContext::new();
    let compiled = CompiledPipeline::new(&script.pipeline(&["S"]), &run, 1).unwrap();
    let ctx = TaskContext::new(&run);
    let mut task = compiled.into_groups().groups.remove(0).tasks.remove(0);
    assert_eq!(task.step(&ctx).unwrap().name(), "CONTINUE");
    run.cancel.cancel();
    assert_eq!(task.step(&ctx).unwrap().name(), "CANCELLED");
    assert_eq!(task.step(&ctx).unwrap().name(), "CANCELLED");
    assert_eq!(script.trace().len(), 2);
}

#[test]
fn an_operator_may_answer_cancelled() {
    for (channel, trace) in [
        ("S", "S->CA"),
        ("S P", "S->HM1 P(1)->CA"),
        ("S P", "S->FI D->CA"),
        ("S", "S->HM1 K(1)->CA"),
        ("S", "S->YI S->CA"),
    ] {
        let script = Script::new(trace, Resume::ByHand);
        let run = RunContext::new();
        let compiled = CompiledPipeline::new(&script.pipeline(&[channel]), &run, 2).unwrap();
        let ctx = TaskContext::new(&run);
        let [mut task, mut other] =
            <[_; 2]>::try_from(compiled.into_groups().groups.remove(0).tasks).ok().unwrap();
        while !task.step(&ctx).unwrap().is_final() {}
        assert_eq!(task.step(&ctx).unwrap().name(), "CANCELLED", "{trace}");
        assert_eq!(other.step(&ctx).unwrap().name(), "CANCELLED", "{trace}");
        assert!(script.is_used_up());
    }
}

/// Goes on by one nanosecond each time it is asked.
#[derive(Default)]
struct CountingClock(AtomicU64);

impl Clock for CountingClock {
    fn nanos(&self) -> u64 {
        self.0.fetch_add(1, Relaxed)
    }
}

#[test]
fn operators_are_counted_and_timed() {
    let trace = "S->HM1 P(1)->HM10 K(10)->BL K(-)->NM P(-)->NM S->FI2 P(2)->NM D->FI3 K(3)->NM";
    let script = Script::new(trace, Resume::Automatic);
    let clock = Arc::new(CountingClock::default());
    let run = RunContext { clock: Some(clock), ..RunContext::new() };
    let compiled = CompiledPipeline::new(&script.pipeline(&["S P"]), &run, 1).unwrap();
    let metrics = compiled.metrics().clone();
    assert_eq!(metrics.progress().lanes, 1);
    assert_eq!(metrics.progress().lanes_finished, 0);
    let ctx = TaskContext::new(&run);
    let mut task = compiled.into_groups().groups.remove(0).tasks.remove(0);
    while !task.step(&ctx).unwrap().is_final() {}

    let volume = |n| Volume { batches: n, rows: n, bytes: 0 };
    let figures: Vec<_> = metrics
        .operators()
        .into_iter()
        .map(|o| (o.role, o.calls, o.input, o.output, o.busy_nanos, o.blocked_nanos))
        .collect();
    use OperatorRole as Role;
    // The drain that ends at once is a call too.
    let expected = [
        (Role::Source, 2, volume(0), volume(2), 2, 0),
        (Role::Pipe, 4, volume(2), volume(2), 4, 0),
        (Role::Sink, 3, volume(2), volume(0), 3, 1),
    ];
    assert_eq!(figures, expected);
    assert_eq!(metrics.progress().read, volume(2));
    assert_eq!(metrics.progress().lanes_finished, 1);
}
