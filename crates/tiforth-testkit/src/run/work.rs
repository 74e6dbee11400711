// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Hands files and chunks of their cases to workers.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use crate::vectors::VectorFile;

/// Is the number of cases in a chunk.
const CHUNK: usize = 128;

/// Holds the work that is left.
pub(super) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    files: VecDeque<String>,
    chunks: VecDeque<(Arc<VectorFile>, Range<usize>)>,
    parsing: usize,
}

enum Job {
    Parse(String),
    Chunk(Arc<VectorFile>, Range<usize>),
}

impl Queue {
    /// Builds a queue of files.
    pub(super) fn new(files: Vec<String>) -> Self {
        let state = State { files: files.into(), chunks: VecDeque::new(), parsing: 0 };
        Queue { state: Mutex::new(state), changed: Condvar::new() }
    }

    /// Works until nothing is left.
    pub(super) fn work(
        &self,
        parse: impl Fn(&str) -> Option<VectorFile>,
        mut run: impl FnMut(&VectorFile, Range<usize>),
    ) {
        while let Some(job) = self.next() {
            match job {
                Job::Parse(name) => {
                    let parsed = parse(&name);
                    self.parsed(parsed);
                }
                Job::Chunk(file, range) => run(&file, range),
            }
        }
    }

    fn next(&self) -> Option<Job> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some((file, range)) = state.chunks.pop_front() {
                return Some(Job::Chunk(file, range));
            }
            if let Some(name) = state.files.pop_front() {
                state.parsing += 1;
                return Some(Job::Parse(name));
            }
            if state.parsing == 0 {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn parsed(&self, file: Option<VectorFile>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.parsing -= 1;
        if let Some(file) = file.map(Arc::new) {
            for start in (0..file.cases.len()).step_by(CHUNK) {
                let range = start..(start + CHUNK).min(file.cases.len());
                state.chunks.push_back((Arc::clone(&file), range));
            }
        }
        self.changed.notify_all();
    }
}
