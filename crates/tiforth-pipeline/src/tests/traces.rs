// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Runs the traces T-01 … T-20.

use std::sync::Arc;

use super::script::Resume;
use super::script::Script;
use crate::CompiledPipeline;
use crate::RunContext;
use crate::TaskContext;
use crate::TaskStatus;

/// Runs `trace` over `channels` in one lane and compares calls and statuses.
///
/// `statuses` holds one word a step: C continue, B blocked and on how many resumers, Y yield, F
/// finished. By hand, every blocked task is stepped once more before its first resumer is resumed:
/// that must call nobody and answer with the same awaiter. With automatic resume channels may
/// overtake one another; then only one channel's calls have one order.
fn check(id: &str, channels: &[&str], trace: &str, statuses: &str) {
    let expected: Vec<&str> = trace.split_whitespace().collect();
    let script = Script::new(trace, Resume::ByHand);
    assert_eq!(run(id, &script, channels, Resume::ByHand), statuses, "{id}");
    assert_eq!(script.trace(), expected, "{id}");
    assert!(script.is_used_up(), "{id}");

    let script = Script::new(trace, Resume::Automatic);
    let automatic = run(id, &script, channels, Resume::Automatic);
    assert!(script.is_used_up(), "{id}");
    if let [_] = channels {
        assert_eq!(automatic, statuses, "{id}");
        assert_eq!(script.trace(), expected, "{id}");
    }
}

fn run(id: &str, script: &Arc<Script>, channels: &[&str], resume: Resume) -> String {
    let run = RunContext::new();
    let compiled = CompiledPipeline::new(&script.pipeline(channels), &run, 1).unwrap();
    let ctx = TaskContext::new(&run);
    let mut words = Vec::new();
    for group in compiled.into_groups().groups {
        let [mut task] = <[_; 1]>::try_from(group.tasks).ok().unwrap();
        loop {
            let status = task.step(&ctx).unwrap();
            words.push(match &status {
                TaskStatus::Blocked(awaiter) => format!("B{}", awaiter.resumers().len()),
                other => other.name()[..1].to_owned(),
            });
            match status {
                TaskStatus::Finished => break,
                TaskStatus::Blocked(awaiter) if resume == Resume::ByHand => {
                    let calls = script.trace().len();
                    let again = task.step(&ctx).unwrap();
                    let TaskStatus::Blocked(again) = again else { panic!("{id}: {again:?}") };
                    assert!(awaiter.is_same(&again), "{id}");
                    assert_eq!(script.trace().len(), calls, "{id}");
                    awaiter.resumers()[0].resume();
                    assert!(awaiter.is_ready(), "{id}");
                }
                _ => {}
            }
            assert!(words.len() < 100, "{id} does not end: {words:?}");
        }
    }
    words.join(" ")
}

