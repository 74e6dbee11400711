// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Pairs the rows of a table with those of the same table whose keys are equal, as a hash join does:
//! both sides' keys are encoded, the left ones collected, the right ones looked up.

use std::collections::HashMap;

use tiforth::data::arrow_type::schema_to_batch_schema;
use tiforth::data::column::DecodeContext;
use tiforth::data::{Column, Key, KeyEncoder};
use tiforth::expr::kernel::Rows;
use tiforth::expr::{Binder, Diagnostics, Evaluator, Expr, RunValues};
use tiforth::operators::{JoinKey, JoinSide};
use tiforth::{Engine, Error, Warning};

use crate::engine::Input;

/// Is the pairs of rows that match, in order, and the warnings of computing the keys.
pub(crate) type Pairs = (Vec<(usize, usize)>, Vec<Warning>);

/// Pairs the rows of the input's table by `left = right`.
pub(crate) fn pairs(
    engine: &Engine,
    left: &Expr,
    right: &Expr,
    input: &Input<'_>,
) -> Result<Pairs, Error> {
    let schema = schema_to_batch_schema(&input.presented.schema)?;
    let mut binder = Binder::new(engine.registry(), input.session, &schema);
    let (left, right) = (binder.bind(left)?, binder.bind(right)?);
    let key = JoinKey::bind(&mut binder, left, right)?;
    let mut warnings = binder.into_warnings();
    let (left, left_rows) = column(&key, JoinSide::Left, input, &mut warnings)?;
    let (right, right_rows) = column(&key, JoinSide::Right, input, &mut warnings)?;

    let encoder = || KeyEncoder::new(vec![key.ty().clone()]);
    let (mut built, mut probed) = (encoder(), encoder());
    let built = built.encode(std::slice::from_ref(&left), Rows::all(left.len()))?;
    let probed = probed.encode(std::slice::from_ref(&right), Rows::all(right.len()))?;
    let mut rows_by_key: HashMap<Key<'_>, Vec<usize>> = HashMap::new();
    for (row, key) in built.iter().enumerate().filter(|(row, _)| !left.is_null(*row)) {
        rows_by_key.entry(key).or_default().push(left_rows[row]);
    }
    let mut pairs = Vec::new();
    for (row, key) in probed.iter().enumerate().filter(|(row, _)| !right.is_null(*row)) {
        let lefts = rows_by_key.get(&key).into_iter().flatten();
        pairs.extend(lefts.map(|&left| (left, right_rows[row])));
    }
    pairs.sort_unstable();
    Ok((pairs, warnings))
}

/// Computes a side's keys over all batches, and says which rows of the table they belong to.
fn column(
    key: &JoinKey,
    side: JoinSide,
    input: &Input<'_>,
    warnings: &mut Vec<Warning>,
) -> Result<(Column, Vec<usize>), Error> {
    let run = RunValues { now: input.now, ..RunValues::default() };
    let (mut parts, mut table_rows) = (Vec::new(), Vec::new());
    for batch in &input.presented.batches {
        let arrays = batch.batch.columns().iter();
        let columns: Vec<Column> = arrays.map(|a| Column::host(std::sync::Arc::clone(a))).collect();
        let mut diagnostics = Diagnostics::new(input.session.max_warnings);
        let mut evaluator = Evaluator::new(&columns, input.session, &run, &mut diagnostics);
        parts.push(key.evaluate(side, &mut evaluator, Rows::all(batch.batch.num_rows()))?);
        let (own, errors) = diagnostics.finish();
        if let Some((_, error)) = errors.into_iter().next() {
            return Err(error.into());
        }
        warnings.extend(own.into_iter().map(|(_, warning)| warning));
        table_rows.extend(&batch.table_rows);
    }
    let how = DecodeContext::new(input.session.time_zone);
    let parts: Vec<&Column> = parts.iter().collect();
    Ok((Column::concat(&parts, &key.side(side).ty, &how)?, table_rows))
}
