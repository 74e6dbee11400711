// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! `a AND b`, `a OR b`.
//!
//! The second operand warns and fails only for the rows the first one does not decide. It is computed
//! for all rows at first, because that is the faster way; only if it reported anything, it is computed
//! anew for the rows that need it.
//!
//! Source: MySQL manual, "Logical Operators"; TiDB `pkg/expression/builtin_op.go`
//! (`logicAndFunctionClass`, `logicOrFunctionClass`), `builtin_op_vec.go`.

use arrow_buffer::{BooleanBuffer, NullBuffer};
use tiforth_data::Column;
use tiforth_expr::kernel::{LazyKernel, RowEvaluator, Rows};
use tiforth_expr::{
    ArgKind, Binder, Call, CallSite, Doc, Evaluator, Function, Overload, TypedExpr,
};
use tiforth_types::{Datum, InternalError, Result, SqlError, SqlType};

use super::truth::{Truth, condition};

const fn function(name: &'static str, bind: tiforth_expr::BindFn, doc: Doc) -> Function {
    Function { is_conditional: true, ..Function::new(name, "logic", (2, 2), bind, doc) }
}

/// Defines AND.
pub(super) const AND: Function = function(
    "and",
    |binder, site, args| bind(binder, site, args, Overload::lazy("LogicalAnd", &Connective::And)),
    Doc {
        usage: "a AND b",
        summary: "Tells whether both values are true.",
        result: "BIGINT: 1 or 0.",
        null: "NULL if one value is and the other is not false.",
        errors: "",
        warnings: "1292 when a text is no number.",
        example: ("0 AND NULL", "0"),
        sources: "MySQL manual, Logical Operators; TiDB builtin_op.go",
    },
);

/// Defines OR.
pub(super) const OR: Function = function(
    "or",
    |binder, site, args| bind(binder, site, args, Overload::lazy("LogicalOr", &Connective::Or)),
    Doc {
        usage: "a OR b",
        summary: "Tells whether either value is true.",
        result: "BIGINT: 1 or 0.",
        null: "NULL if one value is and the other is not true.",
        errors: "",
        warnings: "1292 when a text is no number.",
        example: ("1 OR NULL", "1"),
        sources: "MySQL manual, Logical Operators; TiDB builtin_op.go",
    },
);

fn bind(
    binder: &mut Binder<'_>,
    site: &CallSite,
    args: Vec<TypedExpr>,
    overload: Overload,
) -> Result<TypedExpr> {
    let args = args.into_iter().map(|a| condition(binder, a)).collect::<Result<Vec<_>>>()?;
    let ty = SqlType { decimals: 0, ..SqlType::bigint(1) };
    Ok(binder.signature_of_type(site, overload, args, &[ArgKind::Int], ty)?.as_boolean())
}

/// Names the two connectives.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Connective {
    And,
    Or,
}

impl Connective {
    /// Returns the rows the first operand decides.
    fn decided(self, first: &Truth) -> BooleanBuffer {
        match self {
            Connective::And => first.known_false(),
            Connective::Or => first.known_true(),
        }
    }

    /// Joins the operands' truths; where the first one decides, the second is not looked at.
    fn join(self, a: &Truth, b: &Truth) -> Column {
        if a.nulls.is_none() && b.nulls.is_none() {
            return Column::bits(
                match self {
                    Connective::And => &a.is_true & &b.is_true,
                    Connective::Or => &a.is_true | &b.is_true,
                },
                None,
            );
        }
        let (is_true, is_false) = match self {
            Connective::And => {
                (&a.known_true() & &b.known_true(), &a.known_false() | &b.known_false())
            }
            Connective::Or => {
                (&a.known_true() | &b.known_true(), &a.known_false() & &b.known_false())
            }
        };
        let known = NullBuffer::new(&is_true | &is_false);
        Column::bits(is_true, Some(known).filter(|n| n.null_count() > 0))
    }
}

fn operands(call: &Call) -> Result<(&TypedExpr, &TypedExpr)> {
    match &call.args[..] {
        [a, b] => Ok((a, b)),
        _ => Err(InternalError::new(format!("{} has not two operands", call.name)).into()),
    }
}

impl LazyKernel for Connective {
    fn batch(&self, call: &Call, rows: Rows<'_>, evaluator: &mut Evaluator<'_>) -> Result<Column> {
        let (a, b) = operands(call)?;
        let first = Truth::read(&evaluator.evaluate_decoded(a, rows)?)?;
        let decided = self.decided(&first);
        let open = rows.len - decided.count_set_bits();
        if open == 0 {
            return Ok(Column::bits(first.is_true, None));
        }
        let second = if open == rows.len {
            evaluator.evaluate_decoded(b, rows)?
        } else {
            // Where few rows are open, what is computed for the others is wasted.
            let is_worth_all = open >= rows.len / 4;
            evaluator.evaluate_among(b, rows, is_worth_all, |row| !decided.value(row))?
        };
        Ok(self.join(&first, &Truth::read(&second)?))
    }

    fn row(&self, call: &Call, evaluator: &mut dyn RowEvaluator) -> Result<Datum, SqlError> {
        let [a, b] = &call.args[..] else { return Ok(Datum::Null) };
        let decides = |value: &Datum| match value {
            Datum::Int(v) => (*v == 0) == (*self == Connective::And),
            _ => false,
        };
        let verdict = Datum::Int(i64::from(*self == Connective::Or));
        let first = evaluator.evaluate(a)?;
        if decides(&first) {
            return Ok(verdict);
        }
        let second = evaluator.evaluate(b)?;
        if decides(&second) {
            return Ok(verdict);
        }
        if first.is_null() || second.is_null() {
            return Ok(Datum::Null);
        }
        Ok(Datum::Int(i64::from(*self == Connective::And)))
    }
}
