// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Reserves memory before it is taken, through the host's pool, which may say no.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tiforth_types::{Result, SqlError, code};

/// Is the host's memory: asked before every growth, told of every release.
pub trait MemoryPool: Send + Sync + fmt::Debug {
    /// Reserves `bytes` more for `consumer`, or refuses; a refusal names the top consumers.
    fn try_grow(&self, consumer: &str, bytes: usize) -> Result<()>;
    /// Gives back `bytes`.
    fn shrink(&self, consumer: &str, bytes: usize);
    /// Returns the bytes reserved now.
    fn reserved(&self) -> usize;
}

/// Never refuses; counts all the same.
#[derive(Debug, Default)]
pub struct UnboundedPool {
    reserved: AtomicUsize,
}

impl MemoryPool for UnboundedPool {
    fn try_grow(&self, _consumer: &str, bytes: usize) -> Result<()> {
        self.reserved.fetch_add(bytes, Ordering::Relaxed);
        Ok(())
    }
    fn shrink(&self, _consumer: &str, bytes: usize) {
        self.reserved.fetch_sub(bytes, Ordering::Relaxed);
    }
    fn reserved(&self) -> usize {
        self.reserved.load(Ordering::Relaxed)
    }
}

/// Holds a claim on the pool; dropping it gives the claim back.
#[derive(Debug)]
pub struct Reservation {
    pool: Arc<dyn MemoryPool>,
    consumer: String,
    bytes: usize,
}

impl Reservation {
    /// Opens an empty claim for `consumer`.
    pub fn new(pool: Arc<dyn MemoryPool>, consumer: impl Into<String>) -> Self {
        Reservation { pool, consumer: consumer.into(), bytes: 0 }
    }

    /// Reserves `bytes` more.
    ///
    /// # Errors
    /// What the pool says when it refuses.
    pub fn grow(&mut self, bytes: usize) -> Result<()> {
        if bytes == 0 {
            return Ok(());
        }
        let total = self.bytes.checked_add(bytes).ok_or_else(|| {
            SqlError::new(code::ER_MEMORY_EXCEEDED, "memory request beyond the address space")
        })?;
        self.pool.try_grow(&self.consumer, bytes)?;
        self.bytes = total;
        Ok(())
    }

    /// Makes the claim exactly `bytes`, growing or giving back.
    ///
    /// # Errors
    /// What the pool says when it refuses to grow.
    pub fn resize(&mut self, bytes: usize) -> Result<()> {
        if bytes > self.bytes {
            return self.grow(bytes - self.bytes);
        }
        self.pool.shrink(&self.consumer, self.bytes - bytes);
        self.bytes = bytes;
        Ok(())
    }

    /// Returns the bytes claimed.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if self.bytes > 0 {
            self.pool.shrink(&self.consumer, self.bytes);
        }
    }
}

/// Refuses to go beyond a limit; a refusal names the greatest consumers.
#[derive(Debug)]
pub struct LimitedPool {
    limit_bytes: usize,
    books: Mutex<Books>,
}

/// Says who holds how much.
#[derive(Debug, Default)]
struct Books {
    reserved: usize,
    peak: usize,
    consumers: BTreeMap<String, usize>,
}

/// Is how many consumers a refusal names.
const CONSUMERS_NAMED: usize = 3;

impl LimitedPool {
    /// Makes a pool of `limit_bytes` bytes.
    pub fn new(limit_bytes: usize) -> Self {
        LimitedPool { limit_bytes, books: Mutex::default() }
    }

