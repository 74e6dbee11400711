// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Writes batches as Arrow, in the lane that made them.
//! It stands at the end of a plan whose host has said in which Arrow types it wants the result: rows are
//! then picked and values converted by all lanes, while the data is in their caches, and whoever reads
//! the result only takes the arrays over. Holds no data.

use std::sync::Arc;

use arrow_schema::SchemaRef;
use tiforth_data::{Batch, DecodeContext};
use tiforth_pipeline::{OpContext, OpOutput, Pipe, PipeLocal};
use tiforth_types::{Result, TimeZone};

use crate::build::forward;

/// Writes batches in the Arrow types of a schema.
pub struct Delivery {
    target: SchemaRef,
    zone: TimeZone,
}

impl Delivery {
    /// Builds the pipe; `zone` is the session's.
    pub fn new(target: SchemaRef, zone: TimeZone) -> Self {
        Delivery { target, zone }
    }
}

impl Pipe for Delivery {
    fn name(&self) -> &str {
        "delivery"
    }

    fn local(self: Arc<Self>, _: &OpContext<'_>) -> Result<Box<dyn PipeLocal>> {
        let how = DecodeContext::new(self.zone);
        Ok(Box::new(DeliveryLocal { delivery: self, how }))
    }
}

struct DeliveryLocal {
    delivery: Arc<Delivery>,
    how: DecodeContext,
}

impl PipeLocal for DeliveryLocal {
    fn pipe(&mut self, _: &OpContext<'_>, input: Option<Batch>) -> Result<OpOutput> {
        match input {
            None => Ok(OpOutput::NeedsMore),
            Some(batch) => Ok(forward(batch.written(&self.delivery.target, &self.how)?)),
        }
    }
}
