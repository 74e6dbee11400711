// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Runs T-23 … T-29 and T-34: what pipelines compile to.

use std::sync::Arc;

use tiforth_types::error::Result;

use super::script::Resume;
use super::script::Script;
use crate::Channel;
use crate::CompileContext;
use crate::CompiledPipeline;
use crate::LogicalPipeline;
use crate::OpContext;
use crate::RunContext;
use crate::Sink;
use crate::SinkLocal;
use crate::Source;
use crate::SourceLocal;
use crate::TaskGroup;

/// Compiles `channels`; the pipes named in `splitting` offer implicit sources.
fn compile(channels: &[&str], splitting: &[&str]) -> Result<CompiledPipeline> {
    let trace: Vec<String> = splitting.iter().map(|p| format!("I{}->FI", &p[1..])).collect();
    let script = Script::new(&trace.join(" "), Resume::ByHand);
    CompiledPipeline::new(&script.pipeline(channels), &RunContext::new(), 1)
}

/// Is a name, channels, splitting pipes, and the channels of each stage.
type StageCase =
    (&'static str, &'static [&'static str], &'static [&'static str], &'static [&'static str]);

#[test]
fn stages() {
    let cases: &[StageCase] = &[
        ("T-23 empty pipeline", &[], &[], &[]),
        ("T-24 single channel", &["S P"], &[], &["S P"]),
        ("T-25 two channels", &["S1 P", "S2 P"], &[], &["S1 P, S2 P"]),
        ("T-26 splitting pipe", &["S P"], &["P"], &["S P", "*I"]),
        (
            "T-27 two splitting pipes",
            &["S1 P1", "S2 P2"],
            &["P1", "P2"],
            &["S1 P1, S2 P2", "*I1, *I2"],
        ),
        (
            "T-28 triple",
            &["S1 P1 P3", "S2 P2 P3"],
            &["P1", "P2", "P3"],
            &["S1 P1 P3, S2 P2 P3", "*I1 P3, *I2 P3", "*I3"],
        ),
        (
            "T-29 odd quadruple",
            &["S1 P1 P2 P4", "S2 P2 P4", "S3 P3 P4", "S4 P4"],
            &["P1", "P2", "P3", "P4"],
            &["S1 P1 P2 P4, S2 P2 P4, S3 P3 P4, S4 P4", "*I1 P2 P4, *I3 P4", "*I2 P4", "*I4"],
        ),
        (
            "a later channel pushes a shared pipe down, and what follows it",
            &["S1 P2 P3", "S2 P1 P2 P3"],
            &["P1", "P2", "P3"],
            &["S1 P2 P3, S2 P1 P2 P3", "*I1 P2 P3", "*I2 P3", "*I3"],
        ),
    ];
    for (id, channels, splitting, expected) in cases {
        let compiled = compile(channels, splitting).unwrap();
        let stages: Vec<String> = compiled
            .stages()
            .iter()
            .map(|stage| {
                let channels = stage.channels().iter().map(|channel| {
                    let mark = if channel.is_implicit { "*" } else { "" };
                    format!("{mark}{channel:?}").replace(" -> ", " ")
                });
                channels.collect::<Vec<_>>().join(", ")
            })
            .collect();
        assert_eq!(stages, *expected, "{id}");
        let implicit: usize = compiled.stages().iter().map(|s| s.implicit_source_count()).sum();
        assert_eq!(implicit, splitting.len(), "{id}");
        assert_eq!(compiled.groups().groups.len(), expected.len(), "{id}");
    }
}

#[test]
fn shared_pipes_stay_shared() {
    let compiled = compile(&["S1 P", "S2 P"], &[]).unwrap();
    let channels = compiled.stages()[0].channels();
    assert!(Arc::ptr_eq(&channels[0].pipes[0], &channels[1].pipes[0]));
    let names: Vec<String> = compiled.metrics().operators().into_iter().map(|o| o.name).collect();
    assert_eq!(names, ["S1", "P", "S2", "K"]);
}

#[test]
fn arguments_are_checked() {
    let script = Script::new("", Resume::ByHand);
    let pipeline = script.pipeline(&["S P"]);
    let error = CompiledPipeline::new(&pipeline, &RunContext::new(), 0).unwrap_err();
    assert!(error.to_string().contains("at least one lane"), "{error}");

    for channels in [&["S1 P1 P2", "S2 P2 P1"][..], &["S1 P1 P1"]] {
        let error = compile(channels, &["P1", "P2"]).unwrap_err();
        assert!(error.to_string().contains("differ after it"), "{error}");
    }
    let error = compile(&["S1 P1 P2", "S2 P1 P3"], &["P1"]).unwrap_err();
    assert!(error.to_string().contains("the splitting pipe 'P1'"), "{error}");
}

/// Brings task groups of its own, named after it.
struct Ends(&'static str);

impl Ends {
    fn group(&self, which: &str) -> TaskGroup {
        TaskGroup::new(format!("{which} of {}", self.0), Vec::new())
    }
}

impl Source for Ends {
    fn name(&self) -> &str {
        self.0
    }

    fn local(self: Arc<Self>, _ctx: &OpContext<'_>) -> Result<Box<dyn SourceLocal>> {
        unreachable!()
    }

    fn frontend(self: Arc<Self>, _ctx: &CompileContext<'_>) -> Result<Vec<TaskGroup>> {
        Ok(vec![self.group("frontend")])
    }

    fn backend(self: Arc<Self>, _ctx: &CompileContext<'_>) -> Result<Option<TaskGroup>> {
        Ok(Some(self.group("backend")))
    }
}

impl Sink for Ends {
    fn name(&self) -> &str {
        self.0
    }

    fn local(self: Arc<Self>, _ctx: &OpContext<'_>) -> Result<Box<dyn SinkLocal>> {
        unreachable!()
    }

    fn frontend(self: Arc<Self>, _ctx: &CompileContext<'_>) -> Result<Vec<TaskGroup>> {
        Ok(vec![self.group("frontend")])
    }

    fn backend(self: Arc<Self>, _ctx: &CompileContext<'_>) -> Result<Option<TaskGroup>> {
        Ok(Some(self.group("backend")))
    }
}

#[test]
fn groups_are_in_one_order() {
    let script = Script::new("I->FI", Resume::ByHand);
    let pipe = script.pipeline(&["S P"]).channels.remove(0).pipes.remove(0);
    let shared: Arc<dyn Source> = Arc::new(Ends("scan"));
    let channels = vec![
        Channel::new(Arc::clone(&shared), vec![pipe]),
        Channel::new(shared, Vec::new()),
        Channel::new(Arc::new(Ends("values")), Vec::new()),
    ];
    let pipeline = LogicalPipeline::new("plan", channels, Arc::new(Ends("sort")));
    let compiled = CompiledPipeline::new(&pipeline, &RunContext::new(), 3).unwrap();
    let names = |groups: &[TaskGroup]| -> Vec<String> {
        groups.iter().map(|group| format!("{} x{}", group.name, group.tasks.len())).collect()
    };
    assert_eq!(
        names(&compiled.groups().backends),
        ["backend of sort x0", "backend of scan x0", "backend of values x0"]
    );
    assert_eq!(
        names(&compiled.groups().groups),
        [
            "frontend of scan x0",
            "frontend of values x0",
            "stage0(plan) x3",
            "stage1(plan) x3",
            "frontend of sort x0"
        ]
    );
}
