// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! What the host says of a filter.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tiforth_data::BatchSchema;
use tiforth_expr::{Binder, TypedExpr};
use tiforth_types::{Error, EvalType};

use super::pipe::{CompiledFilter, Condition};
use crate::build::CompiledOperator;
use crate::spec::{CompileScope, ExprText, Spec, only_input};

/// Says which rows to keep.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilterSpec {
    /// The condition.
    pub predicate: ExprText,
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

impl Spec for FilterSpec {
    const NAME: &'static str = "filter";
    const INPUTS: usize = 1;

    fn compile(
        &self,
        schemas: &[BatchSchema],
        scope: &mut CompileScope<'_>,
    ) -> Result<Arc<dyn CompiledOperator>, Error> {
        let schema = only_input::<Self>(schemas)?;
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
        let conditions =
            conditions.into_iter().map(|c| Condition::new(c, scope.registry)).collect();
        Ok(Arc::new(CompiledFilter { schema: Arc::clone(schema), conditions }))
    }

    fn explain(&self) -> String {
        self.predicate.to_string()
    }
}
