// SPDX-License-Identifier: Apache-2.0
// Copyright The TiForth Authors

//! Types each kind of node of a tree.

use tiforth_types::{Coercibility, Collation, Result, SqlError, TypeKind};

use super::Binder;
use crate::tree::{self, CallOptions, Expr};
use crate::typed::TypedExpr;

impl Binder<'_> {
    /// Types a node whose height was checked.
    pub(super) fn node(&mut self, expr: &Expr) -> Result<TypedExpr> {
        match expr {
            Expr::Field(field) => self.field(field),
            Expr::Literal(literal) => self.literal(literal),
            Expr::Call(call) => self.call_node(call),
            Expr::Row(_) => Err(SqlError::new(1241, "Operand should contain 1 column(s)").into()),
            Expr::Case(case) => self.case(case),
            Expr::Cast { expr, target, array } => {
                if *array {
                    return Err(SqlError::new(
                        1235,
                        "This version of TiDB doesn't yet support 'CAST(... AS ... ARRAY)'",
                    )
                    .into());
                }
                let arg = self.node(expr)?;
                let target = self.cast_target(*target)?;
                self.cast(arg, &target, true)
            }
            Expr::Collate { expr, collation } => {
                let arg = self.node(expr)?;
                self.collate(arg, collation)
            }
            Expr::Interval { .. } => {
                Err(SqlError::other("INTERVAL stands only in date arithmetic").into())
            }
        }
    }

    fn field(&mut self, field: &tree::Field) -> Result<TypedExpr> {
        let found = match field {
            tree::Field::Index(index) => {
                let index = *index as usize;
                self.schema.get(index).map(|f| (index, f))
            }
            tree::Field::Name { name, .. } => {
                let mut named = self
                    .schema
                    .iter()
                    .enumerate()
                    .filter(|(_, f)| f.name.eq_ignore_ascii_case(name));
                let first = named.next();
                if named.next().is_some() {
                    return Err(SqlError::new(
                        1052,
                        format!("Column '{name}' in field list is ambiguous"),
                    )
                    .into());
                }
                first
            }
        };
        match (found, field) {
            (Some((index, f)), _) => {
                Ok(TypedExpr::field(index, &f.name, f.sql_type.clone(), f.nullable))
            }
            (None, tree::Field::Name { name, .. }) => {
                Err(SqlError::unknown_column(name, "field list").into())
            }
            (None, tree::Field::Index(index)) => {
                Err(SqlError::unknown_column(&format!("#{index}"), "field list").into())
            }
        }
    }

    /// Types a call. Below a call that may leave arguments unevaluated, what warns is not folded.
    fn call_node(&mut self, call: &tree::Call) -> Result<TypedExpr> {
        let is_conditional = self.registry.get(&call.name).is_some_and(|f| f.is_conditional);
        self.conditional += u32::from(is_conditional);
        let args = self.call_args(call);
        self.conditional -= u32::from(is_conditional);
        match args? {
            Some((options, args)) => self.call_with(&call.name, options, args),
            None => self.row_call(call),
        }
    }

    /// Types a call's arguments; none where they are rows.
    fn call_args(&mut self, call: &tree::Call) -> Result<Option<(CallOptions, Vec<TypedExpr>)>> {
        if call.args.iter().any(|a| matches!(a, Expr::Row(_))) {
            return Ok(None);
        }
        let mut options = call.options.clone();
        let mut args = Vec::with_capacity(call.args.len());
        for arg in &call.args {
            match arg {
                Expr::Interval { value, unit } => {
                    options = CallOptions::Unit(*unit);
                    args.push(self.node(value)?);
                }
                arg => args.push(self.node(arg)?),
            }
        }
        Ok(Some((options, args)))
    }

    /// Takes a comparison of rows apart: `(a, b) = (c, d)` is `a = c and b = d`, `(a, b) < (c, d)` is
    /// `a < c or (a = c and b < d)`; IN compares with each row in turn.
    fn row_call(&mut self, call: &tree::Call) -> Result<TypedExpr> {
        let name = call.name.as_ref();
        let (first, rest) = match call.args.split_first() {
            Some((first, rest)) if !rest.is_empty() => (first, rest),
            _ => return Err(operand(1)),
        };
        let Expr::Row(left) = first else { return Err(operand(1)) };
        let mut result = None;
        for right in rest {
            let Expr::Row(right) = right else { return Err(operand(left.len())) };
            if right.len() != left.len() {
                return Err(operand(left.len()));
            }
            let name = if name == "in" { "eq" } else { name };
            let compared = self.row_comparison(name, left, right)?;
            result = Some(match result {
                None => compared,
                Some(before) => self.call("or", vec![before, compared])?,
            });
        }
        result.ok_or_else(|| operand(left.len()))
    }

    fn row_comparison(&mut self, name: &str, left: &[Expr], right: &[Expr]) -> Result<TypedExpr> {
        let pairs: Vec<_> = left.iter().zip(right).collect();
        let Some(((l, r), rest)) = pairs.split_first() else { return Err(operand(1)) };
        let (left_rest, right_rest) = (left.get(1..).unwrap_or(&[]), right.get(1..).unwrap_or(&[]));
        match name {
            "eq" | "nulleq" | "ne" => {
                let compared = self.comparison(name, l, r)?;
                if rest.is_empty() {
                    return Ok(compared);
                }
                let others = self.row_comparison(name, left_rest, right_rest)?;
                self.call(if name == "ne" { "or" } else { "and" }, vec![compared, others])
            }
            "lt" | "le" | "gt" | "ge" => {
                if rest.is_empty() {
                    return self.comparison(name, l, r);
                }
                let strict = if matches!(name, "lt" | "le") { "lt" } else { "gt" };
                let before = self.comparison(strict, l, r)?;
                let equal = self.comparison("eq", l, r)?;
                let others = self.row_comparison(name, left_rest, right_rest)?;
                let tied = self.call("and", vec![equal, others])?;
                self.call("or", vec![before, tied])
            }
            _ => Err(operand(1)),
        }
    }

    fn comparison(&mut self, name: &str, left: &Expr, right: &Expr) -> Result<TypedExpr> {
        let args = vec![self.node(left)?, self.node(right)?];
        self.call(name, args)
    }

    /// Types CASE as TiDB does: a call of conditions and results in turn, the ELSE last; an operand is
    /// compared with each WHEN, once all of them are typed and whatever a comparison warns of.
    fn case(&mut self, case: &tree::Case) -> Result<TypedExpr> {
        self.conditional += 1;
        let operand = case.operand.as_ref().map(|e| self.node(e)).transpose();
        let args = self.case_args(case);
        self.conditional -= 1;
        let (operand, mut args) = (operand?, args?);
        if let Some(mut operand) = operand {
            for when in args.chunks_exact_mut(2).filter_map(|pair| pair.first_mut()) {
                *when = self.call_sharing("eq", &mut operand, when.clone())?;
            }
        }
        self.call("case", args)
    }

    fn case_args(&mut self, case: &tree::Case) -> Result<Vec<TypedExpr>> {
        let mut args = Vec::with_capacity(2 * case.branches.len() + 1);
        for (when, then) in &case.branches {
            args.push(self.node(when)?);
            args.push(self.node(then)?);
        }
        if let Some(otherwise) = &case.otherwise {
            args.push(self.node(otherwise)?);
        }
        Ok(args)
    }

    /// Gives an expression the collation named, if its character set has it; its grade becomes explicit.
    /// Numbers and times are binary, whatever their text would be.
    fn collate(&mut self, arg: TypedExpr, name: &str) -> Result<TypedExpr> {
        let Some(collation) = Collation::from_name(name) else {
            return Err(SqlError::new(
                tiforth_types::code::ER_UNKNOWN_COLLATION,
                format!("Unknown collation: '{name}'"),
            )
            .into());
        };
        let arg = if matches!(arg.ty.kind, TypeKind::Json | TypeKind::Enum | TypeKind::Set) {
            self.wrap(arg, crate::function::ArgKind::String)?
        } else {
            arg
        };
        if arg.ty.kind != TypeKind::Null && arg.ty.collation.charset() != collation.charset() {
            return Err(SqlError::new(
                1253,
                format!(
                    "COLLATION '{name}' is not valid for CHARACTER SET '{}'",
                    arg.ty.collation.charset().name()
                ),
            )
            .into());
        }
        let mut ty = arg.ty.clone();
        ty.collation = collation;
        Ok(TypedExpr { coercibility: Coercibility::Explicit, ..arg.with_type(ty) })
    }

    fn cast_target(&mut self, target: tree::CastTarget) -> Result<tiforth_types::SqlType> {
        let mut ty = target.sql_type();
        if let tree::CastTarget::Char { charset, .. } = target {
            ty.collation = charset.map_or(self.session.collation, |c| c.default_collation());
        }
        Ok(ty)
    }
}

#[cold]
fn operand(columns: usize) -> tiforth_types::Error {
    SqlError::new(1241, format!("Operand should contain {columns} column(s)")).into()
}