#[test]
fn one_channel() {
    let cases: &[(&str, &str, &str, &str)] = &[
        ("T-01 empty source", "S", "S->FI", "F"),
        ("T-02 source not ready", "S", "S->BL S->FI", "B1 F"),
        ("T-04 one pass", "S", "S->HM1 K(1)->NM S->FI", "C F"),
        ("T-05 direct finish", "S", "S->FI1 K(1)->NM", "C F"),
        ("T-06 with pipe", "S P", "S->HM1 P(1)->EV10 K(10)->NM S->FI", "C F"),
        ("T-07 pipe needs more", "S P", "S->HM1 P(1)->NM S->FI2 P(2)->EV2 K(2)->NM", "C C F"),
        (
            "T-08 pipe has more",
            "S P",
            "S->HM1 P(1)->HM10 K(10)->NM P(-)->EV11 K(11)->NM S->FI",
            "C C F",
        ),
        ("T-09 yield handshake", "S P", "S->HM1 P(1)->YI P(-)->YB P(-)->NM S->FI", "Y C C F"),
        ("T-10 async spill", "S P", "S->HM1 P(1)->BL P(-)->NM S->FI", "B1 C F"),
        ("T-11 pipe blocked", "S P", "S->HM1 P(1)->BL P(-)->EV10 K(10)->NM S->FI", "B1 C F"),
        ("T-12 sink back-pressure", "S", "S->HM1 K(1)->BL K(-)->BL K(-)->NM S->FI", "B1 B1 C F"),
        (
            "T-13 back-pressure with pipe",
            "S P",
            "S->HM1 P(1)->EV10 K(10)->BL K(-)->BL K(-)->NM S->FI2 P(2)->EV20 K(20)->NM",
            "B1 B1 C C F",
        ),
        ("T-14 drain tail", "S P", "S->FI D->HM1 K(1)->NM D->FI2 K(2)->NM", "C C F"),
        (
            "T-15 drain full",
            "S P",
            "S->HM1 P(1)->EV10 K(10)->NM S->FI2 P(2)->EV20 K(20)->NM D->HM30 K(30)->NM \
             D->YI D->YB D->HM31 K(31)->NM D->BL D->FI32 K(32)->NM",
            "C C C Y C C B1 C F",
        ),
        ("T-16 implicit source", "S P", "S->FI1 P(1)->EV10 K(10)->NM I->FI2 K(2)->NM", "C F C F"),
        (
            "T-17 two pipes",
            "S P1 P2",
            "S->HM1 P1(1)->EV10 P2(10)->YI P2(-)->YB P2(-)->HM100 K(100)->NM P2(-)->NM S->HM2 \
             P1(2)->HM11 P2(11)->EV200 K(200)->BL K(-)->NM P1(-)->NM S->FI3 P1(3)->EV13 \
             P2(13)->EV300 K(300)->NM",
            "Y C C C B1 C C C F",
        ),
        (
            "T-18 two drains",
            "S P1 P2",
            "S->FI D1->HM1 P2(1)->YI P2(-)->YB P2(-)->EV10 K(10)->NM D1->FI D2->BL D2->FI2 \
             K(2)->NM",
            "Y C C B1 C F",
        ),
        (
            "a pipe that finishes ends its input, not what lies below it",
            "S P1 P2",
            "S->HM1 P1(1)->HM2 P2(2)->FI3 K(3)->NM",
            "C F",
        ),
        (
            "below a pipe that finishes, pipes are drained",
            "S P1 P2",
            "S->HM1 P1(1)->FI2 P2(2)->HM3 K(3)->NM P2(-)->NM D2->FI4 K(4)->NM",
            "C C C F",
        ),
        ("a sink that finishes ends the channel", "S P", "S->HM1 P(1)->HM2 K(2)->FI", "C F"),
        (
            "sources and sinks yield",
            "S",
            "S->YI S->YB S->FI1 K(1)->YI K(-)->YB K(-)->NM",
            "Y C Y C C F",
        ),
    ];
    for (id, channel, trace, statuses) in cases {
        check(id, &[channel], trace, statuses);
    }
}

#[test]
fn two_channels() {
    let cases: &[(&str, [&str; 2], &str, &str)] = &[
        ("T-03 one not ready", ["S1", "S2"], "S1->BL S2->FI S1->FI", "C B1 F"),
        (
            "T-19 two channels",
            ["S1 P1", "S2 P2"],
            "S1->BL S2->BL S1->HM1 P1(1)->EV10 K(10)->NM S1->FI S2->HM2 P2(2)->HM20 K(20)->NM \
             P2(-)->EV21 K(21)->NM S2->FI",
            "B2 C C B1 C C F",
        ),
        ("T-20 all blocked", ["S1", "S2"], "S1->BL S2->BL S1->FI S2->FI", "B2 C B1 F"),
        (
            "channels take turns",
            ["S1", "S2"],
            "S1->HM1 K(1)->NM S2->HM2 K(2)->NM S1->HM3 K(3)->NM S2->HM4 K(4)->NM S1->FI S2->FI",
            "C C C C C F",
        ),
        (
            "a channel that yielded is stepped next",
            ["S1", "S2"],
            "S1->YI S1->YB S2->FI S1->FI",
            "Y C C F",
        ),
        (
            "a blocked sink holds up the other channels",
            ["S1", "S2"],
            "S1->HM1 K(1)->BL K(-)->NM S2->FI S1->FI",
            "B1 C C F",
        ),
    ];
    for (id, channels, trace, statuses) in cases {
        check(id, channels, trace, statuses);
    }
}
