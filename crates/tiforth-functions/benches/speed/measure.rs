// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Measures a call over columns, and over their rows one by one.

use std::hint::black_box;
use std::time::{Duration, Instant};

use tiforth_data::Column;
use tiforth_expr::function::Body;
use tiforth_expr::kernel::{Kernel, LazyKernel, RowEvaluator, Rows, datum_at};
use tiforth_expr::{Call, CallContext, Diagnostics, Evaluator, Node, RunValues, TypedExpr};
use tiforth_types::{Datum, DatumRef, Session, SqlError};

use super::calls::Subject;
use super::inputs::ROWS;

/// Is how long a measured stretch lasts, and how many there are: the shortest counts.
const STRETCH: Duration = Duration::from_millis(4);
const STRETCHES: usize = 7;

/// Is what a call costs.
pub(crate) struct Cost {
    /// Nanoseconds a row in batches; none where it does not run.
    pub(crate) batch: Option<f64>,
    /// Nanoseconds a row one by one.
    pub(crate) row: Option<f64>,
    /// The share of rows that warn or fail.
    pub(crate) reported: f64,
}

/// Measures a call.
pub(crate) fn measure(subject: &Subject) -> Cost {
    let (session, run) = (Session::default(), RunValues::default());
    let batch = || {
        let mut diagnostics = Diagnostics::new(64);
        let mut evaluator = Evaluator::new(&subject.columns, &session, &run, &mut diagnostics);
        let result = evaluator.evaluate(&subject.expr, Rows::all(ROWS));
        let is_done = result.map(black_box).is_ok();
        let failed = u64::from(diagnostics.has_errors());
        is_done.then(|| diagnostics.total() + failed)
    };
    let Some(reported) = batch() else { return Cost { batch: None, row: None, reported: 0.0 } };
    let row = rows(subject, &session, &run);
    Cost {
        batch: Some(per_row(|| {
            black_box(batch());
        })),
        row,
        reported: reported as f64 / ROWS as f64,
    }
}

/// Returns the nanoseconds a row takes in `work`, which does all of them.
pub(crate) fn per_row(mut work: impl FnMut()) -> f64 {
    let timed = |work: &mut dyn FnMut(), times: u32| {
        let start = Instant::now();
        (0..times).for_each(|_| work());
        start.elapsed()
    };
    let mut times = 1;
    while timed(&mut work, times) < STRETCH / 4 {
        times *= 2;
    }
    let least = (0..STRETCHES).map(|_| timed(&mut work, times)).min().unwrap_or_default();
    least.as_secs_f64() * 1e9 / f64::from(times) / ROWS as f64
}

fn rows(subject: &Subject, session: &Session, run: &RunValues) -> Option<f64> {
    let Node::Call(call) = &subject.expr.node else { return None };
    let values: Vec<Vec<Datum>> =
        (0..ROWS).map(|row| values(call, &subject.columns, row)).collect::<Option<_>>()?;
    match call.overload.body {
        Body::Strict(kernel) => Some(strict(kernel, call, &values, session, run)),
        Body::Lazy(kernel) => Some(lazy(kernel, call, &values, session, run)),
    }
}

/// Returns a row's arguments.
fn values(call: &Call, columns: &[Column], row: usize) -> Option<Vec<Datum>> {
    let value = |arg: &TypedExpr| match &arg.node {
        Node::Constant(constant) => Some(constant.value.clone()),
        Node::Field { index, .. } => datum_at(columns.get(*index)?, row).ok(),
        Node::Call(_) => None,
    };
    call.args.iter().map(value).collect()
}

fn strict(
    kernel: &dyn Kernel,
    call: &Call,
    values: &[Vec<Datum>],
    session: &Session,
    run: &RunValues,
) -> f64 {
    let args: Vec<Vec<DatumRef<'_>>> =
        values.iter().map(|row| row.iter().map(Datum::as_ref).collect()).collect();
    let mut out = Vec::new();
    per_row(|| {
        let mut diagnostics = Diagnostics::new(64);
        let mut ctx = CallContext::new(session, run, call, &mut diagnostics);
        for (row, args) in args.iter().enumerate() {
            out.clear();
            ctx.set_row(row);
            black_box(&kernel.row(args, &mut out, &mut ctx));
        }
    })
}

fn lazy(
    kernel: &dyn LazyKernel,
    call: &Call,
    values: &[Vec<Datum>],
    session: &Session,
    run: &RunValues,
) -> f64 {
    per_row(|| {
        let mut diagnostics = Diagnostics::new(64);
        for row in values {
            let mut known = Known { call, row, session, run, diagnostics: &mut diagnostics };
            black_box(&kernel.row(call, &mut known));
        }
    })
}

/// Hands out a row's values to a call that asks for them itself.
struct Known<'a> {
    call: &'a Call,
    row: &'a [Datum],
    session: &'a Session,
    run: &'a RunValues,
    diagnostics: &'a mut Diagnostics,
}

impl RowEvaluator for Known<'_> {
    fn evaluate(&mut self, expr: &TypedExpr) -> Result<Datum, SqlError> {
        let place = self.call.args.iter().position(|arg| std::ptr::eq(arg, expr));
        let value = place.and_then(|place| self.row.get(place));
        value.cloned().ok_or_else(|| SqlError::other("no such argument"))
    }

    fn with_context(&mut self, call: &Call, body: &mut dyn FnMut(&mut CallContext<'_>)) {
        let mut ctx = CallContext::new(self.session, self.run, call, self.diagnostics);
        body(&mut ctx);
    }
}
