// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Runs T-33: resumers and awaiters.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;
use std::task::Context;
use std::task::Poll;
use std::task::Waker;
use std::thread;

use crate::Awaiter;
use crate::CancelToken;
use crate::Resumer;

fn resumers(count: usize) -> Vec<Resumer> {
    (0..count).map(|_| Resumer::new()).collect()
}

#[test]
fn a_resumer_fires_each_callback_once() {
    // r: resume, c: add a callback; behind it, how many have fired in the end.
    for (script, expected) in [("c", 0), ("cr", 1), ("rc", 1), ("ccr", 2), ("crc", 2), ("crrcr", 2)]
    {
        let fired = Arc::new(AtomicUsize::new(0));
        let resumer = Resumer::new();
        for action in script.chars() {
            if action == 'r' {
                resumer.resume();
            } else {
                let fired = Arc::clone(&fired);
                resumer.on_resume(move || {
                    fired.fetch_add(1, SeqCst);
                });
            }
        }
        assert_eq!(fired.load(SeqCst), expected, "{script}");
        assert_eq!(resumer.is_resumed(), script.contains('r'), "{script}");
    }
}

#[test]
fn a_callback_may_come_back_to_its_resumer() {
    let fired = Arc::new(AtomicUsize::new(0));
    let resumer = Resumer::new();
    let (again, count) = (resumer.clone(), Arc::clone(&fired));
    resumer.on_resume(move || {
        again.resume();
        again.on_resume(move || {
            count.fetch_add(1, SeqCst);
        });
    });
    resumer.resume();
    assert_eq!(fired.load(SeqCst), 1);
}

#[test]
fn callbacks_and_resumes_race_without_loss() {
    for _ in 0..500 {
        let fired = Arc::new(AtomicUsize::new(0));
        let resumer = Resumer::new();
        thread::scope(|scope| {
            let other = resumer.clone();
            scope.spawn(move || other.resume());
            for _ in 0..4 {
                let fired = Arc::clone(&fired);
                resumer.on_resume(move || {
                    fired.fetch_add(1, SeqCst);
                });
            }
        });
        assert_eq!(fired.load(SeqCst), 4);
    }
}

#[test]
fn awaiters_wake_however_wait_and_resume_fall() {
    // Number of resumers, how many must be resumed, which are.
    for (count, needed, resumed) in
        [(1, 1, &[0][..]), (3, 1, &[2]), (3, 1, &[0, 1]), (3, 2, &[1, 2]), (3, 3, &[2, 0, 1])]
    {
        // Resume first.
        let all = resumers(count);
        let awaiter = Awaiter::new(all.clone(), needed).unwrap();
        assert!(!awaiter.is_ready());
        resumed.iter().for_each(|i| all[*i].resume());
        awaiter.wait();
        // Waiting again on the same set returns at once.
        awaiter.wait();
        Awaiter::new(all, needed).unwrap().wait();

        // Wait first, or as near to it as it comes.
        for _ in 0..100 {
            let all = resumers(count);
            let awaiter = Awaiter::new(all.clone(), needed).unwrap();
            thread::scope(|scope| {
                let waiting = scope.spawn(|| awaiter.wait());
                resumed.iter().for_each(|i| all[*i].resume());
                waiting.join().unwrap();
            });
            assert!(awaiter.is_ready());
        }
    }
}

#[test]
fn on_ready_calls_back_once() {
    for is_resumed_first in [true, false] {
        let all = resumers(2);
        let awaiter = Awaiter::any(all.clone()).unwrap();
        let fired = Arc::new(AtomicUsize::new(0));
        if is_resumed_first {
            all[1].resume();
        }
        let count = Arc::clone(&fired);
        awaiter.on_ready(move || {
            count.fetch_add(1, SeqCst);
        });
        assert_eq!(fired.load(SeqCst), usize::from(is_resumed_first));
        all.iter().for_each(Resumer::resume);
        assert_eq!(fired.load(SeqCst), 1);
    }
}

#[test]
fn awaiters_are_futures_and_resumers_wakers() {
    let resumer = Resumer::new();
    let awaiter = Awaiter::any(vec![resumer.clone()]).unwrap();
    let outer = Resumer::new();
    let waker = outer.waker();
    let mut ctx = Context::from_waker(&waker);
    let mut future = pin!(awaiter);
    assert_eq!(future.as_mut().poll(&mut ctx), Poll::Pending);
    assert_eq!(future.as_mut().poll(&mut ctx), Poll::Pending);
    assert!(!outer.is_resumed());
    Waker::from(resumer).wake();
    assert!(outer.is_resumed());
    assert_eq!(future.as_mut().poll(&mut ctx), Poll::Ready(()));

    let inner = Resumer::new();
    let outer = Resumer::from(inner.waker());
    outer.resume();
    assert!(inner.is_resumed());
}

#[test]
fn neither_keeps_the_other_alive() {
    let resumer = Resumer::new();
    let held = Arc::new(());
    for _ in 0..100 {
        let awaiter = Awaiter::any(vec![resumer.clone()]).unwrap();
        let witness = Arc::clone(&held);
        awaiter.on_ready(move || drop(witness));
    }
    // Awaiters dropped early take their callbacks along, and do not pile up in the resumer.
    assert_eq!(Arc::strong_count(&held), 1);
    assert!(resumer.listener_count() < 10, "{}", resumer.listener_count());
    resumer.resume();

    // A resumer dropped early leaves an awaiter that others can still end.
    let mut all = resumers(2);
    let awaiter = Awaiter::any(all.clone()).unwrap();
    drop(all.remove(0));
    all[0].resume();
    awaiter.wait();
}

#[test]
fn what_could_never_end_is_refused() {
    for (count, needed) in [(0, 0), (0, 1), (2, 0), (2, 3)] {
        let error = Awaiter::new(resumers(count), needed).unwrap_err();
        assert!(error.to_string().contains("awaiter"), "{error}");
    }
    assert!(Awaiter::any(Vec::new()).is_err());
    assert!(Awaiter::all(Vec::new()).is_err());
}

#[test]
fn cancelling_ends_a_wait() {
    let token = CancelToken::new();
    let child = token.child();
    let awaiter = Awaiter::any(resumers(1)).unwrap();
    thread::scope(|scope| {
        let waiting = scope.spawn(|| awaiter.wait_or_cancelled(&child));
        token.cancel();
        waiting.join().unwrap();
    });
    assert!(!awaiter.is_ready());
}

#[test]
fn cancelling_goes_down_not_up() {
    let parent = CancelToken::new();
    let (left, right) = (parent.child(), parent.child());
    left.cancel();
    assert!(left.is_cancelled() && !right.is_cancelled() && !parent.is_cancelled());
    parent.cancel();
    assert!(right.is_cancelled() && right.child().is_cancelled());
}
