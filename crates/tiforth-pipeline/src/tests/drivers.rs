// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Runs T-32 over every driver, and what drivers promise beyond it.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;
use std::thread;

use tiforth_types::error::Result;
use tiforth_types::error::SqlError;

use crate::Awaiter;
use crate::Driver;
use crate::GroupTask;
use crate::Outcome;
use crate::Resumer;
use crate::RunContext;
use crate::SeededDriver;
use crate::TaskContext;
use crate::TaskGroup;
use crate::TaskGroups;
use crate::TaskHint;
use crate::TaskStatus;
use crate::ThreadPool;
use crate::signal::lock;

/// Calls `test` with each driver we ship, in several set-ups.
fn with_drivers(test: impl Fn(&dyn Driver)) {
    (0..8).for_each(|seed| test(&SeededDriver::new(seed)));
    for threads in [1, 2, 4] {
        test(&ThreadPool::new(threads).unwrap());
    }
}

fn task(
    body: impl FnMut(&TaskContext) -> Result<TaskStatus> + Send + 'static,
) -> Box<dyn GroupTask> {
    Box::new(body)
}

fn tasks(
    count: usize,
    body: impl Fn(&TaskContext) -> Result<TaskStatus> + Send + Sync + 'static,
) -> Vec<Box<dyn GroupTask>> {
    let body = Arc::new(body);
    (0..count)
        .map(|_| {
            let body = Arc::clone(&body);
            task(move |ctx| body(ctx))
        })
        .collect()
}

fn plan(groups: Vec<TaskGroup>) -> Vec<TaskGroups> {
    vec![groups.into()]
}

fn run(driver: &dyn Driver, group: TaskGroup) -> Result<Outcome> {
    driver.run(plan(vec![group]), &RunContext::new())
}

fn boom(text: &str) -> Result<TaskStatus> {
    Err(SqlError::other(text).into())
}

#[test]
fn empty_tasks_finish() {
    with_drivers(|driver| {
        let empty = || tasks(4, |_| Ok(TaskStatus::Finished));
        assert_eq!(run(driver, TaskGroup::new("empty", empty())), Ok(Outcome::Finished));
        let group = TaskGroup::new("empty", empty())
            .with_continuation(|_: &TaskContext| Ok(TaskStatus::Finished));
        assert_eq!(run(driver, group), Ok(Outcome::Finished));
        assert_eq!(driver.run(Vec::new(), &RunContext::new()), Ok(Outcome::Finished));
        assert_eq!(run(driver, TaskGroup::new("none", Vec::new())), Ok(Outcome::Finished));
    });
}

#[test]
fn the_continuation_runs_once_after_all_tasks() {
    with_drivers(|driver| {
        for count in [0, 32] {
            let counter = Arc::new(AtomicUsize::new(0));
            let seen = Arc::new(AtomicUsize::new(usize::MAX));
            let (adding, reading, noting) =
                (Arc::clone(&counter), Arc::clone(&counter), Arc::clone(&seen));
            let body = move |ctx: &TaskContext| {
                assert!(ctx.task_id < 32);
                adding.fetch_add(1, SeqCst);
                Ok(TaskStatus::Finished)
            };
            let group = TaskGroup::new("count", tasks(count, body)).with_continuation(
                move |_: &TaskContext| {
                    noting.store(reading.fetch_add(1, SeqCst), SeqCst);
                    Ok(TaskStatus::Finished)
                },
            );
            assert_eq!(run(driver, group), Ok(Outcome::Finished));
            assert_eq!(seen.load(SeqCst), count);
            assert_eq!(counter.load(SeqCst), count + 1);
        }
    });
}

#[test]
fn an_endless_task_is_ended_from_outside() {
    with_drivers(|driver| {
        let flag = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&flag);
        let group = TaskGroup::new(
            "endless",
            tasks(2, move |_| {
                let is_over = seen.load(SeqCst);
                Ok(if is_over { TaskStatus::Finished } else { TaskStatus::Continue })
            }),
        );
        thread::scope(|scope| {
            scope.spawn(|| flag.store(true, SeqCst));
            assert_eq!(run(driver, group), Ok(Outcome::Finished));
        });
        // Another that nothing but the token ends.
        let context = RunContext::new();
        let group = TaskGroup::new("endless", tasks(3, |_| Ok(TaskStatus::Continue)));
        thread::scope(|scope| {
            scope.spawn(|| context.cancel.cancel());
            let outcome = driver.run(plan(vec![group]), &context);
            assert_eq!(outcome, Ok(Outcome::Cancelled));
        });
    });
}

