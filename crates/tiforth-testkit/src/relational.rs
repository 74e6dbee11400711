// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Runs relational cases (aggregates, GROUP BY, ORDER BY) as plans through the whole library,
//! and joins through the keys they will stand on.

use serde_json::{Value, json};
use tiforth::data::column::DecodeContext;
use tiforth::expr::tree::{Expr, OrderItem};
use tiforth::operators::spec::ExprText;
use tiforth::sql::{parse_expr, parse_expr_list, parse_order_by, split_aggregates};
use tiforth::types::code::{ER_BAD_FIELD, ER_FUNCTION_NOT_EXISTS, ER_UNKNOWN};
use tiforth::{Engine, Error, Plan, RunContext, Session, TableInput, Tables, ThreadPool};

use crate::engine::{Answer, Input, TableAnswer};
use crate::join;
use crate::protocol_text::{describe_type, value_text};
use crate::vectors::{RelationalCase, RelationalKind};

/// Runs relational cases.
pub struct Relational {
    engine: Engine,
    pool: Result<ThreadPool, Error>,
}

impl Default for Relational {
    fn default() -> Self {
        // Two lanes, so that what lanes hand over to each other is judged too.
        Relational { engine: Engine::new(), pool: ThreadPool::new(2) }
    }
}

/// Is why a case has no answer.
enum NoAnswer {
    Refused(tiforth::SqlError),
    Unsupported(String),
    Bug(String),
}

impl From<Error> for NoAnswer {
    fn from(error: Error) -> Self {
        match error {
            // A column that could not be laid out is not known.
            Error::Sql(e) if matches!(e.code(), ER_FUNCTION_NOT_EXISTS | ER_BAD_FIELD) => {
                NoAnswer::Unsupported(e.message().to_owned())
            }
            Error::Sql(e)
                if e.code() == ER_UNKNOWN && e.message().contains("not supported yet") =>
            {
                NoAnswer::Unsupported(e.message().to_owned())
            }
            Error::Sql(e) => NoAnswer::Refused(e),
            Error::Internal(e) => NoAnswer::Bug(e.to_string()),
        }
    }
}

impl From<tiforth::SqlError> for NoAnswer {
    fn from(error: tiforth::SqlError) -> Self {
        Error::from(error).into()
    }
}

/// Says how the rows of an answer are put in order.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    /// As they came.
    AsTheyCame,
    /// By the first column, as numbers.
    ByFirstColumn,
}

impl Relational {
    /// Answers a case.
    pub fn run(&self, case: &RelationalCase, input: &Input<'_>) -> Answer<TableAnswer> {
        match self.answer(case, input) {
            Ok(answer) => Answer::Answered(answer),
            Err(NoAnswer::Refused(error)) => Answer::Refused(error),
            Err(NoAnswer::Unsupported(reason)) => Answer::Unsupported(reason),
            Err(NoAnswer::Bug(text)) => Answer::Panicked(text),
        }
    }

    fn answer(&self, case: &RelationalCase, input: &Input<'_>) -> Result<TableAnswer, NoAnswer> {
        let mode = input.session.sql_mode;
        let (plan, order) = match &case.kind {
            RelationalKind::Aggregate { call, by, filter } => {
                let mut expr = parse_expr(call, mode)?;
                let aggregates = split_aggregates(&mut expr);
                let by = by.as_deref().map(|by| parse_expr(by, mode)).transpose()?;
                let filter = filter.as_deref().map(|f| parse_expr(f, mode)).transpose()?;
                (aggregate_plan(expr, &aggregates, by, filter)?, Order::ByFirstColumn)
            }
            RelationalKind::Order(keys) => {
                (order_plan(&parse_order_by(keys, mode)?), Order::AsTheyCame)
            }
            RelationalKind::Group(keys) => {
                (group_plan(parse_expr_list(keys, mode)?), Order::ByFirstColumn)
            }
            RelationalKind::Join { left, right } => return self.join(left, right, input),
        };
        self.execute(&plan, input, order)
    }

    /// Pairs rows by their keys; a plan will do so once there is a join.
    fn join(&self, left: &str, right: &str, input: &Input<'_>) -> Result<TableAnswer, NoAnswer> {
        let mode = input.session.sql_mode;
        let key =
            |text: &str, table: &str| parse_expr(text.strip_prefix(table).unwrap_or(text), mode);
        let (pairs, warnings) =
            join::pairs(&self.engine, &key(left, "l.")?, &key(right, "r.")?, input)?;
        let number = |row: usize| Some(row.to_string().into_bytes().into_boxed_slice());
        let rows = pairs.into_iter().map(|(l, r)| vec![number(l), number(r)]).collect();
        Ok(TableAnswer { result_type: None, rows, warnings })
    }

