// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Asks the whole library: its parser, its functions, its operators.

use crate::engine::{Answer, Engine, ExpressionAnswer, Input, Side, TableAnswer};
use crate::expression::Expressions;
use crate::relational::Relational;
use crate::vectors::{ExpressionCase, RelationalCase};

/// Answers with the library.
pub struct Door {
    /// The built-in functions, or why there are none.
    expressions: Result<Expressions, String>,
    /// What runs plans.
    relational: Relational,
}

impl Default for Door {
    fn default() -> Self {
        let expressions = tiforth_functions::registry()
            .map(|registry| Expressions::new(registry, tiforth_sql::parse_expr))
            .map_err(|e| e.to_string());
        Door { expressions, relational: Relational::default() }
    }
}

impl Engine for Door {
    fn run_expression(
        &mut self,
        case: &ExpressionCase,
        input: &Input<'_>,
        side: Side,
    ) -> Answer<ExpressionAnswer> {
        match &mut self.expressions {
            Ok(expressions) => expressions.run(case, input, side),
            Err(reason) => Answer::Panicked(reason.clone()),
        }
    }

    fn run_relational(&mut self, case: &RelationalCase, input: &Input<'_>) -> Answer<TableAnswer> {
        self.relational.run(case, input)
    }
}