#[test]
fn a_task_yields_a_few_times() {
    with_drivers(|driver| {
        let mut left = 5;
        let yielding = task(move |_| {
            left -= 1;
            Ok(if left > 0 { TaskStatus::Yield } else { TaskStatus::Finished })
        });
        let group = TaskGroup::new("yields", vec![yielding]).with_hint(TaskHint::Io);
        assert_eq!(run(driver, group), Ok(Outcome::Finished));
    });
}

type Resumers = Arc<Mutex<Vec<Resumer>>>;

/// Makes `count` tasks that block once each, and the list their resumers go to.
fn blocking_tasks(count: usize) -> (Vec<Box<dyn GroupTask>>, Resumers) {
    let resumers = Resumers::default();
    let blocking = (0..count).map(|_| {
        let resumers = Arc::clone(&resumers);
        let mut own: Option<Resumer> = None;
        task(move |_| match &own {
            Some(resumer) => {
                assert!(resumer.is_resumed());
                Ok(TaskStatus::Finished)
            }
            None => {
                let resumer = Resumer::new();
                own = Some(resumer.clone());
                lock(&resumers).push(resumer.clone());
                Ok(TaskStatus::Blocked(Awaiter::any(vec![resumer])?))
            }
        })
    });
    (blocking.collect(), resumers)
}

#[test]
fn one_task_resumes_all_others() {
    with_drivers(|driver| {
        let (mut all, resumers) = blocking_tasks(32);
        all.push(task(move |_| {
            let resumers = lock(&resumers);
            if resumers.len() < 32 {
                return Ok(TaskStatus::Continue);
            }
            resumers.iter().for_each(Resumer::resume);
            Ok(TaskStatus::Finished)
        }));
        assert_eq!(run(driver, TaskGroup::new("blocked", all)), Ok(Outcome::Finished));
    });
}

#[test]
fn a_backend_resumes_the_group_beside_it() {
    with_drivers(|driver| {
        let (all, resumers) = blocking_tasks(8);
        let backend = task(move |_| {
            let resumers = lock(&resumers);
            resumers.iter().for_each(Resumer::resume);
            Ok(if resumers.len() < 8 { TaskStatus::Continue } else { TaskStatus::Finished })
        });
        let pipeline = TaskGroups {
            backends: vec![TaskGroup::new("backend", vec![backend])],
            groups: vec![TaskGroup::new("blocked", all)],
        };
        assert_eq!(driver.run(vec![pipeline], &RunContext::new()), Ok(Outcome::Finished));
    });
}

#[test]
fn a_thread_outside_resumes() {
    with_drivers(|driver| {
        let (all, resumers) = blocking_tasks(4);
        let group = TaskGroup::new("blocked", all);
        thread::scope(|scope| {
            let runs = scope.spawn(|| run(driver, group));
            while !runs.is_finished() {
                lock(&resumers).iter().for_each(Resumer::resume);
                thread::yield_now();
            }
            assert_eq!(runs.join().unwrap(), Ok(Outcome::Finished));
        });
    });
}

#[test]
fn an_error_ends_what_is_blocked() {
    with_drivers(|driver| {
        let (mut all, resumers) = blocking_tasks(8);
        let held = Arc::clone(&resumers);
        all.push(task(move |_| {
            let is_early = lock(&held).len() < 8;
            if is_early { Ok(TaskStatus::Continue) } else { boom("ResumerTaskError") }
        }));
        let context = RunContext::new();
        let group = TaskGroup::new("blocked", all)
            .with_continuation(|_: &TaskContext| -> Result<TaskStatus> { unreachable!() });
        let after = TaskGroup::barrier("after", |_| unreachable!());
        let error = driver.run(plan(vec![group, after]), &context).unwrap_err();
        assert!(error.to_string().ends_with("ResumerTaskError"), "{error}");
        assert!(!context.cancel.is_cancelled());
        // An unblock that comes late finds nobody and harms nobody.
        lock(&resumers).iter().for_each(Resumer::resume);
    });
}

