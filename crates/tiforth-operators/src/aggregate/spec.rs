// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! What the host says of an aggregation.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tiforth_data::{BatchSchema, Field};
use tiforth_expr::tree::lit;
use tiforth_expr::{Binder, BoundAggregate, TypedExpr};
use tiforth_types::{Error, Result, SqlError, code};

use super::arguments::Arguments;
use super::sink::{Calls, CompiledAggregate};
use crate::build::CompiledOperator;
use crate::spec::{CompileScope, ExprText, NamedExpr, Spec, only_input};

/// Says what to group by and what to compute of each group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AggregateSpec {
    /// The keys, which are the first output columns; without any there is one group of all rows.
    #[serde(default)]
    pub keys: Vec<NamedExpr>,
    /// The aggregates, which are the output columns after the keys.
    #[serde(default)]
    pub aggregates: Vec<AggregateCall>,
}

/// Says one aggregate: `{ "name": "s", "function": "sum", "args": ["l_quantity"] }`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AggregateCall {
    /// The output column's name.
    pub name: String,
    /// The aggregate function.
    pub function: String,
    /// Its arguments; `count` without any counts rows.
    #[serde(default)]
    pub args: Vec<ExprText>,
    /// Whether equal values of a group count once.
    #[serde(default)]
    pub distinct: bool,
}

impl AggregateCall {
    /// Says an aggregate of all values.
    pub fn new<E: Into<ExprText>>(
        name: impl Into<String>,
        function: impl Into<String>,
        args: impl IntoIterator<Item = E>,
    ) -> Self {
        let args = args.into_iter().map(Into::into).collect();
        AggregateCall { name: name.into(), function: function.into(), args, distinct: false }
    }

    /// Says the same aggregate of values that differ.
    pub fn distinct(self) -> Self {
        AggregateCall { distinct: true, ..self }
    }

    fn bind(&self, input: &[Field], scope: &mut CompileScope<'_>) -> Result<BoundAggregate> {
        let mut args = Vec::with_capacity(self.args.len().max(1));
        for arg in &self.args {
            args.push(scope.bind(arg, input)?);
        }
        let function = self.function.to_ascii_lowercase();
        if args.is_empty() && function == "count" && !self.distinct {
            args.push(scope.bind(&lit(1).into(), input)?);
        }
        if args.len() > 1 && function == "count" && !self.distinct {
            let text = "COUNT takes several arguments with DISTINCT alone";
            return Err(SqlError::new(code::ER_PARSE, text).into());
        }
        let mut binder = Binder::new(scope.registry, scope.session, input);
        let mut call = binder.aggregate(&function, args)?;
        call.distinct = self.distinct;
        scope.warnings.extend(binder.into_warnings());
        Ok(call)
    }
}

impl Spec for AggregateSpec {
    const NAME: &'static str = "aggregate";
    const INPUTS: usize = 1;

    fn compile(
        &self,
        schemas: &[BatchSchema],
        scope: &mut CompileScope<'_>,
    ) -> Result<Arc<dyn CompiledOperator>, Error> {
        let input = only_input::<Self>(schemas)?;
        if self.keys.is_empty() && self.aggregates.is_empty() {
            return Err(SqlError::other("an aggregation needs keys or aggregates").into());
        }
        let mut fields = Vec::with_capacity(self.keys.len() + self.aggregates.len());
        let mut keys: Vec<TypedExpr> = Vec::with_capacity(self.keys.len());
        for key in &self.keys {
            let typed = scope.bind(&key.expr, input)?;
            fields.push(Field {
                name: key.name.clone(),
                sql_type: typed.ty.clone(),
                nullable: typed.nullable,
            });
            keys.push(typed);
        }
        let mut arguments = Arguments::default();
        let key_places = keys.into_iter().map(|key| arguments.add(key)).collect();
        let mut calls = Calls::default();
        for call in &self.aggregates {
            let bound = call.bind(input, scope)?;
            fields.push(Field {
                name: call.name.clone(),
                sql_type: bound.ty.clone(),
                nullable: bound.nullable,
            });
            let args = bound.args.iter().map(|arg| arguments.add(arg.clone())).collect();
            calls.add(bound, args, call.distinct);
        }
        let schema = fields.into();
        Ok(Arc::new(CompiledAggregate::new(schema, arguments, key_places, calls)))
    }

    fn explain(&self) -> String {
        let mut parts = Vec::with_capacity(self.aggregates.len() + 1);
        for call in &self.aggregates {
            let args: Vec<String> = call.args.iter().map(ToString::to_string).collect();
            let distinct = if call.distinct { "DISTINCT " } else { "" };
            parts.push(format!(
                "{}({distinct}{}) AS {}",
                call.function,
                args.join(", "),
                call.name
            ));
        }
        if !self.keys.is_empty() {
            let keys: Vec<String> =
                self.keys.iter().map(|k| format!("{} AS {}", k.expr, k.name)).collect();
            parts.push(format!("BY {}", keys.join(", ")));
        }
        parts.join(", ").replace(", BY ", " BY ")
    }
}