    fn execute(
        &self,
        plan: &Value,
        input: &Input<'_>,
        order: Order,
    ) -> Result<TableAnswer, NoAnswer> {
        let pool = self.pool.as_ref().map_err(|e| NoAnswer::from(e.clone()))?;
        let plan = Plan::from_json(&json!({ "version": 1, "plan": plan }).to_string())?;
        let schema = std::sync::Arc::clone(&input.presented.schema);
        let tables = Tables::new().with("t", schema);
        let compiled = self.engine.compile(&plan, &tables, input.session)?;
        let batches = input.presented.batches.iter().map(|b| b.batch.clone()).collect::<Vec<_>>();
        let run = RunContext { now: input.now, ..RunContext::default() };
        let inputs = vec![("t".to_owned(), TableInput::from(batches))];
        let mut started = compiled.start(inputs, &run, pool)?;
        let result_type =
            compiled.columns().last().map(|f| describe_type(&f.sql_type, !f.nullable, None));
        let mut rows = Vec::new();
        while let Some(batch) = started.next_internal()? {
            read_rows(&batch, input.session, &mut rows)?;
        }
        if order == Order::ByFirstColumn {
            rows.sort_by_key(|row: &Vec<Option<Box<[u8]>>>| first_number(row));
        }
        Ok(TableAnswer { result_type, rows, warnings: started.warnings().0 })
    }
}

/// Reads the first value of a row as a number; NULL comes first.
fn first_number(row: &[Option<Box<[u8]>>]) -> Option<i64> {
    let text = row.first()?.as_deref()?;
    std::str::from_utf8(text).ok()?.parse().ok()
}

fn read_rows(
    batch: &tiforth::data::Batch,
    session: &Session,
    rows: &mut Vec<Vec<Option<Box<[u8]>>>>,
) -> Result<(), NoAnswer> {
    let how = DecodeContext::new(session.time_zone);
    let selected: Vec<usize> = match batch.selection() {
        Some(selection) => selection.iter().map(|&row| row as usize).collect(),
        None => (0..batch.physical_rows()).collect(),
    };
    for row in selected {
        let mut values = Vec::with_capacity(batch.columns().len());
        for (column, field) in batch.columns().iter().zip(batch.schema().iter()) {
            let value = column.datum(row, &field.sql_type, &how)?;
            values.push(value_text(&value, &field.sql_type));
        }
        rows.push(values);
    }
    Ok(())
}

fn tree(expr: &Expr) -> Value {
    serde_json::to_value(ExprText::Tree(expr.clone())).unwrap_or_default()
}

fn table() -> Value {
    json!({ "operator": "table", "table": "t" })
}

/// Puts the aggregates of a call below a projection of the whole expression.
fn aggregate_plan(
    expr: Expr,
    calls: &[tiforth::expr::tree::Call],
    by: Option<Expr>,
    filter: Option<Expr>,
) -> Result<Value, NoAnswer> {
    let mut aggregates = Vec::with_capacity(calls.len());
    for (i, call) in calls.iter().enumerate() {
        let distinct = match &call.options {
            tiforth::expr::tree::CallOptions::Aggregate(a) => {
                if !a.order_by.is_empty() || a.separator.is_some() {
                    let text = format!("{} with ORDER BY or SEPARATOR", call.name);
                    return Err(NoAnswer::Unsupported(text));
                }
                a.distinct
            }
            _ => false,
        };
        let args: Vec<Value> = call.args.iter().map(tree).collect();
        aggregates.push(json!({
            "name": format!("a{i}"), "function": call.name.as_ref(), "args": args,
            "distinct": distinct,
        }));
    }
    let mut input = table();
    if let Some(filter) = &filter {
        input = json!({ "operator": "filter", "predicate": tree(filter), "input": input });
    }
    let keys: Vec<Value> = by.iter().map(|by| json!({ "name": "by", "expr": tree(by) })).collect();
    let skipped = u32::try_from(keys.len()).unwrap_or(0);
    let aggregate = json!({
        "operator": "aggregate", "keys": keys, "aggregates": aggregates, "input": input,
    });
    let mut columns = Vec::new();
    if by.is_some() {
        columns.push(json!({ "name": "by", "expr": tree(&tiforth::expr::tree::field(0)) }));
    }
    let mut expr = expr;
    shift_fields(&mut expr, skipped);
    columns.push(json!({ "name": "value", "expr": tree(&expr) }));
    Ok(json!({ "operator": "projection", "columns": columns, "input": aggregate }))
}

/// Moves the numbers of aggregates past the keys' columns.
fn shift_fields(expr: &mut Expr, by: u32) {
    if let Expr::Field(tiforth::expr::tree::Field::Index(index)) = expr {
        *index += by;
    }
    expr.for_each_child_mut(|child| shift_fields(child, by));
}

fn order_plan(items: &[OrderItem]) -> Value {
    let keys: Vec<Value> = items
        .iter()
        .map(|item| json!({ "expr": tree(&item.expr), "descending": item.descending }))
        .collect();
    let sort = json!({ "operator": "sort", "keys": keys, "input": table() });
    json!({
        "operator": "projection", "columns": [{ "name": "id", "expr": "id" }], "input": sort,
    })
}

fn group_plan(keys: Vec<Expr>) -> Value {
    let keys: Vec<Value> = keys
        .iter()
        .enumerate()
        .map(|(i, key)| json!({ "name": format!("k{i}"), "expr": tree(key) }))
        .collect();
    let aggregate = json!({
        "operator": "aggregate", "keys": keys,
        "aggregates": [
            { "name": "least", "function": "min", "args": ["id"] },
            { "name": "size", "function": "count", "args": [] },
        ],
        "input": table(),
    });
    json!({
        "operator": "projection",
        "columns": [{ "name": "least", "expr": "least" }, { "name": "size", "expr": "size" }],
        "input": aggregate,
    })
}
