// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Holds the input of one workload in memory and runs its plan on request: TiForth's side of the
//! benchmark. It speaks the same lines as `peer.py`.
//!
//! ```text
//! run          -> ok <milliseconds> <rows>
//! save <path>  -> ok            writes the last result as an Arrow IPC file
//! profile      -> ok …          what each operator of the last run did
//! ```
//!
//! A run is timed from compiling the plan to holding the last record batch of its result.

mod arguments;
mod workload;

use std::fs::File;
use std::io::{BufRead, Write};

use arguments::Arguments;
use workload::Workload;

type AnyError = Box<dyn std::error::Error>;

// The peers bring allocators that keep freed memory too.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let mut workload =
        match Arguments::read(std::env::args().skip(1)).and_then(|a| Workload::new(&a)) {
            Ok(workload) => workload,
            Err(e) => return say(&format!("error {e}")),
        };
    // One run warms up.
    match workload.run() {
        Ok(_) => say(&format!("ready tiforth {}", env!("CARGO_PKG_VERSION"))),
        Err(e) => return say(&format!("error {e}")),
    }
    for line in std::io::stdin().lock().lines() {
        let answer = line.map_err(AnyError::from).and_then(|l| answer(&mut workload, &l));
        say(&answer.unwrap_or_else(|e| format!("error {e}")));
    }
}

fn answer(workload: &mut Workload, request: &str) -> Result<String, AnyError> {
    match request.split_once(' ').unwrap_or((request, "")) {
        ("run", _) => {
            let ms = workload.run()?;
            Ok(format!("ok {ms} {}", workload.result_rows()))
        }
        ("save", path) => {
            workload.save(File::create(path)?)?;
            Ok("ok".to_owned())
        }
        ("profile", _) => Ok(format!("ok {}", workload.profile())),
        (other, _) => Err(format!("unknown request {other}").into()),
    }
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    // Nobody is left to tell when this fails.
    let _ = writeln!(out, "{}", line.replace('\n', " ")).and_then(|()| out.flush());
}
