// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Computes a call over doubles, and those within it, block by block, in place of column by column.
//!
//! ```text
//!   a * (1 - b)        for each block of rows:
//!                        block   = 1 - b            stays in the first-level cache
//!                        result += a * block
//! ```
//!
//! Only calls whose kernels have [`blocks`](crate::kernel::Kernel::blocks) are part of such a tree, and
//! only columns, constants and what is computed already stand at its ends: nothing can be reported but
//! what those calls report. They carry on what is not finite, so that one look at the result tells that
//! no call had anything wrong, and no host gave a number that is not finite. Where that look finds
//! something, nothing is returned, and the calls run one by one.

use std::ops::Range;
use std::sync::Arc;

use arrow_buffer::NullBuffer;
use tiforth_data::{Column, simd};
use tiforth_types::TypeKind;

use crate::evaluate::Evaluator;
use crate::function::Body;
use crate::kernel::{BLOCK_ROWS, BlockKernel, Prim, PrimArg, Real, Rows};
use crate::typed::{Call, Node, TypedExpr};

/// Is the number of doubles the processor brings near at once.
const LINE_ROWS: usize = 8;
/// Is the most calls a tree may have: what they compute for a block fits the first-level cache.
const CALLS_MAX: usize = 24;

/// Holds a tree of calls in the order they run.
#[derive(Default)]
struct Program<'e> {
    leaves: Vec<Column>,
    steps: Vec<Step<'e>>,
}

/// Is a call of the tree.
struct Step<'e> {
    kernel: &'e dyn BlockKernel,
    args: [Operand; 2],
}

/// Says where a step finds an argument: in a column, or in what an earlier step computed.
#[derive(Clone, Copy)]
enum Operand {
    Leaf(usize),
    Step(usize),
}

fn kernel_of(call: &Call) -> Option<&dyn BlockKernel> {
    match call.overload.body {
        Body::Strict(kernel) => kernel.blocks(),
        Body::Lazy(_) => None,
    }
}

impl Evaluator<'_> {
    /// Computes a call, and those it holds, block by block; nothing where that cannot be done, or where a
    /// row may have something wrong.
    pub(crate) fn fused(&mut self, call: &Call, rows: Rows<'_>) -> Option<Column> {
        kernel_of(call)?;
        let mut program = Program::default();
        self.add_step(&mut program, call, rows, &mut { CALLS_MAX })?;
        program.run(rows.len)
    }

    /// Returns the call an argument is, if it runs within the tree.
    fn inner_call<'e>(&self, arg: &'e TypedExpr) -> Option<&'e Call> {
        match &arg.node {
            Node::Call(call) if !self.is_shared(call) => kernel_of(call).map(|_| Arc::as_ref(call)),
            _ => None,
        }
    }

    fn add_step<'e>(
        &mut self,
        program: &mut Program<'e>,
        call: &'e Call,
        rows: Rows<'_>,
        calls_left: &mut usize,
    ) -> Option<Operand> {
        *calls_left = calls_left.checked_sub(1)?;
        let [a, b] = call.args.as_slice() else { return None };
        let mut operand = |arg| match self.inner_call(arg) {
            Some(inner) => self.add_step(program, inner, rows, calls_left),
            None => {
                program.leaves.push(self.leaf(arg, rows)?);
                Some(Operand::Leaf(program.leaves.len() - 1))
            }
        };
        let args = [operand(a)?, operand(b)?];
        program.steps.push(Step { kernel: kernel_of(call)?, args });
        Some(Operand::Step(program.steps.len() - 1))
    }

    /// Returns what stands at an end of the tree, if it is there or was computed before.
    fn leaf(&mut self, expr: &TypedExpr, rows: Rows<'_>) -> Option<Column> {
        match &expr.node {
            Node::Call(call) if !self.is_shared(call) => None,
            Node::Field { .. } if expr.ty.kind == TypeKind::Double => {
                let column = self.evaluate(expr, rows).ok()?;
                column.host_doubles().or_else(|| self.evaluate_decoded(expr, rows).ok())
            }
            _ => self.evaluate_decoded(expr, rows).ok(),
        }
    }
}

impl Program<'_> {
    /// Computes the tree for `len` rows.
    fn run(&self, len: usize) -> Option<Column> {
        let leaves = self.leaves.iter().map(|column| Real::prim(column).ok());
        let leaves = leaves.collect::<Option<Vec<_>>>()?;
        let nulls = self.leaves.iter().fold(None, |nulls: Option<NullBuffer>, column| {
            NullBuffer::union(nulls.as_ref(), column.nulls())
        });
        let (last, inner) = self.steps.split_last()?;
        let mut blocks = vec![Vec::new(); inner.len()];
        // What stands alone goes through whole columns: nothing waits in the cache for another call.
        let block_rows = if inner.is_empty() { len } else { BLOCK_ROWS };
        let mut out = Vec::with_capacity(len);
        while out.len() < len {
            let rows = out.len()..len.min(out.len() + block_rows);
            for (place, step) in inner.iter().enumerate() {
                let (before, rest) = blocks.split_at_mut(place);
                let block = rest.first_mut()?;
                block.clear();
                step.run(&leaves, before, rows.clone(), block)?;
            }
            let is_finite = last.run(&leaves, &blocks, rows.clone(), &mut out)?;
            if !is_finite || out.len() != rows.end {
                return None;
            }
        }
        Some(Column::reals(out, nulls))
    }
}

impl Step<'_> {
    /// Appends what the call gives for `rows` to `out`, and tells whether all of it is finite; `blocks`
    /// holds what earlier steps gave for them.
    fn run(
        &self,
        leaves: &[Prim<'_, f64>],
        blocks: &[Vec<f64>],
        rows: Range<usize>,
        out: &mut Vec<f64>,
    ) -> Option<bool> {
        let read = |operand| match operand {
            Operand::Step(step) => blocks.get(step).map(|block| Prim::Slice(block.as_slice())),
            Operand::Leaf(leaf) => match *leaves.get(leaf)? {
                Prim::Slice(values) => values.get(rows.clone()).map(|block| {
                    if block.len() < values.len() {
                        touch(block);
                    }
                    Prim::Slice(block)
                }),
                Prim::Constant(value) => Some(Prim::Constant(value)),
                Prim::Null => None,
            },
        };
        let [a, b] = self.args;
        Some(self.kernel.block(read(a)?, read(b)?, out))
    }
}

/// Asks for all values of a column's block at once: the processor would ask for one after the other.
fn touch(values: &[f64]) {
    for line in values.chunks(LINE_ROWS) {
        simd::prefetch(line.as_ptr());
    }
}