#[test]
fn results_have_one_precedence() {
    // What two tasks, the continuation and a backend come to; e error, c cancelled, f finished.
    let cases = [
        ("ff", "f", "f", "finished"),
        ("ec", "f", "f", "42"),
        ("ce", "f", "f", "42"),
        ("fc", "e", "f", "cancelled"),
        ("ff", "e", "f", "42"),
        ("ff", "c", "f", "cancelled"),
        ("ff", "f", "c", "cancelled"),
        ("ff", "f", "e", "42"),
    ];
    let part = |what: char| {
        task(move |_| match what {
            'e' => boom("42"),
            'c' => Ok(TaskStatus::Cancelled),
            _ => Ok(TaskStatus::Finished),
        })
    };
    for (both, continuation, backend, expected) in cases {
        // The order in which tasks end decides between the first two; one lane keeps it.
        let group = TaskGroup {
            continuation: continuation.chars().map(part).next(),
            ..TaskGroup::new("parts", both.chars().map(part).collect())
        };
        let backend = TaskGroup::new("backend", backend.chars().map(part).collect());
        let pipeline = TaskGroups { backends: vec![backend], groups: vec![group] };
        let driver = ThreadPool::new(1).unwrap();
        let text = match driver.run(vec![pipeline], &RunContext::new()) {
            Ok(Outcome::Finished) => "finished".to_owned(),
            Ok(Outcome::Cancelled) => "cancelled".to_owned(),
            Err(error) => error.to_string(),
        };
        let is_expected = text.ends_with(expected);
        // A lane that cancels first ends the other before its error.
        assert!(is_expected || (both == "ce" && text == "cancelled"), "{both}: {text}");
    }
    // An error that comes while others are being cancelled wins over them.
    with_drivers(|driver| {
        let group =
            TaskGroup::new("all fail", (0..4).map(|_| task(|_| boom("42"))).collect::<Vec<_>>());
        assert!(run(driver, group).unwrap_err().to_string().ends_with("42"));
    });
}

#[test]
fn groups_run_in_order() {
    with_drivers(|driver| {
        let order = Arc::new(Mutex::new(Vec::new()));
        let note = |name: &'static str| {
            let order = Arc::clone(&order);
            TaskGroup::barrier(name, move |_| {
                lock(&order).push(name);
                Ok(())
            })
        };
        let pipelines = vec![
            TaskGroups { backends: vec![note("b")], groups: vec![note("1"), note("2")] },
            TaskGroups { backends: vec![note("b")], groups: Vec::new() },
            vec![note("3"), note("4")].into(),
        ];
        assert_eq!(driver.run(pipelines, &RunContext::new()), Ok(Outcome::Finished));
        let order = lock(&order);
        let numbers: Vec<_> = order.iter().filter(|name| **name != "b").collect();
        assert_eq!(numbers, [&"1", &"2", &"3", &"4"]);
        // The second pipeline's backend is joined before the third starts.
        assert_eq!(order.iter().rposition(|name| *name == "b"), order.len().checked_sub(3));
    });
}

#[test]
fn a_panic_is_an_internal_error() {
    with_drivers(|driver| {
        let group = TaskGroup::new("panics", vec![task(|_| panic!("at the {}", "disco"))]);
        let error = run(driver, group).unwrap_err();
        assert_eq!(error.to_string(), "internal error of TiForth: a task panicked: at the disco");
        // The driver is as good as before.
        let group = TaskGroup::new("empty", tasks(2, |_| Ok(TaskStatus::Finished)));
        assert_eq!(run(driver, group), Ok(Outcome::Finished));
    });
}

#[test]
fn a_pool_runs_plans_side_by_side() {
    let pool = ThreadPool::new(2).unwrap();
    // Each run waits for the one after it: they only end if all of them run.
    let signals: Vec<Resumer> = (0..9).map(|_| Resumer::new()).collect();
    signals[8].resume();
    let handles: Vec<_> = signals
        .windows(2)
        .map(|pair| {
            let (own, next) = (pair[0].clone(), pair[1].clone());
            let chained = task(move |_| {
                if !next.is_resumed() {
                    return Ok(TaskStatus::Blocked(Awaiter::any(vec![next.clone()])?));
                }
                own.resume();
                Ok(TaskStatus::Finished)
            });
            pool.start(plan(vec![TaskGroup::new("chained", vec![chained])]), &RunContext::new())
        })
        .collect();
    for handle in handles {
        assert_eq!(handle.wait(), Ok(Outcome::Finished));
    }
    // Runs that end on their own are not disturbed by one that fails or is cancelled.
    let endless = || plan(vec![TaskGroup::new("endless", tasks(3, |_| Ok(TaskStatus::Continue)))]);
    let first = pool.start(endless(), &RunContext::new());
    let second = pool.start(endless(), &RunContext::new());
    assert!(run(&pool, TaskGroup::new("fails", vec![task(|_| boom("42"))])).is_err());
    first.cancel();
    assert_eq!(first.wait(), Ok(Outcome::Cancelled));
    assert!(!second.is_ended());
    // Dropping the pool ends what still runs, blocked tasks too.
    let (blocked, _resumers) = blocking_tasks(2);
    let third = pool.start(plan(vec![TaskGroup::new("blocked", blocked)]), &RunContext::new());
    drop(pool);
    assert_eq!(second.wait(), Ok(Outcome::Cancelled));
    assert_eq!(third.wait(), Ok(Outcome::Cancelled));
}

#[test]
fn a_pool_needs_threads() {
    assert!(ThreadPool::new(0).unwrap_err().to_string().contains("at least one thread"));
}
