// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Reserves memory before it is taken, through the host's pool, which may say no.

use std::fmt;
use std::sync::Arc;

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
    reserved: std::sync::atomic::AtomicUsize,
}

impl MemoryPool for UnboundedPool {
    fn try_grow(&self, _consumer: &str, bytes: usize) -> Result<()> {
        self.reserved.fetch_add(bytes, std::sync::atomic::Ordering::Relaxed);
        Ok(())
    }
    fn shrink(&self, _consumer: &str, bytes: usize) {
        self.reserved.fetch_sub(bytes, std::sync::atomic::Ordering::Relaxed);
    }
    fn reserved(&self) -> usize {
        self.reserved.load(std::sync::atomic::Ordering::Relaxed)
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
