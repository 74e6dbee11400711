// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Watches one case at a time: how long it takes, how much memory it touches.

use std::fs;
use std::process::exit;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use crate::caught::caught;

/// Says how much a case may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The seconds; a case that does not end within three times as many ends the process.
    pub seconds: u64,
    /// The bytes its memory may grow by, where the system tells.
    pub memory_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { seconds: 10, memory_bytes: 512 << 20 }
    }
}

/// Watches the cases of one thread.
#[derive(Debug)]
pub struct Watch {
    limits: Limits,
    running: Arc<Mutex<Option<(Instant, String)>>>,
}

impl Watch {
    /// Starts a thread that ends the process when a case hangs.
    pub fn new(limits: Limits) -> Watch {
        let running = Arc::new(Mutex::new(None));
        let watched = Arc::downgrade(&running);
        thread::spawn(move || end_hanging(&watched, limits));
        Watch { limits, running }
    }

    /// Runs one case, which `told` describes.
    ///
    /// # Errors
    /// What the case found, its panic, or the limit it passed.
    pub fn case<T>(
        &self,
        told: &str,
        run: impl FnOnce() -> Result<T, String>,
    ) -> Result<T, String> {
        forget_peak();
        let before = peak_bytes();
        let started = Instant::now();
        self.set(Some((started, told.to_owned())));
        let found = caught(run);
        self.set(None);
        let grown = peak_bytes().zip(before).map_or(0, |(now, before)| now.saturating_sub(before));
        match found {
            Err(panic) => Err(format!("a panic: {panic}")),
            Ok(Err(finding)) => Err(finding),
            Ok(Ok(_)) if started.elapsed().as_secs() >= self.limits.seconds => {
                Err(format!("{:.1} seconds", started.elapsed().as_secs_f64()))
            }
            Ok(Ok(_)) if grown > self.limits.memory_bytes => {
                Err(format!("{grown} bytes of memory"))
            }
            Ok(Ok(value)) => Ok(value),
        }
    }

    fn set(&self, running: Option<(Instant, String)>) {
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) = running;
    }
}

fn end_hanging(watched: &Weak<Mutex<Option<(Instant, String)>>>, limits: Limits) {
    let longest = Duration::from_secs(limits.seconds * 3);
    while let Some(running) = watched.upgrade() {
        let held = running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(text) = hanging(held.as_ref(), longest) {
            eprintln!("{text}");
            exit(101);
        }
        drop(held);
        drop(running);
        thread::sleep(Duration::from_millis(500));
    }
}

/// Tells of a case that runs for longer than `longest`.
fn hanging(running: Option<&(Instant, String)>, longest: Duration) -> Option<String> {
    let (started, told) = running?;
    let seconds = started.elapsed().as_secs();
    (started.elapsed() > longest)
        .then(|| format!("a case hangs, {seconds} seconds by now:\n{told}"))
}

/// Returns the memory the process holds, where the system tells.
pub(super) fn resident_bytes() -> Option<u64> {
    status_bytes("VmRSS:")
}

/// Returns the most memory the process held since the peak was forgotten, on Linux.
fn peak_bytes() -> Option<u64> {
    status_bytes("VmHWM:")
}

fn status_bytes(name: &str) -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib << 10)
}

/// Lets the system count the peak from now on; where it cannot, peaks only grow.
fn forget_peak() {
    let _ = fs::write("/proc/self/clear_refs", "5");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(limits: Limits, run: impl FnOnce() -> Result<u64, String>) -> Result<u64, String> {
        Watch { limits, running: Arc::default() }.case("told", run)
    }

    #[test]
    fn what_passes_a_limit_is_found() {
        let limits = Limits::default();
        assert_eq!(case(limits, || Ok(3)), Ok(3));
        assert_eq!(case(limits, || Err("wrong".to_owned())), Err("wrong".to_owned()));
        assert_eq!(case(limits, || panic!("at once")), Err("a panic: at once".to_owned()));
        let slow = case(Limits { seconds: 0, ..limits }, || Ok(3));
        assert!(slow.unwrap_err().ends_with("seconds"));
        let touched = 64 << 20;
        let large = case(Limits { memory_bytes: touched / 2, ..limits }, || {
            let bytes = vec![1u8; touched as usize];
            Ok(std::hint::black_box(bytes).iter().map(|b| u64::from(*b)).sum())
        });
        match peak_bytes() {
            Some(_) => assert!(large.unwrap_err().ends_with("bytes of memory")),
            None => assert_eq!(large, Ok(touched)),
        }
    }

    #[test]
    fn a_case_that_does_not_end_is_told() {
        let started = Instant::now().checked_sub(Duration::from_secs(31)).unwrap();
        let running = (started, "1 + 1".to_owned());
        let told = hanging(Some(&running), Duration::from_secs(30)).unwrap();
        assert!(told.starts_with("a case hangs, 31 seconds") && told.ends_with("1 + 1"));
        assert_eq!(hanging(Some(&running), Duration::from_secs(60)), None);
        assert_eq!(hanging(None, Duration::ZERO), None);
    }
}