    /// Returns the most that was reserved at any time.
    pub fn peak(&self) -> usize {
        self.books().peak
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl MemoryPool for LimitedPool {
    fn try_grow(&self, consumer: &str, bytes: usize) -> Result<()> {
        let mut books = self.books();
        let total = books.reserved.saturating_add(bytes);
        if total > self.limit_bytes {
            return Err(refusal(consumer, bytes, self.limit_bytes, &books).into());
        }
        books.reserved = total;
        books.peak = books.peak.max(total);
        match books.consumers.get_mut(consumer) {
            Some(held) => *held += bytes,
            None => {
                books.consumers.insert(consumer.to_owned(), bytes);
            }
        }
        Ok(())
    }

    fn shrink(&self, consumer: &str, bytes: usize) {
        let mut books = self.books();
        books.reserved = books.reserved.saturating_sub(bytes);
        if let Some(held) = books.consumers.get_mut(consumer) {
            *held = held.saturating_sub(bytes);
        }
    }

    fn reserved(&self) -> usize {
        self.books().reserved
    }
}

/// Refuses one request, counted from 0, and grants all others; tests sweep the number over all of a
/// run's requests.
#[derive(Debug)]
pub struct DenyNth {
    nth: usize,
    asked: AtomicUsize,
    granted: UnboundedPool,
}

impl DenyNth {
    /// Makes a pool that refuses request `nth`.
    pub fn new(nth: usize) -> Self {
        DenyNth { nth, asked: AtomicUsize::new(0), granted: UnboundedPool::default() }
    }

    /// Returns the number of requests so far: whether the fault fired, and how far a sweep goes.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

impl MemoryPool for DenyNth {
    fn try_grow(&self, consumer: &str, bytes: usize) -> Result<()> {
        if self.asked.fetch_add(1, Ordering::Relaxed) == self.nth {
            let held = self.granted.reserved();
            let books = Books { reserved: held, ..Books::default() };
            return Err(refusal(consumer, bytes, held, &books).into());
        }
        self.granted.try_grow(consumer, bytes)
    }

    fn shrink(&self, consumer: &str, bytes: usize) {
        self.granted.shrink(consumer, bytes);
    }

    fn reserved(&self) -> usize {
        self.granted.reserved()
    }
}

/// Words a refusal.
#[cold]
fn refusal(consumer: &str, bytes: usize, limit_bytes: usize, books: &Books) -> SqlError {
    let mut consumers: Vec<_> = books.consumers.iter().filter(|(_, held)| **held > 0).collect();
    consumers.sort_by_key(|(_, held)| std::cmp::Reverse(**held));
    let named: Vec<String> = consumers
        .iter()
        .take(CONSUMERS_NAMED)
        .map(|(name, held)| format!("{name} {held}"))
        .collect();
    let held = if named.is_empty() { "nothing is held".to_owned() } else { named.join(", ") };
    SqlError::new(
        code::ER_MEMORY_EXCEEDED,
        format!(
            "Your query has been cancelled due to exceeding the allowed memory limit for a single \
             SQL query: {consumer} asked for {bytes} bytes more, {} of {limit_bytes} are held \
             ({held})",
            books.reserved
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limited_pool_refuses_and_names_consumers() {
        let pool = Arc::new(LimitedPool::new(100));
        let mut sort = Reservation::new(pool.clone(), "sort");
        sort.grow(60).unwrap();
        let mut aggregate = Reservation::new(pool.clone(), "aggregate");
        let error = aggregate.grow(41).unwrap_err();
        assert_eq!(error.code(), code::ER_MEMORY_EXCEEDED);
        assert!(error.to_string().contains("sort 60"), "{error}");
        assert_eq!(aggregate.bytes(), 0);
        aggregate.grow(40).unwrap();
        drop((sort, aggregate));
        assert_eq!((pool.reserved(), pool.peak()), (0, 100));
    }

    #[test]
    fn one_request_is_denied_and_nothing_leaks() {
        let pool = Arc::new(DenyNth::new(1));
        let mut claim = Reservation::new(pool.clone(), "sort");
        claim.grow(5).unwrap();
        assert_eq!(claim.grow(6).unwrap_err().code(), code::ER_MEMORY_EXCEEDED);
        claim.resize(7).unwrap();
        assert_eq!((claim.bytes(), pool.reserved(), pool.asked()), (7, 7, 3));
        claim.resize(2).unwrap();
        drop(claim);
        assert_eq!(pool.reserved(), 0);
    }
}
