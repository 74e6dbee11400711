// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Says when the rows of two inputs match: an equality between them, as keys that may be hashed.
//!
//! ```text
//!  left = right ──bind──▶ left and right in the form `=` compares them in ──encode──▶ equal keys
//! ```
//!
//! Two rows match exactly where `left = right` is true of them. So the sides take the type and the
//! collation the binder gives the comparison; what is left then is the equality of encoded keys
//! ([`tiforth_data::KeyEncoder`]). A key that is NULL matches none.
//!
//! Source: TiDB `pkg/expression/builtin_compare.go` (`GetCmpFunction`), `pkg/planner/core`
//! (`getHashJoins`, which joins on the arguments of the typed `=`).

use arrow_buffer::{BooleanBuffer, NullBuffer};
use tiforth_data::{Column, ColumnData};
use tiforth_expr::kernel::Rows;
use tiforth_expr::{Binder, Evaluator, TypedExpr};
use tiforth_types::{EvalType, Result, SqlError, SqlType};

/// Names an input of a join.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum JoinSide {
    /// The first.
    Left,
    /// The second.
    Right,
}

/// Is one equality between two inputs: both sides in the form they are compared in.
#[derive(Clone, Debug)]
pub struct JoinKey {
    left: TypedExpr,
    right: TypedExpr,
    ty: SqlType,
    /// Whether one side is a signed integer and the other an unsigned one.
    signs_differ: bool,
}

impl JoinKey {
    /// Types `left = right`, each side typed over its own input already.
    ///
    /// # Errors
    /// 1267 where the collations do not mix, what `=` refuses, and 1105 where the comparison is none of
    /// keys: its outcome is known, or the values have no keys.
    pub fn bind(binder: &mut Binder<'_>, left: TypedExpr, right: TypedExpr) -> Result<Self> {
        let equality = binder.call("eq", vec![left, right])?;
        let call = equality.as_call().filter(|call| call.name.as_ref() == "eq");
        let Some((call, [left, right])) = call.map(|call| (call, &call.args[..])) else {
            return Err(SqlError::other("the equality compares no keys of two inputs").into());
        };
        let ty = match left.eval_type() {
            EvalType::Bytes => SqlType { collation: call.collation, ..left.ty.clone() },
            _ => left.ty.clone(),
        };
        let is_int = left.eval_type() == EvalType::Int;
        Ok(JoinKey {
            signs_differ: is_int && left.ty.unsigned != right.ty.unsigned,
            ty: common_type(ty),
            left: left.clone(),
            right: right.clone(),
        })
    }

    /// Returns what computes a side's key over that side's input.
    pub fn side(&self, side: JoinSide) -> &TypedExpr {
        match side {
            JoinSide::Left => &self.left,
            JoinSide::Right => &self.right,
        }
    }

    /// Returns the type both sides' keys have, for [`tiforth_data::KeyEncoder`].
    pub fn ty(&self) -> &SqlType {
        &self.ty
    }

    /// Computes a side's keys over a batch of its input; a row that can match none is NULL.
    ///
    /// # Errors
    /// Those of the evaluator; a row's own error is reported to its diagnostics.
    pub fn evaluate(
        &self,
        side: JoinSide,
        evaluator: &mut Evaluator<'_>,
        rows: Rows<'_>,
    ) -> Result<Column> {
        let expr = self.side(side);
        let column = evaluator.evaluate_decoded(expr, rows)?.expanded(&expr.ty);
        Ok(if self.signs_differ { without_top_bit(column) } else { column })
    }
}

/// Widens a type to what holds the keys of any values compared as that kind.
fn common_type(ty: SqlType) -> SqlType {
    match ty.eval_type() {
        EvalType::Int => SqlType::bigint(20),
        EvalType::Real => SqlType::double(),
        EvalType::Time => SqlType::datetime(6),
        EvalType::Duration => SqlType::time(6),
        EvalType::Decimal | EvalType::Bytes | EvalType::Json | EvalType::Vector => ty,
    }
}

/// Makes NULL what no integer of the other sign equals: negative ones, and unsigned ones from 2^63 on.
fn without_top_bit(column: Column) -> Column {
    let ColumnData::Int(values) = column.data() else { return column };
    if values.iter().all(|&v| v >= 0) {
        return column;
    }
    let fits = NullBuffer::new(BooleanBuffer::collect_bool(values.len(), |row| values[row] >= 0));
    let nulls = NullBuffer::union(column.nulls(), Some(&fits));
    column.with_nulls(nulls)
}

#[cfg(test)]
mod tests {
    use tiforth_data::Field;
    use tiforth_expr::{Diagnostics, RunValues};
    use tiforth_types::{Datum, Error, Session};

    use super::*;
    use crate::trial::column_of;

    /// Binds `left = right` over columns of these types and returns each side's keys of `values`.
    fn keys(left: &SqlType, right: &SqlType, values: &[Datum]) -> Result<[String; 2]> {
        let registry = tiforth_functions::registry()?;
        let (session, run) = (Session::default(), RunValues::default());
        let field = |ty: &SqlType| TypedExpr::field(0, "k", ty.clone(), true);
        let schema: [Field; 0] = [];
        let mut binder = Binder::new(&registry, &session, &schema);
        let key = JoinKey::bind(&mut binder, field(left), field(right))?;
        let side = |side: JoinSide, ty: &SqlType| {
            let columns = [column_of(ty, values)];
            let mut diagnostics = Diagnostics::new(0);
            let mut evaluator = Evaluator::new(&columns, &session, &run, &mut diagnostics);
            let column = key.evaluate(side, &mut evaluator, Rows::all(values.len()))?;
            Ok::<_, Error>(listed((0..column.len()).map(|row| column.value(row))))
        };
        Ok([side(JoinSide::Left, left)?, side(JoinSide::Right, right)?])
    }

    fn listed(values: impl IntoIterator<Item = Datum>) -> String {
        format!("{:?}", values.into_iter().collect::<Vec<_>>())
    }

    #[test]
    fn integers_of_other_signs_match_below_2_to_the_63rd() {
        let values = [Datum::Int(-1), Datum::Int(7), Datum::Null];
        let signed = SqlType::bigint(20);
        let unsigned = SqlType { unsigned: true, ..signed.clone() };
        let expected = listed([Datum::Null, Datum::Int(7), Datum::Null]);
        let found = keys(&signed, &unsigned, &values).unwrap();
        assert_eq!(found, [expected.clone(), expected]);
        let expected = listed(values.clone());
        let found = keys(&signed, &signed, &values).unwrap();
        assert_eq!(found, [expected.clone(), expected]);
    }

    #[test]
    fn collations_that_do_not_mix_are_refused() {
        let text = |collation: &str| format!("varchar(10) collate {collation}").parse().unwrap();
        let (left, right) = (text("utf8mb4_general_ci"), text("utf8mb4_unicode_ci"));
        let error = keys(&left, &right, &[]).unwrap_err();
        assert!(error.to_string().contains("Illegal mix of collations"), "{error}");
    }

    #[test]
    fn an_equality_of_constants_has_no_keys() {
        let registry = tiforth_functions::registry().unwrap();
        let session = Session::default();
        let mut binder = Binder::new(&registry, &session, &[]);
        let one = TypedExpr::constant(Datum::Int(1), SqlType::bigint(1));
        assert!(JoinKey::bind(&mut binder, one.clone(), one).is_err());
    }
}
