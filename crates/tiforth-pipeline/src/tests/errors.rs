// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Runs T-21 and T-22: an error ends the task, wherever it comes from.

use super::script::Resume;
use super::script::Script;
use crate::CompiledPipeline;
use crate::RunContext;
use crate::TaskContext;
use crate::TaskStatus;

/// Runs `trace`, whose last call fails, and expects the error, then cancelled, in every lane.
fn check(id: &str, channel: &str, trace: &str, resume: Resume) {
    let script = Script::new(trace, resume);
    let run = RunContext::new();
    let compiled = CompiledPipeline::new(&script.pipeline(&[channel]), &run, 2).unwrap();
    let ctx = TaskContext::new(&run);
    let group = compiled.into_groups().groups.remove(0);
    let [mut task, mut other] = <[_; 2]>::try_from(group.tasks).ok().unwrap();
    let error = loop {
        match task.step(&ctx) {
            Ok(TaskStatus::Blocked(awaiter)) if resume == Resume::ByHand => {
                awaiter.resumers()[0].resume();
            }
            Ok(status) => assert!(!status.is_final(), "{id}"),
            Err(error) => break error,
        }
    };
    assert!(error.to_string().ends_with(": 42"), "{id}: {error}");
    let expected: Vec<&str> = trace.split_whitespace().collect();
    assert_eq!(script.trace(), expected, "{id}");
    for task in [&mut task, &mut other] {
        assert_eq!(task.step(&ctx).unwrap().name(), "CANCELLED", "{id}");
    }
    assert!(!run.cancel.is_cancelled(), "{id}: the host's token is the host's");
}

#[test]
fn errors_end_the_group() {
    let cases = [
        ("source at once", "S", "S->ER"),
        ("source after blocked", "S", "S->BL S->ER"),
        ("source after one batch", "S", "S->HM1 K(1)->NM S->ER"),
        ("pipe at first batch", "S P", "S->HM1 P(1)->ER"),
        ("pipe after even", "S P", "S->HM1 P(1)->EV10 K(10)->NM S->HM2 P(2)->ER"),
        ("pipe after needs-more", "S P", "S->HM1 P(1)->NM S->HM2 P(2)->ER"),
        ("pipe after has-more", "S P", "S->HM1 P(1)->HM10 K(10)->NM P(-)->ER"),
        ("pipe after yield-back", "S P", "S->HM1 P(1)->YI P(-)->YB P(-)->ER"),
        ("pipe while yielding", "S P", "S->HM1 P(1)->YI P(-)->ER"),
        ("pipe after blocked", "S P", "S->HM1 P(1)->BL P(-)->ER"),
        ("drain at once", "S P", "S->FI D->ER"),
        ("drain after has-more", "S P", "S->FI D->HM1 K(1)->NM D->ER"),
        ("drain after yield-back", "S P", "S->FI D->YI D->YB D->ER"),
        ("drain after blocked", "S P", "S->FI D->BL D->ER"),
        ("sink at first batch", "S", "S->HM1 K(1)->ER"),
        ("sink after needs-more", "S", "S->HM1 K(1)->NM S->HM2 K(2)->ER"),
        ("sink after blocked", "S", "S->HM1 K(1)->BL K(-)->ER"),
    ];
    for (id, channel, trace) in cases {
        check(id, channel, trace, Resume::ByHand);
        check(id, channel, trace, Resume::Automatic);
    }
}
