// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Aggregates some of the rows: those one lane meets, or those of one partition.

use tiforth_data::column::DecodeContext;
use tiforth_data::{Column, ColumnData, Reservation};
use tiforth_expr::kernel::Rows;
use tiforth_expr::{Accumulator, BoundAggregate, GroupedRows, Places, TypedExpr};
use tiforth_types::{Result, Session, SqlType};

use super::few::GroupBytes;
use super::groups::Groups;
use super::sink::{AggregateSink, CompiledState};
use crate::growth::settle;

/// Holds groups and what is accumulated for each.
pub(super) struct Partial {
    pub(super) groups: Groups,
    claim: Reservation,
    states: Vec<Accumulated>,
    numbers: Vec<u32>,
    bytes: GroupBytes,
}

impl Partial {
    pub(super) fn new(sink: &AggregateSink) -> Self {
        let (plan, seed) = (&sink.plan, sink.state.run.seed);
        let key_types: Vec<SqlType> =
            plan.schema.iter().take(plan.keys.len()).map(|f| f.sql_type.clone()).collect();
        Partial {
            groups: Groups::new(key_types, seed, || sink.claim()),
            claim: sink.claim(),
            states: plan.calls.states.iter().map(|s| Accumulated::new(&s.bound, sink)).collect(),
            numbers: Vec::new(),
            bytes: GroupBytes::default(),
        }
    }

    /// Adds the rows that count; `columns` are what the plan computes of them. Returns their groups,
    /// nothing without keys.
    pub(super) fn add(
        &mut self,
        sink: &AggregateSink,
        columns: &[Column],
        rows: Rows<'_>,
        places: Places<'_>,
    ) -> Result<Option<&[u32]>> {
        let plan = &sink.plan;
        let picked = |places: &[usize]| -> Vec<Column> {
            places.iter().filter_map(|&place| columns.get(place).cloned()).collect()
        };
        let has_keys = !plan.keys.is_empty();
        let claim = &mut self.claim;
        if has_keys {
            let keys = picked(&plan.keys);
            self.groups.number(rows, &keys, places, &mut self.numbers, claim)?;
        }
        let groups = has_keys.then_some(&self.numbers[..]);
        let group_count = self.groups.len();
        // Without keys, what takes no values counts rows at once.
        let has_values = |s: &CompiledState| !s.bound.args.iter().all(TypedExpr::is_constant);
        let few = if has_keys || plan.calls.states.iter().any(has_values) {
            self.bytes.spread(rows, groups, group_count, claim)?
        } else {
            None
        };
        let grouped = GroupedRows { rows, groups, group_count, few, places };
        for (state, accumulated) in plan.calls.states.iter().zip(&mut self.states) {
            accumulated.update(&picked(&state.args), grouped)?;
        }
        Ok(groups)
    }

    /// Adds the groups `from` of `other`, whose keys are `keys`. Returns which groups they are here.
    pub(super) fn absorb(
        &mut self,
        other: &Partial,
        keys: &[Column],
        from: &[u32],
    ) -> Result<&[u32]> {
        let rows = Rows::selected(other.groups.len(), from);
        let places = Places::Each(other.groups.places());
        self.numbers.clear();
        if keys.is_empty() {
            self.numbers.push(0);
        } else {
            self.groups.number(rows, keys, places, &mut self.numbers, &mut self.claim)?;
        }
        for (mine, other) in self.states.iter_mut().zip(&other.states) {
            mine.make_room(self.groups.len())?;
            mine.accumulator.merge(&*other.accumulator, from, &self.numbers)?;
            mine.settle()?;
        }
        Ok(&self.numbers)
    }

    /// Returns the keys of the groups, in their order.
    pub(super) fn key_columns(
        &self,
        how: &DecodeContext,
        claim: &mut Reservation,
    ) -> Result<Vec<Column>> {
        self.groups.key_columns(how, claim)
    }

    /// Returns what is accumulated for a state.
    pub(super) fn state(&mut self, state: usize) -> Result<Option<&Accumulated>> {
        let groups = self.groups.len();
        let Some(found) = self.states.get_mut(state) else { return Ok(None) };
        found.make_room(groups)?;
        Ok(Some(found))
    }
}

/// Holds an accumulator and the claim it stands on.
pub(super) struct Accumulated {
    pub(super) accumulator: Box<dyn Accumulator>,
    claim: Reservation,
    booked: usize,
    capacity: usize,
    rows_unseen: usize,
}

impl Accumulated {
    /// Makes the accumulator of a call.
    pub(super) fn new(call: &BoundAggregate, sink: &AggregateSink) -> Self {
        let accumulator = (call.accumulator)(call, &sink.state.session);
        Accumulated { accumulator, claim: sink.claim(), booked: 0, capacity: 0, rows_unseen: 0 }
    }

    /// Makes room for `groups` groups. The states of a group take as much as those of the groups
    /// before it.
    pub(super) fn make_room(&mut self, groups: usize) -> Result<()> {
        if self.capacity == 0 {
            self.accumulator.resize(1);
            self.capacity = 1;
            self.settle()?;
        }
        if groups > self.capacity {
            let wanted = groups.max(self.capacity * 2);
            let more = self.booked.div_ceil(self.capacity).saturating_mul(wanted);
            self.claim.grow(more)?;
            self.booked += more;
            self.accumulator.resize(groups);
            self.capacity = wanted;
            return self.settle();
        }
        self.accumulator.resize(groups);
        Ok(())
    }

    fn settle(&mut self) -> Result<()> {
        settle(&mut self.claim, &mut self.booked, self.accumulator.byte_size())
    }

    fn update(&mut self, args: &[Column], rows: GroupedRows<'_>) -> Result<()> {
        self.make_room(rows.group_count)?;
        // What an accumulator may keep of texts.
        let texts = args.iter().map(|arg| match arg.data() {
            ColumnData::Bytes(values) => values.value_bytes(),
            _ => 0,
        });
        let texts = texts.sum::<usize>();
        self.claim.grow(texts)?;
        self.booked += texts;
        self.accumulator.update(args, rows)?;
        // Asking may take as long as there are groups.
        self.rows_unseen += rows.rows.count();
        if self.rows_unseen >= rows.group_count {
            self.rows_unseen = 0;
            self.settle()?;
        }
        Ok(())
    }

    /// Makes the values of a call.
    pub(super) fn finish(
        &self,
        call: &BoundAggregate,
        session: &Session,
        claim: &mut Reservation,
    ) -> Result<Column> {
        let mut booked = 0;
        settle(claim, &mut booked, self.accumulator.byte_size())?;
        let column = (call.finish)(&*self.accumulator, call, session)?;
        settle(claim, &mut booked, column.byte_size())?;
        Ok(column)
    }
}
