// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! What the host says of a filter.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tiforth_data::BatchSchema;
use tiforth_expr::{Binder, TypedExpr};
use tiforth_types::{Error, EvalType, InternalError};

use super::pipe::CompiledFilter;
use crate::build::CompiledOperator;
use crate::spec::{CompileScope, ExprText, OperatorSpec, decode, equal_specs};

/// Says which rows to keep.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilterSpec {
    /// The condition.
    pub predicate: ExprText,
}

impl FilterSpec {
    /// Reads the spec from a plan's fields.
    ///
    /// # Errors
    /// What is wrong with the first field that is.
    pub fn decode(value: Value) -> Result<Box<dyn OperatorSpec>, String> {
        decode::<FilterSpec>(value)
    }
}

/// Takes a conjunction apart, in the order it is evaluated.
fn conjuncts(expr: TypedExpr, out: &mut Vec<TypedExpr>) {
    match expr.as_call() {
        Some(call) if call.name.as_ref() == "and" => {
            call.args.clone().into_iter().for_each(|arg| conjuncts(arg, out));
        }
        _ => out.push(expr),
    }
}

impl OperatorSpec for FilterSpec {
    fn name(&self) -> &'static str {
        "filter"
    }

    fn inputs(&self) -> usize {
        1
    }

    fn compile(
        &self,
        schemas: &[BatchSchema],
        scope: &mut CompileScope<'_>,
    ) -> Result<Arc<dyn CompiledOperator>, Error> {
        let [schema] = schemas else {
            return Err(InternalError::new("filter has one input").into());
        };
        let predicate = scope.bind(&self.predicate, schema)?;
        let mut parts = Vec::new();
        conjuncts(predicate, &mut parts);
        let mut conditions = Vec::with_capacity(parts.len());
        for part in parts {
            conditions.push(if part.eval_type() == EvalType::Int {
                part
            } else {
                let mut binder = Binder::new(scope.registry, scope.session, schema);
                let typed = binder.call("istrue", vec![part])?;
                scope.warnings.extend(binder.into_warnings());
                typed
            });
        }
        Ok(Arc::new(CompiledFilter { schema: Arc::clone(schema), conditions }))
    }

    fn explain(&self) -> String {
        self.predicate.to_string()
    }

    fn to_json(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    fn clone_spec(&self) -> Box<dyn OperatorSpec> {
        Box::new(self.clone())
    }

    fn equals(&self, other: &dyn OperatorSpec) -> bool {
        equal_specs(self, other)
    }
}
